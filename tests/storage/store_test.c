/* SPDX-License-Identifier: Apache-2.0 */
/* store_test.c — opening, closing, what goes wrong with directories, growing, full disks. */
#include "tests/storage/rig.h"

#include "storage/lmdb.h"

#include <fcntl.h>
#include <sys/stat.h>

static const struct value *numbered(struct rig *rig, unsigned i, size_t pad_n)
{
    char *text = arena_alloc(&rig->arena, pad_n + 80);
    int n = snprintf(text, 80, "{'pk':{'S':'p%u'},'pad':{'S':'", i);
    memset(text + n, 'x', pad_n);
    snprintf(text + (size_t)n + pad_n, 8, "'}}");
    return rig_item(rig, text);
}

static void expect_refusal(struct rig *rig, const char *part_of_message)
{
    struct store *store = NULL;
    err_clear(&rig->err);
    CHECK(!store_open(&rig->options, &store, &rig->err));
    CHECK_EQ(rig->err.kind, ERR_INTERNAL);
    struct str message = rig->err.message;
    if (memmem(message.p, message.n, part_of_message, strlen(part_of_message)) == NULL) {
        print_error("\"%.*s\" does not contain \"%s\"\n", STR_ARG(message), part_of_message);
        fail();
    }
    CHECK(memchr(message.p, '\n', message.n) == NULL);
    err_clear(&rig->err);
}

static void test_reopen(void **state)
{
    (void)state;
    struct rig rig;
    rig_open_directory(&rig);
    CHECK(store_is_durable(rig.store));
    struct table_desc desc = table_of("t", VALUE_NULL);
    rig_create(&rig, &desc);
    rig_write(&rig);
    rig_put_text(&rig, rig_find(&rig, "t"), "{'pk':{'S':'a'},'n':{'N':'1.50'}}");
    rig_commit(&rig);
    rig_reopen(&rig);
    rig_read(&rig);
    const struct table_desc *table = rig_find(&rig, "t");
    CHECK_STR(rig_scan(&rig, table, NULL), rig_text(&rig, "{'pk':{'S':'a'},'n':{'N':'1.5'}}"));
    CHECK_EQ(table_stats(rig.txn, table->id).items, 1);
    rig_end(&rig);
    rig_check(&rig);
    reader_free(rig.reader);
    store_close(rig.store);
    rig.store = NULL;
    char path[200];
    snprintf(path, sizeof(path), "%s/lock.mdb", rig.directory);
    CHECK_EQ(access(path, F_OK), -1);
    rig_close(&rig);
}

/* With every commit on disk; only that it works. */
static void test_durable(void **state)
{
    (void)state;
    struct rig rig;
    rig_open_directory(&rig);
    rig.options.is_relaxed = false;
    rig_reopen(&rig);
    struct table_desc desc = table_of("t", VALUE_NULL);
    rig_create(&rig, &desc);
    rig_reopen(&rig);
    rig_read(&rig);
    CHECK(rig_find(&rig, "t") != NULL);
    rig_end(&rig);
    rig_close(&rig);
}

static void test_bad_directories(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig);
    rig.options.directory = STR("/nowhere/at all");
    expect_refusal(&rig, "the directory /nowhere/at all does not exist: create it first");
    rig.options.directory = STR("/dev/null");
    expect_refusal(&rig, "/dev/null is not a directory");
    rig.options.directory = STR("/proc/self");
    expect_refusal(&rig, "cannot write /proc/self");
    rig_close(&rig);
}

static void test_second_process(void **state)
{
    (void)state;
    struct rig rig;
    char pid[40];
    rig_open_directory(&rig);
    snprintf(pid, sizeof(pid), "in use by another process, %ld", (long)getpid());
    expect_refusal(&rig, pid);
    /* The first one goes on unharmed. */
    struct table_desc desc = table_of("t", VALUE_NULL);
    rig_create(&rig, &desc);
    rig_close(&rig);
}

