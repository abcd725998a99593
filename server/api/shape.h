/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_SHAPE_H
#define SERVER_API_SHAPE_H

#include "core/arena.h"
#include "core/err.h"
#include "core/json.h"
#include "core/str.h"

#include <stddef.h>
#include <stdint.h>

/* Validation is data. The shape of an operation's input is a table of fields; shape_decode fills the operation's C struct from the
 * JSON (types: first error, SerializationException), shape_check tests the constraints (collected, "N validation errors detected: …",
 * at most 10). Texts are built here and nowhere else. aws-behaviour.md §1.6, §2.1; 2026 D.1–D.3.
 *
 * C types of members, bound by offset:
 *   FIELD_STRING → struct str (absent: p NULL)         FIELD_BOOL → enum tri
 *   FIELD_INT, FIELD_LONG → struct opt_int              FIELD_DOUBLE → struct opt_double
 *   FIELD_STRUCT → const void * (the sub-struct, NULL)  FIELD_LIST → struct list    FIELD_MAP → struct map
 *   FIELD_VALUE → const struct json * (an AttributeValue, types checked at any depth; NULL)
 *   FIELD_ITEM → const struct json * (a map of AttributeValues, types checked; NULL)
 *   FIELD_STRING_MAP → const struct json * (ExpressionAttributeNames: a map of strings, types checked; NULL)
 *   FIELD_ANY → const struct json * (not looked at) */

struct shape_report;

/* Constraints that are also tested outside of the tables. */
#define MUST_HAVE_MIN "Member must have length greater than or equal to %d"
#define MUST_HAVE_MAX "Member must have length less than or equal to %d"
#define MUST_MATCH "Member must satisfy regular expression pattern: "
#define MUST_BE_ONE_OF "Member must satisfy enum value set: "

enum tri { TRI_ABSENT, TRI_FALSE, TRI_TRUE };

struct opt_int {
    bool is_present;
    bool is_coerced; /* it saturated or lost a fraction (2026 D.1) */
    int64_t n;
};

struct opt_double {
    bool is_present;
    double d;
};

struct list {
    bool is_present;
    size_t count;
    const void *items; /* an array of the element's C type; of FIELD_STRING: struct str; FIELD_VALUE/ITEM: const struct json * */
    const struct json *json;
};

struct map {
    bool is_present;
    size_t count;
    const struct str *names; /* in the order of the request */
    const void *items;       /* as list.items; of FIELD_LIST elements: struct list */
    const struct json *json;
};

enum field_type {
    FIELD_TYPE_END,
    FIELD_TYPE_STRING,
    FIELD_TYPE_BOOL,
    FIELD_TYPE_INT,  /* saturates at 32 bits */
    FIELD_TYPE_LONG,
    FIELD_TYPE_DOUBLE,
    FIELD_TYPE_STRUCT,
    FIELD_TYPE_LIST,
    FIELD_TYPE_MAP,
    FIELD_TYPE_VALUE,
    FIELD_TYPE_ITEM,
    FIELD_TYPE_STRING_MAP,
    FIELD_TYPE_ANY
};

/* How an error of the field prints. */
enum field_style {
    STYLE_CLASSIC, /* Value 'ab' at 'tableName' failed to satisfy constraint: … */
    STYLE_NEWER,   /* Value at 'TableName' failed to satisfy constraint: …   (2026 D.1) */
    STYLE_PLAIN,   /* Failed to satisfy constraint: …   (ReturnValues on the newer layer) */
};

struct field {
    const char *name; /* wire name; NULL ends the table */
    size_t name_n;    /* its length; 0 of elements, which nobody looks for */
    enum field_type type;
    size_t offset;
    /* What lies inside: of STRUCT its fields; of LIST and MAP the element as a one-field table (its name and offset are ignored). */
    const struct field *of;
    size_t of_size;          /* size of the sub-struct (STRUCT, or LIST/MAP of STRUCT) */
    const char *java;        /* STRUCT: Java's class, for texts of wrong collection types and echoes, without the package where that is
                                com.amazonaws.dynamodb.v20120810: "KeySchemaElement". Default: the wire name */
    /* Constraints; 0/NULL = none */
    bool required;           /* Member must not be null */
    int64_t min, max;        /* strings: characters; lists, maps: elements; numbers: the value. max 0 = none */
    bool has_min;            /* numbers whose minimum is 0 or negative */
    bool (*matches)(struct str s);
    const char *pattern;     /* printed for a false of matches */
    const char *one_of;      /* "[A, B]" exactly as AWS prints the set; values are taken from it */
    bool length_first;       /* length errors before the pattern error; only the first of them is reported */
    enum field_style style;
    /* Constraints are tested in stages 0, 1, 2, …: all errors of the first stage that has any are reported together. Stage 0 for most.
     * What lies inside a field adds its stages to the field's. */
    int stage;
    bool bare;               /* without the envelope "1 validation error detected: " */
    /* A test of one's own in place of the constraints above: adds texts with shape_report. NULL for most. `in` is the struct that the field is a
     * member of (its value: in + field->offset), for an element of a LIST or MAP the element. What lies inside is tested after it. */
    void (*custom)(struct shape_report *report, const struct field *field, const void *in);
    const char *path;        /* printed in place of the name with a small first letter, e.g. "sSESpecification" */
};

