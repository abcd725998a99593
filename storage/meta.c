/* SPDX-License-Identifier: Apache-2.0 */
/* meta.c — small rows about everything else. Counters are gathered in the transaction and written once per id at its
 * commit: a batch of 25 puts touches one counters row, and an abort forgets them without doing anything. */
#include "storage/meta.h"

bool meta_next_id(struct txn *txn, uint32_t *out, struct err *err)
{
    struct str last;
    if (!lmdb_get(txn->lmdb, LMDB_META, STR("i"), &last, err)) {
        return false;
    }
    uint32_t id = last.p == NULL ? 0 : layout_get_u32(last.p);
    if (id >= UINT32_MAX - 1) {
        return err_set(err, ERR_INTERNAL, "all ids of tables and indexes are used up: start with an empty directory");
    }
    unsigned char bytes[LAYOUT_ID_BYTES];
    layout_put_u32(bytes, id + 1);
    *out = id + 1;
    return lmdb_put(txn->lmdb, LMDB_META, STR("i"), str_of((const char *)bytes, sizeof(bytes)), err);
}

bool meta_counts(struct lmdb_txn *txn, uint32_t id, struct table_stats *out, struct err *err)
{
    struct meta_key key = meta_key(META_COUNTS, id);
    struct str value;
    if (!lmdb_get(txn, LMDB_META, meta_key_str(&key), &value, err)) {
        return false;
    }
    *out = (struct table_stats){0};
    if (value.p != NULL) {
        if (value.n != 16) {
            return err_set(err, ERR_INTERNAL, "the database is damaged: a counters row is not valid");
        }
        *out = (struct table_stats){layout_get_u64(value.p), layout_get_u64(value.p + 8)};
    }
    return true;
}

bool meta_flush_counts(struct txn *txn, struct err *err)
{
    for (size_t i = 0; i < txn->delta_count; i++) {
        const struct counter_delta *delta = &txn->deltas[i];
        struct table_stats stats;
        if (delta->id == 0 || (delta->items == 0 && delta->bytes == 0)) {
            continue;
        }
        if (!meta_counts(txn->lmdb, delta->id, &stats, err)) {
            return false;
        }
        unsigned char bytes[16];
        layout_put_u64(bytes, stats.items + (uint64_t)delta->items);
        layout_put_u64(bytes + 8, stats.bytes + (uint64_t)delta->bytes);
        struct meta_key key = meta_key(META_COUNTS, delta->id);
        if (!lmdb_put(txn->lmdb, LMDB_META, meta_key_str(&key), str_of((const char *)bytes, sizeof(bytes)), err)) {
            return false;
        }
    }
    txn->delta_count = 0;
    return true;
}

bool meta_drop_counts(struct txn *txn, uint32_t id, struct err *err)
{
    struct meta_key key = meta_key(META_COUNTS, id);
    txn_forget_counts(txn, id);
    return lmdb_del(txn->lmdb, LMDB_META, meta_key_str(&key), NULL, err);
}

bool job_put(struct txn *txn, enum job_kind kind, uint32_t id, struct str value, struct err *err)
{
    struct meta_key key = meta_key((int)kind, id);
    return lmdb_put(txn->lmdb, LMDB_META, meta_key_str(&key), value, err);
}

bool job_get(struct txn *txn, enum job_kind kind, uint32_t id, struct str *out, struct err *err)
{
    struct meta_key key = meta_key((int)kind, id);
    return lmdb_get(txn->lmdb, LMDB_META, meta_key_str(&key), out, err);
}

bool job_del(struct txn *txn, enum job_kind kind, uint32_t id, struct err *err)
{
    struct meta_key key = meta_key((int)kind, id);
    return lmdb_del(txn->lmdb, LMDB_META, meta_key_str(&key), NULL, err);
}

bool job_first(struct txn *txn, enum job_kind kind, uint32_t from, uint32_t *id, struct str *value, struct err *err)
{
    struct lmdb_cursor *cursor = NULL;
    struct meta_key key = meta_key((int)kind, from);
    struct str found;
    *id = 0;
    if (!lmdb_cursor_open(txn->lmdb, LMDB_META, &cursor, err)) {
        return false;
    }
    bool ok = lmdb_seek(cursor, meta_key_str(&key), &found, value, err);
    if (ok && found.p != NULL && found.n == sizeof(key.bytes) && found.p[0] == (char)kind) {
        *id = layout_get_u32(found.p + 1);
    }
    lmdb_cursor_close(cursor);
    return ok;
}
