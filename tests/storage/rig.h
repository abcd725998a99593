/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_STORAGE_RIG_H
#define TESTS_STORAGE_RIG_H

/* What every test of storage needs: a store with a clock that stands still, one reader, and short ways to say "this item". */
#include "tests/check.h"

#include "core/random.h"
#include "core/value_json.h"
#include "storage/background.h"
#include "storage/change.h"
#include "storage/cursor.h"
#include "storage/store.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#define RIG_NOW_MS INT64_C(1700000000000)
#define UNUSED_FUNCTION __attribute__((unused))

struct rig {
    struct arena arena;
    struct err err;
    struct clock_manual clock;
    struct store *store;
    struct reader *reader;
    struct txn *txn;
    struct store_options options;
    char directory[64];
};

/* A step that must succeed. */
#define OK(rig, call) rig_ok((rig), (call), #call, __FILE__, __LINE__)

UNUSED_FUNCTION static void rig_ok(struct rig *rig, bool ok, const char *what, const char *file, int line)
{
    if (!ok) {
        print_error("%s:%d: %s: %.*s\n", file, line, what, STR_ARG(rig->err.message));
        _fail(file, line);
    }
}

UNUSED_FUNCTION static void rig_init(struct rig *rig)
{
    *rig = (struct rig){0};
    arena_init(&rig->arena, 1 << 20);
    err_init(&rig->err, &rig->arena);
    clock_manual_init(&rig->clock, RIG_NOW_MS);
    rig->options.clock = &rig->clock.clock;
    rig->options.memory_step_bytes = 8 << 20; /* so that tests about other things never find the map full */
}

UNUSED_FUNCTION static void rig_reopen(struct rig *rig)
{
    if (rig->store != NULL) {
        reader_free(rig->reader);
        store_close(rig->store);
        rig->store = NULL;
    }
    OK(rig, store_open(&rig->options, &rig->store, &rig->err));
    rig->reader = reader_new(rig->store);
}

UNUSED_FUNCTION static void rig_open_memory(struct rig *rig)
{
    rig_init(rig);
    rig_reopen(rig);
}

UNUSED_FUNCTION static void rig_make_directory(struct rig *rig)
{
    const char *base = getenv("TMPDIR");
    snprintf(rig->directory, sizeof(rig->directory), "%.40s/stator-test-XXXXXX", base != NULL ? base : "/tmp");
    CHECK(mkdtemp(rig->directory) != NULL);
}

/* Relaxed: these tests are about what is kept, not about power loss. */
UNUSED_FUNCTION static void rig_open_directory(struct rig *rig)
{
    rig_init(rig);
    rig_make_directory(rig);
    rig->options.directory = str_from(rig->directory);
    rig->options.is_relaxed = true;
    rig_reopen(rig);
}

UNUSED_FUNCTION static void rig_remove_directory(struct rig *rig)
{
    DIR *dir = opendir(rig->directory);
    CHECK(dir != NULL);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        char path[400];
        snprintf(path, sizeof(path), "%s/%s", rig->directory, entry->d_name);
        unlink(path);
    }
    closedir(dir);
    CHECK_EQ(rmdir(rig->directory), 0);
}

UNUSED_FUNCTION static void rig_close(struct rig *rig)
{
    if (rig->store != NULL) {
        reader_free(rig->reader);
        store_close(rig->store);
    }
    if (rig->directory[0] != '\0') {
        rig_remove_directory(rig);
    }
    arena_release(&rig->arena);
}

UNUSED_FUNCTION static void rig_write(struct rig *rig)
{
    OK(rig, txn_begin_write(rig->store, &rig->txn, &rig->err));
}

UNUSED_FUNCTION static void rig_commit(struct rig *rig)
{
    OK(rig, txn_commit(rig->txn, &rig->err));
    rig->txn = NULL;
}

UNUSED_FUNCTION static void rig_read(struct rig *rig)
{
    OK(rig, txn_begin_read(rig->reader, &rig->txn, &rig->err));
}

UNUSED_FUNCTION static void rig_end(struct rig *rig)
{
    txn_end_read(rig->txn);
    rig->txn = NULL;
}

