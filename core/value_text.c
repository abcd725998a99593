/* SPDX-License-Identifier: Apache-2.0 */
/* value_text.c — AttributeValues as canonical text, which is both what is stored and what is sent, and back from it. On the
 * path of every write, update and filter: nothing is checked here beyond what a damaged store would break. */
#include "core/base64.h"
#include "core/value_json.h"

static void set_from_stored(const struct json *json, struct arena *arena, struct value *out)
{
    out->count = json_count(json);
    struct json_iter iter = json_iter(json);
    const struct json *element = NULL;
    if (out->type == VALUE_NS) {
        struct number *numbers = arena_alloc(arena, out->count * sizeof(*numbers));
        for (size_t i = 0; json_next(&iter, NULL, &element); i++) {
            ensure(number_parse(json_str(element), &numbers[i]) == NUMBER_OK);
        }
        out->numbers = numbers;
        return;
    }
    struct str *strs = arena_alloc(arena, out->count * sizeof(*strs));
    for (size_t i = 0; json_next(&iter, NULL, &element); i++) {
        strs[i] = json_str(element);
        if (out->type == VALUE_BS) {
            ensure(base64_decode(strs[i], arena, &strs[i], NULL) == BASE64_OK);
        }
    }
    out->strs = strs;
}

static void members_from_stored(const struct json *json, struct arena *arena, struct value *out)
{
    struct member *members = arena_alloc(arena, json_count(json) * sizeof(*members));
    struct json_iter iter = json_iter(json);
    const struct json *member = NULL;
    for (size_t i = 0; json_next(&iter, &members[i].name, &member); i++) {
        value_from_stored(member, arena, &members[i].value);
    }
    *out = (struct value){.type = VALUE_M, .count = json_count(json), .members = members};
}

void value_from_stored(const struct json *json, struct arena *arena, struct value *out)
{
    struct json_iter iter = json_iter(json);
    struct str name;
    const struct json *member = NULL;
    enum value_type type = VALUE_S;
    ensure(json_next(&iter, &name, &member) && value_type_of(name, &type));
    *out = (struct value){.type = type};
    switch (type) {
    case VALUE_S:
        out->str = json_str(member);
        break;
    case VALUE_N: {
        struct number *number = arena_alloc(arena, sizeof(*number));
        ensure(number_parse(json_str(member), number) == NUMBER_OK);
        out->number = number;
        break;
    }
    case VALUE_B:
        ensure(base64_decode(json_str(member), arena, &out->str, NULL) == BASE64_OK);
        break;
    case VALUE_BOOL:
        out->boolean = json_type(member) == JSON_TRUE;
        break;
    case VALUE_NULL:
        break;
    case VALUE_SS:
    case VALUE_NS:
    case VALUE_BS:
        set_from_stored(member, arena, out);
        break;
    case VALUE_L: {
        out->count = json_count(member);
        struct value *elements = arena_alloc(arena, out->count * sizeof(*elements));
        out->elements = elements;
        struct json_iter list = json_iter(member);
        const struct json *element = NULL;
        for (size_t i = 0; json_next(&list, NULL, &element); i++) {
            value_from_stored(element, arena, &elements[i]);
        }
        break;
    }
    case VALUE_M:
        members_from_stored(member, arena, out);
        break;
    }
}

void item_from_stored(const struct json *json, struct arena *arena, struct value *out)
{
    members_from_stored(json, arena, out);
    /* Only the key attributes stand out of order, at the front. */
    value_sort_members((struct member *)(void *)out->members, out->count);
}

static void write_number(struct buf *out, const struct number *number)
{
    char text[NUMBER_TEXT_MAX];
    buf_add(out, text, number_print(number, text));
}

static void write_set(struct buf *out, const struct value *v)
{
    for (size_t i = 0; i < v->count; i++) {
        if (i > 0) {
            buf_add_byte(out, ',');
        }
        if (v->type == VALUE_SS) {
            json_write_string(out, v->strs[i]);
            continue;
        }
        buf_add_byte(out, '"');
        if (v->type == VALUE_NS) {
            write_number(out, &v->numbers[i]);
        } else {
            base64_write(out, v->strs[i]);
        }
        buf_add_byte(out, '"');
    }
    buf_add_literal(out, "]}");
}

