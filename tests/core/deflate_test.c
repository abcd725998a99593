/* SPDX-License-Identifier: Apache-2.0 */
/* deflate_test.c — the checksums of aws-behaviour.md §15.1; gzip there and back, members in a row, damage, and bombs. */
#include "tests/check.h"

#include "core/deflate.h"
#include "core/random.h"

static void test_crc32(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        uint32_t crc;
    } cases[] = {
        {"{}", 2745614147u},
        {"{\"__type\":\"com.amazon.coral.service#SerializationException\"}", 3948637019u},
        {"{\"__type\":\"com.amazon.coral.service#UnknownOperationException\"}", 1368724161u},
        {"{\"__type\":\"com.amazon.coral.service#MissingAuthenticationTokenException\",\"message\":\"Request is missing "
         "Authentication Token\"}",
         2088342776u},
        {"healthy: dynamodb.us-east-1.amazonaws.com ", 3128867991u},
        {"<UnknownOperationException/>\n", 3552371480u},
        {"", 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CHECK_EQ(crc32_of(cases[i].body, strlen(cases[i].body)), cases[i].crc);
    }
}

static void test_round_trip(void **state)
{
    (void)state;
    struct buf packed;
    struct buf plain;
    buf_init(&packed, 1 << 22);
    buf_init(&plain, 1 << 22);
    struct random random;
    random_init(&random, 3);
    for (size_t n = 0; n < 2000000; n = n * 3 + 1) {
        char *text = test_malloc(n + 1);
        for (size_t i = 0; i < n; i++) {
            text[i] = (char)('a' + random_below(&random, n % 2 == 0 ? 26 : 2));
        }
        buf_clear(&packed, 1 << 22);
        buf_clear(&plain, 0);
        buf_add_literal(&plain, "before");
        gzip_pack(str_of(text, n), &packed);
        CHECK(gzip_unpack(str_of(packed.p, packed.n), n, &plain));
        CHECK_STR(str_of(plain.p + 6, plain.n - 6), str_of(text, n));
        if (n > 0) {
            buf_truncate(&plain, 6);
            CHECK(!gzip_unpack(str_of(packed.p, packed.n), n - 1, &plain));
            CHECK_EQ(plain.n, 6);
        }
        test_free(text);
    }
    buf_release(&packed);
    buf_release(&plain);
}

static void test_members_and_damage(void **state)
{
    (void)state;
    struct buf packed;
    struct buf plain;
    buf_init(&packed, 1000);
    buf_init(&plain, 1000);
    gzip_pack(STR("first,"), &packed);
    size_t first = packed.n;
    gzip_pack(STR("second"), &packed);
    CHECK(gzip_unpack(str_of(packed.p, packed.n), 1000, &plain));
    CHECK_STR(str_of(plain.p, plain.n), STR("first,second"));
    CHECK(!gzip_unpack(str_of(packed.p, packed.n), 11, &plain));
    for (size_t n = 0; n < packed.n; n++) {
        buf_truncate(&plain, 0);
        CHECK_EQ(gzip_unpack(str_of(packed.p, n), 1000, &plain), n == first);
    }
    for (size_t i = 0; i < packed.n; i++) {
        packed.p[i] ^= 0x55;
        buf_truncate(&plain, 0);
        if (gzip_unpack(str_of(packed.p, packed.n), 900, &plain)) {
            CHECK_STR(str_of(plain.p, plain.n), STR("first,second")); /* header fields that mean nothing */
        }
        packed.p[i] ^= 0x55;
    }
    buf_release(&packed);
    buf_release(&plain);
}

/* 64 MB of zeros in 64 KB: refused without making more than the bound. */
static void test_bomb(void **state)
{
    (void)state;
    size_t n = 64 << 20;
    char *zeros = test_calloc(1, n);
    struct buf packed;
    struct buf plain;
    buf_init(&packed, 65 << 20);
    buf_init(&plain, 1 << 20);
    gzip_pack(str_of(zeros, n), &packed);
    test_free(zeros);
    CHECK(packed.n < 100000);
    CHECK(!gzip_unpack(str_of(packed.p, packed.n), 1 << 20, &plain));
    CHECK(plain.n == 0 && plain.cap <= 1 << 20);
    memset(packed.p + packed.n - 4, 0, 4); /* a trailer that says "empty" */
    CHECK(!gzip_unpack(str_of(packed.p, packed.n), 1 << 20, &plain));
    buf_release(&packed);
    buf_release(&plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crc32),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_members_and_damage),
        cmocka_unit_test(test_bomb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
