/* SPDX-License-Identifier: Apache-2.0 */
/* parser_condition.c — the part of the grammar (parser.c) that conditions, filters and key conditions have to
 * themselves. Precedence is the depth of the rules: OR, AND, NOT, comparison. */
#include "expr/parser_state.h"

#include "core/limits.h"

static struct node *parse_disjunction(struct parser *parser, bool operand_may_stand);

static bool is_operand(const struct node *node)
{
    return node->kind == NODE_PATH || node->kind == NODE_VALUE;
}

static struct node *parse_comparison(struct parser *parser, struct node *left)
{
    struct node *node = node_new(parser->arena, NODE_COMPARE, parser->token.text);
    node->comparator = (enum comparator)((int)parser->token.kind - (int)TOKEN_EQ + (int)COMPARE_EQ);
    parser->operators++;
    parser_advance(parser);
    struct node *right = parser_operand(parser);
    if (right == NULL) {
        return NULL;
    }
    node_add(parser->arena, node, left);
    node_add(parser->arena, node, right);
    return node;
}

static struct node *parse_between(struct parser *parser, struct node *left)
{
    struct node *node = node_new(parser->arena, NODE_BETWEEN, STR("BETWEEN"));
    parser->operators++;
    node_add(parser->arena, node, left);
    struct node *low = parser_operand(parser);
    if (low == NULL || !parser_expect(parser, TOKEN_AND)) {
        return NULL;
    }
    struct node *high = parser_operand(parser);
    if (high == NULL) {
        return NULL;
    }
    node_add(parser->arena, node, low);
    node_add(parser->arena, node, high);
    return node;
}

static struct node *parse_in(struct parser *parser, struct node *left)
{
    struct node *node = node_new(parser->arena, NODE_IN, STR("IN"));
    parser->operators++;
    node_add(parser->arena, node, left);
    if (!parser_expect(parser, TOKEN_OPEN)) {
        return NULL;
    }
    do {
        struct node *operand = parser_operand(parser);
        if (operand == NULL) {
            return NULL;
        }
        node_add(parser->arena, node, operand);
    } while (parser_accept(parser, TOKEN_COMMA));
    return parser_expect(parser, TOKEN_CLOSE) ? node : NULL;
}

/* "(" condition ")" or "(" operand ")": which of them it is shows when it has been read. */
static struct node *parse_group(struct parser *parser)
{
    parser_advance(parser);
    struct node *node = parser_enter(parser) ? parse_disjunction(parser, true) : NULL;
    if (node == NULL || !parser_expect(parser, TOKEN_CLOSE)) {
        return NULL;
    }
    parser_leave(parser);
    parser_close_group(parser, node);
    return parser_after_group(parser, node) ? node : NULL;
}

/* predicate. operand_may_stand: inside a group, where a bare operand before ")" makes the group an operand. */
static struct node *parse_predicate(struct parser *parser, bool operand_may_stand)
{
    struct node *left = parser_at(parser, TOKEN_OPEN) ? parse_group(parser) : parser_operand(parser);
    if (left == NULL || (!is_operand(left) && left->kind != NODE_CALL)) {
        return left;
    }
    if (parser->token.kind >= TOKEN_EQ && parser->token.kind <= TOKEN_GE) {
        return parse_comparison(parser, left);
    }
    if (parser_accept(parser, TOKEN_BETWEEN)) {
        return parse_between(parser, left);
    }
    if (parser_accept(parser, TOKEN_IN)) {
        return parse_in(parser, left);
    }
    if (left->kind == NODE_CALL || (operand_may_stand && parser_at(parser, TOKEN_CLOSE)) ||
        parser_syntax_error(parser)) {
        return left;
    }
    return NULL;
}

/* negation. A loop, since NOT needs no parentheses to nest. */
static struct node *parse_negation(struct parser *parser, bool operand_may_stand)
{
    struct node *outer = NULL;
    struct node *inner = NULL;
    while (parser_at(parser, TOKEN_NOT)) {
        struct node *node = node_new(parser->arena, NODE_NOT, STR("NOT"));
        parser->operators++;
        parser_advance(parser);
        if (outer == NULL) {
            outer = node;
        } else {
            node_add(parser->arena, inner, node);
        }
        inner = node;
    }
    struct node *predicate = parse_predicate(parser, operand_may_stand && outer == NULL);
    if (predicate == NULL || outer == NULL) {
        return predicate;
    }
    node_add(parser->arena, inner, predicate);
    return outer;
}

/* conjunct */
static struct node *parse_conjunction(struct parser *parser, bool operand_may_stand)
{
    struct node *first = parse_negation(parser, operand_may_stand);
    if (first == NULL || is_operand(first) || !parser_at(parser, TOKEN_AND)) {
        return first;
    }
    struct node *node = node_new(parser->arena, NODE_AND, STR("AND"));
    node_add(parser->arena, node, first);
    while (parser_accept(parser, TOKEN_AND)) {
        parser->operators++;
        struct node *next = parse_negation(parser, false);
        if (next == NULL) {
            return NULL;
        }
        node_add(parser->arena, node, next);
    }
    return node;
}

/* condition */
static struct node *parse_disjunction(struct parser *parser, bool operand_may_stand)
{
    struct node *first = parse_conjunction(parser, operand_may_stand);
    if (first == NULL || is_operand(first) || !parser_at(parser, TOKEN_OR)) {
        return first;
    }
    struct node *node = node_new(parser->arena, NODE_OR, STR("OR"));
    node_add(parser->arena, node, first);
    while (parser_accept(parser, TOKEN_OR)) {
        parser->operators++;
        struct node *next = parse_conjunction(parser, false);
        if (next == NULL) {
            return NULL;
        }
        node_add(parser->arena, node, next);
    }
    return node;
}

/* Functions in the wrong place: all but size inside another one or beside a comparison; size standing alone. */
static void find_misuse(struct parser *parser, const struct node *node, bool is_operand_here)
{
    if (node->kind == NODE_CALL && node->function != FUNCTION_UNKNOWN &&
        (function_info(node->function)->role == ROLE_OPERAND) != is_operand_here) {
        parser_find(parser, FINDING_PLACE,
                    "The function is not allowed to be used this way in an expression; function: %.*s",
                    STR_ARG(node->text));
    }
    bool joins = node->kind == NODE_OR || node->kind == NODE_AND || node->kind == NODE_NOT;
    for (size_t i = 0; i < node->count; i++) {
        find_misuse(parser, node->children[i], !joins);
    }
}

bool parse_condition(struct str text, enum expr_kind kind, bool figure, struct arena *arena, struct node **out,
                     struct err *err)
{
    struct parser parser;
    if (!parser_start(&parser, text, kind, figure, arena, err)) {
        return false;
    }
    struct node *node = parse_disjunction(&parser, false);
    if (node == NULL) {
        return false;
    }
    if (parser.operators <= LIMIT_EXPRESSION_OPERATORS) {
        find_misuse(&parser, node, false);
    }
    *out = node;
    return parser_finish(&parser);
}
