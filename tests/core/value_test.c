/* SPDX-License-Identifier: Apache-2.0 */
/* value_test.c — equality, order, membership, size and depth of values; values come from stored texts, which is shorter to
 * read than building them. */
#include "tests/test_arena.h"

#include "core/random.h"
#include "core/value_json.h"

static struct value value_of(const char *text)
{
    struct value v;
    const struct json *json = NULL;
    CHECK(json_parse(str_from(text), &arena, &json));
    value_from_stored(json, &arena, &v);
    return v;
}

static struct value item_of(const char *text)
{
    struct value v;
    const struct json *json = NULL;
    CHECK(json_parse(str_from(text), &arena, &json));
    item_from_stored(json, &arena, &v);
    return v;
}

static void test_type_names(void **state)
{
    (void)state;
    for (int type = 0; type < VALUE_TYPE_COUNT; type++) {
        enum value_type again = VALUE_S;
        CHECK(value_type_of(str_from(value_type_name((enum value_type)type)), &again));
        CHECK_EQ(again, type);
    }
    static const char *const none[] = {"", "s", "X", "LS", "MS", "XS", "SN", "Bool", "NUL", "NULLS", "SSS"};
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        enum value_type type = VALUE_S;
        CHECK(!value_type_of(str_from(none[i]), &type));
    }
}

/* Each is equal to itself and to no other. */
static const char *const different[] = {
    "{\"S\":\"\"}", "{\"S\":\"a\"}", "{\"S\":\"b\"}", "{\"N\":\"1\"}", "{\"N\":\"-1\"}", "{\"N\":\"0\"}", "{\"B\":\"\"}", "{\"B\":\"YQ==\"}",
    "{\"BOOL\":true}", "{\"BOOL\":false}", "{\"NULL\":true}", "{\"SS\":[\"a\"]}", "{\"SS\":[\"a\",\"b\"]}", "{\"SS\":[\"a\",\"c\"]}",
    "{\"NS\":[\"1\"]}", "{\"NS\":[\"1\",\"2\"]}", "{\"NS\":[\"1\",\"3\"]}", "{\"BS\":[\"YQ==\"]}", "{\"BS\":[\"YQ==\",\"Yg==\"]}", "{\"L\":[]}",
    "{\"L\":[{\"S\":\"a\"}]}", "{\"L\":[{\"S\":\"a\"},{\"N\":\"1\"}]}", "{\"L\":[{\"N\":\"1\"},{\"S\":\"a\"}]}", "{\"M\":{}}",
    "{\"M\":{\"a\":{\"S\":\"a\"}}}", "{\"M\":{\"b\":{\"S\":\"a\"}}}", "{\"M\":{\"a\":{\"S\":\"b\"}}}", "{\"M\":{\"a\":{\"L\":[]},\"b\":{\"S\":\"\"}}}"};
enum { DIFFERENT = sizeof(different) / sizeof(different[0]) };

static void test_equality(void **state)
{
    (void)state;
    for (size_t i = 0; i < DIFFERENT; i++) {
        for (size_t k = 0; k < DIFFERENT; k++) {
            struct value a = value_of(different[i]);
            struct value b = value_of(different[k]);
            CHECK_EQ(value_equal(&a, &b), i == k);
        }
    }
    struct value one = value_of("{\"N\":\"1\"}");
    struct value spelled = value_of("{\"N\":\"10e-1\"}");
    CHECK(value_equal(&one, &spelled));
}

static void test_order(void **state)
{
    (void)state;
    static const char *const ascending[][6] = {
        {"{\"S\":\"\"}", "{\"S\":\"\\u0000\"}", "{\"S\":\"A\"}", "{\"S\":\"a\"}", "{\"S\":\"aa\"}", "{\"S\":\"\xC3\xA9\"}"},
        {"{\"N\":\"-10\"}", "{\"N\":\"-9.5\"}", "{\"N\":\"0\"}", "{\"N\":\"0.001\"}", "{\"N\":\"9\"}", "{\"N\":\"10\"}"},
        {"{\"B\":\"\"}", "{\"B\":\"AA==\"}", "{\"B\":\"AAA=\"}", "{\"B\":\"AQ==\"}", "{\"B\":\"gA==\"}", "{\"B\":\"/w==\"}"}};
    for (int row = 0; row < 3; row++) {
        for (int i = 0; i < 6; i++) {
            for (int k = 0; k < 6; k++) {
                struct value a = value_of(ascending[row][i]);
                struct value b = value_of(ascending[row][k]);
                int c = value_compare(&a, &b);
                CHECK_EQ((c > 0) - (c < 0), (i > k) - (i < k));
            }
        }
    }
}

