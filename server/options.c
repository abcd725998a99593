/* SPDX-License-Identifier: Apache-2.0 */
/* options.c — reads the command line by the table in options.def. Strict where DynamoDB Local is lax: a wrong option ends the program with
 * one line that says how to mend it, instead of a usage text and exit status 0. */
#include "server/options.h"

#include "server/auth/auth.h"

#include <stddef.h>
#include <strings.h>

enum option_kind { KIND_FLAG, KIND_NUMBER, KIND_TEXT };

struct option {
    const char *name;
    enum option_kind kind;
    size_t offset;
    const char *shown; /* the value in -help */
    unsigned start;
    unsigned least;
    unsigned most;
    const char *help;
};

static const struct option table[] = {
#define OPTION_FLAG(member, name, help) {name, KIND_FLAG, offsetof(struct options, member), "", 0, 0, 0, help},
#define OPTION_NUMBER(member, name, shown, start, least, most, help) \
    {name, KIND_NUMBER, offsetof(struct options, member), shown, start, least, most, help},
#define OPTION_TEXT(member, name, shown, help) {name, KIND_TEXT, offsetof(struct options, member), shown, 0, 0, 0, help},
#include "server/options.def"
#undef OPTION_FLAG
#undef OPTION_NUMBER
#undef OPTION_TEXT
};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TABLE_COUNT COUNT(table)

static void *member_of(struct options *options, const struct option *option)
{
    return (char *)options + option->offset;
}

static const struct option *find(struct str name)
{
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        if (str_eq(str_from(table[i].name), name)) {
            return &table[i];
        }
    }
    return NULL;
}

static bool fail_unknown(struct str argument, struct str name, struct err *err)
{
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        if (strlen(table[i].name) == name.n && strncasecmp(table[i].name, name.p, name.n) == 0) {
            return err_set(err, ERR_VALIDATION, "unknown option %.*s: did you mean -%s?", STR_ARG(argument), table[i].name);
        }
    }
    return err_set(err, ERR_VALIDATION, "unknown option %.*s: -help lists all of them", STR_ARG(argument));
}

static bool set_number(const struct option *option, struct str value, unsigned *out, struct err *err)
{
    unsigned n = 0;
    bool ok = value.n > 0 && value.n <= 6;
    for (size_t i = 0; ok && i < value.n; i++) {
        ok = value.p[i] >= '0' && value.p[i] <= '9';
        n = n * 10 + (unsigned)(value.p[i] - '0');
    }
    if (!ok || n < option->least || n > option->most) {
        return err_set(err, ERR_VALIDATION, "-%s wants a number from %u to %u, not '%.*s'", option->name, option->least,
                       option->most, STR_ARG(value));
    }
    *out = n;
    return true;
}

static bool value_wanted_error(const struct option *option, struct err *err)
{
    return err_set(err, ERR_VALIDATION, "-%s wants a value: -%s %s", option->name, option->name, option->shown);
}

/* value is absent for a flag that has none. */
static bool set(struct options *options, const struct option *option, struct str value, struct err *err)
{
    void *member = member_of(options, option);
    switch (option->kind) {
    case KIND_FLAG:
        if (value.p != NULL && !str_eq(value, STR("true")) && !str_eq(value, STR("false"))) {
            return err_set(err, ERR_VALIDATION, "-%s takes no value: leave out '=%.*s'", option->name, STR_ARG(value));
        }
        *(bool *)member = value.p == NULL || str_eq(value, STR("true"));
        return true;
    case KIND_NUMBER:
        return set_number(option, value, member, err);
    case KIND_TEXT:
        if (value.n == 0) {
            return value_wanted_error(option, err);
        }
        *(struct str *)member = value;
        return true;
    }
    return true;
}

/* ---- What belongs to java ---- */

static bool is_one_of(struct str argument, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(argument, str_from(names[i]))) {
            return true;
        }
    }
    return false;
}

static bool begins_with_one_of(struct str argument, const char *const *prefixes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_starts_with(argument, str_from(prefixes[i]))) {
            return true;
        }
    }
    return false;
}

static bool is_main_class(struct str argument)
{
    static const char *const packages[] = {"com.amazonaws.services.dynamodbv2.local", "software.amazon.dynamodb.services.local"};
    return begins_with_one_of(argument, packages, COUNT(packages));
}

/* What the JVM would take, and not the server: skipped. *takes_value: the next argument too. */
static bool is_for_java(struct str argument, bool *takes_value)
{
    static const char *const with_value[] = {"-cp", "-classpath", "--class-path", "-p", "--module-path",
                                             "--add-opens", "--add-exports", "--add-modules"};
    static const char *const alone[] = {"-server", "-client", "-ea", "-da"};
    static const char *const prefixes[] = {"-D", "-X", "-javaagent:", "-agentlib:", "-agentpath:", "-verbose:",
                                           "--class-path=", "--add-opens=", "--add-exports=", "--add-modules=",
                                           "--enable-native-access="};
    *takes_value = is_one_of(argument, with_value, COUNT(with_value));
    return *takes_value || is_one_of(argument, alone, COUNT(alone)) ||
           begins_with_one_of(argument, prefixes, COUNT(prefixes));
}

