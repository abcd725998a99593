/* SPDX-License-Identifier: Apache-2.0 */
/* update_item.c — changes attributes of an item, or makes it. The order of the checks is AWS's, and long: 2026 D.3.
 * Which members are checked how depends on others (a request without Key goes to AWS's older layer), so some
 * constraints are small functions of the whole input. */
#include "core/limits.h"
#include "core/utf8.h"
#include "server/api/conflicts.h"
#include "server/api/items/keys.h"
#include "server/api/items/legacy.h"
#include "server/api/tables.h"
#include "server/api/items/update_run.h"
#include "server/api/items/values.h"

struct update_item_in {
    struct write_in write;
    const struct json *key;
    struct map attribute_updates;
    struct str update_expression;
    /* made by check */
    struct value key_value;
    struct update *update;
};

/* ---- Constraints ---- */

#define FAILED " failed to satisfy constraint: Member must "
#define NAME_CHARACTERS_MIN 3
#define NAME_CHARACTERS_MAX 255

static void report_null(struct shape_report *report, const char *path)
{
    shape_report_add(report, "Value null at '%s'" FAILED "not be null", path);
}

/* The classic text of an enum, as the older layer has it for all of them. */
static void report_set(struct shape_report *report, const char *path, struct str s, bool is_right, const char *set)
{
    if (s.p && !is_right) {
        shape_report_add(report, "Value '%.*s' at '%s'" FAILED "satisfy enum value set: %s", STR_ARG(s), path, set);
    }
}

static bool is_any_of(struct str s, const char *a, const char *b, const char *c)
{
    return str_eq(s, str_from(a)) || str_eq(s, str_from(b)) || str_eq(s, str_from(c));
}

/* Without Key: the older layer, all at once. */
static void report_without_key(struct shape_report *report, const struct field *field, const void *input_struct)
{
    (void)field;
    const struct update_item_in *in = input_struct;
    const struct write_in *write = &in->write;
    if (in->key) {
        return;
    }
    report_set(report, "returnConsumedCapacity", write->return_consumed_capacity,
               is_any_of(write->return_consumed_capacity, "INDEXES", "TOTAL", "NONE"), SET_RETURN_CONSUMED_CAPACITY);
    if (!write->table_name.p) {
        report_null(report, "tableName");
    }
    report_set(report, "returnValues", write->return_values, is_return_values(write->return_values),
               SET_RETURN_VALUES_OLDER);
    report_set(report, "returnValuesOnConditionCheckFailure", write->return_values_on_failure,
               is_any_of(write->return_values_on_failure, "ALL_OLD", "NONE", "NONE"), SET_RETURN_VALUES_ON_FAILURE);
    report_set(report, "returnItemCollectionMetrics", write->return_item_collection_metrics,
               is_any_of(write->return_item_collection_metrics, "SIZE", "NONE", "NONE"),
               SET_RETURN_ITEM_COLLECTION_METRICS);
    report_null(report, "key");
}

/* Bodies that the newer layer does not read get the older text. */
static void report_return_values(struct shape_report *report, const struct field *field, const void *input_struct)
{
    const struct update_item_in *in = input_struct;
    const struct write_in *write = &in->write;
    if (!write->return_values.p) {
        return;
    }
    if (item_is_beyond_newer(in->key) || item_is_beyond_newer(write->values)) {
        report_set(report, "returnValues", write->return_values, is_return_values(write->return_values),
                   SET_RETURN_VALUES_OLDER);
    } else {
        return_values_newer(report, field, in);
    }
}

/* A missing name stands beside a bad ReturnValues; a bad one stands alone, with all that is wrong with it. */
static void report_table_name(struct shape_report *report, const struct field *field, const void *input_struct)
{
    const struct update_item_in *in = input_struct;
    struct str name = in->write.table_name;
    if (!name.p) {
        report_null(report, "tableName");
        report_set(report, "returnValues", in->write.return_values, is_return_values(in->write.return_values),
                   SET_RETURN_VALUES_OLDER);
        return;
    }
    if (str_starts_with(name, STR("arn:"))) {
        return;
    }
    if (!is_table_name(name)) {
        shape_report_constraint(report, field, input_struct, MUST_MATCH NAME_PATTERN);
    }
    size_t length = utf8_characters(name);
    if (length < NAME_CHARACTERS_MIN) {
        shape_report_constraint(report, field, input_struct, MUST_HAVE_MIN, NAME_CHARACTERS_MIN);
    } else if (length > NAME_CHARACTERS_MAX) {
        shape_report_constraint(report, field, input_struct, MUST_HAVE_MAX, NAME_CHARACTERS_MAX);
    }
}

