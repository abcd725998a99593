/* SPDX-License-Identifier: Apache-2.0 */
/* cursor.c — rows between two bounds, in the order that DynamoDB shows, from any position. A position is (F, TIE), F being the
 * whole key before it is cut (bounds.h); rows with cut keys that share their first bytes form a run, which is read as a whole and
 * put in order (run.h). In a write transaction the position is sought anew for each row, so that the caller may write in between. */
#include "storage/cursor.h"

#include "core/value_json.h"
#include "storage/bounds.h"
#include "storage/run.h"
#include "storage/stored.h"
#include "storage/txn.h"

struct cursor {
    struct txn *txn;
    struct lmdb_cursor *lmdb;
    struct arena *arena;
    const struct key_schema *schema;
    size_t tie_bytes; /* 0 or TIE16's */
    bool is_reverse;
    bool is_positioned; /* on `here`; otherwise `at` is to be sought */
    bool is_done;
    bool is_inside; /* forward: a whole key was wanted, so those behind it are above the low bound and the start as well */
    struct bounds bounds;
    struct str start; /* F of the position to go on behind; absent: none */
    unsigned char start_tie[LAYOUT_TIE_BYTES];
    struct str at; /* forward: the first row ≥ at; reverse: the last row < at */
    unsigned char here[LAYOUT_ROW_KEY_MAX];
    size_t here_n;
    struct str *partition; /* raw key attributes that each row must have; strangers share only the hash */
    size_t partition_count;
    bool is_in_run;
    struct run run;
};

/* ---- Opening ---- */

static struct str cut(struct str key)
{
    return str_of(key.p, key.n < LAYOUT_CUT_BYTES ? key.n : LAYOUT_CUT_BYTES);
}

/* Behind everything that begins with the first bytes of `key`. */
static struct str behind_run(struct str key, struct arena *arena)
{
    struct str copy = arena_copy(arena, cut(key));
    copy.n = key_succ((unsigned char *)(uintptr_t)copy.p, copy.n);
    ensure(copy.n > 0);
    return copy;
}

static bool set_start(struct cursor *cursor, const struct table_desc *table, uint32_t id, const struct value *map,
                      struct err *err)
{
    struct key_values values;
    struct key_values base;
    if (!key_values_of(cursor->schema, map, &values) || !key_values_of(&table->key, map, &base)) {
        return err_set(err, ERR_VALIDATION, START_KEY_INVALID_TEXT);
    }
    unsigned char *key = arena_alloc(cursor->arena, LAYOUT_PREFIX_BYTES + KEY_SORT_MAX);
    layout_put_u32(key, id);
    key_partition(cursor->txn->digest, cursor->schema, values.hash, key + LAYOUT_ID_BYTES);
    size_t n = LAYOUT_PREFIX_BYTES + key_sort(cursor->schema, &values, key + LAYOUT_PREFIX_BYTES);
    cursor->start = str_of((const char *)key, n);
    key_tie(cursor->txn->digest, &table->key, &base, cursor->start_tie);
    return true;
}

/* The start as a place in LMDB: exact if it is not cut. */
static struct str start_place(const struct cursor *cursor)
{
    if (cursor->start.n > LAYOUT_CUT_BYTES) {
        return cursor->is_reverse ? behind_run(cursor->start, cursor->arena) : cut(cursor->start);
    }
    char *place = arena_alloc(cursor->arena, cursor->start.n + cursor->tie_bytes);
    memcpy(place, cursor->start.p, cursor->start.n);
    memcpy(place + cursor->start.n, cursor->start_tie, cursor->tie_bytes);
    return str_of(place, cursor->start.n + cursor->tie_bytes);
}

static void set_first_place(struct cursor *cursor)
{
    const struct bounds *bounds = &cursor->bounds;
    bool has_start = cursor->start.p != NULL;
    if (!cursor->is_reverse) {
        bool is_inside = has_start && str_compare(cursor->start, bounds->low) >= 0;
        cursor->at = is_inside ? start_place(cursor) : cut(bounds->low);
        return;
    }
    if (has_start && str_compare(cursor->start, bounds->high) < 0) {
        cursor->at = start_place(cursor);
    } else {
        cursor->at = bounds->high.n > LAYOUT_CUT_BYTES ? behind_run(bounds->high, cursor->arena) : bounds->high;
    }
}

static bool cursor_new(struct txn *txn, const struct table_desc *table, const struct index_desc *index, struct arena *arena,
                       struct cursor **out, struct err *err)
{
    struct cursor *cursor = arena_new(arena, struct cursor);
    cursor->txn = txn;
    cursor->arena = arena;
    cursor->schema = index != NULL ? &index->key : &table->key;
    cursor->tie_bytes = index != NULL ? LAYOUT_TIE_BYTES : 0;
    *out = cursor;
    return txn_cursor(txn, &cursor->lmdb, err);
}

