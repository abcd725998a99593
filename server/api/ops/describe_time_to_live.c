/* SPDX-License-Identifier: Apache-2.0 */
/* describe_time_to_live.c — DescribeTimeToLive. There are no states in between. */
#include "server/api/op.h"
#include "server/api/schema/table_shapes.h"
#include "server/api/tables.h"

struct describe_time_to_live_in {
    struct str table_name;
};

static const struct field input[] = {
    CONTROL_TABLE_NAME(describe_time_to_live_in, table_name),
    FIELD_END,
};

static bool check(struct call *call, void *in, struct err *err)
{
    struct describe_time_to_live_in *request = in;
    return table_name_of(call, request->table_name, &request->table_name, err);
}

static bool run(struct call *call, void *in, struct err *err)
{
    const struct describe_time_to_live_in *request = in;
    const struct table_desc *table;
    if (!table_for_control(call, request->table_name, &table, err)) {
        return false;
    }
    buf_add_literal(call->out, "{\"TimeToLiveDescription\":{\"TimeToLiveStatus\":");
    if (table->ttl_attribute.p != NULL) {
        buf_add_literal(call->out, "\"ENABLED\",\"AttributeName\":");
        json_write_string(call->out, table->ttl_attribute);
    } else {
        buf_add_literal(call->out, "\"DISABLED\"");
    }
    buf_add_literal(call->out, "}}");
    return true;
}

const struct op op_describe_time_to_live = {
    .name = "DescribeTimeToLive",
    .txn = TXN_READ,
    .input = input,
    .input_size = sizeof(struct describe_time_to_live_in),
    .check = check,
    .run = run,
};
