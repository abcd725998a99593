/* SPDX-License-Identifier: Apache-2.0 */
/* err.c — the error object: the first error wins, its text lives in the request's arena. Status and wire names of the kinds
 * are not known here. */
#include "core/err.h"

void err_init(struct err *err, struct arena *arena)
{
    *err = (struct err){.kind = ERR_NONE, .arena = arena};
}

static bool set(struct err *err, enum err_kind kind, struct str extra, const char *format, va_list args)
    PRINTF_LIKE(4, 0);

static bool set(struct err *err, enum err_kind kind, struct str extra, const char *format, va_list args)
{
    ensure(kind > ERR_NONE && kind < ERR_COUNT);
    if (err->kind == ERR_NONE) {
        err->message = arena_vprintf(err->arena, format, args);
        err->extra = extra;
        err->kind = kind;
    }
    return false;
}

bool err_set(struct err *err, enum err_kind kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set(err, kind, (struct str){NULL, 0}, format, args);
    va_end(args);
    return false;
}

bool err_set_extra(struct err *err, enum err_kind kind, struct str extra, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set(err, kind, extra, format, args);
    va_end(args);
    return false;
}

bool err_set_text(struct err *err, enum err_kind kind, struct str text)
{
    ensure(kind > ERR_NONE && kind < ERR_COUNT);
    if (err->kind == ERR_NONE) {
        err->message = text;
        err->kind = kind;
    }
    return false;
}

void err_clear(struct err *err)
{
    err_init(err, err->arena);
}
