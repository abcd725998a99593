/* SPDX-License-Identifier: Apache-2.0 */
/* key_property_test.c — key order and bounds against a naive sort: random keys of 0…1,024 bytes around the places where encodings are escaped and cut,
 * every operator, both directions, pages of random size, start keys that do not exist; on the real cursor. KEY_QUERIES sets how many
 * pages are read, KEY_SEED the seed. */
#include "tests/storage/rig.h"

#include "storage/key.h"
#include "storage/run.h"

#define SORT_MAX LIMIT_RANGE_KEY_BYTES
#define ROWS_MAX 400

struct row {
    struct str sort;
    unsigned char tie[LAYOUT_TIE_BYTES];
};

struct world {
    struct rig rig;
    struct random random;
    struct digest digest;
    bool is_index;
    const struct table_desc *table;
    struct row rows[ROWS_MAX];
    size_t count;
    size_t pages;
};

static size_t below(struct world *world, size_t bound)
{
    return (size_t)random_below(&world->random, bound);
}

/* The generator of the reference: long equal beginnings, lengths around the cut, a few bytes changed near the end. */
static struct str generate(struct world *world, size_t max)
{
    static const char ab0[3] = {'a', 'b', 0};
    static const unsigned char changes[] = {0, 1, 2, 97, 98, 254, 255};
    size_t kind = below(world, 4);
    size_t cut = LAYOUT_SORT_WHOLE_MAX - 4 + below(world, 9);
    size_t half = LAYOUT_SORT_WHOLE_MAX / 2 - 3 + below(world, 7);
    size_t how = below(world, 3);
    size_t n = how == 0 ? below(world, max + 1) : (how == 1 ? cut : half);
    n = n > max ? max : n;
    n = n == 0 ? 1 : n; /* DynamoDB has no empty key */
    char *p = arena_alloc(&world->rig.arena, n);
    for (size_t i = 0; i < n; i++) {
        p[i] = kind == 0 ? 'a' : (kind == 1 ? 0 : (kind == 2 ? (char)0xFF : ab0[i % 3]));
    }
    for (size_t i = below(world, 3); i > 0; i--) {
        size_t back = 1 + below(world, 6);
        p[n > back ? n - back : 0] = (char)changes[below(world, sizeof(changes))];
    }
    return str_of(p, n);
}

static struct value *item_of(struct world *world, const char *pk, struct str sort)
{
    struct rig *rig = &world->rig;
    struct value *item = arena_new(&rig->arena, struct value);
    struct member *members = arena_array(&rig->arena, struct member, 3);
    members[0] = (struct member){STR("g"), value_s("g")};
    members[1] = (struct member){STR("pk"), value_s(pk)};
    members[2] = (struct member){STR("sk"), value_b(sort)};
    *item = (struct value){.type = VALUE_M, .count = 3, .members = members};
    return item;
}

static void tie_of(struct world *world, const struct value *item, unsigned char *tie)
{
    struct key_values values;
    CHECK(key_values_of(&world->table->key, item, &values));
    key_tie(&world->digest, &world->table->key, &values, tie);
}

static int compare_rows(const void *a, const void *b)
{
    const struct row *left = a;
    const struct row *right = b;
    int order = str_compare(left->sort, right->sort);
    return order != 0 ? order : memcmp(left->tie, right->tie, LAYOUT_TIE_BYTES);
}

