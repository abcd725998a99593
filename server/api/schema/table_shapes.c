/* SPDX-License-Identifier: Apache-2.0 */
/* table_shapes.c — the shapes of tables and indexes as field tables. The order of the fields is the order in which AWS lists their
 * errors: aws-behaviour.md §2.1, §3.2; 2026 B.2. */
#include "server/api/schema/table_shapes.h"

#include "core/utf8.h"
#include "server/api/common.h"

#define NAME_MIN 3
#define NAME_MAX 255

/* ---- Names ---- */

static struct str string_at(const struct field *field, const void *in)
{
    return *(const struct str *)((const char *)in + field->offset);
}

void table_name_present(struct shape_report *report, const struct field *field, const void *in)
{
    if (string_at(field, in).p == NULL) {
        shape_report_add(report, "The parameter '%s' is required but was not present in the request", field->name);
    }
}

static void report_length(struct shape_report *report, const struct field *field, const void *in)
{
    size_t n = utf8_characters(string_at(field, in));
    if (n < NAME_MIN) {
        shape_report_constraint(report, field, in, MUST_HAVE_MIN, NAME_MIN);
    } else if (n > NAME_MAX) {
        shape_report_constraint(report, field, in, MUST_HAVE_MAX, NAME_MAX);
    }
}

static void report_pattern(struct shape_report *report, const struct field *field, const void *in)
{
    if (!is_table_name(string_at(field, in))) {
        shape_report_constraint(report, field, in, MUST_MATCH NAME_PATTERN);
    }
}

void table_name_control(struct shape_report *report, const struct field *field, const void *in)
{
    if (str_starts_with(string_at(field, in), STR("arn:"))) {
        return;
    }
    report_length(report, field, in);
    report_pattern(report, field, in);
}

void table_name_new(struct shape_report *report, const struct field *field, const void *in)
{
    report_pattern(report, field, in);
    report_length(report, field, in);
}

static void index_name(struct shape_report *report, const struct field *field, const void *in)
{
    if (string_at(field, in).p == NULL) {
        shape_report_add(report, "Value null at '%.*s' failed to satisfy constraint: Member must not be null",
                         STR_ARG(shape_report_path(report)));
        return;
    }
    report_length(report, field, in);
    report_pattern(report, field, in);
}

/* ---- Keys ---- */

static const struct field definition_fields[] = {
    FIELD_STRING(definition_in, type, "AttributeType", .required = true, .one_of = "[B, N, S]"),
    FIELD_STRING(definition_in, name, "AttributeName", .required = true, .min = 1, .max = NAME_MAX),
    FIELD_END,
};
const struct field shape_definitions[] = {
    ELEMENT_STRUCT(definition_fields, definition_in, .java = "AttributeDefinition"),
    FIELD_END,
};

static const struct field key_element_fields[] = {
    FIELD_STRING(key_element_in, name, "AttributeName", .required = true, .min = 1, .max = NAME_MAX),
    FIELD_STRING(key_element_in, type, "KeyType", .required = true, .one_of = "[HASH, RANGE]"),
    FIELD_END,
};
const struct field shape_table_keys[] = {
    ELEMENT_STRUCT(key_element_fields, key_element_in, .java = "KeySchemaElement"),
    FIELD_END,
};

/* ---- Throughput ---- */

const struct field shape_throughput[] = {
    FIELD_LONG(units_in, write, "WriteCapacityUnits", .required = true, .min = 1),
    FIELD_LONG(units_in, read, "ReadCapacityUnits", .required = true, .min = 1),
    FIELD_END,
};
const struct field shape_on_demand[] = {
    FIELD_LONG(units_in, read, "MaxReadRequestUnits"),
    FIELD_LONG(units_in, write, "MaxWriteRequestUnits"),
    FIELD_END,
};
const struct field shape_warm[] = {
    FIELD_LONG(units_in, read, "ReadUnitsPerSecond"),
    FIELD_LONG(units_in, write, "WriteUnitsPerSecond"),
    FIELD_END,
};

