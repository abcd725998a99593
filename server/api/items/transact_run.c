/* SPDX-License-Identifier: Apache-2.0 */
/* transact_run.c — the actions of TransactWriteItems against tables and items. Every action is planned on the state
 * before the transaction, and only when all can be done the first is applied. What is wrong with one action is a reason
 * of the cancellation, and all are looked for; some problems are told at once for the whole request instead
 * (aws-behaviour.md §8.3, 2026 D.3). */
#include "core/limits.h"
#include "server/api/conflicts.h"
#include "server/api/items/keys.h"
#include "server/api/tables.h"
#include "server/api/items/transact.h"
#include "server/api/items/update_run.h"

bool transaction_duplicate_error(struct err *err)
{
    return err_set(err, ERR_VALIDATION, "Transaction request cannot include multiple operations on one item");
}

bool transaction_size_error(struct err *err)
{
    return err_set(err, ERR_VALIDATION,
                   "Collection size of items exceeded, which can also be caused by the aggregate size of the items in "
                   "the transaction exceeding the 4MB limit");
}

/* ---- Before any item is read ---- */

static bool find_tables(struct transaction *transaction, struct err *err)
{
    for (size_t i = 0; i < transaction->count; i++) {
        struct action_run *run = &transaction->runs[i];
        run->action = &transaction->actions[i];
        if (!table_for_items(transaction->call, run->action->bare_name, &run->table, err)) {
            return false;
        }
    }
    return true;
}

/* Empty key values are told at once. */
static bool check_empty_keys(struct transaction *transaction, struct err *err)
{
    for (size_t i = 0; i < transaction->count; i++) {
        const struct action_run *run = &transaction->runs[i];
        const struct value *v = &run->action->value;
        if (!key_check_empty(run->table, v, err) ||
            (run->action->kind == ACTION_PUT && !index_keys_check_empty(run->table, v, err))) {
            return false;
        }
    }
    return true;
}

/* True: the reason is set, or there is none. False: the environment failed. */
static bool take_reason(struct action_run *run, const struct err *own, struct err *err)
{
    if (own->kind == ERR_INTERNAL || own->kind == ERR_MAP_FULL) {
        return err_set_text(err, own->kind, own->message);
    }
    run->reason.code = "ValidationError";
    run->reason.message = own->message;
    return true;
}

static bool check_key(struct action_run *run, struct arena *arena, struct err *err)
{
    const struct action *action = run->action;
    struct err own;
    err_init(&own, err->arena);
    if (action->kind == ACTION_PUT) {
        if (item_key_check(run->table, &action->value, false, &own)) {
            run->key = key_of_item(run->table, &action->value, arena);
            return true;
        }
    } else if (key_check(run->table, &action->value, &own)) {
        run->key = action->value;
        return true;
    }
    return take_reason(run, &own, err);
}

static bool check_keys(struct transaction *transaction, struct err *err)
{
    for (size_t i = 0; i < transaction->count; i++) {
        if (!check_key(&transaction->runs[i], transaction->call->arena, err)) {
            return false;
        }
    }
    return true;
}

static bool check_duplicates(const struct transaction *transaction, struct err *err)
{
    const struct action_run *runs = transaction->runs;
    for (size_t i = 1; i < transaction->count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (!runs[i].reason.code && !runs[k].reason.code && runs[i].table->id == runs[k].table->id &&
                value_equal(&runs[i].key, &runs[k].key)) {
                return transaction_duplicate_error(err);
            }
        }
    }
    return true;
}

static bool check_put_sizes(const struct transaction *transaction, struct err *err)
{
    size_t bytes = 0;
    for (size_t i = 0; i < transaction->count; i++) {
        if (transaction->actions[i].kind == ACTION_PUT) {
            bytes += item_size(&transaction->actions[i].value);
        }
    }
    return bytes <= LIMIT_TRANSACTION_BYTES || transaction_size_error(err);
}

/* ---- One action ---- */

static void fail_condition(struct action_run *run, struct arena *arena)
{
    run->reason.code = "ConditionalCheckFailed";
    run->reason.message = STR(CONDITION_FAILED_TEXT);
    if (str_eq(run->action->in->return_values_on_failure, STR("ALL_OLD"))) {
        run->reason.extra = extra_item(&run->old, true, arena);
    }
}

/* What the table alone refuses. */
static bool check_against_table(const struct action_run *run, struct err *err)
{
    const struct action *action = run->action;
    return condition_check_keys(action->condition, run->table, err) &&
           (action->kind != ACTION_UPDATE || update_check_key_paths(action->update, run->table, err)) &&
           (action->kind != ACTION_PUT || index_keys_check_put(run->table, &action->value, err));
}

