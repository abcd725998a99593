/* SPDX-License-Identifier: Apache-2.0 */
/* threads_test.c — readers beside a writer that changes items, tables and the catalog and makes the map grow: meant for ThreadSanitizer, but each
 * read is also checked: what one transaction sees belongs together. */
#include "tests/storage/rig.h"

#include <pthread.h>
#include <stdatomic.h>

#define READERS 3
#define ROUNDS 400

struct shared {
    struct store *store;
    atomic_bool is_over;
    atomic_uint failures;
    atomic_uint reads;
};

/* Both items of the table carry the same number, or both are missing; the index agrees. */
static bool is_consistent(struct txn *txn, const struct table_desc *table, struct arena *arena, struct err *err)
{
    struct str first = {NULL, 0};
    size_t count = 0;
    const struct scan scan = {.table = table, .total_segments = 1};
    struct cursor *cursor = NULL;
    struct stored row;
    if (!cursor_scan(txn, &scan, arena, &cursor, err) || !cursor_next(cursor, &row, err)) {
        return false;
    }
    for (; stored_exists(&row); count++) {
        const struct json *json = NULL;
        if (!json_parse(row.text, arena, &json)) {
            return false;
        }
        struct str n = json_str(json_get(json_get(json, STR("n")), STR("N")));
        if (count > 0 && !str_eq(n, first)) {
            return false;
        }
        first = n;
        if (!cursor_next(cursor, &row, err)) {
            return false;
        }
    }
    return count == table_stats(txn, table->id).items;
}

static bool read_once(struct reader *reader, struct arena *arena, struct err *err)
{
    struct txn *txn = NULL;
    if (!txn_begin_read(reader, &txn, err)) {
        return false;
    }
    bool ok = true;
    for (int i = 0; ok && i < 4; i++) {
        char name[8];
        snprintf(name, sizeof(name), "t%d", i);
        const struct table_desc *table = table_find(txn, 0, str_from(name));
        ok = table == NULL || is_consistent(txn, table, arena, err);
    }
    txn_end_read(txn);
    return ok;
}

static void *run_reader(void *context)
{
    struct shared *shared = context;
    struct reader *reader = reader_new(shared->store);
    struct arena arena;
    struct err err;
    arena_init(&arena, 1 << 20);
    err_init(&err, &arena);
    while (!atomic_load(&shared->is_over)) {
        if (!read_once(reader, &arena, &err)) {
            atomic_fetch_add(&shared->failures, 1);
            fprintf(stderr, "reader: %.*s\n", STR_ARG(err.message));
            err_clear(&err);
        }
        atomic_fetch_add(&shared->reads, 1);
        arena_reset(&arena);
    }
    arena_release(&arena);
    reader_free(reader);
    return NULL;
}

static bool put_numbered(struct rig *rig, const char *name, int k, int n)
{
    const struct table_desc *table = rig_find(rig, name);
    char pad[600];
    char text[800];
    memset(pad, 'x', sizeof(pad) - 1);
    pad[1 + (n * 31 + k) % 590] = '\0';
    snprintf(text, sizeof(text), "{'pk':{'S':'%d'},'n':{'N':'%d'},'pad':{'S':'%s'}}", k, n, pad);
    const struct value *item = rig_item(rig, text);
    const struct value *key = rig_key(rig, table, item);
    struct stored old;
    struct change change;
    return item_get(rig->txn, table, key, &rig->arena, &old, &rig->err) &&
           change_plan(rig->txn, table, key, &old, item, CAUSE_USER, &rig->arena, &change, &rig->err) &&
           change_apply(rig->txn, &change, &rig->err);
}

