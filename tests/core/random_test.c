/* SPDX-License-Identifier: Apache-2.0 */
/* random_test.c — the generator against its published sequence, its bounds, and UUIDs; and the clocks, which have no more to test. */
#include "tests/check.h"

#include "core/clock.h"
#include "core/random.h"

/* xoshiro256** from the state 1, 2, 3, 4: the first outputs of the authors' reference code. */
static void test_published_sequence(void **state)
{
    (void)state;
    struct random random = {{1, 2, 3, 4}};
    CHECK_EQ(random_u64(&random), UINT64_C(11520));
    CHECK_EQ(random_u64(&random), UINT64_C(0));
    CHECK_EQ(random_u64(&random), UINT64_C(1509978240));
    CHECK_EQ(random_u64(&random), UINT64_C(1215971899390074240));
}

/* splitmix64 from zero. */
static void test_seeding(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, 0);
    CHECK_EQ(random.s[0], UINT64_C(0xE220A8397B1DCDAF));
    CHECK_EQ(random.s[1], UINT64_C(0x6E789E6AA1B965F4));
    CHECK(random_seed() != random_seed());
}

static void test_below(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, 1);
    int seen[7] = {0};
    for (int i = 0; i < 7000; i++) {
        uint64_t x = random_below(&random, 7);
        CHECK(x < 7);
        seen[x]++;
    }
    for (int i = 0; i < 7; i++) {
        CHECK(seen[i] > 800 && seen[i] < 1200);
    }
    CHECK_EQ(random_below(&random, 1), 0);
    for (int i = 0; i < 100; i++) {
        CHECK(random_below(&random, (UINT64_C(1) << 63) + 1) <= UINT64_C(1) << 63);
    }
}

static void test_uuid(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, 2);
    char last[36] = {0};
    for (int i = 0; i < 100; i++) {
        char uuid[36];
        random_uuid(&random, uuid);
        for (int k = 0; k < 36; k++) {
            bool dash = k == 8 || k == 13 || k == 18 || k == 23;
            CHECK(dash ? uuid[k] == '-' : memchr("0123456789abcdef", uuid[k], 16) != NULL);
        }
        CHECK_EQ(uuid[14], '4');
        CHECK(memchr("89ab", uuid[19], 4) != NULL);
        CHECK(memcmp(last, uuid, 36) != 0);
        memcpy(last, uuid, 36);
    }
}

static void test_clocks(void **state)
{
    (void)state;
    struct clock_manual manual;
    clock_manual_init(&manual, 1000);
    CHECK_EQ(clock_now_ms(&manual.clock), 1000);
    manual.now += 500;
    CHECK_EQ(clock_now_ms(&manual.clock), 1500);
    int64_t now = clock_now_ms(clock_system());
    CHECK(now / 1000 >= time(NULL) - 1 && now / 1000 <= time(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_sequence), cmocka_unit_test(test_seeding), cmocka_unit_test(test_below),
        cmocka_unit_test(test_uuid),               cmocka_unit_test(test_clocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
