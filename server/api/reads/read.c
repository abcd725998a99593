/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of Query and Scan that need only the request. Each is one step of AWS's order; the operations put them in sequence. */
#include "server/api/reads/read.h"

#include "server/api/fault.h"
#include "server/api/items/legacy.h"
#include "server/api/items/params.h"
#include "server/api/tables.h"
#include "server/api/items/values.h"

static const struct map *filter_of(const struct read_in *in)
{
    return in->kind == READ_QUERY ? &in->query_filter : &in->scan_filter;
}

static bool map_is_older(const struct map *conditions)
{
    const struct condition_in *items = conditions->items;
    for (size_t i = 0; i < conditions->count; i++) {
        const struct json *const *values = items[i].attribute_value_list.items;
        for (size_t v = 0; v < items[i].attribute_value_list.count; v++) {
            if (value_is_older(values[v])) {
                return true;
            }
        }
    }
    return false;
}

bool read_request_is_older(const void *data)
{
    const struct read_in *in = data;
    return read_is_older(in) || item_is_older(in->start_key) || item_is_older(in->values) ||
           map_is_older(&in->query_filter) || map_is_older(&in->key_conditions) || map_is_older(&in->scan_filter);
}

static bool check_empty_names(const struct read_in *in, struct err *err)
{
    return legacy_attributes_to_get_check_names(&in->attributes_to_get, err) &&
           legacy_check_names(filter_of(in), err) && legacy_check_names(&in->key_conditions, err) &&
           (!in->start_key || item_check_names(in->start_key, err)) && placeholders_check_names(in->names, err) &&
           values_check_names(in->values, err);
}

static bool check_mix(struct call *call, struct read_in *in, struct err *err)
{
    bool is_query = in->kind == READ_QUERY;
    struct params params = {.names = in->names, .values = in->values, .dialect = in->dialect};
    params.naming = is_query ? NAMING_EMPTY | NAMING_NULL | NAMING_DUPLICATES : NAMING_DUPLICATES;
    size_t legacy = 0;
    if (in->attributes_to_get.is_present) {
        params.legacy[legacy++] = "AttributesToGet";
    }
    if (filter_of(in)->is_present) {
        params.legacy[legacy++] = is_query ? "QueryFilter" : "ScanFilter";
    }
    if (in->conditional_operator.p) {
        params.legacy[legacy++] = "ConditionalOperator";
    }
    /* Alone it may stand beside a FilterExpression or a ProjectionExpression: clients rely on it. */
    if (in->key_conditions.is_present && (legacy > 0 || in->key_condition_expression.p)) {
        params.legacy[legacy++] = "KeyConditions";
    }
    size_t expressions = 0;
    if (in->projection_expression.p) {
        params.expressions[expressions++] = "ProjectionExpression";
    }
    if (in->filter_expression.p) {
        params.expressions[expressions++] = "FilterExpression";
    }
    if (in->key_condition_expression.p) {
        params.expressions[expressions++] = "KeyConditionExpression";
    }
    params.has_value_expression = in->filter_expression.p || in->key_condition_expression.p;
    params.values_suffix =
        is_query ? ": FilterExpression is null and KeyConditionExpression is null" : ": FilterExpression is null";
    return params_check(&params, call->arena, &in->placeholders, err);
}

bool read_check_parameters(struct call *call, struct read_in *in, enum read_kind kind, enum value_dialect dialect,
                           struct err *err)
{
    in->kind = kind;
    in->dialect = dialect;
    return table_name_of(call, in->table_name, &in->table, err) && check_empty_names(in, err) &&
           check_mix(call, in, err);
}

static bool select_of(struct str s, enum read_select *out)
{
    static const char *const names[] = {
        [SELECT_ALL_ATTRIBUTES] = "ALL_ATTRIBUTES",
        [SELECT_ALL_PROJECTED] = "ALL_PROJECTED_ATTRIBUTES",
        [SELECT_SPECIFIC] = "SPECIFIC_ATTRIBUTES",
        [SELECT_COUNT] = "COUNT",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (str_eq(s, str_from(names[i]))) {
            *out = (enum read_select)i;
            return true;
        }
    }
    return false;
}

