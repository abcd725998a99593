/* SPDX-License-Identifier: Apache-2.0 */
/* transact_check.c — one action of TransactWriteItems as it was sent. AWS checks these by its older layer: texts are
 * bare, and expression values name their key. */
#include "core/limits.h"
#include "server/api/tables.h"
#include "server/api/items/transact.h"
#include "server/api/items/values.h"

/* `ExpressionAttributeValues contains invalid value: Empty attribute name for key :v` */
static bool check_value_names(const struct json *values, struct err *err)
{
    if (!values) {
        return true;
    }
    struct json_iter iter = json_iter(values);
    struct str key;
    const struct json *value;
    while (json_next(&iter, &key, &value)) {
        struct err own;
        err_init(&own, err->arena);
        if (json_type(value) == JSON_OBJECT && !value_check_names(value, &own)) {
            return expr_value_error(ERR_VALIDATION, own.message, key, err);
        }
    }
    return true;
}

static bool check_names(const struct action *action, struct err *err)
{
    return item_check_names(action->kind == ACTION_PUT ? action->in->item : action->in->key, err) &&
           placeholders_check_names(action->in->names, err) && check_value_names(action->in->values, err);
}

/* The item or the key. */
static bool read_value(struct action *action, struct arena *arena, struct err *err)
{
    if (action->kind == ACTION_PUT) {
        return item_read(action->in->item, arena, VALUE_OLDER, &action->value, err);
    }
    struct err own;
    err_init(&own, err->arena);
    action->is_too_deep = !item_check_nesting(action->in->key, &own);
    return action->is_too_deep || item_read(action->in->key, arena, VALUE_OLDER, &action->value, err);
}

/* Too long texts come before the sizes of items, everything else about expressions after them. */
static bool check_sizes(struct action *action, struct arena *arena, struct err *err)
{
    const struct action_in *in = action->in;
    if (in->condition_expression.n > LIMIT_EXPRESSION_BYTES) {
        return condition_parse_sized(in->condition_expression, EXPR_CONDITION, arena, &action->condition, err);
    }
    if (action->kind == ACTION_PUT && !item_check_size(&action->value, err)) {
        return false;
    }
    if (action->kind == ACTION_UPDATE &&
        (in->update_expression.n > LIMIT_EXPRESSION_BYTES || in->update_expression.n == 0)) {
        return update_parse(in->update_expression, arena, &action->update, err);
    }
    return true;
}

static bool check_expressions(struct action *action, struct placeholders *placeholders, struct arena *arena,
                              struct err *err)
{
    const struct action_in *in = action->in;
    bool has_condition = in->condition_expression.p != NULL;
    bool has_update = action->kind == ACTION_UPDATE;
    if (has_update && !update_parse(in->update_expression, arena, &action->update, err)) {
        return false;
    }
    if (has_condition &&
        !condition_parse_sized(in->condition_expression, EXPR_CONDITION, arena, &action->condition, err)) {
        return false;
    }
    if (has_update && !update_bind(action->update, placeholders, err)) {
        return false;
    }
    if (has_condition && !condition_bind_references(action->condition, placeholders, err)) {
        return false;
    }
    /* Without an expression nothing can use them, and AWS lets that be. */
    if ((has_condition || has_update) && !placeholders_check_unused(placeholders, err)) {
        return false;
    }
    return !has_condition || condition_check_operands(action->condition, placeholders, err);
}

bool action_check(struct call *call, struct action *action, struct err *err)
{
    struct arena *arena = call->arena;
    const struct action_in *in = action->in;
    struct placeholders *placeholders = NULL;
    return check_names(action, err) && read_value(action, arena, err) &&
           placeholders_read_naming(in->names, in->values, VALUE_OLDER_DEEP, NAMING_NUMBER | NAMING_DUPLICATES, arena,
                                    &placeholders, err) &&
           check_sizes(action, arena, err) && check_expressions(action, placeholders, arena, err) &&
           table_name_of(call, in->table_name, &action->bare_name, err);
}
