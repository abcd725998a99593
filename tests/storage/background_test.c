/* SPDX-License-Identifier: Apache-2.0 */
/* background_test.c — time to live, new indexes, dropped tables: in steps, beside other writes, across restarts. */
#include "tests/storage/rig.h"

#define NOW_S (RIG_NOW_MS / 1000)
#define ALL_KINDS (BACKGROUND_TTL | BACKGROUND_RECLAIM | BACKGROUND_BACKFILL)

static bool step(struct rig *rig, unsigned kinds)
{
    bool more = false;
    rig_write(rig);
    OK(rig, background_step(rig->txn, kinds, 0, &rig->arena, &more, &rig->err));
    rig_commit(rig);
    return more;
}

static bool is_pending(struct rig *rig)
{
    bool pending = false;
    rig_read(rig);
    OK(rig, background_is_pending(rig->txn, &pending, &rig->err));
    rig_end(rig);
    return pending;
}

static int64_t next_due(struct rig *rig)
{
    int64_t due = 0;
    rig_read(rig);
    OK(rig, background_next_due_ms(rig->txn, &due, &rig->err));
    rig_end(rig);
    return due;
}

static size_t items(struct rig *rig)
{
    rig_read(rig);
    const struct table_desc *table = rig_find(rig, "t");
    size_t count = rig_count(rig, table, NULL);
    CHECK_EQ(table_stats(rig->txn, table->id).items, count);
    rig_end(rig);
    return count;
}

static void put(struct rig *rig, const char *item)
{
    rig_write(rig);
    rig_put_text(rig, rig_find(rig, "t"), item);
    rig_commit(rig);
}

static void put_many(struct rig *rig, int from, int to, const char *more)
{
    rig_write(rig);
    for (int i = from; i < to; i++) {
        char item[200];
        snprintf(item, sizeof(item), "{'pk':{'S':'p%d'},'g':{'S':'g%d'}%s}", i, i % 7, more);
        rig_put_text(rig, rig_find(rig, "t"), item);
    }
    rig_commit(rig);
}

/* The table's descriptor with this TTL attribute. */
static void set_ttl(struct rig *rig, struct str attribute)
{
    rig_write(rig);
    struct table_desc desc = *rig_find(rig, "t");
    desc.ttl_attribute = attribute;
    OK(rig, table_replace(rig->txn, &desc, &rig->err));
    rig_commit(rig);
}

static void open_with_ttl(struct rig *rig)
{
    struct table_desc desc = table_of("t", VALUE_NULL);
    struct index_desc index = index_of("i", "g", NULL, VALUE_S, PROJECT_ALL);
    desc.indexes = &index;
    desc.index_count = 1;
    desc.ttl_attribute = STR("due");
    rig_open_memory(rig);
    rig_create(rig, &desc);
}

static void test_ttl_values(void **state)
{
    (void)state;
    struct rig rig;
    open_with_ttl(&rig);
    CHECK_EQ(next_due(&rig), INT64_MAX);
    /* Never: no attribute, other types, negative, five years past, beyond all time. */
    put(&rig, "{'pk':{'S':'none'}}");
    put(&rig, "{'pk':{'S':'string'},'due':{'S':'1600000000'}}");
    put(&rig, "{'pk':{'S':'negative'},'due':{'N':'-1'}}");
    put(&rig, "{'pk':{'S':'past'},'due':{'N':'1542319999'}}");
    put(&rig, "{'pk':{'S':'zero'},'due':{'N':'0'}}");
    put(&rig, "{'pk':{'S':'huge'},'due':{'N':'1E125'}}");
    put(&rig, "{'pk':{'S':'milliseconds'},'due':{'N':'1600000000000'}}");
    CHECK_EQ(next_due(&rig), INT64_MAX);
    rig_background(&rig, ALL_KINDS, 1000);
    CHECK_EQ(items(&rig), 7);
    /* Due: strictly before now; the fraction does not count. */
    put(&rig, "{'pk':{'S':'future'},'due':{'N':'1700000100'}}");
    CHECK_EQ(next_due(&rig), 1700000100 * INT64_C(1000) + 1);
    put(&rig, "{'pk':{'S':'now'},'due':{'N':'1700000000'}}");
    put(&rig, "{'pk':{'S':'fraction'},'due':{'N':'1700000000.99'}}");
    CHECK_EQ(next_due(&rig), RIG_NOW_MS + 1);
    rig_background(&rig, BACKGROUND_TTL, 1000);
    CHECK_EQ(items(&rig), 10);
    put(&rig, "{'pk':{'S':'recent'},'due':{'N':'1699999999'},'g':{'S':'g'}}");
    put(&rig, "{'pk':{'S':'old'},'due':{'N':'1542320001'}}");
    rig_background(&rig, BACKGROUND_TTL, 1000);
    CHECK_EQ(items(&rig), 10);
    rig.clock.now += 1;
    rig_background(&rig, BACKGROUND_TTL, 1000);
    CHECK_EQ(items(&rig), 8);
    rig.clock.now += 200000;
    rig_background(&rig, BACKGROUND_TTL, 1000);
    CHECK_EQ(items(&rig), 7);
    rig_check(&rig);
    rig_close(&rig);
}

