/* SPDX-License-Identifier: Apache-2.0 */
/* verify_test.c — canonical requests, the credentials file, and every row of aws-behaviour.md §1.4 that -auth verify adds. The signer here is a second
 * implementation, made of OpenSSL's one-shot functions and canonical texts written out by hand; signatures of real SDKs are in tests/wire. */
#include "tests/check.h"

#include "server/auth/canonical.h"
#include "server/auth/verify.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#define NOW_MS 1440938160000 /* 2015-08-30T12:36:00Z */
#define NOW "20150830T123600Z"
#define EMPTY_HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static struct arena arena;
static struct clock_manual now;
static struct verifier verifier;
static struct credentials credentials;
static struct credentials known; /* to the verifier */
static struct arena known_arena;

static struct str whole(const char *p)
{
    return p == NULL ? (struct str){0} : str_from(p);
}

/* ---- Canonical requests: the cases of the specification ---- */

struct line {
    const char *name;
    const char *value;
};

static struct str canonical(const char *method, const char *path, const char *query, const struct line *lines, size_t count,
                            const char *signed_headers)
{
    struct header *headers = arena_array(&arena, struct header, count);
    for (size_t i = 0; i < count; i++) {
        headers[i] = (struct header){str_from(lines[i].name), str_from(lines[i].value)};
    }
    struct request request = {.method = str_from(method), .path = str_from(path), .query = str_from(query),
                              .headers = headers, .header_count = count};
    struct str out = {0};
    CHECK(canonical_request(&request, str_from(signed_headers), STR(EMPTY_HASH), &arena, &out));
    return out;
}

#define HOST {"Host", "example.amazonaws.com"}
#define DATE {"X-Amz-Date", NOW}
#define TAIL "host:example.amazonaws.com\nx-amz-date:" NOW "\n\nhost;x-amz-date\n" EMPTY_HASH

