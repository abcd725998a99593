/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_CURSOR_H
#define STORAGE_CURSOR_H

#include "storage/item.h"

/* Reading many: Query and Scan. Rows come in the order that DynamoDB shows, with exact positions: a start key need not exist. */

enum range_operator { RANGE_ALL, RANGE_EQ, RANGE_LT, RANGE_LE, RANGE_GT, RANGE_GE, RANGE_BETWEEN, RANGE_BEGINS_WITH };

/* Conditions on the sort key: equalities on a leading run of range parts, then one operator on the next part (RANGE_ALL: none). All values have the
 * schema's types. */
struct range_condition {
    const struct value *equals[LIMIT_GSI_KEY_PARTS];
    size_t equal_count;
    enum range_operator op;
    const struct value *a;
    const struct value *b; /* RANGE_BETWEEN */
};

/* Of a start key that is no position in the table or index. */
#define START_KEY_INVALID_TEXT "The provided starting key is invalid"

struct query {
    const struct table_desc *table;
    const struct index_desc *index; /* NULL: the table */
    const struct value *partition[LIMIT_GSI_KEY_PARTS]; /* values of the hash parts, in schema order */
    struct range_condition range;
    bool is_reverse;
    const struct value *start; /* ExclusiveStartKey: a map with all key attributes (of index and table), checked; or NULL */
};

struct scan {
    const struct table_desc *table;
    const struct index_desc *index;
    uint32_t segment; /* 0 … total_segments − 1 */
    uint32_t total_segments; /* ≥ 1: the space of partition hashes is cut in equal parts */
    const struct value *start;
};

struct cursor;

/* Memory of the cursor is in the arena, also what it gathers to order long keys; nothing to close. */
MUST_USE bool cursor_query(struct txn *txn, const struct query *query, struct arena *arena, struct cursor **out, struct err *err);
MUST_USE bool cursor_scan(struct txn *txn, const struct scan *scan, struct arena *arena, struct cursor **out, struct err *err);
/* out->text is absent at the end. Rows of an index carry the projected entry. */
MUST_USE bool cursor_next(struct cursor *cursor, struct stored *out, struct err *err);

/* Does this key (a map with the table's or the index's hash parts) belong to the segment? For the check of a scan's start key. */
bool scan_segment_has(const struct table_desc *table, const struct index_desc *index, const struct value *key, uint32_t segment,
                      uint32_t total_segments);
/* Are the bytes of `range` satisfied by the sort key values of this key map? For the check of a query's start key. */
bool range_condition_holds(const struct range_condition *range, const struct key_schema *key, const struct value *map);

#endif
