/* SPDX-License-Identifier: Apache-2.0 */
/* transact_write_items.c — up to 100 writes and checks, all or none. This file: the members and their constraints,
 * tokens and the answer; the actions are checked in transact_check.c and run in transact_run.c. */
#include "core/limits.h"
#include "server/api/conflicts.h"
#include "server/api/items/tokens.h"
#include "server/api/items/transact.h"
#include "server/api/items/values.h"

struct transact_item_in {
    const void *condition_check; /* struct action_in */
    const void *put;
    const void *delete;
    const void *update;
};

struct transact_write_items_in {
    struct list items; /* of struct transact_item_in */
    struct str client_request_token;
    struct str return_consumed_capacity;
    struct str return_item_collection_metrics;
    /* made by check */
    struct action *actions;
    struct token_hash parameters;
};

/* ---- Constraints ---- */

/* Exactly one kind in each item. */
static void report_kinds(struct shape_report *report, const struct field *field, const void *input_struct)
{
    (void)field;
    const struct transact_write_items_in *in = input_struct;
    const struct transact_item_in *items = in->items.items;
    for (size_t i = 0; i < in->items.count; i++) {
        int kinds = (items[i].condition_check != NULL) + (items[i].put != NULL) + (items[i].delete != NULL) +
                    (items[i].update != NULL);
        if (kinds != 1) {
            shape_report_add(report, "%s",
                             kinds == 0 ? "Invalid Request: TransactWriteRequest should contain Delete or Put or "
                                          "Update request"
                                        : "TransactItems can only contain one of Check, Put, Update or Delete");
            return;
        }
    }
}

#define ACTION_TABLE_NAME                                                                                              \
    FIELD_STRING(action_in, table_name, "TableName", .required = true, .stage = 1),                                    \
        FIELD_STRING(action_in, table_name, "TableName", .custom = table_name_of_action, .stage = 3)
#define ACTION_PLACEHOLDERS                                                                                            \
    FIELD_STRING_MAP(action_in, names, "ExpressionAttributeNames"),                                                    \
        FIELD_ITEM(action_in, values, "ExpressionAttributeValues"),                                                    \
        FIELD_STRING(action_in, return_values_on_failure, "ReturnValuesOnConditionCheckFailure",                       \
                     .one_of = SET_RETURN_VALUES_ON_FAILURE, .stage = 1),                                              \
        FIELD_STRING(action_in, workload_profile_name, "WorkloadProfileName")

/* In the order of AWS's echoes. */
static const struct field check_fields[] = {
    FIELD_ITEM(action_in, key, "Key", .required = true, .stage = 1),
    ACTION_TABLE_NAME,
    FIELD_STRING(action_in, condition_expression, "ConditionExpression", .required = true, .stage = 1),
    ACTION_PLACEHOLDERS,
    FIELD_END,
};
static const struct field put_fields[] = {
    FIELD_ITEM(action_in, item, "Item", .required = true, .stage = 1),
    ACTION_TABLE_NAME,
    FIELD_STRING(action_in, condition_expression, "ConditionExpression"),
    ACTION_PLACEHOLDERS,
    FIELD_END,
};
static const struct field delete_fields[] = {
    FIELD_ITEM(action_in, key, "Key", .required = true, .stage = 1),
    ACTION_TABLE_NAME,
    FIELD_STRING(action_in, condition_expression, "ConditionExpression"),
    ACTION_PLACEHOLDERS,
    FIELD_END,
};
static const struct field update_fields[] = {
    FIELD_ITEM(action_in, key, "Key", .required = true, .stage = 1),
    FIELD_STRING(action_in, update_expression, "UpdateExpression", .required = true, .stage = 1),
    ACTION_TABLE_NAME,
    FIELD_STRING(action_in, condition_expression, "ConditionExpression"),
    ACTION_PLACEHOLDERS,
    FIELD_END,
};
static const struct field item_fields[] = {
    FIELD_STRUCT(transact_item_in, condition_check, "ConditionCheck", check_fields, action_in, .required = false),
    FIELD_STRUCT(transact_item_in, put, "Put", put_fields, action_in, .required = false),
    FIELD_STRUCT(transact_item_in, delete, "Delete", delete_fields, action_in, .required = false),
    FIELD_STRUCT(transact_item_in, update, "Update", update_fields, action_in, .required = false),
    FIELD_END,
};
static const struct field item_element[] = {
    ELEMENT_STRUCT(item_fields, transact_item_in, .java = "TransactWriteItem"),
    FIELD_END,
};

