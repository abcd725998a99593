/* SPDX-License-Identifier: Apache-2.0 */
/* dispatch_test.c — the registry, faults, tables by name or ARN, and what api_write_batch promises, with operations made for it. */
#include "tests/server/api/served.h"

#include "core/json.h"
#include "server/api/fault.h"
#include "server/api/op.h"
#include "server/api/tables.h"

#include <unistd.h>

/* ---- Operations made for the test ---- */

/* What a call does in its runs, and what is seen of it. */
struct script {
    struct str table;      /* created, as the write that must be rolled back */
    enum err_kind fails;   /* ERR_NONE: never */
    int failing_runs;      /* how many runs fail so; −1: all */
    struct str needs;      /* a table that must exist, else a user error */
    /* seen */
    int runs;
    int publications;
    struct txn *txn;
    size_t out_at_run;
    size_t headers_at_run;
};

static bool create_table(struct call *call, struct str name, struct err *err)
{
    if (call->namespace_id == NAMESPACE_NONE) {
        return err_set(err, ERR_VALIDATION, "no namespace");
    }
    struct table_desc desc = {.namespace_id = call->namespace_id, .name = name, .settings = STR("{}")};
    desc.key.hash[0] = (struct key_part){STR("pk"), VALUE_S};
    desc.key.hash_count = 1;
    return table_create(call->txn, &desc, err);
}

static bool fake_run(struct call *call, void *in, struct err *err)
{
    struct script *script = in;
    script->runs++;
    script->txn = call->txn;
    script->out_at_run = call->out->n;
    script->headers_at_run = call->response->header_count;
    memset(arena_alloc(call->arena, 4096), 'x', 4096);
    buf_add_literal(call->out, "{\"done\":true}");
    response_add_header(call->response, STR("X-Test"), STR("1"));
    const struct table_desc *table;
    if (script->needs.p != NULL && !table_for_items(call, script->needs, &table, err)) {
        return false;
    }
    if (script->table.p != NULL && !create_table(call, script->table, err)) {
        return false;
    }
    bool fails = script->failing_runs < 0 || script->runs <= script->failing_runs;
    if (script->fails != ERR_NONE && fails) {
        return err_set(err, script->fails, "text of %d", script->runs);
    }
    return true;
}

static void fake_publish(struct call *call, void *in)
{
    (void)call;
    ((struct script *)in)->publications++;
}

static const struct op fake_write = {
    .name = "FakeWrite", .txn = TXN_WRITE, .has_enveloped_requests = true, .run = fake_run, .publish = fake_publish};
static const struct op fake_catalog = {.name = "FakeCatalog", .txn = TXN_CATALOG, .run = fake_run};

struct fake {
    struct call call;
    struct err err;
    struct arena arena;
    struct buf out;
    struct response response;
    struct random random;
    struct script *script;
};

static void fake_open(struct fake *fake, struct served *served, const struct op *op, struct script *script)
{
    *fake = (struct fake){.script = script};
    arena_init(&fake->arena, 0);
    buf_init(&fake->out, 1 << 20);
    buf_add_literal(&fake->out, "head");
    err_init(&fake->err, &fake->arena);
    response_add_header(&fake->response, STR("Before"), STR("1"));
    fake->call = (struct call){.api = served->api, .op = op, .in = script, .arena = &fake->arena, .out = &fake->out,
                               .clock = &served->clock.clock, .random = &fake->random, .response = &fake->response,
                               .access_key = STR("key"), .region = STR("region"), .account = STR("000000000000"),
                               .err = &fake->err, .out_start = 4, .namespace_id = NAMESPACE_NONE};
}

static void fake_close(struct fake *fake)
{
    buf_release(&fake->out);
    arena_release(&fake->arena);
}

#define FAKES_MAX 8

/* Opens, writes and leaves the answers in fakes. */
static void run_batch(struct served *served, struct fake *fakes, struct script *scripts, const struct op *const *ops,
                      size_t count)
{
    struct call *calls[FAKES_MAX];
    for (size_t i = 0; i < count; i++) {
        fake_open(&fakes[i], served, ops[i], &scripts[i]);
        calls[i] = &fakes[i].call;
    }
    api_write_batch(served->api, calls, count, &served->scratch);
}

static void close_all(struct fake *fakes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fake_close(&fakes[i]);
    }
}

