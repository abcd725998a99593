/* SPDX-License-Identifier: Apache-2.0 */
/* tag_resource.c — TagResource: adds tags to a table, and overwrites those of the same key. */
#include "server/api/op.h"
#include "server/api/schema/tags.h"

struct tag_resource_in {
    struct str arn;
    struct list tags; /* of struct tag_in */
    struct str table_name;
};

static const struct field input[] = {
    FIELD_STRING(tag_resource_in, arn, "ResourceArn", .custom = resource_arn_present, .bare = true),
    FIELD_LIST(tag_resource_in, tags, "Tags", shape_tags, .required = true, .stage = 1),
    FIELD_END,
};

static bool check(struct call *call, void *in, struct err *err)
{
    struct tag_resource_in *request = in;
    if (!tags_resource_check(call, request->arn, &request->table_name, err)) {
        return false;
    }
    if (request->tags.count == 0) {
        return err_set(err, ERR_VALIDATION, "Atleast one Tag needs to be provided as Input.");
    }
    return tags_check(&request->tags, call->arena, err);
}

static bool run(struct call *call, void *in, struct err *err)
{
    const struct tag_resource_in *request = in;
    const struct table_desc *table;
    struct table_settings settings;
    return tags_table(call, request->arn, request->table_name, &table, err) &&
           settings_read(table->settings, call->arena, &settings, err) &&
           tags_merge(&settings, &request->tags, call->arena, err) &&
           settings_store(call->txn, table, &settings, call->arena, err);
}

const struct op op_tag_resource = {
    .name = "TagResource",
    .txn = TXN_CATALOG,
    .answers_empty_body = true,
    .input = input,
    .input_size = sizeof(struct tag_resource_in),
    .check = check,
    .run = run,
};
