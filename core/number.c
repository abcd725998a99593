/* SPDX-License-Identifier: Apache-2.0 */
/* number.c — DynamoDB's 38-digit decimals as a 128-bit coefficient and a power of ten; the only file that uses __int128.
 * Texts are read in one pass of linear time whatever their length; sums are exact or refused, never rounded. */
#include "core/number.h"

#include "core/ensure.h"

#include <string.h>

__extension__ typedef unsigned __int128 u128;

#define DIGITS_MAX 38
#define PLAIN_DIGITS_MAX 18 /* so many fit 64 bits, whatever they are */
#define MAGNITUDE_MAX 125  /* exponent of the leading digit */
#define MAGNITUDE_MIN -130

static const uint64_t powers[20] = {UINT64_C(1),
                                    UINT64_C(10),
                                    UINT64_C(100),
                                    UINT64_C(1000),
                                    UINT64_C(10000),
                                    UINT64_C(100000),
                                    UINT64_C(1000000),
                                    UINT64_C(10000000),
                                    UINT64_C(100000000),
                                    UINT64_C(1000000000),
                                    UINT64_C(10000000000),
                                    UINT64_C(100000000000),
                                    UINT64_C(1000000000000),
                                    UINT64_C(10000000000000),
                                    UINT64_C(100000000000000),
                                    UINT64_C(1000000000000000),
                                    UINT64_C(10000000000000000),
                                    UINT64_C(100000000000000000),
                                    UINT64_C(1000000000000000000),
                                    UINT64_C(10000000000000000000)};

/* 10^n, n ≤ 38. */
static u128 power(int n)
{
    ensure(n >= 0 && n <= DIGITS_MAX);
    return n < 20 ? (u128)powers[n] : (u128)powers[19] * powers[n - 19];
}

static u128 coefficient_of(const struct number *n)
{
    return (u128)n->hi << 64 | n->lo;
}

/* Not for zero. */
static int count_digits(u128 n)
{
    if (n >> 64 != 0) {
        int digits = 19;
        while (digits <= DIGITS_MAX && n >= power(digits)) {
            digits++;
        }
        return digits;
    }
    ensure(n != 0);
    /* By the length in bits, times log 2: right or one too few. */
    int digits = (64 - __builtin_clzll((unsigned long long)n)) * 1233 >> 12;
    return digits + ((uint64_t)n >= powers[digits]);
}

static bool is_zero(const struct number *n)
{
    return (n->hi | n->lo) == 0;
}

/* Power of ten of the leading digit. Not for zero. */
static int magnitude(const struct number *n)
{
    return count_digits(coefficient_of(n)) + n->exponent - 1;
}

static void set(struct number *out, u128 coefficient, int exponent, bool negative)
{
    *out = (struct number){(uint64_t)(coefficient >> 64), (uint64_t)coefficient, (int16_t)exponent, negative};
}

