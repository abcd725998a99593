/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_COMMON_H
#define SERVER_API_COMMON_H

#include "server/api/shape.h"

/* Constraints that many operations share, each text once. */

bool is_table_name(struct str s); /* [a-zA-Z0-9_.-]+ */
#define NAME_PATTERN "[a-zA-Z0-9_.-]+"

#define SET_RETURN_CONSUMED_CAPACITY "[INDEXES, TOTAL, NONE]"
#define SET_RETURN_ITEM_COLLECTION_METRICS "[SIZE, NONE]"
#define SET_RETURN_VALUES_ON_FAILURE "[ALL_OLD, NONE]"
#define SET_RETURN_VALUES_NEWER "[ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]"
#define SET_RETURN_VALUES_OLDER "[ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]"
#define SET_SELECT "[SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]"
#define SET_COMPARISON_OPERATOR \
    "[IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, NOT_NULL, NE, LE, BEGINS_WITH, GE, CONTAINS]"
#define SET_CONDITIONAL_OPERATOR "[OR, AND]"

/* TableName of item operations on the newer layer (2026 D.2, D.3): empty alone in stage 0 (`Value at 'TableName' …`), else in stage 1 with
 * the others: null; length; pattern (length wins, one error). An ARN passes. Use as .custom of the TableName field in both of its entries, or by
 * COMMON_TABLE_NAME below. */
void table_name_empty_newer(struct shape_report *report, const struct field *field, const void *in);
void table_name_newer(struct shape_report *report, const struct field *field, const void *in);
/* TableName of a transaction's action, beside another entry that demands it: both of what may be wrong with it. */
void table_name_of_action(struct shape_report *report, const struct field *field, const void *in);
/* Two entries of the table, first the empty check of stage 0, then the rest in `stage_of_rest`. */
#define COMMON_TABLE_NAME(struct_name, member, stage_of_rest)                                                          \
    FIELD_STRING(struct_name, member, "TableName", .custom = table_name_empty_newer, .stage = 0),                      \
        FIELD_STRING(struct_name, member, "TableName", .custom = table_name_newer, .stage = (stage_of_rest))

enum capacity_mode { CAPACITY_NONE, CAPACITY_TOTAL, CAPACITY_INDEXES };
/* Of a checked ReturnConsumedCapacity (absent: NONE). */
enum capacity_mode capacity_mode_of(struct str s);

#endif
