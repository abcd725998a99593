/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_SCHEMA_SETTINGS_H
#define SERVER_API_SCHEMA_SETTINGS_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"
#include "storage/store.h"

/* What a table is set to beside what storage must know (storage/table.h): a JSON text in the catalog that only settings.c writes and reads. Members
 * that it does not know are skipped, absent ones have their defaults, so older and newer programs read each other's. Attribute
 * definitions are not kept: they are the key attributes of the table and its indexes, with their types. */

enum billing_mode { BILLING_PROVISIONED, BILLING_PAY_PER_REQUEST };

/* Of a table or a GSI. Times are milliseconds since the epoch, 0: never. */
struct throughput {
    int64_t read_units; /* 0 on demand */
    int64_t write_units;
    int64_t last_increase_ms;
    int64_t last_decrease_ms;
    int64_t decreases;    /* on the UTC day of last_decrease_ms */
    int64_t max_read;     /* the on-demand ceilings; 0: none */
    int64_t max_write;
    int64_t warm_read;
    int64_t warm_write;
};

struct index_settings { /* one for each GSI */
    struct str name;
    struct throughput throughput;
};

struct stream_settings {
    struct str label;
    struct str view_type;
    int64_t created_ms;  /* the time of the label */
    int64_t disabled_ms; /* 0: enabled */
};

struct tag {
    struct str key;
    struct str value;
};

struct table_settings {
    struct str table_id;
    int64_t created_ms;
    enum billing_mode billing;
    int64_t on_demand_since_ms; /* the last change to PAY_PER_REQUEST; kept afterwards */
    struct throughput throughput;
    struct index_settings *indexes;
    size_t index_count;
    struct stream_settings *streams; /* oldest first; only the last can be enabled. Disabled ones go after 24 hours, but the last stays */
    size_t stream_count;
    struct str sse_key_arn; /* absent: the key that AWS owns */
    struct str table_class; /* absent: never named */
    int64_t table_class_changed_ms;
    bool is_protected;
    struct tag *tags;
    size_t tag_count;
    bool has_pitr;
    int64_t pitr_since_ms;
    int64_t pitr_days;
    struct str policy; /* absent: none */
    int64_t policy_changed_ms;
};

/* Slices of the result point into the arena. ERR_INTERNAL if the text is damaged. */
MUST_USE bool settings_read(struct str text, struct arena *arena, struct table_settings *out, struct err *err);
struct str settings_text(const struct table_settings *settings, struct arena *arena);

/* Puts *table with these settings in its place in the catalog: sets settings and is_journalled. */
MUST_USE bool settings_store(struct txn *txn, const struct table_desc *table, const struct table_settings *settings,
                             struct arena *arena, struct err *err);

/* NULL if there is none of this name. */
struct index_settings *settings_index(const struct table_settings *settings, struct str name);
/* The stream if it is enabled, else NULL. */
const struct stream_settings *settings_stream(const struct table_settings *settings);
/* The newest stream, enabled or not; NULL if there never was one. */
const struct stream_settings *settings_latest_stream(const struct table_settings *settings);
/* A stream or point-in-time recovery wants the changes. */
bool settings_want_journal(const struct table_settings *settings);

/* Decreases on the UTC day of now_ms. */
int64_t throughput_decreases(const struct throughput *throughput, int64_t now_ms);

#endif