#define FIELD_AT(struct_name, member, c_type)                                                                          \
    .offset = offsetof(struct struct_name, member) +                                                                   \
              0 * sizeof(_Generic(&((struct struct_name *)0)->member, c_type *: 0))
/* A name, a literal, then any options. */
#define FIELD_NAME(...) .name_n = sizeof("" FIRST_OF(__VA_ARGS__, 0)) - 1, .name = __VA_ARGS__
#define FIRST_OF(first, ...) first
/* The wire name comes first in the dots, then any options (C17 wants something in them). */
#define FIELD_STRING(struct_name, member, ...)                                                                         \
    {.type = FIELD_TYPE_STRING, FIELD_AT(struct_name, member, struct str), FIELD_NAME(__VA_ARGS__)}
#define FIELD_BOOL(struct_name, member, ...)                                                                           \
    {.type = FIELD_TYPE_BOOL, FIELD_AT(struct_name, member, enum tri), FIELD_NAME(__VA_ARGS__)}
#define FIELD_INT(struct_name, member, ...)                                                                            \
    {.type = FIELD_TYPE_INT, FIELD_AT(struct_name, member, struct opt_int), FIELD_NAME(__VA_ARGS__)}
#define FIELD_LONG(struct_name, member, ...)                                                                           \
    {.type = FIELD_TYPE_LONG, FIELD_AT(struct_name, member, struct opt_int), FIELD_NAME(__VA_ARGS__)}
#define FIELD_DOUBLE(struct_name, member, ...)                                                                         \
    {.type = FIELD_TYPE_DOUBLE, FIELD_AT(struct_name, member, struct opt_double), FIELD_NAME(__VA_ARGS__)}
#define FIELD_VALUE(struct_name, member, ...)                                                                          \
    {.type = FIELD_TYPE_VALUE, FIELD_AT(struct_name, member, const struct json *), FIELD_NAME(__VA_ARGS__)}
#define FIELD_ITEM(struct_name, member, ...)                                                                           \
    {.type = FIELD_TYPE_ITEM, FIELD_AT(struct_name, member, const struct json *), FIELD_NAME(__VA_ARGS__)}
#define FIELD_STRING_MAP(struct_name, member, ...)                                                                     \
    {.type = FIELD_TYPE_STRING_MAP, FIELD_AT(struct_name, member, const struct json *), FIELD_NAME(__VA_ARGS__)}
#define FIELD_ANY(struct_name, member, ...)                                                                            \
    {.type = FIELD_TYPE_ANY, FIELD_AT(struct_name, member, const struct json *), FIELD_NAME(__VA_ARGS__)}
/* member is a `const void *` that points to a struct `sub_struct` decoded by sub_fields. At least one option (.java). */
#define FIELD_STRUCT(struct_name, member, wire, sub_fields, sub_struct, ...)                                           \
    {FIELD_NAME(wire), .type = FIELD_TYPE_STRUCT, FIELD_AT(struct_name, member, const void *), .of = (sub_fields),       \
     .of_size = sizeof(struct sub_struct), __VA_ARGS__}
/* element (first in the dots): a table whose first field describes the elements: { ELEMENT(...) }, or for structs ELEMENT_STRUCT(...). */
#define FIELD_LIST(struct_name, member, wire, ...)                                                                     \
    {FIELD_NAME(wire), .type = FIELD_TYPE_LIST, FIELD_AT(struct_name, member, struct list), .of = __VA_ARGS__}
#define FIELD_MAP(struct_name, member, wire, ...)                                                                      \
    {FIELD_NAME(wire), .type = FIELD_TYPE_MAP, FIELD_AT(struct_name, member, struct map), .of = __VA_ARGS__}
#define ELEMENT(...) {.name = "member", .type = __VA_ARGS__}
#define ELEMENT_STRUCT(sub_fields, sub_struct, ...)                                                                    \
    {.name = "member", .type = FIELD_TYPE_STRUCT, .of = (sub_fields), .of_size = sizeof(struct sub_struct), __VA_ARGS__}
#define FIELD_END {.name = NULL}

/* Types. `in` is cleared first by the caller. */
MUST_USE bool shape_decode(const struct field *fields, const struct json *json, struct arena *arena, void *in, struct err *err);
/* The same, but whole numbers may also come as text ("5"), as DynamoDB Local takes them: -textNumbers. */
MUST_USE bool shape_decode_with_text_numbers(const struct field *fields, const struct json *json, struct arena *arena, void *in, struct err *err);
/* Constraints. */
MUST_USE bool shape_check(const struct field *fields, const void *in, struct arena *arena, struct err *err);

/* Of the C type of a list's or map's elements: items[i] is at items + i × size. */
size_t shape_element_size(const struct field *element);

/* For custom tests. */
/* Adds one entry; the text is the whole entry without the envelope. */
void shape_report_add(struct shape_report *report, const char *format, ...) PRINTF_LIKE(2, 3);
/* The path of the field that is being tested, e.g. "globalSecondaryIndexes.1.member.indexName". */
struct str shape_report_path(const struct shape_report *report);
struct arena *shape_report_arena(const struct shape_report *report);
/* `Value <echo> at '<path>' failed to satisfy constraint: <constraint>` in the style of the field; for STYLE_CLASSIC the value is
 * printed as Java would. */
void shape_report_constraint(struct shape_report *report, const struct field *field, const void *in, const char *format, ...)
    PRINTF_LIKE(4, 5);

#endif
