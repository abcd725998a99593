/* SPDX-License-Identifier: Apache-2.0 */
/* conn.c — one connection: read, parse, handle, write, again. All socket I/O is here (TLS sits between on_read and exchange_parse, and in
 * conn_send). The usual request costs one read and one write: reading is never stopped and started without need, deadlines are
 * set only for what did not come in one piece, and the write is tried at once instead of waiting for the socket. */
#include "server/net/internal.h"

#include <stdlib.h>
#include <unistd.h>

#define KEEPALIVE_SECONDS 60 /* how a peer that vanished is noticed */
#define LINGER_MS 2000       /* between two reads of what is thrown away */
#define LINGER_BYTES_MAX ((size_t)64 * 1024 * 1024)
#define SEAL_BYTES ((size_t)64 * 1024) /* of an answer are encrypted at a time */

#define TO(state) (1u << CONN_##state)
static const unsigned legal_edges[CONN_STATE_COUNT] = {
    [CONN_IDLE] = TO(HEAD) | TO(CLOSING),
    [CONN_HEAD] = TO(BODY) | TO(HANDLING) | TO(LINGER) | TO(CLOSING),
    [CONN_BODY] = TO(HANDLING) | TO(LINGER) | TO(CLOSING),
    [CONN_HANDLING] = TO(IDLE) | TO(WRITING) | TO(LINGER) | TO(CLOSING),
    [CONN_WRITING] = TO(IDLE) | TO(LINGER) | TO(CLOSING),
    [CONN_LINGER] = TO(CLOSING),
    [CONN_CLOSING] = 0,
};
#undef TO

static void conn_enter(struct conn *conn, enum conn_state state)
{
    ensure((legal_edges[conn->state] & 1u << state) != 0);
    conn->state = state;
}

static void conn_set_deadline(struct conn *conn, int64_t ms)
{
    conn->deadline_ms = 0;
    if (ms > 0) {
        conn->deadline_ms = (int64_t)uv_now(&conn->loop->uv) + ms;
        loop_watch_deadlines(conn->loop);
    }
}

/* ---- Beginning and end ---- */

static void on_closed(uv_handle_t *handle)
{
    struct conn *conn = handle->data;
    struct http_loop *loop = conn->loop;
    if (conn->exchange != NULL) {
        loop_give_exchange(loop, conn->exchange);
    }
    tls_free(conn->tls);
    free(conn);
    atomic_fetch_sub_explicit(&loop->conn_count, 1, memory_order_relaxed);
    loop_end_if_done(loop);
}

/* libuv writes from buffers that it could change, but doesn't. */
static uv_buf_t piece_of(struct str bytes)
{
    union {
        const char *read_only;
        char *base;
    } at = {.read_only = bytes.p};
    return uv_buf_init(at.base, (unsigned)bytes.n);
}

/* Sends what TLS has to say, alerts and handshakes: at once, or the connection is of no use. (An answer goes another way.) */
static bool conn_flush(struct conn *conn)
{
    struct str bytes = tls_output(conn->tls);
    if (bytes.n == 0) {
        return true;
    }
    uv_buf_t piece = piece_of(bytes);
    int status = uv_try_write((uv_stream_t *)&conn->tcp, &piece, 1);
    tls_sent(conn->tls);
    return status == (int)bytes.n;
}

/* The last that the client hears; not amid an answer, of which a part would still wait there. */
static void conn_say_goodbye(struct conn *conn)
{
    if (conn->tls != NULL && tls_output(conn->tls).n == 0) {
        tls_end(conn->tls);
        (void)conn_flush(conn);
    }
}

void conn_close(struct conn *conn)
{
    if (conn->state == CONN_CLOSING) {
        return;
    }
    conn_say_goodbye(conn);
    conn_enter(conn, CONN_CLOSING);
    conn->deadline_ms = 0;
    if (conn->exchange != NULL && conn->exchange->is_pending) {
        conn->exchange->conn = NULL; /* the program still works on it */
        conn->exchange = NULL;
    }
    *(conn->previous != NULL ? &conn->previous->next : &conn->loop->conns) = conn->next;
    if (conn->next != NULL) {
        conn->next->previous = conn->previous;
    }
    uv_close((uv_handle_t *)&conn->tcp, on_closed);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out);
