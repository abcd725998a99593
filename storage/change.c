/* SPDX-License-Identifier: Apache-2.0 */
/* change.c — one item changes, and with it its index entries, its expiry row, the counters and the journal. Planning computes all
 * keys and texts; applying only puts them, so a request that is refused has touched nothing. */
#include "storage/change.h"

#include "core/value_json.h"
#include "storage/expiry.h"
#include "storage/index.h"
#include "storage/journal.h"
#include "storage/stored.h"
#include "storage/txn.h"

struct index_change_bytes {
    struct index_entry old;
    struct index_entry new;
};

struct change_bytes {
    struct row_key row;
    unsigned char tie[LAYOUT_TIE_BYTES];
    int64_t old_due;
    int64_t new_due;
};

/* ---- Planning ---- */

static void write_new(struct txn *txn, const struct table_desc *table, const struct value *item,
                      const struct prepared_item *prepared, struct arena *arena, struct stored *out)
{
    if (prepared != NULL) {
        *out = (struct stored){prepared->text, prepared->key_end, prepared->size_bytes, prepared->has_number_set};
        return;
    }
    struct str names[KEY_NAMES_MAX];
    struct buf *text = txn_scratch(txn);
    out->key_end = item_text_write(text, item, names, table_key_names(table, NULL, names));
    out->text = arena_copy(arena, str_of(text->p, text->n));
    out->size_bytes = item_size(item);
    out->has_number_set = value_has_number_set(item);
}

/* The old entry's text is needed only where it may be the same as the new one's; all of an item is not, because the item is not. */
static void plan_index(struct txn *txn, const struct change *change, const struct value *old_item,
                       const struct value *new_item, struct arena *arena, struct index_change *out)
{
    struct index_change_bytes *bytes = arena_new(arena, struct index_change_bytes);
    const struct index_desc *index = out->index;
    struct index_entry *old = &bytes->old;
    struct index_entry *new = &bytes->new;
    if (old_item != NULL) {
        index_entry_key(txn, index, old_item, change->bytes->tie, arena, old);
    }
    if (new_item != NULL) {
        index_entry_of(txn, change->table, index, new_item, &change->new, change->bytes->tie, arena, new);
    }
    bool has_both = old->key.p != NULL && new->key.p != NULL;
    bool is_key_same = has_both && str_eq(old->key, new->key);
    bool is_compared = is_key_same && index->projection != PROJECT_ALL;
    if (old->key.p != NULL) {
        index_entry_rest(txn, change->table, index, old_item, &change->old, is_compared, arena, old);
    }
    out->old_size_bytes = old->stored.size_bytes;
    out->new_size_bytes = new->stored.size_bytes;
    out->is_key_changed = has_both && !is_key_same;
    out->is_content_changed = is_key_same && !(is_compared && str_eq(old->stored.text, new->stored.text));
    out->bytes = bytes;
}

/* Everything beside the item itself. */
static bool plan_rest(struct txn *txn, const struct value *key, const struct value *new_item, struct arena *arena,
                      struct change *change, struct err *err)
{
    const struct table_desc *table = change->table;
    struct change_bytes *bytes = change->bytes;
    struct key_values values;
    ensure(key_values_of(&table->key, key, &values));
    key_row(txn->digest, table->id, &table->key, &values, NULL, &bytes->row);
    bytes->old_due = EXPIRY_NEVER;
    bytes->new_due = EXPIRY_NEVER;
    if (table->index_count == 0 && table->ttl_attribute.p == NULL) {
        return true;
    }
    key_tie(txn->digest, &table->key, &values, bytes->tie);
    struct value old_value;
    const struct value *old_item = NULL;
    if (stored_exists(&change->old)) {
        if (!stored_text_parse(change->old.text, arena, &old_value, err)) {
            return false;
        }
        old_item = &old_value;
        bytes->old_due = expiry_due(table, old_item);
    }
    if (new_item != NULL) {
        bytes->new_due = expiry_due(table, new_item);
    }
    for (size_t i = 0; i < change->index_count; i++) {
        plan_index(txn, change, old_item, new_item, arena, &change->indexes[i]);
    }
    return true;
}

bool change_plan_prepared(struct txn *txn, const struct table_desc *table, const struct value *key,
                          const struct stored *old, const struct value *new_item, const struct prepared_item *prepared,
                          enum change_cause cause, struct arena *arena, struct change *out, struct err *err)
{
    ensure(txn_is_write(txn));
    *out = (struct change){.table = table, .cause = cause, .index_count = table->index_count};
    out->bytes = arena_new(arena, struct change_bytes);
    out->indexes = arena_array(arena, struct index_change, table->index_count);
    for (size_t i = 0; i < table->index_count; i++) {
        out->indexes[i].index = &table->indexes[i];
    }
    if (old != NULL) {
        out->old = *old;
    }
    if (new_item != NULL) {
        write_new(txn, table, new_item, prepared, arena, &out->new);
    }
    bool has_both = stored_exists(&out->old) && stored_exists(&out->new);
    out->is_same = has_both ? str_eq(out->old.text, out->new.text) : stored_exists(&out->old) == stored_exists(&out->new);
    return out->is_same || plan_rest(txn, key, new_item, arena, out, err);
}

bool change_plan(struct txn *txn, const struct table_desc *table, const struct value *key, const struct stored *old,
                 const struct value *new_item, enum change_cause cause, struct arena *arena, struct change *out,
                 struct err *err)
{
    return change_plan_prepared(txn, table, key, old, new_item, NULL, cause, arena, out, err);
}

/* ---- Applying ---- */

static bool put_row(struct txn *txn, struct str key, const struct stored *stored, bool is_long, bool is_new, struct err *err)
{
    unsigned char header[LAYOUT_HEADER_BYTES];
    bool exists = false;
    stored_header(stored, is_long, header);
    if (!lmdb_put_parts(txn->lmdb, LMDB_ROWS, key, str_of((const char *)header, sizeof(header)), stored->text, is_new,
                        &exists, err)) {
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
    struct str key = row_key_str(&change->bytes->row);
    bool had = stored_exists(&change->old);
    int64_t old_size = (int64_t)change->old.size_bytes;
    if (stored_exists(&change->new)) {
        txn->is_growing_data = true;
        txn_count(txn, id, had ? 0 : 1, (int64_t)change->new.size_bytes - old_size);
        return put_row(txn, key, &change->new, change->bytes->row.is_long, !had, err);
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
    return put_row(txn, entry->key, &entry->stored, entry->is_long, false, err);
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
    return put_row(txn, bytes->new.key, &bytes->new.stored, bytes->new.is_long, true, err);
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
    return lmdb_put(txn->lmdb, LMDB_EXPIRY, expiry_key_str(&key), row_key_str(&bytes->row), err);
}

bool change_apply(struct txn *txn, const struct change *change, struct err *err)
{
    ensure(txn_is_write(txn));
    if (change->is_same) {
        return true;
    }
    bool ok = apply_item(txn, change, err);
    for (size_t i = 0; ok && i < change->index_count; i++) {
        ok = apply_index(txn, &change->indexes[i], err);
    }
    return ok && apply_expiry(txn, change, err) && (!change->table->is_journalled || journal_add(txn, change, err));
}
