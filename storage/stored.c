/* SPDX-License-Identifier: Apache-2.0 */
/* stored.c — rows' values. Texts are canonical and written by this program alone, so the key attributes can be told apart by
 * walking over their quotes: a query compares the partition of each row this way in some tens of nanoseconds. */
#include "storage/stored.h"

#include "core/value_json.h"

void stored_header(const struct stored *stored, bool is_long, unsigned char out[LAYOUT_HEADER_BYTES])
{
    ensure(stored->key_end <= stored->text.n && stored->size_bytes <= UINT32_MAX);
    out[0] = LAYOUT_VALUE_VERSION;
    out[1] = (unsigned char)((is_long ? LAYOUT_FLAG_LONG : 0) | (stored->has_number_set ? LAYOUT_FLAG_NUMBER_SET : 0));
    out[2] = 0;
    out[3] = 0;
    layout_put_u32(out + 4, (uint32_t)stored->key_end);
    layout_put_u32(out + 8, (uint32_t)stored->size_bytes);
}

bool stored_decode(struct str raw, struct stored *out, bool *is_long, struct err *err)
{
    if (raw.n <= LAYOUT_HEADER_BYTES || raw.p[0] != LAYOUT_VALUE_VERSION ||
        layout_get_u32(raw.p + 4) > raw.n - LAYOUT_HEADER_BYTES) {
        return err_set(err, ERR_INTERNAL, "the database is damaged: a row without a valid header");
    }
    *is_long = (raw.p[1] & LAYOUT_FLAG_LONG) != 0;
    *out = (struct stored){
        .text = str_of(raw.p + LAYOUT_HEADER_BYTES, raw.n - LAYOUT_HEADER_BYTES),
        .key_end = layout_get_u32(raw.p + 4),
        .size_bytes = layout_get_u32(raw.p + 8),
        .has_number_set = (raw.p[1] & LAYOUT_FLAG_NUMBER_SET) != 0,
    };
    return true;
}

/* `at` stands on a quote; gives the place behind the closing one, or NULL. */
static const char *skip_string(const char *at, const char *end)
{
    at++;
    for (;;) {
        const char *quote = at < end ? memchr(at, '"', (size_t)(end - at)) : NULL;
        if (quote == NULL || quote == at || quote[-1] != '\\') {
            return quote == NULL ? NULL : quote + 1;
        }
        const char *escapes = quote;
        while (escapes > at && escapes[-1] == '\\') {
            escapes--;
        }
        if ((quote - escapes) % 2 == 0) {
            return quote + 1;
        }
        at = quote + 1;
    }
}

struct str stored_key_part(const struct stored *stored)
{
    ensure(stored->key_end >= 1);
    return str_of(stored->text.p + 1, stored->key_end - 1);
}

bool stored_next_key(struct str *rest, struct str *member)
{
    const char *end = rest->p + rest->n;
    const char *start = rest->p;
    if (rest->n > 0 && *start == ',') {
        start++;
    }
    if (start >= end) {
        return false;
    }
    /* "name":{"S":"text"} */
    const char *at = skip_string(start, end);
    if (at == NULL || end - at < 8) {
        return false;
    }
    at = skip_string(at + strlen(":{\"S\":"), end);
    if (at == NULL || at >= end) {
        return false;
    }
    at++;
    *member = str_of(start, (size_t)(at - start));
    *rest = str_of(at, (size_t)(end - at));
    return true;
}

bool stored_has_keys(const struct stored *stored, const struct str *members, size_t count)
{
    struct str rest = stored_key_part(stored);
    if (count == 1 && str_starts_with(rest, members[0]) && (rest.n == members[0].n || rest.p[members[0].n] == ',')) {
        return true; /* the hash attribute of a table stands first */
    }
    struct str member;
    size_t found = 0;
    while (found < count && stored_next_key(&rest, &member)) {
        for (size_t i = 0; i < count; i++) {
            if (str_eq(member, members[i])) {
                found++;
                break;
            }
        }
    }
    return found == count;
}

bool stored_text_parse(struct str text, struct arena *arena, struct value *out, struct err *err)
{
    const struct json *json = NULL;
    if (!json_parse_stored(text, arena, &json) || json_type(json) != JSON_OBJECT) {
        return err_set(err, ERR_INTERNAL, "the database is damaged: an item that is no JSON object");
    }
    item_from_stored(json, arena, out);
    return true;
}

bool stored_parse_key(const struct stored *stored, struct arena *arena, struct value *out, struct err *err)
{
    char *text = arena_alloc(arena, stored->key_end + 1);
    memcpy(text, stored->text.p, stored->key_end);
    text[stored->key_end] = '}';
    return stored_text_parse(str_of(text, stored->key_end + 1), arena, out, err);
}
