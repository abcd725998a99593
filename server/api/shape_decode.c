/* SPDX-License-Identifier: Apache-2.0 */
/* shape_decode.c — from a JSON body to an operation's C struct, by its table of fields. Each object is walked once and its members are looked
 * up among the fields (beginning behind the last hit, since clients send them in a steady order), so the cost follows the
 * request and not the table. The first wrong type ends it, with AWS's texts: aws-behaviour.md §1.6, 2026 D.15. */
#include "core/value_json.h"
#include "server/api/shape.h"

#define JAVA_PACKAGE "com.amazonaws.dynamodb.v20120810."
#define JAVA_VALUE JAVA_PACKAGE "AttributeValue"
/* What a scalar gives where a collection stands directly in another one. */
#define PARAMETERIZED_TEXT                                                                                             \
    "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class java.lang.Class "      \
    "(sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class are in module java.base of "    \
    "loader 'bootstrap')"

struct decoding {
    struct arena *arena;
    bool takes_text_numbers;
};

static bool decode_one(const struct field *field, const struct json *json, bool is_element, const struct decoding *how,
                       void *target, struct err *err);
static bool decode_fields(const struct field *fields, const struct json *json, const struct decoding *how, void *in,
                          struct err *err);

size_t shape_element_size(const struct field *element)
{
    switch (element->type) {
    case FIELD_TYPE_STRING:
        return sizeof(struct str);
    case FIELD_TYPE_BOOL:
        return sizeof(enum tri);
    case FIELD_TYPE_INT:
    case FIELD_TYPE_LONG:
        return sizeof(struct opt_int);
    case FIELD_TYPE_DOUBLE:
        return sizeof(struct opt_double);
    case FIELD_TYPE_STRUCT:
        return element->of_size;
    case FIELD_TYPE_LIST:
        return sizeof(struct list);
    case FIELD_TYPE_MAP:
        return sizeof(struct map);
    case FIELD_TYPE_VALUE:
    case FIELD_TYPE_ITEM:
    case FIELD_TYPE_STRING_MAP:
    case FIELD_TYPE_ANY:
        return sizeof(const struct json *);
    case FIELD_TYPE_END:
        break;
    }
    ensure(false);
    return 0;
}

static size_t member_size(const struct field *field)
{
    return field->type == FIELD_TYPE_STRUCT ? sizeof(const void *) : shape_element_size(field);
}

/* ---- Texts ---- */

static bool scalar_error(const struct json *json, const char *java, const char *java_class, struct err *err)
{
    switch (json_type(json)) {
    case JSON_TRUE:
        return err_set(err, ERR_SERIALIZATION, "TRUE_VALUE cannot be converted to %s", java);
    case JSON_FALSE:
        return err_set(err, ERR_SERIALIZATION, "FALSE_VALUE cannot be converted to %s", java);
    case JSON_INTEGER:
        return err_set(err, ERR_SERIALIZATION, "NUMBER_VALUE cannot be converted to %s", java);
    case JSON_DECIMAL:
        return err_set(err, ERR_SERIALIZATION, "DECIMAL_VALUE cannot be converted to %s", java);
    case JSON_STRING:
        return err_set(err, ERR_SERIALIZATION, "STRING_VALUE cannot be converted to %s", java);
    case JSON_ARRAY:
        return err_set(err, ERR_SERIALIZATION, "Unrecognized collection type class %s", java_class);
    case JSON_OBJECT:
    case JSON_NULL:
        break;
    }
    return err_set(err, ERR_SERIALIZATION, DECODE_STRUCTURE_TEXT);
}

static struct str java_class(const struct field *field, struct arena *arena)
{
    const char *name = field->java != NULL ? field->java : field->name;
    return arena_printf(arena, "%s%s", strchr(name, '.') == NULL ? JAVA_PACKAGE : "", name);
}