/* A change moves or takes away the time; the sweep looks at the item again. */
static void test_ttl_changes(void **state)
{
    (void)state;
    struct rig rig;
    open_with_ttl(&rig);
    put(&rig, "{'pk':{'S':'a'},'due':{'N':'1700000010'}}");
    put(&rig, "{'pk':{'S':'a'},'due':{'N':'1700000090'}}");
    CHECK_EQ(next_due(&rig), 1700000090 * INT64_C(1000) + 1);
    put(&rig, "{'pk':{'S':'b'},'due':{'N':'1700000010'}}");
    put(&rig, "{'pk':{'S':'b'}}");
    put(&rig, "{'pk':{'S':'c'},'due':{'N':'1700000010'}}");
    rig_write(&rig);
    rig_delete_text(&rig, rig_find(&rig, "t"), "{'pk':{'S':'c'}}");
    rig_commit(&rig);
    rig_check(&rig);
    rig.clock.now += 50000;
    rig_background(&rig, BACKGROUND_TTL, 1000);
    CHECK_EQ(items(&rig), 2);
    CHECK_EQ(next_due(&rig), 1700000090 * INT64_C(1000) + 1);
    rig_check(&rig);
    rig_close(&rig);
}

/* Rows of the former attribute are still there when the sweep comes: it goes by the item. */
static void test_ttl_stale(void **state)
{
    (void)state;
    struct rig rig;
    open_with_ttl(&rig);
    put(&rig, "{'pk':{'S':'a'},'due':{'N':'1700000010'}}");
    put(&rig, "{'pk':{'S':'b'},'due':{'N':'1700000010'},'other':{'N':'1700000020'}}");
    set_ttl(&rig, STR("other"));
    rig.clock.now += 15000;
    rig_background(&rig, BACKGROUND_TTL, 1000);
    CHECK_EQ(items(&rig), 2);
    rig.clock.now += 15000;
    rig_background(&rig, ALL_KINDS, 1000);
    CHECK_EQ(items(&rig), 1);
    rig_check(&rig);
    rig_close(&rig);
}

/* Enabled on a table with items, changed to another attribute, disabled: each in many small steps, with writes in between. */
static void test_ttl_passes(void **state)
{
    (void)state;
    struct rig rig;
    rig_open_directory(&rig);
    struct table_desc desc = table_of("t", VALUE_NULL);
    rig_create(&rig, &desc);
    put_many(&rig, 0, 300, ",'due':{'N':'1700000010'},'other':{'N':'1700000500'}");
    CHECK_EQ(next_due(&rig), INT64_MAX);
    set_ttl(&rig, STR("due"));
    CHECK(is_pending(&rig));
    int steps = 0;
    for (; step(&rig, ALL_KINDS); steps++) {
        put_many(&rig, 100 + steps, 101 + steps, ",'due':{'N':'1700000020'},'other':{'N':'1700000500'}");
        rig_check(&rig);
        rig_reopen(&rig);
    }
    CHECK(steps > 10);
    CHECK(!is_pending(&rig));
    rig_check(&rig);
    CHECK_EQ(next_due(&rig), 1700000010 * INT64_C(1000) + 1);
    set_ttl(&rig, STR("other"));
    for (steps = 0; step(&rig, ALL_KINDS); steps++) {
        put_many(&rig, steps, steps + 1, ",'due':{'N':'1700000020'},'other':{'N':'1700000400'}");
        rig_check(&rig);
    }
    CHECK(steps > 20);
    CHECK_EQ(next_due(&rig), 1700000400 * INT64_C(1000) + 1);
    rig_check(&rig);
    set_ttl(&rig, (struct str){NULL, 0});
    put_many(&rig, 0, 1, "");
    rig_background(&rig, ALL_KINDS, 0);
    CHECK_EQ(next_due(&rig), INT64_MAX);
    rig.clock.now += 1000000;
    rig_background(&rig, ALL_KINDS, 0);
    CHECK_EQ(items(&rig), 300);
    rig_check(&rig);
    rig_close(&rig);
}

