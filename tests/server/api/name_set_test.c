/* SPDX-License-Identifier: Apache-2.0 */
/* name_set_test.c — look-ups in lists of names, and the lists as AWS prints them: the vectors of 2026 L.5. */
#include "server/api/name_set.h"
#include "tests/test_arena.h"

static void test_find(void **state)
{
    (void)state;
    const struct str names[] = {STR("b"), STR("a"), STR("b"), STR(""), STR("ab"), STR("a")};
    struct name_set set;
    name_set_init(&set, names, 6, &arena);
    CHECK_EQ(set.distinct, 4);
    CHECK_EQ(name_set_find(&set, STR("b")), 0);
    CHECK_EQ(name_set_find(&set, STR("a")), 1);
    CHECK_EQ(name_set_find(&set, STR("")), 3);
    CHECK_EQ(name_set_find(&set, STR("ab")), 4);
    CHECK(name_set_find(&set, STR("c")) == NAME_SET_NONE);
    CHECK_EQ(name_set_repeated(&set), 2);
}

static void test_empty(void **state)
{
    (void)state;
    struct name_set set;
    name_set_init(&set, NULL, 0, &arena);
    CHECK(name_set_find(&set, STR("a")) == NAME_SET_NONE);
    CHECK(name_set_repeated(&set) == NAME_SET_NONE);
    CHECK_STR(java_list(NULL, 0, JAVA_LIST_FITTED, &arena), STR("[]"));
}

static void test_java_lists(void **state)
{
    (void)state;
    const struct str a[] = {STR("PK"), STR("h"), STR("a"), STR("unused")};
    CHECK_STR(java_list(a, 4, JAVA_LIST_FITTED, &arena), STR("[h, a, unused, PK]"));
    const struct str b[] = {STR("PK"), STR("a"), STR("b"), STR("c"), STR("d"), STR("u1")};
    CHECK_STR(java_list(b, 6, JAVA_LIST_FITTED, &arena), STR("[a, b, PK, c, d, u1]"));
    const struct str c[] = {STR("h"), STR("a"), STR("zz")};
    CHECK_STR(java_list(c, 3, JAVA_LIST_FITTED, &arena), STR("[h, zz, a]"));
    const struct str d[] = {STR("pk"), STR("sk"), STR("gpk"), STR("gsk")};
    CHECK_STR(java_list(d, 4, JAVA_LIST_SET, &arena), STR("[gpk, sk, pk, gsk]"));
    const struct str e[] = {STR("orderId"), STR("customerId"), STR("createdAt"), STR("status")};
    CHECK_STR(java_list(e, 4, JAVA_LIST_SET, &arena), STR("[createdAt, orderId, customerId, status]"));
    const struct str twice[] = {STR("h"), STR("a"), STR("h"), STR("zz"), STR("a")};
    CHECK_STR(java_list(twice, 5, JAVA_LIST_FITTED, &arena), STR("[h, zz, a]"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_find, setup, teardown),
        cmocka_unit_test_setup_teardown(test_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(test_java_lists, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
