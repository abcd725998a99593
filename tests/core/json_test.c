/* SPDX-License-Identifier: Apache-2.0 */
/* json_test.c — what is a JSON text and what is not, numbers of any size, repeated names, depth, and the writer's escapes. */
#include "tests/test_arena.h"

#include "core/json.h"

static const struct json *parse(struct str text)
{
    /* A copy of exactly its size: reading past the end is seen by AddressSanitizer. */
    char *exact = test_malloc(text.n == 0 ? 1 : text.n);
    if (text.n > 0) {
        memcpy(exact, text.p, text.n);
    }
    const struct json *json = NULL;
    const struct json *stored = NULL;
    bool ok = json_parse(str_of(exact, text.n), &arena, &json);
    CHECK_EQ(json_parse_stored(str_of(exact, text.n), &arena, &stored), ok);
    if (text.n > 0) {
        assert_memory_equal(exact, text.p, text.n);
    }
    test_free(exact);
    return ok ? json : NULL;
}

static const struct json *parse_text(const char *text)
{
    return parse(str_from(text));
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"", " ", "{", "}", "[1,]", "{\"a\":1,}", "{'a':1}", "{a:1}", "[1 2]", "01", "1.", ".5", "+1",
                                        "-", "1e", "tru", "nul", "NaN", "Infinity", "\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"",
                                        "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\n\"", "\"\x01\"", "\"\xFF\"", "\"\xC0\x80\"",
                                        "\"\xED\xA0\x80\"", "\"\xF4\x90\x80\x80\"", "\"\xC3\"", "1 1", "{} x", "[//\n1]", "\xEF\xBB\xBF{}",
                                        "{\"a\"}", "{\"a\":}", "{1:2}", "[", "[[]"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (parse_text(texts[i]) != NULL) {
            fail_msg("taken for JSON: %s", texts[i]);
        }
    }
    assert_null(parse(STR("\0")));
    assert_null(parse(STR("{}\0")));
    assert_null(parse(STR("\"a\0b\"")));
}

static void test_types(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum json_type type;
    } cases[] = {{"null", JSON_NULL}, {" true ", JSON_TRUE}, {"false", JSON_FALSE}, {"0", JSON_INTEGER}, {"-0", JSON_INTEGER},
                 {"123456789012345678901234567890", JSON_INTEGER}, {"1.0", JSON_DECIMAL}, {"1e5", JSON_DECIMAL}, {"1E999", JSON_DECIMAL},
                 {"-0.0", JSON_DECIMAL}, {"\"\"", JSON_STRING}, {"[]", JSON_ARRAY}, {"{}", JSON_OBJECT}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CHECK_EQ(json_type(parse_text(cases[i].text)), cases[i].type);
    }
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } cases[] = {{"0", 0}, {"-0", 0}, {"42", 42}, {"-42", -42}, {"0.5", 0}, {"-1.9", -1}, {"2.99999", 2}, {"1e3", 1000}, {"1.5e1", 15},
                 {"9223372036854775807", INT64_MAX}, {"9223372036854775808", INT64_MAX}, {"-9223372036854775808", INT64_MIN},
                 {"-9223372036854775809", INT64_MIN}, {"9007199254740993.7", 9007199254740993}, {"1e400", INT64_MAX}, {"-1e400", INT64_MIN},
                 {"99999999999999999999999999.5", INT64_MAX}, {"1e-400", 0}, {"4294967296", 4294967296}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CHECK_EQ(json_int64(parse_text(cases[i].text)), cases[i].value);
    }
    CHECK(json_double(json_at(parse_text("[1.5,-2e3]"), 0)) == 1.5);
    CHECK(json_double(json_at(parse_text("[1.5,-2e3]"), 1)) == -2000);
    CHECK(json_double(parse_text("12345678901")) == 12345678901.0);
}

