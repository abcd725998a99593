/* SPDX-License-Identifier: Apache-2.0 */
/* conflicts_test.c — -conflicts: single writes and transactions of one batch on one item. */
#include "tests/server/api/served.h"

#include "server/api/op.h"

#define CALLS_MAX 5

struct sent {
    struct arena arena;
    struct buf out;
    struct response response;
    struct request request;
    struct header headers[4];
    struct call *call;
};

static void begin(struct served *s, struct sent *sent, const char *target, const char *body)
{
    arena_init(&sent->arena, 0);
    buf_init(&sent->out, 1 << 20);
    sent->response = (struct response){0};
    sent->headers[0] = (struct header){STR("X-Amz-Target"), str_from(target)};
    sent->headers[1] = (struct header){STR("Content-Type"), STR("application/json")};
    sent->headers[2] = (struct header){STR("X-Amz-Date"), STR("20260101T000000Z")};
    sent->headers[3] = (struct header){STR("Authorization"), STR("AWS4-X Credential=k/d/r/s/t Signature=0 SignedHeaders=h")};
    sent->request = (struct request){STR("POST"), STR("/"), STR(""), sent->headers, 4, str_from(body), {0}};
    CHECK_EQ(api_begin(s->api, s->worker, &sent->request, &sent->arena, &sent->out, &sent->response, &sent->call), API_WRITE);
}

#define PUT(pk) "DynamoDB_20120810.PutItem", "{\"TableName\":\"Tab\",\"Item\":{\"pk\":{\"S\":\"" pk "\"}}}"
#define PUT_ELSEWHERE(pk) "DynamoDB_20120810.PutItem", "{\"TableName\":\"Other\",\"Item\":{\"pk\":{\"S\":\"" pk "\"}}}"
#define DELETE(pk) "DynamoDB_20120810.DeleteItem", "{\"TableName\":\"Tab\",\"Key\":{\"pk\":{\"S\":\"" pk "\"}}}"
#define UPDATE(pk) "DynamoDB_20120810.UpdateItem", "{\"TableName\":\"Tab\",\"Key\":{\"pk\":{\"S\":\"" pk "\"}}}"
#define TRANSACT(a, b)                                                                                                 \
    "DynamoDB_20120810.TransactWriteItems",                                                                            \
        "{\"TransactItems\":[{\"Put\":{\"TableName\":\"Tab\",\"Item\":{\"pk\":{\"S\":\"" a "\"}}}},{\"Put\":{"         \
        "\"TableName\":\"Tab\",\"Item\":{\"pk\":{\"S\":\"" b "\"}}}}]}"
#define CONFLICT                                                                                                       \
    "{\"__type\":\"com.amazonaws.dynamodb.v20120810#TransactionConflictException\",\"message\":\"Transaction is "       \
    "ongoing for the item\"}"

/* Writes in one batch; wanted[i]: a body, or NULL for status 200. */
static void batch(struct served *s, const char *const sent[][2], const char *const *wanted, size_t count)
{
    struct sent calls[CALLS_MAX];
    struct call *list[CALLS_MAX];
    for (size_t i = 0; i < count; i++) {
        begin(s, &calls[i], sent[i][0], sent[i][1]);
        list[i] = calls[i].call;
    }
    api_write_batch(s->api, list, count, &s->scratch);
    for (size_t i = 0; i < count; i++) {
        if (wanted[i] != NULL) {
            CHECK_STR(str_of(calls[i].out.p, calls[i].out.n), str_from(wanted[i]));
        } else {
            CHECK_EQ(calls[i].response.status, 200);
        }
        buf_release(&calls[i].out);
        arena_release(&calls[i].arena);
    }
}

#define CREATE(name)                                                                                                   \
    "DynamoDB_20120810.CreateTable",                                                                                   \
        "{\"TableName\":\"" name "\",\"BillingMode\":\"PAY_PER_REQUEST\",\"AttributeDefinitions\":[{\"AttributeName\":\"pk\","   \
        "\"AttributeType\":\"S\"}],\"KeySchema\":[{\"AttributeName\":\"pk\",\"KeyType\":\"HASH\"}]}"

static void create(struct served *s)
{
    static const char *const sent[][2] = {{CREATE("Tab")}, {CREATE("Other")}};
    static const char *const wanted[] = {NULL, NULL};
    batch(s, sent, wanted, 2);
}

