/* SPDX-License-Identifier: Apache-2.0 */
/* transact_batch_test.c — writes that share one transaction: each sees those before it, a token that is pending there is honoured, and
 * what is run again because the map was full is done once. */
#include "tests/server/api/served.h"

#include "server/api/op.h"

#define CALLS_MAX 64

struct sent {
    struct arena arena;
    struct buf out;
    struct response response;
    struct request request;
    struct header headers[4];
    struct call *call;
};

static void begin(struct served *s, struct sent *sent, const char *target, struct str body)
{
    arena_init(&sent->arena, 0);
    buf_init(&sent->out, 1 << 20);
    sent->response = (struct response){0};
    sent->headers[0] = (struct header){STR("X-Amz-Target"), str_from(target)};
    sent->headers[1] = (struct header){STR("Content-Type"), STR("application/json")};
    sent->headers[2] = (struct header){STR("X-Amz-Date"), STR("20260101T000000Z")};
    sent->headers[3] =
        (struct header){STR("Authorization"), STR("AWS4-X Credential=k/d/r/s/t Signature=0 SignedHeaders=h")};
    sent->request = (struct request){STR("POST"), STR("/"), STR(""), sent->headers, 4, body, {0}};
    sent->call = NULL;
    enum api_next next =
        api_begin(s->api, s->worker, &sent->request, &sent->arena, &sent->out, &sent->response, &sent->call);
    CHECK_EQ(next, API_WRITE);
}

static void run_batch(struct served *s, struct sent *calls, size_t count)
{
    struct call *list[CALLS_MAX];
    for (size_t i = 0; i < count; i++) {
        list[i] = calls[i].call;
    }
    api_write_batch(s->api, list, count, &s->scratch);
}

static struct str body_of(const struct sent *sent)
{
    return str_of(sent->out.p, sent->out.n);
}

static void release(struct sent *calls, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_release(&calls[i].out);
        arena_release(&calls[i].arena);
    }
}

/* One write in a batch of its own; its body is compared. */
static void write_one(struct served *s, const char *target, struct str body, const char *want)
{
    struct sent call;
    begin(s, &call, target, body);
    run_batch(s, &call, 1);
    if (want) {
        CHECK_STR(body_of(&call), str_from(want));
    } else {
        CHECK_EQ(call.response.status, 200);
    }
    release(&call, 1);
}

#define CREATE                                                                                                         \
    "{\"TableName\":\"Tab\",\"BillingMode\":\"PAY_PER_REQUEST\",\"AttributeDefinitions\":[{\"AttributeName\":\"pk\","  \
    "\"AttributeType\":\"S\"}],\"KeySchema\":[{\"AttributeName\":\"pk\",\"KeyType\":\"HASH\"}]}"
#define COUNT_BY(token, n)                                                                                             \
    STR("{\"ClientRequestToken\":\"" token "\",\"ReturnConsumedCapacity\":\"TOTAL\",\"TransactItems\":[{\"Update\":{"  \
        "\"TableName\":\"Tab\",\"Key\":{\"pk\":{\"S\":\"n\"}},\"UpdateExpression\":\"ADD n :one\","                    \
        "\"ExpressionAttributeValues\":{\":one\":{\"N\":\"" n "\"}}}}]}")
#define TRANSACT "DynamoDB_20120810.TransactWriteItems"
#define WRITTEN                                                                                                        \
    "{\"ConsumedCapacity\":[{\"TableName\":\"Tab\",\"CapacityUnits\":2.0,\"WriteCapacityUnits\":2.0}]}"
#define REPLAYED "{\"ConsumedCapacity\":[{\"TableName\":\"Tab\",\"CapacityUnits\":2.0,\"ReadCapacityUnits\":2.0}]}"
#define READ_BACK                                                                                                      \
    STR("{\"TableName\":\"Tab\",\"Key\":{\"pk\":{\"S\":\"n\"}},\"ReturnValues\":\"ALL_OLD\"}")

static void open_with_table(struct served *s, struct store_options store_options)
{
    served_open(s, (struct api_options){0}, store_options);
    write_one(s, "DynamoDB_20120810.CreateTable", STR(CREATE), NULL);
}

