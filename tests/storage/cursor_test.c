/* SPDX-License-Identifier: Apache-2.0 */
/* cursor_test.c — scans and queries: scan order, pages, segments, both directions, ties, changes while reading. (Order and bounds:
 * key_property_test.c.) */
#include "tests/storage/rig.h"

#include "storage/bounds.h"
#include "storage/layout.h"

#define ITEMS 500

static void open_filled(struct rig *rig)
{
    struct table_desc desc = table_of("t", VALUE_N);
    struct index_desc index = index_of("i", "g", NULL, VALUE_S, PROJECT_ALL);
    desc.indexes = &index;
    desc.index_count = 1;
    rig_open_memory(rig);
    rig_create(rig, &desc);
    rig_write(rig);
    for (int i = 0; i < ITEMS; i++) {
        char item[100];
        snprintf(item, sizeof(item), "{'pk':{'S':'p%d'},'sk':{'N':'%d'},'g':{'S':'g%d'}}", i / 5, i % 5, i % 3);
        rig_put_text(rig, rig_find(rig, "t"), item);
    }
    rig_commit(rig);
}

static const struct value *item_of(struct rig *rig, const struct stored *row)
{
    const struct json *json = NULL;
    struct value *item = arena_new(&rig->arena, struct value);
    CHECK(json_parse(row->text, &rig->arena, &json));
    item_from_stored(json, &rig->arena, item);
    return item;
}

/* AWS's own order of partitions: by MD5("Outliers" | key). */
static void test_scan_order(void **state)
{
    (void)state;
    struct rig rig;
    rig_open_memory(&rig);
    struct table_desc desc = table_of("t", VALUE_S);
    rig_create(&rig, &desc);
    rig_write(&rig);
    const struct table_desc *table = rig_find(&rig, "t");
    rig_put_text(&rig, table, "{'pk':{'S':'a'},'sk':{'S':'1'}}");
    rig_put_text(&rig, table, "{'pk':{'S':'b'},'sk':{'S':'2'}}");
    rig_put_text(&rig, table, "{'pk':{'S':'b'},'sk':{'S':'1'}}");
    CHECK_STR(rig_scan(&rig, table, NULL), rig_text(&rig, "{'pk':{'S':'b'},'sk':{'S':'1'}}\n{'pk':{'S':'b'},'sk':{'S':'2'}}\n"
                                                          "{'pk':{'S':'a'},'sk':{'S':'1'}}"));
    rig_commit(&rig);
    rig_close(&rig);
}

/* Pages of every size give what one scan gives. */
static void check_pages(struct rig *rig, const struct table_desc *table, const struct index_desc *index, size_t page)
{
    struct str all = rig_scan(rig, table, index);
    struct buf got;
    buf_init(&got, 1 << 24);
    const struct value *start = NULL;
    bool is_over = false;
    while (!is_over) {
        const struct scan scan = {.table = table, .index = index, .total_segments = 1, .start = start};
        struct cursor *cursor = NULL;
        OK(rig, cursor_scan(rig->txn, &scan, &rig->arena, &cursor, &rig->err));
        for (size_t i = 0; i < page && !is_over; i++) {
            struct stored row;
            OK(rig, cursor_next(cursor, &row, &rig->err));
            is_over = !stored_exists(&row);
            if (!is_over) {
                if (got.n > 0) {
                    buf_add_byte(&got, '\n');
                }
                buf_add_str(&got, row.text);
                start = item_of(rig, &row);
            }
        }
    }
    CHECK_STR(str_of(got.p, got.n), all);
    buf_release(&got);
}

static void test_scan_pages(void **state)
{
    (void)state;
    struct rig rig;
    open_filled(&rig);
    rig_read(&rig);
    const struct table_desc *table = rig_find(&rig, "t");
    CHECK_EQ(rig_count(&rig, table, NULL), ITEMS);
    static const size_t pages[] = {1, 2, 3, 7, 100, 499, 500, 501};
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        check_pages(&rig, table, NULL, pages[i]);
        check_pages(&rig, table, &table->indexes[0], pages[i]);
    }
    rig_end(&rig);
    rig_close(&rig);
}