static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf);

static void conn_read(struct conn *conn, bool wanted)
{
    if (conn->is_reading == wanted) {
        return;
    }
    conn->is_reading = wanted;
    if (!wanted) {
        uv_read_stop((uv_stream_t *)&conn->tcp);
    } else if (uv_read_start((uv_stream_t *)&conn->tcp, on_alloc, on_read) != 0) {
        conn_close(conn);
    }
}

void conn_start(void *context)
{
    struct conn *conn = context;
    struct http_loop *loop = conn->loop;
    if (loop->is_stopping) {
        close(conn->socket);
        free(conn);
        atomic_fetch_sub_explicit(&loop->conn_count, 1, memory_order_relaxed);
        return;
    }
    conn->next = loop->conns;
    if (conn->next != NULL) {
        conn->next->previous = conn;
    }
    loop->conns = conn;
    ensure(uv_tcp_init(&loop->uv, &conn->tcp) == 0);
    conn->tcp.data = conn;
    parser_init(&conn->parser);
    if (uv_tcp_open(&conn->tcp, conn->socket) != 0) {
        close(conn->socket);
        conn_close(conn);
        return;
    }
    uv_tcp_nodelay(&conn->tcp, 1);
    uv_tcp_keepalive(&conn->tcp, 1, KEEPALIVE_SECONDS);
    conn_set_deadline(conn, loop->server->limits.idle_ms);
    if (loop->server->tls != NULL) {
        conn->tls = tls_new(loop->server->tls);
        if (conn->tls == NULL) {
            conn_close(conn);
            return;
        }
        conn_set_deadline(conn, loop->server->limits.head_ms); /* for the handshake */
    }
    conn_read(conn, true);
}

void conn_stop(struct conn *conn)
{
    if (conn->state != CONN_HANDLING && conn->state != CONN_WRITING) {
        conn_close(conn);
    }
}

void conn_expire(struct conn *conn)
{
    size_t unsent = uv_stream_get_write_queue_size((uv_stream_t *)&conn->tcp);
    if (conn->state == CONN_WRITING && unsent < conn->unsent) {
        conn->unsent = unsent; /* slow, but it moves */
        conn_set_deadline(conn, conn->loop->server->limits.body_ms);
        return;
    }
    conn_close(conn);
}

static void on_shutdown(uv_shutdown_t *request, int status)
{
    (void)request;
    (void)status; /* the client's side ends it, or the deadline */
}

/* The last answer is out. Closing with unread bytes in the socket would make the kernel send a reset, and the client might never see it. */
static void conn_linger(struct conn *conn)
{
    conn_say_goodbye(conn);
    if (conn->saw_eof || conn->loop->is_stopping ||
        uv_shutdown(&conn->shutdown, (uv_stream_t *)&conn->tcp, on_shutdown) != 0) {
        conn_close(conn);
        return;
    }
    conn_enter(conn, CONN_LINGER);
    conn_set_deadline(conn, LINGER_MS);
    conn_read(conn, true);
}

/* ---- Answers ---- */

static void conn_advance(struct conn *conn);

/* An answer is awaited: what is read meanwhile may fill the buffer, but not move it. */
static void conn_hold(struct conn *conn)
{
    if (conn->exchange->in_n == conn->exchange->in_cap) {
        conn_read(conn, false);
    }
}

/* The answer has left. */
static void conn_answered(struct conn *conn)
{
    struct exchange *ex = conn->exchange;
    if (conn->closes || conn->loop->is_stopping) {
        if (ex->parsed < ex->in_n || (conn->tls != NULL && tls_has_input(conn->tls))) {
            conn_linger(conn);
        } else {
            conn_close(conn);
        }
        return;
    }
    exchange_reset(ex);
    conn_enter(conn, CONN_IDLE);
}

static void conn_send_sealed(struct conn *conn);

