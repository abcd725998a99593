/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

/* What every test includes: cmocka in the order that it wants its headers, and comparisons of our own types that print
 * both sides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/str.h"

#include <stdio.h>

static inline void check_str(struct str got, struct str want, const char *file, int line)
{
    if (!str_eq(got, want)) {
        struct str absent = STR("(absent)");
        struct str left = got.p == NULL ? absent : got;
        struct str right = want.p == NULL ? absent : want;
        print_error("%s:%d:\n   got: %.*s\n  want: %.*s\n", file, line, STR_ARG(left), STR_ARG(right));
        _fail(file, line);
    }
}

#define CHECK(condition) assert_true(condition)
#define CHECK_EQ(got, want) assert_int_equal((got), (want))
/* Both are struct str. */
#define CHECK_STR(got, want) check_str((got), (want), __FILE__, __LINE__)

#endif
