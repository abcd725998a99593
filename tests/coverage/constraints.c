/* SPDX-License-Identifier: Apache-2.0 */
/* constraints.c — prints every constraint that the operations' tables of fields state, one a line, as tab-separated
 *
 *     operation   path   text
 *
 * where the path is the one that an error prints, with # for the place in a list and * for the key in a map, and the text is what comes after
 * "failed to satisfy constraint: " (without a path for fields that print none). The registry is walked as it is linked, so nothing can be left
 * out; cover.py looks for a case of each. */
#include "server/api/op.h"

#include <inttypes.h>
#include <stdio.h>

#define PATH_MAX_BYTES 512

static const struct op *const ops[] = {
#define OP(wire_name, symbol) &op_##symbol,
#include "server/api/ops.def"
#undef OP
};

static bool has_length(const struct field *field)
{
    return field->type == FIELD_TYPE_STRING || field->type == FIELD_TYPE_LIST || field->type == FIELD_TYPE_MAP ||
           field->type == FIELD_TYPE_ITEM || field->type == FIELD_TYPE_STRING_MAP;
}

static void print_own(const struct op *op, const struct field *field, const char *path)
{
    const char *shown = field->style == STYLE_PLAIN ? "" : path;
    const char *what = has_length(field) ? "length" : "value";
    if (field->required) {
        printf("%s\t%s\tMember must not be null\n", op->name, path);
    }
    if (field->min != 0 || field->has_min) {
        printf("%s\t%s\tMember must have %s greater than or equal to %" PRId64 "\n", op->name, shown, what, field->min);
    }
    if (field->max != 0) {
        printf("%s\t%s\tMember must have %s less than or equal to %" PRId64 "\n", op->name, shown, what, field->max);
    }
    if (field->pattern != NULL) {
        printf("%s\t%s\tMember must satisfy regular expression pattern: %s\n", op->name, shown, field->pattern);
    }
    if (field->one_of != NULL) {
        printf("%s\t%s\tMember must satisfy enum value set: %s\n", op->name, shown, field->one_of);
    }
}

static void walk(const struct op *op, const struct field *fields, const char *parent);

/* What lies inside of a field that stands at path. */
static void walk_inside(const struct op *op, const struct field *field, const char *path)
{
    if (field->type == FIELD_TYPE_STRUCT) {
        walk(op, field->of, path);
    } else if (field->type == FIELD_TYPE_LIST || field->type == FIELD_TYPE_MAP) {
        char element[PATH_MAX_BYTES];
        snprintf(element, sizeof element, "%s.%s.member", path, field->type == FIELD_TYPE_LIST ? "#" : "*");
        print_own(op, field->of, element);
        walk_inside(op, field->of, element);
    }
}

static void walk(const struct op *op, const struct field *fields, const char *parent)
{
    for (const struct field *field = fields; field->name != NULL; field++) {
        const char *name = field->path != NULL ? field->path : field->name;
        char path[PATH_MAX_BYTES];
        snprintf(path, sizeof path, "%s%s%s", parent, parent[0] != '\0' ? "." : "", name);
        print_own(op, field, path);
        walk_inside(op, field, path);
    }
}

int main(void)
{
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
        if (ops[i]->input != NULL) {
            walk(ops[i], ops[i]->input, "");
        }
    }
    return 0;
}