static void answered(struct fake *fake, int status, const char *body)
{
    CHECK_STR(str_of(fake->out.p, fake->out.n), str_from(body));
    CHECK_EQ(fake->response.status, status);
}

#define DONE "head{\"done\":true}"

static bool table_exists(struct served *served, struct str name)
{
    struct reader *reader = reader_new(served->store);
    struct txn *txn;
    struct err err;
    err_init(&err, &served->arena);
    uint32_t id;
    CHECK(txn_begin_read(reader, &txn, &err));
    CHECK(namespace_find(txn, STR("key"), STR("region"), &id, &err));
    bool exists = id != NAMESPACE_NONE && table_find(txn, id, name) != NULL;
    txn_end_read(txn);
    reader_free(reader);
    return exists;
}

/* ---- Batches ---- */

static const struct op *const writes[] = {&fake_write, &fake_write, &fake_write, &fake_write};

/* Only a catalog call makes the namespace. */
static void make_namespace(struct served *served)
{
    struct fake fakes[2];
    struct script scripts[2] = {{.table = STR("zero")}, {.table = STR("first")}};
    const struct op *const ops[] = {&fake_write, &fake_catalog};
    run_batch(served, fakes, scripts, ops, 2);
    answered(&fakes[0], 400,
             "head{\"__type\":\"com.amazon.coral.validate#ValidationException\",\"message\":\"no namespace\"}");
    answered(&fakes[1], 200, DONE);
    close_all(fakes, 2);
}

static void users_errors_are_their_own(void **state)
{
    struct served *s = *state;
    struct fake fakes[4];
    struct script scripts[4] = {
        {.needs = STR("one")},
        {.table = STR("one")},
        {.fails = ERR_REQUEST, .failing_runs = 1},
        {.needs = STR("one")},
    };
    run_batch(s, fakes, scripts, writes, 4);
    answered(&fakes[0], 400,
             "head{\"__type\":\"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException\",\"message\":\"Requested "
             "resource not found\"}");
    answered(&fakes[1], 200, DONE);
    answered(&fakes[2], 400,
             "head{\"__type\":\"com.amazon.coral.validate#ValidationException\",\"message\":\"1 validation error "
             "detected: text of 1\"}");
    answered(&fakes[3], 200, DONE); /* it saw what the second wrote */
    for (size_t i = 0; i < 4; i++) {
        CHECK_EQ(scripts[i].runs, 1);
        CHECK(scripts[i].txn == scripts[0].txn);
        CHECK_EQ(scripts[i].publications, i == 1 || i == 3);
    }
    CHECK(table_exists(s, STR("one")));
    close_all(fakes, 4);
}

static void a_full_map_grows_and_all_run_again(void **state)
{
    struct served *s = *state;
    struct fake fakes[3];
    struct script scripts[3] = {
        {.table = STR("two")},
        {.fails = ERR_VALIDATION, .failing_runs = -1},
        {.fails = ERR_MAP_FULL, .failing_runs = 2},
    };
    run_batch(s, fakes, scripts, writes, 3);
    answered(&fakes[0], 200, DONE);
    answered(&fakes[1], 400,
             "head{\"__type\":\"com.amazon.coral.validate#ValidationException\",\"message\":\"text of 3\"}");
    answered(&fakes[2], 200, DONE);
    for (size_t i = 0; i < 3; i++) {
        CHECK_EQ(scripts[i].runs, 3);
        CHECK_EQ(scripts[i].out_at_run, 4);
        CHECK_EQ(scripts[i].headers_at_run, 1);
        CHECK_EQ(fakes[i].response.header_count, 2);
        CHECK_EQ(scripts[i].publications, i != 1);
        CHECK(arena_used(&fakes[i].arena) < 2 * 4096);
    }
    CHECK(table_exists(s, STR("two")));
    close_all(fakes, 3);
}

