/* SPDX-License-Identifier: Apache-2.0 */
/* parser.c — recursive descent over one token of lookahead, one grammar file for all five kinds of expression. A syntax
 * error stops at once and beats everything; whatever else the text says is only noted (struct finding) and told in
 * AWS's order when the whole text has been read.
 *
 *   condition  = conjunct { OR conjunct }
 *   conjunct   = negation { AND negation }
 *   negation   = { NOT } predicate
 *   predicate  = operand ( "=" | "<>" | "<" | "<=" | ">" | ">=" ) operand
 *              | operand BETWEEN operand AND operand
 *              | operand IN "(" operand { "," operand } ")"
 *              | call | "(" condition ")"
 *   operand    = path | ":value" | call | "(" operand ")"     in conditions a path may go on after its group: (a.b)[0]
 *   call       = identifier "(" operand { "," operand } ")"
 *   path       = element { "." element | "[" digits "]" }
 *   element    = identifier | "#name"
 *   projection = path { "," path }
 *   update     = section { section }
 *   section    = SET set { "," set } | REMOVE path { "," path } | ( ADD | DELETE ) path ":value" { "," path ":value" }
 *   set        = path "=" sum
 *   sum        = operand [ ( "+" | "-" ) operand ] | "(" sum ")"
 *
 * Recursion: only groups and calls nest. A text with at most 300 operators and no redundant parentheses nests at most
 * twice as deep, so a text that goes beyond is refused for what it must be. */
#include "expr/parser_state.h"

#include "core/limits.h"

#define OPERATORS_TEXT "The expression contains too many operators; operator count: %zu"
#define PARENTHESES_TEXT "The expression has redundant parentheses;"
#define NESTING_MAX (2 * LIMIT_EXPRESSION_OPERATORS + 20)

/* ---- Tokens and errors ---- */

void parser_advance(struct parser *parser)
{
    parser->previous = parser->token;
    parser->token = lexer_next(&parser->lexer);
}

bool parser_at(const struct parser *parser, enum token_kind kind)
{
    return parser->token.kind == kind;
}

bool parser_accept(struct parser *parser, enum token_kind kind)
{
    if (!parser_at(parser, kind)) {
        return false;
    }
    parser_advance(parser);
    return true;
}

/* At the next token. near: the source from the token before it to the end of the one after it. */
bool parser_syntax_error(struct parser *parser)
{
    struct str source = parser->lexer.source;
    const struct token *token = &parser->token;
    if (token->kind == TOKEN_END) {
        struct str near = parser->previous.text.p == NULL ? source : parser->previous.text;
        return expr_error(parser->err, parser->kind, "Syntax error; token: \"<EOF>\", near: \"%.*s\"", STR_ARG(near));
    }
    struct lexer ahead = parser->lexer;
    struct token next = lexer_next(&ahead);
    const char *start = parser->previous.text.p == NULL ? token->text.p : parser->previous.text.p;
    struct str last = next.kind == TOKEN_END ? token->text : next.text;
    struct str near = str_of(start, (size_t)(last.p + last.n - start));
    return expr_error(parser->err, parser->kind, "Syntax error; token: \"%.*s\", near: \"%.*s\"", STR_ARG(token->text),
                      STR_ARG(near));
}

bool parser_expect(struct parser *parser, enum token_kind kind)
{
    return parser_accept(parser, kind) || parser_syntax_error(parser);
}

bool parser_enter(struct parser *parser)
{
    if (++parser->nesting <= NESTING_MAX) {
        return true;
    }
    if (parser->operators > LIMIT_EXPRESSION_OPERATORS) {
        return expr_error(parser->err, parser->kind, OPERATORS_TEXT, parser->operators);
    }
    return expr_error(parser->err, parser->kind, PARENTHESES_TEXT);
}

void parser_leave(struct parser *parser)
{
    parser->nesting--;
}

PRINTF_LIKE(3, 4) void parser_find(struct parser *parser, enum finding finding, const char *format, ...)
{
    if (parser->findings[finding].p != NULL) {
        return;
    }
    va_list args;
    va_start(args, format);
    parser->findings[finding] = arena_vprintf(parser->arena, format, args);
    va_end(args);
}

bool parser_start(struct parser *parser, struct str text, enum expr_kind kind, bool figure, struct arena *arena,
                  struct err *err)
{
    if (text.n == 0) {
        return expr_error(err, kind, "The expression can not be empty;");
    }
    if (text.n > LIMIT_EXPRESSION_BYTES) {
        const char *size = "Expression size has exceeded the maximum allowed size;";
        return figure ? expr_error(err, kind, "%s expression size: %zu", size, text.n)
                      : expr_error(err, kind, "%s", size);
    }
    *parser = (struct parser){.lexer = lexer_of(text), .kind = kind, .arena = arena, .err = err};
    parser->token = lexer_next(&parser->lexer);
    return true;
}

