/* SPDX-License-Identifier: Apache-2.0 */
/* update_apply.c — the item after an update. Two steps: first every action's outcome is computed from the item before
 * the update; then the item is rebuilt along the tree of targets. So all clauses act at once, list indexes are the
 * original ones, and what no target touches is shared (aws-behaviour.md §5.8, 2026 I.4 and L.2). */
#include "expr/update.h"

#include "core/limits.h"

#define TEXT_PATH "The document path provided in the update expression is invalid for update"
#define TEXT_MISSING "The provided expression refers to an attribute that does not exist in the item"
#define TEXT_TYPE "An operand in the update expression has an incorrect data type"
#define TEXT_LEGACY_TYPE "Type mismatch for attribute to update"
#define TEXT_NESTING "Nesting Levels have exceeded supported limits"

/* What an action leaves at its target. */
struct outcome {
    bool is_present;
    struct value value;
};

struct apply {
    const struct update *update;
    const struct value *before; /* NULL: no item */
    struct outcome *outcomes;   /* of each action */
    enum number_status *status; /* the first sum that is no number: said after paths that lead nowhere */
    struct arena *arena;
    struct err *err;
};

/* ---- Operands ---- */

static bool compute_sum(const struct apply *apply, bool is_plus, const struct value *a, const struct value *b,
                        struct value *out)
{
    if (a->type != VALUE_N || b->type != VALUE_N) {
        return err_set(apply->err, ERR_VALIDATION, TEXT_TYPE);
    }
    struct number *number = arena_new(apply->arena, struct number);
    enum number_status status =
        is_plus ? number_add(a->number, b->number, number) : number_subtract(a->number, b->number, number);
    if (status != NUMBER_OK) {
        *apply->status = *apply->status == NUMBER_OK ? status : *apply->status;
        *number = *a->number;
    }
    *out = (struct value){.type = VALUE_N, .number = number};
    return true;
}

static void join_lists(const struct apply *apply, const struct value *a, const struct value *b, struct value *out)
{
    struct value *elements = arena_array(apply->arena, struct value, a->count + b->count);
    for (size_t i = 0; i < a->count; i++) {
        elements[i] = a->elements[i];
    }
    for (size_t i = 0; i < b->count; i++) {
        elements[a->count + i] = b->elements[i];
    }
    *out = (struct value){.type = VALUE_L, .count = a->count + b->count, .elements = elements};
}

static bool compute(const struct apply *apply, const struct node *node, struct value *out)
{
    if (node->kind == NODE_VALUE) {
        *out = *node->value;
        return true;
    }
    if (node->kind == NODE_PATH) {
        const struct value *found = path_find(&node->path, apply->before);
        if (found == NULL) {
            return err_set(apply->err, ERR_VALIDATION, TEXT_MISSING);
        }
        *out = *found;
        return true;
    }
    ensure(node->count == 2);
    if (node->kind == NODE_CALL && node->function == FUNCTION_if_not_exists) {
        const struct value *found = path_find(&node->children[0]->path, apply->before);
        if (found == NULL) {
            return compute(apply, node->children[1], out);
        }
        *out = *found;
        return true;
    }
    struct value a;
    struct value b;
    if (!compute(apply, node->children[0], &a) || !compute(apply, node->children[1], &b)) {
        return false;
    }
    if (node->kind != NODE_CALL) {
        return compute_sum(apply, node->kind == NODE_PLUS, &a, &b, out);
    }
    if (a.type != VALUE_L || b.type != VALUE_L) {
        return err_set(apply->err, ERR_VALIDATION, TEXT_TYPE);
    }
    join_lists(apply, &a, &b, out);
    return true;
}

/* ---- ADD and DELETE ---- */