/* One table with random rows; sorted copies of them in world->rows. */
static void fill(struct world *world, size_t n, bool all_long)
{
    struct rig *rig = &world->rig;
    struct table_desc desc = table_of("t", VALUE_B);
    struct index_desc index = index_of("i", "g", "sk", VALUE_B, PROJECT_KEYS_ONLY);
    desc.indexes = &index;
    desc.index_count = world->is_index ? 1 : 0;
    rig_create(rig, &desc);
    rig_write(rig);
    world->table = rig_find(rig, "t");
    world->count = 0;
    for (size_t i = 0; i < n; i++) {
        char pk[2] = {world->is_index ? (char)('0' + below(world, 5)) : 'p', 0};
        struct str sort = generate(world, SORT_MAX);
        if (all_long) {
            char *p = arena_alloc(&rig->arena, 700);
            memset(p, 'a', 700);
            p[600] = (char)below(world, 256);
            p[699] = (char)below(world, 256);
            sort = str_of(p, 601 + below(world, 100));
        }
        struct value *item = item_of(world, pk, sort);
        struct change change = rig_put(rig, world->table, item);
        if (stored_exists(&change.old)) {
            continue;
        }
        struct row *row = &world->rows[world->count++];
        *row = (struct row){.sort = sort};
        if (world->is_index) {
            tie_of(world, item, row->tie);
        }
    }
    rig_commit(rig);
    qsort(world->rows, world->count, sizeof(world->rows[0]), compare_rows);
}

static bool holds(enum range_operator op, struct str x, struct str a, struct str b)
{
    switch (op) {
    case RANGE_ALL:
        return true;
    case RANGE_EQ:
        return str_eq(x, a);
    case RANGE_LT:
        return str_compare(x, a) < 0;
    case RANGE_LE:
        return str_compare(x, a) <= 0;
    case RANGE_GT:
        return str_compare(x, a) > 0;
    case RANGE_GE:
        return str_compare(x, a) >= 0;
    case RANGE_BETWEEN:
        return str_compare(x, a) >= 0 && str_compare(x, b) <= 0;
    case RANGE_BEGINS_WITH:
        return str_starts_with(x, a);
    }
    return false;
}

struct question {
    enum range_operator op;
    struct str a;
    struct str b;
    bool is_reverse;
    const struct value *start;
    struct row start_row;
};

static struct question ask(struct world *world)
{
    struct question q = {.op = (enum range_operator)below(world, 8), .is_reverse = below(world, 2) == 0};
    q.a = below(world, 10) < 6 ? world->rows[below(world, world->count)].sort : generate(world, SORT_MAX);
    if (q.op == RANGE_BEGINS_WITH && below(world, 10) < 7) {
        q.a.n = below(world, q.a.n + 1);
    }
    q.b = q.a;
    if (q.op == RANGE_BETWEEN) {
        struct str other = generate(world, SORT_MAX);
        bool is_less = str_compare(other, q.a) < 0;
        q.b = is_less ? q.a : other;
        q.a = is_less ? other : q.a;
    }
    if (below(world, 10) < 3) {
        struct str sort = generate(world, SORT_MAX);
        if (holds(q.op, sort, q.a, q.b)) {
            q.start = item_of(world, world->is_index ? "zz" : "p", sort);
            q.start_row.sort = sort;
            if (world->is_index) {
                tie_of(world, q.start, q.start_row.tie);
            }
        }
    }
    return q;
}

/* Is the row in the answer? */
static bool is_wanted(const struct question *q, const struct row *row)
{
    if (!holds(q->op, row->sort, q->a, q->b)) {
        return false;
    }
    if (q->start == NULL) {
        return true;
    }
    int order = compare_rows(row, &q->start_row);
    return q->is_reverse ? order < 0 : order > 0;
}

