/* SPDX-License-Identifier: Apache-2.0 */
/* batch.c — writes. Many calls share one transaction and with it one commit; each sees what those before it wrote. What an operation
 * refuses is its own matter, for nothing was put by then. When the environment fails (no room in the map, the disk), the whole transaction is
 * lost: every call is rolled back to where it stood before `run` and runs again, first with more room, and if there is none to be had each in a
 * transaction of its own, so that a delete succeeds beside a put that can't. Calls that come while a transaction runs may still join it. */
#include "server/api/state.h"
#include "server/api/items/tokens.h"
#include "storage/background.h"

/* A batch that is still short of room after so many growths is taken apart. */
#define GROWTHS_MAX 8

/* Where a call stood before its run. */
struct start {
    struct arena_mark mark;
    size_t header_count;
};

/* All that was handed over, whatever transactions it needs. */
struct batch {
    struct call **calls;
    struct start *starts;
    size_t count;
    size_t room;
    const struct write_source *source; /* NULL: no more come */
};

struct group {
    struct api *api;
    struct call **calls;
    size_t count;
    struct start *starts;
    struct arena *scratch;
    struct batch *batch; /* NULL: nobody may join */
};

static bool is_catalog(const struct call *call)
{
    return call->op->txn == TXN_CATALOG;
}

static void add(struct batch *batch, size_t count)
{
    for (size_t end = batch->count + count; batch->count < end; batch->count++) {
        struct call *call = batch->calls[batch->count];
        batch->starts[batch->count] = (struct start){arena_mark(call->arena), call->response->header_count};
    }
}

/* False: no more come. */
static bool take_more(struct batch *batch)
{
    size_t n = 0;
    if (batch->source != NULL && batch->count < batch->room) {
        n = batch->source->take(batch->source->context, batch->calls + batch->count, batch->room - batch->count);
        add(batch, n);
    }
    return n > 0;
}

/* Lets the calls that follow the group's last into it, those that come meanwhile too; false if there are none. */
static bool extend(struct group *group)
{
    struct batch *batch = group->batch;
    if (batch == NULL || is_catalog(group->calls[0])) {
        return false;
    }
    size_t first = (size_t)(group->calls - batch->calls);
    size_t before = group->count;
    if (first + before == batch->count && !take_more(batch)) {
        return false;
    }
    while (first + group->count < batch->count && !is_catalog(group->calls[group->count])) {
        group->count++;
    }
    return group->count > before;
}

static bool is_poison(const struct err *err)
{
    return err->kind == ERR_MAP_FULL || err->kind == ERR_INTERNAL;
}

/* As if the calls had never run; newest first, should they share an arena. */
static void roll_back(struct group *group)
{
    for (size_t i = group->count; i-- > 0;) {
        struct call *call = group->calls[i];
        arena_rollback(call->arena, group->starts[i].mark);
        buf_truncate(call->out, call->out_start);
        call->response->header_count = group->starts[i].header_count;
        err_clear(call->err);
        call->failed = false;
        call->txn = NULL;
        call->namespace_id = NAMESPACE_NONE;
    }
}

/* All calls in one transaction; false if the environment failed, which is then in err and the transaction is over. */
static bool run_in(struct group *group, struct txn *txn, struct err *err)
{
    for (size_t i = 0; i < group->count || extend(group); i++) {
        struct call *call = group->calls[i];
        call->txn = txn;
        call->random = &group->api->writer_random;
        call->failed = !call_run(call, call->err);
        if (call->failed && is_poison(call->err)) {
            /* The text goes with the call's arena. */
            return err_set_text(err, call->err->kind, arena_copy(group->scratch, call->err->message));
        }
        if (call->failed) {
            buf_truncate(call->out, call->out_start);
        }
    }
    return true;
}

static bool run_once(struct group *group, struct err *err)
{
    struct txn *txn;
    if (!txn_begin_write(group->api->options.store, &txn, err)) {
        return false;
    }
    tokens_begin(group->api->tokens);
    conflicts_begin(&group->api->conflicts, group->scratch);
    int64_t due_ms = INT64_MAX;
    if (!run_in(group, txn, err) || !background_next_due_ms(txn, &due_ms, err)) {
        txn_abort(txn);
        return false;
    }
    if (!txn_commit(txn, err)) {
        return false;
    }
    if (due_ms < atomic_load(&group->api->due_ms)) {
        atomic_store(&group->api->background_wanted, true);
    }
    return true;
}

/* With growth as often as it helps. */
static bool run_growing(struct group *group, struct err *err)
{
    for (int growths = 0;; growths++) {
        if (run_once(group, err)) {
            return true;
        }
        roll_back(group);
        if (err->kind != ERR_MAP_FULL || growths == GROWTHS_MAX) {
            return false;
        }
        err_clear(err);
        if (!store_grow(group->api->options.store, err)) {
            return false;
        }
    }
}

static void finish(struct group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        struct call *call = group->calls[i];
        call->txn = NULL;
        if (!call->failed && call->op->publish != NULL) {
            call->op->publish(call, call->in);
        }
        if (!call->failed && is_catalog(call)) {
            atomic_store(&group->api->background_wanted, true);
        }
        call_finish(call, !call->failed);
    }
}

/* The answer of a call that could not be done, for a reason that is not the caller's. */
static void finish_broken(struct group *group, const struct err *err)
{
    ensure(group->count == 1);
    struct call *call = group->calls[0];
    err_set(call->err, ERR_INTERNAL, "The write was not done, the database has no room for it or cannot be written: %.*s",
            STR_ARG(err->message));
    call_finish(call, false);
}

static void run_group(struct group *group)
{
    struct err err;
    err_init(&err, group->scratch);
    if (run_growing(group, &err)) {
        finish(group);
        return;
    }
    if (group->count == 1) {
        finish_broken(group, &err);
        return;
    }
    api_log(group->api, "%zu writes share a transaction that failed (%.*s); each is tried alone", group->count,
            STR_ARG(err.message));
    for (size_t i = 0; i < group->count; i++) {
        struct group one = *group;
        one.calls = group->calls + i;
        one.starts = group->starts + i;
        one.count = 1;
        one.batch = NULL;
        run_group(&one);
    }
}

void api_write_joined(struct api *api, struct call **calls, size_t count, size_t room, const struct write_source *source,
                      struct arena *scratch)
{
    struct arena_mark mark = arena_mark(scratch);
    struct batch batch = {.calls = calls, .starts = arena_array(scratch, struct start, room), .room = room, .source = source};
    add(&batch, count);
    for (size_t i = 0; i < batch.count;) {
        struct group group = {api, calls + i, 1, batch.starts + i, scratch, &batch};
        run_group(&group);
        i += group.count;
    }
    arena_rollback(scratch, mark);
}

void api_write_batch(struct api *api, struct call **calls, size_t count, struct arena *scratch)
{
    api_write_joined(api, calls, count, count, NULL, scratch);
}
