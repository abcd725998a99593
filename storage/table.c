/* SPDX-License-Identifier: Apache-2.0 */
/* table.c — small questions to a table's descriptor. */
#include "storage/table.h"

#include "core/ensure.h"

const struct index_desc *table_index(const struct table_desc *table, struct str name)
{
    for (size_t i = 0; i < table->index_count; i++) {
        if (str_eq(table->indexes[i].name, name)) {
            return &table->indexes[i];
        }
    }
    return NULL;
}

const struct key_part *key_schema_part(const struct key_schema *key, struct str name)
{
    for (size_t i = 0; i < key->hash_count; i++) {
        if (str_eq(key->hash[i].name, name)) {
            return &key->hash[i];
        }
    }
    for (size_t i = 0; i < key->range_count; i++) {
        if (str_eq(key->range[i].name, name)) {
            return &key->range[i];
        }
    }
    return NULL;
}

bool key_schema_has(const struct key_schema *key, struct str name)
{
    return key_schema_part(key, name) != NULL;
}

static size_t add_names(const struct key_part *parts, size_t part_count, struct str *out, size_t count)
{
    for (size_t i = 0; i < part_count; i++) {
        bool is_there = false;
        for (size_t k = 0; k < count && !is_there; k++) {
            is_there = str_eq(out[k], parts[i].name);
        }
        if (!is_there) {
            ensure(count < KEY_NAMES_MAX);
            out[count++] = parts[i].name;
        }
    }
    return count;
}

size_t table_key_names(const struct table_desc *table, const struct index_desc *index, struct str out[KEY_NAMES_MAX])
{
    size_t count = add_names(table->key.hash, table->key.hash_count, out, 0);
    count = add_names(table->key.range, table->key.range_count, out, count);
    if (index != NULL) {
        count = add_names(index->key.hash, index->key.hash_count, out, count);
        count = add_names(index->key.range, index->key.range_count, out, count);
    }
    return count;
}
