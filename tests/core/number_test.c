/* SPDX-License-Identifier: Apache-2.0 */
/* number_test.c — the vectors of aws-behaviour.md §4.2 and §15.2 and 2026 L.11, seeded properties, and Python's decimal as a
 * second opinion (number_decimal.py). */
#include "tests/check.h"

#include "core/number.h"
#include "core/random.h"

#include <stdlib.h>

static struct number number_of(const char *text)
{
    struct number n;
    if (number_parse(str_from(text), &n) != NUMBER_OK) {
        fail_msg("%s is no number", text);
    }
    return n;
}

static struct str print(const struct number *n, char text[NUMBER_TEXT_MAX])
{
    size_t length = number_print(n, text);
    assert_true(length <= NUMBER_TEXT_MAX);
    return str_of(text, length);
}

static void check_canonical(const char *in, const char *want)
{
    char text[NUMBER_TEXT_MAX];
    struct number n = number_of(in);
    CHECK_STR(print(&n, text), str_from(want));
}

static void check_status(const char *in, enum number_status want)
{
    struct number n;
    enum number_status got = number_parse(str_from(in), &n);
    if (got != want) {
        fail_msg("%s: status %d, not %d", in, (int)got, (int)want);
    }
}

static char *repeat(char c, size_t n)
{
    char *text = test_malloc(n + 1);
    memset(text, c, n);
    text[n] = '\0';
    return text;
}

static void test_canonical_texts(void **state)
{
    (void)state;
    check_canonical("0000012345678901234567890123456789012345678", "12345678901234567890123456789012345678");
    check_canonical("-00001.23456789012345678901234567890123456780000", "-1.2345678901234567890123456789012345678");
    check_canonical("-0015.789e6", "-15789000");
    check_canonical("+5", "5");
    check_canonical("000", "0");
    check_canonical("0070", "70");
    check_canonical("100000000000000000", "100000000000000000");
    check_canonical("999999999999999999", "999999999999999999");
    check_canonical("9999999999999999999", "9999999999999999999");
    check_canonical("5.0", "5");
    check_canonical("5.", "5");
    check_canonical("-7", "-7");
    check_canonical("+.5", "0.5");
    check_canonical("1e+2", "100");
    check_canonical("1.5E+3", "1500");
    check_canonical("00042", "42");
    check_canonical("0", "0");
    check_canonical("-0", "0");
    check_canonical("0.000", "0");
    check_canonical("0e125", "0");
    check_canonical("1e0000000000000000000000000005", "100000");
    char *zeros = repeat('0', 400);
    char text[500];
    snprintf(text, sizeof(text), "1%.125s", zeros);
    check_canonical("1e125", text);
    snprintf(text, sizeof(text), "0.%.129s1", zeros);
    check_canonical("0001.000e-130", text);
    check_canonical("1E-130", text);
    snprintf(text, sizeof(text), "-0.%.129s99999999999999999999999999999999999999", zeros);
    check_canonical("-9.9999999999999999999999999999999999999E-130", text);
    test_free(zeros);
}

static void test_refused_texts(void **state)
{
    (void)state;
    static const char *const malformed[] = {"",    "+",    "-",    ".",   "e5",   "+e2", "1+2", "+1+2", "1.2.3",
                                            "++5", "1e",   "1e+",  " 5",  "5 ",   "NaN", "0x1", "1_0",  "Infinity",
                                            "1e5.", "1e5 ", ".e1", "--1", "1e--1", "1e9223372036854775808", "1/", "1:",
                                            "0e99999999999999999999", "1e-9223372036854775809", "\xC2\xA0"};
    for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
        check_status(malformed[i], NUMBER_MALFORMED);
    }
    static const char *const large[] = {"1E126", "1e99999999999", "0e99999999999", "0e126", "-10e125", "0.01e128",
                                        "1e9223372036854775807", "0e9223372036854775807"};
    for (size_t i = 0; i < sizeof(large) / sizeof(large[0]); i++) {
        check_status(large[i], NUMBER_OVERFLOW);
    }
    static const char *const small[] = {"1E-131", "1e-99999999999", "0e-131", "0.0e-130", "-0.9e-130",
                                        "0.1e-9223372036854775808"};
    for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i++) {
        check_status(small[i], NUMBER_UNDERFLOW);
    }
    check_status("123456789012345678901234567890123456789", NUMBER_TOO_PRECISE);
    check_status("1.00000000000000000000000000000000000001", NUMBER_TOO_PRECISE);
    check_status("9.9999999999999999999999999999999999999E+125", NUMBER_OK);
    check_status("9.99999999999999999999999999999999999990E+125", NUMBER_OK);
    struct number n;
    CHECK_EQ(number_parse(str_of("1\0", 2), &n), NUMBER_MALFORMED);
}

static void check_older(const char *in, enum number_status want)
{
    struct number n;
    enum number_status got = number_parse_older(str_from(in), &n);
    if (got != want) {
        fail_msg("%s: status %d, not %d", in, (int)got, (int)want);
    }
}