static void without_room_each_runs_alone(void **state)
{
    (void)state;
    struct served served;
    served_open(&served, (struct api_options){0},
                (struct store_options){.memory_step_bytes = 1 << 20, .memory_limit_bytes = 1 << 20});
    make_namespace(&served);
    struct fake fakes[3];
    struct script scripts[3] = {
        {.table = STR("fits")},
        {.table = STR("large"), .fails = ERR_MAP_FULL, .failing_runs = -1},
        {.table = STR("too")},
    };
    run_batch(&served, fakes, scripts, writes, 3);
    answered(&fakes[0], 200, DONE);
    CHECK_EQ(fakes[1].response.status, 500);
    struct str body = str_of(fakes[1].out.p, fakes[1].out.n);
    CHECK(str_starts_with(body, STR("head{\"__type\":\"com.amazonaws.dynamodb.v20120810#InternalServerError\",\"message\":"
                                    "\"The write was not done, the database has no room for it")));
    answered(&fakes[2], 200, DONE);
    CHECK(scripts[0].txn != NULL && scripts[2].runs >= 1);
    CHECK(table_exists(&served, STR("fits")) && table_exists(&served, STR("too")));
    CHECK(!table_exists(&served, STR("large")));
    CHECK_EQ(scripts[0].publications, 1);
    CHECK_EQ(scripts[1].publications, 0);
    close_all(fakes, 3);
    CHECK(memmem(served.log.p, served.log.n, "FakeWrite failed", 16) != NULL);
    served_close(&served);
}

static void a_broken_call_does_not_break_the_others(void **state)
{
    struct served *s = *state;
    struct fake fakes[2];
    struct script scripts[2] = {{.table = STR("three")}, {.fails = ERR_INTERNAL, .failing_runs = -1}};
    run_batch(s, fakes, scripts, writes, 2);
    answered(&fakes[0], 200, DONE);
    CHECK_EQ(fakes[1].response.status, 500);
    CHECK(table_exists(s, STR("three")));
    CHECK_EQ(scripts[0].runs, 2);
    close_all(fakes, 2);
}

static void catalog_calls_run_alone(void **state)
{
    struct served *s = *state;
    struct fake fakes[4];
    struct script scripts[4] = {
        {.table = STR("four")},
        {.table = STR("five"), .fails = ERR_RESOURCE_IN_USE, .failing_runs = 0},
        {.fails = ERR_MAP_FULL, .failing_runs = 1},
        {.table = STR("six")},
    };
    const struct op *const ops[] = {&fake_write, &fake_catalog, &fake_write, &fake_write};
    int64_t due_ms;
    while (api_background(s->api, 1000, &s->scratch, &due_ms)) {
    }
    CHECK(!api_background_wanted(s->api));
    run_batch(s, fakes, scripts, ops, 4);
    for (size_t i = 0; i < 4; i++) {
        answered(&fakes[i], 200, DONE);
        CHECK_EQ(scripts[i].runs, i == 2 ? 2 : 1); /* a poisoned transaction takes only its own calls back */
    }
    CHECK(scripts[2].txn == scripts[3].txn);
    CHECK(api_background_wanted(s->api));
    CHECK(table_exists(s, STR("four")) && table_exists(s, STR("five")) && table_exists(s, STR("six")));
    close_all(fakes, 4);
}

/* Those who come while others run. */
struct late {
    struct call *calls[FAKES_MAX];
    size_t count;
    size_t taken;
    size_t least_room;
};

static size_t take_late(void *context, struct call **calls, size_t room)
{
    struct late *late = context;
    size_t n = 0;
    for (; late->taken < late->count && n < room; late->taken++, n++) {
        calls[n] = late->calls[late->taken];
    }
    late->least_room = room - n;
    return n;
}

static void late_calls_join(void **state)
{
    struct served *s = *state;
    struct fake fakes[5];
    struct script scripts[5] = {
        {.table = STR("seven")},
        {.fails = ERR_MAP_FULL, .failing_runs = 1},
        {.table = STR("eight")},
        {.needs = STR("eight")},
        {.table = STR("nine")},
    };
    const struct op *const ops[] = {&fake_write, &fake_write, &fake_catalog, &fake_write, &fake_write};
    struct late late = {.count = 3};
    const struct write_source source = {take_late, &late};
    struct call *calls[4];
    for (size_t i = 0; i < 5; i++) {
        fake_open(&fakes[i], s, ops[i], &scripts[i]);
        *(i == 0 ? &calls[0] : &late.calls[i - 1]) = &fakes[i].call;
    }
    api_write_joined(s->api, calls, 1, 4, &source, &s->scratch);
    CHECK_EQ(late.taken, 3);
    CHECK_EQ(late.least_room, 0); /* nobody is asked for more than there is room for */
    for (size_t i = 0; i < 4; i++) {
        answered(&fakes[i], 200, DONE);
        CHECK_EQ(scripts[i].runs, i < 2 ? 2 : 1); /* the first shares the transaction of the one that joined it */
        CHECK_EQ(scripts[i].out_at_run, 4);
        CHECK_EQ(fakes[i].response.header_count, 2);
    }
    CHECK(table_exists(s, STR("seven")) && table_exists(s, STR("eight")));
    CHECK_EQ(scripts[4].runs, 0);
    close_all(fakes, 5);
}

