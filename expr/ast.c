/* SPDX-License-Identifier: Apache-2.0 */
/* ast.c — small parts of the tree: the function table, growing arrays, nodes, and the one place that writes
 * `Invalid XExpression: `. */
#include "expr/ast.h"

static const struct function_info functions[] = {
#define FUNCTION(name, operands, role, needs_path, types)                                                              \
    {{#name, sizeof(#name) - 1}, operands, ROLE_##role, needs_path, types},
#include "expr/functions.def"
#undef FUNCTION
};

enum function function_of(struct str name)
{
    size_t i = 0;
    while (i < FUNCTION_UNKNOWN && !str_eq(functions[i].name, name)) {
        i++;
    }
    return (enum function)i;
}

const struct function_info *function_info(enum function function)
{
    ensure(function < FUNCTION_UNKNOWN);
    return &functions[function];
}

void *ast_grow(struct arena *arena, void *items, size_t count, size_t size)
{
    const size_t first = 4;
    if (count != 0 && (count < first || (count & (count - 1)) != 0)) {
        return items;
    }
    void *grown = arena_zalloc_array(arena, count == 0 ? first : 2 * count, size);
    if (count > 0) {
        memcpy(grown, items, count * size);
    }
    return grown;
}

struct node *node_new(struct arena *arena, enum node_kind kind, struct str text)
{
    struct node *node = arena_new(arena, struct node);
    node->kind = kind;
    node->text = text;
    return node;
}

void node_add(struct arena *arena, struct node *node, struct node *child)
{
    node->children = ast_grow(arena, node->children, node->count, sizeof(*node->children));
    node->children[node->count++] = child;
}

struct node *node_of_name(struct arena *arena, struct str name)
{
    struct node *node = node_new(arena, NODE_PATH, name);
    node->path.elements = arena_new(arena, struct path_element);
    node->path.elements[0] = (struct path_element){.text = name, .name = name};
    node->path.count = 1;
    return node;
}

struct node *node_of_value(struct arena *arena, const struct value *value)
{
    struct node *node = node_new(arena, NODE_VALUE, STR(":value"));
    node->value = value;
    return node;
}

const char *expr_kind_name(enum expr_kind kind)
{
    static const char *const names[EXPR_KIND_COUNT] = {"Condition", "Filter", "KeyCondition", "Projection", "Update"};
    return names[kind];
}

bool expr_error(struct err *err, enum expr_kind kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct str detail = arena_vprintf(err->arena, format, args);
    va_end(args);
    return err_set(err, ERR_REQUEST, "Invalid %sExpression: %.*s", expr_kind_name(kind), STR_ARG(detail));
}

struct str comparator_text(enum comparator comparator)
{
    static const struct str texts[] = {{"=", 1}, {"<>", 2}, {"<", 1}, {"<=", 2}, {">", 1}, {">=", 2}};
    return texts[comparator];
}
