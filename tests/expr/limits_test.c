/* SPDX-License-Identifier: Apache-2.0 */
/* limits_test.c — what is too long, too deep or too many, and the reserved words: texts that are made rather than
 * written down. */
#include "tests/check.h"

#include "expr/expr.h"

#define TEXT_MAX ((size_t)1 << 20)

struct fixture {
    struct arena arena;
    struct buf text;
    struct err err;
};

static void open_fixture(struct fixture *fixture)
{
    arena_init(&fixture->arena, 0);
    buf_init(&fixture->text, TEXT_MAX);
    err_init(&fixture->err, &fixture->arena);
}

static void close_fixture(struct fixture *fixture)
{
    buf_release(&fixture->text);
    arena_release(&fixture->arena);
}

static void repeat(struct fixture *fixture, const char *text, size_t times)
{
    for (size_t i = 0; i < times; i++) {
        buf_printf(&fixture->text, "%s", text);
    }
}

/* The message of parsing the text so far as a condition, "" if it is fine; then the text is empty again. */
static struct str parse(struct fixture *fixture)
{
    err_clear(&fixture->err);
    struct condition *condition;
    struct str text = str_of(fixture->text.p, fixture->text.n);
    bool ok = condition_parse(text, EXPR_CONDITION, &fixture->arena, &condition, &fixture->err);
    struct str message = ok ? STR("") : fixture->err.message;
    buf_truncate(&fixture->text, 0);
    return message;
}

static struct str parse_update_text(struct fixture *fixture, struct str text)
{
    err_clear(&fixture->err);
    struct update *update;
    return update_parse(text, &fixture->arena, &update, &fixture->err) ? STR("") : fixture->err.message;
}

static void size_of_the_text(void **state)
{
    (void)state;
    struct fixture fixture;
    open_fixture(&fixture);
    repeat(&fixture, "x", 4091);
    repeat(&fixture, " = :v", 1);
    CHECK_STR(parse(&fixture), STR(""));
    repeat(&fixture, "x", 4092);
    repeat(&fixture, " = :v", 1);
    CHECK_STR(parse(&fixture),
              STR("Invalid ConditionExpression: Expression size has exceeded the maximum allowed size;"));
    /* Measured in bytes, before anything else is looked at. */
    repeat(&fixture, "é", 2049);
    CHECK_STR(parse(&fixture),
              STR("Invalid ConditionExpression: Expression size has exceeded the maximum allowed size;"));

    repeat(&fixture, "x", 4097);
    struct str text = str_of(fixture.text.p, fixture.text.n);
    struct condition *condition;
    struct projection *projection;
    struct key_condition *key;
    err_clear(&fixture.err);
    CHECK(!condition_parse_sized(text, EXPR_FILTER, &fixture.arena, &condition, &fixture.err));
    CHECK_STR(
        fixture.err.message,
        STR("Invalid FilterExpression: Expression size has exceeded the maximum allowed size; expression size: 4097"));
    err_clear(&fixture.err);
    CHECK(!projection_parse(text, &fixture.arena, &projection, &fixture.err));
    CHECK_STR(fixture.err.message,
              STR("Invalid ProjectionExpression: Expression size has exceeded the maximum allowed size;"));
    err_clear(&fixture.err);
    CHECK(!key_condition_parse(text, &fixture.arena, &key, &fixture.err));
    CHECK_STR(fixture.err.message,
              STR("Invalid KeyConditionExpression: Expression size has exceeded the maximum allowed size;"));
    CHECK_STR(parse_update_text(&fixture, text),
              STR("Invalid UpdateExpression: Expression size has exceeded the maximum allowed size;"));
    close_fixture(&fixture);
}