/* The whole database against its rules. */
UNUSED_FUNCTION static void rig_check(struct rig *rig)
{
    rig_read(rig);
    OK(rig, store_check(rig->txn, &rig->err));
    rig_end(rig);
}

/* ---- Values ---- */

UNUSED_FUNCTION static struct value value_s(const char *text)
{
    return (struct value){.type = VALUE_S, .str = str_from(text)};
}

UNUSED_FUNCTION static struct value value_b(struct str bytes)
{
    return (struct value){.type = VALUE_B, .str = bytes};
}

UNUSED_FUNCTION static struct value value_n(struct rig *rig, const char *text)
{
    struct number *n = arena_new(&rig->arena, struct number);
    CHECK_EQ(number_parse(str_from(text), n), NUMBER_OK);
    return (struct value){.type = VALUE_N, .number = n};
}

/* An item in DynamoDB JSON with ' for ". */
UNUSED_FUNCTION static const struct value *rig_item(struct rig *rig, const char *text)
{
    struct str copy = arena_copy(&rig->arena, str_from(text));
    for (size_t i = 0; i < copy.n; i++) {
        if (copy.p[i] == '\'') {
            ((char *)(uintptr_t)copy.p)[i] = '"';
        }
    }
    const struct json *json = NULL;
    struct value *item = arena_new(&rig->arena, struct value);
    CHECK(json_parse(copy, &rig->arena, &json));
    OK(rig, item_read(json, &rig->arena, VALUE_NEWER, item, &rig->err));
    return item;
}

UNUSED_FUNCTION static struct str rig_text(struct rig *rig, const char *text)
{
    struct str copy = arena_copy(&rig->arena, str_from(text));
    for (size_t i = 0; i < copy.n; i++) {
        if (copy.p[i] == '\'') {
            ((char *)(uintptr_t)copy.p)[i] = '"';
        }
    }
    return copy;
}

/* The attributes of the table's key. */
UNUSED_FUNCTION static const struct value *rig_key(struct rig *rig, const struct table_desc *table, const struct value *item)
{
    struct value *key = arena_new(&rig->arena, struct value);
    struct member *members = arena_array(&rig->arena, struct member, 2);
    size_t count = 0;
    for (size_t i = 0; i < item->count; i++) {
        if (key_schema_has(&table->key, item->members[i].name)) {
            members[count++] = item->members[i];
        }
    }
    *key = (struct value){.type = VALUE_M, .count = count, .members = members};
    return key;
}

/* ---- Tables ---- */

UNUSED_FUNCTION static struct key_part part(const char *name, enum value_type type)
{
    return (struct key_part){str_from(name), type};
}

/* pk S (and sk of `range`, unless that is VALUE_NULL). */
UNUSED_FUNCTION static struct table_desc table_of(const char *name, enum value_type range)
{
    struct table_desc desc = {.name = str_from(name), .settings = STR("{\"a\":\"\\\"\"}")};
    desc.key.hash[desc.key.hash_count++] = part("pk", VALUE_S);
    if (range != VALUE_NULL) {
        desc.key.range[desc.key.range_count++] = part("sk", range);
    }
    return desc;
}

UNUSED_FUNCTION static struct index_desc index_of(const char *name, const char *hash, const char *range,
                                                  enum value_type range_type, enum projection_kind projection)
{
    struct index_desc index = {.name = str_from(name), .is_global = true, .projection = projection};
    index.key.hash[index.key.hash_count++] = part(hash, VALUE_S);
    if (range != NULL) {
        index.key.range[index.key.range_count++] = part(range, range_type);
    }
    return index;
}

UNUSED_FUNCTION static const struct table_desc *rig_find(struct rig *rig, const char *name)
{
    return table_find(rig->txn, 0, str_from(name));
}

/* In a transaction of its own. */
UNUSED_FUNCTION static void rig_create(struct rig *rig, const struct table_desc *desc)
{
    rig_write(rig);
    OK(rig, table_create(rig->txn, desc, &rig->err));
    rig_commit(rig);
}

/* ---- Items; in the rig's open transaction ---- */

