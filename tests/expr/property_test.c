/* SPDX-License-Identifier: Apache-2.0 */
/* property_test.c — seeded random expressions: what is printed parses to the same, conditions agree with an evaluator
 * written here in the simplest way over decoded values, updates touch nothing but their targets. SEED in the
 * environment repeats a run. */
#include "tests/check.h"

#include "core/random.h"
#include "core/utf8.h"
#include "expr/expr.h"

#include <stdlib.h>

#define ROUNDS 6000
#define TEXT_MAX ((size_t)1 << 20)
#define DEPTH_MAX 4

struct world {
    struct random random;
    struct arena arena;
    struct buf text;          /* of the expression */
    const struct value *item; /* decoded */
    const struct json *stored;
    struct value values[26]; /* :a … :z */
    struct placeholders *placeholders;
};

static size_t below(struct world *world, size_t bound)
{
    return (size_t)random_below(&world->random, bound);
}

/* ---- Random values, items, placeholders ---- */

static struct str random_text(struct world *world)
{
    static const char *const texts[] = {"", "a", "ab", "b", "ba", "é", "😀", "1"};
    return str_from(texts[below(world, sizeof(texts) / sizeof(texts[0]))]);
}

static struct number random_number(struct world *world)
{
    static const char *const texts[] = {"0", "1", "2", "-1", "1.5", "10", "1e20", "-0.25", "3"};
    struct number number;
    CHECK_EQ(number_parse(str_from(texts[below(world, sizeof(texts) / sizeof(texts[0]))]), &number), NUMBER_OK);
    return number;
}

static struct value random_value(struct world *world, int depth)
{
    struct value v = {.type = (enum value_type)below(world, depth >= 2 ? VALUE_L : VALUE_TYPE_COUNT)};
    size_t n = 1 + below(world, 3);
    if (v.type == VALUE_S || v.type == VALUE_B) {
        v.str = random_text(world);
    } else if (v.type == VALUE_N) {
        struct number *number = arena_new(&world->arena, struct number);
        *number = random_number(world);
        v.number = number;
    } else if (v.type == VALUE_BOOL) {
        v.boolean = below(world, 2) == 1;
    } else if (v.type == VALUE_NS) {
        struct number *numbers = arena_array(&world->arena, struct number, n);
        for (size_t i = 0; i < n; i++) {
            numbers[i] = random_number(world);
        }
        v.count = value_sort_numbers(numbers, n);
        v.numbers = numbers;
    } else if (v.type == VALUE_SS || v.type == VALUE_BS) {
        struct str *strs = arena_array(&world->arena, struct str, n);
        for (size_t i = 0; i < n; i++) {
            strs[i] = random_text(world);
        }
        v.count = value_sort_strs(strs, n);
        v.strs = strs;
    } else if (v.type == VALUE_L) {
        struct value *elements = arena_array(&world->arena, struct value, n);
        for (size_t i = 0; i < n; i++) {
            elements[i] = random_value(world, depth + 1);
        }
        v.count = n - 1;
        v.elements = elements;
    } else if (v.type == VALUE_M) {
        static const char *const names[] = {"a", "b", "c"};
        struct member *members = arena_array(&world->arena, struct member, n);
        for (size_t i = 0; i < n; i++) {
            members[i] = (struct member){.name = str_from(names[i]), .value = random_value(world, depth + 1)};
        }
        v.count = n - 1;
        v.members = members;
    }
    return v;
}

static const struct json *store(struct world *world, const struct value *item)
{
    struct buf text;
    buf_init(&text, TEXT_MAX);
    item_text_write(&text, item, NULL, 0);
    struct str copy = arena_copy(&world->arena, str_of(text.p, text.n));
    buf_release(&text);
    const struct json *json;
    CHECK(json_parse_stored(copy, &world->arena, &json));
    return json;
}

