/* SPDX-License-Identifier: Apache-2.0 */
/* arena.c — the bump allocator behind every request. Blocks double in size and are kept between requests up to a bound, so
 * a connection in its steady state never calls malloc. Under AddressSanitizer whatever is not allocated is poisoned, with a
 * gap between neighbours; ARENA_MALLOC gives each allocation a block of its own. */
#include "core/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#define RED_ZONE 16
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#define RED_ZONE 0
#endif

#ifdef ARENA_MALLOC
#define ONE_BLOCK_EACH true
#else
#define ONE_BLOCK_EACH false
#endif

#define ALIGNMENT 16
#define FIRST_BLOCK_BYTES ((size_t)16 * 1024)
/* Larger ones only for a single allocation. Large enough that malloc maps it (main.c sets from which size on), so that what an extreme request
 * took goes back to the system when it is freed; in blocks of 1 MB it stayed, 255 MB after a batch of 16 MB of numbers. */
#define LARGEST_BLOCK_BYTES ((size_t)8 * 1024 * 1024)

struct arena_block {
    alignas(ALIGNMENT) struct arena_block *older;
    size_t size; /* bytes behind this header */
    size_t used; /* of them, set when a newer block takes over */
};

_Static_assert(sizeof(struct arena_block) % ALIGNMENT == 0, "data behind the header is aligned");

static char *block_data(struct arena_block *block)
{
    return (char *)(block + 1);
}

static void block_free(struct arena_block *block)
{
    UNPOISON(block_data(block), block->size);
    free(block);
}

static struct arena_block *block_new(size_t size)
{
    struct arena_block *block = malloc(sizeof(*block) + size);
    ensure(block != NULL);
    block->size = size;
    block->used = 0;
    POISON(block_data(block), size);
    return block;
}

void arena_init(struct arena *arena, size_t kept_bytes_max)
{
    *arena = (struct arena){.kept_bytes_max = kept_bytes_max};
}

static void list_free(struct arena_block *block)
{
    while (block != NULL) {
        struct arena_block *older = block->older;
        block_free(block);
        block = older;
    }
}

void arena_release(struct arena *arena)
{
    list_free(arena->current);
    list_free(arena->spare);
    arena_init(arena, arena->kept_bytes_max);
}

/* Puts the blocks of a list before `spare` as long as the bound allows, newest last, so that small ones are used first. */
static struct arena_block *keep_or_free(struct arena_block *list, struct arena_block *spare, size_t *room)
{
    while (list != NULL) {
        struct arena_block *older = list->older;
        if (list->size <= *room) {
            *room -= list->size;
            POISON(block_data(list), list->size);
            list->older = spare;
            spare = list;
        } else {
            block_free(list);
        }
        list = older;
    }
    return spare;
}

void arena_reset(struct arena *arena)
{
    if (ONE_BLOCK_EACH) {
        arena_release(arena);
        return;
    }
    /* Blocks in use are kept first, and lie first in the list: they are what the next request will want. */
    size_t room = arena->kept_bytes_max;
    struct arena_block *kept = keep_or_free(arena->current, NULL, &room);
    struct arena_block **tail = &kept;
    while (*tail != NULL) {
        tail = &(*tail)->older;
    }
    *tail = keep_or_free(arena->spare, NULL, &room);
    arena->current = NULL;
    arena->next = NULL;
    arena->end = NULL;
    arena->spare = kept;
}

static void use_block(struct arena *arena, struct arena_block *block)
{
    block->older = arena->current;
    arena->current = block;
    arena->next = block_data(block);
    arena->end = arena->next + block->size;
}

static void add_block(struct arena *arena, size_t need)
{
    size_t size = FIRST_BLOCK_BYTES;
    if (arena->current != NULL) {
        arena->current->used = (size_t)(arena->next - block_data(arena->current));
        size = arena->current->size * 2 < LARGEST_BLOCK_BYTES ? arena->current->size * 2 : LARGEST_BLOCK_BYTES;
    }
    for (struct arena_block **at = &arena->spare; *at != NULL; at = &(*at)->older) {
        struct arena_block *block = *at;
        if (block->size >= need) {
            *at = block->older;
            use_block(arena, block);
            return;
        }
    }
    use_block(arena, block_new(need > size || ONE_BLOCK_EACH ? need : size));
}

