/* SPDX-License-Identifier: Apache-2.0 */
/* table_rules.c — the checks of a new table that need no store, one after the other in the order in which AWS finds errors. Keys and
 * capacity have files of their own (key_rules.c, throughput_rules.c); what a table becomes is table_make.c. */
#include "server/api/schema/table_rules.h"

#include "server/api/schema/tags.h"
#include "server/api/schema/throughput_rules.h"

#define POLICY_BYTES_MAX 20480

/* ---- Billing ---- */

static enum billing_mode billing(const struct table_in *in)
{
    return billing_of(in->billing_mode);
}

static bool billing_check(const struct table_in *in, struct err *err)
{
    if (billing(in) == BILLING_PAY_PER_REQUEST && in->throughput != NULL) {
        return units_on_demand_error(err);
    }
    if (!units_check_bounds(in->throughput, err)) {
        return false;
    }
    const struct index_in *gsis = in->gsis.items;
    for (size_t i = 0; i < in->gsis.count; i++) {
        if (!units_check_bounds(gsis[i].throughput, err)) {
            return false;
        }
    }
    if (billing(in) == BILLING_PROVISIONED && in->throughput == NULL) {
        return err_set(err, ERR_VALIDATION,
                       INVALID_PARAMETERS "ReadCapacityUnits and WriteCapacityUnits must both be specified when "
                                          "BillingMode is PROVISIONED");
    }
    return true;
}

/* ---- Keys of the table and of its indexes ---- */

static bool lsi_check_keys(const struct table_in *in, const struct index_in *lsi, const struct definitions *definitions,
                           struct arena *arena, struct err *err)
{
    const struct key_element_in *table_keys = in->key_schema.items;
    const struct key_element_in *keys = lsi->key_schema.items;
    if (!keys_check_defined(&lsi->key_schema, definitions, arena, err) || !keys_check_simple(&lsi->key_schema, err)) {
        return false;
    }
    if (!keys_have_range(&lsi->key_schema)) {
        return err_set(err, ERR_VALIDATION,
                       INVALID_PARAMETERS "Index KeySchema does not have a range key for index: %.*s",
                       STR_ARG(lsi->name));
    }
    if (!str_eq(keys[0].name, table_keys[0].name)) {
        return err_set(err, ERR_VALIDATION,
                       INVALID_PARAMETERS "Index KeySchema does not have the same leading hash key as table KeySchema "
                                          "for index: %.*s. index hash key: %.*s, table hash key: %.*s",
                       STR_ARG(lsi->name), STR_ARG(keys[0].name), STR_ARG(table_keys[0].name));
    }
    return true;
}

static bool lsis_check_keys(const struct table_in *in, const struct definitions *definitions, struct arena *arena,
                            struct err *err)
{
    const struct index_in *lsis = in->lsis.items;
    if (in->lsis.count > 0 && !keys_have_range(&in->key_schema)) {
        return err_set(err, ERR_VALIDATION,
                       INVALID_PARAMETERS "Table KeySchema does not have a range key, which is required when "
                                          "specifying a LocalSecondaryIndex");
    }
    for (size_t i = 0; i < in->lsis.count; i++) {
        if (!lsi_check_keys(in, &lsis[i], definitions, arena, err)) {
            return false;
        }
    }
    return true;
}

static bool gsis_check_keys(const struct table_in *in, const struct definitions *definitions, struct arena *arena,
                            struct err *err)
{
    const struct index_in *gsis = in->gsis.items;
    for (size_t i = 0; i < in->gsis.count; i++) {
        if (!keys_check_defined(&gsis[i].key_schema, definitions, arena, err) ||
            !keys_check_multiple(&gsis[i].key_schema, err)) {
            return false;
        }
    }
    return true;
}

static bool lists_check_not_empty(const struct table_in *in, struct err *err)
{
    if (in->lsis.is_present && in->lsis.count == 0) {
        return err_set(err, ERR_VALIDATION, INVALID_PARAMETERS "List of LocalSecondaryIndexes is empty");
    }
    if (in->gsis.is_present && in->gsis.count == 0) {
        return err_set(err, ERR_VALIDATION, INVALID_PARAMETERS "List of GlobalSecondaryIndexes is empty");
    }
    return true;
}

static size_t add_key_names(const struct list *schema, struct str *names, size_t n)
{
    const struct key_element_in *keys = schema->items;
    for (size_t i = 0; i < schema->count; i++) {
        names[n++] = keys[i].name;
    }
    return n;
}

static size_t add_index_key_names(const struct list *indexes, struct str *names, size_t n)
{
    const struct index_in *items = indexes->items;
    for (size_t i = 0; i < indexes->count; i++) {
        n = add_key_names(&items[i].key_schema, names, n);
    }
    return n;
}

