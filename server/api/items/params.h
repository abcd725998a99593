/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_ITEMS_PARAMS_H
#define SERVER_API_ITEMS_PARAMS_H

#include "core/err.h"
#include "core/json.h"
#include "core/str.h"
#include "expr/expr.h"

/* Rules 1 to 3 of 2026 D.7: expression parameters beside legacy ones, names and values without expressions; then the
 * placeholders themselves. */

struct params {
    /* Wire names of the legacy members that are present, in AWS's order, NULL-terminated; and of the expression
     * members. */
    const char *legacy[6];
    const char *expressions[5];
    bool has_value_expression; /* one that may use values is present (ProjectionExpression alone is not) */
    const char *values_suffix; /* after "…can only be specified when using expressions": NULL, or ": FilterExpression is
                                  null" */
    const struct json *names;  /* ExpressionAttributeNames or NULL */
    const struct json *values; /* ExpressionAttributeValues or NULL */
    enum value_dialect dialect;
    unsigned naming;           /* enum key_naming */
};

/* Checks, then reads the placeholders. *out is usable (empty) when neither is present. */
MUST_USE bool params_check(const struct params *params, struct arena *arena, struct placeholders **out,
                           struct err *err);
/* Rules 1 to 3 only. */
MUST_USE bool params_check_mix(const struct params *params, struct err *err);
/* ERR_REQUEST if the ProjectionExpression is there and empty, which is said before the others are parsed. */
MUST_USE bool params_check_projection(struct str expression, struct err *err);

#endif
