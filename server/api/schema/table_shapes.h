/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_SCHEMA_TABLE_SHAPES_H
#define SERVER_API_SCHEMA_TABLE_SHAPES_H

#include "core/limits.h"
#include "server/api/shape.h"

/* The members that operations on tables share, decoded: each shape and its constraints stand here once. The arrays are FIELD_END-terminated, of
 * structs for FIELD_STRUCT, of elements for FIELD_LIST. */

struct definition_in { /* AttributeDefinition */
    struct str name;
    struct str type;
};
struct key_element_in { /* KeySchemaElement */
    struct str name;
    struct str type;
};
struct projection_in {
    struct str type;
    struct list non_key_attributes; /* of struct str */
};
struct units_in { /* ProvisionedThroughput, OnDemandThroughput, WarmThroughput */
    struct opt_int read;
    struct opt_int write;
};
struct index_in { /* LocalSecondaryIndex, GlobalSecondaryIndex, and the actions on one in UpdateTable */
    struct str name;
    struct list key_schema; /* of struct key_element_in */
    const void *projection; /* struct projection_in */
    const void *throughput; /* struct units_in */
    const void *on_demand;  /* struct units_in */
    const void *warm;       /* struct units_in */
};
struct index_update_in { /* GlobalSecondaryIndexUpdate; all three struct index_in */
    const void *update;
    const void *create;
    const void *remove;
};
struct stream_in {
    enum tri is_enabled;
    struct str view_type;
};
struct sse_in {
    enum tri is_enabled;
    struct str type;
    struct str key_id;
};
struct tag_in {
    struct str key;
    struct str value;
};
/* Replicas are not made here: these are only decoded and checked. */
struct replica_index_in { /* ReplicaGlobalSecondaryIndex */
    struct str name;
    const void *throughput; /* struct units_in */
    const void *on_demand;  /* struct units_in */
};
struct replica_in { /* the actions on a replica or a witness */
    struct str region;
    struct str key_id;
    const void *throughput; /* struct units_in */
    const void *on_demand;  /* struct units_in */
    struct list gsis;       /* of struct replica_index_in */
    struct str table_class;
    struct str mode;
};
struct replica_update_in { /* ReplicationGroupUpdate, GlobalTableWitnessGroupUpdate; all struct replica_in */
    const void *create;
    const void *update;
    const void *remove;
    const void *disassociate;
};

extern const struct field shape_definitions[]; /* elements */
extern const struct field shape_table_keys[];
extern const struct field shape_throughput[]; /* struct units_in */
extern const struct field shape_on_demand[];
extern const struct field shape_warm[];
extern const struct field shape_lsis[]; /* elements */
extern const struct field shape_gsis[];
extern const struct field shape_gsi_updates[];
extern const struct field shape_stream[];
extern const struct field shape_sse[];
extern const struct field shape_tags[]; /* elements */
extern const struct field shape_replica_updates[];
extern const struct field shape_witness_updates[];

/* The bounds of list members. */
#define TABLE_KEYS_MAX 2
#define INDEX_KEYS_MAX (2 * LIMIT_GSI_KEY_PARTS)

#define SET_BILLING_MODE "[PROVISIONED, PAY_PER_REQUEST]"

/* TableName of the control plane: three entries. Missing: bare; then length and pattern together; the rest of the operation's members belong
 * in CONTROL_STAGE. An ARN passes here (tables.h reads it). */
#define CONTROL_STAGE 2
void table_name_present(struct shape_report *report, const struct field *field, const void *in);
void table_name_control(struct shape_report *report, const struct field *field, const void *in);
void table_name_new(struct shape_report *report, const struct field *field, const void *in);
#define CONTROL_TABLE_NAME(struct_name, member)                                                                        \
    FIELD_STRING(struct_name, member, "TableName", .custom = table_name_present, .stage = 0, .bare = true),            \
        FIELD_STRING(struct_name, member, "TableName", .custom = table_name_control, .stage = 1)
/* The same for a table that is to be made: names only, and the pattern is looked at before the length. */
#define NEW_TABLE_NAME(struct_name, member)                                                                            \
    FIELD_STRING(struct_name, member, "TableName", .custom = table_name_present, .stage = 0, .bare = true),            \
        FIELD_STRING(struct_name, member, "TableName", .custom = table_name_new, .stage = 1)

#endif
