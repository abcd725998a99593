/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_CATALOG_H
#define STORAGE_CATALOG_H

#include "core/err.h"
#include "storage/lmdb.h"
#include "storage/table.h"

/* All tables and namespaces in memory. A catalog is immutable once published; a write transaction that changes it works on an edit, and its
 * commit publishes a new one. Descriptors are shared between a catalog and its successors; what a successor does not have any more is freed
 * with the last catalog that has it, so catalogs must be freed oldest first. */

struct namespace_desc {
    uint32_t id;
    struct str access_key;
    struct str region;
};

struct catalog {
    const struct table_desc **tables; /* by namespace id, then name */
    size_t table_count;
    uint32_t *slots; /* hash → index in tables + 1; NULL in an edit */
    size_t slot_mask;
    const struct namespace_desc **namespaces; /* by access key, then region */
    size_t namespace_count;
    struct catalog *newer;
    void **garbage; /* freed with this catalog */
    size_t garbage_count;
};

struct catalog_edit;

/* Reads everything from the database. */
MUST_USE bool catalog_load(struct lmdb_txn *txn, struct catalog **out, struct err *err);
/* With its garbage; not what it shares with its successor. */
void catalog_free(struct catalog *catalog);
/* The last one: with everything in it. */
void catalog_free_all(struct catalog *catalog);

const struct table_desc *catalog_find(const struct catalog *catalog, uint32_t namespace_id, struct str name);
/* The place of the first table at or behind (namespace, name). */
size_t catalog_place(const struct catalog *catalog, uint32_t namespace_id, struct str name);
const struct namespace_desc *catalog_namespace(const struct catalog *catalog, struct str access_key, struct str region);

struct catalog_edit *catalog_edit_new(const struct catalog *from);
const struct catalog *catalog_edit_view(const struct catalog_edit *edit);
/* Takes the copy that descriptor_copy made; it replaces one of the same name. */
void catalog_edit_put(struct catalog_edit *edit, struct table_desc *desc);
void catalog_edit_remove(struct catalog_edit *edit, const struct table_desc *desc);
const struct namespace_desc *catalog_edit_add_namespace(struct catalog_edit *edit, uint32_t id, struct str access_key,
                                                        struct str region);
/* The edit becomes a catalog, the successor of `from`. */
struct catalog *catalog_edit_finish(struct catalog_edit *edit, struct catalog *from);
void catalog_edit_discard(struct catalog_edit *edit);

#endif
