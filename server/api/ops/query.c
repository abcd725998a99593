/* SPDX-License-Identifier: Apache-2.0 */
/* Query: rows of one partition of a table or index, in the order of the sort key. This file holds the order in which AWS looks for what is
 * wrong (2026 D.3, aws-behaviour.md §2.5); the steps are in read.c, key_match.c and start_key.c. */
#include "server/api/reads/key_match.h"
#include "server/api/items/item_ops.h"
#include "server/api/items/legacy.h"
#include "server/api/reads/read.h"
#include "server/api/tables.h"

struct query_in {
    struct read_in read;
    enum tri scan_index_forward;
    /* By check: what the rows must match, from either form. */
    struct key_condition *key_condition;
    const struct key_clause *legacy_clauses;
    size_t legacy_count;
};

static const struct field input[] = {
    /* The older layer, stage 0. */
    FIELD_STRING(query_in, read.select, "Select", .custom = older_enum, .one_of = SET_SELECT),
    FIELD_STRING(query_in, read.return_consumed_capacity, "ReturnConsumedCapacity", .custom = older_enum,
                 .one_of = SET_RETURN_CONSUMED_CAPACITY),
    FIELD_STRING(query_in, read.table_name, "TableName", .custom = older_table_name),
    FIELD_MAP(query_in, read.key_conditions, "KeyConditions", read_condition_element, .custom = older_operators),
    FIELD_MAP(query_in, read.query_filter, "QueryFilter", read_condition_element, .custom = older_operators),
    FIELD_INT(query_in, read.limit, "Limit", .custom = older_number, .min = 1),
    /* The newer one. */
    FIELD_INT(query_in, read.limit, "Limit", .custom = newer_number, .min = 1, .style = STYLE_NEWER, .stage = 1),
    FIELD_STRING(query_in, read.table_name, "TableName", .custom = newer_table_name_empty, .stage = 1),
    FIELD_STRING(query_in, read.table_name, "TableName", .custom = table_name_newer, .stage = 2),
    FIELD_STRING(query_in, read.return_consumed_capacity, "ReturnConsumedCapacity",
                 .one_of = SET_RETURN_CONSUMED_CAPACITY, .stage = 2),
    FIELD_MAP(query_in, read.key_conditions, "KeyConditions", read_condition_element, .custom = newer_operators,
              .stage = 2),
    FIELD_MAP(query_in, read.query_filter, "QueryFilter", read_condition_element, .custom = newer_operators, .stage = 2),
    FIELD_LIST(query_in, read.attributes_to_get, "AttributesToGet", legacy_name_element, .min = 1, .stage = 2),
    /* No constraints. */
    FIELD_STRING(query_in, read.index_name, "IndexName"),
    FIELD_BOOL(query_in, read.consistent_read, "ConsistentRead"),
    FIELD_BOOL(query_in, scan_index_forward, "ScanIndexForward"),
    FIELD_STRING(query_in, read.conditional_operator, "ConditionalOperator"),
    FIELD_ITEM(query_in, read.start_key, "ExclusiveStartKey"),
    FIELD_STRING(query_in, read.projection_expression, "ProjectionExpression"),
    FIELD_STRING(query_in, read.filter_expression, "FilterExpression"),
    FIELD_STRING(query_in, read.key_condition_expression, "KeyConditionExpression"),
    FIELD_STRING_MAP(query_in, read.names, "ExpressionAttributeNames"),
    FIELD_ITEM(query_in, read.values, "ExpressionAttributeValues"),
    FIELD_END,
};

static bool check_key_condition(struct call *call, struct query_in *in, struct err *err)
{
    return !in->read.key_condition_expression.p ||
           (key_condition_parse(in->read.key_condition_expression, call->arena, &in->key_condition, err) &&
            key_condition_bind_names(in->key_condition, in->read.placeholders, err));
}

static bool check_empty_key_condition(const struct query_in *in, struct err *err)
{
    return !in->read.key_condition_expression.p || in->read.key_condition_expression.n > 0 ||
           err_set(err, ERR_REQUEST, "Invalid KeyConditionExpression: The expression can not be empty;");
}

/* Placeholders that nothing uses; but AWS goes on to the table when a value of the key condition is undefined, and reports that. */
static bool check_unused(const struct query_in *in, struct err *err)
{
    size_t count = 0;
    const struct key_clause *clauses = in->key_condition ? key_condition_clauses(in->key_condition, &count) : NULL;
    for (size_t i = 0; i < count; i++) {
        if (!clauses[i].a || (clauses[i].op == KEY_BETWEEN && !clauses[i].b)) {
            return true;
        }
    }
    return placeholders_check_unused(in->read.placeholders, err);
}

static bool check_layer(struct call *call, void *data, enum value_dialect dialect, struct err *err)
{
    struct query_in *in = data;
    struct read_in *read = &in->read;
    return read_check_parameters(call, read, READ_QUERY, dialect, err) && read_check_select_name(read, err) &&
           read_check_legacy_filter(call, read, err) &&
           legacy_key_conditions_read(&read->key_conditions, dialect, call->arena, &in->legacy_clauses,
                                      &in->legacy_count, err) &&
           read_check_names_and_start(call, read, err) && check_empty_key_condition(in, err) &&
           read_check_filter(call, read, err) && read_check_select(read, err) && check_key_condition(call, in, err) &&
           read_check_projection(call, read, err) && check_unused(in, err);
}

static bool check(struct call *call, void *data, struct err *err)
{
    return check_by_layer(call, data, check_layer, read_request_is_older, err);
}

static bool bind(const struct query_in *in, struct query *query, struct err *err)
{
    const struct key_clause *clauses = in->legacy_clauses;
    size_t count = in->legacy_count;
    if (in->key_condition) {
        clauses = key_condition_clauses(in->key_condition, &count);
    }
    if (!key_match_hash(read_schema(query->table, query->index), clauses, count, err)) {
        return false;
    }
    if (in->key_condition && !key_condition_bind_values(in->key_condition, in->read.placeholders, err)) {
        return false;
    }
    return key_match_bind(query, clauses, count, err);
}

/* All that needs the table, in AWS's order. */
static bool check_against_table(const struct query_in *in, struct query *query, struct err *err)
{
    const struct read_in *read = &in->read;
    const struct table_desc *table = query->table;
    if (!key_match_declared_types(table, in->legacy_clauses, in->legacy_count, err)) {
        return false;
    }
    if (!in->key_condition && in->legacy_count == 0) {
        return err_set(err, ERR_VALIDATION,
                       "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.");
    }
    return read_index(read, table, &query->index, err) &&
           start_key_check_shape(table, query->index, query->start, READ_QUERY, err) && bind(in, query, err) &&
           start_key_check_place(query, err) && projection_check_keys(read->projection, table, err) &&
           read_check_filter_on_keys(read, table, query->index, err) &&
           read_check_all_attributes(read, query->index, err) && condition_check_keys(read->condition, table, err) &&
           read_check_projected(read, table, query->index, err);
}

static bool run(struct call *call, void *data, struct err *err)
{
    const struct query_in *in = data;
    struct query query = {.start = in->read.start, .is_reverse = in->scan_index_forward == TRI_FALSE};
    struct cursor *cursor;
    return table_for_items(call, in->read.table, &query.table, err) && check_against_table(in, &query, err) &&
           cursor_query(call->txn, &query, call->arena, &cursor, err) &&
           read_answer(call, &in->read, query.table, query.index, cursor, err);
}

const struct op op_query = {
    .name = "Query",
    .txn = TXN_READ,
    .input = input,
    .input_size = sizeof(struct query_in),
    .check = check,
    .run = run,
};
