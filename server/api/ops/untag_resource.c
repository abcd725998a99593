/* SPDX-License-Identifier: Apache-2.0 */
/* untag_resource.c — UntagResource: takes tags off a table; keys that it does not have are no error. */
#include "server/api/op.h"
#include "server/api/schema/tags.h"

struct untag_resource_in {
    struct str arn;
    struct list keys; /* of struct str */
    struct str table_name;
};

static const struct field key_element[] = {ELEMENT(FIELD_TYPE_STRING), FIELD_END};

static const struct field input[] = {
    FIELD_STRING(untag_resource_in, arn, "ResourceArn", .custom = resource_arn_present, .bare = true),
    FIELD_LIST(untag_resource_in, keys, "TagKeys", key_element, .required = true, .stage = 1),
    FIELD_END,
};

static bool check(struct call *call, void *in, struct err *err)
{
    struct untag_resource_in *request = in;
    if (!tags_resource_check(call, request->arn, &request->table_name, err)) {
        return false;
    }
    if (request->keys.count == 0) {
        return err_set(err, ERR_VALIDATION, "Atleast one Tag Key needs to be provided as Input.");
    }
    return tag_keys_check(&request->keys, err);
}

static bool run(struct call *call, void *in, struct err *err)
{
    const struct untag_resource_in *request = in;
    const struct table_desc *table;
    struct table_settings settings;
    if (!tags_table(call, request->arn, request->table_name, &table, err) ||
        !settings_read(table->settings, call->arena, &settings, err)) {
        return false;
    }
    tags_remove(&settings, &request->keys);
    return settings_store(call->txn, table, &settings, call->arena, err);
}

const struct op op_untag_resource = {
    .name = "UntagResource",
    .txn = TXN_CATALOG,
    .answers_empty_body = true,
    .input = input,
    .input_size = sizeof(struct untag_resource_in),
    .check = check,
    .run = run,
};
