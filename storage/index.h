/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_INDEX_H
#define STORAGE_INDEX_H

#include "storage/item.h"
#include "storage/key.h"

/* What an index holds of an item. */
struct index_entry {
    struct str key; /* absent: the item is not in the index */
    struct stored stored;
    bool is_long;
};

/* Computes the entry of an item (a map with the table's keys). tie: of the item's key. In the arena. */
void index_entry_of(struct txn *txn, const struct table_desc *table, const struct index_desc *index,
                    const struct value *item, const unsigned char *tie, struct arena *arena, struct index_entry *out);

#endif