static const struct field input[] = {
    FIELD_STRING(update_item_in, write.table_name, "TableName", .custom = table_name_empty_newer),
    FIELD_ITEM(update_item_in, key, "Key", .custom = report_without_key, .stage = 1),
    FIELD_STRING(update_item_in, write.table_name, "TableName", .custom = report_table_name, .stage = 2),
    FIELD_MAP(update_item_in, attribute_updates, "AttributeUpdates", legacy_update_element),
    FIELD_MAP(update_item_in, write.expected, "Expected", legacy_expected_element),
    FIELD_STRING(update_item_in, write.conditional_operator, "ConditionalOperator"),
    FIELD_STRING(update_item_in, write.return_values, "ReturnValues", .custom = report_return_values, .stage = 3),
    FIELD_STRING(update_item_in, write.return_values_on_failure, "ReturnValuesOnConditionCheckFailure",
                 .one_of = SET_RETURN_VALUES_ON_FAILURE, .stage = 4, .bare = true),
    FIELD_STRING(update_item_in, write.return_item_collection_metrics, "ReturnItemCollectionMetrics",
                 .one_of = SET_RETURN_ITEM_COLLECTION_METRICS, .stage = 5),
    FIELD_STRING(update_item_in, write.return_consumed_capacity, "ReturnConsumedCapacity",
                 .one_of = SET_RETURN_CONSUMED_CAPACITY, .stage = 6, .bare = true),
    FIELD_STRING(update_item_in, update_expression, "UpdateExpression"),
    FIELD_STRING(update_item_in, write.condition_expression, "ConditionExpression"),
    FIELD_STRING_MAP(update_item_in, write.names, "ExpressionAttributeNames"),
    FIELD_ITEM(update_item_in, write.values, "ExpressionAttributeValues"),
    FIELD_END,
};

/* ---- Request-only checks ---- */

static bool check_names_and_nulls(const struct update_item_in *in, enum value_dialect dialect, struct err *err)
{
    return item_check_names(in->key, err) && legacy_check_all_names(&in->attribute_updates, err) &&
           write_check_names(&in->write, err) && write_check_nulls(&in->write, in->key, dialect, err) &&
           (dialect == VALUE_OLDER || legacy_updates_check_nulls(&in->attribute_updates, err));
}

static bool check_legacy(struct update_item_in *in, enum value_dialect dialect, struct arena *arena, struct err *err)
{
    struct write_in *write = &in->write;
    return legacy_conditional_operator_check(write->conditional_operator, write->expected.count, err) &&
           item_check_nesting(in->key, err) && legacy_updates_check_nesting(&in->attribute_updates, err) &&
           legacy_expected_check_nesting(&write->expected, err) &&
           item_read(in->key, arena, dialect, &in->key_value, err) &&
           legacy_updates_check_values(&in->attribute_updates, arena, dialect, err) &&
           legacy_updates_read(&in->attribute_updates, arena, &in->update, err) &&
           legacy_expected_check_values(&write->expected, arena, dialect, err) &&
           legacy_expected_read(&write->expected, write->conditional_operator, arena, &write->condition, err);
}

static bool check_expressions(struct update_item_in *in, struct arena *arena, struct err *err)
{
    struct write_in *write = &in->write;
    bool has_condition = write->condition_expression.p != NULL;
    if (has_condition && write->condition_expression.n == 0) {
        /* Its error comes first, even before those of the update. */
        return condition_parse(write->condition_expression, EXPR_CONDITION, arena, &write->condition, err);
    }
    if (in->update_expression.p && (!update_parse(in->update_expression, arena, &in->update, err) ||
                                    !update_bind(in->update, write->placeholders, err))) {
        return false;
    }
    if (!in->update) {
        in->update = update_new(arena); /* makes the item, or changes nothing */
    }
    if (has_condition &&
        (!condition_parse(write->condition_expression, EXPR_CONDITION, arena, &write->condition, err) ||
         !condition_bind_references(write->condition, write->placeholders, err))) {
        return false;
    }
    return placeholders_check_unused(write->placeholders, err) &&
           (!has_condition || condition_check_operands(write->condition, write->placeholders, err));
}

