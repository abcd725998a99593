/* SPDX-License-Identifier: Apache-2.0 */
/* table_description.c — TableDescription as JSON, for every operation that shows a table. What is not set is left out, never null; what an
 * operation shows differently from DescribeTable stands in its struct description. */
#include "server/api/schema/table_description.h"

#include "server/api/tables.h"

#include <stdlib.h>

static void write_str(struct buf *out, const char *name, struct str s)
{
    buf_add_byte(out, '"');
    buf_add_str(out, str_from(name));
    buf_add_literal(out, "\":");
    json_write_string(out, s);
}

static void write_count(struct buf *out, const char *name, uint64_t n)
{
    buf_add_literal(out, ",\"");
    buf_add_str(out, str_from(name));
    buf_add_literal(out, "\":");
    buf_add_u64(out, n);
}

static void write_time(struct buf *out, const char *name, int64_t ms)
{
    if (ms != 0) {
        buf_add_literal(out, ",\"");
        buf_add_str(out, str_from(name));
        buf_add_literal(out, "\":");
        json_write_time_ms(out, ms);
    }
}

/* ---- Keys ---- */

static void write_parts(const struct key_part *parts, size_t count, const char *type, struct buf *out)
{
    for (size_t i = 0; i < count; i++) {
        buf_add_str(out, out->p[out->n - 1] == '[' ? STR("{") : STR(",{"));
        write_str(out, "AttributeName", parts[i].name);
        buf_add_literal(out, ",\"KeyType\":\"");
        buf_add_str(out, str_from(type));
        buf_add_literal(out, "\"}");
    }
}

void key_schema_write(const struct key_schema *key, struct buf *out)
{
    buf_add_byte(out, '[');
    write_parts(key->hash, key->hash_count, "HASH", out);
    write_parts(key->range, key->range_count, "RANGE", out);
    buf_add_byte(out, ']');
}

static size_t add_parts(const struct key_schema *key, struct key_part *parts, size_t n)
{
    for (size_t i = 0; i < key->hash_count; i++) {
        parts[n++] = key->hash[i];
    }
    for (size_t i = 0; i < key->range_count; i++) {
        parts[n++] = key->range[i];
    }
    return n;
}

static int part_compare(const void *a, const void *b)
{
    return str_compare(((const struct key_part *)a)->name, ((const struct key_part *)b)->name);
}

/* The key attributes of the table and of its indexes, each once, by name. */
static void write_definitions(const struct table_desc *table, struct arena *arena, struct buf *out)
{
    size_t max = (1 + table->index_count) * 2 * LIMIT_GSI_KEY_PARTS;
    struct key_part *parts = arena_array(arena, struct key_part, max);
    size_t n = add_parts(&table->key, parts, 0);
    for (size_t i = 0; i < table->index_count; i++) {
        n = add_parts(&table->indexes[i].key, parts, n);
    }
    qsort(parts, n, sizeof parts[0], part_compare);
    buf_add_byte(out, '[');
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && str_eq(parts[i].name, parts[i - 1].name)) {
            continue;
        }
        buf_add_str(out, i == 0 ? STR("{") : STR(",{"));
        write_str(out, "AttributeName", parts[i].name);
        buf_add_literal(out, ",\"AttributeType\":\"");
        buf_add_str(out, str_from(value_type_name(parts[i].type)));
        buf_add_literal(out, "\"}");
    }
    buf_add_byte(out, ']');
}

void index_projection_write(const struct index_desc *index, struct buf *out)
{
    static const char *const kinds[] = {
        [PROJECT_ALL] = "ALL", [PROJECT_KEYS_ONLY] = "KEYS_ONLY", [PROJECT_INCLUDE] = "INCLUDE"};
    buf_add_literal(out, "{\"ProjectionType\":\"");
    buf_add_str(out, str_from(kinds[index->projection]));
    buf_add_byte(out, '"');
    if (index->included_count > 0) {
        buf_add_literal(out, ",\"NonKeyAttributes\":[");
        for (size_t i = 0; i < index->included_count; i++) {
            if (i > 0) {
                buf_add_byte(out, ',');
            }
            json_write_string(out, index->included[i]);
        }
        buf_add_byte(out, ']');
    }
    buf_add_byte(out, '}');
}

/* ---- Throughput ---- */

