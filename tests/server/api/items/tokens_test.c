/* SPDX-License-Identifier: Apache-2.0 */
/* tokens_test.c — what is remembered of ClientRequestTokens, for how long, and what a lost transaction leaves behind.
 */
#include "server/api/items/tokens.h"

#include "tests/check.h"

struct fixture {
    struct arena arena;
    struct tokens *tokens;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    arena_init(&fixture.arena, 0);
    fixture.tokens = tokens_new();
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    tokens_free(f->tokens);
    arena_release(&f->arena);
    return 0;
}

static struct token_hash hash_of(const char *text)
{
    return token_hash_str(TOKEN_HASH_INIT, str_from(text));
}

static void remember(struct fixture *f, const char *token, const char *parameters, int64_t now_ms)
{
    static const uint32_t units[] = {2, 4};
    tokens_begin(f->tokens);
    tokens_pend(f->tokens, f, hash_of(token), hash_of(parameters), units, 2, &f->arena);
    tokens_publish(f->tokens, f, now_ms);
}

static enum token_state find(struct fixture *f, const char *token, const char *parameters, int64_t now_ms)
{
    const uint32_t *units = NULL;
    size_t count = 0;
    enum token_state state =
        tokens_find(f->tokens, hash_of(token), hash_of(parameters), now_ms, &f->arena, &units, &count);
    if (state == TOKEN_REPLAY) {
        CHECK_EQ(count, 2);
        CHECK_EQ(units[0], 2);
        CHECK_EQ(units[1], 4);
    }
    return state;
}

static void test_replay_and_mismatch(void **state)
{
    struct fixture *f = *state;
    CHECK_EQ(find(f, "t", "p", 0), TOKEN_NEW);
    remember(f, "t", "p", 0);
    CHECK_EQ(find(f, "t", "p", 1), TOKEN_REPLAY);
    CHECK_EQ(find(f, "t", "q", 1), TOKEN_MISMATCH);
    CHECK_EQ(find(f, "u", "p", 1), TOKEN_NEW);
}

static void test_ten_minutes(void **state)
{
    struct fixture *f = *state;
    remember(f, "t", "p", 1000);
    CHECK_EQ(find(f, "t", "q", 600999), TOKEN_MISMATCH);
    CHECK_EQ(find(f, "t", "p", 601000), TOKEN_NEW);
}

/* However the generations turn, a token is there for its ten minutes. */
static void test_generations(void **state)
{
    struct fixture *f = *state;
    for (int64_t at = 0; at < 5000000; at += 7001) {
        char name[32];
        (void)snprintf(name, sizeof(name), "t%lld", (long long)at);
        remember(f, name, "p", at);
        for (int64_t old = at; old >= 0 && at - old < 700000; old -= 7001) {
            (void)snprintf(name, sizeof(name), "t%lld", (long long)old);
            CHECK_EQ(find(f, name, "p", at), at - old < 600000 ? TOKEN_REPLAY : TOKEN_NEW);
        }
    }
}

static void test_many(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 20000; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "t%d", i);
        remember(f, name, name, i);
    }
    for (int i = 0; i < 20000; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "t%d", i);
        CHECK_EQ(find(f, name, name, 20000), TOKEN_REPLAY);
    }
}

/* The next request of the same batch sees what is pending. */
static void test_pending_is_seen(void **state)
{
    struct fixture *f = *state;
    static const uint32_t units[] = {2, 4};
    tokens_begin(f->tokens);
    tokens_pend(f->tokens, f, hash_of("t"), hash_of("p"), units, 2, &f->arena);
    CHECK_EQ(find(f, "t", "p", 0), TOKEN_REPLAY);
    CHECK_EQ(find(f, "t", "q", 0), TOKEN_MISMATCH);
    tokens_publish(f->tokens, &units, 0); /* somebody else's publish */
    tokens_publish(f->tokens, f, 0);
    tokens_begin(f->tokens);
    CHECK_EQ(find(f, "t", "p", 1), TOKEN_REPLAY);
}

static void test_lost_transaction(void **state)
{
    struct fixture *f = *state;
    static const uint32_t units[] = {2, 4};
    tokens_begin(f->tokens);
    tokens_pend(f->tokens, f, hash_of("t"), hash_of("p"), units, 2, &f->arena);
    tokens_begin(f->tokens);
    CHECK_EQ(find(f, "t", "p", 0), TOKEN_NEW);
    tokens_publish(f->tokens, f, 0);
    CHECK_EQ(find(f, "t", "p", 0), TOKEN_NEW);
}

static struct token_hash hash_json(struct fixture *f, const char *text)
{
    const struct json *json = NULL;
    CHECK(json_parse(str_from(text), &f->arena, &json));
    return token_hash_json(TOKEN_HASH_INIT, json);
}

static bool is_same_json(struct fixture *f, const char *a, const char *b)
{
    struct token_hash x = hash_json(f, a);
    struct token_hash y = hash_json(f, b);
    return x.a == y.a && x.b == y.b;
}

static void test_hash_of_json(void **state)
{
    struct fixture *f = *state;
    CHECK(is_same_json(f, "{\"a\":1,\"b\":[\"x\"]}", "{ \"b\" : [\"x\"], \"a\" : 1, \"c\" : null }"));
    CHECK(!is_same_json(f, "{\"a\":\"1\"}", "{\"a\":1}"));
    CHECK(!is_same_json(f, "{\"a\":\"x\",\"b\":\"y\"}", "{\"a\":\"y\",\"b\":\"x\"}"));
    CHECK(!is_same_json(f, "[\"a\",\"b\"]", "[\"b\",\"a\"]"));
    CHECK(!is_same_json(f, "[[\"a\"],\"b\"]", "[[\"a\",\"b\"]]"));
    CHECK(!is_same_json(f, "{\"a\":{}}", "{\"a\":[]}"));
    CHECK(!is_same_json(f, "\"\"", "null"));
    CHECK(!is_same_json(f, "[\"ab\",\"c\"]", "[\"a\",\"bc\"]"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_replay_and_mismatch, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ten_minutes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_generations, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pending_is_seen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lost_transaction, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hash_of_json, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
