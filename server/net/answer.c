/* SPDX-License-Identifier: Apache-2.0 */
/* answer.c — the head of an answer, written right before the body that already stands in the buffer, so that both leave in one write
 * of one piece. Only heads with long echoed headers become a piece of their own. */
#include "core/deflate.h"
#include "server/net/internal.h"

static struct str status_text(int status)
{
    switch (status) {
    case 204:
        return STR("No Content");
    case 301:
        return STR("Moved Permanently");
    case 302:
        return STR("Found");
    case 304:
        return STR("Not Modified");
    case 400:
        return STR("Bad Request");
    case 403:
        return STR("Forbidden");
    case 404:
        return STR("Not Found");
    case 405:
        return STR("Method Not Allowed");
    case 500:
        return STR("Internal Server Error");
    case 503:
        return STR("Service Unavailable");
    default:
        return STR("Status");
    }
}

static char *put(char *at, struct str s)
{
    memcpy(at, s.p, s.n);
    return at + s.n;
}

static char *put_number(char *at, uint64_t n)
{
    char digits[20];
    size_t i = sizeof(digits);
    do {
        digits[--i] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    return put(at, str_of(digits + i, sizeof(digits) - i));
}

void answer_id(struct random *random, char id[HTTP_ID_BYTES])
{
    /* Five bits a character, as the service's own ids look: A to V, then 0 to 9. Eight at once: from 22 on, the sum has its high bit set. */
    const uint64_t ones = UINT64_C(0x0101010101010101);
    for (size_t i = 0; i < HTTP_ID_BYTES; i += 8) {
        uint64_t digits = random_u64(random) & ones * 31;
        uint64_t is_numeral = (digits + ones * (128 - 22)) >> 7 & ones;
        uint64_t letters = digits + ones * 'A' - is_numeral * ('A' + 22 - '0');
        memcpy(id + i, &letters, HTTP_ID_BYTES - i < 8 ? HTTP_ID_BYTES - i : 8);
    }
}

#define FIXED_BYTES 256 /* all that is not counted in head_bytes_max, with room to spare */

static size_t head_bytes_max(const struct response *response)
{
    size_t n = FIXED_BYTES + response->content_type.n;
    for (size_t i = 0; i < response->header_count; i++) {
        n += response->headers[i].name.n + response->headers[i].value.n + 4;
    }
    return n;
}

/* The usual line in one piece. */
static char *put_status(char *at, int status)
{
    if (status == 200) {
        return put(at, STR("HTTP/1.1 200 OK"));
    }
    at = put(at, STR("HTTP/1.1 "));
    at = put_number(at, (uint64_t)status);
    at = put(at, STR(" "));
    return put(at, status_text(status));
}

static size_t write_head(const struct exchange *ex, bool closes, struct str body, char *to)
{
    const struct response *response = &ex->base.response;
    char *at = put_status(to, response->status);
    if (response->content_type.p != NULL) {
        at = put(at, STR("\r\nContent-Type: "));
        at = put(at, response->content_type);
    }
    at = put(at, STR("\r\nContent-Length: "));
    at = put_number(at, body.n);
    if (!response->has_no_id) {
        at = put(at, STR("\r\nDate: "));
        at = put(at, loop_date(ex->base.loop));
        at = put(at, STR("\r\nx-amzn-RequestId: "));
        at = put(at, str_of(ex->base.id, HTTP_ID_BYTES));
        at = put(at, STR("\r\nx-amz-crc32: "));
        at = put_number(at, crc32_of(body.p, body.n));
    }
    if (closes) {
        at = put(at, STR("\r\nConnection: close"));
    } else if (ex->says_keep_alive) {
        at = put(at, STR("\r\nConnection: keep-alive"));
    }
    for (size_t i = 0; i < response->header_count; i++) {
        at = put(at, STR("\r\n"));
        at = put(at, response->headers[i].name);
        at = put(at, STR(": "));
        at = put(at, response->headers[i].value);
    }
    at = put(at, STR("\r\n\r\n"));
    return (size_t)(at - to);
}

unsigned answer_pieces(struct exchange *ex, bool closes, uv_buf_t pieces[2])
{
    const struct response *response = &ex->base.response;
    ensure(ex->out.n >= HEAD_ROOM);
    ensure(response->status >= 100 && response->status <= 999);
    char *body_at = ex->out.p + HEAD_ROOM;
    struct str body = str_of(body_at, ex->out.n - HEAD_ROOM);
    size_t sent_body_n = response->is_head ? 0 : body.n;
    size_t max = head_bytes_max(response);
    if (max > HEAD_ROOM) {
        char *head = arena_alloc(&ex->arena, max);
        pieces[0] = uv_buf_init(head, (unsigned)write_head(ex, closes, body, head));
        pieces[1] = uv_buf_init(body_at, (unsigned)sent_body_n);
        return 2;
    }
    char head[HEAD_ROOM];
    size_t n = write_head(ex, closes, body, head);
    memcpy(body_at - n, head, n);
    pieces[0] = uv_buf_init(body_at - n, (unsigned)(n + sent_body_n));
    return 1;
}
