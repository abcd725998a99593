/* SPDX-License-Identifier: Apache-2.0 */
/* update_run.c — what happens to an update once the table and the item are known: rules about key attributes,
 * evaluation, size. */
#include "server/api/items/update_run.h"

#include "core/limits.h"
#include "server/api/items/keys.h"

struct update_visit {
    const struct table_desc *table;
    struct err *err;
};

static bool visit_nested(void *context, struct str name, bool is_nested)
{
    struct update_visit *visit = context;
    return !is_nested || key_path_check(visit->table, name, visit->err);
}

/* A path into the table's own key is an attempt to change it, which is said later. */
static bool visit_nested_target(void *context, struct str name, bool is_nested)
{
    struct update_visit *visit = context;
    return key_schema_has(&visit->table->key, name) || visit_nested(context, name, is_nested);
}

struct target_visit {
    struct str name; /* of the key attribute that is looked for */
    struct err *err;
};

static bool visit_target(void *context, struct str name, bool is_nested)
{
    (void)is_nested;
    struct target_visit *visit = context;
    return !str_eq(name, visit->name) || key_attribute_error(name, visit->err);
}

bool update_check_key_paths(const struct update *update, const struct table_desc *table, struct err *err)
{
    struct update_visit visit = {table, err};
    update_visit_targets(update, visit_nested_target, &visit);
    if (err->kind == ERR_NONE) {
        update_visit_operands(update, visit_nested, &visit);
    }
    return err->kind == ERR_NONE;
}

bool update_check_key_targets(const struct update *update, const struct table_desc *table, struct err *err)
{
    struct str names[KEY_NAMES_MAX];
    size_t count = table_key_names(table, NULL, names);
    for (size_t i = 0; i < count && err->kind == ERR_NONE; i++) {
        update_visit_targets(update, visit_target, &(struct target_visit){names[i], err});
    }
    return err->kind == ERR_NONE;
}

bool update_make_item(const struct update *update, const struct value *key, const struct stored *old,
                      const struct json *item, struct arena *arena, struct updated_item *out, struct err *err)
{
    size_t rest_bytes = 0; /* of what was not parsed */
    out->old = NULL;
    if (item) {
        struct value *before = arena_alloc(arena, sizeof(*before));
        item_from_stored(item, arena, before);
        rest_bytes = old->size_bytes - item_size(before);
        out->old = before;
    }
    if (!update_apply_value(update, out->old, key, arena, &out->new, err)) {
        return false;
    }
    return rest_bytes + item_size(&out->new) <= LIMIT_ITEM_BYTES || err_set(err, ERR_VALIDATION, UPDATE_SIZE_TEXT);
}
