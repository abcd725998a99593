/* SPDX-License-Identifier: Apache-2.0 */
/* journal_test.c — what is recorded of changes, for how long. */
#include "tests/storage/rig.h"

#include "storage/journal.h"

static void open_journalled(struct rig *rig)
{
    struct table_desc desc = table_of("t", VALUE_NULL);
    desc.is_journalled = true;
    desc.ttl_attribute = STR("due");
    rig_open_directory(rig);
    rig_create(rig, &desc);
    desc.name = STR("silent");
    desc.is_journalled = false;
    rig_create(rig, &desc);
}

static bool next(struct rig *rig, struct journal_iter *iter, struct journal_record *record)
{
    bool found = false;
    OK(rig, journal_next(iter, record, &found, &rig->err));
    return found;
}

static size_t count_records(struct rig *rig, uint32_t table_id)
{
    struct journal_record record;
    size_t count = 0;
    uint64_t last = 0;
    rig_read(rig);
    struct journal_iter iter = journal_after(rig->txn, table_id, 0);
    while (next(rig, &iter, &record)) {
        CHECK(record.sequence > last);
        last = record.sequence;
        count++;
    }
    rig_end(rig);
    return count;
}

static uint32_t id_of(struct rig *rig, const char *name)
{
    rig_read(rig);
    uint32_t id = rig_find(rig, name)->id;
    rig_end(rig);
    return id;
}

static void test_records(void **state)
{
    (void)state;
    struct rig rig;
    struct journal_record record;
    open_journalled(&rig);
    rig_write(&rig);
    const struct table_desc *table = rig_find(&rig, "t");
    rig_put_text(&rig, table, "{'pk':{'S':'a'},'n':{'NS':['2','1']}}");
    rig_put_text(&rig, table, "{'pk':{'S':'a'},'n':{'NS':['1','2']}}"); /* the same: no record */
    rig_put_text(&rig, table, "{'pk':{'S':'a'},'due':{'N':'1700000000'}}");
    rig_delete_text(&rig, table, "{'pk':{'S':'nobody'}}");
    rig_put_text(&rig, rig_find(&rig, "silent"), "{'pk':{'S':'a'}}");
    rig_commit(&rig);
    rig.clock.now += 1000;
    rig_background(&rig, BACKGROUND_TTL, 1000);
    rig_reopen(&rig);

    rig_read(&rig);
    struct journal_iter iter = journal_after(rig.txn, rig_find(&rig, "t")->id, 0);
    CHECK(next(&rig, &iter, &record));
    CHECK_STR(record.key, rig_text(&rig, "{'pk':{'S':'a'}}"));
    CHECK(!stored_exists(&record.old));
    CHECK_STR(record.new.text, rig_text(&rig, "{'pk':{'S':'a'},'n':{'NS':['1','2']}}"));
    CHECK(record.new.has_number_set);
    CHECK_EQ(record.new.size_bytes, 3 + 1 + 4);
    CHECK_EQ(record.time_ms, RIG_NOW_MS);
    CHECK_EQ(record.cause, CAUSE_USER);
    CHECK(record.sequence >= (uint64_t)RIG_NOW_MS * 1000);
    uint64_t first = record.sequence;

    CHECK(next(&rig, &iter, &record));
    CHECK(stored_exists(&record.old) && record.old.has_number_set && !record.new.has_number_set);
    CHECK_STR(record.new.text, rig_text(&rig, "{'pk':{'S':'a'},'due':{'N':'1700000000'}}"));
    CHECK(record.sequence > first);

    CHECK(next(&rig, &iter, &record));
    CHECK_EQ(record.cause, CAUSE_TTL);
    CHECK_STR(record.key, rig_text(&rig, "{'pk':{'S':'a'}}"));
    CHECK(stored_exists(&record.old) && !stored_exists(&record.new));
    CHECK_EQ(record.time_ms, RIG_NOW_MS + 1000);
    CHECK(!next(&rig, &iter, &record));

    iter = journal_after(rig.txn, rig_find(&rig, "t")->id, first);
    CHECK(next(&rig, &iter, &record));
    CHECK(record.sequence > first);
    rig_end(&rig);
    CHECK_EQ(count_records(&rig, id_of(&rig, "silent")), 0);
    rig_check(&rig);
    rig_close(&rig);
}

