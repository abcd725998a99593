/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_RUN_H
#define STORAGE_RUN_H

#include "core/arena.h"
#include "storage/layout.h"

/* Rows whose sort keys are cut stand in LMDB in the order of a hash behind the bytes that they share. A run holds the next few of
 * them in true order: of all that are offered it keeps the RUN_ROWS_MAX first ones. */
#define RUN_ROWS_MAX 64

struct run_row {
    struct str rest; /* of E, behind the shared bytes */
    size_t room;
    unsigned char tail[LAYOUT_HASH_BYTES + LAYOUT_TIE_BYTES]; /* of the row's key, behind the shared bytes */
    struct str value;
};

struct run {
    struct arena *arena;
    struct run_row **rows; /* a heap while they are offered; then in the order of taking, last first */
    size_t count;
    size_t tie_bytes;
    bool is_reverse;
    bool has_overflowed; /* more were offered than fit */
    unsigned char prefix[LAYOUT_CUT_BYTES];
};

void run_init(struct run *run, struct arena *arena, size_t tie_bytes, bool is_reverse);
void run_start(struct run *run, const char *prefix);
/* tail: HASH16, or HASH16 | TIE16. */
void run_offer(struct run *run, struct str rest, struct str tail, struct str value);
/* After the last offer. */
void run_sort(struct run *run);
/* NULL when none is left. The row stays valid until the next run_start. */
const struct run_row *run_take(struct run *run);

#endif
