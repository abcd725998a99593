/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXPR_CONDITION_H
#define EXPR_CONDITION_H

#include "expr/ast.h"

/* What condition_* functions of several files share. */
struct condition {
    struct node *root;
    enum expr_kind kind;
    bool is_bound; /* nothing is left to bind */
};

/* Is a bound condition true of a stored item? NULL: there is none. Never fails; leaves garbage in scratch. */
bool evaluate(const struct node *node, const struct json *item, struct arena *scratch);
/* Every path below a node, in written order; false if the visitor stopped. */
bool node_visit_paths(const struct node *node, path_visitor *visit, void *context);

#endif
