/* SPDX-License-Identifier: Apache-2.0 */
/* delete_table.c — DeleteTable. The name is free at once; rows are given back in the background. */
#include "server/api/op.h"
#include "server/api/schema/table_description.h"
#include "server/api/schema/table_shapes.h"
#include "server/api/tables.h"

struct delete_table_in {
    struct str table_name;
};

static const struct field input[] = {
    CONTROL_TABLE_NAME(delete_table_in, table_name),
    FIELD_END,
};

static bool check(struct call *call, void *in, struct err *err)
{
    struct delete_table_in *request = in;
    return table_name_of(call, request->table_name, &request->table_name, err);
}

static bool may_be_deleted(const struct table_desc *table, const struct table_settings *settings, struct err *err)
{
    if (settings->is_protected) {
        return err_set(err, ERR_VALIDATION,
                       "Resource cannot be deleted as it is currently protected against deletion. Disable deletion "
                       "protection first.");
    }
    for (size_t i = 0; i < table->index_count; i++) {
        if (table->indexes[i].is_backfilling) {
            return err_set(err, ERR_RESOURCE_IN_USE,
                           "Attempt to change a resource which is still in use: Cannot delete table while indexes are "
                           "being created, updated, or deleted.");
        }
    }
    return true;
}

static bool run(struct call *call, void *in, struct err *err)
{
    const struct delete_table_in *request = in;
    const struct table_desc *table;
    struct table_settings settings;
    if (!table_for_control(call, request->table_name, &table, err) ||
        !settings_read(table->settings, call->arena, &settings, err) || !may_be_deleted(table, &settings, err)) {
        return false;
    }
    struct description description = {
        .table = table,
        .settings = &settings,
        .table_status = "DELETING",
        .hides_indexes = true,
        .hides_warm = true,
    };
    buf_add_literal(call->out, "{\"TableDescription\":");
    description_write(call, &description, call->out);
    buf_add_byte(call->out, '}');
    return table_drop(call->txn, table, err);
}

const struct op op_delete_table = {
    .name = "DeleteTable",
    .txn = TXN_CATALOG,
    .input = input,
    .input_size = sizeof(struct delete_table_in),
    .check = check,
    .run = run,
};
