/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdint.h>

/* Where time comes from: the program uses clock_system(), tests hand in their own and move it. */
struct clock {
    int64_t (*now_ms)(const struct clock *clock); /* since the epoch */
};

/* The wall clock; safe from every thread. */
const struct clock *clock_system(void);

static inline int64_t clock_now_ms(const struct clock *clock)
{
    return clock->now_ms(clock);
}

/* A clock that stands still until it is moved: embed it, set now, pass &manual.clock. */
struct clock_manual {
    struct clock clock;
    int64_t now;
};
void clock_manual_init(struct clock_manual *manual, int64_t now_ms);

#endif
