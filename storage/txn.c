/* SPDX-License-Identifier: Apache-2.0 */
/* txn.c — readers, transactions, growth. A reader announces the catalog that it looks at in one atomic pointer; that single
 * store keeps the catalog from being freed and the map from being moved, and costs some nanoseconds where a lock shared by all
 * loops would cost their cache lines. Writers are serialised by a mutex of ours rather than LMDB's, because growing the map must
 * exclude them too. */
#include "storage/txn.h"

#include "storage/meta.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>

/* Room that only deletions may use once a bounded map can grow no more: a sixteenth of the map, in pages. */
#define RESERVE_PAGES_MIN 64
#define RESERVE_PAGES_MAX 1024
#define GROWTH_STEP_MIN ((size_t)1024 * 1024)
#define GROWTH_STEP_MAX ((size_t)64 * 1024 * 1024)

static void *grow_array(void *p, size_t *cap, size_t size)
{
    *cap = *cap == 0 ? 8 : *cap * 2;
    void *q = realloc(p, *cap * size);
    ensure(q != NULL);
    return q;
}

/* ---- Readers ---- */

struct reader *reader_new(struct store *store)
{
    struct reader *reader = calloc(1, sizeof(*reader));
    ensure(reader != NULL);
    struct arena arena;
    struct err err;
    arena_init(&arena, 0);
    err_init(&err, &arena);
    /* It succeeded when the store was opened. */
    ensure(digest_init(&reader->digest, &err));
    reader->digest.partition_bytes = store->digest.partition_bytes;
    arena_release(&arena);
    buf_init(&reader->scratch, SCRATCH_BYTES_MAX);
    reader->store = store;
    reader->txn = (struct txn){.store = store, .reader = reader, .digest = &reader->digest, .scratch = &reader->scratch};
    pthread_mutex_lock(&store->readers_lock);
    reader->next = store->readers;
    store->readers = reader;
    pthread_mutex_unlock(&store->readers_lock);
    return reader;
}

void reader_free(struct reader *reader)
{
    struct store *store = reader->store;
    ensure(atomic_load(&reader->catalog) == NULL);
    pthread_mutex_lock(&store->readers_lock);
    struct reader **at = &store->readers;
    while (*at != reader) {
        at = &(*at)->next;
    }
    *at = reader->next;
    pthread_mutex_unlock(&store->readers_lock);
    for (size_t i = 0; i < reader->txn.cursor_made; i++) {
        lmdb_cursor_close(reader->txn.cursors[i]);
    }
    if (reader->txn.lmdb != NULL) {
        lmdb_abort(reader->txn.lmdb);
    }
    free(reader->txn.cursors);
    digest_release(&reader->digest);
    buf_release(&reader->scratch);
    free(reader);
}

static void wait_for_growth(struct store *store)
{
    pthread_mutex_lock(&store->growth_lock);
    pthread_mutex_unlock(&store->growth_lock);
}

static bool renew(struct txn *txn, struct err *err)
{
    return txn->lmdb != NULL ? lmdb_renew(txn->lmdb, err) : lmdb_begin(txn->store->lmdb, false, &txn->lmdb, err);
}

bool txn_begin_read(struct reader *reader, struct txn **out, struct err *err)
{
    struct store *store = reader->store;
    struct txn *txn = &reader->txn;
    ensure(atomic_load_explicit(&reader->catalog, memory_order_relaxed) == NULL);
    for (;;) {
        struct catalog *catalog = atomic_load(&store->catalog);
        atomic_store(&reader->catalog, catalog);
        if (atomic_load(&store->is_growing)) {
            atomic_store(&reader->catalog, NULL);
            wait_for_growth(store);
            continue;
        }
        if (!renew(txn, err)) {
            atomic_store(&reader->catalog, NULL);
            return false;
        }
        /* Unchanged: it was announced in time, and the rows are of the same age as the catalog. */
        if (atomic_load(&store->catalog) == catalog) {
            txn->catalog = catalog;
            *out = txn;
            return true;
        }
        lmdb_reset(txn->lmdb);
    }
}

void txn_end_read(struct txn *txn)
{
    ensure(txn->reader != NULL);
    lmdb_reset(txn->lmdb);
    txn->cursor_count = 0;
    txn->catalog = NULL;
    atomic_store_explicit(&txn->reader->catalog, NULL, memory_order_release);
}

bool txn_is_write(const struct txn *txn)
{
    return txn->reader == NULL;
}

