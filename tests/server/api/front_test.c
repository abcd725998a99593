/* SPDX-License-Identifier: Apache-2.0 */
/* front_test.c — the ladder of aws-behaviour.md §1.3 (2026 D.15) rung by rung, CORS, and the probes of demand.md §2.4. */
#include "tests/server/api/served.h"

#include "core/deflate.h"

#define AUTHORIZATION                                                                                                  \
    {STR("Authorization"), STR("AWS4-HMAC-SHA256 Credential=k/20260101/eu-west-1/dynamodb/aws4_request, "              \
                               "SignedHeaders=host, Signature=00")},                                                   \
        {STR("X-Amz-Date"), STR("20260101T000000Z")}
#define JSON_TYPE {STR("Content-Type"), STR("application/x-amz-json-1.0")}
#define TARGET(name) {STR("X-Amz-Target"), STR(name)}
#define BARE_SERIALIZATION "{\"__type\":\"com.amazon.coral.service#SerializationException\"}"
#define BARE_UNKNOWN "{\"__type\":\"com.amazon.coral.service#UnknownOperationException\"}"
#define NOT_FOUND "<UnknownOperationException/>\n"
#define UNSIGNED                                                                                                       \
    "{\"__type\":\"com.amazonaws.dynamodb.v20120810#MissingAuthenticationToken\",\"Message\":\"Request must contain "  \
    "either a valid (registered) AWS access key ID or X.509 certificate.\"}"
#define HEADERS(...) (const struct header[]){__VA_ARGS__}, sizeof((const struct header[]){__VA_ARGS__}) / sizeof(struct header)

static struct str send(struct served *served, const char *method, const char *path, const char *body,
                       const struct header *headers, size_t header_count)
{
    struct request request = {str_from(method), str_from(path), STR(""), headers, header_count, str_from(body), {0}};
    served_send(served, &request);
    return served_body(served);
}

#define MISSING_AUTHENTICATION                                                                                        \
    "{\"__type\":\"com.amazon.coral.service#MissingAuthenticationTokenException\",\"message\":\"Request is missing "    \
    "Authentication Token\"}"

static void check(struct served *served, int status, const char *content_type, const char *body)
{
    CHECK_STR(served_body(served), str_from(body));
    CHECK_EQ(served->response.status, status);
    if (content_type == NULL) {
        CHECK(served->response.content_type.p == NULL);
    } else {
        CHECK_STR(served->response.content_type, str_from(content_type));
    }
    CHECK_STR(served_header(served, "Access-Control-Allow-Origin"), STR("*"));
}

/* §1.3(3) */
static void probes(void **state)
{
    struct served *s = *state;
    send(s, "GET", "/", "", NULL, 0);
    check(s, 400, "application/x-amz-json-1.0", UNSIGNED);
    CHECK(s->response.closes && !s->response.is_head && !s->response.has_no_id);
    send(s, "HEAD", "/", "", HEADERS({STR("Accept"), STR("*/*")}));
    check(s, 400, "application/x-amz-json-1.0", UNSIGNED);
    CHECK(s->response.closes && s->response.is_head);
    send(s, "GET", "/health", "", NULL, 0);
    check(s, 200, "application/json", "{\"status\":\"ok\"}");
    CHECK(!s->response.closes);
    send(s, "HEAD", "/health", "", NULL, 0);
    CHECK(s->response.status == 200 && s->response.is_head);
    send(s, "GET", "/shell/", "", NULL, 0);
    CHECK_EQ(s->response.status, 200);
    CHECK(str_starts_with(served_body(s), STR("<!doctype html>")));
    CHECK_STR(s->response.content_type, STR("text/html; charset=utf-8"));
    send(s, "GET", "/shell", "", NULL, 0);
    CHECK_EQ(s->response.status, 302);
    CHECK_STR(served_header(s, "Location"), STR("/shell/"));
    send(s, "GET", "/", "", HEADERS({STR("accept"), STR("text/html,application/xhtml+xml,*/*;q=0.8")}));
    CHECK_EQ(s->response.status, 302);
    CHECK_STR(served_header(s, "Location"), STR("/shell/"));
    /* Java's HttpURLConnection */
    send(s, "GET", "/", "", HEADERS({STR("Accept"), STR("text/html, image/gif, image/jpeg, */*; q=0.2")}));
    check(s, 400, "application/x-amz-json-1.0", UNSIGNED);
    CHECK(s->response.closes);
    send(s, "GET", "/_localstack/health", "", NULL, 0);
    check(s, 200, "application/json", "{\"services\": {\"dynamodb\": \"available\"}}");
    send(s, "GET", "/favicon.ico", "", NULL, 0);
    check(s, 404, NULL, NOT_FOUND);
    send(s, "HEAD", "/nothing", "", NULL, 0);
    check(s, 404, NULL, NOT_FOUND);
}

