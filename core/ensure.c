/* SPDX-License-Identifier: Apache-2.0 */
/* ensure.c — the end of a program that found itself wrong. stderr only: nothing else can be trusted here. */
#include "core/ensure.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void ensure_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "stator: internal error: %s does not hold at %s:%d\n", condition, file, line);
    fflush(stderr);
    abort();
}
