/* SPDX-License-Identifier: Apache-2.0 */
/* echo.c — Java's toString of requests. AWS's older messages quote whole structures that way, so tests of clients compare against it. It prints
 * from the same field tables that decode, hence a new operation needs nothing here. */
#include "server/api/echo.h"

#include "core/base64.h"
#include "core/utf8.h"

#include <inttypes.h>
#include <stdio.h>

#define ECHO_MAX ((size_t)1024 * 1024)
/* One piece that is added in a step is a slice of the body, so the buffer never holds more than this. */
#define ECHO_ROOM (ECHO_MAX + (size_t)32 * 1024 * 1024)

struct echo {
    struct buf out;
    struct arena *arena;
};

static void put_field(struct echo *echo, const struct field *field, const void *value, bool is_element);
static void put_value(struct echo *echo, const struct json *value);

static bool is_full(const struct echo *echo)
{
    return echo->out.n > ECHO_MAX;
}

static void put(struct echo *echo, struct str s)
{
    if (!is_full(echo)) {
        buf_add_str(&echo->out, s);
    }
}

/* ---- Java's hash order ---- */

const size_t *java_hash_order(const struct str *names, size_t count, size_t capacity, struct arena *arena)
{
    size_t buckets = capacity > 0 ? capacity : 1;
    while (capacity == 0 && buckets < count) {
        buckets *= 2;
    }
    while (4 * count > 3 * buckets) {
        buckets *= 2;
    }
    size_t *starts = arena_array(arena, size_t, buckets + 1);
    size_t *bucket_of = arena_array(arena, size_t, count);
    size_t *order = arena_array(arena, size_t, count);
    for (size_t i = 0; i < count; i++) {
        uint32_t hash = (uint32_t)utf8_java_hash(names[i]);
        bucket_of[i] = (hash ^ (hash >> 16)) & (buckets - 1);
        starts[bucket_of[i] + 1]++;
    }
    for (size_t b = 0; b < buckets; b++) {
        starts[b + 1] += starts[b];
    }
    for (size_t i = 0; i < count; i++) {
        order[starts[bucket_of[i]]++] = i;
    }
    return order;
}

/* ---- AttributeValues ---- */

static void put_json_string(struct echo *echo, const struct json *json)
{
    put(echo, json == NULL || json_type(json) != JSON_STRING ? STR("null") : json_str(json));
}

static void put_binary(struct echo *echo, const struct json *json)
{
    struct str bytes = {0};
    if (json == NULL || json_type(json) != JSON_STRING ||
        base64_decode(json_str(json), echo->arena, &bytes, NULL) != BASE64_OK) {
        put(echo, STR("null"));
        return;
    }
    put(echo, arena_printf(echo->arena, "java.nio.HeapByteBuffer[pos=0 lim=%zu cap=%zu]", bytes.n, bytes.n));
}

static void put_boolean(struct echo *echo, const struct json *json)
{
    bool b;
    if (json == NULL || !json_lenient_boolean(json, &b)) {
        put(echo, STR("null"));
    } else {
        put(echo, b ? STR("true") : STR("false"));
    }
}

static void put_json_list(struct echo *echo, const struct json *json, void (*put_element)(struct echo *, const struct json *))
{
    if (json == NULL || json_type(json) != JSON_ARRAY) {
        put(echo, STR("null"));
        return;
    }
    put(echo, STR("["));
    struct json_iter iter = json_iter(json);
    const struct json *element;
    for (bool is_first = true; !is_full(echo) && json_next(&iter, NULL, &element); is_first = false) {
        put(echo, is_first ? STR("") : STR(", "));
        put_element(echo, element);
    }
    put(echo, STR("]"));
}

