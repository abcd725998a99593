/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXPR_EXPR_H
#define EXPR_EXPR_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/json.h"
#include "core/value.h"
#include "core/value_json.h"

/* The expression language, for those who use it: condition, filter, key condition, projection, update. Each expression goes through
 *   parse   the text alone: size, emptiness, syntax, redundant parentheses, reserved words, functions
 *   bind    with the placeholders: undefined names and values, then everything that their types decide
 *   use     against an item, as often as needed; conditions and projections cannot fail there
 * so that an operation can place each step where AWS places it. All errors are ERR_REQUEST unless said otherwise; texts and
 * order: aws-behaviour.md §5, aws-behaviour-2026.md D.10 and L.1, L.2.
 *
 * Items come in as the JSON tree of the stored text (canonical; see core/value_json.h); NULL means that there is no item. Operands
 * are decoded when they are looked at, so a filter costs little more than the parse. Trees live in the arena of parse; evaluation
 * takes scratch memory from the arena it is given. No expression knows tables, keys or operations. */

enum expr_kind { EXPR_CONDITION, EXPR_FILTER, EXPR_KEY_CONDITION, EXPR_PROJECTION, EXPR_UPDATE };
#define EXPR_KIND_COUNT 5

/* ---- Placeholders: ExpressionAttributeNames and ExpressionAttributeValues ---- */

struct placeholders;

/* Which refusals of a value become `ExpressionAttributeValues contains invalid value: … for key :v`: that differs from
 * operation to operation (2026 D.1). Empty sets and nesting that the newer layer does not read always do; numbers,
 * duplicates and NULLs only in the older layer. */
enum key_naming {
    NAMING_NONE = 0,
    NAMING_EMPTY = 1,
    NAMING_SEVERAL = 2,
    NAMING_NULL = 4,
    NAMING_NUMBER = 8,
    NAMING_DUPLICATES = 16,
    NAMING_ALL = 31
};

/* Rules 4 to 8 of 2026 D.7: empty maps, keys, values. Either JSON may be NULL (absent). */
MUST_USE bool placeholders_read_naming(const struct json *names, const struct json *values, enum value_dialect dialect,
                                       unsigned naming, struct arena *arena, struct placeholders **out,
                                       struct err *err);
/* With NAMING_ALL. */
MUST_USE bool placeholders_read(const struct json *names, const struct json *values, enum value_dialect dialect,
                                struct arena *arena, struct placeholders **out, struct err *err);
/* `ExpressionAttributeNames contains invalid value: Empty attribute name for key #n`, which AWS looks for before the
 * other rules (2026 D.11); placeholders_read looks for it too. */
MUST_USE bool placeholders_check_names(const struct json *names, struct err *err);
/* `ExpressionAttributeValues contains invalid value: <reason> for key <key>`. */
bool expr_value_error(enum err_kind kind, struct str reason, struct str key, struct err *err);
/* After all expressions are bound: `Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}` and its twin. */
MUST_USE bool placeholders_check_unused(const struct placeholders *placeholders, struct err *err);

/* ---- Conditions and filters ---- */

struct condition;

/* kind: EXPR_CONDITION or EXPR_FILTER. */
MUST_USE bool condition_parse(struct str text, enum expr_kind kind, struct arena *arena, struct condition **out, struct err *err);
/* The same; a text that is too long gets its figure into the message: for Scan's FilterExpression and transactions (2026 D.10). */
MUST_USE bool condition_parse_sized(struct str text, enum expr_kind kind, struct arena *arena, struct condition **out,
                                    struct err *err);
/* Undefined names and values, then operand count and types, BETWEEN bounds, distinct operands. placeholders may be NULL. */
MUST_USE bool condition_bind(struct condition *condition, struct placeholders *placeholders, struct err *err);
/* Its two halves, for operations that place them apart (2026 D.3: PutItem and DeleteItem look at operands before
 * undefined references, UpdateItem after unused ones). Operands do without what is not defined. Both before
 * condition_holds. */
MUST_USE bool condition_bind_references(struct condition *condition, struct placeholders *placeholders, struct err *err);
MUST_USE bool condition_check_operands(struct condition *condition, struct placeholders *placeholders, struct err *err);
bool condition_holds(const struct condition *condition, const struct json *item, struct arena *scratch);

/* Every document path in the expression, in written order, resolved: its first element and whether it goes deeper. False stops the walk. */
typedef bool path_visitor(void *context, struct str name, bool is_nested);
void condition_visit_paths(const struct condition *condition, path_visitor *visit, void *context);

/* Building the same tree without a text, for Expected, QueryFilter and ScanFilter. Paths are top-level names, taken literally. */
enum comparator { COMPARE_EQ, COMPARE_NE, COMPARE_LT, COMPARE_LE, COMPARE_GT, COMPARE_GE };
struct condition *condition_of_compare(struct arena *arena, struct str name, enum comparator op, const struct value *v);
struct condition *condition_of_between(struct arena *arena, struct str name, const struct value *low, const struct value *high);
struct condition *condition_of_in(struct arena *arena, struct str name, const struct value *values, size_t count);
struct condition *condition_of_begins_with(struct arena *arena, struct str name, const struct value *v);
/* As `contains`; true for the missing attribute too when negated. */
struct condition *condition_of_contains(struct arena *arena, struct str name, const struct value *v, bool negated);
struct condition *condition_of_exists(struct arena *arena, struct str name, bool exists);
/* AND or OR of count ≥ 1 conditions. */
struct condition *condition_of_all(struct arena *arena, struct condition **conditions, size_t count);
struct condition *condition_of_any(struct arena *arena, struct condition **conditions, size_t count);