/* One round: a table is made, changed or dropped, and all its items get a new number. */
static bool write_round(struct rig *rig, int round)
{
    char name[8];
    char settings[32];
    snprintf(name, sizeof(name), "t%d", round % 4);
    snprintf(settings, sizeof(settings), "%d", round);
    const struct table_desc *table = rig_find(rig, name);
    struct table_desc desc = table_of(name, VALUE_NULL);
    struct index_desc index = index_of("i", "pk", NULL, VALUE_S, PROJECT_ALL);
    desc.indexes = &index;
    desc.index_count = 1;
    if (table == NULL) {
        if (!table_create(rig->txn, &desc, &rig->err)) {
            return false;
        }
    } else if (round % 13 == 0) {
        return table_drop(rig->txn, table, &rig->err);
    } else {
        desc = *table;
        desc.settings = str_from(settings);
        if (!table_replace(rig->txn, &desc, &rig->err)) {
            return false;
        }
    }
    for (int k = 0; k < 20 + round / 10; k++) {
        if (!put_numbered(rig, name, k, round)) {
            return false;
        }
    }
    bool more = false;
    return background_step(rig->txn, BACKGROUND_RECLAIM | BACKGROUND_BACKFILL | BACKGROUND_TTL, 100, &rig->arena, &more,
                           &rig->err);
}

static void write_all(struct rig *rig)
{
    for (int round = 0; round < ROUNDS;) {
        rig_write(rig);
        bool ok = write_round(rig, round);
        if (ok) {
            ok = txn_commit(rig->txn, &rig->err);
        } else {
            txn_abort(rig->txn);
        }
        if (ok) {
            round++;
        } else {
            CHECK_EQ(rig->err.kind, ERR_MAP_FULL);
            err_clear(&rig->err);
            OK(rig, store_grow(rig->store, &rig->err));
        }
        arena_reset(&rig->arena);
    }
}

static void test_threads(void **state)
{
    (void)state;
    static struct shared shared;
    struct rig rig;
    pthread_t threads[READERS];
    rig_init(&rig);
    rig.options.memory_step_bytes = 64 << 10;
    rig_reopen(&rig);
    shared.store = rig.store;
    for (int i = 0; i < READERS; i++) {
        CHECK_EQ(pthread_create(&threads[i], NULL, run_reader, &shared), 0);
    }
    write_all(&rig);
    atomic_store(&shared.is_over, true);
    for (int i = 0; i < READERS; i++) {
        pthread_join(threads[i], NULL);
    }
    CHECK_EQ(atomic_load(&shared.failures), 0);
    CHECK(atomic_load(&shared.reads) > 0);
    rig_check(&rig);
    rig_close(&rig);
}

/* Two writers: one waits for the other; both grow when they must. */
static void *run_writer(void *context)
{
    struct shared *shared = context;
    struct rig rig;
    rig_init(&rig);
    rig.store = shared->store;
    for (int i = 0; i < 200; i++) {
        char name[8];
        char text[700];
        snprintf(name, sizeof(name), "t%d", i % 2);
        snprintf(text, sizeof(text), "{'pk':{'S':'%d'},'pad':{'S':'%0500d'}}", i, i);
        const struct value *item = rig_item(&rig, text);
        struct table_desc desc = table_of(name, VALUE_NULL);
        if (!rig_change_growing(&rig, name, rig_key(&rig, &desc, item), item)) {
            atomic_fetch_add(&shared->failures, 1);
        }
        arena_reset(&rig.arena);
    }
    arena_release(&rig.arena);
    return NULL;
}

static void test_writers(void **state)
{
    (void)state;
    static struct shared shared;
    struct rig rig;
    pthread_t threads[2];
    rig_init(&rig);
    rig.options.memory_step_bytes = 64 << 10;
    rig_reopen(&rig);
    for (int i = 0; i < 2; i++) {
        char name[8];
        snprintf(name, sizeof(name), "t%d", i);
        struct table_desc desc = table_of(name, VALUE_NULL);
        rig_create(&rig, &desc);
    }
    shared.store = rig.store;
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(pthread_create(&threads[i], NULL, run_writer, &shared), 0);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
    }
    CHECK_EQ(atomic_load(&shared.failures), 0);
    rig_check(&rig);
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_threads), cmocka_unit_test(test_writers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
