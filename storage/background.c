/* SPDX-License-Identifier: Apache-2.0 */
/* background.c — work in steps. What is to be done stands in the database (meta.h), with how far it has come, so a restart goes on
 * where it was; a step looks at the time after each few rows. Steps are idempotent: a row that a request has changed meanwhile is found
 * as it should be. */
#include "storage/background.h"

#include "core/value_json.h"
#include "storage/expiry.h"
#include "storage/index.h"
#include "storage/journal.h"
#include "storage/meta.h"
#include "storage/stored.h"

/* Rows between two looks at the time, where a row costs less than some of them. */
#define ROWS_PER_LOOK 16
#define ROWS_MIN 4
#define TRIM_ROWS 256

struct step {
    struct txn *txn;
    struct arena *arena;
    int64_t deadline_us;
    unsigned rows;
};

static int64_t monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* To be asked after each row. A step does a few in any case, so that work ends beside writers who make more of it. */
static bool is_late(struct step *step)
{
    step->rows++;
    return step->rows >= ROWS_MIN && monotonic_us() >= step->deadline_us;
}

/* To be asked after each row that is only deleted. */
static bool is_time_up(struct step *step)
{
    step->rows++;
    return step->rows % ROWS_PER_LOOK == 0 && monotonic_us() >= step->deadline_us;
}

static struct str value_of_job(char stage, const unsigned char *head, size_t head_n, struct str position, struct arena *arena)
{
    char *p = arena_alloc(arena, 1 + head_n + position.n);
    size_t n = 0;
    if (stage != 0) {
        p[n++] = stage;
    }
    if (head_n > 0) {
        memcpy(p + n, head, head_n);
    }
    if (position.n > 0) {
        memcpy(p + n + head_n, position.p, position.n);
    }
    return str_of(p, n + head_n + position.n);
}

/* ---- Dropped ids ---- */

/* Rows of an id, from the first one on. *done: none is left. */
static bool delete_rows(struct step *step, uint32_t id, bool *done, struct err *err)
{
    struct lmdb_cursor *cursor = NULL;
    struct str key;
    struct str value;
    unsigned char first[LAYOUT_ID_BYTES];
    layout_put_u32(first, id);
    if (!txn_cursor(step->txn, &cursor, err) ||
        !lmdb_seek(cursor, str_of((const char *)first, sizeof(first)), &key, &value, err)) {
        return false;
    }
    *done = false;
    while (key.p != NULL && layout_get_u32(key.p) == id) {
        if (!lmdb_cursor_del(cursor, err)) {
            return false;
        }
        if (is_time_up(step)) {
            return true;
        }
        if (!lmdb_next(cursor, &key, &value, err)) {
            return false;
        }
    }
    *done = true;
    return true;
}

/* Expiry rows of a table, behind `position`. They are ordered by time, so all tables' rows are walked; *position is moved to the last
 * one seen. */
static bool delete_expiry(struct step *step, uint32_t table_id, struct str *position, bool *done, struct err *err)
{
    struct lmdb_cursor *cursor = NULL;
    struct str key;
    struct str value;
    if (!lmdb_cursor_open(step->txn->lmdb, LMDB_EXPIRY, &cursor, err)) {
        return false;
    }
    bool is_first = position->n == 0;
    bool ok = lmdb_seek(cursor, is_first ? str_of("\0", 1) : *position, &key, &value, err);
    *done = false;
    while (ok && key.p != NULL) {
        bool is_ours = key.n == LAYOUT_EXPIRY_KEY_BYTES && layout_get_u32(key.p + LAYOUT_DUE_BYTES) == table_id;
        bool is_last = is_time_up(step);
        if (is_last) {
            *position = arena_copy(step->arena, key);
        }
        ok = !is_ours || lmdb_cursor_del(cursor, err);
        if (is_last) {
            break;
        }
        ok = ok && lmdb_next(cursor, &key, &value, err);
    }
    *done = ok && key.p == NULL;
    lmdb_cursor_close(cursor);
    return ok;
}

