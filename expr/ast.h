/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXPR_AST_H
#define EXPR_AST_H

#include "expr/expr.h"

#include <stdint.h>

/* The tree that every kind of expression becomes. Made by the parser (or the legacy builders), filled by bind, then
 * read only. */

#define TYPE(name) (1u << VALUE_##name)
#define TYPES_ALL ((1u << VALUE_TYPE_COUNT) - 1)

enum function {
#define FUNCTION(name, operands, role, needs_path, types) FUNCTION_##name,
#include "expr/functions.def"
#undef FUNCTION
    FUNCTION_UNKNOWN
};
enum function_role { ROLE_PREDICATE, ROLE_OPERAND, ROLE_UPDATE };

struct function_info {
    struct str name;
    size_t operands;
    enum function_role role;
    bool needs_path; /* its first operand */
    unsigned types;  /* that an operand may have, as bits of TYPE() */
};
enum function function_of(struct str name);
const struct function_info *function_info(enum function function);

/* Above this a list index is refused. */
#define LIST_INDEX_MAX 4294967294u

struct path_element {
    struct str text; /* as written: a name, #name or the digits of an index */
    struct str name; /* the name itself; text until bound */
    size_t index;
    bool is_index;
};
struct path {
    struct path_element *elements; /* the first is never an index */
    size_t count;
};

enum node_kind {
    NODE_OR, /* two or more children */
    NODE_AND,
    NODE_NOT,
    NODE_COMPARE,
    NODE_BETWEEN, /* operand, low, high */
    NODE_IN,      /* operand, then the list */
    NODE_CALL,
    NODE_PATH,
    NODE_VALUE,
    NODE_PLUS,
    NODE_MINUS
};

struct node {
    enum node_kind kind;
    bool is_grouped; /* written in parentheses */
    enum comparator comparator;
    enum function function;
    struct str text; /* operator, function or placeholder as written */
    struct path path;
    const struct value *value; /* NULL until bound */
    struct node **children;
    size_t count;
};

enum section { SECTION_SET, SECTION_REMOVE, SECTION_ADD, SECTION_DELETE };
#define SECTION_COUNT 4

struct action {
    enum section section;
    struct path target;
    struct node *operand; /* NULL for REMOVE; a NODE_VALUE for ADD and DELETE */
};

/* Room for one more after `count` items: the same array, or a copy twice as large. */
void *ast_grow(struct arena *arena, void *items, size_t count, size_t size);
struct node *node_new(struct arena *arena, enum node_kind kind, struct str text);
void node_add(struct arena *arena, struct node *node, struct node *child);
struct node *node_of_name(struct arena *arena, struct str name);
struct node *node_of_value(struct arena *arena, const struct value *value);

/* "Condition", "Filter", … */
const char *expr_kind_name(enum expr_kind kind);
/* `Invalid <X>Expression: …` as ERR_REQUEST; returns false. */
bool expr_error(struct err *err, enum expr_kind kind, const char *format, ...) PRINTF_LIKE(3, 4);
/* The text of a comparison operator. */
struct str comparator_text(enum comparator comparator);

#endif
