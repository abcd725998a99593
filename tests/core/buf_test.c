/* SPDX-License-Identifier: Apache-2.0 */
/* buf_test.c — the output buffer grows up to its maximum, exactly. */
#include "tests/check.h"

#include "core/buf.h"

static struct str text_of(const struct buf *buf)
{
    return str_of(buf->p, buf->n);
}

static void test_adding(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 1000);
    buf_add_literal(&buf, "a=");
    buf_add_u64(&buf, 0);
    buf_add_byte(&buf, ' ');
    buf_add_u64(&buf, UINT64_MAX);
    buf_add_byte(&buf, ' ');
    buf_add_i64(&buf, INT64_MIN);
    buf_add_byte(&buf, ' ');
    buf_add_i64(&buf, 17);
    buf_add_str(&buf, STR(" b"));
    buf_printf(&buf, "%03d", 7);
    CHECK_STR(text_of(&buf), STR("a=0 18446744073709551615 -9223372036854775808 17 b007"));
    buf_truncate(&buf, 3);
    CHECK_STR(text_of(&buf), STR("a=0"));
    buf_release(&buf);
}

static void test_fills_to_the_last_byte(void **state)
{
    (void)state;
    for (size_t max = 0; max < 1200; max += 13) {
        struct buf buf;
        buf_init(&buf, max);
        assert_non_null(buf.p);
        for (size_t i = 0; i < max; i++) {
            buf_add_byte(&buf, (char)('a' + i % 26));
        }
        CHECK_EQ(buf.n, max);
        for (size_t i = 0; i < max; i++) {
            CHECK_EQ(buf.p[i], 'a' + (int)(i % 26));
        }
        buf_truncate(&buf, max >= 5 ? max - 5 : max);
        if (max >= 5) {
            buf_printf(&buf, "%s", "12345"); /* its terminator needs no room */
        }
        CHECK_EQ(buf.n, max);
        buf_release(&buf);
    }
}

static void test_clear_gives_memory_back(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 1 << 20);
    memset(buf_reserve(&buf, 500000), 'x', 500000);
    buf.n += 500000;
    buf_clear(&buf, 1 << 20);
    CHECK(buf.n == 0 && buf.cap >= 500000);
    buf_clear(&buf, 4096);
    CHECK(buf.n == 0 && buf.cap <= 4096);
    buf_add_literal(&buf, "y");
    CHECK_STR(text_of(&buf), STR("y"));
    buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_adding),
        cmocka_unit_test(test_fills_to_the_last_byte),
        cmocka_unit_test(test_clear_gives_memory_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