/* The class of a map's values. */
static struct str java_element(const struct field *field, struct arena *arena)
{
    switch (field->type) {
    case FIELD_TYPE_STRING:
        return STR("java.lang.String");
    case FIELD_TYPE_VALUE:
        return STR(JAVA_VALUE);
    case FIELD_TYPE_LIST:
        return arena_printf(arena, "java.util.List<%.*s>", STR_ARG(java_element(field->of, arena)));
    default:
        return java_class(field, arena);
    }
}

/* Something else stands where a map must stand, one whose values are of class `java`. */
static bool map_type_error(const struct json *json, bool is_element, struct str java, struct err *err)
{
    if (json_type(json) == JSON_ARRAY) {
        return err_set(err, ERR_SERIALIZATION, "Unrecognized collection type java.util.Map<java.lang.String, %.*s>",
                       STR_ARG(java));
    }
    return err_set(err, ERR_SERIALIZATION, "%s", is_element ? PARAMETERIZED_TEXT : DECODE_FIELD_TEXT);
}

static bool list_type_check(const struct json *json, bool is_element, struct err *err)
{
    if (json_type(json) == JSON_ARRAY) {
        return true;
    }
    if (json_type(json) == JSON_OBJECT) {
        return err_set(err, ERR_SERIALIZATION, DECODE_STRUCTURE_TEXT);
    }
    return err_set(err, ERR_SERIALIZATION, "%s", is_element ? PARAMETERIZED_TEXT : DECODE_FIELD_TEXT);
}

static bool struct_type_check(const struct field *field, const struct json *json, bool is_element, struct arena *arena,
                              struct err *err)
{
    if (json_type(json) == JSON_OBJECT) {
        return true;
    }
    if (json_type(json) == JSON_ARRAY) {
        return err_set(err, ERR_SERIALIZATION, "Unrecognized collection type class %.*s",
                       STR_ARG(java_class(field, arena)));
    }
    return err_set(err, ERR_SERIALIZATION,
                   is_element ? DECODE_ELEMENT_TEXT : DECODE_FIELD_TEXT);
}

/* ---- Scalars ---- */

static bool decode_string(const struct json *json, struct str *out, struct err *err)
{
    if (json_type(json) != JSON_STRING) {
        return scalar_error(json, "String", "java.lang.String", err);
    }
    *out = json_str(json);
    return true;
}

static bool decode_bool(const struct json *json, enum tri *out, struct err *err)
{
    bool b;
    if (json_lenient_boolean(json, &b)) {
        *out = b ? TRI_TRUE : TRI_FALSE;
        return true;
    }
    if (json_type(json) == JSON_STRING) {
        return err_set(err, ERR_SERIALIZATION, DECODE_TOKEN_TEXT);
    }
    return scalar_error(json, "Boolean", "java.lang.Boolean", err);
}

static bool is_number(const struct json *json)
{
    return json_type(json) == JSON_INTEGER || json_type(json) == JSON_DECIMAL;
}

/* A whole number as text, of at most 18 digits. */
static bool read_text_number(const struct json *json, int64_t *n)
{
    struct str s = json_type(json) == JSON_STRING ? json_str(json) : (struct str){0};
    bool is_negative = s.n > 0 && s.p[0] == '-';
    size_t digits = s.n - is_negative;
    if (digits == 0 || digits > 18) {
        return false;
    }
    *n = 0;
    for (size_t i = is_negative; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') {
            return false;
        }
        *n = *n * 10 + (s.p[i] - '0');
    }
    *n = is_negative ? -*n : *n;
    return true;
}

static bool decode_integer(const struct json *json, bool is_long, bool takes_text, struct opt_int *out, struct err *err)
{
    int64_t n;
    bool is_coerced = false;
    if (is_number(json)) {
        n = json_int64(json);
        double exact = json_double(json);
        is_coerced = exact >= 0x1p63 || exact < -0x1p63;
        if (!is_coerced && json_type(json) == JSON_DECIMAL) {
            is_coerced = (double)n < exact || (double)n > exact;
        }
    } else if (!takes_text || !read_text_number(json, &n)) {
        return is_long ? scalar_error(json, "Long", "java.lang.Long", err)
                       : scalar_error(json, "Integer", "java.lang.Integer", err);
    }
    if (!is_long && (n > INT32_MAX || n < INT32_MIN)) {
        n = n > 0 ? INT32_MAX : INT32_MIN;
        is_coerced = true;
    }
    *out = (struct opt_int){.is_present = true, .is_coerced = is_coerced, .n = n};
    return true;
}

