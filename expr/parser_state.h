/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXPR_PARSER_STATE_H
#define EXPR_PARSER_STATE_H

#include "expr/lexer.h"
#include "expr/parser.h"

/* What the files of the parser share; nobody else includes it. Functions that return bool or a node fail with the error
 * set. */

/* What a text says besides its syntax, in the order in which it is told. */
enum finding {
    FINDING_SECTION,
    FINDING_PARENTHESES,
    FINDING_RESERVED,
    FINDING_INDEX,
    FINDING_FUNCTION,
    FINDING_PLACE,
    FINDING_DEPTH,
    FINDING_OPERATORS
};
#define FINDING_COUNT 8

struct parser {
    struct lexer lexer;
    struct token token;    /* the next one */
    struct token previous; /* text.p == NULL at the start */
    enum expr_kind kind;
    int nesting;
    size_t operators;
    struct str findings[FINDING_COUNT]; /* absent: not found */
    struct arena *arena;
    struct err *err;
};

void parser_advance(struct parser *parser);
bool parser_at(const struct parser *parser, enum token_kind kind);
bool parser_accept(struct parser *parser, enum token_kind kind);
MUST_USE bool parser_expect(struct parser *parser, enum token_kind kind);
/* At the next token; returns false. */
bool parser_syntax_error(struct parser *parser);
/* Around everything that nests. */
MUST_USE bool parser_enter(struct parser *parser);
void parser_leave(struct parser *parser);
/* Notes the first of its kind. */
void parser_find(struct parser *parser, enum finding finding, const char *format, ...) PRINTF_LIKE(3, 4);

/* Size and emptiness, then the first token. */
MUST_USE bool parser_start(struct parser *parser, struct str text, enum expr_kind kind, bool figure,
                           struct arena *arena, struct err *err);
/* At the end of the text: tells the first finding. */
MUST_USE bool parser_finish(struct parser *parser);

struct node *parser_operand(struct parser *parser);
/* `node` turned out to be all that a pair of parentheses holds. */
void parser_close_group(struct parser *parser, struct node *node);
/* After ")" of a group: (a.b)[0] goes on, in conditions. */
MUST_USE bool parser_after_group(struct parser *parser, struct node *node);

#endif
