/* SPDX-License-Identifier: Apache-2.0 */
/* canonical.c — the one spelling of a request that both sides sign. It follows the specification rather than what one client sends, since
 * every SDK has its own order and escapes; and it is bounded by the request's head, since it is made before anybody is trusted. */
#include "server/auth/canonical.h"

#include "server/auth/query.h"

#include <stdlib.h>
#include <strings.h>

#define FIRST_BYTES 1024

struct text {
    char *p;
    size_t n;
    size_t cap;
    struct arena *arena;
};

static char *text_room(struct text *text, size_t more)
{
    if (text->cap - text->n < more) {
        size_t cap = text->cap * 2 + more;
        text->p = arena_grow(text->arena, text->p, text->cap, cap);
        text->cap = cap;
    }
    return text->p + text->n;
}

static void text_add(struct text *text, struct str s)
{
    char *at = text_room(text, s.n);
    if (s.n > 0) {
        memcpy(at, s.p, s.n);
        text->n += s.n;
    }
}

static bool is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

static void text_escape(struct text *text, struct str s)
{
    static const char digits[] = "0123456789ABCDEF";
    char *start = text_room(text, s.n * 3);
    char *at = start;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (is_unreserved(s.p[i])) {
            *at++ = s.p[i];
        } else {
            *at++ = '%';
            *at++ = digits[c >> 4];
            *at++ = digits[c & 15];
        }
    }
    text->n += (size_t)(at - start);
}

/* ---- Path ---- */

static void add_path(struct text *text, struct str path)
{
    if (path.n <= 1) {
        text_add(text, STR("/"));
        return;
    }
    size_t start = text->n;
    bool ends_with_slash = true;
    struct str segment;
    while (cut(&path, '/', &segment)) {
        ends_with_slash = true;
        if (str_eq(segment, STR(".."))) {
            while (text->n > start && text->p[text->n - 1] != '/') {
                text->n--;
            }
            text->n -= text->n > start;
        } else if (segment.n > 0 && !str_eq(segment, STR("."))) {
            text_add(text, STR("/"));
            text_escape(text, segment);
            ends_with_slash = false;
        }
    }
    if (ends_with_slash) {
        text_add(text, STR("/"));
    }
}

/* ---- Query ---- */

struct pair {
    struct str name;
    struct str value;
};

static int compare_pairs(const void *a, const void *b)
{
    const struct pair *left = a;
    const struct pair *right = b;
    int order = str_compare(left->name, right->name);
    return order != 0 ? order : str_compare(left->value, right->value);
}

static struct str escape_again(struct str s, struct arena *arena)
{
    struct text text = {.arena = arena, .p = arena_alloc(arena, s.n * 3), .cap = s.n * 3};
    text_escape(&text, percent_decode(s, arena));
    return str_of(text.p, text.n);
}

static void add_query(struct text *text, struct str query, struct arena *arena)
{
    size_t cap = 1;
    for (size_t i = 0; i < query.n; i++) {
        cap += query.p[i] == '&';
    }
    struct pair *pairs = arena_array(arena, struct pair, cap);
    size_t count = 0;
    struct str whole;
    while (cut(&query, '&', &whole)) {
        struct str name;
        struct str value = whole;
        (void)cut(&value, '=', &name);
        struct pair pair = {escape_again(name, arena), value.p == NULL ? STR("") : escape_again(value, arena)};
        if (whole.n > 0 && !str_eq(pair.name, STR("X-Amz-Signature"))) {
            pairs[count++] = pair;
        }
    }
    qsort(pairs, count, sizeof(*pairs), compare_pairs);
    for (size_t i = 0; i < count; i++) {
        text_add(text, i > 0 ? STR("&") : STR(""));
        text_add(text, pairs[i].name);
        text_add(text, STR("="));
        text_add(text, pairs[i].value);
    }
}

/* ---- Headers ---- */

static struct str lower(struct str s, struct arena *arena)
{
    size_t i = 0;
    while (i < s.n && !(s.p[i] >= 'A' && s.p[i] <= 'Z')) {
        i++;
    }
    if (i == s.n) {
        return s;
    }
    char *p = arena_alloc(arena, s.n);
    for (i = 0; i < s.n; i++) {
        p[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] | 0x20) : s.p[i];
    }
    return str_of(p, s.n);
}

/* In byte order, each once; false if there are too many. Clients list them in order, so insertion costs a comparison each. */
static bool read_names(struct str signed_headers, struct arena *arena, struct str names[SIGNED_HEADERS_MAX], size_t *out)
{
    size_t count = 0;
    struct str name;
    while (cut(&signed_headers, ';', &name)) {
        name = lower(trim_blanks(name), arena);
        size_t at = count;
        while (at > 0 && str_compare(names[at - 1], name) > 0) {
            at--;
        }
        if (at > 0 && str_eq(names[at - 1], name)) {
            continue;
        }
        if (count == SIGNED_HEADERS_MAX) {
            return false;
        }
        memmove(&names[at + 1], &names[at], (count - at) * sizeof(*names));
        names[at] = name;
        count++;
    }
    *out = count;
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void add_value(struct text *text, struct str value)
{
    char *start = text_room(text, value.n);
    char *at = start;
    for (size_t i = 0; i < value.n; i++) {
        if (!is_blank(value.p[i])) {
            *at++ = value.p[i];
        } else if (at > start && at[-1] != ' ') {
            *at++ = ' ';
        }
    }
    at -= at > start && at[-1] == ' ';
    text->n += (size_t)(at - start);
}

static void add_header(struct text *text, const struct request *request, struct str name)
{
    text_add(text, name);
    text_add(text, STR(":"));
    bool is_first = true;
    for (size_t i = 0; i < request->header_count; i++) {
        const struct header *header = &request->headers[i];
        if (header->name.n == name.n && strncasecmp(header->name.p, name.p, name.n) == 0) {
            text_add(text, is_first ? STR("") : STR(","));
            add_value(text, header->value);
            is_first = false;
        }
    }
    text_add(text, STR("\n"));
}

bool canonical_request(const struct request *request, struct str signed_headers, struct str payload_hash,
                       struct arena *arena, struct str *out)
{
    struct str names[SIGNED_HEADERS_MAX + 1];
    size_t count = 0;
    if (!read_names(signed_headers, arena, names, &count)) {
        return false;
    }
    struct text text = {.arena = arena, .p = arena_alloc(arena, FIRST_BYTES), .cap = FIRST_BYTES};
    text_add(&text, request->method);
    text_add(&text, STR("\n"));
    add_path(&text, request->path);
    text_add(&text, STR("\n"));
    if (request->query.n > 0) {
        add_query(&text, request->query, arena);
    }
    text_add(&text, STR("\n"));
    for (size_t i = 0; i < count; i++) {
        add_header(&text, request, names[i]);
    }
    text_add(&text, STR("\n"));
    for (size_t i = 0; i < count; i++) {
        text_add(&text, i > 0 ? STR(";") : STR(""));
        text_add(&text, names[i]);
    }
    text_add(&text, STR("\n"));
    text_add(&text, payload_hash);
    *out = str_of(text.p, text.n);
    return true;
}
