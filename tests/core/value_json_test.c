/* SPDX-License-Identifier: Apache-2.0 */
/* value_json_test.c — every text that refuses an AttributeValue, in both steps and both dialects, and which of several
 * problems is named; then stored texts there and back. */
#include "tests/test_arena.h"

#include "core/limits.h"
#include "core/value_json.h"

static const struct json *parse(struct str text)
{
    const struct json *json = NULL;
    if (!json_parse(text, &arena, &json)) {
        fail_msg("not JSON: %.*s", STR_ARG(text));
    }
    return json;
}

enum what { AS_MEMBER, AS_ELEMENT, AS_ITEM };

static void expect(const char *text, const struct err *err, enum err_kind kind, struct str message)
{
    if (err->kind != kind || !str_eq(err->message, message)) {
        fail_msg("%.200s\n   got: %d %.*s\n  want: %d %.*s", text, (int)err->kind, STR_ARG(err->message), (int)kind,
                 STR_ARG(message));
    }
}

static void check_shape(enum what what, const char *text, const char *message)
{
    struct err err;
    err_init(&err, &arena);
    const struct json *json = parse(str_from(text));
    bool ok = what == AS_ITEM ? item_check(json, &err) : value_check(json, what == AS_ELEMENT, &err);
    CHECK_EQ(ok, err.kind == ERR_NONE);
    expect(text, &err, message == NULL ? ERR_NONE : *message == '\0' ? ERR_BAD_JSON : ERR_SERIALIZATION,
           message == NULL ? (struct str){0} : str_from(message));
}

#define VALUE_CLASS "com.amazonaws.dynamodb.v20120810.AttributeValue"
#define STRUCTURE "Start of structure or map found where not expected"
#define BLOB "only base-64-encoded strings are convertible to bytes"

static void test_shape_scalars(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{\"S\":true}", "TRUE_VALUE cannot be converted to String"},
        {"{\"S\":false}", "FALSE_VALUE cannot be converted to String"},
        {"{\"N\":5}", "NUMBER_VALUE cannot be converted to String"},
        {"{\"N\":-0}", "NUMBER_VALUE cannot be converted to String"},
        {"{\"N\":123456789012345678901234567890}", "NUMBER_VALUE cannot be converted to String"},
        {"{\"S\":1.5}", "DECIMAL_VALUE cannot be converted to String"},
        {"{\"S\":1e2}", "DECIMAL_VALUE cannot be converted to String"},
        {"{\"S\":[]}", "Unrecognized collection type class java.lang.String"},
        {"{\"N\":{}}", STRUCTURE},
        {"{\"B\":true}", BLOB},
        {"{\"B\":5}", BLOB},
        {"{\"B\":[]}", "Unrecognized collection type class java.nio.ByteBuffer"},
        {"{\"B\":{}}", STRUCTURE},
        {"{\"B\":\"AAA\"}", "Base64 encoded length is expected a multiple of 4 bytes but found: 3"},
        {"{\"B\":\"AB==\"}", "Invalid last non-pad Base64 character dectected"},
        {"{\"B\":\"AA!A\"}", "Invalid Base64 character: '!'"},
        {"{\"B\":\"A\xC3\xA9" "A\"}", "Invalid Base64 character: '\xC3\xA9'"},
        {"{\"BOOL\":1}", "NUMBER_VALUE cannot be converted to Boolean"},
        {"{\"NULL\":-0}", "NUMBER_VALUE cannot be converted to Boolean"},
        {"{\"BOOL\":1.0}", "DECIMAL_VALUE cannot be converted to Boolean"},
        {"{\"BOOL\":\"maybe\"}", "Unexpected token received from parser"},
        {"{\"NULL\":\"\"}", "Unexpected token received from parser"},
        {"{\"BOOL\":{}}", STRUCTURE},
        {"{\"BOOL\":[]}", ""},
        {"{\"NULL\":[]}", ""},
        {"{\"BOOL\":\"yes\"}", NULL},
        {"{\"NULL\":\"no\"}", NULL},
        {"{\"S\":null}", NULL},
        {"{}", NULL},
        {"{\"X\":5,\"s\":[]}", NULL},
        {"null", NULL},
        {"{\"S\":\"a\",\"N\":5}", "NUMBER_VALUE cannot be converted to String"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check_shape(AS_MEMBER, cases[i][0], cases[i][1]);
        check_shape(AS_ELEMENT, cases[i][0], cases[i][1]);
    }
}