static void test_strings(void **state)
{
    (void)state;
    CHECK_STR(json_str(parse_text("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"")), STR("\"\\/\b\f\n\r\t"));
    CHECK_STR(json_str(parse_text("\"a\\u0000b\"")), STR("a\0b"));
    CHECK_STR(json_str(parse_text("\"\\u00e9\\u20AC\\ud83d\\ude00\"")), STR("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"));
    CHECK_STR(json_str(parse_text("\"\xF0\x9F\x98\x80/\x7F\"")), STR("\xF0\x9F\x98\x80/\x7F"));
}

static void test_walking(void **state)
{
    (void)state;
    const struct json *object = parse_text("{\"a\":[1,[2,3],{\"x\":4}],\"b\":{},\"a\":5,\"\":6}");
    CHECK_EQ(json_count(object), 4);
    CHECK_EQ(json_int64(json_get(object, STR("a"))), 5); /* the last */
    CHECK_EQ(json_int64(json_get(object, STR(""))), 6);
    assert_null(json_get(object, STR("c")));
    struct json_iter iter = json_iter(object);
    struct str name;
    const struct json *member = NULL;
    CHECK(json_next(&iter, &name, &member));
    CHECK_STR(name, STR("a"));
    CHECK_EQ(json_count(member), 3);
    CHECK_EQ(json_int64(json_get(json_at(member, 2), STR("x"))), 4);
    assert_null(json_at(member, 3));
    struct json_iter inner = json_iter(member);
    const struct json *element = NULL;
    int elements = 0;
    while (json_next(&inner, &name, &element)) {
        assert_null(name.p);
        elements++;
    }
    CHECK_EQ(elements, 3);
    CHECK(json_next(&iter, NULL, &member) && json_count(member) == 0);
    CHECK(json_next(&iter, &name, &member) && json_next(&iter, &name, &member) && !json_next(&iter, &name, &member));
    struct json_iter empty = json_iter(parse_text("[]"));
    CHECK(!json_next(&empty, NULL, &member));
}

static void test_lone_strings(void **state)
{
    (void)state;
    struct str name;
    struct str text;
    CHECK(json_lone_string(parse_text("{\"S\":\"a\\nb\"}"), &name, &text));
    CHECK_STR(name, STR("S"));
    CHECK_STR(text, STR("a\nb"));
    CHECK(json_lone_string(parse_text("{\"\":\"\"}"), &name, &text) && name.n == 0 && text.n == 0);
    static const char *const others[] = {"{}", "{\"S\":\"a\",\"S\":\"b\"}", "{\"S\":1}", "{\"S\":null}", "{\"S\":{}}",
                                         "[\"S\"]", "[\"S\",\"a\"]", "\"S\"", "null"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        CHECK(!json_lone_string(parse_text(others[i]), &name, &text));
    }
}

static void test_depth(void **state)
{
    (void)state;
    for (int deep = JSON_DEPTH_MAX - 1; deep <= JSON_DEPTH_MAX + 1; deep++) {
        char text[8 * (JSON_DEPTH_MAX + 1) + 16];
        size_t n = 0;
        for (int i = 0; i < deep; i++) {
            n += (size_t)snprintf(text + n, sizeof(text) - n, "%s", i % 2 == 0 ? "[" : "{\"a\":");
        }
        text[n++] = '1';
        for (int i = deep - 1; i >= 0; i--) {
            text[n++] = i % 2 == 0 ? ']' : '}';
        }
        const struct json *json = NULL;
        CHECK_EQ(json_parse(str_of(text, n), &arena, &json), deep <= JSON_DEPTH_MAX);
        CHECK(json_parse_stored(str_of(text, n), &arena, &json));
    }
    char wide[3 * 4000 + 2];
    memset(wide, '[', 1);
    for (size_t i = 0; i < 4000; i++) {
        memcpy(wide + 1 + 3 * i, "[],", 3);
    }
    wide[3 * 4000] = ']';
    const struct json *json = NULL;
    CHECK(json_parse(str_of(wide, sizeof(wide) - 1), &arena, &json));
    CHECK_EQ(json_count(json), 4000);
}

static void test_lenient_booleans(void **state)
{
    (void)state;
    static const char *const truths[] = {"true", "\"true\"", "\"T\"", "\"yEs\"", "\"y\"", "\"1\""};
    static const char *const lies[] = {"false", "\"FALSE\"", "\"f\"", "\"No\"", "\"N\"", "\"0\""};
    static const char *const neither[] = {"\"\"", "\"truex\"", "\"tru\"", "\"on\"", "\"01\"", "\"true\\u0000\"", "1", "0", "null", "[]", "{}",
                                          "\"\\u0000\""};
    bool truth = false;
    for (size_t i = 0; i < sizeof(truths) / sizeof(truths[0]); i++) {
        truth = false;
        CHECK(json_lenient_boolean(parse_text(truths[i]), &truth) && truth);
        truth = true;
        CHECK(json_lenient_boolean(parse_text(lies[i]), &truth) && !truth);
    }
    for (size_t i = 0; i < sizeof(neither) / sizeof(neither[0]); i++) {
        CHECK(!json_lenient_boolean(parse_text(neither[i]), &truth));
    }
}

static struct str written(struct buf *buf)
{
    struct str text = arena_copy(&arena, str_of(buf->p, buf->n));
    buf_truncate(buf, 0);
    return text;
}

static void test_write_string(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 10000);
    json_write_string(&buf, STR("a/\x7F\xC3\xA9"));
    CHECK_STR(written(&buf), STR("\"a/\x7F\xC3\xA9\""));
    json_write_string(&buf, STR("\"\\\b\f\n\r\t\0\x1F"));
    CHECK_STR(written(&buf), STR("\"\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f\""));
    json_write_string(&buf, STR(""));
    CHECK_STR(written(&buf), STR("\"\""));
    /* Every byte at every place of texts of all lengths that are copied in another way, there and back. */
    for (size_t n = 1; n <= 36; n++) {
        for (size_t i = 0; i < 128 * n; i++) {
            size_t at = i / 128;
            char c = (char)(i % 128);
            char text[36];
            memset(text, 'x', n);
            text[at] = c;
            json_write_string(&buf, str_of(text, n));
            bool escaped = c < 0x20 || c == '"' || c == '\\';
            CHECK_EQ(memchr(buf.p, '\\', buf.n) != NULL, escaped);
            CHECK_STR(json_str(parse(written(&buf))), str_of(text, n));
            arena_reset(&arena);
        }
    }
    buf_release(&buf);
}