UNUSED_FUNCTION static struct stored rig_get(struct rig *rig, const struct table_desc *table, const struct value *key)
{
    struct stored stored;
    OK(rig, item_get(rig->txn, table, key, &rig->arena, &stored, &rig->err));
    return stored;
}

UNUSED_FUNCTION static struct change rig_change(struct rig *rig, const struct table_desc *table, const struct value *key,
                                                const struct value *item)
{
    struct change change;
    struct stored old = rig_get(rig, table, key);
    OK(rig, change_plan(rig->txn, table, key, &old, item, CAUSE_USER, &rig->arena, &change, &rig->err));
    OK(rig, change_apply(rig->txn, &change, &rig->err));
    return change;
}

UNUSED_FUNCTION static struct change rig_put(struct rig *rig, const struct table_desc *table, const struct value *item)
{
    return rig_change(rig, table, rig_key(rig, table, item), item);
}

UNUSED_FUNCTION static struct change rig_put_text(struct rig *rig, const struct table_desc *table, const char *item)
{
    return rig_put(rig, table, rig_item(rig, item));
}

UNUSED_FUNCTION static struct change rig_delete_text(struct rig *rig, const struct table_desc *table, const char *key)
{
    return rig_change(rig, table, rig_item(rig, key), NULL);
}

/* One change in a transaction of its own, as the write path does it: a full map grows and the change runs again. False if it cannot
 * grow. item NULL: delete. */
UNUSED_FUNCTION static bool rig_change_growing(struct rig *rig, const char *table_name, const struct value *key,
                                               const struct value *item)
{
    for (;;) {
        struct change change;
        struct stored old;
        struct arena_mark mark = arena_mark(&rig->arena);
        err_clear(&rig->err);
        rig_write(rig);
        const struct table_desc *table = rig_find(rig, table_name);
        bool ok = item_get(rig->txn, table, key, &rig->arena, &old, &rig->err) &&
                  change_plan(rig->txn, table, key, &old, item, CAUSE_USER, &rig->arena, &change, &rig->err) &&
                  change_apply(rig->txn, &change, &rig->err);
        if (ok) {
            ok = txn_commit(rig->txn, &rig->err);
        } else {
            txn_abort(rig->txn);
        }
        rig->txn = NULL;
        arena_rollback(&rig->arena, mark);
        if (ok) {
            return true;
        }
        OK(rig, rig->err.kind == ERR_MAP_FULL);
        err_clear(&rig->err);
        if (!store_grow(rig->store, &rig->err)) {
            err_clear(&rig->err);
            return false;
        }
    }
}

/* Everything that a scan gives, as texts joined by newlines. */
UNUSED_FUNCTION static struct str rig_scan(struct rig *rig, const struct table_desc *table, const struct index_desc *index)
{
    const struct scan scan = {.table = table, .index = index, .total_segments = 1};
    struct cursor *cursor = NULL;
    struct stored row;
    struct buf out;
    buf_init(&out, 1 << 28);
    OK(rig, cursor_scan(rig->txn, &scan, &rig->arena, &cursor, &rig->err));
    for (;;) {
        OK(rig, cursor_next(cursor, &row, &rig->err));
        if (!stored_exists(&row)) {
            break;
        }
        if (out.n > 0) {
            buf_add_byte(&out, '\n');
        }
        buf_add_str(&out, row.text);
    }
    struct str result = arena_copy(&rig->arena, str_of(out.p, out.n));
    buf_release(&out);
    return result;
}

UNUSED_FUNCTION static size_t rig_count(struct rig *rig, const struct table_desc *table, const struct index_desc *index)
{
    struct str all = rig_scan(rig, table, index);
    size_t count = all.n > 0;
    for (size_t i = 0; i < all.n; i++) {
        count += all.p[i] == '\n';
    }
    return count;
}

/* All background work of these kinds, in steps of their own transactions. */
UNUSED_FUNCTION static void rig_background(struct rig *rig, unsigned kinds, int64_t budget_us)
{
    bool more = true;
    while (more) {
        rig_write(rig);
        OK(rig, background_step(rig->txn, kinds, budget_us, &rig->arena, &more, &rig->err));
        rig_commit(rig);
    }
}

#endif