static bool reclaim(struct step *step, bool *more, struct err *err)
{
    uint32_t id = 0;
    struct str value;
    bool done = false;
    if (!job_first(step->txn, JOB_DROP, 0, &id, &value, err)) {
        return false;
    }
    *more = id != 0;
    if (id == 0) {
        return true;
    }
    bool has_expiry = value.n > 0 && (value.p[0] & 1) != 0;
    struct str position = arena_copy(step->arena, value.n > 1 ? str_of(value.p + 1, value.n - 1) : STR(""));
    if (!delete_rows(step, id, &done, err)) {
        return false;
    }
    if (done && has_expiry && !delete_expiry(step, id, &position, &done, err)) {
        return false;
    }
    if (done) {
        return meta_drop_counts(step->txn, id, err) && job_del(step->txn, JOB_DROP, id, err);
    }
    return job_put(step->txn, JOB_DROP, id, value_of_job(has_expiry ? 1 : 0, NULL, 0, position, step->arena), err);
}

/* ---- Passes over the items of a table ---- */

static const struct table_desc *table_of_id(struct txn *txn, uint32_t id)
{
    const struct catalog *catalog = txn->edit != NULL ? catalog_edit_view(txn->edit) : txn->catalog;
    for (size_t i = 0; i < catalog->table_count; i++) {
        if (catalog->tables[i]->id == id) {
            return catalog->tables[i];
        }
    }
    return NULL;
}

typedef bool item_visitor(struct step *step, const struct table_desc *table, const struct index_desc *index, struct str key,
                          const struct stored *stored, const struct value *item, struct err *err);

/* Items behind *position; it is moved to the last one visited. */
static bool visit_items(struct step *step, const struct table_desc *table, const struct index_desc *index,
                        item_visitor *visit, struct str *position, bool *done, struct err *err)
{
    unsigned char here[LAYOUT_ROW_KEY_MAX];
    size_t here_n = position->n;
    struct lmdb_cursor *cursor = NULL;
    if (!txn_cursor(step->txn, &cursor, err)) {
        return false;
    }
    ensure(here_n <= sizeof(here));
    if (here_n > 0) {
        memcpy(here, position->p, here_n);
    } else {
        layout_put_u32(here, table->id);
        here_n = LAYOUT_ID_BYTES;
    }
    *done = false;
    for (bool is_up = false; !is_up;) {
        struct str at = str_of((const char *)here, here_n);
        struct str key;
        struct str raw;
        if (!lmdb_seek(cursor, at, &key, &raw, err) ||
            (key.p != NULL && str_eq(key, at) && !lmdb_next(cursor, &key, &raw, err))) {
            return false;
        }
        if (key.p == NULL || layout_get_u32(key.p) != table->id || key.n > sizeof(here)) {
            *done = true;
            return true;
        }
        memcpy(here, key.p, key.n);
        here_n = key.n;
        struct arena_mark mark = arena_mark(step->arena);
        struct stored stored;
        struct value item;
        bool is_long = false;
        if (!stored_decode(raw, &stored, &is_long, err) || !stored_text_parse(stored.text, step->arena, &item, err) ||
            !visit(step, table, index, str_of((const char *)here, here_n), &stored, &item, err)) {
            return false;
        }
        arena_rollback(step->arena, mark);
        is_up = is_late(step);
    }
    *position = arena_copy(step->arena, str_of((const char *)here, here_n));
    return true;
}

static bool tie_of(struct step *step, const struct table_desc *table, const struct value *item,
                   unsigned char tie[LAYOUT_TIE_BYTES], struct err *err)
{
    struct key_values values;
    if (!key_values_of(&table->key, item, &values)) {
        return err_set(err, ERR_INTERNAL, "the database is damaged: an item without its key");
    }
    key_tie(step->txn->digest, &table->key, &values, tie);
    return true;
}

