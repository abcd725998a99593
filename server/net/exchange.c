/* SPDX-License-Identifier: Apache-2.0 */
/* exchange.c — from bytes to a request. llhttp finds the parts; they are kept as offsets into the one buffer that was read into, so nothing
 * is copied: headers are slices of it, a body with a length lies in it as it came, and chunks are pushed together in
 * place (the parser is always ahead of where they go). So a request never takes more than its head and its body. */
#include "core/deflate.h"
#include "server/net/internal.h"

#include <stdlib.h>
#include <strings.h>

#define FIRST_SPANS 32

struct exchange *exchange_new(struct http_loop *loop)
{
    struct exchange *ex = calloc(1, sizeof(*ex));
    ensure(ex != NULL);
    arena_init(&ex->arena, KEPT_BYTES);
    buf_init(&ex->out, ANSWER_BYTES_MAX);
    ex->in_cap = READ_BYTES;
    ex->in = malloc(ex->in_cap);
    ex->span_cap = FIRST_SPANS;
    ex->spans = malloc(ex->span_cap * sizeof(*ex->spans));
    ensure(ex->in != NULL && ex->spans != NULL);
    ex->base.loop = loop;
    ex->base.arena = &ex->arena;
    ex->base.out = &ex->out;
    exchange_reset(ex);
    return ex;
}

void exchange_free(struct exchange *ex)
{
    arena_release(&ex->arena);
    buf_release(&ex->out);
    if (ex->unpacked.p != NULL) {
        buf_release(&ex->unpacked);
    }
    free(ex->in);
    free(ex->spans);
    free(ex);
}

void exchange_reset(struct exchange *ex)
{
    ensure(!ex->is_pending);
    arena_reset(&ex->arena);
    buf_clear(&ex->out, KEPT_BYTES);
    buf_reserve(&ex->out, HEAD_ROOM);
    ex->out.n = HEAD_ROOM;
    if (ex->unpacked.p != NULL) {
        buf_release(&ex->unpacked);
    }
    ex->start = ex->parsed;
    if (ex->parsed == ex->in_n) {
        ex->start = ex->parsed = ex->in_n = 0;
        if (ex->in_cap > READ_BYTES) {
            free(ex->in);
            ex->in = malloc(READ_BYTES);
            ensure(ex->in != NULL);
            ex->in_cap = READ_BYTES;
        }
    }
    ex->url_at = ex->url_n = 0;
    ex->span_count = 0;
    ex->is_name_done = ex->is_head_done = ex->wants_continue = ex->is_gzip = false;
    ex->body_at = ex->body_n = ex->junk_n = 0;
    ex->is_last = ex->says_keep_alive = false;
}

void exchange_make_room(struct exchange *ex)
{
    if (ex->in_cap - ex->in_n >= READ_BYTES / 4) {
        return;
    }
    if (ex->start > 0) {
        memmove(ex->in, ex->in + ex->start, ex->in_n - ex->start);
        ex->in_n -= ex->start;
        ex->parsed -= ex->start;
        ex->start = 0;
    }
    if (ex->in_cap - ex->in_n < READ_BYTES / 4) {
        ex->in_cap *= 2;
        ex->in = realloc(ex->in, ex->in_cap);
        ensure(ex->in != NULL);
    }
}

static size_t offset_of(const struct exchange *ex, const char *at)
{
    return (size_t)(at - ex->in) - ex->start;
}

/* ---- What llhttp calls ---- */

static int on_url(llhttp_t *parser, const char *at, size_t n)
{
    struct exchange *ex = parser->data;
    if (ex->url_n == 0) {
        ex->url_at = offset_of(ex, at);
    }
    ex->url_n = offset_of(ex, at + n) - ex->url_at;
    return 0;
}

static int on_header_field(llhttp_t *parser, const char *at, size_t n)
{
    struct exchange *ex = parser->data;
    if (ex->is_head_done) {
        ex->junk_n += n; /* a trailer */
        return 0;
    }
    if (ex->span_count == 0 || ex->is_name_done) {
        if (ex->span_count == ex->span_cap) {
            ex->span_cap *= 2;
            ex->spans = realloc(ex->spans, ex->span_cap * sizeof(*ex->spans));
            ensure(ex->spans != NULL);
        }
        ex->spans[ex->span_count] = (struct span){.name_at = offset_of(ex, at)};
        ex->span_count++;
        ex->is_name_done = false;
    }
    struct span *span = &ex->spans[ex->span_count - 1];
    span->name_n = offset_of(ex, at + n) - span->name_at;
    return 0;
}

