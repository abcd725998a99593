/* SPDX-License-Identifier: Apache-2.0 */
/* index.c — the entry that an index keeps of an item: its key, and the projected attributes as they travel. */
#include "storage/index.h"

#include "core/value_json.h"
#include "storage/txn.h"

static bool is_projected(const struct index_desc *index, const struct str *keys, size_t key_count, struct str name)
{
    for (size_t i = 0; i < key_count; i++) {
        if (str_eq(keys[i], name)) {
            return true;
        }
    }
    for (size_t i = 0; i < index->included_count && index->projection == PROJECT_INCLUDE; i++) {
        if (str_eq(index->included[i], name)) {
            return true;
        }
    }
    return false;
}

static void project(const struct index_desc *index, const struct str *keys, size_t key_count, const struct value *item,
                    struct arena *arena, struct value *out)
{
    if (index->projection == PROJECT_ALL) {
        *out = *item;
        return;
    }
    struct member *members = arena_array(arena, struct member, item->count);
    size_t count = 0;
    for (size_t i = 0; i < item->count; i++) {
        if (is_projected(index, keys, key_count, item->members[i].name)) {
            members[count++] = item->members[i];
        }
    }
    *out = (struct value){.type = VALUE_M, .count = count, .members = members};
}

void index_entry_key(struct txn *txn, const struct index_desc *index, const struct value *item, const unsigned char *tie,
                     struct arena *arena, struct index_entry *out)
{
    struct key_values values;
    struct row_key row;
    *out = (struct index_entry){0};
    if (key_values_of(&index->key, item, &values)) {
        key_row(txn->digest, index->id, &index->key, &values, tie, &row);
        out->key = arena_copy(arena, row_key_str(&row));
        out->is_long = row.is_long;
    }
}

void index_entry_rest(struct txn *txn, const struct table_desc *table, const struct index_desc *index,
                      const struct value *item, const struct stored *whole, bool has_text, struct arena *arena,
                      struct index_entry *out)
{
    struct str names[KEY_NAMES_MAX];
    size_t name_count = table_key_names(table, index, names);
    struct value projected;
    bool is_whole = index->projection == PROJECT_ALL;
    project(index, names, name_count, item, arena, &projected);
    out->stored.size_bytes = is_whole ? whole->size_bytes : item_size(&projected);
    if (has_text) {
        struct buf *text = txn_scratch(txn);
        out->stored.key_end = item_text_write(text, &projected, names, name_count);
        out->stored.text = arena_copy(arena, str_of(text->p, text->n));
        out->stored.has_number_set = is_whole ? whole->has_number_set : value_has_number_set(&projected);
    }
}

void index_entry_of(struct txn *txn, const struct table_desc *table, const struct index_desc *index,
                    const struct value *item, const struct stored *whole, const unsigned char *tie, struct arena *arena,
                    struct index_entry *out)
{
    index_entry_key(txn, index, item, tie, arena, out);
    if (out->key.p != NULL) {
        index_entry_rest(txn, table, index, item, whole, true, arena, out);
    }
}

static bool is_any(const struct member_text *const *moved, size_t count, const struct member_text *member)
{
    for (size_t i = 0; i < count; i++) {
        if (moved[i] == member) {
            return true;
        }
    }
    return false;
}

static char *add(char *at, const char *p, size_t n)
{
    *at++ = ',';
    memcpy(at, p, n);
    return at + n;
}

void index_entry_of_all(const struct table_desc *table, const struct index_desc *index, const struct stored *whole,
                        const struct member_texts *members, struct arena *arena, struct index_entry *out)
{
    struct str names[KEY_NAMES_MAX];
    const struct member_text *moved[KEY_NAMES_MAX];
    size_t key_count = table->key.hash_count + table->key.range_count;
    size_t moved_count = table_key_names(table, index, names) - key_count;
    char *text = arena_alloc(arena, whole->text.n);
    char *at = text + whole->key_end;
    memcpy(text, whole->text.p, whole->key_end);
    for (size_t i = 0; i < moved_count; i++) {
        moved[i] = member_texts_find(members, names[key_count + i]);
        ensure(moved[i] != NULL);
        at = add(at, moved[i]->whole.p, moved[i]->whole.n);
    }
    out->stored = *whole;
    out->stored.key_end = (size_t)(at - text);
    /* What stands between the moved ones, a run at a time. */
    for (size_t i = key_count; i < members->count; i++) {
        size_t first = i;
        while (i < members->count && !is_any(moved, moved_count, &members->items[i])) {
            i++;
        }
        if (i > first) {
            const char *from = members->items[first].whole.p;
            const struct str *last = &members->items[i - 1].whole;
            at = add(at, from, (size_t)(last->p + last->n - from));
        }
    }
    *at++ = '}';
    ensure((size_t)(at - text) == whole->text.n);
    out->stored.text = str_of(text, whole->text.n);
}
