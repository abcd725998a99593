/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_SCHEMA_THROUGHPUT_RULES_H
#define SERVER_API_SCHEMA_THROUGHPUT_RULES_H

#include "server/api/schema/key_rules.h"
#include "server/api/schema/settings.h"

/* Provisioned units, on-demand ceilings and warm throughput: aws-behaviour.md §3.7, 2026 I.5. `index` is the name of a GSI, absent for the table.
 * All ERR_VALIDATION. `units` may be NULL: nothing was sent. */

#define WARM_READ_INITIAL 12000
#define WARM_WRITE_INITIAL 4000

enum billing_mode billing_of(struct str mode); /* of a checked BillingMode; absent: PROVISIONED */
/* Nothing in it: counts as absent. */
bool units_are_empty(const struct units_in *units);

/* Units were sent for a table that is paid by request. */
bool units_on_demand_error(struct err *err);
MUST_USE bool units_check_bounds(const struct units_in *units, struct err *err);

MUST_USE bool on_demand_check_new(const struct units_in *units, enum billing_mode billing, struct str index,
                                  struct err *err);
MUST_USE bool on_demand_check_change(const struct units_in *units, enum billing_mode billing, struct str index,
                                     struct err *err);

/* provisioned: NULL on demand. */
MUST_USE bool warm_check_new(const struct units_in *units, const struct units_in *provisioned, struct str index,
                             struct err *err);
MUST_USE bool warm_check_change(const struct units_in *units, const struct throughput *current, struct str index,
                                struct err *err);

/* The throughput of a new table or GSI, from what passed the checks. provisioned: NULL on demand. */
void throughput_init(struct throughput *throughput, const struct units_in *provisioned, const struct units_in *on_demand,
                     const struct units_in *warm);
/* Other units; warm throughput rises with them. */
void throughput_provision(struct throughput *throughput, const struct units_in *units, int64_t now_ms);
void throughput_to_on_demand(struct throughput *throughput);
/* A checked OnDemandThroughput: −1 removes a ceiling. */
void throughput_cap(struct throughput *throughput, const struct units_in *units);
void throughput_warm(struct throughput *throughput, const struct units_in *units);

#endif
