/* SPDX-License-Identifier: Apache-2.0 */
/* expr_test.c — runs the cases of tests/expr/<name>.test, one cmocka test a file. A file is a list of lines:
 *
 *   # …              a comment
 *   kind: K          what the cases below do with their expression
 *   names: JSON      ExpressionAttributeNames
 *   values: JSON     ExpressionAttributeValues
 *   item: JSON       the item; key: JSON is what a new one starts from
 *   dialect: older   how values are read; anything else: newer
 *   pad: N           the string "@pad" in values becomes N times x
 *                    (all of these stay until they are set again; empty: absent)
 *   ? TEXT           a case: the expression, verbatim to the end of the line
 *   ?j "TEXT"        the same as a JSON string
 *   => RESULT        what it must give
 *   !! TEXT          the text of the error it must end in, as ERR_REQUEST
 *   !- TEXT          the same, as ERR_VALIDATION
 *   !j "TEXT"        as !!, as a JSON string
 *   !s TOKEN | NEAR  `Invalid XExpression: Syntax error; token: "TOKEN", near: "NEAR"`
 *
 *   kind                      result
 *   condition, filter         true or false: of the item
 *   parse, parse-sized        ok (a condition)
 *   parse-update              ok; parse-projection and parse-key likewise
 *   operands                  ok: condition_check_operands, then the references
 *   print                     the condition fully parenthesised
 *   paths                     the document paths of a condition; nested: with *
 *   targets, reads            the paths that an update changes, and reads
 *   key                       the clauses: name operator value [value]
 *   key-names                 the same, undefined values left out
 *   projection                the projected item
 *   projection-java           the same, number sets in Java's order
 *   update                    the item afterwards
 *   charge                    the charge of the update's request
 *   gate                      the charge, and the size of the finished item
 *   updated-old, updated-new  the fragments, or none
 *   unused                    ok; the text is UPDATE || CONDITION
 */
#include "tests/check.h"

#include "expr/expr.h"

#include <dirent.h>
#include <stdlib.h>

#define TEXT_MAX ((size_t)64 * 1024 * 1024)

struct context {
    struct arena arena;
    struct str kind;
    struct str names;
    struct str values;
    struct str item;
    struct str key;
    enum value_dialect dialect;
    size_t pad;
    size_t cases;
    size_t failures;
    const char *file;
    size_t line; /* of the case */
};

/* A case in hand. */
struct run {
    struct context *context;
    struct str text;
    struct placeholders *placeholders;
    const struct json *item; /* stored; NULL: none */
    struct buf out;
    struct err err;
    struct arena arena;
};

/* ---- Inputs ---- */

static const struct json *parse_json(struct run *run, struct str text)
{
    const struct json *json = NULL;
    if (!json_parse(text, &run->arena, &json)) {
        fail_msg("%s:%zu: not JSON: %.*s", run->context->file, run->context->line, STR_ARG(text));
    }
    return json;
}

/* "@pad" becomes the padding, as a JSON text. */
static struct str padded(struct run *run, struct str text)
{
    const struct str mark = STR("@pad");
    const char *at = text.p == NULL ? NULL : memmem(text.p, text.n, mark.p, mark.n);
    if (at == NULL) {
        return text;
    }
    size_t before = (size_t)(at - text.p);
    size_t n = text.n - mark.n + run->context->pad;
    char *p = arena_alloc(&run->arena, n);
    memcpy(p, text.p, before);
    memset(p + before, 'x', run->context->pad);
    memcpy(p + before + run->context->pad, at + mark.n, text.n - before - mark.n);
    return str_of(p, n);
}

static void read_item(struct run *run, struct str text, struct value *out)
{
    struct err err;
    err_init(&err, &run->arena);
    if (!item_read(parse_json(run, text), &run->arena, VALUE_NEWER, out, &err)) {
        fail_msg("%s:%zu: bad item: %.*s", run->context->file, run->context->line, STR_ARG(err.message));
    }
}

