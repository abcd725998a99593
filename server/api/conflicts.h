/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_CONFLICTS_H
#define SERVER_API_CONFLICTS_H

#include "server/api/op.h"

/* -conflicts: one serial writer never has a conflict, but people want to see their code meet one. So calls that share a batch count as
 * concurrent: what a write or a transaction has touched is held until the batch ends. Nothing is ever held without the option. */

bool conflicts_simulated(const struct call *call);

/* An item of a TransactWriteItems: is it held by another call's transaction? It is held for this one from now on. */
bool conflict_of_action(struct call *call, const struct table_desc *table, const struct value *key);
/* An item of a TransactGetItems: is it held by any other call, a transaction or a single write? */
bool conflict_of_read(struct call *call, const struct table_desc *table, const struct value *key);
/* A write of a BatchWriteItem, which meets TransactGetItems only: it is held from now on. */
void conflict_hold(struct call *call, const struct table_desc *table, const struct value *key);
/* A single write: ERR_TRANSACTION_CONFLICT `Transaction is ongoing for the item` if a transaction holds it; else this call holds
 * it from now on. */
MUST_USE bool conflict_check(struct call *call, const struct table_desc *table, const struct value *key,
                             struct err *err);
#define CONFLICT_TEXT "Transaction is ongoing for the item"

/* batch.c's own: nothing is held; what will be held lies in the arena, which outlives the transaction. */
struct conflicts {
    struct arena *arena;
    struct held_item *items;
    size_t count;
    size_t room;
};
void conflicts_begin(struct conflicts *conflicts, struct arena *arena);

#endif
