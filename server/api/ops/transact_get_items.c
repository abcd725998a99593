/* SPDX-License-Identifier: Apache-2.0 */
/* transact_get_items.c — up to 100 items by their keys, from one state. A bad key is a reason of a cancellation here,
 * and number sets come in the order of Java's HashSet (2026 I.2). */
#include "core/limits.h"
#include "server/api/conflicts.h"
#include "server/api/items/keys.h"
#include "server/api/tables.h"
#include "server/api/items/transact.h"
#include "server/api/items/values.h"

struct get_in {
    const struct json *key;
    struct str table_name;
    struct str projection_expression;
    const struct json *names;
    struct str workload_profile_name; /* AWS's own, seen in echoes */
};

struct transact_get_in {
    const void *get; /* struct get_in */
};

struct get {
    const struct get_in *in;
    struct str bare_name;
    struct value key;
    struct projection *projection;
};

struct transact_get_items_in {
    struct list items; /* of struct transact_get_in */
    struct str return_consumed_capacity;
    struct get *gets; /* made by check */
};

/* ---- Constraints ---- */

/* Beside a missing Get only; else it has a stage of its own. */
static void report_capacity_early(struct shape_report *report, const struct field *field, const void *input_struct)
{
    const struct transact_get_items_in *in = input_struct;
    const struct transact_get_in *items = in->items.items;
    struct str s = in->return_consumed_capacity;
    bool is_right = !s.p || str_eq(s, STR("NONE")) || capacity_mode_of(s) != CAPACITY_NONE;
    bool has_all = true;
    for (size_t i = 0; i < in->items.count; i++) {
        has_all = has_all && items[i].get;
    }
    if (!is_right && !has_all) {
        shape_report_constraint(report, field, input_struct, MUST_BE_ONE_OF SET_RETURN_CONSUMED_CAPACITY);
    }
}

/* The stages: 0 what is missing, 1 the length of the list, 2 ReturnConsumedCapacity, 3 the names of tables. */
static const struct field get_fields[] = {
    FIELD_ITEM(get_in, key, "Key", .required = true),
    FIELD_STRING(get_in, table_name, "TableName", .required = true),
    FIELD_STRING(get_in, table_name, "TableName", .custom = table_name_of_action, .stage = 3),
    FIELD_STRING(get_in, projection_expression, "ProjectionExpression"),
    FIELD_STRING_MAP(get_in, names, "ExpressionAttributeNames"),
    FIELD_STRING(get_in, workload_profile_name, "WorkloadProfileName"),
    FIELD_END,
};
static const struct field item_fields[] = {
    FIELD_STRUCT(transact_get_in, get, "Get", get_fields, get_in, .required = true, .stage = -1),
    FIELD_END,
};
static const struct field item_element[] = {
    ELEMENT_STRUCT(item_fields, transact_get_in, .java = "TransactGetItem"),
    FIELD_END,
};
static const struct field input[] = {
    FIELD_LIST(transact_get_items_in, items, "TransactItems", item_element, .required = true, .min = 1,
               .max = LIMIT_TRANSACTION_ACTIONS, .stage = 1),
    FIELD_STRING(transact_get_items_in, return_consumed_capacity, "ReturnConsumedCapacity",
                 .custom = report_capacity_early),
    FIELD_STRING(transact_get_items_in, return_consumed_capacity, "ReturnConsumedCapacity",
                 .one_of = SET_RETURN_CONSUMED_CAPACITY, .stage = 2),
    FIELD_END,
};

/* ---- Request-only checks ---- */

static bool check_projection(struct call *call, struct get *get, struct err *err)
{
    struct placeholders *placeholders = NULL;
    if (!placeholders_read(get->in->names, NULL, VALUE_OLDER, call->arena, &placeholders, err)) {
        return false;
    }
    if (get->in->projection_expression.p &&
        (!projection_parse(get->in->projection_expression, call->arena, &get->projection, err) ||
         !projection_bind(get->projection, placeholders, err))) {
        return false;
    }
    return placeholders_check_unused(placeholders, err);
}

static bool check(struct call *call, void *input_struct, struct err *err)
{
    struct transact_get_items_in *in = input_struct;
    const struct transact_get_in *items = in->items.items;
    in->gets = arena_array(call->arena, struct get, in->items.count);
    for (size_t i = 0; i < in->items.count; i++) {
        struct get *get = &in->gets[i];
        get->in = items[i].get;
        if (!item_check_names(get->in->key, err) || !placeholders_check_names(get->in->names, err)) {
            return false;
        }
    }
    for (size_t i = 0; i < in->items.count; i++) {
        struct get *get = &in->gets[i];
        if (!item_check_nesting(get->in->key, err) ||
            !item_read(get->in->key, call->arena, VALUE_OLDER, &get->key, err) || !check_projection(call, get, err) ||
            !table_name_of(call, get->in->table_name, &get->bare_name, err)) {
            return false;
        }
    }
    return true;
}

/* ---- Running ---- */