static void test_older_layer(void **state)
{
    (void)state;
    check_older("1e2147483647", NUMBER_UNDERFLOW);
    check_older("1e2147483648", NUMBER_MALFORMED);
    check_older("1e99999999999", NUMBER_MALFORMED);
    check_older("0.1e-2147483648", NUMBER_MALFORMED);
    check_older("1e-2147483647", NUMBER_UNDERFLOW);
    check_older("1e126", NUMBER_OVERFLOW);
    check_older("1e125", NUMBER_OK);
    check_older("x", NUMBER_MALFORMED);
}

/* A linear reader is done in no time; a quadratic one would meet the time limit of the test. */
static void test_long_texts(void **state)
{
    (void)state;
    size_t length = 16 * 1000 * 1000;
    char *text = repeat('0', length);
    struct number n;
    CHECK_EQ(number_parse(str_of(text, length), &n), NUMBER_OK);
    text[length - 1] = '7';
    CHECK_EQ(number_parse(str_of(text, length), &n), NUMBER_OK);
    CHECK_EQ(n.lo, 7);
    text[0] = '7';
    CHECK_EQ(number_parse(str_of(text, length), &n), NUMBER_OVERFLOW);
    text[1] = '.';
    CHECK_EQ(number_parse(str_of(text, length), &n), NUMBER_TOO_PRECISE);
    text[length - 1] = '0';
    CHECK_EQ(number_parse(str_of(text, length), &n), NUMBER_OK);
    CHECK_EQ(n.lo, 7);
    test_free(text);
}

static void test_sizes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size;
    } cases[] = {{"0", 1},      {"-0", 1},    {"0.00", 1},      {"1", 2},     {"12", 2},  {"123", 3}, {"1000000", 2},
                 {"1200", 2},   {"0.1", 2},   {"0.12", 2},      {"0.123", 3}, {"1.5", 3}, {"123.45", 4}, {"-42", 3},
                 {"42", 2},     {"100", 2},   {"0.0000001", 2}, {"1E125", 2}, {"100.5", 4},
                 {"99999999999999999999999999999999999999", 20}, {"-99999999999999999999999999999999999999", 21}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct number n = number_of(cases[i].text);
        CHECK_EQ(number_size(&n), cases[i].size);
    }
}

static void test_arithmetic_limits(void **state)
{
    (void)state;
    struct number sum;
    struct number largest = number_of("9.9999999999999999999999999999999999999E125");
    struct number last_place = number_of("1E88");
    struct number one = number_of("1");
    struct number smallest = number_of("1E-130");
    struct number small = number_of("1.1E-130");
    CHECK_EQ(number_add(&largest, &last_place, &sum), NUMBER_OVERFLOW);
    CHECK_EQ(number_add(&largest, &one, &sum), NUMBER_TOO_PRECISE);
    CHECK_EQ(number_subtract(&small, &smallest, &sum), NUMBER_UNDERFLOW);
    CHECK_EQ(number_subtract(&small, &small, &sum), NUMBER_OK);
    CHECK(number_equal(&sum, &(const struct number){0}));
    struct number power = number_of("1E38");
    CHECK_EQ(number_subtract(&power, &one, &sum), NUMBER_OK);
    char text[NUMBER_TEXT_MAX];
    CHECK_STR(print(&sum, text), STR("99999999999999999999999999999999999999"));
    CHECK_EQ(number_add(&sum, &one, &sum), NUMBER_OK);
    CHECK(number_equal(&sum, &power));
    CHECK_EQ(number_add(&power, &one, &sum), NUMBER_TOO_PRECISE);
    struct number zero = number_of("0");
    CHECK_EQ(number_subtract(&zero, &one, &sum), NUMBER_OK);
    CHECK_STR(print(&sum, text), STR("-1"));
    CHECK_EQ(number_subtract(&zero, &zero, &sum), NUMBER_OK);
    CHECK(!sum.negative);
}

static void test_status_texts(void **state)
{
    (void)state;
    CHECK_STR(str_from(number_status_text(NUMBER_OVERFLOW)),
              STR("Number overflow. Attempting to store a number with magnitude larger than supported range"));
    CHECK_STR(str_from(number_status_text(NUMBER_UNDERFLOW)),
              STR("Number underflow. Attempting to store a number with magnitude smaller than supported range"));
    CHECK_STR(str_from(number_status_text(NUMBER_TOO_PRECISE)),
              STR("Attempting to store more than 38 significant digits in a Number"));
    CHECK_STR(str_from(number_status_text(NUMBER_MALFORMED)),
              STR("The parameter cannot be converted to a numeric value"));
}