/* What a text says, before any limit: ±coefficient × 10^exponent if it has at most 38 significant digits. */
struct scan {
    u128 coefficient;
    int64_t written_exponent;
    int64_t fraction;    /* digits behind the point */
    int64_t significant; /* digits from the first to the last that is not zero */
    int64_t zeros;       /* digits behind those */
    bool negative;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void scan_digit(struct scan *scan, unsigned digit)
{
    if (digit == 0) {
        scan->zeros += scan->significant > 0;
        return;
    }
    int64_t shift = scan->zeros + 1;
    scan->significant += shift;
    scan->zeros = 0;
    if (scan->significant <= DIGITS_MAX) {
        scan->coefficient = scan->coefficient * (shift == 1 ? (u128)10 : power((int)shift)) + digit;
    }
}

/* The exponent's text from p to end: false if it is none or does not fit 64 bits. */
static bool scan_exponent(const char *p, const char *end, int64_t *out)
{
    bool negative = p < end && *p == '-';
    p += p < end && (*p == '-' || *p == '+');
    if (p == end) {
        return false;
    }
    int64_t exponent = 0;
    for (; p < end; p++) {
        int64_t digit = *p - '0';
        if (!is_digit(*p) || __builtin_mul_overflow(exponent, (int64_t)10, &exponent) ||
            __builtin_add_overflow(exponent, negative ? -digit : digit, &exponent)) {
            return false;
        }
    }
    *out = exponent;
    return true;
}

static bool scan_text(struct str text, struct scan *scan)
{
    *scan = (struct scan){0};
    const char *p = text.p;
    const char *end = text.p + text.n;
    scan->negative = p < end && *p == '-';
    p += p < end && (*p == '-' || *p == '+');
    bool point = false;
    bool any = false;
    for (; p < end; p++) {
        if (is_digit(*p)) {
            any = true;
            scan->fraction += point;
            scan_digit(scan, (unsigned)(*p - '0'));
        } else if (*p == '.' && !point) {
            point = true;
        } else {
            break;
        }
    }
    if (!any || p == end) {
        return any;
    }
    return (*p == 'e' || *p == 'E') && scan_exponent(p + 1, end, &scan->written_exponent);
}

static int64_t add_saturated(int64_t a, int64_t b)
{
    int64_t sum = 0;
    if (__builtin_add_overflow(a, b, &sum)) {
        return a < 0 ? INT64_MIN : INT64_MAX;
    }
    return sum;
}

static enum number_status check_magnitude(int64_t leading)
{
    if (leading > MAGNITUDE_MAX) {
        return NUMBER_OVERFLOW;
    }
    return leading < MAGNITUDE_MIN ? NUMBER_UNDERFLOW : NUMBER_OK;
}

static enum number_status finish(const struct scan *scan, struct number *out)
{
    /* Zero is measured as if its last digit were 1. */
    int64_t digits = scan->significant > 0 ? scan->significant + scan->zeros : 1;
    int64_t last = add_saturated(scan->written_exponent, -scan->fraction);
    enum number_status status = check_magnitude(add_saturated(last, digits - 1));
    if (status != NUMBER_OK) {
        return status;
    }
    if (scan->significant > DIGITS_MAX) {
        return NUMBER_TOO_PRECISE;
    }
    if (scan->significant == 0) {
        *out = (struct number){0};
    } else {
        set(out, scan->coefficient, (int)(last + scan->zeros), scan->negative);
    }
    return NUMBER_OK;
}

/* A whole number of few digits without a sign, as most are; false if it is none. */
static bool parse_plain(struct str text, struct number *out)
{
    if (text.n == 0 || text.n > PLAIN_DIGITS_MAX) {
        return false;
    }
    uint64_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        unsigned digit = (unsigned)(text.p[i] - '0');
        if (digit > 9) {
            return false;
        }
        n = n * 10 + digit;
    }
    int exponent = 0;
    while (n != 0 && n % 10 == 0) {
        n /= 10;
        exponent++;
    }
    set(out, n, exponent, false);
    return true;
}

enum number_status number_parse(struct str text, struct number *out)
{
    struct scan scan;
    if (parse_plain(text, out)) {
        return NUMBER_OK;
    }
    return scan_text(text, &scan) ? finish(&scan, out) : NUMBER_MALFORMED;
}

enum number_status number_parse_older(struct str text, struct number *out)
{
    struct scan scan;
    if (!scan_text(text, &scan)) {
        return NUMBER_MALFORMED;
    }
    if (scan.written_exponent != (int32_t)scan.written_exponent) {
        return NUMBER_MALFORMED;
    }
    int64_t scale = scan.fraction - scan.written_exponent;
    if (scale != (int32_t)scale) {
        return NUMBER_MALFORMED;
    }
    int64_t precision = scan.significant > 0 ? scan.significant + scan.zeros : 1;
    if (precision - scale > INT32_MAX) {
        return NUMBER_UNDERFLOW; /* Java's int wraps around */
    }
    return finish(&scan, out);
}

