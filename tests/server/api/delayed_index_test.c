/* SPDX-License-Identifier: Apache-2.0 */
/* delayed_index_test.c — -delayTransientStatuses at the API: an added index is first allocated, when it cannot be taken back, then filled,
 * when it can; the table is UPDATING only at first. */
#include "tests/server/api/served.h"

#define DELAY_MS 2000

static void send(struct served *s, const char *target, const char *body)
{
    struct header headers[] = {
        {STR("X-Amz-Target"), str_from(target)},
        {STR("Content-Type"), STR("application/json")},
        {STR("X-Amz-Date"), STR("20260101T000000Z")},
        {STR("Authorization"), STR("AWS4-X Credential=k/d/r/s/t Signature=0 SignedHeaders=h")},
    };
    struct request request = {STR("POST"), STR("/"), STR(""), headers, sizeof headers / sizeof headers[0], str_from(body), {0}};
    served_send(s, &request);
}

#define CREATE_TABLE                                                                                                   \
    "{\"TableName\":\"Tab\",\"BillingMode\":\"PAY_PER_REQUEST\",\"AttributeDefinitions\":[{\"AttributeName\":\"pk\","      \
    "\"AttributeType\":\"S\"}],\"KeySchema\":[{\"AttributeName\":\"pk\",\"KeyType\":\"HASH\"}]}"
#define ADD_INDEX                                                                                                      \
    "{\"TableName\":\"Tab\",\"AttributeDefinitions\":[{\"AttributeName\":\"pk\",\"AttributeType\":\"S\"},{\"AttributeName\":"  \
    "\"g\",\"AttributeType\":\"S\"}],\"GlobalSecondaryIndexUpdates\":[{\"Create\":{\"IndexName\":\"index\",\"KeySchema\":[{"   \
    "\"AttributeName\":\"g\",\"KeyType\":\"HASH\"}],\"Projection\":{\"ProjectionType\":\"ALL\"}}}]}"
#define DELETE_INDEX "{\"TableName\":\"Tab\",\"GlobalSecondaryIndexUpdates\":[{\"Delete\":{\"IndexName\":\"index\"}}]}"
#define UPDATE_INDEX                                                                                                   \
    "{\"TableName\":\"Tab\",\"GlobalSecondaryIndexUpdates\":[{\"Update\":{\"IndexName\":\"index\",\"OnDemandThroughput\":{"     \
    "\"MaxReadRequestUnits\":5}}}]}"

static bool answer_has(const struct served *s, const char *text)
{
    struct str body = served_body(s);
    return memmem(body.p, body.n, text, strlen(text)) != NULL;
}

static void an_index_is_allocated_before_it_is_filled(void **state)
{
    (void)state;
    struct served s;
    served_open(&s, (struct api_options){0}, (struct store_options){.index_delay_ms = DELAY_MS});
    send(&s, "DynamoDB_20120810.CreateTable", CREATE_TABLE);
    send(&s, "DynamoDB_20120810.UpdateTable", ADD_INDEX);
    CHECK_EQ(s.response.status, 200);
    send(&s, "DynamoDB_20120810.DescribeTable", "{\"TableName\":\"Tab\"}");
    CHECK(answer_has(&s, "\"TableStatus\":\"UPDATING\"") && answer_has(&s, "\"IndexStatus\":\"CREATING\""));
    CHECK(answer_has(&s, "\"Backfilling\":false"));
    send(&s, "DynamoDB_20120810.UpdateTable", DELETE_INDEX);
    CHECK_STR(served_body(&s), STR("{\"__type\":\"com.amazonaws.dynamodb.v20120810#ResourceInUseException\",\"message\":\"Attempt to "
                                   "change a resource which is still in use: Index creation is in resource allocation phase. Retry "
                                   "deletion during backfilling phase or when the index is active. Table: Tab Index: index\"}"));
    send(&s, "DynamoDB_20120810.UpdateTable", UPDATE_INDEX);
    CHECK_STR(served_body(&s), STR("{\"__type\":\"com.amazonaws.dynamodb.v20120810#ResourceInUseException\",\"message\":\"Attempt to "
                                   "change a resource which is still in use: Index is being created but is not backfilling yet.  "
                                   "Table: Tab Index: index\"}"));
    s.clock.now += DELAY_MS;
    send(&s, "DynamoDB_20120810.DescribeTable", "{\"TableName\":\"Tab\"}");
    CHECK(answer_has(&s, "\"TableStatus\":\"ACTIVE\"") && answer_has(&s, "\"Backfilling\":true"));
    send(&s, "DynamoDB_20120810.UpdateTable", UPDATE_INDEX);
    CHECK_EQ(s.response.status, 200);
    send(&s, "DynamoDB_20120810.UpdateTable", DELETE_INDEX);
    CHECK_EQ(s.response.status, 200);
    served_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_index_is_allocated_before_it_is_filled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
