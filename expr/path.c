/* SPDX-License-Identifier: Apache-2.0 */
/* path.c — document paths: following one, comparing two, and many at once as a tree. The tree is made by sorting, so
 * that also thousands of paths (AttributeUpdates, AttributesToGet) cost no square, and so that clashes fall out of the
 * groups. */
#include "expr/path.h"

#include <stdlib.h>

enum value_type stored_type(const struct json *attribute, const struct json **content)
{
    struct json_iter iter = json_iter(attribute);
    struct str name;
    bool is_there = json_next(&iter, &name, content);
    ensure(is_there);
    enum value_type type;
    is_there = value_type_of(name, &type);
    ensure(is_there);
    return type;
}

const struct json *path_find_stored(const struct path *path, const struct json *item)
{
    if (item == NULL) {
        return NULL;
    }
    const struct json *found = json_get(item, path->elements[0].name);
    for (size_t i = 1; i < path->count && found != NULL; i++) {
        const struct path_element *element = &path->elements[i];
        const struct json *content;
        enum value_type type = stored_type(found, &content);
        if (element->is_index) {
            found = type == VALUE_L ? json_at(content, element->index) : NULL;
        } else {
            found = type == VALUE_M ? json_get(content, element->name) : NULL;
        }
    }
    return found;
}

const struct value *path_find(const struct path *path, const struct value *item)
{
    const struct value *found = item;
    for (size_t i = 0; i < path->count && found != NULL; i++) {
        const struct path_element *element = &path->elements[i];
        if (element->is_index) {
            bool is_inside = found->type == VALUE_L && element->index < found->count;
            found = is_inside ? &found->elements[element->index] : NULL;
        } else {
            found = found->type == VALUE_M ? value_map_get(found, element->name) : NULL;
        }
    }
    return found;
}

/* Indexes before names. */
static int compare_elements(const struct path_element *a, const struct path_element *b)
{
    if (a->is_index != b->is_index) {
        return a->is_index ? -1 : 1;
    }
    if (a->is_index) {
        return (a->index > b->index) - (a->index < b->index);
    }
    return str_compare(a->name, b->name);
}

bool path_equal(const struct path *a, const struct path *b)
{
    bool is_equal = a->count == b->count;
    for (size_t i = 0; i < a->count && is_equal; i++) {
        is_equal = compare_elements(&a->elements[i], &b->elements[i]) == 0;
    }
    return is_equal;
}

struct str path_text(const struct path *path, struct arena *arena)
{
    size_t bytes = 2;
    for (size_t i = 0; i < path->count; i++) {
        bytes += path->elements[i].name.n + 4;
    }
    char *text = arena_alloc(arena, bytes);
    size_t n = 0;
    text[n++] = '[';
    for (size_t i = 0; i < path->count; i++) {
        const struct path_element *element = &path->elements[i];
        if (i > 0) {
            text[n++] = ',';
            text[n++] = ' ';
        }
        if (element->is_index) {
            text[n++] = '[';
        }
        memcpy(text + n, element->name.p, element->name.n);
        n += element->name.n;
        if (element->is_index) {
            text[n++] = ']';
        }
    }
    text[n++] = ']';
    return str_of(text, n);
}

/* ---- The tree of many paths ---- */

struct path_ref {
    const struct path *path;
    size_t number;
};

static int compare_refs(const void *a, const void *b)
{
    const struct path_ref *x = a;
    const struct path_ref *y = b;
    for (size_t i = 0; i < x->path->count && i < y->path->count; i++) {
        int c = compare_elements(&x->path->elements[i], &y->path->elements[i]);
        if (c != 0) {
            return c;
        }
    }
    if (x->path->count != y->path->count) {
        return x->path->count < y->path->count ? -1 : 1;
    }
    return (x->number > y->number) - (x->number < y->number);
}

#define FEW 8

/* An expression has a handful of them: the library's sort costs more than it saves there. */
static void sort_refs(struct path_ref *refs, size_t count)
{
    if (count > FEW) {
        qsort(refs, count, sizeof(*refs), compare_refs);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        struct path_ref moving = refs[i];
        size_t at = i;
        while (at > 0 && compare_refs(&refs[at - 1], &moving) > 0) {
            refs[at] = refs[at - 1];
            at--;
        }
        refs[at] = moving;
    }
}

static size_t least_number(const struct path_ref *refs, size_t count)
{
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        least = refs[i].number < least ? refs[i].number : least;
    }
    return least;
}