/* After -jar. */
static bool check_jar(const char *jar, struct err *err)
{
    struct str wanted = STR("DynamoDBLocal.jar");
    struct str name = jar != NULL ? str_from(jar) : STR("");
    if (name.n < wanted.n || !str_eq(str_of(name.p + name.n - wanted.n, wanted.n), wanted)) {
        return err_set(err, ERR_VALIDATION, "cannot run '%.*s': this is Stator and not a JVM; it takes the place of %.*s only",
                       STR_ARG(name), STR_ARG(wanted));
    }
    return true;
}

static bool is_account(struct str s)
{
    bool ok = s.n == 12;
    for (size_t i = 0; ok && i < s.n; i++) {
        ok = s.p[i] >= '0' && s.p[i] <= '9';
    }
    return ok;
}

static bool check(const struct options *options, struct err *err)
{
    if (options->db_path.p != NULL && options->in_memory) {
        return err_set(err, ERR_VALIDATION, "dbPath and inMemory cannot be set at the same time.");
    }
    if (options->optimize_db && options->db_path.p == NULL) {
        return err_set(err, ERR_VALIDATION, "optimizeDbBeforeStartup option must be used with dbPath to determine the location of "
                                            "database files to optimize.");
    }
    if (options->account.p != NULL && !is_account(options->account)) {
        return err_set(err, ERR_VALIDATION, "-account wants 12 digits, not '%.*s'", STR_ARG(options->account));
    }
    if ((options->tls_cert.p != NULL) != (options->tls_key.p != NULL)) {
        return err_set(err, ERR_VALIDATION, "-tlsCert and -tlsKey go together: -%s is missing",
                       options->tls_cert.p != NULL ? "tlsKey" : "tlsCert");
    }
    if (options->tls_cert_out.p != NULL && (!options->tls || options->tls_cert.p != NULL)) {
        return err_set(err, ERR_VALIDATION, "-tlsCertOut is for the certificate that -tls makes, without -tlsCert");
    }
    enum auth_mode auth;
    if (!auth_mode_read(options->auth, &auth)) {
        return err_set(err, ERR_VALIDATION, "-auth wants off, shape or verify, not '%.*s'", STR_ARG(options->auth));
    }
    if (options->credentials.p != NULL && auth != AUTH_VERIFY) {
        return err_set(err, ERR_VALIDATION, "-credentials is for -auth verify: add that, or leave -credentials out");
    }
    struct str log = options->log;
    if (log.p != NULL && !str_eq(log, STR("quiet")) && !str_eq(log, STR("events")) && !str_eq(log, STR("requests"))) {
        return err_set(err, ERR_VALIDATION, "-log wants quiet, events or requests, not '%.*s'", STR_ARG(log));
    }
    return true;
}

/* ---- The environment ---- */

#define VARIABLE_PREFIX "STATOR_"
#define VARIABLE_MAX 64

/* -optimizeDbBeforeStartup: STATOR_OPTIMIZE_DB_BEFORE_STARTUP. */
static struct str variable_name(const struct option *option, char name[VARIABLE_MAX])
{
    size_t n = (size_t)snprintf(name, VARIABLE_MAX, "%s", VARIABLE_PREFIX);
    for (const char *at = option->name; *at != '\0' && n + 2 < VARIABLE_MAX; at++) {
        if (*at >= 'A' && *at <= 'Z') {
            name[n++] = '_';
        }
        name[n++] = *at == '-' ? '_' : (char)(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at);
    }
    return str_of(name, n);
}

/* The value; absent if it is not set or empty. */
static struct str variable_find(char *const *environment, struct str name)
{
    for (; *environment != NULL; environment++) {
        struct str entry = str_from(*environment);
        if (entry.n > name.n + 1 && entry.p[name.n] == '=' && str_starts_with(entry, name)) {
            return str_of(entry.p + name.n + 1, entry.n - name.n - 1);
        }
    }
    return (struct str){0};
}

static bool is_word(struct str value, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(words[i]) == value.n && strncasecmp(words[i], value.p, value.n) == 0) {
            return true;
        }
    }
    return false;
}

static bool set_from_variable(struct options *options, const struct option *option, struct str name, struct str value,
                              struct err *err)
{
    static const char *const on[] = {"1", "true", "yes", "on"};
    static const char *const off[] = {"0", "false", "no", "off"};
    if (option->kind == KIND_FLAG) {
        bool is_on = is_word(value, on, COUNT(on));
        if (!is_on && !is_word(value, off, COUNT(off))) {
            return err_set(err, ERR_VALIDATION, "%.*s wants 1 or 0, not '%.*s'", STR_ARG(name), STR_ARG(value));
        }
        *(bool *)member_of(options, option) = is_on;
        return true;
    }
    return set(options, option, value, err);
}

