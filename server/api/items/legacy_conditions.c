/* SPDX-License-Identifier: Apache-2.0 */
/* Expected, QueryFilter, ScanFilter and KeyConditions: comparison operators with a list of values, as conditions were
 * written before there were expressions. They become the same trees, so nothing else knows them. Each kind checks the
 * same things in its own order and with its own texts (2026 D.9, aws-behaviour.md §6); the tests and the translation
 * are shared. */
#include "server/api/items/legacy.h"
#include "server/api/items/values.h"

#define BETWEEN_TEXT "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound"

static const struct field value_element[] = {ELEMENT(FIELD_TYPE_VALUE), FIELD_END};

static const struct field expected_fields[] = {
    FIELD_VALUE(expected_in, value, "Value"), FIELD_BOOL(expected_in, exists, "Exists"),
    FIELD_STRING(expected_in, comparison_operator, "ComparisonOperator"),
    FIELD_LIST(expected_in, attribute_value_list, "AttributeValueList", value_element), FIELD_END};
const struct field legacy_expected_element[] = {
    ELEMENT_STRUCT(expected_fields, expected_in, .java = "ExpectedAttributeValue"), FIELD_END};

static const struct field condition_fields[] = {
    FIELD_LIST(condition_in, attribute_value_list, "AttributeValueList", value_element),
    FIELD_STRING(condition_in, comparison_operator, "ComparisonOperator", .required = true, .stage = 1), FIELD_END};
const struct field legacy_condition_element[] = {ELEMENT_STRUCT(condition_fields, condition_in, .java = "Condition"),
                                                 FIELD_END};

/* ---- Operators ---- */

enum legacy_operator {
    OPERATOR_EQ,
    OPERATOR_NE,
    OPERATOR_LT,
    OPERATOR_LE,
    OPERATOR_GT,
    OPERATOR_GE,
    OPERATOR_BETWEEN,
    OPERATOR_IN,
    OPERATOR_BEGINS_WITH,
    OPERATOR_CONTAINS,
    OPERATOR_NOT_CONTAINS,
    OPERATOR_NULL,
    OPERATOR_NOT_NULL,
    OPERATOR_COUNT
};

#define TYPE_BIT(type) (1u << (type))
#define TYPES_SCALAR (TYPE_BIT(VALUE_S) | TYPE_BIT(VALUE_N) | TYPE_BIT(VALUE_B))
#define TYPES_ALL ((1u << VALUE_TYPE_COUNT) - 1)

static const struct operator_rule {
    const char *name;
    size_t min, max;
    unsigned types; /* that a filter may compare with */
} operators[OPERATOR_COUNT] = {
    [OPERATOR_EQ] = {"EQ", 1, 1, TYPES_ALL},
    [OPERATOR_NE] = {"NE", 1, 1, TYPES_ALL},
    [OPERATOR_LT] = {"LT", 1, 1, TYPES_SCALAR},
    [OPERATOR_LE] = {"LE", 1, 1, TYPES_SCALAR},
    [OPERATOR_GT] = {"GT", 1, 1, TYPES_SCALAR},
    [OPERATOR_GE] = {"GE", 1, 1, TYPES_SCALAR},
    [OPERATOR_BETWEEN] = {"BETWEEN", 2, 2, TYPES_SCALAR},
    [OPERATOR_IN] = {"IN", 1, SIZE_MAX, TYPES_SCALAR},
    [OPERATOR_BEGINS_WITH] = {"BEGINS_WITH", 1, 1, TYPE_BIT(VALUE_S) | TYPE_BIT(VALUE_B)},
    [OPERATOR_CONTAINS] = {"CONTAINS", 1, 1, TYPES_SCALAR | TYPE_BIT(VALUE_BOOL) | TYPE_BIT(VALUE_NULL)},
    [OPERATOR_NOT_CONTAINS] = {"NOT_CONTAINS", 1, 1, TYPES_SCALAR | TYPE_BIT(VALUE_BOOL) | TYPE_BIT(VALUE_NULL)},
    [OPERATOR_NULL] = {"NULL", 0, 0, TYPES_ALL},
    [OPERATOR_NOT_NULL] = {"NOT_NULL", 0, 0, TYPES_ALL},
};

