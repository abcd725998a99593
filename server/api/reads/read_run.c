/* SPDX-License-Identifier: Apache-2.0 */
/* What Query and Scan do once they know their table: the checks that need its keys and indexes, and the answer around the page. */
#include "server/api/reads/read.h"

#include "server/api/reads/key_match.h"
#include "server/api/tables.h"

bool read_index(const struct read_in *in, const struct table_desc *table, const struct index_desc **out, struct err *err)
{
    *out = NULL;
    if (!in->index_name.p) {
        return true;
    }
    const struct index_desc *index = table_index(table, in->index_name);
    bool is_local = index && !index->is_global;
    if (!is_local && in->consistent_read == TRI_TRUE) { /* also of an index that is not there */
        return err_set(err, ERR_VALIDATION, "Consistent reads are not supported on global secondary indexes");
    }
    return table_index_for_read(table, in->index_name, out, err);
}

/* ---- Filters on keys ---- */

/* The key parts that a filter names, in the order of the schema. */
struct key_use {
    const struct key_schema *key;
    bool hash_used[LIMIT_GSI_KEY_PARTS];
    bool range_used[LIMIT_GSI_KEY_PARTS];
};

static bool visit_key_use(void *context, struct str name, bool is_nested)
{
    (void)is_nested;
    struct key_use *use = context;
    for (size_t i = 0; i < use->key->hash_count; i++) {
        use->hash_used[i] |= str_eq(use->key->hash[i].name, name);
    }
    for (size_t i = 0; i < use->key->range_count; i++) {
        use->range_used[i] |= str_eq(use->key->range[i].name, name);
    }
    return true;
}

static bool filter_key_error(const struct read_in *in, struct str name, struct err *err)
{
    return err_set(err, ERR_VALIDATION, "%s can only contain non-primary key attributes: Primary key attribute: %.*s",
                   in->filter_expression.p ? "Filter Expression" : "QueryFilter", STR_ARG(name));
}

bool read_check_filter_on_keys(const struct read_in *in, const struct table_desc *table, const struct index_desc *index,
                               struct err *err)
{
    if (!in->condition) {
        return true;
    }
    struct key_use use = {.key = read_schema(table, index)};
    condition_visit_paths(in->condition, visit_key_use, &use);
    for (size_t i = 0; i < use.key->hash_count; i++) {
        if (use.hash_used[i]) {
            return filter_key_error(in, use.key->hash[i].name, err);
        }
    }
    for (size_t i = 0; i < use.key->range_count; i++) {
        if (use.range_used[i]) {
            return filter_key_error(in, use.key->range[i].name, err);
        }
    }
    return true;
}

/* ---- Projections of indexes ---- */

static bool index_has(const struct table_desc *table, const struct index_desc *index, struct str name)
{
    if (index->projection == PROJECT_ALL || key_schema_has(&table->key, name) || key_schema_has(&index->key, name)) {
        return true;
    }
    for (size_t i = 0; i < index->included_count; i++) {
        if (str_eq(index->included[i], name)) {
            return true;
        }
    }
    return false;
}

struct projection_check {
    const struct table_desc *table;
    const struct index_desc *index;
    struct arena *arena;
    struct str missing; /* "a, b" */
    struct str last;
};

static bool visit_projected(void *context, struct str name, bool is_nested)
{
    (void)is_nested;
    struct projection_check *check = context;
    if (index_has(check->table, check->index, name) || (check->last.p && str_eq(check->last, name))) {
        return true;
    }
    check->missing = check->missing.n == 0
                         ? name
                         : arena_printf(check->arena, "%.*s, %.*s", STR_ARG(check->missing), STR_ARG(name));
    check->last = name;
    return true;
}

static struct str missing_in_index(const struct read_in *in, const struct table_desc *table, const struct index_desc *index,
                                   struct arena *arena)
{
    struct projection_check check = {.table = table, .index = index, .arena = arena, .missing = STR("")};
    if (in->projection) {
        projection_visit_paths(in->projection, visit_projected, &check);
    }
    return check.missing;
}

bool read_check_all_attributes(const struct read_in *in, const struct index_desc *index, struct err *err)
{
    if (in->what != SELECT_ALL_ATTRIBUTES || !index || !index->is_global || index->projection == PROJECT_ALL) {
        return true;
    }
    return err_set(err, ERR_VALIDATION,
                   "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global "
                   "secondary index %.*s because its projection type is not ALL",
                   STR_ARG(index->name));
}

bool read_check_projected(const struct read_in *in, const struct table_desc *table, const struct index_desc *index,
                          struct err *err)
{
    if (!index || !index->is_global) {
        return true;
    }
    struct str missing = missing_in_index(in, table, index, err->arena);
    return missing.n == 0 ||
           err_set(err, ERR_VALIDATION,
                   "One or more parameter values were invalid: Global secondary index %.*s does not project [%.*s]",
                   STR_ARG(index->name), STR_ARG(missing));
}

/* Must rows of the index be completed from the table? Only LSIs reach back. */
static bool needs_fetch(const struct read_in *in, const struct table_desc *table, const struct index_desc *index,
                        struct arena *arena)
{
    if (!index || index->is_global || index->projection == PROJECT_ALL) {
        return false;
    }
    return in->what == SELECT_ALL_ATTRIBUTES || missing_in_index(in, table, index, arena).n > 0;
}

/* ---- The answer ---- */

struct picking {
    struct item_pick pick;
    struct arena *arena;
    bool is_too_much;
};

static bool visit_picked(void *context, struct str name, bool is_nested)
{
    (void)is_nested;
    struct picking *picking = context;
    picking->is_too_much = !item_pick_add(&picking->pick, name, picking->arena);
    return !picking->is_too_much;
}

/* The attributes that filter and projection look at; NULL if they are too many. */
static const struct item_pick *picked(const struct read_in *in, struct arena *arena)
{
    struct picking *picking = arena_new(arena, struct picking);
    picking->arena = arena;
    if (in->condition) {
        condition_visit_paths(in->condition, visit_picked, picking);
    }
    if (in->projection && !picking->is_too_much) {
        projection_visit_paths(in->projection, visit_picked, picking);
    }
    return picking->is_too_much ? NULL : &picking->pick;
}

bool read_answer(struct call *call, const struct read_in *in, const struct table_desc *table, const struct index_desc *index,
                 struct cursor *cursor, struct err *err)
{
    struct capacity capacity;
    capacity_init(&capacity, table, in->table_name, call->arena);
    struct page page = {
        .table = table,
        .index = index,
        .filter = in->condition,
        .projection = in->projection,
        .pick = in->condition || in->projection ? picked(in, call->arena) : NULL,
        .limit = in->limit.is_present ? (size_t)in->limit.n : 0,
        .counts_only = in->what == SELECT_COUNT,
        .fetches = needs_fetch(in, table, index, call->arena),
        .has_java_sets = in->kind == READ_SCAN,
        .is_consistent = in->consistent_read == TRI_TRUE,
        .capacity = &capacity,
    };
    buf_add_byte(call->out, '{');
    if (!page_write(call, &page, cursor, err)) {
        return false;
    }
    enum capacity_mode mode = capacity_mode_of(in->return_consumed_capacity);
    if (mode != CAPACITY_NONE) {
        buf_add_literal(call->out, ",\"ConsumedCapacity\":");
        capacity_write(&capacity, mode, NULL, call->out);
    }
    buf_add_byte(call->out, '}');
    return true;
}