/* The digits of a coefficient, first one first; returns how many. */
static int write_digits(u128 n, char out[DIGITS_MAX + 1])
{
    char reversed[DIGITS_MAX + 2];
    int count = 0;
    uint64_t low = (uint64_t)n;
    if (n >> 64 != 0) {
        /* Nineteen digits a division: the 128-bit one is slow. */
        low = (uint64_t)(n / powers[19]);
        uint64_t tail = (uint64_t)(n % powers[19]);
        for (; count < 19; count++) {
            reversed[count] = (char)('0' + tail % 10);
            tail /= 10;
        }
    }
    for (; low > 0; low /= 10) {
        reversed[count++] = (char)('0' + low % 10);
    }
    for (int i = 0; i < count; i++) {
        out[i] = reversed[count - 1 - i];
    }
    return count;
}

size_t number_print(const struct number *n, char out[NUMBER_TEXT_MAX])
{
    if (is_zero(n)) {
        out[0] = '0';
        return 1;
    }
    char digits[DIGITS_MAX + 1];
    int count = write_digits(coefficient_of(n), digits);
    char *p = out;
    if (n->negative) {
        *p++ = '-';
    }
    int whole = count + n->exponent;
    ensure(count <= DIGITS_MAX && whole <= MAGNITUDE_MAX + 1 && whole > MAGNITUDE_MIN);
    if (n->exponent >= 0) {
        memcpy(p, digits, (size_t)count);
        memset(p + count, '0', (size_t)n->exponent);
        return (size_t)(p - out + whole);
    }
    if (whole > 0) {
        memcpy(p, digits, (size_t)whole);
        p[whole] = '.';
        memcpy(p + whole + 1, digits + whole, (size_t)(count - whole));
        return (size_t)(p - out + count + 1);
    }
    *p++ = '0';
    *p++ = '.';
    memset(p, '0', (size_t)-whole);
    p += -whole;
    memcpy(p, digits, (size_t)count);
    return (size_t)(p - out + count);
}

/* Of two positive numbers. */
static int compare_magnitudes(const struct number *a, const struct number *b)
{
    int difference = magnitude(a) - magnitude(b);
    if (difference != 0) {
        return difference;
    }
    /* Leading digits at the same place: the exponents differ by less than 38. */
    u128 left = coefficient_of(a);
    u128 right = coefficient_of(b);
    int shift = a->exponent - b->exponent;
    if (shift > 0) {
        left *= power(shift);
    } else {
        right *= power(-shift);
    }
    return (left > right) - (left < right);
}

int number_compare(const struct number *a, const struct number *b)
{
    if (is_zero(a) || is_zero(b)) {
        int left = is_zero(a) ? 0 : a->negative ? -1 : 1;
        int right = is_zero(b) ? 0 : b->negative ? -1 : 1;
        return left - right;
    }
    if (a->negative != b->negative) {
        return a->negative ? -1 : 1;
    }
    return a->negative ? compare_magnitudes(b, a) : compare_magnitudes(a, b);
}

bool number_equal(const struct number *a, const struct number *b)
{
    return a->lo == b->lo && a->hi == b->hi && a->exponent == b->exponent && a->negative == b->negative;
}

/* A sum as coefficient × 10^exponent, made canonical and checked. */
static enum number_status finish_sum(u128 sum, int exponent, bool negative, struct number *out)
{
    if (sum == 0) {
        *out = (struct number){0};
        return NUMBER_OK;
    }
    while (sum >> 64 != 0 && sum % 10 == 0) {
        sum /= 10;
        exponent++;
    }
    uint64_t low = (uint64_t)sum;
    while (sum >> 64 == 0 && low % 10 == 0) { /* a division of 64 bits needs no call */
        low /= 10;
        sum = low;
        exponent++;
    }
    int digits = count_digits(sum);
    enum number_status status = check_magnitude(digits + exponent - 1);
    if (status == NUMBER_OK && digits > DIGITS_MAX) {
        status = NUMBER_TOO_PRECISE;
    }
    if (status == NUMBER_OK) {
        set(out, sum, exponent, negative);
    }
    return status;
}