static void check_contains(const char *container, const char *v, bool want)
{
    struct value a = value_of(container);
    struct value b = value_of(v);
    if (value_contains(&a, &b) != want) {
        fail_msg("contains(%s, %s)", container, v);
    }
}

static void test_contains(void **state)
{
    (void)state;
    check_contains("{\"S\":\"hello\"}", "{\"S\":\"ell\"}", true);
    check_contains("{\"S\":\"hello\"}", "{\"S\":\"\"}", true);
    check_contains("{\"S\":\"\"}", "{\"S\":\"\"}", true);
    check_contains("{\"S\":\"\"}", "{\"S\":\"a\"}", false);
    check_contains("{\"S\":\"hello\"}", "{\"S\":\"elo\"}", false);
    check_contains("{\"S\":\"1\"}", "{\"N\":\"1\"}", false);
    check_contains("{\"B\":\"AAEC\"}", "{\"B\":\"AQI=\"}", true);
    check_contains("{\"B\":\"AAEC\"}", "{\"B\":\"AgE=\"}", false);
    check_contains("{\"B\":\"AAEC\"}", "{\"S\":\"\"}", false);
    check_contains("{\"SS\":[\"a\",\"bc\",\"d\"]}", "{\"S\":\"bc\"}", true);
    check_contains("{\"SS\":[\"a\",\"bc\",\"d\"]}", "{\"S\":\"b\"}", false);
    check_contains("{\"SS\":[\"a\"]}", "{\"B\":\"YQ==\"}", false);
    check_contains("{\"NS\":[\"-1\",\"1\",\"2\"]}", "{\"N\":\"1.0\"}", true);
    check_contains("{\"NS\":[\"-1\",\"1\",\"2\"]}", "{\"N\":\"3\"}", false);
    check_contains("{\"BS\":[\"AA==\",\"AQ==\"]}", "{\"B\":\"AQ==\"}", true);
    check_contains("{\"BS\":[\"AA==\",\"AQ==\"]}", "{\"B\":\"Ag==\"}", false);
    check_contains("{\"L\":[{\"N\":\"1\"},{\"L\":[{\"S\":\"a\"}]}]}", "{\"L\":[{\"S\":\"a\"}]}", true);
    check_contains("{\"L\":[{\"N\":\"1\"},{\"L\":[{\"S\":\"a\"}]}]}", "{\"N\":\"1\"}", true);
    check_contains("{\"L\":[{\"L\":[{\"S\":\"a\"}]}]}", "{\"S\":\"a\"}", false);
    check_contains("{\"M\":{\"a\":{\"S\":\"a\"}}}", "{\"S\":\"a\"}", false);
    check_contains("{\"N\":\"12\"}", "{\"N\":\"1\"}", false);
    check_contains("{\"BOOL\":true}", "{\"BOOL\":true}", false);
    check_contains("{\"NULL\":true}", "{\"NULL\":true}", false);
}

static void test_sizes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size;
    } cases[] = {{"{\"a\":{\"S\":\"x\"}}", 2}, {"{\"a\":{\"L\":[]}}", 4}, {"{\"a\":{\"L\":[{\"S\":\"b\"}]}}", 6}, {"{\"a\":{\"M\":{\"b\":{\"N\":\"1\"}}}}", 8},
                 {"{\"a\":{\"BOOL\":true}}", 2}, {"{\"a\":{\"NULL\":true}}", 2}, {"{\"a\":{\"SS\":[\"x\",\"yz\"]}}", 4}, {"{\"a\":{\"NS\":[\"1\",\"123\"]}}", 6},
                 {"{\"a\":{\"BS\":[\"AAEC\",\"AQ==\"]}}", 5}, {"{\"a\":{\"B\":\"AAEC\"}}", 4}, {"{\"\xC3\xA9\":{\"S\":\"\xE2\x82\xAC\"}}", 5}, {"{}", 0},
                 {"{\"a\":{\"S\":\"x\"},\"bc\":{\"N\":\"-42\"}}", 7}, {"{\"a\":{\"M\":{}}}", 4}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct value item = item_of(cases[i].text);
        CHECK_EQ(item_size(&item), cases[i].size);
    }
}