/* ---- Indexes ---- */

static const struct field non_key_attribute[] = {
    ELEMENT(FIELD_TYPE_STRING, .min = 1, .max = NAME_MAX),
    FIELD_END,
};
static const struct field projection_fields[] = {
    FIELD_STRING(projection_in, type, "ProjectionType", .one_of = "[ALL, INCLUDE, KEYS_ONLY]"),
    FIELD_LIST(projection_in, non_key_attributes, "NonKeyAttributes", non_key_attribute, .min = 1, .max = 20),
    FIELD_END,
};

#define INDEX_NAME FIELD_STRING(index_in, name, "IndexName", .custom = index_name)
#define INDEX_KEYS(keys_max)                                                                                           \
    FIELD_LIST(index_in, key_schema, "KeySchema", shape_table_keys, .required = true, .min = 1, .max = (keys_max))
#define INDEX_PROJECTION                                                                                               \
    FIELD_STRUCT(index_in, projection, "Projection", projection_fields, projection_in, .required = true)
#define INDEX_THROUGHPUT                                                                                               \
    FIELD_STRUCT(index_in, throughput, "ProvisionedThroughput", shape_throughput, units_in,                            \
                 .java = "ProvisionedThroughput"),                                                                     \
        FIELD_STRUCT(index_in, on_demand, "OnDemandThroughput", shape_on_demand, units_in,                             \
                     .java = "OnDemandThroughput"),                                                                    \
        FIELD_STRUCT(index_in, warm, "WarmThroughput", shape_warm, units_in, .java = "WarmThroughput")

static const struct field lsi_fields[] = {
    INDEX_NAME,
    INDEX_KEYS(TABLE_KEYS_MAX),
    INDEX_PROJECTION,
    FIELD_END,
};
const struct field shape_lsis[] = {
    ELEMENT_STRUCT(lsi_fields, index_in, .java = "LocalSecondaryIndex"),
    FIELD_END,
};

static const struct field gsi_fields[] = {
    INDEX_KEYS(INDEX_KEYS_MAX), INDEX_PROJECTION, INDEX_NAME, INDEX_THROUGHPUT, FIELD_END,
};
const struct field shape_gsis[] = {
    ELEMENT_STRUCT(gsi_fields, index_in, .java = "GlobalSecondaryIndex"),
    FIELD_END,
};

static const struct field gsi_update_fields[] = {INDEX_NAME, INDEX_THROUGHPUT, FIELD_END};
static const struct field gsi_delete_fields[] = {INDEX_NAME, FIELD_END};
static const struct field gsi_action_fields[] = {
    FIELD_STRUCT(index_update_in, update, "Update", gsi_update_fields, index_in,
                 .java = "UpdateGlobalSecondaryIndexAction"),
    FIELD_STRUCT(index_update_in, create, "Create", gsi_fields, index_in, .java = "CreateGlobalSecondaryIndexAction"),
    FIELD_STRUCT(index_update_in, remove, "Delete", gsi_delete_fields, index_in,
                 .java = "DeleteGlobalSecondaryIndexAction"),
    FIELD_END,
};
const struct field shape_gsi_updates[] = {
    ELEMENT_STRUCT(gsi_action_fields, index_update_in, .java = "GlobalSecondaryIndexUpdate"),
    FIELD_END,
};

/* ---- The rest ---- */

const struct field shape_stream[] = {
    FIELD_BOOL(stream_in, is_enabled, "StreamEnabled", .required = true),
    FIELD_STRING(stream_in, view_type, "StreamViewType",
                 .one_of = "[OLD_IMAGE, KEYS_ONLY, NEW_AND_OLD_IMAGES, NEW_IMAGE]"),
    FIELD_END,
};

const struct field shape_sse[] = {
    FIELD_BOOL(sse_in, is_enabled, "Enabled"),
    FIELD_STRING(sse_in, type, "SSEType", .one_of = "[AES256, KMS]"),
    FIELD_STRING(sse_in, key_id, "KMSMasterKeyId", .min = 1),
    FIELD_END,
};

