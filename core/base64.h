/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_BASE64_H
#define CORE_BASE64_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/str.h"

/* Standard alphabet with padding. */
enum base64_status { BASE64_OK, BASE64_LENGTH, BASE64_CHARACTER, BASE64_TRAILING_BITS };
/* `bad` (may be NULL) is the offending character of BASE64_CHARACTER. */
enum base64_status base64_decode(struct str text, struct arena *arena, struct str *out, char *bad);
/* The same verdict without the bytes. */
enum base64_status base64_check(struct str text, char *bad);
void base64_write(struct buf *out, struct str bytes);

#endif
