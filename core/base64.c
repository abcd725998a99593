/* SPDX-License-Identifier: Apache-2.0 */
/* base64.c — the standard alphabet with padding, with the refusals that AWS's decoder has: it reads four characters at a time
 * and complains about the first it does not know, then about bits that re-encoding would lose. */
#include "core/base64.h"

#include <stdint.h>

#define X 0xFF
static const uint8_t sextets[256] = {
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  62, X,  X,  X,  63, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, X,  X,  X,  X,  X,  X,
    X,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, X,  X,  X,  X,  X,
    X,  26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, X,  X,  X,  X,  X,
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
};

static uint32_t sextet(char c)
{
    return sextets[(unsigned char)c];
}

static size_t padding(struct str text)
{
    if (text.n == 0 || text.p[text.n - 1] != '=') {
        return 0;
    }
    return text.p[text.n - 2] == '=' ? 2 : 1;
}

enum base64_status base64_check(struct str text, char *bad)
{
    if (text.n % 4 != 0) {
        return BASE64_LENGTH;
    }
    size_t pads = padding(text);
    size_t n = text.n - pads;
    uint32_t seen = 0;
    for (size_t i = 0; i < n; i++) {
        seen |= sextet(text.p[i]);
    }
    if (seen == X) { /* only an unknown character has the two upper bits */
        size_t i = 0;
        while (sextet(text.p[i]) != X) {
            i++;
        }
        if (bad != NULL) {
            *bad = text.p[i];
        }
        return BASE64_CHARACTER;
    }
    uint32_t lost = pads == 0 ? 0 : sextet(text.p[n - 1]) & (pads == 1 ? 3 : 15);
    return lost == 0 ? BASE64_OK : BASE64_TRAILING_BITS;
}

enum base64_status base64_decode(struct str text, struct arena *arena, struct str *out, char *bad)
{
    enum base64_status status = base64_check(text, bad);
    if (status != BASE64_OK) {
        return status;
    }
    size_t pads = padding(text);
    size_t n = text.n - pads;
    size_t bytes = text.n / 4 * 3 - pads;
    unsigned char *to = arena_alloc(arena, bytes);
    *out = str_of((const char *)to, bytes);
    const char *p = text.p;
    for (; n >= 4; n -= 4, p += 4, to += 3) {
        uint32_t group = sextet(p[0]) << 18 | sextet(p[1]) << 12 | sextet(p[2]) << 6 | sextet(p[3]);
        to[0] = (unsigned char)(group >> 16);
        to[1] = (unsigned char)(group >> 8);
        to[2] = (unsigned char)group;
    }
    if (n > 0) {
        uint32_t group = sextet(p[0]) << 18 | sextet(p[1]) << 12 | (n == 3 ? sextet(p[2]) << 6 : 0);
        to[0] = (unsigned char)(group >> 16);
        if (n == 3) {
            to[1] = (unsigned char)(group >> 8);
        }
    }
    return BASE64_OK;
}

void base64_write(struct buf *out, struct str bytes)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = (const unsigned char *)bytes.p;
    size_t n = bytes.n;
    char *to = buf_reserve(out, (n + 2) / 3 * 4);
    out->n += (n + 2) / 3 * 4;
    for (; n >= 3; n -= 3, p += 3, to += 4) {
        uint32_t group = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
        to[0] = alphabet[group >> 18];
        to[1] = alphabet[group >> 12 & 63];
        to[2] = alphabet[group >> 6 & 63];
        to[3] = alphabet[group & 63];
    }
    if (n > 0) {
        uint32_t group = (uint32_t)p[0] << 16 | (n == 2 ? (uint32_t)p[1] << 8 : 0);
        to[0] = alphabet[group >> 18];
        to[1] = alphabet[group >> 12 & 63];
        to[2] = n == 2 ? alphabet[group >> 6 & 63] : '=';
        to[3] = '=';
    }
}
