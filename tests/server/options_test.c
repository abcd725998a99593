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
static void parse_with(struct parsed *parsed, char *program, char *line, char *const *environment)
{
    char *argv[ARGUMENTS_MAX] = {program};
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
    parsed->ok = options_parse(argc, argv, environment, &parsed->options, &err);
    parsed->message = err.message;
}

static void parse(struct parsed *parsed, char *line)
{
    parse_with(parsed, "stator", line, NULL);
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
        {"-server -javaagent:a.jar=b -XX:+UseSerialGC --add-opens java.base/java.lang=ALL-UNNAMED -classpath a:b -port 1 "
         "software.amazon.dynamodb.services.local.main.ServerRunner -inMemory -sharedDb",
         1, true, true, {0}},
        {"-jar /opt/DynamoDBLocal.jar", 8000, false, false, {0}},
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
                  "-auth verify -credentials /keys --tls -tlsCertOut /c -textNumbers";
    struct parsed parsed;
    parse(&parsed, line);
    CHECK(parsed.ok);
    CHECK_STR(parsed.options.host, STR("127.0.0.1"));
    CHECK_STR(parsed.options.cors, STR("http://a,http://b"));
    CHECK_STR(parsed.options.account, STR("123456789012"));
    CHECK_STR(parsed.options.log, STR("requests"));
    CHECK_STR(parsed.options.auth, STR("verify"));
    CHECK_STR(parsed.options.credentials, STR("/keys"));
    CHECK(parsed.options.tls);
    CHECK_STR(parsed.options.tls_cert_out, STR("/c"));
    CHECK_EQ(parsed.options.loops, 3);
    CHECK(parsed.options.relaxed && parsed.options.healthy && parsed.options.conflicts && parsed.options.text_numbers);
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
        {"-jar other.jar", "cannot run 'other.jar': this is Stator and not a JVM; it takes the place of DynamoDBLocal.jar only"},
        {"-jar", "cannot run '': this is Stator and not a JVM; it takes the place of DynamoDBLocal.jar only"},
        {"-inMemory -optimizeDbBeforeStartup", "optimizeDbBeforeStartup option must be used with dbPath to determine the location of "
                                               "database files to optimize."},
        {"-inMemory healthcheck", "unexpected argument 'healthcheck': options begin with a dash, -help lists them"},
        {"-account 12", "-account wants 12 digits, not '12'"},
        {"-tlsCert x", "-tlsCert and -tlsKey go together: -tlsKey is missing"},
        {"-tls -tlsKey x", "-tlsCert and -tlsKey go together: -tlsCert is missing"},
        {"-tlsCertOut x", "-tlsCertOut is for the certificate that -tls makes, without -tlsCert"},
        {"-tls -tlsCertOut x -tlsCert a -tlsKey b", "-tlsCertOut is for the certificate that -tls makes, without -tlsCert"},
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

static void test_names_and_kinds(void **state)
{
    (void)state;
    struct parsed parsed;
    char bare[] = "-version";
    parse_with(&parsed, "/usr/bin/java", bare, NULL);
    CHECK(parsed.ok && parsed.options.is_java && !parsed.options.is_local && parsed.options.version);
    arena_release(&parsed.arena);
    char local[] = "-jar DynamoDBLocal.jar -version";
    parse_with(&parsed, "java", local, NULL);
    CHECK(parsed.ok && parsed.options.is_java && parsed.options.is_local && parsed.options.version);
    arena_release(&parsed.arena);
    char check[] = "healthcheck -port 1234";
    parse_with(&parsed, "./java/stator", check, NULL);
    CHECK(parsed.ok && !parsed.options.is_java && parsed.options.is_healthcheck && parsed.options.port_is_given);
    CHECK_EQ(parsed.options.port, 1234);
    arena_release(&parsed.arena);
}

static void test_environment(void **state)
{
    (void)state;
    char *all[] = {"HOME=/", "STATOR_PORT=8123", "STATOR_SHARED_DB=1", "STATOR_IN_MEMORY=yes", "STATOR_CORS=http://a",
                   "STATOR_OPTIMIZE_DB_BEFORE_STARTUP=0", "STATOR_DELAY_TRANSIENT_STATUSES=TRUE", "STATOR_PORT_FILE=/p",
                   "STATOR_EXIT_WITH_PARENT=on", "STATOR_DISABLE_TELEMETRY=", "STATOR_VERSION=0.1.0", "STATOR_HELP=1", NULL};
    struct parsed parsed;
    char none[] = "";
    parse_with(&parsed, "stator", none, all);
    CHECK_STR(parsed.message, (struct str){0});
    CHECK_EQ(parsed.options.port, 8123);
    CHECK(parsed.options.shared_db && parsed.options.in_memory && parsed.options.delay_transient_statuses);
    CHECK(parsed.options.exit_with_parent && !parsed.options.optimize_db && !parsed.options.disable_telemetry);
    CHECK(!parsed.options.version && !parsed.options.help && !parsed.options.port_is_given);
    CHECK_STR(parsed.options.cors, STR("http://a"));
    CHECK_STR(parsed.options.port_file, STR("/p"));
    arena_release(&parsed.arena);
    char line[] = "-port 1 -sharedDb=false -dbPath d";
    parse_with(&parsed, "stator", line, all);
    CHECK_STR(parsed.message, (struct str){0});
    CHECK_EQ(parsed.options.port, 1);
    CHECK(!parsed.options.shared_db && !parsed.options.in_memory);
    CHECK_STR(parsed.options.db_path, STR("d"));
    CHECK_STR(parsed.options.overruled, STR("STATOR_IN_MEMORY"));
    arena_release(&parsed.arena);
}

static void test_environment_of_two_minds(void **state)
{
    (void)state;
    char *path[] = {"STATOR_DB_PATH=/data", NULL};
    struct parsed parsed;
    char in_memory[] = "-jar DynamoDBLocal.jar -inMemory";
    parse_with(&parsed, "java", in_memory, path);
    CHECK(parsed.ok && parsed.options.in_memory && parsed.options.db_path.p == NULL);
    CHECK_STR(parsed.options.overruled, STR("STATOR_DB_PATH"));
    arena_release(&parsed.arena);
    static const char *const cases[][2] = {
        {"STATOR_PORT=x", "-port wants a number from 0 to 65535, not 'x'"},
        {"STATOR_SHARED_DB=2", "STATOR_SHARED_DB wants 1 or 0, not '2'"},
        {"STATOR_IN_MEMORY=1", "dbPath and inMemory cannot be set at the same time."},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char variable[64];
        snprintf(variable, sizeof(variable), "%s", cases[i][0]);
        char *environment[] = {variable, "STATOR_DB_PATH=/data", NULL};
        char none[] = "";
        parse_with(&parsed, "stator", none, environment);
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
        cmocka_unit_test(test_names_and_kinds),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_environment_of_two_minds),
        cmocka_unit_test(test_help_names_every_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