static const struct json *store(struct run *run, const struct value *item)
{
    struct buf text;
    buf_init(&text, TEXT_MAX);
    item_text_write(&text, item, NULL, 0);
    struct str copy = arena_copy(&run->arena, str_of(text.p, text.n));
    buf_release(&text);
    const struct json *json = NULL;
    CHECK(json_parse_stored(copy, &run->arena, &json));
    return json;
}

static bool read_inputs(struct run *run)
{
    const struct context *context = run->context;
    if (context->item.n > 0) {
        struct value item;
        read_item(run, context->item, &item);
        run->item = store(run, &item);
    }
    const struct json *names = context->names.n > 0 ? parse_json(run, context->names) : NULL;
    const struct json *values = context->values.n > 0 ? parse_json(run, padded(run, context->values)) : NULL;
    if (names == NULL && values == NULL) {
        return true;
    }
    return placeholders_read(names, values, context->dialect, &run->arena, &run->placeholders, &run->err);
}

/* ---- Kinds ---- */

static bool is_kind(const struct run *run, const char *kind)
{
    return str_eq(run->context->kind, str_from(kind));
}

static bool print_path_visit(void *context, struct str name, bool is_nested)
{
    struct buf *out = context;
    buf_printf(out, "%s%.*s%s", out->n > 0 ? ", " : "", STR_ARG(name), is_nested ? "*" : "");
    return true;
}

static bool run_condition(struct run *run)
{
    enum expr_kind kind = is_kind(run, "filter") ? EXPR_FILTER : EXPR_CONDITION;
    struct condition *condition;
    bool is_sized = is_kind(run, "parse-sized");
    if (!(is_sized ? condition_parse_sized : condition_parse)(run->text, kind, &run->arena, &condition, &run->err)) {
        return false;
    }
    if (is_kind(run, "print")) {
        condition_print(condition, &run->out);
        return true;
    }
    if (is_sized || is_kind(run, "parse")) {
        buf_add_literal(&run->out, "ok");
        return true;
    }
    if (is_kind(run, "operands")) {
        buf_add_literal(&run->out, "ok");
        return condition_check_operands(condition, run->placeholders, &run->err) &&
               condition_bind_references(condition, run->placeholders, &run->err);
    }
    if (!condition_bind(condition, run->placeholders, &run->err)) {
        return false;
    }
    if (is_kind(run, "paths")) {
        condition_visit_paths(condition, print_path_visit, &run->out);
        return true;
    }
    size_t used = arena_used(&run->arena);
    buf_printf(&run->out, "%s", condition_holds(condition, run->item, &run->arena) ? "true" : "false");
    CHECK_EQ(arena_used(&run->arena), used);
    return true;
}

static bool run_key(struct run *run)
{
    static const char *const operators[] = {"=", "<", "<=", ">", ">=", "BETWEEN", "begins_with"};
    struct key_condition *condition;
    if (!key_condition_parse(run->text, &run->arena, &condition, &run->err)) {
        return false;
    }
    if (is_kind(run, "parse-key")) {
        buf_add_literal(&run->out, "ok");
        return true;
    }
    bool is_bound = is_kind(run, "key-names") ? key_condition_bind_names(condition, run->placeholders, &run->err)
                                              : key_condition_bind(condition, run->placeholders, &run->err);
    if (!is_bound) {
        return false;
    }
    size_t count;
    const struct key_clause *clauses = key_condition_clauses(condition, &count);
    for (size_t i = 0; i < count; i++) {
        buf_printf(&run->out, "%s%.*s %s", i > 0 ? "; " : "", STR_ARG(clauses[i].name), operators[clauses[i].op]);
        const struct value *values[] = {clauses[i].a, clauses[i].b};
        for (size_t j = 0; j < 2; j++) {
            if (values[j] != NULL) {
                buf_add_byte(&run->out, ' ');
                value_text_write(&run->out, values[j]);
            }
        }
    }
    return true;
}

