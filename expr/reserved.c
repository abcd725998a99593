/* SPDX-License-Identifier: Apache-2.0 */
/* reserved.c — is a word reserved? It is asked once for each bare path element, and nearly always the answer is no: most words are told by
 * their first letter and their length, the others by a look at the lengths of some twenty. */
#include "expr/expr.h"

#define RESERVED_WORD_MAX 16
#define LETTERS 26

/* Of each letter a bit for each length that its words have. Before A there are none. */
static const uint32_t lengths[1 + LETTERS] = {0
#define LETTER(letter) , 0
#define RESERVED(word) | UINT32_C(1) << (sizeof(#word) - 1)
#include "expr/reserved.def"
#undef LETTER
#undef RESERVED
};

/* Where in the list the words of a letter begin: a letter takes no number of its own. */
enum position {
#define LETTER(letter) FIRST_##letter, BEFORE_##letter = FIRST_##letter - 1,
#define RESERVED(word) AT_##word,
#include "expr/reserved.def"
#undef LETTER
#undef RESERVED
    WORD_COUNT
};

static const unsigned short firsts[LETTERS + 1] = {
#define LETTER(letter) FIRST_##letter,
#define RESERVED(word)
#include "expr/reserved.def"
#undef LETTER
#undef RESERVED
    WORD_COUNT
};

static const struct str reserved_words[WORD_COUNT] = {
#define LETTER(letter)
#define RESERVED(word) {#word, sizeof(#word) - 1},
#include "expr/reserved.def"
#undef LETTER
#undef RESERVED
};

static char upper_of(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

bool expr_is_reserved_word(struct str word)
{
    if (word.n == 0 || word.n > RESERVED_WORD_MAX) {
        return false;
    }
    char first = upper_of(word.p[0]);
    if (first < 'A' || first > 'Z' || (lengths[first - 'A' + 1] >> word.n & 1) == 0) {
        return false;
    }
    char upper[RESERVED_WORD_MAX];
    for (size_t i = 0; i < word.n; i++) {
        upper[i] = upper_of(word.p[i]);
    }
    for (size_t i = firsts[first - 'A']; i < firsts[first - 'A' + 1]; i++) {
        if (str_eq(reserved_words[i], str_of(upper, word.n))) {
            return true;
        }
    }
    return false;
}