static const struct field input[] = {
    FIELD_LIST(transact_write_items_in, items, "TransactItems", item_element, .required = true, .min = 1,
               .max = LIMIT_TRANSACTION_ACTIONS),
    FIELD_STRING(transact_write_items_in, client_request_token, "ClientRequestToken", .min = 1, .max = 36, .stage = 1),
    FIELD_STRING(transact_write_items_in, return_consumed_capacity, "ReturnConsumedCapacity",
                 .one_of = SET_RETURN_CONSUMED_CAPACITY, .stage = 1),
    FIELD_STRING(transact_write_items_in, return_item_collection_metrics, "ReturnItemCollectionMetrics",
                 .one_of = SET_RETURN_ITEM_COLLECTION_METRICS, .stage = 1),
    FIELD_STRING(transact_write_items_in, client_request_token, "ClientRequestToken", .custom = report_kinds,
                 .stage = 2, .bare = true),
    FIELD_END,
};

/* ---- Request-only checks ---- */

static void action_init(struct action *action, const struct transact_item_in *in)
{
    if (in->put) {
        *action = (struct action){.kind = ACTION_PUT, .in = in->put};
    } else if (in->update) {
        *action = (struct action){.kind = ACTION_UPDATE, .in = in->update};
    } else if (in->delete) {
        *action = (struct action){.kind = ACTION_DELETE, .in = in->delete};
    } else {
        *action = (struct action){.kind = ACTION_CHECK, .in = in->condition_check};
    }
}

/* Of the members that the operation has: others are not read, so they may differ. */
static struct token_hash hash_action(struct token_hash hash, const struct action *action)
{
    static const char *const kinds[] = {"ConditionCheck", "Put", "Delete", "Update"};
    const struct action_in *in = action->in;
    const struct json *const trees[] = {in->item, in->key, in->names, in->values};
    const struct str texts[] = {str_from(kinds[action->kind]), in->update_expression, in->table_name,
                                in->condition_expression, in->return_values_on_failure};
    for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++) {
        hash = token_hash_json(hash, trees[i]);
    }
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        hash = token_hash_str(hash, texts[i]);
    }
    return hash;
}

static bool check(struct call *call, void *input_struct, struct err *err)
{
    struct transact_write_items_in *in = input_struct;
    const struct transact_item_in *items = in->items.items;
    in->actions = arena_array(call->arena, struct action, in->items.count);
    for (size_t i = 0; i < in->items.count; i++) {
        action_init(&in->actions[i], &items[i]);
        if (!action_check(call, &in->actions[i], err)) {
            return false;
        }
    }
    for (size_t i = 0; i < in->items.count; i++) {
        if (in->actions[i].is_too_deep) {
            return item_check_nesting(in->actions[i].in->key, err);
        }
    }
    if (in->client_request_token.p) {
        in->parameters = token_hash_str(TOKEN_HASH_INIT, in->return_item_collection_metrics);
        for (size_t i = 0; i < in->items.count; i++) {
            in->parameters = hash_action(in->parameters, &in->actions[i]);
        }
    }
    return true;
}

/* ---- The answer ---- */

static void write_metrics(const struct transaction *transaction, bool comma, struct buf *out)
{
    struct collection_metrics metrics = {0};
    for (size_t i = 0; i < transaction->count; i++) {
        const struct action_run *run = &transaction->runs[i];
        if (run->action->kind != ACTION_CHECK) {
            collection_metrics_add(&metrics, run->table, run->action->in->table_name, &run->key,
                                   transaction->call->arena);
        }
    }
    collection_metrics_write_map(&metrics, comma, out);
}