static void on_written(uv_write_t *request, int status)
{
    struct conn *conn = request->data;
    if (status != 0 || conn->state != CONN_WRITING) {
        conn_close(conn);
        return;
    }
    conn->deadline_ms = 0;
    if (conn->tls != NULL) {
        tls_sent(conn->tls);
        conn_send_sealed(conn);
    } else {
        conn_answered(conn);
    }
    conn_advance(conn);
}

/* A part of the answer waits for the socket. */
static void conn_send_later(struct conn *conn, uv_buf_t *pieces, unsigned count, size_t total)
{
    if (conn->state != CONN_WRITING) {
        conn_enter(conn, CONN_WRITING);
    }
    conn->write.data = conn;
    conn->unsent = total;
    conn_hold(conn);
    conn_set_deadline(conn, conn->loop->server->limits.body_ms);
    if (uv_write(&conn->write, (uv_stream_t *)&conn->tcp, pieces, count, on_written) != 0) {
        conn_close(conn);
    }
}

/* Encrypts and sends what is left of the answer, a part at a time, so that a large one isn't there twice. */
static void conn_send_sealed(struct conn *conn)
{
    for (unsigned i = 0; i < 2; i++) {
        while (conn->plain[i].len > 0) {
            uv_buf_t *plain = &conn->plain[i];
            size_t n = plain->len < SEAL_BYTES ? plain->len : SEAL_BYTES;
            if (!tls_write(conn->tls, str_of(plain->base, n))) {
                conn_close(conn);
                return;
            }
            plain->base += n;
            plain->len -= n;
            struct str bytes = tls_output(conn->tls);
            uv_buf_t piece = piece_of(bytes);
            int status = uv_try_write((uv_stream_t *)&conn->tcp, &piece, 1);
            if (status < 0 && status != UV_EAGAIN) {
                conn_close(conn);
                return;
            }
            if (status != (int)bytes.n) {
                size_t done = status < 0 ? 0 : (size_t)status;
                piece.base += done;
                piece.len -= done;
                conn_send_later(conn, &piece, 1, piece.len);
                return;
            }
            tls_sent(conn->tls);
        }
    }
    conn_answered(conn);
}

/* Sends the answer: at once as far as the socket takes it, which is nearly always the whole. */
static void conn_send(struct conn *conn)
{
    struct exchange *ex = conn->exchange;
    uv_stream_t *stream = (uv_stream_t *)&conn->tcp;
    conn->closes = ex->is_last || ex->base.response.closes || conn->loop->is_stopping;
    uv_buf_t pieces[2];
    unsigned count = answer_pieces(ex, conn->closes, pieces);
    if (conn->tls != NULL) {
        conn->plain[0] = pieces[0];
        conn->plain[1] = count > 1 ? pieces[1] : uv_buf_init(NULL, 0);
        conn_send_sealed(conn);
        return;
    }
    size_t total = pieces[0].len + (count > 1 ? pieces[1].len : 0);
    int status = uv_try_write(stream, pieces, count);
    if (status == (int)total) {
        conn_answered(conn);
        return;
    }
    if (status < 0 && status != UV_EAGAIN) {
        conn_close(conn);
        return;
    }
    size_t done = status < 0 ? 0 : (size_t)status;
    uv_buf_t *rest = pieces;
    if (done >= pieces[0].len && count > 1) {
        done -= pieces[0].len;
        rest++;
        count--;
    }
    rest->base += done;
    rest->len -= done;
    conn_send_later(conn, rest, count, total);
}

void http_finish(struct http_exchange *base)
{
    struct exchange *ex = (struct exchange *)base;
    struct http_loop *loop = base->loop;
    ensure(ex->is_pending);
    ex->is_pending = false;
    loop->pending--;
    struct conn *conn = ex->conn;
    if (conn == NULL) {
        loop_give_exchange(loop, ex);
        loop_end_if_done(loop);
        return;
    }
    conn_send(conn);
    conn_advance(conn);
}

static void conn_handle(struct conn *conn)
{
    struct exchange *ex = conn->exchange;
    struct http_loop *loop = conn->loop;
    const struct http_handler *handler = &loop->server->options.handler;
    conn->deadline_ms = 0;
    conn_enter(conn, CONN_HANDLING);
    ex->base.response = (struct response){.status = 200};
    ex->base.app = NULL;
    ex->base.next = NULL;
    answer_id(&loop->random, ex->base.id);
    if (handler->handle(handler->context, &ex->base) == HTTP_DONE) {
        conn_send(conn);
        return;
    }
    ex->is_pending = true;
    loop->pending++;
    loop_gather(loop);
    conn_hold(conn);
}

