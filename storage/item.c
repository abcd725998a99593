/* SPDX-License-Identifier: Apache-2.0 */
/* item.c — one item by its key. The key in the text decides whether a row is the item asked for:
 * two partitions can have one MD5, and such a stranger is not there. */
#include "storage/item.h"

#include "core/value_json.h"
#include "storage/stored.h"
#include "storage/txn.h"

static void write_part(struct buf *text, char before, const struct key_part *part, const struct value *v)
{
    struct member_mark ignored;
    buf_add_byte(text, before);
    member_text_write(text, &(const struct member){part->name, *v}, 0, &ignored);
}

/* The text of a table's key begins as its items' texts do. */
static bool is_key_of(struct txn *txn, const struct key_schema *schema, const struct key_values *values,
                      const struct stored *stored)
{
    struct buf *text = txn_scratch(txn);
    ensure(schema->hash_count == 1 && schema->range_count <= 1);
    write_part(text, '{', &schema->hash[0], values->hash[0]);
    if (schema->range_count == 1) {
        write_part(text, ',', &schema->range[0], values->range[0]);
    }
    return text->n == stored->key_end && memcmp(text->p, stored->text.p, text->n) == 0;
}

static bool get_row(struct txn *txn, const struct row_key *row, struct str *raw, struct err *err)
{
    if (!txn_is_write(txn)) {
        return lmdb_get(txn->lmdb, LMDB_ROWS, row_key_str(row), raw, err);
    }
    return txn_write_cursors(txn, err) && lmdb_cursor_get(txn->items, row_key_str(row), raw, err);
}

bool item_get(struct txn *txn, const struct table_desc *table, const struct value *key, struct arena *arena,
              struct stored *out, struct err *err)
{
    struct key_values values;
    struct row_key on_stack;
    struct row_key *row = txn_is_write(txn) ? arena_alloc(arena, sizeof(*row)) : &on_stack;
    struct str raw;
    bool is_long = false;
    ensure(key_values_of(&table->key, key, &values));
    key_row(txn->digest, table->id, &table->key, &values, NULL, row);
    if (!get_row(txn, row, &raw, err)) {
        return false;
    }
    *out = (struct stored){0};
    if (raw.p != NULL) {
        if (!stored_decode(raw, out, &is_long, err)) {
            return false;
        }
        if (!is_key_of(txn, &table->key, &values, out)) {
            *out = (struct stored){0};
        } else if (txn_is_write(txn)) {
            out->text = arena_copy(arena, out->text);
        }
    }
    out->row = txn_is_write(txn) ? row : NULL;
    return true;
}
