/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_ITEMS_UPDATE_RUN_H
#define SERVER_API_ITEMS_UPDATE_RUN_H

#include "server/api/items/item_ops.h"

/* An update against the table and the item: what UpdateItem and TransactWriteItems do alike. All errors are
 * ERR_VALIDATION. */

/* Goes a target or an operand into a key attribute of the table or of an index? */
MUST_USE bool update_check_key_paths(const struct update *update, const struct table_desc *table, struct err *err);
/* `Cannot update attribute pk. …`: a key attribute is a target. */
MUST_USE bool update_check_key_targets(const struct update *update, const struct table_desc *table, struct err *err);

struct updated_item {
    const struct value *old; /* NULL: there was none */
    struct value new;
};
/* Evaluates; the finished item is not too deep and not too large. `old` is what item_get gave; `item` what write_parse_old made of it, and
 * *out are those attributes before and after. */
MUST_USE bool update_make_item(const struct update *update, const struct value *key, const struct stored *old,
                               const struct json *item, struct arena *arena, struct updated_item *out, struct err *err);
#define UPDATE_SIZE_TEXT "Item size to update has exceeded the maximum allowed size"

#endif
