/* SPDX-License-Identifier: Apache-2.0 */
/* update_rules_table.c — the checks of UpdateTable against the table as it is, in AWS's order: index builds, billing and throughput, each index,
 * on-demand ceilings, warm throughput, the stream. All of them come before the first change. */
#include "server/api/schema/table_rules.h"
#include "server/api/schema/throughput_rules.h"
#include "server/api/schema/update_rules.h"

#include <inttypes.h>

#define IN_USE "Attempt to change a resource which is still in use: "

struct update_context {
    const struct update_in *in;
    const struct table_desc *table;
    const struct table_settings *settings;
    enum billing_mode billing; /* after the request */
    struct arena *arena;
};

/* ---- Index builds ---- */

static const struct index_desc *building_index(const struct table_desc *table)
{
    for (size_t i = 0; i < table->index_count; i++) {
        if (table->indexes[i].is_backfilling) {
            return &table->indexes[i];
        }
    }
    return NULL;
}

static bool deletes(const struct update_in *in, struct str name)
{
    const struct index_update_in *entries = in->gsi_updates.items;
    for (size_t i = 0; i < in->gsi_updates.count; i++) {
        const struct index_in *index = entries[i].remove;
        if (index != NULL && str_eq(index->name, name)) {
            return true;
        }
    }
    return false;
}

static bool check_builds(const struct update_context *c, struct err *err)
{
    const struct index_desc *building = building_index(c->table);
    struct index_actions actions = update_actions(c->in);
    size_t changes = actions.creates + actions.deletes;
    /* A build is cancelled by deleting its index. */
    bool is_second = building != NULL && changes > 0 && !deletes(c->in, building->name);
    if (changes > 1 || is_second) {
        return err_set(err, ERR_LIMIT_EXCEEDED,
                       "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per "
                       "table");
    }
    if (building != NULL && (c->in->throughput != NULL || c->billing != c->settings->billing)) {
        return err_set(err, ERR_RESOURCE_IN_USE,
                       IN_USE "Can't change table IOPS when an index is being created. Table: %.*s Indexes: [%.*s]",
                       STR_ARG(c->table->name), STR_ARG(building->name));
    }
    if (building != NULL && c->in->stream != NULL) {
        return err_set(err, ERR_RESOURCE_IN_USE,
                       IN_USE "Can't change stream status when an index is being created. Table: %.*s Indexes: [%.*s]",
                       STR_ARG(c->table->name), STR_ARG(building->name));
    }
    return true;
}

/* ---- Throughput ---- */

static bool is_same(const struct units_in *units, const struct throughput *current)
{
    return units->read.n == current->read_units && units->write.n == current->write_units;
}

/* what: "the table", or "index " and its name; `subject` with an article where AWS has one. */
static bool unchanged_error(struct str subject, struct str what, const struct units_in *units,
                            const struct throughput *current, struct err *err)
{
    return err_set(err, ERR_VALIDATION,
                   "The provisioned throughput for the %.*s will not change. The requested value equals the current "
                   "value. Current ReadCapacityUnits provisioned for %.*s: %" PRId64
                   ". Requested ReadCapacityUnits: %" PRId64
                   ". Current WriteCapacityUnits provisioned for %.*s: %" PRId64
                   ". Requested WriteCapacityUnits: %" PRId64
                   ". Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.",
                   STR_ARG(subject), STR_ARG(what), current->read_units, units->read.n, STR_ARG(what),
                   current->write_units, units->write.n);
}

static bool check_table_throughput(const struct update_context *c, struct err *err)
{
    const struct units_in *units = c->in->throughput;
    if (units == NULL) {
        return true;
    }
    if (c->billing == BILLING_PAY_PER_REQUEST) {
        return units_on_demand_error(err);
    }
    if (c->settings->billing == BILLING_PROVISIONED && is_same(units, &c->settings->throughput)) {
        return unchanged_error(STR("table"), STR("the table"), units, &c->settings->throughput, err);
    }
    return true;
}

static bool units_missing_error(struct str indexes, struct err *err)
{
    return err_set(err, ERR_VALIDATION, INVALID_PARAMETERS "ProvisionedThroughput must be specified for index: %.*s",
                   STR_ARG(indexes));
}

