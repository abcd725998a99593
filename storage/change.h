/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_CHANGE_H
#define STORAGE_CHANGE_H

#include "storage/item.h"

/* One change of one item with everything that follows from it: index entries, expiry, journal. Planned completely, then applied; only the
 * environment can fail in between. Changes of one transaction are planned before the first is applied, or each is planned and
 * applied before the next is planned; two plans for one item never stand side by side. */

enum change_cause { CAUSE_USER, CAUSE_TTL };

/* What happens to one index; for capacity (aws-behaviour.md §12.4). Sizes are of projected entries, 0 if absent. */
struct index_change {
    const struct index_desc *index;
    size_t old_size_bytes;
    size_t new_size_bytes;
    bool is_key_changed;     /* both present, other index key */
    bool is_content_changed; /* both present, same key, other projected content */
    struct index_change_bytes *bytes; /* storage's own */
};

struct change {
    const struct table_desc *table;
    struct stored old; /* absent: an insert */
    struct stored new; /* absent: a delete */
    bool is_same;      /* old and new are the same bytes: nothing will be written, nothing journalled */
    struct index_change *indexes; /* one for each index of the table */
    size_t index_count;
    enum change_cause cause;
    struct change_bytes *bytes; /* storage's own */
};

/* old: what item_get gave for this key in this transaction (may be absent). new_item: a map with valid keys and, where present, valid index keys
 * (an item that lacks an index key attribute, or has it with another type, is just not in that index), or NULL to delete. Everything is made
 * in the arena. Deleting what is absent gives a change that is_same. */
MUST_USE bool change_plan(struct txn *txn, const struct table_desc *table, const struct value *key, const struct stored *old,
                          const struct value *new_item, enum change_cause cause, struct arena *arena, struct change *out,
                          struct err *err);
/* The same for an update: old_item (NULL: there was none) is what of `old` was parsed, and new_item what is there in its place; both share what the
 * update leaves alone, whose text is then taken from old. Of an old item without number sets attributes may be missing in both, and are left
 * alone too; but all of change_needs are there. */
MUST_USE bool change_plan_update(struct txn *txn, const struct table_desc *table, const struct value *key,
                                 const struct stored *old, const struct value *old_item, const struct value *new_item,
                                 struct arena *arena, struct change *out, struct err *err);
/* The attributes beside the changed ones that a plan for an item of this table looks at, one after the other (a name may come twice): keys of
 * the table and of its indexes, what indexes include, the time to live. False stops the walk and is the result. */
bool change_needs(const struct table_desc *table, bool (*visit)(void *context, struct str name), void *context);
MUST_USE bool change_apply(struct txn *txn, const struct change *change, struct err *err);

#endif
