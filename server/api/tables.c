/* SPDX-License-Identifier: Apache-2.0 */
/* tables.c — from what a request calls a table to the table. Data is kept apart per access key and region, as in DynamoDB Local, and that is what
 * confuses its users most: so a table that is missing here and stands elsewhere is told in the log. */
#include "server/api/tables.h"

#include "server/api/common.h"
#include "server/api/state.h"

/* ---- ARNs ---- */

/* Cuts the text up to the next colon off; false if there is none. */
static bool cut(struct str *rest, struct str *out)
{
    const char *colon = rest->n > 0 ? memchr(rest->p, ':', rest->n) : NULL;
    if (colon == NULL) {
        return false;
    }
    *out = str_of(rest->p, (size_t)(colon - rest->p));
    *rest = str_of(colon + 1, rest->n - out->n - 1);
    return true;
}

static bool arn_error(const char *what, struct str arn, struct err *err)
{
    return err_set(err, ERR_VALIDATION, "1 validation error detected: Invalid %s in '%.*s'", what, STR_ARG(arn));
}

static bool form_error(struct str arn, struct err *err)
{
    return err_set(err, ERR_VALIDATION,
                   "1 validation error detected: Invalid ARN '%.*s'. Valid ARN format is "
                   "arn:<partition>:dynamodb:<region>:<account-id>:table/<table-name>",
                   STR_ARG(arn));
}

static bool is_partition(struct str s)
{
    return str_eq(s, STR("aws")) || str_eq(s, STR("aws-cn")) || str_eq(s, STR("aws-us-gov"));
}

bool account_check(const struct call *call, struct str account, struct err *err)
{
    return str_eq(account, call->account) || err_set(err, ERR_ACCESS_DENIED, "Access is denied");
}

bool table_name_of(struct call *call, struct str name_or_arn, struct str *out, struct err *err)
{
    if (!str_starts_with(name_or_arn, STR("arn:"))) {
        *out = name_or_arn;
        return true;
    }
    struct str rest = name_or_arn;
    struct str arn, partition, service, region, account;
    if (!cut(&rest, &arn) || !cut(&rest, &partition) || !cut(&rest, &service) || !cut(&rest, &region) ||
        !cut(&rest, &account) || !str_eq(service, STR("dynamodb"))) {
        return form_error(name_or_arn, err);
    }
    if (!is_partition(partition)) {
        return arn_error("AWS partition", name_or_arn, err);
    }
    /* ddblocal is DynamoDB Local's region; in the shared namespace the region tells nothing. */
    if (!str_eq(region, call->region) && !str_eq(region, STR("ddblocal")) && !call->api->options.is_shared) {
        return arn_error("AWS region", name_or_arn, err);
    }
    if (!str_starts_with(rest, STR("table/"))) {
        return arn_error("resource type", name_or_arn, err);
    }
    struct str name = str_of(rest.p + 6, rest.n - 6);
    if (name.n > 0 && memchr(name.p, '/', name.n) != NULL) {
        return arn_error("resource type", name_or_arn, err); /* of an index or a stream */
    }
    if (!is_table_name(name) || name.n < 3 || name.n > 255) {
        return form_error(name_or_arn, err);
    }
    if (!account_check(call, account, err)) {
        return false;
    }
    *out = name;
    return true;
}

struct str table_arn(struct call *call, struct str name)
{
    return arena_printf(call->arena, "arn:aws:dynamodb:%.*s:%.*s:table/%.*s", STR_ARG(call->region),
                        STR_ARG(call->account), STR_ARG(name));
}

struct str index_arn(struct call *call, struct str table_name, struct str index_name)
{
    struct str arn = table_arn(call, table_name);
    return arena_printf(call->arena, "%.*s/index/%.*s", STR_ARG(arn), STR_ARG(index_name));
}

/* ---- The hint ---- */

/* FNV-1a; each part with an end mark, so that the parts cannot run together. */
static uint64_t hash_add(uint64_t hash, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        hash = (hash ^ (unsigned char)s.p[i]) * UINT64_C(1099511628211);
    }
    return (hash ^ 0xFF) * UINT64_C(1099511628211);
}

/* True at the first time. */
static bool remember(struct api *api, uint64_t hash)
{
    pthread_mutex_lock(&api->lock);
    size_t known = api->hint_count < HINTS_MAX ? api->hint_count : HINTS_MAX;
    bool is_new = true;
    for (size_t i = 0; i < known; i++) {
        is_new = is_new && api->hints[i] != hash;
    }
    if (is_new) {
        api->hints[api->hint_count % HINTS_MAX] = hash;
        api->hint_count++;
    }
    pthread_mutex_unlock(&api->lock);
    return is_new;
}

void table_hint(struct call *call, struct str name)
{
    struct api *api = call->api;
    struct str key, region;
    if (api->options.log == NULL || api->options.is_shared ||
        !table_elsewhere(call->txn, call->namespace_id, name, &key, &region)) {
        return;
    }
    uint64_t hash = UINT64_C(14695981039346656037);
    hash = hash_add(hash_add(hash_add(hash, call->access_key), call->region), name);
    if (!remember(api, hash)) {
        return;
    }
    struct str what = name.p != NULL ? arena_printf(call->arena, "no table %.*s", STR_ARG(name)) : STR("no tables");
    struct str there = name.p != NULL ? STR("there is one") : STR("there are some");
    api_log(api,
            "hint: access key \"%.*s\" has %.*s in region \"%.*s\", but %.*s for access key \"%.*s\" in region \"%.*s\". "
            "Data is kept apart per access key and region; -sharedDb joins it.",
            STR_ARG(call->access_key), STR_ARG(what), STR_ARG(call->region), STR_ARG(there), STR_ARG(key),
            STR_ARG(region));
}

/* ---- Look-ups ---- */

static const struct table_desc *find(struct call *call, struct str name)
{
    const struct table_desc *table =
        call->namespace_id == NAMESPACE_NONE ? NULL : table_find(call->txn, call->namespace_id, name);
    if (table == NULL) {
        table_hint(call, name);
    }
    return table;
}

bool table_for_items(struct call *call, struct str name, const struct table_desc **out, struct err *err)
{
    *out = find(call, name);
    return *out != NULL || err_set(err, ERR_RESOURCE_NOT_FOUND, "Requested resource not found");
}

bool table_for_control(struct call *call, struct str name, const struct table_desc **out, struct err *err)
{
    *out = find(call, name);
    return *out != NULL || err_set(err, ERR_RESOURCE_NOT_FOUND, "Requested resource not found: Table: %.*s not found",
                                   STR_ARG(name));
}

bool table_index_for_read(const struct table_desc *table, struct str name, const struct index_desc **out,
                          struct err *err)
{
    *out = table_index(table, name);
    if (*out == NULL) {
        return err_set(err, ERR_VALIDATION, "The table does not have the specified index: %.*s", STR_ARG(name));
    }
    if ((*out)->is_backfilling) {
        return err_set(err, ERR_VALIDATION, "Cannot read from backfilling global secondary index: %.*s",
                       STR_ARG(name));
    }
    return true;
}