static void test_shape_containers(void **state)
{
    (void)state;
    static const struct {
        enum what what;
        const char *text;
        const char *message;
    } cases[] = {
        {AS_MEMBER, "{\"SS\":\"a\"}", "Unexpected field type"},
        {AS_MEMBER, "{\"NS\":5}", "Unexpected field type"},
        {AS_MEMBER, "{\"BS\":true}", "Unexpected field type"},
        {AS_MEMBER, "{\"SS\":{}}", STRUCTURE},
        {AS_MEMBER, "{\"SS\":[5]}", "NUMBER_VALUE cannot be converted to String"},
        {AS_MEMBER, "{\"NS\":[\"1\",2.5]}", "DECIMAL_VALUE cannot be converted to String"},
        {AS_MEMBER, "{\"SS\":[[]]}", "Unrecognized collection type class java.lang.String"},
        {AS_MEMBER, "{\"BS\":[5]}", BLOB},
        {AS_MEMBER, "{\"BS\":[\"AAAAA\"]}", "Base64 encoded length is expected a multiple of 4 bytes but found: 5"},
        {AS_MEMBER, "{\"L\":\"a\"}", "Unexpected field type"},
        {AS_MEMBER, "{\"L\":{}}", STRUCTURE},
        {AS_MEMBER, "{\"L\":[5]}", "Unexpected value type in payload"},
        {AS_MEMBER, "{\"L\":[[]]}", "Unrecognized collection type class " VALUE_CLASS},
        {AS_MEMBER, "{\"L\":[null]}", NULL},
        {AS_MEMBER, "{\"L\":[{\"L\":[{\"S\":5}]}]}", "NUMBER_VALUE cannot be converted to String"},
        {AS_MEMBER, "{\"M\":[]}", "Unrecognized collection type java.util.Map<java.lang.String, " VALUE_CLASS ">"},
        {AS_MEMBER, "{\"M\":5}", "Unexpected field type"},
        {AS_MEMBER, "{\"M\":{\"a\":5}}", "Unexpected value type in payload"},
        {AS_MEMBER, "{\"M\":{\"a\":[]}}", "Unrecognized collection type class " VALUE_CLASS},
        {AS_MEMBER, "{\"M\":{\"a\":{\"BOOL\":5}}}", "NUMBER_VALUE cannot be converted to Boolean"},
        {AS_MEMBER, "5", "Unexpected field type"},
        {AS_ELEMENT, "5", "Unexpected value type in payload"},
        {AS_MEMBER, "[]", "Unrecognized collection type class " VALUE_CLASS},
        {AS_ELEMENT, "[]", "Unrecognized collection type class " VALUE_CLASS},
        {AS_ITEM, "\"a\"", "Unexpected field type"},
        {AS_ITEM, "[]", "Unrecognized collection type java.util.Map<java.lang.String, " VALUE_CLASS ">"},
        {AS_ITEM, "{\"a\":\"b\"}", "Unexpected value type in payload"},
        {AS_ITEM, "{\"a\":{\"S\":\"b\"},\"c\":null}", NULL},
        {AS_ITEM, "null", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check_shape(cases[i].what, cases[i].text, cases[i].message);
    }
}

static void test_empty_names(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
    } cases[] = {{"{\"a\":{\"S\":\"\"}}", true}, {"{\"\":{\"S\":\"a\"}}", false}, {"{\"a\":{\"M\":{\"\":{\"S\":\"\"}}}}", false},
                 {"{\"a\":{\"L\":[{\"M\":{\"b\":{\"M\":{\"\":{}}}}}]}}", false}, {"{\"a\":{\"L\":[{\"M\":{\"b\":{\"M\":{}}}}]}}", true},
                 {"{\"a\":{\"\":\"x\"}}", true}, {"{}", true}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err err;
        err_init(&err, &arena);
        CHECK_EQ(item_check_names(parse(str_from(cases[i].text)), &err), cases[i].ok);
        if (!cases[i].ok) {
            expect(cases[i].text, &err, ERR_REQUEST, STR("Empty attribute name"));
        }
    }
}

