/* SPDX-License-Identifier: Apache-2.0 */
/* change.c — one item changes, and with it its index entries, its expiry row, the counters and the journal. Planning computes all
 * keys and texts; applying only puts them, so a request that is refused has touched nothing. */
#include "storage/change.h"

#include "core/json.h"
#include "core/value_json.h"
#include "storage/expiry.h"
#include "storage/index.h"
#include "storage/journal.h"
#include "storage/members.h"
#include "storage/splice.h"
#include "storage/stored.h"
#include "storage/txn.h"

struct index_change_bytes {
    struct index_entry old;
    struct index_entry new;
};

struct change_bytes {
    const struct row_key *row;
    unsigned char tie[LAYOUT_TIE_BYTES];
    int64_t old_due;
    int64_t new_due;
};

/* ---- Planning: the text ---- */

/* A change while it is planned. Of the old item only what differs is parsed; whole, it is parsed at most once. */
struct plan {
    struct txn *txn;
    struct change *change;
    const struct value *old_item; /* NULL: not parsed yet */
    const struct value *new_item; /* NULL: a delete */
    struct member_mark *marks; /* of the new text; NULL: none were made */
    size_t mark_count;
    size_t prefix;             /* both texts begin with so many equal bytes */
    size_t suffix;             /* and end with so many */
    const struct member_texts *old; /* made when it is needed */
    struct member_texts new;
    struct arena *arena;
};

static void write_new(struct plan *plan, struct stored *out)
{
    struct str names[KEY_NAMES_MAX];
    size_t name_count = table_key_names(plan->change->table, NULL, names);
    struct buf *text = txn_scratch(plan->txn);
    plan->mark_count = plan->new_item->count;
    plan->marks = arena_alloc(plan->arena, plan->mark_count * sizeof(*plan->marks));
    out->key_end = item_text_write_marked(text, plan->new_item, names, name_count, plan->marks);
    out->text = arena_copy(plan->arena, str_of(text->p, text->n));
    out->size_bytes = item_size(plan->new_item);
    out->has_number_set = value_has_number_set(plan->new_item);
}

/* The text of an updated item, with what the update left alone as it stands in the old text. */
static bool write_updated(struct plan *plan, struct stored *out, struct err *err)
{
    const struct stored *old = &plan->change->old;
    struct splice splice = {.key = &plan->change->table->key,
                            .old = plan->old,
                            .before = plan->old_item,
                            .after = plan->new_item,
                            .text = txn_scratch(plan->txn),
                            .arena = plan->arena};
    if (!splice_write(&splice, old->text, old->key_end, err)) {
        return false;
    }
    plan->marks = splice.marks;
    plan->mark_count = splice.mark_count;
    out->key_end = old->key_end;
    out->text = arena_copy(plan->arena, str_of(splice.text->p, splice.text->n));
    out->size_bytes = old->size_bytes - item_size(plan->old_item) + item_size(plan->new_item);
    out->has_number_set = value_has_number_set(plan->new_item);
    return true;
}

/* ---- Planning: what follows from it ---- */

/* The old item, whole. */
static bool parse_old(struct plan *plan, struct err *err)
{
    if (plan->old_item != NULL) {
        return true;
    }
    struct value *item = arena_new(plan->arena, struct value);
    plan->old_item = item;
    return stored_text_parse(plan->change->old.text, plan->arena, item, err);
}

/* The attributes of the old text. */
static bool cut_old(struct plan *plan, struct err *err)
{
    return stored_members(&plan->change->old, plan->arena, &plan->old, err);
}

/* A map of some attributes of the old item, those that it has. */
static bool parse_old_part(struct plan *plan, const struct str *names, size_t count, struct value *out, struct err *err)
{
    struct buf *text = txn_scratch(plan->txn);
    if (!cut_old(plan, err)) {
        return false;
    }
    buf_add_byte(text, '{');
    for (size_t i = 0; i < count; i++) {
        const struct member_text *member = member_texts_find(plan->old, names[i]);
        if (member != NULL) {
            buf_add_str(text, text->n > 1 ? STR(",") : STR(""));
            buf_add_str(text, member->whole);
        }
    }
    buf_add_byte(text, '}');
    return stored_text_parse(str_of(text->p, text->n), plan->arena, out, err);
}