static void make_world(struct world *world)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f"};
    arena_reset(&world->arena);
    struct member *members = arena_array(&world->arena, struct member, 6);
    struct value *item = arena_new(&world->arena, struct value);
    for (size_t i = 0; i < 6; i++) {
        if (below(world, 6) > 0) {
            members[item->count++] = (struct member){.name = str_from(names[i]), .value = random_value(world, 0)};
        }
    }
    item->type = VALUE_M;
    item->members = members;
    world->item = item;
    world->stored = store(world, item);
    struct buf text;
    buf_init(&text, TEXT_MAX);
    for (size_t i = 0; i < 26; i++) {
        world->values[i] = random_value(world, 0);
        buf_printf(&text, "%c\":%c\":", i == 0 ? '{' : ',', (char)('a' + i));
        value_text_write(&text, &world->values[i]);
    }
    buf_add_byte(&text, '}');
    const struct json *values;
    struct err err;
    err_init(&err, &world->arena);
    CHECK(json_parse(str_of(text.p, text.n), &world->arena, &values));
    CHECK(placeholders_read(NULL, values, VALUE_NEWER, &world->arena, &world->placeholders, &err));
    buf_release(&text);
    buf_truncate(&world->text, 0);
}

/* ---- A condition written and judged at once: each function appends its text and returns its truth ---- */

struct operand {
    bool is_there;
    struct value value;
};

static const struct value *naive_step(const struct value *at, struct str name, size_t index, bool is_index)
{
    if (at == NULL || at->type != (is_index ? VALUE_L : VALUE_M)) {
        return NULL;
    }
    if (is_index) {
        return index < at->count ? &at->elements[index] : NULL;
    }
    for (size_t i = 0; i < at->count; i++) {
        if (str_eq(at->members[i].name, name)) {
            return &at->members[i].value;
        }
    }
    return NULL;
}

static struct operand write_path(struct world *world)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g"};
    struct str name = str_from(names[below(world, 7)]);
    buf_add_str(&world->text, name);
    const struct value *at = naive_step(world->item, name, 0, false);
    for (size_t steps = below(world, 3); steps > 0; steps--) {
        bool is_index = below(world, 2) == 1;
        size_t index = below(world, 3);
        name = str_from(names[below(world, 3)]);
        if (is_index) {
            buf_printf(&world->text, "[%zu]", index);
        } else {
            buf_printf(&world->text, ".%.*s", STR_ARG(name));
        }
        at = naive_step(at, name, index, is_index);
    }
    return at == NULL ? (struct operand){.is_there = false} : (struct operand){.is_there = true, .value = *at};
}

static struct operand write_operand(struct world *world);

static struct operand write_size(struct world *world)
{
    buf_add_literal(&world->text, "size(");
    struct operand inner = write_path(world);
    buf_add_byte(&world->text, ')');
    enum value_type type = inner.value.type;
    if (!inner.is_there || type == VALUE_N || type == VALUE_BOOL || type == VALUE_NULL) {
        return (struct operand){.is_there = false};
    }
    size_t size = type == VALUE_S   ? utf8_utf16_units(inner.value.str)
                  : type == VALUE_B ? inner.value.str.n
                                    : inner.value.count;
    struct number *number = arena_new(&world->arena, struct number);
    struct str digits = arena_printf(&world->arena, "%zu", size);
    CHECK_EQ(number_parse(digits, number), NUMBER_OK);
    return (struct operand){.is_there = true, .value = {.type = VALUE_N, .number = number}};
}

static struct operand write_operand(struct world *world)
{
    switch (below(world, 5)) {
    case 0:
        return write_size(world);
    case 1:
    case 2: {
        size_t i = below(world, 26);
        buf_printf(&world->text, ":%c", (char)('a' + i));
        return (struct operand){.is_there = true, .value = world->values[i]};
    }
    case 3: {
        buf_add_byte(&world->text, '(');
        struct operand inner = write_path(world);
        buf_add_byte(&world->text, ')');
        return inner;
    }
    default:
        return write_path(world);
    }
}

