/* SPDX-License-Identifier: Apache-2.0 */
/* BatchGetItem: up to 100 items by key, from several tables, one block of the request a table. Checks run over all blocks, one after the other,
 * in AWS's order (2026 D.3). What does not fit into the answer goes back as UnprocessedKeys. */
#include "core/limits.h"
#include "core/value_json.h"
#include "server/api/items/capacity.h"
#include "server/api/items/item_ops.h"
#include "server/api/items/keys.h"
#include "server/api/items/legacy.h"
#include "server/api/items/params.h"
#include "server/api/tables.h"
#include "server/api/items/values.h"
#include "storage/item.h"

/* The answer's texts are bounded besides the sizes of its items: a legal item can have 19 MB of text. */
#define TEXT_BYTES_MAX ((size_t)16 * 1024 * 1024)

struct keys_in {
    struct list keys; /* of const struct json * */
    struct list attributes_to_get;
    enum tri consistent_read;
    struct str projection_expression;
    const struct json *names;
};

/* What check leaves of a block for run. */
struct block {
    struct str table;         /* the bare name */
    struct value *keys;
    struct placeholders *placeholders;
    struct projection *projection; /* or NULL */
};

struct batch_get_item_in {
    struct map request_items; /* of struct keys_in */
    struct str return_consumed_capacity;
    struct block *blocks;     /* as many as there are tables */
};

/* ---- Constraints ---- */

static const struct keys_in *sent(const struct batch_get_item_in *in, size_t i)
{
    return &((const struct keys_in *)in->request_items.items)[i];
}

static void check_some(struct shape_report *report, const struct field *field, const void *data)
{
    (void)field;
    const struct batch_get_item_in *in = data;
    if (in->request_items.count == 0) {
        shape_report_add(report, "Value at 'RequestItems' failed to satisfy constraint: "
                                 "Member must have length greater than or equal to 1");
    }
}

/* The first table without keys, alone. */
static void check_no_keys(struct shape_report *report, const struct field *field, const void *data)
{
    (void)field;
    const struct batch_get_item_in *in = data;
    for (size_t i = 0; i < in->request_items.count; i++) {
        struct str name = in->request_items.names[i];
        const struct list *keys = &sent(in, i)->keys;
        if (!keys->is_present) {
            shape_report_add(report,
                             "Value null at 'requestItems.%.*s.member.keys' failed to satisfy constraint: "
                             "Member must not be null",
                             STR_ARG(name));
            return;
        }
        if (keys->count == 0) {
            shape_report_add(report,
                             "Value at 'RequestItems.%.*s.member.Keys' failed to satisfy constraint: "
                             "Member must have length greater than or equal to 1",
                             STR_ARG(name));
            return;
        }
    }
}

static bool has_bad_name(const struct batch_get_item_in *in)
{
    for (size_t i = 0; i < in->request_items.count; i++) {
        struct str name = in->request_items.names[i];
        if (!str_starts_with(name, STR("arn:")) && (name.n < 3 || name.n > 255 || !is_table_name(name))) {
            return true;
        }
    }
    return false;
}

#define ECHO_MAX ((size_t)1024 * 1024)

/* The map as JSON, cut like every echo. */
static struct str echo_map(const struct json *json, struct arena *arena)
{
    struct buf text;
    buf_init(&text, (size_t)8 * LIMIT_BODY_BYTES);
    json_write(&text, json);
    if (text.n > ECHO_MAX) {
        size_t n = ECHO_MAX;
        while (((unsigned char)text.p[n] & 0xC0) == 0x80) {
            n--;
        }
        buf_truncate(&text, n);
        buf_add_literal(&text, "...");
    }
    struct str echo = arena_copy(arena, str_of(text.p, text.n));
    buf_release(&text);
    return echo;
}