/* a and b: numbers of paths, or SIZE_MAX for none. */
static void note_clash(struct clash *clash, enum clash_kind kind, size_t a, size_t b)
{
    if (a == SIZE_MAX || b == SIZE_MAX || (clash->kind == CLASH_OVERLAP && kind == CLASH_CONFLICT)) {
        return;
    }
    size_t one = a < b ? a : b;
    size_t two = a < b ? b : a;
    bool is_earlier = two < clash->two || (two == clash->two && one < clash->one);
    if (clash->kind != kind || is_earlier) {
        *clash = (struct clash){.kind = kind, .one = one, .two = two};
    }
}

static bool same_element(const struct path_ref *a, const struct path_ref *b, size_t depth)
{
    return compare_elements(&a->path->elements[depth], &b->path->elements[depth]) == 0;
}

/* One below another: `refs` share everything before `depth`, are sorted and none ends there. Returns the first that is
 * not of the kind of element asked for. */
static size_t split(const struct path_ref *refs, size_t count, size_t depth, bool indexes, size_t *groups)
{
    size_t n = 0;
    *groups = 0;
    while (n < count && refs[n].path->elements[depth].is_index == indexes) {
        *groups += n == 0 || !same_element(&refs[n - 1], &refs[n], depth);
        n++;
    }
    return n;
}

static void grow(struct branch *branch, const struct path_ref *refs, size_t count, size_t depth, struct arena *arena,
                 struct clash *clash);

static struct branch *grow_children(const struct path_ref *refs, size_t count, size_t depth, size_t groups,
                                    struct arena *arena, struct clash *clash)
{
    struct branch *children = arena_array(arena, struct branch, groups);
    size_t child = 0;
    for (size_t from = 0; from < count; child++) {
        size_t to = from + 1;
        while (to < count && same_element(&refs[from], &refs[to], depth)) {
            to++;
        }
        const struct path_element *element = &refs[from].path->elements[depth];
        children[child].name = element->name;
        children[child].index = element->index;
        grow(&children[child], refs + from, to - from, depth + 1, arena, clash);
        from = to;
    }
    return children;
}

static void grow(struct branch *branch, const struct path_ref *refs, size_t count, size_t depth, struct arena *arena,
                 struct clash *clash)
{
    size_t ends = 0;
    while (ends < count && refs[ends].path->count == depth) {
        ends++;
    }
    branch->path = ends > 0 ? refs[ends - 1].number : BRANCH_GOES_ON;
    if (ends > 0) {
        note_clash(clash, CLASH_OVERLAP, refs[0].number, least_number(refs + 1, count - 1));
    }
    refs += ends;
    count -= ends;
    if (count == 0) { /* as below nearly every path */
        return;
    }
    size_t index_refs = split(refs, count, depth, true, &branch->index_count);
    size_t name_refs = split(refs + index_refs, count - index_refs, depth, false, &branch->name_count);
    note_clash(clash, CLASH_CONFLICT, least_number(refs, index_refs), least_number(refs + index_refs, name_refs));
    branch->indexes = grow_children(refs, index_refs, depth, branch->index_count, arena, clash);
    branch->names = grow_children(refs + index_refs, name_refs, depth, branch->name_count, arena, clash);
}

void branch_build(struct branch *root, path_at *path_of, const void *context, size_t count, struct arena *arena,
                  struct clash *clash)
{
    struct path_ref *refs = arena_array(arena, struct path_ref, count);
    for (size_t i = 0; i < count; i++) {
        refs[i] = (struct path_ref){.path = path_of(context, i), .number = i};
    }
    sort_refs(refs, count);
    *root = (struct branch){.path = BRANCH_GOES_ON};
    *clash = (struct clash){.kind = CLASH_NONE};
    grow(root, refs, count, 0, arena, clash);
}

bool clash_error(const struct clash *clash, path_at *path_of, const void *context, enum expr_kind kind, struct err *err)
{
    struct str one = path_text(path_of(context, clash->one), err->arena);
    struct str two = path_text(path_of(context, clash->two), err->arena);
    return expr_error(
        err, kind,
        "Two document paths %s with each other; must remove or rewrite one of these paths; path one: %.*s, "
        "path two: %.*s",
        clash->kind == CLASH_OVERLAP ? "overlap" : "conflict", STR_ARG(one), STR_ARG(two));
}