/* The new item of an update, or what is wrong with it. An empty index key goes to `top`, the whole request's error. */
static bool make_updated(struct action_run *run, const struct json *item, struct arena *arena,
                         struct updated_item *updated, struct err *own, struct err *top)
{
    const struct action *action = run->action;
    if (!update_check_key_targets(action->update, run->table, own) ||
        !update_make_item(action->update, &run->key, &run->old, item, arena, updated, own)) {
        return false;
    }
    return index_keys_check_update_empty(run->table, updated->old, &updated->new, top) &&
           index_keys_check_update(run->table, updated->old, &updated->new, own);
}

static size_t larger_image(const struct action_run *run)
{
    size_t old_size = stored_exists(&run->old) ? run->old.size_bytes : 0;
    if (run->action->kind == ACTION_CHECK) {
        return old_size;
    }
    size_t new_size = stored_exists(&run->change.new) ? run->change.new.size_bytes : 0;
    return old_size > new_size ? old_size : new_size;
}

static bool plan_change(struct call *call, struct action_run *run, const struct value *new_item, struct err *err)
{
    return change_plan(call->txn, run->table, &run->key, &run->old, new_item, CAUSE_USER, call->arena, &run->change,
                       err);
}

/* Reads, decides and plans. False: top-level error. */
static bool plan_action(struct call *call, struct action_run *run, struct err *err)
{
    const struct action *action = run->action;
    struct err own;
    err_init(&own, err->arena);
    if (conflict_of_action(call, run->table, &run->key)) {
        run->reason.code = "TransactionConflict";
        run->reason.message = STR(CONFLICT_TEXT);
        return true;
    }
    const struct json *item = NULL;
    const struct update *update = action->kind == ACTION_UPDATE ? action->update : NULL;
    bool needs_item = action->condition != NULL || update != NULL;
    if (!item_get(call->txn, run->table, &run->key, call->arena, &run->old, err) ||
        (needs_item &&
         !write_parse_old(&run->old, action->condition, update, run->table, call->arena, &item, err))) {
        return false;
    }
    if (!check_against_table(run, &own)) {
        return take_reason(run, &own, err);
    }
    if (action->condition && !condition_holds(action->condition, item, call->arena)) {
        fail_condition(run, call->arena);
        return true;
    }
    switch (action->kind) {
    case ACTION_CHECK:
        break;
    case ACTION_PUT:
        if (!plan_change(call, run, &action->value, err)) {
            return false;
        }
        break;
    case ACTION_DELETE:
        if (!plan_change(call, run, NULL, err)) {
            return false;
        }
        break;
    case ACTION_UPDATE: {
        struct updated_item *updated = arena_new(call->arena, struct updated_item);
        if (!make_updated(run, item, call->arena, updated, &own, err)) {
            return err->kind == ERR_NONE && take_reason(run, &own, err);
        }
        if (!change_plan_update(call->txn, run->table, &run->key, &run->old, updated->old, &updated->new, call->arena,
                                &run->change, err)) {
            return false;
        }
        break;
    }
    }
    run->read_bytes = larger_image(run);
    return true;
}

/* ---- All ---- */

static bool plan_all(struct transaction *transaction, struct err *err)
{
    size_t bytes = 0;
    bool is_canceled = false;
    for (size_t i = 0; i < transaction->count; i++) {
        struct action_run *run = &transaction->runs[i];
        if (!run->reason.code && !plan_action(transaction->call, run, err)) {
            return false;
        }
        bytes += run->read_bytes;
        is_canceled |= run->reason.code != NULL;
    }
    if (is_canceled) {
        struct reason *reasons = arena_array(transaction->call->arena, struct reason, transaction->count);
        for (size_t i = 0; i < transaction->count; i++) {
            reasons[i] = transaction->runs[i].reason;
        }
        return transaction_canceled(reasons, transaction->count, transaction->call->arena, err);
    }
    return bytes <= LIMIT_TRANSACTION_BYTES || transaction_size_error(err);
}

bool transaction_run(struct transaction *transaction, struct err *err)
{
    transaction->runs = arena_array(transaction->call->arena, struct action_run, transaction->count);
    if (!find_tables(transaction, err) || !check_empty_keys(transaction, err) || !check_keys(transaction, err) ||
        !check_duplicates(transaction, err) || !check_put_sizes(transaction, err) || !plan_all(transaction, err)) {
        return false;
    }
    for (size_t i = 0; i < transaction->count; i++) {
        const struct action_run *run = &transaction->runs[i];
        if (run->action->kind != ACTION_CHECK && !change_apply(transaction->call->txn, &run->change, err)) {
            return false;
        }
    }
    return true;
}
