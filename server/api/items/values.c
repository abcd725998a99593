/* SPDX-License-Identifier: Apache-2.0 */
/* Walks over the AttributeValues of a request. One walker visits every AttributeValue at any depth; what is looked for
 * is a small visitor, so that the rules do not repeat the shape of the tree. Only small trees and requests that are
 * refused anyway come here: items to put are read straight away. */
#include "server/api/items/values.h"

#include "core/limits.h"
#include "core/value_json.h"

/* From this many containers on the newer layer gives up and the older one answers, without the envelope. */
#define NESTING_BARE 63

struct walk {
    /* True: found, stop. */
    bool (*visit)(struct walk *walk, const struct json *value, size_t depth);
    size_t deepest;
};

static bool walk_value(struct walk *walk, const struct json *value, size_t depth);

static bool walk_children(struct walk *walk, const struct json *container, size_t depth)
{
    struct json_iter iter = json_iter(container);
    const struct json *child;
    while (json_next(&iter, NULL, &child)) {
        if (walk_value(walk, child, depth)) {
            return true;
        }
    }
    return false;
}

/* {"S":"…"} and the like: nearly all are, and no visitor has anything to find there. */
static bool is_plain(const struct json *value)
{
    struct str name;
    struct str text;
    return json_lone_string(value, &name, &text) && name.n == 1;
}

static bool walk_value(struct walk *walk, const struct json *value, size_t depth)
{
    if (json_type(value) != JSON_OBJECT) {
        return false;
    }
    walk->deepest = depth > walk->deepest ? depth : walk->deepest;
    if (is_plain(value)) {
        return false;
    }
    if (walk->visit(walk, value, depth)) {
        return true;
    }
    const struct json *list = json_get(value, STR("L"));
    if (list && json_type(list) == JSON_ARRAY && walk_children(walk, list, depth + 1)) {
        return true;
    }
    const struct json *map = json_get(value, STR("M"));
    return map && json_type(map) == JSON_OBJECT && walk_children(walk, map, depth + 1);
}

static bool walk_item(struct walk *walk, const struct json *item)
{
    return item && json_type(item) == JSON_OBJECT && walk_children(walk, item, 0);
}

static bool visit_null(struct walk *walk, const struct json *value, size_t depth)
{
    (void)walk;
    (void)depth;
    const struct json *null = json_get(value, STR("NULL"));
    bool truth = true;
    return null && json_lenient_boolean(null, &truth) && !truth;
}

static bool visit_nothing(struct walk *walk, const struct json *value, size_t depth)
{
    (void)walk;
    (void)value;
    (void)depth;
    return false; /* walk_value keeps it */
}

static bool visit_older(struct walk *walk, const struct json *value, size_t depth)
{
    (void)walk;
    (void)depth;
    static const char *const types[] = {"S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"};
    size_t count = 0;
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        const struct json *member = json_get(value, str_from(types[i]));
        if (!member || json_type(member) == JSON_NULL) {
            continue;
        }
        count++;
        bool is_boolean = types[i][1] == 'O' || types[i][1] == 'U';
        if (count > 1 || (is_boolean && json_type(member) == JSON_STRING)) {
            return true;
        }
    }
    return false;
}

static bool nesting_result(const struct walk *walk, bool is_deep, struct err *err)
{
    if (walk->deepest < LIMIT_NESTING + (size_t)is_deep) {
        return true;
    }
    return err_set(err, walk->deepest < NESTING_BARE ? ERR_REQUEST : ERR_VALIDATION, "%s", VALUE_NESTING_TEXT);
}

bool values_check_names(const struct json *values, struct err *err)
{
    if (!values) {
        return true;
    }
    struct json_iter iter = json_iter(values);
    struct str name;
    const struct json *value;
    while (json_next(&iter, &name, &value)) {
        if (json_type(value) == JSON_OBJECT && !value_check_names(value, err)) {
            return false;
        }
    }
    return true;
}

bool value_check_nulls(const struct json *value, struct err *err)
{
    struct walk walk = {.visit = visit_null};
    return !value || !walk_value(&walk, value, 0) || err_set(err, ERR_REQUEST, "%s", VALUE_NULL_TEXT);
}

bool item_check_nulls(const struct json *item, struct err *err)
{
    struct walk walk = {.visit = visit_null};
    return !walk_item(&walk, item) || err_set(err, ERR_REQUEST, "%s", VALUE_NULL_TEXT);
}

bool value_check_nesting(const struct json *value, bool is_deep, struct err *err)
{
    struct walk walk = {.visit = visit_nothing};
    (void)(value && walk_value(&walk, value, 0));
    return nesting_result(&walk, is_deep, err);
}

bool item_check_nesting(const struct json *item, struct err *err)
{
    struct walk walk = {.visit = visit_nothing};
    (void)walk_item(&walk, item);
    return nesting_result(&walk, false, err);
}

bool value_is_older(const struct json *value)
{
    struct walk walk = {.visit = visit_older};
    return value && walk_value(&walk, value, 0);
}

bool item_is_older(const struct json *item)
{
    struct walk walk = {.visit = visit_older};
    return walk_item(&walk, item);
}

bool item_is_beyond_newer(const struct json *item)
{
    struct walk walk = {.visit = visit_nothing};
    (void)walk_item(&walk, item);
    return walk.deepest >= NESTING_BARE;
}

bool value_has_empty_name(const struct value *v)
{
    switch (v->type) {
    case VALUE_L:
        for (size_t i = 0; i < v->count; i++) {
            if (value_has_empty_name(&v->elements[i])) {
                return true;
            }
        }
        return false;
    case VALUE_M:
        if (v->count > 0 && v->members[0].name.n == 0) {
            return true; /* they are sorted */
        }
        for (size_t i = 0; i < v->count; i++) {
            const struct value *child = &v->members[i].value;
            if (child->type >= VALUE_L && value_has_empty_name(child)) {
                return true;
            }
        }
        return false;
    case VALUE_S:
    case VALUE_N:
    case VALUE_B:
    case VALUE_BOOL:
    case VALUE_NULL:
    case VALUE_SS:
    case VALUE_NS:
    case VALUE_BS:
        return false;
    }
    ensure(false);
    return false;
}
