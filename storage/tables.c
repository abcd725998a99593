/* SPDX-License-Identifier: Apache-2.0 */
/* tables.c — making, changing and dropping tables. The catalog row changes at once; whatever touches many rows becomes a job
 * (meta.h) that background.c does in steps. */
#include "core/json.h"
#include "storage/descriptor.h"
#include "storage/meta.h"

#include <stdlib.h>

static const struct catalog *view_of(const struct txn *txn)
{
    return txn->edit != NULL ? catalog_edit_view(txn->edit) : txn->catalog;
}

static struct catalog_edit *edit_of(struct txn *txn)
{
    ensure(txn_is_write(txn));
    if (txn->edit == NULL) {
        txn->edit = catalog_edit_new(txn->catalog);
    }
    return txn->edit;
}

/* ---- Namespaces ---- */

bool namespace_find(struct txn *txn, struct str access_key, struct str region, uint32_t *out, struct err *err)
{
    const struct namespace_desc *found = catalog_namespace(view_of(txn), access_key, region);
    if (found != NULL || !txn_is_write(txn)) {
        *out = found != NULL ? found->id : NAMESPACE_NONE;
        return true;
    }
    uint32_t id = 0;
    if (!meta_next_id(txn, &id, err)) {
        return false;
    }
    struct buf *row = txn_scratch(txn);
    buf_add_literal(row, "{\"accessKey\":");
    json_write_string(row, access_key);
    buf_add_literal(row, ",\"region\":");
    json_write_string(row, region);
    buf_add_byte(row, '}');
    struct meta_key key = meta_key(META_NAMESPACE, id);
    if (!lmdb_put(txn->lmdb, LMDB_META, meta_key_str(&key), str_of(row->p, row->n), err)) {
        return false;
    }
    txn->is_growing_data = true;
    catalog_edit_add_namespace(edit_of(txn), id, access_key, region);
    *out = id;
    return true;
}

uint32_t namespace_known(struct txn *txn, struct str access_key, struct str region)
{
    const struct namespace_desc *found = catalog_namespace(view_of(txn), access_key, region);
    return found != NULL ? found->id : NAMESPACE_NONE;
}

/* ---- Reading the catalog ---- */

const struct table_desc *table_find(struct txn *txn, uint32_t namespace_id, struct str name)
{
    return catalog_find(view_of(txn), namespace_id, name);
}

void table_visit(struct txn *txn, uint32_t namespace_id, struct str after, table_visitor *visit, void *context)
{
    const struct catalog *catalog = view_of(txn);
    size_t place = catalog_place(catalog, namespace_id, after.p == NULL ? STR("") : after);
    if (after.p != NULL && place < catalog->table_count && catalog->tables[place]->namespace_id == namespace_id &&
        str_eq(catalog->tables[place]->name, after)) {
        place++;
    }
    while (place < catalog->table_count && catalog->tables[place]->namespace_id == namespace_id &&
           visit(context, catalog->tables[place])) {
        place++;
    }
}

bool table_elsewhere(struct txn *txn, uint32_t namespace_id, struct str name, struct str *access_key, struct str *region)
{
    const struct catalog *catalog = view_of(txn);
    for (size_t i = 0; i < catalog->namespace_count; i++) {
        const struct namespace_desc *other = catalog->namespaces[i];
        if (other->id == namespace_id) {
            continue;
        }
        size_t place = catalog_place(catalog, other->id, name.p == NULL ? STR("") : name);
        if (place < catalog->table_count && catalog->tables[place]->namespace_id == other->id &&
            (name.p == NULL || str_eq(catalog->tables[place]->name, name))) {
            *access_key = other->access_key;
            *region = other->region;
            return true;
        }
    }
    return false;
}

struct table_stats table_stats(struct txn *txn, uint32_t id)
{
    struct table_stats stats = {0};
    struct arena arena;
    struct err err;
    arena_init(&arena, 0);
    err_init(&err, &arena);
    if (!meta_counts(txn->lmdb, id, &stats, &err)) {
        stats = (struct table_stats){0};
    }
    arena_release(&arena);
    for (size_t i = 0; i < txn->delta_count && txn_is_write(txn); i++) {
        if (txn->deltas[i].id == id) {
            stats.items += (uint64_t)txn->deltas[i].items;
            stats.bytes += (uint64_t)txn->deltas[i].bytes;
        }
    }
    return stats;
}

/* ---- Changing it ---- */

/* The row and the edit; takes the copy. */
static bool put_table(struct txn *txn, struct table_desc *desc, struct err *err)
{
    struct buf *key = txn_scratch(txn);
    unsigned char id[LAYOUT_ID_BYTES];
    layout_put_u32(id, desc->namespace_id);
    buf_add(key, id, sizeof(id));
    buf_add_str(key, desc->name);
    size_t key_n = key->n;
    descriptor_write(key, desc);
    bool ok = lmdb_put(txn->lmdb, LMDB_CATALOG, str_of(key->p, key_n), str_of(key->p + key_n, key->n - key_n), err);
    if (!ok) {
        free(desc);
        return false;
    }
    txn->is_growing_data = true;
    catalog_edit_put(edit_of(txn), desc);
    return true;
}

bool table_create(struct txn *txn, const struct table_desc *desc, struct err *err)
{
    ensure(table_find(txn, desc->namespace_id, desc->name) == NULL);
    ensure(desc->namespace_id != NAMESPACE_NONE && desc->key.hash_count == 1 && desc->key.range_count <= 1);
    struct table_desc *copy = descriptor_copy(desc);
    bool ok = meta_next_id(txn, &copy->id, err);
    for (size_t i = 0; ok && i < copy->index_count; i++) {
        struct index_desc *index = (struct index_desc *)(uintptr_t)&copy->indexes[i];
        index->is_backfilling = false;
        ok = meta_next_id(txn, &index->id, err);
    }
    if (!ok) {
        free(copy);
        return false;
    }
    return put_table(txn, copy, err);
}