/* ---- New indexes ---- */

/* An entry that is there already was put by a change, and is as it should be. */
static bool fill_entry(struct step *step, const struct table_desc *table, const struct index_desc *index, struct str key,
                       const struct stored *stored, const struct value *item, struct err *err)
{
    unsigned char tie[LAYOUT_TIE_BYTES];
    unsigned char header[LAYOUT_HEADER_BYTES];
    struct index_entry entry;
    bool exists = false;
    (void)key;
    if (!tie_of(step, table, item, tie, err)) {
        return false;
    }
    index_entry_of(step->txn, table, index, item, stored, tie, step->arena, &entry);
    if (entry.key.p == NULL) {
        return true;
    }
    stored_header(&entry.stored, entry.is_long, header);
    if (!txn_write_cursors(step->txn, err) ||
        !lmdb_cursor_put_parts(step->txn->entries, entry.key, str_of((const char *)header, sizeof(header)),
                               entry.stored.text, true, &exists, err)) {
        return false;
    }
    if (!exists) {
        step->txn->is_growing_data = true;
        txn_count(step->txn, index->id, 1, (int64_t)entry.stored.size_bytes);
    }
    return true;
}

/* The descriptor with is_backfilling taken back. */
static bool finish_backfill(struct step *step, const struct table_desc *table, uint32_t index_id, struct err *err)
{
    struct table_desc copy = *table;
    struct index_desc *indexes = arena_array(step->arena, struct index_desc, table->index_count);
    for (size_t i = 0; i < table->index_count; i++) {
        indexes[i] = table->indexes[i];
        if (indexes[i].id == index_id) {
            indexes[i].is_backfilling = false;
        }
    }
    copy.indexes = indexes;
    return job_del(step->txn, JOB_BACKFILL, index_id, err) && table_publish(step->txn, &copy, err);
}

/* When the index that is held back may be filled; INT64_MAX if there is none. */
static int64_t held_until_ms(const struct txn *txn)
{
    const struct store *store = txn->store;
    return atomic_load(&store->held_index) == 0 ? INT64_MAX
                                                : atomic_load(&store->held_since_ms) + 2 * store->index_delay_ms;
}

/* The first index that may be filled now. */
static bool first_backfill(struct txn *txn, uint32_t *index_id, struct str *value, struct err *err)
{
    uint32_t held = atomic_load(&txn->store->held_index);
    if (held != 0 && txn_now_ms(txn) >= held_until_ms(txn)) {
        atomic_store(&txn->store->held_index, 0);
        held = 0;
    }
    return job_first(txn, JOB_BACKFILL, 0, index_id, value, err) &&
           (*index_id == 0 || *index_id != held || job_first(txn, JOB_BACKFILL, held + 1, index_id, value, err));
}

static bool backfill(struct step *step, bool *more, struct err *err)
{
    uint32_t index_id = 0;
    struct str value;
    if (!first_backfill(step->txn, &index_id, &value, err)) {
        return false;
    }
    *more = index_id != 0;
    if (index_id == 0) {
        return true;
    }
    unsigned char head[LAYOUT_ID_BYTES] = {0};
    if (value.n >= sizeof(head)) {
        memcpy(head, value.p, sizeof(head));
    }
    const struct table_desc *table = table_of_id(step->txn, layout_get_u32(head));
    const struct index_desc *index = NULL;
    for (size_t i = 0; table != NULL && i < table->index_count; i++) {
        index = table->indexes[i].id == index_id ? &table->indexes[i] : index;
    }
    if (index == NULL) {
        return job_del(step->txn, JOB_BACKFILL, index_id, err);
    }
    struct str position = arena_copy(step->arena, str_of(value.p + sizeof(head), value.n - sizeof(head)));
    bool done = false;
    if (!visit_items(step, table, index, fill_entry, &position, &done, err)) {
        return false;
    }
    if (done) {
        return finish_backfill(step, table, index_id, err);
    }
    return job_put(step->txn, JOB_BACKFILL, index_id, value_of_job(0, head, sizeof(head), position, step->arena), err);
}