/* Counted as G.3 of the 2026 reference counts: AND, OR, NOT, comparisons, calls, IN, BETWEEN one each. */
static void number_of_operators(void **state)
{
    (void)state;
    static const struct {
        const char *first;
        const char *more;
        size_t cost;
    } cases[] = {{"a=:v", " AND x=:v", 2},       {"a=:v", " OR not x=:v", 3},
                 {"a=:v", " AND size(x)>:v", 3}, {"a=:v", " AND contains(x,:v)", 2},
                 {"a=:v", " OR x IN(:v)", 2},    {"a=:v", " AND x BETWEEN b AND c", 2}};
    struct fixture fixture;
    open_fixture(&fixture);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t fits = 299 / cases[i].cost;
        if (fits * strlen(cases[i].more) > 4000) {
            continue;
        }
        repeat(&fixture, cases[i].first, 1);
        repeat(&fixture, cases[i].more, fits);
        CHECK_STR(parse(&fixture), STR(""));
        repeat(&fixture, cases[i].first, 1);
        repeat(&fixture, cases[i].more, fits + 1);
        CHECK_STR(
            parse(&fixture),
            arena_printf(&fixture.arena,
                         "Invalid ConditionExpression: The expression contains too many operators; operator count: %zu",
                         1 + (fits + 1) * cases[i].cost));
    }
    repeat(&fixture, "NOT ", 299);
    repeat(&fixture, "a = :v", 1);
    CHECK_STR(parse(&fixture), STR(""));
    repeat(&fixture, "NOT ", 300);
    repeat(&fixture, "a = :v", 1);
    CHECK_STR(parse(&fixture),
              STR("Invalid ConditionExpression: The expression contains too many operators; operator count: 301"));
    repeat(&fixture, "NOT ", 1000);
    repeat(&fixture, "a = :v", 1);
    CHECK_STR(parse(&fixture),
              STR("Invalid ConditionExpression: The expression contains too many operators; operator count: 1001"));
    close_fixture(&fixture);
}

static void nesting(void **state)
{
    (void)state;
    struct fixture fixture;
    open_fixture(&fixture);
    /* As deep as 300 operators go. */
    repeat(&fixture, "(NOT ", 299);
    repeat(&fixture, "a = :v", 1);
    repeat(&fixture, ")", 299);
    CHECK_STR(parse(&fixture), STR(""));
    repeat(&fixture, "(NOT ", 600);
    repeat(&fixture, "a = :v", 1);
    repeat(&fixture, ")", 600);
    CHECK_STR(parse(&fixture),
              STR("Invalid ConditionExpression: The expression contains too many operators; operator count: 601"));
    /* Deeper than any text that could be right. */
    repeat(&fixture, "(", 4096);
    CHECK_STR(parse(&fixture), STR("Invalid ConditionExpression: The expression has redundant parentheses;"));
    repeat(&fixture, "(", 2000);
    repeat(&fixture, "a = :v", 1);
    repeat(&fixture, ")", 2000);
    CHECK_STR(parse(&fixture), STR("Invalid ConditionExpression: The expression has redundant parentheses;"));
    repeat(&fixture, "size(", 800);
    CHECK(str_starts_with(parse(&fixture),
                          STR("Invalid ConditionExpression: The expression contains too many operators;")));
    repeat(&fixture, "a = ", 1);
    repeat(&fixture, "(", 4000);
    CHECK_STR(parse(&fixture), STR("Invalid ConditionExpression: The expression has redundant parentheses;"));
    repeat(&fixture, "SET a = ", 1);
    repeat(&fixture, "(", 4000);
    CHECK_STR(parse_update_text(&fixture, str_of(fixture.text.p, fixture.text.n)),
              STR("Invalid UpdateExpression: The expression has redundant parentheses;"));
    close_fixture(&fixture);
}

static void operands_of_in(void **state)
{
    (void)state;
    struct fixture fixture;
    open_fixture(&fixture);
    for (size_t n = 100; n <= 101; n++) {
        buf_truncate(&fixture.text, 0);
        repeat(&fixture, "a IN (b", 1);
        repeat(&fixture, ",b", n - 1);
        repeat(&fixture, ")", 1);
        struct condition *condition;
        err_clear(&fixture.err);
        CHECK(condition_parse(str_of(fixture.text.p, fixture.text.n), EXPR_CONDITION, &fixture.arena, &condition,
                              &fixture.err));
        CHECK_EQ(condition_bind(condition, NULL, &fixture.err), n == 100);
    }
    CHECK_STR(fixture.err.message,
              STR("Invalid ConditionExpression: The IN operator is provided with too many operands; number of "
                  "operands: 101"));
    close_fixture(&fixture);
}

/* ---- Reserved words ---- */

static const char *const words[] = {
#define LETTER(letter)
#define RESERVED(word) #word,
#include "expr/reserved.def"
#undef LETTER
#undef RESERVED
};
#define WORD_COUNT (sizeof(words) / sizeof(words[0]))

