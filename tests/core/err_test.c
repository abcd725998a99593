/* SPDX-License-Identifier: Apache-2.0 */
/* err_test.c — the first error wins, until it is cleared. */
#include "tests/check.h"

#include "core/err.h"

static void test_first_wins(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 0);
    struct err err;
    err_init(&err, &arena);
    CHECK_EQ(err.kind, ERR_NONE);
    CHECK(!err_set(&err, ERR_VALIDATION, "first %d", 1));
    CHECK(!err_set(&err, ERR_INTERNAL, "second"));
    CHECK(!err_set_text(&err, ERR_INTERNAL, STR("third")));
    CHECK(!err_set_extra(&err, ERR_INTERNAL, STR("x"), "fourth"));
    CHECK_EQ(err.kind, ERR_VALIDATION);
    CHECK_STR(err.message, STR("first 1"));
    assert_null(err.extra.p);
    arena_release(&arena);
}

static void test_clear_and_extra(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 0);
    struct err err;
    err_init(&err, &arena);
    CHECK(!err_set(&err, ERR_VALIDATION, "first"));
    err_clear(&err);
    CHECK_EQ(err.kind, ERR_NONE);
    CHECK(!err_set_extra(&err, ERR_CONDITIONAL_CHECK_FAILED, STR("\"Item\":{}"), "The conditional request failed"));
    CHECK_STR(err.message, STR("The conditional request failed"));
    CHECK_STR(err.extra, STR("\"Item\":{}"));
    err_clear(&err);
    CHECK(!err_set_text(&err, ERR_REQUEST, str_of("a\0b", 3)));
    CHECK_STR(err.message, str_of("a\0b", 3));
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_wins),
        cmocka_unit_test(test_clear_and_extra),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