static void test_depth_and_number_sets(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int depth;
        bool number_set;
    } cases[] = {{"{\"S\":\"\"}", 0, false}, {"{\"NS\":[\"1\",\"2\"]}", 0, true}, {"{\"NS\":[\"1\"]}", 0, false}, {"{\"L\":[]}", 0, false},
                 {"{\"L\":[{\"S\":\"a\"}]}", 1, false}, {"{\"M\":{\"a\":{\"L\":[{\"NS\":[\"1\",\"2\"]}]},\"b\":{\"S\":\"\"}}}", 2, true}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct value v = value_of(cases[i].text);
        CHECK_EQ(value_depth(&v), cases[i].depth);
        CHECK_EQ(value_has_number_set(&v), cases[i].number_set);
    }
}

static void test_map_get(void **state)
{
    (void)state;
    struct value item = item_of("{\"pk\":{\"N\":\"0\"},\"a\":{\"N\":\"1\"},\"b\":{\"N\":\"2\"},\"c\":{\"N\":\"3\"}}");
    CHECK_STR(item.members[0].name, STR("a"));
    CHECK_STR(item.members[3].name, STR("pk"));
    CHECK_EQ(value_map_get(&item, STR("b"))->number->lo, 2);
    CHECK_EQ(value_map_get(&item, STR("pk"))->number->lo, 0);
    assert_null(value_map_get(&item, STR("")));
    assert_null(value_map_get(&item, STR("bb")));
    assert_null(value_map_get(&item, STR("z")));
    struct value empty = item_of("{}");
    assert_null(value_map_get(&empty, STR("a")));
}

/* Maps on both sides of the size up to which members are looked at one by one: those that are there, and those between them. */
static void test_map_get_sizes(void **state)
{
    (void)state;
    enum { MAX = 40 };
    char names[2 * MAX][2];
    struct member members[MAX];
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        names[i][0] = (char)('a' + i / 10);
        names[i][1] = (char)('0' + i % 10);
    }
    for (size_t count = 0; count <= MAX; count++) {
        struct value map = {.type = VALUE_M, .count = count, .members = members};
        for (size_t i = 0; i < count; i++) {
            members[i] = (struct member){str_of(names[2 * i], 2), {.type = VALUE_NULL}};
        }
        for (size_t i = 0; i < MAX; i++) {
            const struct value *found = value_map_get(&map, str_of(names[2 * i], 2));
            CHECK(found == (i < count ? &members[i].value : NULL));
            assert_null(value_map_get(&map, str_of(names[2 * i + 1], 2)));
            assert_null(value_map_get(&map, str_of(names[2 * i], 1)));
        }
    }
}

/* Any order in, the invariants out; names that are equal keep the order of their addresses. */
static void test_sorting(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, 9);
    enum { MAX = 300 };
    static char names[MAX];
    for (size_t round = 0; round < 300; round++) {
        size_t count = random_below(&random, round % 2 == 0 ? 12 : MAX);
        bool nearly_sorted = round % 3 == 0;
        struct member members[MAX];
        struct str strs[MAX];
        struct number numbers[MAX];
        for (size_t i = 0; i < count; i++) {
            names[i] = (char)(nearly_sorted && i > 1 ? 'a' + i * 20 / MAX : 'a' + random_below(&random, 26));
            members[i] = (struct member){str_of(&names[i], 1), {.type = VALUE_NULL}};
            strs[i] = members[i].name;
            numbers[i] = (struct number){0, (uint64_t)names[i], 0, random_below(&random, 2) == 0};
        }
        value_sort_members(members, count);
        size_t str_count = value_sort_strs(strs, count);
        size_t number_count = value_sort_numbers(numbers, count);
        size_t distinct = count > 0;
        for (size_t i = 1; i < count; i++) {
            int c = str_compare(members[i - 1].name, members[i].name);
            CHECK(c < 0 || (c == 0 && members[i - 1].name.p < members[i].name.p));
            distinct += c != 0;
        }
        CHECK_EQ(str_count, distinct);
        for (size_t i = 1; i < str_count; i++) {
            CHECK(str_compare(strs[i - 1], strs[i]) < 0);
        }
        for (size_t i = 1; i < number_count; i++) {
            CHECK(number_compare(&numbers[i - 1], &numbers[i]) < 0);
        }
        CHECK(number_count >= distinct && number_count <= 2 * distinct);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_type_names), cmocka_unit_test(test_equality),
        cmocka_unit_test(test_order),      cmocka_unit_test(test_contains),
        cmocka_unit_test(test_sizes),      cmocka_unit_test(test_depth_and_number_sets),
        cmocka_unit_test(test_map_get),    cmocka_unit_test(test_map_get_sizes),
        cmocka_unit_test(test_sorting),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
