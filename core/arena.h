/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include "core/ensure.h"
#include "core/str.h"

#include <stdarg.h>
#include <stddef.h>

/* A bump allocator: everything that a request makes lives in one arena and goes at once. Allocation never fails (the
 * program aborts when the machine has no memory); what bounds it are the input limits that are checked first. One
 * thread at a time. Build with -DARENA_MALLOC=ON to make each allocation its own malloc, so that AddressSanitizer sees
 * every overrun; without it the unused tail is poisoned under AddressSanitizer. */
struct arena_block;

struct arena {
    struct arena_block *current; /* newest block; blocks link to the older ones */
    char *next;                  /* first free byte of it */
    char *end;
    struct arena_block *spare;   /* emptied blocks that wait for use */
    size_t kept_bytes_max;       /* reset gives back to malloc what exceeds this */
};

/* A point to roll back to. Valid until the arena is reset or rolled back past it. */
struct arena_mark {
    struct arena_block *block;
    char *next;
};

void arena_init(struct arena *arena, size_t kept_bytes_max);
void arena_release(struct arena *arena);
/* Frees everything allocated, keeping at most kept_bytes_max for the next request. */
void arena_reset(struct arena *arena);

struct arena_mark arena_mark(const struct arena *arena);
void arena_rollback(struct arena *arena, struct arena_mark mark);

/* 16-byte aligned, not cleared; never NULL, also for n == 0. */
void *arena_alloc(struct arena *arena, size_t n);
void *arena_zalloc(struct arena *arena, size_t n);
/* count × size with the overflow checked; cleared. */
void *arena_zalloc_array(struct arena *arena, size_t count, size_t size);
/* Makes the newest allocation larger, in place where possible; returns where it is now. Works for older ones by copying. No
 * mark may have been taken since p was allocated. */
void *arena_grow(struct arena *arena, void *p, size_t old_n, size_t n);
/* Bytes in use, for tests and for limits. */
size_t arena_used(const struct arena *arena);

#define arena_new(arena, type) ((type *)arena_zalloc((arena), sizeof(type)))
#define arena_array(arena, type, count) ((type *)arena_zalloc_array((arena), (count), sizeof(type)))

struct str arena_copy(struct arena *arena, struct str s);
struct str arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
struct str arena_vprintf(struct arena *arena, const char *format, va_list args) PRINTF_LIKE(2, 0);

#endif