bool parser_finish(struct parser *parser)
{
    if (!parser_at(parser, TOKEN_END)) {
        return parser_syntax_error(parser);
    }
    if (parser->operators > LIMIT_EXPRESSION_OPERATORS) {
        parser_find(parser, FINDING_OPERATORS, OPERATORS_TEXT, parser->operators);
    }
    for (size_t i = 0; i < FINDING_COUNT; i++) {
        if (parser->findings[i].p != NULL) {
            return expr_error(parser->err, parser->kind, "%.*s", STR_ARG(parser->findings[i]));
        }
    }
    return true;
}

/* ---- Paths ---- */

static struct path_element *add_element(struct parser *parser, struct path *path)
{
    path->elements = ast_grow(parser->arena, path->elements, path->count, sizeof(*path->elements));
    struct path_element *element = &path->elements[path->count++];
    *element = (struct path_element){.text = parser->token.text, .name = parser->token.text};
    return element;
}

/* element */
static bool parse_element(struct parser *parser, struct path *path)
{
    if (!parser_at(parser, TOKEN_IDENTIFIER) && !parser_at(parser, TOKEN_NAME)) {
        return parser_syntax_error(parser);
    }
    if (parser_at(parser, TOKEN_IDENTIFIER) && expr_is_reserved_word(parser->token.text)) {
        parser_find(parser, FINDING_RESERVED, "Attribute name is a reserved keyword; reserved keyword: %.*s",
                    STR_ARG(parser->token.text));
    }
    add_element(parser, path);
    parser_advance(parser);
    return true;
}

/* "[" digits "]", the bracket being read */
static bool parse_index(struct parser *parser, struct path *path)
{
    if (!parser_at(parser, TOKEN_INDEX)) {
        return parser_syntax_error(parser);
    }
    struct str digits = parser->token.text;
    struct path_element *element = add_element(parser, path);
    element->is_index = true;
    for (size_t i = 0; i < digits.n && element->index <= LIST_INDEX_MAX; i++) {
        element->index = element->index * 10 + (size_t)(digits.p[i] - '0');
    }
    if (element->index > LIST_INDEX_MAX) {
        parser_find(parser, FINDING_INDEX, "List index is not within the allowable range; index: [%.*s]",
                    STR_ARG(digits));
    }
    parser_advance(parser);
    return parser_expect(parser, TOKEN_CLOSE_BRACKET);
}

static bool parse_path_rest(struct parser *parser, struct path *path)
{
    for (;;) {
        if (parser_accept(parser, TOKEN_DOT)) {
            if (!parse_element(parser, path)) {
                return false;
            }
        } else if (parser_accept(parser, TOKEN_OPEN_BRACKET)) {
            if (!parse_index(parser, path)) {
                return false;
            }
        } else {
            break;
        }
    }
    if (path->count > LIMIT_NESTING) {
        parser_find(parser, FINDING_DEPTH, "The document path has too many nesting levels; nesting levels: %zu",
                    path->count);
    }
    return true;
}

static bool parse_path(struct parser *parser, struct path *path)
{
    *path = (struct path){NULL, 0};
    return parse_element(parser, path) && parse_path_rest(parser, path);
}

/* ---- Operands ---- */

void parser_close_group(struct parser *parser, struct node *node)
{
    if (node->is_grouped) {
        parser_find(parser, FINDING_PARENTHESES, PARENTHESES_TEXT);
    }
    node->is_grouped = true;
}

static void look_up_function(struct parser *parser, struct node *call)
{
    call->function = function_of(call->text);
    if (call->function == FUNCTION_UNKNOWN) {
        parser_find(parser, FINDING_FUNCTION, "Invalid function name; function: %.*s", STR_ARG(call->text));
        return;
    }
    bool is_for_updates = function_info(call->function)->role == ROLE_UPDATE;
    if (is_for_updates != (parser->kind == EXPR_UPDATE)) {
        parser_find(parser, FINDING_PLACE, "The function is not allowed in %s expression; function: %.*s",
                    is_for_updates ? "a condition" : "an update", STR_ARG(call->text));
    }
}

/* call, its name and "(" being read */
static struct node *parse_call(struct parser *parser, struct str name)
{
    struct node *call = node_new(parser->arena, NODE_CALL, name);
    look_up_function(parser, call);
    parser->operators++;
    if (!parser_enter(parser)) {
        return NULL;
    }
    do {
        struct node *operand = parser_operand(parser);
        if (operand == NULL) {
            return NULL;
        }
        node_add(parser->arena, call, operand);
    } while (parser_accept(parser, TOKEN_COMMA));
    parser_leave(parser);
    return parser_expect(parser, TOKEN_CLOSE) ? call : NULL;
}

/* path | call */
static struct node *parse_path_or_call(struct parser *parser)
{
    struct token first = parser->token;
    if (first.kind == TOKEN_IDENTIFIER && lexer_at_open(&parser->lexer)) {
        parser_advance(parser);
        parser_advance(parser);
        return parse_call(parser, first.text);
    }
    struct node *node = node_new(parser->arena, NODE_PATH, first.text);
    return parse_path(parser, &node->path) ? node : NULL;
}