/* One attribute's condition, read. */
struct clause {
    struct str name;
    enum legacy_operator op;
    const struct value *values;
    size_t count;
};

static bool operator_of(struct str name, enum legacy_operator *out, struct err *err)
{
    for (int i = 0; i < OPERATOR_COUNT; i++) {
        if (str_eq(name, str_from(operators[i].name))) {
            *out = (enum legacy_operator)i;
            return true;
        }
    }
    return err_set(err, ERR_REQUEST, INVALID_PARAMETERS "Invalid comparison operator");
}

static bool check_count(const struct clause *clause, struct err *err)
{
    const struct operator_rule *rule = &operators[clause->op];
    return (clause->count >= rule->min && clause->count <= rule->max) ||
           err_set(err, ERR_REQUEST, INVALID_PARAMETERS "Invalid number of argument(s) for the %s ComparisonOperator",
                   rule->name);
}

static bool check_types(const struct clause *clause, struct err *err)
{
    const struct operator_rule *rule = &operators[clause->op];
    for (size_t i = 0; i < clause->count; i++) {
        if (!(rule->types & TYPE_BIT(clause->values[i].type))) {
            return err_set(err, ERR_REQUEST, INVALID_PARAMETERS "ComparisonOperator %s is not valid for %s AttributeValue type",
                           rule->name, value_type_name(clause->values[i].type));
        }
    }
    return true;
}

static bool check_same_type(const struct clause *clause, struct err *err)
{
    for (size_t i = 1; i < clause->count; i++) {
        if (clause->values[i].type != clause->values[0].type) {
            return err_set(err, ERR_REQUEST, SAME_TYPE_TEXT);
        }
    }
    return true;
}

static bool check_bounds(const struct clause *clause, struct err *err)
{
    return clause->op != OPERATOR_BETWEEN || !value_is_scalar_key(clause->values[0].type) ||
           value_compare(&clause->values[0], &clause->values[1]) <= 0 || err_set(err, ERR_REQUEST, BETWEEN_TEXT);
}

/* ---- Translation ---- */

static struct condition *compare(struct arena *arena, const struct clause *clause, enum comparator comparator)
{
    return condition_of_compare(arena, clause->name, comparator, &clause->values[0]);
}

static struct condition *condition_of_clause(struct arena *arena, const struct clause *clause)
{
    switch (clause->op) {
    case OPERATOR_EQ:
        return compare(arena, clause, COMPARE_EQ);
    case OPERATOR_NE:
        return compare(arena, clause, COMPARE_NE);
    case OPERATOR_LT:
        return compare(arena, clause, COMPARE_LT);
    case OPERATOR_LE:
        return compare(arena, clause, COMPARE_LE);
    case OPERATOR_GT:
        return compare(arena, clause, COMPARE_GT);
    case OPERATOR_GE:
        return compare(arena, clause, COMPARE_GE);
    case OPERATOR_BETWEEN:
        return condition_of_between(arena, clause->name, &clause->values[0], &clause->values[1]);
    case OPERATOR_IN:
        return condition_of_in(arena, clause->name, clause->values, clause->count);
    case OPERATOR_BEGINS_WITH:
        return condition_of_begins_with(arena, clause->name, &clause->values[0]);
    case OPERATOR_CONTAINS:
        return condition_of_contains(arena, clause->name, &clause->values[0], false);
    case OPERATOR_NOT_CONTAINS:
        return condition_of_contains(arena, clause->name, &clause->values[0], true);
    case OPERATOR_NULL:
        return condition_of_exists(arena, clause->name, false);
    case OPERATOR_NOT_NULL:
        return condition_of_exists(arena, clause->name, true);
    case OPERATOR_COUNT:
        break;
    }
    ensure(false);
    return NULL;
}