/* Keys and values are looked at by tags.c, with texts of their own. */
static const struct field tag_fields[] = {
    FIELD_STRING(tag_in, key, "Key"),
    FIELD_STRING(tag_in, value, "Value"),
    FIELD_END,
};
const struct field shape_tags[] = {
    ELEMENT_STRUCT(tag_fields, tag_in, .java = "Tag"),
    FIELD_END,
};

/* ---- Replicas ---- */

static const struct field override_units[] = {
    FIELD_LONG(units_in, read, "ReadCapacityUnits", .min = 1),
    FIELD_END,
};
static const struct field override_on_demand[] = {
    FIELD_LONG(units_in, read, "MaxReadRequestUnits"),
    FIELD_END,
};

#define REPLICA_REGION FIELD_STRING(replica_in, region, "RegionName", .required = true)
#define REPLICA_THROUGHPUT(struct_name)                                                                                \
    FIELD_STRUCT(struct_name, throughput, "ProvisionedThroughputOverride", override_units, units_in,                   \
                 .java = "ProvisionedThroughputOverride"),                                                             \
        FIELD_STRUCT(struct_name, on_demand, "OnDemandThroughputOverride", override_on_demand, units_in,               \
                     .java = "OnDemandThroughputOverride")

static const struct field replica_index_fields[] = {
    FIELD_STRING(replica_index_in, name, "IndexName", .custom = index_name),
    REPLICA_THROUGHPUT(replica_index_in),
    FIELD_END,
};
static const struct field replica_index[] = {
    ELEMENT_STRUCT(replica_index_fields, replica_index_in, .java = "ReplicaGlobalSecondaryIndex"),
    FIELD_END,
};
static const struct field replica_change_fields[] = {
    REPLICA_REGION,
    FIELD_STRING(replica_in, key_id, "KMSMasterKeyId"),
    REPLICA_THROUGHPUT(replica_in),
    FIELD_LIST(replica_in, gsis, "GlobalSecondaryIndexes", replica_index, .min = 1),
    FIELD_STRING(replica_in, table_class, "TableClassOverride"),
    FIELD_END,
};
static const struct field replica_region_fields[] = {REPLICA_REGION, FIELD_END};
static const struct field replica_disassociate_fields[] = {
    REPLICA_REGION,
    FIELD_STRING(replica_in, mode, "DisassociationMode", .required = true),
    FIELD_END,
};

static const struct field replica_update_fields[] = {
    FIELD_STRUCT(replica_update_in, create, "Create", replica_change_fields, replica_in,
                 .java = "CreateReplicationGroupMemberAction"),
    FIELD_STRUCT(replica_update_in, update, "Update", replica_change_fields, replica_in,
                 .java = "UpdateReplicationGroupMemberAction"),
    FIELD_STRUCT(replica_update_in, remove, "Delete", replica_region_fields, replica_in,
                 .java = "DeleteReplicationGroupMemberAction"),
    FIELD_STRUCT(replica_update_in, disassociate, "Disassociate", replica_disassociate_fields, replica_in,
                 .java = "DisassociateReplicationGroupMemberAction"),
    FIELD_END,
};
const struct field shape_replica_updates[] = {
    ELEMENT_STRUCT(replica_update_fields, replica_update_in, .java = "ReplicationGroupUpdate"),
    FIELD_END,
};

static const struct field witness_fields[] = {
    FIELD_STRUCT(replica_update_in, create, "Create", replica_region_fields, replica_in,
                 .java = "CreateGlobalTableWitnessGroupMemberAction"),
    FIELD_STRUCT(replica_update_in, remove, "Delete", replica_region_fields, replica_in,
                 .java = "DeleteGlobalTableWitnessGroupMemberAction"),
    FIELD_END,
};
const struct field shape_witness_updates[] = {
    ELEMENT_STRUCT(witness_fields, replica_update_in, .java = "GlobalTableWitnessGroupUpdate"),
    FIELD_END,
};
