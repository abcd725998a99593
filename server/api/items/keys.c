/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of requests against the schema of a table. Everything that DynamoDB says of a key stands here, because item
 * operations, batches, transactions and starting keys say it in the same words; what differs between putting, looking
 * up and updating is which text a problem gets and in which order problems are looked for, so each of these has its own
 * short function over shared parts. */
#include "server/api/items/keys.h"

#include "core/limits.h"

#define SCHEMA_TEXT "The provided key element does not match the schema"
#define EMPTY_TEXT "The AttributeValue for a key attribute cannot contain an empty %s value."
#define HASH_SIZE_TEXT                                                                                                 \
    "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes"
#define RANGE_SIZE_TEXT                                                                                                \
    "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of "     \
    "1024 "                                                                                                            \
    "bytes"

static bool schema_error(struct err *err)
{
    return err_set(err, ERR_VALIDATION, "%s", SCHEMA_TEXT);
}

static bool is_empty(const struct value *v)
{
    return (v->type == VALUE_S || v->type == VALUE_B) && v->str.n == 0;
}

/* The word of the empty texts. */
static const char *empty_word(const struct value *v)
{
    return v->type == VALUE_B ? "binary" : "string";
}

static bool check_not_empty(struct str name, const struct value *v, struct err *err)
{
    if (!is_empty(v)) {
        return true;
    }
    return err_set(err, ERR_VALIDATION, "One or more parameter values are not valid. " EMPTY_TEXT " Key: %.*s",
                   empty_word(v), STR_ARG(name));
}

static size_t key_bytes(const struct value *v)
{
    return v->type == VALUE_N ? 0 : v->str.n;
}

static bool check_hash_size(const struct value *v, struct err *err)
{
    return key_bytes(v) <= LIMIT_HASH_KEY_BYTES || err_set(err, ERR_VALIDATION, HASH_SIZE_TEXT);
}

static bool check_range_size(const struct value *v, struct err *err)
{
    return key_bytes(v) <= LIMIT_RANGE_KEY_BYTES || err_set(err, ERR_VALIDATION, RANGE_SIZE_TEXT);
}

/* The table's key attributes must be there, with the right types; then not empty, then not too long. */
static bool check_key(const struct table_desc *table, const struct value *item, struct err *err)
{
    const struct key_schema *key = &table->key;
    const struct value *hash = value_map_get(item, key->hash[0].name);
    const struct value *range = key->range_count == 0 ? NULL : value_map_get(item, key->range[0].name);
    if (!hash || hash->type != key->hash[0].type) {
        return schema_error(err);
    }
    if (key->range_count > 0 && (!range || range->type != key->range[0].type)) {
        return schema_error(err);
    }
    return check_not_empty(key->hash[0].name, hash, err) &&
           (!range || check_not_empty(key->range[0].name, range, err)) && check_hash_size(hash, err) &&
           (!range || check_range_size(range, err));
}

bool key_check(const struct table_desc *table, const struct value *key, struct err *err)
{
    return key->count == 1 + table->key.range_count ? check_key(table, key, err) : schema_error(err);
}

/* PutItem's texts for one key attribute. */
static bool check_put_part(const struct key_part *part, bool is_hash, const struct value *item, struct err *err)
{
    const struct value *v = value_map_get(item, part->name);
    if (!v) {
        return err_set(err, ERR_VALIDATION,
                       "One or more parameter values were invalid: Missing the key %.*s in the item",
                       STR_ARG(part->name));
    }
    if (v->type != part->type) {
        return err_set(err, ERR_VALIDATION,
                       "One or more parameter values were invalid: Type mismatch for key %.*s expected: %s actual: %s",
                       STR_ARG(part->name), value_type_name(part->type), value_type_name(v->type));
    }
    return check_not_empty(part->name, v, err) && (is_hash ? check_hash_size(v, err) : check_range_size(v, err));
}

bool item_key_check(const struct table_desc *table, const struct value *item, bool is_batch, struct err *err)
{
    if (is_batch) {
        return check_key(table, item, err);
    }
    return check_put_part(&table->key.hash[0], true, item, err) &&
           (table->key.range_count == 0 || check_put_part(&table->key.range[0], false, item, err));
}

bool key_check_empty(const struct table_desc *table, const struct value *item, struct err *err)
{
    const struct value *hash = value_map_get(item, table->key.hash[0].name);
    const struct value *range = table->key.range_count == 0 ? NULL : value_map_get(item, table->key.range[0].name);
    return (!hash || hash->type != table->key.hash[0].type || check_not_empty(table->key.hash[0].name, hash, err)) &&
           (!range || range->type != table->key.range[0].type || check_not_empty(table->key.range[0].name, range, err));
}

/* ---- Index keys ---- */

enum index_check { INDEX_CHECK_PUT, INDEX_CHECK_UPDATE, INDEX_CHECK_EMPTY, INDEX_CHECK_UPDATE_EMPTY };

static bool index_empty_error(const struct index_desc *index, const struct key_part *part, const struct value *v,
                              bool is_update, struct err *err)
{
    if (is_update) {
        return err_set(err, ERR_VALIDATION,
                       "One or more parameter values are not valid. The update expression attempted to update a "
                       "secondary index key to a value that is not supported. " EMPTY_TEXT,
                       empty_word(v));
    }
    return err_set(err, ERR_VALIDATION,
                   "One or more parameter values are not valid. A value specified for a secondary index key is not "
                   "supported. " EMPTY_TEXT " IndexName: %.*s, IndexKey: %.*s",
                   empty_word(v), STR_ARG(index->name), STR_ARG(part->name));
}

