/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_ITEMS_KEYS_H
#define SERVER_API_ITEMS_KEYS_H

#include "core/err.h"
#include "core/value.h"
#include "storage/table.h"

/* Keys of requests against the schema of the table: aws-behaviour.md §2.4 "Key-schema check", "Item-key check",
 * "Index-key check"; 2026 D.12. All ERR_VALIDATION. */

/* A look-up key: exactly the key attributes, right types, not empty, not too long. */
MUST_USE bool key_check(const struct table_desc *table, const struct value *key, struct err *err);
/* An item to put: has its key (PutItem's texts; `is_batch`: BatchWriteItem's, where missing and mistyped collapse to
 * the schema text). */
MUST_USE bool item_key_check(const struct table_desc *table, const struct value *item, bool is_batch, struct err *err);
/* Index key attributes of an item to put: type, empty, too long; the alphabetically first index wins. */
MUST_USE bool index_keys_check_put(const struct table_desc *table, const struct value *item, struct err *err);
/* Of an updated item: only attributes that changed; the update's texts. old may be NULL. */
MUST_USE bool index_keys_check_update(const struct table_desc *table, const struct value *old, const struct value *item,
                                      struct err *err);
/* In the two checks above an empty index key value is a top-level error for transactions while a wrong type is a
 * cancellation reason: this one looks for the empty ones only. */
MUST_USE bool index_keys_check_empty(const struct table_desc *table, const struct value *item, struct err *err);
/* The same of an updated item (changed attributes, the update's text), and of the table's own key. */
MUST_USE bool index_keys_check_update_empty(const struct table_desc *table, const struct value *old,
                                            const struct value *item, struct err *err);
MUST_USE bool key_check_empty(const struct table_desc *table, const struct value *item, struct err *err);

/* The key attributes of an item as a map of its own (shares the values). */
struct value key_of_item(const struct table_desc *table, const struct value *item, struct arena *arena);
/* `Type mismatch for Index Key …`: v is not of the part's type. */
bool index_key_type_error(const struct index_desc *index, const struct key_part *part, const struct value *v,
                          struct err *err);
/* `Provided list of item keys contains duplicates`. */
bool duplicate_keys_error(struct err *err);
/* `Cannot update attribute pk. This attribute is part of the key`. */
bool key_attribute_error(struct str name, struct err *err);
/* `Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: a` or
 * `IndexKey: a` if `name` is a key attribute of the table, or of one of its indexes. True if it is neither. */
MUST_USE bool key_path_check(const struct table_desc *table, struct str name, struct err *err);

#endif