static bool definitions_check_used(const struct table_in *in, const struct definitions *definitions,
                                   struct arena *arena, struct err *err)
{
    size_t index_count = in->gsis.count + in->lsis.count;
    struct str *names = arena_array(arena, struct str, TABLE_KEYS_MAX + index_count * INDEX_KEYS_MAX);
    size_t n = add_key_names(&in->key_schema, names, 0);
    n = add_index_key_names(&in->lsis, names, n);
    n = add_index_key_names(&in->gsis, names, n);
    struct name_set used;
    name_set_init(&used, names, n, arena);
    if (used.distinct == definitions->set.distinct) {
        return true;
    }
    if (index_count == 0) {
        return err_set(err, ERR_VALIDATION,
                       INVALID_PARAMETERS "Number of attributes in KeySchema does not exactly match number of "
                                          "attributes defined in AttributeDefinitions");
    }
    return err_set(err, ERR_VALIDATION,
                   INVALID_PARAMETERS "Some AttributeDefinitions are not used. AttributeDefinitions: %.*s, keys used: "
                                      "%.*s",
                   STR_ARG(java_list(definitions->names, definitions->count, JAVA_LIST_FITTED, arena)),
                   STR_ARG(java_list(names, n, JAVA_LIST_SET, arena)));
}

static bool keys_check(const struct table_in *in, struct arena *arena, struct err *err)
{
    struct definitions definitions;
    definitions_init(&definitions, &in->definitions, arena);
    return keys_check_defined(&in->key_schema, &definitions, arena, err) && keys_check_simple(&in->key_schema, err) &&
           definitions_check_distinct(&definitions, err) && lists_check_not_empty(in, err) &&
           lsis_check_keys(in, &definitions, arena, err) && gsis_check_keys(in, &definitions, arena, err) &&
           definitions_check_used(in, &definitions, arena, err);
}

/* ---- The rest of the indexes ---- */

bool projection_check(const struct projection_in *projection, struct err *err)
{
    struct str type = projection->type;
    bool has_list = projection->non_key_attributes.is_present;
    if (type.p == NULL) {
        return err_set(err, ERR_VALIDATION, INVALID_PARAMETERS "Unknown ProjectionType: null");
    }
    if (str_eq(type, STR("INCLUDE")) != has_list) {
        return err_set(err, ERR_VALIDATION, INVALID_PARAMETERS "ProjectionType is %.*s, but NonKeyAttributes is %s",
                       STR_ARG(type), has_list ? "specified" : "not specified");
    }
    const struct str *names = projection->non_key_attributes.items;
    for (size_t i = 0; i < projection->non_key_attributes.count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (str_eq(names[i], names[j])) {
                return err_set(err, ERR_VALIDATION,
                               INVALID_PARAMETERS "Duplicate element in NonKeyAttributes: %.*s", STR_ARG(names[i]));
            }
        }
    }
    return true;
}

bool projected_check_count(size_t count, struct err *err)
{
    return count <= LIMIT_PROJECTED_PER_TABLE ||
           err_set(err, ERR_VALIDATION,
                   INVALID_PARAMETERS "Number of NonKeyAttributes exceeds the per-table limit of %d",
                   LIMIT_PROJECTED_PER_TABLE);
}

static size_t projected_count(const struct list *indexes)
{
    const struct index_in *items = indexes->items;
    size_t count = 0;
    for (size_t i = 0; i < indexes->count; i++) {
        const struct projection_in *projection = items[i].projection;
        count += projection->non_key_attributes.count;
    }
    return count;
}

static bool gsi_check_throughput(const struct index_in *gsi, enum billing_mode mode, struct err *err)
{
    if (mode == BILLING_PAY_PER_REQUEST && gsi->throughput != NULL) {
        return err_set(err, ERR_VALIDATION,
                       INVALID_PARAMETERS "ProvisionedThroughput should not be specified for index: %.*s when "
                                          "BillingMode is PAY_PER_REQUEST",
                       STR_ARG(gsi->name));
    }
    if (mode == BILLING_PROVISIONED && gsi->throughput == NULL) {
        return err_set(err, ERR_VALIDATION, INVALID_PARAMETERS "ProvisionedThroughput is not specified for index: %.*s",
                       STR_ARG(gsi->name));
    }
    return true;
}

static bool index_names_check_distinct(const struct table_in *in, struct arena *arena, struct err *err)
{
    size_t count = in->lsis.count + in->gsis.count;
    struct str *names = arena_array(arena, struct str, count);
    const struct index_in *lsis = in->lsis.items;
    const struct index_in *gsis = in->gsis.items;
    for (size_t i = 0; i < count; i++) {
        names[i] = i < in->lsis.count ? lsis[i].name : gsis[i - in->lsis.count].name;
    }
    struct name_set set;
    name_set_init(&set, names, count, arena);
    size_t repeated = name_set_repeated(&set);
    return repeated == NAME_SET_NONE || err_set(err, ERR_VALIDATION, INVALID_PARAMETERS "Duplicate index name: %.*s",
                                                STR_ARG(names[repeated]));
}

