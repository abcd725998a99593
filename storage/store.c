/* SPDX-License-Identifier: Apache-2.0 */
/* store.c — opening and closing. */
#include "storage/store.h"

#include "storage/meta.h"

#include <stdlib.h>

#define FORMAT_KEY STR("\xFF\xFF\xFF\xFF" "format")
#define MEMORY_FIRST_BYTES ((size_t)1024 * 1024)

static bool is_empty(struct lmdb_txn *txn, enum lmdb_db db, bool *out, struct err *err)
{
    struct lmdb_cursor *cursor = NULL;
    struct str key;
    struct str value;
    if (!lmdb_cursor_open(txn, db, &cursor, err)) {
        return false;
    }
    bool ok = lmdb_last(cursor, &key, &value, err);
    lmdb_cursor_close(cursor);
    *out = key.p == NULL;
    return ok;
}

static bool put_format(struct lmdb_txn *txn, struct err *err)
{
    bool has_no_tables = false;
    bool has_no_rows = false;
    if (!is_empty(txn, LMDB_CATALOG, &has_no_tables, err) || !is_empty(txn, LMDB_ROWS, &has_no_rows, err)) {
        return false;
    }
    if (!has_no_tables || !has_no_rows) {
        return err_set(err, ERR_INTERNAL, "data.mdb is not a database of Stator: give another directory");
    }
    char text[12];
    int n = snprintf(text, sizeof(text), "%d", LAYOUT_FORMAT);
    return lmdb_put(txn, LMDB_CATALOG, FORMAT_KEY, str_of(text, (size_t)n), err);
}

static bool check_format(struct lmdb_txn *txn, bool *is_new, struct err *err)
{
    struct str format;
    if (!lmdb_get(txn, LMDB_CATALOG, FORMAT_KEY, &format, err)) {
        return false;
    }
    *is_new = format.p == NULL;
    if (*is_new) {
        return put_format(txn, err);
    }
    char text[12];
    int n = snprintf(text, sizeof(text), "%d", LAYOUT_FORMAT);
    if (!str_eq(format, str_of(text, (size_t)n))) {
        return err_set(err, ERR_INTERNAL, "data.mdb has format %.*s, this program reads %d: use a newer Stator",
                       STR_ARG(format), LAYOUT_FORMAT);
    }
    return true;
}

static bool load(struct store *store, struct err *err)
{
    struct lmdb_txn *txn = NULL;
    struct catalog *catalog = NULL;
    bool is_new = false;
    if (!lmdb_begin(store->lmdb, true, &txn, err)) {
        return false;
    }
    if (!check_format(txn, &is_new, err) || !catalog_load(txn, &catalog, err)) {
        lmdb_abort(txn);
        return false;
    }
    store->oldest = catalog;
    atomic_store(&store->catalog, catalog);
    bool has_no_journal = false;
    bool ok = is_empty(txn, LMDB_JOURNAL, &has_no_journal, err);
    atomic_store(&store->trim_next_ms, has_no_journal ? INT64_MAX : 0);
    if (ok && is_new) {
        ok = lmdb_commit(txn, err);
    } else {
        lmdb_abort(txn);
    }
    if (!ok) {
        catalog_free_all(catalog);
    }
    return ok;
}

static bool open_lmdb(struct store *store, const struct store_options *options, struct err *err)
{
    size_t first = options->memory_step_bytes > MEMORY_FIRST_BYTES ? options->memory_step_bytes : MEMORY_FIRST_BYTES;
    const struct lmdb_options inner = {
        .directory = store->directory.path,
        .is_memory = options->directory.p == NULL,
        .is_relaxed = options->is_relaxed,
        .first_bytes = first,
    };
    struct arena arena;
    struct err why;
    arena_init(&arena, 0);
    err_init(&why, &arena);
    bool ok = !options->is_compacted || inner.is_memory || lmdb_compact(inner.directory, DIRECTORY_COMPACTED, &why);
    ok = ok && lmdb_open(&inner, &store->lmdb, &why);
    directory_opened(&store->directory);
    if (!ok) {
        err_set(err, ERR_INTERNAL, "cannot open the database in %s: %.*s", store->directory.path, STR_ARG(why.message));
    }
    arena_release(&arena);
    return ok;
}

static bool open_directory(struct store *store, struct str path, struct err *err)
{
    return path.p != NULL ? directory_open(path, &store->directory, err) : directory_open_temporary(&store->directory, err);
}

static void release(struct store *store)
{
    buf_release(&store->scratch);
    pthread_mutex_destroy(&store->write_lock);
    pthread_mutex_destroy(&store->readers_lock);
    pthread_mutex_destroy(&store->growth_lock);
    free(store->writer.deltas);
    free(store->writer.journal);
    free(store);
}

static bool open_all(struct store *store, const struct store_options *options, struct err *err)
{
    if (!digest_init(&store->digest, err)) {
        return false;
    }
    if (!open_directory(store, options->directory, err)) {
        digest_release(&store->digest);
        return false;
    }
    if (!open_lmdb(store, options, err)) {
        directory_close(&store->directory);
        digest_release(&store->digest);
        return false;
    }
    struct arena arena;
    struct err why;
    arena_init(&arena, 0);
    err_init(&why, &arena);
    bool is_loaded = load(store, &why);
    if (!is_loaded) {
        err_set(err, ERR_INTERNAL, "cannot use the database in %s: %.*s", store->directory.path, STR_ARG(why.message));
    }
    arena_release(&arena);
    if (!is_loaded) {
        lmdb_close(store->lmdb);
        directory_close(&store->directory);
        digest_release(&store->digest);
        return false;
    }
    return true;
}

bool store_open(const struct store_options *options, struct store **out, struct err *err)
{
    struct store *store = calloc(1, sizeof(*store));
    ensure(store != NULL);
    store->clock = options->clock != NULL ? options->clock : clock_system();
    store->is_durable = options->directory.p != NULL;
    store->index_delay_ms = options->index_delay_ms;
    store->step_bytes = options->memory_step_bytes;
    store->limit_bytes = options->memory_limit_bytes;
    pthread_mutex_init(&store->write_lock, NULL);
    pthread_mutex_init(&store->readers_lock, NULL);
    pthread_mutex_init(&store->growth_lock, NULL);
    buf_init(&store->scratch, SCRATCH_BYTES_MAX);
    store->writer = (struct txn){.store = store, .digest = &store->digest, .scratch = &store->scratch};
    if (!open_all(store, options, err)) {
        release(store);
        return false;
    }
    *out = store;
    return true;
}

void store_close(struct store *store)
{
    ensure(store->readers == NULL && store->writer.lmdb == NULL);
    while (store->oldest->newer != NULL) {
        struct catalog *next = store->oldest->newer;
        catalog_free(store->oldest);
        store->oldest = next;
    }
    catalog_free_all(store->oldest);
    lmdb_close(store->lmdb);
    directory_close(&store->directory);
    digest_release(&store->digest);
    release(store);
}

bool store_is_durable(const struct store *store)
{
    return store->is_durable;
}

const char *store_lmdb_version(void)
{
    return lmdb_library_version();
}

const char *store_openssl_version(void)
{
    return digest_library_version();
}

void store_set_partition_bytes(struct store *store, unsigned bytes)
{
    ensure(store->readers == NULL && bytes <= LAYOUT_HASH_BYTES);
    store->digest.partition_bytes = bytes;
}
