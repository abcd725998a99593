/* SPDX-License-Identifier: Apache-2.0 */
/* list_tags_of_resource.c — ListTagsOfResource. Fifty tags fit in one page, so there is never a next one, and a token is not looked at. */
#include "server/api/op.h"
#include "server/api/schema/tags.h"

struct list_tags_of_resource_in {
    struct str arn;
    struct str next_token;
    struct str table_name;
};

static const struct field input[] = {
    FIELD_STRING(list_tags_of_resource_in, arn, "ResourceArn", .custom = resource_arn_present, .bare = true),
    FIELD_STRING(list_tags_of_resource_in, next_token, "NextToken"),
    FIELD_END,
};

static bool check(struct call *call, void *in, struct err *err)
{
    struct list_tags_of_resource_in *request = in;
    return tags_resource_check(call, request->arn, &request->table_name, err);
}

static bool run(struct call *call, void *in, struct err *err)
{
    const struct list_tags_of_resource_in *request = in;
    const struct table_desc *table;
    struct table_settings settings;
    if (!tags_table(call, request->arn, request->table_name, &table, err) ||
        !settings_read(table->settings, call->arena, &settings, err)) {
        return false;
    }
    buf_add_literal(call->out, "{\"Tags\":[");
    for (size_t i = 0; i < settings.tag_count; i++) {
        buf_add_str(call->out, i == 0 ? STR("{\"Key\":") : STR(",{\"Key\":"));
        json_write_string(call->out, settings.tags[i].key);
        buf_add_literal(call->out, ",\"Value\":");
        json_write_string(call->out, settings.tags[i].value);
        buf_add_byte(call->out, '}');
    }
    buf_add_literal(call->out, "]}");
    return true;
}

const struct op op_list_tags_of_resource = {
    .name = "ListTagsOfResource",
    .txn = TXN_READ,
    .input = input,
    .input_size = sizeof(struct list_tags_of_resource_in),
    .check = check,
    .run = run,
};
