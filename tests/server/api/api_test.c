/* SPDX-License-Identifier: Apache-2.0 */
/* api_test.c — runs the data files tests/server/api/<operation>.test in process, through api_begin and api_write_batch, with a store in memory, a
 * clock that stands still (2026-01-01T00:00:00Z) and a fixed random seed. `test.server.api.api FILE…` runs files; without arguments it tests
 * itself. Each file starts with an empty store and ends with store_check.
 *
 *   # comment
 *   == title                          a case; the store goes on from case to case of the file
 *   > PutItem {json}                  a request; JSON and `<` texts may go on in further lines, up to one that is empty or starts with # = > < @ or $
 *   >*30 PutItem {json}               the same 30 times, ${i} is 0 … 29; each must be answered with 200
 *   < 200                             the status of the last answer. Several `<` lines may look at one answer
 *   < 200 {json}                      status and body, compared as trees: objects unordered, arrays in order
 *   < 400 ValidationException         __type after the '#'
 *   < 400 ValidationException "text"  … and the message: all between the first and the last quote of the line, no escapes
 *   < 400 ValidationException ~"re"   … matching a POSIX extended regular expression (anywhere: anchor it)
 *   $name = path.to.member            takes a value from the last answer (numbers index arrays): ${name} in later lines is the bare
 *                                     string, or the JSON text of anything else
 *   @ +5000                           the clock goes on by milliseconds, then background work runs until there is none
 *   @ key AKID region                 other credentials (at first: test us-east-1)
 *
 * In expected JSON: "*" is anything (but must be there); "~uuid", "~number", "~string", "~time" (a number), "~/re/" check the form;
 * a member "...": true lets an object have more members than are written; an array that starts with "~unordered" is compared as a
 * multiset. In any line: ${repeat:TEXT:N} is TEXT N times; ${now} is the clock in seconds.
 *
 * With STATOR_TEST_TRACE=FILE every expectation that held is appended to FILE as one line of JSON: what tests/coverage reads. */
#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/json.h"
#include "server/api/api.h"
#include "tests/json_match.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define START_MS INT64_C(1767225600000)
#define VARIABLES_MAX 200
#define TEXT_MAX ((size_t)64 * 1024 * 1024)

struct variable {
    struct str name;
    struct str value;
};

struct runner {
    const char *path;
    struct str text;
    size_t at;
    size_t line;        /* of the statement that runs */
    size_t next_line;
    struct str title;
    size_t failures;
    size_t expectations;
    struct arena kept;  /* variables, titles */
    struct arena arena; /* the last request and its answer */
    struct arena scratch;
    struct buf out;
    struct response response;
    const struct json *answer; /* NULL if the body is no JSON */
    struct variable variables[VARIABLES_MAX];
    size_t variable_count;
    struct str operation;      /* of the last request */
    struct str access_key;
    struct str region;
    FILE *trace;               /* NULL: none */
    struct clock_manual clock;
    struct store *store;
    struct api *api;
    struct api_worker *worker;
};

static void fail(struct runner *r, const char *format, ...) PRINTF_LIKE(2, 3);
static void fail(struct runner *r, const char *format, ...)
{
    r->failures++;
    fprintf(stderr, "%s:%zu: [%.*s] ", r->path, r->line, STR_ARG(r->title));
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\n    answer: %d %.*s\n", r->response.status, (int)(r->out.n < 4000 ? r->out.n : 4000), r->out.p);
}

/* ---- Text ---- */

static struct str trim(struct str s)
{
    while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
        s = str_of(s.p + 1, s.n - 1);
    }
    while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t' || s.p[s.n - 1] == '\r' || s.p[s.n - 1] == '\n')) {
        s.n--;
    }
    return s;
}

/* Cuts the first word off. */
static struct str word(struct str *s)
{
    *s = trim(*s);
    size_t n = 0;
    while (n < s->n && s->p[n] != ' ' && s->p[n] != '\t' && s->p[n] != '\n') {
        n++;
    }
    struct str w = str_of(s->p, n);
    *s = trim(str_of(s->p + n, s->n - n));
    return w;
}

static int64_t integer(struct str s)
{
    char digits[24] = {0};
    memcpy(digits, s.p, s.n < sizeof digits ? s.n : sizeof digits - 1);
    return strtoll(digits, NULL, 10);
}

