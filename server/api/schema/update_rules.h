/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_SCHEMA_UPDATE_RULES_H
#define SERVER_API_SCHEMA_UPDATE_RULES_H

#include "server/api/schema/key_rules.h"
#include "server/api/schema/settings.h"

/* What UpdateTable may ask for: first by the request alone, then against the table: aws-behaviour.md §3.7, §3.9; 2026 I.5. */

struct update_in {
    struct str table_name;
    struct list definitions; /* of struct definition_in */
    struct str billing_mode;
    const void *throughput; /* struct units_in */
    struct list gsi_updates; /* of struct index_update_in */
    const void *stream;      /* struct stream_in */
    const void *sse;         /* struct sse_in */
    struct list replica_updates;
    struct str table_class;
    enum tri is_protected;
    struct str consistency;
    const void *on_demand; /* struct units_in */
    const void *warm;      /* struct units_in */
};

/* Counts of what the entries do. */
struct index_actions {
    size_t creates;
    size_t deletes;
};
struct index_actions update_actions(const struct update_in *in);
/* Of the table once the request is done. */
enum billing_mode update_billing(const struct update_in *in, const struct table_settings *settings);

/* Request-only. ERR_VALIDATION. */
MUST_USE bool update_check(const struct update_in *in, struct arena *arena, struct err *err);
/* Against the table as it is. */
MUST_USE bool update_check_table(const struct update_in *in, const struct table_desc *table,
                                 const struct table_settings *settings, struct arena *arena, struct err *err);

#endif