static int on_header_value(llhttp_t *parser, const char *at, size_t n)
{
    struct exchange *ex = parser->data;
    if (ex->is_head_done) {
        ex->junk_n += n;
        return 0;
    }
    ensure(ex->span_count > 0);
    ex->is_name_done = true;
    struct span *span = &ex->spans[ex->span_count - 1];
    if (span->value_n == 0) {
        span->value_at = offset_of(ex, at);
    }
    span->value_n = offset_of(ex, at + n) - span->value_at;
    return 0;
}

static int on_header_field_complete(llhttp_t *parser)
{
    struct exchange *ex = parser->data;
    ex->is_name_done = true;
    return 0;
}

static int on_chunk_extension(llhttp_t *parser, const char *at, size_t n)
{
    (void)at;
    struct exchange *ex = parser->data;
    ex->junk_n += n;
    return 0;
}

static struct str span_name(const struct exchange *ex, const struct span *span)
{
    return str_of(ex->in + ex->start + span->name_at, span->name_n);
}

static struct str span_value(const struct exchange *ex, const struct span *span)
{
    struct str value = str_of(ex->in + ex->start + span->value_at, span->value_n);
    while (value.n > 0 && (value.p[value.n - 1] == ' ' || value.p[value.n - 1] == '\t')) {
        value.n--;
    }
    return value;
}

static bool equals_ignoring_case(struct str a, struct str b)
{
    return a.n == b.n && strncasecmp(a.p, b.p, b.n) == 0;
}

static int on_headers_complete(llhttp_t *parser)
{
    struct exchange *ex = parser->data;
    ex->is_head_done = true;
    for (size_t i = 0; i < ex->span_count; i++) {
        const struct span *span = &ex->spans[i];
        if (equals_ignoring_case(span_name(ex, span), STR("expect"))) {
            ex->wants_continue = equals_ignoring_case(span_value(ex, span), STR("100-continue"));
        } else if (equals_ignoring_case(span_name(ex, span), STR("content-encoding"))) {
            struct str coding = span_value(ex, span);
            ex->is_gzip = equals_ignoring_case(coding, STR("gzip")) || equals_ignoring_case(coding, STR("x-gzip"));
        }
    }
    ex->is_last = llhttp_should_keep_alive(parser) == 0;
    ex->says_keep_alive = parser->http_major == 1 && parser->http_minor == 0;
    parser->upgrade = 0; /* an offer of another protocol that we don't take */
    return 0;
}

static int on_body(llhttp_t *parser, const char *at, size_t n)
{
    struct exchange *ex = parser->data;
    if (ex->body_n == 0) {
        ex->body_at = offset_of(ex, at);
    }
    char *to = ex->in + ex->start + ex->body_at + ex->body_n;
    if (to != at) {
        memmove(to, at, n);
    }
    ex->body_n += n;
    return 0;
}