static bool decode_double(const struct json *json, struct opt_double *out, struct err *err)
{
    if (!is_number(json)) {
        return scalar_error(json, "Double", "java.lang.Double", err);
    }
    *out = (struct opt_double){.is_present = true, .d = json_double(json)};
    return true;
}

static bool check_string_map(const struct json *json, bool is_element, struct err *err)
{
    if (json_type(json) != JSON_OBJECT) {
        return map_type_error(json, is_element, STR("java.lang.String"), err);
    }
    struct json_iter iter = json_iter(json);
    struct str name;
    struct str unused;
    const struct json *value;
    while (json_next(&iter, &name, &value)) {
        if (json_type(value) != JSON_NULL && !decode_string(value, &unused, err)) {
            return false;
        }
    }
    return true;
}

/* ---- Collections ---- */

static bool decode_list(const struct field *field, const struct json *json, const struct decoding *how, struct list *out,
                        struct err *err)
{
    size_t count = json_count(json);
    size_t size = shape_element_size(field->of);
    char *items = arena_zalloc_array(how->arena, count, size);
    struct json_iter iter = json_iter(json);
    const struct json *element;
    for (size_t i = 0; json_next(&iter, NULL, &element); i++) {
        /* A null is an element that holds nothing. */
        if (json_type(element) != JSON_NULL &&
            !decode_one(field->of, element, true, how, items + i * size, err)) {
            return false;
        }
    }
    *out = (struct list){.is_present = true, .count = count, .items = items, .json = json};
    return true;
}

struct map_entry {
    struct str name;
    size_t index;
};

static int entry_compare(const void *a, const void *b)
{
    const struct map_entry *left = a;
    const struct map_entry *right = b;
    int c = str_compare(left->name, right->name);
    return c != 0 ? c : (left->index > right->index) - (left->index < right->index);
}

/* Of entries with one name only the last stays. */
static size_t drop_doubles(struct str *names, char *items, size_t count, size_t size, struct arena *arena)
{
    struct map_entry *entries = arena_array(arena, struct map_entry, count);
    bool *dropped = arena_array(arena, bool, count);
    for (size_t i = 0; i < count; i++) {
        entries[i] = (struct map_entry){names[i], i};
    }
    qsort(entries, count, sizeof *entries, entry_compare);
    for (size_t i = 0; i + 1 < count; i++) {
        dropped[entries[i].index] = str_eq(entries[i].name, entries[i + 1].name);
    }
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        if (dropped[i]) {
            continue;
        }
        if (left != i) {
            names[left] = names[i];
            memcpy(items + left * size, items + i * size, size);
        }
        left++;
    }
    return left;
}

static bool decode_map(const struct field *field, const struct json *json, const struct decoding *how, struct map *out,
                       struct err *err)
{
    size_t room = json_count(json);
    size_t size = shape_element_size(field->of);
    struct str *names = arena_array(how->arena, struct str, room + 1);
    char *items = arena_zalloc_array(how->arena, room, size);
    struct json_iter iter = json_iter(json);
    const struct json *value;
    size_t count = 0;
    while (json_next(&iter, &names[count], &value)) {
        if (json_type(value) == JSON_NULL) {
            continue;
        }
        if (!decode_one(field->of, value, true, how, items + count * size, err)) {
            return false;
        }
        count++;
    }
    if (count > 1) {
        count = drop_doubles(names, items, count, size, how->arena);
    }
    *out = (struct map){.is_present = true, .count = count, .names = names, .items = items, .json = json};
    return true;
}

