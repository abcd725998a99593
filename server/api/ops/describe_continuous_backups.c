/* SPDX-License-Identifier: Apache-2.0 */
/* describe_continuous_backups.c — DescribeContinuousBackups. */
#include "server/api/schema/continuous_backups.h"
#include "server/api/op.h"
#include "server/api/schema/table_shapes.h"
#include "server/api/tables.h"

struct describe_continuous_backups_in {
    struct str table_name;
};

static const struct field input[] = {
    CONTROL_TABLE_NAME(describe_continuous_backups_in, table_name),
    FIELD_END,
};

static bool check(struct call *call, void *in, struct err *err)
{
    struct describe_continuous_backups_in *request = in;
    return table_name_of(call, request->table_name, &request->table_name, err);
}

static bool run(struct call *call, void *in, struct err *err)
{
    const struct describe_continuous_backups_in *request = in;
    const struct table_desc *table;
    struct table_settings settings;
    if (!continuous_backups_table(call, request->table_name, &table, err) ||
        !settings_read(table->settings, call->arena, &settings, err)) {
        return false;
    }
    continuous_backups_write(call, &settings);
    return true;
}

const struct op op_describe_continuous_backups = {
    .name = "DescribeContinuousBackups",
    .txn = TXN_READ,
    .input = input,
    .input_size = sizeof(struct describe_continuous_backups_in),
    .check = check,
    .run = run,
};