/* The text of ${name}; absent if there is no such variable. */
static void expand_one(struct runner *r, struct str name, size_t i, struct buf *out)
{
    if (str_eq(name, STR("i"))) {
        buf_add_u64(out, i);
        return;
    }
    if (str_eq(name, STR("now"))) {
        buf_add_i64(out, r->clock.now / 1000);
        return;
    }
    if (str_starts_with(name, STR("repeat:"))) {
        size_t colon = name.n;
        while (name.p[colon - 1] != ':') {
            colon--;
        }
        int64_t times = integer(str_of(name.p + colon, name.n - colon));
        for (int64_t t = 0; colon > 8 && t < times; t++) {
            buf_add(out, name.p + 7, colon - 8);
        }
        return;
    }
    for (size_t v = r->variable_count; v-- > 0;) {
        if (str_eq(r->variables[v].name, name)) {
            buf_add_str(out, r->variables[v].value);
            return;
        }
    }
    fail(r, "${%.*s} is not set", STR_ARG(name));
}

static struct str expand(struct runner *r, struct str s, size_t i)
{
    struct buf out;
    buf_init(&out, TEXT_MAX);
    for (size_t at = 0; at < s.n; at++) {
        const char *end = NULL;
        if (s.p[at] == '$' && at + 2 < s.n && s.p[at + 1] == '{') {
            end = memchr(s.p + at, '}', s.n - at);
        }
        if (end == NULL) {
            buf_add_byte(&out, s.p[at]);
            continue;
        }
        expand_one(r, str_of(s.p + at + 2, (size_t)(end - s.p) - at - 2), i, &out);
        at = (size_t)(end - s.p);
    }
    struct str copy = arena_copy(&r->scratch, str_of(out.p, out.n));
    buf_release(&out);
    return copy;
}

/* The next line with its newline; n is 0 at the end. */
static struct str line_at(const struct runner *r)
{
    const char *p = r->text.p + r->at;
    size_t left = r->text.n - r->at;
    const char *newline = left > 0 ? memchr(p, '\n', left) : NULL;
    return str_of(p, newline != NULL ? (size_t)(newline - p) + 1 : left);
}

static bool is_statement(struct str line)
{
    return trim(line).n == 0 || memchr("#=><@$", line.p[0], 6) != NULL;
}

/* A statement with the lines that continue it; false at the end. */
static bool statement(struct runner *r, struct str *out)
{
    struct str first = line_at(r);
    if (first.n == 0) {
        return false;
    }
    r->line = r->next_line;
    *out = first;
    r->at += first.n;
    r->next_line++;
    bool continues = first.p[0] == '>' || first.p[0] == '<';
    for (struct str next = line_at(r); continues && next.n > 0 && !is_statement(next); next = line_at(r)) {
        out->n += next.n;
        r->at += next.n;
        r->next_line++;
    }
    *out = trim(*out);
    return true;
}

/* ---- Statements ---- */

static struct str target_of(struct runner *r, struct str name)
{
    static const char *const streams[] = {"DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"};
    for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
        if (str_eq(name, str_from(streams[i]))) {
            return arena_printf(&r->arena, "DynamoDBStreams_20120810.%.*s", STR_ARG(name));
        }
    }
    return arena_printf(&r->arena, "DynamoDB_20120810.%.*s", STR_ARG(name));
}

static void send(struct runner *r, struct str name, struct str body)
{
    arena_reset(&r->arena);
    buf_clear(&r->out, 1 << 20);
    r->response = (struct response){0};
    struct header headers[] = {
        {STR("Host"), STR("localhost:8000")},
        {STR("Content-Type"), STR("application/x-amz-json-1.0")},
        {STR("X-Amz-Date"), STR("20260101T000000Z")},
        {STR("X-Amz-Target"), target_of(r, name)},
        {STR("Authorization"),
         arena_printf(&r->arena,
                      "AWS4-HMAC-SHA256 Credential=%.*s/20260101/%.*s/dynamodb/aws4_request, SignedHeaders=host, Signature=00",
                      STR_ARG(r->access_key), STR_ARG(r->region))},
    };
    struct request request = {STR("POST"), STR("/"), STR(""), headers, sizeof headers / sizeof headers[0], body, {0}};
    struct call *call = NULL;
    if (api_begin(r->api, r->worker, &request, &r->arena, &r->out, &r->response, &call) == API_WRITE) {
        api_write_batch(r->api, &call, 1, &r->scratch);
    }
    if (!json_parse(str_of(r->out.p, r->out.n), &r->arena, &r->answer)) {
        r->answer = NULL;
    }
}