static struct condition *join_clauses(struct arena *arena, struct condition **conditions, size_t count,
                                      struct str conditional_operator)
{
    if (count == 0) {
        return NULL;
    }
    return str_eq(conditional_operator, STR("OR")) ? condition_of_any(arena, conditions, count)
                                                   : condition_of_all(arena, conditions, count);
}

bool legacy_conditional_operator_check(struct str op, size_t condition_count, struct err *err)
{
    if (!op.p) {
        return true;
    }
    if (condition_count == 0) {
        return err_set(err, ERR_REQUEST, "ConditionalOperator cannot be used without Filter or Expected");
    }
    if (condition_count == 1) {
        return err_set(err, ERR_REQUEST,
                       "ConditionalOperator can only be used when Filter or Expected has two or more elements");
    }
    return str_eq(op, STR("AND")) || str_eq(op, STR("OR")) ||
           err_set(err, ERR_REQUEST, "Failed to satisfy constraint: Member must satisfy enum value set: [ALL, OR]");
}

/* ---- Values ---- */

static bool read_list(const struct list *list, enum value_dialect dialect, struct arena *arena, struct clause *clause,
                      struct err *err)
{
    const struct json *const *items = list->items;
    struct value *values = arena_array(arena, struct value, list->count);
    for (size_t i = 0; i < list->count; i++) {
        if (!value_read(items[i], arena, dialect, &values[i], err)) {
            return false;
        }
    }
    clause->values = values;
    clause->count = list->count;
    return true;
}

static bool read_one(const struct json *json, struct arena *arena, struct clause *clause, struct err *err)
{
    struct value *value = arena_new(arena, struct value);
    clause->values = value;
    clause->count = 1;
    return value_read(json, arena, VALUE_NEWER, value, err);
}

/* Calls `check` on every value of an Expected until one fails. */
struct value_test {
    bool (*check)(struct value_test *test, const struct json *value);
    struct arena *arena;
    enum value_dialect dialect;
    struct err *err;
};

static bool test_nulls(struct value_test *test, const struct json *value)
{
    return value_check_nulls(value, test->err);
}

static bool test_nesting(struct value_test *test, const struct json *value)
{
    return value_check_nesting(value, false, test->err);
}

static bool test_content(struct value_test *test, const struct json *value)
{
    struct value ignored;
    return value_read(value, test->arena, test->dialect, &ignored, test->err);
}

static bool test_newer(struct value_test *test, const struct json *value)
{
    (void)test;
    return !value_is_older(value);
}

static bool test_expected(const struct map *expected, struct value_test *test)
{
    const struct expected_in *entries = expected->items;
    for (size_t i = 0; i < expected->count; i++) {
        if (entries[i].value && !test->check(test, entries[i].value)) {
            return false;
        }
        const struct json *const *items = entries[i].attribute_value_list.items;
        for (size_t k = 0; k < entries[i].attribute_value_list.count; k++) {
            if (!test->check(test, items[k])) {
                return false;
            }
        }
    }
    return true;
}

bool legacy_expected_check_nulls(const struct map *expected, struct err *err)
{
    return test_expected(expected, &(struct value_test){.check = test_nulls, .err = err});
}

bool legacy_expected_check_nesting(const struct map *expected, struct err *err)
{
    return test_expected(expected, &(struct value_test){.check = test_nesting, .err = err});
}

bool legacy_expected_check_values(const struct map *expected, struct arena *arena, enum value_dialect dialect,
                                  struct err *err)
{
    struct value_test test = {.check = test_content, .arena = arena, .dialect = dialect, .err = err};
    return test_expected(expected, &test);
}

bool legacy_expected_is_older(const struct map *expected)
{
    struct json_iter iter = {0};
    if (expected->json) {
        iter = json_iter(expected->json);
    }
    const struct json *entry;
    while (json_next(&iter, NULL, &entry)) {
        const struct json *exists = json_type(entry) == JSON_OBJECT ? json_get(entry, STR("Exists")) : NULL;
        if (exists && json_type(exists) == JSON_STRING) {
            return true;
        }
    }
    return !test_expected(expected, &(struct value_test){.check = test_newer});
}

