/* SPDX-License-Identifier: Apache-2.0 */
/* check.c — the whole database against its own rules: each row is computed anew from the text of its item and must be there as
 * computed, and nothing else may be there. For tests and --debug; it says the first thing that is wrong. */
#include "core/value_json.h"
#include "storage/expiry.h"
#include "storage/index.h"
#include "storage/journal.h"
#include "storage/meta.h"
#include "storage/stored.h"

#include <inttypes.h>

struct check {
    struct txn *txn;
    struct arena *arena;
    const struct table_desc *table;
    struct table_stats items;
    struct table_stats *entries; /* by index of the table */
    bool has_ttl_job;
    uint64_t due_count; /* of all tables without a TTL job */
};

static bool wrong(struct check *check, struct err *err, const char *what, struct str key)
{
    struct str name = check->table != NULL ? check->table->name : STR("(none)");
    char hex[2 * 24 + 1] = {0};
    for (size_t i = 0; i < key.n && i < 24; i++) {
        snprintf(hex + 2 * i, 3, "%02x", (unsigned char)key.p[i]);
    }
    return err_set(err, ERR_INTERNAL, "check: %s (table %.*s, key %s…)", what, STR_ARG(name), hex);
}

/* ---- Items ---- */

/* The text is what would be written today, and all that is derived from it agrees. */
static bool check_text(struct check *check, struct str key, const struct stored *stored, const struct value *item,
                       const struct index_desc *index, struct err *err)
{
    struct str names[KEY_NAMES_MAX];
    size_t name_count = table_key_names(check->table, index, names);
    struct buf *text = txn_scratch(check->txn);
    size_t key_end = item_text_write(text, item, names, name_count);
    if (!str_eq(stored->text, str_of(text->p, text->n))) {
        return wrong(check, err, "a text is not canonical", key);
    }
    if (key_end != stored->key_end || item_size(item) != stored->size_bytes ||
        value_has_number_set(item) != stored->has_number_set) {
        return wrong(check, err, "a header differs from its text", key);
    }
    return true;
}

static bool check_entries(struct check *check, struct str key, const struct value *item, const struct stored *whole,
                          const unsigned char *tie, struct err *err)
{
    for (size_t i = 0; i < check->table->index_count; i++) {
        const struct index_desc *index = &check->table->indexes[i];
        struct index_entry entry;
        struct str raw;
        index_entry_of(check->txn, check->table, index, item, whole, tie, check->arena, &entry);
        if (entry.key.p == NULL) {
            continue;
        }
        if (!lmdb_get(check->txn->lmdb, LMDB_ROWS, entry.key, &raw, err)) {
            return false;
        }
        if (raw.p == NULL) {
            if (!index->is_backfilling) {
                return wrong(check, err, "an item is not in its index", key);
            }
            continue;
        }
        unsigned char header[LAYOUT_HEADER_BYTES];
        stored_header(&entry.stored, entry.is_long, header);
        if (raw.n != sizeof(header) + entry.stored.text.n || memcmp(raw.p, header, sizeof(header)) != 0 ||
            memcmp(raw.p + sizeof(header), entry.stored.text.p, entry.stored.text.n) != 0) {
            return wrong(check, err, "an index entry differs from its item", entry.key);
        }
        check->entries[i].items++;
        check->entries[i].bytes += entry.stored.size_bytes;
    }
    return true;
}

static bool check_due(struct check *check, struct str key, const struct value *item, const unsigned char *tie,
                      struct err *err)
{
    int64_t due = expiry_due(check->table, item);
    struct expiry_key expiry;
    struct str raw;
    if (due == EXPIRY_NEVER || check->has_ttl_job) {
        return true;
    }
    expiry_key(due, check->table->id, tie, &expiry);
    if (!lmdb_get(check->txn->lmdb, LMDB_EXPIRY, expiry_key_str(&expiry), &raw, err)) {
        return false;
    }
    check->due_count++;
    return (raw.p != NULL && str_eq(raw, key)) || wrong(check, err, "an item with a time to live is not in expiry", key);
}

static bool check_item(struct check *check, struct str key, struct str raw, struct err *err)
{
    struct stored stored;
    struct value item;
    struct key_values values;
    struct row_key row;
    unsigned char tie[LAYOUT_TIE_BYTES];
    bool is_long = false;
    if (!stored_decode(raw, &stored, &is_long, err) || !stored_text_parse(stored.text, check->arena, &item, err)) {
        return false;
    }
    if (!key_values_of(&check->table->key, &item, &values)) {
        return wrong(check, err, "an item lacks its key", key);
    }
    key_row(check->txn->digest, check->table->id, &check->table->key, &values, NULL, &row);
    if (!str_eq(row_key_str(&row), key) || row.is_long != is_long) {
        return wrong(check, err, "an item stands under another key", key);
    }
    key_tie(check->txn->digest, &check->table->key, &values, tie);
    check->items.items++;
    check->items.bytes += stored.size_bytes;
    return check_text(check, key, &stored, &item, NULL, err) && check_entries(check, key, &item, &stored, tie, err) &&
           check_due(check, key, &item, tie, err);
}