/* §1.3(3) §15.1 */
static void healthy_as_the_service(void **state)
{
    (void)state;
    struct served served;
    served_open(&served, (struct api_options){.answers_healthy = true}, (struct store_options){0});
    send(&served, "GET", "/", "", NULL, 0);
    check(&served, 200, NULL, "healthy: dynamodb.us-east-1.amazonaws.com ");
    CHECK_EQ(crc32_of(served.out.p, served.out.n), 3128867991);
    served_close(&served);
}

/* §1.3(2) */
static void cross_origin(void **state)
{
    struct served *s = *state;
    send(s, "OPTIONS", "/", "",
         HEADERS({STR("Origin"), STR("http://localhost:3000")}, {STR("Access-Control-Request-Method"), STR("POST")},
                 {STR("Access-Control-Request-Headers"), STR("authorization,x-amz-target")}));
    check(s, 200, NULL, "");
    CHECK_STR(served_header(s, "Access-Control-Max-Age"), STR("172800"));
    CHECK_STR(served_header(s, "Access-Control-Allow-Methods"), STR("POST"));
    CHECK_STR(served_header(s, "Access-Control-Allow-Headers"), STR("authorization,x-amz-target"));
    CHECK_STR(served_header(s, "Access-Control-Expose-Headers"), STR("x-amzn-RequestId, x-amz-crc32"));
    send(s, "OPTIONS", "/", "", HEADERS({STR("Origin"), STR("null")}));
    check(s, 200, NULL, "");
    CHECK(served_header(s, "Access-Control-Allow-Methods").p == NULL);
    CHECK(served_header(s, "Access-Control-Allow-Headers").p == NULL);
    send(s, "OPTIONS", "/", "", NULL, 0);
    check(s, 404, NULL, NOT_FOUND);
    CHECK(served_header(s, "Access-Control-Expose-Headers").p == NULL);
    send(s, "POST", "/", "{", HEADERS(JSON_TYPE, {STR("Origin"), STR("http://a")}));
    check(s, 400, "application/x-amz-json-1.0", BARE_SERIALIZATION);
    CHECK_STR(served_header(s, "Access-Control-Expose-Headers"), STR("x-amzn-RequestId, x-amz-crc32"));
}

/* §1.2 */
static void listed_origins(void **state)
{
    (void)state;
    struct served served;
    struct served *s = &served;
    served_open(s, (struct api_options){.cors = STR("http://a, http://b")}, (struct store_options){0});
    send(s, "GET", "/", "", HEADERS({STR("Origin"), STR("http://b")}));
    CHECK_STR(served_header(s, "Access-Control-Allow-Origin"), STR("http://b"));
    CHECK_STR(served_header(s, "Vary"), STR("Origin"));
    send(s, "GET", "/", "", HEADERS({STR("Origin"), STR("http://c")}));
    CHECK(served_header(s, "Access-Control-Allow-Origin").p == NULL);
    CHECK(served_header(s, "Access-Control-Expose-Headers").p == NULL);
    CHECK_STR(served_header(s, "Vary"), STR("Origin"));
    send(s, "GET", "/", "", NULL, 0);
    CHECK(served_header(s, "Access-Control-Allow-Origin").p == NULL);
    served_close(s);
    served_open(s, (struct api_options){.cors = STR("*")}, (struct store_options){0});
    send(s, "GET", "/", "", NULL, 0);
    CHECK_STR(served_header(s, "Access-Control-Allow-Origin"), STR("*"));
    CHECK(served_header(s, "Vary").p == NULL);
    served_close(s);
    served_open(s, (struct api_options){.cors = STR("http://a, *")}, (struct store_options){0});
    send(s, "GET", "/", "", HEADERS({STR("Origin"), STR("http://c")}));
    CHECK_STR(served_header(s, "Access-Control-Allow-Origin"), STR("*"));
    served_close(s);
}

