/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/check.h"

#include "core/random.h"
#include "storage/members.h"

#define ROUNDS 2000
#define NAMES_MAX 12

static struct str random_text(struct random *random, struct arena *arena)
{
    static const char *const parts[] = {"a", "b", "\\", "\"", "\n", "{", "}", "[", ",", ":", "\xC3\xA9", "\\\"", "\x01", "name"};
    struct str out = STR("");
    for (uint64_t i = random_below(random, 5); i > 0; i--) {
        out = arena_printf(arena, "%.*s%s", STR_ARG(out), parts[random_below(random, sizeof(parts) / sizeof(parts[0]))]);
    }
    return out;
}

static struct value random_value(struct random *random, struct arena *arena, int depth)
{
    struct value out = {.type = VALUE_S, .str = random_text(random, arena)};
    uint64_t kind = random_below(random, depth == 0 ? 2 : 4);
    if (kind == 1) {
        out = (struct value){.type = VALUE_BOOL, .boolean = true};
    } else if (kind == 2) {
        struct value *elements = arena_array(arena, struct value, 2);
        elements[0] = random_value(random, arena, depth - 1);
        elements[1] = random_value(random, arena, depth - 1);
        out = (struct value){.type = VALUE_L, .count = 2, .elements = elements};
    } else if (kind == 3) {
        struct member *member = arena_new(arena, struct member);
        *member = (struct member){random_text(random, arena), random_value(random, arena, depth - 1)};
        out = (struct value){.type = VALUE_M, .count = 1, .members = member};
    }
    return out;
}

static struct value random_item(struct random *random, struct arena *arena)
{
    struct member *members = arena_array(arena, struct member, NAMES_MAX);
    size_t count = 0;
    for (uint64_t i = random_below(random, NAMES_MAX); i > 0; i--) {
        struct str name = random_text(random, arena);
        bool is_new = true;
        for (size_t k = 0; k < count; k++) {
            is_new = is_new && !str_eq(members[k].name, name);
        }
        if (is_new) {
            members[count++] = (struct member){name, random_value(random, arena, 2)};
        }
    }
    value_sort_members(members, count);
    return (struct value){.type = VALUE_M, .count = count, .members = members};
}

/* Scanned and marked slices are the same, and every attribute is found by its name, escapes or not. */
static void test_members(void **state)
{
    (void)state;
    struct random random;
    struct arena arena;
    random_init(&random, 7);
    arena_init(&arena, 1 << 16);
    for (int round = 0; round < ROUNDS; round++) {
        struct err err;
        struct buf text;
        err_init(&err, &arena);
        buf_init(&text, 1 << 20);
        struct value item = random_item(&random, &arena);
        struct str keys[1] = {item.count > 0 ? item.members[item.count / 2].name : STR("none")};
        struct member_mark marks[NAMES_MAX];
        struct member_texts scanned;
        struct member_texts marked;
        item_text_write_marked(&text, &item, keys, 1, marks);
        member_texts_marked(str_of(text.p, text.n), marks, item.count, &arena, &marked);
        CHECK(member_texts_of(str_of(text.p, text.n), &arena, &scanned, &err));
        CHECK_EQ(scanned.count, item.count);
        for (size_t i = 0; i < item.count; i++) {
            CHECK(str_eq(scanned.items[i].name, marked.items[i].name));
            CHECK(str_eq(scanned.items[i].whole, marked.items[i].whole));
            const struct member_text *found = member_texts_find(&scanned, item.members[i].name);
            CHECK(found != NULL);
            struct buf one;
            struct member_mark mark;
            buf_init(&one, 1 << 20);
            member_text_write(&one, &item.members[i], 0, &mark);
            CHECK(str_eq(found->whole, str_of(one.p, one.n)));
            buf_release(&one);
        }
        CHECK(member_texts_find(&scanned, STR("absent")) == NULL);
        buf_release(&text);
        arena_reset(&arena);
    }
    arena_release(&arena);
}

static void test_damaged(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "{", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":{", "{\"a\":{\"S\":\"x\\\"}}", "[1]", "{\"a\":1}",
                                        "{\"a\":{\"S\":\"x\"}", "{\"a\":{\"S\":\"x\"},"};
    struct arena arena;
    arena_init(&arena, 1 << 16);
    for (size_t i = 2; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct err err;
        struct member_texts members;
        err_init(&err, &arena);
        bool ok = member_texts_of(str_from(texts[i]), &arena, &members, &err);
        CHECK(!ok || members.count == 0);
    }
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