static bool naive_equal(const struct operand *a, const struct operand *b)
{
    return a->is_there && b->is_there && value_equal(&a->value, &b->value);
}

/* -2: no order. */
static int naive_order(const struct operand *a, const struct operand *b)
{
    if (!a->is_there || !b->is_there || a->value.type != b->value.type || !value_is_scalar_key(a->value.type)) {
        return -2;
    }
    int c = value_compare(&a->value, &b->value);
    return (c > 0) - (c < 0);
}

static bool write_comparison(struct world *world)
{
    static const char *const texts[] = {"=", "<>", "<", "<=", ">", ">="};
    struct operand left = write_operand(world);
    size_t op = below(world, 6);
    buf_printf(&world->text, " %s ", texts[op]);
    struct operand right = write_operand(world);
    int order = naive_order(&left, &right);
    bool equal = naive_equal(&left, &right);
    bool truths[] = {equal, !equal, order == -1, order == -1 || order == 0, order == 1, order == 1 || order == 0};
    return truths[op];
}

static bool write_between(struct world *world)
{
    struct operand operand = write_operand(world);
    buf_add_literal(&world->text, " between ");
    struct operand low = write_operand(world);
    buf_add_literal(&world->text, " and ");
    struct operand high = write_operand(world);
    int above = naive_order(&operand, &low);
    int under = naive_order(&operand, &high);
    return (above == 0 || above == 1) && (under == 0 || under == -1);
}

static bool write_in(struct world *world)
{
    struct operand operand = write_operand(world);
    buf_add_literal(&world->text, " IN (");
    bool found = false;
    size_t n = 1 + below(world, 4);
    for (size_t i = 0; i < n; i++) {
        buf_add_str(&world->text, i > 0 ? STR(",") : STR(""));
        struct operand other = write_operand(world);
        found |= naive_equal(&operand, &other);
    }
    buf_add_byte(&world->text, ')');
    return found;
}

static bool naive_begins_with(const struct operand *a, const struct operand *b)
{
    return a->is_there && b->is_there && a->value.type == b->value.type &&
           (a->value.type == VALUE_S || a->value.type == VALUE_B) && str_starts_with(a->value.str, b->value.str);
}

static bool naive_contains(const struct operand *a, const struct operand *b)
{
    if (!a->is_there || !b->is_there) {
        return false;
    }
    const struct value *c = &a->value;
    bool found = false;
    for (size_t i = 0; i < c->count; i++) {
        switch (c->type) {
        case VALUE_L:
            found |= value_equal(&c->elements[i], &b->value);
            break;
        case VALUE_NS:
            found |= b->value.type == VALUE_N && number_equal(&c->numbers[i], b->value.number);
            break;
        case VALUE_SS:
        case VALUE_BS:
            found |= b->value.type == (c->type == VALUE_SS ? VALUE_S : VALUE_B) && str_eq(c->strs[i], b->value.str);
            break;
        case VALUE_S:
        case VALUE_N:
        case VALUE_B:
        case VALUE_BOOL:
        case VALUE_NULL:
        case VALUE_M:
            break;
        }
    }
    bool is_text = (c->type == VALUE_S || c->type == VALUE_B) && b->value.type == c->type;
    for (size_t i = 0; is_text && i + b->value.str.n <= c->str.n; i++) {
        found |= str_starts_with(str_of(c->str.p + i, c->str.n - i), b->value.str);
    }
    return found;
}

static bool write_call(struct world *world)
{
    size_t which = below(world, 4);
    if (which < 2) {
        buf_add_str(&world->text, which == 0 ? STR("attribute_exists(") : STR("attribute_not_exists("));
        struct operand path = write_path(world);
        buf_add_byte(&world->text, ')');
        return path.is_there == (which == 0);
    }
    buf_add_str(&world->text, which == 2 ? STR("begins_with(") : STR("contains("));
    struct operand a = write_operand(world);
    buf_add_literal(&world->text, ", ");
    struct operand b = write_operand(world);
    buf_add_byte(&world->text, ')');
    return which == 2 ? naive_begins_with(&a, &b) : naive_contains(&a, &b);
}