/* ---- Time to live ---- */

static bool index_due(struct step *step, const struct table_desc *table, const struct index_desc *index, struct str key,
                      const struct stored *stored, const struct value *item, struct err *err)
{
    unsigned char tie[LAYOUT_TIE_BYTES];
    struct expiry_key expiry;
    int64_t due = expiry_due(table, item);
    (void)index;
    (void)stored;
    if (due == EXPIRY_NEVER) {
        return true;
    }
    step->txn->is_growing_data = true;
    if (!tie_of(step, table, item, tie, err)) {
        return false;
    }
    expiry_key(due, table->id, tie, &expiry);
    return lmdb_put(step->txn->lmdb, LMDB_EXPIRY, expiry_key_str(&expiry), key, err);
}

/* One TTL job: layout.h names the stages. */
static bool ttl_pass(struct step *step, bool *more, struct err *err)
{
    uint32_t id = 0;
    struct str value;
    bool done = false;
    if (!job_first(step->txn, JOB_TTL, 0, &id, &value, err)) {
        return false;
    }
    *more = id != 0;
    if (id == 0) {
        return true;
    }
    const struct table_desc *table = table_of_id(step->txn, id);
    if (table == NULL || value.n == 0) {
        return job_del(step->txn, JOB_TTL, id, err);
    }
    char stage = value.p[0];
    struct str position = arena_copy(step->arena, str_of(value.p + 1, value.n - 1));
    bool ok = stage == 2 ? visit_items(step, table, NULL, index_due, &position, &done, err)
                         : delete_expiry(step, id, &position, &done, err);
    if (ok && done && stage == 1) {
        return job_put(step->txn, JOB_TTL, id, STR("\2"), err);
    }
    if (ok && done) {
        return job_del(step->txn, JOB_TTL, id, err);
    }
    return ok && job_put(step->txn, JOB_TTL, id, value_of_job(stage, NULL, 0, position, step->arena), err);
}

/* The first expiry row that counts; key->p is NULL if there is none. */
static bool first_due(struct txn *txn, struct str *key, struct str *value, struct err *err)
{
    struct lmdb_cursor *cursor = NULL;
    struct expiry_key from;
    static const unsigned char no_tie[LAYOUT_TIE_BYTES];
    expiry_key(expiry_oldest(txn), 0, no_tie, &from);
    if (!lmdb_cursor_open(txn->lmdb, LMDB_EXPIRY, &cursor, err)) {
        return false;
    }
    bool ok = lmdb_seek(cursor, expiry_key_str(&from), key, value, err);
    lmdb_cursor_close(cursor);
    return ok;
}

/* Deletes the item of an expiry row as a user would, if it is still due then. */
static bool delete_due(struct step *step, const struct table_desc *table, int64_t due, struct str row, struct err *err)
{
    struct str raw;
    struct stored stored;
    struct value item;
    struct value key;
    struct change change;
    bool is_long = false;
    if (!lmdb_get(step->txn->lmdb, LMDB_ROWS, row, &raw, err)) {
        return false;
    }
    if (raw.p == NULL) {
        return true;
    }
    if (!stored_decode(raw, &stored, &is_long, err)) {
        return false;
    }
    stored.text = arena_copy(step->arena, stored.text);
    if (!stored_text_parse(stored.text, step->arena, &item, err) || !stored_parse_key(&stored, step->arena, &key, err)) {
        return false;
    }
    if (expiry_due(table, &item) != due) {
        return true;
    }
    return change_plan(step->txn, table, &key, &stored, NULL, CAUSE_TTL, step->arena, &change, err) &&
           change_apply(step->txn, &change, err);
}

