/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_OP_H
#define SERVER_API_OP_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/err.h"
#include "core/json.h"
#include "core/message.h"
#include "core/random.h"
#include "server/api/api.h"
#include "server/api/shape.h"
#include "storage/store.h"

/* An operation: one file in ops/, one line in ops.def, one test file. dispatch.c runs every one of them the same way:
 *
 *   parse JSON → find op → auth → shape_decode (types) → shape_check (constraints) → op->check → begin txn by op->txn
 *           → op->run writes the answer's body into call->out → commit → answer; on err: fault_write
 *
 * For TXN_WRITE and TXN_CATALOG everything up to op->check happens on the loop, the rest on the writing thread.
 *
 * `check` and `run` share the op's input struct, of which the op may make a longer private one (first member: nothing special; the table
 * addresses members by offset, the rest is cleared): check leaves parsed expressions and values there for run. `run` may be run
 * again from the start (map full): it must not change `in`, and leaves nothing behind but what is in arena, out and txn,
 * which are rolled back for it. */

enum op_txn {
    TXN_NONE,   /* needs no tables: DescribeLimits, DescribeEndpoints */
    TXN_READ,
    TXN_WRITE,  /* items; many such calls share one transaction. All that can be refused is refused before the first put */
    TXN_CATALOG /* changes tables: alone in its transaction */
};

struct call {
    struct api *api;
    const struct op *op;
    void *in;                 /* the decoded input struct */
    struct arena *arena;
    struct buf *out;          /* the answer's body */
    const struct clock *clock;
    struct random *random;
    struct txn *txn;          /* in run */
    const struct request *request;
    struct response *response;
    /* Who asks */
    struct str access_key;    /* of the credential; empty if it has none */
    struct str region;        /* of the credential scope; "us-east-1" if it has none */
    struct str account;       /* 12 digits */
    uint32_t namespace_id;    /* in run; NAMESPACE_NONE if nothing was ever made there */
    /* dispatch's own */
    struct err *err;
    size_t out_start;         /* out->n at the start of the body */
    bool is_stream_target;    /* DynamoDBStreams_20120810. */
    bool failed;              /* its answer is a fault already */
};

struct op {
    const char *name;            /* "PutItem" */
    enum op_txn txn;
    bool meets_conflicts;        /* TransactGetItems: with -conflicts it joins the writes, so that there is something to meet */
    bool has_enveloped_requests; /* PutItem, UpdateItem, DeleteItem: ERR_REQUEST carries "1 validation error detected: " */
    bool is_of_streams;          /* asked for by DynamoDBStreams_20120810, not by DynamoDB_20120810 */
    bool answers_empty_body;     /* TagResource, UntagResource: 200 with no body at all */
    const struct field *input;   /* FIELD_END-terminated; NULL: takes nothing */
    size_t input_size;
    /* Request-only checks, after the constraints; may be NULL. No transaction. */
    bool (*check)(struct call *call, void *in, struct err *err);
    bool (*run)(struct call *call, void *in, struct err *err);
    /* After the commit, before the answer, on the writing thread: what lives outside the store (tokens). May be NULL. */
    void (*publish)(struct call *call, void *in);
};

#define OP(wire_name, symbol) extern const struct op op_##symbol;
#include "server/api/ops.def"
#undef OP

/* registry.c: by its wire name and the service of the target; NULL if there is none. */
const struct op *op_find(struct str name, bool is_stream_target);

#endif