static bool find_tables(struct call *call, const struct transact_get_items_in *in, const struct table_desc **tables,
                        struct err *err)
{
    for (size_t i = 0; i < in->items.count; i++) {
        if (!table_for_items(call, in->gets[i].bare_name, &tables[i], err)) {
            return false;
        }
    }
    return true;
}

static bool check_keys(struct call *call, const struct transact_get_items_in *in,
                       const struct table_desc *const *tables, struct err *err)
{
    struct reason *reasons = arena_array(call->arena, struct reason, in->items.count);
    bool is_canceled = false;
    for (size_t i = 0; i < in->items.count; i++) {
        struct err own;
        err_init(&own, call->arena);
        if (!key_check(tables[i], &in->gets[i].key, &own)) {
            reasons[i] = (struct reason){.code = "ValidationError", .message = own.message};
            is_canceled = true;
        }
    }
    return !is_canceled || transaction_canceled(reasons, in->items.count, call->arena, err);
}

static bool check_duplicates(const struct transact_get_items_in *in, const struct table_desc *const *tables,
                             struct err *err)
{
    for (size_t i = 1; i < in->items.count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (tables[i]->id == tables[k]->id && value_equal(&in->gets[i].key, &in->gets[k].key)) {
                return transaction_duplicate_error(err);
            }
        }
    }
    return true;
}

/* -conflicts */
static bool check_conflicts(struct call *call, const struct transact_get_items_in *in,
                            const struct table_desc *const *tables, struct err *err)
{
    struct reason *reasons = arena_array(call->arena, struct reason, in->items.count);
    bool is_canceled = false;
    for (size_t i = 0; i < in->items.count; i++) {
        if (conflict_of_read(call, tables[i], &in->gets[i].key)) {
            reasons[i] = (struct reason){.code = "TransactionConflict", .message = STR(CONFLICT_TEXT)};
            is_canceled = true;
        }
    }
    return !is_canceled || transaction_canceled(reasons, in->items.count, call->arena, err);
}

/* `{"Item":{…}}`, or `{}` if there is no item or the projection finds nothing in it. */
static bool write_item(struct call *call, const struct get *get, const struct stored *stored, struct err *err)
{
    struct buf *out = call->out;
    buf_add_byte(out, '{');
    size_t before = out->n;
    if (stored_exists(stored)) {
        buf_add_literal(out, "\"Item\":");
        if (!get->projection) {
            stored_write_java(stored, call->arena, out);
        } else {
            const struct json *item;
            if (!stored_parse(stored, call->arena, &item, err)) {
                return false;
            }
            if (!projection_write(get->projection, item, stored->has_number_set, call->arena, out)) {
                buf_truncate(out, before);
            }
        }
    }
    buf_add_byte(out, '}');
    return true;
}

static bool read_items(struct call *call, const struct transact_get_items_in *in,
                       const struct table_desc *const *tables, struct capacity_list *list, struct err *err)
{
    size_t bytes = 0;
    for (size_t i = 0; i < in->items.count; i++) {
        const struct get *get = &in->gets[i];
        struct stored stored;
        if (!item_get(call->txn, tables[i], &get->key, call->arena, &stored, err)) {
            return false;
        }
        size_t size = stored_exists(&stored) ? stored.size_bytes : 0;
        bytes += size;
        if (bytes > LIMIT_TRANSACTION_BYTES) {
            return transaction_size_error(err);
        }
        if (i > 0) {
            buf_add_byte(call->out, ',');
        }
        if (!write_item(call, get, &stored, err)) {
            return false;
        }
        capacity_add_get(capacity_list_of(list, tables[i], get->in->table_name, call->arena), size, true, 2);
    }
    return true;
}

static bool run(struct call *call, void *input_struct, struct err *err)
{
    const struct transact_get_items_in *in = input_struct;
    const struct table_desc **tables = arena_array(call->arena, const struct table_desc *, in->items.count);
    if (!find_tables(call, in, tables, err) || !check_keys(call, in, tables, err) ||
        !check_duplicates(in, tables, err)) {
        return false;
    }
    for (size_t i = 0; i < in->items.count; i++) {
        if (!projection_check_keys(in->gets[i].projection, tables[i], err)) {
            return false;
        }
    }
    if (!check_conflicts(call, in, tables, err)) {
        return false;
    }
    struct capacity_list list = {0};
    buf_add_literal(call->out, "{\"Responses\":[");
    if (!read_items(call, in, tables, &list, err)) {
        return false;
    }
    buf_add_byte(call->out, ']');
    capacity_list_write(&list, capacity_mode_of(in->return_consumed_capacity), "ReadCapacityUnits", true, call->out);
    buf_add_byte(call->out, '}');
    return true;
}

const struct op op_transact_get_items = {
    .name = "TransactGetItems",
    .txn = TXN_READ,
    .meets_conflicts = true,
    .input = input,
    .input_size = sizeof(struct transact_get_items_in),
    .check = check,
    .run = run,
};