static void write_answer(const struct transaction *transaction, const struct transact_write_items_in *in)
{
    struct call *call = transaction->call;
    enum capacity_mode mode = capacity_mode_of(in->return_consumed_capacity);
    buf_add_byte(call->out, '{');
    if (mode != CAPACITY_NONE) {
        struct capacity_list list = {0};
        for (size_t i = 0; i < transaction->count; i++) {
            const struct action_run *run = &transaction->runs[i];
            struct capacity *capacity = capacity_list_of(&list, run->table, run->action->in->table_name, call->arena);
            if (run->action->kind == ACTION_CHECK) {
                capacity_add_table_units(capacity, 2 * write_units(run->read_bytes));
            } else {
                capacity_add_write(capacity, &run->change, 2);
            }
        }
        capacity_list_write(&list, mode, "WriteCapacityUnits", false, call->out);
    }
    if (str_eq(in->return_item_collection_metrics, STR("SIZE"))) {
        write_metrics(transaction, mode != CAPACITY_NONE, call->out);
    }
    buf_add_byte(call->out, '}');
}

/* What was done already is charged as a read. */
static void write_replay(struct call *call, const struct transact_write_items_in *in, const uint32_t *units,
                         size_t count)
{
    enum capacity_mode mode = capacity_mode_of(in->return_consumed_capacity);
    struct capacity_list list = {0};
    for (size_t i = 0; i < count && i < in->items.count; i++) {
        struct capacity *capacity = capacity_list_of(&list, NULL, in->actions[i].in->table_name, call->arena);
        capacity_add_table_units(capacity, units[i]);
    }
    buf_add_byte(call->out, '{');
    capacity_list_write(&list, mode, "ReadCapacityUnits", false, call->out);
    buf_add_byte(call->out, '}');
}

/* ---- Running ---- */

static struct token_hash token_key(const struct call *call, struct str token)
{
    struct token_hash key = token_hash_str(TOKEN_HASH_INIT, str_from(call->op->name));
    key.a ^= call->namespace_id;
    return token_hash_str(key, token);
}

static void pend_token(struct call *call, const struct transact_write_items_in *in,
                       const struct transaction *transaction)
{
    uint32_t *units = arena_array(call->arena, uint32_t, transaction->count);
    for (size_t i = 0; i < transaction->count; i++) {
        units[i] = (uint32_t)(2 * read_units(transaction->runs[i].read_bytes));
    }
    tokens_pend(api_tokens(call->api), call, token_key(call, in->client_request_token), in->parameters, units,
                transaction->count, call->arena);
}

/* What the token's earlier request says of this one. *is_done: it is answered. */
static bool answer_token(struct call *call, const struct transact_write_items_in *in, bool *is_done, struct err *err)
{
    struct tokens *tokens = api_tokens(call->api);
    struct token_hash key = token_key(call, in->client_request_token);
    const uint32_t *units = NULL;
    size_t count = 0;
    switch (tokens_find(tokens, key, in->parameters, clock_now_ms(call->clock), call->arena, &units, &count)) {
    case TOKEN_NEW:
        return true;
    case TOKEN_REPLAY:
        if (conflicts_simulated(call) && tokens_is_pending(tokens, key)) {
            return err_set(err, ERR_TRANSACTION_IN_PROGRESS,
                           "The transaction with the given request token is already in progress.");
        }
        write_replay(call, in, units, count);
        *is_done = true;
        return true;
    case TOKEN_MISMATCH:
        return err_set(err, ERR_IDEMPOTENT_PARAMETER_MISMATCH,
                       "The request uses the same client token as a previous, but non-identical request.");
    }
    ensure(false);
    return false;
}

static bool run(struct call *call, void *input_struct, struct err *err)
{
    const struct transact_write_items_in *in = input_struct;
    bool has_token = in->client_request_token.p != NULL;
    if (has_token) {
        bool is_done = false;
        if (!answer_token(call, in, &is_done, err) || is_done) {
            return is_done;
        }
    }
    struct transaction transaction = {.call = call, .actions = in->actions, .count = in->items.count};
    if (!transaction_run(&transaction, err)) {
        return false;
    }
    if (has_token) {
        pend_token(call, in, &transaction);
    }
    write_answer(&transaction, in);
    return true;
}

static void publish(struct call *call, void *input_struct)
{
    (void)input_struct;
    tokens_publish(api_tokens(call->api), call, clock_now_ms(call->clock));
}

const struct op op_transact_write_items = {
    .name = "TransactWriteItems",
    .txn = TXN_WRITE,
    .input = input,
    .input_size = sizeof(struct transact_write_items_in),
    .check = check,
    .run = run,
    .publish = publish,
};
