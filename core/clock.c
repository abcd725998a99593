/* SPDX-License-Identifier: Apache-2.0 */
/* clock.c — the wall clock, and one that tests move by hand. */
#include "core/clock.h"

#include <time.h>

static int64_t system_now_ms(const struct clock *clock)
{
    (void)clock;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

const struct clock *clock_system(void)
{
    static const struct clock system = {system_now_ms};
    return &system;
}

static int64_t manual_now_ms(const struct clock *clock)
{
    return ((const struct clock_manual *)(const void *)clock)->now;
}

void clock_manual_init(struct clock_manual *manual, int64_t now_ms)
{
    *manual = (struct clock_manual){{manual_now_ms}, now_ms};
}
