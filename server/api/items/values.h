/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_ITEMS_VALUES_H
#define SERVER_API_ITEMS_VALUES_H

#include "core/err.h"
#include "core/json.h"
#include "core/value.h"

/* Looking over AttributeValues of a request as they were sent, before they are read: AWS looks for some problems in the
 * whole request before others, where core/value_json.h stops at the first of any kind. All trees have passed
 * value_check or item_check. NULL trees are fine everywhere: they hold nothing. */

/* `Null attribute value types must have the value of true` anywhere in a value, or in a map of values (ERR_REQUEST). */
MUST_USE bool value_check_nulls(const struct json *value, struct err *err);
MUST_USE bool item_check_nulls(const struct json *item, struct err *err);

/* The same question to a value that was read already, which is cheaper: is there an empty name anywhere in it? */
bool value_has_empty_name(const struct value *v);

/* `Empty attribute name` inside of expression values; an empty placeholder is a bad key, which is another matter. */
MUST_USE bool values_check_names(const struct json *values, struct err *err);

/* A leaf in more than 31 containers (is_deep: 32): ERR_REQUEST up to 62 of them, bare (ERR_VALIDATION) beyond. */
MUST_USE bool value_check_nesting(const struct json *value, bool is_deep, struct err *err);
MUST_USE bool item_check_nesting(const struct json *item, struct err *err);

/* What makes AWS check a whole request by its older layer (2026 D.1): a BOOL or NULL written as a string, or a value
 * with several types. */
bool value_is_older(const struct json *value);
bool item_is_older(const struct json *item);
/* So does a leaf in 63 containers or more, and then already for the members (D.1). */
bool item_is_beyond_newer(const struct json *item);

#endif