#define BLOCK 32

/* Whole words, so that the compiler needs no call. */
static inline bool is_same_block(const char *a, const char *b)
{
    uint64_t x[BLOCK / 8];
    uint64_t y[BLOCK / 8];
    memcpy(x, a, BLOCK);
    memcpy(y, b, BLOCK);
    return ((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) | (x[3] ^ y[3])) == 0;
}

static size_t common_prefix(struct str a, struct str b)
{
    size_t most = a.n < b.n ? a.n : b.n;
    size_t n = 0;
    while (n + BLOCK <= most && is_same_block(a.p + n, b.p + n)) {
        n += BLOCK;
    }
    while (n < most && a.p[n] == b.p[n]) {
        n++;
    }
    return n;
}

static size_t common_suffix(struct str a, struct str b, size_t most)
{
    const char *at = a.p + a.n;
    const char *bt = b.p + b.n;
    size_t n = 0;
    while (n + BLOCK <= most && is_same_block(at - n - BLOCK, bt - n - BLOCK)) {
        n += BLOCK;
    }
    while (n < most && at[-(ptrdiff_t)n - 1] == bt[-(ptrdiff_t)n - 1]) {
        n++;
    }
    return n;
}

/* Both texts have their attributes in one order, so what was not changed is found again at their beginnings or at their ends. */
static void compare_texts(struct plan *plan)
{
    struct str a = plan->change->old.text;
    struct str b = plan->change->new.text;
    plan->prefix = common_prefix(a, b);
    plan->suffix = common_suffix(a, b, (a.n < b.n ? a.n : b.n) - plan->prefix);
}

/* Has the attribute the same value in both items, or is in neither? Of the part that both texts end with, the first byte may follow a
 * backslash; whoever has a comma of that part before it is an attribute in both. */
static bool is_same_member(struct plan *plan, struct str name, bool *is_same, struct err *err)
{
    struct str text = plan->change->new.text;
    const struct member_text *new = member_texts_find(&plan->new, name);
    if (new != NULL) {
        size_t start = (size_t)(new->whole.p - text.p);
        *is_same = start + new->whole.n <= plan->prefix || start > text.n - plan->suffix + 1;
        if (*is_same) {
            return true;
        }
    }
    if (!cut_old(plan, err)) {
        return false;
    }
    const struct member_text *old = member_texts_find(plan->old, name);
    *is_same = old == NULL || new == NULL ? old == new : str_eq(old->whole, new->whole);
    return true;
}

static bool is_same_index_key(struct plan *plan, const struct key_schema *key, bool *is_same, struct err *err)
{
    *is_same = stored_exists(&plan->change->old) && plan->new_item != NULL;
    bool ok = true;
    for (size_t i = 0; ok && *is_same && i < key->hash_count; i++) {
        ok = is_same_member(plan, key->hash[i].name, is_same, err);
    }
    for (size_t i = 0; ok && *is_same && i < key->range_count; i++) {
        ok = is_same_member(plan, key->range[i].name, is_same, err);
    }
    return ok;
}

static bool plan_old_key(struct plan *plan, const struct index_desc *index, struct index_entry *out, struct err *err)
{
    struct str names[KEY_NAMES_MAX];
    struct value part;
    if (!stored_exists(&plan->change->old)) {
        return true;
    }
    if (!parse_old_part(plan, names, table_key_names(plan->change->table, index, names), &part, err)) {
        return false;
    }
    index_entry_key(plan->txn, index, &part, plan->change->bytes->tie, plan->arena, out);
    return true;
}

/* Both entries have one key: is there anything else in which they differ? */
static bool is_content_same(struct plan *plan, const struct index_desc *index, bool *is_same, struct err *err)
{
    bool ok = true;
    *is_same = index->projection != PROJECT_ALL;
    for (size_t i = 0; ok && *is_same && i < index->included_count && index->projection == PROJECT_INCLUDE; i++) {
        ok = is_same_member(plan, index->included[i], is_same, err);
    }
    return ok;
}