/* A short text, at once or not at all. */
static bool conn_say_plainly(struct conn *conn, struct str text)
{
    uv_buf_t piece = piece_of(text);
    return uv_try_write((uv_stream_t *)&conn->tcp, &piece, 1) == (int)text.n;
}

static bool conn_say(struct conn *conn, struct str text)
{
    if (conn->tls != NULL) {
        return tls_write(conn->tls, text) && conn_flush(conn);
    }
    return conn_say_plainly(conn, text);
}

/* What is no request, or too large a one: a ready answer, and the end. */
static void conn_refuse(struct conn *conn, enum parse_result result)
{
    const char *head = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n";
    const char *end = "\r\n";
    if (result == PARSE_BODY_TOO_LARGE) {
        head = "HTTP/1.1 413 Request Entity Too Large\r\nTransfer-Encoding: chunked\r\n";
        end = "\r\n0\r\n\r\n";
    } else if (result == PARSE_HEAD_TOO_LARGE) {
        head = "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\n";
    }
    struct str more = conn->loop->server->options.refusal_headers;
    char text[512];
    int n = snprintf(text, sizeof(text), "%s%.*sConnection: close\r\n%s", head, (int)more.n, more.n > 0 ? more.p : "", end);
    ensure(n > 0 && (size_t)n < sizeof(text));
    if (conn_say(conn, str_of(text, (size_t)n))) {
        conn_linger(conn);
    } else {
        conn_close(conn);
    }
}

static void conn_say_continue(struct conn *conn)
{
    if (!conn_say(conn, STR("HTTP/1.1 100 Continue\r\n\r\n"))) {
        conn_close(conn);
    }
}

/* ---- Requests ---- */

/* A part of a request is there. */
static void conn_await_more(struct conn *conn)
{
    const struct http_limits *limits = &conn->loop->server->limits;
    struct exchange *ex = conn->exchange;
    if (conn->saw_eof) {
        conn_close(conn);
        return;
    }
    if (ex->is_head_done) {
        if (conn->state == CONN_HEAD) {
            conn_enter(conn, CONN_BODY);
            if (ex->wants_continue && ex->body_n == 0 && !ex->says_keep_alive) {
                conn_say_continue(conn);
            }
        }
        conn_set_deadline(conn, conn->state == CONN_CLOSING ? 0 : limits->body_ms);
    } else if (conn->deadline_ms == 0) {
        conn_set_deadline(conn, limits->head_ms);
    }
}

/* Nothing is there: the exchange goes back. */
static void conn_rest(struct conn *conn)
{
    if (conn->exchange != NULL) {
        loop_give_exchange(conn->loop, conn->exchange);
        conn->exchange = NULL;
    }
    if (conn->saw_eof) {
        conn_close(conn);
        return;
    }
    conn_set_deadline(conn, conn->loop->server->limits.idle_ms);
}

/* TLS: decrypts more of what was read; false if there is none. */
static bool conn_unseal(struct conn *conn)
{
    if (conn->tls == NULL || !tls_has_input(conn->tls)) {
        return false;
    }
    if (conn->exchange == NULL) {
        conn->exchange = loop_take_exchange(conn->loop);
        conn->exchange->conn = conn;
    }
    struct exchange *ex = conn->exchange;
    exchange_make_room(ex);
    size_t got = 0;
    enum tls_result result = tls_read(conn->tls, ex->in + ex->in_n, ex->in_cap - ex->in_n, &got);
    ex->in_n += got;
    if (!conn_flush(conn) || result == TLS_ENDED) {
        conn->saw_eof = true;
        conn_read(conn, false);
    }
    return got > 0;
}