static bool check_index_throughput(const struct update_context *c, const struct index_update_in *entry, struct err *err)
{
    const struct index_in *update = entry->update;
    const struct index_in *create = entry->create;
    bool is_on_demand = c->billing == BILLING_PAY_PER_REQUEST;
    if (is_on_demand && create != NULL && create->throughput != NULL) {
        return err_set(err, ERR_VALIDATION,
                       INVALID_PARAMETERS "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: "
                                          "%.*s when BillingMode is PAY_PER_REQUEST",
                       STR_ARG(create->name));
    }
    if (update == NULL) {
        return true;
    }
    bool has_others = !units_are_empty(update->on_demand) || !units_are_empty(update->warm);
    if (!is_on_demand && update->throughput == NULL && !has_others && c->settings->billing == BILLING_PROVISIONED &&
        settings_index(c->settings, update->name) != NULL) {
        return units_missing_error(update->name, err);
    }
    if (is_on_demand && (update->throughput != NULL || !has_others)) {
        return err_set(err, ERR_VALIDATION,
                       INVALID_PARAMETERS "The only Updates for index: %.*s when TableThroughputMode is PAY_PER_REQUEST "
                                          "can be to OnDemandThroughput, WarmThroughput",
                       STR_ARG(update->name));
    }
    const struct index_settings *current = settings_index(c->settings, update->name);
    if (current != NULL && update->throughput != NULL && c->settings->billing == BILLING_PROVISIONED &&
        is_same(update->throughput, &current->throughput)) {
        struct str what = arena_printf(c->arena, "index %.*s", STR_ARG(update->name));
        return unchanged_error(what, what, update->throughput, &current->throughput, err);
    }
    return true;
}

static const struct index_in *update_of(const struct update_in *in, struct str name)
{
    const struct index_update_in *entries = in->gsi_updates.items;
    for (size_t i = 0; i < in->gsi_updates.count; i++) {
        const struct index_in *update = entries[i].update;
        if (update != NULL && str_eq(update->name, name)) {
            return update;
        }
    }
    return NULL;
}

/* Coming from on-demand, every GSI needs units too. */
static bool check_switch(const struct update_context *c, struct err *err)
{
    if (c->billing != BILLING_PROVISIONED || c->settings->billing != BILLING_PAY_PER_REQUEST) {
        return true;
    }
    struct str missing = STR("");
    for (size_t i = 0; i < c->table->index_count; i++) {
        const struct index_desc *index = &c->table->indexes[i];
        const struct index_in *update = update_of(c->in, index->name);
        if (index->is_global && (update == NULL || update->throughput == NULL)) {
            missing = arena_printf(c->arena, "%.*s%s%.*s", STR_ARG(missing), missing.n > 0 ? "," : "",
                                   STR_ARG(index->name));
        }
    }
    return missing.n == 0 || units_missing_error(missing, err);
}

static bool check_throughput(const struct update_context *c, struct err *err)
{
    if (!check_table_throughput(c, err)) {
        return false;
    }
    const struct index_update_in *entries = c->in->gsi_updates.items;
    for (size_t i = 0; i < c->in->gsi_updates.count; i++) {
        if (!check_index_throughput(c, &entries[i], err)) {
            return false;
        }
    }
    return check_switch(c, err);
}

/* ---- Indexes ---- */

static size_t gsi_count(const struct table_desc *table)
{
    size_t n = 0;
    for (size_t i = 0; i < table->index_count; i++) {
        n += table->indexes[i].is_global;
    }
    return n;
}

static size_t projected_count(const struct table_desc *table)
{
    size_t n = 0;
    for (size_t i = 0; i < table->index_count; i++) {
        n += table->indexes[i].included_count;
    }
    return n;
}

static bool check_create(const struct update_context *c, const struct index_in *create, struct err *err)
{
    const struct index_desc *same = table_index(c->table, create->name);
    if (same != NULL && same->is_global) {
        return err_set(err, ERR_VALIDATION, INVALID_PARAMETERS "Index already exists: %.*s", STR_ARG(create->name));
    }
    if (same != NULL) {
        return err_set(err, ERR_VALIDATION, "Attempting to create an index which already exists");
    }
    struct definitions definitions;
    definitions_init(&definitions, &c->in->definitions, c->arena);
    if (!keys_check_defined(&create->key_schema, &definitions, c->arena, err)) {
        return false;
    }
    if (c->billing == BILLING_PROVISIONED && create->throughput == NULL) {
        return err_set(err, ERR_VALIDATION,
                       INVALID_PARAMETERS "Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: "
                                          "%.*s",
                       STR_ARG(create->name));
    }
    if (!projection_check(create->projection, err) || !keys_check_multiple(&create->key_schema, err) ||
        !on_demand_check_new(create->on_demand, c->billing, create->name, err) ||
        !warm_check_new(create->warm, create->throughput, create->name, err)) {
        return false;
    }
    if (gsi_count(c->table) >= LIMIT_GSI_PER_TABLE) {
        return err_set(err, ERR_LIMIT_EXCEEDED,
                       "Subscriber limit exceeded: Number of global secondary indexes exceeds per-table limit of %d",
                       LIMIT_GSI_PER_TABLE);
    }
    const struct projection_in *projection = create->projection;
    return projected_check_count(projected_count(c->table) + projection->non_key_attributes.count, err);
}