static void write_file(struct rig *rig, const char *name, const void *bytes, size_t n)
{
    char path[200];
    snprintf(path, sizeof(path), "%s/%s", rig->directory, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    CHECK(fd >= 0);
    CHECK_EQ(write(fd, bytes, n), (ssize_t)n);
    close(fd);
}

static void test_damaged_files(void **state)
{
    (void)state;
    struct rig rig;
    static char garbage[8192];
    memset(garbage, 0x5A, sizeof(garbage));
    rig_init(&rig);
    rig_make_directory(&rig);
    rig.options.directory = str_from(rig.directory);
    rig.options.is_relaxed = true;
    write_file(&rig, "data.mdb", garbage, sizeof(garbage));
    expect_refusal(&rig, "is not a database of Stator or is damaged");
    write_file(&rig, "data.mdb", garbage, 100);
    expect_refusal(&rig, "is not a database of Stator or is damaged");

    char path[200];
    snprintf(path, sizeof(path), "%s/data.mdb", rig.directory);
    unlink(path);
    rig_reopen(&rig);
    struct table_desc desc = table_of("t", VALUE_NULL);
    rig_create(&rig, &desc);
    for (unsigned i = 0; i < 50; i++) {
        CHECK(rig_change_growing(&rig, "t", rig_item(&rig, "{'pk':{'S':'p1'}}"), numbered(&rig, 1, 1000 + i)));
    }
    reader_free(rig.reader);
    store_close(rig.store);
    rig.store = NULL;
    CHECK_EQ(truncate(path, 5 * 4096), 0);
    expect_refusal(&rig, "data.mdb is damaged");
    rig_close(&rig);
}

/* Writes a row past storage's own rules. */
static void put_raw(struct rig *rig, enum lmdb_db db, struct str key, struct str value)
{
    struct lmdb *lmdb = NULL;
    struct lmdb_txn *txn = NULL;
    const struct lmdb_options options = {.directory = rig->directory, .is_relaxed = true};
    OK(rig, lmdb_open(&options, &lmdb, &rig->err));
    OK(rig, lmdb_begin(lmdb, true, &txn, &rig->err));
    OK(rig, lmdb_put(txn, db, key, value, &rig->err));
    OK(rig, lmdb_commit(txn, &rig->err));
    lmdb_close(lmdb);
}

static void test_other_formats(void **state)
{
    (void)state;
    struct rig rig;
    rig_open_directory(&rig);
    reader_free(rig.reader);
    store_close(rig.store);
    rig.store = NULL;
    put_raw(&rig, LMDB_CATALOG, STR("\xFF\xFF\xFF\xFF" "format"), STR("2"));
    expect_refusal(&rig, "data.mdb has format 2, this program reads 1: use a newer Stator");
    rig_remove_directory(&rig);
    CHECK_EQ(mkdir(rig.directory, 0700), 0);
    put_raw(&rig, LMDB_ROWS, STR("a"), STR("b"));
    expect_refusal(&rig, "data.mdb is not a database of Stator");
    rig_close(&rig);
}

/* Steps so small that most transactions find the map full. */
static void test_growth(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig);
    rig.options.memory_step_bytes = 64 << 10;
    rig_reopen(&rig);
    struct table_desc desc = table_of("t", VALUE_NULL);
    rig_create(&rig, &desc);
    for (unsigned i = 0; i < 1500; i++) {
        struct arena_mark mark = arena_mark(&rig.arena);
        const struct value *item = numbered(&rig, i, (i * 37) % 5000);
        rig_read(&rig);
        const struct table_desc *table = rig_find(&rig, "t");
        struct stored before = rig_get(&rig, table, rig_key(&rig, table, item));
        const struct value *key = rig_key(&rig, table, item);
        CHECK(!stored_exists(&before));
        rig_end(&rig);
        CHECK(rig_change_growing(&rig, "t", key, item));
        arena_rollback(&rig.arena, mark);
    }
    rig_check(&rig);
    rig_read(&rig);
    CHECK_EQ(rig_count(&rig, rig_find(&rig, "t"), NULL), 1500);
    rig_end(&rig);
    rig_close(&rig);
}