/* Goes on with what has been read, until it is used up or an answer is awaited. */
static void conn_advance(struct conn *conn)
{
    while (conn->state == CONN_IDLE || conn->state == CONN_HEAD || conn->state == CONN_BODY) {
        struct exchange *ex = conn->exchange;
        conn_read(conn, !conn->saw_eof);
        if (conn->state == CONN_IDLE) {
            if (ex == NULL || ex->in_n == ex->parsed) {
                if (conn_unseal(conn)) {
                    continue;
                }
                conn_rest(conn);
                return;
            }
            conn->deadline_ms = 0;
            conn_enter(conn, CONN_HEAD);
        }
        enum parse_result result = exchange_parse(ex, &conn->parser, &conn->loop->server->limits);
        if (result == PARSE_MORE) {
            if (conn_unseal(conn)) {
                continue;
            }
            conn_await_more(conn);
            return;
        }
        if (result != PARSE_COMPLETE) {
            conn_refuse(conn, result);
            return;
        }
        conn_handle(conn);
    }
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    (void)suggested;
    struct conn *conn = handle->data;
    if (conn->tls != NULL) {
        struct http_loop *loop = conn->loop;
        if (loop->sealed == NULL) {
            loop->sealed = malloc(READ_BYTES);
            ensure(loop->sealed != NULL);
        }
        *out = uv_buf_init(loop->sealed, (unsigned)READ_BYTES);
        return;
    }
    if (conn->exchange == NULL) {
        conn->exchange = loop_take_exchange(conn->loop);
        conn->exchange->conn = conn;
    }
    struct exchange *ex = conn->exchange;
    if (conn->state == CONN_LINGER) {
        *out = uv_buf_init(ex->in, (unsigned)ex->in_cap); /* to be thrown away */
        return;
    }
    if (conn->state != CONN_HANDLING && conn->state != CONN_WRITING) {
        exchange_make_room(ex);
    }
    ensure(ex->in_n < ex->in_cap);
    *out = uv_buf_init(ex->in + ex->in_n, (unsigned)(ex->in_cap - ex->in_n));
}

static void conn_on_end(struct conn *conn, ssize_t status)
{
    if (status == UV_EOF && (conn->state == CONN_HANDLING || conn->state == CONN_WRITING)) {
        conn->saw_eof = true; /* it may have closed its side only: the answer is tried */
        conn_read(conn, false);
        return;
    }
    conn_close(conn);
}

/* TLS: encrypted bytes are there. */
static void conn_on_sealed(struct conn *conn, struct str bytes)
{
    tls_feed(conn->tls, bytes);
    if (!conn->is_shaken) {
        enum tls_result result = tls_handshake(conn->tls);
        if (result == TLS_PLAIN) {
            (void)conn_say_plainly(conn, STR("HTTP/1.1 426 Upgrade Required\r\nUpgrade: TLS/1.2, HTTP/1.1\r\nConnection: close\r\n"
                                             "Content-Length: 29\r\n\r\nThis port speaks https only.\n"));
        }
        if (!conn_flush(conn) || result == TLS_ENDED || result == TLS_PLAIN) {
            conn_close(conn);
            return;
        }
        if (result == TLS_MORE) {
            return;
        }
        conn->is_shaken = true;
        conn_set_deadline(conn, conn->loop->server->limits.idle_ms);
    }
    if (conn->state == CONN_HANDLING || conn->state == CONN_WRITING) {
        conn_read(conn, false); /* it stays encrypted until its turn */
        return;
    }
    conn_advance(conn);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct conn *conn = stream->data;
    struct exchange *ex = conn->exchange;
    if (n < 0) {
        conn_on_end(conn, n);
        return;
    }
    if (conn->state == CONN_LINGER) {
        conn->lingered += (size_t)n;
        conn_set_deadline(conn, LINGER_MS);
        if (conn->lingered > LINGER_BYTES_MAX) {
            conn_close(conn);
        }
        return;
    }
    if (conn->tls != NULL) {
        conn_on_sealed(conn, str_of(buf->base, (size_t)n));
        return;
    }
    ex->in_n += (size_t)n;
    if (conn->state == CONN_HANDLING || conn->state == CONN_WRITING) {
        conn_hold(conn);
        return;
    }
    if (n == 0 && conn->state != CONN_IDLE) {
        return;
    }
    conn_advance(conn);
}
