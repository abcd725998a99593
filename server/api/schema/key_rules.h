/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_SCHEMA_KEY_RULES_H
#define SERVER_API_SCHEMA_KEY_RULES_H

#include "server/api/name_set.h"
#include "server/api/schema/table_shapes.h"
#include "storage/table.h"

/* AttributeDefinitions and key schemas of requests: aws-behaviour.md §3.2, §3.3; 2026 B.2, D.13, H.1. All ERR_VALIDATION. */

struct definitions {
    const struct definition_in *items;
    size_t count;
    struct str *names; /* in the order of the request */
    struct name_set set;
};

void definitions_init(struct definitions *definitions, const struct list *list, struct arena *arena);
/* `Attribute Name is duplicated: a`. */
MUST_USE bool definitions_check_distinct(const struct definitions *definitions, struct err *err);

/* Every key attribute of the schema has a definition. */
MUST_USE bool keys_check_defined(const struct list *schema, const struct definitions *definitions, struct arena *arena,
                                 struct err *err);

/* HASH, or HASH then RANGE: tables and LSIs. */
MUST_USE bool keys_check_simple(const struct list *schema, struct err *err);
/* One to four HASH, then up to four RANGE: GSIs. */
MUST_USE bool keys_check_multiple(const struct list *schema, struct err *err);
bool keys_have_range(const struct list *schema);

/* From a schema that passed the checks. */
void keys_make(const struct list *schema, const struct definitions *definitions, struct key_schema *out);

#endif