bool parser_after_group(struct parser *parser, struct node *node)
{
    if (node->kind != NODE_PATH || parser->kind == EXPR_UPDATE ||
        (!parser_at(parser, TOKEN_DOT) && !parser_at(parser, TOKEN_OPEN_BRACKET))) {
        return true;
    }
    node->is_grouped = false;
    return parse_path_rest(parser, &node->path);
}

/* operand */
struct node *parser_operand(struct parser *parser)
{
    if (parser_at(parser, TOKEN_IDENTIFIER) || parser_at(parser, TOKEN_NAME)) {
        return parse_path_or_call(parser);
    }
    if (parser_at(parser, TOKEN_VALUE)) {
        struct node *node = node_new(parser->arena, NODE_VALUE, parser->token.text);
        parser_advance(parser);
        return node;
    }
    if (!parser_expect(parser, TOKEN_OPEN) || !parser_enter(parser)) {
        return NULL;
    }
    struct node *node = parser_operand(parser);
    if (node == NULL || !parser_expect(parser, TOKEN_CLOSE)) {
        return NULL;
    }
    parser_leave(parser);
    parser_close_group(parser, node);
    return parser_after_group(parser, node) ? node : NULL;
}

/* ---- Projections ---- */

bool parse_projection(struct str text, struct arena *arena, struct path **out, size_t *count, struct err *err)
{
    struct parser parser;
    if (!parser_start(&parser, text, EXPR_PROJECTION, false, arena, err)) {
        return false;
    }
    struct path *paths = NULL;
    size_t n = 0;
    do {
        paths = ast_grow(arena, paths, n, sizeof(*paths));
        if (!parse_path(&parser, &paths[n++])) {
            return false;
        }
    } while (parser_accept(&parser, TOKEN_COMMA));
    *out = paths;
    *count = n;
    return parser_finish(&parser);
}

/* ---- Updates ---- */

/* sum. Groups may hold one sum, but no sum goes into another. */
static struct node *parse_sum(struct parser *parser)
{
    struct node *left = NULL;
    if (parser_at(parser, TOKEN_OPEN)) {
        parser_advance(parser);
        left = parser_enter(parser) ? parse_sum(parser) : NULL;
        if (left == NULL || !parser_expect(parser, TOKEN_CLOSE)) {
            return NULL;
        }
        parser_leave(parser);
        parser_close_group(parser, left);
        if (left->kind == NODE_PLUS || left->kind == NODE_MINUS) {
            return left;
        }
    } else {
        left = parser_operand(parser);
    }
    if (left == NULL || (!parser_at(parser, TOKEN_PLUS) && !parser_at(parser, TOKEN_MINUS))) {
        return left;
    }
    struct node *node =
        node_new(parser->arena, parser_at(parser, TOKEN_PLUS) ? NODE_PLUS : NODE_MINUS, parser->token.text);
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

static bool parse_action(struct parser *parser, enum section section, struct action *action)
{
    action->section = section;
    if (!parse_path(parser, &action->target)) {
        return false;
    }
    if (section == SECTION_REMOVE) {
        return true;
    }
    if (section == SECTION_SET) {
        if (!parser_expect(parser, TOKEN_EQ)) {
            return false;
        }
        action->operand = parse_sum(parser);
        return action->operand != NULL;
    }
    if (!parser_at(parser, TOKEN_VALUE)) {
        return parser_syntax_error(parser);
    }
    action->operand = node_new(parser->arena, NODE_VALUE, parser->token.text);
    parser_advance(parser);
    return true;
}

bool parse_update(struct str text, struct arena *arena, struct action **out, size_t *count, struct err *err)
{
    static const char *const section_names[SECTION_COUNT] = {"SET", "REMOVE", "ADD", "DELETE"};
    struct parser parser;
    if (!parser_start(&parser, text, EXPR_UPDATE, false, arena, err)) {
        return false;
    }
    struct action *actions = NULL;
    size_t n = 0;
    bool is_used[SECTION_COUNT] = {false};
    do {
        if (parser.token.kind < TOKEN_SET || parser.token.kind > TOKEN_DELETE) {
            return parser_syntax_error(&parser);
        }
        enum section section = (enum section)((int)parser.token.kind - (int)TOKEN_SET);
        parser_advance(&parser);
        if (is_used[section]) {
            parser_find(&parser, FINDING_SECTION, "The \"%s\" section can only be used once in an update expression;",
                        section_names[section]);
        }
        is_used[section] = true;
        do {
            actions = ast_grow(arena, actions, n, sizeof(*actions));
            if (!parse_action(&parser, section, &actions[n++])) {
                return false;
            }
        } while (parser_accept(&parser, TOKEN_COMMA));
    } while (!parser_at(&parser, TOKEN_END));
    *out = actions;
    *count = n;
    return parser_finish(&parser);
}
