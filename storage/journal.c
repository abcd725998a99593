/* SPDX-License-Identifier: Apache-2.0 */
/* journal.c — one record for each change that somebody may want to follow: streams now, backups and recovery to a point in time
 * later. Sequences are taken from the clock where it is ahead, so nothing about them needs to be kept when records expire. */
#include "storage/journal.h"

#include "storage/layout.h"
#include "storage/txn.h"

#include <stdlib.h>

enum { HAS_OLD_SET = 1, HAS_NEW_SET = 2, HAS_OLD = 4, HAS_NEW = 8 };

static void put_key(unsigned char *out, uint32_t table_id, uint64_t sequence)
{
    layout_put_u32(out, table_id);
    layout_put_u64(out + LAYOUT_ID_BYTES, sequence);
}

/* The last sequence on disk, 0 if there is none. */
static bool read_last(struct txn *txn, uint32_t table_id, uint64_t *out, struct err *err)
{
    struct lmdb_cursor *cursor = NULL;
    struct str key;
    struct str value;
    unsigned char end[LAYOUT_JOURNAL_KEY_BYTES];
    put_key(end, table_id, UINT64_MAX);
    *out = 0;
    if (!lmdb_cursor_open(txn->lmdb, LMDB_JOURNAL, &cursor, err)) {
        return false;
    }
    bool ok = lmdb_seek(cursor, str_of((const char *)end, sizeof(end)), &key, &value, err);
    if (ok) {
        ok = key.p == NULL ? lmdb_last(cursor, &key, &value, err) : lmdb_prev(cursor, &key, &value, err);
    }
    if (ok && key.p != NULL && layout_get_u32(key.p) == table_id) {
        *out = layout_get_u64(key.p + LAYOUT_ID_BYTES);
    }
    lmdb_cursor_close(cursor);
    return ok;
}

static bool next_sequence(struct txn *txn, uint32_t table_id, uint64_t *out, struct err *err)
{
    for (size_t i = 0; i < txn->journal_count; i++) {
        if (txn->journal[i].table_id == table_id) {
            *out = ++txn->journal[i].sequence;
            return true;
        }
    }
    uint64_t last = 0;
    if (!read_last(txn, table_id, &last, err)) {
        return false;
    }
    uint64_t now = (uint64_t)txn_now_ms(txn) * 1000;
    *out = last + 1 > now ? last + 1 : now;
    if (txn->journal_count == txn->journal_cap) {
        txn->journal_cap = txn->journal_cap == 0 ? 8 : txn->journal_cap * 2;
        txn->journal = realloc(txn->journal, txn->journal_cap * sizeof(*txn->journal));
        ensure(txn->journal != NULL);
    }
    txn->journal[txn->journal_count++] = (struct journal_last){table_id, *out};
    return true;
}

static unsigned char flags_of(const struct change *change)
{
    unsigned flags = 0;
    if (stored_exists(&change->old)) {
        flags |= HAS_OLD | (change->old.has_number_set ? HAS_OLD_SET : 0);
    }
    if (stored_exists(&change->new)) {
        flags |= HAS_NEW | (change->new.has_number_set ? HAS_NEW_SET : 0);
    }
    return (unsigned char)flags;
}

static void write_record(struct buf *out, const struct change *change, int64_t now_ms)
{
    const struct stored *any = stored_exists(&change->new) ? &change->new : &change->old;
    unsigned char header[LAYOUT_JOURNAL_HEADER_BYTES] = {1, (unsigned char)change->cause, flags_of(change), 0};
    layout_put_u32(header + 4, (uint32_t)any->key_end + 1);
    layout_put_u64(header + 8, (uint64_t)now_ms);
    layout_put_u32(header + 16, (uint32_t)change->old.text.n);
    layout_put_u32(header + 20, (uint32_t)change->new.text.n);
    layout_put_u32(header + 24, (uint32_t)change->old.size_bytes);
    layout_put_u32(header + 28, (uint32_t)change->new.size_bytes);
    layout_put_u32(header + 32, (uint32_t)change->old.key_end);
    layout_put_u32(header + 36, (uint32_t)change->new.key_end);
    buf_add(out, header, sizeof(header));
    buf_add(out, any->text.p, any->key_end);
    buf_add_byte(out, '}');
    if (stored_exists(&change->old)) {
        buf_add_str(out, change->old.text);
    }
    if (stored_exists(&change->new)) {
        buf_add_str(out, change->new.text);
    }
}

bool journal_add(struct txn *txn, const struct change *change, struct err *err)
{
    uint64_t sequence = 0;
    if (!next_sequence(txn, change->table->id, &sequence, err)) {
        return false;
    }
    unsigned char key[LAYOUT_JOURNAL_KEY_BYTES];
    put_key(key, change->table->id, sequence);
    struct buf *record = txn_scratch(txn);
    int64_t now_ms = txn_now_ms(txn);
    write_record(record, change, now_ms);
    if (atomic_load(&txn->store->trim_next_ms) > now_ms + JOURNAL_KEPT_MS + 1) {
        atomic_store(&txn->store->trim_next_ms, now_ms + JOURNAL_KEPT_MS + 1);
    }
    if (!lmdb_put(txn->lmdb, LMDB_JOURNAL, str_of((const char *)key, sizeof(key)), str_of(record->p, record->n), err)) {
        txn_note_failure(txn, record->n);
        return false;
    }
    return true;
}

/* ---- Reading ---- */

static bool damaged_header(struct err *err)
{
    return err_set(err, ERR_INTERNAL, "the database is damaged: a journal record without a valid header");
}