static void paths_and_queries(void **state)
{
    (void)state;
    static const struct {
        const char *path, *query, *want;
    } cases[] = {
        {"/", "", "GET\n/\n\n" TAIL},
        {"", "", "GET\n/\n\n" TAIL},
        {"/example/..", "", "GET\n/\n\n" TAIL},
        {"/example1/example2/../..", "", "GET\n/\n\n" TAIL},
        {"/..", "", "GET\n/\n\n" TAIL},
        {"/./", "", "GET\n/\n\n" TAIL},
        {"/./example", "", "GET\n/example\n\n" TAIL},
        {"//", "", "GET\n/\n\n" TAIL},
        {"//example//", "", "GET\n/example/\n\n" TAIL},
        {"/a/b/../c", "", "GET\n/a/c\n\n" TAIL},
        {"/a/..b", "", "GET\n/a/..b\n\n" TAIL},
        {"/\xe1\x88\xb4", "", "GET\n/%E1%88%B4\n\n" TAIL},
        {"/example%20space/", "", "GET\n/example%2520space/\n\n" TAIL},
        {"/-._~0123456789ABCabc", "", "GET\n/-._~0123456789ABCabc\n\n" TAIL},
        {"/", "Param1=value1", "GET\n/\nParam1=value1\n" TAIL},
        {"/", "Param2=value2&Param1=value1", "GET\n/\nParam1=value1&Param2=value2\n" TAIL},
        {"/", "Param1=value2&Param1=Value1", "GET\n/\nParam1=Value1&Param1=value2\n" TAIL},
        {"/", "Param1=Value1&Param1=value2&Param1=", "GET\n/\nParam1=&Param1=Value1&Param1=value2\n" TAIL},
        {"/", "a-b=1&a=2&a%2Cb=3", "GET\n/\na=2&a%2Cb=3&a-b=1\n" TAIL},
        {"/", "flag&x", "GET\n/\nflag=&x=\n" TAIL},
        {"/", "&&a=1&", "GET\n/\na=1\n" TAIL},
        {"/", "a=b=c", "GET\n/\na=b%3Dc\n" TAIL},
        {"/", "%e1%88%b4=bar", "GET\n/\n%E1%88%B4=bar\n" TAIL},
        {"/", "p=a%20b+c%2Bd&q=%7e%2F", "GET\n/\np=a%20b%20c%2Bd&q=~%2F\n" TAIL},
        {"/", "X-Amz-Signature=0a&b=1", "GET\n/\nb=1\n" TAIL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        arena_reset(&arena);
        CHECK_STR(canonical("GET", cases[i].path, cases[i].query, (struct line[]){HOST, DATE}, 2, "host;x-amz-date"),
                  str_from(cases[i].want));
    }
}

static void headers(void **state)
{
    (void)state;
    arena_reset(&arena);
    /* The order of the request and of the list doesn't matter; what is not signed isn't there. */
    CHECK_STR(canonical("GET", "/", "", (struct line[]){DATE, {"Other", "1"}, HOST}, 3, "X-Amz-Date;host;host"),
              STR("GET\n/\n\n" TAIL));
#define REST "x-amz-date:" NOW "\n\nhost;my-header1;x-amz-date\n" EMPTY_HASH
    CHECK_STR(canonical("GET", "/", "", (struct line[]){HOST, {"My-Header1", "value2"}, {"MY-HEADER1", "value2"}, {"my-header1", "value1"}, DATE},
                        5, "host;my-header1;x-amz-date"),
              STR("GET\n/\n\nhost:example.amazonaws.com\nmy-header1:value2,value2,value1\n" REST));
    CHECK_STR(canonical("GET", "/", "", (struct line[]){HOST, {"My-Header1", " \t \"a   b  c\" \t  d "}, DATE}, 3,
                        "host;my-header1;x-amz-date"),
              STR("GET\n/\n\nhost:example.amazonaws.com\nmy-header1:\"a b c\" d\n" REST));
    /* Longer than the text's first room. */
    struct str value = arena_printf(&arena, "%0*d", 5000, 7);
    CHECK_STR(canonical("GET", "/", "", (struct line[]){HOST, {"My-Header1", arena_printf(&arena, "%.*s%c", STR_ARG(value), 0).p}, DATE}, 3,
                        "host;my-header1;x-amz-date"),
              arena_printf(&arena, "GET\n/\n\nhost:example.amazonaws.com\nmy-header1:%.*s\n%s", STR_ARG(value), REST));
    /* Signed, but not sent. */
    CHECK_STR(canonical("GET", "/", "", (struct line[]){HOST, DATE}, 2, "host;my-header1;x-amz-date"),
              STR("GET\n/\n\nhost:example.amazonaws.com\nmy-header1:\n" REST));
    /* More names than anybody signs are refused; the same one again and again is one. */
    struct str many = STR("h");
    struct str same = STR("h");
    for (int i = 0; i < SIGNED_HEADERS_MAX; i++) {
        many = arena_printf(&arena, "%.*s;h%d", STR_ARG(many), i);
        same = arena_printf(&arena, "%.*s;H", STR_ARG(same));
    }
    struct request request = {.method = STR("GET"), .path = STR("/"), .query = STR("")};
    struct str out;
    CHECK(!canonical_request(&request, many, STR(EMPTY_HASH), &arena, &out));
    CHECK(canonical_request(&request, same, STR(EMPTY_HASH), &arena, &out));
    CHECK_STR(out, STR("GET\n/\n\nh:\n\nh\n" EMPTY_HASH));
}

/* ---- The credentials file ---- */

static void parsed(const char *text, size_t count)
{
    struct err err;
    arena_reset(&arena);
    err_init(&err, &arena);
    bool ok = credentials_parse(str_from(text), "FILE", &arena, &credentials, &err);
    CHECK_STR(err.message, (struct str){0});
    CHECK(ok);
    CHECK_EQ(credentials.count, count);
}

static void not_parsed(const char *text, const char *message)
{
    struct err err;
    arena_reset(&arena);
    err_init(&err, &arena);
    CHECK(!credentials_parse(str_from(text), "FILE", &arena, &credentials, &err));
    CHECK_STR(err.message, str_from(message));
}

static void credential_files(void **state)
{
    (void)state;
    parsed("[default]\naws_access_key_id = A\naws_secret_access_key=S/+=\n", 1);
    CHECK_STR(credentials.list[0].access_key, STR("A"));
    CHECK_STR(credentials.list[0].secret, STR("S/+="));
    CHECK(credentials.list[0].session_token.p == NULL);
    parsed("# c\r\n; c\r\n\r\n[ one ]\r\naws_access_key_id=A\r\naws_secret_access_key=1\r\naws_session_token = T==\r\nregion = x\r\n"
           "[sso]\nsso_session = y\n[profile two]\n  aws_secret_access_key=2\n\taws_access_key_id=B\naws_session_token=",
           2);
    CHECK_STR(credentials.list[0].session_token, STR("T=="));
    CHECK_STR(credentials.list[1].access_key, STR("B"));
    CHECK(credentials.list[1].session_token.p == NULL);
    parsed("aws_access_key_id=A\naws_secret_access_key=1", 1);
    struct buf many;
    buf_init(&many, 1 << 16);
    for (int i = 0; i < 40; i++) {
        buf_printf(&many, "[p%d]\naws_access_key_id=K%d\naws_secret_access_key=S%d\n", i, i, i);
    }
    buf_add_byte(&many, '\0');
    parsed(many.p, 40);
    CHECK_STR(credentials_find(&credentials, STR("K39"), (struct str){0})->secret, STR("S39"));
    CHECK(credentials_find(&credentials, STR("K40"), (struct str){0}) == NULL);
    buf_release(&many);
    not_parsed("[a]\naws_access_key_id=A\n[b]\n", "FILE: profile [a] has no aws_secret_access_key");
    not_parsed("[a]\naws_secret_access_key=A", "FILE: profile [a] has no aws_access_key_id");
    not_parsed("[a]\nwhat is this\n", "FILE: line 2 is neither [profile] nor name = value");
    static const char none[] =
        "FILE has no credentials: it wants [profile] sections with aws_access_key_id and aws_secret_access_key";
    not_parsed("", none);
    not_parsed("[default]\nregion=x\n", none);
    struct str zeros = arena_printf(&arena, "aws_access_key_id=A\naws_secret_access_key=%0*d", CREDENTIAL_SECRET_MAX + 1, 0);
    char text[CREDENTIAL_SECRET_MAX + 64];
    snprintf(text, sizeof(text), "%.*s", STR_ARG(zeros));
    not_parsed(text, "FILE: profile [default] has an aws_secret_access_key of more than 256 bytes");
}

/* ---- Signatures ---- */

static void hash_hex(const void *p, size_t n, char hex[65])
{
    unsigned char hash[32];
    EVP_Digest(p, n, hash, NULL, EVP_sha256(), NULL);
    for (int i = 0; i < 32; i++) {
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    }
}

/* scope: "20150830/us-east-1/dynamodb/aws4_request". */
static void sign(const char *secret, const char *date, const char *scope, struct str text, char hex[65])
{
    unsigned char key[32];
    char first[128];
    int n = snprintf(first, sizeof(first), "AWS4%s", secret);
    const void *with = first;
    struct str rest = str_from(scope);
    while (rest.n > 0) {
        const char *slash = memchr(rest.p, '/', rest.n);
        size_t part = slash != NULL ? (size_t)(slash - rest.p) : rest.n;
        HMAC(EVP_sha256(), with, n, (const unsigned char *)rest.p, part, key, NULL);
        with = key;
        n = 32;
        rest = slash != NULL ? str_of(slash + 1, rest.n - part - 1) : STR("");
    }
    hash_hex(text.p, text.n, hex);
    struct str to_sign = arena_printf(&arena, "AWS4-HMAC-SHA256\n%s\n%s\n%s", date, scope, hex);
    unsigned char signature[32];
    HMAC(EVP_sha256(), with, n, (const unsigned char *)to_sign.p, to_sign.n, signature, NULL);
    for (int i = 0; i < 32; i++) {
        snprintf(hex + 2 * i, 3, "%02x", signature[i]);
    }
}

/* A request in the header form; what is not set is right. */
struct trial {
    const char *key, *secret, *date, *scope, *token, *signed_headers, *algorithm, *payload, *signature, *sent_body;
    const char *credential;
    bool uses_date_header;
    bool is_body_packed;
    bool is_verified_twice;
};

#define OR(value, usual) ((value) != NULL ? (value) : (usual))

static bool try(struct trial t, struct auth *auth, struct err *err)
{
    const char *key = OR(t.key, "AKIDEXAMPLE");
    const char *date = OR(t.date, NOW);
    const char *scope = OR(t.scope, "20150830/us-east-1/dynamodb/aws4_request");
    const char *body = "{\"TableName\":\"t\"}";
    char hash[65];
    hash_hex(body, strlen(body), hash);
    const char *signed_headers = OR(t.signed_headers, t.token != NULL ? "host;x-amz-date;x-amz-security-token" : "host;x-amz-date");
    struct str token_line = t.token != NULL ? arena_printf(&arena, "x-amz-security-token:%s\n", t.token) : STR("");
    struct str text = arena_printf(&arena, "POST\n/\n\nhost:localhost:8000\nx-amz-date:%s\n%.*s\n%s\n%s", date, STR_ARG(token_line),
                                   signed_headers, OR(t.payload, hash));
    char signature[65];
    sign(OR(t.secret, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), date, scope, text, signature);
    struct str credential = t.credential != NULL ? str_from(t.credential) : arena_printf(&arena, "%s/%s", key, scope);
    struct str authorization = arena_printf(&arena, "%s Credential=%.*s, SignedHeaders=%s, Signature=%s", OR(t.algorithm, "AWS4-HMAC-SHA256"),
                                            STR_ARG(credential), signed_headers, OR(t.signature, signature));
    struct header lines[5] = {{STR("Host"), STR("localhost:8000")},
                              {t.uses_date_header ? STR("Date") : STR("X-Amz-Date"), str_from(date)},
                              {STR("Authorization"), authorization}};
    size_t count = 3;
    if (t.token != NULL) {
        lines[count++] = (struct header){STR("X-Amz-Security-Token"), str_from(t.token)};
    }
    if (t.payload != NULL) {
        lines[count++] = (struct header){STR("X-Amz-Content-Sha256"), str_from(t.payload)};
    }
    struct str sent = str_from(OR(t.sent_body, body));
    struct request request = {.method = STR("POST"), .path = STR("/"), .query = STR(""), .headers = lines, .header_count = count,
                              .body = t.is_body_packed ? STR("unpacked") : sent,
                              .packed_body = t.is_body_packed ? sent : (struct str){0}};
    err_init(err, &arena);
    *auth = (struct auth){0};
    return auth_check(&request, AUTH_VERIFY, &verifier, &arena, auth, err) &&
           (!t.is_verified_twice || auth_check(&request, AUTH_VERIFY, &verifier, &arena, auth, err));
}

static void accepted(struct trial t, const char *region)
{
    struct auth auth;
    struct err err;
    bool ok = try(t, &auth, &err);
    CHECK_STR(err.message, (struct str){0});
    CHECK(ok);
    CHECK_STR(auth.access_key, str_from(OR(t.key, "AKIDEXAMPLE")));
    CHECK_STR(auth.region, str_from(region));
}

static void refused(struct trial t, enum err_kind kind, const char *text)
{
    struct auth auth;
    struct err err;
    CHECK(!try(t, &auth, &err));
    CHECK_STR(err.message, str_from(text));
    CHECK_EQ(err.kind, kind);
}

static void good_signatures(void **state)
{
    (void)state;
    accepted((struct trial){0}, "us-east-1");
    accepted((struct trial){.is_verified_twice = true}, "us-east-1");
    accepted((struct trial){.scope = "20150830/local/dynamodb/aws4_request"}, "local");
    accepted((struct trial){.date = "20150830T122100Z"}, "us-east-1"); /* 15 minutes to the second */
    accepted((struct trial){.date = "20150830T125100Z"}, "us-east-1");
    accepted((struct trial){.key = "TEMPORARY", .secret = "temporary secret", .token = "tok/en=="}, "us-east-1");
    accepted((struct trial){.key = "SECOND", .secret = "2"}, "us-east-1");
    accepted((struct trial){.payload = "UNSIGNED-PAYLOAD", .sent_body = "anything"}, "us-east-1");
    accepted((struct trial){.is_body_packed = true}, "us-east-1");
    /* More keys, dates and regions than are cached: every one still verifies, twice. */
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 2 * SIGNING_KEYS_MAX; i++) {
            char scope[64];
            char region[16];
            snprintf(region, sizeof(region), "region-%d", i);
            snprintf(scope, sizeof(scope), "20150830/%s/dynamodb/aws4_request", region);
            accepted((struct trial){.scope = scope, .is_verified_twice = true}, region);
        }
    }
}