bool table_publish(struct txn *txn, const struct table_desc *desc, struct err *err)
{
    return put_table(txn, descriptor_copy(desc), err);
}

/* Rows of the id go in the background; at once if there are none. */
static bool drop_id(struct txn *txn, uint32_t id, bool has_expiry, struct err *err)
{
    if (table_stats(txn, id).items == 0 && !has_expiry) {
        return meta_drop_counts(txn, id, err);
    }
    char flags = has_expiry ? 1 : 0;
    return job_put(txn, JOB_DROP, id, str_of(&flags, 1), err);
}

static bool drop_index(struct txn *txn, const struct index_desc *index, struct err *err)
{
    return job_del(txn, JOB_BACKFILL, index->id, err) && drop_id(txn, index->id, false, err);
}

static bool start_backfill(struct txn *txn, uint32_t table_id, uint32_t index_id, struct err *err)
{
    unsigned char value[LAYOUT_ID_BYTES];
    layout_put_u32(value, table_id);
    return job_put(txn, JOB_BACKFILL, index_id, str_of((const char *)value, sizeof(value)), err);
}

static const struct index_desc *index_of_id(const struct table_desc *table, uint32_t id)
{
    for (size_t i = 0; i < table->index_count; i++) {
        if (table->indexes[i].id == id) {
            return &table->indexes[i];
        }
    }
    return NULL;
}

bool table_index_is_allocating(const struct txn *txn, const struct index_desc *index)
{
    const struct store *store = txn->store;
    return index->is_backfilling && atomic_load(&store->held_index) == index->id &&
           txn_now_ms(txn) < atomic_load(&store->held_since_ms) + store->index_delay_ms;
}

/* New indexes get their ids, dropped ones their jobs. */
static bool replace_indexes(struct txn *txn, const struct table_desc *old, struct table_desc *copy, struct err *err)
{
    bool is_filled = table_stats(txn, old->id).items > 0 || txn->store->index_delay_ms > 0;
    bool ok = true;
    for (size_t i = 0; ok && i < copy->index_count; i++) {
        struct index_desc *index = (struct index_desc *)(uintptr_t)&copy->indexes[i];
        if (index->id != 0) {
            const struct index_desc *before = index_of_id(old, index->id);
            ensure(before != NULL);
            index->is_backfilling = before->is_backfilling;
            continue;
        }
        index->is_backfilling = is_filled;
        ok = meta_next_id(txn, &index->id, err) && (!is_filled || start_backfill(txn, old->id, index->id, err));
        if (ok && txn->store->index_delay_ms > 0) {
            atomic_store(&txn->store->held_since_ms, txn_now_ms(txn));
            atomic_store(&txn->store->held_index, index->id);
        }
    }
    for (size_t i = 0; ok && i < old->index_count; i++) {
        ok = index_of_id(copy, old->indexes[i].id) != NULL || drop_index(txn, &old->indexes[i], err);
    }
    return ok;
}

/* Stages of a TTL job: layout.h. */
static bool replace_ttl(struct txn *txn, const struct table_desc *old, const struct table_desc *copy, struct err *err)
{
    bool was_on = old->ttl_attribute.p != NULL;
    bool is_on = copy->ttl_attribute.p != NULL;
    struct str running;
    if (was_on == is_on && (!is_on || str_eq(old->ttl_attribute, copy->ttl_attribute))) {
        return true;
    }
    if (!job_get(txn, JOB_TTL, old->id, &running, err)) {
        return false;
    }
    if (running.p == NULL && table_stats(txn, old->id).items == 0) {
        return true;
    }
    char stage = !is_on ? 3 : (was_on || running.p != NULL ? 1 : 2);
    return job_put(txn, JOB_TTL, old->id, str_of(&stage, 1), err);
}

bool table_replace(struct txn *txn, const struct table_desc *desc, struct err *err)
{
    const struct table_desc *old = table_find(txn, desc->namespace_id, desc->name);
    ensure(old != NULL && old->id == desc->id);
    struct table_desc *copy = descriptor_copy(desc);
    if (!replace_indexes(txn, old, copy, err) || !replace_ttl(txn, old, copy, err)) {
        free(copy);
        return false;
    }
    return put_table(txn, copy, err);
}

static bool drop_rows(struct txn *txn, const struct table_desc *table, struct err *err)
{
    struct str ttl_job;
    if (!job_get(txn, JOB_TTL, table->id, &ttl_job, err)) {
        return false;
    }
    bool has_expiry = table->ttl_attribute.p != NULL || ttl_job.p != NULL;
    bool ok = job_del(txn, JOB_TTL, table->id, err) && drop_id(txn, table->id, has_expiry, err);
    for (size_t i = 0; ok && i < table->index_count; i++) {
        ok = drop_index(txn, &table->indexes[i], err);
    }
    return ok;
}

bool table_drop(struct txn *txn, const struct table_desc *desc, struct err *err)
{
    const struct table_desc *table = table_find(txn, desc->namespace_id, desc->name);
    ensure(table != NULL && table->id == desc->id);
    struct buf *key = txn_scratch(txn);
    unsigned char id[LAYOUT_ID_BYTES];
    layout_put_u32(id, table->namespace_id);
    buf_add(key, id, sizeof(id));
    buf_add_str(key, table->name);
    bool found = false;
    if (!lmdb_del(txn->lmdb, LMDB_CATALOG, str_of(key->p, key->n), &found, err) || !drop_rows(txn, table, err)) {
        return false;
    }
    ensure(found);
    catalog_edit_remove(edit_of(txn), table);
    return true;
}