/* ---- Expected ---- */

static bool expected_error(const char *text, struct str name, struct err *err)
{
    return err_set(err, ERR_REQUEST, INVALID_PARAMETERS "%s for Attribute: %.*s", text, STR_ARG(name));
}

/* With a ComparisonOperator. */
static bool read_comparison(const struct expected_in *in, struct arena *arena, struct clause *clause, struct err *err)
{
    if (!operator_of(in->comparison_operator, &clause->op, err)) {
        return false;
    }
    bool needs_value = operators[clause->op].min > 0;
    if (!in->value && !in->attribute_value_list.is_present && needs_value) {
        return err_set(err, ERR_REQUEST,
                       INVALID_PARAMETERS "Value or AttributeValueList must be used with ComparisonOperator: %s for Attribute: "
                                 "%.*s",
                       operators[clause->op].name, STR_ARG(clause->name));
    }
    return (in->value ? read_one(in->value, arena, clause, err)
                      : read_list(&in->attribute_value_list, VALUE_NEWER, arena, clause, err)) &&
           check_count(clause, err) && (clause->op != OPERATOR_IN || check_types(clause, err)) &&
           check_same_type(clause, err) && check_bounds(clause, err);
}

static bool read_expected(const struct expected_in *in, struct arena *arena, struct clause *clause, struct err *err)
{
    bool has_operator = in->comparison_operator.p != NULL;
    if (has_operator && in->exists != TRI_ABSENT) {
        return expected_error("Exists and ComparisonOperator cannot be used together", clause->name, err);
    }
    if (in->value && in->attribute_value_list.is_present) {
        return expected_error("Value and AttributeValueList cannot be used together", clause->name, err);
    }
    if (has_operator) {
        return read_comparison(in, arena, clause, err);
    }
    if (in->attribute_value_list.is_present) {
        return expected_error("AttributeValueList can only be used with a ComparisonOperator", clause->name, err);
    }
    if (in->exists == TRI_FALSE) {
        clause->op = OPERATOR_NULL;
        return !in->value || expected_error("Value cannot be used when Exists is false", clause->name, err);
    }
    if (!in->value) {
        return expected_error(in->exists == TRI_TRUE ? "Value must be provided when Exists is true"
                                                     : "Value must be provided when Exists is null",
                              clause->name, err);
    }
    clause->op = OPERATOR_EQ;
    return read_one(in->value, arena, clause, err);
}

bool legacy_expected_read(const struct map *expected, struct str conditional_operator, struct arena *arena,
                          struct condition **out, struct err *err)
{
    const struct expected_in *entries = expected->items;
    struct condition **conditions = arena_array(arena, struct condition *, expected->count);
    for (size_t i = 0; i < expected->count; i++) {
        struct clause clause = {.name = expected->names[i]};
        if (!read_expected(&entries[i], arena, &clause, err)) {
            return false;
        }
        conditions[i] = condition_of_clause(arena, &clause);
    }
    *out = join_clauses(arena, conditions, expected->count, conditional_operator);
    return true;
}

/* ---- Filters and key conditions ---- */

bool legacy_conditions_check_nesting(const struct map *conditions, enum value_dialect dialect, struct err *err)
{
    const struct condition_in *entries = conditions->items;
    bool is_deep = dialect == VALUE_NEWER_DEEP || dialect == VALUE_OLDER_DEEP;
    for (size_t i = 0; i < conditions->count; i++) {
        const struct json *const *items = entries[i].attribute_value_list.items;
        for (size_t k = 0; k < entries[i].attribute_value_list.count; k++) {
            if (!value_check_nesting(items[k], is_deep, err)) {
                return false;
            }
        }
    }
    return true;
}

bool legacy_conditions_check_values(const struct map *conditions, enum value_dialect dialect, struct arena *arena,
                                    struct err *err)
{
    const struct condition_in *entries = conditions->items;
    for (size_t i = 0; i < conditions->count; i++) {
        struct clause ignored;
        if (!read_list(&entries[i].attribute_value_list, dialect, arena, &ignored, err)) {
            return false;
        }
    }
    return true;
}