#define MISMATCH                                                                                                       \
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key " \
    "and signing method. Consult the service documentation for details."

static void bad_signatures(void **state)
{
    (void)state;
    refused((struct trial){.secret = "another"}, ERR_INVALID_SIGNATURE, MISMATCH);
    refused((struct trial){.sent_body = "{}"}, ERR_INVALID_SIGNATURE, MISMATCH);
    refused((struct trial){.signature = "0a"}, ERR_INVALID_SIGNATURE, MISMATCH);
    refused((struct trial){.payload = EMPTY_HASH}, ERR_INVALID_SIGNATURE, MISMATCH); /* said, but not so */
    refused((struct trial){.signed_headers = "content-type;host;x-amz-date"}, ERR_INVALID_SIGNATURE, MISMATCH);
    refused((struct trial){.key = "SECOND"}, ERR_INVALID_SIGNATURE, MISMATCH);
    refused((struct trial){.key = "akidexample"}, ERR_UNRECOGNIZED_CLIENT, "The security token included in the request is invalid.");
    refused((struct trial){.key = ""}, ERR_UNRECOGNIZED_CLIENT, "The security token included in the request is invalid.");
    /* A temporary key without its token, with another one; a token that the key doesn't have. */
    refused((struct trial){.key = "TEMPORARY", .secret = "temporary secret"}, ERR_UNRECOGNIZED_CLIENT,
            "The security token included in the request is invalid.");
    refused((struct trial){.key = "TEMPORARY", .secret = "temporary secret", .token = "other"}, ERR_UNRECOGNIZED_CLIENT,
            "The security token included in the request is invalid");
    refused((struct trial){.token = "tok/en=="}, ERR_UNRECOGNIZED_CLIENT, "The security token included in the request is invalid");
    /* Far more signed headers than anybody has are not looked at. */
    struct str many = STR("host;x-amz-date");
    for (int i = 0; i < SIGNED_HEADERS_MAX; i++) {
        many = arena_printf(&arena, "%.*s;h%d", STR_ARG(many), i);
    }
    refused((struct trial){.signed_headers = arena_printf(&arena, "%.*s%c", STR_ARG(many), 0).p}, ERR_INVALID_SIGNATURE, MISMATCH);
    /* The signature is looked at first. */
    refused((struct trial){.token = "tok/en==", .secret = "x"}, ERR_INVALID_SIGNATURE, MISMATCH);
}