static void check_table_names(struct shape_report *report, const struct field *field, const void *data)
{
    (void)field;
    const struct batch_get_item_in *in = data;
    if (has_bad_name(in)) {
        struct str echo = echo_map(in->request_items.json, shape_report_arena(report));
        shape_report_add(report,
                         "Value '%.*s' at 'requestItems' failed to satisfy constraint: Map keys must satisfy constraint: "
                         "[Member must have length less than or equal to 255, Member must have length greater than or "
                         "equal to 3, Member must satisfy regular expression pattern: " NAME_PATTERN "]",
                         STR_ARG(echo));
    }
}

/* Beside a bad table name a bad ReturnConsumedCapacity is reported too; alone it comes after the number of keys. */
static void check_capacity_too(struct shape_report *report, const struct field *field, const void *data)
{
    const struct batch_get_item_in *in = data;
    struct str s = in->return_consumed_capacity;
    bool is_right = !s.p || str_eq(s, STR("INDEXES")) || str_eq(s, STR("TOTAL")) || str_eq(s, STR("NONE"));
    if (!is_right && has_bad_name(in)) {
        shape_report_constraint(report, field, data, MUST_BE_ONE_OF SET_RETURN_CONSUMED_CAPACITY);
    }
}

static void check_total(struct shape_report *report, const struct field *field, const void *data)
{
    (void)field;
    const struct batch_get_item_in *in = data;
    size_t total = 0;
    for (size_t i = 0; i < in->request_items.count; i++) {
        total += sent(in, i)->keys.count;
        if (total > LIMIT_BATCH_GET_KEYS) {
            shape_report_add(report,
                             "Value at 'RequestItems.%.*s.member.Keys' failed to satisfy constraint: "
                             "Member must have length less than or equal to %d",
                             STR_ARG(in->request_items.names[i]), LIMIT_BATCH_GET_KEYS);
            return;
        }
    }
}

static void check_attribute_lists(struct shape_report *report, const struct field *field, const void *data)
{
    (void)field;
    const struct batch_get_item_in *in = data;
    for (size_t i = 0; i < in->request_items.count; i++) {
        const struct list *names = &sent(in, i)->attributes_to_get;
        if (names->is_present && names->count == 0) {
            shape_report_add(report,
                             "Value '[]' at 'requestItems.%.*s.member.attributesToGet' failed to satisfy constraint: "
                             "Member must have length greater than or equal to 1",
                             STR_ARG(in->request_items.names[i]));
        }
    }
}

static const struct field key_element[] = {ELEMENT(FIELD_TYPE_ITEM), FIELD_END};

static const struct field keys_fields[] = {
    FIELD_LIST(keys_in, keys, "Keys", key_element),
    FIELD_LIST(keys_in, attributes_to_get, "AttributesToGet", legacy_name_element),
    FIELD_BOOL(keys_in, consistent_read, "ConsistentRead"),
    FIELD_STRING(keys_in, projection_expression, "ProjectionExpression"),
    FIELD_STRING_MAP(keys_in, names, "ExpressionAttributeNames"),
    FIELD_END,
};

static const struct field table_element[] = {ELEMENT_STRUCT(keys_fields, keys_in, .java = "KeysAndAttributes"), FIELD_END};

#define REQUEST_ITEMS(test, at_stage)                                                                                   \
    FIELD_MAP(batch_get_item_in, request_items, "RequestItems", table_element, .custom = (test), .stage = (at_stage))

static const struct field input[] = {
    REQUEST_ITEMS(check_some, 0),
    REQUEST_ITEMS(check_no_keys, 1),
    REQUEST_ITEMS(check_table_names, 2),
    FIELD_STRING(batch_get_item_in, return_consumed_capacity, "ReturnConsumedCapacity", .custom = check_capacity_too,
                 .stage = 2),
    REQUEST_ITEMS(check_total, 3),
    FIELD_STRING(batch_get_item_in, return_consumed_capacity, "ReturnConsumedCapacity",
                 .one_of = SET_RETURN_CONSUMED_CAPACITY, .stage = 4),
    REQUEST_ITEMS(check_attribute_lists, 4),
    FIELD_END,
};

/* ---- Request-only checks ---- */

static const struct json *key_at(const struct keys_in *keys, size_t i)
{
    return ((const struct json *const *)keys->keys.items)[i];
}

