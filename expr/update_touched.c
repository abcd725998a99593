/* SPDX-License-Identifier: Apache-2.0 */
/* update_touched.c — UPDATED_OLD and UPDATED_NEW: of an item, what the targets of an update lead to, nested maps and
 * lists reduced to it. */
#include "expr/update.h"

struct touched {
    const struct update *update;
    bool skips_removed;
    struct buf *out;
};

static bool write_fragment(const struct touched *touched, const struct branch *branch, const struct value *value);

/* `{…}` or `[…]` of what the branch's children lead to; false if to nothing. */
static bool write_children(const struct touched *touched, const struct branch *branch, const struct value *container)
{
    struct buf *out = touched->out;
    bool is_map = container->type == VALUE_M;
    size_t count = is_map ? branch->name_count : branch->index_count;
    bool has_any = false;
    buf_add_byte(out, is_map ? '{' : '[');
    for (size_t i = 0; i < count; i++) {
        const struct branch *child = is_map ? &branch->names[i] : &branch->indexes[i];
        const struct value *value = is_map                            ? value_map_get(container, child->name)
                                    : child->index < container->count ? &container->elements[child->index]
                                                                      : NULL;
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
        if (touched->skips_removed && touched->update->actions[branch->path].section == SECTION_REMOVE) {
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
    return write(&(struct touched){.update = update, .skips_removed = true, .out = out}, item, scratch);
}