static bool is_keyword(const char *word, const char *const *keywords, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(word, keywords[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void check_word(struct fixture *fixture, const char *word)
{
    static const char *const tokens[] = {"AND", "OR", "NOT", "BETWEEN", "IN", "SET", "ADD", "DELETE"};
    struct str lower = arena_copy(&fixture->arena, str_from(word));
    char *p = (char *)(uintptr_t)lower.p;
    for (size_t i = 0; i < lower.n; i += 2) {
        p[i] = (char)(p[i] >= 'A' && p[i] <= 'Z' ? p[i] + 32 : p[i]);
    }
    CHECK(expr_is_reserved_word(str_from(word)));
    CHECK(expr_is_reserved_word(lower));
    const char *tail = "Attribute name is a reserved keyword; reserved keyword:";
    if (is_keyword(word, tokens, 8)) {
        return; /* a syntax error: tests/expr/syntax.test */
    }
    buf_printf(&fixture->text, "a.%.*s = :v", STR_ARG(lower));
    CHECK_STR(parse(fixture),
              arena_printf(&fixture->arena, "Invalid ConditionExpression: %s %.*s", tail, STR_ARG(lower)));
    struct str text = arena_printf(&fixture->arena, "REMOVE %s", word);
    CHECK_STR(parse_update_text(fixture, text),
              arena_printf(&fixture->arena, "Invalid UpdateExpression: %s %s", tail, word));
    struct projection *projection;
    err_clear(&fixture->err);
    CHECK(!projection_parse(lower, &fixture->arena, &projection, &fixture->err));
    CHECK_STR(fixture->err.message,
              arena_printf(&fixture->arena, "Invalid ProjectionExpression: %s %.*s", tail, STR_ARG(lower)));
    err_clear(&fixture->err);
}

/* Behind #n every one of them is fine. */
static void check_placeholder(struct fixture *fixture, const char *word)
{
    const struct json *names;
    const struct json *item;
    struct placeholders *placeholders;
    struct condition *condition;
    CHECK(json_parse(arena_printf(&fixture->arena, "{\"#n\":\"%s\"}", word), &fixture->arena, &names));
    CHECK(json_parse(arena_printf(&fixture->arena, "{\"%s\":{\"N\":\"1\"}}", word), &fixture->arena, &item));
    CHECK(placeholders_read(names, NULL, VALUE_NEWER, &fixture->arena, &placeholders, &fixture->err));
    CHECK(condition_parse(STR("attribute_exists(#n)"), EXPR_FILTER, &fixture->arena, &condition, &fixture->err));
    CHECK(condition_bind(condition, placeholders, &fixture->err));
    CHECK(placeholders_check_unused(placeholders, &fixture->err));
    CHECK(condition_holds(condition, item, &fixture->arena));
}

static void reserved_words(void **state)
{
    (void)state;
    struct fixture fixture;
    open_fixture(&fixture);
    CHECK_EQ(WORD_COUNT, 573);
    for (size_t i = 0; i < WORD_COUNT; i++) {
        CHECK(i == 0 || strcmp(words[i - 1], words[i]) < 0);
        check_word(&fixture, words[i]);
        check_placeholder(&fixture, words[i]);
        arena_reset(&fixture.arena);
    }
    const char *free_words[] = {"",
                                "a",
                                "ABORT_",
                                "ABORTS",
                                "ABOR",
                                "ZONES",
                                "_",
                                "contains",
                                "remove",
                                "begins_with",
                                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
    for (size_t i = 0; i < sizeof(free_words) / sizeof(free_words[0]); i++) {
        CHECK(!expr_is_reserved_word(str_from(free_words[i])));
    }
    close_fixture(&fixture);
}

/* Thousands of placeholders are looked up quickly and told in the order of the request. */
static void many_placeholders(void **state)
{
    (void)state;
    struct fixture fixture;
    open_fixture(&fixture);
    for (size_t i = 0; i < 20000; i++) {
        buf_printf(&fixture.text, "%s\":v%zu\":{\"N\":\"%zu\"}", i == 0 ? "{" : ",", (i * 7919) % 20000, i);
    }
    buf_add_byte(&fixture.text, '}');
    const struct json *values;
    struct placeholders *placeholders;
    CHECK(json_parse(str_of(fixture.text.p, fixture.text.n), &fixture.arena, &values));
    CHECK(placeholders_read(NULL, values, VALUE_NEWER, &fixture.arena, &placeholders, &fixture.err));
    CHECK(!placeholders_check_unused(placeholders, &fixture.err));
    CHECK(str_starts_with(fixture.err.message, STR("Value provided in ExpressionAttributeValues unused in expressions: "
                                                   "keys: {:v0, :v7919, :v15838, :v3757,")));
    close_fixture(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(size_of_the_text), cmocka_unit_test(number_of_operators), cmocka_unit_test(nesting),
        cmocka_unit_test(operands_of_in),   cmocka_unit_test(reserved_words),      cmocka_unit_test(many_placeholders),
    };
    return cmocka_run_group_tests_name("expr limits", tests, NULL, NULL);
}