static void put_json_map(struct echo *echo, const struct json *json, void (*put_element)(struct echo *, const struct json *))
{
    if (json == NULL || json_type(json) != JSON_OBJECT) {
        put(echo, STR("null"));
        return;
    }
    size_t room = json_count(json);
    struct str *names = arena_array(echo->arena, struct str, room + 1);
    const struct json **values = arena_array(echo->arena, const struct json *, room + 1);
    struct json_iter iter = json_iter(json);
    size_t count = 0;
    while (json_next(&iter, &names[count], &values[count])) {
        count++;
    }
    const size_t *order = java_hash_order(names, count, 0, echo->arena);
    put(echo, STR("{"));
    for (size_t i = 0; i < count && !is_full(echo); i++) {
        put(echo, i == 0 ? STR("") : STR(", "));
        put(echo, names[order[i]]);
        put(echo, STR("="));
        put_element(echo, values[order[i]]);
    }
    put(echo, STR("}"));
}

static void put_value(struct echo *echo, const struct json *value)
{
    if (value == NULL || json_type(value) != JSON_OBJECT) {
        put(echo, STR("null"));
        return;
    }
    put(echo, STR("AttributeValue(s="));
    put_json_string(echo, json_get(value, STR("S")));
    put(echo, STR(", n="));
    put_json_string(echo, json_get(value, STR("N")));
    put(echo, STR(", b="));
    put_binary(echo, json_get(value, STR("B")));
    put(echo, STR(", iNT=null, dECIMAL=null, dOUBLE=null, sS="));
    put_json_list(echo, json_get(value, STR("SS")), put_json_string);
    put(echo, STR(", nS="));
    put_json_list(echo, json_get(value, STR("NS")), put_json_string);
    put(echo, STR(", bS="));
    put_json_list(echo, json_get(value, STR("BS")), put_binary);
    put(echo, STR(", iNTSET=null, dECIMALSET=null, dOUBLESET=null, m="));
    put_json_map(echo, json_get(value, STR("M")), put_value);
    put(echo, STR(", l="));
    put_json_list(echo, json_get(value, STR("L")), put_value);
    put(echo, STR(", nULL="));
    put_boolean(echo, json_get(value, STR("NULL")));
    put(echo, STR(", bOOL="));
    put_boolean(echo, json_get(value, STR("BOOL")));
    put(echo, STR(")"));
}

/* ---- Decoded structs ---- */

static void put_struct(struct echo *echo, const struct field *field, const void *in)
{
    const char *name = field->java != NULL ? field->java : field->name;
    const char *dot = strrchr(name, '.');
    put(echo, str_from(dot != NULL ? dot + 1 : name));
    put(echo, STR("("));
    const char *before = NULL;
    for (const struct field *f = field->of; f->name != NULL && !is_full(echo); f++) {
        if (before != NULL && strcmp(before, f->name) == 0) {
            continue; /* two entries for one member */
        }
        put(echo, before == NULL ? STR("") : STR(", "));
        before = f->name;
        char first = f->name[0] >= 'A' && f->name[0] <= 'Z' ? (char)(f->name[0] - 'A' + 'a') : f->name[0];
        put(echo, arena_printf(echo->arena, "%c%s=", first, f->name + 1));
        put_field(echo, f, (const char *)in + f->offset, false);
    }
    put(echo, STR(")"));
}

static void put_list(struct echo *echo, const struct field *field, const struct list *list)
{
    if (!list->is_present) {
        put(echo, STR("null"));
        return;
    }
    put(echo, STR("["));
    for (size_t i = 0; i < list->count && !is_full(echo); i++) {
        put(echo, i == 0 ? STR("") : STR(", "));
        put_field(echo, field->of, (const char *)list->items + i * shape_element_size(field->of), true);
    }
    put(echo, STR("]"));
}

