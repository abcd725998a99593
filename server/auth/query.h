/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_AUTH_QUERY_H
#define SERVER_AUTH_QUERY_H

#include "core/arena.h"
#include "core/str.h"

#include <stdbool.h>

/* The query string of a presigned request, and small cuts that the files here share. */

struct str trim_blanks(struct str s);
/* Cuts the text up to `separator` off; false when nothing is left (rest->p is NULL then). */
bool cut(struct str *rest, char separator, struct str *out);
/* %XX and '+' undone; what is no escape stays as it is. */
struct str percent_decode(struct str s, struct arena *arena);
/* The decoded value of a parameter; absent if there is none, empty if it has no '='. */
struct str query_value(struct str query, struct str name, struct arena *arena);

#endif
