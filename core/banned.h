/* SPDX-License-Identifier: Apache-2.0 */
/* Forced into every source of the project: functions that we do not use, as compile errors, with what to use instead.
 * (Included after the system headers that declare them, poisoning would break those; so each is replaced by a name that
 * does not exist.) */
#ifndef CORE_BANNED_H
#define CORE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define strcpy(...) banned_use_arena_copy_or_buf_add(__VA_ARGS__)
#define strcat(...) banned_use_buf_add(__VA_ARGS__)
#define strncpy(...) banned_use_memcpy(__VA_ARGS__)
#define strncat(...) banned_use_buf_add(__VA_ARGS__)
#define sprintf(...) banned_use_snprintf(__VA_ARGS__)
#define vsprintf(...) banned_use_vsnprintf(__VA_ARGS__)
#define strtok(...) banned_use_a_loop(__VA_ARGS__)
#define atoi(...) banned_use_strtol(__VA_ARGS__)
#define gmtime(...) banned_use_gmtime_r(__VA_ARGS__)
#define localtime(...) banned_use_gmtime_r(__VA_ARGS__)
#define rand(...) banned_use_core_random(__VA_ARGS__)

#endif
