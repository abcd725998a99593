/* SPDX-License-Identifier: Apache-2.0 */
/* catalog.c — the tables in memory. Readers get at a table without a lock and without LMDB: one hash look-up in an immutable catalog. A
 * change copies the arrays of pointers (8 KB for 1,000 tables), never the descriptors. */
#include "storage/catalog.h"

#include "core/json.h"
#include "storage/descriptor.h"
#include "storage/layout.h"

#include <stdlib.h>

struct list {
    void **p;
    size_t n;
    size_t cap;
};

struct catalog_edit {
    struct catalog view;
    size_t table_cap;
    size_t namespace_cap;
    struct list made;    /* by this edit: freed if it is discarded */
    struct list removed; /* no longer in the view, whoever made them: freed with the catalog before, if it is finished */
};

static void *allocate(size_t n)
{
    void *p = calloc(1, n == 0 ? 1 : n);
    ensure(p != NULL);
    return p;
}

static void *resize(void *p, size_t n)
{
    void *q = realloc(p, n);
    ensure(q != NULL);
    return q;
}

static void list_add(struct list *list, void *p)
{
    if (list->n == list->cap) {
        list->cap = list->cap == 0 ? 8 : list->cap * 2;
        list->p = resize(list->p, list->cap * sizeof(*list->p));
    }
    list->p[list->n++] = p;
}

static void list_free_members(struct list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        free(list->p[i]);
    }
    free(list->p);
    *list = (struct list){0};
}

/* Descriptors are handed out const and freed as the plain blocks that they are. */
static void *block_of(const void *desc)
{
    return (void *)(uintptr_t)desc;
}

/* ---- Looking up ---- */

static uint64_t hash_of(uint32_t namespace_id, struct str name)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325) ^ namespace_id;
    for (size_t i = 0; i < name.n; i++) {
        h = (h ^ (unsigned char)name.p[i]) * UINT64_C(0x100000001b3);
    }
    return h ^ (h >> 32);
}

static int compare(const struct table_desc *table, uint32_t namespace_id, struct str name)
{
    if (table->namespace_id != namespace_id) {
        return table->namespace_id < namespace_id ? -1 : 1;
    }
    return str_compare(table->name, name);
}