static bool write_condition(struct world *world, int depth)
{
    size_t choice = below(world, depth >= DEPTH_MAX ? 4 : 9);
    switch (choice) {
    case 0:
        return write_comparison(world);
    case 1:
        return write_between(world);
    case 2:
        return write_in(world);
    case 3:
        return write_call(world);
    case 4: {
        buf_add_literal(&world->text, "not (");
        bool truth = write_condition(world, depth + 1);
        buf_add_byte(&world->text, ')');
        return !truth;
    }
    default: {
        bool is_or = choice % 2 == 0;
        bool truth = !is_or;
        size_t n = 2 + below(world, 2);
        for (size_t i = 0; i < n; i++) {
            buf_add_str(&world->text, i == 0 ? STR("") : is_or ? STR(" OR ") : STR("\nAND\t"));
            buf_add_byte(&world->text, '(');
            bool part = write_condition(world, depth + 1);
            buf_add_byte(&world->text, ')');
            truth = is_or ? truth || part : truth && part;
        }
        return truth;
    }
    }
}

static uint64_t seed_of_run(void)
{
    const char *given = getenv("SEED");
    uint64_t seed = given == NULL ? 20261009 : strtoull(given, NULL, 10);
    print_message("seed %llu\n", (unsigned long long)seed);
    return seed;
}

static void open_world(struct world *world)
{
    random_init(&world->random, seed_of_run());
    arena_init(&world->arena, 1 << 20);
    buf_init(&world->text, TEXT_MAX);
}

static void close_world(struct world *world)
{
    buf_release(&world->text);
    arena_release(&world->arena);
}

static void conditions_agree_with_naive_evaluation(void **state)
{
    (void)state;
    static struct world world;
    open_world(&world);
    size_t judged = 0;
    size_t held = 0;
    for (size_t round = 0; round < ROUNDS; round++) {
        make_world(&world);
        bool expected = write_condition(&world, 0);
        struct str text = str_of(world.text.p, world.text.n);
        struct condition *condition;
        struct err err;
        err_init(&err, &world.arena);
        if (text.n > 4096) {
            continue;
        }
        if (!condition_parse(text, EXPR_CONDITION, &world.arena, &condition, &err)) {
            fail_msg("round %zu: %.*s\n%.*s", round, STR_ARG(err.message), STR_ARG(text));
        }
        /* Operand types are random, so many are refused there. */
        if (!condition_bind(condition, world.placeholders, &err)) {
            CHECK_EQ(err.kind, ERR_REQUEST);
            continue;
        }
        bool holds = condition_holds(condition, world.stored, &world.arena);
        if (holds != expected) {
            fail_msg("round %zu: %d, not %d: %.*s", round, holds, expected, STR_ARG(text));
        }
        judged++;
        held += holds;
    }
    print_message("%zu conditions judged, %zu true\n", judged, held);
    CHECK(judged > ROUNDS / 4 && held > judged / 10 && held < judged - judged / 10);
    close_world(&world);
}

static struct str print_again(struct world *world, struct str text)
{
    struct condition *condition;
    struct err err;
    err_init(&err, &world->arena);
    if (!condition_parse(text, EXPR_FILTER, &world->arena, &condition, &err)) {
        fail_msg("%.*s\n%.*s", STR_ARG(err.message), STR_ARG(text));
    }
    struct buf out;
    buf_init(&out, TEXT_MAX);
    condition_print(condition, &out);
    struct str printed = arena_copy(&world->arena, str_of(out.p, out.n));
    buf_release(&out);
    return printed;
}

