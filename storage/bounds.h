/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_BOUNDS_H
#define STORAGE_BOUNDS_H

#include "core/arena.h"
#include "storage/cursor.h"
#include "storage/digest.h"

/* Where a query or a scan begins and ends, as bounds on whole row keys: F = id | H16 | E, before E is cut. Every bound is of this
 * one kind, low ≤ F < high. */
struct bounds {
    struct str low;
    struct str high;
};

void bounds_of_query(struct digest *digest, uint32_t id, const struct query *query, const struct key_schema *schema,
                     struct arena *arena, struct bounds *out);
void bounds_of_segment(uint32_t id, uint32_t segment, uint32_t total_segments, struct arena *arena, struct bounds *out);

#endif
