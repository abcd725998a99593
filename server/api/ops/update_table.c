/* SPDX-License-Identifier: Apache-2.0 */
/* update_table.c — UpdateTable. Everything but the filling of a new index is done when the answer goes out; what it says is what the service says
 * at that moment. Which changes there may be: update_rules.h; what they do: update_apply.h. */
#include "server/api/op.h"
#include "server/api/schema/table_shapes.h"
#include "server/api/tables.h"
#include "server/api/schema/update_apply.h"

struct update_table_in {
    struct update_in update;
    struct list witness_updates;
    struct str replication_mode;
    enum tri is_disassociation_protected;
    const struct json *vector_index_updates;
};

static const struct field input[] = {
    CONTROL_TABLE_NAME(update_table_in, update.table_name),
    FIELD_STRUCT(update_table_in, update.throughput, "ProvisionedThroughput", shape_throughput, units_in,
                 .stage = CONTROL_STAGE),
    FIELD_STRING(update_table_in, update.billing_mode, "BillingMode", .one_of = SET_BILLING_MODE,
                 .stage = CONTROL_STAGE),
    FIELD_LIST(update_table_in, update.gsi_updates, "GlobalSecondaryIndexUpdates", shape_gsi_updates,
               .stage = CONTROL_STAGE),
    FIELD_LIST(update_table_in, update.definitions, "AttributeDefinitions", shape_definitions, .stage = CONTROL_STAGE),
    FIELD_STRUCT(update_table_in, update.stream, "StreamSpecification", shape_stream, stream_in,
                 .stage = CONTROL_STAGE),
    FIELD_STRUCT(update_table_in, update.sse, "SSESpecification", shape_sse, sse_in, .stage = CONTROL_STAGE),
    FIELD_LIST(update_table_in, update.replica_updates, "ReplicaUpdates", shape_replica_updates, .min = 1,
               .stage = CONTROL_STAGE),
    FIELD_STRING(update_table_in, update.table_class, "TableClass"),
    FIELD_BOOL(update_table_in, update.is_protected, "DeletionProtectionEnabled"),
    FIELD_STRING(update_table_in, update.consistency, "MultiRegionConsistency"),
    FIELD_STRUCT(update_table_in, update.on_demand, "OnDemandThroughput", shape_on_demand, units_in,
                 .stage = CONTROL_STAGE),
    FIELD_STRUCT(update_table_in, update.warm, "WarmThroughput", shape_warm, units_in, .stage = CONTROL_STAGE),
    FIELD_LIST(update_table_in, witness_updates, "GlobalTableWitnessUpdates", shape_witness_updates, .min = 1, .max = 1,
               .stage = CONTROL_STAGE),
    FIELD_STRING(update_table_in, replication_mode, "GlobalTableSettingsReplicationMode"),
    FIELD_BOOL(update_table_in, is_disassociation_protected, "DisassociationProtectionEnabled"),
    FIELD_ANY(update_table_in, vector_index_updates, "VectorIndexUpdates"),
    FIELD_END,
};

static bool check(struct call *call, void *in, struct err *err)
{
    struct update_table_in *request = in;
    if (request->vector_index_updates != NULL) {
        return err_set(err, ERR_VALIDATION, INVALID_PARAMETERS "VectorIndexUpdates are not supported by this server");
    }
    return table_name_of(call, request->update.table_name, &request->update.table_name, err) &&
           update_check(&request->update, call->arena, err);
}

static void answer(struct call *call, const struct update_result *result)
{
    struct description description = {
        .table = &result->shown_desc,
        .settings = &result->shown,
        .table_status = result->table_status,
        .sse_status = result->sse_status,
        .warm_status = result->warm_status,
        .hides_billing_date = true,
        .notes = result->notes,
        .note_count = result->note_count,
    };
    buf_add_literal(call->out, "{\"TableDescription\":");
    description_write(call, &description, call->out);
    buf_add_byte(call->out, '}');
}

static bool allocating_error(const char *why, struct str table, struct str index, struct err *err)
{
    return err_set(err, ERR_RESOURCE_IN_USE,
                   "Attempt to change a resource which is still in use: %s Table: %.*s Index: %.*s", why,
                   STR_ARG(table), STR_ARG(index));
}

/* -delayTransientStatuses: an index that has just been added can be neither taken back nor changed yet. */
static bool check_allocating(struct call *call, const struct update_in *update, const struct table_desc *table, struct err *err)
{
    const struct index_update_in *entries = update->gsi_updates.items;
    for (size_t i = 0; i < update->gsi_updates.count; i++) {
        bool is_removal = entries[i].remove != NULL;
        const struct index_in *changed = is_removal ? entries[i].remove : entries[i].update;
        const struct index_desc *index = changed != NULL ? table_index(table, changed->name) : NULL;
        if (index != NULL && table_index_is_allocating(call->txn, index)) {
            return allocating_error(is_removal ? "Index creation is in resource allocation phase. Retry deletion during backfilling "
                                                 "phase or when the index is active."
                                               : "Index is being created but is not backfilling yet. ", /* two blanks follow */
                                    table->name, index->name, err);
        }
    }
    return true;
}

static bool run(struct call *call, void *in, struct err *err)
{
    const struct update_table_in *request = in;
    const struct update_in *update = &request->update;
    const struct table_desc *table;
    struct update_result result = {0};
    if (!table_for_control(call, update->table_name, &table, err) ||
        !settings_read(table->settings, call->arena, &result.settings, err) ||
        !settings_read(table->settings, call->arena, &result.shown, err) ||
        !update_check_table(update, table, &result.settings, call->arena, err) ||
        !check_allocating(call, update, table, err)) {
        return false;
    }
    struct table_origin origin = {call->region, call->account, clock_now_ms(call->clock)};
    update_table_apply(update, table, &origin, call->arena, &result);
    answer(call, &result);
    return settings_store(call->txn, &result.desc, &result.settings, call->arena, err);
}

const struct op op_update_table = {
    .name = "UpdateTable",
    .txn = TXN_CATALOG,
    .input = input,
    .input_size = sizeof(struct update_table_in),
    .check = check,
    .run = run,
};