static void test_write_tree(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":[1,-0,1.50,1e999,123456789012345678901234567890,true,false,null],\"\":{},\"e\":[],\"q\\\"\":\"\\n\"}";
    struct buf buf;
    buf_init(&buf, 1000);
    json_write(&buf, parse_text(text));
    CHECK_STR(written(&buf), str_from(text));
    buf_release(&buf);
}

static void test_write_numbers(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0.0"}, {0.5, "0.5"}, {1, "1.0"}, {12.5, "12.5"}, {-0.5, "-0.5"}, {-3, "-3.0"}, {0.1, "0.1"}, {1.0 / 3, "0.3333333333333333"},
                 {123456789.25, "123456789.25"}, {0.30000000000000004, "0.30000000000000004"}, {1e15, "1.0e+15"}, {1.5e300, "1.5e+300"}, {1e-7, "1.0e-07"}};
    struct buf buf;
    buf_init(&buf, 1000);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_write_double(&buf, cases[i].value);
        struct str text = written(&buf);
        CHECK_STR(text, str_from(cases[i].text));
        CHECK(json_type(parse(text)) == JSON_DECIMAL && json_double(parse(text)) == cases[i].value);
    }
    json_write_time_ms(&buf, 1363801528686);
    CHECK_STR(written(&buf), STR("1363801528.686"));
    json_write_time_ms(&buf, 5);
    CHECK_STR(written(&buf), STR("0.005"));
    json_write_time_ms(&buf, -1500);
    CHECK_STR(written(&buf), STR("-1.500"));
    buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),       cmocka_unit_test(test_types),        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_strings),       cmocka_unit_test(test_walking), cmocka_unit_test(test_lone_strings),      cmocka_unit_test(test_depth),
        cmocka_unit_test(test_lenient_booleans), cmocka_unit_test(test_write_string), cmocka_unit_test(test_write_tree),
        cmocka_unit_test(test_write_numbers),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
