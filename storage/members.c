/* SPDX-License-Identifier: Apache-2.0 */
/* members.c — a stored text cut into its attributes. The text is canonical and written by this program alone, so quotes and brackets are
 * all that must be looked at: some hundred instructions where parsing the item costs thousands. */
#include "storage/members.h"

#define ROOM_AT_FIRST 32

/* `at` stands behind an opening quote; gives the place behind the closing one, or NULL. */
static const char *string_end(const char *at, const char *end)
{
    for (;;) {
        const char *quote = memchr(at, '"', (size_t)(end - at));
        if (quote == NULL) {
            return NULL;
        }
        const char *back = quote;
        while (back > at && back[-1] == '\\') {
            back--;
        }
        if ((quote - back) % 2 == 0) {
            return quote + 1;
        }
        at = quote + 1;
    }
}

/* `at` stands on an opening brace; gives the place behind the closing one, or NULL. */
static const char *value_end(const char *at, const char *end)
{
    size_t depth = 0;
    if (end - at >= 8 && at[3] == '"' && at[5] == '"') { /* {"S":"…"} or {"N":"…"}, as nearly all are */
        at = string_end(at + 6, end);
        return at != NULL && at < end && *at == '}' ? at + 1 : NULL;
    }
    while (at != NULL && at < end) {
        char c = *at++;
        if (c == '"') {
            at = string_end(at, end);
        } else if (c == '{' || c == '[') {
            depth++;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            return at;
        }
    }
    return NULL;
}

/* `at` stands on the quote of a name; gives the place behind the value, or NULL. */
static const char *read_member(const char *at, const char *end, struct member_text *out)
{
    if (at >= end || *at != '"') {
        return NULL;
    }
    const char *name_end = string_end(at + 1, end);
    if (name_end == NULL || end - name_end < 2 || name_end[0] != ':' || name_end[1] != '{') {
        return NULL;
    }
    const char *behind = value_end(name_end + 1, end);
    if (behind != NULL) {
        out->name = str_of(at + 1, (size_t)(name_end - at) - 2);
        out->whole = str_of(at, (size_t)(behind - at));
    }
    return behind;
}

bool member_texts_of(struct str text, struct arena *arena, struct member_texts *out, struct err *err)
{
    const char *at = text.p + 1;
    const char *end = text.p + text.n;
    size_t room = ROOM_AT_FIRST;
    size_t count = 0;
    struct member_text *items = arena_alloc(arena, room * sizeof(*items));
    bool is_open = text.n >= 2 && text.p[0] == '{' && text.p[1] != '}';
    while (is_open) {
        if (count == room) {
            struct member_text *larger = arena_alloc(arena, 2 * room * sizeof(*items));
            memcpy(larger, items, room * sizeof(*items));
            items = larger;
            room *= 2;
        }
        at = read_member(at, end, &items[count]);
        if (at == NULL || at >= end || (*at != ',' && *at != '}')) {
            return err_set(err, ERR_INTERNAL, "the database is damaged: an item that is no object of attributes");
        }
        is_open = *at == ',';
        at++;
        count++;
    }
    *out = (struct member_texts){items, count};
    return true;
}

bool stored_members(struct stored *stored, struct arena *arena, const struct member_texts **out, struct err *err)
{
    if (stored->members == NULL) {
        struct member_texts *members = arena_alloc(arena, sizeof(*members));
        if (!member_texts_of(stored->text, arena, members, err)) {
            return false;
        }
        stored->members = members;
    }
    *out = stored->members;
    return true;
}

void member_texts_marked(struct str text, const struct member_mark *marks, size_t count, struct arena *arena,
                         struct member_texts *out)
{
    struct member_text *items = arena_alloc(arena, count * sizeof(*items));
    const char *at = text.p + 1;
    for (size_t i = 0; i < count; i++) {
        const char *end = text.p + marks[i].end;
        items[i].name = str_of(at + 1, (size_t)(text.p + marks[i].name_end - at) - 2);
        items[i].whole = str_of(at, (size_t)(end - at));
        at = end + 1; /* the comma */
    }
    *out = (struct member_texts){items, count};
}

bool member_text_name(const struct member_text *member, struct arena *arena, struct str *out, struct err *err)
{
    *out = member->name;
    if (memchr(member->name.p, '\\', member->name.n) == NULL) {
        return true;
    }
    const struct json *json = NULL;
    const struct json *attribute = NULL;
    if (!json_parse_members(&member->whole, 1, arena, &json)) {
        return err_set(err, ERR_INTERNAL, "the database is damaged: an attribute's name that is no text");
    }
    struct json_iter iter = json_iter(json);
    ensure(json_next(&iter, out, &attribute));
    return true;
}

/* A written name with no escape in it is the name itself. */
static bool is_name(struct str written, struct str name)
{
    if (memchr(written.p, '\\', written.n) == NULL) {
        return str_eq(written, name);
    }
    struct buf text;
    buf_init(&text, 6 * name.n + 16);
    json_write_string(&text, name);
    bool is_equal = text.n == written.n + 2 && memcmp(text.p + 1, written.p, written.n) == 0;
    buf_release(&text);
    return is_equal;
}

const struct member_text *member_texts_find(const struct member_texts *members, struct str name)
{
    for (size_t i = 0; i < members->count; i++) {
        struct str written = members->items[i].name;
        /* An escape makes it longer, never shorter. */
        if (written.n >= name.n && (name.n == 0 || written.p[0] == name.p[0] || written.p[0] == '\\') &&
            is_name(written, name)) {
            return &members->items[i];
        }
    }
    return NULL;
}