static void unite(const struct apply *apply, const struct value *a, const struct value *b, struct value *out)
{
    size_t count = a->count + b->count;
    *out = (struct value){.type = a->type};
    if (a->type == VALUE_NS) {
        struct number *numbers = arena_array(apply->arena, struct number, count);
        memcpy(numbers, a->numbers, a->count * sizeof(*numbers));
        memcpy(numbers + a->count, b->numbers, b->count * sizeof(*numbers));
        out->count = value_sort_numbers(numbers, count);
        out->numbers = numbers;
    } else {
        struct str *strs = arena_array(apply->arena, struct str, count);
        memcpy(strs, a->strs, a->count * sizeof(*strs));
        memcpy(strs + a->count, b->strs, b->count * sizeof(*strs));
        out->count = value_sort_strs(strs, count);
        out->strs = strs;
    }
}

/* Both sets are sorted: one walk. */
static void subtract(const struct apply *apply, const struct value *a, const struct value *b, struct value *out)
{
    struct number *numbers = a->type == VALUE_NS ? arena_array(apply->arena, struct number, a->count) : NULL;
    struct str *strs = a->type == VALUE_NS ? NULL : arena_array(apply->arena, struct str, a->count);
    size_t kept = 0;
    size_t j = 0;
    for (size_t i = 0; i < a->count; i++) {
        int c = -1;
        while (j < b->count) {
            c = numbers != NULL ? number_compare(&a->numbers[i], &b->numbers[j]) : str_compare(a->strs[i], b->strs[j]);
            if (c <= 0) {
                break;
            }
            j++;
            c = -1;
        }
        if (c == 0) {
            continue;
        }
        if (numbers != NULL) {
            numbers[kept++] = a->numbers[i];
        } else {
            strs[kept++] = a->strs[i];
        }
    }
    *out = (struct value){.type = a->type, .count = kept};
    if (numbers != NULL) {
        out->numbers = numbers;
    } else {
        out->strs = strs;
    }
}

static bool type_error(const struct apply *apply)
{
    return err_set(apply->err, ERR_VALIDATION, "%s", apply->update->is_legacy ? TEXT_LEGACY_TYPE : TEXT_TYPE);
}

static bool compute_add(const struct apply *apply, const struct value *before, const struct value *v,
                        struct outcome *out)
{
    out->is_present = true;
    if (before == NULL) {
        out->value = *v;
        return true;
    }
    if (before->type != v->type) {
        return type_error(apply);
    }
    if (v->type == VALUE_N) {
        return compute_sum(apply, true, before, v, &out->value);
    }
    if (v->type == VALUE_L && apply->update->is_legacy) {
        join_lists(apply, before, v, &out->value);
        return true;
    }
    if (!value_is_set(v->type)) {
        return type_error(apply);
    }
    unite(apply, before, v, &out->value);
    return true;
}

static bool compute_delete(const struct apply *apply, const struct value *before, const struct value *v,
                           struct outcome *out)
{
    if (before == NULL) {
        return true;
    }
    if (before->type != v->type || !value_is_set(v->type)) {
        return type_error(apply);
    }
    subtract(apply, before, v, &out->value);
    out->is_present = out->value.count > 0;
    return true;
}

static bool compute_outcome(const struct apply *apply, const struct action *action, struct outcome *out)
{
    const struct value *before = path_find(&action->target, apply->before);
    switch (action->section) {
    case SECTION_SET:
        out->is_present = true;
        return compute(apply, action->operand, &out->value);
    case SECTION_REMOVE:
        return true;
    case SECTION_ADD:
        return compute_add(apply, before, action->operand->value, out);
    case SECTION_DELETE:
        return compute_delete(apply, before, action->operand->value, out);
    }
    return true;
}

/* Those of ADD and DELETE come first: their errors win (2026 L.2). */
static bool compute_outcomes(const struct apply *apply, bool of_add_and_delete)
{
    for (size_t i = 0; i < apply->update->count; i++) {
        const struct action *action = &apply->update->actions[i];
        bool is_of_these = action->section == SECTION_ADD || action->section == SECTION_DELETE;
        if (is_of_these == of_add_and_delete && !compute_outcome(apply, action, &apply->outcomes[i])) {
            return false;
        }
    }
    return true;
}

/* ---- Rebuilding ---- */