/* ---- Registry ---- */

static void operations_have_files_and_tests(void **state)
{
    (void)state;
    const char *before = "";
    size_t count = 0;
    for (const char *name; (name = api_operation_name(count)) != NULL; count++) {
        CHECK(strcmp(before, name) < 0); /* sorted, once */
        before = name;
        char snake[100];
        size_t n = 0;
        for (const char *p = name; *p != '\0'; p++) {
            bool is_upper = *p >= 'A' && *p <= 'Z';
            if (is_upper && p != name) {
                snake[n++] = '_';
            }
            snake[n++] = (char)(is_upper ? *p - 'A' + 'a' : *p);
        }
        snake[n] = '\0';
        char path[400];
        snprintf(path, sizeof path, "%s/server/api/ops/%s.c", PROJECT_DIR, snake);
        CHECK_EQ(access(path, R_OK), 0);
        snprintf(path, sizeof path, "%s/server/api/%s.test", TESTS_DIR, snake);
        CHECK_EQ(access(path, R_OK), 0);
        const struct op *op = op_find(str_from(name), false);
        const struct op *stream_op = op_find(str_from(name), true);
        CHECK((op == NULL) != (stream_op == NULL));
        op = op != NULL ? op : stream_op;
        CHECK_STR(str_from(op->name), str_from(name));
        CHECK(op->run != NULL);
        CHECK((op->input == NULL) == (op->input_size == 0));
    }
    CHECK(count >= 2);
    CHECK(op_find(STR("Nothing"), false) == NULL && op_find(STR(""), false) == NULL);
    CHECK(op_find(STR("DescribeLimit"), false) == NULL && op_find(STR("DescribeLimitsX"), false) == NULL);
}

/* ---- Faults ---- */

/* §1.5 §14 */
static void faults(void **state)
{
    struct served *s = *state;
    static const struct {
        enum err_kind kind;
        int status;
        const char *body;
    } wanted[] = {
#define D "com.amazonaws.dynamodb.v20120810#"
#define S "com.amazon.coral.service#"
#define V "com.amazon.coral.validate#"
        {ERR_VALIDATION, 400, "{\"__type\":\"" V "ValidationException\",\"message\":\"t\"}"},
        {ERR_REQUEST, 400, "{\"__type\":\"" V "ValidationException\",\"message\":\"t\"}"},
        {ERR_SERIALIZATION, 400, "{\"__type\":\"" S "SerializationException\",\"Message\":\"t\"}"},
        {ERR_BAD_JSON, 400, "{\"__type\":\"" S "SerializationException\"}"},
        {ERR_UNKNOWN_OPERATION, 400, "{\"__type\":\"" S "UnknownOperationException\"}"},
        {ERR_MISSING_AUTHENTICATION_TOKEN, 400, "{\"__type\":\"" S "MissingAuthenticationTokenException\",\"message\":\"t\"}"},
        {ERR_INCOMPLETE_SIGNATURE, 400, "{\"__type\":\"" S "IncompleteSignatureException\",\"message\":\"t\"}"},
        {ERR_INVALID_SIGNATURE, 400, "{\"__type\":\"" S "InvalidSignatureException\",\"message\":\"t\"}"},
        {ERR_UNRECOGNIZED_CLIENT, 400, "{\"__type\":\"" S "UnrecognizedClientException\",\"message\":\"t\"}"},
        {ERR_ACCESS_DENIED, 400, "{\"__type\":\"" S "AccessDeniedException\",\"Message\":\"t\"}"},
        {ERR_RESOURCE_NOT_FOUND, 400, "{\"__type\":\"" D "ResourceNotFoundException\",\"message\":\"t\"}"},
        {ERR_RESOURCE_IN_USE, 400, "{\"__type\":\"" D "ResourceInUseException\",\"message\":\"t\"}"},
        {ERR_TABLE_NOT_FOUND, 400, "{\"__type\":\"" D "TableNotFoundException\",\"message\":\"t\"}"},
        {ERR_LIMIT_EXCEEDED, 400, "{\"__type\":\"" D "LimitExceededException\",\"message\":\"t\"}"},
        {ERR_CONDITIONAL_CHECK_FAILED, 400, "{\"__type\":\"" D "ConditionalCheckFailedException\",\"message\":\"t\"}"},
        {ERR_TRANSACTION_CANCELED, 400, "{\"__type\":\"" D "TransactionCanceledException\",\"Message\":\"t\"}"},
        {ERR_TRANSACTION_CONFLICT, 400, "{\"__type\":\"" D "TransactionConflictException\",\"message\":\"t\"}"},
        {ERR_ITEM_COLLECTION_SIZE_LIMIT_EXCEEDED, 400,
         "{\"__type\":\"" D "ItemCollectionSizeLimitExceededException\",\"message\":\"t\"}"},
        {ERR_REQUEST_LIMIT_EXCEEDED, 400, "{\"__type\":\"" D "RequestLimitExceeded\",\"message\":\"t\"}"},
        {ERR_THROTTLING, 400, "{\"__type\":\"" D "ThrottlingException\",\"message\":\"t\"}"},
        {ERR_INTERNAL, 500, "{\"__type\":\"" D "InternalServerError\",\"message\":\"t\"}"},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        struct err err;
        err_init(&err, &s->arena);
        err_set(&err, wanted[i].kind, "t");
        buf_clear(&s->out, 1 << 16);
        fault_write(&err, false, &s->out);
        CHECK_STR(served_body(s), str_from(wanted[i].body));
        CHECK_EQ(fault_status(err.kind), wanted[i].status);
    }
    struct err err;
    err_init(&err, &s->arena);
    err_set_extra(&err, ERR_CONDITIONAL_CHECK_FAILED, STR("\"Item\":{}"), "\"quoted\"\n");
    buf_clear(&s->out, 1 << 16);
    fault_write(&err, true, &s->out);
    CHECK_STR(served_body(s), STR("{\"__type\":\"" D "ConditionalCheckFailedException\",\"message\":\"\\\"quoted\\\"\\n\","
                                  "\"Item\":{}}"));
    CHECK_STR(str_from(fault_name(ERR_VALIDATION)), STR("ValidationException"));
}