/* One key attribute of one index. `old` is NULL when all count as changed. */
static bool check_index_part(const struct index_desc *index, const struct key_part *part, bool is_hash,
                             const struct value *old, const struct value *item, enum index_check what, struct err *err)
{
    const struct value *v = value_map_get(item, part->name);
    if (!v) {
        return true;
    }
    const struct value *before = old ? value_map_get(old, part->name) : NULL;
    if (before && value_equal(before, v)) {
        return true;
    }
    bool only_empty = what == INDEX_CHECK_EMPTY || what == INDEX_CHECK_UPDATE_EMPTY;
    if (v->type != part->type) {
        return only_empty ||
               index_key_type_error(index, part, v, err);
    }
    if (is_empty(v)) {
        bool is_update = what == INDEX_CHECK_UPDATE || what == INDEX_CHECK_UPDATE_EMPTY;
        return index_empty_error(index, part, v, is_update, err);
    }
    return only_empty || (is_hash ? check_hash_size(v, err) : check_range_size(v, err));
}

static bool check_index(const struct index_desc *index, const struct value *old, const struct value *item,
                        enum index_check what, struct err *err)
{
    for (size_t i = 0; i < index->key.hash_count; i++) {
        if (!check_index_part(index, &index->key.hash[i], true, old, item, what, err)) {
            return false;
        }
    }
    for (size_t i = 0; i < index->key.range_count; i++) {
        if (!check_index_part(index, &index->key.range[i], false, old, item, what, err)) {
            return false;
        }
    }
    return true;
}

/* Checks in the order of the table; of the indexes that fail the alphabetically first one speaks. */
static bool check_indexes(const struct table_desc *table, const struct value *old, const struct value *item,
                          enum index_check what, struct err *err)
{
    const struct index_desc *worst = NULL;
    for (size_t i = 0; i < table->index_count; i++) {
        const struct index_desc *index = &table->indexes[i];
        if (worst && str_compare(index->name, worst->name) > 0) {
            continue;
        }
        struct err own;
        err_init(&own, err->arena);
        if (!check_index(index, old, item, what, &own)) {
            worst = index;
        }
    }
    return !worst || check_index(worst, old, item, what, err);
}

bool index_keys_check_put(const struct table_desc *table, const struct value *item, struct err *err)
{
    return check_indexes(table, NULL, item, INDEX_CHECK_PUT, err);
}

bool index_keys_check_update(const struct table_desc *table, const struct value *old, const struct value *item,
                             struct err *err)
{
    return check_indexes(table, old, item, INDEX_CHECK_UPDATE, err);
}

bool index_keys_check_empty(const struct table_desc *table, const struct value *item, struct err *err)
{
    return check_indexes(table, NULL, item, INDEX_CHECK_EMPTY, err);
}

bool index_keys_check_update_empty(const struct table_desc *table, const struct value *old, const struct value *item,
                                   struct err *err)
{
    return check_indexes(table, old, item, INDEX_CHECK_UPDATE_EMPTY, err);
}

/* ---- Others ---- */

struct value key_of_item(const struct table_desc *table, const struct value *item, struct arena *arena)
{
    struct str names[KEY_NAMES_MAX];
    size_t count = table_key_names(table, NULL, names);
    struct member *members = arena_array(arena, struct member, count);
    for (size_t i = 0; i < count; i++) {
        const struct value *v = value_map_get(item, names[i]);
        ensure(v);
        members[i] = (struct member){.name = names[i], .value = *v};
    }
    value_sort_members(members, count);
    return (struct value){.type = VALUE_M, .count = count, .members = members};
}

bool index_key_type_error(const struct index_desc *index, const struct key_part *part, const struct value *v,
                          struct err *err)
{
    return err_set(err, ERR_VALIDATION,
                   INVALID_PARAMETERS "Type mismatch for Index Key %.*s Expected: %s Actual: %s IndexName: %.*s",
                   STR_ARG(part->name), value_type_name(part->type), value_type_name(v->type), STR_ARG(index->name));
}

bool duplicate_keys_error(struct err *err)
{
    return err_set(err, ERR_VALIDATION, "Provided list of item keys contains duplicates");
}

bool key_attribute_error(struct str name, struct err *err)
{
    return err_set(err, ERR_VALIDATION,
                   "One or more parameter values were invalid: Cannot update attribute %.*s. This attribute is part "
                   "of the key",
                   STR_ARG(name));
}

static bool nested_key_error(const char *which, struct str name, struct err *err)
{
    return err_set(err, ERR_VALIDATION,
                   "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: "
                   "%s: %.*s",
                   which, STR_ARG(name));
}

bool key_path_check(const struct table_desc *table, struct str name, struct err *err)
{
    if (key_schema_has(&table->key, name)) {
        return nested_key_error("Key", name, err);
    }
    for (size_t i = 0; i < table->index_count; i++) {
        if (key_schema_has(&table->indexes[i].key, name)) {
            return nested_key_error("IndexKey", name, err);
        }
    }
    return true;
}
