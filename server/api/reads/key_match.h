/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_READS_KEY_MATCH_H
#define SERVER_API_READS_KEY_MATCH_H

#include "core/err.h"
#include "expr/expr.h"
#include "storage/cursor.h"

/* From the clauses of a Query (KeyConditionExpression or KeyConditions) to the rows of a table or index: which partition, which range of sort
 * keys. Ordinary and multi-attribute keys: aws-behaviour.md §7.1, 2026 H.3. All errors are ERR_VALIDATION. */

/* KeyConditions only, before the index is looked up: BETWEEN of one type, then values of the types that the table declares for
 * attributes of that name. */
MUST_USE bool key_match_declared_types(const struct table_desc *table, const struct key_clause *clauses, size_t count, struct err *err);

/* The first half of binding: not too many clauses, equality on the HASH attributes. The clauses' values are not looked at: AWS reports undefined
 * ones after this. */
MUST_USE bool key_match_hash(const struct key_schema *key, const struct key_clause *clauses, size_t count, struct err *err);
/* The second half: fills partition and range of *query, whose table and index are set. */
MUST_USE bool key_match_bind(struct query *query, const struct key_clause *clauses, size_t count, struct err *err);

/* The schema that a read goes by. */
const struct key_schema *read_schema(const struct table_desc *table, const struct index_desc *index);

#endif
