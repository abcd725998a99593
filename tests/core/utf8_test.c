/* SPDX-License-Identifier: Apache-2.0 */
/* utf8_test.c — validity at the borders of every length, counts, and Java's hash against known values. */
#include "tests/check.h"

#include "core/utf8.h"

static void test_validity(void **state)
{
    (void)state;
    static const char *const valid[] = {"", "abc", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
                                        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "a\xC3\xA9z"};
    for (size_t i = 0; i < sizeof(valid) / sizeof(valid[0]); i++) {
        CHECK(utf8_is_valid(str_from(valid[i])));
    }
    static const char *const broken[] = {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41", "\xE0\x9F\xBF",
                                         "\xE1\x80", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF", "\xF0\x90\x80",
                                         "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "a\xE2\x82z"};
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        CHECK(!utf8_is_valid(str_from(broken[i])));
    }
}

static void test_counts(void **state)
{
    (void)state;
    struct str s = STR("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
    CHECK_EQ(utf8_characters(s), 4);
    CHECK_EQ(utf8_utf16_units(s), 5);
    CHECK_EQ(utf8_characters(STR("")), 0);
    CHECK_EQ(utf8_utf16_units(STR("")), 0);
}

static void test_java_hash(void **state)
{
    (void)state;
    CHECK_EQ(utf8_java_hash(STR("")), 0);
    CHECK_EQ(utf8_java_hash(STR("a")), 97);
    CHECK_EQ(utf8_java_hash(STR("hello")), 99162322);
    CHECK_EQ(utf8_java_hash(STR("polygenelubricants")), INT32_MIN);
    CHECK_EQ(utf8_java_hash(STR("\xC3\xA9")), 0xE9);
    CHECK_EQ(utf8_java_hash(STR("\xE2\x82\xAC")), 0x20AC);
    CHECK_EQ(utf8_java_hash(STR("\xF0\x9F\x98\x80")), 0xD83D * 31 + 0xDE00);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_validity),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_java_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
