/* SPDX-License-Identifier: Apache-2.0 */
/* change_test.c — one item changes: what is stored, what each index holds afterwards, and what the change says of itself (capacity is
 * reckoned from that). */
#include "tests/storage/rig.h"

/* Table t (pk, sk N) with three indexes: all (g → h S), keys (g), some (g, INCLUDE x). */
static void open_with_indexes(struct rig *rig)
{
    const struct str included[] = {STR("x")};
    struct index_desc indexes[] = {
        index_of("all", "g", "h", VALUE_S, PROJECT_ALL),
        index_of("keys", "g", NULL, VALUE_S, PROJECT_KEYS_ONLY),
        index_of("some", "g", NULL, VALUE_S, PROJECT_INCLUDE),
    };
    indexes[2].included = included;
    indexes[2].included_count = 1;
    rig_open_memory(rig);
    struct table_desc desc = table_of("t", VALUE_N);
    desc.indexes = indexes;
    desc.index_count = 3;
    rig_create(rig, &desc);
    rig_write(rig);
}

static void check_index(struct rig *rig, const char *index, const char *want)
{
    const struct table_desc *table = rig_find(rig, "t");
    CHECK_STR(rig_scan(rig, table, table_index(table, str_from(index))), rig_text(rig, want));
}

static void finish(struct rig *rig)
{
    rig_commit(rig);
    rig_check(rig);
    rig_close(rig);
}

/* old size, new size, key changed, content changed. */
static void check_change(const struct index_change *got, size_t old_size, size_t new_size, bool key, bool content)
{
    CHECK_EQ(got->old_size_bytes, old_size);
    CHECK_EQ(got->new_size_bytes, new_size);
    CHECK_EQ(got->is_key_changed, key);
    CHECK_EQ(got->is_content_changed, content);
}

static void test_stored_form(void **state)
{
    (void)state;
    struct rig rig;
    open_with_indexes(&rig);
    const struct table_desc *table = rig_find(&rig, "t");
    struct change change = rig_put_text(
        &rig, table, "{'z':{'NS':['10','9']},'sk':{'N':'+1.0'},'a':{'S':'\\u00e9\\n'},'pk':{'S':'p'},'g':{'S':'G'},'h':{'S':'H'}}");
    struct str want = rig_text(&rig, "{'pk':{'S':'p'},'sk':{'N':'1'},'a':{'S':'\xC3\xA9\\n'},'g':{'S':'G'},"
                                     "'h':{'S':'H'},'z':{'NS':['9','10']}}");
    CHECK_STR(change.new.text, want);
    CHECK(change.new.has_number_set);
    CHECK_EQ(change.new.size_bytes, 3 + 4 + 4 + 2 + 2 + 5);
    struct stored stored = rig_get(&rig, table, rig_item(&rig, "{'pk':{'S':'p'},'sk':{'N':'1'}}"));
    CHECK_STR(stored.text, want);
    CHECK_EQ(stored.key_end, change.new.key_end);
    CHECK_STR(str_of(stored.text.p, stored.key_end), rig_text(&rig, "{'pk':{'S':'p'},'sk':{'N':'1'}"));
    check_index(&rig, "all", "{'pk':{'S':'p'},'sk':{'N':'1'},'g':{'S':'G'},'h':{'S':'H'},'a':{'S':'\xC3\xA9\\n'},"
                             "'z':{'NS':['9','10']}}");
    check_index(&rig, "keys", "{'pk':{'S':'p'},'sk':{'N':'1'},'g':{'S':'G'}}");
    check_index(&rig, "some", "{'pk':{'S':'p'},'sk':{'N':'1'},'g':{'S':'G'}}");
    CHECK(!stored_exists(&stored) || !change.is_same);
    stored = rig_get(&rig, table, rig_item(&rig, "{'pk':{'S':'p'},'sk':{'N':'2'}}"));
    CHECK(!stored_exists(&stored));
    finish(&rig);
}