bool read_check_select_name(const struct read_in *in, struct err *err)
{
    enum read_select ignored;
    if (!in->select.p || select_of(in->select, &ignored)) {
        return true;
    }
    return err_set(err, ERR_VALIDATION,
                   ENVELOPE "Value '%.*s' at 'select' failed to satisfy constraint: Member must satisfy enum value set: "
                            "%s",
                   STR_ARG(in->select), SET_SELECT);
}

bool read_check_legacy_filter(struct call *call, struct read_in *in, struct err *err)
{
    const struct map *filter = filter_of(in);
    enum value_dialect dialect = in->dialect;
    if (in->kind == READ_SCAN) {
        dialect = dialect == VALUE_NEWER ? VALUE_NEWER_DEEP : VALUE_OLDER_DEEP;
    }
    return legacy_conditional_operator_check(in->conditional_operator, filter->count, err) &&
           legacy_conditions_check_nesting(filter, dialect, err) &&
           legacy_conditions_check_nesting(&in->key_conditions, in->dialect, err) &&
           legacy_conditions_check_values(filter, dialect, call->arena, err) &&
           legacy_conditions_check_values(&in->key_conditions, in->dialect, call->arena, err) &&
           legacy_filter_read(filter, in->conditional_operator, dialect, call->arena, &in->condition, err);
}

bool read_check_names_and_start(struct call *call, struct read_in *in, struct err *err)
{
    return legacy_attributes_to_get_read(&in->attributes_to_get, call->arena, &in->projection, err) &&
           start_key_read(in->start_key, in->kind, in->dialect, call->arena, &in->start, err);
}

bool read_check_filter(struct call *call, struct read_in *in, struct err *err)
{
    if (in->filter_expression.p) {
        bool is_parsed = in->kind == READ_QUERY
                             ? condition_parse(in->filter_expression, EXPR_FILTER, call->arena, &in->condition, err)
                             : condition_parse_sized(in->filter_expression, EXPR_FILTER, call->arena, &in->condition, err);
        if (!is_parsed || !condition_bind(in->condition, in->placeholders, err)) {
            return false;
        }
    }
    return params_check_projection(in->projection_expression, err);
}

/* The member that names attributes; NULL if there is none. */
static const char *projecting_member(const struct read_in *in)
{
    if (in->projection_expression.p) {
        return "ProjectionExpression";
    }
    return in->attributes_to_get.is_present ? "AttributesToGet" : NULL;
}

bool read_check_select(struct read_in *in, struct err *err)
{
    const char *member = projecting_member(in);
    in->what = member ? SELECT_SPECIFIC : in->index_name.p ? SELECT_ALL_PROJECTED : SELECT_ALL_ATTRIBUTES;
    if (!in->select.p) {
        return true;
    }
    ensure(select_of(in->select, &in->what));
    if (in->what == SELECT_SPECIFIC) {
        return member ||
               err_set(err, ERR_VALIDATION,
                       ENVELOPE "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
                                "SPECIFIC_ATTRIBUTES");
    }
    if (member) {
        struct str what = in->what == SELECT_COUNT ? STR("only the Count") : in->select;
        return err_set(err, ERR_VALIDATION, ENVELOPE "Cannot specify the %s when choosing to get %.*s", member,
                       STR_ARG(what));
    }
    if (in->what == SELECT_ALL_PROJECTED && !in->index_name.p) {
        return err_set(err, ERR_VALIDATION,
                       ENVELOPE "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName");
    }
    return true;
}

bool read_check_projection(struct call *call, struct read_in *in, struct err *err)
{
    return !in->projection_expression.p ||
           (projection_parse(in->projection_expression, call->arena, &in->projection, err) &&
            projection_bind(in->projection, in->placeholders, err));
}
