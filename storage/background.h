/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_BACKGROUND_H
#define STORAGE_BACKGROUND_H

#include "core/arena.h"
#include "core/err.h"
#include "storage/store.h"

/* What a store does besides answering: delete due items (TTL), give back the rows of dropped tables and indexes, fill new indexes. All of
 * it in bounded steps inside a write transaction of the caller, so that no request waits long. */

/* TTL: deletes due items. RECLAIM: rows of what was dropped, journal records that are too old. BACKFILL: entries of new indexes, and (un)indexing of
 * a changed TTL attribute. */
enum background_kind { BACKGROUND_TTL = 1, BACKGROUND_RECLAIM = 2, BACKGROUND_BACKFILL = 4 };

/* Does one step of at most about budget_us of work. *more: there is more to do at once. kinds: a set of background_kind. Temporary memory in
 * `arena`. Costs one look-up per kind when there is nothing to do. */
MUST_USE bool background_step(struct txn *txn, unsigned kinds, int64_t budget_us, struct arena *arena, bool *more,
                              struct err *err);
/* When the clock will next give work (milliseconds since the epoch): an item is due, or journal records have been kept long enough. INT64_MAX
 * if never; one look-up. In any transaction. */
MUST_USE bool background_next_due_ms(struct txn *txn, int64_t *out, struct err *err);
/* Is there anything to reclaim or to fill, now? */
MUST_USE bool background_is_pending(struct txn *txn, bool *out, struct err *err);

#endif
