/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_MEMBERS_H
#define STORAGE_MEMBERS_H

#include "core/arena.h"
#include "core/err.h"
#include "core/str.h"
#include "core/value_json.h"
#include "storage/item.h"

#include <stdbool.h>
#include <stddef.h>

/* The attributes of a stored text as slices of it, in their order, without their values being made: enough to tell which of two versions
 * of an item differ, and to put one text together from another. */

struct member_text {
    struct str name;  /* as it is written, between its quotes */
    struct str whole; /* `"name":{"S":"text"}` */
};

struct member_texts {
    const struct member_text *items;
    size_t count;
};

/* In the arena. False (ERR_INTERNAL) if the text is damaged. */
MUST_USE bool member_texts_of(struct str text, struct arena *arena, struct member_texts *out, struct err *err);
/* Of the text of an item that exists, cut once: the stored item keeps them. */
MUST_USE bool stored_members(struct stored *stored, struct arena *arena, const struct member_texts **out, struct err *err);
/* The same from the marks that were made when the text was written. */
void member_texts_marked(struct str text, const struct member_mark *marks, size_t count, struct arena *arena,
                         struct member_texts *out);
/* The name itself. False (ERR_INTERNAL) if the text is damaged. */
MUST_USE bool member_text_name(const struct member_text *member, struct arena *arena, struct str *out, struct err *err);
/* NULL if there is none. */
const struct member_text *member_texts_find(const struct member_texts *members, struct str name);

#endif
