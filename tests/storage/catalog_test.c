/* SPDX-License-Identifier: Apache-2.0 */
/* catalog_test.c — tables and namespaces: made, changed, dropped, listed, found again after a restart, seen by the right transactions. */
#include "tests/storage/rig.h"

static struct table_desc full_desc(struct index_desc *indexes, const struct str *included)
{
    struct table_desc desc = table_of("full", VALUE_N);
    indexes[0] = index_of("all", "a", "b", VALUE_B, PROJECT_ALL);
    indexes[1] = index_of("keys", "c", NULL, VALUE_S, PROJECT_KEYS_ONLY);
    indexes[1].is_global = false;
    indexes[2] = index_of("some \"quoted\"", "d", "e", VALUE_S, PROJECT_INCLUDE);
    indexes[2].included = included;
    indexes[2].included_count = 2;
    desc.indexes = indexes;
    desc.index_count = 3;
    desc.ttl_attribute = STR("due");
    desc.is_journalled = true;
    return desc;
}

static void check_full(const struct table_desc *table, const struct table_desc *want)
{
    CHECK(table != NULL);
    CHECK_STR(table->name, want->name);
    CHECK_STR(table->settings, want->settings);
    CHECK_STR(table->ttl_attribute, want->ttl_attribute);
    CHECK(table->is_journalled);
    CHECK_EQ(table->key.hash_count, 1);
    CHECK_STR(table->key.range[0].name, STR("sk"));
    CHECK_EQ(table->key.range[0].type, VALUE_N);
    CHECK_EQ(table->index_count, 3);
    CHECK(table->id != 0);
    for (size_t i = 0; i < 3; i++) {
        const struct index_desc *got = &table->indexes[i];
        const struct index_desc *index = &want->indexes[i];
        CHECK(got->id > table->id);
        CHECK(!got->is_backfilling);
        CHECK_STR(got->name, index->name);
        CHECK_EQ(got->is_global, index->is_global);
        CHECK_EQ(got->projection, index->projection);
        CHECK_EQ(got->key.range_count, index->key.range_count);
        CHECK_STR(got->key.hash[0].name, index->key.hash[0].name);
        CHECK_EQ(got->included_count, index->included_count);
        CHECK(table_index(table, index->name) == got);
    }
    CHECK_STR(table->indexes[2].included[1], STR("g\xC3\xBC"));
}

static void test_round_trip(void **state)
{
    (void)state;
    struct rig rig;
    struct index_desc indexes[3];
    const struct str included[] = {STR("f"), STR("g\xC3\xBC")};
    rig_open_directory(&rig);
    struct table_desc desc = full_desc(indexes, included);
    rig_create(&rig, &desc);
    for (int i = 0; i < 2; i++) {
        rig_read(&rig);
        check_full(rig_find(&rig, "full"), &desc);
        CHECK(table_index(rig_find(&rig, "full"), STR("none")) == NULL);
        rig_end(&rig);
        rig_reopen(&rig);
    }
    rig_close(&rig);
}

/* Its own changes are seen by a write transaction at once, by others after the commit. */
static void test_visibility(void **state)
{
    (void)state;
    struct rig rig;
    struct txn *write = NULL;
    rig_open_memory(&rig);
    struct table_desc desc = table_of("t", VALUE_NULL);
    OK(&rig, txn_begin_write(rig.store, &write, &rig.err));
    OK(&rig, table_create(write, &desc, &rig.err));
    const struct table_desc *made = table_find(write, 0, STR("t"));
    CHECK(made != NULL);
    rig_read(&rig);
    CHECK(rig_find(&rig, "t") == NULL);
    OK(&rig, txn_commit(write, &rig.err));
    CHECK(rig_find(&rig, "t") == NULL);
    rig_end(&rig);

    rig_read(&rig);
    const struct table_desc *seen = rig_find(&rig, "t");
    CHECK(seen != NULL && seen->ttl_attribute.p == NULL);
    OK(&rig, txn_begin_write(rig.store, &write, &rig.err));
    struct table_desc changed = *table_find(write, 0, STR("t"));
    changed.settings = STR("one");
    OK(&rig, table_replace(write, &changed, &rig.err));
    changed.settings = STR("two");
    OK(&rig, table_replace(write, &changed, &rig.err));
    CHECK_STR(table_find(write, 0, STR("t"))->settings, STR("two"));
    OK(&rig, txn_commit(write, &rig.err));
    /* The reader's descriptor lives as long as its transaction. */
    CHECK_STR(seen->settings, desc.settings);
    rig_end(&rig);
    rig_read(&rig);
    CHECK_STR(rig_find(&rig, "t")->settings, STR("two"));
    rig_end(&rig);

    OK(&rig, txn_begin_write(rig.store, &write, &rig.err));
    OK(&rig, table_drop(write, table_find(write, 0, STR("t")), &rig.err));
    CHECK(table_find(write, 0, STR("t")) == NULL);
    OK(&rig, table_create(write, &desc, &rig.err));
    OK(&rig, table_drop(write, table_find(write, 0, STR("t")), &rig.err));
    OK(&rig, txn_commit(write, &rig.err));
    rig_read(&rig);
    CHECK(rig_find(&rig, "t") == NULL);
    rig_end(&rig);
    rig_check(&rig);
    rig_close(&rig);
}

struct list {
    struct buf names;
    size_t left;
};

static bool add_name(void *context, const struct table_desc *table)
{
    struct list *list = context;
    buf_add_str(&list->names, table->name);
    buf_add_byte(&list->names, ' ');
    return --list->left > 0;
}

