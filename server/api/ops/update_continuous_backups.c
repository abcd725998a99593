/* SPDX-License-Identifier: Apache-2.0 */
/* update_continuous_backups.c — UpdateContinuousBackups. Switching it on makes storage journal the table's changes from now on. */
#include "server/api/schema/continuous_backups.h"
#include "server/api/op.h"
#include "server/api/schema/table_shapes.h"
#include "server/api/tables.h"

#define DAYS_MAX 35

struct recovery_in {
    enum tri is_enabled;
    struct opt_int days;
};

struct update_continuous_backups_in {
    struct str table_name;
    const void *recovery;
};

static const struct field recovery_fields[] = {
    FIELD_BOOL(recovery_in, is_enabled, "PointInTimeRecoveryEnabled", .required = true),
    FIELD_INT(recovery_in, days, "RecoveryPeriodInDays", .min = 1, .max = DAYS_MAX),
    FIELD_END,
};

static const struct field input[] = {
    CONTROL_TABLE_NAME(update_continuous_backups_in, table_name),
    FIELD_STRUCT(update_continuous_backups_in, recovery, "PointInTimeRecoverySpecification", recovery_fields,
                 recovery_in, .required = true, .stage = CONTROL_STAGE),
    FIELD_END,
};

static bool check(struct call *call, void *in, struct err *err)
{
    struct update_continuous_backups_in *request = in;
    const struct recovery_in *recovery = request->recovery;
    if (!table_name_of(call, request->table_name, &request->table_name, err)) {
        return false;
    }
    if (recovery->is_enabled == TRI_FALSE && recovery->days.is_present) {
        return err_set(err, ERR_VALIDATION,
                       "Invalid Request: Cannot specify RecoveryPeriodInDays when disabling point-in-time recovery.");
    }
    return true;
}

static void apply(struct table_settings *settings, const struct recovery_in *recovery, int64_t now_ms)
{
    if (recovery->is_enabled == TRI_FALSE) {
        settings->has_pitr = false;
        settings->pitr_since_ms = 0;
        settings->pitr_days = 0;
        return;
    }
    if (!settings->has_pitr) {
        settings->has_pitr = true;
        settings->pitr_since_ms = now_ms;
        settings->pitr_days = DAYS_MAX;
    }
    if (recovery->days.is_present) {
        settings->pitr_days = recovery->days.n;
    }
}

static bool run(struct call *call, void *in, struct err *err)
{
    const struct update_continuous_backups_in *request = in;
    const struct table_desc *table;
    struct table_settings settings;
    if (!continuous_backups_table(call, request->table_name, &table, err) ||
        !settings_read(table->settings, call->arena, &settings, err)) {
        return false;
    }
    apply(&settings, request->recovery, clock_now_ms(call->clock));
    continuous_backups_write(call, &settings);
    return settings_store(call->txn, table, &settings, call->arena, err);
}

const struct op op_update_continuous_backups = {
    .name = "UpdateContinuousBackups",
    .txn = TXN_CATALOG,
    .input = input,
    .input_size = sizeof(struct update_continuous_backups_in),
    .check = check,
    .run = run,
};