static size_t round_up(size_t n)
{
    ensure(n <= SIZE_MAX / 4);
    n += n == 0;
    return (n + RED_ZONE + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

/* Apart from the usual case, which then needs no stack. */
__attribute__((noinline)) static void *alloc_in_new_block(struct arena *arena, size_t n, size_t need)
{
    add_block(arena, need);
    char *p = arena->next;
    arena->next += need;
    UNPOISON(p, n);
    return p;
}

void *arena_alloc(struct arena *arena, size_t n)
{
    /* In a block of its own it is not rounded up: malloc's red zone then begins right behind the last byte. */
    size_t need = ONE_BLOCK_EACH ? n : round_up(n);
    if (need > (size_t)(arena->end - arena->next) || ONE_BLOCK_EACH) {
        return alloc_in_new_block(arena, n, need);
    }
    char *p = arena->next;
    arena->next += need;
    UNPOISON(p, n);
    return p;
}

void *arena_zalloc(struct arena *arena, size_t n)
{
    return memset(arena_alloc(arena, n), 0, n);
}

void *arena_zalloc_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes = 0;
    ensure(!__builtin_mul_overflow(count, size, &bytes));
    return arena_zalloc(arena, bytes);
}

void *arena_grow(struct arena *arena, void *p, size_t old_n, size_t n)
{
    ensure(n >= old_n);
    char *at = p;
    bool newest = !ONE_BLOCK_EACH && arena->current != NULL && at + round_up(old_n) == arena->next;
    size_t need = round_up(n);
    if (newest && need <= (size_t)(arena->end - at)) {
        arena->next = at + need;
        UNPOISON(at, n);
        return at;
    }
    if (newest && at == block_data(arena->current)) {
        /* Alone in its block: the block itself grows, without leaving the old one behind. */
        struct arena_block *older = arena->current->older;
        UNPOISON(at, arena->current->size);
        struct arena_block *block = realloc(arena->current, sizeof(*block) + need);
        ensure(block != NULL);
        block->size = need;
        arena->current = older;
        use_block(arena, block);
        arena->next += need;
        POISON(block_data(block) + n, need - n);
        return block_data(block);
    }
    return memcpy(arena_alloc(arena, n), p, old_n);
}

struct arena_mark arena_mark(const struct arena *arena)
{
    return (struct arena_mark){arena->current, arena->next};
}

void arena_rollback(struct arena *arena, struct arena_mark mark)
{
    while (arena->current != mark.block) {
        struct arena_block *block = arena->current;
        ensure(block != NULL);
        arena->current = block->older;
        if (ONE_BLOCK_EACH) {
            block_free(block);
            continue;
        }
        POISON(block_data(block), block->size);
        block->older = arena->spare;
        arena->spare = block;
    }
    arena->next = mark.next;
    arena->end = mark.block == NULL ? mark.next : block_data(mark.block) + mark.block->size;
    POISON(arena->next, (size_t)(arena->end - arena->next));
}

size_t arena_used(const struct arena *arena)
{
    if (arena->current == NULL) {
        return 0;
    }
    size_t used = (size_t)(arena->next - block_data(arena->current));
    for (const struct arena_block *block = arena->current->older; block != NULL; block = block->older) {
        used += block->used;
    }
    return used;
}

struct str arena_copy(struct arena *arena, struct str s)
{
    char *p = arena_alloc(arena, s.n);
    if (s.n > 0) {
        memcpy(p, s.p, s.n);
    }
    return str_of(p, s.n);
}

struct str arena_vprintf(struct arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    ensure(n >= 0);
    char *p = arena_alloc(arena, (size_t)n + 1);
    vsnprintf(p, (size_t)n + 1, format, again);
    va_end(again);
    return str_of(p, (size_t)n);
}

struct str arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct str s = arena_vprintf(arena, format, args);
    va_end(args);
    return s;
}
