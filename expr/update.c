/* SPDX-License-Identifier: Apache-2.0 */
/* update.c — UpdateExpression and AttributeUpdates up to the point where an item is needed: parse, bind, static rules,
 * the charge of the request, the paths it names. update_apply.c changes the item. */
#include "expr/update.h"

#include "expr/bind.h"
#include "expr/condition.h"
#include "expr/parser.h"
#include "expr/placeholders.h"

static const struct path *target_of(const void *context, size_t i)
{
    const struct update *update = context;
    return &update->actions[i].target;
}

const struct branch *update_targets(const struct update *update, struct branch *made, struct arena *arena)
{
    if (!update->is_legacy) {
        return &update->root;
    }
    struct clash clash;
    branch_build(made, target_of, update, update->count, arena, &clash);
    return made;
}

bool update_parse(struct str text, struct arena *arena, struct update **out, struct err *err)
{
    struct update *update = arena_new(arena, struct update);
    update->arena = arena;
    *out = update;
    return parse_update(text, arena, &update->actions, &update->count, err);
}

/* ---- Bind ---- */

static bool bind_names(struct update *update, struct placeholders *placeholders, struct err *err)
{
    for (size_t i = 0; i < update->count; i++) {
        struct action *action = &update->actions[i];
        if (!bind_path(&action->target, placeholders, EXPR_UPDATE, err) ||
            (action->operand != NULL && !bind_node(action->operand, BIND_NAMES, placeholders, EXPR_UPDATE, err))) {
            return false;
        }
    }
    return true;
}

static bool bind_values(struct update *update, struct placeholders *placeholders, struct err *err)
{
    for (size_t i = 0; i < update->count; i++) {
        struct action *action = &update->actions[i];
        if (action->operand != NULL && !bind_node(action->operand, BIND_VALUES, placeholders, EXPR_UPDATE, err)) {
            return false;
        }
    }
    return true;
}

/* ADD takes a number or a set, DELETE a set. Their texts have names of their own for the types (2026 D.10). */
static bool check_addend(const struct action *action, struct err *err)
{
    static const char *const names[VALUE_TYPE_COUNT] = {
        [VALUE_S] = "STRING", [VALUE_N] = "NUMBER", [VALUE_B] = "Binary", [VALUE_BOOL] = "BOOL", [VALUE_NULL] = "NULL",
        [VALUE_SS] = "SS",    [VALUE_NS] = "NS",    [VALUE_BS] = "BS",    [VALUE_L] = "LIST",    [VALUE_M] = "MAP"};
    enum value_type type = action->operand->value->type;
    if (value_is_set(type) || (type == VALUE_N && action->section == SECTION_ADD)) {
        return true;
    }
    return expr_error(err, EXPR_UPDATE,
                      "Incorrect operand type for operator or function; operator: %s, operand type: %s, typeSet: "
                      "ALLOWED_FOR_ADD_OPERAND",
                      action->section == SECTION_ADD ? "ADD" : "DELETE", names[type]);
}

static bool check_addends(const struct update *update, enum section section, struct err *err)
{
    for (size_t i = 0; i < update->count; i++) {
        if (update->actions[i].section == section && !check_addend(&update->actions[i], err)) {
            return false;
        }
    }
    return true;
}

static bool check_set_operands(const struct update *update, struct err *err)
{
    for (size_t i = 0; i < update->count; i++) {
        const struct action *action = &update->actions[i];
        if (action->section == SECTION_SET && !bind_check_operands(action->operand, EXPR_UPDATE, err)) {
            return false;
        }
    }
    return true;
}

/* By sections, whatever their order in the text. */
static bool check_operands(const struct update *update, struct err *err)
{
    return check_addends(update, SECTION_ADD, err) && check_addends(update, SECTION_DELETE, err) &&
           check_set_operands(update, err);
}

