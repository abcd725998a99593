/* SPDX-License-Identifier: Apache-2.0 */
/* dispatch.c — the way of every request, the same for all operations, and the only place that reads their flags:
 *
 *   JSON → target → credentials → types → constraints → op->check → transaction by op->txn → op->run → answer
 *
 * Reads end here. Writes stop before the transaction and go on in batch.c, on the writing thread. */
#include "server/api/fault.h"
#include "server/api/state.h"

bool call_prepare(struct call *call, const struct json *body, struct err *err)
{
    const struct op *op = call->op;
    bool is_null = json_type(body) == JSON_NULL; /* as {} */
    if (!is_null && json_type(body) != JSON_OBJECT) {
        return err_set(err, ERR_BAD_JSON, "The body is no object.");
    }
    if (op->input != NULL) {
        call->in = arena_zalloc(call->arena, op->input_size);
        bool (*decode)(const struct field *, const struct json *, struct arena *, void *, struct err *) =
            call->api->options.takes_text_numbers ? shape_decode_with_text_numbers : shape_decode;
        if ((!is_null && !decode(op->input, body, call->arena, call->in, err)) ||
            !shape_check(op->input, call->in, call->arena, err)) {
            return false;
        }
    }
    return op->check == NULL || op->check(call, call->in, err);
}

bool call_run(struct call *call, struct err *err)
{
    if (call->txn == NULL) {
        return call->op->run(call, call->in, err);
    }
    /* Only what may make a table makes its namespace; elsewhere NAMESPACE_NONE means that there is no table. */
    if (call->api->options.is_shared) {
        call->namespace_id = NAMESPACE_SHARED;
    } else if (call->op->txn != TXN_CATALOG) {
        call->namespace_id = namespace_known(call->txn, call->access_key, call->region);
    } else if (!namespace_find(call->txn, call->access_key, call->region, &call->namespace_id, err)) {
        return false;
    }
    return call->op->run(call, call->in, err);
}

void call_finish(struct call *call, bool ok)
{
    call->failed = !ok;
    call->response->status = 200;
    if (ok) {
        return;
    }
    if (call->err->kind == ERR_INTERNAL || call->err->kind == ERR_MAP_FULL) {
        api_log(call->api, "%s failed: %.*s", call->op->name, STR_ARG(call->err->message));
    }
    call->response->status = fault_status(call->err->kind);
    buf_truncate(call->out, call->out_start);
    fault_write(call->err, call->op != NULL && call->op->has_enveloped_requests, call->out);
}

static bool run_read(struct call *call, struct api_worker *worker, struct err *err)
{
    if (call->op->txn == TXN_NONE) {
        return call_run(call, err);
    }
    if (!txn_begin_read(worker->reader, &call->txn, err)) {
        return false;
    }
    bool ok = call_run(call, err);
    txn_end_read(call->txn);
    call->txn = NULL;
    return ok;
}

enum api_next api_begin(struct api *api, struct api_worker *worker, const struct request *request, struct arena *arena,
                        struct buf *out, struct response *response, struct call **call_out)
{
    size_t out_start = out->n;
    if (front_answer(api, request, out, response)) {
        return API_DONE;
    }
    struct err *err = arena_new(arena, struct err);
    err_init(err, arena);
    struct call *call = arena_new(arena, struct call);
    *call = (struct call){.api = api,
                          .arena = arena,
                          .out = out,
                          .clock = api->options.clock,
                          .random = &worker->random,
                          .request = request,
                          .response = response,
                          .account = api->options.account,
                          .namespace_id = NAMESPACE_NONE,
                          .err = err,
                          .out_start = out_start};
    const struct json *body;
    bool ok = front_read(call, worker, &body, err) && call_prepare(call, body, err);
    if (ok && (call->op->txn == TXN_WRITE || call->op->txn == TXN_CATALOG ||
               (call->op->meets_conflicts && conflicts_simulated(call)))) {
        *call_out = call;
        return API_WRITE;
    }
    call_finish(call, ok && run_read(call, worker, err));
    return API_DONE;
}