/* All segments together give every row once, each row in the segment that scan_segment_has names. */
static void check_segments(struct rig *rig, const struct table_desc *table, const struct index_desc *index, uint32_t total)
{
    size_t count = 0;
    uint32_t step = total > 5000 ? total / 1000 : 1;
    for (uint32_t segment = 0; segment < total; segment += step) {
        const struct scan scan = {.table = table, .index = index, .segment = segment, .total_segments = total};
        struct arena_mark mark = arena_mark(&rig->arena);
        struct cursor *cursor = NULL;
        struct stored row;
        OK(rig, cursor_scan(rig->txn, &scan, &rig->arena, &cursor, &rig->err));
        OK(rig, cursor_next(cursor, &row, &rig->err));
        for (; stored_exists(&row); count++) {
            const struct value *item = item_of(rig, &row);
            CHECK(scan_segment_has(table, index, item, segment, total));
            CHECK(total == 1 || !scan_segment_has(table, index, item, (segment + 1) % total, total));
            OK(rig, cursor_next(cursor, &row, &rig->err));
        }
        arena_rollback(&rig->arena, mark);
    }
    CHECK(step > 1 || count == ITEMS);
}

/* Bounds are the first hashes of segments. */
static void test_segment_bounds(void **state)
{
    (void)state;
    struct rig rig;
    struct random random;
    rig_init(&rig);
    random_init(&random, 1);
    for (int i = 0; i < 20000; i++) {
        struct bounds bounds;
        uint32_t total = 1 + (uint32_t)random_below(&random, i % 2 == 0 ? 100 : 1000000);
        uint32_t segment = (uint32_t)random_below(&random, total);
        struct arena_mark mark = arena_mark(&rig.arena);
        bounds_of_segment(7, segment, total, &rig.arena, &bounds);
        uint64_t low = layout_get_u32(bounds.low.p + LAYOUT_ID_BYTES);
        CHECK_EQ(layout_get_u32(bounds.low.p), 7);
        CHECK_EQ(low * total >> 32, segment);
        CHECK(segment == 0 ? low == 0 : (low - 1) * total >> 32 == segment - 1);
        CHECK_EQ(layout_get_u32(bounds.high.p), segment + 1 == total ? 8 : 7);
        arena_rollback(&rig.arena, mark);
    }
    rig_close(&rig);
}

static void test_segments(void **state)
{
    (void)state;
    struct rig rig;
    open_filled(&rig);
    rig_read(&rig);
    const struct table_desc *table = rig_find(&rig, "t");
    static const uint32_t totals[] = {1, 2, 3, 4, 5, 7, 10, 16, 100, 255, 256, 257, 999, 4096, 1000000};
    for (size_t i = 0; i < sizeof(totals) / sizeof(totals[0]); i++) {
        check_segments(&rig, table, NULL, totals[i]);
        check_segments(&rig, table, &table->indexes[0], totals[i]);
    }
    /* Every item lies in exactly one of a million. */
    for (int i = 0; i < 100; i++) {
        char key[40];
        snprintf(key, sizeof(key), "{'pk':{'S':'p%d'}}", i);
        uint32_t found = 0;
        for (uint32_t segment = 0; segment < 64; segment++) {
            found += scan_segment_has(table, NULL, rig_item(&rig, key), segment, 64);
        }
        CHECK_EQ(found, 1);
    }
    rig_end(&rig);
    rig_close(&rig);
}

/* Equal index keys: pages in both directions are exact across ties. */
static void test_ties(void **state)
{
    (void)state;
    struct rig rig;
    open_filled(&rig);
    rig_read(&rig);
    const struct table_desc *table = rig_find(&rig, "t");
    struct value g = value_s("g1");
    for (int reverse = 0; reverse < 2; reverse++) {
        const struct value *start = NULL;
        size_t count = 0;
        struct stored row;
        struct str before = {NULL, 0};
        do {
            const struct query query = {.table = table, .index = &table->indexes[0], .partition = {&g},
                                        .is_reverse = reverse == 1, .start = start};
            struct cursor *cursor = NULL;
            OK(&rig, cursor_query(rig.txn, &query, &rig.arena, &cursor, &rig.err));
            OK(&rig, cursor_next(cursor, &row, &rig.err));
            if (stored_exists(&row)) {
                CHECK(!str_eq(row.text, before));
                before = row.text;
                start = item_of(&rig, &row);
                count++;
            }
        } while (stored_exists(&row));
        CHECK_EQ(count, ITEMS / 3 + 1);
    }
    rig_end(&rig);
    rig_close(&rig);
}

