/* SPDX-License-Identifier: Apache-2.0 */
/* Scan: all rows of a table or index, or of one segment of it, in the order of the partitions' hashes. This file holds the order in which AWS
 * looks for what is wrong (2026 D.3, L.8); the steps are in read.c and start_key.c. */
#include "server/api/items/item_ops.h"
#include "server/api/items/legacy.h"
#include "server/api/reads/read.h"
#include "server/api/tables.h"

#define SEGMENTS_MAX 1000000

struct scan_in {
    struct read_in read;
};

static const struct field input[] = {
    /* The older layer, stage 0. */
    FIELD_STRING(scan_in, read.select, "Select", .custom = older_enum, .one_of = SET_SELECT),
    FIELD_INT(scan_in, read.total_segments, "TotalSegments", .custom = older_number, .min = 1, .max = SEGMENTS_MAX),
    FIELD_STRING(scan_in, read.return_consumed_capacity, "ReturnConsumedCapacity", .custom = older_enum,
                 .one_of = SET_RETURN_CONSUMED_CAPACITY),
    FIELD_STRING(scan_in, read.table_name, "TableName", .custom = older_table_name),
    FIELD_STRING(scan_in, read.conditional_operator, "ConditionalOperator", .custom = older_enum,
                 .one_of = SET_CONDITIONAL_OPERATOR),
    FIELD_MAP(scan_in, read.scan_filter, "ScanFilter", read_condition_element, .custom = older_operators),
    FIELD_INT(scan_in, read.segment, "Segment", .custom = older_number, .max = SEGMENTS_MAX - 1),
    FIELD_INT(scan_in, read.limit, "Limit", .custom = older_number, .min = 1),
    /* The newer one. */
    FIELD_INT(scan_in, read.limit, "Limit", .custom = newer_number, .min = 1, .style = STYLE_NEWER, .stage = 1),
    FIELD_INT(scan_in, read.segment, "Segment", .custom = newer_number, .max = SEGMENTS_MAX - 1, .style = STYLE_NEWER,
              .stage = 1),
    FIELD_INT(scan_in, read.total_segments, "TotalSegments", .custom = newer_number, .min = 1, .max = SEGMENTS_MAX,
              .style = STYLE_NEWER, .stage = 1),
    FIELD_STRING(scan_in, read.table_name, "TableName", .custom = newer_table_name_empty, .stage = 1),
    FIELD_STRING(scan_in, read.table_name, "TableName", .custom = table_name_newer, .stage = 2),
    FIELD_STRING(scan_in, read.return_consumed_capacity, "ReturnConsumedCapacity",
                 .one_of = SET_RETURN_CONSUMED_CAPACITY, .stage = 2),
    FIELD_LIST(scan_in, read.attributes_to_get, "AttributesToGet", legacy_name_element, .min = 1, .stage = 2),
    /* No constraints. */
    FIELD_STRING(scan_in, read.index_name, "IndexName"),
    FIELD_BOOL(scan_in, read.consistent_read, "ConsistentRead"),
    FIELD_ITEM(scan_in, read.start_key, "ExclusiveStartKey"),
    FIELD_STRING(scan_in, read.projection_expression, "ProjectionExpression"),
    FIELD_STRING(scan_in, read.filter_expression, "FilterExpression"),
    FIELD_STRING_MAP(scan_in, read.names, "ExpressionAttributeNames"),
    FIELD_ITEM(scan_in, read.values, "ExpressionAttributeValues"),
    FIELD_END,
};

static bool check_segments(const struct read_in *in, struct err *err)
{
    if (in->segment.is_present && !in->total_segments.is_present) {
        return err_set(err, ERR_VALIDATION,
                       "The TotalSegments parameter is required but was not present in the request when Segment "
                       "parameter is present");
    }
    if (in->total_segments.is_present && !in->segment.is_present) {
        return err_set(err, ERR_VALIDATION,
                       "The Segment parameter is required but was not present in the request when parameter "
                       "TotalSegments is present");
    }
    return !in->segment.is_present || in->segment.n < in->total_segments.n ||
           err_set(err, ERR_VALIDATION,
                   "The Segment parameter is zero-based and must be less than parameter TotalSegments");
}

static bool check_layer(struct call *call, void *data, enum value_dialect dialect, struct err *err)
{
    struct read_in *read = &((struct scan_in *)data)->read;
    return read_check_parameters(call, read, READ_SCAN, dialect, err) && read_check_legacy_filter(call, read, err) &&
           read_check_names_and_start(call, read, err) && read_check_filter(call, read, err) &&
           read_check_select_name(read, err) && read_check_select(read, err) && check_segments(read, err) &&
           read_check_projection(call, read, err) && placeholders_check_unused(read->placeholders, err);
}

static bool check(struct call *call, void *data, struct err *err)
{
    return check_by_layer(call, data, check_layer, read_request_is_older, err);
}

static bool check_against_table(const struct read_in *read, struct scan *scan, struct err *err)
{
    const struct table_desc *table = scan->table;
    return read_index(read, table, &scan->index, err) && read_check_all_attributes(read, scan->index, err) &&
           start_key_check_shape(table, scan->index, scan->start, READ_SCAN, err) &&
           start_key_check_segment(scan, err) && projection_check_keys(read->projection, table, err) &&
           condition_check_keys(read->condition, table, err) && read_check_projected(read, table, scan->index, err);
}

static bool run(struct call *call, void *data, struct err *err)
{
    const struct read_in *read = &((const struct scan_in *)data)->read;
    struct scan scan = {
        .segment = read->segment.is_present ? (uint32_t)read->segment.n : 0,
        .total_segments = read->total_segments.is_present ? (uint32_t)read->total_segments.n : 1,
        .start = read->start,
    };
    struct cursor *cursor;
    return table_for_items(call, read->table, &scan.table, err) && check_against_table(read, &scan, err) &&
           cursor_scan(call->txn, &scan, call->arena, &cursor, err) &&
           read_answer(call, read, scan.table, scan.index, cursor, err);
}

const struct op op_scan = {
    .name = "Scan",
    .txn = TXN_READ,
    .input = input,
    .input_size = sizeof(struct scan_in),
    .check = check,
    .run = run,
};
