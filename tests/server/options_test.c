/* SPDX-License-Identifier: Apache-2.0 */
/* options_test.c — command lines: those of DynamoDB Local as people write them, our own, and wrong ones with what is said about them. */
#include "tests/check.h"

#include "server/options.h"

#define ARGUMENTS_MAX 24

struct parsed {
    bool ok;
    struct options options;
    struct str message;
    struct arena arena;
};

/* Splits at blanks; keeps slices of `line`, which is therefore changed. */
static void parse(struct parsed *parsed, char *line)
{
    char *argv[ARGUMENTS_MAX] = {"stator"};
    int argc = 1;
    for (char *at = line; *at != '\0' && argc < ARGUMENTS_MAX;) {
        argv[argc++] = at;
        at += strcspn(at, " ");
        if (*at == ' ') {
            *at++ = '\0';
        }
    }
    struct err err;
    arena_init(&parsed->arena, 0);
    err_init(&err, &parsed->arena);
    parsed->ok = options_parse(argc, argv, &parsed->options, &err);
    parsed->message = err.message;
}

static void test_good_lines(void **state)
{
    (void)state;
    const struct {
        const char *line;
        unsigned port;
        bool in_memory;
        bool shared_db;
        struct str db_path;
    } cases[] = {
        {"", 8000, false, false, {0}},
        {"-inMemory", 8000, true, false, {0}},
        {"--inMemory --port 8123", 8123, true, false, {0}},
        {"--port=0 -inMemory=true", 0, true, false, {0}},
        {"-port=65535 -sharedDb -dbPath ./data", 65535, false, true, STR("./data")},
        {"-jar DynamoDBLocal.jar -sharedDb -dbPath /home/dynamodblocal/data/", 8000, false, true,
         STR("/home/dynamodblocal/data/")},
        {"-Djava.library.path=./DynamoDBLocal_lib -Xmx256m -jar DynamoDBLocal.jar -inMemory", 8000, true, false, {0}},
        {"-cp x com.amazonaws.services.dynamodbv2.local.main.ServerRunner -port 8003 -optimizeDbBeforeStartup -dbPath d", 8003,
         false, false, STR("d")},
        {"-disableTelemetry -delayTransientStatuses -sharedDb -inMemory", 8000, true, true, {0}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char line[256];
        snprintf(line, sizeof(line), "%s", cases[i].line);
        struct parsed parsed;
        parse(&parsed, line);
        CHECK_STR(parsed.message, (struct str){0});
        CHECK(parsed.ok);
        CHECK_EQ(parsed.options.port, cases[i].port);
        CHECK_EQ(parsed.options.in_memory, cases[i].in_memory);
        CHECK_EQ(parsed.options.shared_db, cases[i].shared_db);
        CHECK_STR(parsed.options.db_path, cases[i].db_path);
        arena_release(&parsed.arena);
    }
}

static void test_every_value(void **state)
{
    (void)state;
    char line[] = "-host 127.0.0.1 -cors http://a,http://b --relaxed -loops 3 -account 123456789012 -healthy -conflicts -log requests "
                  "-auth verify -credentials /keys";
    struct parsed parsed;
    parse(&parsed, line);
    CHECK(parsed.ok);
    CHECK_STR(parsed.options.host, STR("127.0.0.1"));
    CHECK_STR(parsed.options.cors, STR("http://a,http://b"));
    CHECK_STR(parsed.options.account, STR("123456789012"));
    CHECK_STR(parsed.options.log, STR("requests"));
    CHECK_STR(parsed.options.auth, STR("verify"));
    CHECK_STR(parsed.options.credentials, STR("/keys"));
    CHECK_EQ(parsed.options.loops, 3);
    CHECK(parsed.options.relaxed && parsed.options.healthy && parsed.options.conflicts);
    CHECK(!parsed.options.verbose && !parsed.options.help);
    arena_release(&parsed.arena);
}

static void test_bad_lines(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"-port", "-port wants a value: -port N"},
        {"-port abc", "-port wants a number from 0 to 65535, not 'abc'"},
        {"-port 65536", "-port wants a number from 0 to 65535, not '65536'"},
        {"-port -1", "-port wants a number from 0 to 65535, not '-1'"},
        {"--port=", "-port wants a number from 0 to 65535, not ''"},
        {"-loops 0", "-loops wants a number from 1 to 64, not '0'"},
        {"-dbPath", "-dbPath wants a value: -dbPath DIR"},
        {"-dbPath=", "-dbPath wants a value: -dbPath DIR"},
        {"-inMemory -dbPath x", "dbPath and inMemory cannot be set at the same time."},
        {"-inMemory=7", "-inMemory takes no value: leave out '=7'"},
        {"-inmemory", "unknown option -inmemory: did you mean -inMemory?"},
        {"--SHAREDDB", "unknown option --SHAREDDB: did you mean -sharedDb?"},
        {"-frobnicate", "unknown option -frobnicate: -help lists all of them"},
        {"-", "unexpected argument '-': options begin with a dash, -help lists them"},
        {"serve", "unexpected argument 'serve': options begin with a dash, -help lists them"},
        {"-account 12", "-account wants 12 digits, not '12'"},
        {"-auth no", "-auth wants off, shape or verify, not 'no'"},
        {"-credentials x", "-credentials is for -auth verify: add that, or leave -credentials out"},
        {"-credentials x -auth off", "-credentials is for -auth verify: add that, or leave -credentials out"},
        {"-log loud", "-log wants quiet, events or requests, not 'loud'"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char line[256];
        snprintf(line, sizeof(line), "%s", cases[i][0]);
        struct parsed parsed;
        parse(&parsed, line);
        CHECK(!parsed.ok);
        CHECK_STR(parsed.message, str_from(cases[i][1]));
        arena_release(&parsed.arena);
    }
}

static void test_help_names_every_option(void **state)
{
    (void)state;
    struct buf help;
    buf_init(&help, 1 << 16);
    options_help(&help);
    buf_add_byte(&help, '\0');
    static const char *const names[] = {
#define OPTION_FLAG(member, name, text) "  -" name " ",
#define OPTION_NUMBER(member, name, shown, start, least, most, text) "  -" name " " shown " ",
#define OPTION_TEXT(member, name, shown, text) "  -" name " " shown " ",
#include "server/options.def"
#undef OPTION_FLAG
#undef OPTION_NUMBER
#undef OPTION_TEXT
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        CHECK(strstr(help.p, names[i]) != NULL);
    }
    buf_release(&help);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_lines),
        cmocka_unit_test(test_every_value),
        cmocka_unit_test(test_bad_lines),
        cmocka_unit_test(test_help_names_every_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