/* In a write transaction the cursor survives what is done meanwhile: deleting each row that it gives. */
static void test_delete_while_reading(void **state)
{
    (void)state;
    struct rig rig;
    open_filled(&rig);
    rig_write(&rig);
    const struct table_desc *table = rig_find(&rig, "t");
    const struct scan scan = {.table = table, .total_segments = 1};
    struct cursor *cursor = NULL;
    size_t count = 0;
    OK(&rig, cursor_scan(rig.txn, &scan, &rig.arena, &cursor, &rig.err));
    for (;; count++) {
        struct stored row;
        OK(&rig, cursor_next(cursor, &row, &rig.err));
        if (!stored_exists(&row)) {
            break;
        }
        rig_change(&rig, table, rig_key(&rig, table, item_of(&rig, &row)), NULL);
    }
    CHECK_EQ(count, ITEMS);
    CHECK_EQ(table_stats(rig.txn, table->id).items, 0);
    rig_commit(&rig);
    rig_check(&rig);
    rig_close(&rig);
}

/* What cannot be a key finds nothing, and harms nothing. */
static void test_impossible(void **state)
{
    (void)state;
    struct rig rig;
    open_filled(&rig);
    rig_read(&rig);
    const struct table_desc *table = rig_find(&rig, "t");
    static char big[10000];
    memset(big, 'x', sizeof(big));
    struct value partitions[] = {value_s(""), {.type = VALUE_S, .str = {big, sizeof(big)}}};
    for (size_t i = 0; i < 2; i++) {
        const struct query query = {.table = table, .partition = {&partitions[i]}};
        struct cursor *cursor = NULL;
        struct stored row;
        OK(&rig, cursor_query(rig.txn, &query, &rig.arena, &cursor, &rig.err));
        OK(&rig, cursor_next(cursor, &row, &rig.err));
        CHECK(!stored_exists(&row));
    }
    /* A start key that is none is an answer of 400, not an abort. */
    const struct scan scan = {.table = table, .total_segments = 1, .start = rig_item(&rig, "{'pk':{'S':'a'}}")};
    struct cursor *cursor = NULL;
    CHECK(!cursor_scan(rig.txn, &scan, &rig.arena, &cursor, &rig.err));
    CHECK_EQ(rig.err.kind, ERR_VALIDATION);
    err_clear(&rig.err);
    rig_end(&rig);
    rig_close(&rig);
}

/* Conditions with operands longer than any key. */
static void test_long_operands(void **state)
{
    (void)state;
    struct rig rig;
    rig_open_memory(&rig);
    struct table_desc desc = table_of("t", VALUE_S);
    rig_create(&rig, &desc);
    rig_write(&rig);
    const struct table_desc *table = rig_find(&rig, "t");
    rig_put_text(&rig, table, "{'pk':{'S':'p'},'sk':{'S':'a'}}");
    rig_put_text(&rig, table, "{'pk':{'S':'p'},'sk':{'S':'z'}}");
    static char big[100000];
    memset(big, 'x', sizeof(big));
    struct value p = value_s("p");
    struct value a = {.type = VALUE_S, .str = {big, sizeof(big)}};
    for (int op = RANGE_EQ; op <= RANGE_BEGINS_WITH; op++) {
        const struct query query = {.table = table, .partition = {&p}, .range = {.op = (enum range_operator)op, .a = &a, .b = &a}};
        struct cursor *cursor = NULL;
        struct stored row;
        size_t count = 0;
        OK(&rig, cursor_query(rig.txn, &query, &rig.arena, &cursor, &rig.err));
        for (OK(&rig, cursor_next(cursor, &row, &rig.err)); stored_exists(&row); count++) {
            OK(&rig, cursor_next(cursor, &row, &rig.err));
        }
        bool is_half = op == RANGE_LT || op == RANGE_LE || op == RANGE_GT || op == RANGE_GE;
        CHECK_EQ(count, is_half ? 1 : 0);
    }
    rig_commit(&rig);
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scan_order),           cmocka_unit_test(test_scan_pages), cmocka_unit_test(test_segments),
        cmocka_unit_test(test_segment_bounds),
        cmocka_unit_test(test_ties),                 cmocka_unit_test(test_delete_while_reading),
        cmocka_unit_test(test_impossible),           cmocka_unit_test(test_long_operands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