static void add_index(struct rig *rig, const char *name, enum projection_kind projection)
{
    rig_write(rig);
    const struct table_desc *table = rig_find(rig, "t");
    struct index_desc indexes[LIMIT_GSI_PER_TABLE];
    size_t count = table->index_count;
    for (size_t i = 0; i < count; i++) {
        indexes[i] = table->indexes[i];
    }
    indexes[count] = index_of(name, "g", NULL, VALUE_S, projection);
    struct table_desc desc = *table;
    desc.indexes = indexes;
    desc.index_count = count + 1;
    OK(rig, table_replace(rig->txn, &desc, &rig->err));
    rig_commit(rig);
}

static void drop_indexes(struct rig *rig)
{
    rig_write(rig);
    struct table_desc desc = *rig_find(rig, "t");
    desc.index_count = 0;
    OK(rig, table_replace(rig->txn, &desc, &rig->err));
    rig_commit(rig);
}

static bool is_backfilling(struct rig *rig, size_t i)
{
    rig_read(rig);
    bool result = rig_find(rig, "t")->indexes[i].is_backfilling;
    rig_end(rig);
    return result;
}

static void test_backfill(void **state)
{
    (void)state;
    struct rig rig;
    rig_open_directory(&rig);
    struct table_desc desc = table_of("t", VALUE_NULL);
    rig_create(&rig, &desc);
    add_index(&rig, "empty", PROJECT_KEYS_ONLY);
    CHECK(!is_backfilling(&rig, 0));
    put_many(&rig, 0, 400, ",'x':{'S':'1'}");
    add_index(&rig, "filled", PROJECT_ALL);
    CHECK(is_backfilling(&rig, 1));
    CHECK(is_pending(&rig));
    int i = 0;
    for (; step(&rig, BACKGROUND_BACKFILL); i++) {
        CHECK(is_backfilling(&rig, 1) || i > 20);
        /* New, changed in place, moved, taken out of the index, deleted: before and behind the position. */
        put_many(&rig, 400 + i, 401 + i, "");
        put_many(&rig, 5 * i, 5 * i + 1, ",'x':{'S':'2'}");
        put_many(&rig, 5 * i + 1, 5 * i + 2, ",'x':{'S':'1'}");
        char text[80];
        rig_write(&rig);
        snprintf(text, sizeof(text), "{'pk':{'S':'p%d'},'g':{'S':'moved'}}", 5 * i + 2);
        rig_put_text(&rig, rig_find(&rig, "t"), text);
        snprintf(text, sizeof(text), "{'pk':{'S':'p%d'}}", 5 * i + 3);
        rig_put_text(&rig, rig_find(&rig, "t"), text);
        snprintf(text, sizeof(text), "{'pk':{'S':'p%d'}}", 399 - i);
        rig_delete_text(&rig, rig_find(&rig, "t"), text);
        rig_commit(&rig);
        rig_check(&rig);
        if (i % 5 == 4) {
            rig_reopen(&rig);
        }
    }
    CHECK(i > 20);
    CHECK(!is_backfilling(&rig, 1));
    rig_check(&rig);
    rig_read(&rig);
    const struct table_desc *table = rig_find(&rig, "t");
    CHECK_EQ(rig_count(&rig, table, &table->indexes[1]), rig_count(&rig, table, &table->indexes[0]));
    rig_end(&rig);
    rig_close(&rig);
}

