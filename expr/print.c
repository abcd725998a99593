/* SPDX-License-Identifier: Apache-2.0 */
/* print.c — a condition as text again, every part in parentheses but never in two pairs, so that the text parses to the
 * same tree. */
#include "expr/condition.h"

static void print_path(const struct path *path, struct buf *out)
{
    for (size_t i = 0; i < path->count; i++) {
        const struct path_element *element = &path->elements[i];
        if (element->is_index) {
            buf_printf(out, "[%.*s]", STR_ARG(element->text));
        } else {
            buf_add_str(out, i == 0 ? STR("") : STR("."));
            buf_add_str(out, element->text);
        }
    }
}

static void print_node(const struct node *node, bool is_inner, struct buf *out);

static void print_list(const struct node *node, size_t from, const char *between, bool is_inner, struct buf *out)
{
    for (size_t i = from; i < node->count; i++) {
        if (i > from) {
            buf_printf(out, "%s", between);
        }
        print_node(node->children[i], is_inner, out);
    }
}

static void print_inside(const struct node *node, struct buf *out)
{
    switch (node->kind) {
    case NODE_OR:
        print_list(node, 0, " OR ", true, out);
        break;
    case NODE_AND:
        print_list(node, 0, " AND ", true, out);
        break;
    case NODE_NOT:
        buf_add_literal(out, "NOT ");
        print_list(node, 0, "", true, out);
        break;
    case NODE_COMPARE:
    case NODE_PLUS:
    case NODE_MINUS:
        print_node(node->children[0], false, out);
        buf_printf(out, " %.*s ", STR_ARG(node->text));
        print_node(node->children[1], false, out);
        break;
    case NODE_BETWEEN:
        print_node(node->children[0], false, out);
        buf_add_literal(out, " BETWEEN ");
        print_list(node, 1, " AND ", false, out);
        break;
    case NODE_IN:
        print_node(node->children[0], false, out);
        buf_add_literal(out, " IN (");
        print_list(node, 1, ", ", false, out);
        buf_add_byte(out, ')');
        break;
    case NODE_CALL:
        buf_add_str(out, node->text);
        buf_add_byte(out, '(');
        print_list(node, 0, ", ", false, out);
        buf_add_byte(out, ')');
        break;
    case NODE_PATH:
        print_path(&node->path, out);
        break;
    case NODE_VALUE:
        buf_add_str(out, node->text);
        break;
    }
}

static void print_node(const struct node *node, bool is_inner, struct buf *out)
{
    buf_add_str(out, is_inner ? STR("(") : STR(""));
    print_inside(node, out);
    buf_add_str(out, is_inner ? STR(")") : STR(""));
}

void condition_print(const struct condition *condition, struct buf *out)
{
    print_node(condition->root, false, out);
}
