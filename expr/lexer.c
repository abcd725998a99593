/* SPDX-License-Identifier: Apache-2.0 */
/* lexer.c — text to tokens. A byte-class table and one switch; whatever begins no token is a token of its own, one
 * character long, because that is how AWS names it in `Syntax error; token: "é", near: "SET é a"`. */
#include "expr/lexer.h"

enum byte_class { CLASS_OTHER, CLASS_SPACE, CLASS_LETTER, CLASS_DIGIT, CLASS_MARK, CLASS_PUNCTUATION };

/* Only these four blanks separate tokens (2026 I.4); vertical tab, form feed and NBSP are unreadable. */
static const unsigned char byte_classes[256] = {
    [' '] = CLASS_SPACE,       ['\t'] = CLASS_SPACE,      ['\r'] = CLASS_SPACE,      ['\n'] = CLASS_SPACE,
    ['#'] = CLASS_MARK,        [':'] = CLASS_MARK,        ['='] = CLASS_PUNCTUATION, ['<'] = CLASS_PUNCTUATION,
    ['>'] = CLASS_PUNCTUATION, ['+'] = CLASS_PUNCTUATION, ['-'] = CLASS_PUNCTUATION, ['('] = CLASS_PUNCTUATION,
    [')'] = CLASS_PUNCTUATION, ['['] = CLASS_PUNCTUATION, [']'] = CLASS_PUNCTUATION, [','] = CLASS_PUNCTUATION,
    ['.'] = CLASS_PUNCTUATION, ['_'] = CLASS_LETTER,      ['0'] = CLASS_DIGIT,       ['1'] = CLASS_DIGIT,
    ['2'] = CLASS_DIGIT,       ['3'] = CLASS_DIGIT,       ['4'] = CLASS_DIGIT,       ['5'] = CLASS_DIGIT,
    ['6'] = CLASS_DIGIT,       ['7'] = CLASS_DIGIT,       ['8'] = CLASS_DIGIT,       ['9'] = CLASS_DIGIT,
    ['A'] = CLASS_LETTER,      ['B'] = CLASS_LETTER,      ['C'] = CLASS_LETTER,      ['D'] = CLASS_LETTER,
    ['E'] = CLASS_LETTER,      ['F'] = CLASS_LETTER,      ['G'] = CLASS_LETTER,      ['H'] = CLASS_LETTER,
    ['I'] = CLASS_LETTER,      ['J'] = CLASS_LETTER,      ['K'] = CLASS_LETTER,      ['L'] = CLASS_LETTER,
    ['M'] = CLASS_LETTER,      ['N'] = CLASS_LETTER,      ['O'] = CLASS_LETTER,      ['P'] = CLASS_LETTER,
    ['Q'] = CLASS_LETTER,      ['R'] = CLASS_LETTER,      ['S'] = CLASS_LETTER,      ['T'] = CLASS_LETTER,
    ['U'] = CLASS_LETTER,      ['V'] = CLASS_LETTER,      ['W'] = CLASS_LETTER,      ['X'] = CLASS_LETTER,
    ['Y'] = CLASS_LETTER,      ['Z'] = CLASS_LETTER,      ['a'] = CLASS_LETTER,      ['b'] = CLASS_LETTER,
    ['c'] = CLASS_LETTER,      ['d'] = CLASS_LETTER,      ['e'] = CLASS_LETTER,      ['f'] = CLASS_LETTER,
    ['g'] = CLASS_LETTER,      ['h'] = CLASS_LETTER,      ['i'] = CLASS_LETTER,      ['j'] = CLASS_LETTER,
    ['k'] = CLASS_LETTER,      ['l'] = CLASS_LETTER,      ['m'] = CLASS_LETTER,      ['n'] = CLASS_LETTER,
    ['o'] = CLASS_LETTER,      ['p'] = CLASS_LETTER,      ['q'] = CLASS_LETTER,      ['r'] = CLASS_LETTER,
    ['s'] = CLASS_LETTER,      ['t'] = CLASS_LETTER,      ['u'] = CLASS_LETTER,      ['v'] = CLASS_LETTER,
    ['w'] = CLASS_LETTER,      ['x'] = CLASS_LETTER,      ['y'] = CLASS_LETTER,      ['z'] = CLASS_LETTER,
};

struct keyword {
    enum token_kind kind;
    struct str text;
};

static const struct keyword keywords[] = {
#define TOKEN(name)
#define KEYWORD(name) {TOKEN_##name, {#name, sizeof(#name) - 1}},
#include "expr/token.def"
#undef TOKEN
#undef KEYWORD
};

#define KEYWORD_MAX 31

/* A bit for each length that a keyword has. */
static const uint32_t keyword_lengths = 0
#define TOKEN(name)
#define KEYWORD(name) | UINT32_C(1) << (sizeof(#name) - 1)
#include "expr/token.def"
#undef TOKEN
#undef KEYWORD
    ;

struct lexer lexer_of(struct str source)
{
    return (struct lexer){.source = source, .at = 0};
}

