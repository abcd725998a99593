/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_STATE_H
#define SERVER_API_STATE_H

#include "server/api/api.h"
#include "server/api/conflicts.h"
#include "server/api/op.h"
#include "server/auth/verify.h"

#include <pthread.h>
#include <stdatomic.h>

/* What api.c, front.c, dispatch.c and batch.c share and operations do not see. */

#define HINTS_MAX 64

struct api {
    struct api_options options;
    struct random writer_random;   /* of the writing thread */
    struct tokens *tokens;         /* tokens.h */
    struct conflicts conflicts;    /* of the batch that runs */
    struct random seeds;           /* of workers, under the lock */
    pthread_mutex_t lock;
    uint64_t hints[HINTS_MAX];     /* hashes of hints that were logged, a ring; under the lock */
    size_t hint_count;
    atomic_bool background_wanted;
    _Atomic int64_t due_ms;        /* when the program will look for TTL next */
};

struct api_worker {
    struct api *api;
    struct reader *reader;
    struct random random;
    struct verifier verifier; /* with AUTH_VERIFY only */
};

/* A line for people. */
void api_log(struct api *api, const char *format, ...) PRINTF_LIKE(2, 3);

/* ---- front.c: HTTP before there is an operation ---- */

/* Headers that every answer carries. */
void front_headers(struct api *api, const struct request *request, struct response *response);
/* True if the answer is complete: CORS, probes, pages, 404. */
bool front_answer(struct api *api, const struct request *request, struct buf *out, struct response *response);
/* JSON, target, credentials, empty body: fills call->op, access_key, region, is_stream_target. */
MUST_USE bool front_read(struct call *call, struct api_worker *worker, const struct json **body, struct err *err);

/* ---- dispatch.c ---- */

/* Decodes and checks: everything that needs no transaction. */
MUST_USE bool call_prepare(struct call *call, const struct json *body, struct err *err);
/* The namespace, then the operation, in call->txn. */
MUST_USE bool call_run(struct call *call, struct err *err);
/* Status and, if `ok` is false, the fault in place of the body. */
void call_finish(struct call *call, bool ok);

#endif