/* HTTP/1.0 needs no Host; the endpoint is then the service's of the region that signed. */
static void an_endpoint_without_host(void **state)
{
    struct served *s = *state;
    send(s, "POST", "/", "{}", HEADERS(JSON_TYPE, TARGET("DynamoDB_20120810.DescribeEndpoints"), AUTHORIZATION));
    check(s, 200, "application/x-amz-json-1.0",
          "{\"Endpoints\":[{\"Address\":\"dynamodb.eu-west-1.amazonaws.com\",\"CachePeriodInMinutes\":1440}]}");
}

/* §1.3(4) §1.1 §1.2 */
static void methods_paths_and_types(void **state)
{
    struct served *s = *state;
    static const char *const methods[] = {"PUT", "DELETE", "PATCH", "TRACE"};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        send(s, methods[i], "/", "{}", HEADERS(JSON_TYPE, TARGET("DynamoDB_20120810.DescribeLimits"), AUTHORIZATION));
        check(s, 404, NULL, NOT_FOUND);
    }
    CHECK_EQ(crc32_of(s->out.p, s->out.n), 3552371480);
    send(s, "POST", "/other", "{}", HEADERS(JSON_TYPE, TARGET("DynamoDB_20120810.DescribeLimits"), AUTHORIZATION));
    check(s, 404, NULL, NOT_FOUND);
    static const char *const wrong[] = {"application/x-amz-json-1.1", "text/plain", "", "application/jsonx",
                                        "application/x-www-form-urlencoded"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        send(s, "POST", "/", "{}", HEADERS({STR("Content-Type"), str_from(wrong[i])}));
        check(s, 404, NULL, NOT_FOUND);
    }
    send(s, "POST", "/", "{}", NULL, 0);
    check(s, 404, NULL, NOT_FOUND);
    static const char *const right[][2] = {
        {"application/json", "application/json"},
        {"application/x-amz-json-1.0", "application/x-amz-json-1.0"},
        {" application/json ; charset=utf-8", "application/json"},
        {"Application/X-Amz-Json-1.0;x", "application/x-amz-json-1.0"},
    };
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
        send(s, "POST", "/", "{}",
             HEADERS({STR("content-type"), str_from(right[i][0])}, TARGET("DynamoDB_20120810.DescribeEndpoints"),
                     AUTHORIZATION, {STR("Host"), STR("h:1")}));
        check(s, 200, right[i][1], "{\"Endpoints\":[{\"Address\":\"h:1\",\"CachePeriodInMinutes\":1440}]}");
    }
}

/* Row 35 of demand.md §5: a call without credentials gets the service's type, not the MissingAuthenticationToken with which DynamoDB Local
 * answers, and which only the probe GET / has here. */
static void unsigned_calls_get_the_services_type(void **state)
{
    struct served *s = *state;
    static const char *const operations[] = {"DynamoDB_20120810.GetItem", "DynamoDB_20120810.ListTables"};
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        send(s, "POST", "/", "{}", HEADERS(JSON_TYPE, {STR("x-amz-target"), str_from(operations[i])}));
        check(s, 400, "application/x-amz-json-1.0", MISSING_AUTHENTICATION);
        send(s, "POST", "/", "{}",
             HEADERS(JSON_TYPE, {STR("x-amz-target"), str_from(operations[i])}, {STR("authorization"), STR("Bearer x")}));
        check(s, 400, "application/x-amz-json-1.0", MISSING_AUTHENTICATION);
    }
}

