/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_ERR_H
#define CORE_ERR_H

#include "core/arena.h"
#include "core/ensure.h"
#include "core/str.h"

#include <stdbool.h>

enum err_kind {
#define ERR_KIND(name) ERR_##name,
#include "core/err.def"
#undef ERR_KIND
    ERR_COUNT
};

/* What went wrong. A function that can fail returns bool, is MUST_USE, and takes `struct err *err` last; on success err
 * is untouched, so calls chain: `return check(in, err) && run(in, err);`. The first error wins. The text lives in the
 * arena given to err_init. */
struct err {
    enum err_kind kind;
    struct str message;
    struct str extra; /* raw JSON members without the leading comma that some faults carry, e.g. `"Item":{…}`; else absent */
    struct arena *arena;
};

/* How many of AWS's texts begin. */
#define INVALID_PARAMETERS "One or more parameter values were invalid: "

void err_init(struct err *err, struct arena *arena);
/* The setters always return false. */
bool err_set(struct err *err, enum err_kind kind, const char *format, ...) PRINTF_LIKE(3, 4);
bool err_set_extra(struct err *err, enum err_kind kind, struct str extra, const char *format, ...) PRINTF_LIKE(4, 5);
/* A ready text, which may hold any byte (formats stop at a NUL); it is not copied. */
bool err_set_text(struct err *err, enum err_kind kind, struct str text);
/* Forget the error, to go on with the next request. */
void err_clear(struct err *err);

#endif