static bool check_layer(struct call *call, void *input_struct, enum value_dialect dialect, struct err *err)
{
    struct update_item_in *in = input_struct;
    return check_names_and_nulls(in, dialect, err) &&
           write_check_params(&in->write, in->attribute_updates.is_present ? "AttributeUpdates" : NULL,
                              in->update_expression.p ? "UpdateExpression" : NULL,
                              NAMING_ALL & ~(unsigned)NAMING_EMPTY, dialect, call->arena, err) &&
           check_legacy(in, dialect, call->arena, err) && check_expressions(in, call->arena, err);
}

static bool is_older(const void *input_struct)
{
    const struct update_item_in *in = input_struct;
    return item_is_older(in->key) || legacy_updates_is_older(&in->attribute_updates) || write_is_older(&in->write);
}

static bool check(struct call *call, void *input_struct, struct err *err)
{
    struct update_item_in *in = input_struct;
    return check_by_layer(call, in, check_layer, is_older, err) &&
           table_name_of(call, in->write.table_name, &in->write.bare_name, err);
}

/* ---- Running ---- */

static void write_returned(struct call *call, const struct update_item_in *in, const struct change *change,
                           const struct updated_item *updated)
{
    struct str wanted = in->write.return_values;
    if (str_eq(wanted, STR("ALL_OLD"))) {
        write_attributes(call, change->old.text);
    } else if (str_eq(wanted, STR("ALL_NEW"))) {
        write_attributes(call, change->new.text);
    } else if (str_starts_with(wanted, STR("UPDATED_"))) {
        size_t before = call->out->n;
        buf_add_literal(call->out, "\"Attributes\":");
        bool is_new = str_eq(wanted, STR("UPDATED_NEW"));
        if (!(is_new ? update_write_changed(in->update, &updated->new, call->arena, call->out)
                     : update_write_touched(in->update, updated->old, call->arena, call->out))) {
            buf_truncate(call->out, before);
        }
    }
}

/* All that the table and the item may still refuse. */
static bool make_item(struct call *call, const struct update_item_in *in, const struct table_desc *table,
                      struct stored *old, struct updated_item *out, struct err *err)
{
    const struct json *item;
    return write_parse_old(old, in->write.condition, in->update, table, call->arena, &item, err) &&
           write_check_condition(&in->write, old, item, call->arena, err) &&
           update_check_key_targets(in->update, table, err) &&
           update_make_item(in->update, &in->key_value, old, item, call->arena, out, err) &&
           index_keys_check_update(table, out->old, &out->new, err);
}

static bool run(struct call *call, void *input_struct, struct err *err)
{
    const struct update_item_in *in = input_struct;
    const struct table_desc *table;
    if (!table_for_items(call, in->write.bare_name, &table, err) || !key_check(table, &in->key_value, err) ||
        !update_check_key_paths(in->update, table, err) || !condition_check_keys(in->write.condition, table, err)) {
        return false;
    }
    if (update_request_charge(in->update) > LIMIT_ITEM_BYTES) {
        return err_set(err, ERR_VALIDATION, UPDATE_SIZE_TEXT);
    }
    struct stored old;
    struct updated_item updated;
    struct change change;
    if (!conflict_check(call, table, &in->key_value, err) ||
        !item_get(call->txn, table, &in->key_value, call->arena, &old, err) ||
        !make_item(call, in, table, &old, &updated, err) ||
        !change_plan_update(call->txn, table, &in->key_value, &old, updated.old, &updated.new, call->arena, &change, err) ||
        !change_apply(call->txn, &change, err)) {
        return false;
    }
    write_answer_begin(call);
    write_returned(call, in, &change, &updated);
    write_answer_end(call, &in->write, &change, &in->key_value);
    return true;
}

const struct op op_update_item = {
    .name = "UpdateItem",
    .txn = TXN_WRITE,
    .has_enveloped_requests = true,
    .input = input,
    .input_size = sizeof(struct update_item_in),
    .check = check,
    .run = run,
};