static struct str member_text(const struct json *answer, const char *name)
{
    const struct json *json =
        answer != NULL && json_type(answer) == JSON_OBJECT ? json_get(answer, str_from(name)) : NULL;
    return json != NULL && json_type(json) == JSON_STRING ? json_str(json) : (struct str){0};
}

static struct str message_of(const struct json *answer)
{
    struct str message = member_text(answer, "message");
    return message.p != NULL ? message : member_text(answer, "Message");
}

/* What the last answer showed: the operation, the status and, of a fault, its type and text. */
static void trace(struct runner *r)
{
    struct str type = member_text(r->answer, "__type");
    const char *hash = type.n > 0 ? memchr(type.p, '#', type.n) : NULL;
    if (hash != NULL) {
        type = str_of(hash + 1, type.n - (size_t)(hash + 1 - type.p));
    }
    struct buf line;
    buf_init(&line, TEXT_MAX);
    buf_add_literal(&line, "{\"file\":");
    json_write_string(&line, str_from(r->path));
    buf_printf(&line, ",\"line\":%zu,\"status\":%d,\"operation\":", r->line, r->response.status);
    json_write_string(&line, r->operation);
    buf_add_literal(&line, ",\"type\":");
    json_write_string(&line, type);
    buf_add_literal(&line, ",\"message\":");
    json_write_string(&line, message_of(r->answer));
    buf_add_literal(&line, "}\n");
    fwrite(line.p, 1, line.n, r->trace);
    buf_release(&line);
}

static void do_request(struct runner *r, struct str s)
{
    bool is_loop = s.n > 0 && s.p[0] == '*';
    int64_t times = 1;
    if (is_loop) {
        struct str count = word(&s);
        times = integer(str_of(count.p + 1, count.n - 1));
    }
    struct str name = word(&s);
    r->operation = arena_copy(&r->kept, name);
    for (int64_t i = 0; i < times; i++) {
        send(r, name, expand(r, s, (size_t)i));
        if (is_loop && r->response.status != 200) {
            fail(r, "status 200 wanted for number %" PRId64, i);
            return;
        }
    }
}

static void expect_fault(struct runner *r, struct str s)
{
    struct str type = word(&s);
    struct str got = member_text(r->answer, "__type");
    for (size_t i = 0; i < got.n; i++) {
        if (got.p[i] == '#') {
            got = str_of(got.p + i + 1, got.n - i - 1);
        }
    }
    if (!str_eq(type, got)) {
        fail(r, "__type %.*s wanted", STR_ARG(type));
        return;
    }
    if (s.n == 0) {
        return;
    }
    bool is_pattern = s.p[0] == '~';
    s = trim(str_of(s.p + is_pattern, s.n - is_pattern));
    if (s.n < 2 || s.p[0] != '"' || s.p[s.n - 1] != '"') {
        fail(r, "a message must stand in quotes: %.*s", STR_ARG(s));
        return;
    }
    struct str want = str_of(s.p + 1, s.n - 2);
    struct str message = message_of(r->answer);
    struct str pattern = arena_printf(&r->scratch, "%.*s%c", STR_ARG(want), 0);
    if (message.p == NULL ||
        !(is_pattern ? matches_regex(pattern.p, message, &r->scratch) : str_eq(message, want))) {
        fail(r, "message wanted: %.*s", STR_ARG(want));
    }
}

static void check_answer(struct runner *r, struct str s)
{
    s = expand(r, s, 0);
    struct str status = word(&s);
    if (integer(status) != r->response.status) {
        fail(r, "status %.*s wanted: %.*s", STR_ARG(status), STR_ARG(s));
        return;
    }
    if (s.n == 0) {
        return;
    }
    if (s.p[0] != '{' && s.p[0] != '[') {
        expect_fault(r, s);
        return;
    }
    const struct json *want;
    if (!json_parse(s, &r->scratch, &want)) {
        fail(r, "the expectation is no JSON: %.*s", STR_ARG(s));
    } else if (r->answer == NULL || !json_matches(want, r->answer, &r->scratch)) {
        fail(r, "body wanted: %.*s", STR_ARG(s));
    }
}

