/* SPDX-License-Identifier: Apache-2.0 */
/* placeholders.c — ExpressionAttributeNames and ExpressionAttributeValues: what is wrong with them by themselves,
 * look-up, and which of them no expression used. A request may carry as many as fit into its body, so look-up among many is
 * a binary search; the order of the request is kept beside it for the list of the unused. */
#include "expr/placeholders.h"

#include "expr/ast.h"

#include <stdlib.h>

#define KEY_BYTES_MAX 255
#define FEW 8

struct placeholder {
    struct str key;
    size_t order; /* in the request */
    bool is_used;
    struct str name;           /* of #name */
    const struct value *value; /* of :value */
};

struct placeholder_map {
    struct placeholder *items; /* more than FEW: sorted by key. Of equal keys the last of the request stays */
    size_t count;
};

struct placeholders {
    struct placeholder_map names;
    struct placeholder_map values;
    struct arena *arena;
};

static int compare_keys(const void *a, const void *b)
{
    const struct placeholder *x = a;
    const struct placeholder *y = b;
    int c = str_compare(x->key, y->key);
    return c != 0 ? c : (x->order > y->order) - (x->order < y->order);
}

static int compare_orders(const void *a, const void *b)
{
    const struct placeholder *x = a;
    const struct placeholder *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

/* A request has a handful of them, told apart by their lengths: they stay as they came. */
static void drop_doubles_of_few(struct placeholder_map *map)
{
    size_t kept = 0;
    for (size_t i = 0; i < map->count; i++) {
        size_t later = i + 1;
        while (later < map->count && !str_eq(map->items[i].key, map->items[later].key)) {
            later++;
        }
        if (later < map->count) {
            continue;
        }
        if (kept < i) {
            map->items[kept] = map->items[i];
        }
        kept++;
    }
    map->count = kept;
}

static void map_finish(struct placeholder_map *map)
{
    if (map->count <= FEW) {
        drop_doubles_of_few(map);
        return;
    }
    qsort(map->items, map->count, sizeof(*map->items), compare_keys);
    size_t kept = 0;
    for (size_t i = 0; i < map->count; i++) {
        if (i + 1 < map->count && str_eq(map->items[i].key, map->items[i + 1].key)) {
            continue;
        }
        map->items[kept++] = map->items[i];
    }
    map->count = kept;
}

static struct placeholder *find_sorted(struct placeholder_map *map, struct str key)
{
    size_t low = 0;
    size_t high = map->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int c = str_compare(key, map->items[middle].key);
        if (c == 0) {
            return &map->items[middle];
        }
        if (c < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

/* Of more than FEW that were one name twice, FEW may be left: sorted they do no harm. */
static struct placeholder *map_find(struct placeholder_map *map, struct str key)
{
    if (map->count > FEW) {
        return find_sorted(map, key);
    }
    for (size_t i = 0; i < map->count; i++) {
        if (str_eq(map->items[i].key, key)) {
            return &map->items[i];
        }
    }
    return NULL;
}

/* ---- Reading ---- */

/* ERR_REQUEST, but a key that does not start with its mark stays bare everywhere (2026 D.6). */
static bool check_key(struct str key, char mark, const char *member, struct err *err)
{
    bool starts = key.n > 0 && key.p[0] == mark;
    if (starts && key.n > KEY_BYTES_MAX) {
        return err_set(
            err, ERR_REQUEST,
            "%s contains invalid key: The expression attribute map contains a key that is too long; size of key: %zu",
            member, key.n);
    }
    bool is_good = starts && key.n > 1;
    for (size_t i = 1; i < key.n && is_good; i++) {
        char c = key.p[i];
        is_good = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
    }
    return is_good || err_set(err, starts ? ERR_REQUEST : ERR_VALIDATION,
                              "%s contains invalid key: Syntax error; key: \"%.*s\"", member, STR_ARG(key));
}

/* `null` members count as absent. */
static bool check_keys(const struct json *object, char mark, const char *member, struct err *err)
{
    struct json_iter iter = json_iter(object);
    struct str key;
    const struct json *json;
    while (json_next(&iter, &key, &json)) {
        if (!check_key(key, mark, member, err)) {
            return false;
        }
    }
    return json_count(object) > 0 || err_set(err, ERR_REQUEST, "%s must not be empty", member);
}

bool placeholders_check_names(const struct json *names, struct err *err)
{
    if (names == NULL || json_type(names) != JSON_OBJECT) {
        return true;
    }
    struct json_iter iter = json_iter(names);
    struct str key;
    const struct json *json;
    while (json_next(&iter, &key, &json)) {
        if (json_type(json) == JSON_STRING && json_str(json).n == 0) {
            return err_set(err, ERR_REQUEST,
                           "ExpressionAttributeNames contains invalid value: Empty attribute name for key %.*s",
                           STR_ARG(key));
        }
    }
    return true;
}

static bool read_names(struct placeholders *placeholders, const struct json *names, struct err *err)
{
    if (!check_keys(names, '#', "ExpressionAttributeNames", err) || !placeholders_check_names(names, err)) {
        return false;
    }
    struct placeholder_map *map = &placeholders->names;
    map->items = arena_array(placeholders->arena, struct placeholder, json_count(names));
    struct json_iter iter = json_iter(names);
    struct str key;
    const struct json *json;
    while (json_next(&iter, &key, &json)) {
        if (json_type(json) == JSON_STRING) {
            map->items[map->count] = (struct placeholder){.key = key, .order = map->count, .name = json_str(json)};
            map->count++;
        }
    }
    map_finish(map);
    return true;
}

static bool contains(struct str text, struct str part)
{
    for (size_t i = 0; i + part.n <= text.n; i++) {
        if (memcmp(text.p + i, part.p, part.n) == 0) {
            return true;
        }
    }
    return false;
}

/* Errors of values carry no kind of their own: they are told apart by their texts, the constant part of which comes
 * before anything that the request says. */
static bool names_the_key(const struct err *inner, unsigned naming)
{
    static const struct {
        const char *text;
        unsigned naming;
    } families[] = {
        {"AttributeValue is empty", NAMING_EMPTY},       {"more than one datatypes set", NAMING_SEVERAL},
        {"Null attribute value types", NAMING_NULL},     {"Input collection ", NAMING_DUPLICATES},
        {"be converted to a numeric", NAMING_NUMBER},    {"Number overflow", NAMING_NUMBER},
        {"Number underflow", NAMING_NUMBER},             {"38 significant digits", NAMING_NUMBER},
    };
    struct str head = str_of(inner->message.p, inner->message.n < 80 ? inner->message.n : 80);
    if (contains(head, STR("set  may not be empty")) || contains(head, STR(VALUE_EMPTY_BINARY_SET_TEXT))) {
        return true;
    }
    if (inner->kind != ERR_VALIDATION) {
        return false;
    }
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        if (contains(head, str_from(families[i].text))) {
            return (naming & families[i].naming) != 0;
        }
    }
    return true;
}

struct reading {
    enum value_dialect dialect;
    unsigned naming;
};

bool expr_value_error(enum err_kind kind, struct str reason, struct str key, struct err *err)
{
    return err_set(err, kind, "ExpressionAttributeValues contains invalid value: %.*s for key %.*s", STR_ARG(reason),
                   STR_ARG(key));
}

static bool read_value(const struct json *json, struct str key, struct reading reading, struct arena *arena,
                       const struct value **out, struct err *err)
{
    struct value *value = arena_alloc(arena, sizeof(*value));
    struct err inner;
    err_init(&inner, arena);
    if (value_read(json, arena, reading.dialect, value, &inner)) {
        *out = value;
        return true;
    }
    if (!names_the_key(&inner, reading.naming)) {
        return err_set_text(err, inner.kind, inner.message);
    }
    return expr_value_error(inner.kind, inner.message, key, err);
}

static bool read_values(struct placeholders *placeholders, const struct json *values, struct reading reading,
                        struct err *err)
{
    if (!check_keys(values, ':', "ExpressionAttributeValues", err)) {
        return false;
    }
    struct placeholder_map *map = &placeholders->values;
    map->items = arena_array(placeholders->arena, struct placeholder, json_count(values));
    struct json_iter iter = json_iter(values);
    struct str key;
    const struct json *json;
    while (json_next(&iter, &key, &json)) {
        struct placeholder *placeholder = &map->items[map->count];
        *placeholder = (struct placeholder){.key = key, .order = map->count};
        if (!read_value(json, key, reading, placeholders->arena, &placeholder->value, err)) {
            return false;
        }
        map->count++;
    }
    map_finish(map);
    return true;
}

bool placeholders_read_naming(const struct json *names, const struct json *values, enum value_dialect dialect,
                              unsigned naming, struct arena *arena, struct placeholders **out, struct err *err)
{
    struct placeholders *placeholders = arena_new(arena, struct placeholders);
    placeholders->arena = arena;
    *out = placeholders;
    bool has_names = names != NULL && json_type(names) == JSON_OBJECT;
    bool has_values = values != NULL && json_type(values) == JSON_OBJECT;
    return (!has_names || read_names(placeholders, names, err)) &&
           (!has_values || read_values(placeholders, values, (struct reading){dialect, naming}, err));
}

bool placeholders_read(const struct json *names, const struct json *values, enum value_dialect dialect,
                       struct arena *arena, struct placeholders **out, struct err *err)
{
    return placeholders_read_naming(names, values, dialect, NAMING_ALL, arena, out, err);
}

/* ---- Use ---- */

bool placeholders_use_name(struct placeholders *placeholders, struct str key, struct str *out)
{
    struct placeholder *found = placeholders == NULL ? NULL : map_find(&placeholders->names, key);
    if (found == NULL) {
        return false;
    }
    found->is_used = true;
    *out = found->name;
    return true;
}

bool placeholders_use_value(struct placeholders *placeholders, struct str key, const struct value **out)
{
    struct placeholder *found = placeholders == NULL ? NULL : map_find(&placeholders->values, key);
    if (found == NULL) {
        return false;
    }
    found->is_used = true;
    *out = found->value;
    return true;
}

static bool check_unused(const struct placeholder_map *map, const char *member, struct arena *arena, struct err *err)
{
    size_t count = 0;
    for (size_t i = 0; i < map->count; i++) {
        count += !map->items[i].is_used;
    }
    if (count == 0) {
        return true;
    }
    struct placeholder *unused = arena_array(arena, struct placeholder, count);
    count = 0;
    for (size_t i = 0; i < map->count; i++) {
        if (!map->items[i].is_used) {
            unused[count++] = map->items[i];
        }
    }
    qsort(unused, count, sizeof(*unused), compare_orders);
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        bytes += unused[i].key.n + 2;
    }
    char *list = arena_alloc(arena, bytes);
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        memcpy(list + n, unused[i].key.p, unused[i].key.n);
        n += unused[i].key.n;
        memcpy(list + n, ", ", 2);
        n += 2;
    }
    return err_set(err, ERR_REQUEST, "Value provided in %s unused in expressions: keys: {%.*s}", member, (int)(n - 2),
                   list);
}

bool placeholders_check_unused(const struct placeholders *placeholders, struct err *err)
{
    return placeholders == NULL ||
           (check_unused(&placeholders->names, "ExpressionAttributeNames", placeholders->arena, err) &&
            check_unused(&placeholders->values, "ExpressionAttributeValues", placeholders->arena, err));
}
