/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_SPLICE_H
#define STORAGE_SPLICE_H

#include "core/buf.h"
#include "storage/members.h"
#include "storage/table.h"

/* An item's new text put together from its old text and the attributes that an update changed. */
struct splice {
    const struct key_schema *key;   /* of the table */
    const struct member_texts *old; /* the attributes of the old text */
    const struct value *before;     /* those of them that were parsed: all that may change … */
    const struct value *after;      /* … and what is there in their place. What is the very same memory in both is copied, too */
    struct buf *text;               /* empty at first */
    struct arena *arena;
    struct member_mark *marks; /* out: of the text */
    size_t mark_count;
    size_t at; /* in the three; its own */
    size_t at_before;
    size_t at_after;
};
/* `old_text` is canonical, its key attributes end at `key_end`. False (ERR_INTERNAL) if it is damaged. */
MUST_USE bool splice_write(struct splice *splice, struct str old_text, size_t key_end, struct err *err);

#endif
