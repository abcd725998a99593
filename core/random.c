/* SPDX-License-Identifier: Apache-2.0 */
/* random.c — xoshiro256** seeded by splitmix64: fast, and a seed replays it exactly. */
#include "core/random.h"

#include "core/ensure.h"

#include <sys/random.h>

static uint64_t rotate_left(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

void random_init(struct random *random, uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        seed += UINT64_C(0x9E3779B97F4A7C15);
        uint64_t z = seed;
        z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
        z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
        random->s[i] = z ^ z >> 31;
    }
}

uint64_t random_seed(void)
{
    uint64_t seed = 0;
    ensure(getrandom(&seed, sizeof(seed), 0) == (ssize_t)sizeof(seed));
    return seed;
}

uint64_t random_u64(struct random *random)
{
    uint64_t *s = random->s;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint64_t random_below(struct random *random, uint64_t bound)
{
    ensure(bound > 0);
    /* The first 2^64 mod bound values would make some results likelier. */
    uint64_t refused = (0 - bound) % bound;
    uint64_t x = random_u64(random);
    while (x < refused) {
        x = random_u64(random);
    }
    return x % bound;
}

void random_uuid(struct random *random, char out[36])
{
    uint64_t bits[2] = {random_u64(random), random_u64(random)};
    bits[0] = (bits[0] & ~UINT64_C(0xF000)) | UINT64_C(0x4000);           /* version 4 */
    bits[1] = (bits[1] & ~(UINT64_C(3) << 62)) | UINT64_C(2) << 62;       /* the RFC's variant */
    int nibble = 0;
    for (int i = 0; i < 36; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            out[i] = '-';
            continue;
        }
        out[i] = "0123456789abcdef"[bits[nibble / 16] >> (60 - nibble % 16 * 4) & 15];
        nibble++;
    }
}
