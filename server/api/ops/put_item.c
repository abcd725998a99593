/* SPDX-License-Identifier: Apache-2.0 */
/* put_item.c — writes a whole item. Everything that needs only the request happens in check, on the connection's loop;
 * run is one look-up of the table, one read, one plan and one write. The order of the checks is AWS's: 2026 D.3. */
#include "core/limits.h"
#include "server/api/conflicts.h"
#include "server/api/items/item_ops.h"
#include "server/api/items/keys.h"
#include "server/api/items/legacy.h"
#include "server/api/tables.h"
#include "server/api/items/values.h"

struct put_item_in {
    struct write_in write;
    const struct json *item;
    struct value value; /* made by check */
};

/* Bodies that the newer layer does not read get the older text. */
static void report_return_values(struct shape_report *report, const struct field *field, const void *input_struct)
{
    const struct put_item_in *in = input_struct;
    struct str s = in->write.return_values;
    if (s.p && !is_return_values(s) && (item_is_beyond_newer(in->item) || item_is_beyond_newer(in->write.values))) {
        shape_report_constraint(report, field, in, MUST_BE_ONE_OF SET_RETURN_VALUES_OLDER);
    } else {
        return_values_newer(report, field, in);
    }
}

static const struct field input[] = {
    COMMON_TABLE_NAME(put_item_in, write.table_name, 1),
    FIELD_ITEM(put_item_in, item, "Item", .required = true, .stage = 1),
    FIELD_MAP(put_item_in, write.expected, "Expected", legacy_expected_element),
    FIELD_STRING(put_item_in, write.return_consumed_capacity, "ReturnConsumedCapacity",
                 .one_of = SET_RETURN_CONSUMED_CAPACITY, .stage = 1),
    FIELD_STRING(put_item_in, write.return_values, "ReturnValues", .custom = report_return_values, .stage = 1),
    FIELD_STRING(put_item_in, write.return_item_collection_metrics, "ReturnItemCollectionMetrics",
                 .one_of = SET_RETURN_ITEM_COLLECTION_METRICS, .stage = 1),
    FIELD_STRING(put_item_in, write.return_values_on_failure, "ReturnValuesOnConditionCheckFailure",
                 .one_of = SET_RETURN_VALUES_ON_FAILURE, .stage = 1),
    FIELD_STRING(put_item_in, write.conditional_operator, "ConditionalOperator"),
    FIELD_STRING(put_item_in, write.condition_expression, "ConditionExpression"),
    FIELD_STRING_MAP(put_item_in, write.names, "ExpressionAttributeNames"),
    FIELD_ITEM(put_item_in, write.values, "ExpressionAttributeValues"),
    FIELD_END,
};

/* The item, and what AWS looks for in the whole request before the contents of values: empty names, then false NULLs.
 */
static bool check_values(struct put_item_in *in, enum value_dialect dialect, struct arena *arena, struct err *err)
{
    struct err own;
    err_init(&own, err->arena);
    bool is_read = item_read(in->item, arena, dialect, &in->value, &own);
    if (is_read && !value_has_empty_name(&in->value)) {
        return write_check_names(&in->write, err) && write_check_nulls(&in->write, NULL, dialect, err);
    }
    return item_check_names(in->item, err) && write_check_names(&in->write, err) &&
           err_set_text(err, own.kind, own.message);
}

static bool check_expressions(struct put_item_in *in, struct arena *arena, struct err *err)
{
    struct write_in *write = &in->write;
    struct condition *condition = NULL;
    if (write->condition_expression.p &&
        (!condition_parse(write->condition_expression, EXPR_CONDITION, arena, &condition, err) ||
         !condition_check_operands(condition, write->placeholders, err))) {
        return false;
    }
    if (!return_values_check_old(write->return_values, err) ||
        !legacy_expected_read(&write->expected, write->conditional_operator, arena, &write->condition, err)) {
        return false;
    }
    if (!item_check_size(&in->value, err)) {
        return false;
    }
    if (condition) {
        write->condition = condition;
        if (!condition_bind_references(condition, write->placeholders, err)) {
            return false;
        }
    }
    return placeholders_check_unused(write->placeholders, err);
}

static bool check_layer(struct call *call, void *input_struct, enum value_dialect dialect, struct err *err)
{
    struct put_item_in *in = input_struct;
    struct write_in *write = &in->write;
    struct arena *arena = call->arena;
    return check_values(in, dialect, arena, err) &&
           write_check_params(write, NULL, NULL, NAMING_DUPLICATES, dialect, arena, err) &&
           legacy_conditional_operator_check(write->conditional_operator, write->expected.count, err) &&
           legacy_expected_check_nesting(&write->expected, err) &&
           legacy_expected_check_values(&write->expected, arena, dialect, err) && check_expressions(in, arena, err);
}

static bool is_older(const void *input_struct)
{
    const struct put_item_in *in = input_struct;
    return item_is_older(in->item) || write_is_older(&in->write);
}

static bool check(struct call *call, void *input_struct, struct err *err)
{
    struct put_item_in *in = input_struct;
    return check_by_layer(call, in, check_layer, is_older, err) &&
           table_name_of(call, in->write.table_name, &in->write.bare_name, err);
}

static bool run(struct call *call, void *input_struct, struct err *err)
{
    const struct put_item_in *in = input_struct;
    const struct write_in *write = &in->write;
    const struct table_desc *table;
    if (!table_for_items(call, write->bare_name, &table, err) || !item_key_check(table, &in->value, false, err) ||
        !index_keys_check_put(table, &in->value, err) || !condition_check_keys(write->condition, table, err)) {
        return false;
    }
    struct value key = key_of_item(table, &in->value, call->arena);
    struct stored old;
    if (!conflict_check(call, table, &key, err) || !item_get(call->txn, table, &key, call->arena, &old, err)) {
        return false;
    }
    const struct json *old_item = NULL;
    if (write->condition && (!write_parse_old(&old, write->condition, NULL, table, call->arena, &old_item, err) ||
                             !write_check_condition(write, &old, old_item, call->arena, err))) {
        return false;
    }
    struct change change;
    if (!change_plan(call->txn, table, &key, &old, &in->value, CAUSE_USER, call->arena, &change, err) ||
        !change_apply(call->txn, &change, err)) {
        return false;
    }
    write_answer_begin(call);
    if (str_eq(write->return_values, STR("ALL_OLD"))) {
        write_attributes(call, old.text);
    }
    write_answer_end(call, write, &change, &key);
    return true;
}

const struct op op_put_item = {
    .name = "PutItem",
    .txn = TXN_WRITE,
    .has_enveloped_requests = true,
    .input = input,
    .input_size = sizeof(struct put_item_in),
    .check = check,
    .run = run,
};