enum number_status number_add(const struct number *a, const struct number *b, struct number *out)
{
    if (is_zero(a) || is_zero(b)) {
        *out = is_zero(a) ? *b : *a;
        return NUMBER_OK;
    }
    if (a->exponent < b->exponent) {
        const struct number *swap = a;
        a = b;
        b = swap;
    }
    /* a moves to b's exponent. Beyond 2 × 10^38 the sum has more than 38 digits and its last one is b's, not zero. */
    int shift = a->exponent - b->exponent;
    u128 left = coefficient_of(a);
    u128 right = coefficient_of(b);
    if (shift > 0) {
        if (shift > DIGITS_MAX || left > 2 * power(DIGITS_MAX) / power(shift)) {
            return NUMBER_TOO_PRECISE;
        }
        left *= power(shift);
    }
    if (a->negative == b->negative) {
        return finish_sum(left + right, b->exponent, a->negative, out);
    }
    bool a_wins = left > right;
    return finish_sum(a_wins ? left - right : right - left, b->exponent, a_wins ? a->negative : b->negative, out);
}

enum number_status number_subtract(const struct number *a, const struct number *b, struct number *out)
{
    struct number minus = *b;
    minus.negative = !is_zero(b) && !b->negative;
    return number_add(a, &minus, out);
}

size_t number_size(const struct number *n)
{
    if (is_zero(n)) {
        return 1;
    }
    int digits = count_digits(coefficient_of(n));
    int whole = digits + n->exponent;
    int left = n->exponent >= 0 ? digits : whole > 0 ? whole : 0;
    int right = digits - left;
    return (size_t)(1 + (left + 1) / 2 + (right + 1) / 2 + n->negative);
}

size_t number_key(const struct number *n, unsigned char out[NUMBER_KEY_MAX])
{
    if (is_zero(n)) {
        out[0] = 0x80;
        return 1;
    }
    char digits[DIGITS_MAX + 2];
    int count = write_digits(coefficient_of(n), digits);
    int exponent = count + n->exponent; /* x = 0.d1d2… × 10^exponent */
    if (count % 2 != 0) {
        digits[count++] = '0';
    }
    unsigned flip = n->negative ? 0xFF : 0;
    size_t at = 0;
    out[at++] = n->negative ? 0x40 : 0xC0;
    out[at++] = (unsigned char)((unsigned)(exponent + 129) ^ flip);
    for (int i = 0; i < count; i += 2) {
        unsigned pair = (unsigned)(10 * (digits[i] - '0') + digits[i + 1] - '0' + 1);
        out[at++] = (unsigned char)(pair ^ flip);
    }
    out[at++] = (unsigned char)flip;
    ensure(at <= NUMBER_KEY_MAX);
    return at;
}

int32_t number_java_hash(const struct number *n)
{
    if (is_zero(n)) {
        return 0;
    }
    uint32_t hash = 0;
    if (n->hi == 0 && n->lo <= INT64_MAX) {
        hash = (uint32_t)(n->lo >> 32) * 31 + (uint32_t)n->lo;
    } else {
        const uint32_t words[4] = {(uint32_t)(n->hi >> 32), (uint32_t)n->hi, (uint32_t)(n->lo >> 32), (uint32_t)n->lo};
        for (int i = 0; i < 4; i++) {
            hash = hash * 31 + words[i]; /* leading zero words leave it at zero */
        }
    }
    hash = n->negative ? 0 - hash : hash;
    return (int32_t)(hash * 31 + (uint32_t)-n->exponent);
}

const char *number_status_text(enum number_status status)
{
    switch (status) {
    case NUMBER_OVERFLOW:
        return "Number overflow. Attempting to store a number with magnitude larger than supported range";
    case NUMBER_UNDERFLOW:
        return "Number underflow. Attempting to store a number with magnitude smaller than supported range";
    case NUMBER_TOO_PRECISE:
        return "Attempting to store more than 38 significant digits in a Number";
    case NUMBER_MALFORMED:
        return "The parameter cannot be converted to a numeric value";
    case NUMBER_OK:
        break;
    }
    ensure(false);
    return "";
}
