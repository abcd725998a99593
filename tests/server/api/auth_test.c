/* SPDX-License-Identifier: Apache-2.0 */
/* auth_test.c — every text of aws-behaviour.md §1.4, rows 1 to 4 and 11, and what is taken from a credential. */
#include "tests/check.h"

#include "server/auth/auth.h"

#define HEADER_OK "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0a"
#define QUERY_OK                                                                                                       \
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20260101%2Feu-west-1%2Fdynamodb%2Faws4_request"          \
    "&X-Amz-Date=20260101T000000Z&X-Amz-SignedHeaders=host&X-Amz-Signature=00"

static struct arena arena;

/* authorization, date: NULL for none. */
static bool check(const char *authorization, const char *date, const char *query, struct auth *auth, struct err *err)
{
    struct header headers[2];
    size_t count = 0;
    if (authorization != NULL) {
        headers[count++] = (struct header){STR("authorization"), str_from(authorization)};
    }
    if (date != NULL) {
        headers[count++] = (struct header){STR("x-amz-date"), str_from(date)};
    }
    struct request request = {.method = STR("POST"), .path = STR("/"), .query = str_from(query), .headers = headers,
                              .header_count = count};
    arena_reset(&arena);
    err_init(err, &arena);
    *auth = (struct auth){0};
    return auth_check(&request, AUTH_SHAPE, NULL, &arena, auth, err);
}

static void accepted(const char *authorization, const char *query, const char *key, const char *region)
{
    struct auth auth;
    struct err err;
    if (!check(authorization, "20260101T000000Z", query, &auth, &err)) {
        print_error("%.*s\n", STR_ARG(err.message));
        fail();
    }
    CHECK_STR(auth.access_key, str_from(key));
    CHECK_STR(auth.region, str_from(region));
}

static void refused(const char *authorization, const char *date, const char *query, enum err_kind kind, const char *text)
{
    struct auth auth;
    struct err err;
    CHECK(!check(authorization, date, query, &auth, &err));
    CHECK_STR(err.message, str_from(text));
    CHECK_EQ(err.kind, kind);
}

/* §1.4 */
static void credentials(void **state)
{
    (void)state;
    accepted(HEADER_OK, "", "AKID", "eu-west-1");
    accepted("  " HEADER_OK " ", "", "AKID", "eu-west-1");
    accepted("AWS4-HMAC-SHA256 Signature=0,SignedHeaders=host,Credential=my_key-1/d/local/dynamodb/aws4_request", "",
             "my_key-1", "local");
    accepted("AWS4-X Signature=0 SignedHeaders=h Credential=a/b/20260101/us-west-2/dynamodb/aws4_request", "", "a/b",
             "us-west-2");
    accepted("AWS4-X Signature=0 SignedHeaders=h Credential=k/20260101//dynamodb/aws4_request", "", "k", "us-east-1");
    accepted("AWS4-X Signature=0 SignedHeaders=h Credential=k", "", "k", "us-east-1");
    accepted("AWS4-X Signature=0 SignedHeaders=h Credential=k/20260101", "", "k", "us-east-1");
    accepted(NULL, QUERY_OK, "AKID", "eu-west-1");
    accepted(NULL, "a=b&%58-Amz-Algorithm=x&X-Amz-Credential=k+k/d/r/s/t&X-Amz-Date=1&X-Amz-SignedHeaders=h&X-Amz-Signature=0",
             "k k", "r");
    refused("AWS4-X Signature=0 SignedHeaders=h Credential=/20260101/r/dynamodb/aws4_request", "d", "",
            ERR_UNRECOGNIZED_CLIENT, "The security token included in the request is invalid.");
}