/* §1.3(5)(6)(7)(8) §15.1 */
static void json_then_target_then_credentials_then_body(void **state)
{
    struct served *s = *state;
    static const char *const broken[] = {"{", "x", "{\"a\":1,}", "{'a':1}", "{\"a\":\"\xff\"}", " ", "{} {}"};
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        send(s, "POST", "/", broken[i], HEADERS(JSON_TYPE));
        check(s, 400, "application/x-amz-json-1.0", BARE_SERIALIZATION);
    }
    CHECK_EQ(crc32_of(s->out.p, s->out.n), 3948637019);
    static const char *const targets[] = {"",
                                          "DescribeLimits",
                                          "DynamoDB_20120810.",
                                          "DynamoDB_20120810.Nothing",
                                          "DynamoDB_20120810.describelimits",
                                          "DynamoDB_20120810.DescribeLimits.",
                                          "DynamoDB_20120810.ListStreams",
                                          "DynamoDBStreams_20120810.DescribeLimits",
                                          "DynamoDB_20111205.DescribeLimits",
                                          "dynamodb_20120810.DescribeLimits"};
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        send(s, "POST", "/", i % 2 == 0 ? "{}" : "", HEADERS(JSON_TYPE, {STR("x-amz-target"), str_from(targets[i])}));
        check(s, 400, "application/x-amz-json-1.0", BARE_UNKNOWN);
    }
    CHECK_EQ(crc32_of(s->out.p, s->out.n), 1368724161);
    send(s, "POST", "/", "", NULL, 0);
    check(s, 400, "application/json", BARE_UNKNOWN);
    send(s, "POST", "/", "", HEADERS(TARGET("DynamoDB_20120810.DescribeLimits")));
    check(s, 400, "application/json", MISSING_AUTHENTICATION);
    CHECK_EQ(crc32_of(s->out.p, s->out.n), 2088342776);
    send(s, "POST", "/", "", HEADERS(TARGET("DynamoDB_20120810.DescribeLimits"), AUTHORIZATION));
    check(s, 400, "application/json", BARE_SERIALIZATION);
    static const char *const no_objects[] = {"[]", "\"x\"", "1", "true"};
    for (size_t i = 0; i < sizeof no_objects / sizeof no_objects[0]; i++) {
        send(s, "POST", "/", no_objects[i],
             HEADERS(JSON_TYPE, TARGET("DynamoDB_20120810.DescribeLimits"), AUTHORIZATION));
        check(s, 400, "application/x-amz-json-1.0", BARE_SERIALIZATION);
    }
    send(s, "POST", "/", "null", HEADERS(JSON_TYPE, TARGET("DynamoDB_20120810.DescribeLimits"), AUTHORIZATION));
    CHECK_EQ(s->response.status, 200);
}

static void bytes_before_the_body_stay(void **state)
{
    struct served *s = *state;
    struct header headers[] = {JSON_TYPE, TARGET("DynamoDB_20120810.Nothing"), AUTHORIZATION};
    struct request request = {STR("POST"), STR("/"), STR(""), headers, 4, STR("{}"), {0}};
    buf_clear(&s->out, 1 << 16);
    buf_add_literal(&s->out, "head");
    s->response = (struct response){0};
    struct call *call;
    CHECK_EQ(api_begin(s->api, s->worker, &request, &s->arena, &s->out, &s->response, &call), API_DONE);
    CHECK_STR(served_body(s), STR("head" BARE_UNKNOWN));
}

static int set_up(void **state)
{
    struct served *served = calloc(1, sizeof *served);
    *state = served;
    served_open(served, (struct api_options){0}, (struct store_options){0});
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
        cmocka_unit_test(probes),
        cmocka_unit_test(healthy_as_the_service),
        cmocka_unit_test(cross_origin),
        cmocka_unit_test(listed_origins),
        cmocka_unit_test(an_endpoint_without_host),
        cmocka_unit_test(methods_paths_and_types),
        cmocka_unit_test(unsigned_calls_get_the_services_type),
        cmocka_unit_test(json_then_target_then_credentials_then_body),
        cmocka_unit_test(bytes_before_the_body_stay),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
