/* SPDX-License-Identifier: Apache-2.0 */
/* shape_check.c — the constraints of decoded input, by the same tables of fields. Every text of the envelope is made here: aws-behaviour.md
 * §2.1, 2026 D.1, D.2. Where in the request a field stands is a chain of nodes on the stack, and becomes text only when there is something to
 * report, so input that is right costs a few comparisons a field. */
#include "core/utf8.h"
#include "server/api/echo.h"
#include "server/api/shape.h"

#include <inttypes.h>
#include <stdio.h>

#define ENTRIES_MAX 10
#define FAILED "failed to satisfy constraint: "

enum node_kind { NODE_FIELD, NODE_ELEMENT, NODE_ENTRY };

struct node {
    const struct node *parent;
    enum node_kind kind;
    const struct field *field;
    size_t index;   /* NODE_ELEMENT, from 0 */
    struct str key; /* NODE_ENTRY */
};

struct shape_report {
    struct arena *arena;
    const struct node *at;
    int stage;          /* of what is being tested */
    bool is_bare;
    int reported_stage; /* of the entries */
    size_t count;
    struct str entries[ENTRIES_MAX];
    bool first_is_bare;
};

/* ---- Reporting ---- */

/* Asked before a text is made: a list of a million wrong elements must not cost a million texts. */
static bool is_wanted(const struct shape_report *report)
{
    return report->count == 0 || report->stage < report->reported_stage ||
           (report->stage == report->reported_stage && report->count < ENTRIES_MAX);
}

static void add_entry(struct shape_report *report, struct str text)
{
    ensure(is_wanted(report));
    if (report->count == 0 || report->stage < report->reported_stage) {
        report->count = 0;
        report->reported_stage = report->stage;
        report->first_is_bare = report->is_bare;
    }
    report->entries[report->count++] = text;
}

void shape_report_add(struct shape_report *report, const char *format, ...)
{
    if (!is_wanted(report)) {
        return;
    }
    va_list args;
    va_start(args, format);
    add_entry(report, arena_vprintf(report->arena, format, args));
    va_end(args);
}

static void path_write(const struct node *node, bool is_newer, struct buf *out)
{
    if (node->parent != NULL) {
        path_write(node->parent, is_newer, out);
        buf_add_byte(out, '.');
    }
    switch (node->kind) {
    case NODE_FIELD: {
        const char *name = node->field->name;
        if (node->field->path != NULL) {
            buf_add_str(out, str_from(node->field->path));
        } else if (is_newer || name[0] < 'A' || name[0] > 'Z') {
            buf_add_str(out, str_from(name));
        } else {
            buf_add_byte(out, (char)(name[0] - 'A' + 'a'));
            buf_add_str(out, str_from(name + 1));
        }
        break;
    }
    case NODE_ELEMENT:
        buf_add_u64(out, node->index + 1);
        buf_add_literal(out, ".member");
        break;
    case NODE_ENTRY:
        buf_add_str(out, node->key);
        buf_add_literal(out, ".member");
        break;
    }
}

static struct str path_text(const struct shape_report *report, bool is_newer)
{
    struct buf out;
    /* A map's key may be as long as the body. */
    buf_init(&out, (size_t)64 * 1024 * 1024);
    path_write(report->at, is_newer, &out);
    struct str text = arena_copy(report->arena, str_of(out.p, out.n));
    buf_release(&out);
    return text;
}

struct str shape_report_path(const struct shape_report *report)
{
    return path_text(report, false);
}

struct arena *shape_report_arena(const struct shape_report *report)
{
    return report->arena;
}

static struct str concat(struct arena *arena, const struct str *parts, size_t count)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        n += parts[i].n;
    }
    char *p = arena_alloc(arena, n);
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].n > 0) {
            memcpy(p + at, parts[i].p, parts[i].n);
            at += parts[i].n;
        }
    }
    return str_of(p, at);
}

/* What is missing prints without quotes and, in every style, with its classic path. */
static void report_null(struct shape_report *report, struct str constraint)
{
    if (is_wanted(report)) {
        struct str parts[] = {STR("Value null at '"), path_text(report, false), STR("' " FAILED), constraint};
        add_entry(report, concat(report->arena, parts, 4));
    }
}

/* Not by a format: values may hold a NUL. */
static void report_text(struct shape_report *report, const struct field *field, const void *value, bool is_element,
                        struct str constraint)
{
    if (!is_wanted(report)) {
        return;
    }
    switch (field->style) {
    case STYLE_PLAIN: {
        struct str parts[] = {STR("Failed to satisfy constraint: "), constraint};
        add_entry(report, concat(report->arena, parts, 2));
        return;
    }
    case STYLE_NEWER: {
        struct str parts[] = {STR("Value at '"), path_text(report, true), STR("' " FAILED), constraint};
        add_entry(report, concat(report->arena, parts, 4));
        return;
    }
    case STYLE_CLASSIC:
        break;
    }
    struct str echo = echo_field(field, value, is_element, report->arena);
    struct str parts[] = {STR("Value '"), echo, STR("' at '"), path_text(report, false), STR("' " FAILED), constraint};
    add_entry(report, concat(report->arena, parts, 6));
}

