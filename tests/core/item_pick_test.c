/* SPDX-License-Identifier: Apache-2.0 */
/* item_pick_test.c — every choice of attributes from texts with all that makes walking hard gives what parsing the whole and leaving out the
 * others gives; a text that is cut anywhere is never read past its end. */
#include "tests/test_arena.h"

#include "core/item_pick.h"

static const char *const items[] = {
    "{}",
    "{\"a\":{\"S\":\"x\"}}",
    "{\"pk\":{\"S\":\"\"},\"a\":{\"N\":\"1\"},\"b\":{\"B\":\"AA==\"},\"c\":{\"BOOL\":true},\"d\":{\"NULL\":true}}",
    "{\"pk\":{\"S\":\"quote \\\" end\"},\"q\\\"q\":{\"S\":\"\\\\\"},\"r\\\\\":{\"S\":\"\\\\\\\"}]\"},\"s\":{\"S\":\"{\\\"S\\\":1}\"}}",
    "{\"l\":{\"L\":[]},\"m\":{\"M\":{}},\"n\":{\"L\":[{\"M\":{\"]\":{\"L\":[{\"S\":\"}\"}]}}},{\"S\":\"\\\\\"}]},\"z\":{\"S\":\"last\"}}",
    "{\"bs\":{\"BS\":[\"AA==\",\"AQ==\"]},\"ns\":{\"NS\":[\"1\",\"2\"]},\"ss\":{\"SS\":[\"\",\"]\",\"\\\"\"]},\"t\":{\"S\":\"\xC3\xA9\\u0000\"}}",
};

static void write_json(struct buf *out, const struct json *json)
{
    buf_clear(out, 1 << 16);
    json_write(out, json);
}

/* The members whose bit is set, from the whole tree. */
static void write_chosen(struct buf *out, const struct json *whole, unsigned bits)
{
    buf_clear(out, 1 << 16);
    buf_add_byte(out, '{');
    struct json_iter iter = json_iter(whole);
    struct str name;
    const struct json *value = NULL;
    for (unsigned i = 0; json_next(&iter, &name, &value); i++) {
        if ((bits & 1u << i) != 0) {
            if (out->p[out->n - 1] != '{') {
                buf_add_byte(out, ',');
            }
            json_write_string(out, name);
            buf_add_byte(out, ':');
            json_write(out, value);
        }
    }
    buf_add_byte(out, '}');
}

static void choose(struct item_pick *pick, const struct json *whole, unsigned bits)
{
    *pick = (struct item_pick){0};
    struct json_iter iter = json_iter(whole);
    struct str name;
    const struct json *value = NULL;
    for (unsigned i = 0; json_next(&iter, &name, &value); i++) {
        if ((bits & 1u << i) != 0) {
            CHECK(item_pick_add(pick, name, &arena));
        }
    }
}

static void check_choice(struct str text, const struct json *whole, unsigned bits, bool with_stranger)
{
    struct item_pick pick;
    choose(&pick, whole, bits);
    if (with_stranger) {
        CHECK(item_pick_add(&pick, STR("not there"), &arena));
    }
    const struct json *picked = NULL;
    CHECK(item_pick_parse(&pick, text, &arena, &picked));
    struct buf got;
    struct buf want;
    buf_init(&got, 1 << 16);
    buf_init(&want, 1 << 16);
    write_json(&got, picked);
    write_chosen(&want, whole, bits);
    CHECK_STR(str_of(got.p, got.n), str_of(want.p, want.n));
    buf_release(&got);
    buf_release(&want);
}

static void test_every_choice(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++) {
        struct str text = str_from(items[i]);
        const struct json *whole = NULL;
        CHECK(json_parse(text, &arena, &whole));
        unsigned count = (unsigned)json_count(whole);
        for (unsigned bits = 0; bits < 1u << count; bits++) {
            check_choice(text, whole, bits, false);
            check_choice(text, whole, bits, true);
        }
    }
}

static void test_cut_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++) {
        struct str text = str_from(items[i]);
        for (size_t n = 0; n < text.n; n++) {
            char *exact = test_malloc(n == 0 ? 1 : n);
            memcpy(exact, text.p, n);
            struct item_pick pick = {0};
            CHECK(item_pick_add(&pick, STR("not there"), &arena));
            const struct json *picked = NULL;
            CHECK(!item_pick_parse(&pick, str_of(exact, n), &arena, &picked));
            test_free(exact);
        }
    }
}

static void test_many_names(void **state)
{
    (void)state;
    struct item_pick pick = {0};
    for (int i = 0; i < ITEM_PICK_MAX; i++) {
        CHECK(item_pick_add(&pick, arena_printf(&arena, "name%d", i), &arena));
    }
    CHECK(item_pick_add(&pick, STR("name3"), &arena)); /* there already */
    CHECK(!item_pick_add(&pick, STR("one more"), &arena));
    CHECK_EQ(pick.count, ITEM_PICK_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_choice, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cut_anywhere, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_names, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
