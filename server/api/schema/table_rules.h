/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_SCHEMA_TABLE_RULES_H
#define SERVER_API_SCHEMA_TABLE_RULES_H

#include "server/api/schema/key_rules.h"
#include "server/api/schema/settings.h"

/* What CreateTable (and later what imports and restores) asks for, checked in AWS's order, and made into a descriptor and settings:
 * aws-behaviour.md §3.2, §3.4, §3.7, §13.9; 2026 B.2. */

struct table_in {
    struct str name;
    struct str billing_mode;
    const void *throughput; /* struct units_in */
    struct list key_schema; /* of struct key_element_in */
    struct list definitions; /* of struct definition_in */
    struct list gsis;        /* of struct index_in */
    struct list lsis;        /* of struct index_in */
    const void *stream;      /* struct stream_in */
    const void *sse;         /* struct sse_in */
    struct list tags;        /* of struct tag_in */
    struct str table_class;
    enum tri is_protected;
    const void *warm;        /* struct units_in */
    const void *on_demand;   /* struct units_in */
    struct str policy;
};

/* Everything that the request alone tells, after the constraints. ERR_VALIDATION. */
MUST_USE bool table_check(const struct table_in *in, struct arena *arena, struct err *err);

/* Whose name stands in ARNs, and when. */
struct table_origin {
    struct str region;
    struct str account;
    int64_t now_ms;
};
/* From a checked request. ids, namespace and desc->settings are left to the caller. Shares the request's strings. */
void table_make(const struct table_in *in, const struct table_origin *origin, struct arena *arena, struct table_desc *desc,
                struct table_settings *settings);

/* Parts that UpdateTable shares. */
/* NonKeyAttributes of all indexes together. That AWS refuses more is known (§3.1), its text is not. */
MUST_USE bool projected_check_count(size_t count, struct err *err);
MUST_USE bool projection_check(const struct projection_in *projection, struct err *err);
void index_make(const struct index_in *in, const struct definitions *definitions, bool is_global, struct arena *arena,
                struct index_desc *out);
MUST_USE bool sse_check(const struct sse_in *sse, struct err *err);
/* The ARN that a checked SSESpecification stands for; absent for the key that AWS owns. The same in every call. */
struct str sse_key_arn(const struct sse_in *sse, const struct table_origin *origin, struct arena *arena);
MUST_USE bool table_class_check(struct str table_class, struct err *err);
/* Adds an enabled stream, with another label than those before it. Disabled ones of more than a day go, and the oldest of very many. */
void stream_enable(struct table_settings *settings, struct str view_type, int64_t now_ms, struct arena *arena);

#endif
