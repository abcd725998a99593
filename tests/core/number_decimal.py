#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cases for number_test.c with the answers of Python's decimal: one a line, `operation operands… answer`. The seed is the first
argument, the number of rounds the second. Written independently of number.c: what both say is likely right."""
import decimal
import random
import sys
from decimal import Decimal

decimal.getcontext().prec = 400
decimal.getcontext().Emax = 999999
decimal.getcontext().Emin = -999999


def digits_of(d):
    """Significant digits and the exponent of the last one, without zeros at either end."""
    _, digits, exponent = d.as_tuple()
    digits = list(digits)
    while digits and digits[-1] == 0:
        digits.pop()
        exponent += 1
    while digits and digits[0] == 0:
        digits.pop(0)
    return digits, exponent


def verdict(d):
    if d == 0:
        return "ok"
    digits, exponent = digits_of(d)
    leading = exponent + len(digits) - 1
    if leading > 125:
        return "overflow"
    if leading < -130:
        return "underflow"
    return "precise" if len(digits) > 38 else "ok"


def plain(d):
    if d == 0:
        return "0"
    text = format(d, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text


def answer(d):
    return plain(d) if verdict(d) == "ok" else verdict(d)


def key(d):
    if d == 0:
        return "80"
    digits, exponent = digits_of(d)
    exponent += len(digits)
    if len(digits) % 2:
        digits.append(0)
    body = bytes([exponent + 129]) + bytes(10 * a + b + 1 for a, b in zip(digits[::2], digits[1::2])) + b"\0"
    return ("c0" + body.hex()) if d > 0 else "40" + bytes(255 - x for x in body).hex()


def size(d):
    if d == 0:
        return 1
    whole, _, fraction = plain(abs(d)).partition(".")
    whole, fraction = whole.strip("0") if not fraction else whole.lstrip("0"), fraction.rstrip("0")
    if not whole:
        fraction = fraction.lstrip("0")
    return 1 + (len(whole) + 1) // 2 + (len(fraction) + 1) // 2 + (d < 0)


def signed(n):
    n &= 0xFFFFFFFF
    return n - (1 << 32) if n >> 31 else n


def java_hash(d):
    if d == 0:
        return 0
    digits, exponent = digits_of(d)
    unscaled = int("".join(map(str, digits)))
    if unscaled < 1 << 63:
        h = (unscaled >> 32) * 31 + (unscaled & 0xFFFFFFFF)
    else:
        words = []
        rest = unscaled
        while rest:
            words.append(rest & 0xFFFFFFFF)
            rest >>= 32
        h = 0
        for word in reversed(words):
            h = (31 * h + word) & 0xFFFFFFFF
    if d < 0:
        h = -h
    return signed(31 * h - exponent)


def random_number(rng):
    digits = rng.choice([1, 2, 5, 18, 19, 20, 37, 38, rng.randrange(1, 39)])
    coefficient = rng.choice([rng.randrange(10 ** digits), 10 ** digits - 1, 10 ** (digits - 1), 2 ** rng.randrange(1, 126)])
    exponent = rng.choice([0, -1, -digits, rng.randrange(-12, 12), rng.randrange(-130, 126)])
    d = Decimal(coefficient).scaleb(exponent)
    d = -d if rng.random() < 0.5 else d
    return d if verdict(d) == "ok" else random_number(rng)


def near(rng, a):
    """A number whose digits touch those of a, so that sums carry, cancel and just fit."""
    digits, exponent = digits_of(a) if a else ([0], 0)
    b = Decimal(rng.choice([1, 2, 5, 9, 10 ** 38 - 1, rng.randrange(1, 10 ** 20)])).scaleb(
        exponent + rng.choice([-38, -37, -1, 0, 1, len(digits) - 38, len(digits), 37, 38, 39]))
    b = -b if rng.random() < 0.5 else b
    return b if verdict(b) == "ok" else random_number(rng)


def spell(rng, d):
    """One of the many texts of a number."""
    digits, exponent = digits_of(d) if d else ([0], 0)
    text = "".join(map(str, digits)) + "0" * (padding := rng.choice([0, 0, 1, 5]))
    exponent -= padding
    text = "0" * rng.choice([0, 0, 3]) + text
    point = rng.randrange(len(text) + 1)
    if rng.random() < 0.6:
        exponent += len(text) - point
        text = text[:point] + "." + text[point:]
    sign = "-" if d < 0 else rng.choice(["", "+"])
    if exponent or rng.random() < 0.3:
        text += rng.choice("eE") + (rng.choice(["+", ""]) if exponent >= 0 else "") + str(exponent)
    return sign + text


def main():
    rng = random.Random(int(sys.argv[1]))
    lines = 0

    def put(*words):
        nonlocal lines
        lines += 1
        print(*words)

    for _ in range(int(sys.argv[2])):
        a = random_number(rng)
        b = rng.choice([random_number(rng), near(rng, a), near(rng, a), a, -a])
        # Zero's own range rule has its own test; decimal keeps no scale for it here.
        put("parse", plain(a) if a == 0 else spell(rng, a), plain(a))
        put("add", plain(a), plain(b), answer(a + b))
        put("subtract", plain(a), plain(b), answer(a - b))
        put("compare", plain(a), plain(b), (a > b) - (a < b))
        put("key", plain(a), key(a))
        put("size", plain(a), size(a))
        put("hash", plain(a), java_hash(a))
        wild = Decimal(rng.randrange(1, 10 ** rng.randrange(1, 45))).scaleb(rng.randrange(-180, 140))
        put("parse", spell(rng, wild), answer(wild))
    print("end", lines)


main()
