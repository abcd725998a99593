/* SPDX-License-Identifier: Apache-2.0 */
/* update_time_to_live.c — UpdateTimeToLive. In force at once; items that are due already go in the background. The service's pause between two
 * changes is not kept. */
#include "server/api/op.h"
#include "server/api/schema/table_shapes.h"
#include "server/api/tables.h"

struct specification_in {
    struct str attribute;
    enum tri is_enabled;
};

struct update_time_to_live_in {
    struct str table_name;
    const void *specification;
};

static const struct field specification_fields[] = {
    FIELD_STRING(specification_in, attribute, "AttributeName", .required = true, .min = 1, .max = 255),
    FIELD_BOOL(specification_in, is_enabled, "Enabled", .required = true),
    FIELD_END,
};

static const struct field input[] = {
    CONTROL_TABLE_NAME(update_time_to_live_in, table_name),
    FIELD_STRUCT(update_time_to_live_in, specification, "TimeToLiveSpecification", specification_fields,
                 specification_in, .required = true, .stage = CONTROL_STAGE),
    FIELD_END,
};

static bool check(struct call *call, void *in, struct err *err)
{
    struct update_time_to_live_in *request = in;
    return table_name_of(call, request->table_name, &request->table_name, err);
}

static bool check_change(const struct table_desc *table, const struct specification_in *specification, struct err *err)
{
    bool is_active = table->ttl_attribute.p != NULL;
    if (is_active && !str_eq(table->ttl_attribute, specification->attribute)) {
        return err_set(err, ERR_VALIDATION,
                       "TimeToLive is active on a different AttributeName: current AttributeName is %.*s",
                       STR_ARG(table->ttl_attribute));
    }
    if (is_active && specification->is_enabled == TRI_TRUE) {
        return err_set(err, ERR_VALIDATION, "TimeToLive is already enabled");
    }
    if (!is_active && specification->is_enabled == TRI_FALSE) {
        return err_set(err, ERR_VALIDATION, "TimeToLive is already disabled");
    }
    return true;
}

static bool run(struct call *call, void *in, struct err *err)
{
    const struct update_time_to_live_in *request = in;
    const struct specification_in *specification = request->specification;
    const struct table_desc *table;
    if (!table_for_control(call, request->table_name, &table, err) || !check_change(table, specification, err)) {
        return false;
    }
    bool is_enabled = specification->is_enabled == TRI_TRUE;
    struct table_desc desc = *table;
    desc.ttl_attribute = is_enabled ? specification->attribute : (struct str){0};
    buf_add_literal(call->out, "{\"TimeToLiveSpecification\":{\"AttributeName\":");
    json_write_string(call->out, specification->attribute);
    buf_add_str(call->out, is_enabled ? STR(",\"Enabled\":true}}") : STR(",\"Enabled\":false}}"));
    return table_replace(call->txn, &desc, err);
}

const struct op op_update_time_to_live = {
    .name = "UpdateTimeToLive",
    .txn = TXN_CATALOG,
    .input = input,
    .input_size = sizeof(struct update_time_to_live_in),
    .check = check,
    .run = run,
};