/* Reads an item of one attribute, or the value itself. */
static void check_read(bool as_item, enum value_dialect dialect, struct str value, enum err_kind kind, struct str message)
{
    struct err err;
    err_init(&err, &arena);
    struct value out;
    struct str text = as_item ? arena_printf(&arena, "{\"a\":%.*s}", STR_ARG(value)) : value;
    const struct json *json = parse(text);
    CHECK(as_item ? item_check(json, &err) : value_check(json, false, &err));
    bool ok = as_item ? item_read(json, &arena, dialect, &out, &err) : value_read(json, &arena, dialect, &out, &err);
    CHECK_EQ(ok, err.kind == ERR_NONE);
    expect(arena_printf(&arena, "%.*s", STR_ARG(text)).p, &err, kind, message);
}

static void check_both(enum value_dialect dialect, const char *value, enum err_kind kind, const char *message)
{
    check_read(true, dialect, str_from(value), kind, str_from(message));
    check_read(false, dialect, str_from(value), kind, str_from(message));
}

#define INVALID "One or more parameter values were invalid: "
#define EMPTY "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
#define SEVERAL "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
#define NOT_NUMERIC "The parameter cannot be converted to a numeric value"
#define OVERFLOW_TEXT "Number overflow. Attempting to store a number with magnitude larger than supported range"
#define UNDERFLOW_TEXT "Number underflow. Attempting to store a number with magnitude smaller than supported range"
#define PRECISE "Attempting to store more than 38 significant digits in a Number"
#define NULL_TEXT INVALID "Null attribute value types must have the value of true"
#define NESTING "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"

static void test_content_newer(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        enum err_kind kind;
        const char *message;
    } cases[] = {
        {"{}", ERR_VALIDATION, EMPTY},
        {"{\"X\":5}", ERR_VALIDATION, EMPTY},
        {"{\"S\":null}", ERR_VALIDATION, EMPTY},
        {"{\"S\":null,\"N\":null}", ERR_VALIDATION, EMPTY},
        {"{\"L\":[null]}", ERR_VALIDATION, EMPTY},
        {"{\"M\":{\"a\":null}}", ERR_VALIDATION, EMPTY},
        {"{\"L\":[{}]}", ERR_VALIDATION, EMPTY},
        {"{\"M\":{\"a\":{}}}", ERR_VALIDATION, EMPTY},
        {"{\"N\":\"\"}", ERR_REQUEST, NOT_NUMERIC ": "},
        {"{\"N\":\"abc\"}", ERR_REQUEST, NOT_NUMERIC ": abc"},
        {"{\"NS\":[\"1\",\"1e\"]}", ERR_REQUEST, NOT_NUMERIC ": 1e"},
        {"{\"N\":\"1E126\"}", ERR_REQUEST, OVERFLOW_TEXT},
        {"{\"N\":\"1e99999999999\"}", ERR_REQUEST, OVERFLOW_TEXT},
        {"{\"N\":\"0e-131\"}", ERR_REQUEST, UNDERFLOW_TEXT},
        {"{\"NS\":[\"123456789012345678901234567890123456789\"]}", ERR_REQUEST, PRECISE},
        {"{\"NULL\":false}", ERR_REQUEST, NULL_TEXT},
        {"{\"SS\":[]}", ERR_REQUEST, INVALID "An string set  may not be empty"},
        {"{\"NS\":[]}", ERR_REQUEST, INVALID "An number set  may not be empty"},
        {"{\"BS\":[]}", ERR_REQUEST, INVALID "Binary sets should not be empty"},
        {"{\"SS\":[\"b\",\"a\",\"b\",\"C\"]}", ERR_REQUEST,
         INVALID "Input collection [\"a\", \"b\", \"b\", \"C\"] contains duplicates."},
        {"{\"SS\":[\"z\",\"b\",\"b\",\"a\",\"a\",\"z\"]}", ERR_REQUEST,
         INVALID "Input collection [\"b\", \"z\", \"b\", \"a\", \"a\", \"z\"] contains duplicates."},
        {"{\"BS\":[\"AQ==\",\"AQ==\"]}", ERR_REQUEST, INVALID "Input collection [\"AQ==\",\"AQ==\"]of type BS contains duplicates."},
        {"{\"NS\":[\"1\",\"10e-1\"]}", ERR_REQUEST, INVALID "Input collection contains duplicates."},
        {"{\"M\":{\"b\":{\"L\":[{\"NULL\":false}]}}}", ERR_REQUEST, NULL_TEXT},
        {"{\"L\":[{\"N\":\"x\"},{\"SS\":[]}]}", ERR_REQUEST, NOT_NUMERIC ": x"},
        {"{\"L\":[{\"N\":\"x\"},{\"NULL\":false}]}", ERR_REQUEST, NULL_TEXT}, /* NULL before all others */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check_both(VALUE_NEWER, cases[i].value, cases[i].kind, cases[i].message);
    }
}