/* Of the old entry only the size is needed. */
static bool plan_old_size(struct plan *plan, const struct index_desc *index, struct index_entry *old, struct err *err)
{
    const struct change *change = plan->change;
    if (index->projection == PROJECT_ALL) {
        old->stored.size_bytes = change->old.size_bytes;
        return true;
    }
    if (!parse_old(plan, err)) {
        return false;
    }
    index_entry_rest(plan->txn, change->table, index, plan->old_item, &change->old, false, plan->arena, old);
    return true;
}

static void plan_new_rest(const struct plan *plan, const struct index_desc *index, bool has_text, struct index_entry *new)
{
    const struct change *change = plan->change;
    if (index->projection == PROJECT_ALL) {
        index_entry_of_all(change->table, index, &change->new, &plan->new, plan->arena, new);
    } else {
        index_entry_rest(plan->txn, change->table, index, plan->new_item, &change->new, has_text, plan->arena, new);
    }
}

static bool plan_index(struct plan *plan, struct index_change *out, struct err *err)
{
    const struct index_desc *index = out->index;
    struct index_change_bytes *bytes = arena_new(plan->arena, struct index_change_bytes);
    struct index_entry *old = &bytes->old;
    struct index_entry *new = &bytes->new;
    bool are_values_same = false;
    if (!is_same_index_key(plan, &index->key, &are_values_same, err)) {
        return false;
    }
    if (plan->new_item != NULL) {
        index_entry_key(plan->txn, index, plan->new_item, plan->change->bytes->tie, plan->arena, new);
    }
    if (are_values_same) {
        *old = *new;
    } else if (!plan_old_key(plan, index, old, err)) {
        return false;
    }
    bool has_both = old->key.p != NULL && new->key.p != NULL;
    bool is_key_same = has_both && str_eq(old->key, new->key);
    bool is_same = are_values_same && is_key_same;
    if (is_same && !is_content_same(plan, index, &is_same, err)) {
        return false;
    }
    if (new->key.p != NULL) {
        plan_new_rest(plan, index, !is_same, new);
    }
    if (is_same) {
        old->stored.size_bytes = new->stored.size_bytes;
    } else if (old->key.p != NULL && !plan_old_size(plan, index, old, err)) {
        return false;
    }
    out->old_size_bytes = old->stored.size_bytes;
    out->new_size_bytes = new->stored.size_bytes;
    out->is_key_changed = has_both && !is_key_same;
    out->is_content_changed = is_key_same && !is_same;
    out->bytes = bytes;
    return true;
}

static bool plan_expiry(struct plan *plan, struct err *err)
{
    const struct table_desc *table = plan->change->table;
    struct change_bytes *bytes = plan->change->bytes;
    if (table->ttl_attribute.p == NULL) {
        return true;
    }
    if (plan->new_item != NULL) {
        bytes->new_due = expiry_due(table, plan->new_item);
    }
    if (!stored_exists(&plan->change->old)) {
        return true;
    }
    bool is_same = false;
    if (plan->new_item != NULL && !is_same_member(plan, table->ttl_attribute, &is_same, err)) {
        return false;
    }
    if (is_same) {
        bytes->old_due = bytes->new_due;
        return true;
    }
    struct value part;
    if (!parse_old_part(plan, &table->ttl_attribute, 1, &part, err)) {
        return false;
    }
    bytes->old_due = expiry_due(table, &part);
    return true;
}

/* The attributes of the new text, and how much of it is the old one's. */
static bool cut_new(struct plan *plan, struct err *err)
{
    const struct change *change = plan->change;
    if (plan->new_item == NULL) {
        return true;
    }
    if (stored_exists(&change->old)) {
        compare_texts(plan);
    }
    if (plan->marks == NULL) {
        return member_texts_of(change->new.text, plan->arena, &plan->new, err);
    }
    member_texts_marked(change->new.text, plan->marks, plan->mark_count, plan->arena, &plan->new);
    return true;
}

