/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_ITEMS_CAPACITY_H
#define SERVER_API_ITEMS_CAPACITY_H

#include "core/arena.h"
#include "core/buf.h"
#include "server/api/common.h"
#include "storage/change.h"

/* Consumed capacity: aws-behaviour.md §12, 2026 E. Units are kept as halves, so that 0.5 is exact. One `struct
 * capacity` gathers what one table was charged in one request. */

struct capacity_index {
    const struct index_desc *index;
    uint64_t half_units;
};

struct capacity {
    const struct table_desc *table;
    struct str table_name; /* as the request named it: an ARN is echoed */
    uint64_t table_half_units;
    struct capacity_index *indexes; /* one for each index of the table, in the arena */
    bool *index_is_shown;           /* charged, or read: shown under INDEXES */
};

void capacity_init(struct capacity *capacity, const struct table_desc *table, struct str table_name,
                   struct arena *arena);

/* ceil(size / 1024), at least 1; ceil(size / 4096), at least 1. */
uint64_t write_units(size_t size_bytes);
uint64_t read_units(size_t size_bytes);

/* One item read by key (size 0: missing). factor 2: transactional. */
void capacity_add_get(struct capacity *capacity, size_t size_bytes, bool is_consistent, unsigned factor);
/* A Query or Scan: the sum of what was evaluated, on the table or on an index. */
void capacity_add_read(struct capacity *capacity, const struct index_desc *index, size_t sum_bytes, bool is_consistent);
/* A row that an LSI fetched from the table. */
void capacity_add_fetch(struct capacity *capacity, size_t size_bytes, bool is_consistent);
/* A write with its index arms; factor 2 doubles the table arm only. */
void capacity_add_write(struct capacity *capacity, const struct change *change, unsigned factor);
/* A write of `units` to the table arm alone (condition checks). */
void capacity_add_table_units(struct capacity *capacity, uint64_t units);

/* `{"TableName":…,"CapacityUnits":…}`; INDEXES adds the arms. mirror: NULL, or "ReadCapacityUnits"/"WriteCapacityUnits"
 * repeated beside every CapacityUnits (transactions). */
void capacity_write(const struct capacity *capacity, enum capacity_mode mode, const char *mirror, struct buf *out);

/* `{"ItemCollectionKey":{…},"SizeEstimateRangeGB":[0.0,1.0]}` for a table with LSIs; false (nothing written) for
 * others. */
bool collection_metrics_write(const struct table_desc *table, const struct value *key, struct buf *out);

#endif