static void test_index_changes(void **state)
{
    (void)state;
    struct rig rig;
    open_with_indexes(&rig);
    const struct table_desc *table = rig_find(&rig, "t");
    /* Base: pk 3, sk 4. Not in an index without g. */
    struct change change = rig_put_text(&rig, table, "{'pk':{'S':'p'},'sk':{'N':'1'},'x':{'S':'12'}}");
    CHECK_EQ(change.index_count, 3);
    for (size_t i = 0; i < 3; i++) {
        check_change(&change.indexes[i], 0, 0, false, false);
    }
    /* Enters the two without a RANGE. */
    change = rig_put_text(&rig, table, "{'pk':{'S':'p'},'sk':{'N':'1'},'x':{'S':'12'},'g':{'S':'G'}}");
    check_change(&change.indexes[0], 0, 0, false, false);
    check_change(&change.indexes[1], 0, 9, false, false);
    check_change(&change.indexes[2], 0, 12, false, false);
    CHECK(change.indexes[1].index == &table->indexes[1]);
    /* Something that only ALL would see, were it in it. */
    change = rig_put_text(&rig, table, "{'pk':{'S':'p'},'sk':{'N':'1'},'x':{'S':'12'},'g':{'S':'G'},'y':{'S':'1'}}");
    check_change(&change.indexes[0], 0, 0, false, false);
    check_change(&change.indexes[1], 9, 9, false, false);
    check_change(&change.indexes[2], 12, 12, false, false);
    /* The included attribute. */
    change = rig_put_text(&rig, table, "{'pk':{'S':'p'},'sk':{'N':'1'},'x':{'S':'123'},'g':{'S':'G'},'h':{'S':'H'}}");
    check_change(&change.indexes[0], 0, 9 + 2 + 4, false, false);
    check_change(&change.indexes[1], 9, 9, false, false);
    check_change(&change.indexes[2], 12, 13, false, true);
    check_index(&rig, "some", "{'pk':{'S':'p'},'sk':{'N':'1'},'g':{'S':'G'},'x':{'S':'123'}}");
    /* Another key. */
    change = rig_put_text(&rig, table, "{'pk':{'S':'p'},'sk':{'N':'1'},'x':{'S':'123'},'g':{'S':'G2'},'h':{'S':'H'}}");
    check_change(&change.indexes[0], 15, 16, true, false);
    check_change(&change.indexes[1], 9, 10, true, false);
    check_change(&change.indexes[2], 13, 14, true, false);
    check_index(&rig, "keys", "{'pk':{'S':'p'},'sk':{'N':'1'},'g':{'S':'G2'}}");
    /* Leaves by a wrong type. */
    change = rig_put_text(&rig, table, "{'pk':{'S':'p'},'sk':{'N':'1'},'x':{'S':'123'},'g':{'S':'G2'},'h':{'N':'1'}}");
    check_change(&change.indexes[0], 16, 0, false, false);
    check_change(&change.indexes[1], 10, 10, false, false);
    check_index(&rig, "all", "");
    /* And altogether. */
    change = rig_delete_text(&rig, table, "{'pk':{'S':'p'},'sk':{'N':'1'}}");
    check_change(&change.indexes[0], 0, 0, false, false);
    check_change(&change.indexes[1], 10, 0, false, false);
    check_change(&change.indexes[2], 14, 0, false, false);
    check_index(&rig, "keys", "");
    CHECK_EQ(table_stats(rig.txn, table->id).items, 0);
    CHECK_EQ(table_stats(rig.txn, table->id).bytes, 0);
    CHECK_EQ(table_stats(rig.txn, table->indexes[2].id).bytes, 0);
    finish(&rig);
}

static void test_same(void **state)
{
    (void)state;
    struct rig rig;
    open_with_indexes(&rig);
    const struct table_desc *table = rig_find(&rig, "t");
    struct change change = rig_put_text(&rig, table, "{'pk':{'S':'p'},'sk':{'N':'1'},'s':{'SS':['b','a']}}");
    CHECK(!change.is_same);
    change = rig_put_text(&rig, table, "{'s':{'SS':['a','b']},'sk':{'N':'1.0'},'pk':{'S':'p'}}");
    CHECK(change.is_same);
    CHECK(stored_exists(&change.old) && stored_exists(&change.new));
    change = rig_delete_text(&rig, table, "{'pk':{'S':'nobody'},'sk':{'N':'1'}}");
    CHECK(change.is_same);
    CHECK(!stored_exists(&change.old) && !stored_exists(&change.new));
    CHECK_EQ(table_stats(rig.txn, table->id).items, 1);
    finish(&rig);
}