static bool run_projection(struct run *run)
{
    struct projection *projection;
    if (!projection_parse(run->text, &run->arena, &projection, &run->err)) {
        return false;
    }
    if (is_kind(run, "parse-projection")) {
        buf_add_literal(&run->out, "ok");
        return true;
    }
    if (!projection_bind(projection, run->placeholders, &run->err)) {
        return false;
    }
    bool has_any = projection_write(projection, run->item, is_kind(run, "projection-java"), &run->arena, &run->out);
    CHECK_EQ(has_any, !str_eq(str_of(run->out.p, run->out.n), STR("{}")));
    return true;
}

static bool apply_update(struct run *run, struct update *update)
{
    struct value key = {.type = VALUE_M};
    if (run->item == NULL && run->context->key.n > 0) {
        read_item(run, run->context->key, &key);
    }
    struct value after;
    if (!update_apply(update, run->item, &key, &run->arena, &after, &run->err)) {
        return false;
    }
    if (is_kind(run, "gate")) {
        buf_printf(&run->out, "%zu %zu", update_request_charge(update), item_size(&after));
        return true;
    }
    if (is_kind(run, "update")) {
        item_text_write(&run->out, &after, NULL, 0);
        return true;
    }
    bool is_old = is_kind(run, "updated-old");
    struct value before = {.type = VALUE_M};
    if (run->item != NULL) {
        item_from_stored(run->item, &run->arena, &before);
    }
    bool has_any = is_old ? update_write_touched(update, run->item == NULL ? NULL : &before, &run->arena, &run->out)
                          : update_write_changed(update, &after, &run->arena, &run->out);
    CHECK_EQ(has_any, run->out.n > 0);
    if (!has_any) {
        buf_add_literal(&run->out, "none");
    }
    return true;
}

static bool run_update(struct run *run)
{
    struct update *update;
    if (!update_parse(run->text, &run->arena, &update, &run->err)) {
        return false;
    }
    if (is_kind(run, "parse-update")) {
        buf_add_literal(&run->out, "ok");
        return true;
    }
    if (!update_bind(update, run->placeholders, &run->err)) {
        return false;
    }
    if (is_kind(run, "charge")) {
        buf_add_u64(&run->out, update_request_charge(update));
        return true;
    }
    if (is_kind(run, "targets")) {
        update_visit_targets(update, print_path_visit, &run->out);
        return true;
    }
    if (is_kind(run, "reads")) {
        update_visit_operands(update, print_path_visit, &run->out);
        return true;
    }
    return apply_update(run, update);
}

static bool run_unused(struct run *run)
{
    const struct str bar = STR(" || ");
    const char *at = memmem(run->text.p, run->text.n, bar.p, bar.n);
    struct str update_text = at == NULL ? run->text : str_of(run->text.p, (size_t)(at - run->text.p));
    struct update *update;
    struct condition *condition;
    if (update_text.n > 0 && (!update_parse(update_text, &run->arena, &update, &run->err) ||
                              !update_bind(update, run->placeholders, &run->err))) {
        return false;
    }
    if (at != NULL) {
        struct str text = str_of(at + bar.n, run->text.n - update_text.n - bar.n);
        if (!condition_parse(text, EXPR_CONDITION, &run->arena, &condition, &run->err) ||
            !condition_bind(condition, run->placeholders, &run->err)) {
            return false;
        }
    }
    buf_add_literal(&run->out, "ok");
    return placeholders_check_unused(run->placeholders, &run->err);
}

