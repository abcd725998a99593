/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_ITEM_H
#define STORAGE_ITEM_H

#include "core/arena.h"
#include "core/err.h"
#include "storage/store.h"

struct row_key;
struct member_texts;

/* One stored item or index entry (design: "Items are stored as they travel"). */
struct stored {
    struct str text;     /* canonical DynamoDB JSON, key attributes first; absent: there is none */
    size_t key_end;      /* text[0 … key_end) + "}" is the key: LastEvaluatedKey */
    size_t size_bytes;   /* DynamoDB's size of the item, or of the projected entry */
    bool has_number_set; /* an NS of two or more members inside: item_text_write_java_sets for those who show Java's order */
    const struct member_texts *members; /* the text cut into attributes by stored_members; or NULL */
    const struct row_key *row; /* storage's own: where item_get of a write transaction looked, found or not; or NULL */
};

static inline bool stored_exists(const struct stored *stored)
{
    return stored->text.p != NULL;
}

/* `key`: a map with exactly the table's key attributes, of the right types and sizes (the API has checked; ensure). In a read transaction
 * the text points into the map; in a write transaction it is copied into the arena. */
MUST_USE bool item_get(struct txn *txn, const struct table_desc *table, const struct value *key, struct arena *arena,
                       struct stored *out, struct err *err);

#endif
