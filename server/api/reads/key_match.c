/* SPDX-License-Identifier: Apache-2.0 */
/* Binds key conditions to a key schema. AWS looks for problems in a fixed order over all clauses (2026 H.3), so each problem has a pass of its
 * own and the passes run one after the other; a key has at most eight attributes, so that costs nothing. */
#include "server/api/reads/key_match.h"

#include "server/api/items/legacy.h"

#define TYPE_TEXT "One or more parameter values were invalid: Condition parameter type does not match schema type"

const struct key_schema *read_schema(const struct table_desc *table, const struct index_desc *index)
{
    return index ? &index->key : &table->key;
}

static const struct key_clause *clause_of(const struct key_clause *clauses, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(clauses[i].name, name)) {
            return &clauses[i];
        }
    }
    return NULL;
}

static bool has_type(const struct key_clause *clause, enum value_type type)
{
    return (!clause->a || clause->a->type == type) && (!clause->b || clause->b->type == type);
}

/* The part that declares the attribute's type, in the table or in any index. */
static const struct key_part *declared_part(const struct table_desc *table, struct str name)
{
    const struct key_part *part = key_schema_part(&table->key, name);
    for (size_t i = 0; !part && i < table->index_count; i++) {
        part = key_schema_part(&table->indexes[i].key, name);
    }
    return part;
}

bool key_match_declared_types(const struct table_desc *table, const struct key_clause *clauses, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (clauses[i].b && clauses[i].a->type != clauses[i].b->type) {
            return err_set(err, ERR_VALIDATION, SAME_TYPE_TEXT);
        }
    }
    for (size_t i = 0; i < count; i++) {
        const struct key_part *part = declared_part(table, clauses[i].name);
        if (part && !has_type(&clauses[i], part->type)) {
            return err_set(err, ERR_VALIDATION, TYPE_TEXT);
        }
    }
    return true;
}

/* "a, b" */
static struct str append_name(struct str list, struct str name, struct arena *arena)
{
    return list.n == 0 ? name : arena_printf(arena, "%.*s, %.*s", STR_ARG(list), STR_ARG(name));
}

static bool is_multi_attribute(const struct key_schema *key)
{
    return key->hash_count > 1 || key->range_count > 1;
}

static bool unsupported_error(struct err *err)
{
    return err_set(err, ERR_VALIDATION, "Query key condition not supported");
}

static bool missed_error(struct str name, struct err *err)
{
    return err_set(err, ERR_VALIDATION, "Query condition missed key schema element: %.*s", STR_ARG(name));
}

/* Equality on every HASH attribute. */
static bool check_hash(const struct key_schema *key, const struct key_clause *clauses, size_t count, struct err *err)
{
    struct str lacking = STR("");
    for (size_t i = 0; i < key->hash_count; i++) {
        const struct key_clause *clause = clause_of(clauses, count, key->hash[i].name);
        if (clause && clause->op == KEY_EQ) {
            continue;
        }
        if (!is_multi_attribute(key)) {
            return clause ? unsupported_error(err) : missed_error(key->hash[i].name, err);
        }
        lacking = append_name(lacking, key->hash[i].name, err->arena);
    }
    return lacking.n == 0 ||
           err_set(err, ERR_VALIDATION,
                   "HASH key attributes %.*s must have equality conditions specified in the query", STR_ARG(lacking));
}

/* No clause on something that is no part of the key. */
static bool check_known(const struct key_schema *key, const struct key_clause *clauses, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (key_schema_has(key, clauses[i].name)) {
            continue;
        }
        for (size_t r = 0; r < key->range_count; r++) {
            if (!clause_of(clauses, count, key->range[r].name)) {
                return missed_error(key->range[r].name, err);
            }
        }
        return unsupported_error(err);
    }
    return true;
}

/* Equalities on all RANGE attributes before the last one that has a condition. */
static bool check_gaps(const struct key_schema *key, const struct key_clause *clauses, size_t count, struct err *err)
{
    size_t last = key->range_count;
    while (last > 0 && !clause_of(clauses, count, key->range[last - 1].name)) {
        last--;
    }
    struct str lacking = STR("");
    for (size_t r = 0; r + 1 < last; r++) {
        const struct key_clause *clause = clause_of(clauses, count, key->range[r].name);
        if (!clause || clause->op != KEY_EQ) {
            lacking = append_name(lacking, key->range[r].name, err->arena);
        }
    }
    return lacking.n == 0 ||
           err_set(err, ERR_VALIDATION,
                   "RANGE key attributes %.*s must have equality conditions specified in the query because a condition "
                   "is present on key attribute %.*s",
                   STR_ARG(lacking), STR_ARG(key->range[last - 1].name));
}

