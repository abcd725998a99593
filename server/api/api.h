/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_API_H
#define SERVER_API_API_H

#include "core/clock.h"
#include "core/err.h"
#include "core/message.h"
#include "core/random.h"
#include "server/auth/auth.h"
#include "server/auth/credentials.h"
#include "storage/store.h"

/* DynamoDB's API as a function from a request to a response; no sockets, no threads of its own. The program calls api_begin for every
 * request; reads are answered there, writes are gathered and run in batches by api_write_batch, on whatever thread the program
 * chooses for writing. */

struct api;
struct call; /* op.h */

struct api_options {
    struct store *store;
    const struct clock *clock;
    bool is_shared;             /* -sharedDb: one namespace for all keys and regions */
    struct str account;         /* 12 digits, for ARNs */
    bool answers_healthy;       /* GET / as the service does (`healthy: …`, 200) and not as DynamoDB Local (400) */
    bool takes_text_numbers;    /* -textNumbers: "5" where a whole number belongs, as DynamoDB Local */
    bool simulates_conflicts;   /* -conflicts: requests of one batch on the same item count as overlapping */
    struct str cors;            /* allowed origins, comma-separated or "*"; absent: "*" */
    enum auth_mode auth;        /* -auth */
    const struct credentials *credentials; /* for AUTH_VERIFY; the caller's, immutable */
    uint64_t seed;              /* of ids; 0: from the operating system. Tests fix it */
    /* One line for people: hints and internal errors. May be NULL. */
    void (*log)(void *context, struct str line);
    void *log_context;
};

struct tokens; /* tokens.h */

struct api *api_new(const struct api_options *options);
void api_free(struct api *api);
/* ClientRequestTokens of transactions. */
struct tokens *api_tokens(struct api *api);

/* What a thread that serves requests needs of its own: a reader and a generator. */
struct api_worker;
struct api_worker *api_worker_new(struct api *api);
void api_worker_free(struct api_worker *worker);

enum api_next {
    API_DONE, /* response and out are complete */
    API_WRITE /* the call waits for api_write_batch; it and everything it points to (request, arena, out) must stay until then */
};

/* request, arena, out and response belong to the caller. out->n at entry is where the body starts. *call is set for API_WRITE. */
enum api_next api_begin(struct api *api, struct api_worker *worker, const struct request *request, struct arena *arena,
                        struct buf *out, struct response *response, struct call **call);

/* Runs calls in order, as one transaction where that is possible; each call's answer is complete afterwards, and what was acknowledged is
 * committed (durable: on disk). On one thread at a time. `scratch` is the writer's own arena. */
void api_write_batch(struct api *api, struct call **calls, size_t count, struct arena *scratch);

/* One step of background work (storage/background.h) in a write transaction of its own; false when there is nothing to do now. *due_ms: when to
 * look again for TTL. On the writing thread. */
bool api_background(struct api *api, int64_t budget_us, struct arena *scratch, int64_t *due_ms);
/* True when something may have become pending since (a dropped table, a new index, a TTL attribute): then call api_background soon. */
bool api_background_wanted(struct api *api);

/* For --list-operations, the README's support table and coverage: wire names in the order of ops.def; NULL past the end. */
const char *api_operation_name(size_t index);

/* More calls for a transaction that is already open: `take` is asked when all that are there have run, may wait a little, puts up to `room` of
 * them there and returns how many. 0: the transaction is committed. */
struct write_source {
    size_t (*take)(void *context, struct call **calls, size_t room);
    void *context;
};
/* The same as api_write_batch, with others joining: `calls` has room for that many, `count` of them are there. */
void api_write_joined(struct api *api, struct call **calls, size_t count, size_t room, const struct write_source *source,
                      struct arena *scratch);

#endif