/* Dropped while it is being filled, made again under the same name. */
static void test_backfill_dropped(void **state)
{
    (void)state;
    struct rig rig;
    rig_open_memory(&rig);
    struct table_desc desc = table_of("t", VALUE_NULL);
    rig_create(&rig, &desc);
    put_many(&rig, 0, 100, "");
    add_index(&rig, "i", PROJECT_ALL);
    CHECK(step(&rig, BACKGROUND_BACKFILL));
    drop_indexes(&rig);
    add_index(&rig, "i", PROJECT_ALL);
    rig_check(&rig);
    rig_background(&rig, ALL_KINDS, 0);
    rig_check(&rig);
    CHECK(!is_pending(&rig));
    rig_read(&rig);
    const struct table_desc *table = rig_find(&rig, "t");
    CHECK_EQ(rig_count(&rig, table, &table->indexes[0]), 100);
    rig_end(&rig);
    rig_write(&rig);
    table = rig_find(&rig, "t");
    OK(&rig, table_drop(rig.txn, table, &rig.err));
    rig_commit(&rig);
    rig_background(&rig, ALL_KINDS, 0);
    rig_check(&rig);
    rig_close(&rig);
}

static void test_reclaim(void **state)
{
    (void)state;
    struct rig rig;
    rig_open_directory(&rig);
    struct table_desc desc = table_of("t", VALUE_NULL);
    struct index_desc index = index_of("i", "g", NULL, VALUE_S, PROJECT_ALL);
    desc.indexes = &index;
    desc.index_count = 1;
    desc.ttl_attribute = STR("due");
    struct table_desc other = desc;
    other.name = STR("other");
    rig_create(&rig, &desc);
    rig_create(&rig, &other);
    put_many(&rig, 0, 200, ",'due':{'N':'1700000010'}");
    rig_write(&rig);
    rig_put_text(&rig, rig_find(&rig, "other"), "{'pk':{'S':'x'},'g':{'S':'g'},'due':{'N':'1700000010'}}");
    const struct table_desc *table = rig_find(&rig, "t");
    OK(&rig, table_drop(rig.txn, table, &rig.err));
    /* A table of the same name at once. */
    OK(&rig, table_create(rig.txn, &desc, &rig.err));
    rig_commit(&rig);
    put_many(&rig, 0, 10, "");
    CHECK(is_pending(&rig));
    rig_check(&rig);
    int steps = 0;
    for (; step(&rig, BACKGROUND_RECLAIM); steps++) {
        rig_check(&rig);
        if (steps % 10 == 3) {
            rig_reopen(&rig);
        }
    }
    CHECK(steps > 20);
    CHECK(!is_pending(&rig));
    CHECK_EQ(items(&rig), 10);
    rig_check(&rig);
    /* Nothing of the dropped one is due; the other table's item is. */
    rig.clock.now += 60000;
    rig_background(&rig, BACKGROUND_TTL, 0);
    CHECK_EQ(next_due(&rig), INT64_MAX);
    rig_read(&rig);
    CHECK_EQ(rig_count(&rig, rig_find(&rig, "other"), NULL), 0);
    rig_end(&rig);
    rig_check(&rig);
    rig_close(&rig);
}

/* Emptied and dropped in one transaction: its counters go too. */
static void test_reclaim_emptied(void **state)
{
    (void)state;
    struct rig rig;
    rig_open_memory(&rig);
    struct table_desc desc = table_of("t", VALUE_NULL);
    struct index_desc index = index_of("i", "g", NULL, VALUE_S, PROJECT_ALL);
    desc.indexes = &index;
    desc.index_count = 1;
    rig_create(&rig, &desc);
    put_many(&rig, 0, 3, "");
    rig_write(&rig);
    const struct table_desc *table = rig_find(&rig, "t");
    rig_delete_text(&rig, table, "{'pk':{'S':'p0'}}");
    rig_delete_text(&rig, table, "{'pk':{'S':'p1'}}");
    rig_delete_text(&rig, table, "{'pk':{'S':'p2'}}");
    OK(&rig, table_drop(rig.txn, table, &rig.err));
    rig_commit(&rig);
    CHECK(!is_pending(&rig));
    rig_check(&rig);
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ttl_values), cmocka_unit_test(test_ttl_changes),      cmocka_unit_test(test_ttl_passes),
        cmocka_unit_test(test_ttl_stale),
        cmocka_unit_test(test_reclaim_emptied),
        cmocka_unit_test(test_backfill),   cmocka_unit_test(test_backfill_dropped), cmocka_unit_test(test_reclaim),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