static void printing_and_parsing_come_back(void **state)
{
    (void)state;
    static struct world world;
    open_world(&world);
    size_t compared = 0;
    for (size_t round = 0; round < ROUNDS; round++) {
        make_world(&world);
        (void)write_condition(&world, 0);
        struct str text = str_of(world.text.p, world.text.n);
        if (text.n > 3000) {
            continue;
        }
        struct str once = print_again(&world, text);
        struct str twice = print_again(&world, once);
        CHECK_STR(twice, once);
        compared++;
    }
    CHECK(compared > ROUNDS / 2);
    close_world(&world);
}

/* ---- Updates ---- */

/* What an update does to one of the attributes a … f, and what is known of the result. */
enum fate { FATE_UNTOUCHED, FATE_VALUE, FATE_ABSENT, FATE_OPEN };
struct plan {
    enum fate fates[6];
    const struct value *values[6]; /* of FATE_VALUE */
};

/* A letter of a placeholder whose value has one of the types; any if there is none. */
static char pick_value(struct world *world, unsigned types)
{
    size_t i = below(world, 26);
    for (size_t tries = 0; tries < 26 && (types & (1u << world->values[i].type)) == 0; tries++) {
        i = (i + 1) % 26;
    }
    return (char)('a' + i);
}

static void write_set(struct world *world, struct plan *plan, unsigned i)
{
    const unsigned any = (1u << VALUE_TYPE_COUNT) - 1;
    char value = pick_value(world, any);
    plan->fates[i] = FATE_OPEN;
    switch (below(world, 4)) {
    case 0:
        buf_printf(&world->text, " = if_not_exists(g, :%c)", value);
        break;
    case 1:
        buf_printf(&world->text, " = list_append(:%c, :%c)", pick_value(world, 1u << VALUE_L),
                   pick_value(world, 1u << VALUE_L));
        return;
    case 2:
        buf_printf(&world->text, " = :%c - :%c", pick_value(world, 1u << VALUE_N), pick_value(world, 1u << VALUE_N));
        return;
    default:
        buf_printf(&world->text, " = :%c", value);
        break;
    }
    plan->fates[i] = FATE_VALUE;
    plan->values[i] = &world->values[value - 'a'];
}

static void write_target(struct world *world, struct plan *plan, unsigned section, unsigned i)
{
    const unsigned sets = 1u << VALUE_SS | 1u << VALUE_NS | 1u << VALUE_BS;
    bool is_nested = below(world, 8) == 0;
    buf_printf(&world->text, "%c%s", (char)('a' + i), is_nested ? ".b" : "");
    plan->fates[i] = section == 1 ? FATE_ABSENT : FATE_OPEN;
    if (section == 0) {
        write_set(world, plan, i);
    } else if (section == 2) {
        buf_printf(&world->text, " :%c", pick_value(world, sets | 1u << VALUE_N));
    } else if (section == 3) {
        buf_printf(&world->text, " :%c", pick_value(world, sets));
    }
    plan->fates[i] = is_nested ? FATE_OPEN : plan->fates[i];
}

static void write_update(struct world *world, struct plan *plan)
{
    static const char *const words[] = {"SET ", "REMOVE ", "ADD ", "DELETE "};
    unsigned sections[4] = {0};
    *plan = (struct plan){.fates = {FATE_UNTOUCHED}};
    for (unsigned i = 0; i < 6; i++) {
        size_t section = below(world, 9);
        if (section < 4) {
            sections[section] |= 1u << i;
        }
    }
    if ((sections[0] | sections[1] | sections[2] | sections[3]) == 0) {
        sections[1] = 1;
    }
    for (unsigned section = 0; section < 4; section++) {
        const char *before = words[section];
        for (unsigned i = 0; i < 6; i++) {
            if ((sections[section] & (1u << i)) != 0) {
                buf_printf(&world->text, "%s", before);
                write_target(world, plan, section, i);
                before = ", ";
            }
        }
        buf_add_str(&world->text, sections[section] != 0 ? STR(" ") : STR(""));
    }
}