static void write_throughput(const struct throughput *t, int64_t now_ms, struct buf *out)
{
    buf_add_literal(out, ",\"ProvisionedThroughput\":{\"NumberOfDecreasesToday\":");
    buf_add_i64(out, throughput_decreases(t, now_ms));
    buf_add_literal(out, ",\"ReadCapacityUnits\":");
    buf_add_i64(out, t->read_units);
    buf_add_literal(out, ",\"WriteCapacityUnits\":");
    buf_add_i64(out, t->write_units);
    write_time(out, "LastIncreaseDateTime", t->last_increase_ms);
    write_time(out, "LastDecreaseDateTime", t->last_decrease_ms);
    buf_add_byte(out, '}');
}

static void write_ceilings(const struct throughput *t, struct buf *out)
{
    if (t->max_read == 0 && t->max_write == 0) {
        return;
    }
    buf_add_literal(out, ",\"OnDemandThroughput\":{");
    if (t->max_read != 0) {
        buf_add_literal(out, "\"MaxReadRequestUnits\":");
        buf_add_i64(out, t->max_read);
    }
    if (t->max_write != 0) {
        buf_add_str(out, t->max_read != 0 ? STR(",\"MaxWriteRequestUnits\":") : STR("\"MaxWriteRequestUnits\":"));
        buf_add_i64(out, t->max_write);
    }
    buf_add_byte(out, '}');
}

static void write_warm(const struct description *d, const struct throughput *t, const char *status, struct buf *out)
{
    if (d->hides_warm && status == NULL) {
        return;
    }
    buf_add_literal(out, ",\"WarmThroughput\":{\"ReadUnitsPerSecond\":");
    buf_add_i64(out, t->warm_read);
    buf_add_literal(out, ",\"WriteUnitsPerSecond\":");
    buf_add_i64(out, t->warm_write);
    buf_add_literal(out, ",\"Status\":\"");
    buf_add_str(out, str_from(status != NULL ? status : "ACTIVE"));
    buf_add_literal(out, "\"}");
}

static void write_billing(const struct description *d, struct buf *out)
{
    const struct table_settings *settings = d->settings;
    bool is_on_demand = settings->billing == BILLING_PAY_PER_REQUEST;
    if (!is_on_demand && settings->on_demand_since_ms == 0) {
        return;
    }
    buf_add_literal(out, ",\"BillingModeSummary\":{\"BillingMode\":");
    buf_add_str(out, is_on_demand ? STR("\"PAY_PER_REQUEST\"") : STR("\"PROVISIONED\""));
    if (!d->hides_billing_date) {
        write_time(out, "LastUpdateToPayPerRequestDateTime", settings->on_demand_since_ms);
    }
    buf_add_byte(out, '}');
}

/* ---- Indexes ---- */

static const struct index_note *note_of(const struct description *d, struct str name)
{
    for (size_t i = 0; i < d->note_count; i++) {
        if (str_eq(d->notes[i].name, name)) {
            return &d->notes[i];
        }
    }
    return NULL;
}

static void write_index_common(struct call *call, const struct description *d, const struct index_desc *index,
                               struct buf *out)
{
    struct table_stats stats = index->id != 0 ? table_stats(call->txn, index->id) : (struct table_stats){0};
    write_str(out, "IndexName", index->name);
    buf_add_literal(out, ",\"KeySchema\":");
    key_schema_write(&index->key, out);
    buf_add_literal(out, ",\"Projection\":");
    index_projection_write(index, out);
    write_count(out, "IndexSizeBytes", stats.bytes);
    write_count(out, "ItemCount", stats.items);
    buf_add_byte(out, ',');
    write_str(out, "IndexArn", index_arn(call, d->table->name, index->name));
}

static void write_gsi(struct call *call, const struct description *d, const struct index_desc *index, struct buf *out)
{
    static const struct throughput none;
    const struct index_settings *settings = settings_index(d->settings, index->name);
    const struct throughput *throughput = settings != NULL ? &settings->throughput : &none;
    const struct index_note *note = note_of(d, index->name);
    const char *status = index->is_backfilling ? "CREATING" : "ACTIVE";
    write_index_common(call, d, index, out);
    buf_add_literal(out, ",\"IndexStatus\":\"");
    buf_add_str(out, str_from(note != NULL && note->status != NULL ? note->status : status));
    buf_add_byte(out, '"');
    if (note != NULL && note->is_new) {
        buf_add_literal(out, ",\"Backfilling\":false");
    } else if (index->is_backfilling && (note == NULL || note->status == NULL)) {
        /* Not beside DELETING. */
        buf_add_str(out, table_index_is_allocating(call->txn, index) ? STR(",\"Backfilling\":false") : STR(",\"Backfilling\":true"));
    }
    write_throughput(throughput, clock_now_ms(call->clock), out);
    write_ceilings(throughput, out);
    write_warm(d, throughput, note != NULL ? note->warm_status : NULL, out);
}