/* ---- Constraints ---- */

/* What the constraints look at. */
struct aspects {
    bool is_present;
    bool has_length;
    bool has_number;
    size_t length;
    int64_t number;
    struct str text; /* of strings */
};

static bool is_present(const struct field *field, const void *value)
{
    switch (field->type) {
    case FIELD_TYPE_STRING:
        return ((const struct str *)value)->p != NULL;
    case FIELD_TYPE_BOOL:
        return *(const enum tri *)value != TRI_ABSENT;
    case FIELD_TYPE_INT:
    case FIELD_TYPE_LONG:
        return ((const struct opt_int *)value)->is_present;
    case FIELD_TYPE_DOUBLE:
        return ((const struct opt_double *)value)->is_present;
    case FIELD_TYPE_LIST:
        return ((const struct list *)value)->is_present;
    case FIELD_TYPE_MAP:
        return ((const struct map *)value)->is_present;
    case FIELD_TYPE_ITEM:
    case FIELD_TYPE_STRING_MAP:
    case FIELD_TYPE_STRUCT:
    case FIELD_TYPE_VALUE:
    case FIELD_TYPE_ANY:
        return *(const void *const *)value != NULL;
    case FIELD_TYPE_END:
        break;
    }
    ensure(false);
    return false;
}

static struct aspects aspects_of(const struct field *field, const void *value)
{
    struct aspects a = {.is_present = is_present(field, value)};
    switch (field->type) {
    case FIELD_TYPE_STRING:
        a.text = *(const struct str *)value;
        a.has_length = true;
        a.length = a.is_present && (field->min > 0 || field->max > 0) ? utf8_characters(a.text) : 0;
        break;
    case FIELD_TYPE_INT:
    case FIELD_TYPE_LONG:
        a.has_number = true;
        a.number = ((const struct opt_int *)value)->n;
        break;
    case FIELD_TYPE_LIST:
        a.has_length = true;
        a.length = ((const struct list *)value)->count;
        break;
    case FIELD_TYPE_MAP:
        a.has_length = true;
        a.length = ((const struct map *)value)->count;
        break;
    case FIELD_TYPE_ITEM:
    case FIELD_TYPE_STRING_MAP:
        a.has_length = true;
        a.length = a.is_present ? json_count(*(const struct json *const *)value) : 0;
        break;
    default:
        break;
    }
    return a;
}

static bool is_element_node(const struct shape_report *report)
{
    return report->at->kind != NODE_FIELD;
}

static const void *value_of(const struct shape_report *report, const struct field *field, const void *in)
{
    return is_element_node(report) ? in : (const char *)in + field->offset;
}

void shape_report_constraint(struct shape_report *report, const struct field *field, const void *in, const char *format,
                             ...)
{
    va_list args;
    va_start(args, format);
    struct str constraint = arena_vprintf(report->arena, format, args);
    va_end(args);
    bool is_element = is_element_node(report);
    const void *value = value_of(report, field, in);
    if (!(is_element && field->type == FIELD_TYPE_STRUCT) && !is_present(field, value)) {
        report_null(report, constraint);
    } else {
        report_text(report, field, value, is_element, constraint);
    }
}


/* Is `text` one of "[A, B]"? */
static bool is_one_of(const char *set, struct str text)
{
    const char *p = set + 1;
    for (;;) {
        size_t n = strcspn(p, ",]");
        if (n == text.n && (n == 0 || memcmp(p, text.p, n) == 0)) {
            return true;
        }
        if (p[n] != ',') {
            return false;
        }
        p += n + 2;
    }
}

/* Length or value; true if it is right. */
static bool check_bounds(struct shape_report *report, const struct field *field, const void *value, bool is_element,
                         const struct aspects *a)
{
    if (!a->has_length && !a->has_number) {
        return true;
    }
    const char *what = a->has_length ? "length" : "value";
    int64_t n = a->has_length ? (int64_t)a->length : a->number;
    bool has_min = field->min != 0 || field->has_min;
    const char *side = "greater";
    int64_t limit = field->min;
    if (!(has_min && n < field->min)) {
        if (field->max == 0 || n <= field->max) {
            return true;
        }
        side = "less";
        limit = field->max;
    }
    report_text(report, field, value, is_element,
                arena_printf(report->arena, "Member must have %s %s than or equal to %" PRId64, what, side, limit));
    return false;
}

static void check_text(struct shape_report *report, const struct field *field, const void *value, bool is_element,
                       const struct aspects *a)
{
    if (field->matches != NULL && !field->matches(a->text)) {
        report_text(report, field, value, is_element,
                    arena_printf(report->arena, MUST_MATCH "%s", field->pattern));
    }
    if (field->one_of != NULL && !is_one_of(field->one_of, a->text)) {
        report_text(report, field, value, is_element,
                    arena_printf(report->arena, MUST_BE_ONE_OF "%s", field->one_of));
    }
}

