/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_ITEMS_ITEM_OPS_H
#define SERVER_API_ITEMS_ITEM_OPS_H

#include "expr/expr.h"
#include "server/api/items/capacity.h"
#include "server/api/common.h"
#include "server/api/op.h"
#include "storage/change.h"

/* What PutItem, UpdateItem, DeleteItem and the transactions share. */

/* Members that the three single writes have in common; the rest of each input struct follows. */
struct write_in {
    struct str table_name;
    struct map expected;
    struct str conditional_operator;
    struct str return_values;
    struct str return_consumed_capacity;
    struct str return_item_collection_metrics;
    struct str return_values_on_failure;
    struct str condition_expression;
    const struct json *names;
    const struct json *values;
    /* made by check */
    struct str bare_name; /* of the table */
    struct placeholders *placeholders;
    struct condition *condition; /* of ConditionExpression or Expected; NULL if there is none */
};

/* ---- Constraints of ReturnValues (2026 D.1) ---- */

/* Any of the five values? */
bool is_return_values(struct str s);
/* .custom: the newer layer's text. */
void return_values_newer(struct shape_report *report, const struct field *field, const void *in);
#define RETURN_VALUES_OLD_TEXT "ReturnValues can only be ALL_OLD or NONE"
/* ERR_REQUEST with it. */
MUST_USE bool return_values_check_old(struct str return_values, struct err *err);

/* ---- Layers (2026 D.1) ---- */

typedef bool layer_check(struct call *call, void *in, enum value_dialect dialect, struct err *err);
/* Checks by the newer layer; a request that is refused and has what calls for the older one is checked again by that.
 * The checks must set all that they make anew. */
MUST_USE bool check_by_layer(struct call *call, void *in, layer_check *check, bool (*is_older)(const void *in),
                             struct err *err);
/* Does anything of the common members call for the older layer? */
bool write_is_older(const struct write_in *in);

/* ---- Common steps of checks ---- */

/* ERR_VALIDATION if the item is larger than 400 KB. */
MUST_USE bool item_check_size(const struct value *item, struct err *err);

/* Empty names in Expected, ExpressionAttributeNames and ExpressionAttributeValues. */
MUST_USE bool write_check_names(const struct write_in *in, struct err *err);
/* False NULLs in the key (may be NULL) and there. The older layer finds them when it reads the values. */
MUST_USE bool write_check_nulls(const struct write_in *in, const struct json *key, enum value_dialect dialect,
                                struct err *err);
/* The rules for parameters and the placeholders (2026 D.7). updates_name, update_name: "AttributeUpdates" and
 * "UpdateExpression" where the operation has them and they are present, else NULL. naming: enum key_naming. */
MUST_USE bool write_check_params(struct write_in *in, const char *updates_name, const char *update_name,
                                 unsigned naming, enum value_dialect dialect, struct arena *arena, struct err *err);

/* ---- Common steps of runs ---- */

#define CONDITION_FAILED_TEXT "The conditional request failed"
#define STORED_DAMAGED_TEXT "a stored item is damaged"

/* ERR_VALIDATION if the condition goes into a key attribute of the table or of an index. condition may be NULL. */
MUST_USE bool condition_check_keys(const struct condition *condition, const struct table_desc *table, struct err *err);
MUST_USE bool projection_check_keys(const struct projection *projection, const struct table_desc *table,
                                    struct err *err);
/* NULL for an absent item. The tree lives in the arena. */
MUST_USE bool stored_parse(const struct stored *stored, struct arena *arena, const struct json **out, struct err *err);
/* The same with no more of the item than the condition, the update (both may be NULL) and what follows from the update for the table look at. */
MUST_USE bool write_parse_old(struct stored *old, const struct condition *condition, const struct update *update,
                              const struct table_desc *table, struct arena *arena, const struct json **out, struct err *err);
/* False condition: ERR_CONDITIONAL_CHECK_FAILED, with the item if it was asked for. */
MUST_USE bool write_check_condition(const struct write_in *in, const struct stored *old, const struct json *item,
                                    struct arena *arena, struct err *err);
/* `"Item":{…}` of a stored item, for err.extra; absent if there is none. java_sets: as transactions show it. */
struct str extra_item(const struct stored *stored, bool java_sets, struct arena *arena);

/* The answer: `{`, then perhaps `"Attributes":{…}` by the caller or by write_attributes (nothing for an absent text),
 * then the rest. */
void write_answer_begin(struct call *call);
void write_attributes(struct call *call, struct str text);
void write_answer_end(struct call *call, const struct write_in *in, const struct change *change,
                      const struct value *key);

/* ---- Transactions and batches ---- */

/* For answers that name each table once: finds or adds the table's capacity. table may be NULL (tokens): then names
 * tell them apart. */
struct capacity_list {
    struct capacity *items;
    size_t count;
    size_t room;
};
struct capacity *capacity_list_of(struct capacity_list *list, const struct table_desc *table, struct str table_name,
                                  struct arena *arena);
/* `"ConsumedCapacity":[…]`; a comma first if asked for. */
void capacity_list_write(const struct capacity_list *list, enum capacity_mode mode, const char *mirror, bool comma,
                         struct buf *out);

/* `"ItemCollectionMetrics":{"T":[…]}`: one entry for each collection that was written, of tables with LSIs. */
struct collection_metric {
    const struct table_desc *table;
    struct str table_name;
    const struct value *key;
};
struct collection_metrics {
    struct collection_metric *items;
    size_t count;
    size_t room;
};
/* key: has the table's hash attribute; it is kept. */
void collection_metrics_add(struct collection_metrics *metrics, const struct table_desc *table, struct str table_name,
                            const struct value *key, struct arena *arena);
/* Nothing if there are none; a comma first if asked for. */
void collection_metrics_write_map(const struct collection_metrics *metrics, bool comma, struct buf *out);

/* What became of one action. */
struct reason {
    const char *code; /* NULL: nothing is wrong */
    struct str message;
    struct str extra; /* `"Item":{…}` or absent */
};
/* ERR_TRANSACTION_CANCELED with all reasons. */
bool transaction_canceled(const struct reason *reasons, size_t count, struct arena *arena, struct err *err);
/* `{…}` of an item with its sets in the order of Java's HashSet where that matters. */
void stored_write_java(const struct stored *stored, struct arena *arena, struct buf *out);

#endif