static void write_indexes(struct call *call, const struct description *d, bool is_global, struct buf *out)
{
    size_t n = 0;
    for (size_t i = 0; i < d->table->index_count; i++) {
        const struct index_desc *index = &d->table->indexes[i];
        if (index->is_global != is_global) {
            continue;
        }
        if (n++ > 0) {
            buf_add_byte(out, ',');
        } else {
            buf_add_str(out, is_global ? STR(",\"GlobalSecondaryIndexes\":[") : STR(",\"LocalSecondaryIndexes\":["));
        }
        buf_add_byte(out, '{');
        if (is_global) {
            write_gsi(call, d, index, out);
        } else {
            write_index_common(call, d, index, out);
        }
        buf_add_byte(out, '}');
    }
    if (n > 0) {
        buf_add_byte(out, ']');
    }
}

/* ---- The rest ---- */

static void write_stream(struct call *call, const struct description *d, struct buf *out)
{
    const struct stream_settings *latest = settings_latest_stream(d->settings);
    if (latest == NULL) {
        return;
    }
    if (latest->disabled_ms == 0) {
        buf_add_literal(out, ",\"StreamSpecification\":{\"StreamEnabled\":true,");
        write_str(out, "StreamViewType", latest->view_type);
        buf_add_byte(out, '}');
    }
    struct str arn = table_arn(call, d->table->name);
    buf_add_byte(out, ',');
    write_str(out, "LatestStreamLabel", latest->label);
    buf_add_byte(out, ',');
    write_str(out, "LatestStreamArn",
              arena_printf(call->arena, "%.*s/stream/%.*s", STR_ARG(arn), STR_ARG(latest->label)));
}

static void write_options(const struct description *d, struct buf *out)
{
    const struct table_settings *settings = d->settings;
    if (settings->sse_key_arn.p != NULL) {
        buf_add_literal(out, ",\"SSEDescription\":{\"Status\":\"");
        buf_add_str(out, str_from(d->sse_status != NULL ? d->sse_status : "ENABLED"));
        buf_add_literal(out, "\",\"SSEType\":\"KMS\",");
        write_str(out, "KMSMasterKeyArn", settings->sse_key_arn);
        buf_add_byte(out, '}');
    }
    if (settings->table_class.p != NULL) {
        buf_add_literal(out, ",\"TableClassSummary\":{");
        write_str(out, "TableClass", settings->table_class);
        write_time(out, "LastUpdateDateTime", settings->table_class_changed_ms);
        buf_add_byte(out, '}');
    }
    buf_add_str(out, settings->is_protected ? STR(",\"DeletionProtectionEnabled\":true")
                                            : STR(",\"DeletionProtectionEnabled\":false"));
}

void description_write(struct call *call, const struct description *d, struct buf *out)
{
    const struct table_desc *table = d->table;
    struct table_stats stats = table->id != 0 ? table_stats(call->txn, table->id) : (struct table_stats){0};
    buf_add_literal(out, "{\"AttributeDefinitions\":");
    write_definitions(table, call->arena, out);
    buf_add_byte(out, ',');
    write_str(out, "TableName", table->name);
    buf_add_literal(out, ",\"KeySchema\":");
    key_schema_write(&table->key, out);
    buf_add_byte(out, ',');
    write_str(out, "TableStatus", str_from(d->table_status));
    write_time(out, "CreationDateTime", d->settings->created_ms);
    write_throughput(&d->settings->throughput, clock_now_ms(call->clock), out);
    write_count(out, "TableSizeBytes", stats.bytes);
    write_count(out, "ItemCount", stats.items);
    buf_add_byte(out, ',');
    write_str(out, "TableArn", table_arn(call, table->name));
    buf_add_byte(out, ',');
    write_str(out, "TableId", d->settings->table_id);
    write_billing(d, out);
    if (!d->hides_indexes) {
        write_indexes(call, d, false, out);
        write_indexes(call, d, true, out);
    }
    write_stream(call, d, out);
    write_options(d, out);
    write_ceilings(&d->settings->throughput, out);
    write_warm(d, &d->settings->throughput, d->warm_status, out);
    buf_add_byte(out, '}');
}
