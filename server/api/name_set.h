/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_NAME_SET_H
#define SERVER_API_NAME_SET_H

#include "core/arena.h"
#include "core/str.h"

#include <stdint.h>

/* Names of a request's list with their places, for look-ups that stay quick however long the list is. */

#define NAME_SET_NONE SIZE_MAX

struct name_slot {
    struct str name;
    size_t at; /* its place in the list */
};

struct name_set {
    struct name_slot *slots; /* by name, then by place */
    size_t count;            /* with repetitions */
    size_t distinct;
};

void name_set_init(struct name_set *set, const struct str *names, size_t count, struct arena *arena);
/* The first place of a name, or NAME_SET_NONE. */
size_t name_set_find(const struct name_set *set, struct str name);
/* The first place that repeats an earlier one, or NAME_SET_NONE. */
size_t name_set_repeated(const struct name_set *set);

/* "[a, b]" in the order in which Java's hash tables walk over distinct names (2026 D.13): a map made for as many (0), or a set with its
 * 16 buckets. A repeated name counts once. */
#define JAVA_LIST_FITTED 0
#define JAVA_LIST_SET 16
struct str java_list(const struct str *names, size_t count, size_t capacity, struct arena *arena);

#endif
