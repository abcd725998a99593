/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_LMDB_H
#define STORAGE_LMDB_H

#include "core/err.h"
#include "core/str.h"

#include <stddef.h>
#include <stdint.h>

/* LMDB behind a small fence: lmdb.c is the only file that sees <lmdb.h>. It turns each code into an err (ERR_MAP_FULL or
 * ERR_INTERNAL) and knows how the map of each mode lies on its file. Who may call what when, is store.c's affair. */

enum lmdb_db { LMDB_ROWS, LMDB_CATALOG, LMDB_META, LMDB_EXPIRY, LMDB_JOURNAL, LMDB_DB_COUNT };

struct lmdb;
struct lmdb_txn;
struct lmdb_cursor;

struct lmdb_options {
    const char *directory;
    bool is_memory;       /* the file is a scratch: no sync, mapped writably where that is safe, exactly as large as allocated */
    bool is_relaxed;      /* no sync */
    size_t first_bytes;   /* is_memory: the first allocation */
};

MUST_USE bool lmdb_open(const struct lmdb_options *options, struct lmdb **out, struct err *err);
/* Rewrites data.mdb without its free pages; the file is as it was until the last step, a rename. Nothing if there is none. Only while nobody has the
 * directory open (its lock is held). */
MUST_USE bool lmdb_compact(const char *directory, const char *temporary_name, struct err *err);
/* Syncs first unless is_memory. */
void lmdb_close(struct lmdb *lmdb);
const char *lmdb_library_version(void);
size_t lmdb_map_bytes(const struct lmdb *lmdb);
/* Is the map exactly as large as its file, so that free room is scarce and a reserve makes sense? */
bool lmdb_is_bounded(const struct lmdb *lmdb);
/* In two steps, because only the second needs all transactions to have ended: disk space (nothing to do if not mapped writably),
 * then the map. False: errno is set; nothing has changed. */
MUST_USE bool lmdb_allocate(struct lmdb *lmdb, size_t bytes);
MUST_USE bool lmdb_set_map_bytes(struct lmdb *lmdb, size_t bytes);

MUST_USE bool lmdb_begin(struct lmdb *lmdb, bool is_write, struct lmdb_txn **out, struct err *err);
/* Read transactions: reset at the end, renew for the next; the slot in the reader table stays. */
void lmdb_reset(struct lmdb_txn *txn);
MUST_USE bool lmdb_renew(struct lmdb_txn *txn, struct err *err);
MUST_USE bool lmdb_commit(struct lmdb_txn *txn, struct err *err);
void lmdb_abort(struct lmdb_txn *txn);
/* Pages in use by the databases as this transaction sees them. */
size_t lmdb_live_pages(struct lmdb *lmdb, struct lmdb_txn *txn);
size_t lmdb_page_bytes(const struct lmdb *lmdb);

/* out->p is NULL if the key is not there. */
MUST_USE bool lmdb_get(struct lmdb_txn *txn, enum lmdb_db db, struct str key, struct str *out, struct err *err);
MUST_USE bool lmdb_put(struct lmdb_txn *txn, enum lmdb_db db, struct str key, struct str value, struct err *err);
/* *found (may be NULL): was it there? */
MUST_USE bool lmdb_del(struct lmdb_txn *txn, enum lmdb_db db, struct str key, bool *found, struct err *err);

/* Cursors of a read transaction live until lmdb_cursor_close and are renewed for the next transaction; those of a write transaction
 * end with it. */
MUST_USE bool lmdb_cursor_open(struct lmdb_txn *txn, enum lmdb_db db, struct lmdb_cursor **out, struct err *err);
MUST_USE bool lmdb_cursor_renew(struct lmdb_txn *txn, struct lmdb_cursor *cursor, struct err *err);
void lmdb_cursor_close(struct lmdb_cursor *cursor);
/* The row of a key, and head | body as its value without joining them first. A cursor that stands near searches less than a new one. is_new: the
 * key must not be there; *exists tells (and nothing is put). */
MUST_USE bool lmdb_cursor_get(struct lmdb_cursor *cursor, struct str key, struct str *out, struct err *err);
MUST_USE bool lmdb_cursor_put_parts(struct lmdb_cursor *cursor, struct str key, struct str head, struct str body,
                                    bool is_new, bool *exists, struct err *err);
/* The first row with a key ≥ `key`; the next; the previous; the last of all; key->p is NULL if there is none. */
MUST_USE bool lmdb_seek(struct lmdb_cursor *cursor, struct str at, struct str *key, struct str *value, struct err *err);
MUST_USE bool lmdb_next(struct lmdb_cursor *cursor, struct str *key, struct str *value, struct err *err);
MUST_USE bool lmdb_prev(struct lmdb_cursor *cursor, struct str *key, struct str *value, struct err *err);
MUST_USE bool lmdb_last(struct lmdb_cursor *cursor, struct str *key, struct str *value, struct err *err);
/* Deletes the row under the cursor; lmdb_next then gives the one behind it. */
MUST_USE bool lmdb_cursor_del(struct lmdb_cursor *cursor, struct err *err);

#endif
