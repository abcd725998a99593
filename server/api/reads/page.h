/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_READS_PAGE_H
#define SERVER_API_READS_PAGE_H

#include "core/item_pick.h"
#include "expr/expr.h"
#include "server/api/items/capacity.h"
#include "server/api/op.h"
#include "storage/cursor.h"

/* One page of a Query or Scan. */

/* A page also ends before its rows' texts exceed this (one row alone may), so that buffers stay bounded: a legal item of 400 KB can have 19 MB of
 * text. */
#define PAGE_TEXT_BYTES ((size_t)16 * 1024 * 1024)

struct page {
    const struct table_desc *table;
    const struct index_desc *index;        /* NULL: the table */
    const struct condition *filter;        /* or NULL */
    const struct projection *projection;   /* or NULL */
    const struct item_pick *pick;          /* what filter and projection look at; NULL: too many attributes, items are parsed whole */
    size_t limit;                          /* rows to evaluate; 0: no Limit */
    bool counts_only;
    bool fetches;                          /* an LSI: every row is fetched from the table */
    bool has_java_sets;                    /* members of NS in Java's order */
    bool is_consistent;
    struct capacity *capacity;             /* what was read is added */
};

/* Writes `"Items":[…],"Count":…,"ScannedCount":…` and, if the page ended by Limit or size, `,"LastEvaluatedKey":{…}`. A page ends by size
 * before the row with which the sum of its sizes would exceed 1 MB; it evaluates at least one. */
MUST_USE bool page_write(struct call *call, const struct page *page, struct cursor *cursor, struct err *err);

#endif
