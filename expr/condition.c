/* SPDX-License-Identifier: Apache-2.0 */
/* condition.c — conditions and filters as their users see them: parse, bind, ask; and the same trees made by hand for
 * the parameters from before expressions, so that there is one evaluator. */
#include "expr/condition.h"

#include "expr/bind.h"
#include "expr/parser.h"

static struct condition *condition_new(struct arena *arena, struct node *root, enum expr_kind kind)
{
    struct condition *condition = arena_new(arena, struct condition);
    condition->root = root;
    condition->kind = kind;
    return condition;
}

static bool parse(struct str text, enum expr_kind kind, bool figure, struct arena *arena, struct condition **out,
                  struct err *err)
{
    ensure(kind == EXPR_CONDITION || kind == EXPR_FILTER);
    struct node *root;
    if (!parse_condition(text, kind, figure, arena, &root, err)) {
        return false;
    }
    *out = condition_new(arena, root, kind);
    return true;
}

bool condition_parse(struct str text, enum expr_kind kind, struct arena *arena, struct condition **out, struct err *err)
{
    return parse(text, kind, false, arena, out, err);
}

bool condition_parse_sized(struct str text, enum expr_kind kind, struct arena *arena, struct condition **out,
                           struct err *err)
{
    return parse(text, kind, true, arena, out, err);
}

bool condition_bind_references(struct condition *condition, struct placeholders *placeholders, struct err *err)
{
    condition->is_bound = bind_node(condition->root, BIND_NAMES | BIND_VALUES, placeholders, condition->kind, err);
    return condition->is_bound;
}

bool condition_check_operands(struct condition *condition, struct placeholders *placeholders, struct err *err)
{
    return (condition->is_bound ||
            bind_node(condition->root, BIND_NAMES | BIND_VALUES | BIND_LENIENT, placeholders, condition->kind, err)) &&
           bind_check_operands(condition->root, condition->kind, err);
}

bool condition_bind(struct condition *condition, struct placeholders *placeholders, struct err *err)
{
    return condition_bind_references(condition, placeholders, err) &&
           bind_check_operands(condition->root, condition->kind, err);
}

bool condition_holds(const struct condition *condition, const struct json *item, struct arena *scratch)
{
    struct arena_mark mark = arena_mark(scratch);
    bool holds = evaluate(condition->root, item, scratch);
    arena_rollback(scratch, mark);
    return holds;
}

bool node_visit_paths(const struct node *node, path_visitor *visit, void *context)
{
    if (node->kind == NODE_PATH) {
        return visit(context, node->path.elements[0].name, node->path.count > 1);
    }
    for (size_t i = 0; i < node->count; i++) {
        if (!node_visit_paths(node->children[i], visit, context)) {
            return false;
        }
    }
    return true;
}

void condition_visit_paths(const struct condition *condition, path_visitor *visit, void *context)
{
    (void)node_visit_paths(condition->root, visit, context);
}

/* ---- By hand ---- */

static struct node *of_name(struct arena *arena, enum node_kind kind, struct str text, struct str name)
{
    struct node *node = node_new(arena, kind, text);
    node_add(arena, node, node_of_name(arena, name));
    return node;
}

static struct node *of_call(struct arena *arena, enum function function, struct str name, const struct value *v)
{
    struct node *node = of_name(arena, NODE_CALL, function_info(function)->name, name);
    node->function = function;
    if (v != NULL) {
        node_add(arena, node, node_of_value(arena, v));
    }
    return node;
}

struct condition *condition_of_compare(struct arena *arena, struct str name, enum comparator op, const struct value *v)
{
    struct node *node = of_name(arena, NODE_COMPARE, comparator_text(op), name);
    node->comparator = op;
    node_add(arena, node, node_of_value(arena, v));
    return condition_new(arena, node, EXPR_CONDITION);
}

struct condition *condition_of_between(struct arena *arena, struct str name, const struct value *low,
                                       const struct value *high)
{
    struct node *node = of_name(arena, NODE_BETWEEN, STR("BETWEEN"), name);
    node_add(arena, node, node_of_value(arena, low));
    node_add(arena, node, node_of_value(arena, high));
    return condition_new(arena, node, EXPR_CONDITION);
}

struct condition *condition_of_in(struct arena *arena, struct str name, const struct value *values, size_t count)
{
    struct node *node = of_name(arena, NODE_IN, STR("IN"), name);
    for (size_t i = 0; i < count; i++) {
        node_add(arena, node, node_of_value(arena, &values[i]));
    }
    return condition_new(arena, node, EXPR_CONDITION);
}

struct condition *condition_of_begins_with(struct arena *arena, struct str name, const struct value *v)
{
    return condition_new(arena, of_call(arena, FUNCTION_begins_with, name, v), EXPR_CONDITION);
}

struct condition *condition_of_contains(struct arena *arena, struct str name, const struct value *v, bool negated)
{
    struct node *node = of_call(arena, FUNCTION_contains, name, v);
    if (negated) {
        struct node *not = node_new(arena, NODE_NOT, STR("NOT"));
        node_add(arena, not, node);
        node = not ;
    }
    return condition_new(arena, node, EXPR_CONDITION);
}

struct condition *condition_of_exists(struct arena *arena, struct str name, bool exists)
{
    enum function function = exists ? FUNCTION_attribute_exists : FUNCTION_attribute_not_exists;
    return condition_new(arena, of_call(arena, function, name, NULL), EXPR_CONDITION);
}

static struct condition *join(struct arena *arena, enum node_kind kind, struct str text, struct condition **conditions,
                              size_t count)
{
    ensure(count >= 1);
    if (count == 1) {
        return conditions[0];
    }
    struct node *node = node_new(arena, kind, text);
    for (size_t i = 0; i < count; i++) {
        node_add(arena, node, conditions[i]->root);
    }
    return condition_new(arena, node, EXPR_CONDITION);
}

struct condition *condition_of_all(struct arena *arena, struct condition **conditions, size_t count)
{
    return join(arena, NODE_AND, STR("AND"), conditions, count);
}

struct condition *condition_of_any(struct arena *arena, struct condition **conditions, size_t count)
{
    return join(arena, NODE_OR, STR("OR"), conditions, count);
}