static bool run_kind(struct run *run)
{
    static const struct {
        const char *kind;
        bool (*run)(struct run *run);
    } kinds[] = {{"condition", run_condition},
                 {"filter", run_condition},
                 {"parse", run_condition},
                 {"parse-sized", run_condition},
                 {"operands", run_condition},
                 {"print", run_condition},
                 {"paths", run_condition},
                 {"key", run_key},
                 {"key-names", run_key},
                 {"parse-key", run_key},
                 {"projection", run_projection},
                 {"projection-java", run_projection},
                 {"parse-projection", run_projection},
                 {"update", run_update},
                 {"parse-update", run_update},
                 {"charge", run_update},
                 {"gate", run_update},
                 {"targets", run_update},
                 {"reads", run_update},
                 {"updated-old", run_update},
                 {"updated-new", run_update},
                 {"unused", run_unused}};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (is_kind(run, kinds[i].kind)) {
            return kinds[i].run(run);
        }
    }
    fail_msg("%s:%zu: unknown kind %.*s", run->context->file, run->context->line, STR_ARG(run->context->kind));
    return false;
}

/* ---- Cases ---- */

static const char *kind_prefix(const struct run *run)
{
    static const struct {
        const char *kind;
        const char *prefix;
    } prefixes[] = {{"filter", "Filter"},
                    {"key", "KeyCondition"},
                    {"parse-key", "KeyCondition"},
                    {"projection", "Projection"},
                    {"parse-projection", "Projection"},
                    {"update", "Update"},
                    {"parse-update", "Update"}};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        if (is_kind(run, prefixes[i].kind)) {
            return prefixes[i].prefix;
        }
    }
    return "Condition";
}

/* Both as one text: the mark, then the result or message. */
static struct str expected_text(struct run *run, struct str line)
{
    struct str rest = str_of(line.p + 3, line.n - 3);
    const struct str bar = STR(" | ");
    if (str_starts_with(line, STR("!j "))) {
        return arena_printf(&run->arena, "!! %.*s", STR_ARG(json_str(parse_json(run, rest))));
    }
    if (!str_starts_with(line, STR("!s "))) {
        return line;
    }
    const char *at = memmem(rest.p, rest.n, bar.p, bar.n);
    ensure(at != NULL);
    return arena_printf(&run->arena, "!! Invalid %sExpression: Syntax error; token: \"%.*s\", near: \"%.*s\"",
                        kind_prefix(run), (int)(at - rest.p), rest.p, (int)(rest.n - (size_t)(at - rest.p) - bar.n),
                        at + bar.n);
}

static void check_case(struct context *context, struct str text, bool is_json, struct str expected)
{
    struct run run = {.context = context, .text = text};
    arena_init(&run.arena, 0);
    err_init(&run.err, &run.arena);
    buf_init(&run.out, TEXT_MAX);
    if (is_json) {
        run.text = json_str(parse_json(&run, text));
    }
    struct str got;
    if (read_inputs(&run) && run_kind(&run)) {
        got = arena_printf(&run.arena, "=> %.*s", (int)run.out.n, run.out.p);
    } else {
        const char *mark = run.err.kind == ERR_REQUEST ? "!!" : run.err.kind == ERR_VALIDATION ? "!-" : "!?";
        got = arena_printf(&run.arena, "%s %.*s", mark, STR_ARG(run.err.message));
    }
    struct str want = expected_text(&run, expected);
    context->cases++;
    if (!str_eq(got, want)) {
        context->failures++;
        print_error("%s:%zu: %.*s\n   got: %.*s\n  want: %.*s\n", context->file, context->line,
                    (int)(text.n < 300 ? text.n : 300), text.p, (int)(got.n < 2000 ? got.n : 2000), got.p,
                    STR_ARG(want));
    }
    buf_release(&run.out);
    arena_release(&run.arena);
}

/* ---- Files ---- */

static struct str strip(struct str s)
{
    while (s.n > 0 && s.p[0] == ' ') {
        s = str_of(s.p + 1, s.n - 1);
    }
    return s;
}

