/* SPDX-License-Identifier: Apache-2.0 */
/* message.c — look-ups in requests and additions to responses. Headers are few, so a walk is the fastest search. */
#include "core/message.h"

#include <stdint.h>

static bool same_word(const char *a, const char *b)
{
    const uint64_t cases = UINT64_C(0x2020202020202020);
    uint64_t x;
    uint64_t y;
    memcpy(&x, a, 8);
    memcpy(&y, b, 8);
    return (x | cases) == (y | cases);
}

/* Exact for what llhttp lets through as a name, since ours are of letters, digits and hyphens. */
static bool same_name(const char *a, const char *b, size_t n)
{
    size_t i = 0;
    for (; n - i >= 8; i += 8) {
        if (!same_word(a + i, b + i)) {
            return false;
        }
    }
    if (n >= 8) { /* the rest, and of what comes before it enough for a word */
        return i == n || same_word(a + n - 8, b + n - 8);
    }
    for (; i < n; i++) {
        if ((a[i] | 0x20) != (b[i] | 0x20)) {
            return false;
        }
    }
    return true;
}

struct str request_header(const struct request *request, struct str name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        const struct header *h = &request->headers[i];
        if (h->name.n == name.n && same_name(h->name.p, name.p, name.n)) {
            return h->value;
        }
    }
    return (struct str){0};
}

void response_add_header(struct response *response, struct str name, struct str value)
{
    ensure(response->header_count < RESPONSE_HEADERS_MAX);
    response->headers[response->header_count] = (struct header){name, value};
    response->header_count++;
}
