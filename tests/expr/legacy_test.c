/* SPDX-License-Identifier: Apache-2.0 */
/* legacy_test.c — the trees that Expected, filters, AttributeUpdates and AttributesToGet are made into
 * (aws-behaviour.md §6). */
#include "tests/check.h"

#include "expr/expr.h"

#define TEXT_MAX ((size_t)1 << 20)
#define ITEM                                                                                                           \
    "{\"pk\":{\"S\":\"p\"},\"s\":{\"S\":\"hello\"},\"n\":{\"N\":\"5\"},\"b\":{\"B\":\"AQI=\"},"                        \
    "\"ss\":{\"SS\":[\"a\",\"b\"]},\"l\":{\"L\":[{\"S\":\"x\"}]},\"nu\":{\"NULL\":true},\"a.b\":{\"S\":\"dot\"}}"

struct fixture {
    struct arena arena;
    const struct json *item;
    struct err err;
};

static void open_fixture(struct fixture *fixture)
{
    arena_init(&fixture->arena, 0);
    err_init(&fixture->err, &fixture->arena);
    CHECK(json_parse(STR(ITEM), &fixture->arena, &fixture->item));
}

static const struct value *value(struct fixture *fixture, const char *text)
{
    const struct json *json;
    struct value *v = arena_new(&fixture->arena, struct value);
    CHECK(json_parse(str_from(text), &fixture->arena, &json));
    CHECK(value_read(json, &fixture->arena, VALUE_NEWER, v, &fixture->err));
    return v;
}

static bool holds(struct fixture *fixture, const struct condition *condition)
{
    return condition_holds(condition, fixture->item, &fixture->arena);
}

static void comparisons(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum comparator op;
        const char *value;
        bool holds;
    } cases[] = {
        {"s", COMPARE_EQ, "{\"S\":\"hello\"}", true},       {"s", COMPARE_EQ, "{\"S\":\"hell\"}", false},
        {"s", COMPARE_NE, "{\"S\":\"hell\"}", true},        {"s", COMPARE_NE, "{\"N\":\"1\"}", true},
        {"s", COMPARE_LT, "{\"S\":\"i\"}", true},           {"s", COMPARE_LT, "{\"N\":\"9\"}", false},
        {"n", COMPARE_EQ, "{\"N\":\"5.0\"}", true},         {"n", COMPARE_LE, "{\"N\":\"5\"}", true},
        {"n", COMPARE_GT, "{\"N\":\"4.99\"}", true},        {"n", COMPARE_GE, "{\"N\":\"6\"}", false},
        {"b", COMPARE_EQ, "{\"B\":\"AQI=\"}", true},        {"b", COMPARE_GT, "{\"B\":\"AQ==\"}", true},
        {"ss", COMPARE_EQ, "{\"SS\":[\"b\",\"a\"]}", true}, {"ss", COMPARE_NE, "{\"SS\":[\"b\"]}", true},
        {"l", COMPARE_EQ, "{\"L\":[{\"S\":\"x\"}]}", true}, {"nu", COMPARE_EQ, "{\"NULL\":true}", true},
        {"nope", COMPARE_EQ, "{\"S\":\"x\"}", false},       {"nope", COMPARE_NE, "{\"S\":\"x\"}", true},
        {"nope", COMPARE_LT, "{\"S\":\"x\"}", false},       {"a.b", COMPARE_EQ, "{\"S\":\"dot\"}", true},
        {"status", COMPARE_NE, "{\"S\":\"x\"}", true},      {"", COMPARE_EQ, "{\"S\":\"x\"}", false},
    };
    struct fixture fixture;
    open_fixture(&fixture);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct condition *condition =
            condition_of_compare(&fixture.arena, str_from(cases[i].name), cases[i].op, value(&fixture, cases[i].value));
        CHECK_EQ(holds(&fixture, condition), cases[i].holds);
    }
    arena_release(&fixture.arena);
}