void member_text_write(struct buf *out, const struct member *member, size_t start, struct member_mark *mark)
{
    json_write_string(out, member->name);
    mark->name_end = out->n - start;
    buf_add_byte(out, ':');
    value_text_write(out, &member->value);
    mark->end = out->n - start;
}

void value_text_write(struct buf *out, const struct value *v)
{
    switch (v->type) {
    case VALUE_S:
        buf_add_literal(out, "{\"S\":");
        json_write_string(out, v->str);
        buf_add_byte(out, '}');
        break;
    case VALUE_N:
        buf_add_literal(out, "{\"N\":\"");
        write_number(out, v->number);
        buf_add_literal(out, "\"}");
        break;
    case VALUE_B:
        buf_add_literal(out, "{\"B\":\"");
        base64_write(out, v->str);
        buf_add_literal(out, "\"}");
        break;
    case VALUE_BOOL:
        buf_add_str(out, v->boolean ? STR("{\"BOOL\":true}") : STR("{\"BOOL\":false}"));
        break;
    case VALUE_NULL:
        buf_add_literal(out, "{\"NULL\":true}");
        break;
    case VALUE_SS:
        buf_add_literal(out, "{\"SS\":[");
        write_set(out, v);
        break;
    case VALUE_NS:
        buf_add_literal(out, "{\"NS\":[");
        write_set(out, v);
        break;
    case VALUE_BS:
        buf_add_literal(out, "{\"BS\":[");
        write_set(out, v);
        break;
    case VALUE_L:
        buf_add_literal(out, "{\"L\":[");
        for (size_t i = 0; i < v->count; i++) {
            if (i > 0) {
                buf_add_byte(out, ',');
            }
            value_text_write(out, &v->elements[i]);
        }
        buf_add_literal(out, "]}");
        break;
    case VALUE_M:
        buf_add_literal(out, "{\"M\":");
        item_text_write(out, v, NULL, 0);
        buf_add_byte(out, '}');
        break;
    }
}

#define KEYS_MAX 16 /* a table's two and an index's eight */

static bool is_among(const struct value *v, const struct value *const *written, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (written[i] == v) {
            return true;
        }
    }
    return false;
}

/* `marks` may be NULL. */
static size_t write_item(struct buf *out, const struct value *item, const struct str *keys, size_t key_count,
                         struct member_mark *marks)
{
    ensure(item->type == VALUE_M && key_count <= KEYS_MAX);
    const struct value *written[KEYS_MAX];
    size_t written_count = 0;
    size_t start = out->n;
    struct member_mark unwanted;
    size_t at = 0;
    buf_add_byte(out, '{');
    for (size_t i = 0; i < key_count; i++) {
        const struct value *v = value_map_get(item, keys[i]);
        if (v == NULL || is_among(v, written, written_count)) {
            continue;
        }
        if (written_count > 0) {
            buf_add_byte(out, ',');
        }
        written[written_count++] = v;
        member_text_write(out, &(const struct member){keys[i], *v}, start, marks != NULL ? &marks[at++] : &unwanted);
    }
    size_t keys_end = out->n - start;
    bool first = written_count == 0;
    for (size_t i = 0; i < item->count; i++) {
        if (is_among(&item->members[i].value, written, written_count)) {
            continue;
        }
        if (!first) {
            buf_add_byte(out, ',');
        }
        first = false;
        member_text_write(out, &item->members[i], start, marks != NULL ? &marks[at++] : &unwanted);
    }
    buf_add_byte(out, '}');
    return keys_end;
}

size_t item_text_write(struct buf *out, const struct value *item, const struct str *keys, size_t key_count)
{
    return write_item(out, item, keys, key_count, NULL);
}

size_t item_text_write_marked(struct buf *out, const struct value *item, const struct str *keys, size_t key_count,
                              struct member_mark *marks)
{
    return write_item(out, item, keys, key_count, marks);
}
