/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_expr.c — any text as an expression against any item. Input: a byte for the kind, the expression, a NUL, the
 * item's JSON. Values are the item's own attributes: `:a` is the attribute a. */
#include "expr/expr.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Placeholders made of the item: {"#a":"a",…} and {":a":{…},…}. */
static struct placeholders *make_placeholders(const struct json *item, struct arena *arena, struct buf *out)
{
    const struct json *maps[2] = {NULL, NULL};
    for (size_t i = 0; i < 2 && json_count(item) > 0; i++) {
        buf_truncate(out, 0);
        struct json_iter iter = json_iter(item);
        struct str name;
        const struct json *attribute;
        for (char before = '{'; json_next(&iter, &name, &attribute); before = ',') {
            buf_add_byte(out, before);
            json_write_string(out, arena_printf(arena, "%c%.*s", "#:"[i], STR_ARG(name)));
            buf_add_byte(out, ':');
            if (i == 0) {
                json_write_string(out, name);
            } else {
                json_write(out, attribute);
            }
        }
        buf_add_byte(out, '}');
        ensure(json_parse(str_of(out->p, out->n), arena, &maps[i]));
    }
    struct placeholders *placeholders;
    struct err err;
    err_init(&err, arena);
    return placeholders_read(maps[0], maps[1], VALUE_NEWER, arena, &placeholders, &err) ? placeholders : NULL;
}

static void run_condition(struct str text, enum expr_kind kind, struct placeholders *placeholders,
                          const struct json *item, struct arena *arena, struct buf *out, struct err *err)
{
    struct condition *condition;
    if (!condition_parse(text, kind, arena, &condition, err)) {
        return;
    }
    condition_print(condition, out);
    if (condition_bind(condition, placeholders, err)) {
        (void)condition_holds(condition, item, arena);
        ensure(placeholders_check_unused(placeholders, err) == (err->kind == ERR_NONE));
    }
}

static void run_update(struct str text, struct placeholders *placeholders, const struct json *item, struct arena *arena,
                       struct buf *out, struct err *err)
{
    struct update *update;
    struct value after;
    struct value key = {.type = VALUE_M};
    if (update_parse(text, arena, &update, err) && update_bind(update, placeholders, err)) {
        (void)update_request_charge(update);
        if (update_apply(update, item, &key, arena, &after, err)) {
            (void)update_write_touched(update, &after, arena, out);
            (void)update_write_changed(update, &after, arena, out);
            item_text_write(out, &after, NULL, 0);
        }
    }
}

static void run(uint8_t kind, struct str text, const struct json *item, struct arena *arena, struct buf *out)
{
    struct err err;
    err_init(&err, arena);
    struct placeholders *placeholders = make_placeholders(item, arena, out);
    struct projection *projection;
    struct key_condition *key;
    buf_truncate(out, 0);
    switch (kind % EXPR_KIND_COUNT) {
    case EXPR_KEY_CONDITION:
        if (key_condition_parse(text, arena, &key, &err)) {
            ensure(key_condition_bind(key, placeholders, &err) == (err.kind == ERR_NONE));
        }
        break;
    case EXPR_PROJECTION:
        if (projection_parse(text, arena, &projection, &err) && projection_bind(projection, placeholders, &err)) {
            (void)projection_write(projection, item, (kind & 0x80) != 0, arena, out);
        }
        break;
    case EXPR_UPDATE:
        run_update(text, placeholders, item, arena, out, &err);
        break;
    default:
        run_condition(text, (enum expr_kind)(kind % EXPR_KIND_COUNT), placeholders, item, arena, out, &err);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size > 1 ? memchr(data + 1, '\0', size - 1) : NULL;
    if (end == NULL) {
        return 0;
    }
    struct arena arena;
    struct buf out;
    struct err err;
    arena_init(&arena, 0);
    buf_init(&out, (size_t)64 << 20);
    err_init(&err, &arena);
    struct str text = str_of((const char *)data + 1, (size_t)(end - data) - 1);
    struct str item_text = str_of((const char *)end + 1, size - (size_t)(end - data) - 1);
    const struct json *json;
    const struct json *stored;
    struct value item;
    if (json_parse(item_text, &arena, &json) && json_type(json) == JSON_OBJECT && item_check(json, &err) &&
        item_read(json, &arena, VALUE_NEWER, &item, &err)) {
        item_text_write(&out, &item, NULL, 0);
        ensure(json_parse_stored(arena_copy(&arena, str_of(out.p, out.n)), &arena, &stored));
        run(data[0], text, stored, &arena, &out);
    }
    buf_release(&out);
    arena_release(&arena);
    return 0;
}