static void other_operators(void **state)
{
    (void)state;
    struct fixture fixture;
    open_fixture(&fixture);
    struct arena *arena = &fixture.arena;
    const struct value *one = value(&fixture, "{\"N\":\"1\"}");
    const struct value *five = value(&fixture, "{\"N\":\"5\"}");
    const struct value *a = value(&fixture, "{\"S\":\"a\"}");
    const struct value *he = value(&fixture, "{\"S\":\"he\"}");
    const struct value *x = value(&fixture, "{\"S\":\"x\"}");
    const struct value list[] = {*one, *five};

    CHECK(holds(&fixture, condition_of_between(arena, STR("n"), one, five)));
    CHECK(!holds(&fixture, condition_of_between(arena, STR("n"), one, one)));
    CHECK(!holds(&fixture, condition_of_between(arena, STR("nope"), one, five)));
    CHECK(!holds(&fixture, condition_of_between(arena, STR("s"), one, five)));
    CHECK(holds(&fixture, condition_of_in(arena, STR("n"), list, 2)));
    CHECK(!holds(&fixture, condition_of_in(arena, STR("n"), list, 1)));
    CHECK(!holds(&fixture, condition_of_in(arena, STR("nope"), list, 2)));
    CHECK(holds(&fixture, condition_of_begins_with(arena, STR("s"), he)));
    CHECK(!holds(&fixture, condition_of_begins_with(arena, STR("s"), x)));
    CHECK(!holds(&fixture, condition_of_begins_with(arena, STR("n"), he)));
    CHECK(holds(&fixture, condition_of_contains(arena, STR("s"), he, false)));
    CHECK(!holds(&fixture, condition_of_contains(arena, STR("s"), he, true)));
    CHECK(holds(&fixture, condition_of_contains(arena, STR("ss"), a, false)));
    CHECK(holds(&fixture, condition_of_contains(arena, STR("l"), x, false)));
    CHECK(holds(&fixture, condition_of_contains(arena, STR("l"), a, true)));
    CHECK(!holds(&fixture, condition_of_contains(arena, STR("nope"), a, false)));
    CHECK(holds(&fixture, condition_of_contains(arena, STR("nope"), a, true)));
    CHECK(holds(&fixture, condition_of_exists(arena, STR("nu"), true)));
    CHECK(!holds(&fixture, condition_of_exists(arena, STR("nu"), false)));
    CHECK(holds(&fixture, condition_of_exists(arena, STR("nope"), false)));
    CHECK(!holds(&fixture, condition_of_exists(arena, STR("nope"), true)));
    CHECK(condition_holds(condition_of_exists(arena, STR("pk"), false), NULL, arena));
    arena_release(&fixture.arena);
}

static bool count_path(void *context, struct str name, bool is_nested)
{
    size_t *count = context;
    CHECK(!is_nested && name.n > 0);
    return ++*count < 3;
}

static void joined(void **state)
{
    (void)state;
    struct fixture fixture;
    open_fixture(&fixture);
    struct arena *arena = &fixture.arena;
    struct condition *yes = condition_of_exists(arena, STR("s"), true);
    struct condition *no = condition_of_exists(arena, STR("zz"), true);
    struct condition *conditions[] = {yes, no, yes, no};
    CHECK(condition_of_all(arena, conditions, 1) == yes);
    CHECK(!holds(&fixture, condition_of_all(arena, conditions, 4)));
    CHECK(holds(&fixture, condition_of_any(arena, conditions, 4)));
    CHECK(!holds(&fixture, condition_of_any(arena, &conditions[1], 1)));
    size_t count = 0;
    condition_visit_paths(condition_of_all(arena, conditions, 4), count_path, &count);
    CHECK_EQ(count, 3);
    struct buf out;
    buf_init(&out, TEXT_MAX);
    condition_print(condition_of_all(arena, conditions, 2), &out);
    CHECK_STR(str_of(out.p, out.n), STR("(attribute_exists(s)) AND (attribute_exists(zz))"));
    buf_release(&out);
    arena_release(&fixture.arena);
}

static struct str text_of(struct fixture *fixture, const struct value *item)
{
    struct buf out;
    buf_init(&out, TEXT_MAX);
    item_text_write(&out, item, NULL, 0);
    struct str text = arena_copy(&fixture->arena, str_of(out.p, out.n));
    buf_release(&out);
    return text;
}