static bool take_setting(struct context *context, struct str line)
{
    static const char *const names[] = {"kind:", "names:", "values:", "item:", "key:"};
    struct str *const fields[] = {&context->kind, &context->names, &context->values, &context->item, &context->key};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct str name = str_from(names[i]);
        if (str_starts_with(line, name)) {
            *fields[i] = strip(str_of(line.p + name.n, line.n - name.n));
            return true;
        }
    }
    if (str_starts_with(line, STR("dialect:"))) {
        context->dialect = memmem(line.p, line.n, "older", 5) != NULL ? VALUE_OLDER : VALUE_NEWER;
        return true;
    }
    if (str_starts_with(line, STR("pad:"))) {
        context->pad = strtoul(line.p + 4, NULL, 10);
        return true;
    }
    return line.n == 0 || line.p[0] == '#';
}

static void run_text(struct context *context, struct str rest)
{
    struct str text = {NULL, 0};
    bool is_json = false;
    for (size_t line_number = 1; rest.n > 0; line_number++) {
        const char *end = memchr(rest.p, '\n', rest.n);
        size_t n = end == NULL ? rest.n : (size_t)(end - rest.p);
        struct str line = str_of(rest.p, n);
        rest = str_of(rest.p + n + (end != NULL), rest.n - n - (end != NULL));
        bool is_result = str_starts_with(line, STR("=> ")) || str_starts_with(line, STR("!"));
        if (str_starts_with(line, STR("? ")) || str_starts_with(line, STR("?j ")) || str_eq(line, STR("?"))) {
            is_json = line.n > 1 && line.p[1] == 'j';
            size_t skip = is_json ? 3 : line.n == 1 ? 1 : 2;
            text = str_of(line.p + skip, line.n - skip);
            context->line = line_number;
        } else if (is_result && text.p != NULL) {
            check_case(context, text, is_json, line);
            text = (struct str){NULL, 0};
        } else if (text.p != NULL || !take_setting(context, line)) {
            fail_msg("%s:%zu: cannot read: %.*s", context->file, line_number, STR_ARG(line));
        }
    }
    CHECK(text.p == NULL);
}

static void run_file(void **state)
{
    const char *file = *state;
    FILE *stream = fopen(file, "rb");
    CHECK(stream != NULL);
    struct buf text;
    buf_init(&text, TEXT_MAX);
    char chunk[4096];
    for (size_t n; (n = fread(chunk, 1, sizeof(chunk), stream)) > 0;) {
        buf_add(&text, chunk, n);
    }
    (void)fclose(stream);
    struct context context = {.file = file};
    arena_init(&context.arena, 0);
    run_text(&context, str_of(text.p, text.n));
    print_message("%zu cases, %zu failures: %s\n", context.cases, context.failures, file);
    arena_release(&context.arena);
    buf_release(&text);
    CHECK_EQ(context.failures, 0);
    CHECK(context.cases > 0);
}

static int is_test_file(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return n > 5 && strcmp(entry->d_name + n - 5, ".test") == 0;
}

int main(void)
{
    struct dirent **entries;
    int count = scandir(TESTS_DIR "/expr", &entries, is_test_file, alphasort);
    if (count <= 0) {
        print_error("no *.test files in %s/expr\n", TESTS_DIR);
        return 1;
    }
    struct CMUnitTest *tests = calloc((size_t)count, sizeof(*tests));
    ensure(tests != NULL);
    for (int i = 0; i < count; i++) {
        size_t size = sizeof(TESTS_DIR) + strlen(entries[i]->d_name) + 8;
        char *path = malloc(size);
        ensure(path != NULL);
        (void)snprintf(path, size, "%s/expr/%s", TESTS_DIR, entries[i]->d_name);
        tests[i] = (struct CMUnitTest){.name = path, .test_func = run_file, .initial_state = path};
        free(entries[i]);
    }
    free(entries);
    int failed = _cmocka_run_group_tests("expr", tests, (size_t)count, NULL, NULL);
    for (int i = 0; i < count; i++) {
        free(tests[i].initial_state);
    }
    free(tests);
    return failed;
}
