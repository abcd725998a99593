/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_ITEMS_LEGACY_H
#define SERVER_API_ITEMS_LEGACY_H

#include "core/err.h"
#include "expr/expr.h"
#include "server/api/shape.h"

/* The parameters from before expressions, translated into the trees of expr/: Expected, QueryFilter, ScanFilter,
 * KeyConditions, AttributeUpdates, AttributesToGet, ConditionalOperator. aws-behaviour.md §6; 2026 D.8, D.9, D.3. Input
 * shapes stand here once. */

struct expected_in { /* an ExpectedAttributeValue */
    const struct json *value;
    enum tri exists;
    struct str comparison_operator;
    struct list attribute_value_list; /* of const struct json * */
};
struct condition_in { /* a Condition of QueryFilter, ScanFilter, KeyConditions */
    struct list attribute_value_list;
    struct str comparison_operator;
};
struct attribute_update_in {
    const struct json *value;
    struct str action;
};
/* Elements for FIELD_MAP. */
extern const struct field legacy_expected_element[];
extern const struct field legacy_condition_element[];
extern const struct field legacy_update_element[];
extern const struct field legacy_name_element[]; /* AttributesToGet, for FIELD_LIST */

/* ConditionalOperator against the number of legacy conditions (D.8; ERR_REQUEST). */
MUST_USE bool legacy_conditional_operator_check(struct str op, size_t condition_count, struct err *err);

/* Expected: what AWS looks at before the structure, each at a place of its own: false NULLs, nesting, contents of the
 * values. */
MUST_USE bool legacy_expected_check_nulls(const struct map *expected, struct err *err);
MUST_USE bool legacy_expected_check_nesting(const struct map *expected, struct err *err);
MUST_USE bool legacy_expected_check_values(const struct map *expected, struct arena *arena, enum value_dialect dialect,
                                           struct err *err);
/* A string for Exists, or a value that calls for the older layer (2026 D.1). */
bool legacy_expected_is_older(const struct map *expected);
/* Expected → condition (NULL when absent or empty). */
MUST_USE bool legacy_expected_read(const struct map *expected, struct str conditional_operator, struct arena *arena,
                                   struct condition **out, struct err *err);
/* QueryFilter, ScanFilter and KeyConditions, likewise: nesting and then values of all of a request's conditions come
 * before operators and counts of any (2026 D.3). ScanFilter has a …_DEEP dialect. */
MUST_USE bool legacy_conditions_check_nesting(const struct map *conditions, enum value_dialect dialect, struct err *err);
MUST_USE bool legacy_conditions_check_values(const struct map *conditions, enum value_dialect dialect,
                                             struct arena *arena, struct err *err);
/* QueryFilter, ScanFilter → condition (NULL when absent). */
MUST_USE bool legacy_filter_read(const struct map *filter, struct str conditional_operator, enum value_dialect dialect,
                                 struct arena *arena, struct condition **out, struct err *err);
/* Of the arguments of one condition, and of KeyConditions once their types are known. */
#define SAME_TYPE_TEXT INVALID_PARAMETERS "AttributeValues inside AttributeValueList must be of same type"
/* KeyConditions → clauses, as key_condition_clauses gives them. */
MUST_USE bool legacy_key_conditions_read(const struct map *conditions, enum value_dialect dialect, struct arena *arena,
                                         const struct key_clause **out, size_t *count, struct err *err);
/* AttributeUpdates, likewise. */
MUST_USE bool legacy_updates_check_nulls(const struct map *updates, struct err *err);
MUST_USE bool legacy_updates_check_nesting(const struct map *updates, struct err *err);
MUST_USE bool legacy_updates_check_values(const struct map *updates, struct arena *arena, enum value_dialect dialect,
                                          struct err *err);
bool legacy_updates_is_older(const struct map *updates);
/* AttributeUpdates → update (NULL when absent): actions (ERR_REQUEST), then what each may be given (ERR_VALIDATION). */
MUST_USE bool legacy_updates_read(const struct map *updates, struct arena *arena, struct update **out, struct err *err);
/* AttributesToGet → projection (NULL when absent); duplicates: ERR_VALIDATION. */
MUST_USE bool legacy_attributes_to_get_read(const struct list *names, struct arena *arena, struct projection **out,
                                            struct err *err);
/* `Empty attribute name` in any of their values; legacy_check_all_names (Expected, AttributeUpdates): among
 * the attributes too. (ERR_REQUEST) */
MUST_USE bool legacy_check_names(const struct map *conditions, struct err *err);
MUST_USE bool legacy_check_all_names(const struct map *conditions, struct err *err);
MUST_USE bool legacy_attributes_to_get_check_names(const struct list *names, struct err *err);

#endif