static void test_content_older(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{}", EMPTY},
        {"{\"N\":\"\"}", NOT_NUMERIC},
        {"{\"NS\":[\"\"]}", NOT_NUMERIC},
        {"{\"N\":\"abc\"}", NOT_NUMERIC ": abc"},
        {"{\"N\":\"1e99999999999\"}", NOT_NUMERIC ": 1e99999999999"},
        {"{\"N\":\"1e2147483647\"}", UNDERFLOW_TEXT},
        {"{\"N\":\"1e126\"}", OVERFLOW_TEXT},
        {"{\"NULL\":false}", NULL_TEXT},
        {"{\"SS\":[]}", INVALID "An string set  may not be empty"},
        {"{\"SS\":[\"a\",\"b\",\"a\"]}", INVALID "Input collection [a, b, a] contains duplicates."},
        {"{\"BS\":[\"Yg==\",\"Yg==\"]}", INVALID "Input collection [Yg==, Yg==]of type BS contains duplicates."},
        {"{\"NS\":[\"1\",\"1.0\"]}", "Input collection contains duplicates"},
        {"{\"L\":[{\"N\":\"x\"},{\"NULL\":false}]}", NOT_NUMERIC ": x"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check_both(VALUE_OLDER, cases[i][0], ERR_VALIDATION, cases[i][1]);
    }
}

/* A BOOL or NULL as a string, or several members: bare, and in the older words (D.1). */
static void test_fallback(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{\"NULL\":\"no\"}", NULL_TEXT},
        {"{\"L\":[{\"BOOL\":\"yes\"},{\"SS\":[\"b\",\"a\",\"b\"]}]}", INVALID "Input collection [b, a, b] contains duplicates."},
        {"{\"S\":\"a\",\"N\":\"1\"}", SEVERAL},
        {"{\"S\":\"a\",\"N\":\"x\"}", NOT_NUMERIC ": x"},
        {"{\"N\":\"x\",\"SS\":[]}", INVALID "An string set  may not be empty"},
        {"{\"NULL\":false,\"N\":\"\"}", NOT_NUMERIC},
        {"{\"NULL\":false,\"S\":\"\"}", NULL_TEXT},
        {"{\"L\":[],\"M\":{}}", SEVERAL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check_both(VALUE_NEWER, cases[i][0], ERR_VALIDATION, cases[i][1]);
    }
}

/* `depth` containers around a leaf. */
static struct str nested(int depth, const char *leaf)
{
    struct buf buf;
    buf_init(&buf, 100000);
    for (int i = 0; i < depth; i++) {
        buf_add_str(&buf, i % 2 == 0 ? STR("{\"L\":[") : STR("{\"M\":{\"m\":"));
    }
    buf_add_str(&buf, str_from(leaf));
    for (int i = depth - 1; i >= 0; i--) {
        buf_add_str(&buf, i % 2 == 0 ? STR("]}") : STR("}}"));
    }
    struct str text = arena_copy(&arena, str_of(buf.p, buf.n));
    buf_release(&buf);
    return text;
}