/* Everything beside the item itself. */
static bool plan_rest(struct plan *plan, const struct value *key, struct err *err)
{
    struct change *change = plan->change;
    const struct table_desc *table = change->table;
    struct change_bytes *bytes = change->bytes;
    struct key_values values;
    ensure(key_values_of(&table->key, key, &values));
    bytes->row = change->old.row;
    if (bytes->row == NULL) {
        struct row_key *row = arena_new(plan->arena, struct row_key);
        key_row(plan->txn->digest, table->id, &table->key, &values, NULL, row);
        bytes->row = row;
    }
    bytes->old_due = EXPIRY_NEVER;
    bytes->new_due = EXPIRY_NEVER;
    if (table->index_count == 0 && table->ttl_attribute.p == NULL) {
        return true;
    }
    key_tie(plan->txn->digest, &table->key, &values, bytes->tie);
    if (!cut_new(plan, err)) {
        return false;
    }
    for (size_t i = 0; i < change->index_count; i++) {
        if (!plan_index(plan, &change->indexes[i], err)) {
            return false;
        }
    }
    return plan_expiry(plan, err);
}

static void begin(struct plan *plan, const struct table_desc *table, const struct stored *old, enum change_cause cause)
{
    struct change *change = plan->change;
    ensure(txn_is_write(plan->txn));
    *change = (struct change){.table = table, .cause = cause, .index_count = table->index_count};
    change->bytes = arena_new(plan->arena, struct change_bytes);
    change->indexes = arena_array(plan->arena, struct index_change, table->index_count);
    for (size_t i = 0; i < table->index_count; i++) {
        change->indexes[i].index = &table->indexes[i];
    }
    if (old != NULL) {
        change->old = *old;
    }
}

static bool finish(struct plan *plan, const struct value *key, struct err *err)
{
    struct change *change = plan->change;
    bool has_both = stored_exists(&change->old) && stored_exists(&change->new);
    change->is_same = has_both ? str_eq(change->old.text, change->new.text)
                               : stored_exists(&change->old) == stored_exists(&change->new);
    return change->is_same || plan_rest(plan, key, err);
}

bool change_plan(struct txn *txn, const struct table_desc *table, const struct value *key, const struct stored *old,
                 const struct value *new_item, enum change_cause cause, struct arena *arena, struct change *out,
                 struct err *err)
{
    struct plan plan = {.txn = txn, .change = out, .new_item = new_item, .arena = arena};
    begin(&plan, table, old, cause);
    if (new_item != NULL) {
        write_new(&plan, &out->new);
    }
    return finish(&plan, key, err);
}

bool change_plan_update(struct txn *txn, const struct table_desc *table, const struct value *key, const struct stored *old,
                        const struct value *old_item, const struct value *new_item, struct arena *arena,
                        struct change *out, struct err *err)
{
    if (old_item == NULL) {
        return change_plan(txn, table, key, old, new_item, CAUSE_USER, arena, out, err);
    }
    struct plan plan = {.txn = txn, .change = out, .old_item = old_item, .new_item = new_item, .arena = arena};
    begin(&plan, table, old, CAUSE_USER);
    return cut_old(&plan, err) && write_updated(&plan, &out->new, err) && finish(&plan, key, err);
}

bool change_needs(const struct table_desc *table, bool (*visit)(void *context, struct str name), void *context)
{
    struct str names[KEY_NAMES_MAX];
    bool ok = table->ttl_attribute.p == NULL || visit(context, table->ttl_attribute);
    for (size_t i = 0; ok && i < table->index_count; i++) {
        const struct index_desc *index = &table->indexes[i];
        size_t count = table_key_names(table, index, names);
        for (size_t k = 0; ok && k < count; k++) {
            ok = visit(context, names[k]);
        }
        for (size_t k = 0; ok && k < index->included_count && index->projection == PROJECT_INCLUDE; k++) {
            ok = visit(context, index->included[k]);
        }
    }
    return ok;
}

/* ---- Applying ---- */

static bool put_row(struct txn *txn, struct lmdb_cursor *cursor, struct str key, const struct stored *stored, bool is_long,
                    bool is_new, struct err *err)
{
    unsigned char header[LAYOUT_HEADER_BYTES];
    bool exists = false;
    stored_header(stored, is_long, header);
    if (!lmdb_cursor_put_parts(cursor, key, str_of((const char *)header, sizeof(header)), stored->text, is_new, &exists,
                               err)) {
        txn_note_failure(txn, stored->text.n);
        return false;
    }
    if (exists) {
        return err_set(err, ERR_INTERNAL, "another item has the same hashes as this one: it cannot be stored");
    }
    return true;
}

