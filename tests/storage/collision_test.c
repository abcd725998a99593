/* SPDX-License-Identifier: Apache-2.0 */
/* collision_test.c — two partitions with one MD5, which anybody can make on purpose: H16 is shortened to nothing here, so all
 * partitions collide. No item is ever mistaken for another, none is overwritten. */
#include "tests/storage/rig.h"

#include "storage/txn.h"

static void open_colliding(struct rig *rig, enum value_type range)
{
    struct table_desc desc = table_of("t", range);
    struct index_desc index = index_of("i", "g", "h", VALUE_S, PROJECT_ALL);
    desc.indexes = &index;
    desc.index_count = 1;
    rig_init(rig);
    OK(rig, store_open(&rig->options, &rig->store, &rig->err));
    store_set_partition_bytes(rig->store, 0);
    rig->reader = reader_new(rig->store);
    rig_create(rig, &desc);
}

static void test_items(void **state)
{
    (void)state;
    struct rig rig;
    open_colliding(&rig, VALUE_NULL);
    rig_write(&rig);
    const struct table_desc *table = rig_find(&rig, "t");
    rig_put_text(&rig, table, "{'pk':{'S':'a'},'x':{'S':'mine'}}");
    rig_commit(&rig);

    rig_write(&rig);
    table = rig_find(&rig, "t");
    const struct value *stranger = rig_item(&rig, "{'pk':{'S':'b'},'x':{'S':'other'}}");
    struct stored old = rig_get(&rig, table, rig_key(&rig, table, stranger));
    struct change change;
    CHECK(!stored_exists(&old));
    OK(&rig, change_plan(rig.txn, table, rig_key(&rig, table, stranger), &old, stranger, CAUSE_USER, &rig.arena, &change,
                         &rig.err));
    CHECK(!change_apply(rig.txn, &change, &rig.err));
    CHECK_EQ(rig.err.kind, ERR_INTERNAL);
    err_clear(&rig.err);
    txn_abort(rig.txn);

    rig_write(&rig);
    table = rig_find(&rig, "t");
    change = rig_delete_text(&rig, table, "{'pk':{'S':'b'}}");
    CHECK(change.is_same);
    old = rig_get(&rig, table, rig_item(&rig, "{'pk':{'S':'a'}}"));
    CHECK_STR(old.text, rig_text(&rig, "{'pk':{'S':'a'},'x':{'S':'mine'}}"));
    rig_commit(&rig);
    rig_check(&rig);
    rig_close(&rig);
}

static size_t count_query(struct rig *rig, const struct index_desc *index, const char *partition, bool is_reverse)
{
    struct value value = value_s(partition);
    const struct query query = {
        .table = rig_find(rig, "t"), .index = index, .partition = {&value}, .is_reverse = is_reverse};
    struct cursor *cursor = NULL;
    struct stored row;
    size_t count = 0;
    OK(rig, cursor_query(rig->txn, &query, &rig->arena, &cursor, &rig->err));
    for (OK(rig, cursor_next(cursor, &row, &rig->err)); stored_exists(&row); count++) {
        const struct json *json = NULL;
        CHECK(json_parse(row.text, &rig->arena, &json));
        struct str name = index == NULL ? STR("pk") : STR("g");
        CHECK_STR(json_str(json_get(json_get(json, name), STR("S"))), value.str);
        OK(rig, cursor_next(cursor, &row, &rig->err));
    }
    return count;
}

/* Partitions interleaved in one range of rows, with short and with cut sort keys: a query gives its own. */
static void test_queries(void **state)
{
    (void)state;
    struct rig rig;
    open_colliding(&rig, VALUE_S);
    rig_write(&rig);
    const struct table_desc *table = rig_find(&rig, "t");
    static char pad[701];
    memset(pad, 'y', 700);
    for (int i = 0; i < 90; i++) {
        char item[1000];
        const char *more = i % 2 == 0 ? pad : "";
        snprintf(item, sizeof(item), "{'pk':{'S':'p%d'},'sk':{'S':'%s%d'},'g':{'S':'g%d'},'h':{'S':'%d'}}", i % 3, more, i, i % 5,
                 i % 4);
        rig_put_text(&rig, table, item);
    }
    rig_commit(&rig);
    rig_check(&rig);
    rig_read(&rig);
    table = rig_find(&rig, "t");
    for (int reverse = 0; reverse < 2; reverse++) {
        CHECK_EQ(count_query(&rig, NULL, "p0", reverse == 1), 30);
        CHECK_EQ(count_query(&rig, NULL, "p2", reverse == 1), 30);
        CHECK_EQ(count_query(&rig, NULL, "p3", reverse == 1), 0);
        CHECK_EQ(count_query(&rig, &table->indexes[0], "g4", reverse == 1), 18);
    }
    CHECK_EQ(rig_count(&rig, table, NULL), 90);
    rig_end(&rig);
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_items),
        cmocka_unit_test(test_queries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
