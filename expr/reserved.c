/* SPDX-License-Identifier: Apache-2.0 */
/* reserved.c — is a word reserved? A sorted table and a binary search: it is asked once for each bare path element. */
#include "expr/expr.h"

#define RESERVED_WORD_MAX 16

/* A bit for each length that a word has. */
static const uint32_t lengths = 0
#define RESERVED(word) | UINT32_C(1) << (sizeof(word) - 1)
#include "expr/reserved.def"
#undef RESERVED
    ;

static const struct str reserved_words[] = {
#define RESERVED(word) {word, sizeof(word) - 1},
#include "expr/reserved.def"
#undef RESERVED
};

bool expr_is_reserved_word(struct str word)
{
    char upper[RESERVED_WORD_MAX];
    if (word.n > sizeof(upper) || (lengths >> word.n & 1) == 0) {
        return false;
    }
    for (size_t i = 0; i < word.n; i++) {
        char c = word.p[i];
        upper[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    size_t low = 0;
    size_t high = sizeof(reserved_words) / sizeof(reserved_words[0]);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int c = str_compare(str_of(upper, word.n), reserved_words[middle]);
        if (c == 0) {
            return true;
        }
        if (c < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return false;
}
