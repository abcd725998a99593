/* SPDX-License-Identifier: Apache-2.0 */
/* settings.c — the settings of a table as JSON text and back. Defaults are not written, so a plain table has a short text. */
#include "server/api/schema/settings.h"

#include "core/json.h"

#include <inttypes.h>

#define DAY_MS INT64_C(86400000)
/* The longest text: 50 tags, 20 indexes and a policy are far below it. */
#define TEXT_MAX ((size_t)4 * 1024 * 1024)

/* ---- Writing ---- */

static void write_name(struct buf *out, const char *name)
{
    if (out->p[out->n - 1] != '{') {
        buf_add_byte(out, ',');
    }
    json_write_string(out, str_from(name));
    buf_add_byte(out, ':');
}

static void write_string(struct buf *out, const char *name, struct str s)
{
    if (s.p != NULL) {
        write_name(out, name);
        json_write_string(out, s);
    }
}

static void write_number(struct buf *out, const char *name, int64_t n)
{
    if (n != 0) {
        write_name(out, name);
        buf_add_i64(out, n);
    }
}

/* An element of an array follows. */
static void write_next(struct buf *out)
{
    if (out->p[out->n - 1] != '[') {
        buf_add_byte(out, ',');
    }
}

static void write_throughput(struct buf *out, const struct throughput *t)
{
    write_number(out, "read", t->read_units);
    write_number(out, "write", t->write_units);
    write_number(out, "increased", t->last_increase_ms);
    write_number(out, "decreased", t->last_decrease_ms);
    write_number(out, "decreases", t->decreases);
    write_number(out, "maxRead", t->max_read);
    write_number(out, "maxWrite", t->max_write);
    write_number(out, "warmRead", t->warm_read);
    write_number(out, "warmWrite", t->warm_write);
}

static void write_indexes(struct buf *out, const struct table_settings *settings)
{
    write_name(out, "indexes");
    buf_add_byte(out, '[');
    for (size_t i = 0; i < settings->index_count; i++) {
        write_next(out);
        buf_add_byte(out, '{');
        write_string(out, "name", settings->indexes[i].name);
        write_throughput(out, &settings->indexes[i].throughput);
        buf_add_byte(out, '}');
    }
    buf_add_byte(out, ']');
}

static void write_streams(struct buf *out, const struct table_settings *settings)
{
    write_name(out, "streams");
    buf_add_byte(out, '[');
    for (size_t i = 0; i < settings->stream_count; i++) {
        write_next(out);
        buf_add_byte(out, '{');
        write_string(out, "label", settings->streams[i].label);
        write_string(out, "view", settings->streams[i].view_type);
        write_number(out, "created", settings->streams[i].created_ms);
        write_number(out, "disabled", settings->streams[i].disabled_ms);
        buf_add_byte(out, '}');
    }
    buf_add_byte(out, ']');
}

static void write_tags(struct buf *out, const struct table_settings *settings)
{
    write_name(out, "tags");
    buf_add_byte(out, '[');
    for (size_t i = 0; i < settings->tag_count; i++) {
        write_next(out);
        buf_add_byte(out, '[');
        json_write_string(out, settings->tags[i].key);
        buf_add_byte(out, ',');
        json_write_string(out, settings->tags[i].value);
        buf_add_byte(out, ']');
    }
    buf_add_byte(out, ']');
}

struct str settings_text(const struct table_settings *settings, struct arena *arena)
{
    struct buf out;
    buf_init(&out, TEXT_MAX);
    buf_add_byte(&out, '{');
    write_string(&out, "id", settings->table_id);
    write_number(&out, "created", settings->created_ms);
    write_number(&out, "onDemand", settings->billing == BILLING_PAY_PER_REQUEST);
    write_number(&out, "onDemandSince", settings->on_demand_since_ms);
    write_throughput(&out, &settings->throughput);
    write_string(&out, "sse", settings->sse_key_arn);
    write_string(&out, "class", settings->table_class);
    write_number(&out, "classChanged", settings->table_class_changed_ms);
    write_number(&out, "protected", settings->is_protected);
    write_number(&out, "pitr", settings->has_pitr);
    write_number(&out, "pitrSince", settings->pitr_since_ms);
    write_number(&out, "pitrDays", settings->pitr_days);
    write_string(&out, "policy", settings->policy);
    write_number(&out, "policyChanged", settings->policy_changed_ms);
    if (settings->index_count > 0) {
        write_indexes(&out, settings);
    }
    if (settings->stream_count > 0) {
        write_streams(&out, settings);
    }
    if (settings->tag_count > 0) {
        write_tags(&out, settings);
    }
    buf_add_byte(&out, '}');
    struct str text = arena_copy(arena, str_of(out.p, out.n));
    buf_release(&out);
    return text;
}

/* ---- Reading ---- */

static const struct json *member(const struct json *json, const char *name, enum json_type type)
{
    const struct json *m = json_type(json) == JSON_OBJECT ? json_get(json, str_from(name)) : NULL;
    return m != NULL && json_type(m) == type ? m : NULL;
}

static struct str read_string(const struct json *json, const char *name)
{
    const struct json *m = member(json, name, JSON_STRING);
    return m != NULL ? json_str(m) : (struct str){0};
}

static int64_t read_number(const struct json *json, const char *name)
{
    const struct json *m = member(json, name, JSON_INTEGER);
    return m != NULL ? json_int64(m) : 0;
}

