/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXPR_LEXER_H
#define EXPR_LEXER_H

#include "core/str.h"
#include "expr/expr.h"

enum token_kind {
#define TOKEN(name) TOKEN_##name,
#define KEYWORD(name) TOKEN_##name,
#include "expr/token.def"
#undef TOKEN
#undef KEYWORD
};

struct token {
    enum token_kind kind;
    struct str text; /* a slice of the source; empty for TOKEN_END */
};

/* The source text is kept, since errors quote it verbatim. */
struct lexer {
    struct str source;
    size_t at;
};

struct lexer lexer_of(struct str source);
/* Never fails: what it cannot read is a TOKEN_UNREADABLE. TOKEN_END for ever at the end. */
struct token lexer_next(struct lexer *lexer);
/* Would lexer_next give a TOKEN_OPEN? */
bool lexer_at_open(const struct lexer *lexer);

#endif
