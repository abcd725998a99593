/* SPDX-License-Identifier: Apache-2.0 */
/* describe_table.c — DescribeTable. Counts and sizes are live, not six hours old. */
#include "server/api/op.h"
#include "server/api/schema/table_description.h"
#include "server/api/schema/table_shapes.h"
#include "server/api/tables.h"

struct describe_table_in {
    struct str table_name;
};

static const struct field input[] = {
    CONTROL_TABLE_NAME(describe_table_in, table_name),
    FIELD_END,
};

static bool check(struct call *call, void *in, struct err *err)
{
    struct describe_table_in *request = in;
    return table_name_of(call, request->table_name, &request->table_name, err);
}

static bool run(struct call *call, void *in, struct err *err)
{
    const struct describe_table_in *request = in;
    const struct table_desc *table;
    struct table_settings settings;
    if (!table_for_control(call, request->table_name, &table, err) ||
        !settings_read(table->settings, call->arena, &settings, err)) {
        return false;
    }
    struct description description = {.table = table, .settings = &settings, .table_status = "ACTIVE"};
    for (size_t i = 0; i < table->index_count; i++) {
        if (table_index_is_allocating(call->txn, &table->indexes[i])) {
            description.table_status = "UPDATING";
        }
    }
    buf_add_literal(call->out, "{\"Table\":");
    description_write(call, &description, call->out);
    buf_add_byte(call->out, '}');
    return true;
}

const struct op op_describe_table = {
    .name = "DescribeTable",
    .txn = TXN_READ,
    .input = input,
    .input_size = sizeof(struct describe_table_in),
    .check = check,
    .run = run,
};
