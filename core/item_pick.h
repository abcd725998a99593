/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_ITEM_PICK_H
#define CORE_ITEM_PICK_H

#include "core/json.h"

/* Parsing only those attributes of a stored text that somebody will look at. */

#define ITEM_PICK_MAX 16

/* Their names as they stand in texts: quoted, with escapes. */
struct item_pick {
    size_t count;
    struct str names[ITEM_PICK_MAX];
};

/* Adds a top-level name unless it is there. False if there are too many: parse whole items then. */
bool item_pick_add(struct item_pick *pick, struct str name, struct arena *arena);
/* The tree of `{…}` with these attributes of a canonical text (written by item_text_write), in its order. What is not picked is only walked over,
 * and nothing behind the last of them is read. False only if the text is damaged. `text` is read within its bounds and copied. */
MUST_USE bool item_pick_parse(const struct item_pick *pick, struct str text, struct arena *arena, const struct json **out);

#endif
