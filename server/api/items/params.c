/* SPDX-License-Identifier: Apache-2.0 */
/* The rules about which parameters may stand together, before any expression is parsed. Lists of names are printed in
 * AWS's order, which is the order in which the operations give them. */
#include "server/api/items/params.h"

/* "A, B" */
static struct str join_names(const char *const *names, struct arena *arena)
{
    struct str joined = STR("");
    for (size_t i = 0; names[i]; i++) {
        joined = i == 0 ? str_from(names[0]) : arena_printf(arena, "%.*s, %s", STR_ARG(joined), names[i]);
    }
    return joined;
}

bool params_check_mix(const struct params *params, struct err *err)
{
    if (params->legacy[0] && params->expressions[0]) {
        struct str legacy = join_names(params->legacy, err->arena);
        struct str expressions = join_names(params->expressions, err->arena);
        return err_set(err, ERR_REQUEST,
                       "Can not use both expression and non-expression parameters in the same request: "
                       "Non-expression parameters: {%.*s} Expression parameters: {%.*s}",
                       STR_ARG(legacy), STR_ARG(expressions));
    }
    if (params->names && !params->expressions[0]) {
        return err_set(err, ERR_REQUEST, "ExpressionAttributeNames can only be specified when using expressions");
    }
    if (params->values && !params->has_value_expression) {
        return err_set(err, ERR_REQUEST, "ExpressionAttributeValues can only be specified when using expressions%s",
                       params->values_suffix ? params->values_suffix : "");
    }
    return true;
}

bool params_check(const struct params *params, struct arena *arena, struct placeholders **out, struct err *err)
{
    return params_check_mix(params, err) &&
           placeholders_read_naming(params->names, params->values, params->dialect, params->naming, arena, out, err);
}

bool params_check_projection(struct str expression, struct err *err)
{
    return expression.p == NULL || expression.n > 0 ||
           err_set(err, ERR_REQUEST, "Invalid ProjectionExpression: The expression can not be empty;");
}
