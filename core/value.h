/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_VALUE_H
#define CORE_VALUE_H

#include "core/arena.h"
#include "core/number.h"
#include "core/str.h"

#include <stdbool.h>
#include <stddef.h>

/* One AttributeValue. Immutable once made; children may be shared between values. Everything a value points to lives in the
 * arena it was made in, or (slices of stored items) in the database until the transaction ends. Switch over the ten types
 * without a default, so that a new type is a compile error. Scalars come first, then sets, then the two that hold further values. */
enum value_type { VALUE_S, VALUE_N, VALUE_B, VALUE_BOOL, VALUE_NULL, VALUE_SS, VALUE_NS, VALUE_BS, VALUE_L, VALUE_M };
#define VALUE_TYPE_COUNT 10

struct member;

struct value {
    enum value_type type;
    size_t count;                      /* SS NS BS: members; L: elements; M: members */
    union {
        struct str str;                /* S: UTF-8; B: decoded bytes */
        const struct number *number;   /* N */
        bool boolean;                  /* BOOL */
        const struct str *strs;        /* SS, BS: distinct, in byte order */
        const struct number *numbers;  /* NS: distinct, ascending */
        const struct value *elements;  /* L */
        const struct member *members;  /* M: distinct names, in byte order of the name */
    };
};

/* A named value of a map. An item is a value of type M. */
struct member {
    struct str name;
    struct value value;
};

/* "S", "N", … as on the wire. */
const char *value_type_name(enum value_type type);
/* The type of a wire name, false if there is none. */
bool value_type_of(struct str name, enum value_type *out);

/* NULL if the map has no such member. Binary search. */
const struct value *value_map_get(const struct value *map, struct str name);

/* Deep equality of AWS's `=`: sets unordered, numbers by value, lists in order. Different types are unequal. */
bool value_equal(const struct value *a, const struct value *b);
/* S, N and B of one type only (ensure): DynamoDB's order. */
int value_compare(const struct value *a, const struct value *b);
bool value_is_scalar_key(enum value_type type); /* S, N or B */
bool value_is_set(enum value_type type);
/* contains(container, v): §5.6. */
bool value_contains(const struct value *container, const struct value *v);

/* Bytes that DynamoDB bills for a value, and for a whole item (names and values). §4.3. */
size_t value_size(const struct value *v);
size_t item_size(const struct value *item);
/* Containers above the deepest leaf: 0 for a scalar, a set or an empty container, 1 + the deepest child for other L and M. */
int value_depth(const struct value *v);
/* An NS with two or more members anywhere inside: then the order of its members depends on who asks (2026 I.2). */
bool value_has_number_set(const struct value *v);

/* Sort in place as the invariants above demand; for those who build values. Members of one name stay side by side in the order of
 * the names' addresses; sets lose their duplicates and the number of those that stay is returned. */
void value_sort_members(struct member *members, size_t count);
size_t value_sort_strs(struct str *strs, size_t count);
size_t value_sort_numbers(struct number *numbers, size_t count);

#endif