static bool is_empty(const struct value *v)
{
    return v && (v->type == VALUE_S || v->type == VALUE_B) && v->str.n == 0;
}

static bool check_value(const struct query *query, const struct key_part *part, const struct key_clause *clause, struct err *err)
{
    if (!clause) {
        return true;
    }
    if (!has_type(clause, part->type)) {
        return err_set(err, ERR_VALIDATION, TYPE_TEXT);
    }
    if (!is_empty(clause->a) && !is_empty(clause->b)) {
        return true;
    }
    const char *what = part->type == VALUE_B ? "binary" : "string";
    if (query->index && query->index->is_global) {
        return err_set(err, ERR_VALIDATION,
                       "One or more parameter values are not valid. A value specified for a secondary index key is not "
                       "supported. The AttributeValue for a key attribute cannot contain an empty %s value. IndexName: "
                       "%.*s, IndexKey: %.*s",
                       what, STR_ARG(query->index->name), STR_ARG(part->name));
    }
    return err_set(err, ERR_VALIDATION,
                   "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
                   "empty %s value. Key: %.*s",
                   what, STR_ARG(part->name));
}

static enum range_operator range_operator_of(enum key_operator op)
{
    switch (op) {
    case KEY_EQ:
        return RANGE_EQ;
    case KEY_LT:
        return RANGE_LT;
    case KEY_LE:
        return RANGE_LE;
    case KEY_GT:
        return RANGE_GT;
    case KEY_GE:
        return RANGE_GE;
    case KEY_BETWEEN:
        return RANGE_BETWEEN;
    case KEY_BEGINS_WITH:
        return RANGE_BEGINS_WITH;
    }
    ensure(false);
    return RANGE_ALL;
}

/* All is checked: a run of equalities, then at most one other operator. */
static void fill(struct query *query, const struct key_schema *key, const struct key_clause *clauses, size_t count)
{
    for (size_t i = 0; i < key->hash_count; i++) {
        query->partition[i] = clause_of(clauses, count, key->hash[i].name)->a;
    }
    query->range = (struct range_condition){.op = RANGE_ALL};
    for (size_t r = 0; r < key->range_count; r++) {
        const struct key_clause *clause = clause_of(clauses, count, key->range[r].name);
        if (!clause) {
            return;
        }
        if (clause->op != KEY_EQ) {
            query->range.op = range_operator_of(clause->op);
            query->range.a = clause->a;
            query->range.b = clause->b;
            return;
        }
        query->range.equals[query->range.equal_count++] = clause->a;
    }
}

/* What the clauses do not say is told before that one of them can say nothing. */
static bool check_indexable(const struct key_schema *key, const struct key_clause *clauses, size_t count, struct err *err)
{
    bool has_unindexable = false;
    for (size_t i = 0; i < count; i++) {
        has_unindexable |= clauses[i].is_unindexable;
    }
    if (!has_unindexable) {
        return true;
    }
    for (size_t i = 0; i < key->hash_count; i++) {
        if (!clause_of(clauses, count, key->hash[i].name)) {
            return check_hash(key, clauses, count, err);
        }
    }
    return check_known(key, clauses, count, err) &&
           err_set(err, ERR_VALIDATION, "Attempted conditional constraint is not an indexable operation");
}

bool key_match_hash(const struct key_schema *key, const struct key_clause *clauses, size_t count, struct err *err)
{
    if (count > key->hash_count + key->range_count) {
        return err_set(err, ERR_VALIDATION,
                       "The number of query conditions (%zu) exceeds the number of key attributes defined in the schema "
                       "(%zu)",
                       count, key->hash_count + key->range_count);
    }
    return check_indexable(key, clauses, count, err) && check_hash(key, clauses, count, err);
}

bool key_match_bind(struct query *query, const struct key_clause *clauses, size_t count, struct err *err)
{
    const struct key_schema *key = read_schema(query->table, query->index);
    if (!check_known(key, clauses, count, err) || !check_gaps(key, clauses, count, err)) {
        return false;
    }
    for (size_t i = 0; i < key->hash_count; i++) {
        if (!check_value(query, &key->hash[i], clause_of(clauses, count, key->hash[i].name), err)) {
            return false;
        }
    }
    for (size_t r = 0; r < key->range_count; r++) {
        if (!check_value(query, &key->range[r], clause_of(clauses, count, key->range[r].name), err)) {
            return false;
        }
    }
    fill(query, key, clauses, count);
    return true;
}