static bool check_block_names(const struct keys_in *keys, struct err *err)
{
    for (size_t i = 0; i < keys->keys.count; i++) {
        const struct json *key = key_at(keys, i);
        if (key && !item_check_names(key, err)) {
            return false;
        }
    }
    return legacy_attributes_to_get_check_names(&keys->attributes_to_get, err) &&
           placeholders_check_names(keys->names, err);
}

/* The two ways of projecting exclude each other in the whole request. */
static bool check_mix(const struct batch_get_item_in *in, struct err *err)
{
    struct params params = {0};
    for (size_t i = 0; i < in->request_items.count; i++) {
        if (sent(in, i)->attributes_to_get.is_present) {
            params.legacy[0] = "AttributesToGet";
        }
        if (sent(in, i)->projection_expression.p) {
            params.expressions[0] = "ProjectionExpression";
        }
    }
    return params_check_mix(&params, err);
}

static bool check_placeholders(struct call *call, const struct keys_in *keys, struct block *block, struct err *err)
{
    struct params params = {.names = keys->names, .dialect = VALUE_NEWER};
    if (keys->projection_expression.p) {
        params.expressions[0] = "ProjectionExpression";
    }
    return params_check(&params, call->arena, &block->placeholders, err);
}

static bool check_empty_projection(const struct keys_in *keys, struct err *err)
{
    return params_check_projection(keys->projection_expression, err);
}

static bool check_nesting(const struct keys_in *keys, struct err *err)
{
    for (size_t i = 0; i < keys->keys.count; i++) {
        if (key_at(keys, i) && !item_check_nesting(key_at(keys, i), err)) {
            return false;
        }
    }
    return true;
}

static bool is_older(const void *data)
{
    const struct batch_get_item_in *in = data;
    for (size_t t = 0; t < in->request_items.count; t++) {
        const struct keys_in *keys = sent(in, t);
        for (size_t i = 0; i < keys->keys.count; i++) {
            if (item_is_older(key_at(keys, i))) {
                return true;
            }
        }
    }
    return false;
}

static bool read_keys(struct call *call, const struct keys_in *keys, enum value_dialect dialect, struct block *block,
                      struct err *err)
{
    block->keys = arena_array(call->arena, struct value, keys->keys.count);
    for (size_t i = 0; i < keys->keys.count; i++) {
        block->keys[i] = (struct value){.type = VALUE_M};
        if (key_at(keys, i) && !item_read(key_at(keys, i), call->arena, dialect, &block->keys[i], err)) {
            return false;
        }
    }
    return true;
}

static bool check_duplicates(const struct keys_in *keys, const struct block *block, struct err *err)
{
    for (size_t i = 1; i < keys->keys.count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (value_equal(&block->keys[i], &block->keys[j])) {
                return duplicate_keys_error(err);
            }
        }
    }
    return true;
}

static bool check_projection(struct call *call, const struct keys_in *keys, struct block *block, struct err *err)
{
    if (!keys->projection_expression.p) {
        return true;
    }
    return projection_parse(keys->projection_expression, call->arena, &block->projection, err) &&
           projection_bind(block->projection, block->placeholders, err) &&
           placeholders_check_unused(block->placeholders, err);
}

enum step { STEP_NAME, STEP_NAMES, STEP_PLACEHOLDERS, STEP_EMPTY_PROJECTION, STEP_ATTRIBUTES, STEP_NESTING, STEP_KEYS,
            STEP_DUPLICATES, STEP_PROJECTION };