/* The field's own constraints; true if it is present. A struct that is an element always is. */
static bool check_own(struct shape_report *report, const struct field *field, const void *in, const void *value,
                      bool is_element)
{
    bool is_struct_element = is_element && field->type == FIELD_TYPE_STRUCT;
    bool is_there = is_struct_element || is_present(field, value);
    if (field->custom != NULL) {
        field->custom(report, field, in);
        return is_there;
    }
    if (!is_there) {
        if (field->required) {
            report_null(report, STR("Member must not be null"));
        }
        return false;
    }
    struct aspects a = is_struct_element ? (struct aspects){.is_present = true} : aspects_of(field, value);
    if (field->length_first) {
        if (check_bounds(report, field, value, is_element, &a)) {
            check_text(report, field, value, is_element, &a);
        }
    } else {
        check_text(report, field, value, is_element, &a);
        (void)check_bounds(report, field, value, is_element, &a);
    }
    return true;
}

/* ---- Walking ---- */

static void check_fields(struct shape_report *report, const struct field *fields, const void *in);
static void check_inside(struct shape_report *report, const struct field *field, const void *value, bool is_element);

static bool has_constraints(const struct field *field)
{
    return field->required || field->min != 0 || field->max != 0 || field->has_min || field->matches != NULL ||
           field->one_of != NULL || field->custom != NULL || field->of != NULL;
}

static void check_element(struct shape_report *report, const struct field *of, const void *value)
{
    int stage = report->stage;
    bool is_bare = report->is_bare;
    report->stage += of->stage;
    report->is_bare |= of->bare;
    if (check_own(report, of, value, value, true)) {
        check_inside(report, of, value, true);
    }
    report->stage = stage;
    report->is_bare = is_bare;
}

static void check_list(struct shape_report *report, const struct field *field, const struct list *list)
{
    size_t size = shape_element_size(field->of);
    const struct node *parent = report->at;
    for (size_t i = 0; i < list->count; i++) {
        struct node node = {.parent = parent, .kind = NODE_ELEMENT, .field = field->of, .index = i};
        report->at = &node;
        check_element(report, field->of, (const char *)list->items + i * size);
    }
    report->at = parent;
}

static void check_map(struct shape_report *report, const struct field *field, const struct map *map)
{
    size_t size = shape_element_size(field->of);
    const struct node *parent = report->at;
    for (size_t i = 0; i < map->count; i++) {
        struct node node = {.parent = parent, .kind = NODE_ENTRY, .field = field->of, .key = map->names[i]};
        report->at = &node;
        check_element(report, field->of, (const char *)map->items + i * size);
    }
    report->at = parent;
}

static void check_inside(struct shape_report *report, const struct field *field, const void *value, bool is_element)
{
    switch (field->type) {
    case FIELD_TYPE_STRUCT:
        check_fields(report, field->of, is_element ? value : *(const void *const *)value);
        break;
    case FIELD_TYPE_LIST:
        if (has_constraints(field->of)) {
            check_list(report, field, value);
        }
        break;
    case FIELD_TYPE_MAP:
        if (has_constraints(field->of)) {
            check_map(report, field, value);
        }
        break;
    default:
        break;
    }
}

static void check_fields(struct shape_report *report, const struct field *fields, const void *in)
{
    const struct node *parent = report->at;
    int stage = report->stage;
    bool is_bare = report->is_bare;
    for (const struct field *field = fields; field->name != NULL; field++) {
        const void *value = (const char *)in + field->offset;
        if (field->custom == NULL && !field->required && (!is_present(field, value) || !has_constraints(field))) {
            continue;
        }
        struct node node = {.parent = parent, .kind = NODE_FIELD, .field = field};
        report->at = &node;
        report->stage = stage + field->stage;
        report->is_bare = is_bare || field->bare;
        if (check_own(report, field, in, value, false)) {
            check_inside(report, field, value, false);
        }
    }
    report->at = parent;
    report->stage = stage;
    report->is_bare = is_bare;
}

bool shape_check(const struct field *fields, const void *in, struct arena *arena, struct err *err)
{
    struct shape_report report;
    report.arena = arena;
    report.at = NULL;
    report.stage = 0;
    report.is_bare = false;
    report.count = 0;
    check_fields(&report, fields, in);
    if (report.count == 0) {
        return true;
    }
    if (report.first_is_bare) {
        return err_set_text(err, ERR_VALIDATION, report.entries[0]);
    }
    struct str parts[1 + 2 * ENTRIES_MAX];
    size_t n = 0;
    parts[n++] = arena_printf(arena, "%zu validation error%s detected: ", report.count, report.count == 1 ? "" : "s");
    for (size_t i = 0; i < report.count; i++) {
        parts[n++] = i == 0 ? STR("") : STR("; ");
        parts[n++] = report.entries[i];
    }
    return err_set_text(err, ERR_VALIDATION, concat(arena, parts, n));
}
