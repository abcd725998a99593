/* SPDX-License-Identifier: Apache-2.0 */
/* base64_test.c — RFC 4648's vectors, AWS's refusals, and every length there and back. */
#include "tests/check.h"

#include "core/base64.h"
#include "core/random.h"

static struct str encode(struct buf *buf, struct str bytes)
{
    buf_truncate(buf, 0);
    base64_write(buf, bytes);
    return str_of(buf->p, buf->n);
}

static void test_vectors(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}, {"\xFB\xFF\xBF", "+/+/"}};
    struct arena arena;
    arena_init(&arena, 0);
    struct buf buf;
    buf_init(&buf, 100);
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        CHECK_STR(encode(&buf, str_from(pairs[i][0])), str_from(pairs[i][1]));
        struct str bytes;
        CHECK_EQ(base64_decode(str_from(pairs[i][1]), &arena, &bytes, NULL), BASE64_OK);
        CHECK_STR(bytes, str_from(pairs[i][0]));
        assert_non_null(bytes.p);
    }
    buf_release(&buf);
    arena_release(&arena);
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum base64_status status;
        char bad;
    } cases[] = {{"A", BASE64_LENGTH, 0},          {"AAA", BASE64_LENGTH, 0},       {"AA=", BASE64_LENGTH, 0},
                 {"AA-A", BASE64_CHARACTER, '-'},  {"AAA_", BASE64_CHARACTER, '_'}, {"AAAA AAA", BASE64_CHARACTER, ' '},
                 {"A===", BASE64_CHARACTER, '='},  {"====", BASE64_CHARACTER, '='}, {"AA==AAAA", BASE64_CHARACTER, '='},
                 {"=AAA", BASE64_CHARACTER, '='},  {"AB==", BASE64_TRAILING_BITS, 0}, {"AAB=", BASE64_TRAILING_BITS, 0},
                 {"AA=A", BASE64_CHARACTER, '='},  {"AAAAAP==", BASE64_TRAILING_BITS, 0}};
    struct arena arena;
    arena_init(&arena, 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct str bytes;
        char bad = 0;
        CHECK_EQ(base64_decode(str_from(cases[i].text), &arena, &bytes, &bad), cases[i].status);
        CHECK_EQ(bad, cases[i].bad);
        CHECK_EQ(base64_check(str_from(cases[i].text), NULL), cases[i].status);
    }
    arena_release(&arena);
}

static void test_round_trip(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    struct buf buf;
    buf_init(&buf, 1000);
    struct random random;
    random_init(&random, 64);
    for (size_t n = 0; n < 300; n++) {
        char bytes[300];
        for (size_t i = 0; i < n; i++) {
            bytes[i] = (char)random_below(&random, 256);
        }
        struct str again;
        CHECK_EQ(base64_decode(encode(&buf, str_of(bytes, n)), &arena, &again, NULL), BASE64_OK);
        CHECK_STR(again, str_of(bytes, n));
        arena_reset(&arena);
    }
    buf_release(&buf);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
