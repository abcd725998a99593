/* SPDX-License-Identifier: Apache-2.0 */
/* item_ops.c — what the single writes share with each other and with the transactions: steps of checking whose place in
 * the order each operation decides, and the writing of answers. */
#include "server/api/items/item_ops.h"

#include "server/api/items/keys.h"
#include "server/api/items/legacy.h"
#include "server/api/items/params.h"
#include "server/api/items/values.h"

/* ---- Constraints ---- */

bool is_return_values(struct str s)
{
    return str_eq(s, STR("NONE")) || str_eq(s, STR("ALL_OLD")) || str_eq(s, STR("ALL_NEW")) ||
           str_eq(s, STR("UPDATED_OLD")) || str_eq(s, STR("UPDATED_NEW"));
}

void return_values_newer(struct shape_report *report, const struct field *field, const void *in)
{
    struct str s = *(const struct str *)(const void *)((const char *)in + field->offset);
    if (s.p != NULL && !is_return_values(s)) {
        shape_report_add(report, "Failed to satisfy constraint: Member must satisfy enum value set: %s",
                         SET_RETURN_VALUES_NEWER);
    }
}

bool return_values_check_old(struct str return_values, struct err *err)
{
    return return_values.p == NULL || str_eq(return_values, STR("NONE")) || str_eq(return_values, STR("ALL_OLD")) ||
           err_set(err, ERR_REQUEST, RETURN_VALUES_OLD_TEXT);
}

/* ---- Layers ---- */

bool check_by_layer(struct call *call, void *in, layer_check *check, bool (*is_older)(const void *in), struct err *err)
{
    struct err newer;
    err_init(&newer, err->arena);
    if (check(call, in, VALUE_NEWER, &newer)) {
        return true;
    }
    if (is_older(in)) {
        err_clear(&newer);
        if (check(call, in, VALUE_OLDER, &newer)) {
            return true;
        }
        /* The older layer has no envelope. */
        return err_set_text(err, newer.kind == ERR_REQUEST ? ERR_VALIDATION : newer.kind, newer.message);
    }
    return err_set_text(err, newer.kind, newer.message);
}

bool write_is_older(const struct write_in *in)
{
    return item_is_older(in->values) || legacy_expected_is_older(&in->expected);
}

/* ---- Checks ---- */

bool item_check_size(const struct value *item, struct err *err)
{
    return item_size(item) <= LIMIT_ITEM_BYTES ||
           err_set(err, ERR_VALIDATION, "Item size has exceeded the maximum allowed size");
}

bool write_check_names(const struct write_in *in, struct err *err)
{
    return legacy_check_all_names(&in->expected, err) && placeholders_check_names(in->names, err) &&
           values_check_names(in->values, err);
}

bool write_check_nulls(const struct write_in *in, const struct json *key, enum value_dialect dialect, struct err *err)
{
    return dialect == VALUE_OLDER || (item_check_nulls(key, err) && item_check_nulls(in->values, err) &&
                                      legacy_expected_check_nulls(&in->expected, err));
}

/* Of the errors of placeholders, is this one about a value? */
static bool is_about_value(struct str message)
{
    return !str_starts_with(message, STR("ExpressionAttributeNames")) &&
           !str_starts_with(message, STR("ExpressionAttributeValues must not be empty")) &&
           !str_starts_with(message, STR("ExpressionAttributeValues contains invalid key"));
}

static bool read_placeholders(struct write_in *in, unsigned naming, enum value_dialect dialect, struct arena *arena,
                              struct err *err)
{
    struct err own;
    err_init(&own, err->arena);
    if (placeholders_read_naming(in->names, in->values, dialect, naming, arena, &in->placeholders, &own)) {
        return true;
    }
    bool is_bare = dialect == VALUE_OLDER && is_about_value(own.message);
    return err_set_text(err, is_bare ? ERR_VALIDATION : own.kind, own.message);
}

bool write_check_params(struct write_in *in, const char *updates_name, const char *update_name, unsigned naming,
                        enum value_dialect dialect, struct arena *arena, struct err *err)
{
    struct params params = {.names = in->names, .values = in->values, .dialect = dialect};
    size_t legacy = 0;
    size_t expressions = 0;
    if (updates_name) {
        params.legacy[legacy++] = updates_name;
    }
    if (in->expected.is_present) {
        params.legacy[legacy++] = "Expected";
    }
    if (in->conditional_operator.p) {
        params.legacy[legacy++] = "ConditionalOperator";
    }
    if (update_name) {
        params.expressions[expressions++] = update_name;
    }
    if (in->condition_expression.p) {
        params.expressions[expressions++] = "ConditionExpression";
    }
    params.has_value_expression = expressions > 0;
    return params_check_mix(&params, err) && read_placeholders(in, naming, dialect, arena, err);
}