static void do_expect(struct runner *r, struct str s)
{
    size_t failures = r->failures;
    r->expectations++;
    check_answer(r, s);
    if (r->trace != NULL && r->failures == failures) {
        trace(r);
    }
}

static const struct json *walk(const struct json *json, struct str path)
{
    while (json != NULL && path.n > 0) {
        const char *dot = memchr(path.p, '.', path.n);
        struct str step = str_of(path.p, dot != NULL ? (size_t)(dot - path.p) : path.n);
        path = dot != NULL ? str_of(dot + 1, path.n - step.n - 1) : str_of(path.p, 0);
        if (json_type(json) == JSON_OBJECT) {
            json = json_get(json, step);
        } else {
            json = json_type(json) == JSON_ARRAY ? json_at(json, (size_t)integer(step)) : NULL;
        }
    }
    return json;
}

static void do_capture(struct runner *r, struct str s)
{
    struct str name = word(&s);
    struct str equals = word(&s);
    const struct json *json = r->answer == NULL ? NULL : walk(r->answer, s);
    if (!str_eq(equals, STR("=")) || json == NULL || r->variable_count == VARIABLES_MAX) {
        fail(r, "nothing to take at %.*s", STR_ARG(s));
        return;
    }
    struct buf text;
    buf_init(&text, TEXT_MAX);
    json_write(&text, json);
    bool is_string = json_type(json) == JSON_STRING;
    struct str value = str_of(text.p + is_string, text.n - 2 * (size_t)is_string);
    r->variables[r->variable_count++] = (struct variable){arena_copy(&r->kept, name), arena_copy(&r->kept, value)};
    buf_release(&text);
}

static void do_setting(struct runner *r, struct str s)
{
    struct str what = word(&s);
    if (what.n > 1 && what.p[0] == '+') {
        r->clock.now += integer(str_of(what.p + 1, what.n - 1));
        int64_t due_ms;
        size_t steps = 0;
        while (api_background(r->api, 1000, &r->scratch, &due_ms)) {
            if (++steps > 100000) {
                fail(r, "background work does not end");
                return;
            }
        }
    } else if (str_eq(what, STR("key"))) {
        r->access_key = arena_copy(&r->kept, word(&s));
        r->region = arena_copy(&r->kept, word(&s));
    } else {
        fail(r, "unknown setting %.*s", STR_ARG(what));
    }
}

static void do_statement(struct runner *r, struct str s)
{
    struct str rest = s.n > 0 ? trim(str_of(s.p + 1, s.n - 1)) : s;
    switch (s.n > 0 ? s.p[0] : '#') {
    case '#':
        break;
    case '=':
        r->title = s.n > 2 ? trim(str_of(s.p + 2, s.n - 2)) : rest;
        break;
    case '>':
        do_request(r, rest);
        break;
    case '<':
        do_expect(r, rest);
        break;
    case '$':
        do_capture(r, rest);
        break;
    case '@':
        do_setting(r, rest);
        break;
    default:
        fail(r, "not a statement: %.*s", STR_ARG(s));
    }
    arena_reset(&r->scratch);
}

/* ---- Files ---- */

static void log_line(void *context, struct str line)
{
    (void)context;
    if (getenv("STATOR_TEST_LOG") != NULL) {
        fprintf(stderr, "log: %.*s\n", STR_ARG(line));
    }
}

static void runner_open(struct runner *r, const char *path, struct str text)
{
    *r = (struct runner){.path = path, .text = text, .next_line = 1, .title = STR("before the first case")};
    r->access_key = STR("test");
    r->region = STR("us-east-1");
    const char *trace_path = getenv("STATOR_TEST_TRACE");
    r->trace = trace_path != NULL ? fopen(trace_path, "ab") : NULL;
    arena_init(&r->kept, 1 << 20);
    arena_init(&r->arena, 1 << 20);
    arena_init(&r->scratch, 1 << 20);
    buf_init(&r->out, TEXT_MAX);
    clock_manual_init(&r->clock, START_MS);
    struct err err;
    err_init(&err, &r->kept);
    struct store_options store_options = {.clock = &r->clock.clock};
    if (!store_open(&store_options, &r->store, &err)) {
        fprintf(stderr, "%.*s\n", STR_ARG(err.message));
        exit(1);
    }
    struct api_options options = {
        .store = r->store, .clock = &r->clock.clock, .account = STR("000000000000"), .seed = 1, .log = log_line};
    r->api = api_new(&options);
    r->worker = api_worker_new(r->api);
}