static void read_throughput(const struct json *json, struct throughput *out)
{
    *out = (struct throughput){
        .read_units = read_number(json, "read"),
        .write_units = read_number(json, "write"),
        .last_increase_ms = read_number(json, "increased"),
        .last_decrease_ms = read_number(json, "decreased"),
        .decreases = read_number(json, "decreases"),
        .max_read = read_number(json, "maxRead"),
        .max_write = read_number(json, "maxWrite"),
        .warm_read = read_number(json, "warmRead"),
        .warm_write = read_number(json, "warmWrite"),
    };
}

static void read_indexes(const struct json *json, struct arena *arena, struct table_settings *out)
{
    const struct json *list = member(json, "indexes", JSON_ARRAY);
    if (list == NULL) {
        return;
    }
    out->indexes = arena_array(arena, struct index_settings, json_count(list));
    struct json_iter iter = json_iter(list);
    const struct json *element;
    while (json_next(&iter, NULL, &element)) {
        struct index_settings *index = &out->indexes[out->index_count++];
        index->name = read_string(element, "name");
        read_throughput(element, &index->throughput);
    }
}

static void read_streams(const struct json *json, struct arena *arena, struct table_settings *out)
{
    const struct json *list = member(json, "streams", JSON_ARRAY);
    if (list == NULL) {
        return;
    }
    out->streams = arena_array(arena, struct stream_settings, json_count(list));
    struct json_iter iter = json_iter(list);
    const struct json *element;
    while (json_next(&iter, NULL, &element)) {
        out->streams[out->stream_count++] = (struct stream_settings){
            .label = read_string(element, "label"),
            .view_type = read_string(element, "view"),
            .created_ms = read_number(element, "created"),
            .disabled_ms = read_number(element, "disabled"),
        };
    }
}

static void read_tags(const struct json *json, struct arena *arena, struct table_settings *out)
{
    const struct json *list = member(json, "tags", JSON_ARRAY);
    if (list == NULL) {
        return;
    }
    out->tags = arena_array(arena, struct tag, json_count(list));
    struct json_iter iter = json_iter(list);
    const struct json *pair;
    while (json_next(&iter, NULL, &pair)) {
        const struct json *key = json_type(pair) == JSON_ARRAY ? json_at(pair, 0) : NULL;
        const struct json *value = json_type(pair) == JSON_ARRAY ? json_at(pair, 1) : NULL;
        if (key != NULL && json_type(key) == JSON_STRING && value != NULL && json_type(value) == JSON_STRING) {
            out->tags[out->tag_count++] = (struct tag){json_str(key), json_str(value)};
        }
    }
}

bool settings_read(struct str text, struct arena *arena, struct table_settings *out, struct err *err)
{
    *out = (struct table_settings){0};
    if (text.n == 0) {
        return true;
    }
    const struct json *json;
    if (!json_parse_stored(text, arena, &json) || json_type(json) != JSON_OBJECT) {
        return err_set(err, ERR_INTERNAL, "The settings of a table in the catalog are damaged");
    }
    out->table_id = read_string(json, "id");
    out->created_ms = read_number(json, "created");
    out->billing = read_number(json, "onDemand") != 0 ? BILLING_PAY_PER_REQUEST : BILLING_PROVISIONED;
    out->on_demand_since_ms = read_number(json, "onDemandSince");
    read_throughput(json, &out->throughput);
    out->sse_key_arn = read_string(json, "sse");
    out->table_class = read_string(json, "class");
    out->table_class_changed_ms = read_number(json, "classChanged");
    out->is_protected = read_number(json, "protected") != 0;
    out->has_pitr = read_number(json, "pitr") != 0;
    out->pitr_since_ms = read_number(json, "pitrSince");
    out->pitr_days = read_number(json, "pitrDays");
    out->policy = read_string(json, "policy");
    out->policy_changed_ms = read_number(json, "policyChanged");
    read_indexes(json, arena, out);
    read_streams(json, arena, out);
    read_tags(json, arena, out);
    return true;
}

/* ---- Use ---- */

bool settings_store(struct txn *txn, const struct table_desc *table, const struct table_settings *settings,
                    struct arena *arena, struct err *err)
{
    struct table_desc desc = *table;
    desc.settings = settings_text(settings, arena);
    desc.is_journalled = settings_want_journal(settings);
    return table_replace(txn, &desc, err);
}

struct index_settings *settings_index(const struct table_settings *settings, struct str name)
{
    for (size_t i = 0; i < settings->index_count; i++) {
        if (str_eq(settings->indexes[i].name, name)) {
            return &settings->indexes[i];
        }
    }
    return NULL;
}

const struct stream_settings *settings_latest_stream(const struct table_settings *settings)
{
    return settings->stream_count > 0 ? &settings->streams[settings->stream_count - 1] : NULL;
}

const struct stream_settings *settings_stream(const struct table_settings *settings)
{
    const struct stream_settings *latest = settings_latest_stream(settings);
    return latest != NULL && latest->disabled_ms == 0 ? latest : NULL;
}

bool settings_want_journal(const struct table_settings *settings)
{
    return settings_stream(settings) != NULL || settings->has_pitr;
}

int64_t throughput_decreases(const struct throughput *throughput, int64_t now_ms)
{
    return throughput->last_decrease_ms / DAY_MS == now_ms / DAY_MS ? throughput->decreases : 0;
}
