/* SPDX-License-Identifier: Apache-2.0 */
/* update_rules.c — the checks of UpdateTable that need only the request: that something is to change, and that what is asked for at once may be
 * asked for at once. The checks against the table are update_rules_table.c. */
#include "server/api/schema/update_rules.h"

#include "server/api/schema/table_rules.h"
#include "server/api/schema/throughput_rules.h"

struct index_actions update_actions(const struct update_in *in)
{
    const struct index_update_in *entries = in->gsi_updates.items;
    struct index_actions actions = {0};
    for (size_t i = 0; i < in->gsi_updates.count; i++) {
        actions.creates += entries[i].create != NULL;
        actions.deletes += entries[i].remove != NULL;
    }
    return actions;
}

enum billing_mode update_billing(const struct update_in *in, const struct table_settings *settings)
{
    return in->billing_mode.p != NULL ? billing_of(in->billing_mode) : settings->billing;
}

/* ---- What is there, and what goes together ---- */

/* The members that count as a change. */
struct changes {
    bool throughput, billing, stream, gsis, sse, replicas, table_class, protection, on_demand, warm;
    size_t count;
    struct index_actions actions;
};

static struct changes changes_of(const struct update_in *in)
{
    struct changes c = {
        .throughput = in->throughput != NULL,
        .billing = in->billing_mode.p != NULL,
        .stream = in->stream != NULL,
        .gsis = in->gsi_updates.count > 0,
        .sse = in->sse != NULL,
        .replicas = in->replica_updates.is_present,
        .table_class = in->table_class.p != NULL,
        .protection = in->is_protected != TRI_ABSENT,
        .on_demand = !units_are_empty(in->on_demand),
        .warm = !units_are_empty(in->warm),
        .actions = update_actions(in),
    };
    const bool all[] = {c.throughput, c.billing,     c.stream,     c.gsis,      c.sse,
                        c.replicas,   c.table_class, c.protection, c.on_demand, c.warm};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        c.count += all[i];
    }
    return c;
}

static bool check_something(const struct update_in *in, const struct changes *c, struct err *err)
{
    if (c->count == 0) {
        return err_set(err, ERR_VALIDATION,
                       "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
                       "GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, "
                       "ReplicaTransitRoleArn, %sDeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or "
                       "TableClass is required",
                       in->consistency.p == NULL ? "MultiRegionConsistency, " : "");
    }
    if (in->gsi_updates.is_present && in->gsi_updates.count == 0) {
        return err_set(err, ERR_VALIDATION, INVALID_PARAMETERS "List of GlobalSecondaryIndexUpdates is empty");
    }
    return true;
}

/* NULL, or what is wrong with asking for all this at once. */
static const char *conflict(const struct update_in *in, const struct changes *c)
{
    bool changes_indexes = c->actions.creates + c->actions.deletes > 0;
    bool to_provisioned = c->billing && billing_of(in->billing_mode) == BILLING_PROVISIONED;
    const struct {
        bool applies;
        const char *text;
    } rules[] = {
        {c->sse && c->count > 1, "Server-Side Encryption modification must be the only operation in the request"},
        {c->table_class && c->count > 1, "TableClass modification must be the only operation in the request"},
        {c->protection && c->count > 1, "DeletionProtection modification must be the only operation in the request"},
        {c->actions.creates > 0 && c->warm,
         "Create global secondary index cannot be specified when updating WarmThroughput"},
        {c->warm && c->count > 1, "WarmThroughput must be the only operation in the request"},
        {c->replicas && c->count > 1, "Replica modification must be the only operation in the request"},
        {c->on_demand && c->count > (c->billing ? 2 : 1),
         "OnDemandThroughput can only be combined with BillingMode in an UpdateTable request"},
        {c->stream && (c->throughput || to_provisioned), "You cannot modify stream status while updating table IOPS"},
        {changes_indexes && c->throughput, "You cannot create or delete index while updating table IOPS"},
        {changes_indexes && c->stream, "You cannot create or delete index while changing stream status"},
    };
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (rules[i].applies) {
            return rules[i].text;
        }
    }
    return NULL;
}

/* ---- Billing and throughput ---- */

static bool check_billing(const struct update_in *in, struct err *err)
{
    if (in->billing_mode.p == NULL) {
        return true;
    }
    if (billing_of(in->billing_mode) == BILLING_PAY_PER_REQUEST && in->throughput != NULL) {
        return units_on_demand_error(err);
    }
    if (billing_of(in->billing_mode) == BILLING_PROVISIONED && in->throughput == NULL) {
        return err_set(err, ERR_VALIDATION,
                       INVALID_PARAMETERS "ProvisionedThroughput must be specified when BillingMode is PROVISIONED");
    }
    return true;
}

