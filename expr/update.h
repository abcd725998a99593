/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXPR_UPDATE_H
#define EXPR_UPDATE_H

#include "expr/ast.h"
#include "expr/path.h"

/* What the update_* files share. */
struct update {
    struct action *actions; /* in written order */
    size_t count;
    bool is_legacy;     /* made of AttributeUpdates: no tree yet, other rules for lists, other texts */
    struct branch root; /* of the targets, when bound */
    struct arena *arena;
};

/* The targets as a tree; made in `arena` for a legacy update, into *made. */
const struct branch *update_targets(const struct update *update, struct branch *made, struct arena *arena);

#endif
