/* SPDX-License-Identifier: Apache-2.0 */
/* batch_write_item.c — up to 25 puts and deletes. Everything is checked before the first is written, since what is
 * wrong with one refuses the whole request. AWS checks it by its older layer (2026 D.3). Each kind of problem is looked
 * for in all requests before the next kind. */
#include "core/limits.h"
#include "core/utf8.h"
#include "server/api/conflicts.h"
#include "server/api/echo.h"
#include "server/api/items/item_ops.h"
#include "server/api/items/keys.h"
#include "server/api/tables.h"

struct put_request_in {
    const struct json *item;
    struct str workload_profile_name; /* AWS's own, seen in echoes */
};
struct delete_request_in {
    const struct json *key;
    struct str workload_profile_name;
};
struct write_request_in {
    const void *put;    /* struct put_request_in */
    const void *delete; /* struct delete_request_in */
};

/* One put or delete. */
struct request_item {
    size_t table; /* index into the tables of the request */
    const struct json *json;
    bool is_put;
    struct value value; /* the item or the key */
};

struct batch_write_item_in {
    struct map request_items; /* of struct list of struct write_request_in */
    struct str return_consumed_capacity;
    struct str return_item_collection_metrics;
    /* made by check */
    struct str *bare_names;
    struct request_item *requests;
    size_t count;
};

/* ---- Constraints ---- */

#define NAME_CHARACTERS_MIN 3
#define NAME_CHARACTERS_MAX 255

static void report_absent(struct shape_report *report, const struct field *field, const void *input_struct);
static void report_lengths(struct shape_report *report, const struct field *field, const void *input_struct);
static void report_names(struct shape_report *report, const struct field *field, const void *input_struct);

static const struct field put_fields[] = {
    FIELD_ITEM(put_request_in, item, "Item", .required = true, .stage = 1),
    FIELD_STRING(put_request_in, workload_profile_name, "WorkloadProfileName"),
    FIELD_END,
};
static const struct field delete_fields[] = {
    FIELD_ITEM(delete_request_in, key, "Key", .required = true, .stage = 1),
    FIELD_STRING(delete_request_in, workload_profile_name, "WorkloadProfileName"),
    FIELD_END,
};
static const struct field request_fields[] = {
    FIELD_STRUCT(write_request_in, put, "PutRequest", put_fields, put_request_in, .required = false),
    FIELD_STRUCT(write_request_in, delete, "DeleteRequest", delete_fields, delete_request_in, .required = false),
    FIELD_END,
};
static const struct field request_element[] = {
    ELEMENT_STRUCT(request_fields, write_request_in, .java = "WriteRequest"),
    FIELD_END,
};
static const struct field requests_element[] = {
    ELEMENT(FIELD_TYPE_LIST, .of = request_element),
    FIELD_END,
};
static const struct field request_items =
    FIELD_MAP(batch_write_item_in, request_items, "RequestItems", requests_element, .required = false);

/* The customs look at RequestItems; they stand at other members because what is inside of RequestItems must not be
 * looked at twice. */
static const struct field input[] = {
    FIELD_STRING(batch_write_item_in, return_consumed_capacity, "ReturnConsumedCapacity", .custom = report_absent,
                 .bare = true),
    FIELD_MAP(batch_write_item_in, request_items, "RequestItems", requests_element, .required = false),
    FIELD_STRING(batch_write_item_in, return_consumed_capacity, "ReturnConsumedCapacity", .custom = report_lengths,
                 .stage = 1),
    FIELD_STRING(batch_write_item_in, return_consumed_capacity, "ReturnConsumedCapacity",
                 .one_of = SET_RETURN_CONSUMED_CAPACITY, .stage = 1),
    FIELD_STRING(batch_write_item_in, return_item_collection_metrics, "ReturnItemCollectionMetrics",
                 .one_of = SET_RETURN_ITEM_COLLECTION_METRICS, .stage = 1),
    FIELD_STRING(batch_write_item_in, return_consumed_capacity, "ReturnConsumedCapacity", .custom = report_names,
                 .stage = 2),
    FIELD_END,
};