static void check_list(struct rig *rig, uint32_t namespace_id, struct str after, size_t limit, const char *want)
{
    struct list list = {.left = limit};
    buf_init(&list.names, 1 << 20);
    table_visit(rig->txn, namespace_id, after, add_name, &list);
    CHECK_STR(str_of(list.names.p, list.names.n), str_from(want));
    buf_release(&list.names);
}

static void test_namespaces(void **state)
{
    (void)state;
    struct rig rig;
    rig_open_directory(&rig);
    uint32_t one = 0;
    uint32_t two = 0;
    uint32_t again = 0;
    rig_read(&rig);
    OK(&rig, namespace_find(rig.txn, STR("key"), STR("eu"), &one, &rig.err));
    CHECK_EQ(one, NAMESPACE_NONE);
    CHECK(table_find(rig.txn, one, STR("t")) == NULL);
    rig_end(&rig);
    rig_write(&rig);
    OK(&rig, namespace_find(rig.txn, STR("key"), STR("eu"), &one, &rig.err));
    OK(&rig, namespace_find(rig.txn, STR("key"), STR("us"), &two, &rig.err));
    OK(&rig, namespace_find(rig.txn, STR("key"), STR("eu"), &again, &rig.err));
    CHECK(one != NAMESPACE_SHARED && one != NAMESPACE_NONE && one != two && one == again);
    static const char *const names[] = {"b", "a", "a-long", "c"};
    for (size_t i = 0; i < 4; i++) {
        struct table_desc desc = table_of(names[i], VALUE_NULL);
        desc.namespace_id = one;
        OK(&rig, table_create(rig.txn, &desc, &rig.err));
    }
    rig_commit(&rig);
    rig_reopen(&rig);
    rig_read(&rig);
    OK(&rig, namespace_find(rig.txn, STR("key"), STR("eu"), &again, &rig.err));
    CHECK_EQ(again, one);
    check_list(&rig, one, (struct str){NULL, 0}, 100, "a a-long b c ");
    check_list(&rig, one, STR("a"), 2, "a-long b ");
    check_list(&rig, one, STR("aa"), 100, "b c ");
    check_list(&rig, one, STR("c"), 100, "");
    check_list(&rig, two, (struct str){NULL, 0}, 100, "");
    check_list(&rig, 0, (struct str){NULL, 0}, 100, "");
    struct str access_key;
    struct str region;
    CHECK(table_elsewhere(rig.txn, two, STR("b"), &access_key, &region));
    CHECK_STR(access_key, STR("key"));
    CHECK_STR(region, STR("eu"));
    CHECK(table_elsewhere(rig.txn, two, (struct str){NULL, 0}, &access_key, &region));
    CHECK(!table_elsewhere(rig.txn, two, STR("x"), &access_key, &region));
    CHECK(!table_elsewhere(rig.txn, one, STR("b"), &access_key, &region));
    CHECK(table_find(rig.txn, two, STR("b")) == NULL);
    rig_end(&rig);
    rig_close(&rig);
}

/* Ids are never given twice, also not after a restart. */
static void test_ids(void **state)
{
    (void)state;
    struct rig rig;
    uint32_t last = 0;
    rig_open_directory(&rig);
    for (int i = 0; i < 5; i++) {
        struct table_desc desc = table_of("t", VALUE_NULL);
        rig_create(&rig, &desc);
        rig_write(&rig);
        const struct table_desc *table = rig_find(&rig, "t");
        CHECK(table->id > last);
        last = table->id;
        rig_put_text(&rig, table, "{'pk':{'S':'a'}}");
        OK(&rig, table_drop(rig.txn, table, &rig.err));
        rig_commit(&rig);
        rig_check(&rig);
        rig_reopen(&rig);
    }
    rig_background(&rig, BACKGROUND_RECLAIM, 1000);
    rig_check(&rig);
    rig_close(&rig);
}

static void test_many_tables(void **state)
{
    (void)state;
    struct rig rig;
    char name[16];
    rig_open_memory(&rig);
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof(name), "table-%d", i);
        struct table_desc desc = table_of(name, VALUE_NULL);
        rig_create(&rig, &desc);
    }
    for (int i = 0; i < 1000; i += 2) {
        rig_write(&rig);
        snprintf(name, sizeof(name), "table-%d", i);
        OK(&rig, table_drop(rig.txn, rig_find(&rig, name), &rig.err));
        rig_commit(&rig);
    }
    rig_read(&rig);
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof(name), "table-%d", i);
        CHECK((rig_find(&rig, name) != NULL) == (i % 2 == 1));
    }
    rig_end(&rig);
    rig_close(&rig);
}

static void test_key_names(void **state)
{
    (void)state;
    struct table_desc desc = table_of("t", VALUE_S);
    struct index_desc index = index_of("i", "sk", "pk", VALUE_S, PROJECT_ALL);
    struct str names[KEY_NAMES_MAX];
    CHECK_EQ(table_key_names(&desc, NULL, names), 2);
    CHECK_EQ(table_key_names(&desc, &index, names), 2);
    index.key.hash[index.key.hash_count++] = part("x", VALUE_N);
    CHECK_EQ(table_key_names(&desc, &index, names), 3);
    CHECK_STR(names[2], STR("x"));
    CHECK(key_schema_has(&index.key, STR("x")));
    CHECK(!key_schema_has(&desc.key, STR("x")));
    CHECK_EQ(key_schema_part(&index.key, STR("x"))->type, VALUE_N);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_visibility),  cmocka_unit_test(test_namespaces),
        cmocka_unit_test(test_ids),        cmocka_unit_test(test_many_tables), cmocka_unit_test(test_key_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
