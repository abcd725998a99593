/* SPDX-License-Identifier: Apache-2.0 */
/* get_item.c — reads one item by its key. Without a projection the answer is a copy of the stored bytes. The order of
 * the checks is AWS's: 2026 D.3. */
#include "server/api/items/item_ops.h"
#include "server/api/items/keys.h"
#include "server/api/items/legacy.h"
#include "server/api/items/params.h"
#include "server/api/tables.h"
#include "server/api/items/values.h"

struct get_item_in {
    struct str table_name;
    const struct json *key;
    struct list attributes_to_get;
    enum tri consistent_read;
    struct str return_consumed_capacity;
    struct str projection_expression;
    const struct json *names;
    /* made by check */
    struct str bare_name;
    struct value key_value;
    struct projection *projection; /* NULL: the whole item */
};

static const struct field input[] = {
    FIELD_STRING(get_item_in, table_name, "TableName", .custom = table_name_empty_newer),
    FIELD_ITEM(get_item_in, key, "Key", .required = true, .stage = 1),
    FIELD_STRING(get_item_in, table_name, "TableName", .custom = table_name_newer, .stage = 1),
    FIELD_STRING(get_item_in, return_consumed_capacity, "ReturnConsumedCapacity",
                 .one_of = SET_RETURN_CONSUMED_CAPACITY, .stage = 1),
    FIELD_LIST(get_item_in, attributes_to_get, "AttributesToGet", legacy_name_element, .min = 1, .stage = 1),
    FIELD_BOOL(get_item_in, consistent_read, "ConsistentRead"),
    FIELD_STRING(get_item_in, projection_expression, "ProjectionExpression"),
    FIELD_STRING_MAP(get_item_in, names, "ExpressionAttributeNames"),
    FIELD_END,
};

static bool read_projection(struct get_item_in *in, struct placeholders *placeholders, struct arena *arena,
                            struct err *err)
{
    if (!legacy_attributes_to_get_read(&in->attributes_to_get, arena, &in->projection, err)) {
        return false;
    }
    if (in->projection_expression.p && (!projection_parse(in->projection_expression, arena, &in->projection, err) ||
                                        !projection_bind(in->projection, placeholders, err))) {
        return false;
    }
    return placeholders_check_unused(placeholders, err);
}

static bool check(struct call *call, void *input_struct, struct err *err)
{
    struct get_item_in *in = input_struct;
    struct params params = {.names = in->names, .dialect = VALUE_NEWER};
    if (in->attributes_to_get.is_present) {
        params.legacy[0] = "AttributesToGet";
    }
    if (in->projection_expression.p) {
        params.expressions[0] = "ProjectionExpression";
    }
    struct placeholders *placeholders = NULL;
    return item_check_names(in->key, err) && legacy_attributes_to_get_check_names(&in->attributes_to_get, err) &&
           placeholders_check_names(in->names, err) && params_check(&params, call->arena, &placeholders, err) &&
           item_check_nesting(in->key, err) && item_read(in->key, call->arena, VALUE_NEWER, &in->key_value, err) &&
           read_projection(in, placeholders, call->arena, err) &&
           table_name_of(call, in->table_name, &in->bare_name, err);
}

static bool write_item(struct call *call, const struct get_item_in *in, const struct stored *stored, struct err *err)
{
    if (!stored_exists(stored)) {
        return true;
    }
    buf_add_literal(call->out, "\"Item\":");
    if (!in->projection) {
        buf_add_str(call->out, stored->text);
        return true;
    }
    const struct json *item;
    if (!stored_parse(stored, call->arena, &item, err)) {
        return false;
    }
    (void)projection_write(in->projection, item, false, call->arena, call->out);
    return true;
}

static bool run(struct call *call, void *input_struct, struct err *err)
{
    const struct get_item_in *in = input_struct;
    const struct table_desc *table;
    struct stored stored;
    if (!table_for_items(call, in->bare_name, &table, err) || !key_check(table, &in->key_value, err) ||
        !projection_check_keys(in->projection, table, err) ||
        !item_get(call->txn, table, &in->key_value, call->arena, &stored, err)) {
        return false;
    }
    buf_add_byte(call->out, '{');
    if (!write_item(call, in, &stored, err)) {
        return false;
    }
    enum capacity_mode mode = capacity_mode_of(in->return_consumed_capacity);
    if (mode != CAPACITY_NONE) {
        struct capacity capacity;
        capacity_init(&capacity, table, in->table_name, call->arena);
        capacity_add_get(&capacity, stored_exists(&stored) ? stored.size_bytes : 0, in->consistent_read == TRI_TRUE, 1);
        if (stored_exists(&stored)) {
            buf_add_byte(call->out, ',');
        }
        buf_add_literal(call->out, "\"ConsumedCapacity\":");
        capacity_write(&capacity, mode, NULL, call->out);
    }
    buf_add_byte(call->out, '}');
    return true;
}

const struct op op_get_item = {
    .name = "GetItem",
    .txn = TXN_READ,
    .input = input,
    .input_size = sizeof(struct get_item_in),
    .check = check,
    .run = run,
};