/* An entry's text leads to an item whose entry has this key. (That the two agree was checked from the item's side.) */
static bool check_entry(struct check *check, const struct index_desc *index, struct str key, struct str raw, struct err *err)
{
    struct stored stored;
    struct value item;
    struct key_values values;
    struct row_key row;
    struct str item_raw;
    bool is_long = false;
    if (!stored_decode(raw, &stored, &is_long, err) || !stored_text_parse(stored.text, check->arena, &item, err)) {
        return false;
    }
    if (!key_values_of(&check->table->key, &item, &values)) {
        return wrong(check, err, "an index entry lacks the table's key", key);
    }
    key_row(check->txn->digest, check->table->id, &check->table->key, &values, NULL, &row);
    if (!lmdb_get(check->txn->lmdb, LMDB_ROWS, row_key_str(&row), &item_raw, err)) {
        return false;
    }
    return item_raw.p != NULL ? check_text(check, key, &stored, &item, index, err)
                              : wrong(check, err, "an index entry without its item", key);
}

/* Visits the rows of an id; the arena is emptied after each. */
static bool check_rows(struct check *check, uint32_t id, const struct index_desc *index, uint64_t *count, struct err *err)
{
    struct lmdb_cursor *cursor = NULL;
    struct str key;
    struct str raw;
    unsigned char first[LAYOUT_ID_BYTES];
    layout_put_u32(first, id);
    *count = 0;
    if (!txn_cursor(check->txn, &cursor, err) ||
        !lmdb_seek(cursor, str_of((const char *)first, sizeof(first)), &key, &raw, err)) {
        return false;
    }
    while (key.p != NULL && layout_get_u32(key.p) == id) {
        struct arena_mark mark = arena_mark(check->arena);
        bool ok = index == NULL ? check_item(check, key, raw, err) : check_entry(check, index, key, raw, err);
        arena_rollback(check->arena, mark);
        if (!ok || !lmdb_next(cursor, &key, &raw, err)) {
            return false;
        }
        (*count)++;
    }
    return true;
}

static bool check_counts(struct check *check, uint32_t id, struct table_stats want, const char *what, struct err *err)
{
    struct table_stats got = table_stats(check->txn, id);
    if (got.items == want.items && got.bytes == want.bytes) {
        return true;
    }
    return err_set(err, ERR_INTERNAL,
                   "check: counters of %s %u of table %.*s say %" PRIu64 " rows, %" PRIu64 " bytes; there are %" PRIu64
                   ", %" PRIu64,
                   what, id, STR_ARG(check->table->name), got.items, got.bytes, want.items, want.bytes);
}

static bool check_table(struct check *check, struct err *err)
{
    const struct table_desc *table = check->table;
    struct str ttl_job;
    uint64_t count = 0;
    check->items = (struct table_stats){0};
    check->entries = arena_array(check->arena, struct table_stats, table->index_count);
    if (!job_get(check->txn, JOB_TTL, table->id, &ttl_job, err)) {
        return false;
    }
    check->has_ttl_job = ttl_job.p != NULL;
    if (!check_rows(check, table->id, NULL, &count, err) ||
        !check_counts(check, table->id, check->items, "items", err)) {
        return false;
    }
    for (size_t i = 0; i < table->index_count; i++) {
        const struct index_desc *index = &table->indexes[i];
        if (!check_rows(check, index->id, index, &count, err) ||
            !check_counts(check, index->id, check->entries[i], "index", err)) {
            return false;
        }
        if (count != check->entries[i].items) {
            return wrong(check, err, "an index has entries that belong to no item", index->name);
        }
    }
    return true;
}

/* ---- The rest ---- */

static const struct table_desc *table_with_id(const struct catalog *catalog, uint32_t id, bool *is_index)
{
    for (size_t i = 0; i < catalog->table_count; i++) {
        const struct table_desc *table = catalog->tables[i];
        *is_index = false;
        if (table->id == id) {
            return table;
        }
        for (size_t k = 0; k < table->index_count; k++) {
            if (table->indexes[k].id == id) {
                *is_index = true;
                return table;
            }
        }
    }
    return NULL;
}