static void dates(void **state)
{
    (void)state;
#define ISO(got) "Date must be in ISO-8601 'basic format'. Got '" got "'. See http://en.wikipedia.org/wiki/ISO_8601"
    static const char *const bad[][2] = {
        {"2015-08-30T12:36:00Z", ISO("2015-08-30T12:36:00Z")},
        {"20150830T123600", ISO("20150830T123600")},
        {"20151330T123600Z", ISO("20151330T123600Z")},
        {"20150832T123600Z", ISO("20150832T123600Z")},
        {"20150830T243600Z", ISO("20150830T243600Z")},
        {"20150830T126000Z", ISO("20150830T126000Z")},
        {"2015083xT123600Z", ISO("2015083xT123600Z")},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        refused((struct trial){.date = bad[i][0]}, ERR_INCOMPLETE_SIGNATURE, bad[i][1]);
    }
    refused((struct trial){.date = "Sun, 30 Aug 2015 12:36:00 GMT", .uses_date_header = true}, ERR_INCOMPLETE_SIGNATURE,
            ISO("Sun, 30 Aug 2015 12:36:00 GMT"));
    refused((struct trial){.date = "20150830T122059Z"}, ERR_INVALID_SIGNATURE,
            "Signature expired: 20150830T122059Z is now earlier than 20150830T122100Z (20150830T123600Z - 15 min.)");
    refused((struct trial){.date = "20130301T000000Z"}, ERR_INVALID_SIGNATURE,
            "Signature expired: 20130301T000000Z is now earlier than 20150830T122100Z (20150830T123600Z - 15 min.)");
    refused((struct trial){.date = "20150830T125101Z"}, ERR_INVALID_SIGNATURE,
            "Signature not yet current: 20150830T125101Z is still later than 20150830T125100Z (20150830T123600Z + 15 min.)");
    /* A leap day, and the day that follows. */
    now.now = 1709164799000; /* 2024-02-28T23:59:59Z */
    accepted((struct trial){.date = "20240229T000000Z", .scope = "20240229/r/dynamodb/aws4_request"}, "r");
    now.now = NOW_MS;
}

