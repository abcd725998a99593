/* SPDX-License-Identifier: Apache-2.0 */
/* continuous_backups.c — what the two operations on continuous backups share. ContinuousBackupsStatus is not the switch: it is ENABLED for every
 * table; the switch is PointInTimeRecoveryStatus. */
#include "server/api/schema/continuous_backups.h"

#include "server/api/tables.h"

/* The latest restorable time lies this much behind. */
#define LAG_MS INT64_C(300000)

bool continuous_backups_table(struct call *call, struct str name, const struct table_desc **out, struct err *err)
{
    *out = call->namespace_id == NAMESPACE_NONE ? NULL : table_find(call->txn, call->namespace_id, name);
    if (*out == NULL) {
        table_hint(call, name);
        return err_set(err, ERR_TABLE_NOT_FOUND, "Table not found: %.*s", STR_ARG(name));
    }
    return true;
}

void continuous_backups_write(struct call *call, const struct table_settings *settings)
{
    struct buf *out = call->out;
    buf_add_literal(out, "{\"ContinuousBackupsDescription\":{\"ContinuousBackupsStatus\":\"ENABLED\","
                         "\"PointInTimeRecoveryDescription\":{\"PointInTimeRecoveryStatus\":");
    if (!settings->has_pitr) {
        buf_add_literal(out, "\"DISABLED\"}}}");
        return;
    }
    int64_t latest_ms = clock_now_ms(call->clock) - LAG_MS;
    buf_add_literal(out, "\"ENABLED\",\"RecoveryPeriodInDays\":");
    buf_add_i64(out, settings->pitr_days);
    buf_add_literal(out, ",\"EarliestRestorableDateTime\":");
    json_write_time_ms(out, settings->pitr_since_ms);
    buf_add_literal(out, ",\"LatestRestorableDateTime\":");
    json_write_time_ms(out, latest_ms > settings->pitr_since_ms ? latest_ms : settings->pitr_since_ms);
    buf_add_literal(out, "}}}");
}