static void report_absent(struct shape_report *report, const struct field *field, const void *input_struct)
{
    (void)field;
    const struct batch_write_item_in *in = input_struct;
    if (in->request_items.count == 0) {
        shape_report_add(report, "The requestItems parameter is required for BatchWriteItem");
    }
}

static void report_map(struct shape_report *report, const struct batch_write_item_in *in, const char *constraint)
{
    struct str echo = echo_field(&request_items, &in->request_items, false, shape_report_arena(report));
    shape_report_add(report, "Value '%.*s' at 'requestItems' failed to satisfy constraint: %s", STR_ARG(echo),
                     constraint);
}

static void report_lengths(struct shape_report *report, const struct field *field, const void *input_struct)
{
    (void)field;
    const struct batch_write_item_in *in = input_struct;
    const struct list *lists = in->request_items.items;
    size_t total = 0;
    bool is_right = true;
    for (size_t i = 0; i < in->request_items.count; i++) {
        total += lists[i].count;
        is_right = is_right && lists[i].count > 0;
    }
    if (!is_right || total > LIMIT_BATCH_WRITES) {
        report_map(report, in,
                   "Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must "
                   "have length greater than or equal to 1]");
    }
}

static bool is_right_name(struct str name)
{
    if (str_starts_with(name, STR("arn:"))) {
        return true;
    }
    size_t length = utf8_characters(name);
    return length >= NAME_CHARACTERS_MIN && length <= NAME_CHARACTERS_MAX && is_table_name(name);
}

static void report_names(struct shape_report *report, const struct field *field, const void *input_struct)
{
    (void)field;
    const struct batch_write_item_in *in = input_struct;
    for (size_t i = 0; i < in->request_items.count; i++) {
        if (!is_right_name(in->request_items.names[i])) {
            report_map(report, in,
                       "Map keys must satisfy constraint: [Member must have length less than or equal to 255, Member "
                       "must have length greater than or equal to 3, Member must satisfy regular expression pattern: "
                       "[a-zA-Z0-9_.-]+]");
            return;
        }
    }
}

/* ---- Request-only checks ---- */

/* Lays all requests out in one array. A request with no member, or with both, is left without JSON. */
static void gather(struct batch_write_item_in *in, struct arena *arena)
{
    const struct list *lists = in->request_items.items;
    in->requests = arena_array(arena, struct request_item, LIMIT_BATCH_WRITES);
    in->count = 0;
    for (size_t i = 0; i < in->request_items.count; i++) {
        const struct write_request_in *writes = lists[i].items;
        for (size_t k = 0; k < lists[i].count; k++) {
            struct request_item *request = &in->requests[in->count++];
            const struct put_request_in *put = writes[k].put;
            const struct delete_request_in *delete = writes[k].delete;
            *request = (struct request_item){.table = i, .is_put = put != NULL};
            if (!put != !delete) {
                request->json = put ? put->item : delete->key;
            }
        }
    }
}

static bool check_members(const struct batch_write_item_in *in, struct err *err)
{
    for (size_t i = 0; i < in->count; i++) {
        if (in->requests[i].json && !item_check_names(in->requests[i].json, err)) {
            return false;
        }
    }
    for (size_t i = 0; i < in->count; i++) {
        if (!in->requests[i].json) {
            return err_set(err, ERR_VALIDATION, VALUE_SEVERAL_TEXT);
        }
    }
    return true;
}

static bool check(struct call *call, void *input_struct, struct err *err)
{
    struct batch_write_item_in *in = input_struct;
    gather(in, call->arena);
    if (!check_members(in, err)) {
        return false;
    }
    for (size_t i = 0; i < in->count; i++) {
        if (!item_read(in->requests[i].json, call->arena, VALUE_OLDER, &in->requests[i].value, err)) {
            return false;
        }
    }
    for (size_t i = 0; i < in->count; i++) {
        if (in->requests[i].is_put && !item_check_size(&in->requests[i].value, err)) {
            return false;
        }
    }
    in->bare_names = arena_array(call->arena, struct str, in->request_items.count);
    for (size_t i = 0; i < in->request_items.count; i++) {
        if (!table_name_of(call, in->request_items.names[i], &in->bare_names[i], err)) {
            return false;
        }
    }
    return true;
}

