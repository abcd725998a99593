/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_READS_START_KEY_H
#define SERVER_API_READS_START_KEY_H

#include "core/value_json.h"
#include "storage/cursor.h"

/* ExclusiveStartKey, in the steps that AWS takes: values (request only), shape against the schema, place against the conditions. Texts:
 * aws-behaviour.md §7.4, 2026 D.12, L.7. */

enum read_kind { READ_QUERY, READ_SCAN };

/* *out is NULL when json is. */
MUST_USE bool start_key_read(const struct json *json, enum read_kind kind, enum value_dialect dialect, struct arena *arena,
                             const struct value **out, struct err *err);
/* Exactly the key attributes of the table and the index (may be NULL), of their types, not empty, not too long. */
MUST_USE bool start_key_check_shape(const struct table_desc *table, const struct index_desc *index, const struct value *start,
                                    enum read_kind kind, struct err *err);
/* Of a Query whose conditions are bound: the start key satisfies them. */
MUST_USE bool start_key_check_place(const struct query *query, struct err *err);
/* Of a Scan with segments. */
MUST_USE bool start_key_check_segment(const struct scan *scan, struct err *err);

#endif