/* ---- Tables by name or ARN ---- */

static struct str name_error(struct served *s, const char *name, enum err_kind kind)
{
    struct call call = {.api = s->api, .arena = &s->arena, .region = STR("eu-west-1"), .account = STR("000000000000")};
    struct err err;
    err_init(&err, &s->arena);
    struct str out;
    CHECK(!table_name_of(&call, str_from(name), &out, &err));
    CHECK_EQ(err.kind, kind);
    return err.message;
}

/* §3.6 */
static void arns(void **state)
{
    struct served *s = *state;
    struct call call = {.api = s->api, .arena = &s->arena, .region = STR("eu-west-1"), .account = STR("000000000000")};
    struct err err;
    err_init(&err, &s->arena);
    static const char *const right[][2] = {
        {"name", "name"},
        {"", ""},
        {"arn:aws:dynamodb:eu-west-1:000000000000:table/T.a-b_1", "T.a-b_1"},
        {"arn:aws:dynamodb:ddblocal:000000000000:table/Tab", "Tab"},
        {"arn:aws-cn:dynamodb:eu-west-1:000000000000:table/Tab", "Tab"},
    };
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
        struct str out;
        CHECK(table_name_of(&call, str_from(right[i][0]), &out, &err));
        CHECK_STR(out, str_from(right[i][1]));
    }