/* What they share: the values, which are known to be good, then operators and counts over all conditions. */
static bool read_conditions(const struct map *conditions, enum value_dialect dialect, struct arena *arena,
                            struct clause *clauses, struct err *err)
{
    const struct condition_in *entries = conditions->items;
    for (size_t i = 0; i < conditions->count; i++) {
        clauses[i].name = conditions->names[i];
        if (!read_list(&entries[i].attribute_value_list, dialect, arena, &clauses[i], err) ||
            !operator_of(entries[i].comparison_operator, &clauses[i].op, err) || !check_count(&clauses[i], err)) {
            return false;
        }
    }
    return true;
}

bool legacy_filter_read(const struct map *filter, struct str conditional_operator, enum value_dialect dialect,
                        struct arena *arena, struct condition **out, struct err *err)
{
    struct clause *clauses = arena_array(arena, struct clause, filter->count);
    struct condition **conditions = arena_array(arena, struct condition *, filter->count);
    if (!read_conditions(filter, dialect, arena, clauses, err)) {
        return false;
    }
    for (size_t i = 0; i < filter->count; i++) {
        if (!check_types(&clauses[i], err) || !check_same_type(&clauses[i], err) || !check_bounds(&clauses[i], err)) {
            return false;
        }
        conditions[i] = condition_of_clause(arena, &clauses[i]);
    }
    *out = join_clauses(arena, conditions, filter->count, conditional_operator);
    return true;
}

/* False if the operator cannot use an index. */
static bool key_operator_of(enum legacy_operator op, enum key_operator *out)
{
    static const struct {
        enum legacy_operator legacy;
        enum key_operator key;
    } pairs[] = {{OPERATOR_EQ, KEY_EQ},
                 {OPERATOR_LT, KEY_LT},
                 {OPERATOR_LE, KEY_LE},
                 {OPERATOR_GT, KEY_GT},
                 {OPERATOR_GE, KEY_GE},
                 {OPERATOR_BETWEEN, KEY_BETWEEN},
                 {OPERATOR_BEGINS_WITH, KEY_BEGINS_WITH}};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
        if (pairs[i].legacy == op) {
            *out = pairs[i].key;
            return true;
        }
    }
    return false;
}

static bool check_key_clauses(const struct clause *clauses, size_t count, struct key_clause *keys, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        keys[i].is_unindexable = !key_operator_of(clauses[i].op, &keys[i].op);
        if (!check_types(&clauses[i], err)) {
            return false;
        }
    }
    for (size_t i = 0; i < count; i++) {
        bool is_mixed = clauses[i].count == 2 && clauses[i].values[0].type != clauses[i].values[1].type;
        if (!is_mixed && !check_bounds(&clauses[i], err)) {
            return false;
        }
    }
    /* How many there may be depends on the schema; types that differ and operators that no index takes are found after
     * the table: key_match.c (§7.1; 2026 D.3, D.9, H.3). */
    return true;
}

bool legacy_key_conditions_read(const struct map *conditions, enum value_dialect dialect, struct arena *arena,
                                const struct key_clause **out, size_t *count, struct err *err)
{
    struct clause *clauses = arena_array(arena, struct clause, conditions->count);
    struct key_clause *keys = arena_array(arena, struct key_clause, conditions->count);
    if (!read_conditions(conditions, dialect, arena, clauses, err) ||
        !check_key_clauses(clauses, conditions->count, keys, err)) {
        return false;
    }
    for (size_t i = 0; i < conditions->count; i++) {
        keys[i].name = clauses[i].name;
        keys[i].a = clauses[i].count > 0 ? &clauses[i].values[0] : NULL;
        keys[i].b = clauses[i].op == OPERATOR_BETWEEN ? &clauses[i].values[1] : NULL;
    }
    *out = keys;
    *count = conditions->count;
    return true;
}
