/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SERVER_API_SERVED_H
#define TESTS_SERVER_API_SERVED_H

/* An API with a store in memory, a clock that stands still and gathered log lines, for unit tests of the API layer. */
#include "tests/check.h"

#include "server/api/api.h"

#include <stdlib.h>

struct served {
    struct clock_manual clock;
    struct store *store;
    struct api *api;
    struct api_worker *worker;
    struct arena arena;
    struct arena scratch;
    struct buf out;
    struct response response;
    struct buf log;
};

static inline void served_log(void *context, struct str line)
{
    struct served *served = context;
    buf_add_str(&served->log, line);
    buf_add_byte(&served->log, '\n');
}

/* options: store, clock, log are set here. */
static inline void served_open(struct served *served, struct api_options options, struct store_options store_options)
{
    arena_init(&served->arena, 1 << 16);
    arena_init(&served->scratch, 1 << 16);
    buf_init(&served->out, 1 << 26);
    buf_init(&served->log, 1 << 20);
    clock_manual_init(&served->clock, 1767225600000);
    struct err err;
    err_init(&err, &served->arena);
    store_options.clock = &served->clock.clock;
    if (!store_open(&store_options, &served->store, &err)) {
        print_error("%.*s\n", STR_ARG(err.message));
        fail();
    }
    options.store = served->store;
    options.clock = &served->clock.clock;
    options.seed = 1;
    options.log = served_log;
    options.log_context = served;
    served->api = api_new(&options);
    served->worker = api_worker_new(served->api);
}

static inline void served_close(struct served *served)
{
    api_worker_free(served->worker);
    api_free(served->api);
    store_close(served->store);
    buf_release(&served->log);
    buf_release(&served->out);
    arena_release(&served->scratch);
    arena_release(&served->arena);
}

/* Through api_begin and, for writes, api_write_batch; the answer stands in response and out. */
static inline void served_send(struct served *served, const struct request *request)
{
    arena_reset(&served->arena);
    buf_clear(&served->out, 1 << 16);
    served->response = (struct response){0};
    struct call *call = NULL;
    if (api_begin(served->api, served->worker, request, &served->arena, &served->out, &served->response, &call) ==
        API_WRITE) {
        api_write_batch(served->api, &call, 1, &served->scratch);
    }
}

static inline struct str served_body(const struct served *served)
{
    return str_of(served->out.p, served->out.n);
}

/* The value of a header of the answer; absent if there is none. */
static inline struct str served_header(const struct served *served, const char *name)
{
    for (size_t i = 0; i < served->response.header_count; i++) {
        if (str_eq(served->response.headers[i].name, str_from(name))) {
            return served->response.headers[i].value;
        }
    }
    return (struct str){0};
}

#endif