#define ONE "1 validation error detected: "
    CHECK_STR(name_error(s, "arn:aws:dynamodb:us-east-1:000000000000:table/Tab", ERR_VALIDATION),
              STR(ONE "Invalid AWS region in 'arn:aws:dynamodb:us-east-1:000000000000:table/Tab'"));
    CHECK_STR(name_error(s, "arn:x:dynamodb:eu-west-1:000000000000:table/Tab", ERR_VALIDATION),
              STR(ONE "Invalid AWS partition in 'arn:x:dynamodb:eu-west-1:000000000000:table/Tab'"));
    CHECK_STR(name_error(s, "arn:aws:dynamodb:eu-west-1:000000000000:stream/Tab", ERR_VALIDATION),
              STR(ONE "Invalid resource type in 'arn:aws:dynamodb:eu-west-1:000000000000:stream/Tab'"));
    CHECK_STR(name_error(s, "arn:aws:dynamodb:eu-west-1:000000000000:table/Tab/index/I", ERR_VALIDATION),
              STR(ONE "Invalid resource type in 'arn:aws:dynamodb:eu-west-1:000000000000:table/Tab/index/I'"));
    CHECK_STR(name_error(s, "arn:aws:dynamodb:eu-west-1:111111111111:table/Tab", ERR_ACCESS_DENIED),
              STR("Access is denied"));
    static const char *const malformed[] = {"arn:", "arn:aws", "arn:aws:s3:eu-west-1:000000000000:table/Tab",
                                            "arn:aws:dynamodb:eu-west-1:000000000000:table/",
                                            "arn:aws:dynamodb:eu-west-1:000000000000:table/a!b"};
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
        CHECK(memmem(name_error(s, malformed[i], ERR_VALIDATION).p, 20, "1 validation error", 18) != NULL);
    }
    CHECK_STR(table_arn(&call, STR("Tab")), STR("arn:aws:dynamodb:eu-west-1:000000000000:table/Tab"));
    CHECK_STR(index_arn(&call, STR("Tab"), STR("I")),
              STR("arn:aws:dynamodb:eu-west-1:000000000000:table/Tab/index/I"));
}

/* ---- Namespaces ---- */

static size_t lines(const struct served *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->log.n; i++) {
        n += s->log.p[i] == '\n';
    }
    return n;
}

static bool looks_for(struct served *s, struct str key, struct str table)
{
    struct fake fake;
    struct script script = {.needs = table};
    fake_open(&fake, s, &fake_write, &script);
    fake.call.access_key = key;
    struct call *call = &fake.call;
    api_write_batch(s->api, &call, 1, &s->scratch);
    bool found = !call->failed;
    fake_close(&fake);
    return found;
}

static void missing_tables_are_hinted_at_once(void **state)
{
    (void)state;
    struct served served;
    struct served *s = &served;
    served_open(s, (struct api_options){0}, (struct store_options){0});
    struct fake fake;
    struct script script = {.table = STR("mine")};
    const struct op *const ops[] = {&fake_catalog};
    run_batch(s, &fake, &script, ops, 1);
    close_all(&fake, 1);
    CHECK_EQ(lines(s), 0);
    CHECK(looks_for(s, STR("key"), STR("mine")));
    CHECK(!looks_for(s, STR("other"), STR("mine")));
    CHECK_STR(str_of(s->log.p, s->log.n),
              STR("hint: access key \"other\" has no table mine in region \"region\", but there is one for access key \"key\" "
                  "in region \"region\". Data is kept apart per access key and region; -sharedDb joins it.\n"));
    CHECK(!looks_for(s, STR("other"), STR("mine")));
    CHECK_EQ(lines(s), 1);
    CHECK(!looks_for(s, STR("third"), STR("mine")));
    CHECK_EQ(lines(s), 2);
    CHECK(!looks_for(s, STR("other"), STR("nobodys")));
    CHECK_EQ(lines(s), 2);
    served_close(s);
}

static void a_shared_store_has_one_namespace(void **state)
{
    (void)state;
    struct served served;
    struct served *s = &served;
    served_open(s, (struct api_options){.is_shared = true}, (struct store_options){0});
    struct fake fake;
    struct script script = {.table = STR("ours")};
    const struct op *const ops[] = {&fake_catalog};
    run_batch(s, &fake, &script, ops, 1);
    close_all(&fake, 1);
    CHECK(looks_for(s, STR("key"), STR("ours")));
    CHECK(looks_for(s, STR("other"), STR("ours")));
    CHECK_EQ(lines(s), 0);
    served_close(s);
}

static int set_up(void **state)
{
    struct served *served = calloc(1, sizeof *served);
    *state = served;
    served_open(served, (struct api_options){0}, (struct store_options){0});
    make_namespace(served);
    return 0;
}

static int tear_down(void **state)
{
    served_close(*state);
    free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(users_errors_are_their_own),
        cmocka_unit_test(a_full_map_grows_and_all_run_again),
        cmocka_unit_test(without_room_each_runs_alone),
        cmocka_unit_test(a_broken_call_does_not_break_the_others),
        cmocka_unit_test(catalog_calls_run_alone),
        cmocka_unit_test(late_calls_join),
        cmocka_unit_test(operations_have_files_and_tests),
        cmocka_unit_test(faults),
        cmocka_unit_test(arns),
        cmocka_unit_test(missing_tables_are_hinted_at_once),
        cmocka_unit_test(a_shared_store_has_one_namespace),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
