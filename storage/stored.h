/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_STORED_H
#define STORAGE_STORED_H

#include "core/value.h"
#include "storage/item.h"
#include "storage/key.h"

/* Values of rows: the header, and what can be learnt from a text without parsing it. */

void stored_header(const struct stored *stored, bool is_long, unsigned char out[LAYOUT_HEADER_BYTES]);
/* The text points into `raw`. False (ERR_INTERNAL) if the row is damaged. */
MUST_USE bool stored_decode(struct str raw, struct stored *out, bool *is_long, struct err *err);

/* The key attributes of a text one by one, raw: `"pk":{"S":"a"}`. Start with stored_key_part; false at the end. */
struct str stored_key_part(const struct stored *stored);
bool stored_next_key(struct str *rest, struct str *member);
/* Are all of these raw attributes among the keys of the text? */
bool stored_has_keys(const struct stored *stored, const struct str *members, size_t count);

/* The whole item, or its key attributes only, as a value of type M. */
MUST_USE bool stored_text_parse(struct str text, struct arena *arena, struct value *out, struct err *err);
MUST_USE bool stored_parse_key(const struct stored *stored, struct arena *arena, struct value *out, struct err *err);

#endif
