/* SPDX-License-Identifier: Apache-2.0 */
/* list_tables.c — ListTables: names of this access key's and region's tables in byte order, a page at a time. */
#include "server/api/common.h"
#include "server/api/op.h"
#include "server/api/tables.h"

#define PAGE_MAX 100

struct list_tables_in {
    struct str start;
    struct opt_int limit;
};

static const struct field input[] = {
    FIELD_STRING(list_tables_in, start, "ExclusiveStartTableName", .matches = is_table_name, .pattern = NAME_PATTERN,
                 .min = 3, .max = 255),
    FIELD_INT(list_tables_in, limit, "Limit", .min = 1, .max = PAGE_MAX),
    FIELD_END,
};

struct page {
    struct buf *out;
    size_t count;
    size_t limit;
    struct str last;
    bool has_more;
};

static bool visit(void *context, const struct table_desc *table)
{
    struct page *page = context;
    if (page->count == page->limit) {
        page->has_more = true;
        return false;
    }
    if (page->count++ > 0) {
        buf_add_byte(page->out, ',');
    }
    json_write_string(page->out, table->name);
    page->last = table->name;
    return true;
}

static bool run(struct call *call, void *in, struct err *err)
{
    (void)err;
    const struct list_tables_in *request = in;
    struct page page = {.out = call->out, .limit = request->limit.is_present ? (size_t)request->limit.n : PAGE_MAX};
    buf_add_literal(call->out, "{\"TableNames\":[");
    if (call->namespace_id != NAMESPACE_NONE) {
        table_visit(call->txn, call->namespace_id, request->start, visit, &page);
    }
    buf_add_byte(call->out, ']');
    if (page.count == 0 && request->start.p == NULL) {
        table_hint(call, (struct str){0});
    }
    if (page.has_more) {
        buf_add_literal(call->out, ",\"LastEvaluatedTableName\":");
        json_write_string(call->out, page.last);
    }
    buf_add_byte(call->out, '}');
    return true;
}

const struct op op_list_tables = {
    .name = "ListTables",
    .txn = TXN_READ,
    .input = input,
    .input_size = sizeof(struct list_tables_in),
    .run = run,
};
