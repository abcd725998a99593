/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_TABLES_H
#define SERVER_API_TABLES_H

#include "server/api/op.h"
#include "storage/table.h"

/* From the TableName of a request, which may be an ARN, to the table. */

/* The bare name: of an ARN its table part, checked for region, account and form (aws-behaviour.md §3.6: ERR_VALIDATION, or
 * ERR_ACCESS_DENIED for another account; the region `ddblocal` is accepted); of a name the name. Request-only: call it in check. */
MUST_USE bool table_name_of(struct call *call, struct str name_or_arn, struct str *out, struct err *err);

/* Of an ARN: ERR_ACCESS_DENIED if it is another account's. */
MUST_USE bool account_check(const struct call *call, struct str account, struct err *err);

/* For item operations: RESOURCE_NOT_FOUND "Requested resource not found" if there is no such table. Logs the hint of demand.md #1 when another
 * namespace has it. */
MUST_USE bool table_for_items(struct call *call, struct str name, const struct table_desc **out, struct err *err);
/* For control-plane operations: "Requested resource not found: Table: T not found". */
MUST_USE bool table_for_control(struct call *call, struct str name, const struct table_desc **out, struct err *err);

/* Logs the hint of demand.md #1, once for each namespace and name, if another namespace has the table (absent name: any table; for an empty
 * ListTables). */
void table_hint(struct call *call, struct str name);

struct str table_arn(struct call *call, struct str name);
struct str index_arn(struct call *call, struct str table_name, struct str index_name);

/* Does the table exist for items with an index of this name? `The table does not have the specified index: X`. */
MUST_USE bool table_index_for_read(const struct table_desc *table, struct str name, const struct index_desc **out, struct err *err);

#endif
