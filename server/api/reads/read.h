/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_READS_READ_H
#define SERVER_API_READS_READ_H

#include "expr/expr.h"
#include "server/api/common.h"
#include "server/api/op.h"
#include "server/api/reads/page.h"
#include "server/api/reads/start_key.h"
#include "storage/cursor.h"

/* What Query and Scan share: the members of their requests and the checks of these, each a step of its own because the two place them in
 * different orders (2026 D.3). */

enum read_select { SELECT_ALL_ATTRIBUTES, SELECT_ALL_PROJECTED, SELECT_SPECIFIC, SELECT_COUNT };

/* First member of query_in and scan_in. */
struct read_in {
    /* As sent. */
    struct str table_name;
    struct str index_name;
    struct str select;
    struct list attributes_to_get;
    struct opt_int limit;
    struct opt_int segment;        /* Scan only, as total_segments */
    struct opt_int total_segments;
    enum tri consistent_read;
    struct map query_filter;       /* Query only, as the next two */
    struct map key_conditions;
    struct str key_condition_expression;
    struct map scan_filter;        /* Scan only */
    struct str conditional_operator;
    const struct json *start_key;
    struct str return_consumed_capacity;
    struct str projection_expression;
    struct str filter_expression;
    const struct json *names;
    const struct json *values;
    /* What check leaves for run. */
    enum read_kind kind;
    struct str table;              /* the bare name */
    enum value_dialect dialect;
    struct placeholders *placeholders;
    struct condition *condition;
    struct projection *projection;
    enum read_select what;
    const struct value *start;
};

/* ---- Constraints (read_members.c) ---- */

/* Custom tests of fields whose operation checks some requests by AWS's older layer (2026 D.1): no TableName, a number that was coerced, and
 * for Scan a legacy condition without operator. Those of the older layer find nothing in other requests. */
void older_enum(struct shape_report *report, const struct field *field, const void *in); /* the set is field->one_of */
void older_number(struct shape_report *report, const struct field *field, const void *in); /* field->min, max */
void older_table_name(struct shape_report *report, const struct field *field, const void *in);
void older_operators(struct shape_report *report, const struct field *field, const void *in);
void newer_number(struct shape_report *report, const struct field *field, const void *in);
void newer_table_name_empty(struct shape_report *report, const struct field *field, const void *in);
void newer_operators(struct shape_report *report, const struct field *field, const void *in);
/* Of KeyConditions and the filters: as legacy_condition_element, but the missing operator is left to the tests above. */
extern const struct field read_condition_element[];

/* Is this request checked by the older layer? */
bool read_is_older(const struct read_in *in);

/* ---- Request-only steps (read.c) ---- */

/* For check_by_layer (item_ops.h): does anything in the request, a query_in or scan_in, call for the older layer's wording? */
bool read_request_is_older(const void *in);
/* Sets kind, table and dialect; empty attribute names; mixing, names and values. */
MUST_USE bool read_check_parameters(struct call *call, struct read_in *in, enum read_kind kind, enum value_dialect dialect,
                                    struct err *err);
/* A Select that is none, in the envelope. */
MUST_USE bool read_check_select_name(const struct read_in *in, struct err *err);
/* ConditionalOperator, QueryFilter or ScanFilter, and of KeyConditions nesting and values, which AWS looks at first. */
MUST_USE bool read_check_legacy_filter(struct call *call, struct read_in *in, struct err *err);
/* AttributesToGet, then the values of ExclusiveStartKey. */
MUST_USE bool read_check_names_and_start(struct call *call, struct read_in *in, struct err *err);
/* FilterExpression whole, then an empty ProjectionExpression. */
MUST_USE bool read_check_filter(struct call *call, struct read_in *in, struct err *err);
/* Select against projections; sets what. */
MUST_USE bool read_check_select(struct read_in *in, struct err *err);
/* ProjectionExpression. */
MUST_USE bool read_check_projection(struct call *call, struct read_in *in, struct err *err);

/* ---- Against the table (read_run.c) ---- */

/* *out is NULL without IndexName. Consistent reads of what is no LSI, then the index's existence. */
MUST_USE bool read_index(const struct read_in *in, const struct table_desc *table, const struct index_desc **out, struct err *err);
/* A filter on the keys of a Query. */
MUST_USE bool read_check_filter_on_keys(const struct read_in *in, const struct table_desc *table, const struct index_desc *index,
                                        struct err *err);
/* ALL_ATTRIBUTES on a GSI that does not project all. */
MUST_USE bool read_check_all_attributes(const struct read_in *in, const struct index_desc *index, struct err *err);
/* A projection of what a GSI does not project. */
MUST_USE bool read_check_projected(const struct read_in *in, const struct table_desc *table, const struct index_desc *index,
                                   struct err *err);
/* The whole answer. */
MUST_USE bool read_answer(struct call *call, const struct read_in *in, const struct table_desc *table, const struct index_desc *index,
                          struct cursor *cursor, struct err *err);

#endif
