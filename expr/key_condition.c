/* SPDX-License-Identifier: Apache-2.0 */
/* key_condition.c — KeyConditionExpression: the grammar of conditions, then what of it may select keys
 * (aws-behaviour.md §5.5). The first problem in written order wins. What needs the table's schema is the operation's.
 */
#include "expr/bind.h"
#include "expr/parser.h"

struct key_condition {
    struct node *root;
    struct key_clause *clauses;
    size_t count;
    struct arena *arena;
};

bool key_condition_parse(struct str text, struct arena *arena, struct key_condition **out, struct err *err)
{
    struct key_condition *condition = arena_new(arena, struct key_condition);
    condition->arena = arena;
    *out = condition;
    return parse_condition(text, EXPR_KEY_CONDITION, false, arena, &condition->root, err);
}

/* `:v < sk` is `sk > :v`. */
static enum key_operator key_operator_of(enum comparator comparator, bool is_mirrored)
{
    static const enum key_operator straight[] = {KEY_EQ, KEY_EQ, KEY_LT, KEY_LE, KEY_GT, KEY_GE};
    static const enum key_operator mirrored[] = {KEY_EQ, KEY_EQ, KEY_GT, KEY_GE, KEY_LT, KEY_LE};
    return is_mirrored ? mirrored[comparator] : straight[comparator];
}

static bool check_operator(const struct node *node, struct err *err)
{
    bool is_call = node->kind == NODE_CALL && node->function != FUNCTION_begins_with;
    bool is_other = node->kind == NODE_OR || node->kind == NODE_NOT || node->kind == NODE_IN ||
                    (node->kind == NODE_COMPARE && node->comparator == COMPARE_NE);
    if (is_call || is_other) {
        return err_set(err, ERR_REQUEST, "Invalid operator used in KeyConditionExpression: %.*s", STR_ARG(node->text));
    }
    bool takes_key_first = node->kind == NODE_BETWEEN || node->kind == NODE_CALL;
    if (takes_key_first && node->children[0]->kind != NODE_PATH) {
        return err_set(err, ERR_REQUEST,
                       "Invalid condition in KeyConditionExpression: %.*s operator must have the key attribute as its "
                       "first operand",
                       STR_ARG(node->text));
    }
    return true;
}

/* The one child that is a path. */
static bool find_key(const struct node *node, size_t *out, struct err *err)
{
    *out = node->count;
    for (size_t i = 0; i < node->count; i++) {
        const struct node *child = node->children[i];
        if (child->kind == NODE_CALL) {
            return err_set(err, ERR_REQUEST, "KeyConditionExpressions cannot contain nested operations");
        }
        if (child->kind != NODE_PATH) {
            continue;
        }
        if (*out < node->count) {
            return err_set(
                err, ERR_REQUEST,
                "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition");
        }
        if (child->path.count > 1) {
            return expr_error(err, EXPR_KEY_CONDITION,
                              "KeyConditionExpressions cannot have conditions on nested attributes");
        }
        *out = i;
    }
    return *out < node->count ||
           err_set(err, ERR_REQUEST, "Invalid condition in KeyConditionExpression: No key attribute specified");
}

static bool add_clause(struct key_condition *condition, const struct node *node, struct err *err)
{
    size_t key;
    if (!check_operator(node, err) || !find_key(node, &key, err)) {
        return false;
    }
    struct key_clause clause = {.name = node->children[key]->path.elements[0].name};
    for (size_t i = 0; i < condition->count; i++) {
        if (str_eq(condition->clauses[i].name, clause.name)) {
            return expr_error(err, EXPR_KEY_CONDITION,
                              "KeyConditionExpressions must only contain one condition per key");
        }
    }
    if (node->kind == NODE_COMPARE) {
        clause.op = key_operator_of(node->comparator, key == 1);
        clause.a = node->children[1 - key]->value;
    } else {
        clause.op = node->kind == NODE_BETWEEN ? KEY_BETWEEN : KEY_BEGINS_WITH;
        clause.a = node->children[1]->value;
        clause.b = node->kind == NODE_BETWEEN ? node->children[2]->value : NULL;
    }
    condition->clauses = ast_grow(condition->arena, condition->clauses, condition->count, sizeof(clause));
    condition->clauses[condition->count++] = clause;
    return true;
}

static bool add_clauses(struct key_condition *condition, const struct node *node, struct err *err)
{
    if (node->kind != NODE_AND) {
        return add_clause(condition, node, err);
    }
    for (size_t i = 0; i < node->count; i++) {
        if (!add_clauses(condition, node->children[i], err)) {
            return false;
        }
    }
    return true;
}

bool key_condition_bind_names(struct key_condition *condition, struct placeholders *placeholders, struct err *err)
{
    condition->count = 0;
    return bind_node(condition->root, BIND_NAMES, placeholders, EXPR_KEY_CONDITION, err) &&
           bind_node(condition->root, BIND_VALUES | BIND_LENIENT, placeholders, EXPR_KEY_CONDITION, err) &&
           bind_check_operands(condition->root, EXPR_KEY_CONDITION, err) &&
           add_clauses(condition, condition->root, err);
}

bool key_condition_bind_values(struct key_condition *condition, struct placeholders *placeholders, struct err *err)
{
    return bind_node(condition->root, BIND_VALUES, placeholders, EXPR_KEY_CONDITION, err);
}

bool key_condition_bind(struct key_condition *condition, struct placeholders *placeholders, struct err *err)
{
    return key_condition_bind_names(condition, placeholders, err) &&
           key_condition_bind_values(condition, placeholders, err);
}

const struct key_clause *key_condition_clauses(const struct key_condition *condition, size_t *count)
{
    *count = condition->count;
    return condition->clauses;
}