struct action {
    const char *name;
    enum update_action action;
    const char *value; /* NULL: none */
};

/* The item after up to three actions on `item` (NULL: none), or the error. */
static struct str apply(struct fixture *fixture, const char *item, const struct action *actions)
{
    struct update *update = update_new(&fixture->arena);
    for (size_t i = 0; i < 3 && actions[i].name != NULL; i++) {
        update_add_action(update, str_from(actions[i].name), actions[i].action,
                          actions[i].value == NULL ? NULL : value(fixture, actions[i].value));
    }
    CHECK_EQ(update_request_charge(update), 0);
    const struct json *old = NULL;
    CHECK(item == NULL || json_parse(str_from(item), &fixture->arena, &old));
    struct member member = {STR("pk"), {.type = VALUE_S, .str = STR("k")}};
    struct value key = {.type = VALUE_M, .count = 1, .members = &member};
    struct value after;
    err_clear(&fixture->err);
    if (!update_apply(update, old, &key, &fixture->arena, &after, &fixture->err)) {
        CHECK_EQ(fixture->err.kind, ERR_VALIDATION);
        return fixture->err.message;
    }
    return text_of(fixture, &after);
}

static void attribute_updates(void **state)
{
    (void)state;
    const char *mismatch = "Type mismatch for attribute to update";
    const struct {
        const char *item;
        struct action actions[3];
        const char *expected;
    } cases[] = {
        {"{\"pk\":{\"S\":\"k\"}}", {{"a", UPDATE_PUT, "{\"S\":\"x\"}"}}, "{\"a\":{\"S\":\"x\"},\"pk\":{\"S\":\"k\"}}"},
        {NULL, {{"a.b", UPDATE_PUT, "{\"S\":\"x\"}"}}, "{\"a.b\":{\"S\":\"x\"},\"pk\":{\"S\":\"k\"}}"},
        {NULL, {{"n", UPDATE_ADD, "{\"N\":\"2\"}"}}, "{\"n\":{\"N\":\"2\"},\"pk\":{\"S\":\"k\"}}"},
        {NULL, {{"n", UPDATE_DELETE, NULL}}, "{\"pk\":{\"S\":\"k\"}}"},
        {NULL, {{"n", UPDATE_DELETE, "{\"SS\":[\"a\"]}"}}, "{\"pk\":{\"S\":\"k\"}}"},
        {"{\"n\":{\"N\":\"1\"}}", {{"n", UPDATE_ADD, "{\"N\":\"-2.5\"}"}}, "{\"n\":{\"N\":\"-1.5\"}}"},
        {"{\"n\":{\"N\":\"1\"}}", {{"n", UPDATE_DELETE, NULL}}, "{}"},
        {"{\"l\":{\"L\":[{\"S\":\"a\"}]}}",
         {{"l", UPDATE_ADD, "{\"L\":[{\"S\":\"b\"},{\"S\":\"a\"}]}"}},
         "{\"l\":{\"L\":[{\"S\":\"a\"},{\"S\":\"b\"},{\"S\":\"a\"}]}}"},
        {"{}", {{"l", UPDATE_ADD, "{\"L\":[{\"S\":\"b\"}]}"}}, "{\"l\":{\"L\":[{\"S\":\"b\"}]}}"},
        {"{\"s\":{\"SS\":[\"a\"]}}", {{"s", UPDATE_ADD, "{\"SS\":[\"b\",\"a\"]}"}}, "{\"s\":{\"SS\":[\"a\",\"b\"]}}"},
        {"{\"s\":{\"SS\":[\"a\",\"b\"]}}",
         {{"s", UPDATE_DELETE, "{\"SS\":[\"b\",\"c\"]}"}},
         "{\"s\":{\"SS\":[\"a\"]}}"},
        {"{\"s\":{\"SS\":[\"a\"]}}", {{"s", UPDATE_DELETE, "{\"SS\":[\"a\"]}"}}, "{}"},
        {"{\"s\":{\"S\":\"a\"}}", {{"s", UPDATE_ADD, "{\"N\":\"1\"}"}}, mismatch},
        {"{\"s\":{\"S\":\"a\"}}", {{"s", UPDATE_DELETE, "{\"SS\":[\"a\"]}"}}, mismatch},
        {"{\"s\":{\"SS\":[\"a\"]}}", {{"s", UPDATE_ADD, "{\"NS\":[\"1\"]}"}}, mismatch},
        {"{\"l\":{\"L\":[]}}", {{"l", UPDATE_ADD, "{\"N\":\"1\"}"}}, mismatch},
        {"{\"n\":{\"N\":\"9e125\"}}",
         {{"n", UPDATE_ADD, "{\"N\":\"9e125\"}"}},
         "Number overflow. Attempting to store a number with magnitude larger than supported range"},
        {"{\"a\":{\"S\":\"1\"},\"b\":{\"S\":\"2\"},\"d\":{\"S\":\"4\"}}",
         {{"c", UPDATE_PUT, "{\"S\":\"3\"}"}, {"a", UPDATE_DELETE, NULL}, {"d", UPDATE_PUT, "{\"NULL\":true}"}},
         "{\"b\":{\"S\":\"2\"},\"c\":{\"S\":\"3\"},\"d\":{\"NULL\":true}}"},
    };
    struct fixture fixture;
    open_fixture(&fixture);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CHECK_STR(apply(&fixture, cases[i].item, cases[i].actions), str_from(cases[i].expected));
    }
    arena_release(&fixture.arena);
}