static bool open_at(struct cursor *cursor, const struct table_desc *table, uint32_t id, const struct value *start,
                    struct err *err)
{
    run_init(&cursor->run, cursor->arena, cursor->tie_bytes, cursor->is_reverse);
    if (start != NULL && !set_start(cursor, table, id, start, err)) {
        return false;
    }
    set_first_place(cursor);
    return true;
}

static void set_partition(struct cursor *cursor, const struct query *query)
{
    cursor->partition_count = cursor->schema->hash_count;
    cursor->partition = arena_array(cursor->arena, struct str, cursor->partition_count);
    for (size_t i = 0; i < cursor->partition_count; i++) {
        struct buf *text = txn_scratch(cursor->txn);
        json_write_string(text, cursor->schema->hash[i].name);
        buf_add_byte(text, ':');
        value_text_write(text, query->partition[i]);
        cursor->partition[i] = arena_copy(cursor->arena, str_of(text->p, text->n));
    }
}

bool cursor_query(struct txn *txn, const struct query *query, struct arena *arena, struct cursor **out, struct err *err)
{
    uint32_t id = query->index != NULL ? query->index->id : query->table->id;
    if (!cursor_new(txn, query->table, query->index, arena, out, err)) {
        return false;
    }
    struct cursor *cursor = *out;
    cursor->is_reverse = query->is_reverse;
    for (size_t i = 0; i < cursor->schema->hash_count; i++) {
        if (!key_hash_fits(&cursor->schema->hash[i], query->partition[i])) {
            /* No item can have this key. */
            cursor->is_done = true;
            return true;
        }
    }
    bounds_of_query(txn->digest, id, query, cursor->schema, arena, &cursor->bounds);
    set_partition(cursor, query);
    return open_at(cursor, query->table, id, query->start, err);
}

bool cursor_scan(struct txn *txn, const struct scan *scan, struct arena *arena, struct cursor **out, struct err *err)
{
    uint32_t id = scan->index != NULL ? scan->index->id : scan->table->id;
    if (!cursor_new(txn, scan->table, scan->index, arena, out, err)) {
        return false;
    }
    bounds_of_segment(id, scan->segment, scan->total_segments, arena, &(*out)->bounds);
    return open_at(*out, scan->table, id, scan->start, err);
}

/* ---- Moving ---- */

static bool seek(struct cursor *cursor, struct str place, struct str *key, struct str *value, struct err *err)
{
    if (!lmdb_seek(cursor->lmdb, place, key, value, err)) {
        return false;
    }
    if (!cursor->is_reverse) {
        return true;
    }
    return key->p == NULL ? lmdb_last(cursor->lmdb, key, value, err) : lmdb_prev(cursor->lmdb, key, value, err);
}

/* The next row in LMDB's order; key->p is NULL if there is none. */
static bool move(struct cursor *cursor, struct str *key, struct str *value, struct err *err)
{
    bool is_write = txn_is_write(cursor->txn);
    struct str here = str_of((const char *)cursor->here, cursor->here_n);
    bool ok = false;
    if (!cursor->is_positioned) {
        ok = seek(cursor, cursor->at, key, value, err);
    } else if (!is_write) {
        ok = cursor->is_reverse ? lmdb_prev(cursor->lmdb, key, value, err) : lmdb_next(cursor->lmdb, key, value, err);
    } else {
        ok = seek(cursor, here, key, value, err);
        if (ok && !cursor->is_reverse && key->p != NULL && str_eq(*key, here)) {
            ok = lmdb_next(cursor->lmdb, key, value, err);
        }
    }
    cursor->is_positioned = true;
    if (ok && key->p != NULL && !str_same_bytes(key->p, cursor->bounds.low.p, LAYOUT_ID_BYTES)) {
        /* Another table's. */
        key->p = NULL;
    }
    if (ok && key->p != NULL) {
        if (key->n < LAYOUT_PREFIX_BYTES + cursor->tie_bytes || key->n > LAYOUT_ROW_KEY_MAX) {
            return err_set(err, ERR_INTERNAL, "the database is damaged: a row with a key of %zu bytes", key->n);
        }
        if (is_write) {
            memcpy(cursor->here, key->p, key->n);
            cursor->here_n = key->n;
        }
    }
    return ok;
}

