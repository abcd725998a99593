/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_TABLE_H
#define STORAGE_TABLE_H

#include "core/limits.h"
#include "core/str.h"
#include "core/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What storage must know of a table to keep its items: keys, indexes, TTL, journal. Everything else that DescribeTable shows (billing,
 * throughput, tags, …) is `settings`: a text that the API layer writes and reads, and storage only keeps. Descriptors in the catalog are
 * immutable; a change makes a new one. */

struct key_part {
    struct str name;
    enum value_type type; /* VALUE_S, VALUE_N or VALUE_B */
};

/* Tables and LSIs: 1 + 0…1 parts; GSIs: 1…4 + 0…4. */
struct key_schema {
    struct key_part hash[LIMIT_GSI_KEY_PARTS];
    struct key_part range[LIMIT_GSI_KEY_PARTS];
    size_t hash_count;
    size_t range_count;
};

enum projection_kind { PROJECT_ALL, PROJECT_KEYS_ONLY, PROJECT_INCLUDE };

struct index_desc {
    uint32_t id; /* never reused while rows of it remain */
    struct str name;
    bool is_global;
    bool is_backfilling; /* writes maintain it; reads are refused by the API */
    struct key_schema key;
    enum projection_kind projection;
    const struct str *included; /* NonKeyAttributes */
    size_t included_count;
};

struct table_desc {
    uint32_t id;
    uint32_t namespace_id;
    struct str name;
    struct key_schema key;
    const struct index_desc *indexes; /* LSIs and GSIs, in the order given */
    size_t index_count;
    struct str ttl_attribute; /* absent: TTL is off */
    bool is_journalled;       /* a stream, PITR, a backup or a replica wants the changes */
    struct str settings;
};

/* NULL if there is none. */
const struct index_desc *table_index(const struct table_desc *table, struct str name);
/* Is the attribute a key of the table (of the schema)? */
bool key_schema_has(const struct key_schema *key, struct str name);
/* NULL if it is no key part. */
const struct key_part *key_schema_part(const struct key_schema *key, struct str name);
/* Distinct key attribute names in stored order: table hash, table range, then (index may be NULL) index hashes and ranges.
 * Returns their number. */
#define KEY_NAMES_MAX (2 + 2 * LIMIT_GSI_KEY_PARTS)
size_t table_key_names(const struct table_desc *table, const struct index_desc *index, struct str out[KEY_NAMES_MAX]);

#endif
