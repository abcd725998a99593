/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_STR_H
#define CORE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A slice of bytes that somebody else owns. `p == NULL` means "absent"; an empty slice has a non-NULL p and n == 0.
 * Never NUL-terminated by contract. Pass by value. */
struct str {
    const char *p;
    size_t n;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
/* For "%.*s". */
#define STR_ARG(s) (int)(s).n, (s).p

static inline struct str str_of(const char *p, size_t n)
{
    return (struct str){p, n};
}

static inline struct str str_from(const char *cstring)
{
    return (struct str){cstring, strlen(cstring)};
}

/* Names and keys are mostly shorter than 17 bytes: two overlapping words decide, where a call of memcmp costs more than the comparison. */
static inline bool str_same_bytes(const char *a, const char *b, size_t n)
{
    if (n > 16) {
        return memcmp(a, b, n) == 0;
    }
    if (n >= 8) {
        uint64_t x[2];
        uint64_t y[2];
        memcpy(&x[0], a, 8);
        memcpy(&x[1], a + n - 8, 8);
        memcpy(&y[0], b, 8);
        memcpy(&y[1], b + n - 8, 8);
        return x[0] == y[0] && x[1] == y[1];
    }
    if (n >= 4) {
        uint32_t x[2];
        uint32_t y[2];
        memcpy(&x[0], a, 4);
        memcpy(&x[1], a + n - 4, 4);
        memcpy(&y[0], b, 4);
        memcpy(&y[1], b + n - 4, 4);
        return x[0] == y[0] && x[1] == y[1];
    }
    return n == 0 || (a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1]);
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && str_same_bytes(a.p, b.p, a.n);
}

/* Unsigned byte order, a prefix before what it is a prefix of: DynamoDB's order of S and B. */
static inline int str_compare(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    if (n > 0 && a.p[0] != b.p[0]) { /* what most names differ in */
        return (unsigned char)a.p[0] < (unsigned char)b.p[0] ? -1 : 1;
    }
    int c = n == 0 ? 0 : memcmp(a.p, b.p, n);
    if (c != 0) {
        return c;
    }
    return (a.n > b.n) - (a.n < b.n);
}

static inline bool str_starts_with(struct str s, struct str prefix)
{
    return s.n >= prefix.n && str_same_bytes(s.p, prefix.p, prefix.n);
}

#endif
