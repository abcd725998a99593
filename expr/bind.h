/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXPR_BIND_H
#define EXPR_BIND_H

#include "expr/ast.h"

/* Puts placeholders into a tree, in written order, and notes them as used. */
enum bind_what {
    BIND_NAMES = 1,
    BIND_VALUES = 2,
    BIND_LENIENT = 4 /* skips what is not defined */
};

MUST_USE bool bind_path(struct path *path, struct placeholders *placeholders, enum expr_kind kind, struct err *err);
/* `what`: bits of enum bind_what. */
MUST_USE bool bind_node(struct node *node, unsigned what, struct placeholders *placeholders, enum expr_kind kind,
                        struct err *err);

/* What the operands' types decide: number, distinctness, paths, types, BETWEEN bounds, length of IN. Inner calls first.
 * Values that are not bound have no type yet. */
MUST_USE bool bind_check_operands(const struct node *node, enum expr_kind kind, struct err *err);

#endif