/* A value that is larger than the whole map needs few rounds. */
static void test_growth_of_large(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig);
    rig.options.memory_step_bytes = 0;
    rig_reopen(&rig);
    struct table_desc desc = table_of("t", VALUE_NULL);
    rig_create(&rig, &desc);
    const struct value *item = numbered(&rig, 1, 20 << 20);
    for (int rounds = 0;; rounds++) {
        CHECK(rounds < 3);
        struct change change;
        struct stored none = {0};
        rig_write(&rig);
        const struct table_desc *table = rig_find(&rig, "t");
        OK(&rig, change_plan(rig.txn, table, rig_key(&rig, table, item), &none, item, CAUSE_USER, &rig.arena, &change, &rig.err));
        bool ok = change_apply(rig.txn, &change, &rig.err);
        if (ok) {
            rig_commit(&rig);
            break;
        }
        txn_abort(rig.txn);
        CHECK_EQ(rig.err.kind, ERR_MAP_FULL);
        err_clear(&rig.err);
        OK(&rig, store_grow(rig.store, &rig.err));
    }
    rig_check(&rig);
    rig_close(&rig);
}

/* A full disk refuses what is new, not what deletes; and is usable again afterwards. */
static void test_full(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig);
    rig.options.memory_step_bytes = 256 << 10;
    rig.options.memory_limit_bytes = 3 << 20;
    rig_reopen(&rig);
    struct table_desc desc = table_of("t", VALUE_NULL);
    struct index_desc index = index_of("i", "pad", NULL, VALUE_S, PROJECT_KEYS_ONLY);
    desc.indexes = &index;
    desc.index_count = 1;
    rig_create(&rig, &desc);
    rig_read(&rig);
    const struct table_desc *table = rig_find(&rig, "t");
    rig_end(&rig);
    unsigned stored = 0;
    for (int round = 0; round < 3; round++) {
        unsigned put = 0;
        for (; put < 100000; put++) {
            struct arena_mark mark = arena_mark(&rig.arena);
            const struct value *item = numbered(&rig, put, 300);
            bool ok = rig_change_growing(&rig, "t", rig_key(&rig, table, item), item);
            arena_rollback(&rig.arena, mark);
            if (!ok) {
                break;
            }
        }
        CHECK(put > 500 && put < 100000);
        CHECK(round == 0 || put >= stored);
        stored = put;
        rig_check(&rig);
        /* In an order that touches many pages, one by one, without any growth. */
        for (unsigned i = 0; i < stored; i++) {
            struct arena_mark mark = arena_mark(&rig.arena);
            const struct value *key = rig_key(&rig, table, numbered(&rig, (i * 7919) % stored, 0));
            CHECK(rig_change_growing(&rig, "t", key, NULL));
            arena_rollback(&rig.arena, mark);
        }
        rig_check(&rig);
        stored = put / 2;
    }
    rig_close(&rig);
}

/* An abort takes back items, counters and tables. */
static void test_abort(void **state)
{
    (void)state;
    struct rig rig;
    rig_open_memory(&rig);
    struct table_desc desc = table_of("t", VALUE_NULL);
    rig_create(&rig, &desc);
    rig_write(&rig);
    struct table_desc other = table_of("u", VALUE_NULL);
    OK(&rig, table_create(rig.txn, &other, &rig.err));
    rig_put_text(&rig, rig_find(&rig, "u"), "{'pk':{'S':'a'}}");
    rig_put_text(&rig, rig_find(&rig, "t"), "{'pk':{'S':'a'}}");
    CHECK_EQ(table_stats(rig.txn, rig_find(&rig, "t")->id).items, 1);
    CHECK(txn_is_write(rig.txn));
    txn_abort(rig.txn);
    rig_read(&rig);
    CHECK(rig_find(&rig, "u") == NULL);
    CHECK_EQ(table_stats(rig.txn, rig_find(&rig, "t")->id).items, 0);
    CHECK_EQ(rig_count(&rig, rig_find(&rig, "t"), NULL), 0);
    CHECK(!txn_is_write(rig.txn));
    rig_end(&rig);
    rig_check(&rig);
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reopen),         cmocka_unit_test(test_durable),       cmocka_unit_test(test_bad_directories),
        cmocka_unit_test(test_second_process), cmocka_unit_test(test_damaged_files), cmocka_unit_test(test_other_formats),
        cmocka_unit_test(test_growth),         cmocka_unit_test(test_growth_of_large),
                cmocka_unit_test(test_full),          cmocka_unit_test(test_abort),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