size_t catalog_place(const struct catalog *catalog, uint32_t namespace_id, struct str name)
{
    size_t low = 0;
    size_t high = catalog->table_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(catalog->tables[middle], namespace_id, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static const struct table_desc *find_sorted(const struct catalog *catalog, uint32_t namespace_id, struct str name)
{
    size_t place = catalog_place(catalog, namespace_id, name);
    bool found = place < catalog->table_count && compare(catalog->tables[place], namespace_id, name) == 0;
    return found ? catalog->tables[place] : NULL;
}

const struct table_desc *catalog_find(const struct catalog *catalog, uint32_t namespace_id, struct str name)
{
    if (catalog->slots == NULL) {
        return find_sorted(catalog, namespace_id, name);
    }
    size_t slot = hash_of(namespace_id, name) & catalog->slot_mask;
    while (catalog->slots[slot] != 0) {
        const struct table_desc *table = catalog->tables[catalog->slots[slot] - 1];
        if (compare(table, namespace_id, name) == 0) {
            return table;
        }
        slot = (slot + 1) & catalog->slot_mask;
    }
    return NULL;
}

static void build_slots(struct catalog *catalog)
{
    size_t size = 16;
    while (size < 2 * catalog->table_count) {
        size *= 2;
    }
    catalog->slots = allocate(size * sizeof(*catalog->slots));
    catalog->slot_mask = size - 1;
    for (size_t i = 0; i < catalog->table_count; i++) {
        size_t slot = hash_of(catalog->tables[i]->namespace_id, catalog->tables[i]->name) & catalog->slot_mask;
        while (catalog->slots[slot] != 0) {
            slot = (slot + 1) & catalog->slot_mask;
        }
        catalog->slots[slot] = (uint32_t)(i + 1);
    }
}

static size_t namespace_place(const struct catalog *catalog, struct str access_key, struct str region, bool *found)
{
    size_t low = 0;
    size_t high = catalog->namespace_count;
    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct namespace_desc *desc = catalog->namespaces[middle];
        int order = str_compare(desc->access_key, access_key);
        order = order != 0 ? order : str_compare(desc->region, region);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const struct namespace_desc *catalog_namespace(const struct catalog *catalog, struct str access_key, struct str region)
{
    bool found = false;
    size_t place = namespace_place(catalog, access_key, region, &found);
    return found ? catalog->namespaces[place] : NULL;
}

/* ---- Edits ---- */

struct catalog_edit *catalog_edit_new(const struct catalog *from)
{
    struct catalog_edit *edit = allocate(sizeof(*edit));
    edit->table_cap = from->table_count + 8;
    edit->namespace_cap = from->namespace_count + 8;
    edit->view.table_count = from->table_count;
    edit->view.namespace_count = from->namespace_count;
    edit->view.tables = allocate(edit->table_cap * sizeof(*edit->view.tables));
    edit->view.namespaces = allocate(edit->namespace_cap * sizeof(*edit->view.namespaces));
    if (from->table_count > 0) {
        memcpy(edit->view.tables, from->tables, from->table_count * sizeof(*edit->view.tables));
    }
    if (from->namespace_count > 0) {
        memcpy(edit->view.namespaces, from->namespaces, from->namespace_count * sizeof(*edit->view.namespaces));
    }
    return edit;
}

const struct catalog *catalog_edit_view(const struct catalog_edit *edit)
{
    return &edit->view;
}

void catalog_edit_put(struct catalog_edit *edit, struct table_desc *desc)
{
    struct catalog *view = &edit->view;
    size_t place = catalog_place(view, desc->namespace_id, desc->name);
    list_add(&edit->made, desc);
    if (place < view->table_count && compare(view->tables[place], desc->namespace_id, desc->name) == 0) {
        list_add(&edit->removed, block_of(view->tables[place]));
        view->tables[place] = desc;
        return;
    }
    if (view->table_count == edit->table_cap) {
        edit->table_cap *= 2;
        view->tables = resize(view->tables, edit->table_cap * sizeof(*view->tables));
    }
    memmove(view->tables + place + 1, view->tables + place, (view->table_count - place) * sizeof(*view->tables));
    view->tables[place] = desc;
    view->table_count++;
}

void catalog_edit_remove(struct catalog_edit *edit, const struct table_desc *desc)
{
    struct catalog *view = &edit->view;
    size_t place = catalog_place(view, desc->namespace_id, desc->name);
    ensure(place < view->table_count && view->tables[place]->id == desc->id);
    list_add(&edit->removed, block_of(view->tables[place]));
    view->table_count--;
    memmove(view->tables + place, view->tables + place + 1, (view->table_count - place) * sizeof(*view->tables));
}

const struct namespace_desc *catalog_edit_add_namespace(struct catalog_edit *edit, uint32_t id, struct str access_key,
                                                        struct str region)
{
    struct catalog *view = &edit->view;
    struct namespace_desc *desc = allocate(sizeof(*desc) + access_key.n + region.n);
    char *text = (char *)(desc + 1);
    if (access_key.n > 0) {
        memcpy(text, access_key.p, access_key.n);
    }
    if (region.n > 0) {
        memcpy(text + access_key.n, region.p, region.n);
    }
    *desc = (struct namespace_desc){id, str_of(text, access_key.n), str_of(text + access_key.n, region.n)};
    bool found = false;
    size_t place = namespace_place(view, access_key, region, &found);
    ensure(!found);
    if (view->namespace_count == edit->namespace_cap) {
        edit->namespace_cap *= 2;
        view->namespaces = resize(view->namespaces, edit->namespace_cap * sizeof(*view->namespaces));
    }
    memmove(view->namespaces + place + 1, view->namespaces + place,
            (view->namespace_count - place) * sizeof(*view->namespaces));
    view->namespaces[place] = desc;
    view->namespace_count++;
    list_add(&edit->made, desc);
    return desc;
}

struct catalog *catalog_edit_finish(struct catalog_edit *edit, struct catalog *from)
{
    struct catalog *catalog = allocate(sizeof(*catalog));
    *catalog = edit->view;
    build_slots(catalog);
    if (from != NULL) {
        from->newer = catalog;
        from->garbage = edit->removed.p;
        from->garbage_count = edit->removed.n;
    } else {
        ensure(edit->removed.n == 0);
        free(edit->removed.p);
    }
    free(edit->made.p);
    free(edit);
    return catalog;
}

void catalog_edit_discard(struct catalog_edit *edit)
{
    list_free_members(&edit->made);
    free(edit->removed.p);
    free(edit->view.tables);
    free(edit->view.namespaces);
    free(edit);
}

void catalog_free(struct catalog *catalog)
{
    for (size_t i = 0; i < catalog->garbage_count; i++) {
        free(catalog->garbage[i]);
    }
    free(catalog->garbage);
    free(catalog->tables);
    free(catalog->namespaces);
    free(catalog->slots);
    free(catalog);
}

void catalog_free_all(struct catalog *catalog)
{
    for (size_t i = 0; i < catalog->table_count; i++) {
        free(block_of(catalog->tables[i]));
    }
    for (size_t i = 0; i < catalog->namespace_count; i++) {
        free(block_of(catalog->namespaces[i]));
    }
    catalog_free(catalog);
}

/* ---- Loading ---- */

static bool load_tables(struct lmdb_cursor *cursor, struct catalog_edit *edit, struct arena *arena, struct err *err)
{
    struct str key;
    struct str value;
    bool ok = lmdb_seek(cursor, str_of("\0", 1), &key, &value, err);
    while (ok && key.p != NULL && layout_get_u32(key.p) != UINT32_MAX) {
        struct table_desc desc;
        struct arena_mark mark = arena_mark(arena);
        ok = descriptor_read(value, arena, &desc, err);
        if (ok) {
            desc.namespace_id = layout_get_u32(key.p);
            catalog_edit_put(edit, descriptor_copy(&desc));
            arena_rollback(arena, mark);
            ok = lmdb_next(cursor, &key, &value, err);
        }
    }
    return ok;
}

static bool load_namespaces(struct lmdb_cursor *cursor, struct catalog_edit *edit, struct arena *arena, struct err *err)
{
    struct str key;
    struct str value;
    bool ok = lmdb_seek(cursor, STR("n"), &key, &value, err);
    while (ok && key.p != NULL && key.p[0] == 'n') {
        const struct json *json = NULL;
        if (key.n != 1 + LAYOUT_ID_BYTES || !json_parse(value, arena, &json) || json_type(json) != JSON_OBJECT ||
            json_get(json, STR("accessKey")) == NULL || json_get(json, STR("region")) == NULL) {
            return err_set(err, ERR_INTERNAL, "the database is damaged: a namespace's row is not valid");
        }
        catalog_edit_add_namespace(edit, layout_get_u32(key.p + 1), json_str(json_get(json, STR("accessKey"))),
                                   json_str(json_get(json, STR("region"))));
        ok = lmdb_next(cursor, &key, &value, err);
    }
    return ok;
}

static bool load(struct lmdb_txn *txn, struct catalog_edit *edit, struct arena *arena, struct err *err)
{
    struct lmdb_cursor *tables = NULL;
    struct lmdb_cursor *namespaces = NULL;
    bool ok = lmdb_cursor_open(txn, LMDB_CATALOG, &tables, err) && lmdb_cursor_open(txn, LMDB_META, &namespaces, err) &&
              load_tables(tables, edit, arena, err) && load_namespaces(namespaces, edit, arena, err);
    if (tables != NULL) {
        lmdb_cursor_close(tables);
    }
    if (namespaces != NULL) {
        lmdb_cursor_close(namespaces);
    }
    return ok;
}

bool catalog_load(struct lmdb_txn *txn, struct catalog **out, struct err *err)
{
    const struct catalog none = {0};
    struct catalog_edit *edit = catalog_edit_new(&none);
    struct arena arena;
    arena_init(&arena, 0);
    bool ok = load(txn, edit, &arena, err);
    arena_release(&arena);
    if (!ok) {
        catalog_edit_discard(edit);
        return false;
    }
    *out = catalog_edit_finish(edit, NULL);
    return true;
}
