/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_request.c — whole requests. The first line of the input is the operation, the rest its body; it goes through api_begin and
 * api_write_batch against a store in memory with one table (Tab, key pk and sk, an index by g). The answer must be JSON, and must not be
 * a 500. The store is made anew now and then, so that inputs stay repeatable in short runs and tables do not pile up. */
#include "core/json.h"
#include "server/api/api.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUTS_PER_STORE 2000

struct target {
    struct clock_manual clock;
    struct store *store;
    struct api *api;
    struct api_worker *worker;
    struct arena arena;
    struct arena scratch;
    struct buf out;
    unsigned inputs;
};

static void send(struct target *target, struct str operation, struct str body)
{
    arena_reset(&target->arena);
    arena_reset(&target->scratch);
    buf_clear(&target->out, 1 << 20);
    bool is_stream = str_eq(operation, STR("DescribeStream")) || str_eq(operation, STR("GetRecords")) ||
                     str_eq(operation, STR("GetShardIterator")) || str_eq(operation, STR("ListStreams"));
    struct header headers[] = {
        {STR("X-Amz-Target"), arena_printf(&target->arena, "%s_20120810.%.*s", is_stream ? "DynamoDBStreams" : "DynamoDB",
                                           STR_ARG(operation))},
        {STR("Content-Type"), STR("application/json")},
        {STR("X-Amz-Date"), STR("20260101T000000Z")},
        {STR("Authorization"), STR("AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/dynamodb/aws4_request, "
                                   "SignedHeaders=host, Signature=00")},
    };
    struct request request = {STR("POST"), STR("/"), STR(""), headers, sizeof headers / sizeof headers[0], body, {0}};
    struct response response = {0};
    struct call *call = NULL;
    if (api_begin(target->api, target->worker, &request, &target->arena, &target->out, &response, &call) == API_WRITE) {
        api_write_batch(target->api, &call, 1, &target->scratch);
    }
    const struct json *answer;
    struct str text = str_of(target->out.p, target->out.n);
    ensure(response.status == 200 || response.status == 400);
    ensure(text.n == 0 || json_parse(text, &target->arena, &answer));
}

static void target_close(struct target *target)
{
    api_worker_free(target->worker);
    api_free(target->api);
    store_close(target->store);
    buf_release(&target->out);
    arena_release(&target->scratch);
    arena_release(&target->arena);
}

static void target_open(struct target *target)
{
    *target = (struct target){0};
    arena_init(&target->arena, 1 << 20);
    arena_init(&target->scratch, 1 << 20);
    buf_init(&target->out, (size_t)256 * 1024 * 1024);
    clock_manual_init(&target->clock, 1767225600000);
    struct err err;
    err_init(&err, &target->arena);
    struct store_options store_options = {.clock = &target->clock.clock};
    ensure(store_open(&store_options, &target->store, &err));
    struct api_options options = {.store = target->store, .clock = &target->clock.clock, .seed = 1};
    target->api = api_new(&options);
    target->worker = api_worker_new(target->api);
    static const char *const beginning[][2] = {
        {"CreateTable",
         "{\"TableName\":\"Tab\",\"BillingMode\":\"PAY_PER_REQUEST\",\"AttributeDefinitions\":[{\"AttributeName\":\"pk\","
         "\"AttributeType\":\"S\"},{\"AttributeName\":\"sk\",\"AttributeType\":\"N\"},{\"AttributeName\":\"g\","
         "\"AttributeType\":\"S\"}],\"KeySchema\":[{\"AttributeName\":\"pk\",\"KeyType\":\"HASH\"},{\"AttributeName\":\"sk\","
         "\"KeyType\":\"RANGE\"}],\"GlobalSecondaryIndexes\":[{\"IndexName\":\"gsi\",\"KeySchema\":[{\"AttributeName\":\"g\","
         "\"KeyType\":\"HASH\"}],\"Projection\":{\"ProjectionType\":\"ALL\"}}]}"},
        {"PutItem", "{\"TableName\":\"Tab\",\"Item\":{\"pk\":{\"S\":\"a\"},\"sk\":{\"N\":\"1\"},\"g\":{\"S\":\"g\"},"
                    "\"l\":{\"L\":[{\"N\":\"1\"},{\"SS\":[\"x\"]}]},\"m\":{\"M\":{\"n\":{\"NULL\":true}}}}}"},
    };
    for (size_t i = 0; i < sizeof beginning / sizeof beginning[0]; i++) {
        send(target, str_from(beginning[i][0]), str_from(beginning[i][1]));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct target target;
    static bool is_open;
    if (is_open && ++target.inputs > INPUTS_PER_STORE) {
        target_close(&target);
        is_open = false;
    }
    if (!is_open) {
        target_open(&target);
        is_open = true;
    }
    struct str input = str_of((const char *)data, size);
    const char *newline = size > 0 ? memchr(input.p, '\n', size) : NULL;
    if (newline == NULL || newline - input.p > 100) {
        return 0;
    }
    size_t n = (size_t)(newline - input.p);
    send(&target, str_of(input.p, n), str_of(newline + 1, size - n - 1));
    if (str_eq(str_of(input.p, n), STR("DeleteTable"))) {
        target.inputs = INPUTS_PER_STORE; /* the next input finds the table again */
    }
    return 0;
}
