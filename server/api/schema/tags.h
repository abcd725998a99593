/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_SCHEMA_TAGS_H
#define SERVER_API_SCHEMA_TAGS_H

#include "server/api/op.h"
#include "server/api/schema/settings.h"
#include "server/api/schema/table_shapes.h"

/* Tags and the ARNs that name what is tagged: aws-behaviour.md §13.1. */

/* .custom of the ResourceArn field, which is .bare: `Invalid TableArn` for a missing one. */
void resource_arn_present(struct shape_report *report, const struct field *field, const void *in);

/* The table name in a ResourceArn; ERR_VALIDATION or ERR_ACCESS_DENIED if it names nothing that can carry tags. A stream ARN gives an absent
 * name: it is well formed, but never found. Request-only. */
MUST_USE bool tags_resource_check(struct call *call, struct str arn, struct str *table_name, struct err *err);
/* The table of a checked ARN: ERR_RESOURCE_NOT_FOUND with the ARN in its text. In run. */
MUST_USE bool tags_table(struct call *call, struct str arn, struct str table_name, const struct table_desc **out,
                         struct err *err);

/* Keys and values of a request, without the count. */
MUST_USE bool tags_check(const struct list *tags, struct arena *arena, struct err *err);
MUST_USE bool tag_keys_check(const struct list *keys, struct err *err);

/* Merges checked tags into the settings; ERR_VALIDATION if there are too many then. */
MUST_USE bool tags_merge(struct table_settings *settings, const struct list *tags, struct arena *arena, struct err *err);
void tags_remove(struct table_settings *settings, const struct list *keys);

#endif
