/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_ITEMS_TRANSACT_H
#define SERVER_API_ITEMS_TRANSACT_H

#include "server/api/items/item_ops.h"

/* TransactWriteItems in three parts: members and constraints (the operation), request-only checks of one action
 * (transact_check.c), and actions against tables and items (transact_run.c). 2026 D.3. */

enum action_kind { ACTION_CHECK, ACTION_PUT, ACTION_DELETE, ACTION_UPDATE };

/* Members of all four kinds. */
struct action_in {
    const struct json *item; /* Put only */
    const struct json *key;  /* the others */
    struct str update_expression;
    struct str table_name;
    struct str condition_expression;
    const struct json *names;
    const struct json *values;
    struct str return_values_on_failure;
    struct str workload_profile_name; /* AWS's own, seen in echoes */
};

struct action {
    enum action_kind kind;
    const struct action_in *in;
    /* made by action_check */
    struct str bare_name;
    bool is_too_deep;   /* the key: told after all other problems of the request */
    struct value value; /* Put: the item; others: the key */
    struct condition *condition;
    struct update *update;
};

/* Everything about one action that needs no table. */
MUST_USE bool action_check(struct call *call, struct action *action, struct err *err);

/* One action while a transaction runs. */
struct action_run {
    const struct action *action;
    const struct table_desc *table;
    struct value key;
    struct stored old;
    struct change change; /* not of checks */
    struct reason reason;
    size_t read_bytes; /* the larger image: what a replay is charged for */
};

struct transaction {
    struct call *call;
    const struct action *actions;
    size_t count;
    struct action_run *runs;
};

/* Looks at all actions, plans them and applies them: all or none. Cancellation reasons go into err. */
MUST_USE bool transaction_run(struct transaction *transaction, struct err *err);

/* `Transaction request cannot include multiple operations on one item` */
bool transaction_duplicate_error(struct err *err);
/* `Collection size of items exceeded, …` */
bool transaction_size_error(struct err *err);

#endif
