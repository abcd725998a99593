/* SPDX-License-Identifier: Apache-2.0 */
/* bind.c — what an expression says once its placeholders are known: undefined references, then the static rules about
 * operands. References and operands are two passes because operations place them apart (2026 D.3: PutItem looks at
 * operands before undefined names, UpdateItem after unused ones). */
#include "expr/bind.h"

#include "core/base64.h"
#include "core/limits.h"
#include "expr/path.h"
#include "expr/placeholders.h"

static bool bind_element(struct path_element *element, bool is_lenient, struct placeholders *placeholders,
                         enum expr_kind kind, struct err *err)
{
    if (element->is_index || element->text.p[0] != '#' ||
        placeholders_use_name(placeholders, element->text, &element->name) || is_lenient) {
        return true;
    }
    return expr_error(err, kind,
                      "An expression attribute name used in the document path is not defined; attribute name: %.*s",
                      STR_ARG(element->text));
}

static bool bind_elements(struct path *path, bool is_lenient, struct placeholders *placeholders, enum expr_kind kind,
                          struct err *err)
{
    for (size_t i = 0; i < path->count; i++) {
        if (!bind_element(&path->elements[i], is_lenient, placeholders, kind, err)) {
            return false;
        }
    }
    return true;
}

bool bind_path(struct path *path, struct placeholders *placeholders, enum expr_kind kind, struct err *err)
{
    return bind_elements(path, false, placeholders, kind, err);
}

bool bind_node(struct node *node, unsigned what, struct placeholders *placeholders, enum expr_kind kind,
               struct err *err)
{
    bool is_lenient = (what & BIND_LENIENT) != 0;
    if (node->kind == NODE_PATH && (what & BIND_NAMES) != 0) {
        return bind_elements(&node->path, is_lenient, placeholders, kind, err);
    }
    if (node->kind == NODE_VALUE && (what & BIND_VALUES) != 0 && node->value == NULL) {
        return placeholders_use_value(placeholders, node->text, &node->value) || is_lenient ||
               expr_error(err, kind,
                          "An expression attribute value used in expression is not defined; attribute value: %.*s",
                          STR_ARG(node->text));
    }
    for (size_t i = 0; i < node->count; i++) {
        if (!bind_node(node->children[i], what, placeholders, kind, err)) {
            return false;
        }
    }
    return true;
}

/* ---- Operands ---- */

/* False for what only an item tells. */
static bool known_type(const struct node *node, enum value_type *out)
{
    switch (node->kind) {
    case NODE_VALUE:
        *out = node->value == NULL ? VALUE_NULL : node->value->type;
        return node->value != NULL;
    case NODE_PLUS:
    case NODE_MINUS:
        *out = VALUE_N;
        return true;
    case NODE_CALL:
        *out = node->function == FUNCTION_size ? VALUE_N : VALUE_L;
        return node->function == FUNCTION_size || node->function == FUNCTION_list_append;
    case NODE_OR:
    case NODE_AND:
    case NODE_NOT:
    case NODE_COMPARE:
    case NODE_BETWEEN:
    case NODE_IN:
    case NODE_PATH:
        break;
    }
    return false;
}

static bool operand_type_error(const struct node *node, const char *type, enum expr_kind kind, struct err *err)
{
    return expr_error(err, kind,
                      "Incorrect operand type for operator or function; operator or function: %.*s, operand type: %s",
                      STR_ARG(node->text), type);
}

static bool check_types(const struct node *node, unsigned allowed, enum expr_kind kind, struct err *err)
{
    for (size_t i = 0; i < node->count; i++) {
        enum value_type type;
        if (known_type(node->children[i], &type) && (allowed & (1u << type)) == 0) {
            return operand_type_error(node, value_type_name(type), kind, err);
        }
    }
    return true;
}

static bool check_distinct(const struct node *node, enum expr_kind kind, struct err *err)
{
    const struct node *first = node->children[0];
    for (size_t i = 1; i < node->count && first->kind == NODE_PATH; i++) {
        const struct node *other = node->children[i];
        if (other->kind == NODE_PATH && path_equal(&first->path, &other->path)) {
            struct str text = path_text(&first->path, err->arena);
            return expr_error(
                err, kind,
                "The first operand must be distinct from the remaining operands for this operator or function; "
                "operator: %.*s, first operand: %.*s",
                STR_ARG(node->text), STR_ARG(text));
        }
    }
    return true;
}