static int64_t next_due(struct rig *rig)
{
    int64_t due = 0;
    rig_read(rig);
    OK(rig, background_next_due_ms(rig->txn, &due, &rig->err));
    rig_end(rig);
    return due;
}

/* A day later they go, those of dropped tables too; sequences go on. */
static void test_trim(void **state)
{
    (void)state;
    struct rig rig;
    bool pending = true;
    open_journalled(&rig);
    uint32_t id = id_of(&rig, "t");
    rig_background(&rig, BACKGROUND_RECLAIM, 1000);
    for (int i = 0; i < 600; i++) {
        char item[60];
        rig_write(&rig);
        snprintf(item, sizeof(item), "{'pk':{'S':'p%d'}}", i);
        rig_put_text(&rig, rig_find(&rig, "t"), item);
        rig_commit(&rig);
        rig.clock.now += 1000;
    }
    CHECK_EQ(count_records(&rig, id), 600);
    rig_write(&rig);
    OK(&rig, table_drop(rig.txn, rig_find(&rig, "t"), &rig.err));
    rig_commit(&rig);
    rig_background(&rig, BACKGROUND_RECLAIM, 1000);
    CHECK_EQ(count_records(&rig, id), 600);
    rig.clock.now = RIG_NOW_MS + JOURNAL_KEPT_MS + 100 * 1000;
    rig_background(&rig, BACKGROUND_RECLAIM, 1000);
    CHECK_EQ(count_records(&rig, id), 500);
    rig_read(&rig);
    OK(&rig, background_is_pending(rig.txn, &pending, &rig.err));
    CHECK(!pending);
    rig.clock.now += 2000;
    OK(&rig, background_is_pending(rig.txn, &pending, &rig.err));
    CHECK(pending);
    rig_end(&rig);
    rig_reopen(&rig);
    CHECK_EQ(next_due(&rig), 0); /* not known before somebody looks */
    rig_background(&rig, BACKGROUND_RECLAIM, 1000);
    CHECK_EQ(count_records(&rig, id), 498);
    CHECK_EQ(next_due(&rig), RIG_NOW_MS + 102 * 1000 + JOURNAL_KEPT_MS + 1);
    rig.clock.now += JOURNAL_KEPT_MS;
    rig_background(&rig, BACKGROUND_RECLAIM, 1000);
    CHECK_EQ(count_records(&rig, id), 0);
    CHECK_EQ(next_due(&rig), INT64_MAX);
    rig_check(&rig);
    rig_close(&rig);
}

/* A clock that was set back does not turn the order round. */
static void test_sequences(void **state)
{
    (void)state;
    struct rig rig;
    open_journalled(&rig);
    for (int i = 0; i < 20; i++) {
        char item[60];
        rig_write(&rig);
        for (int k = 0; k < 3; k++) {
            snprintf(item, sizeof(item), "{'pk':{'S':'p%d'},'n':{'N':'%d'}}", k, i);
            rig_put_text(&rig, rig_find(&rig, "t"), item);
        }
        rig_commit(&rig);
        rig.clock.now += i % 2 == 0 ? -50000 : 20000;
    }
    CHECK_EQ(count_records(&rig, id_of(&rig, "t")), 60);
    struct journal_record record;
    rig_read(&rig);
    struct journal_iter iter = journal_after(rig.txn, rig_find(&rig, "t")->id, 0);
    for (int i = 0; next(&rig, &iter, &record); i++) {
        char want[60];
        snprintf(want, sizeof(want), "{'pk':{'S':'p%d'},'n':{'N':'%d'}}", i % 3, i / 3);
        CHECK_STR(record.new.text, rig_text(&rig, want));
    }
    rig_end(&rig);
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_trim),
        cmocka_unit_test(test_sequences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