static void test_nesting(void **state)
{
    (void)state;
    const struct str none = {0};
    for (int as_item = 0; as_item < 2; as_item++) {
        check_read(as_item, VALUE_NEWER, nested(LIMIT_NESTING - 1, "{\"S\":\"a\"}"), ERR_NONE, none);
        check_read(as_item, VALUE_NEWER, nested(LIMIT_NESTING - 1, "{\"L\":[]}"), ERR_NONE, none);
        check_read(as_item, VALUE_NEWER, nested(LIMIT_NESTING, "{\"S\":\"a\"}"), ERR_REQUEST, STR(NESTING));
        check_read(as_item, VALUE_NEWER, nested(62, "{\"S\":\"a\"}"), ERR_REQUEST, STR(NESTING));
        check_read(as_item, VALUE_NEWER, nested(63, "{\"S\":\"a\"}"), ERR_VALIDATION, STR(NESTING));
        check_read(as_item, VALUE_NEWER, nested(400, "{\"S\":\"a\"}"), ERR_VALIDATION, STR(NESTING));
        check_read(as_item, VALUE_OLDER, nested(32, "{\"S\":\"a\"}"), ERR_VALIDATION, STR(NESTING));
    }
    /* Beside another problem: nesting is last for an item, first for a value. */
    struct str deep = nested(40, "{\"S\":\"a\"}");
    struct str both = arena_printf(&arena, "{\"L\":[%.*s,{\"N\":\"x\"}]}", STR_ARG(deep));
    check_read(true, VALUE_NEWER, both, ERR_REQUEST, STR(NOT_NUMERIC ": x"));
    check_read(false, VALUE_NEWER, both, ERR_REQUEST, STR(NESTING));
}

static struct str write_value(const struct value *v)
{
    struct buf buf;
    buf_init(&buf, 1 << 22);
    value_text_write(&buf, v);
    struct str text = arena_copy(&arena, str_of(buf.p, buf.n));
    buf_release(&buf);
    return text;
}

static void test_canonical_values(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{\"S\":\"\"}", "{\"S\":\"\"}"},
        {"{\"S\":\"\\u00e9\\\"\\u0001/\"}", "{\"S\":\"\xC3\xA9\\\"\\u0001/\"}"},
        {"{\"N\":\"+1.50e1\"}", "{\"N\":\"15\"}"},
        {"{\"B\":\"AAEC\"}", "{\"B\":\"AAEC\"}"},
        {"{\"BOOL\":\"no\"}", "{\"BOOL\":false}"},
        {"{\"BOOL\":\"T\"}", "{\"BOOL\":true}"},
        {"{\"NULL\":\"yes\"}", "{\"NULL\":true}"},
        {"{\"S\":\"a\",\"N\":null}", "{\"S\":\"a\"}"},
        {"{\"x\":1,\"S\":\"a\",\"S\":\"b\"}", "{\"S\":\"b\"}"},
        {"{\"SS\":[\"b\",\"\",\"a\"]}", "{\"SS\":[\"\",\"a\",\"b\"]}"},
        {"{\"NS\":[\"10\",\"-1\",\"9.50\"]}", "{\"NS\":[\"-1\",\"9.5\",\"10\"]}"},
        {"{\"BS\":[\"Yg==\",\"\",\"YQ==\"]}", "{\"BS\":[\"\",\"YQ==\",\"Yg==\"]}"},
        {"{\"L\":[]}", "{\"L\":[]}"},
        {"{\"L\":[{\"N\":\"1.0\"},{\"M\":{}}]}", "{\"L\":[{\"N\":\"1\"},{\"M\":{}}]}"},
        {"{\"M\":{\"b\":{\"S\":\"1\"},\"a\":{\"S\":\"2\"},\"b\":{\"S\":\"3\"},\"ab\":{\"NULL\":true}}}",
         "{\"M\":{\"a\":{\"S\":\"2\"},\"ab\":{\"NULL\":true},\"b\":{\"S\":\"3\"}}}"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err err;
        err_init(&err, &arena);
        struct value v;
        struct value again;
        const struct json *json = parse(str_from(cases[i][0]));
        CHECK(value_check(json, false, &err) && value_read(json, &arena, VALUE_NEWER, &v, &err));
        CHECK_STR(write_value(&v), str_from(cases[i][1]));
        value_from_stored(parse(write_value(&v)), &arena, &again);
        CHECK(value_equal(&v, &again));
    }
}

