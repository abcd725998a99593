/* SPDX-License-Identifier: Apache-2.0 */
/* utf8.c — lengths and hashes as Java sees strings, counted on UTF-8 without converting it. */
#include "core/utf8.h"

static bool is_continuation(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

/* Length of the character at p, 0 if there is no valid one (overlong, surrogate, beyond U+10FFFF). */
static size_t character_length(const unsigned char *p, size_t n)
{
    if (p[0] < 0x80) {
        return 1;
    }
    size_t length = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    if (p[0] < 0xC2 || p[0] > 0xF4 || n < length) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if (!is_continuation(p[i])) {
            return 0;
        }
    }
    bool refused = (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) || (p[0] == 0xF0 && p[1] < 0x90) ||
                   (p[0] == 0xF4 && p[1] > 0x8F);
    return refused ? 0 : length;
}

bool utf8_is_valid(struct str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    for (size_t i = 0; i < s.n;) {
        size_t length = character_length(p + i, s.n - i);
        if (length == 0) {
            return false;
        }
        i += length;
    }
    return true;
}

size_t utf8_characters(struct str s)
{
    size_t count = 0;
    for (size_t i = 0; i < s.n; i++) {
        count += !is_continuation((unsigned char)s.p[i]);
    }
    return count;
}

size_t utf8_utf16_units(struct str s)
{
    size_t count = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        count += !is_continuation(c);
        count += c >= 0xF0;
    }
    return count;
}

int32_t utf8_java_hash(struct str s)
{
    static const unsigned char lead_masks[5] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t hash = 0;
    for (size_t i = 0; i < s.n;) {
        unsigned char lead = (unsigned char)s.p[i];
        size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        uint32_t character = lead & lead_masks[length];
        for (size_t k = 1; k < length && i + k < s.n; k++) {
            character = character << 6 | ((unsigned char)s.p[i + k] & 0x3F);
        }
        if (length == 4) {
            character -= 0x10000;
            hash = hash * 31 + (0xD800 | character >> 10);
            character = 0xDC00 | (character & 0x3FF);
        }
        hash = hash * 31 + character;
        i += length;
    }
    return (int32_t)hash;
}
