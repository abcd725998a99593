/* SPDX-License-Identifier: Apache-2.0 */
/* delete_item.c — removes an item by its key, if there is one and the condition holds. The order of the checks is
 * AWS's: 2026 D.3. */
#include "server/api/conflicts.h"
#include "server/api/items/item_ops.h"
#include "server/api/items/keys.h"
#include "server/api/items/legacy.h"
#include "server/api/tables.h"
#include "server/api/items/values.h"

struct delete_item_in {
    struct write_in write;
    const struct json *key;
    struct value key_value; /* made by check */
};

/* The last of the joined errors, and only when there is a key. */
static void return_values_last(struct shape_report *report, const struct field *field, const void *input_struct)
{
    (void)field;
    const struct delete_item_in *in = input_struct;
    struct str s = in->write.return_values;
    if (in->key && s.p && is_return_values(s) && !str_eq(s, STR("NONE")) && !str_eq(s, STR("ALL_OLD"))) {
        shape_report_add(report, RETURN_VALUES_OLD_TEXT);
    }
}

static const struct field input[] = {
    COMMON_TABLE_NAME(delete_item_in, write.table_name, 1),
    FIELD_ITEM(delete_item_in, key, "Key", .required = true, .stage = 1),
    FIELD_MAP(delete_item_in, write.expected, "Expected", legacy_expected_element),
    FIELD_STRING(delete_item_in, write.return_consumed_capacity, "ReturnConsumedCapacity",
                 .one_of = SET_RETURN_CONSUMED_CAPACITY, .stage = 1),
    FIELD_STRING(delete_item_in, write.return_values, "ReturnValues", .custom = return_values_newer, .stage = 1),
    FIELD_STRING(delete_item_in, write.return_item_collection_metrics, "ReturnItemCollectionMetrics",
                 .one_of = SET_RETURN_ITEM_COLLECTION_METRICS, .stage = 1),
    FIELD_STRING(delete_item_in, write.return_values_on_failure, "ReturnValuesOnConditionCheckFailure",
                 .one_of = SET_RETURN_VALUES_ON_FAILURE, .stage = 1),
    FIELD_STRING(delete_item_in, write.return_values, "ReturnValues", .custom = return_values_last, .stage = 1),
    FIELD_STRING(delete_item_in, write.conditional_operator, "ConditionalOperator"),
    FIELD_STRING(delete_item_in, write.condition_expression, "ConditionExpression"),
    FIELD_STRING_MAP(delete_item_in, write.names, "ExpressionAttributeNames"),
    FIELD_ITEM(delete_item_in, write.values, "ExpressionAttributeValues"),
    FIELD_END,
};

static bool check_expressions(struct write_in *write, struct arena *arena, struct err *err)
{
    if (!write->condition_expression.p) {
        return placeholders_check_unused(write->placeholders, err) &&
               legacy_expected_read(&write->expected, write->conditional_operator, arena, &write->condition, err);
    }
    return condition_parse(write->condition_expression, EXPR_CONDITION, arena, &write->condition, err) &&
           condition_check_operands(write->condition, write->placeholders, err) &&
           condition_bind_references(write->condition, write->placeholders, err) &&
           placeholders_check_unused(write->placeholders, err);
}

static bool check_layer(struct call *call, void *input_struct, enum value_dialect dialect, struct err *err)
{
    struct delete_item_in *in = input_struct;
    struct write_in *write = &in->write;
    struct arena *arena = call->arena;
    return item_check_names(in->key, err) && write_check_names(write, err) &&
           write_check_nulls(write, in->key, dialect, err) &&
           write_check_params(write, NULL, NULL, NAMING_ALL, dialect, arena, err) &&
           legacy_conditional_operator_check(write->conditional_operator, write->expected.count, err) &&
           item_check_nesting(in->key, err) && legacy_expected_check_nesting(&write->expected, err) &&
           item_read(in->key, arena, dialect, &in->key_value, err) &&
           legacy_expected_check_values(&write->expected, arena, dialect, err) && check_expressions(write, arena, err);
}

static bool is_older(const void *input_struct)
{
    const struct delete_item_in *in = input_struct;
    return item_is_older(in->key) || write_is_older(&in->write);
}

static bool check(struct call *call, void *input_struct, struct err *err)
{
    struct delete_item_in *in = input_struct;
    return check_by_layer(call, in, check_layer, is_older, err) &&
           table_name_of(call, in->write.table_name, &in->write.bare_name, err);
}

static bool run(struct call *call, void *input_struct, struct err *err)
{
    const struct delete_item_in *in = input_struct;
    const struct write_in *write = &in->write;
    const struct table_desc *table;
    struct stored old;
    if (!table_for_items(call, write->bare_name, &table, err) || !key_check(table, &in->key_value, err) ||
        !condition_check_keys(write->condition, table, err) || !conflict_check(call, table, &in->key_value, err) ||
        !item_get(call->txn, table, &in->key_value, call->arena, &old, err)) {
        return false;
    }
    const struct json *old_item = NULL;
    if (write->condition && (!write_parse_old(&old, write->condition, NULL, table, call->arena, &old_item, err) ||
                             !write_check_condition(write, &old, old_item, call->arena, err))) {
        return false;
    }
    struct change change;
    if (!change_plan(call->txn, table, &in->key_value, &old, NULL, CAUSE_USER, call->arena, &change, err) ||
        !change_apply(call->txn, &change, err)) {
        return false;
    }
    write_answer_begin(call);
    if (str_eq(write->return_values, STR("ALL_OLD"))) {
        write_attributes(call, old.text);
    }
    write_answer_end(call, write, &change, &in->key_value);
    return true;
}

const struct op op_delete_item = {
    .name = "DeleteItem",
    .txn = TXN_WRITE,
    .has_enveloped_requests = true,
    .input = input,
    .input_size = sizeof(struct delete_item_in),
    .check = check,
    .run = run,
};
