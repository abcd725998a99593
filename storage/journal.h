/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_JOURNAL_H
#define STORAGE_JOURNAL_H

#include "storage/change.h"

/* The changes of journalled tables, in the order of their commits. A write that changes nothing leaves no record. */

#define JOURNAL_KEPT_MS (INT64_C(24) * 3600 * 1000)

struct journal_record {
    uint64_t sequence; /* increasing within the table, with gaps */
    int64_t time_ms;
    enum change_cause cause;
    struct str key;    /* the table key as JSON */
    struct stored old; /* absent: an insert */
    struct stored new; /* absent: a delete */
};

/* Appends the record of a change to its table's journal. */
MUST_USE bool journal_add(struct txn *txn, const struct change *change, struct err *err);

/* The records of a table after a sequence, oldest first; also of a dropped table, as long as they are kept. Nothing to close. Texts live
 * as those of item.h. */
struct journal_iter {
    struct txn *txn;
    uint32_t table_id;
    uint64_t after;
};
struct journal_iter journal_after(struct txn *txn, uint32_t table_id, uint64_t sequence);
/* *found is false at the end. */
MUST_USE bool journal_next(struct journal_iter *iter, struct journal_record *out, bool *found, struct err *err);

/* Deletes records older than JOURNAL_KEPT_MS, at most `limit`. *more: there may be others. Sets the store's trim_next_ms when done. */
MUST_USE bool journal_trim(struct txn *txn, size_t limit, bool *more, struct err *err);

#endif