bool txn_cursor(struct txn *txn, struct lmdb_cursor **out, struct err *err)
{
    if (txn->cursor_count < txn->cursor_made) {
        struct lmdb_cursor *cursor = txn->cursors[txn->cursor_count];
        if (!lmdb_cursor_renew(txn->lmdb, cursor, err)) {
            return false;
        }
        txn->cursor_count++;
        *out = cursor;
        return true;
    }
    if (!lmdb_cursor_open(txn->lmdb, LMDB_ROWS, out, err)) {
        return false;
    }
    if (!txn_is_write(txn)) {
        /* Those of a write transaction end with it. */
        if (txn->cursor_made == txn->cursor_cap) {
            txn->cursors = grow_array(txn->cursors, &txn->cursor_cap, sizeof(*txn->cursors));
        }
        txn->cursors[txn->cursor_made++] = *out;
        txn->cursor_count++;
    }
    return true;
}

/* ---- Writing ---- */

bool txn_begin_write(struct store *store, struct txn **out, struct err *err)
{
    pthread_mutex_lock(&store->write_lock);
    struct txn *txn = &store->writer;
    ensure(txn->lmdb == NULL);
    if (!lmdb_begin(store->lmdb, true, &txn->lmdb, err)) {
        txn->lmdb = NULL;
        pthread_mutex_unlock(&store->write_lock);
        return false;
    }
    txn->catalog = atomic_load(&store->catalog);
    txn->is_growing_data = false;
    txn->items = NULL;
    txn->entries = NULL;
    txn->delta_count = 0;
    txn->journal_count = 0;
    *out = txn;
    return true;
}

bool txn_write_cursors(struct txn *txn, struct err *err)
{
    return txn->entries != NULL || (lmdb_cursor_open(txn->lmdb, LMDB_ROWS, &txn->items, err) &&
                                    lmdb_cursor_open(txn->lmdb, LMDB_ROWS, &txn->entries, err));
}

void txn_count(struct txn *txn, uint32_t id, int64_t items, int64_t bytes)
{
    for (size_t i = 0; i < txn->delta_count; i++) {
        if (txn->deltas[i].id == id) {
            txn->deltas[i].items += items;
            txn->deltas[i].bytes += bytes;
            return;
        }
    }
    if (txn->delta_count == txn->delta_cap) {
        txn->deltas = grow_array(txn->deltas, &txn->delta_cap, sizeof(*txn->deltas));
    }
    txn->deltas[txn->delta_count++] = (struct counter_delta){id, items, bytes};
}

void txn_forget_counts(struct txn *txn, uint32_t id)
{
    for (size_t i = 0; i < txn->delta_count; i++) {
        if (txn->deltas[i].id == id) {
            txn->deltas[i].id = 0;
        }
    }
}

void txn_note_failure(struct txn *txn, size_t bytes)
{
    txn->store->wanted_bytes = bytes;
}

static void end_write(struct txn *txn, bool is_done)
{
    if (!is_done) {
        txn->store->full_map_bytes = lmdb_map_bytes(txn->store->lmdb);
    }
    txn->lmdb = NULL;
    txn->catalog = NULL;
    pthread_mutex_unlock(&txn->store->write_lock);
}

void txn_abort(struct txn *txn)
{
    ensure(txn_is_write(txn) && txn->lmdb != NULL);
    if (txn->edit != NULL) {
        catalog_edit_discard(txn->edit);
        txn->edit = NULL;
    }
    lmdb_abort(txn->lmdb);
    end_write(txn, false);
}

/* Frees, oldest first, the catalogs that no reader looks at. */
static void free_old_catalogs(struct store *store)
{
    struct catalog *current = atomic_load(&store->catalog);
    pthread_mutex_lock(&store->readers_lock);
    while (store->oldest != current) {
        for (struct reader *reader = store->readers; reader != NULL; reader = reader->next) {
            if (atomic_load(&reader->catalog) == store->oldest) {
                pthread_mutex_unlock(&store->readers_lock);
                return;
            }
        }
        struct catalog *next = store->oldest->newer;
        catalog_free(store->oldest);
        store->oldest = next;
    }
    pthread_mutex_unlock(&store->readers_lock);
}

static void publish(struct txn *txn)
{
    struct store *store = txn->store;
    struct catalog *old = atomic_load(&store->catalog);
    atomic_store(&store->catalog, catalog_edit_finish(txn->edit, old));
    txn->edit = NULL;
    free_old_catalogs(store);
}

