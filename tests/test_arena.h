/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_TEST_ARENA_H
#define TESTS_TEST_ARENA_H

/* One arena for the tests of a file, made before each test and released after it: for cmocka_unit_test_setup_teardown. */
#include "tests/check.h"

#include "core/arena.h"

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

#endif
