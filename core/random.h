/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_RANDOM_H
#define CORE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* A seeded generator (xoshiro256**), one per thread: request ids, table ids, tests. Not for secrets. */
struct random {
    uint64_t s[4];
};

void random_init(struct random *random, uint64_t seed);
/* A seed from the operating system. */
uint64_t random_seed(void);
uint64_t random_u64(struct random *random);
/* Uniform in 0 … bound − 1; bound > 0. */
uint64_t random_below(struct random *random, uint64_t bound);
/* A lower-case UUID v4, 36 characters, no terminator. */
void random_uuid(struct random *random, char out[36]);

#endif
