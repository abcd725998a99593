/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_STORE_H
#define STORAGE_STORE_H

#include "core/clock.h"
#include "core/err.h"
#include "storage/table.h"

/* The database: tables, their items and indexes, the journal, in LMDB. This header: opening it, transactions, the catalog. Items: item.h;
 * changes: change.h; reading many: cursor.h; what runs in the background: background.h.
 *
 * Caveats
 * - One process at a time owns a directory (a lock of our own refuses a second one).
 * - Everything that a read hands out (struct str of stored items) points into the map and lives until the transaction ends; in a write
 *   transaction until the next put or delete, so item_get copies into the arena there.
 * - A write transaction belongs to the thread that began it. Readers: one per thread. Who holds a read transaction begins no write
 *   transaction and does not grow the store: growing waits for readers.
 * - Environment errors are ERR_INTERNAL with LMDB's text, or ERR_MAP_FULL: then abort, store_grow, and run again. After either,
 *   the transaction must be aborted.
 * - Nothing that an operation refuses may have been put before: compute first, then put. */

struct store;
struct reader;
struct txn;

struct store_options {
    struct str directory; /* absent: in memory (an unlinked file in a temporary directory) */
    bool is_relaxed;      /* with a directory: no sync; survives kill -9, not power loss */
    bool is_compacted;    /* with a directory: give free pages back to the disk first */
    const struct clock *clock;
    int64_t index_delay_ms;   /* an index added to a table is CREATING for so long, then filled for at least as long; 0: as fast as it goes */
    size_t memory_step_bytes; /* in memory: how much to allocate at a time; 0 = the default. Tests use small ones */
    size_t memory_limit_bytes; /* in memory: refuse to grow beyond (tests of a full disk); 0 = none */
};

/* On failure err says in one line what is wrong with the directory and how to mend it (ERR_INTERNAL). */
MUST_USE bool store_open(const struct store_options *options, struct store **out, struct err *err);
/* Flushes; no transaction may be open. */
void store_close(struct store *store);
bool store_is_durable(const struct store *store);
/* Of the libraries below. */
const char *store_lmdb_version(void);
const char *store_openssl_version(void);

/* One per thread that reads. */
struct reader *reader_new(struct store *store);
void reader_free(struct reader *reader);

/* Cheap (a renewed LMDB transaction). One at a time per reader. */
MUST_USE bool txn_begin_read(struct reader *reader, struct txn **out, struct err *err);
void txn_end_read(struct txn *txn);

/* Waits for the running write transaction. One at a time in the process. Allocations of the transaction go to arenas given by callers. */
MUST_USE bool txn_begin_write(struct store *store, struct txn **out, struct err *err);
/* On success (durable: on disk) the catalog and the counters that it changed become visible to later transactions.
 * Ends the transaction either way. */
MUST_USE bool txn_commit(struct txn *txn, struct err *err);
void txn_abort(struct txn *txn);
bool txn_is_write(const struct txn *txn);

/* After ERR_MAP_FULL, with no write transaction open: more room, or ERR_INTERNAL if there is none to be had. Waits until readers have
 * ended theirs and keeps them out meanwhile. */
MUST_USE bool store_grow(struct store *store, struct err *err);

/* ---- Namespaces and the catalog ---- */

/* The id of an access key and region; the shared one is 0 (`-sharedDb`). Made when asked for in a write transaction; in a read transaction
 * *out is NAMESPACE_NONE if there is none yet. */
#define NAMESPACE_SHARED 0u
#define NAMESPACE_NONE UINT32_MAX
MUST_USE bool namespace_find(struct txn *txn, struct str access_key, struct str region, uint32_t *out, struct err *err);
/* Never makes one: for writes of items, which need a table that exists. NAMESPACE_NONE if there is none. */
uint32_t namespace_known(struct txn *txn, struct str access_key, struct str region);

/* NULL if there is none. Lives until the transaction ends. Sees the transaction's own catalog changes. A hash look-up. */
const struct table_desc *table_find(struct txn *txn, uint32_t namespace_id, struct str name);
/* The id and the index ids of *desc are assigned here; everything is copied. The name must be free (ensure). */
MUST_USE bool table_create(struct txn *txn, const struct table_desc *desc, struct err *err);
/* With index_delay_ms: is this index still in the first of its two delays? The last one added has them; an earlier one that still waits is filled at
 * once then, and so is one that waits when the store is closed. */
bool table_index_is_allocating(const struct txn *txn, const struct index_desc *index);
/* Puts a changed descriptor in the place of the one with the same id: settings, TTL attribute, journal flag, indexes. An index whose id is 0 is
 * new: it gets an id and starts backfilling (background.h) unless the table is empty; one that is missing is dropped and
 * its rows are reclaimed in the background. A changed TTL attribute is (un)indexed in the background. */
MUST_USE bool table_replace(struct txn *txn, const struct table_desc *desc, struct err *err);
/* Removes the catalog row at once; rows are reclaimed in the background. */
MUST_USE bool table_drop(struct txn *txn, const struct table_desc *desc, struct err *err);

/* Names after `after` (absent: from the start) in byte order; visit returns false to stop. */
typedef bool table_visitor(void *context, const struct table_desc *table);
void table_visit(struct txn *txn, uint32_t namespace_id, struct str after, table_visitor *visit, void *context);
/* For the hint of "my tables are gone": some other namespace that has a table of this name (absent name: any table); false if none. */
bool table_elsewhere(struct txn *txn, uint32_t namespace_id, struct str name, struct str *access_key, struct str *region);

struct table_stats {
    uint64_t items;
    uint64_t bytes; /* sum of DynamoDB item sizes, or of projected entries for an index */
};
/* Of a table id or an index id. */
struct table_stats table_stats(struct txn *txn, uint32_t id);

/* Walks everything and checks every invariant (entries ↔ items, keys ↔ texts, counters, expiry): for tests and --debug. False with the
 * first one broken in err. */
MUST_USE bool store_check(struct txn *txn, struct err *err);

#endif
