/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_TXN_H
#define STORAGE_TXN_H

#include "core/buf.h"
#include "storage/catalog.h"
#include "storage/digest.h"
#include "storage/directory.h"
#include "storage/lmdb.h"
#include "storage/store.h"

#include <pthread.h>
#include <stdatomic.h>

/* What store, readers and transactions are made of: storage's own. */

/* What a write transaction adds to the counters of one id. */
struct counter_delta {
    uint32_t id;
    int64_t items;
    int64_t bytes;
};

/* The newest journal sequence of a table in this transaction. */
struct journal_last {
    uint32_t table_id;
    uint64_t sequence;
};

struct txn {
    struct store *store;
    struct reader *reader; /* NULL: a write transaction */
    struct lmdb_txn *lmdb;
    const struct catalog *catalog; /* what readers see too */
    struct catalog_edit *edit;     /* a write transaction's own changes, or NULL */
    struct digest *digest;
    struct buf *scratch; /* for texts on their way into an arena */
    bool is_growing_data; /* puts something new: may not dig into the reserve */

    struct lmdb_cursor **cursors; /* on rows; kept by readers */
    size_t cursor_count;          /* in use in this transaction */
    size_t cursor_made;
    size_t cursor_cap;

    /* Of a write transaction: it remembers where it was, and what is written together is often stored together. Items and index
     * entries are far from each other. */
    struct lmdb_cursor *items;
    struct lmdb_cursor *entries;

    struct counter_delta *deltas;
    size_t delta_count;
    size_t delta_cap;
    struct journal_last *journal;
    size_t journal_count;
    size_t journal_cap;
};

struct reader {
    struct store *store;
    struct reader *next;
    /* The catalog it looks at: what keeps that from being freed, and keeps the map from growing under it. NULL: idle. */
    _Atomic(struct catalog *) catalog;
    struct txn txn;
    struct digest digest;
    struct buf scratch;
};

struct store {
    struct lmdb *lmdb;
    struct directory directory;
    const struct clock *clock;
    bool is_durable;
    size_t step_bytes;
    size_t limit_bytes;

    pthread_mutex_t write_lock;   /* held from the beginning to the end of a write transaction, and while growing */
    pthread_mutex_t readers_lock; /* the list of readers */
    pthread_mutex_t growth_lock;  /* readers that find is_growing wait on it */
    atomic_bool is_growing;
    struct reader *readers;

    _Atomic(struct catalog *) catalog; /* the published one */
    struct catalog *oldest;            /* all that somebody may still look at, oldest first */

    struct txn writer;
    struct digest digest;
    struct buf scratch;
    size_t full_map_bytes; /* the map's size when a transaction last failed */
    size_t wanted_bytes;   /* the value that did not fit then */
    size_t live_pages;     /* after the last commit; 0: not known */
    int64_t index_delay_ms;
    atomic_uint held_index;    /* the index that is delayed; 0: none */
    atomic_llong held_since_ms;
    atomic_llong trim_next_ms; /* when the oldest journal records are due to expire; INT64_MAX: there are none */
};

#define SCRATCH_BYTES_MAX ((size_t)64 * 1024 * 1024)
#define SCRATCH_KEPT_BYTES ((size_t)256 * 1024)

/* An empty scratch buffer. */
static inline struct buf *txn_scratch(struct txn *txn)
{
    buf_clear(txn->scratch, SCRATCH_KEPT_BYTES);
    return txn->scratch;
}

/* A cursor on rows for the rest of the transaction. */
MUST_USE bool txn_cursor(struct txn *txn, struct lmdb_cursor **out, struct err *err);
/* Both cursors of a write transaction. */
MUST_USE bool txn_write_cursors(struct txn *txn, struct err *err);
void txn_count(struct txn *txn, uint32_t id, int64_t items, int64_t bytes);
/* The counters row is gone with the id: nothing will be added to it any more. */
void txn_forget_counts(struct txn *txn, uint32_t id);

static inline int64_t txn_now_ms(const struct txn *txn)
{
    return clock_now_ms(txn->store->clock);
}

/* A put of so many bytes has failed. */
void txn_note_failure(struct txn *txn, size_t bytes);

/* Tests of collisions: only so many bytes of H16 count. Before the first row, with no reader yet. */
void store_set_partition_bytes(struct store *store, unsigned bytes);

#endif