/* Reads one page and compares it; gives the last item for the next start. */
static bool read_page(struct world *world, const struct question *q, const struct row **want, size_t *left, size_t limit,
                      const struct value **last)
{
    struct rig *rig = &world->rig;
    struct value partition = value_s(world->is_index ? "g" : "p");
    struct value a = value_b(q->a);
    struct value b = value_b(q->b);
    const struct query query = {
        .table = world->table,
        .index = world->is_index ? &world->table->indexes[0] : NULL,
        .partition = {&partition},
        .range = {.op = q->op, .a = &a, .b = &b},
        .is_reverse = q->is_reverse,
        .start = *last,
    };
    struct cursor *cursor = NULL;
    world->pages++;
    OK(rig, cursor_query(rig->txn, &query, &rig->arena, &cursor, &rig->err));
    for (size_t i = 0; i < limit; i++) {
        struct stored row;
        OK(rig, cursor_next(cursor, &row, &rig->err));
        if (!stored_exists(&row)) {
            CHECK_EQ(*left, 0);
            return false;
        }
        const struct json *json = NULL;
        struct value *item = arena_new(&rig->arena, struct value);
        CHECK(json_parse(row.text, &rig->arena, &json));
        item_from_stored(json, &rig->arena, item);
        CHECK(*left > 0);
        const struct row *expected = want[--*left];
        CHECK(str_eq(value_map_get(item, STR("sk"))->str, expected->sort));
        if (world->is_index) {
            unsigned char tie[LAYOUT_TIE_BYTES];
            tie_of(world, item, tie);
            assert_memory_equal(tie, expected->tie, sizeof(tie));
        }
        if (!world->is_index) {
            /* Rows of the table lack nothing: they are start keys as they are. */
            struct key_part sk = world->table->key.range[0];
            CHECK(range_condition_holds(&query.range, &world->table->key, item));
            CHECK(sk.type == VALUE_B);
        }
        *last = item;
    }
    return true;
}

static void run_question(struct world *world)
{
    struct rig *rig = &world->rig;
    struct arena_mark mark = arena_mark(&rig->arena);
    struct question q = ask(world);
    const struct row *want[ROWS_MAX];
    size_t left = 0;
    /* Filled from the end: the first one wanted is taken last. */
    for (size_t i = 0; i < world->count; i++) {
        const struct row *row = &world->rows[q.is_reverse ? i : world->count - 1 - i];
        if (is_wanted(&q, row)) {
            want[left++] = row;
        }
    }
    size_t limit = 1 + below(world, world->count > 100 ? 90 : 7);
    const struct value *last = q.start;
    rig_read(rig);
    world->table = rig_find(rig, "t");
    while (read_page(world, &q, want, &left, limit, &last)) {
    }
    rig_end(rig);
    arena_rollback(&rig->arena, mark);
}