/* Is the whole key (F and TIE) inside the bounds and behind the start? */
static bool is_wanted(const struct cursor *cursor, struct str key, const char *tie)
{
    if (str_compare(key, cursor->bounds.low) < 0 || str_compare(key, cursor->bounds.high) >= 0) {
        return false;
    }
    if (cursor->start.p == NULL) {
        return true;
    }
    int order = str_compare(key, cursor->start);
    if (order == 0) {
        order = cursor->tie_bytes == 0 ? 0 : memcmp(tie, cursor->start_tie, cursor->tie_bytes);
    }
    return cursor->is_reverse ? order < 0 : order > 0;
}

/* Nothing more can come. `key` is F, or what is left of it if it was cut. */
static bool is_past_end(const struct cursor *cursor, struct str key)
{
    return cursor->is_reverse ? str_compare(key, cut(cursor->bounds.low)) < 0 : str_compare(key, cursor->bounds.high) >= 0;
}

static bool is_of_partition(const struct cursor *cursor, const struct stored *stored)
{
    return cursor->partition_count == 0 || stored_has_keys(stored, cursor->partition, cursor->partition_count);
}

static void give(struct cursor *cursor, struct stored *stored, struct stored *out)
{
    *out = *stored;
    if (txn_is_write(cursor->txn)) {
        out->text = arena_copy(cursor->arena, out->text);
    }
}

/* ---- Runs ---- */

/* Writes F of a row whose key is cut, from its text. */
static bool whole_key(struct cursor *cursor, struct str key, const struct stored *stored, unsigned char *out, size_t *n,
                      struct err *err)
{
    struct arena_mark mark = arena_mark(cursor->arena);
    struct value map;
    struct key_values values;
    bool ok = stored_parse_key(stored, cursor->arena, &map, err);
    if (ok && !key_values_of(cursor->schema, &map, &values)) {
        ok = err_set(err, ERR_INTERNAL, "the database is damaged: a row without its key attributes");
    }
    if (ok) {
        memcpy(out, key.p, LAYOUT_PREFIX_BYTES);
        *n = LAYOUT_PREFIX_BYTES + key_sort(cursor->schema, &values, out + LAYOUT_PREFIX_BYTES);
        if (*n <= LAYOUT_CUT_BYTES) {
            ok = err_set(err, ERR_INTERNAL, "the database is damaged: a row with a cut key that is not long");
        }
    }
    arena_rollback(cursor->arena, mark);
    return ok;
}

static bool offer(struct cursor *cursor, struct str key, struct str value, const struct stored *stored, struct err *err)
{
    unsigned char whole[LAYOUT_PREFIX_BYTES + KEY_SORT_MAX];
    size_t n = 0;
    if (!is_of_partition(cursor, stored)) {
        return true;
    }
    if (!whole_key(cursor, key, stored, whole, &n, err)) {
        return false;
    }
    struct str tail = str_of(key.p + LAYOUT_CUT_BYTES, key.n - LAYOUT_CUT_BYTES);
    if (is_wanted(cursor, str_of((const char *)whole, n), tail.p + LAYOUT_HASH_BYTES)) {
        run_offer(&cursor->run, str_of((const char *)whole + LAYOUT_CUT_BYTES, n - LAYOUT_CUT_BYTES), tail, value);
    }
    return true;
}

/* Reads all rows that begin as this one. */
static bool gather(struct cursor *cursor, struct str key, struct str value, struct err *err)
{
    run_start(&cursor->run, key.p);
    struct str prefix = str_of((const char *)cursor->run.prefix, LAYOUT_CUT_BYTES);
    while (key.p != NULL && str_starts_with(key, prefix)) {
        struct stored stored;
        bool is_long = false;
        if (!stored_decode(value, &stored, &is_long, err)) {
            return false;
        }
        if (!is_long || key.n != LAYOUT_CUT_BYTES + LAYOUT_HASH_BYTES + cursor->tie_bytes) {
            return err_set(err, ERR_INTERNAL, "the database is damaged: a whole key among cut ones");
        }
        if (!offer(cursor, key, value, &stored, err) || !move(cursor, &key, &value, err)) {
            return false;
        }
    }
    run_sort(&cursor->run);
    cursor->is_in_run = true;
    return true;
}

/* The position of a row that was taken, to read the same run again from there. */
static void restart_behind(struct cursor *cursor, const struct run_row *row)
{
    char *start = arena_alloc(cursor->arena, LAYOUT_CUT_BYTES + row->rest.n);
    memcpy(start, cursor->run.prefix, LAYOUT_CUT_BYTES);
    memcpy(start + LAYOUT_CUT_BYTES, row->rest.p, row->rest.n);
    cursor->start = str_of(start, LAYOUT_CUT_BYTES + row->rest.n);
    memcpy(cursor->start_tie, row->tail + LAYOUT_HASH_BYTES, cursor->tie_bytes);
    cursor->at = start_place(cursor);
    cursor->is_positioned = false;
    cursor->is_inside = false;
}

