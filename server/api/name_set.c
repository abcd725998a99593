/* SPDX-License-Identifier: Apache-2.0 */
/* name_set.c — a sorted copy of a list of names. A request may list any number of them, so nothing here is quadratic. */
#include "server/api/name_set.h"

#include "server/api/echo.h"

#include <stdlib.h>

static int slot_compare(const void *a, const void *b)
{
    const struct name_slot *x = a;
    const struct name_slot *y = b;
    int c = str_compare(x->name, y->name);
    return c != 0 ? c : (x->at > y->at) - (x->at < y->at);
}

static bool repeats(const struct name_set *set, size_t i)
{
    return i > 0 && str_eq(set->slots[i - 1].name, set->slots[i].name);
}

void name_set_init(struct name_set *set, const struct str *names, size_t count, struct arena *arena)
{
    *set = (struct name_set){.slots = arena_array(arena, struct name_slot, count), .count = count};
    for (size_t i = 0; i < count; i++) {
        set->slots[i] = (struct name_slot){names[i], i};
    }
    if (count > 1) {
        qsort(set->slots, count, sizeof set->slots[0], slot_compare);
    }
    for (size_t i = 0; i < count; i++) {
        set->distinct += !repeats(set, i);
    }
}

size_t name_set_find(const struct name_set *set, struct str name)
{
    size_t low = 0;
    size_t high = set->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (str_compare(set->slots[middle].name, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < set->count && str_eq(set->slots[low].name, name) ? set->slots[low].at : NAME_SET_NONE;
}

size_t name_set_repeated(const struct name_set *set)
{
    size_t first = NAME_SET_NONE;
    for (size_t i = 0; i < set->count; i++) {
        if (repeats(set, i) && set->slots[i].at < first) {
            first = set->slots[i].at;
        }
    }
    return first;
}

static struct str join(const struct str *names, const size_t *order, size_t count, struct arena *arena)
{
    size_t n = 2;
    for (size_t i = 0; i < count; i++) {
        n += names[i].n + 2;
    }
    char *p = arena_alloc(arena, n);
    size_t at = 0;
    p[at++] = '[';
    for (size_t i = 0; i < count; i++) {
        struct str name = names[order[i]];
        if (i > 0) {
            p[at++] = ',';
            p[at++] = ' ';
        }
        if (name.n > 0) {
            memcpy(p + at, name.p, name.n);
            at += name.n;
        }
    }
    p[at++] = ']';
    return str_of(p, at);
}

struct str java_list(const struct str *names, size_t count, size_t capacity, struct arena *arena)
{
    struct name_set set;
    name_set_init(&set, names, count, arena);
    bool *is_repeated = arena_array(arena, bool, count);
    for (size_t i = 0; i < count; i++) {
        is_repeated[set.slots[i].at] = repeats(&set, i);
    }
    struct str *distinct = arena_array(arena, struct str, set.distinct);
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_repeated[i]) {
            distinct[n++] = names[i];
        }
    }
    return join(distinct, java_hash_order(distinct, n, capacity, arena), n, arena);
}
