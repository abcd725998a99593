/* SPDX-License-Identifier: Apache-2.0 */
/* api.c — the API's long-lived things: the api itself, what each serving thread owns, and background work. */
#include "server/api/state.h"
#include "server/api/items/tokens.h"
#include "storage/background.h"

#include <stdlib.h>

#define BACKGROUND_ALL (BACKGROUND_TTL | BACKGROUND_RECLAIM | BACKGROUND_BACKFILL)
/* After an error of the environment: when to look again. */
#define BACKGROUND_RETRY_MS 1000

struct api *api_new(const struct api_options *options)
{
    ensure(options->store != NULL && options->clock != NULL);
    ensure(options->auth != AUTH_VERIFY || options->credentials != NULL);
    struct api *api = calloc(1, sizeof *api);
    ensure(api != NULL);
    api->options = *options;
    if (api->options.account.n == 0) {
        api->options.account = STR("000000000000");
    }
    uint64_t seed = options->seed != 0 ? options->seed : random_seed();
    random_init(&api->seeds, seed);
    random_init(&api->writer_random, random_u64(&api->seeds));
    ensure(pthread_mutex_init(&api->lock, NULL) == 0);
    api->tokens = tokens_new();
    /* The store may have been left with something pending. */
    atomic_init(&api->background_wanted, true);
    atomic_init(&api->due_ms, INT64_MAX);
    return api;
}

void api_free(struct api *api)
{
    if (api != NULL) {
        tokens_free(api->tokens);
        pthread_mutex_destroy(&api->lock);
        free(api);
    }
}

struct tokens *api_tokens(struct api *api)
{
    return api->tokens;
}

struct api_worker *api_worker_new(struct api *api)
{
    struct api_worker *worker = calloc(1, sizeof *worker);
    ensure(worker != NULL);
    worker->api = api;
    worker->reader = reader_new(api->options.store);
    pthread_mutex_lock(&api->lock);
    random_init(&worker->random, random_u64(&api->seeds));
    pthread_mutex_unlock(&api->lock);
    if (api->options.auth == AUTH_VERIFY) {
        verifier_init(&worker->verifier, api->options.credentials, api->options.clock);
    }
    return worker;
}

void api_worker_free(struct api_worker *worker)
{
    if (worker != NULL) {
        reader_free(worker->reader);
        verifier_release(&worker->verifier);
        free(worker);
    }
}

void api_log(struct api *api, const char *format, ...)
{
    if (api->options.log == NULL) {
        return;
    }
    struct arena arena;
    arena_init(&arena, 0);
    va_list args;
    va_start(args, format);
    api->options.log(api->options.log_context, arena_vprintf(&arena, format, args));
    va_end(args);
    arena_release(&arena);
}

/* One step in a transaction of its own. */
static bool background_once(struct api *api, int64_t budget_us, struct arena *scratch, bool *more, int64_t *due_ms,
                            struct err *err)
{
    struct txn *txn;
    if (!txn_begin_write(api->options.store, &txn, err)) {
        return false;
    }
    if (!background_step(txn, BACKGROUND_ALL, budget_us, scratch, more, err) ||
        !background_next_due_ms(txn, due_ms, err)) {
        txn_abort(txn);
        return false;
    }
    return txn_commit(txn, err);
}

bool api_background(struct api *api, int64_t budget_us, struct arena *scratch, int64_t *due_ms)
{
    struct arena_mark mark = arena_mark(scratch);
    struct err err;
    err_init(&err, scratch);
    bool more = false;
    atomic_store(&api->background_wanted, false);
    bool ok = background_once(api, budget_us, scratch, &more, due_ms, &err);
    if (!ok && err.kind == ERR_MAP_FULL) {
        err_clear(&err);
        ok = store_grow(api->options.store, &err) && background_once(api, budget_us, scratch, &more, due_ms, &err);
    }
    if (!ok) {
        api_log(api, "background work failed: %.*s", STR_ARG(err.message));
        more = false;
        *due_ms = clock_now_ms(api->options.clock) + BACKGROUND_RETRY_MS;
    }
    atomic_store(&api->due_ms, *due_ms);
    arena_rollback(scratch, mark);
    return more;
}

bool api_background_wanted(struct api *api)
{
    return atomic_load(&api->background_wanted);
}