/* Those that print a text and exit are for the command line alone: a STATOR_VERSION may be anything. */
static bool is_variable(const struct option *option)
{
    static const char *const not[] = {"list-operations", "version", "help"};
    return !is_one_of(str_from(option->name), not, COUNT(not));
}

static bool read_environment(char *const *environment, struct options *out, struct err *err)
{
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        char text[VARIABLE_MAX];
        struct str name = variable_name(&table[i], text);
        struct str value = is_variable(&table[i]) ? variable_find(environment, name) : (struct str){0};
        if (value.n > 0 && !set_from_variable(out, &table[i], name, value, err)) {
            return false;
        }
    }
    return true;
}

/* ---- The command line ---- */

struct reading {
    int argc;
    char *const *argv;
    int at;
    bool in_memory_given;
    bool db_path_given;
};

static bool read_option(struct reading *reading, struct str argument, struct options *out, struct err *err)
{
    if (argument.n < 2 || argument.p[0] != '-') {
        return err_set(err, ERR_VALIDATION, "unexpected argument '%.*s': options begin with a dash, -help lists them",
                       STR_ARG(argument));
    }
    size_t dashes = argument.p[1] == '-' ? 2 : 1;
    struct str name = str_of(argument.p + dashes, argument.n - dashes);
    struct str value = {0};
    const char *equals = memchr(name.p, '=', name.n);
    if (equals != NULL) {
        value = str_of(equals + 1, (size_t)(name.p + name.n - equals - 1));
        name.n = (size_t)(equals - name.p);
    }
    const struct option *option = find(name);
    if (option == NULL) {
        return fail_unknown(argument, name, err);
    }
    if (option->kind != KIND_FLAG && value.p == NULL) {
        if (reading->at + 1 == reading->argc) {
            return value_wanted_error(option, err);
        }
        value = str_from(reading->argv[++reading->at]);
    }
    const void *member = member_of(out, option);
    out->port_is_given = out->port_is_given || member == &out->port;
    out->port_file_is_given = out->port_file_is_given || member == &out->port_file;
    reading->in_memory_given = reading->in_memory_given || member == &out->in_memory;
    reading->db_path_given = reading->db_path_given || member == &out->db_path;
    return set(out, option, value, err);
}

static bool read_arguments(struct reading *reading, struct options *out, struct err *err)
{
    for (reading->at = 1; reading->at < reading->argc; reading->at++) {
        struct str argument = str_from(reading->argv[reading->at]);
        bool takes_value = false;
        if (str_eq(argument, STR("-jar"))) {
            reading->at++;
            if (!check_jar(reading->at < reading->argc ? reading->argv[reading->at] : NULL, err)) {
                return false;
            }
            out->is_local = true;
        } else if (is_main_class(argument)) {
            out->is_local = true;
        } else if (is_for_java(argument, &takes_value)) {
            reading->at += takes_value ? 1 : 0;
        } else if (reading->at == 1 && str_eq(argument, STR("healthcheck"))) {
            out->is_healthcheck = true;
        } else if (!read_option(reading, argument, out, err)) {
            return false;
        }
    }
    return true;
}

/* Memory or a directory: when the command line names one, a variable that names the other is overruled and not an error. */
static void settle(const struct reading *reading, struct options *out)
{
    if (!out->in_memory || out->db_path.p == NULL || reading->in_memory_given == reading->db_path_given) {
        return;
    }
    if (reading->in_memory_given) {
        out->db_path = (struct str){0};
        out->overruled = STR("STATOR_DB_PATH");
    } else {
        out->in_memory = false;
        out->overruled = STR("STATOR_IN_MEMORY");
    }
}

bool options_parse(int argc, char *const *argv, char *const *environment, struct options *out, struct err *err)
{
    *out = (struct options){0};
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        if (table[i].kind == KIND_NUMBER) {
            *(unsigned *)member_of(out, &table[i]) = table[i].start;
        }
    }
    const char *called = argc > 0 ? argv[0] : "";
    const char *slash = strrchr(called, '/');
    out->is_java = strcmp(slash != NULL ? slash + 1 : called, "java") == 0;
    struct reading reading = {.argc = argc, .argv = argv};
    if ((environment != NULL && !read_environment(environment, out, err)) || !read_arguments(&reading, out, err)) {
        return false;
    }
    settle(&reading, out);
    return check(out, err);
}

void options_help(struct buf *out)
{
    buf_add_literal(out, "stator [options]: a DynamoDB-compatible server for development and tests\n"
                         "stator healthcheck [-port N]: exit status 0 if one serves on the port, else 1\n\n");
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        char left[64];
        snprintf(left, sizeof(left), "-%s %s", table[i].name, table[i].shown);
        buf_printf(out, "  %-26s %s\n", left, table[i].help);
    }
    buf_add_literal(out, "\nOne dash or two. Each option is also a variable, as CI services need: STATOR_PORT=8001, STATOR_SHARED_DB=1, "
                         "STATOR_DB_PATH=/data; the command line wins.\n");
}
