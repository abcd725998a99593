/* SPDX-License-Identifier: Apache-2.0 */
/* front.c — what the service's front end answers before any operation is looked at, in its order: aws-behaviour.md §1.3, 2026 D.15. Where people's
 * habits rest on DynamoDB Local instead (probes of `/`, `/shell/`), its answers are given: demand.md §2.4. */
#include "server/api/state.h"
#include "server/auth/auth.h"

#include <strings.h>

#define UNSIGNED_BODY                                                                                                  \
    "{\"__type\":\"com.amazonaws.dynamodb.v20120810#MissingAuthenticationToken\",\"Message\":\"Request must contain "  \
    "either a valid (registered) AWS access key ID or X.509 certificate.\"}"
#define SHELL_PAGE                                                                                                     \
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Stator</title></head>\n"                  \
    "<body><h1>Stator</h1><p>A server of the DynamoDB API is running here. Point your SDK's endpoint at this "         \
    "address; any access key and secret will do.</p></body></html>\n"

static struct str trim(struct str s)
{
    while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
        s = str_of(s.p + 1, s.n - 1);
    }
    while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t')) {
        s.n--;
    }
    return s;
}

/* ---- CORS ---- */

/* The value of Access-Control-Allow-Origin; absent if this origin is not allowed. */
static struct str allowed_origin(struct str allowed, struct str origin)
{
    if (allowed.p == NULL || str_eq(trim(allowed), STR("*"))) {
        return STR("*");
    }
    for (size_t start = 0, i = 0; i <= allowed.n; i++) {
        if (i < allowed.n && allowed.p[i] != ',') {
            continue;
        }
        struct str one = trim(str_of(allowed.p + start, i - start));
        start = i + 1;
        if (str_eq(one, STR("*"))) {
            return STR("*");
        }
        if (origin.n > 0 && str_eq(one, origin)) {
            return origin;
        }
    }
    return (struct str){0};
}

void front_headers(struct api *api, const struct request *request, struct response *response)
{
    struct str origin = request_header(request, STR("Origin"));
    struct str allowed = allowed_origin(api->options.cors, origin);
    if (allowed.p != NULL) {
        response_add_header(response, STR("Access-Control-Allow-Origin"), allowed);
        if (origin.n > 0) {
            response_add_header(response, STR("Access-Control-Expose-Headers"),
                                STR("x-amzn-RequestId, x-amz-crc32"));
        }
    }
    if (allowed.p == NULL || !str_eq(allowed, STR("*"))) {
        response_add_header(response, STR("Vary"), STR("Origin"));
    }
}

static void preflight(const struct request *request, struct response *response)
{
    response->status = 200;
    response_add_header(response, STR("Access-Control-Max-Age"), STR("172800"));
    struct str headers = request_header(request, STR("Access-Control-Request-Headers"));
    if (headers.p != NULL) {
        response_add_header(response, STR("Access-Control-Allow-Headers"), headers);
    }
    struct str method = request_header(request, STR("Access-Control-Request-Method"));
    if (method.p != NULL) {
        response_add_header(response, STR("Access-Control-Allow-Methods"), method);
    }
}

/* ---- Probes and pages ---- */

static void page(struct response *response, struct buf *out, int status, struct str content_type, struct str body)
{
    response->status = status;
    response->content_type = content_type;
    buf_add_str(out, body);
}

static bool accepts(struct str accept, const char *type)
{
    return accept.n > 0 && memmem(accept.p, accept.n, type, strlen(type)) != NULL;
}

/* A browser, that is; Java's HttpURLConnection names text/html and image/gif when its user names nothing, and Testcontainers waits by it for 400. */
static bool wants_html(const struct request *request)
{
    struct str accept = request_header(request, STR("Accept"));
    return accepts(accept, "text/html") && !accepts(accept, "image/gif");
}

static void redirect_to_shell(struct response *response)
{
    response->status = 302;
    response_add_header(response, STR("Location"), STR("/shell/"));
}

/* `/` without a request: people wait for DynamoDB Local's 400. The probe's connection is closed, or it keeps test runners alive. */
static void probe(struct api *api, const struct request *request, struct response *response, struct buf *out)
{
    if (wants_html(request)) {
        redirect_to_shell(response);
        return;
    }
    response->closes = true;
    if (api->options.answers_healthy) {
        page(response, out, 200, (struct str){0}, STR("healthy: dynamodb.us-east-1.amazonaws.com "));
    } else {
        page(response, out, 400, STR("application/x-amz-json-1.0"), STR(UNSIGNED_BODY));
    }
}

