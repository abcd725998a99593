/* SPDX-License-Identifier: Apache-2.0 */
/* key_rules.c — which key schemas there are, and that their attributes are defined. CreateTable and UpdateTable run the same checks,
 * at different places of their order. */
#include "server/api/schema/key_rules.h"

#include "core/limits.h"

void definitions_init(struct definitions *definitions, const struct list *list, struct arena *arena)
{
    *definitions = (struct definitions){.items = list->items, .count = list->count};
    definitions->names = arena_array(arena, struct str, list->count);
    for (size_t i = 0; i < list->count; i++) {
        definitions->names[i] = definitions->items[i].name;
    }
    name_set_init(&definitions->set, definitions->names, list->count, arena);
}

bool definitions_check_distinct(const struct definitions *definitions, struct err *err)
{
    size_t repeated = name_set_repeated(&definitions->set);
    if (repeated == NAME_SET_NONE) {
        return true;
    }
    return err_set(err, ERR_VALIDATION, "Attribute Name is duplicated: %.*s",
                   STR_ARG(definitions->names[repeated]));
}

bool keys_check_defined(const struct list *schema, const struct definitions *definitions, struct arena *arena,
                        struct err *err)
{
    const struct key_element_in *keys = schema->items;
    if (definitions->set.distinct < schema->count) {
        return err_set(err, ERR_VALIDATION, "Invalid KeySchema: Some index key attribute have no definition");
    }
    struct str names[INDEX_KEYS_MAX];
    size_t missing = 0;
    for (size_t i = 0; i < schema->count; i++) {
        names[i] = keys[i].name;
        missing += name_set_find(&definitions->set, keys[i].name) == NAME_SET_NONE;
    }
    if (missing == 0) {
        return true;
    }
    struct str wanted = java_list(names, schema->count, JAVA_LIST_FITTED, arena);
    struct str defined = java_list(definitions->names, definitions->count, JAVA_LIST_FITTED, arena);
    return err_set(err, ERR_VALIDATION,
                   INVALID_PARAMETERS "Some index key attributes are not defined in AttributeDefinitions. Keys: %.*s, "
                                      "AttributeDefinitions: %.*s",
                   STR_ARG(wanted), STR_ARG(defined));
}

static bool is_hash(const struct key_element_in *key)
{
    return str_eq(key->type, STR("HASH"));
}

static bool check_first(const struct list *schema, struct err *err)
{
    if (!is_hash(schema->items)) {
        return err_set(err, ERR_VALIDATION, "Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
    }
    return true;
}

static bool check_two_names(const struct key_element_in *keys, struct err *err)
{
    if (str_eq(keys[0].name, keys[1].name)) {
        return err_set(err, ERR_VALIDATION,
                       "Both the Hash Key and the Range Key element in the KeySchema have the same name");
    }
    return true;
}

bool keys_check_simple(const struct list *schema, struct err *err)
{
    const struct key_element_in *keys = schema->items;
    if (!check_first(schema, err)) {
        return false;
    }
    if (schema->count < 2) {
        return true;
    }
    if (!check_two_names(keys, err)) {
        return false;
    }
    if (is_hash(&keys[1])) {
        return err_set(err, ERR_VALIDATION, "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
    }
    return true;
}

static bool check_names(const struct list *schema, struct err *err)
{
    const struct key_element_in *keys = schema->items;
    if (schema->count == 2) {
        return check_two_names(keys, err);
    }
    for (size_t i = 0; i < schema->count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (str_eq(keys[i].name, keys[j].name)) {
                return err_set(err, ERR_VALIDATION,
                               "The KeySchema contains multiple key attributes with the same name");
            }
        }
    }
    return true;
}

bool keys_check_multiple(const struct list *schema, struct err *err)
{
    const struct key_element_in *keys = schema->items;
    if (!check_first(schema, err) || !check_names(schema, err)) {
        return false;
    }
    size_t hashes = 0;
    size_t ranges = 0;
    for (size_t i = 0; i < schema->count; i++) {
        if (is_hash(&keys[i]) && ranges > 0) {
            return err_set(err, ERR_VALIDATION,
                           INVALID_PARAMETERS "All HASH key attributes must precede RANGE key attributes in the "
                                              "KeySchema");
        }
        hashes += is_hash(&keys[i]);
        ranges += !is_hash(&keys[i]);
    }
    if (hashes > LIMIT_GSI_KEY_PARTS || ranges > LIMIT_GSI_KEY_PARTS) {
        return err_set(err, ERR_VALIDATION,
                       INVALID_PARAMETERS "The KeySchema exceeds the maximum allowed number of %s key attributes",
                       hashes > LIMIT_GSI_KEY_PARTS ? "HASH" : "RANGE");
    }
    return true;
}

bool keys_have_range(const struct list *schema)
{
    const struct key_element_in *keys = schema->items;
    return schema->count > 0 && !is_hash(&keys[schema->count - 1]);
}

void keys_make(const struct list *schema, const struct definitions *definitions, struct key_schema *out)
{
    const struct key_element_in *keys = schema->items;
    *out = (struct key_schema){0};
    for (size_t i = 0; i < schema->count; i++) {
        size_t at = name_set_find(&definitions->set, keys[i].name);
        ensure(at != NAME_SET_NONE);
        struct key_part part = {.name = keys[i].name};
        ensure(value_type_of(definitions->items[at].type, &part.type));
        if (is_hash(&keys[i])) {
            out->hash[out->hash_count++] = part;
        } else {
            out->range[out->range_count++] = part;
        }
    }
}