static struct str bound_text(const struct value *value, struct arena *arena)
{
    struct buf text;
    buf_init(&text, (size_t)8 * LIMIT_BODY_BYTES); /* escapes make a text at most six times as long */
    if (value->type == VALUE_B) {
        base64_write(&text, value->str);
    } else if (value->type == VALUE_N) {
        char digits[NUMBER_TEXT_MAX];
        buf_add(&text, digits, number_print(value->number, digits));
    } else {
        ensure(value->type == VALUE_S); /* other types have been refused */
        buf_add_str(&text, value->str);
    }
    struct str copy = arena_printf(arena, "AttributeValue: {%s:%.*s}", value_type_name(value->type), (int)text.n,
                                   text.n == 0 ? "" : text.p);
    buf_release(&text);
    return copy;
}

static bool check_bounds(const struct node *node, enum expr_kind kind, struct err *err)
{
    const struct value *low = node->children[1]->value;
    const struct value *high = node->children[2]->value;
    if (low == NULL || high == NULL) {
        return true;
    }
    const char *problem = NULL;
    if (low->type != high->type) {
        problem = "The BETWEEN operator requires same data type for lower and upper bounds";
    } else if (value_is_scalar_key(low->type) && value_compare(low, high) > 0) {
        problem = "The BETWEEN operator requires upper bound to be greater than or equal to lower bound";
    }
    if (problem == NULL) {
        return true;
    }
    struct str low_text = bound_text(low, err->arena);
    struct str high_text = bound_text(high, err->arena);
    return expr_error(err, kind, "%s; lower bound operand: %.*s, upper bound operand: %.*s", problem, STR_ARG(low_text),
                      STR_ARG(high_text));
}

static bool check_type_name(const struct node *node, enum expr_kind kind, struct err *err)
{
    const struct node *second = node->children[1];
    enum value_type type;
    if (second->kind == NODE_VALUE && second->value == NULL) {
        return true;
    }
    bool is_known = known_type(second, &type);
    if (!is_known || type != VALUE_S) {
        return operand_type_error(node, is_known ? value_type_name(type) : "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}", kind, err);
    }
    if (!value_type_of(second->value->str, &type)) {
        return expr_error(err, kind,
                          "Invalid attribute type name found; type: %.*s, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}",
                          STR_ARG(second->value->str));
    }
    return true;
}

static bool check_call(const struct node *node, enum expr_kind kind, struct err *err)
{
    const struct function_info *info = function_info(node->function);
    if (node->count != info->operands) {
        return expr_error(err, kind,
                          "Incorrect number of operands for operator or function; operator or function: %.*s, number "
                          "of operands: %zu",
                          STR_ARG(node->text), node->count);
    }
    /* list_append(l, l) is fine. */
    if (node->function != FUNCTION_list_append && !check_distinct(node, kind, err)) {
        return false;
    }
    if (info->needs_path && node->children[0]->kind != NODE_PATH) {
        return expr_error(err, kind, "Operator or function requires a document path; operator or function: %.*s",
                          STR_ARG(node->text));
    }
    if (node->function == FUNCTION_attribute_type) {
        return check_type_name(node, kind, err);
    }
    return check_types(node, info->types, kind, err);
}

static bool check_node(const struct node *node, enum expr_kind kind, struct err *err)
{
    const unsigned ordered = TYPE(S) | TYPE(N) | TYPE(B);
    switch (node->kind) {
    case NODE_COMPARE: {
        bool is_equality = node->comparator == COMPARE_EQ || node->comparator == COMPARE_NE;
        return check_distinct(node, kind, err) && check_types(node, is_equality ? TYPES_ALL : ordered, kind, err);
    }
    case NODE_BETWEEN:
        return check_distinct(node, kind, err) && check_types(node, ordered, kind, err) &&
               check_bounds(node, kind, err);
    case NODE_IN:
        if (!check_distinct(node, kind, err)) {
            return false;
        }
        return node->count - 1 <= LIMIT_IN_OPERANDS ||
               expr_error(err, kind, "The IN operator is provided with too many operands; number of operands: %zu",
                          node->count - 1);
    case NODE_CALL:
        return check_call(node, kind, err);
    case NODE_PLUS:
    case NODE_MINUS:
        return check_types(node, TYPE(N), kind, err);
    case NODE_OR:
    case NODE_AND:
    case NODE_NOT:
    case NODE_PATH:
    case NODE_VALUE:
        break;
    }
    return true;
}

bool bind_check_operands(const struct node *node, enum expr_kind kind, struct err *err)
{
    for (size_t i = 0; i < node->count; i++) {
        if (!bind_check_operands(node->children[i], kind, err)) {
            return false;
        }
    }
    return check_node(node, kind, err);
}
