/* SPDX-License-Identifier: Apache-2.0 */
/* buf.c — the growing output buffer: answers are written straight into one of these and leave in one write. It doubles, never
 * beyond its maximum; one byte more than `cap` is allocated, so that formatting may put its terminator there. */
#include "core/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_BYTES 256

static char *allocate(size_t cap)
{
    char *p = malloc(cap + 1);
    ensure(p != NULL);
    return p;
}

void buf_init(struct buf *buf, size_t max)
{
    ensure(max < SIZE_MAX / 4);
    size_t cap = max < FIRST_BYTES ? max : FIRST_BYTES;
    *buf = (struct buf){.p = allocate(cap), .cap = cap, .max = max};
}

void buf_release(struct buf *buf)
{
    free(buf->p);
    *buf = (struct buf){0};
}

void buf_clear(struct buf *buf, size_t keep_bytes)
{
    buf->n = 0;
    if (keep_bytes < FIRST_BYTES) {
        keep_bytes = FIRST_BYTES;
    }
    if (buf->cap > keep_bytes) {
        free(buf->p);
        buf->p = allocate(keep_bytes);
        buf->cap = keep_bytes;
    }
}

void buf_grow(struct buf *buf, size_t more)
{
    ensure(buf->p != NULL);
    ensure(more <= buf->max - buf->n);
    size_t need = buf->n + more;
    size_t cap = buf->cap * 2 > need ? buf->cap * 2 : need;
    cap = cap < buf->max ? cap : buf->max;
    char *p = realloc(buf->p, cap + 1);
    ensure(p != NULL);
    buf->p = p;
    buf->cap = cap;
}

void buf_add_u64(struct buf *buf, uint64_t n)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    buf_add(buf, digits + at, sizeof(digits) - at);
}

void buf_add_i64(struct buf *buf, int64_t n)
{
    if (n < 0) {
        buf_add_byte(buf, '-');
    }
    buf_add_u64(buf, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    ensure(n >= 0);
    char *at = buf_reserve(buf, (size_t)n);
    va_start(args, format);
    vsnprintf(at, (size_t)n + 1, format, args);
    va_end(args);
    buf->n += (size_t)n;
}

void buf_truncate(struct buf *buf, size_t n)
{
    ensure(n <= buf->n);
    buf->n = n;
}
