/* SPDX-License-Identifier: Apache-2.0 */
/* parse_old.c — of the item that a write meets, parses what somebody will look at. The text is cut into attributes anyway, for the new text;
 * of 0.6 KB the parser then sees a tenth. */
#include "server/api/items/item_ops.h"
#include "storage/members.h"

#define NAMES_MAX 24

struct picking {
    struct str names[NAMES_MAX];
    size_t count;
    bool is_too_much;
};

/* The last ones are asked for most. */
static bool pick_name(void *context, struct str name)
{
    struct picking *picking = context;
    for (size_t i = picking->count; i-- > 0;) {
        if (str_eq(picking->names[i], name)) {
            return true;
        }
    }
    picking->is_too_much = picking->count == NAMES_MAX;
    if (!picking->is_too_much) {
        picking->names[picking->count++] = name;
    }
    return !picking->is_too_much;
}

static bool pick_path(void *context, struct str name, bool is_nested)
{
    (void)is_nested;
    return pick_name(context, name);
}

static void pick_condition(struct picking *picking, const struct condition *condition)
{
    if (condition) {
        condition_visit_paths(condition, pick_path, picking);
    }
}

static void pick_update(struct picking *picking, const struct update *update, const struct table_desc *table)
{
    if (!picking->is_too_much) {
        update_visit_targets(update, pick_path, picking);
    }
    if (!picking->is_too_much) {
        update_visit_operands(update, pick_path, picking);
    }
    if (!picking->is_too_much) {
        (void)change_needs(table, pick_name, picking);
    }
}

static bool parse_picked(const struct picking *picking, const struct member_texts *members, struct arena *arena,
                         const struct json **out)
{
    struct str found[NAMES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < picking->count; i++) {
        const struct member_text *member = member_texts_find(members, picking->names[i]);
        if (member != NULL) {
            found[count++] = member->whole;
        }
    }
    return json_parse_members(found, count, arena, out);
}

bool write_parse_old(struct stored *old, const struct condition *condition, const struct update *update,
                     const struct table_desc *table, struct arena *arena, const struct json **out, struct err *err)
{
    struct picking picking = {.count = 0};
    *out = NULL;
    if (!stored_exists(old)) {
        return true;
    }
    pick_condition(&picking, condition);
    if (update) {
        pick_update(&picking, update, table);
        /* Where a number set is, its order for Java's readers is a matter of the whole item. */
        picking.is_too_much |= old->has_number_set;
    }
    if (picking.is_too_much) {
        return stored_parse(old, arena, out, err);
    }
    const struct member_texts *members = NULL;
    return stored_members(old, arena, &members, err) &&
           (parse_picked(&picking, members, arena, out) || err_set(err, ERR_INTERNAL, STORED_DAMAGED_TEXT));
}