static void check_store(struct runner *r)
{
    struct reader *reader = reader_new(r->store);
    struct err err;
    err_init(&err, &r->kept);
    struct txn *txn;
    bool ok = txn_begin_read(reader, &txn, &err);
    if (ok) {
        ok = store_check(txn, &err);
        txn_end_read(txn);
    }
    if (!ok) {
        fail(r, "store_check: %.*s", STR_ARG(err.message));
    }
    reader_free(reader);
}

static size_t runner_close(struct runner *r)
{
    check_store(r);
    api_worker_free(r->worker);
    api_free(r->api);
    store_close(r->store);
    if (r->trace != NULL) {
        fclose(r->trace);
    }
    buf_release(&r->out);
    arena_release(&r->scratch);
    arena_release(&r->arena);
    arena_release(&r->kept);
    return r->failures;
}

static size_t run_text(const char *path, struct str text)
{
    struct runner *r = malloc(sizeof *r);
    ensure(r != NULL);
    runner_open(r, path, text);
    struct str s;
    while (statement(r, &s)) {
        do_statement(r, s);
    }
    if (r->expectations == 0) {
        fail(r, "the file expects nothing");
    }
    size_t failures = runner_close(r);
    free(r);
    return failures;
}

static size_t run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "%s: cannot be read\n", path);
        return 1;
    }
    struct buf text;
    buf_init(&text, TEXT_MAX);
    size_t n;
    do {
        n = fread(buf_reserve(&text, 65536), 1, 65536, file);
        text.n += n;
    } while (n > 0);
    fclose(file);
    size_t failures = run_text(path, str_of(text.p, text.n));
    buf_release(&text);
    return failures;
}

/* What the runner must see as right, and one by one as wrong. */
static size_t run_self(void)
{
    static const char right[] = "== limits\n> DescribeLimits\n {}\n< 200 {\"AccountMaxReadCapacityUnits\": 80000.0,\n \"...\": true}\n"
                                "$n = TableMaxReadCapacityUnits\n< 200 {\"AccountMaxReadCapacityUnits\": \"~number\",\n"
                                "\"AccountMaxWriteCapacityUnits\": \"*\", \"TableMaxReadCapacityUnits\": ${n},\n"
                                "\"TableMaxWriteCapacityUnits\": 40000}\n> Nothing {}\n< 400 UnknownOperationException\n"
                                ">*3 DescribeLimits {\"i\":${i}}\n";
    static const char *const wrong[] = {
        "> DescribeLimits {}\n< 400\n",
        "> DescribeLimits {}\n< 200 {}\n",
        "> DescribeLimits {}\n< 200 {\"...\": true, \"Absent\": \"*\"}\n",
        "> DescribeLimits {}\n< 200 {\"...\": true, \"AccountMaxReadCapacityUnits\": \"~uuid\"}\n",
        "> DescribeLimits {}\n< 200 {\"...\": true, \"AccountMaxReadCapacityUnits\": [\"~unordered\"]}\n",
        "> DescribeLimits {}\n< 200 {\n",
        "> DescribeLimits {}\n$n = Absent\n",
        "> Nothing {}\n< 400 ValidationException\n",
        "> Nothing {}\n< 400 UnknownOperationException \"a text\"\n",
        ">*2 Nothing {}\n",
        "> DescribeLimits ${absent}\n",
        "@ nothing\n< 200\n",
        "> DescribeLimits {}\n",
        "nothing\n",
    };
    size_t failures = run_text("right", str_from(right));
    FILE *quiet = freopen("/dev/null", "w", stderr);
    for (size_t i = 0; quiet != NULL && i < sizeof wrong / sizeof wrong[0]; i++) {
        if (run_text("wrong", str_from(wrong[i])) == 0) {
            printf("the runner does not see what is wrong in: %s", wrong[i]);
            failures++;
        }
    }
    return failures;
}

int main(int argc, char **argv)
{
    size_t failures = argc < 2 ? run_self() : 0;
    for (int i = 1; i < argc; i++) {
        failures += run_file(argv[i]);
    }
    printf("%zu failures\n", failures);
    return failures == 0 ? 0 : 1;
}
