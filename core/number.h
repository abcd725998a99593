/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_NUMBER_H
#define CORE_NUMBER_H

#include "core/str.h"

#include <stdbool.h>
#include <stdint.h>

/* DynamoDB's number: up to 38 significant digits, magnitude 1E-130 … 9.99E+125, exact. The value is
 * ±coefficient × 10^exponent. Always canonical: the coefficient has no trailing zero; zero is all zeros, not negative. So equal
 * numbers are equal field by field. (10^38 < 2^127, so the coefficient fits hi:lo; only number.c uses __int128.) */
struct number {
    uint64_t hi;
    uint64_t lo;
    int16_t exponent;
    bool negative;
};

/* The longest canonical text: sign, "0.", 129 zeros and 38 digits, with room to spare. Not NUL-terminated. */
#define NUMBER_TEXT_MAX 176
/* The longest key (storage's enc(N)): C0/40, exponent, 19 digit pairs, terminator. */
#define NUMBER_KEY_MAX 22

enum number_status { NUMBER_OK, NUMBER_MALFORMED, NUMBER_OVERFLOW, NUMBER_UNDERFLOW, NUMBER_TOO_PRECISE };

/* Grammar: sign? digits-with-at-most-one-point (≥ 1 digit) ([eE] sign? digit+)?; nothing else. aws-behaviour.md §4.2, 2026 D.5
 * (zero is range-checked as if its last digit were 1). */
enum number_status number_parse(struct str text, struct number *out);
/* The same set of numbers, but refusals as Java's BigDecimal words them (2026 D.5, the older layer): an exponent or a scale
 * beyond 32 bits is MALFORMED. */
enum number_status number_parse_older(struct str text, struct number *out);
/* Plain decimal expansion, never an exponent. Returns the length. */
size_t number_print(const struct number *n, char out[NUMBER_TEXT_MAX]);
int number_compare(const struct number *a, const struct number *b);
bool number_equal(const struct number *a, const struct number *b);
/* Exact; NUMBER_TOO_PRECISE if the result needs more than 38 digits. */
enum number_status number_add(const struct number *a, const struct number *b, struct number *out);
enum number_status number_subtract(const struct number *a, const struct number *b, struct number *out);
/* Bytes that DynamoDB bills: 1 + ceil(integer digits / 2) + ceil(fraction digits / 2) + negative. §4.3. */
size_t number_size(const struct number *n);
/* Order-preserving, prefix-free bytes (design.md §4, enc(N)). Returns the length. */
size_t number_key(const struct number *n, unsigned char out[NUMBER_KEY_MAX]);
/* BigDecimal.stripTrailingZeros().hashCode(), for the order of NS members that Scan and others show (2026 I.2). */
int32_t number_java_hash(const struct number *n);
/* The ValidationException text of a failed status; for NUMBER_MALFORMED a format with one "%.*s" is the caller's. */
const char *number_status_text(enum number_status status);

#endif