static bool check_step(struct call *call, struct batch_get_item_in *in, enum step step, enum value_dialect dialect,
                       struct err *err)
{
    for (size_t i = 0; i < in->request_items.count; i++) {
        const struct keys_in *keys = sent(in, i);
        struct block *block = &in->blocks[i];
        bool is_right = true;
        switch (step) {
        case STEP_NAME:
            is_right = table_name_of(call, in->request_items.names[i], &block->table, err);
            break;
        case STEP_NAMES:
            is_right = check_block_names(keys, err);
            break;
        case STEP_PLACEHOLDERS:
            is_right = check_placeholders(call, keys, block, err);
            break;
        case STEP_EMPTY_PROJECTION:
            is_right = check_empty_projection(keys, err);
            break;
        case STEP_ATTRIBUTES:
            is_right = legacy_attributes_to_get_read(&keys->attributes_to_get, call->arena, &block->projection, err);
            break;
        case STEP_NESTING:
            is_right = check_nesting(keys, err);
            break;
        case STEP_KEYS:
            is_right = read_keys(call, keys, dialect, block, err);
            break;
        case STEP_DUPLICATES:
            is_right = check_duplicates(keys, block, err);
            break;
        case STEP_PROJECTION:
            is_right = check_projection(call, keys, block, err);
            break;
        }
        if (!is_right) {
            return false;
        }
    }
    return true;
}

static bool check_layer(struct call *call, void *data, enum value_dialect dialect, struct err *err)
{
    struct batch_get_item_in *in = data;
    in->blocks = arena_array(call->arena, struct block, in->request_items.count);
    if (!check_step(call, in, STEP_NAME, dialect, err) || !check_step(call, in, STEP_NAMES, dialect, err) ||
        !check_mix(in, err)) {
        return false;
    }
    for (enum step step = STEP_PLACEHOLDERS; step <= STEP_PROJECTION; step++) {
        if (!check_step(call, in, step, dialect, err)) {
            return false;
        }
    }
    return true;
}

static bool check(struct call *call, void *data, struct err *err)
{
    return check_by_layer(call, data, check_layer, is_older, err);
}

/* ---- Reading ---- */

static bool check_block_keys(const struct keys_in *keys, const struct block *block, const struct table_desc *table,
                             struct err *err)
{
    for (size_t i = 0; i < keys->keys.count; i++) {
        if (!key_check(table, &block->keys[i], err)) {
            return false;
        }
    }
    return projection_check_keys(block->projection, table, err);
}

struct reading {
    size_t size_bytes;
    size_t text_bytes;
    size_t item_count; /* found, in all tables */
    bool is_full;
};

static bool write_item(struct call *call, const struct block *block, const struct stored *stored, struct err *err)
{
    if (!block->projection) {
        buf_add_str(call->out, stored->text);
        return true;
    }
    struct arena_mark mark = arena_mark(call->arena);
    const struct json *item;
    if (!stored_parse(stored, call->arena, &item, err)) {
        return false;
    }
    (void)projection_write(block->projection, item, false, call->arena, call->out);
    arena_rollback(call->arena, mark);
    return true;
}

/* The items of one block; *done of its keys were looked up when the answer was full. */
static bool read_block(struct call *call, const struct keys_in *keys, const struct block *block, struct capacity *capacity,
                       struct reading *reading, size_t *done, struct err *err)
{
    size_t found = 0;
    for (*done = 0; *done < keys->keys.count && !reading->is_full; (*done)++) {
        struct stored stored;
        if (!item_get(call->txn, capacity->table, &block->keys[*done], call->arena, &stored, err)) {
            return false;
        }
        bool exists = stored_exists(&stored);
        if (exists) {
            reading->is_full = reading->item_count > 0 &&
                               (reading->size_bytes + stored.size_bytes > LIMIT_BATCH_GET_BYTES ||
                                reading->text_bytes + stored.text.n > TEXT_BYTES_MAX);
            if (reading->is_full) {
                return true;
            }
            reading->item_count++;
            reading->size_bytes += stored.size_bytes;
            reading->text_bytes += stored.text.n;
        }
        capacity_add_get(capacity, exists ? stored.size_bytes : 0, keys->consistent_read == TRI_TRUE, 1);
        if (!exists) {
            continue;
        }
        if (found++ > 0) {
            buf_add_byte(call->out, ',');
        }
        if (!write_item(call, block, &stored, err)) {
            return false;
        }
    }
    return true;
}