/* ---- Conditions ---- */

struct key_path_visit {
    const struct table_desc *table;
    struct err *err;
};

static bool visit_key_path(void *context, struct str name, bool is_nested)
{
    struct key_path_visit *visit = context;
    return !is_nested || key_path_check(visit->table, name, visit->err);
}

bool condition_check_keys(const struct condition *condition, const struct table_desc *table, struct err *err)
{
    if (!condition) {
        return true;
    }
    struct key_path_visit visit = {table, err};
    condition_visit_paths(condition, visit_key_path, &visit);
    return err->kind == ERR_NONE;
}

bool projection_check_keys(const struct projection *projection, const struct table_desc *table, struct err *err)
{
    if (!projection) {
        return true;
    }
    struct key_path_visit visit = {table, err};
    projection_visit_paths(projection, visit_key_path, &visit);
    return err->kind == ERR_NONE;
}

bool stored_parse(const struct stored *stored, struct arena *arena, const struct json **out, struct err *err)
{
    *out = NULL;
    return !stored_exists(stored) || json_parse_stored(stored->text, arena, out) ||
           err_set(err, ERR_INTERNAL, STORED_DAMAGED_TEXT);
}

void stored_write_java(const struct stored *stored, struct arena *arena, struct buf *out)
{
    const struct json *item = NULL;
    if (stored->has_number_set && json_parse_stored(stored->text, arena, &item)) {
        item_text_write_java_sets(out, item);
    } else {
        buf_add_str(out, stored->text);
    }
}

struct str extra_item(const struct stored *stored, bool java_sets, struct arena *arena)
{
    if (!stored_exists(stored)) {
        return (struct str){0};
    }
    struct buf text;
    buf_init(&text, 2 * stored->text.n + 64);
    buf_add_literal(&text, "\"Item\":");
    if (java_sets) {
        stored_write_java(stored, arena, &text);
    } else {
        buf_add_str(&text, stored->text);
    }
    struct str copy = arena_copy(arena, str_of(text.p, text.n));
    buf_release(&text);
    return copy;
}

bool write_check_condition(const struct write_in *in, const struct stored *old, const struct json *item,
                           struct arena *arena, struct err *err)
{
    if (!in->condition || condition_holds(in->condition, item, arena)) {
        return true;
    }
    struct str extra = {0};
    if (str_eq(in->return_values_on_failure, STR("ALL_OLD"))) {
        extra = extra_item(old, false, arena);
    }
    return err_set_extra(err, ERR_CONDITIONAL_CHECK_FAILED, extra, CONDITION_FAILED_TEXT);
}

/* ---- Answers ---- */

static void write_comma(struct buf *out)
{
    if (out->p[out->n - 1] != '{') {
        buf_add_byte(out, ',');
    }
}

void write_answer_begin(struct call *call)
{
    buf_add_byte(call->out, '{');
}

void write_attributes(struct call *call, struct str text)
{
    if (text.p) {
        buf_add_literal(call->out, "\"Attributes\":");
        buf_add_str(call->out, text);
    }
}

void write_answer_end(struct call *call, const struct write_in *in, const struct change *change,
                      const struct value *key)
{
    struct buf *out = call->out;
    enum capacity_mode mode = capacity_mode_of(in->return_consumed_capacity);
    if (mode != CAPACITY_NONE) {
        struct capacity capacity;
        capacity_init(&capacity, change->table, in->table_name, call->arena);
        capacity_add_write(&capacity, change, 1);
        write_comma(out);
        buf_add_literal(out, "\"ConsumedCapacity\":");
        capacity_write(&capacity, mode, NULL, out);
    }
    if (str_eq(in->return_item_collection_metrics, STR("SIZE"))) {
        size_t before = out->n;
        write_comma(out);
        buf_add_literal(out, "\"ItemCollectionMetrics\":");
        if (!collection_metrics_write(change->table, key, out)) {
            buf_truncate(out, before);
        }
    }
    buf_add_byte(out, '}');
}

/* ---- Transactions and batches ---- */

struct capacity *capacity_list_of(struct capacity_list *list, const struct table_desc *table, struct str table_name,
                                  struct arena *arena)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct table_desc *known = list->items[i].table;
        if (table && known ? table->id == known->id : str_eq(list->items[i].table_name, table_name)) {
            return &list->items[i];
        }
    }
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 4 : 2 * list->room;
        struct capacity *items = arena_array(arena, struct capacity, room);
        if (list->count > 0) {
            memcpy(items, list->items, list->count * sizeof(*items));
        }
        list->items = items;
        list->room = room;
    }
    struct capacity *capacity = &list->items[list->count++];
    capacity_init(capacity, table, table_name, arena);
    return capacity;
}