/* §8.3 */
static void writes_meet_transactions(void **state)
{
    (void)state;
    struct served s;
    served_open(&s, (struct api_options){.simulates_conflicts = true}, (struct store_options){0});
    create(&s);
    static const char *const first[][2] = {{PUT("a")}, {TRANSACT("a", "b")}, {PUT("a")}, {PUT("c")}};
    static const char *const first_wanted[] = {NULL, NULL, CONFLICT, NULL};
    batch(&s, first, first_wanted, 4);
    static const char *const second[][2] = {{TRANSACT("a", "b")}, {UPDATE("b")}, {DELETE("a")}, {TRANSACT("c", "b")}};
    static const char *const second_wanted[] = {
        NULL, CONFLICT, CONFLICT,
        "{\"__type\":\"com.amazonaws.dynamodb.v20120810#TransactionCanceledException\",\"Message\":\"Transaction cancelled, "
        "please refer cancellation reasons for specific reasons [None, TransactionConflict]\",\"CancellationReasons\":["
        "{\"Code\":\"None\"},{\"Code\":\"TransactionConflict\",\"Message\":\"Transaction is ongoing for the item\"}]}"};
    batch(&s, second, second_wanted, 4);
    /* A batch of its own meets nobody, and single writes do not meet one another. */
    static const char *const third[][2] = {{DELETE("a")}, {PUT("a")}, {UPDATE("a")}, {PUT("a")}};
    static const char *const third_wanted[] = {NULL, NULL, NULL, NULL};
    batch(&s, third, third_wanted, 4);
    /* Items of two tables with the same key are two items. */
    static const char *const fourth[][2] = {{TRANSACT("a", "b")}, {PUT_ELSEWHERE("a")}};
    static const char *const fourth_wanted[] = {NULL, NULL};
    batch(&s, fourth, fourth_wanted, 2);
    served_close(&s);
}

#define GET(a, b)                                                                                                      \
    "DynamoDB_20120810.TransactGetItems",                                                                              \
        "{\"TransactItems\":[{\"Get\":{\"TableName\":\"Tab\",\"Key\":{\"pk\":{\"S\":\"" a "\"}}}},{\"Get\":{"            \
        "\"TableName\":\"Tab\",\"Key\":{\"pk\":{\"S\":\"" b "\"}}}}]}"
#define BATCH_PUT(pk)                                                                                                  \
    "DynamoDB_20120810.BatchWriteItem",                                                                                \
        "{\"RequestItems\":{\"Tab\":[{\"PutRequest\":{\"Item\":{\"pk\":{\"S\":\"" pk "\"}}}}]}}"
#define CANCELED(codes, reasons)                                                                                       \
    "{\"__type\":\"com.amazonaws.dynamodb.v20120810#TransactionCanceledException\",\"Message\":\"Transaction cancelled, "  \
    "please refer cancellation reasons for specific reasons [" codes "]\",\"CancellationReasons\":[" reasons "]}"
#define REASON_NONE "{\"Code\":\"None\"}"
#define REASON_CONFLICT "{\"Code\":\"TransactionConflict\",\"Message\":\"Transaction is ongoing for the item\"}"

/* §8.4 An item of a TransactGetItems meets transactions and writes of any kind, and two readers do not meet. */
static void transactional_reads_meet_all_writes(void **state)
{
    (void)state;
    struct served s;
    served_open(&s, (struct api_options){.simulates_conflicts = true}, (struct store_options){0});
    create(&s);
    static const char *const first[][2] = {{TRANSACT("a", "b")}, {GET("c", "b")}, {PUT("d")}, {GET("d", "a")}};
    static const char *const first_wanted[] = {
        NULL, CANCELED("None, TransactionConflict", REASON_NONE "," REASON_CONFLICT), NULL,
        CANCELED("TransactionConflict, TransactionConflict", REASON_CONFLICT "," REASON_CONFLICT)};
    batch(&s, first, first_wanted, 4);
    static const char *const second[][2] = {{GET("a", "b")}, {GET("b", "a")}, {BATCH_PUT("c")}, {GET("c", "d")}};
    static const char *const second_wanted[] = {
        NULL, NULL, NULL, CANCELED("TransactionConflict, None", REASON_CONFLICT "," REASON_NONE)};
    batch(&s, second, second_wanted, 4);
    /* A read before a write holds nothing. */
    static const char *const third[][2] = {{GET("a", "b")}, {TRANSACT("a", "b")}, {GET("x", "y")}};
    static const char *const third_wanted[] = {
        "{\"Responses\":[{\"Item\":{\"pk\":{\"S\":\"a\"}}},{\"Item\":{\"pk\":{\"S\":\"b\"}}}]}", NULL,
        "{\"Responses\":[{},{}]}"};
    batch(&s, third, third_wanted, 3);
    served_close(&s);
}