/* ---- Key conditions ---- */

enum key_operator { KEY_EQ, KEY_LT, KEY_LE, KEY_GT, KEY_GE, KEY_BETWEEN, KEY_BEGINS_WITH };

/* One clause: `name op a` (b only for BETWEEN). Mirrored comparisons are turned round. Values are bound. */
struct key_clause {
    struct str name;
    enum key_operator op;
    const struct value *a;
    const struct value *b;
    bool is_unindexable; /* of KeyConditions only: an operator that no key takes; op says nothing, and a may be NULL */
};
struct key_condition;

MUST_USE bool key_condition_parse(struct str text, struct arena *arena, struct key_condition **out, struct err *err);
/* With the rules of §5.5: operators, nesting, one condition a key, operand types. */
MUST_USE bool key_condition_bind(struct key_condition *condition, struct placeholders *placeholders, struct err *err);
/* Its two halves: AWS reports undefined values only after the table and the equality of the HASH keys (2026 H.3).
 * Between them `a` and `b` of a clause may be NULL. */
MUST_USE bool key_condition_bind_names(struct key_condition *condition, struct placeholders *placeholders,
                                       struct err *err);
MUST_USE bool key_condition_bind_values(struct key_condition *condition, struct placeholders *placeholders,
                                        struct err *err);
/* In written order. */
const struct key_clause *key_condition_clauses(const struct key_condition *condition, size_t *count);

/* ---- Projections ---- */

struct projection;

MUST_USE bool projection_parse(struct str text, struct arena *arena, struct projection **out, struct err *err);
/* Undefined names, overlapping and conflicting paths. */
MUST_USE bool projection_bind(struct projection *projection, struct placeholders *placeholders, struct err *err);
/* AttributesToGet: top-level names, taken literally. */
struct projection *projection_of_names(struct arena *arena, const struct str *names, size_t count);
/* Writes `{…}` with what the item has of it (§5.7; `{}` if nothing). False if nothing matched. java_sets: NS in the order of
 * Java's HashSet (2026 I.2). */
bool projection_write(const struct projection *projection, const struct json *item, bool java_sets, struct arena *scratch, struct buf *out);
void projection_visit_paths(const struct projection *projection, path_visitor *visit, void *context);

/* ---- Updates ---- */

struct update;

MUST_USE bool update_parse(struct str text, struct arena *arena, struct update **out, struct err *err);
/* Reserved words and functions were found by parse; here: sections, undefined names and values, overlap, conflict, static operand types. */
MUST_USE bool update_bind(struct update *update, struct placeholders *placeholders, struct err *err);
/* Paths that the update changes, in written order. */
void update_visit_targets(const struct update *update, path_visitor *visit, void *context);
/* Paths that its right-hand sides read. */
void update_visit_operands(const struct update *update, path_visitor *visit, void *context);
/* The charge of the request itself for the 400 KB rule (2026 E.4). 0 for updates made of AttributeUpdates. */
size_t update_request_charge(const struct update *update);

/* The item after the update: a new map that shares unchanged children. `old` may be NULL, then the item starts as `key` (a map of the key
 * attributes). Operands see the item before the update; on a missing item nothing, not even the key. Errors are ERR_VALIDATION (run time,
 * §5.8; 2026 D.10, D.11, I.4). */
MUST_USE bool update_apply(const struct update *update, const struct json *old, const struct value *key, struct arena *arena,
                           struct value *out, struct err *err);
/* The same for an item that is a value already. */
MUST_USE bool update_apply_value(const struct update *update, const struct value *old, const struct value *key,
                                 struct arena *arena, struct value *out, struct err *err);
/* UPDATED_OLD and UPDATED_NEW: writes `{…}` with the targeted fragments of an item (before or after). False, and
 * nothing written, if there are none. item may be NULL. */
bool update_write_touched(const struct update *update, const struct value *item, struct arena *scratch, struct buf *out);
/* UPDATED_NEW, of the item after the update: the same, but REMOVE left nothing and list elements are found where they
 * moved to. */
bool update_write_changed(const struct update *update, const struct value *item, struct arena *scratch, struct buf *out);

/* AttributeUpdates. ADD of a list appends; type errors at run time have the legacy text (§6.4). v may be NULL for DELETE only. */
enum update_action { UPDATE_PUT, UPDATE_ADD, UPDATE_DELETE };
struct update *update_new(struct arena *arena);
void update_add_action(struct update *update, struct str name, enum update_action action, const struct value *v);

/* ---- For people ---- */

/* The tree of a condition as text, fully parenthesised, for traces and round-trip tests. */
void condition_print(const struct condition *condition, struct buf *out);

bool expr_is_reserved_word(struct str word);

#endif
