/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_DESCRIPTOR_H
#define STORAGE_DESCRIPTOR_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"
#include "storage/table.h"

/* Table descriptors: copies that live long, and their JSON in the catalog. */

/* A copy with everything it points to, in one allocation: free() it. */
struct table_desc *descriptor_copy(const struct table_desc *desc);
void descriptor_write(struct buf *out, const struct table_desc *desc);
/* In the arena; namespace_id is the caller's to set. */
MUST_USE bool descriptor_read(struct str text, struct arena *arena, struct table_desc *out, struct err *err);

#endif
