/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_META_H
#define STORAGE_META_H

#include "storage/layout.h"
#include "storage/txn.h"

/* The meta database: ids, counters, and work that is to be done in the background (jobs). */

enum meta_kind { META_LAST_ID = 'i', META_COUNTS = 'c', META_NAMESPACE = 'n' };
enum job_kind { JOB_DROP = 'd', JOB_BACKFILL = 'b', JOB_TTL = 't' };

struct meta_key {
    unsigned char bytes[1 + LAYOUT_ID_BYTES];
};
static inline struct meta_key meta_key(int kind, uint32_t id)
{
    struct meta_key key = {.bytes = {(unsigned char)kind}};
    layout_put_u32(key.bytes + 1, id);
    return key;
}
static inline struct str meta_key_str(const struct meta_key *key)
{
    return str_of((const char *)key->bytes, sizeof(key->bytes));
}

MUST_USE bool meta_next_id(struct txn *txn, uint32_t *out, struct err *err);

/* The counters as committed. */
MUST_USE bool meta_counts(struct lmdb_txn *txn, uint32_t id, struct table_stats *out, struct err *err);
/* Adds the transaction's deltas to the rows. */
MUST_USE bool meta_flush_counts(struct txn *txn, struct err *err);
MUST_USE bool meta_drop_counts(struct txn *txn, uint32_t id, struct err *err);

/* One job of a kind for an id; the value is copied. */
MUST_USE bool job_put(struct txn *txn, enum job_kind kind, uint32_t id, struct str value, struct err *err);
MUST_USE bool job_get(struct txn *txn, enum job_kind kind, uint32_t id, struct str *out, struct err *err);
MUST_USE bool job_del(struct txn *txn, enum job_kind kind, uint32_t id, struct err *err);
/* The first job of the kind with an id of at least `from`; *id is 0 if there is none. The value lives until the next put. */
MUST_USE bool job_first(struct txn *txn, enum job_kind kind, uint32_t from, uint32_t *id, struct str *value, struct err *err);

/* Puts a descriptor with the ids it has (tables.c); copied. */
MUST_USE bool table_publish(struct txn *txn, const struct table_desc *desc, struct err *err);

#endif