static bool apply_item(struct txn *txn, const struct change *change, struct err *err)
{
    uint32_t id = change->table->id;
    struct str key = row_key_str(change->bytes->row);
    bool had = stored_exists(&change->old);
    int64_t old_size = (int64_t)change->old.size_bytes;
    if (stored_exists(&change->new)) {
        txn->is_growing_data = true;
        txn_count(txn, id, had ? 0 : 1, (int64_t)change->new.size_bytes - old_size);
        return put_row(txn, txn->items, key, &change->new, change->bytes->row->is_long, !had, err);
    }
    bool found = false;
    txn_count(txn, id, -1, -old_size);
    if (!lmdb_del(txn->lmdb, LMDB_ROWS, key, &found, err)) {
        return false;
    }
    return found || err_set(err, ERR_INTERNAL, "an item vanished while it was being deleted");
}

static bool delete_entry(struct txn *txn, const struct index_change *change, struct err *err)
{
    bool found = false;
    if (!lmdb_del(txn->lmdb, LMDB_ROWS, change->bytes->old.key, &found, err)) {
        return false;
    }
    if (found) {
        txn_count(txn, change->index->id, -1, -(int64_t)change->old_size_bytes);
    }
    return true;
}

/* An entry of the same key with other content. While the index is being filled it may not be there yet. */
static bool replace_entry(struct txn *txn, const struct index_change *change, struct err *err)
{
    const struct index_entry *entry = &change->bytes->new;
    bool exists = true;
    if (change->index->is_backfilling) {
        struct str there;
        if (!lmdb_get(txn->lmdb, LMDB_ROWS, entry->key, &there, err)) {
            return false;
        }
        exists = there.p != NULL;
    }
    int64_t old_size = exists ? (int64_t)change->old_size_bytes : 0;
    txn_count(txn, change->index->id, exists ? 0 : 1, (int64_t)change->new_size_bytes - old_size);
    return put_row(txn, txn->entries, entry->key, &entry->stored, entry->is_long, false, err);
}

static bool apply_index(struct txn *txn, const struct index_change *change, struct err *err)
{
    const struct index_change_bytes *bytes = change->bytes;
    bool had = bytes->old.key.p != NULL;
    bool has = bytes->new.key.p != NULL;
    if (had && has && !change->is_key_changed) {
        return !change->is_content_changed || replace_entry(txn, change, err);
    }
    if (had && !delete_entry(txn, change, err)) {
        return false;
    }
    if (!has) {
        return true;
    }
    txn_count(txn, change->index->id, 1, (int64_t)change->new_size_bytes);
    return put_row(txn, txn->entries, bytes->new.key, &bytes->new.stored, bytes->new.is_long, true, err);
}

static bool apply_expiry(struct txn *txn, const struct change *change, struct err *err)
{
    const struct change_bytes *bytes = change->bytes;
    struct expiry_key key;
    if (bytes->old_due == bytes->new_due) {
        return true;
    }
    if (bytes->old_due != EXPIRY_NEVER) {
        expiry_key(bytes->old_due, change->table->id, bytes->tie, &key);
        if (!lmdb_del(txn->lmdb, LMDB_EXPIRY, expiry_key_str(&key), NULL, err)) {
            return false;
        }
    }
    if (bytes->new_due == EXPIRY_NEVER) {
        return true;
    }
    expiry_key(bytes->new_due, change->table->id, bytes->tie, &key);
    return lmdb_put(txn->lmdb, LMDB_EXPIRY, expiry_key_str(&key), row_key_str(bytes->row), err);
}

bool change_apply(struct txn *txn, const struct change *change, struct err *err)
{
    ensure(txn_is_write(txn));
    if (change->is_same) {
        return true;
    }
    bool ok = txn_write_cursors(txn, err) && apply_item(txn, change, err);
    for (size_t i = 0; ok && i < change->index_count; i++) {
        ok = apply_index(txn, &change->indexes[i], err);
    }
    return ok && apply_expiry(txn, change, err) && (!change->table->is_journalled || journal_add(txn, change, err));
}
