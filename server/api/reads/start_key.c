/* SPDX-License-Identifier: Apache-2.0 */
/* The many texts of a bad ExclusiveStartKey. The key itself need not exist: reading goes on after its position, so all that is checked is
 * that such a position can be part of the read. */
#include "server/api/reads/start_key.h"

#include "server/api/reads/key_match.h"
#include "server/api/items/keys.h"

static bool contains(struct str s, const char *part)
{
    size_t n = strlen(part);
    for (size_t i = 0; i + n <= s.n; i++) {
        if (memcmp(s.p + i, part, n) == 0) {
            return true;
        }
    }
    return false;
}

/* Does a refusal of a value keep its own text? What is left out gets the prefix. */
static bool is_bare(struct str message, enum read_kind kind)
{
    if (kind == READ_QUERY) {
        return !str_starts_with(message, STR("Supplied AttributeValue"));
    }
    static const char *const bare[] = {"Input collection", "An number set", "cannot be converted to a numeric value",
                                       "Attempting to store", VALUE_EMPTY_NAME_TEXT};
    for (size_t i = 0; i < sizeof bare / sizeof bare[0]; i++) {
        if (contains(message, bare[i])) {
            return true;
        }
    }
    return false;
}

bool start_key_read(const struct json *json, enum read_kind kind, enum value_dialect dialect, struct arena *arena,
                    const struct value **out, struct err *err)
{
    *out = NULL;
    if (!json) {
        return true;
    }
    struct value *start = arena_new(arena, struct value);
    struct err own;
    err_init(&own, arena);
    if (item_read(json, arena, dialect, start, &own)) {
        *out = start;
        return true;
    }
    if (is_bare(own.message, kind)) {
        return err_set_text(err, own.kind, own.message);
    }
    return err_set(err, own.kind, START_KEY_INVALID_TEXT ": %.*s", STR_ARG(own.message));
}

/* The index that a Scan's type text names: the one that is read, else the table's first (GSIs before LSIs); NULL if it has none. */
static const struct index_desc *named_index(const struct table_desc *table, const struct index_desc *index)
{
    for (size_t i = 0; !index && i < table->index_count; i++) {
        if (table->indexes[i].is_global) {
            index = &table->indexes[i];
        }
    }
    return !index && table->index_count > 0 ? &table->indexes[0] : index;
}

static bool type_error(const struct table_desc *table, const struct index_desc *index, const struct key_part *part,
                       const struct value *v, enum read_kind kind, struct err *err)
{
    const struct index_desc *named = named_index(table, index);
    if (kind == READ_QUERY || !named) {
        return err_set(err, ERR_VALIDATION, START_KEY_INVALID_TEXT);
    }
    return index_key_type_error(named, part, v, err);
}

static const struct key_part *part_of(const struct table_desc *table, const struct index_desc *index, struct str name)
{
    const struct key_part *part = key_schema_part(&table->key, name);
    return part || !index ? part : key_schema_part(&index->key, name);
}

bool start_key_check_shape(const struct table_desc *table, const struct index_desc *index, const struct value *start,
                           enum read_kind kind, struct err *err)
{
    if (!start) {
        return true;
    }
    struct str names[KEY_NAMES_MAX];
    size_t count = table_key_names(table, index, names);
    bool has_all = start->count == count;
    for (size_t i = 0; has_all && i < count; i++) {
        has_all = value_map_get(start, names[i]) != NULL;
    }
    if (!has_all) {
        return err_set(err, ERR_VALIDATION, START_KEY_INVALID_TEXT);
    }
    for (size_t i = 0; i < count; i++) {
        const struct key_part *part = part_of(table, index, names[i]);
        const struct value *v = value_map_get(start, names[i]);
        if (v->type != part->type) {
            return type_error(table, index, part, v, kind, err);
        }
    }
    struct value key = key_of_item(table, start, err->arena);
    return key_check(table, &key, err) && (!index || index_keys_check_put(table, start, err));
}

static bool is_same_partition(const struct query *query)
{
    const struct key_schema *key = read_schema(query->table, query->index);
    for (size_t i = 0; i < key->hash_count; i++) {
        if (!value_equal(value_map_get(query->start, key->hash[i].name), query->partition[i])) {
            return false;
        }
    }
    return true;
}

bool start_key_check_place(const struct query *query, struct err *err)
{
    if (!query->start) {
        return true;
    }
    const struct key_schema *key = read_schema(query->table, query->index);
    bool has_range = query->range.equal_count > 0 || query->range.op != RANGE_ALL;
    if (has_range && !range_condition_holds(&query->range, key, query->start)) {
        return err_set(err, ERR_VALIDATION, "The provided starting key does not match the range key predicate");
    }
    if (is_same_partition(query)) {
        return true;
    }
    if (has_range) {
        /* AWS's own words for this, whatever the condition. */
        return err_set(err, ERR_VALIDATION, "The query can return at most one row and cannot be restarted");
    }
    if (!query->index && key->range_count == 0) {
        return err_set(err, ERR_VALIDATION, "The provided exclusive start key is invalid");
    }
    return err_set(err, ERR_VALIDATION,
                   "The provided starting key is outside query boundaries based on provided conditions");
}

bool start_key_check_segment(const struct scan *scan, struct err *err)
{
    if (!scan->start || scan->total_segments == 1 ||
        scan_segment_has(scan->table, scan->index, scan->start, scan->segment, scan->total_segments)) {
        return true;
    }
    return err_set(err, ERR_VALIDATION,
                   START_KEY_INVALID_TEXT ": Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. "
                                "TotalSegments: %u Segment: %u",
                   (unsigned)scan->total_segments, (unsigned)scan->segment);
}