static struct number random_number(struct random *random)
{
    char text[64];
    size_t n = 0;
    if (random_below(random, 2) == 0) {
        text[n++] = '-';
    }
    for (uint64_t digits = 1 + random_below(random, 38); digits > 0; digits--) {
        text[n++] = (char)('0' + random_below(random, 10));
    }
    n += (size_t)snprintf(text + n, sizeof(text) - n, "e%d", (int)random_below(random, 214) - 127);
    struct number number;
    CHECK_EQ(number_parse(str_of(text, n), &number), NUMBER_OK);
    return number;
}

/* Text and back; the order of keys is the order of numbers; no key begins another. */
static void test_properties(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, 38);
    struct number last = {0};
    for (int i = 0; i < 100000; i++) {
        struct number n = random_number(&random);
        char text[NUMBER_TEXT_MAX];
        struct number again;
        CHECK_EQ(number_parse(print(&n, text), &again), NUMBER_OK);
        CHECK(number_equal(&n, &again) && number_compare(&n, &again) == 0);
        unsigned char a[NUMBER_KEY_MAX];
        unsigned char b[NUMBER_KEY_MAX];
        struct str left = str_of((const char *)a, number_key(&last, a));
        struct str right = str_of((const char *)b, number_key(&n, b));
        int order = number_compare(&last, &n);
        int key_order = str_compare(left, right);
        CHECK((order > 0) == (key_order > 0) && (order < 0) == (key_order < 0));
        CHECK(order == 0 || (!str_starts_with(left, right) && !str_starts_with(right, left)));
        CHECK(number_compare(&n, &last) == 0 ? order == 0 : (number_compare(&n, &last) > 0) == (order < 0));
        last = n;
    }
}

static const char *status_word(enum number_status status)
{
    static const char *const words[] = {"ok", "malformed", "overflow", "underflow", "precise"};
    return words[status];
}

/* The answer to one line of number_decimal.py, computed here. */
static void answer(char **words, char out[256])
{
    struct number a = {0};
    struct number b = {0};
    char text[NUMBER_TEXT_MAX];
    enum number_status status = number_parse(str_from(words[1]), &a);
    bool has_second = strcmp(words[0], "add") == 0 || strcmp(words[0], "subtract") == 0 || strcmp(words[0], "compare") == 0;
    if (has_second) {
        b = number_of(words[2]);
    }
    if (strcmp(words[0], "add") == 0) {
        status = number_add(&a, &b, &a);
    } else if (strcmp(words[0], "subtract") == 0) {
        status = number_subtract(&a, &b, &a);
    } else if (strcmp(words[0], "compare") == 0) {
        int order = number_compare(&a, &b);
        snprintf(out, 256, "%d", (order > 0) - (order < 0));
        return;
    } else if (strcmp(words[0], "key") == 0) {
        unsigned char key[NUMBER_KEY_MAX];
        size_t n = number_key(&a, key);
        for (size_t i = 0; i < n; i++) {
            snprintf(out + 2 * i, 3, "%02x", key[i]);
        }
        return;
    } else if (strcmp(words[0], "size") == 0) {
        snprintf(out, 256, "%zu", number_size(&a));
        return;
    } else if (strcmp(words[0], "hash") == 0) {
        snprintf(out, 256, "%d", (int)number_java_hash(&a));
        return;
    }
    if (status == NUMBER_OK) {
        struct str printed = print(&a, text);
        snprintf(out, 256, "%.*s", STR_ARG(printed));
    } else {
        snprintf(out, 256, "%s", status_word(status));
    }
}

static void test_against_decimal(void **state)
{
    (void)state;
    FILE *cases = popen("python3 " TESTS_DIR "/core/number_decimal.py 1 6000", "r");
    assert_non_null(cases);
    char line[1024];
    long checked = 0;
    bool ended = false;
    while (fgets(line, sizeof(line), cases) != NULL) {
        char *words[5] = {NULL};
        int count = 0;
        for (char *p = line; count < 4 && *p != '\0' && *p != '\n';) {
            words[count++] = p;
            p += strcspn(p, " \n");
            if (*p != '\0') {
                *p++ = '\0';
            }
        }
        if (strcmp(words[0], "end") == 0) {
            CHECK_EQ(checked, strtol(words[1], NULL, 10));
            ended = true;
            break;
        }
        char got[256];
        answer(words, got);
        if (strcmp(got, words[count - 1]) != 0) {
            fail_msg("%s %s %s: got %s, decimal says %s", words[0], words[1], count == 4 ? words[2] : "", got,
                     words[count - 1]);
        }
        checked++;
    }
    CHECK(ended && checked == 48000);
    CHECK_EQ(pclose(cases), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_canonical_texts), cmocka_unit_test(test_refused_texts),
        cmocka_unit_test(test_older_layer),     cmocka_unit_test(test_long_texts),
        cmocka_unit_test(test_sizes),           cmocka_unit_test(test_arithmetic_limits),
        cmocka_unit_test(test_status_texts),    cmocka_unit_test(test_properties),
        cmocka_unit_test(test_against_decimal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