/* Key attributes named and filled with everything that JSON escapes. */
static void test_odd_names(void **state)
{
    (void)state;
    struct rig rig;
    rig_open_memory(&rig);
    struct table_desc desc = {.name = STR("t")};
    desc.key.hash[desc.key.hash_count++] = part("p\"\\\n", VALUE_S);
    desc.key.range[desc.key.range_count++] = part("", VALUE_B);
    struct index_desc index = index_of("i", "}{", "\"", VALUE_S, PROJECT_KEYS_ONLY);
    desc.indexes = &index;
    desc.index_count = 1;
    rig_create(&rig, &desc);
    rig_write(&rig);
    const struct table_desc *table = rig_find(&rig, "t");
    struct member members[] = {
        {STR(""), value_b(STR("\x01\"}"))},
        {STR("\""), value_s("\",\"")},
        {STR("p\"\\\n"), value_s("\\\"\x01")},
        {STR("}{"), value_s("\"}},{\\")},
    };
    const struct value item = {.type = VALUE_M, .count = 4, .members = members};
    rig_put(&rig, table, &item);
    struct stored stored = rig_get(&rig, table, rig_key(&rig, table, &item));
    CHECK(stored_exists(&stored));
    struct value partition = members[3].value;
    const struct query query = {.table = table, .index = &table->indexes[0], .partition = {&partition}};
    struct cursor *cursor = NULL;
    OK(&rig, cursor_query(rig.txn, &query, &rig.arena, &cursor, &rig.err));
    OK(&rig, cursor_next(cursor, &stored, &rig.err));
    CHECK(stored_exists(&stored));
    OK(&rig, cursor_next(cursor, &stored, &rig.err));
    CHECK(!stored_exists(&stored));
    finish(&rig);
}

/* The largest item: 400 KB of the numbers that need most text. */
static void test_large(void **state)
{
    (void)state;
    enum { COUNT = 130000 };
    struct rig rig;
    rig_init(&rig);
    rig.options.memory_step_bytes = 128 << 20;
    rig_reopen(&rig);
    struct table_desc desc = table_of("t", VALUE_NULL);
    struct index_desc index = index_of("i", "g", NULL, VALUE_S, PROJECT_ALL);
    desc.indexes = &index;
    desc.index_count = 1;
    rig_create(&rig, &desc);
    rig_write(&rig);
    const struct table_desc *table = rig_find(&rig, "t");
    struct value *elements = arena_array(&rig.arena, struct value, COUNT);
    struct value longest = value_n(&rig, "1E-130");
    for (size_t i = 0; i < COUNT; i++) {
        elements[i] = longest;
    }
    struct member members[] = {
        {STR("g"), value_s("g")},
        {STR("l"), {.type = VALUE_L, .count = COUNT, .elements = elements}},
        {STR("pk"), value_s("p")},
    };
    const struct value item = {.type = VALUE_M, .count = 3, .members = members};
    CHECK(item_size(&item) < LIMIT_ITEM_BYTES && item_size(&item) > LIMIT_ITEM_BYTES - 20000);
    struct change change = rig_put(&rig, table, &item);
    CHECK(change.new.text.n > 17000000);
    change = rig_put(&rig, table, &item);
    CHECK(change.is_same);
    CHECK_EQ(rig_count(&rig, table, &table->indexes[0]), 1);
    rig_delete_text(&rig, table, "{'pk':{'S':'p'}}");
    CHECK_EQ(rig_count(&rig, table, &table->indexes[0]), 0);
    finish(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stored_form), cmocka_unit_test(test_index_changes), cmocka_unit_test(test_same),
        cmocka_unit_test(test_odd_names),     cmocka_unit_test(test_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