static bool sweep(struct step *step, bool *more, struct err *err)
{
    for (;;) {
        struct str found;
        struct str value;
        struct expiry_key key;
        struct arena_mark mark = arena_mark(step->arena);
        if (!first_due(step->txn, &found, &value, err)) {
            return false;
        }
        *more = found.p != NULL && expiry_key_due(found.p) * 1000 < txn_now_ms(step->txn);
        if (!*more) {
            return true;
        }
        if (found.n != sizeof(key.bytes)) {
            return err_set(err, ERR_INTERNAL, "the database is damaged: an expiry row with a key of %zu bytes", found.n);
        }
        memcpy(key.bytes, found.p, sizeof(key.bytes));
        const struct table_desc *table = table_of_id(step->txn, layout_get_u32(key.bytes + LAYOUT_DUE_BYTES));
        struct str row = arena_copy(step->arena, value);
        if (table != NULL && table->ttl_attribute.p != NULL &&
            !delete_due(step, table, expiry_key_due(key.bytes), row, err)) {
            return false;
        }
        /* Also if there is no such item any more, or it is due at another time. */
        if (!lmdb_del(step->txn->lmdb, LMDB_EXPIRY, expiry_key_str(&key), NULL, err)) {
            return false;
        }
        arena_rollback(step->arena, mark);
        if (is_late(step)) {
            return true;
        }
    }
}

/* ---- All of it ---- */

static bool is_trim_due(const struct txn *txn)
{
    return txn_now_ms(txn) >= atomic_load(&txn->store->trim_next_ms);
}

bool background_step(struct txn *txn, unsigned kinds, int64_t budget_us, struct arena *arena, bool *more, struct err *err)
{
    ensure(txn_is_write(txn));
    struct step step = {txn, arena, monotonic_us() + budget_us, 0};
    bool more_ttl = false;
    bool more_due = false;
    bool more_rows = false;
    bool more_records = false;
    bool more_entries = false;
    if ((kinds & BACKGROUND_TTL) != 0 && !sweep(&step, &more_due, err)) {
        return false;
    }
    if ((kinds & BACKGROUND_RECLAIM) != 0 && !reclaim(&step, &more_rows, err)) {
        return false;
    }
    if ((kinds & BACKGROUND_RECLAIM) != 0 && is_trim_due(txn) && !journal_trim(txn, TRIM_ROWS, &more_records, err)) {
        return false;
    }
    if ((kinds & BACKGROUND_BACKFILL) != 0 &&
        (!backfill(&step, &more_entries, err) || !ttl_pass(&step, &more_ttl, err))) {
        return false;
    }
    *more = more_ttl || more_due || more_rows || more_records || more_entries;
    return true;
}

bool background_next_due_ms(struct txn *txn, int64_t *out, struct err *err)
{
    struct str key;
    struct str value;
    if (!first_due(txn, &key, &value, err)) {
        return false;
    }
    /* Due is what lies strictly before now. */
    int64_t due = key.p == NULL ? INT64_MAX : expiry_key_due(key.p) * 1000 + 1;
    int64_t trim = atomic_load(&txn->store->trim_next_ms);
    int64_t held = held_until_ms(txn);
    *out = due < trim ? due : trim;
    *out = *out < held ? *out : held;
    return true;
}

bool background_is_pending(struct txn *txn, bool *out, struct err *err)
{
    static const enum job_kind kinds[] = {JOB_DROP, JOB_BACKFILL, JOB_TTL};
    *out = is_trim_due(txn);
    for (size_t i = 0; !*out && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        uint32_t id = 0;
        struct str value;
        if (!(kinds[i] == JOB_BACKFILL ? first_backfill(txn, &id, &value, err) : job_first(txn, kinds[i], 0, &id, &value, err))) {
            return false;
        }
        *out = id != 0;
    }
    return true;
}
