/* SPDX-License-Identifier: Apache-2.0 */
/* Turns a cursor into one page of Query or Scan and streams it into the answer. Stored items are the text of the answer, so without a filter and
 * a projection a row costs one copy out of the map; otherwise it is parsed into the arena, looked at, and forgotten before the next one. The
 * filter runs after the count, as in DynamoDB, so a page may be empty yet have more behind it. */
#include "server/api/reads/page.h"

#include "core/limits.h"
#include "core/value_json.h"
#include "server/api/items/keys.h"

struct progress {
    size_t count;          /* rows that passed the filter */
    size_t scanned;
    size_t size_bytes;     /* DynamoDB's sizes of the rows evaluated */
    size_t text_bytes;     /* of what was copied or parsed */
    struct stored last;    /* evaluated; no text before the first */
};

static bool damaged(struct err *err)
{
    return err_set(err, ERR_INTERNAL, "the text of a stored item is damaged");
}

/* The item behind a row of an LSI. */
static bool fetch(struct call *call, const struct page *page, const struct stored *row, struct stored *out, struct err *err)
{
    struct arena *arena = call->arena;
    char *text = arena_alloc(arena, row->key_end + 1);
    memcpy(text, row->text.p, row->key_end);
    text[row->key_end] = '}';
    const struct json *json;
    if (!json_parse_stored(str_of(text, row->key_end + 1), arena, &json)) {
        return damaged(err);
    }
    struct value names;
    item_from_stored(json, arena, &names);
    struct value key = key_of_item(page->table, &names, arena);
    if (!item_get(call->txn, page->table, &key, arena, out, err)) {
        return false;
    }
    return stored_exists(out) || err_set(err, ERR_INTERNAL, "an index entry has no item");
}

static bool parse(const struct page *page, struct str text, struct arena *arena, const struct json **out)
{
    return page->pick ? item_pick_parse(page->pick, text, arena, out) : json_parse_stored(text, arena, out);
}

/* Counts the row if it passes the filter, and writes it. */
static bool emit(struct call *call, const struct page *page, const struct stored *row, struct progress *progress, struct err *err)
{
    bool sorts_sets = page->has_java_sets && row->has_number_set;
    const struct json *item = NULL;
    if ((page->filter || page->projection) && !parse(page, row->text, call->arena, &item)) {
        return damaged(err);
    }
    if (page->filter && !condition_holds(page->filter, item, call->arena)) {
        return true;
    }
    progress->count++;
    if (page->counts_only) {
        return true;
    }
    if (progress->count > 1) {
        buf_add_byte(call->out, ',');
    }
    if (page->projection) {
        (void)projection_write(page->projection, item, page->has_java_sets, call->arena, call->out);
    } else if (sorts_sets) {
        if (!json_parse_stored(row->text, call->arena, &item)) {
            return damaged(err);
        }
        item_text_write_java_sets(call->out, item);
    } else {
        buf_add_str(call->out, row->text);
    }
    return true;
}

/* One row. *is_full: it does not fit any more and was not evaluated. */
static bool evaluate(struct call *call, const struct page *page, const struct stored *row, struct progress *progress,
                     bool *is_full, struct err *err)
{
    *is_full = progress->scanned > 0 && progress->size_bytes + row->size_bytes > LIMIT_PAGE_BYTES;
    if (*is_full) {
        return true;
    }
    struct stored shown = *row;
    if (page->fetches && !fetch(call, page, row, &shown, err)) {
        return false;
    }
    bool reads_text = !page->counts_only || page->filter;
    size_t text_bytes = reads_text ? shown.text.n : 0;
    *is_full = progress->scanned > 0 && progress->text_bytes + text_bytes > PAGE_TEXT_BYTES;
    if (*is_full) {
        return true;
    }
    progress->scanned++;
    progress->size_bytes += row->size_bytes;
    progress->text_bytes += text_bytes;
    progress->last = *row;
    if (page->fetches) {
        capacity_add_fetch(page->capacity, shown.size_bytes, page->is_consistent);
    }
    return emit(call, page, &shown, progress, err);
}

/* Rows until the page is full or there are none. *has_more: it ended by Limit or size. */
static bool read_rows(struct call *call, const struct page *page, struct cursor *cursor, struct progress *progress,
                      bool *has_more, struct err *err)
{
    *has_more = false;
    for (;;) {
        if (page->limit > 0 && progress->scanned == page->limit) {
            *has_more = true;
            return true;
        }
        struct stored row;
        if (!cursor_next(cursor, &row, err)) {
            return false;
        }
        if (!stored_exists(&row)) {
            return true;
        }
        struct arena_mark mark = arena_mark(call->arena);
        bool is_evaluated = evaluate(call, page, &row, progress, has_more, err);
        if (!is_evaluated) {
            return false;
        }
        arena_rollback(call->arena, mark);
        if (*has_more) {
            return true;
        }
    }
}

bool page_write(struct call *call, const struct page *page, struct cursor *cursor, struct err *err)
{
    struct buf *out = call->out;
    struct progress progress = {0};
    bool has_more;
    if (!page->counts_only) {
        buf_add_literal(out, "\"Items\":[");
    }
    if (!read_rows(call, page, cursor, &progress, &has_more, err)) {
        return false;
    }
    capacity_add_read(page->capacity, page->index, progress.size_bytes, page->is_consistent);
    if (!page->counts_only) {
        buf_add_literal(out, "],");
    }
    buf_add_literal(out, "\"Count\":");
    buf_add_u64(out, progress.count);
    buf_add_literal(out, ",\"ScannedCount\":");
    buf_add_u64(out, progress.scanned);
    if (has_more) {
        buf_add_literal(out, ",\"LastEvaluatedKey\":");
        buf_add(out, progress.last.text.p, progress.last.key_end);
        buf_add_byte(out, '}');
    }
    return true;
}
