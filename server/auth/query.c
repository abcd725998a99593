/* SPDX-License-Identifier: Apache-2.0 */
/* query.c — query strings are read here and not in the transport, since DynamoDB's API has none but that of presigned requests. */
#include "server/auth/query.h"

struct str trim_blanks(struct str s)
{
    while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
        s = str_of(s.p + 1, s.n - 1);
    }
    while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t')) {
        s.n--;
    }
    return s;
}

bool cut(struct str *rest, char separator, struct str *out)
{
    if (rest->p == NULL) {
        return false;
    }
    const char *at = rest->n > 0 ? memchr(rest->p, separator, rest->n) : NULL;
    if (at == NULL) {
        *out = *rest;
        *rest = (struct str){0};
        return true;
    }
    *out = str_of(rest->p, (size_t)(at - rest->p));
    *rest = str_of(at + 1, rest->n - out->n - 1);
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

struct str percent_decode(struct str s, struct arena *arena)
{
    char *p = arena_alloc(arena, s.n);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        bool is_escape = s.p[i] == '%' && i + 2 < s.n && hex_digit(s.p[i + 1]) >= 0 && hex_digit(s.p[i + 2]) >= 0;
        if (is_escape) {
            p[n++] = (char)(hex_digit(s.p[i + 1]) * 16 + hex_digit(s.p[i + 2]));
            i += 2;
        } else {
            p[n++] = s.p[i] == '+' ? ' ' : s.p[i];
        }
    }
    return str_of(p, n);
}

struct str query_value(struct str query, struct str name, struct arena *arena)
{
    struct str pair;
    while (cut(&query, '&', &pair)) {
        struct str key;
        struct str value = pair;
        (void)cut(&value, '=', &key);
        if (str_eq(percent_decode(key, arena), name)) {
            return value.p == NULL ? STR("") : percent_decode(value, arena);
        }
    }
    return (struct str){0};
}