static bool indexes_check(const struct table_in *in, struct arena *arena, struct err *err)
{
    const struct index_in *lsis = in->lsis.items;
    for (size_t i = 0; i < in->lsis.count; i++) {
        if (!projection_check(lsis[i].projection, err)) {
            return false;
        }
    }
    if (in->lsis.count > LIMIT_LSI_PER_TABLE) {
        return err_set(err, ERR_VALIDATION,
                       INVALID_PARAMETERS "Number of LocalSecondaryIndexes exceeds per-table limit of %d",
                       LIMIT_LSI_PER_TABLE);
    }
    const struct index_in *gsis = in->gsis.items;
    for (size_t i = 0; i < in->gsis.count; i++) {
        if (!projection_check(gsis[i].projection, err) || !gsi_check_throughput(&gsis[i], billing(in), err)) {
            return false;
        }
    }
    if (in->gsis.count > LIMIT_GSI_PER_TABLE) {
        return err_set(err, ERR_VALIDATION,
                       INVALID_PARAMETERS "GlobalSecondaryIndex count exceeds the per-table limit of %d",
                       LIMIT_GSI_PER_TABLE);
    }
    return projected_check_count(projected_count(&in->lsis) + projected_count(&in->gsis), err) &&
           index_names_check_distinct(in, arena, err);
}

/* ---- Everything else ---- */

static bool stream_check(const struct stream_in *stream, struct err *err)
{
    if (stream == NULL) {
        return true;
    }
    bool has_view = stream->view_type.p != NULL;
    if (stream->is_enabled == TRI_FALSE && has_view) {
        return err_set(err, ERR_VALIDATION,
                       INVALID_PARAMETERS "Table is being created with a stream disabled, UpdateViewType should not be "
                                          "specified");
    }
    if (stream->is_enabled == TRI_TRUE && !has_view) {
        return err_set(err, ERR_VALIDATION,
                       INVALID_PARAMETERS "Table is being created with a stream enabled, UpdateViewType is required");
    }
    return true;
}

bool sse_check(const struct sse_in *sse, struct err *err)
{
    if (sse == NULL) {
        return true;
    }
    if (sse->is_enabled == TRI_FALSE && sse->type.p != NULL) {
        return err_set(err, ERR_VALIDATION, INVALID_PARAMETERS "SSEType can not be specified if Enabled is false");
    }
    if (sse->is_enabled == TRI_FALSE && sse->key_id.p != NULL) {
        return err_set(err, ERR_VALIDATION,
                       INVALID_PARAMETERS "KMSMasterKeyId can not be specified if Enabled is false");
    }
    if (sse->key_id.p != NULL && sse->type.p == NULL) {
        return err_set(err, ERR_VALIDATION, INVALID_PARAMETERS "SSEType KMS is required if KMSMasterKeyId is specified");
    }
    if (str_eq(sse->type, STR("AES256"))) {
        return err_set(err, ERR_VALIDATION, INVALID_PARAMETERS "SSEType AES256 is not supported");
    }
    return true;
}

bool table_class_check(struct str table_class, struct err *err)
{
    if (table_class.p == NULL || str_eq(table_class, STR("STANDARD")) ||
        str_eq(table_class, STR("STANDARD_INFREQUENT_ACCESS"))) {
        return true;
    }
    return err_set(err, ERR_VALIDATION,
                   "Invalid table-class parameter provided. Please try again with a valid table-class value: "
                   "[STANDARD, STANDARD_INFREQUENT_ACCESS].");
}

static bool capacity_check(const struct table_in *in, struct err *err)
{
    const struct str table = {0};
    if (!on_demand_check_new(in->on_demand, billing(in), table, err) ||
        !warm_check_new(in->warm, in->throughput, table, err)) {
        return false;
    }
    const struct index_in *gsis = in->gsis.items;
    for (size_t i = 0; i < in->gsis.count; i++) {
        if (!on_demand_check_new(gsis[i].on_demand, billing(in), gsis[i].name, err) ||
            !warm_check_new(gsis[i].warm, gsis[i].throughput, gsis[i].name, err)) {
            return false;
        }
    }
    return true;
}

static bool policy_check(struct str policy, struct err *err)
{
    if (policy.n > POLICY_BYTES_MAX) {
        return err_set(err, ERR_VALIDATION, INVALID_PARAMETERS "Maximum policy size of %d bytes exceeded",
                       POLICY_BYTES_MAX);
    }
    return true;
}

bool table_check(const struct table_in *in, struct arena *arena, struct err *err)
{
    return billing_check(in, err) && keys_check(in, arena, err) && indexes_check(in, arena, err) &&
           stream_check(in->stream, err) && sse_check(in->sse, err) && table_class_check(in->table_class, err) &&
           capacity_check(in, err) && tags_check(&in->tags, arena, err) && policy_check(in->policy, err);
}