static const struct index_in *action_of(const struct index_update_in *entry)
{
    if (entry->update != NULL) {
        return entry->update;
    }
    return entry->create != NULL ? entry->create : entry->remove;
}

static bool check_index_bounds(const struct update_in *in, struct arena *arena, struct err *err)
{
    const struct index_update_in *entries = in->gsi_updates.items;
    for (size_t i = 0; i < in->gsi_updates.count; i++) {
        const struct index_in *index = action_of(&entries[i]);
        struct err bounds;
        err_init(&bounds, arena);
        if (index != NULL && !units_check_bounds(index->throughput, &bounds)) {
            return err_set(err, ERR_VALIDATION,
                           "This operation cannot be performed with given input values. Please contact DynamoDB "
                           "service team for more info: Action Blocked: IndexUpdate");
        }
    }
    return true;
}

/* ---- Indexes ---- */

static bool check_entry(const struct update_in *in, const struct index_update_in *entry, struct err *err)
{
    int actions = (entry->update != NULL) + (entry->create != NULL) + (entry->remove != NULL);
    if (actions == 0) {
        return err_set(err, ERR_VALIDATION,
                       INVALID_PARAMETERS "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
                                          "GlobalSecondaryIndexUpdate.Delete must not be null");
    }
    if (actions > 1) {
        return err_set(err, ERR_VALIDATION,
                       INVALID_PARAMETERS "Only one global secondary index action is allowed per "
                                          "GlobalSecondaryIndexUpdate object");
    }
    const struct index_in *update = entry->update;
    if (update != NULL && update->warm != NULL && units_are_empty(update->warm)) {
        return err_set(err, ERR_VALIDATION,
                       INVALID_PARAMETERS "WarmThroughput must have at least one of ReadUnitsPerSecond or "
                                          "WriteUnitsPerSecond specified for index: %.*s",
                       STR_ARG(update->name));
    }
    const struct index_in *create = entry->create;
    if (create != NULL && in->definitions.count == 0) {
        return err_set(err, ERR_VALIDATION, INVALID_PARAMETERS "AttributeDefinitions is not specified for index: %.*s",
                       STR_ARG(create->name));
    }
    return true;
}

static bool check_entries(const struct update_in *in, struct arena *arena, struct err *err)
{
    const struct index_update_in *entries = in->gsi_updates.items;
    size_t count = in->gsi_updates.count;
    struct str *names = arena_array(arena, struct str, count);
    for (size_t i = 0; i < count; i++) {
        if (!check_entry(in, &entries[i], err)) {
            return false;
        }
        names[i] = action_of(&entries[i])->name;
    }
    struct name_set set;
    name_set_init(&set, names, count, arena);
    size_t repeated = name_set_repeated(&set);
    return repeated == NAME_SET_NONE ||
           err_set(err, ERR_VALIDATION,
                   INVALID_PARAMETERS "Only one global secondary index update per index is allowed simultaneously. "
                                      "Index: %.*s",
                   STR_ARG(names[repeated]));
}

/* ---- The rest ---- */

static bool check_stream(const struct stream_in *stream, struct err *err)
{
    if (stream == NULL) {
        return true;
    }
    bool has_view = stream->view_type.p != NULL;
    if (stream->is_enabled == TRI_TRUE && !has_view) {
        return err_set(err, ERR_VALIDATION,
                       INVALID_PARAMETERS "If stream is being enabled then UpdateViewType is required");
    }
    if (stream->is_enabled == TRI_FALSE && has_view) {
        return err_set(err, ERR_VALIDATION,
                       INVALID_PARAMETERS "If stream is being disabled, then UpdateViewType must not be specified");
    }
    return true;
}

bool update_check(const struct update_in *in, struct arena *arena, struct err *err)
{
    struct changes c = changes_of(in);
    if (!check_something(in, &c, err)) {
        return false;
    }
    const char *text = conflict(in, &c);
    if (text != NULL) {
        return err_set(err, ERR_VALIDATION, INVALID_PARAMETERS "%s", text);
    }
    if (c.replicas) {
        return err_set(err, ERR_VALIDATION, INVALID_PARAMETERS "ReplicaUpdates are not supported by this server");
    }
    return check_billing(in, err) && units_check_bounds(in->throughput, err) && check_index_bounds(in, arena, err) &&
           check_entries(in, arena, err) && check_stream(in->stream, err) && sse_check(in->sse, err) &&
           table_class_check(in->table_class, err);
}