#define TOKEN_PUT(pk, token)                                                                                           \
    "DynamoDB_20120810.TransactWriteItems",                                                                            \
        "{\"TransactItems\":[{\"Put\":{\"TableName\":\"Tab\",\"Item\":{\"pk\":{\"S\":\"" pk                                \
        "\"}}}}],\"ClientRequestToken\":\"" token "\"}"
#define IN_PROGRESS                                                                                                    \
    "{\"__type\":\"com.amazonaws.dynamodb.v20120810#TransactionInProgressException\",\"Message\":\"The transaction with "  \
    "the given request token is already in progress.\"}"
#define MISMATCH                                                                                                       \
    "{\"__type\":\"com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException\",\"Message\":\"The request "     \
    "uses the same client token as a previous, but non-identical request.\"}"

/* §8.3 I.9 A token whose first request is not committed yet; once it is, the same request is a replay. */
static void tokens_in_progress(void **state)
{
    (void)state;
    struct served s;
    served_open(&s, (struct api_options){.simulates_conflicts = true}, (struct store_options){0});
    create(&s);
    static const char *const first[][2] = {
        {TOKEN_PUT("a", "t")}, {TOKEN_PUT("a", "t")}, {TOKEN_PUT("b", "t")}, {TOKEN_PUT("b", "u")}, {TOKEN_PUT("a", "t")}};
    static const char *const first_wanted[] = {NULL, IN_PROGRESS, MISMATCH, NULL, IN_PROGRESS};
    batch(&s, first, first_wanted, 5);
    static const char *const second[][2] = {{TOKEN_PUT("a", "t")}, {TOKEN_PUT("a", "t")}};
    static const char *const second_wanted[] = {"{}", "{}"};
    batch(&s, second, second_wanted, 2);
    served_close(&s);
}

/* A transaction of many items holds the first of them as well as the last. */
static void many_items(void **state)
{
    (void)state;
    struct served s;
    served_open(&s, (struct api_options){.simulates_conflicts = true}, (struct store_options){0});
    create(&s);
    struct buf body;
    buf_init(&body, 1 << 20);
    buf_add_literal(&body, "{\"TransactItems\":[");
    for (int i = 0; i < 99; i++) {
        buf_printf(&body, "{\"Put\":{\"TableName\":\"Tab\",\"Item\":{\"pk\":{\"S\":\"%02d\"}}}},", i);
    }
    buf_add_literal(&body, "{\"Put\":{\"TableName\":\"Tab\",\"Item\":{\"pk\":{\"S\":\"99\"}}}}]}");
    buf_add_byte(&body, '\0');
    const char *const sent[][2] = {
        {"DynamoDB_20120810.TransactWriteItems", body.p}, {PUT("00")}, {PUT("16")}, {DELETE("99")}, {PUT("100")}};
    static const char *const wanted[] = {NULL, CONFLICT, CONFLICT, CONFLICT, NULL};
    batch(&s, sent, wanted, 5);
    buf_release(&body);
    served_close(&s);
}

static void never_without_the_option(void **state)
{
    (void)state;
    struct served s;
    served_open(&s, (struct api_options){0}, (struct store_options){0});
    create(&s);
    static const char *const sent[][2] = {{TRANSACT("a", "b")}, {PUT("a")}, {TRANSACT("b", "a")}, {DELETE("b")}};
    static const char *const wanted[] = {NULL, NULL, NULL, NULL};
    batch(&s, sent, wanted, 4);
    served_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_meet_transactions),
        cmocka_unit_test(transactional_reads_meet_all_writes),
        cmocka_unit_test(tokens_in_progress),
        cmocka_unit_test(many_items),
        cmocka_unit_test(never_without_the_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