bool update_bind(struct update *update, struct placeholders *placeholders, struct err *err)
{
    if (!bind_names(update, placeholders, err) || !bind_values(update, placeholders, err)) {
        return false;
    }
    struct clash clash;
    branch_build(&update->root, target_of, update, update->count, update->arena, &clash);
    if (clash.kind != CLASH_NONE) {
        return clash_error(&clash, target_of, update, EXPR_UPDATE, err);
    }
    return check_operands(update, err);
}

/* ---- Paths ---- */

void update_visit_targets(const struct update *update, path_visitor *visit, void *context)
{
    for (size_t i = 0; i < update->count; i++) {
        const struct path *path = &update->actions[i].target;
        if (!visit(context, path->elements[0].name, path->count > 1)) {
            return;
        }
    }
}

void update_visit_operands(const struct update *update, path_visitor *visit, void *context)
{
    for (size_t i = 0; i < update->count; i++) {
        const struct node *operand = update->actions[i].operand;
        if (operand != NULL && !node_visit_paths(operand, visit, context)) {
            return;
        }
    }
}

/* ---- The charge of the request (2026 E.4) ---- */

#define CHARGE_BASE 3
#define CHARGE_SET_OR_ADD 19
#define CHARGE_REMOVE_OR_DELETE 1
#define CHARGE_TARGET_STEP 4
#define CHARGE_PATH 1
#define CHARGE_PATH_STEP 14
#define CHARGE_PLUS 34
#define CHARGE_MINUS 37
#define CHARGE_LIST_APPEND 37
#define CHARGE_IF_NOT_EXISTS 39

static size_t charge_target(const struct path *path)
{
    size_t charge = path->elements[0].name.n;
    for (size_t i = 1; i < path->count; i++) {
        charge += CHARGE_TARGET_STEP + path->elements[i].name.n;
    }
    return charge;
}

static size_t charge_operand(const struct node *node)
{
    size_t charge = 0;
    if (node->kind == NODE_VALUE) {
        return value_size(node->value);
    }
    if (node->kind == NODE_PATH) {
        charge = CHARGE_PATH;
        for (size_t i = 0; i < node->path.count; i++) {
            charge += CHARGE_PATH_STEP + node->path.elements[i].name.n;
        }
        return charge;
    }
    if (node->kind == NODE_CALL) {
        charge = node->function == FUNCTION_if_not_exists ? CHARGE_IF_NOT_EXISTS : CHARGE_LIST_APPEND;
    } else {
        charge = node->kind == NODE_PLUS ? CHARGE_PLUS : CHARGE_MINUS;
    }
    for (size_t i = 0; i < node->count; i++) {
        charge += charge_operand(node->children[i]);
    }
    return charge;
}

size_t update_request_charge(const struct update *update)
{
    if (update->is_legacy) {
        return 0;
    }
    size_t charge = CHARGE_BASE;
    for (size_t i = 0; i < update->count; i++) {
        const struct action *action = &update->actions[i];
        charge += charge_target(&action->target);
        if (action->section == SECTION_SET || action->section == SECTION_ADD) {
            charge += CHARGE_SET_OR_ADD + charge_operand(action->operand);
        } else {
            charge += CHARGE_REMOVE_OR_DELETE;
        }
    }
    return charge;
}

/* ---- AttributeUpdates ---- */

struct update *update_new(struct arena *arena)
{
    struct update *update = arena_new(arena, struct update);
    update->arena = arena;
    update->is_legacy = true;
    return update;
}

void update_add_action(struct update *update, struct str name, enum update_action action, const struct value *v)
{
    ensure(v != NULL || action == UPDATE_DELETE);
    static const enum section sections[] = {
        [UPDATE_PUT] = SECTION_SET, [UPDATE_ADD] = SECTION_ADD, [UPDATE_DELETE] = SECTION_DELETE};
    update->actions = ast_grow(update->arena, update->actions, update->count, sizeof(*update->actions));
    update->actions[update->count++] = (struct action){
        .section = v == NULL ? SECTION_REMOVE : sections[action],
        .target = node_of_name(update->arena, name)->path,
        .operand = v == NULL ? NULL : node_of_value(update->arena, v),
    };
}