void capacity_list_write(const struct capacity_list *list, enum capacity_mode mode, const char *mirror, bool comma,
                         struct buf *out)
{
    if (mode == CAPACITY_NONE) {
        return;
    }
    if (comma) {
        buf_add_byte(out, ',');
    }
    buf_add_literal(out, "\"ConsumedCapacity\":[");
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0) {
            buf_add_byte(out, ',');
        }
        capacity_write(&list->items[i], mode, mirror, out);
    }
    buf_add_byte(out, ']');
}

static bool is_same_collection(const struct collection_metric *a, const struct table_desc *table,
                               const struct value *key)
{
    struct str hash = table->key.hash[0].name;
    return a->table->id == table->id && value_equal(value_map_get(a->key, hash), value_map_get(key, hash));
}

static bool has_local_index(const struct table_desc *table)
{
    for (size_t i = 0; i < table->index_count; i++) {
        if (!table->indexes[i].is_global) {
            return true;
        }
    }
    return false;
}

void collection_metrics_add(struct collection_metrics *metrics, const struct table_desc *table, struct str table_name,
                            const struct value *key, struct arena *arena)
{
    if (!has_local_index(table)) {
        return;
    }
    for (size_t i = 0; i < metrics->count; i++) {
        if (is_same_collection(&metrics->items[i], table, key)) {
            return;
        }
    }
    if (metrics->count == metrics->room) {
        size_t room = metrics->room == 0 ? 8 : 2 * metrics->room;
        struct collection_metric *items = arena_array(arena, struct collection_metric, room);
        if (metrics->count > 0) {
            memcpy(items, metrics->items, metrics->count * sizeof(*items));
        }
        metrics->items = items;
        metrics->room = room;
    }
    metrics->items[metrics->count++] = (struct collection_metric){table, table_name, key};
}

/* All of one table, of which `first` is the first; false if an earlier one is of that table. */
static bool write_table_metrics(const struct collection_metrics *metrics, size_t first, bool comma, struct buf *out)
{
    const struct table_desc *table = metrics->items[first].table;
    for (size_t i = 0; i < first; i++) {
        if (metrics->items[i].table->id == table->id) {
            return false;
        }
    }
    if (comma) {
        buf_add_byte(out, ',');
    }
    json_write_string(out, metrics->items[first].table_name);
    buf_add_literal(out, ":[");
    for (size_t i = first; i < metrics->count; i++) {
        if (metrics->items[i].table->id == table->id) {
            if (i > first) {
                buf_add_byte(out, ',');
            }
            (void)collection_metrics_write(table, metrics->items[i].key, out);
        }
    }
    buf_add_byte(out, ']');
    return true;
}

void collection_metrics_write_map(const struct collection_metrics *metrics, bool comma, struct buf *out)
{
    if (metrics->count == 0) {
        return;
    }
    if (comma) {
        buf_add_byte(out, ',');
    }
    buf_add_literal(out, "\"ItemCollectionMetrics\":{");
    bool is_open = false;
    for (size_t i = 0; i < metrics->count; i++) {
        is_open |= write_table_metrics(metrics, i, is_open, out);
    }
    buf_add_byte(out, '}');
}

bool transaction_canceled(const struct reason *reasons, size_t count, struct arena *arena, struct err *err)
{
    struct str codes = STR("");
    size_t bytes = 64;
    for (size_t i = 0; i < count; i++) {
        const char *code = reasons[i].code ? reasons[i].code : "None";
        codes = arena_printf(arena, "%.*s%s%s", STR_ARG(codes), i > 0 ? ", " : "", code);
        bytes += 128 + 6 * reasons[i].message.n + reasons[i].extra.n;
    }
    struct buf extra;
    buf_init(&extra, bytes);
    buf_add_literal(&extra, "\"CancellationReasons\":[");
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            buf_add_byte(&extra, ',');
        }
        buf_add_literal(&extra, "{\"Code\":\"");
        buf_add_str(&extra, str_from(reasons[i].code ? reasons[i].code : "None"));
        buf_add_byte(&extra, '"');
        if (reasons[i].code) {
            buf_add_literal(&extra, ",\"Message\":");
            json_write_string(&extra, reasons[i].message);
        }
        if (reasons[i].extra.p) {
            buf_add_byte(&extra, ',');
            buf_add_str(&extra, reasons[i].extra);
        }
        buf_add_byte(&extra, '}');
    }
    buf_add_byte(&extra, ']');
    struct str text = arena_copy(arena, str_of(extra.p, extra.n));
    buf_release(&extra);
    return err_set_extra(err, ERR_TRANSACTION_CANCELED, text,
                         "Transaction cancelled, please refer cancellation reasons for specific reasons [%.*s]",
                         STR_ARG(codes));
}
