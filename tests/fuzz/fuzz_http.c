/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_http.c — any bytes as what comes over a connection. However they are cut, the same requests must come out. The first byte says how. */
#include "server/net/internal.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void note(struct buf *log, const struct request *request)
{
    buf_add_str(log, request->method);
    buf_add_byte(log, ' ');
    buf_add_str(log, request->path);
    buf_add_byte(log, '?');
    buf_add_str(log, request->query);
    for (size_t i = 0; i < request->header_count; i++) {
        buf_add_byte(log, '\n');
        buf_add_str(log, request->headers[i].name);
        buf_add_byte(log, ':');
        buf_add_str(log, request->headers[i].value);
    }
    buf_add_byte(log, '\n');
    buf_add_str(log, request->body);
    buf_add_byte(log, '\n');
}

/* Reads in pieces of `step` bytes, as conn.c does; how it ended is the last line. */
static void read_all(struct str bytes, size_t step, struct buf *log)
{
    const struct http_limits limits = {.head_bytes = 4096, .body_bytes = 65536};
    struct exchange *ex = exchange_new(NULL);
    llhttp_t parser;
    parser_init(&parser);
    enum parse_result result = PARSE_MORE;
    for (size_t at = 0; at < bytes.n && result == PARSE_MORE;) {
        exchange_make_room(ex);
        size_t n = bytes.n - at < step ? bytes.n - at : step;
        n = n < ex->in_cap - ex->in_n ? n : ex->in_cap - ex->in_n;
        memcpy(ex->in + ex->in_n, bytes.p + at, n);
        ex->in_n += n;
        at += n;
        result = exchange_parse(ex, &parser, &limits);
        while (result == PARSE_COMPLETE) {
            note(log, &ex->base.request);
            bool is_last = ex->is_last;
            exchange_reset(ex);
            result = PARSE_MORE;
            if (is_last) {
                at = bytes.n;
            } else if (ex->parsed < ex->in_n) {
                result = exchange_parse(ex, &parser, &limits);
            }
        }
    }
    buf_add_byte(log, result == PARSE_MORE ? 'm' : 'e');
    exchange_free(ex);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    struct str bytes = str_of((const char *)data + 1, size - 1);
    struct buf whole;
    struct buf pieces;
    buf_init(&whole, 1 << 26);
    buf_init(&pieces, 1 << 26);
    read_all(bytes, SIZE_MAX, &whole);
    read_all(bytes, 1 + data[0] % 32, &pieces);
    ensure(str_eq(str_of(whole.p, whole.n), str_of(pieces.p, pieces.n)));
    buf_release(&whole);
    buf_release(&pieces);
    return 0;
}
