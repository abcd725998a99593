/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_INDEX_H
#define STORAGE_INDEX_H

#include "storage/item.h"
#include "storage/key.h"
#include "storage/members.h"

/* What an index holds of an item. */
struct index_entry {
    struct str key; /* absent: the item is not in the index */
    struct stored stored;
    bool is_long;
};

/* Computes the entry of an item (a map with the table's keys). tie: of the item's key. `whole`: its size and flags as it is stored in the
 * table. In the arena. */
void index_entry_of(struct txn *txn, const struct table_desc *table, const struct index_desc *index,
                    const struct value *item, const struct stored *whole, const unsigned char *tie, struct arena *arena,
                    struct index_entry *out);
/* Only the key; and only the rest of an entry that has its key, with or without the text. */
void index_entry_key(struct txn *txn, const struct index_desc *index, const struct value *item, const unsigned char *tie,
                     struct arena *arena, struct index_entry *out);
void index_entry_rest(struct txn *txn, const struct table_desc *table, const struct index_desc *index,
                      const struct value *item, const struct stored *whole, bool has_text, struct arena *arena,
                      struct index_entry *out);
/* The rest of an entry that has its key, of an index that keeps all attributes: the item's text with the index keys in front. `members`: of
 * the item's text. */
void index_entry_of_all(const struct table_desc *table, const struct index_desc *index, const struct stored *whole,
                        const struct member_texts *members, struct arena *arena, struct index_entry *out);

#endif