/* Thousands of attributes cost no square: this is quick or the test's time limit ends it. */
static void many_attributes(void **state)
{
    (void)state;
    const size_t count = 100000;
    struct fixture fixture;
    open_fixture(&fixture);
    struct update *update = update_new(&fixture.arena);
    const struct value *v = value(&fixture, "{\"BOOL\":true}");
    struct str *names = arena_array(&fixture.arena, struct str, count);
    for (size_t i = 0; i < count; i++) {
        names[i] = arena_printf(&fixture.arena, "%zu", i * 7919 % count);
        update_add_action(update, names[i], UPDATE_PUT, v);
    }
    struct value after;
    CHECK(update_apply(update, fixture.item, NULL, &fixture.arena, &after, &fixture.err));
    CHECK_EQ(after.count, count + 8);
    struct buf out;
    buf_init(&out, (size_t)16 << 20);
    CHECK(update_write_touched(update, &after, &fixture.arena, &out));
    CHECK(str_starts_with(str_of(out.p, out.n), STR("{\"0\":{\"BOOL\":true},\"1\":")));
    buf_truncate(&out, 0);
    struct projection *projection = projection_of_names(&fixture.arena, names, count);
    CHECK(!projection_write(projection, fixture.item, false, &fixture.arena, &out));
    CHECK_STR(str_of(out.p, out.n), STR("{}"));
    buf_release(&out);
    arena_release(&fixture.arena);
}

static void attributes_to_get(void **state)
{
    (void)state;
    struct fixture fixture;
    open_fixture(&fixture);
    const struct str names[] = {STR("s"), STR("a.b"), STR("status"), STR("n"), STR("nope")};
    struct projection *projection = projection_of_names(&fixture.arena, names, 5);
    struct buf out;
    buf_init(&out, TEXT_MAX);
    CHECK(projection_write(projection, fixture.item, false, &fixture.arena, &out));
    CHECK_STR(str_of(out.p, out.n), STR("{\"s\":{\"S\":\"hello\"},\"n\":{\"N\":\"5\"},\"a.b\":{\"S\":\"dot\"}}"));
    size_t count = 0;
    projection_visit_paths(projection, count_path, &count);
    CHECK_EQ(count, 3);
    buf_release(&out);
    arena_release(&fixture.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comparisons),       cmocka_unit_test(other_operators), cmocka_unit_test(joined),
        cmocka_unit_test(attribute_updates), cmocka_unit_test(many_attributes), cmocka_unit_test(attributes_to_get),
    };
    return cmocka_run_group_tests_name("expr legacy", tests, NULL, NULL);
}