static void test_item_text(void **state)
{
    (void)state;
    struct err err;
    err_init(&err, &arena);
    struct value item;
    const char *text = "{\"z\":{\"S\":\"1\"},\"pk\":{\"S\":\"p\"},\"a\":{\"N\":\"2\"},\"sk\":{\"N\":\"07\"},\"m\":{\"M\":{\"pk\":{\"S\":\"x\"},\"b\":{\"L\":[]}}}}";
    CHECK(item_read(parse(str_from(text)), &arena, VALUE_NEWER, &item, &err));
    static const struct {
        struct str keys[4];
        size_t count;
        const char *text;
        const char *prefix;
    } cases[] = {
        {{{"pk", 2}, {"sk", 2}}, 2,
         "{\"pk\":{\"S\":\"p\"},\"sk\":{\"N\":\"7\"},\"a\":{\"N\":\"2\"},\"m\":{\"M\":{\"b\":{\"L\":[]},\"pk\":{\"S\":\"x\"}}},\"z\":{\"S\":\"1\"}}",
         "{\"pk\":{\"S\":\"p\"},\"sk\":{\"N\":\"7\"}"},
        {{{"sk", 2}, {"none", 4}, {"z", 1}, {"sk", 2}}, 4,
         "{\"sk\":{\"N\":\"7\"},\"z\":{\"S\":\"1\"},\"a\":{\"N\":\"2\"},\"m\":{\"M\":{\"b\":{\"L\":[]},\"pk\":{\"S\":\"x\"}}},\"pk\":{\"S\":\"p\"}}",
         "{\"sk\":{\"N\":\"7\"},\"z\":{\"S\":\"1\"}"},
        {{{"none", 4}}, 1,
         "{\"a\":{\"N\":\"2\"},\"m\":{\"M\":{\"b\":{\"L\":[]},\"pk\":{\"S\":\"x\"}}},\"pk\":{\"S\":\"p\"},\"sk\":{\"N\":\"7\"},\"z\":{\"S\":\"1\"}}", "{"},
    };
    struct buf buf;
    buf_init(&buf, 10000);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        buf_truncate(&buf, 0);
        buf_add_literal(&buf, "before");
        size_t end = item_text_write(&buf, &item, cases[i].keys, cases[i].count);
        CHECK_STR(str_of(buf.p + 6, buf.n - 6), str_from(cases[i].text));
        CHECK_STR(str_of(buf.p + 6, end), str_from(cases[i].prefix));
        struct value again;
        item_from_stored(parse(str_of(buf.p + 6, buf.n - 6)), &arena, &again);
        CHECK(value_equal(&item, &again));
    }
    struct value empty = {.type = VALUE_M};
    buf_truncate(&buf, 0);
    CHECK_EQ(item_text_write(&buf, &empty, NULL, 0), 1);
    CHECK_STR(str_of(buf.p, buf.n), STR("{}"));
    buf_release(&buf);
}

static struct str java_text(const char *text)
{
    struct buf buf;
    buf_init(&buf, 1 << 20);
    item_text_write_java_sets(&buf, parse(str_from(text)));
    struct str out = arena_copy(&arena, str_of(buf.p, buf.n));
    buf_release(&buf);
    return out;
}