/* Rows of ids that no table has must be waiting to be reclaimed. */
static bool check_strays(struct check *check, const struct catalog *catalog, struct err *err)
{
    struct lmdb_cursor *cursor = NULL;
    struct str key;
    struct str raw;
    if (!txn_cursor(check->txn, &cursor, err) || !lmdb_seek(cursor, str_of("\0", 1), &key, &raw, err)) {
        return false;
    }
    while (key.p != NULL) {
        uint32_t id = layout_get_u32(key.p);
        bool is_index = false;
        struct str job;
        if (!job_get(check->txn, JOB_DROP, id, &job, err)) {
            return false;
        }
        if (table_with_id(catalog, id, &is_index) == NULL && job.p == NULL) {
            return wrong(check, err, "rows of no table", key);
        }
        unsigned char next[LAYOUT_ID_BYTES];
        layout_put_u32(next, id + 1);
        if (!lmdb_seek(cursor, str_of((const char *)next, sizeof(next)), &key, &raw, err)) {
            return false;
        }
    }
    return true;
}

/* Counters of ids that no table has. */
static bool check_stray_counts(struct check *check, const struct catalog *catalog, struct err *err)
{
    struct lmdb_cursor *cursor = NULL;
    struct meta_key first = meta_key(META_COUNTS, 0);
    struct str key;
    struct str value;
    if (!lmdb_cursor_open(check->txn->lmdb, LMDB_META, &cursor, err)) {
        return false;
    }
    bool ok = lmdb_seek(cursor, meta_key_str(&first), &key, &value, err);
    while (ok && key.p != NULL && key.p[0] == META_COUNTS) {
        uint32_t id = layout_get_u32(key.p + 1);
        bool is_index = false;
        struct str job;
        ok = job_get(check->txn, JOB_DROP, id, &job, err);
        if (ok && table_with_id(catalog, id, &is_index) == NULL && job.p == NULL) {
            ok = wrong(check, err, "counters of no table", key);
        }
        ok = ok && lmdb_next(cursor, &key, &value, err);
    }
    lmdb_cursor_close(cursor);
    return ok;
}

/* Every expiry row belongs to an item (those of tables with a TTL job or dropped ones are being worked on). */
static bool check_expiry(struct check *check, const struct catalog *catalog, struct err *err)
{
    struct lmdb_cursor *cursor = NULL;
    struct str key;
    struct str row;
    uint64_t count = 0;
    if (!lmdb_cursor_open(check->txn->lmdb, LMDB_EXPIRY, &cursor, err)) {
        return false;
    }
    bool ok = lmdb_seek(cursor, str_of("\0", 1), &key, &row, err);
    while (ok && key.p != NULL) {
        uint32_t id = layout_get_u32(key.p + LAYOUT_DUE_BYTES);
        bool is_index = false;
        struct str ttl_job;
        struct str drop_job;
        ok = job_get(check->txn, JOB_TTL, id, &ttl_job, err) && job_get(check->txn, JOB_DROP, id, &drop_job, err);
        check->table = table_with_id(catalog, id, &is_index);
        if (ok && (key.n != LAYOUT_EXPIRY_KEY_BYTES || (check->table == NULL && drop_job.p == NULL))) {
            ok = wrong(check, err, "an expiry row of no table", key);
        }
        count += check->table != NULL && ttl_job.p == NULL;
        ok = ok && lmdb_next(cursor, &key, &row, err);
    }
    lmdb_cursor_close(cursor);
    check->table = NULL;
    return ok && (count == check->due_count || wrong(check, err, "expiry rows that belong to no item", STR("")));
}

static bool check_journal(struct check *check, const struct catalog *catalog, struct err *err)
{
    for (size_t i = 0; i < catalog->table_count; i++) {
        struct journal_iter iter = journal_after(check->txn, catalog->tables[i]->id, 0);
        struct journal_record record;
        bool found = true;
        while (found) {
            if (!journal_next(&iter, &record, &found, err)) {
                return false;
            }
        }
    }
    return true;
}

static bool check_all(struct check *check, struct err *err)
{
    const struct catalog *catalog =
        check->txn->edit != NULL ? catalog_edit_view(check->txn->edit) : check->txn->catalog;
    for (size_t i = 0; i < catalog->table_count; i++) {
        check->table = catalog->tables[i];
        if (catalog_find(catalog, check->table->namespace_id, check->table->name) != check->table) {
            return wrong(check, err, "the catalog does not find its own table", STR(""));
        }
        if (!check_table(check, err)) {
            return false;
        }
    }
    check->table = NULL;
    return check_strays(check, catalog, err) && check_stray_counts(check, catalog, err) &&
           check_expiry(check, catalog, err) && check_journal(check, catalog, err);
}

bool store_check(struct txn *txn, struct err *err)
{
    struct arena arena;
    arena_init(&arena, 0);
    struct check check = {.txn = txn, .arena = &arena};
    bool ok = check_all(&check, err);
    arena_release(&arena);
    return ok;
}
