/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXPR_PATH_H
#define EXPR_PATH_H

#include "expr/ast.h"

/* The attribute at the end of a path: in a stored item, and in a value of type M. NULL if it leads nowhere. */
const struct json *path_find_stored(const struct path *path, const struct json *item);
const struct value *path_find(const struct path *path, const struct value *item);

bool path_equal(const struct path *a, const struct path *b);
/* `[a, b, [0]]`, with the names themselves. */
struct str path_text(const struct path *path, struct arena *arena);

/* The one member of a stored AttributeValue: its type and what it holds. */
enum value_type stored_type(const struct json *attribute, const struct json **content);

/* Several paths as a tree of what they have in common. Children are sorted: names by bytes, indexes ascending. */
#define BRANCH_GOES_ON SIZE_MAX
struct branch {
    struct str name;
    size_t index;
    size_t path; /* number of the path that ends here (the last of equal ones), or BRANCH_GOES_ON */
    struct branch *names;
    size_t name_count;
    struct branch *indexes;
    size_t index_count;
};

/* Two paths that cannot go together: one inside the other, or one place both a list and a map. */
enum clash_kind { CLASH_NONE, CLASH_OVERLAP, CLASH_CONFLICT };
struct clash {
    enum clash_kind kind;
    size_t one; /* numbers of the paths, in written order */
    size_t two;
};

/* path_at(context, i) is the i-th path. An overlap wins over a conflict, an earlier pair over a later one. */
typedef const struct path *path_at(const void *context, size_t i);
void branch_build(struct branch *root, path_at *path_of, const void *context, size_t count, struct arena *arena,
                  struct clash *clash);
/* The error of a clash as expr_error. */
bool clash_error(const struct clash *clash, path_at *path_of, const void *context, enum expr_kind kind,
                 struct err *err);

#endif