static void put_map(struct echo *echo, const struct field *field, const struct map *map)
{
    if (!map->is_present) {
        put(echo, STR("null"));
        return;
    }
    const size_t *order = java_hash_order(map->names, map->count, 0, echo->arena);
    put(echo, STR("{"));
    for (size_t i = 0; i < map->count && !is_full(echo); i++) {
        put(echo, i == 0 ? STR("") : STR(", "));
        put(echo, map->names[order[i]]);
        put(echo, STR("="));
        put_field(echo, field->of, (const char *)map->items + order[i] * shape_element_size(field->of), true);
    }
    put(echo, STR("}"));
}

static void put_number(struct echo *echo, const struct opt_int *n)
{
    put(echo, n->is_present ? arena_printf(echo->arena, "%" PRId64, n->n) : STR("null"));
}

static void put_double(struct echo *echo, const struct opt_double *d)
{
    if (!d->is_present) {
        put(echo, STR("null"));
    } else if (!is_full(echo)) {
        json_write_double(&echo->out, d->d);
    }
}

static void put_tri(struct echo *echo, enum tri tri)
{
    put(echo, tri == TRI_ABSENT ? STR("null") : tri == TRI_TRUE ? STR("true") : STR("false"));
}

static void put_field(struct echo *echo, const struct field *field, const void *value, bool is_element)
{
    switch (field->type) {
    case FIELD_TYPE_STRING: {
        struct str s = *(const struct str *)value;
        put(echo, s.p != NULL ? s : STR("null"));
        break;
    }
    case FIELD_TYPE_BOOL:
        put_tri(echo, *(const enum tri *)value);
        break;
    case FIELD_TYPE_INT:
    case FIELD_TYPE_LONG:
        put_number(echo, value);
        break;
    case FIELD_TYPE_DOUBLE:
        put_double(echo, value);
        break;
    case FIELD_TYPE_STRUCT: {
        const void *in = is_element ? value : *(const void *const *)value;
        if (in == NULL) {
            put(echo, STR("null"));
        } else {
            put_struct(echo, field, in);
        }
        break;
    }
    case FIELD_TYPE_LIST:
        put_list(echo, field, value);
        break;
    case FIELD_TYPE_MAP:
        put_map(echo, field, value);
        break;
    case FIELD_TYPE_VALUE:
        put_value(echo, *(const struct json *const *)value);
        break;
    case FIELD_TYPE_ITEM:
        put_json_map(echo, *(const struct json *const *)value, put_value);
        break;
    case FIELD_TYPE_STRING_MAP:
        put_json_map(echo, *(const struct json *const *)value, put_json_string);
        break;
    case FIELD_TYPE_ANY:
    case FIELD_TYPE_END:
        put(echo, STR("null"));
        break;
    }
}

/* ---- The whole ---- */

static void echo_init(struct echo *echo, struct arena *arena)
{
    buf_init(&echo->out, ECHO_ROOM);
    echo->arena = arena;
}

static struct str echo_finish(struct echo *echo)
{
    struct str text = str_of(echo->out.p, echo->out.n);
    struct str copy;
    if (is_full(echo)) {
        size_t n = ECHO_MAX;
        while (n > 0 && ((unsigned char)text.p[n] & 0xC0) == 0x80) {
            n--; /* not inside a character */
        }
        buf_truncate(&echo->out, n);
        buf_add_literal(&echo->out, "...");
        text = str_of(echo->out.p, echo->out.n);
    }
    copy = arena_copy(echo->arena, text);
    buf_release(&echo->out);
    return copy;
}

struct str echo_field(const struct field *field, const void *value, bool is_element, struct arena *arena)
{
    struct echo echo;
    echo_init(&echo, arena);
    put_field(&echo, field, value, is_element);
    return echo_finish(&echo);
}

struct str echo_value(const struct json *value, struct arena *arena)
{
    struct echo echo;
    echo_init(&echo, arena);
    put_value(&echo, value);
    return echo_finish(&echo);
}

struct str echo_item(const struct json *item, struct arena *arena)
{
    struct echo echo;
    echo_init(&echo, arena);
    put_json_map(&echo, item, put_value);
    return echo_finish(&echo);
}
