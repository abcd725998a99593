/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_BUF_H
#define CORE_BUF_H

#include "core/ensure.h"
#include "core/str.h"

#include <stdint.h>

/* A growing output buffer with a maximum that is set once. Growing past the maximum is a programmer's error (`ensure`):
 * callers bound what they write (a page by its text, an answer by its items). p is never NULL after buf_init. */
struct buf {
    char *p;
    size_t n;   /* bytes written */
    size_t cap;
    size_t max;
};

void buf_init(struct buf *buf, size_t max);
void buf_release(struct buf *buf);
/* Empties it; gives memory beyond keep_bytes back to malloc. */
void buf_clear(struct buf *buf, size_t keep_bytes);
/* The slow half of buf_reserve. */
void buf_grow(struct buf *buf, size_t more);

/* Room for `more` further bytes; returns the place where they go (then add to n yourself). */
static inline char *buf_reserve(struct buf *buf, size_t more)
{
    if (more > buf->cap - buf->n) {
        buf_grow(buf, more);
    }
    return buf->p + buf->n;
}

static inline void buf_add(struct buf *buf, const void *p, size_t n)
{
    char *at = buf_reserve(buf, n);
    if (n > 0) {
        memcpy(at, p, n);
        buf->n += n;
    }
}

static inline void buf_add_str(struct buf *buf, struct str s)
{
    buf_add(buf, s.p, s.n);
}

static inline void buf_add_byte(struct buf *buf, char c)
{
    *buf_reserve(buf, 1) = c;
    buf->n++;
}

void buf_add_u64(struct buf *buf, uint64_t n);
void buf_add_i64(struct buf *buf, int64_t n);
void buf_printf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
/* Cuts back to an earlier length. */
void buf_truncate(struct buf *buf, size_t n);

#define buf_add_literal(buf, literal) buf_add((buf), "" literal, sizeof(literal) - 1)

#endif