static bool rebuild(const struct apply *apply, const struct branch *branch, const struct value *before,
                    struct outcome *out);

static bool rebuild_map(const struct apply *apply, const struct branch *branch, const struct value *before,
                        struct value *out)
{
    struct member *members = arena_array(apply->arena, struct member, before->count + branch->name_count);
    size_t count = 0;
    size_t i = 0;
    size_t j = 0;
    while (i < before->count || j < branch->name_count) {
        int c = i == before->count        ? 1
                : j == branch->name_count ? -1
                                          : str_compare(before->members[i].name, branch->names[j].name);
        if (c < 0) {
            members[count++] = before->members[i++];
            continue;
        }
        struct outcome outcome;
        if (!rebuild(apply, &branch->names[j], c == 0 ? &before->members[i].value : NULL, &outcome)) {
            return false;
        }
        if (outcome.is_present) {
            members[count++] = (struct member){.name = branch->names[j].name, .value = outcome.value};
        }
        i += c == 0;
        j++;
    }
    *out = (struct value){.type = VALUE_M, .count = count, .members = members};
    return true;
}

/* Indexes that the list does not reach come last, so what they hold is appended in their order. */
static bool rebuild_list(const struct apply *apply, const struct branch *branch, const struct value *before,
                         struct value *out)
{
    struct value *elements = arena_array(apply->arena, struct value, before->count + branch->index_count);
    size_t count = 0;
    size_t i = 0;
    for (size_t j = 0; j < branch->index_count; j++) {
        const struct branch *child = &branch->indexes[j];
        while (i < before->count && i < child->index) {
            elements[count++] = before->elements[i++];
        }
        bool is_inside = child->index < before->count;
        struct outcome outcome;
        if (!rebuild(apply, child, is_inside ? &before->elements[child->index] : NULL, &outcome)) {
            return false;
        }
        if (outcome.is_present) {
            elements[count++] = outcome.value;
        }
        i += is_inside;
    }
    while (i < before->count) {
        elements[count++] = before->elements[i++];
    }
    *out = (struct value){.type = VALUE_L, .count = count, .elements = elements};
    return true;
}

static bool rebuild(const struct apply *apply, const struct branch *branch, const struct value *before,
                    struct outcome *out)
{
    if (branch->path != BRANCH_GOES_ON) {
        *out = apply->outcomes[branch->path];
        return true;
    }
    out->is_present = true;
    if (before != NULL && before->type == VALUE_M && branch->name_count > 0) {
        return rebuild_map(apply, branch, before, &out->value);
    }
    if (before != NULL && before->type == VALUE_L && branch->index_count > 0) {
        return rebuild_list(apply, branch, before, &out->value);
    }
    return err_set(apply->err, ERR_VALIDATION, TEXT_PATH);
}

bool update_apply_value(const struct update *update, const struct value *old, const struct value *key,
                        struct arena *arena, struct value *out, struct err *err)
{
    enum number_status status = NUMBER_OK;
    struct apply apply = {.update = update, .before = old, .status = &status, .arena = arena, .err = err};
    apply.outcomes = arena_array(arena, struct outcome, update->count);
    if (!compute_outcomes(&apply, true) || !compute_outcomes(&apply, false)) {
        return false;
    }
    struct branch made;
    const struct branch *targets = update_targets(update, &made, arena);
    if (!rebuild_map(&apply, targets, old == NULL ? key : old, out)) {
        return false;
    }
    if (status != NUMBER_OK) {
        return err_set(err, ERR_VALIDATION, "%s", number_status_text(status));
    }
    /* The item itself is one of the containers above a leaf. */
    return value_depth(out) <= LIMIT_NESTING || err_set(err, ERR_VALIDATION, TEXT_NESTING);
}

bool update_apply(const struct update *update, const struct json *old, const struct value *key, struct arena *arena,
                  struct value *out, struct err *err)
{
    struct value before;
    if (old != NULL) {
        item_from_stored(old, arena, &before);
    }
    return update_apply_value(update, old == NULL ? NULL : &before, key, arena, out, err);
}
