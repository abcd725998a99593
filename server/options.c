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
#define TABLE_COUNT (sizeof(table) / sizeof(table[0]))

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
            return err_set(err, ERR_VALIDATION, "-%s wants a value: -%s %s", option->name, option->name, option->shown);
        }
        *(struct str *)member = value;
        return true;
    }
    return true;
}

/* What belongs to java, and not to the server: skipped. *takes_value: the next argument too. */
static bool is_for_java(struct str argument, bool *takes_value)
{
    *takes_value = str_eq(argument, STR("-jar")) || str_eq(argument, STR("-cp")) || str_eq(argument, STR("-classpath"));
    return *takes_value || str_eq(argument, STR("-server")) || str_starts_with(argument, STR("-D")) ||
           str_starts_with(argument, STR("-X")) || str_starts_with(argument, STR("-javaagent:")) ||
           str_starts_with(argument, STR("com.amazonaws.services.dynamodbv2.local")) ||
           str_starts_with(argument, STR("software.amazon.dynamodb.services.local"));
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
    if (options->account.p != NULL && !is_account(options->account)) {
        return err_set(err, ERR_VALIDATION, "-account wants 12 digits, not '%.*s'", STR_ARG(options->account));
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

bool options_parse(int argc, char *const *argv, struct options *out, struct err *err)
{
    *out = (struct options){0};
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        if (table[i].kind == KIND_NUMBER) {
            *(unsigned *)member_of(out, &table[i]) = table[i].start;
        }
    }
    for (int i = 1; i < argc; i++) {
        struct str argument = str_from(argv[i]);
        bool takes_value = false;
        if (is_for_java(argument, &takes_value)) {
            i += takes_value ? 1 : 0;
            continue;
        }
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
            if (i + 1 == argc) {
                return err_set(err, ERR_VALIDATION, "-%s wants a value: -%s %s", option->name, option->name, option->shown);
            }
            i++;
            value = str_from(argv[i]);
        }
        if (!set(out, option, value, err)) {
            return false;
        }
    }
    return check(out, err);
}

void options_help(struct buf *out)
{
    buf_add_literal(out, "stator [options]: a DynamoDB-compatible server for development and tests\n\n");
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        char left[64];
        snprintf(left, sizeof(left), "-%s %s", table[i].name, table[i].shown);
        buf_printf(out, "  %-26s %s\n", left, table[i].help);
    }
}