static void scopes(void **state)
{
    (void)state;
    refused((struct trial){.signed_headers = "x-amz-date"}, ERR_INVALID_SIGNATURE,
            "'Host' must be a 'SignedHeader' in the AWS Authorization.");
    refused((struct trial){.algorithm = "AWS4-HMAC-SHA512"}, ERR_INCOMPLETE_SIGNATURE,
            "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA512' (only AWS4-HMAC-SHA256 for now). ");
#define FIVE(got) "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '" got "'"
    refused((struct trial){.credential = "AKIDEXAMPLE"}, ERR_INCOMPLETE_SIGNATURE, FIVE("AKIDEXAMPLE"));
    refused((struct trial){.credential = "a/b/c/d"}, ERR_INCOMPLETE_SIGNATURE, FIVE("a/b/c/d"));
    refused((struct trial){.credential = "a/b/c/d/e/f/g"}, ERR_INCOMPLETE_SIGNATURE, FIVE("a/b/c/d/e/f/g"));
    refused((struct trial){.scope = "20150830/us-east-1/s3/aws4_request"}, ERR_INVALID_SIGNATURE,
            "Credential should be scoped to correct service: 'dynamodb'. ");
    refused((struct trial){.scope = "20150830//dynamodb/aws4_request"}, ERR_INVALID_SIGNATURE,
            "Credential should be scoped to a valid region, not ''. ");
    refused((struct trial){.scope = "20150830/us-east-1/dynamodb/aws5"}, ERR_INVALID_SIGNATURE,
            "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5'. ");
    refused((struct trial){.scope = "20150829/us-east-1/dynamodb/aws4_request"}, ERR_INVALID_SIGNATURE,
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20150829' != '20150830', "
            "from '20150830T123600Z'.");
    refused((struct trial){.scope = "2015/a:b/x/y"}, ERR_INVALID_SIGNATURE,
            "Credential should be scoped to a valid region, not 'a:b'. Credential should be scoped to correct service: 'dynamodb'. "
            "Credential should be scoped with a valid terminator: 'aws4_request', not 'y'. Date in Credential scope does not match "
            "YYYYMMDD from ISO-8601 version of date from HTTP: '2015' != '20150830', from '20150830T123600Z'.");
    /* The order of the rows: date, host, algorithm, parts, scope, key. */
    refused((struct trial){.date = "x", .signed_headers = "a", .algorithm = "AWS4-X", .credential = "a"}, ERR_INCOMPLETE_SIGNATURE, ISO("x"));
    refused((struct trial){.signed_headers = "a", .algorithm = "AWS4-X", .credential = "a"}, ERR_INVALID_SIGNATURE,
            "'Host' must be a 'SignedHeader' in the AWS Authorization.");
    refused((struct trial){.algorithm = "AWS4-X", .credential = "a"}, ERR_INCOMPLETE_SIGNATURE,
            "Unsupported AWS 'algorithm': 'AWS4-X' (only AWS4-HMAC-SHA256 for now). ");
    refused((struct trial){.key = "nobody", .scope = "20150830/r/s3/aws4_request"}, ERR_INVALID_SIGNATURE,
            "Credential should be scoped to correct service: 'dynamodb'. ");
}

