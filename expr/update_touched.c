/* SPDX-License-Identifier: Apache-2.0 */
/* update_touched.c — UPDATED_OLD and UPDATED_NEW: of an item, what the targets of an update lead to, nested maps and
 * lists reduced to it. */
#include "expr/update.h"

struct touched {
    const struct update *update;
    bool is_after; /* the update is in the item: REMOVE left nothing, and list elements have moved */
    struct buf *out;
};

static bool write_fragment(const struct touched *touched, const struct branch *branch, const struct value *value);

/* ---- Where list elements went ---- */

static bool ends_in(const struct touched *touched, const struct branch *child, enum section a, enum section b)
{
    if (child->path == BRANCH_GOES_ON) {
        return false;
    }
    enum section section = touched->update->actions[child->path].section;
    return section == a || section == b;
}

/* Of the branch's indexes in [from, to): how many were removed, or set and added. */
static size_t count_ends(const struct touched *touched, const struct branch *branch, size_t from, size_t to,
                         bool removed)
{
    size_t count = 0;
    for (size_t i = 0; i < branch->index_count; i++) {
        const struct branch *child = &branch->indexes[i];
        bool counts = removed ? ends_in(touched, child, SECTION_REMOVE, SECTION_REMOVE)
                              : ends_in(touched, child, SECTION_SET, SECTION_ADD);
        count += counts && child->index >= from && child->index < to;
    }
    return count;
}

/* The length of the list before the update: the one that explains the length after it, elements removed inside of it
 * and appended beyond it. Where two do, both give the same places. */
static size_t length_before(const struct touched *touched, const struct branch *branch, size_t after)
{
    size_t length = after > branch->index_count ? after - branch->index_count : 0;
    while (length + count_ends(touched, branch, length, SIZE_MAX, false) <
           after + count_ends(touched, branch, 0, length, true)) {
        length++;
    }
    return length;
}

/* The place after the update of what was written to an index. */
static size_t place_after(const struct touched *touched, const struct branch *branch, size_t index, size_t length)
{
    if (index < length) {
        return index - count_ends(touched, branch, 0, index, true);
    }
    return length - count_ends(touched, branch, 0, length, true) + count_ends(touched, branch, length, index, false);
}

/* ---- Writing ---- */

/* `{…}` or `[…]` of what the branch's children lead to; false if to nothing. */
static bool write_children(const struct touched *touched, const struct branch *branch, const struct value *container)
{
    struct buf *out = touched->out;
    bool is_map = container->type == VALUE_M;
    size_t count = is_map ? branch->name_count : branch->index_count;
    size_t length = is_map || !touched->is_after ? 0 : length_before(touched, branch, container->count);
    bool has_any = false;
    buf_add_byte(out, is_map ? '{' : '[');
    for (size_t i = 0; i < count; i++) {
        const struct branch *child = is_map ? &branch->names[i] : &branch->indexes[i];
        const struct value *value = NULL;
        if (is_map) {
            value = value_map_get(container, child->name);
        } else {
            size_t place = touched->is_after ? place_after(touched, branch, child->index, length) : child->index;
            value = place < container->count ? &container->elements[place] : NULL;
        }
        if (value == NULL) {
            continue;
        }
        size_t before = out->n;
        buf_add_str(out, has_any ? STR(",") : STR(""));
        if (is_map) {
            json_write_string(out, child->name);
            buf_add_byte(out, ':');
        }
        if (write_fragment(touched, child, value)) {
            has_any = true;
        } else {
            buf_truncate(out, before);
        }
    }
    buf_add_byte(out, is_map ? '}' : ']');
    return has_any;
}

static bool write_fragment(const struct touched *touched, const struct branch *branch, const struct value *value)
{
    if (branch->path != BRANCH_GOES_ON) {
        if (touched->is_after && touched->update->actions[branch->path].section == SECTION_REMOVE) {
            return false;
        }
        value_text_write(touched->out, value);
        return true;
    }
    if (value->type != VALUE_M && value->type != VALUE_L) {
        return false;
    }
    buf_printf(touched->out, "{\"%s\":", value_type_name(value->type));
    bool has_any = write_children(touched, branch, value);
    buf_add_byte(touched->out, '}');
    return has_any;
}

static bool write(const struct touched *touched, const struct value *item, struct arena *scratch)
{
    if (item == NULL) {
        return false;
    }
    struct arena_mark mark = arena_mark(scratch);
    struct branch made;
    const struct branch *targets = update_targets(touched->update, &made, scratch);
    size_t before = touched->out->n;
    bool has_any = write_children(touched, targets, item);
    if (!has_any) {
        buf_truncate(touched->out, before);
    }
    arena_rollback(scratch, mark);
    return has_any;
}

bool update_write_touched(const struct update *update, const struct value *item, struct arena *scratch, struct buf *out)
{
    return write(&(struct touched){.update = update, .out = out}, item, scratch);
}

bool update_write_changed(const struct update *update, const struct value *item, struct arena *scratch, struct buf *out)
{
    return write(&(struct touched){.update = update, .is_after = true, .out = out}, item, scratch);
}