static bool read_run_row(struct cursor *cursor, const struct run_row *row, struct stored *out, struct err *err)
{
    struct str value = row->value;
    bool is_long = false;
    *out = (struct stored){0};
    if (txn_is_write(cursor->txn)) {
        /* What was seen while gathering may have moved or gone since. */
        unsigned char key[LAYOUT_ROW_KEY_MAX];
        size_t tail_n = LAYOUT_HASH_BYTES + cursor->tie_bytes;
        memcpy(key, cursor->run.prefix, LAYOUT_CUT_BYTES);
        memcpy(key + LAYOUT_CUT_BYTES, row->tail, tail_n);
        if (!lmdb_get(cursor->txn->lmdb, LMDB_ROWS, str_of((const char *)key, LAYOUT_CUT_BYTES + tail_n), &value, err)) {
            return false;
        }
    }
    return value.p == NULL || stored_decode(value, out, &is_long, err);
}

/* The next row of the run; out->text is absent when it is over, and the cursor stands behind it. */
static bool next_of_run(struct cursor *cursor, struct stored *out, struct err *err)
{
    *out = (struct stored){0};
    for (const struct run_row *row = run_take(&cursor->run); row != NULL; row = run_take(&cursor->run)) {
        if (cursor->run.count == 0 && cursor->run.has_overflowed) {
            cursor->is_in_run = false;
            restart_behind(cursor, row);
        }
        if (!read_run_row(cursor, row, out, err)) {
            return false;
        }
        if (stored_exists(out)) {
            return true;
        }
    }
    if (cursor->is_in_run) {
        struct str prefix = str_of((const char *)cursor->run.prefix, LAYOUT_CUT_BYTES);
        cursor->is_in_run = false;
        cursor->is_positioned = false;
        cursor->at = cursor->is_reverse ? arena_copy(cursor->arena, prefix) : behind_run(prefix, cursor->arena);
    }
    return true;
}

/* ---- Reading ---- */

#define CACHE_LINE 64
#define AHEAD_BYTES_MAX 1024

/* LMDB fills pages from their end, so the next row mostly lies right before this one (reverse: behind it). Asking for that memory while this row
 * is being copied takes an eighth off a Query of 100 items, which waits for memory more than it computes. Only a hint: nothing is read. */
static void fetch_ahead(const struct cursor *cursor, struct str value)
{
    uintptr_t at = (uintptr_t)value.p;
    size_t bytes = value.n + 2 * CACHE_LINE < AHEAD_BYTES_MAX ? value.n + 2 * CACHE_LINE : AHEAD_BYTES_MAX;
    for (size_t i = CACHE_LINE; i <= bytes; i += CACHE_LINE) {
        __builtin_prefetch((const void *)(cursor->is_reverse ? at + value.n + i : at - i));
    }
}

/* One step; *is_found tells whether it gave a row. */
static bool step(struct cursor *cursor, struct stored *out, bool *is_found, struct err *err)
{
    struct str key;
    struct str value;
    struct stored stored;
    bool is_long = false;
    *is_found = false;
    if (!move(cursor, &key, &value, err)) {
        return false;
    }
    if (key.p == NULL) {
        cursor->is_done = true;
        return true;
    }
    if (is_past_end(cursor, cut(str_of(key.p, key.n - cursor->tie_bytes)))) {
        cursor->is_done = true;
        return true;
    }
    fetch_ahead(cursor, value);
    if (!stored_decode(value, &stored, &is_long, err)) {
        return false;
    }
    if (is_long) {
        return gather(cursor, key, value, err);
    }
    struct str whole = str_of(key.p, key.n - cursor->tie_bytes);
    if (!cursor->is_inside) { /* below the high bound it is: is_past_end */
        bool is_one = is_wanted(cursor, whole, key.p + whole.n);
        cursor->is_inside = is_one && !cursor->is_reverse;
        if (!is_one) {
            return true;
        }
    }
    if (is_of_partition(cursor, &stored)) {
        give(cursor, &stored, out);
        *is_found = true;
    }
    return true;
}

bool cursor_next(struct cursor *cursor, struct stored *out, struct err *err)
{
    for (;;) {
        struct stored stored;
        bool is_found = false;
        if (cursor->is_in_run) {
            if (!next_of_run(cursor, &stored, err)) {
                return false;
            }
            if (stored_exists(&stored)) {
                give(cursor, &stored, out);
                return true;
            }
        }
        if (cursor->is_done) {
            *out = (struct stored){0};
            return true;
        }
        if (!step(cursor, out, &is_found, err)) {
            return false;
        }
        if (is_found) {
            return true;
        }
    }
}
