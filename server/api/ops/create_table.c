/* SPDX-License-Identifier: Apache-2.0 */
/* create_table.c — CreateTable. The table is there at once; the answer still says CREATING, as the service does, since clients poll
 * DescribeTable either way. */
#include "server/api/op.h"
#include "server/api/schema/table_description.h"
#include "server/api/schema/table_rules.h"
#include "server/api/schema/table_shapes.h"
#include "server/api/schema/throughput_rules.h"

struct create_table_in {
    struct table_in table;
    const struct json *vector_indexes;
    struct str global_table_source_arn;
    struct str replication_mode;
};

static const struct field input[] = {
    NEW_TABLE_NAME(create_table_in, table.name),
    FIELD_STRING(create_table_in, table.billing_mode, "BillingMode", .one_of = SET_BILLING_MODE, .stage = CONTROL_STAGE),
    FIELD_STRUCT(create_table_in, table.throughput, "ProvisionedThroughput", shape_throughput, units_in,
                 .stage = CONTROL_STAGE),
    FIELD_LIST(create_table_in, table.key_schema, "KeySchema", shape_table_keys, .required = true, .min = 1,
               .max = TABLE_KEYS_MAX, .stage = CONTROL_STAGE),
    FIELD_LIST(create_table_in, table.definitions, "AttributeDefinitions", shape_definitions, .required = true,
               .stage = CONTROL_STAGE),
    FIELD_LIST(create_table_in, table.gsis, "GlobalSecondaryIndexes", shape_gsis, .stage = CONTROL_STAGE),
    FIELD_LIST(create_table_in, table.lsis, "LocalSecondaryIndexes", shape_lsis, .stage = CONTROL_STAGE),
    FIELD_STRUCT(create_table_in, table.stream, "StreamSpecification", shape_stream, stream_in, .stage = CONTROL_STAGE),
    FIELD_STRUCT(create_table_in, table.sse, "SSESpecification", shape_sse, sse_in, .stage = CONTROL_STAGE),
    FIELD_LIST(create_table_in, table.tags, "Tags", shape_tags),
    FIELD_STRING(create_table_in, table.table_class, "TableClass"),
    FIELD_BOOL(create_table_in, table.is_protected, "DeletionProtectionEnabled"),
    FIELD_STRUCT(create_table_in, table.warm, "WarmThroughput", shape_warm, units_in, .stage = CONTROL_STAGE),
    FIELD_STRUCT(create_table_in, table.on_demand, "OnDemandThroughput", shape_on_demand, units_in,
                 .stage = CONTROL_STAGE),
    FIELD_STRING(create_table_in, table.policy, "ResourcePolicy"),
    FIELD_ANY(create_table_in, vector_indexes, "VectorIndexes"),
    FIELD_STRING(create_table_in, global_table_source_arn, "GlobalTableSourceArn"),
    FIELD_STRING(create_table_in, replication_mode, "GlobalTableSettingsReplicationMode"),
    FIELD_END,
};

static bool check(struct call *call, void *in, struct err *err)
{
    const struct create_table_in *request = in;
    if (request->vector_indexes != NULL) {
        return err_set(err, ERR_VALIDATION, INVALID_PARAMETERS "VectorIndexes are not supported by this server");
    }
    if (request->global_table_source_arn.p != NULL) {
        return err_set(err, ERR_VALIDATION, INVALID_PARAMETERS "GlobalTableSourceArn is not supported by this server");
    }
    return table_check(&request->table, call->arena, err);
}

static void answer(struct call *call, const struct table_in *in, const struct table_desc *desc,
                   const struct table_settings *settings)
{
    struct index_note *notes = arena_array(call->arena, struct index_note, in->gsis.count);
    const struct index_in *gsis = in->gsis.items;
    for (size_t i = 0; i < in->gsis.count; i++) {
        notes[i] = (struct index_note){.name = gsis[i].name,
                                       .status = "CREATING",
                                       .warm_status = units_are_empty(gsis[i].warm) ? NULL : "UPDATING"};
    }
    struct description description = {
        .table = desc,
        .settings = settings,
        .table_status = "CREATING",
        .warm_status = units_are_empty(in->warm) ? NULL : "UPDATING",
        .hides_billing_date = true,
        .hides_warm = true,
        .notes = notes,
        .note_count = in->gsis.count,
    };
    buf_add_literal(call->out, "{\"TableDescription\":");
    description_write(call, &description, call->out);
    buf_add_byte(call->out, '}');
}

static bool run(struct call *call, void *in, struct err *err)
{
    const struct create_table_in *request = in;
    if (table_find(call->txn, call->namespace_id, request->table.name) != NULL) {
        return err_set(err, ERR_RESOURCE_IN_USE, "Table already exists: %.*s", STR_ARG(request->table.name));
    }
    struct table_origin origin = {call->region, call->account, clock_now_ms(call->clock)};
    struct table_desc desc;
    struct table_settings settings;
    table_make(&request->table, &origin, call->arena, &desc, &settings);
    char *id = arena_alloc(call->arena, 36);
    random_uuid(call->random, id);
    settings.table_id = str_of(id, 36);
    desc.namespace_id = call->namespace_id;
    desc.settings = settings_text(&settings, call->arena);
    answer(call, &request->table, &desc, &settings);
    return table_create(call->txn, &desc, err);
}

const struct op op_create_table = {
    .name = "CreateTable",
    .txn = TXN_CATALOG,
    .input = input,
    .input_size = sizeof(struct create_table_in),
    .check = check,
    .run = run,
};