static void check_fates(const struct world *world, const struct value *after, const struct plan *plan)
{
    for (unsigned i = 0; i < 6; i++) {
        char letter = (char)('a' + i);
        struct str name = str_of(&letter, 1);
        const struct value *old = value_map_get(world->item, name);
        const struct value *new = value_map_get(after, name);
        if (plan->fates[i] == FATE_UNTOUCHED) {
            CHECK((old == NULL) == (new == NULL));
            CHECK(old == NULL || value_equal(old, new));
        } else if (plan->fates[i] == FATE_VALUE) {
            CHECK(new != NULL &&value_equal(new, plan->values[i]));
        } else if (plan->fates[i] == FATE_ABSENT) {
            CHECK(new == NULL);
        }
    }
    CHECK(value_map_get(after, STR("g")) == NULL);
    for (size_t i = 1; i < after->count; i++) {
        CHECK(str_compare(after->members[i - 1].name, after->members[i].name) < 0);
    }
}

static void updates_touch_only_their_targets(void **state)
{
    (void)state;
    static struct world world;
    open_world(&world);
    size_t applied = 0;
    for (size_t round = 0; round < ROUNDS; round++) {
        make_world(&world);
        struct plan plan;
        write_update(&world, &plan);
        struct str text = str_of(world.text.p, world.text.n);
        struct update *update;
        struct err err;
        err_init(&err, &world.arena);
        if (!update_parse(text, &world.arena, &update, &err)) {
            fail_msg("round %zu: %.*s\n%.*s", round, STR_ARG(err.message), STR_ARG(text));
        }
        struct value after;
        if (!update_bind(update, world.placeholders, &err)) {
            CHECK_EQ(err.kind, ERR_REQUEST);
            continue;
        }
        CHECK(update_request_charge(update) >= 5);
        if (!update_apply(update, world.stored, NULL, &world.arena, &after, &err)) {
            CHECK_EQ(err.kind, ERR_VALIDATION);
            continue;
        }
        check_fates(&world, &after, &plan);
        struct value again;
        item_from_stored(store(&world, &after), &world.arena, &again);
        CHECK(value_equal(&after, &again));
        applied++;
    }
    print_message("%zu updates applied\n", applied);
    CHECK(applied > ROUNDS / 5);
    close_world(&world);
}

/* A projection of every top-level attribute is the item; of one path, what the path leads to. */
static void projections_show_what_is_there(void **state)
{
    (void)state;
    static struct world world;
    open_world(&world);
    for (size_t round = 0; round < ROUNDS / 2; round++) {
        make_world(&world);
        struct operand expected = write_path(&world);
        struct projection *one;
        struct projection *all;
        struct err err;
        err_init(&err, &world.arena);
        CHECK(projection_parse(str_of(world.text.p, world.text.n), &world.arena, &one, &err));
        CHECK(projection_bind(one, NULL, &err));
        struct buf out;
        buf_init(&out, TEXT_MAX);
        CHECK_EQ(projection_write(one, world.stored, false, &world.arena, &out), expected.is_there);
        if (expected.is_there) {
            buf_truncate(&world.text, 0);
            value_text_write(&world.text, &expected.value);
            CHECK(memmem(out.p, out.n, world.text.p, world.text.n) != NULL);
        }
        const struct str names[] = {STR("f"), STR("b"), STR("a"), STR("d"), STR("c"), STR("e")};
        all = projection_of_names(&world.arena, names, 6);
        buf_truncate(&out, 0);
        (void)projection_write(all, world.stored, false, &world.arena, &out);
        buf_truncate(&world.text, 0);
        item_text_write(&world.text, world.item, NULL, 0);
        CHECK_STR(str_of(out.p, out.n), str_of(world.text.p, world.text.n));
        buf_release(&out);
    }
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions_agree_with_naive_evaluation),
        cmocka_unit_test(printing_and_parsing_come_back),
        cmocka_unit_test(updates_touch_only_their_targets),
        cmocka_unit_test(projections_show_what_is_there),
    };
    return cmocka_run_group_tests_name("expr properties", tests, NULL, NULL);
}