/* ---- Running ---- */

/* One request while it runs. */
struct write {
    const struct request_item *request;
    const struct table_desc *table;
    struct str table_name; /* as sent */
    struct value key;
    struct change change;
};

/* Keys of one table: their names are the same. */
static bool is_same_key(const struct value *a, const struct value *b)
{
    for (size_t i = a->count; i-- > 0;) {
        const struct value *v = &a->members[i].value;
        const struct value *w = &b->members[i].value;
        if (v->type == VALUE_N ? !value_equal(v, w) : !str_eq(v->str, w->str)) {
            return false;
        }
    }
    return true;
}

static bool check_key(struct call *call, struct write *write, struct err *err)
{
    const struct value *value = &write->request->value;
    if (!write->request->is_put) {
        write->key = *value;
        return key_check(write->table, value, err);
    }
    if (!item_key_check(write->table, value, true, err) || !index_keys_check_put(write->table, value, err)) {
        return false;
    }
    write->key = key_of_item(write->table, value, call->arena);
    return true;
}

/* One table after the other, in the order of the request: the table, its keys, duplicates. */
static bool find_writes(struct call *call, const struct batch_write_item_in *in, struct write *writes, struct err *err)
{
    size_t count = 0;
    for (size_t entry = 0; entry < in->request_items.count; entry++) {
        const struct table_desc *table = NULL;
        if (!table_for_items(call, in->bare_names[entry], &table, err)) {
            return false;
        }
        size_t first = count;
        for (; count < in->count && in->requests[count].table == entry; count++) {
            writes[count] = (struct write){.request = &in->requests[count],
                                           .table = table,
                                           .table_name = in->request_items.names[entry]};
            if (!check_key(call, &writes[count], err)) {
                return false;
            }
        }
        for (size_t i = first; i < count; i++) {
            for (size_t k = 0; k < i; k++) {
                if (table->id == writes[k].table->id && is_same_key(&writes[i].key, &writes[k].key)) {
                    return duplicate_keys_error(err);
                }
            }
        }
    }
    return true;
}

static bool write_all(struct call *call, struct write *writes, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        struct write *write = &writes[i];
        const struct value *new_item = write->request->is_put ? &write->request->value : NULL;
        struct stored old;
        conflict_hold(call, write->table, &write->key);
        if (!item_get(call->txn, write->table, &write->key, call->arena, &old, err) ||
            !change_plan(call->txn, write->table, &write->key, &old, new_item, CAUSE_USER, call->arena, &write->change,
                         err)) {
            return false;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (!change_apply(call->txn, &writes[i].change, err)) {
            return false;
        }
    }
    return true;
}

static bool run(struct call *call, void *input_struct, struct err *err)
{
    const struct batch_write_item_in *in = input_struct;
    struct write *writes = arena_array(call->arena, struct write, in->count);
    if (!find_writes(call, in, writes, err) || !write_all(call, writes, in->count, err)) {
        return false;
    }
    buf_add_literal(call->out, "{\"UnprocessedItems\":{}");
    enum capacity_mode mode = capacity_mode_of(in->return_consumed_capacity);
    if (mode != CAPACITY_NONE) {
        struct capacity_list list = {0};
        for (size_t i = 0; i < in->count; i++) {
            capacity_add_write(capacity_list_of(&list, writes[i].table, writes[i].table_name, call->arena),
                               &writes[i].change, 1);
        }
        capacity_list_write(&list, mode, NULL, true, call->out);
    }
    if (str_eq(in->return_item_collection_metrics, STR("SIZE"))) {
        struct collection_metrics metrics = {0};
        for (size_t i = 0; i < in->count; i++) {
            collection_metrics_add(&metrics, writes[i].table, writes[i].table_name, &writes[i].key, call->arena);
        }
        collection_metrics_write_map(&metrics, true, call->out);
    }
    buf_add_byte(call->out, '}');
    return true;
}

const struct op op_batch_write_item = {
    .name = "BatchWriteItem",
    .txn = TXN_WRITE,
    .input = input,
    .input_size = sizeof(struct batch_write_item_in),
    .check = check,
    .run = run,
};
