/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_SCHEMA_CONTINUOUS_BACKUPS_H
#define SERVER_API_SCHEMA_CONTINUOUS_BACKUPS_H

#include "server/api/op.h"
#include "server/api/schema/settings.h"

/* Point-in-time recovery as UpdateContinuousBackups and DescribeContinuousBackups show it: aws-behaviour.md §13.4. */

/* These operations have an error of their own for a missing table: ERR_TABLE_NOT_FOUND. */
MUST_USE bool continuous_backups_table(struct call *call, struct str name, const struct table_desc **out, struct err *err);
/* Writes the whole answer. */
void continuous_backups_write(struct call *call, const struct table_settings *settings);

#endif