/* §1.4(1)(2) */
static void both_or_neither(void **state)
{
    (void)state;
    static const char both[] =
        "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.";
    refused(HEADER_OK, "d", QUERY_OK, ERR_INVALID_SIGNATURE, both);
    refused("", NULL, "X-Amz-Algorithm", ERR_INVALID_SIGNATURE, both);
    static const char missing[] = "Request is missing Authentication Token";
    refused(NULL, NULL, "", ERR_MISSING_AUTHENTICATION_TOKEN, missing);
    refused("", "d", "", ERR_MISSING_AUTHENTICATION_TOKEN, missing);
    refused("AWS4", "d", "", ERR_MISSING_AUTHENTICATION_TOKEN, missing);
    refused("Basic dGVzdA==", "d", "", ERR_MISSING_AUTHENTICATION_TOKEN, missing);
    /* All but the algorithm. */
    refused(NULL, "d", "X-Amz-Credential=k&X-Amz-Date=1&X-Amz-SignedHeaders=h&X-Amz-Signature=0",
            ERR_MISSING_AUTHENTICATION_TOKEN, missing);
}

#define CREDENTIAL "Authorization header requires 'Credential' parameter. "
#define SIGNATURE "Authorization header requires 'Signature' parameter. "
#define SIGNED "Authorization header requires 'SignedHeaders' parameter. "
#define DATE "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "

/* §1.4(3) */
static void incomplete_headers(void **state)
{
    (void)state;
    refused("AWS4-", NULL, "", ERR_INCOMPLETE_SIGNATURE, CREDENTIAL SIGNATURE SIGNED DATE "Authorization=AWS4-");
    refused("AWS4-HMAC-SHA256 Credential=k, SignedHeaders=h", "d", "", ERR_INCOMPLETE_SIGNATURE,
            SIGNATURE "Authorization=AWS4-HMAC-SHA256 Credential=k, SignedHeaders=h");
    refused("AWS4-X Credential=,Signature=,SignedHeaders=h", "d", "", ERR_INCOMPLETE_SIGNATURE,
            CREDENTIAL SIGNATURE "Authorization=AWS4-X Credential=,Signature=,SignedHeaders=h");
    refused("AWS4-X credential=k,Signature=s,SignedHeaders=h", "d", "", ERR_INCOMPLETE_SIGNATURE,
            CREDENTIAL "Authorization=AWS4-X credential=k,Signature=s,SignedHeaders=h");
    refused(HEADER_OK, NULL, "", ERR_INCOMPLETE_SIGNATURE, DATE "Authorization=" HEADER_OK);
    refused("AWS4-X Credential=k,Signature=s", "d", "", ERR_INCOMPLETE_SIGNATURE,
            SIGNED "Authorization=AWS4-X Credential=k,Signature=s");
    /* The algorithm token itself holds nothing. */
    refused("AWS4-Credential=k,Signature=s,SignedHeaders=h", "d", "", ERR_INCOMPLETE_SIGNATURE,
            CREDENTIAL "Authorization=AWS4-Credential=k,Signature=s,SignedHeaders=h");
}

/* §1.4(4) */
static void incomplete_queries(void **state)
{
    (void)state;
#define MUST(name) "AWS query-string parameters must include '" name "'. "
#define EXAMINE "Re-examine the query-string parameters."
    refused(NULL, NULL, "X-Amz-Algorithm", ERR_INCOMPLETE_SIGNATURE,
            MUST("X-Amz-Algorithm") MUST("X-Amz-Credential") MUST("X-Amz-Signature") MUST("X-Amz-SignedHeaders")
                MUST("X-Amz-Date") EXAMINE);
    refused(NULL, NULL, "X-Amz-Algorithm=x&X-Amz-Credential=k&X-Amz-Date=1&X-Amz-SignedHeaders=h&X-Amz-Signature=",
            ERR_INCOMPLETE_SIGNATURE, MUST("X-Amz-Signature") EXAMINE);
    refused(NULL, "ignored", "X-Amz-Algorithm=x&X-Amz-Credential=k&X-Amz-SignedHeaders=h&X-Amz-Signature=s",
            ERR_INCOMPLETE_SIGNATURE, MUST("X-Amz-Date") EXAMINE);
}

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 16);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(credentials),
        cmocka_unit_test(both_or_neither),
        cmocka_unit_test(incomplete_headers),
        cmocka_unit_test(incomplete_queries),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