/* The capture of 2026 I.2, of which the beginning is known. */
static void test_java_sets(void **state)
{
    (void)state;
    char text[4000];
    char zeros[200];
    memset(zeros, '0', sizeof(zeros));
    snprintf(text, sizeof(text),
             "{\"a\":{\"NS\":[\"-10\",\"-1\",\"-0.5\",\"-0.00001\",\"-0.%.129s1\",\"0\",\"0.%.129s1\",\"0.5\",\"2.5\",\"5\",\"9\",\"10\",\"25\","
             "\"100\",\"1000\",\"10000000000\",\"99999999999999999999999999999999999999\"]}}",
             zeros, zeros);
    char want[1000];
    snprintf(want, sizeof(want),
             "{\"a\":{\"NS\":[\"0\",\"0.%.129s1\",\"-0.%.129s1\",\"25\",\"99999999999999999999999999999999999999\",\"2.5\",\"10000000000\",\"9\"", zeros,
             zeros);
    struct str got = java_text(text);
    CHECK(got.n == strlen(text));
    CHECK_STR(str_of(got.p, strlen(want)), str_from(want));
    CHECK_STR(java_text("{\"a\":{\"SS\":[\"b\",\"a\"]},\"l\":{\"L\":[{\"M\":{\"n\":{\"NS\":[\"-1\",\"1\"]},\"b\":{\"BOOL\":true}}}]}}"),
              STR("{\"a\":{\"SS\":[\"b\",\"a\"]},\"l\":{\"L\":[{\"M\":{\"n\":{\"NS\":[\"-1\",\"1\"]},\"b\":{\"BOOL\":true}}}]}}"));
}

/* hash(n) = 31 n, so multiples of 16 share bucket 0 of 16. Eight of them stay in order; the ninth makes the table grow to 32
 * buckets, where even multiples stay and odd ones move up. */
static void test_java_long_bucket(void **state)
{
    (void)state;
    CHECK_STR(java_text("{\"a\":{\"NS\":[\"16\",\"32\",\"48\",\"64\",\"96\",\"112\",\"128\",\"144\"]}}"),
              STR("{\"a\":{\"NS\":[\"16\",\"32\",\"48\",\"64\",\"96\",\"112\",\"128\",\"144\"]}}"));
    CHECK_STR(java_text("{\"a\":{\"NS\":[\"16\",\"32\",\"48\",\"64\",\"96\",\"112\",\"128\",\"144\",\"176\"]}}"),
              STR("{\"a\":{\"NS\":[\"32\",\"64\",\"96\",\"128\",\"16\",\"48\",\"112\",\"144\",\"176\"]}}"));
}

/* 100,000 members: sorted, not compared each with each. */
static void test_large_containers(void **state)
{
    (void)state;
    enum { COUNT = 100000 };
    struct buf buf;
    buf_init(&buf, 1 << 24);
    for (int kind = 0; kind < 4; kind++) {
        buf_truncate(&buf, 0);
        buf_printf(&buf, "{\"%s\":%c", kind == 0 ? "M" : kind == 1 ? "SS" : "NS", kind == 0 ? '{' : '[');
        for (int i = 0; i < COUNT; i++) {
            unsigned scattered = (unsigned)i * 7919u % COUNT;
            buf_printf(&buf, kind == 0 ? "%s\"%u\":{\"NULL\":true}" : "%s\"%u\"", i > 0 ? "," : "", kind == 3 ? scattered / 2 : scattered);
        }
        buf_printf(&buf, "%c}", kind == 0 ? '}' : ']');
        struct err err;
        err_init(&err, &arena);
        struct value v;
        bool ok = value_read(parse(str_of(buf.p, buf.n)), &arena, VALUE_NEWER, &v, &err);
        CHECK_EQ(ok, kind != 3);
        CHECK(!ok || v.count == COUNT);
    }
    buf_release(&buf);
    arena_reset(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shape_scalars),    cmocka_unit_test(test_shape_containers), cmocka_unit_test(test_empty_names),
        cmocka_unit_test(test_content_newer),    cmocka_unit_test(test_content_older),    cmocka_unit_test(test_fallback),
        cmocka_unit_test(test_nesting),          cmocka_unit_test(test_canonical_values), cmocka_unit_test(test_item_text),
        cmocka_unit_test(test_java_sets),        cmocka_unit_test(test_java_long_bucket), cmocka_unit_test(test_large_containers),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
