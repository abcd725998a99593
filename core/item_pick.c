/* SPDX-License-Identifier: Apache-2.0 */
/* item_pick.c — a filter looks at one or two attributes of each item of a page, and parsing the others was two thirds of its time. Canonical
 * texts have no blanks and no doubles, so attributes can be found by walking from quote to quote, which memchr does 32 bytes at a time.
 * Only what was found is parsed, by the one JSON parser. */
#include "core/item_pick.h"

bool item_pick_add(struct item_pick *pick, struct str name, struct arena *arena)
{
    struct buf quoted;
    buf_init(&quoted, 6 * name.n + 2);
    json_write_string(&quoted, name);
    struct str text = str_of(quoted.p, quoted.n);
    bool is_known = false;
    for (size_t i = 0; i < pick->count; i++) {
        is_known = is_known || str_eq(pick->names[i], text);
    }
    bool fits = is_known || pick->count < ITEM_PICK_MAX;
    if (!is_known && fits) {
        pick->names[pick->count++] = arena_copy(arena, text);
    }
    buf_release(&quoted);
    return fits;
}

/* `at` stands behind a string's opening quote; gives the place behind the closing one, or NULL. */
static const char *skip_string(const char *at, const char *end)
{
    for (;;) {
        const char *quote = memchr(at, '"', (size_t)(end - at));
        if (quote == NULL) {
            return NULL;
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

/* `at` stands on a brace; gives the place behind its partner, or NULL. */
static const char *skip_nested(const char *at, const char *end)
{
    size_t depth = 0;
    while (at != NULL && at < end) {
        char c = *at++;
        if (c == '"') {
            at = skip_string(at, end);
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            depth--;
            if (depth == 0) {
                return at;
            }
        }
    }
    return NULL;
}

/* An AttributeValue: nearly all are {"S":"…"} or {"N":"…"}. */
static const char *skip_value(const char *at, const char *end)
{
    if (end - at < 8 || at[0] != '{') {
        return NULL;
    }
    if (at[3] == '"' && at[5] == '"') {
        at = skip_string(at + 6, end);
        return at != NULL && at < end && *at == '}' ? at + 1 : NULL;
    }
    return skip_nested(at, end);
}

static bool is_picked(const struct item_pick *pick, struct str name)
{
    for (size_t i = 0; i < pick->count; i++) {
        if (str_eq(pick->names[i], name)) {
            return true;
        }
    }
    return false;
}

/* False if the text is not what was expected. */
static bool find(const struct item_pick *pick, struct str text, struct str *members, size_t *count)
{
    const char *end = text.p + text.n;
    const char *at = text.p;
    *count = 0;
    if (text.n < 2 || *at != '{') {
        return false;
    }
    if (at[1] == '}') {
        return true;
    }
    do {
        const char *start = ++at;
        const char *value = start < end && *start == '"' ? skip_string(start + 1, end) : NULL;
        if (value == NULL || value >= end || *value != ':') {
            return false;
        }
        at = skip_value(value + 1, end);
        if (at == NULL || at >= end) {
            return false;
        }
        if (is_picked(pick, str_of(start, (size_t)(value - start)))) {
            members[(*count)++] = str_of(start, (size_t)(at - start));
        }
    } while (*count < pick->count && *at == ',');
    return *count == pick->count || *at == '}';
}

bool item_pick_parse(const struct item_pick *pick, struct str text, struct arena *arena, const struct json **out)
{
    struct str members[ITEM_PICK_MAX];
    size_t count = 0;
    if (!find(pick, text, members, &count)) {
        return json_parse_stored(text, arena, out); /* which says what is wrong */
    }
    return json_parse_members(members, count, arena, out);
}
