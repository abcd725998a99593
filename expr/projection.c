/* SPDX-License-Identifier: Apache-2.0 */
/* projection.c — ProjectionExpression and AttributesToGet: the paths become one tree, and an item is walked along it in
 * the order in which it is stored, so that list elements come out compacted and ascending and paths through one element
 * meet (aws-behaviour.md §5.7). */
#include "expr/bind.h"
#include "expr/parser.h"
#include "expr/path.h"

struct projection {
    struct path *paths;
    size_t count;
    struct branch root;
    struct arena *arena;
};

static const struct path *path_of(const void *context, size_t i)
{
    const struct projection *projection = context;
    return &projection->paths[i];
}

bool projection_parse(struct str text, struct arena *arena, struct projection **out, struct err *err)
{
    struct projection *projection = arena_new(arena, struct projection);
    projection->arena = arena;
    *out = projection;
    return parse_projection(text, arena, &projection->paths, &projection->count, err);
}

bool projection_bind(struct projection *projection, struct placeholders *placeholders, struct err *err)
{
    for (size_t i = 0; i < projection->count; i++) {
        if (!bind_path(&projection->paths[i], placeholders, EXPR_PROJECTION, err)) {
            return false;
        }
    }
    struct clash clash;
    branch_build(&projection->root, path_of, projection, projection->count, projection->arena, &clash);
    return clash.kind == CLASH_NONE || clash_error(&clash, path_of, projection, EXPR_PROJECTION, err);
}

struct projection *projection_of_names(struct arena *arena, const struct str *names, size_t count)
{
    struct projection *projection = arena_new(arena, struct projection);
    struct path_element *elements = arena_array(arena, struct path_element, count);
    projection->paths = arena_array(arena, struct path, count);
    projection->count = count;
    projection->arena = arena;
    for (size_t i = 0; i < count; i++) {
        elements[i] = (struct path_element){.text = names[i], .name = names[i]};
        projection->paths[i] = (struct path){.elements = &elements[i], .count = 1};
    }
    struct clash clash;
    branch_build(&projection->root, path_of, projection, count, arena, &clash);
    return projection;
}

void projection_visit_paths(const struct projection *projection, path_visitor *visit, void *context)
{
    for (size_t i = 0; i < projection->count; i++) {
        const struct path *path = &projection->paths[i];
        if (!visit(context, path->elements[0].name, path->count > 1)) {
            return;
        }
    }
}

/* ---- Writing ---- */

static bool write_attribute(const struct branch *branch, const struct json *attribute, bool java_sets, struct buf *out);

static const struct branch *find_branch(const struct branch *branches, size_t count, struct str name)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int c = str_compare(name, branches[middle].name);
        if (c == 0) {
            return &branches[middle];
        }
        if (c < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

/* `{…}` of what matches; false if nothing does. */
static bool write_members(const struct branch *branch, const struct json *map, bool java_sets, struct buf *out)
{
    bool has_any = false;
    size_t left = branch->name_count;
    buf_add_byte(out, '{');
    struct json_iter iter = json_iter(map);
    struct str name;
    const struct json *attribute;
    while (left > 0 && json_next(&iter, &name, &attribute)) {
        const struct branch *child = find_branch(branch->names, branch->name_count, name);
        if (child == NULL) {
            continue;
        }
        left--;
        size_t before = out->n;
        buf_add_str(out, has_any ? STR(",") : STR(""));
        json_write_string(out, name);
        buf_add_byte(out, ':');
        if (write_attribute(child, attribute, java_sets, out)) {
            has_any = true;
        } else {
            buf_truncate(out, before);
        }
    }
    buf_add_byte(out, '}');
    return has_any;
}

/* `[…]` */
static bool write_elements(const struct branch *branch, const struct json *list, bool java_sets, struct buf *out)
{
    bool has_any = false;
    size_t next = 0; /* of the branch's indexes */
    buf_add_byte(out, '[');
    struct json_iter iter = json_iter(list);
    const struct json *attribute;
    for (size_t i = 0; next < branch->index_count && json_next(&iter, NULL, &attribute); i++) {
        if (branch->indexes[next].index != i) {
            continue;
        }
        size_t before = out->n;
        buf_add_str(out, has_any ? STR(",") : STR(""));
        if (write_attribute(&branch->indexes[next], attribute, java_sets, out)) {
            has_any = true;
        } else {
            buf_truncate(out, before);
        }
        next++;
    }
    buf_add_byte(out, ']');
    return has_any;
}

static bool write_attribute(const struct branch *branch, const struct json *attribute, bool java_sets, struct buf *out)
{
    if (branch->path != BRANCH_GOES_ON) {
        if (java_sets) {
            value_text_write_java_sets(out, attribute);
        } else {
            json_write(out, attribute);
        }
        return true;
    }
    const struct json *content;
    enum value_type type = stored_type(attribute, &content);
    bool has_any = false;
    if (type == VALUE_M && branch->name_count > 0) {
        buf_add_literal(out, "{\"M\":");
        has_any = write_members(branch, content, java_sets, out);
        buf_add_byte(out, '}');
    } else if (type == VALUE_L && branch->index_count > 0) {
        buf_add_literal(out, "{\"L\":");
        has_any = write_elements(branch, content, java_sets, out);
        buf_add_byte(out, '}');
    }
    return has_any;
}

bool projection_write(const struct projection *projection, const struct json *item, bool java_sets,
                      struct arena *scratch, struct buf *out)
{
    (void)scratch;
    return write_members(&projection->root, item, java_sets, out);
}