static int on_message_complete(llhttp_t *parser)
{
    (void)parser;
    return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
    .on_url = on_url,
    .on_header_field = on_header_field,
    .on_header_field_complete = on_header_field_complete,
    .on_header_value = on_header_value,
    .on_chunk_extension_name = on_chunk_extension,
    .on_chunk_extension_value = on_chunk_extension,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

void parser_init(llhttp_t *parser)
{
    llhttp_init(parser, HTTP_REQUEST, &settings);
}

/* ---- Around it ---- */

/* "/path?query", also from the absolute form "http://host/path?query". */
static void split_url(struct str url, struct request *request)
{
    if (url.n > 0 && url.p[0] != '/') {
        const char *authority = memmem(url.p, url.n, "://", 3);
        if (authority != NULL) {
            authority += 3;
            const char *slash = memchr(authority, '/', (size_t)(url.p + url.n - authority));
            url = slash != NULL ? str_of(slash, (size_t)(url.p + url.n - slash)) : STR("/");
        }
    }
    const char *mark = memchr(url.p, '?', url.n);
    size_t path_n = mark != NULL ? (size_t)(mark - url.p) : url.n;
    request->path = str_of(url.p, path_n);
    request->query = mark != NULL ? str_of(mark + 1, url.n - path_n - 1) : STR("");
}

static enum parse_result unpack_body(struct exchange *ex, const struct http_limits *limits)
{
    struct request *request = &ex->base.request;
    buf_init(&ex->unpacked, limits->body_bytes);
    if (!gzip_unpack(request->body, limits->body_bytes, &ex->unpacked)) {
        /* It was given all the room there may be: then it is a bomb, and otherwise no gzip. */
        return ex->unpacked.cap == ex->unpacked.max ? PARSE_BODY_TOO_LARGE : PARSE_BAD;
    }
    request->packed_body = request->body;
    request->body = str_of(ex->unpacked.p, ex->unpacked.n);
    return PARSE_COMPLETE;
}

static enum parse_result complete(struct exchange *ex, const llhttp_t *parser, const struct http_limits *limits)
{
    const char *begin = ex->in + ex->start;
    struct header *headers = arena_alloc(&ex->arena, ex->span_count * sizeof(*headers));
    for (size_t i = 0; i < ex->span_count; i++) {
        headers[i] = (struct header){span_name(ex, &ex->spans[i]), span_value(ex, &ex->spans[i])};
    }
    ex->base.request = (struct request){
        .method = str_from(llhttp_method_name((llhttp_method_t)parser->method)),
        .headers = headers,
        .header_count = ex->span_count,
        .body = str_of(begin + ex->body_at, ex->body_n),
    };
    split_url(str_of(begin + ex->url_at, ex->url_n), &ex->base.request);
    return ex->is_gzip && ex->body_n > 0 ? unpack_body(ex, limits) : PARSE_COMPLETE;
}

/* Where the last part of the head ends that anybody looks at. */
static size_t head_end(const struct exchange *ex)
{
    if (ex->span_count == 0) {
        return ex->url_at + ex->url_n;
    }
    const struct span *last = &ex->spans[ex->span_count - 1];
    return last->value_n > 0 ? last->value_at + last->value_n : last->name_at + last->name_n;
}

static enum parse_result check_limits(const struct exchange *ex, const llhttp_t *parser,
                                      const struct http_limits *limits)
{
    if (!ex->is_head_done) {
        return ex->parsed - ex->start > limits->head_bytes ? PARSE_HEAD_TOO_LARGE : PARSE_MORE;
    }
    if (head_end(ex) > limits->head_bytes) {
        return PARSE_HEAD_TOO_LARGE;
    }
    bool is_chunked = (parser->flags & F_CHUNKED) != 0;
    if (ex->body_n > limits->body_bytes ||
        (!is_chunked && parser->content_length > limits->body_bytes - ex->body_n)) { /* what is still to come */
        return PARSE_BODY_TOO_LARGE;
    }
    return ex->junk_n > limits->head_bytes ? PARSE_BAD : PARSE_MORE;
}

enum parse_result exchange_parse(struct exchange *ex, llhttp_t *parser, const struct http_limits *limits)
{
    parser->data = ex;
    llhttp_errno_t status = llhttp_execute(parser, ex->in + ex->parsed, ex->in_n - ex->parsed);
    if (status == HPE_PAUSED) {
        ex->parsed = (size_t)(llhttp_get_error_pos(parser) - ex->in);
        llhttp_resume(parser);
        ensure(ex->parsed <= ex->in_n);
        enum parse_result result = check_limits(ex, parser, limits);
        return result == PARSE_MORE ? complete(ex, parser, limits) : result;
    }
    if (status != HPE_OK) {
        return PARSE_BAD;
    }
    ex->parsed = ex->in_n;
    enum parse_result result = check_limits(ex, parser, limits);
    if (result == PARSE_MORE && ex->is_head_done) {
        /* What stands behind head and body was chunk framing, and is used up. */
        ex->in_n = ex->parsed = ex->start + (ex->body_n > 0 ? ex->body_at + ex->body_n : head_end(ex));
    }
    return result;
}
