/* SPDX-License-Identifier: Apache-2.0 */
/* Is OpenSSL found, with all that is called of it? The functions themselves are tested where they are used. */
#include "tests/check.h"

#include "core/openssl.h"

static void test_loads_once_and_has_every_function(void **state)
{
    (void)state;
    struct arena arena;
    struct err err;
    arena_init(&arena, 0);
    err_init(&err, &arena);
    assert_true(openssl_load(&err));
    assert_true(openssl_load(&err));
    assert_ptr_equal(openssl(), openssl_first());
#define FUNCTION(name) assert_true(openssl()->name != NULL);
#include "core/openssl.def"
#undef FUNCTION
    arena_release(&arena);
}

/* A call through the table reaches the library that was compiled against. */
static void test_is_the_version_of_the_headers(void **state)
{
    (void)state;
    assert_int_equal(openssl()->OpenSSL_version(OPENSSL_VERSION_STRING)[0], '0' + OPENSSL_VERSION_MAJOR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loads_once_and_has_every_function),
        cmocka_unit_test(test_is_the_version_of_the_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