/* The second of two equal requests in one batch finds the first one's token, though nothing is committed. */
static void test_token_in_one_batch(void **state)
{
    (void)state;
    struct served s;
    open_with_table(&s, (struct store_options){0});
    struct sent calls[4];
    begin(&s, &calls[0], TRANSACT, COUNT_BY("t", "1"));
    begin(&s, &calls[1], TRANSACT, COUNT_BY("t", "1"));
    begin(&s, &calls[2], TRANSACT, COUNT_BY("t", "2"));
    begin(&s, &calls[3], TRANSACT, COUNT_BY("u", "10"));
    run_batch(&s, calls, 4);
    CHECK_STR(body_of(&calls[0]), STR(WRITTEN));
    CHECK_STR(body_of(&calls[1]), STR(REPLAYED));
    CHECK_EQ(calls[2].response.status, 400);
    CHECK_STR(body_of(&calls[3]), STR(WRITTEN));
    release(calls, 4);
    write_one(&s, "DynamoDB_20120810.DeleteItem", READ_BACK,
              "{\"Attributes\":{\"pk\":{\"S\":\"n\"},\"n\":{\"N\":\"11\"}}}");
    served_close(&s);
}

/* Each request of a batch works on what those before it left. */
static void test_batch_is_in_order(void **state)
{
    (void)state;
    struct served s;
    open_with_table(&s, (struct store_options){0});
    struct sent calls[3];
    struct str put = STR("{\"TableName\":\"Tab\",\"Item\":{\"pk\":{\"S\":\"n\"}},\"ConditionExpression\":"
                         "\"attribute_not_exists(pk)\"}");
    begin(&s, &calls[0], "DynamoDB_20120810.PutItem", put);
    begin(&s, &calls[1], "DynamoDB_20120810.PutItem", put);
    begin(&s, &calls[2], TRANSACT, COUNT_BY("t", "5"));
    run_batch(&s, calls, 3);
    CHECK_EQ(calls[0].response.status, 200);
    CHECK_EQ(calls[1].response.status, 400);
    CHECK_STR(body_of(&calls[2]), STR(WRITTEN));
    release(calls, 3);
    write_one(&s, "DynamoDB_20120810.DeleteItem", READ_BACK,
              "{\"Attributes\":{\"pk\":{\"S\":\"n\"},\"n\":{\"N\":\"5\"}}}");
    served_close(&s);
}

/* So much that the map must grow in the middle of the batch: everything before is run again, and the counter counts once. */
static void test_run_again(void **state)
{
    (void)state;
    struct served s;
    open_with_table(&s, (struct store_options){.memory_step_bytes = 1 << 20});
    struct sent calls[40];
    begin(&s, &calls[0], TRANSACT, COUNT_BY("t", "1"));
    for (size_t i = 1; i < 40; i++) {
        struct buf body;
        buf_init(&body, 1 << 20);
        buf_printf(&body, "{\"TransactItems\":[{\"Put\":{\"TableName\":\"Tab\",\"Item\":{\"pk\":{\"S\":\"%zu\"},\"d\":{\"S\":\"", i);
        for (size_t k = 0; k < 100000; k++) {
            buf_add_byte(&body, 'x');
        }
        buf_add_literal(&body, "\"}}}}]}");
        struct str text = arena_copy(&s.arena, str_of(body.p, body.n));
        buf_release(&body);
        begin(&s, &calls[i], TRANSACT, text);
    }
    run_batch(&s, calls, 40);
    for (size_t i = 0; i < 40; i++) {
        CHECK_STR(body_of(&calls[i]), i == 0 ? STR(WRITTEN) : STR("{}"));
    }
    release(calls, 40);
    write_one(&s, TRANSACT, COUNT_BY("t", "1"), REPLAYED);
    write_one(&s, "DynamoDB_20120810.DeleteItem", READ_BACK,
              "{\"Attributes\":{\"pk\":{\"S\":\"n\"},\"n\":{\"N\":\"1\"}}}");
    served_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_token_in_one_batch),
        cmocka_unit_test(test_batch_is_in_order),
        cmocka_unit_test(test_run_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