#define PRESIGNED(extra)                                                                                               \
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=%s%%2F20150830%%2Fus-east-1%%2Fdynamodb%%2Faws4_request"        \
    "&X-Amz-Date=" NOW "&X-Amz-Expires=60" extra "&X-Amz-SignedHeaders=host"

static void presigned(const char *key, const char *secret, const char *token, const char *host, const char *error)
{
    struct str query = token != NULL ? arena_printf(&arena, PRESIGNED("&X-Amz-Security-Token=%s"), key, token)
                                     : arena_printf(&arena, PRESIGNED(""), key);
    struct str text = arena_printf(&arena, "POST\n/\n%.*s\nhost:h\n\nhost\n" EMPTY_HASH, STR_ARG(query));
    char signature[65];
    sign(secret, NOW, "20150830/us-east-1/dynamodb/aws4_request", text, signature);
    /* The signature's place among the others doesn't matter. */
    struct str sent = arena_printf(&arena, "X-Amz-Signature=%s&%.*s", signature, STR_ARG(query));
    struct header header = {STR("Host"), str_from(host)};
    struct request request = {.method = STR("POST"), .path = STR("/"), .query = sent, .headers = &header, .header_count = 1,
                              .body = STR("")};
    struct auth auth;
    struct err err;
    err_init(&err, &arena);
    bool ok = auth_check(&request, AUTH_VERIFY, &verifier, &arena, &auth, &err);
    CHECK_STR(err.message, whole(error));
    CHECK_EQ(ok, error == NULL);
}

