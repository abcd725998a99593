/* SPDX-License-Identifier: Apache-2.0 */
/* Consumed capacity and item collection metrics. What was charged is gathered per table while an operation runs and
 * printed at its end, so that the rules of rounding (per item, per page, per index entry) stand in one place and
 * operations only say what they did. */
#include "server/api/items/capacity.h"

#include "core/json.h"
#include "core/value_json.h"

void capacity_init(struct capacity *capacity, const struct table_desc *table, struct str table_name,
                   struct arena *arena)
{
    *capacity = (struct capacity){.table = table, .table_name = table_name};
    size_t count = table ? table->index_count : 0;
    if (count == 0) {
        return;
    }
    capacity->indexes = arena_array(arena, struct capacity_index, count);
    capacity->index_is_shown = arena_array(arena, bool, count);
    for (size_t i = 0; i < count; i++) {
        capacity->indexes[i].index = &table->indexes[i];
    }
}

static uint64_t units(size_t size_bytes, size_t unit_bytes)
{
    return size_bytes <= unit_bytes ? 1 : (size_bytes + unit_bytes - 1) / unit_bytes;
}

uint64_t write_units(size_t size_bytes)
{
    return units(size_bytes, 1024);
}

uint64_t read_units(size_t size_bytes)
{
    return units(size_bytes, 4096);
}

/* Half units of a read. */
static uint64_t read_halves(size_t size_bytes, bool is_consistent)
{
    return read_units(size_bytes) * (is_consistent ? 2 : 1);
}

static void charge_index(struct capacity *capacity, size_t at, uint64_t half_units)
{
    capacity->indexes[at].half_units += half_units;
    capacity->index_is_shown[at] = true;
}

void capacity_add_get(struct capacity *capacity, size_t size_bytes, bool is_consistent, unsigned factor)
{
    capacity->table_half_units += read_halves(size_bytes, is_consistent) * factor;
}

void capacity_add_read(struct capacity *capacity, const struct index_desc *index, size_t sum_bytes, bool is_consistent)
{
    uint64_t half_units = read_halves(sum_bytes, is_consistent);
    if (!index) {
        capacity->table_half_units += half_units;
        return;
    }
    size_t at = 0;
    while (at < capacity->table->index_count && capacity->indexes[at].index->id != index->id) {
        at++;
    }
    ensure(at < capacity->table->index_count);
    charge_index(capacity, at, half_units);
}

void capacity_add_fetch(struct capacity *capacity, size_t size_bytes, bool is_consistent)
{
    capacity->table_half_units += read_halves(size_bytes, is_consistent);
}

static size_t stored_size(const struct stored *stored)
{
    return stored_exists(stored) ? stored->size_bytes : 0;
}

/* Write units of what happened to one index entry. */
static uint64_t index_units(const struct index_change *change)
{
    size_t old_size = change->old_size_bytes;
    size_t new_size = change->new_size_bytes;
    if (old_size == 0 && new_size == 0) {
        return 0;
    }
    if (old_size == 0 || new_size == 0) {
        return write_units(old_size + new_size);
    }
    if (change->is_key_changed) {
        return write_units(old_size) + write_units(new_size);
    }
    if (change->is_content_changed) {
        return write_units(old_size > new_size ? old_size : new_size);
    }
    return 0;
}

void capacity_add_write(struct capacity *capacity, const struct change *change, unsigned factor)
{
    size_t old_size = stored_size(&change->old);
    size_t new_size = stored_size(&change->new);
    capacity_add_table_units(capacity, write_units(old_size > new_size ? old_size : new_size) * factor);
    if (change->is_same) {
        return;
    }
    for (size_t i = 0; i < change->index_count; i++) {
        uint64_t of_index = index_units(&change->indexes[i]);
        ensure(change->indexes[i].index->id == capacity->indexes[i].index->id);
        if (of_index > 0) {
            charge_index(capacity, i, 2 * of_index);
        }
    }
}

void capacity_add_table_units(struct capacity *capacity, uint64_t table_units)
{
    capacity->table_half_units += 2 * table_units;
}

static void write_units_of(struct buf *out, uint64_t half_units, const char *mirror)
{
    double amount = (double)half_units / 2;
    buf_add_literal(out, "\"CapacityUnits\":");
    json_write_double(out, amount);
    if (mirror) {
        buf_add_literal(out, ",\"");
        buf_add_str(out, str_from(mirror));
        buf_add_literal(out, "\":");
        json_write_double(out, amount);
    }
}

/* The arms of GSIs or of LSIs; nothing if none is shown. */
static void write_index_arms(const struct capacity *capacity, bool is_global, const char *mirror, struct buf *out)
{
    bool is_open = false;
    size_t count = capacity->table ? capacity->table->index_count : 0;
    for (size_t i = 0; i < count; i++) {
        const struct capacity_index *arm = &capacity->indexes[i];
        if (arm->index->is_global != is_global || !capacity->index_is_shown[i]) {
            continue;
        }
        if (is_open) {
            buf_add_byte(out, ',');
        } else if (is_global) {
            buf_add_literal(out, ",\"GlobalSecondaryIndexes\":{");
        } else {
            buf_add_literal(out, ",\"LocalSecondaryIndexes\":{");
        }
        is_open = true;
        json_write_string(out, arm->index->name);
        buf_add_literal(out, ":{");
        write_units_of(out, arm->half_units, mirror);
        buf_add_byte(out, '}');
    }
    if (is_open) {
        buf_add_byte(out, '}');
    }
}

void capacity_write(const struct capacity *capacity, enum capacity_mode mode, const char *mirror, struct buf *out)
{
    ensure(mode != CAPACITY_NONE);
    uint64_t total = capacity->table_half_units;
    size_t count = capacity->table ? capacity->table->index_count : 0;
    for (size_t i = 0; i < count; i++) {
        total += capacity->indexes[i].half_units;
    }
    buf_add_literal(out, "{\"TableName\":");
    json_write_string(out, capacity->table_name);
    buf_add_byte(out, ',');
    write_units_of(out, total, mirror);
    if (mode == CAPACITY_INDEXES) {
        buf_add_literal(out, ",\"Table\":{");
        write_units_of(out, capacity->table_half_units, mirror);
        buf_add_byte(out, '}');
        write_index_arms(capacity, true, mirror, out);
        write_index_arms(capacity, false, mirror, out);
    }
    buf_add_byte(out, '}');
}

bool collection_metrics_write(const struct table_desc *table, const struct value *key, struct buf *out)
{
    bool has_local = false;
    for (size_t i = 0; i < table->index_count && !has_local; i++) {
        has_local = !table->indexes[i].is_global;
    }
    if (!has_local) {
        return false;
    }
    const struct value *hash = value_map_get(key, table->key.hash[0].name);
    ensure(hash);
    buf_add_literal(out, "{\"ItemCollectionKey\":{");
    json_write_string(out, table->key.hash[0].name);
    buf_add_byte(out, ':');
    value_text_write(out, hash);
    buf_add_literal(out, "},\"SizeEstimateRangeGB\":[0.0,1.0]}");
    return true;
}