static size_t run_round(struct world *world, bool is_index, size_t rows, bool all_long, size_t questions)
{
    world->is_index = is_index;
    world->pages = 0;
    rig_open_memory(&world->rig);
    fill(world, rows, all_long);
    for (size_t i = 0; i < questions; i++) {
        run_question(world);
    }
    rig_check(&world->rig);
    rig_close(&world->rig);
    return world->pages;
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static void with_world(void (*test)(struct world *world, size_t target))
{
    static struct world world;
    struct arena arena;
    struct err err;
    arena_init(&arena, 0);
    err_init(&err, &arena);
    uint64_t seed = from_environment("KEY_SEED", 20240501);
    print_message("KEY_SEED=%llu\n", (unsigned long long)seed);
    random_init(&world.random, seed);
    CHECK(digest_init(&world.digest, &err));
    test(&world, (size_t)from_environment("KEY_QUERIES", 30000));
    digest_release(&world.digest);
    arena_release(&arena);
}

static void run_pages(struct world *world, size_t target)
{
    size_t pages = 0;
    for (size_t round = 0; pages < target; round++) {
        bool is_run = round % 10 == 9;
        pages += run_round(world, round % 2 == 1, is_run ? 300 : 60, is_run, is_run ? 10 : 40);
    }
    print_message("pages read: %zu\n", pages);
}

static void test_pages(void **state)
{
    (void)state;
    with_world(run_pages);
}

/* ---- Numbers ---- */

static void random_number(struct world *world, struct number *out)
{
    char text[80];
    for (;;) {
        size_t digits = 1 + below(world, 38);
        size_t n = 0;
        if (below(world, 2) == 0) {
            text[n++] = '-';
        }
        for (size_t i = 0; i < digits; i++) {
            text[n++] = (char)('0' + below(world, 10));
        }
        n += (size_t)snprintf(text + n, sizeof(text) - n, "E%d", (int)below(world, 256) - 130 - (int)digits);
        if (number_parse(str_of(text, n), out) == NUMBER_OK) {
            return;
        }
    }
}

static int compare_numbers(const void *a, const void *b)
{
    return number_compare(a, b);
}

static void run_numbers(struct world *world, size_t target)
{
    (void)target;
    enum { COUNT = 20000 };
    struct number *numbers = calloc(COUNT + 5, sizeof(*numbers));
    static const char *const ends[] = {"9.9999999999999999999999999999999999999E125", "-9.9999999999999999999999999999999999999E125",
                                       "1E-130", "-1E-130", "0"};
    for (size_t i = 0; i < COUNT; i++) {
        random_number(world, &numbers[i]);
    }
    for (size_t i = 0; i < 5; i++) {
        CHECK_EQ(number_parse(str_from(ends[i]), &numbers[COUNT + i]), NUMBER_OK);
    }
    qsort(numbers, COUNT + 5, sizeof(*numbers), compare_numbers);
    for (size_t i = 0; i + 1 < COUNT + 5; i++) {
        unsigned char a[NUMBER_KEY_MAX];
        unsigned char b[NUMBER_KEY_MAX];
        struct str left = str_of((const char *)a, number_key(&numbers[i], a));
        struct str right = str_of((const char *)b, number_key(&numbers[i + 1], b));
        int want = number_compare(&numbers[i], &numbers[i + 1]);
        CHECK((str_compare(left, right) < 0) == (want < 0));
        CHECK(want == 0 || (!str_starts_with(left, right) && !str_starts_with(right, left)));
    }
    free(numbers);
}

static void test_numbers(void **state)
{
    (void)state;
    with_world(run_numbers);
}

/* ---- Several attributes: an index with two HASH and three RANGE attributes ---- */

struct tuple {
    struct str a;
    struct number n;
    struct str b;
};

static int compare_tuples(const void *left, const void *right)
{
    const struct tuple *x = left;
    const struct tuple *y = right;
    int order = str_compare(x->a, y->a);
    order = order != 0 ? order : number_compare(&x->n, &y->n);
    return order != 0 ? order : str_compare(x->b, y->b);
}

static void make_tuple_table(struct world *world)
{
    struct table_desc desc = table_of("t", VALUE_NULL);
    struct index_desc index = {.name = STR("i"), .is_global = true, .projection = PROJECT_ALL};
    index.key.hash_count = 2;
    index.key.hash[0] = part("h1", VALUE_S);
    index.key.hash[1] = part("h2", VALUE_N);
    index.key.range_count = 3;
    index.key.range[0] = part("ra", VALUE_B);
    index.key.range[1] = part("rn", VALUE_N);
    index.key.range[2] = part("sb", VALUE_B);
    desc.indexes = &index;
    desc.index_count = 1;
    rig_create(&world->rig, &desc);
}

static void put_tuple(struct world *world, size_t i, struct tuple *tuple)
{
    struct rig *rig = &world->rig;
    char pk[16];
    static const struct number one = {.lo = 1};
    snprintf(pk, sizeof(pk), "%zu", i);
    struct member members[] = {{STR("h1"), value_s("h")},
                               {STR("h2"), {.type = VALUE_N, .number = &one}},
                               {STR("pk"), value_s(pk)},
                               {STR("ra"), value_b(tuple->a)},
                               {STR("rn"), {.type = VALUE_N, .number = &tuple->n}},
                               {STR("sb"), value_b(tuple->b)}};
    struct value item = {.type = VALUE_M, .count = 6, .members = members};
    rig_put(rig, world->table, &item);
}

static bool tuple_holds(const struct tuple *x, const struct tuple *asked, size_t equals, enum range_operator op)
{
    if (equals > 0 && !str_eq(x->a, asked->a)) {
        return false;
    }
    if (equals > 1 && !number_equal(&x->n, &asked->n)) {
        return false;
    }
    if (op == RANGE_ALL) {
        return true;
    }
    if (equals == 1) {
        int order = number_compare(&x->n, &asked->n);
        switch (op) {
        case RANGE_LT:
            return order < 0;
        case RANGE_LE:
            return order <= 0;
        case RANGE_GT:
            return order > 0;
        case RANGE_GE:
            return order >= 0;
        default:
            return order == 0;
        }
    }
    return holds(op, equals == 0 ? x->a : x->b, equals == 0 ? asked->a : asked->b, equals == 0 ? asked->a : asked->b);
}

static void ask_tuples(struct world *world, const struct tuple *sorted, size_t count)
{
    struct rig *rig = &world->rig;
    const struct tuple *asked = &sorted[below(world, count)];
    size_t equals = below(world, 4);
    enum range_operator op = equals == 3 ? RANGE_ALL : (enum range_operator)below(world, equals == 1 ? 6 : 8);
    static const struct number one = {.lo = 1};
    struct value h1 = value_s("h");
    struct value h2 = {.type = VALUE_N, .number = &one};
    struct value parts[3] = {value_b(asked->a), {.type = VALUE_N, .number = &asked->n}, value_b(asked->b)};
    const struct value *operand = equals < 3 ? &parts[equals] : NULL;
    const struct query query = {
        .table = world->table,
        .index = &world->table->indexes[0],
        .partition = {&h1, &h2},
        .range = {{&parts[0], &parts[1], &parts[2]}, equals, op, operand, operand},
        .is_reverse = below(world, 2) == 0,
    };
    struct cursor *cursor = NULL;
    struct stored row;
    OK(rig, cursor_query(rig->txn, &query, &rig->arena, &cursor, &rig->err));
    for (size_t i = 0; i < count; i++) {
        const struct tuple *want = &sorted[query.is_reverse ? count - 1 - i : i];
        bool is_in = equals == 3 ? compare_tuples(want, asked) == 0 : tuple_holds(want, asked, equals, op);
        if (!is_in) {
            continue;
        }
        const struct json *json = NULL;
        struct value item;
        OK(rig, cursor_next(cursor, &row, &rig->err));
        CHECK(stored_exists(&row));
        CHECK(json_parse(row.text, &rig->arena, &json));
        item_from_stored(json, &rig->arena, &item);
        CHECK(str_eq(value_map_get(&item, STR("ra"))->str, want->a));
        CHECK(number_equal(value_map_get(&item, STR("rn"))->number, &want->n));
        CHECK(str_eq(value_map_get(&item, STR("sb"))->str, want->b));
        CHECK(range_condition_holds(&query.range, &query.index->key, &item));
    }
    OK(rig, cursor_next(cursor, &row, &rig->err));
    CHECK(!stored_exists(&row));
}

static void run_tuples(struct world *world, size_t target)
{
    enum { COUNT = 300 };
    static struct tuple tuples[COUNT];
    struct rig *rig = &world->rig;
    rig_open_memory(rig);
    make_tuple_table(world);
    rig_write(rig);
    world->table = rig_find(rig, "t");
    for (size_t i = 0; i < COUNT; i++) {
        const struct tuple *like = &tuples[i > 0 ? below(world, i) : 0];
        bool has_a = i > 0 && below(world, 2) == 0;
        tuples[i].a = has_a ? like->a : generate(world, below(world, 3) == 0 ? 300 : 20);
        random_number(world, &tuples[i].n);
        if (has_a && below(world, 2) == 0) {
            tuples[i].n = like->n;
        }
        tuples[i].b = generate(world, below(world, 3) == 0 ? 500 : 20);
        put_tuple(world, i, &tuples[i]);
    }
    rig_commit(rig);
    qsort(tuples, COUNT, sizeof(tuples[0]), compare_tuples);
    rig_read(rig);
    world->table = rig_find(rig, "t");
    for (size_t i = 0; i < target / 100; i++) {
        struct arena_mark mark = arena_mark(&rig->arena);
        ask_tuples(world, tuples, COUNT);
        arena_rollback(&rig->arena, mark);
    }
    rig_end(rig);
    rig_check(rig);
    rig_close(rig);
}

static void test_tuples(void **state)
{
    (void)state;
    with_world(run_tuples);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_tuples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
