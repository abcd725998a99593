/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_value.c — any bytes as JSON, as an AttributeValue and as an item: what is accepted must come back the same from its stored text. */
#include "core/limits.h"
#include "core/value_json.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_value(const struct json *json, enum value_dialect dialect, struct arena *arena, struct buf *out)
{
    struct err err;
    err_init(&err, arena);
    struct value value;
    bool ok = value_read(json, arena, dialect, &value, &err);
    ensure(ok == (err.kind == ERR_NONE));
    if (!ok) {
        return;
    }
    ensure(value_depth(&value) < LIMIT_NESTING);
    buf_truncate(out, 0);
    value_text_write(out, &value);
    struct str text = arena_copy(arena, str_of(out->p, out->n));
    const struct json *stored;
    ensure(json_parse_stored(text, arena, &stored));
    struct value again;
    value_from_stored(stored, arena, &again);
    ensure(value_equal(&value, &again) && value_size(&value) == value_size(&again));
    buf_truncate(out, 0);
    value_text_write(out, &again);
    ensure(str_eq(text, str_of(out->p, out->n)));
    (void)value_contains(&value, &again);
}

static void check_item(const struct json *json, enum value_dialect dialect, struct arena *arena, struct buf *out)
{
    struct err err;
    err_init(&err, arena);
    struct value item;
    if (!item_read(json, arena, dialect, &item, &err)) {
        return;
    }
    const struct str keys[] = {STR("b"), STR("a")};
    buf_truncate(out, 0);
    size_t key_end = item_text_write(out, &item, keys, 2);
    ensure(key_end >= 1 && key_end <= out->n);
    struct str text = arena_copy(arena, str_of(out->p, out->n));
    const struct json *stored;
    ensure(json_parse_stored(text, arena, &stored));
    struct value again;
    item_from_stored(stored, arena, &again);
    ensure(value_equal(&item, &again));
    buf_truncate(out, 0);
    item_text_write_java_sets(out, stored);
    ensure(out->n == text.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    arena_init(&arena, 1 << 20);
    struct buf out;
    buf_init(&out, 1 << 26);
    const struct json *json;
    if (json_parse(str_of((const char *)data, size), &arena, &json)) {
        json_write(&out, json);
        const struct json *copy;
        ensure(json_parse(str_of(out.p, out.n), &arena, &copy));
        struct err err;
        err_init(&err, &arena);
        if (value_check(json, false, &err) && json_type(json) == JSON_OBJECT) {
            check_value(json, VALUE_NEWER, &arena, &out);
            check_value(json, VALUE_OLDER, &arena, &out);
        }
        err_clear(&err);
        if (item_check(json, &err) && json_type(json) == JSON_OBJECT) {
            bool named = item_check_names(json, &err);
            ensure(named == (err.kind == ERR_NONE));
            check_item(json, VALUE_NEWER, &arena, &out);
            check_item(json, VALUE_OLDER, &arena, &out);
        }
    }
    buf_release(&out);
    arena_release(&arena);
    return 0;
}