static void not_found(struct response *response, struct buf *out)
{
    page(response, out, 404, (struct str){0}, STR("<UnknownOperationException/>\n"));
}

/* GET and HEAD. */
static void get(struct api *api, const struct request *request, struct response *response, struct buf *out)
{
    response->is_head = str_eq(request->method, STR("HEAD"));
    if (str_eq(request->path, STR("/")) || request->path.n == 0) {
        probe(api, request, response, out);
    } else if (str_eq(request->path, STR("/health"))) {
        page(response, out, 200, STR("application/json"), STR("{\"status\":\"ok\"}"));
    } else if (str_eq(request->path, STR("/_localstack/health"))) { /* people grep it, blanks included */
        page(response, out, 200, STR("application/json"), STR("{\"services\": {\"dynamodb\": \"available\"}}"));
    } else if (str_eq(request->path, STR("/shell/"))) {
        page(response, out, 200, STR("text/html; charset=utf-8"), STR(SHELL_PAGE));
    } else if (str_eq(request->path, STR("/shell"))) {
        redirect_to_shell(response);
    } else {
        not_found(response, out);
    }
}

/* ---- Requests ---- */

/* The base media type if it is one of the two; absent otherwise. */
static struct str media_type(const struct request *request)
{
    struct str type = request_header(request, STR("Content-Type"));
    const char *semicolon = type.n > 0 ? memchr(type.p, ';', type.n) : NULL;
    if (semicolon != NULL) {
        type.n = (size_t)(semicolon - type.p);
    }
    type = trim(type);
    static const char *const known[] = {"application/x-amz-json-1.0", "application/json"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct str one = str_from(known[i]);
        if (str_eq(type, one) || (type.n == one.n && strncasecmp(type.p, one.p, one.n) == 0)) {
            return one;
        }
    }
    return (struct str){0};
}

bool front_answer(struct api *api, const struct request *request, struct buf *out, struct response *response)
{
    front_headers(api, request, response);
    if (str_eq(request->method, STR("OPTIONS")) && request_header(request, STR("Origin")).p != NULL) {
        preflight(request, response);
        return true;
    }
    if (str_eq(request->method, STR("GET")) || str_eq(request->method, STR("HEAD"))) {
        get(api, request, response, out);
        return true;
    }
    bool is_root = str_eq(request->path, STR("/")) || request->path.n == 0;
    struct str type = media_type(request);
    if (!str_eq(request->method, STR("POST")) || !is_root || (request->body.n > 0 && type.p == NULL)) {
        not_found(response, out);
        return true;
    }
    response->content_type = type.p != NULL ? type : STR("application/json");
    return false;
}

/* `DynamoDB_20120810.PutItem`. */
static bool target_read(struct call *call, struct err *err)
{
    struct str target = request_header(call->request, STR("X-Amz-Target"));
    static const char *const prefixes[] = {"DynamoDB_20120810.", "DynamoDBStreams_20120810."};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        struct str prefix = str_from(prefixes[i]);
        if (target.n > 0 && str_starts_with(target, prefix)) {
            call->is_stream_target = i == 1;
            call->op = op_find(str_of(target.p + prefix.n, target.n - prefix.n), call->is_stream_target);
        }
    }
    return call->op != NULL || err_set(err, ERR_UNKNOWN_OPERATION, "An unknown operation was requested.");
}

bool front_read(struct call *call, struct api_worker *worker, const struct json **body, struct err *err)
{
    const struct request *request = call->request;
    *body = NULL;
    if (request->body.n > 0 && !json_parse(request->body, call->arena, body)) {
        return err_set(err, ERR_BAD_JSON, "The body is not JSON.");
    }
    struct auth auth;
    if (!target_read(call, err) || !auth_check(request, call->api->options.auth, &worker->verifier, call->arena, &auth, err)) {
        return false;
    }
    call->access_key = auth.access_key;
    call->region = auth.region;
    return *body != NULL || err_set(err, ERR_BAD_JSON, "The body is empty.");
}
