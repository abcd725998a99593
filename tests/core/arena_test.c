/* SPDX-License-Identifier: Apache-2.0 */
/* arena_test.c — alignment, growth, rollback, what a reset keeps, and (under AddressSanitizer) that unused memory is poisoned. */
#include "tests/check.h"

#include "core/arena.h"
#include "core/random.h"

#if defined(__SANITIZE_ADDRESS__)
#define ASAN_ON 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ASAN_ON 1
#endif
#endif
#ifdef ASAN_ON
#include <sanitizer/asan_interface.h>
#endif

static void test_allocations_are_apart_and_aligned(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    struct random random;
    random_init(&random, 5);
    enum { COUNT = 2000 };
    static unsigned char *blocks[COUNT];
    static size_t sizes[COUNT];
    for (int i = 0; i < COUNT; i++) {
        sizes[i] = random_below(&random, i % 100 == 0 ? 100000 : 200);
        blocks[i] = arena_alloc(&arena, sizes[i]);
        assert_non_null(blocks[i]);
        CHECK_EQ((uintptr_t)blocks[i] % 16, 0);
        memset(blocks[i], i & 0xFF, sizes[i]);
    }
    for (int i = 0; i < COUNT; i++) {
        for (size_t k = 0; k < sizes[i]; k++) {
            CHECK_EQ(blocks[i][k], i & 0xFF);
        }
    }
    arena_release(&arena);
}

static void test_arrays_are_cleared(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    for (int round = 0; round < 2; round++) {
        unsigned *numbers = arena_array(&arena, unsigned, 100);
        for (int i = 0; i < 100; i++) {
            CHECK_EQ(numbers[i], 0);
        }
        memset(numbers, 0xAA, 100 * sizeof(*numbers));
        arena_reset(&arena);
    }
    arena_release(&arena);
}

static void test_rollback_and_reset(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    CHECK_EQ(arena_used(&arena), 0);
    struct arena_mark empty = arena_mark(&arena);
    struct str kept = arena_copy(&arena, STR("kept"));
    size_t used = arena_used(&arena);
    CHECK(used >= 4);
    struct arena_mark mark = arena_mark(&arena);
    for (int i = 0; i < 100; i++) {
        arena_alloc(&arena, 5000);
    }
    CHECK(arena_used(&arena) >= 500000);
    arena_rollback(&arena, mark);
    CHECK_EQ(arena_used(&arena), used);
    CHECK_STR(kept, STR("kept"));
    arena_rollback(&arena, empty);
    CHECK_EQ(arena_used(&arena), 0);
    arena_alloc(&arena, 10);
    arena_reset(&arena);
    CHECK_EQ(arena_used(&arena), 0);
    arena_release(&arena);
}

static void test_grow(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 0);
    arena_alloc(&arena, 10);
    size_t n = 100;
    unsigned char *p = memset(arena_alloc(&arena, n), 7, n);
    while (n < 3000000) {
        size_t more = n + n / 2;
        p = arena_grow(&arena, p, n, more);
        memset(p + n, 7, more - n);
        n = more;
    }
    for (size_t i = 0; i < n; i++) {
        CHECK_EQ(p[i], 7);
    }
    char *behind = arena_alloc(&arena, 1);
    *behind = 1;
    p = arena_grow(&arena, p, n, n + 1); /* not the newest: copied */
    CHECK_EQ(p[n - 1], 7);
    arena_release(&arena);
}

#ifndef ARENA_MALLOC
static void test_steady_state_reuses_memory(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    const void *first[50];
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 50; i++) {
            const void *p = arena_alloc(&arena, 3000);
            if (round == 0) {
                first[i] = p;
            }
            CHECK(p == first[i]);
        }
        arena_reset(&arena);
    }
    arena_release(&arena);
}

static void test_large_blocks_are_given_back(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 64 * 1024);
    arena_alloc(&arena, 100);
    arena_alloc(&arena, 10 << 20);
    arena_reset(&arena);
    assert_non_null(arena.spare);
    arena_alloc(&arena, 100);
    CHECK((size_t)(arena.end - arena.next) < 64 * 1024);
    assert_null(arena.spare);
    arena_release(&arena);
}
#endif

#ifdef ASAN_ON
static void test_poison(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    char *a = arena_alloc(&arena, 16);
    char *b = arena_alloc(&arena, 5);
    CHECK(!__asan_address_is_poisoned(a) && !__asan_address_is_poisoned(a + 15) && __asan_address_is_poisoned(a + 16));
    CHECK(!__asan_address_is_poisoned(b + 4) && __asan_address_is_poisoned(b + 5));
    arena_reset(&arena);
    CHECK(__asan_address_is_poisoned(a) && __asan_address_is_poisoned(b));
    arena_release(&arena);
}
#endif

static void test_printf(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    CHECK_STR(arena_printf(&arena, "%s-%d", "x", 42), STR("x-42"));
    CHECK_STR(arena_printf(&arena, "%.*s", STR_ARG(STR("abc"))), STR("abc"));
    CHECK_EQ(arena_printf(&arena, "%050000d", 1).n, 50000);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allocations_are_apart_and_aligned),
        cmocka_unit_test(test_arrays_are_cleared),
        cmocka_unit_test(test_rollback_and_reset),
        cmocka_unit_test(test_grow),
#ifndef ARENA_MALLOC
        cmocka_unit_test(test_steady_state_reuses_memory),
        cmocka_unit_test(test_large_blocks_are_given_back),
#endif
#ifdef ASAN_ON
        cmocka_unit_test(test_poison),
#endif
        cmocka_unit_test(test_printf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
