/* SPDX-License-Identifier: Apache-2.0 */
/* value.c — what one AttributeValue is: equality, order, membership and billed size. Maps and sets are kept sorted, so every
 * one of these is a walk over arrays; sorting expects input that is nearly in order already, as stored items are. */
#include "core/value.h"

#include "core/ensure.h"

#include <stdlib.h>

static const char *const type_names[] = {
    [VALUE_S] = "S",   [VALUE_N] = "N",   [VALUE_B] = "B", [VALUE_BOOL] = "BOOL", [VALUE_NULL] = "NULL", [VALUE_SS] = "SS",
    [VALUE_NS] = "NS", [VALUE_BS] = "BS", [VALUE_L] = "L", [VALUE_M] = "M",
};
_Static_assert(sizeof(type_names) / sizeof(type_names[0]) == VALUE_TYPE_COUNT, "a name for each type");

const char *value_type_name(enum value_type type)
{
    ensure((unsigned)type < VALUE_TYPE_COUNT);
    return type_names[type];
}

static bool type_of_letter(char letter, enum value_type *out)
{
    switch (letter) {
    case 'S':
        *out = VALUE_S;
        return true;
    case 'N':
        *out = VALUE_N;
        return true;
    case 'B':
        *out = VALUE_B;
        return true;
    case 'L':
        *out = VALUE_L;
        return true;
    case 'M':
        *out = VALUE_M;
        return true;
    default:
        return false;
    }
}

bool value_type_of(struct str name, enum value_type *out)
{
    if (name.n == 1) {
        return type_of_letter(name.p[0], out);
    }
    if (name.n == 2 && name.p[1] == 'S') {
        enum value_type member = VALUE_S;
        if (!type_of_letter(name.p[0], &member) || member > VALUE_B) {
            return false;
        }
        *out = member == VALUE_S ? VALUE_SS : member == VALUE_N ? VALUE_NS : VALUE_BS;
        return true;
    }
    if (name.n == 4 && memcmp(name.p, "BOOL", 4) == 0) {
        *out = VALUE_BOOL;
        return true;
    }
    if (name.n == 4 && memcmp(name.p, "NULL", 4) == 0) {
        *out = VALUE_NULL;
        return true;
    }
    return false;
}

#define LINEAR_MAX 16 /* members of a map that are looked at one by one: most lengths of names differ, so a look is three instructions */

const struct value *value_map_get(const struct value *map, struct str name)
{
    ensure(map->type == VALUE_M);
    if (map->count <= LINEAR_MAX) {
        char first = name.n > 0 ? name.p[0] : 0;
        for (size_t i = 0; i < map->count; i++) {
            struct str other = map->members[i].name;
            if (other.n == name.n && (name.n == 0 || other.p[0] == first) && str_eq(other, name)) {
                return &map->members[i].value;
            }
        }
        return NULL;
    }
    size_t low = 0;
    size_t high = map->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int c = str_compare(map->members[middle].name, name);
        if (c == 0) {
            return &map->members[middle].value;
        }
        if (c < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

static bool strs_equal(const struct str *a, const struct str *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!str_eq(a[i], b[i])) {
            return false;
        }
    }
    return true;
}

static bool numbers_equal(const struct number *a, const struct number *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!number_equal(&a[i], &b[i])) {
            return false;
        }
    }
    return true;
}

static bool elements_equal(const struct value *a, const struct value *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!value_equal(&a[i], &b[i])) {
            return false;
        }
    }
    return true;
}

static bool members_equal(const struct member *a, const struct member *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!str_eq(a[i].name, b[i].name) || !value_equal(&a[i].value, &b[i].value)) {
            return false;
        }
    }
    return true;
}

bool value_equal(const struct value *a, const struct value *b)
{
    if (a->type != b->type) {
        return false;
    }
    switch (a->type) {
    case VALUE_S:
    case VALUE_B:
        return str_eq(a->str, b->str);
    case VALUE_N:
        return number_equal(a->number, b->number);
    case VALUE_BOOL:
        return a->boolean == b->boolean;
    case VALUE_NULL:
        return true;
    case VALUE_SS:
    case VALUE_BS:
        return a->count == b->count && strs_equal(a->strs, b->strs, a->count);
    case VALUE_NS:
        return a->count == b->count && numbers_equal(a->numbers, b->numbers, a->count);
    case VALUE_L:
        return a->count == b->count && elements_equal(a->elements, b->elements, a->count);
    case VALUE_M:
        return a->count == b->count && members_equal(a->members, b->members, a->count);
    }
    ensure(false);
    return false;
}

bool value_is_scalar_key(enum value_type type)
{
    return type == VALUE_S || type == VALUE_N || type == VALUE_B;
}

bool value_is_set(enum value_type type)
{
    return type == VALUE_SS || type == VALUE_NS || type == VALUE_BS;
}

int value_compare(const struct value *a, const struct value *b)
{
    ensure(a->type == b->type && value_is_scalar_key(a->type));
    return a->type == VALUE_N ? number_compare(a->number, b->number) : str_compare(a->str, b->str);
}