static size_t reserve_pages(size_t pages)
{
    size_t reserve = pages / 16;
    reserve = reserve < RESERVE_PAGES_MIN ? RESERVE_PAGES_MIN : reserve;
    return reserve > RESERVE_PAGES_MAX ? RESERVE_PAGES_MAX : reserve;
}

/* Whoever puts something new must leave the reserve untouched, unless no more is in use afterwards than before. */
static bool check_reserve(struct txn *txn, size_t *live, struct err *err)
{
    struct store *store = txn->store;
    if (!lmdb_is_bounded(store->lmdb)) {
        return true;
    }
    *live = lmdb_live_pages(store->lmdb, txn->lmdb);
    size_t pages = lmdb_map_bytes(store->lmdb) / lmdb_page_bytes(store->lmdb);
    if (txn->is_growing_data && *live + reserve_pages(pages) > pages && *live > store->live_pages) {
        return err_set(err, ERR_MAP_FULL, "the memory map is full but for its reserve");
    }
    return true;
}

bool txn_commit(struct txn *txn, struct err *err)
{
    struct store *store = txn->store;
    ensure(txn_is_write(txn) && txn->lmdb != NULL);
    size_t live = 0;
    if (!meta_flush_counts(txn, err) || !check_reserve(txn, &live, err)) {
        txn_abort(txn);
        return false;
    }
    bool ok = lmdb_commit(txn->lmdb, err);
    if (ok) {
        store->live_pages = live;
    }
    if (ok && txn->edit != NULL) {
        publish(txn);
    } else if (txn->edit != NULL) {
        catalog_edit_discard(txn->edit);
        txn->edit = NULL;
    }
    end_write(txn, ok);
    return ok;
}

/* ---- Growing ---- */

/* At least what makes room for the value that did not fit, so that a large item needs few rounds. */
static size_t next_step(const struct store *store, size_t now)
{
    size_t step = now < GROWTH_STEP_MAX ? now : now / 4;
    step = step < GROWTH_STEP_MIN ? GROWTH_STEP_MIN : step;
    step = step > GROWTH_STEP_MAX ? GROWTH_STEP_MAX : step;
    step = store->step_bytes != 0 ? store->step_bytes : step;
    return step > 2 * store->wanted_bytes ? step : 2 * store->wanted_bytes;
}

/* Disk space for a larger map: a full step, or what can be had of it. 0: none. */
static size_t allocate_more(struct store *store, size_t now)
{
    size_t page = lmdb_page_bytes(store->lmdb);
    for (size_t step = next_step(store, now); step >= page; step /= 2) {
        size_t bytes = (now + step + page - 1) / page * page;
        if (store->limit_bytes != 0 && bytes > store->limit_bytes) {
            continue;
        }
        if (lmdb_allocate(store->lmdb, bytes)) {
            return bytes;
        }
    }
    return 0;
}

static void wait_for_readers(struct store *store)
{
    pthread_mutex_lock(&store->readers_lock);
    for (struct reader *reader = store->readers; reader != NULL; reader = reader->next) {
        while (atomic_load(&reader->catalog) != NULL) {
            sched_yield();
        }
    }
    pthread_mutex_unlock(&store->readers_lock);
}

static bool move_map(struct store *store, size_t bytes)
{
    pthread_mutex_lock(&store->growth_lock);
    atomic_store(&store->is_growing, true);
    wait_for_readers(store);
    bool ok = lmdb_set_map_bytes(store->lmdb, bytes);
    atomic_store(&store->is_growing, false);
    pthread_mutex_unlock(&store->growth_lock);
    return ok;
}

bool store_grow(struct store *store, struct err *err)
{
    pthread_mutex_lock(&store->write_lock);
    size_t now = lmdb_map_bytes(store->lmdb);
    /* Another thread may have grown it since this one's transaction failed. */
    bool ok = now > store->full_map_bytes && store->full_map_bytes != 0;
    if (!ok) {
        /* A durable map has no step: it was made smaller than asked for because memory was short; twice as much then. */
        size_t bytes = lmdb_is_bounded(store->lmdb) ? allocate_more(store, now) : now * 2;
        ok = bytes > now && move_map(store, bytes);
        store->wanted_bytes = 0;
    }
    if (!ok) {
        err_set(err, ERR_INTERNAL, "no room for more data (%zu bytes are in use): %s", now, strerror(ENOSPC));
    }
    pthread_mutex_unlock(&store->write_lock);
    return ok;
}