static bool decode(struct str key, struct str raw, struct journal_record *out, struct err *err)
{
    if (key.n != LAYOUT_JOURNAL_KEY_BYTES || raw.n < LAYOUT_JOURNAL_HEADER_BYTES || raw.p[0] != 1) {
        return damaged_header(err);
    }
    unsigned flags = (unsigned char)raw.p[2];
    size_t key_n = layout_get_u32(raw.p + 4);
    size_t old_n = layout_get_u32(raw.p + 16);
    size_t new_n = layout_get_u32(raw.p + 20);
    const char *text = raw.p + LAYOUT_JOURNAL_HEADER_BYTES;
    if (raw.n - LAYOUT_JOURNAL_HEADER_BYTES != key_n + old_n + new_n) {
        return err_set(err, ERR_INTERNAL, "the database is damaged: a journal record of another length than it says");
    }
    *out = (struct journal_record){
        .sequence = layout_get_u64(key.p + LAYOUT_ID_BYTES),
        .time_ms = (int64_t)layout_get_u64(raw.p + 8),
        .cause = raw.p[1] == CAUSE_TTL ? CAUSE_TTL : CAUSE_USER,
        .key = str_of(text, key_n),
    };
    if ((flags & HAS_OLD) != 0) {
        out->old = (struct stored){.text = str_of(text + key_n, old_n),
                                   .key_end = layout_get_u32(raw.p + 32),
                                   .size_bytes = layout_get_u32(raw.p + 24),
                                   .has_number_set = (flags & HAS_OLD_SET) != 0};
    }
    if ((flags & HAS_NEW) != 0) {
        out->new = (struct stored){.text = str_of(text + key_n + old_n, new_n),
                                   .key_end = layout_get_u32(raw.p + 36),
                                   .size_bytes = layout_get_u32(raw.p + 28),
                                   .has_number_set = (flags & HAS_NEW_SET) != 0};
    }
    return true;
}

struct journal_iter journal_after(struct txn *txn, uint32_t table_id, uint64_t sequence)
{
    return (struct journal_iter){txn, table_id, sequence};
}

bool journal_next(struct journal_iter *iter, struct journal_record *out, bool *found, struct err *err)
{
    struct lmdb_cursor *cursor = NULL;
    struct str key;
    struct str value;
    unsigned char at[LAYOUT_JOURNAL_KEY_BYTES];
    *found = false;
    if (iter->after == UINT64_MAX) {
        return true;
    }
    put_key(at, iter->table_id, iter->after + 1);
    if (!lmdb_cursor_open(iter->txn->lmdb, LMDB_JOURNAL, &cursor, err)) {
        return false;
    }
    bool ok = lmdb_seek(cursor, str_of((const char *)at, sizeof(at)), &key, &value, err);
    if (ok && key.p != NULL && layout_get_u32(key.p) == iter->table_id) {
        ok = decode(key, value, out, err);
        *found = ok;
        iter->after = ok ? out->sequence : iter->after;
    }
    lmdb_cursor_close(cursor);
    return ok;
}

/* ---- Expiry of records ---- */

/* The records of one table that are too old; the cursor ends on the first that is not, or in the next table. */
static bool trim_table(struct lmdb_cursor *cursor, int64_t before_ms, struct str *key, struct str *value, size_t *left,
                       struct err *err)
{
    uint32_t table_id = layout_get_u32(key->p);
    while (*left > 0 && key->p != NULL && layout_get_u32(key->p) == table_id) {
        if (value->n < LAYOUT_JOURNAL_HEADER_BYTES) {
            return damaged_header(err);
        }
        if ((int64_t)layout_get_u64(value->p + 8) >= before_ms) {
            return true;
        }
        (*left)--;
        if (!lmdb_cursor_del(cursor, err) || !lmdb_next(cursor, key, value, err)) {
            return false;
        }
    }
    return true;
}

static bool trim_all(struct lmdb_cursor *cursor, int64_t now_ms, size_t *left, int64_t *next_ms, struct err *err)
{
    struct str key;
    struct str value;
    bool ok = lmdb_seek(cursor, str_of("\0", 1), &key, &value, err);
    while (ok && key.p != NULL && *left > 0) {
        uint32_t table_id = layout_get_u32(key.p);
        ok = trim_table(cursor, now_ms - JOURNAL_KEPT_MS, &key, &value, left, err);
        if (ok && key.p != NULL && layout_get_u32(key.p) == table_id && *left > 0) {
            int64_t due = (int64_t)layout_get_u64(value.p + 8) + JOURNAL_KEPT_MS + 1;
            *next_ms = due < *next_ms ? due : *next_ms;
            unsigned char next[LAYOUT_ID_BYTES];
            layout_put_u32(next, table_id + 1);
            ok = lmdb_seek(cursor, str_of((const char *)next, sizeof(next)), &key, &value, err);
        }
    }
    return ok;
}

bool journal_trim(struct txn *txn, size_t limit, bool *more, struct err *err)
{
    struct lmdb_cursor *cursor = NULL;
    int64_t now_ms = txn_now_ms(txn);
    int64_t next_ms = INT64_MAX;
    if (!lmdb_cursor_open(txn->lmdb, LMDB_JOURNAL, &cursor, err)) {
        return false;
    }
    size_t left = limit;
    bool ok = trim_all(cursor, now_ms, &left, &next_ms, err);
    lmdb_cursor_close(cursor);
    /* Known for sure only once a pass has deleted nothing: a deletion may still be aborted. */
    *more = left < limit;
    if (ok && !*more) {
        atomic_store(&txn->store->trim_next_ms, next_ms);
    }
    return ok;
}
