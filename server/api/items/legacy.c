/* SPDX-License-Identifier: Apache-2.0 */
/* AttributeUpdates, AttributesToGet and the names in all legacy parameters; conditions stand in legacy_conditions.c.
 * They become the trees of expr/, so that there is one evaluator. */
#include "server/api/items/legacy.h"

#include "server/api/name_set.h"
#include "server/api/items/values.h"

static const struct field update_fields[] = {FIELD_VALUE(attribute_update_in, value, "Value"),
                                             FIELD_STRING(attribute_update_in, action, "Action"), FIELD_END};
const struct field legacy_update_element[] = {
    ELEMENT_STRUCT(update_fields, attribute_update_in, .java = "AttributeValueUpdate"), FIELD_END};
const struct field legacy_name_element[] = {ELEMENT(FIELD_TYPE_STRING), FIELD_END};

/* ---- AttributeUpdates ---- */

bool legacy_updates_check_nulls(const struct map *updates, struct err *err)
{
    const struct attribute_update_in *entries = updates->items;
    for (size_t i = 0; i < updates->count; i++) {
        if (!value_check_nulls(entries[i].value, err)) {
            return false;
        }
    }
    return true;
}

bool legacy_updates_check_nesting(const struct map *updates, struct err *err)
{
    const struct attribute_update_in *entries = updates->items;
    for (size_t i = 0; i < updates->count; i++) {
        if (!value_check_nesting(entries[i].value, false, err)) {
            return false;
        }
    }
    return true;
}

bool legacy_updates_check_values(const struct map *updates, struct arena *arena, enum value_dialect dialect,
                                 struct err *err)
{
    const struct attribute_update_in *entries = updates->items;
    for (size_t i = 0; i < updates->count; i++) {
        struct value ignored;
        if (entries[i].value && !value_read(entries[i].value, arena, dialect, &ignored, err)) {
            return false;
        }
    }
    return true;
}

bool legacy_updates_is_older(const struct map *updates)
{
    const struct attribute_update_in *entries = updates->items;
    for (size_t i = 0; i < updates->count; i++) {
        if (value_is_older(entries[i].value)) {
            return true;
        }
    }
    return false;
}

/* Absent: PUT. */
static bool action_of(struct str action, enum update_action *out)
{
    *out = str_eq(action, STR("ADD")) ? UPDATE_ADD : str_eq(action, STR("DELETE")) ? UPDATE_DELETE : UPDATE_PUT;
    return !action.p || *out != UPDATE_PUT || str_eq(action, STR("PUT"));
}

/* May the action be given this value (NULL: none)? */
static bool check_action(enum update_action action, const struct value *v, struct err *err)
{
    if (!v) {
        return action == UPDATE_DELETE ||
               err_set(err, ERR_VALIDATION,
                       INVALID_PARAMETERS "Only DELETE action is allowed when no attribute value is specified");
    }
    if (action == UPDATE_DELETE && !value_is_set(v->type)) {
        return err_set(err, ERR_VALIDATION, INVALID_PARAMETERS "DELETE action with value is not supported for the type %s",
                       value_type_name(v->type));
    }
    if (action == UPDATE_ADD && v->type != VALUE_N && v->type != VALUE_L && !value_is_set(v->type)) {
        return err_set(err, ERR_VALIDATION, INVALID_PARAMETERS "ADD action is not supported for the type %s",
                       value_type_name(v->type));
    }
    return true;
}

bool legacy_updates_read(const struct map *updates, struct arena *arena, struct update **out, struct err *err)
{
    *out = NULL;
    if (!updates->is_present) {
        return true;
    }
    const struct attribute_update_in *entries = updates->items;
    enum update_action *actions = arena_array(arena, enum update_action, updates->count);
    for (size_t i = 0; i < updates->count; i++) {
        if (!action_of(entries[i].action, &actions[i])) {
            return err_set(err, ERR_REQUEST, "Member must satisfy enum value set: [ADD, DELETE, PUT]' for Action");
        }
    }
    *out = update_new(arena);
    for (size_t i = 0; i < updates->count; i++) {
        struct value *v = entries[i].value ? arena_new(arena, struct value) : NULL;
        if ((v && !value_read(entries[i].value, arena, VALUE_NEWER, v, err)) || !check_action(actions[i], v, err)) {
            return false;
        }
        update_add_action(*out, updates->names[i], actions[i], v);
    }
    return true;
}

/* ---- AttributesToGet ---- */

bool legacy_attributes_to_get_read(const struct list *names, struct arena *arena, struct projection **out,
                                   struct err *err)
{
    *out = NULL;
    if (!names->is_present) {
        return true;
    }
    const struct str *items = names->items;
    struct name_set set;
    name_set_init(&set, items, names->count, arena);
    size_t repeated = name_set_repeated(&set);
    if (repeated != NAME_SET_NONE) {
        return err_set(err, ERR_VALIDATION, INVALID_PARAMETERS "Duplicate value in attribute name: %.*s",
                       STR_ARG(items[repeated]));
    }
    *out = projection_of_names(arena, items, names->count);
    return true;
}

/* ---- Empty names ---- */

static bool empty_name_error(struct err *err)
{
    return err_set(err, ERR_REQUEST, VALUE_EMPTY_NAME_TEXT);
}

/* In Value and AttributeValueList of one entry. */
static bool check_entry_names(const struct json *entry, struct err *err)
{
    const struct json *value = json_get(entry, STR("Value"));
    if (value && json_type(value) == JSON_OBJECT && !value_check_names(value, err)) {
        return false;
    }
    const struct json *list = json_get(entry, STR("AttributeValueList"));
    if (!list || json_type(list) != JSON_ARRAY) {
        return true;
    }
    struct json_iter iter = json_iter(list);
    while (json_next(&iter, NULL, &value)) {
        if (json_type(value) == JSON_OBJECT && !value_check_names(value, err)) {
            return false;
        }
    }
    return true;
}

bool legacy_check_names(const struct map *conditions, struct err *err)
{
    if (!conditions->json) {
        return true;
    }
    struct json_iter iter = json_iter(conditions->json);
    const struct json *entry;
    while (json_next(&iter, NULL, &entry)) {
        if (json_type(entry) == JSON_OBJECT && !check_entry_names(entry, err)) {
            return false;
        }
    }
    return true;
}

bool legacy_check_all_names(const struct map *conditions, struct err *err)
{
    for (size_t i = 0; i < conditions->count; i++) {
        if (conditions->names[i].n == 0) {
            return empty_name_error(err);
        }
    }
    return legacy_check_names(conditions, err);
}

bool legacy_attributes_to_get_check_names(const struct list *names, struct err *err)
{
    const struct str *items = names->items;
    for (size_t i = 0; i < names->count; i++) {
        if (items[i].n == 0) {
            return empty_name_error(err);
        }
    }
    return true;
}