static bool check_existing(const struct update_context *c, struct str name, const char *verb, struct err *err)
{
    const struct index_desc *index = table_index(c->table, name);
    if (index == NULL) {
        return err_set(err, ERR_RESOURCE_NOT_FOUND, "Requested resource not found: Index %.*s for table %.*s",
                       STR_ARG(name), STR_ARG(c->table->name));
    }
    return index->is_global || err_set(err, ERR_VALIDATION,
                                       "Cannot %s an index that is not a GlobalSecondaryIndex: %.*s", verb,
                                       STR_ARG(name));
}

static bool check_update(const struct update_context *c, const struct index_in *update, struct err *err)
{
    if (!check_existing(c, update->name, "update", err)) {
        return false;
    }
    static const struct throughput none;
    const struct index_settings *current = settings_index(c->settings, update->name);
    return on_demand_check_change(update->on_demand, c->billing, update->name, err) &&
           warm_check_change(update->warm, current != NULL ? &current->throughput : &none, update->name, err);
}

static bool check_indexes(const struct update_context *c, struct err *err)
{
    const struct index_update_in *entries = c->in->gsi_updates.items;
    for (size_t i = 0; i < c->in->gsi_updates.count; i++) {
        const struct index_in *remove = entries[i].remove;
        if (entries[i].create != NULL && !check_create(c, entries[i].create, err)) {
            return false;
        }
        if (entries[i].update != NULL && !check_update(c, entries[i].update, err)) {
            return false;
        }
        if (remove != NULL && !check_existing(c, remove->name, "delete", err)) {
            return false;
        }
    }
    return true;
}

/* ---- The rest ---- */

static bool check_stream(const struct update_context *c, struct err *err)
{
    const struct stream_in *stream = c->in->stream;
    if (stream == NULL) {
        return true;
    }
    bool is_enabled = settings_stream(c->settings) != NULL;
    if (stream->is_enabled == TRI_TRUE && is_enabled) {
        return err_set(err, ERR_VALIDATION, "Table already has an enabled stream: TableName: %.*s",
                       STR_ARG(c->table->name));
    }
    if (stream->is_enabled != TRI_TRUE && !is_enabled) {
        return err_set(err, ERR_VALIDATION, "Table has no stream to disable: TableName: %.*s", STR_ARG(c->table->name));
    }
    return true;
}

static bool check_sse(const struct update_context *c, struct err *err)
{
    const struct sse_in *sse = c->in->sse;
    if (sse == NULL) {
        return true;
    }
    struct str current = c->settings->sse_key_arn;
    bool is_default = sse->is_enabled != TRI_TRUE && sse->type.p == NULL;
    if (is_default && current.p == NULL) {
        return err_set(err, ERR_VALIDATION, INVALID_PARAMETERS "Table is already encrypted by default");
    }
    if (sse->key_id.p != NULL && current.p != NULL && str_eq(sse->key_id, current)) {
        return err_set(err, ERR_VALIDATION,
                       INVALID_PARAMETERS "Table is already encrypted with given KMSMasterKeyId. Use KMSMasterKeyId "
                                          "parameter if you want to change Master Key");
    }
    return true;
}

bool update_check_table(const struct update_in *in, const struct table_desc *table,
                        const struct table_settings *settings, struct arena *arena, struct err *err)
{
    const struct str whole = {0};
    struct update_context c = {in, table, settings, update_billing(in, settings), arena};
    return check_builds(&c, err) && check_throughput(&c, err) && check_indexes(&c, err) &&
           on_demand_check_change(in->on_demand, c.billing, whole, err) &&
           warm_check_change(in->warm, &settings->throughput, whole, err) && check_stream(&c, err) && check_sse(&c, err);
}