/* `{"Keys":[…],…}` of the keys from `done` on, with the block's own settings as they were sent. */
static void write_unprocessed(const struct keys_in *keys, size_t done, struct buf *out)
{
    buf_add_literal(out, "{\"Keys\":[");
    for (size_t i = done; i < keys->keys.count; i++) {
        if (i > done) {
            buf_add_byte(out, ',');
        }
        json_write(out, key_at(keys, i));
    }
    buf_add_byte(out, ']');
    if (keys->attributes_to_get.is_present) {
        buf_add_literal(out, ",\"AttributesToGet\":");
        json_write(out, keys->attributes_to_get.json);
    }
    if (keys->consistent_read != TRI_ABSENT) {
        buf_add_literal(out, ",\"ConsistentRead\":");
        buf_add_str(out, keys->consistent_read == TRI_TRUE ? STR("true") : STR("false"));
    }
    if (keys->projection_expression.p) {
        buf_add_literal(out, ",\"ProjectionExpression\":");
        json_write_string(out, keys->projection_expression);
    }
    if (keys->names) {
        buf_add_literal(out, ",\"ExpressionAttributeNames\":");
        json_write(out, keys->names);
    }
    buf_add_byte(out, '}');
}

static void write_unprocessed_keys(const struct batch_get_item_in *in, const size_t *done, struct buf *out)
{
    bool is_first = true;
    buf_add_literal(out, "},\"UnprocessedKeys\":{");
    for (size_t i = 0; i < in->request_items.count; i++) {
        if (done[i] == sent(in, i)->keys.count) {
            continue;
        }
        if (!is_first) {
            buf_add_byte(out, ',');
        }
        is_first = false;
        json_write_string(out, in->request_items.names[i]);
        buf_add_byte(out, ':');
        write_unprocessed(sent(in, i), done[i], out);
    }
    buf_add_byte(out, '}');
}

/* One entry for each table that was read. */
static void write_capacities(const struct batch_get_item_in *in, const struct capacity *capacities, const size_t *done,
                             struct buf *out)
{
    enum capacity_mode mode = capacity_mode_of(in->return_consumed_capacity);
    if (mode == CAPACITY_NONE) {
        return;
    }
    bool is_first = true;
    buf_add_literal(out, ",\"ConsumedCapacity\":[");
    for (size_t i = 0; i < in->request_items.count; i++) {
        if (done[i] == 0) {
            continue;
        }
        if (!is_first) {
            buf_add_byte(out, ',');
        }
        is_first = false;
        capacity_write(&capacities[i], mode, NULL, out);
    }
    buf_add_byte(out, ']');
}

static bool run(struct call *call, void *data, struct err *err)
{
    const struct batch_get_item_in *in = data;
    size_t count = in->request_items.count;
    struct capacity *capacities = arena_array(call->arena, struct capacity, count);
    for (size_t i = 0; i < count; i++) {
        const struct table_desc *table;
        if (!table_for_items(call, in->blocks[i].table, &table, err) ||
            !check_block_keys(sent(in, i), &in->blocks[i], table, err)) {
            return false;
        }
        capacity_init(&capacities[i], table, in->request_items.names[i], call->arena);
    }
    size_t *done = arena_array(call->arena, size_t, count);
    struct reading reading = {0};
    buf_add_literal(call->out, "{\"Responses\":{");
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            buf_add_byte(call->out, ',');
        }
        json_write_string(call->out, in->request_items.names[i]);
        buf_add_literal(call->out, ":[");
        if (!read_block(call, sent(in, i), &in->blocks[i], &capacities[i], &reading, &done[i], err)) {
            return false;
        }
        buf_add_byte(call->out, ']');
    }
    write_unprocessed_keys(in, done, call->out);
    write_capacities(in, capacities, done, call->out);
    buf_add_byte(call->out, '}');
    return true;
}

const struct op op_batch_get_item = {
    .name = "BatchGetItem",
    .txn = TXN_READ,
    .input = input,
    .input_size = sizeof(struct batch_get_item_in),
    .check = check,
    .run = run,
};