static bool decode_struct(const struct field *field, const struct json *json, bool is_element,
                          const struct decoding *how, void *target, struct err *err)
{
    if (!struct_type_check(field, json, is_element, how->arena, err)) {
        return false;
    }
    if (is_element) {
        return decode_fields(field->of, json, how, target, err);
    }
    void *sub = arena_zalloc(how->arena, field->of_size);
    *(const void **)target = sub;
    return decode_fields(field->of, json, how, sub, err);
}

static bool decode_one(const struct field *field, const struct json *json, bool is_element, const struct decoding *how,
                       void *target, struct err *err)
{
    switch (field->type) {
    case FIELD_TYPE_STRING:
        return decode_string(json, target, err);
    case FIELD_TYPE_BOOL:
        return decode_bool(json, target, err);
    case FIELD_TYPE_INT:
    case FIELD_TYPE_LONG:
        return decode_integer(json, field->type == FIELD_TYPE_LONG, how->takes_text_numbers, target, err);
    case FIELD_TYPE_DOUBLE:
        return decode_double(json, target, err);
    case FIELD_TYPE_STRUCT:
        return decode_struct(field, json, is_element, how, target, err);
    case FIELD_TYPE_LIST:
        return list_type_check(json, is_element, err) && decode_list(field, json, how, target, err);
    case FIELD_TYPE_MAP:
        return (json_type(json) == JSON_OBJECT ||
                map_type_error(json, is_element, java_element(field->of, how->arena), err)) &&
               decode_map(field, json, how, target, err);
    case FIELD_TYPE_VALUE:
        *(const struct json **)target = json;
        return value_check(json, is_element, err);
    case FIELD_TYPE_ITEM:
        *(const struct json **)target = json;
        return (json_type(json) == JSON_OBJECT || map_type_error(json, is_element, STR(JAVA_VALUE), err)) &&
               item_check(json, err);
    case FIELD_TYPE_STRING_MAP:
        *(const struct json **)target = json;
        return check_string_map(json, is_element, err);
    case FIELD_TYPE_ANY:
        *(const struct json **)target = json;
        return true;
    case FIELD_TYPE_END:
        break;
    }
    ensure(false);
    return false;
}

static bool is_named(const struct field *field, struct str name)
{
    return str_eq(str_of(field->name, field->name_n), name);
}

/* Looks from `from` to the end, then from the start to `from`. */
static const struct field *find(const struct field *fields, const struct field *from, struct str name)
{
    for (const struct field *f = from; f->name != NULL; f++) {
        if (is_named(f, name)) {
            return f;
        }
    }
    for (const struct field *f = fields; f != from; f++) {
        if (is_named(f, name)) {
            return f;
        }
    }
    return NULL;
}

static bool decode_fields(const struct field *fields, const struct json *json, const struct decoding *how, void *in,
                          struct err *err)
{
    ensure(json_type(json) == JSON_OBJECT);
    const struct field *from = fields;
    struct json_iter iter = json_iter(json);
    struct str name;
    const struct json *value;
    while (json_next(&iter, &name, &value)) {
        const struct field *field = find(fields, from, name);
        if (field == NULL) {
            continue;
        }
        from = field + 1;
        void *target = (char *)in + field->offset;
        if (json_type(value) == JSON_NULL) {
            memset(target, 0, member_size(field));
        } else if (!decode_one(field, value, false, how, target, err)) {
            return false;
        }
    }
    return true;
}

bool shape_decode(const struct field *fields, const struct json *json, struct arena *arena, void *in, struct err *err)
{
    return decode_fields(fields, json, &(struct decoding){.arena = arena}, in, err);
}

bool shape_decode_with_text_numbers(const struct field *fields, const struct json *json, struct arena *arena, void *in,
                                    struct err *err)
{
    return decode_fields(fields, json, &(struct decoding){.arena = arena, .takes_text_numbers = true}, in, err);
}