static void presigned_requests(void **state)
{
    (void)state;
    presigned("SECOND", "2", NULL, "h", NULL);
    presigned("SECOND", "3", NULL, "h", MISMATCH);
    presigned("SECOND", "2", NULL, "other", MISMATCH);
    presigned("TEMPORARY", "temporary secret", "tok%2Fen%3D%3D", "h", NULL);
    presigned("TEMPORARY", "temporary secret", "no", "h", "The security token included in the request is invalid");
}

static void modes(void **state)
{
    (void)state;
    enum auth_mode mode = AUTH_OFF;
    CHECK(auth_mode_read((struct str){0}, &mode) && mode == AUTH_SHAPE);
    CHECK(auth_mode_read(STR("off"), &mode) && mode == AUTH_OFF);
    CHECK(auth_mode_read(STR("verify"), &mode) && mode == AUTH_VERIFY);
    CHECK(auth_mode_read(STR("shape"), &mode) && mode == AUTH_SHAPE);
    CHECK(!auth_mode_read(STR("Shape"), &mode) && !auth_mode_read(STR(""), &mode));
    static const struct {
        const char *authorization, *query, *key, *region;
    } cases[] = {
        {NULL, "", "anonymous", "us-east-1"},
        {"Basic x", "", "anonymous", "us-east-1"},
        {"AWS4-X Credential=k/d/local/dynamodb/aws4_request", "", "k", "local"},
        {"AWS4-X Credential=/d/local/dynamodb/aws4_request", "", "anonymous", "us-east-1"},
        {NULL, "X-Amz-Credential=k%2Fd%2Fr%2Fs%2Ft", "k", "r"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct header header = {STR("Authorization"), whole(cases[i].authorization)};
        struct request request = {.method = STR("POST"), .path = STR("/"), .query = str_from(cases[i].query), .headers = &header,
                                  .header_count = cases[i].authorization != NULL};
        struct auth auth;
        struct err err;
        err_init(&err, &arena);
        CHECK(auth_check(&request, AUTH_OFF, NULL, &arena, &auth, &err));
        CHECK_STR(auth.access_key, str_from(cases[i].key));
        CHECK_STR(auth.region, str_from(cases[i].region));
    }
}

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 16);
    arena_init(&known_arena, 1 << 16);
    const struct credential list[] = {
        {STR("AKIDEXAMPLE"), STR("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), {0}},
        {STR("TEMPORARY"), STR("temporary secret"), STR("tok/en==")},
        {STR("SECOND"), STR("2"), {0}},
    };
    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        credentials_add(&known, &known_arena, list[i]);
    }
    clock_manual_init(&now, NOW_MS);
    verifier_init(&verifier, &known, &now.clock);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    verifier_release(&verifier);
    arena_release(&known_arena);
    arena_release(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_and_queries), cmocka_unit_test(headers),        cmocka_unit_test(credential_files),
        cmocka_unit_test(good_signatures),   cmocka_unit_test(bad_signatures), cmocka_unit_test(dates),
        cmocka_unit_test(scopes),            cmocka_unit_test(presigned_requests), cmocka_unit_test(modes),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