static bool strs_contain(const struct value *set, struct str s)
{
    size_t low = 0;
    size_t high = set->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int c = str_compare(set->strs[middle], s);
        if (c == 0) {
            return true;
        }
        if (c < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return false;
}

static bool numbers_contain(const struct value *set, const struct number *n)
{
    size_t low = 0;
    size_t high = set->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int c = number_compare(&set->numbers[middle], n);
        if (c == 0) {
            return true;
        }
        if (c < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return false;
}

static bool elements_contain(const struct value *list, const struct value *v)
{
    for (size_t i = 0; i < list->count; i++) {
        if (value_equal(&list->elements[i], v)) {
            return true;
        }
    }
    return false;
}

bool value_contains(const struct value *container, const struct value *v)
{
    switch (container->type) {
    case VALUE_S:
    case VALUE_B:
        return v->type == container->type &&
               (v->str.n == 0 || memmem(container->str.p, container->str.n, v->str.p, v->str.n) != NULL);
    case VALUE_SS:
        return v->type == VALUE_S && strs_contain(container, v->str);
    case VALUE_BS:
        return v->type == VALUE_B && strs_contain(container, v->str);
    case VALUE_NS:
        return v->type == VALUE_N && numbers_contain(container, v->number);
    case VALUE_L:
        return elements_contain(container, v);
    case VALUE_N:
    case VALUE_BOOL:
    case VALUE_NULL:
    case VALUE_M:
        return false;
    }
    ensure(false);
    return false;
}

size_t value_size(const struct value *v)
{
    size_t size = 0;
    switch (v->type) {
    case VALUE_S:
    case VALUE_B:
        return v->str.n;
    case VALUE_N:
        return number_size(v->number);
    case VALUE_BOOL:
    case VALUE_NULL:
        return 1;
    case VALUE_SS:
    case VALUE_BS:
        for (size_t i = 0; i < v->count; i++) {
            size += v->strs[i].n;
        }
        return size;
    case VALUE_NS:
        for (size_t i = 0; i < v->count; i++) {
            size += number_size(&v->numbers[i]);
        }
        return size;
    case VALUE_L:
        size = 3 + v->count;
        for (size_t i = 0; i < v->count; i++) {
            size += value_size(&v->elements[i]);
        }
        return size;
    case VALUE_M:
        return 3 + v->count + item_size(v);
    }
    ensure(false);
    return 0;
}

size_t item_size(const struct value *item)
{
    ensure(item->type == VALUE_M);
    size_t size = 0;
    for (size_t i = 0; i < item->count; i++) {
        const struct value *v = &item->members[i].value;
        size += item->members[i].name.n + (v->type == VALUE_S ? v->str.n : value_size(v));
    }
    return size;
}

int value_depth(const struct value *v)
{
    int deepest = -1;
    if (v->type == VALUE_L || v->type == VALUE_M) {
        for (size_t i = 0; i < v->count; i++) {
            int depth = value_depth(v->type == VALUE_L ? &v->elements[i] : &v->members[i].value);
            deepest = depth > deepest ? depth : deepest;
        }
    }
    return deepest + 1;
}

bool value_has_number_set(const struct value *v)
{
    if (v->type == VALUE_NS) {
        return v->count >= 2;
    }
    if (v->type == VALUE_L || v->type == VALUE_M) {
        for (size_t i = 0; i < v->count; i++) {
            const struct value *child = v->type == VALUE_L ? &v->elements[i] : &v->members[i].value;
            if (child->type >= VALUE_SS && value_has_number_set(child)) {
                return true;
            }
        }
    }
    return false;
}

/* Equal names keep the order of their addresses, which is the order in the text: the caller keeps the last. */
static int compare_members(const void *a, const void *b)
{
    const struct member *left = a;
    const struct member *right = b;
    int c = str_compare(left->name, right->name);
    if (c == 0) {
        c = (left->name.p > right->name.p) - (left->name.p < right->name.p);
    }
    return c;
}

static int compare_strs(const void *a, const void *b)
{
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

static int compare_numbers(const void *a, const void *b)
{
    return number_compare(a, b);
}

/* Insertion while it is cheap (input nearly sorted, or short), then the library's sort. */
#define INSERTION_MOVES_PER_ELEMENT 8

void value_sort_members(struct member *members, size_t count)
{
    size_t budget = count * INSERTION_MOVES_PER_ELEMENT;
    for (size_t i = 1; i < count; i++) {
        if (str_compare(members[i - 1].name, members[i].name) <= 0) {
            continue;
        }
        struct member moving = members[i];
        size_t at = i - 1;
        while (at > 0 && str_compare(members[at - 1].name, moving.name) > 0) {
            at--;
        }
        memmove(&members[at + 1], &members[at], (i - at) * sizeof(*members));
        members[at] = moving;
        if (i - at > budget) {
            qsort(members, count, sizeof(*members), compare_members);
            return;
        }
        budget -= i - at;
    }
}

size_t value_sort_strs(struct str *strs, size_t count)
{
    size_t sorted = count > 0;
    while (sorted < count && str_compare(strs[sorted - 1], strs[sorted]) < 0) {
        sorted++;
    }
    if (sorted == count) {
        return count;
    }
    qsort(strs, count, sizeof(*strs), compare_strs);
    size_t kept = 1;
    for (size_t i = 1; i < count; i++) {
        if (!str_eq(strs[kept - 1], strs[i])) {
            strs[kept++] = strs[i];
        }
    }
    return kept;
}

size_t value_sort_numbers(struct number *numbers, size_t count)
{
    size_t sorted = count > 0;
    while (sorted < count && number_compare(&numbers[sorted - 1], &numbers[sorted]) < 0) {
        sorted++;
    }
    if (sorted == count) {
        return count;
    }
    qsort(numbers, count, sizeof(*numbers), compare_numbers);
    size_t kept = 1;
    for (size_t i = 1; i < count; i++) {
        if (!number_equal(&numbers[kept - 1], &numbers[i])) {
            numbers[kept++] = numbers[i];
        }
    }
    return kept;
}