static enum byte_class class_at(const struct lexer *lexer, size_t at)
{
    return at < lexer->source.n ? (enum byte_class)byte_classes[(unsigned char)lexer->source.p[at]] : CLASS_OTHER;
}

static struct token cut(struct lexer *lexer, enum token_kind kind, size_t n)
{
    struct token token = {.kind = kind, .text = str_of(lexer->source.p + lexer->at, n)};
    lexer->at += n;
    return token;
}

static size_t word_length(const struct lexer *lexer, size_t at)
{
    size_t end = at;
    for (; end < lexer->source.n; end++) {
        unsigned char class = byte_classes[(unsigned char)lexer->source.p[end]];
        if (class != CLASS_LETTER && class != CLASS_DIGIT) {
            break;
        }
    }
    return end - at;
}

/* Without case. A word has letters, digits and underscores only, and of those no other than its two cases become a letter this way. */
static bool is_keyword(const struct keyword *keyword, struct str word)
{
    size_t i = 0;
    while (i < word.n && (keyword->text.p[i] | 0x20) == (word.p[i] | 0x20)) {
        i++;
    }
    return i == word.n;
}

static struct token cut_word(struct lexer *lexer)
{
    struct token token = cut(lexer, TOKEN_IDENTIFIER, word_length(lexer, lexer->at));
    if (token.text.n > KEYWORD_MAX || (keyword_lengths >> token.text.n & 1) == 0) {
        return token;
    }
    for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
        const struct keyword *keyword = &keywords[i];
        if (keyword->text.n == token.text.n && is_keyword(keyword, token.text)) {
            token.kind = keyword->kind;
            break;
        }
    }
    return token;
}

/* One character as UTF-8 counts it; one byte if the text is no UTF-8. */
static struct token cut_unreadable(struct lexer *lexer)
{
    unsigned char lead = (unsigned char)lexer->source.p[lexer->at];
    size_t want = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    size_t n = 1;
    while (n < want && lexer->at + n < lexer->source.n &&
           ((unsigned char)lexer->source.p[lexer->at + n] & 0xC0) == 0x80) {
        n++;
    }
    return cut(lexer, TOKEN_UNREADABLE, n);
}

static struct token cut_punctuation(struct lexer *lexer)
{
    const char *p = lexer->source.p + lexer->at;
    char next = lexer->at + 1 < lexer->source.n ? p[1] : '\0';
    switch (p[0]) {
    case '=':
        return cut(lexer, TOKEN_EQ, 1);
    case '<':
        if (next == '>') {
            return cut(lexer, TOKEN_NE, 2);
        }
        return next == '=' ? cut(lexer, TOKEN_LE, 2) : cut(lexer, TOKEN_LT, 1);
    case '>':
        return next == '=' ? cut(lexer, TOKEN_GE, 2) : cut(lexer, TOKEN_GT, 1);
    case '+':
        return cut(lexer, TOKEN_PLUS, 1);
    case '-':
        return cut(lexer, TOKEN_MINUS, 1);
    case '(':
        return cut(lexer, TOKEN_OPEN, 1);
    case ')':
        return cut(lexer, TOKEN_CLOSE, 1);
    case '[':
        return cut(lexer, TOKEN_OPEN_BRACKET, 1);
    case ']':
        return cut(lexer, TOKEN_CLOSE_BRACKET, 1);
    case ',':
        return cut(lexer, TOKEN_COMMA, 1);
    default:
        return cut(lexer, TOKEN_DOT, 1);
    }
}

static struct token cut_digits(struct lexer *lexer)
{
    size_t n = 1;
    while (lexer->source.p[lexer->at] != '0' && class_at(lexer, lexer->at + n) == CLASS_DIGIT) {
        n++;
    }
    return cut(lexer, TOKEN_INDEX, n);
}

struct token lexer_next(struct lexer *lexer)
{
    while (class_at(lexer, lexer->at) == CLASS_SPACE) {
        lexer->at++;
    }
    if (lexer->at >= lexer->source.n) {
        return (struct token){.kind = TOKEN_END, .text = str_of(lexer->source.p + lexer->at, 0)};
    }
    switch (class_at(lexer, lexer->at)) {
    case CLASS_LETTER:
        return cut_word(lexer);
    case CLASS_DIGIT:
        return cut_digits(lexer);
    case CLASS_PUNCTUATION:
        return cut_punctuation(lexer);
    case CLASS_MARK: {
        size_t n = word_length(lexer, lexer->at + 1);
        if (n > 0) {
            return cut(lexer, lexer->source.p[lexer->at] == '#' ? TOKEN_NAME : TOKEN_VALUE, n + 1);
        }
        return cut_unreadable(lexer);
    }
    case CLASS_SPACE:
    case CLASS_OTHER:
        break;
    }
    return cut_unreadable(lexer);
}

bool lexer_at_open(const struct lexer *lexer)
{
    size_t at = lexer->at;
    while (class_at(lexer, at) == CLASS_SPACE) {
        at++;
    }
    return at < lexer->source.n && lexer->source.p[at] == '(';
}
