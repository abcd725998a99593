/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_NET_INTERNAL_H
#define SERVER_NET_INTERNAL_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/random.h"
#include "server/net/http.h"
#include "server/net/tls.h"

#include <llhttp.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/* What the files of this folder share, and nobody else includes.
 *
 * Memory: a connection at rest owns only its `struct conn`. Buffers belong to exchanges, which a loop keeps in a pool (last in, first out, so
 * that they stay in the processor's cache) and lends to a connection from its first byte of a request until the answer has left. */

#define HEAD_ROOM 512               /* before the body in exchange->base.out: the answer's head ends where the body begins */
#define READ_BYTES ((size_t)64 * 1024)
#define KEPT_BYTES ((size_t)128 * 1024) /* of arena and output, when an exchange goes back to the pool */
#define POOL_MAX 16
#define ANSWER_BYTES_MAX ((size_t)1 << 30)

/* Places in a request, counted from its first byte: the buffer may move while it grows. */
struct span {
    size_t name_at, name_n;
    size_t value_at, value_n;
};

enum parse_result {
    PARSE_MORE,           /* all bytes are used up, the request goes on */
    PARSE_COMPLETE,       /* base.request is filled */
    PARSE_BAD,            /* no HTTP */
    PARSE_HEAD_TOO_LARGE,
    PARSE_BODY_TOO_LARGE
};

struct exchange {
    struct http_exchange base; /* first: the program's pointer is ours */
    struct conn *conn;         /* NULL when it has gone */
    struct exchange *next_free;
    bool is_pending; /* between HTTP_LATER and http_finish: the program owns it */
    struct arena arena;
    struct buf out;
    struct buf unpacked; /* of a gzip body; p is NULL otherwise */

    char *in; /* what was read: the request, and perhaps the beginning of the next ones */
    size_t in_n;
    size_t in_cap;
    size_t start;  /* where the request begins */
    size_t parsed; /* up to here llhttp has seen it */

    /* The request as far as it has come */
    size_t url_at, url_n;
    struct span *spans;
    size_t span_count;
    size_t span_cap;
    bool is_name_done; /* of the newest span */
    bool is_head_done;
    bool wants_continue;
    bool is_gzip;
    size_t body_at, body_n;
    size_t junk_n; /* bytes of trailers and chunk extensions, which nobody reads */
    /* Decided at its end */
    bool is_last;          /* the client wants the connection closed */
    bool says_keep_alive;  /* HTTP/1.0 must hear it */
};

struct exchange *exchange_new(struct http_loop *loop);
void exchange_free(struct exchange *exchange);
/* Ready for the request that begins at `parsed`. */
void exchange_reset(struct exchange *exchange);
/* Room to read more of a request into; never while a program or a writer looks at it. */
void exchange_make_room(struct exchange *exchange);
/* Parses what has been read since the last call. parser->data is the exchange. */
enum parse_result exchange_parse(struct exchange *exchange, llhttp_t *parser, const struct http_limits *limits);
void parser_init(llhttp_t *parser);

/* The bytes to send, head and body, in one or two pieces. They live in the exchange. */
unsigned answer_pieces(struct exchange *exchange, bool closes, uv_buf_t pieces[2]);
void answer_id(struct random *random, char id[HTTP_ID_BYTES]);

enum conn_state {
    CONN_IDLE,     /* nothing of a request has been read */
    CONN_HEAD,     /* a part of its head */
    CONN_BODY,     /* its head, and perhaps a part of its body */
    CONN_HANDLING, /* the program has it */
    CONN_WRITING,  /* the socket took a part of the answer */
    CONN_LINGER,   /* the last answer is out: what the client still sends is thrown away, so that a reset doesn't destroy the answer */
    CONN_CLOSING,  /* uv_close was called */
    CONN_STATE_COUNT
};

struct conn {
    uv_tcp_t tcp;
    uv_write_t write;
    uv_shutdown_t shutdown;
    llhttp_t parser;
    struct http_loop *loop;
    struct exchange *exchange; /* NULL at rest */
    struct conn *previous;
    struct conn *next;
    uv_os_sock_t socket; /* until conn_start */
    enum conn_state state;
    bool is_reading;
    bool saw_eof;    /* the client has closed its side, but may wait for answers */
    bool closes;     /* after the answer under way */
    size_t unsent;   /* bytes of the answer that waited at the last look, to see progress */
    size_t lingered; /* bytes thrown away */
    int64_t deadline_ms; /* of the loop's clock; 0: none */
    struct tls *tls;     /* NULL: none */
    bool is_shaken;      /* TLS: the handshake is done */
    uv_buf_t plain[2];   /* TLS: what of the answer is not yet encrypted */
};

/* Takes over the socket; runs as the callback of http_loop_post on the connection's loop. */
void conn_start(void *context);
void conn_close(struct conn *conn);
/* The loop stops: ends the connection unless an answer is under way. */
void conn_stop(struct conn *conn);
/* Its deadline has passed. */
void conn_expire(struct conn *conn);

struct post {
    void (*callback)(void *context);
    void *context;
};

struct http_loop {
    uv_loop_t uv;
    struct http_server *server;
    unsigned index;
    uv_thread_t thread; /* not loop 0 */
    uv_async_t async;
    uv_check_t check; /* after_turn; active, with idle, only while something was gathered */
    uv_idle_t idle;   /* keeps the turn from waiting for events before check has run */
    uv_timer_t tick;  /* deadlines; active only while a connection has one */
    uv_timer_t grace; /* when stopping */
    struct random random;
    char date[30]; /* loop_date's, "Sat, 21 Nov 2026 08:30:00 GMT", until the loop's clock shows date_until_ms */
    uint64_t date_until_ms;
    void *data;

    uv_mutex_t mutex; /* posts, is_closed */
    struct post *posts;
    size_t post_count;
    size_t post_cap;
    bool is_closed;

    struct conn *conns;
    atomic_uint conn_count; /* those that were handed over and are not yet freed */
    struct exchange *pool;
    unsigned pool_count;
    size_t pending; /* exchanges that the program has */
    char *sealed;   /* TLS: what a socket gave, for the one callback; NULL before the first */
    bool is_stopping;
};

struct http_server {
    struct http_options options;
    struct http_limits limits;
    uv_os_sock_t listener; /* -1 when closed */
    uint16_t port;
    struct tls_context *tls; /* NULL: none */
    uv_poll_t poll;        /* on loop 0, on the listener */
    uv_timer_t accept_pause; /* out of descriptors */
    struct http_loop *loops;
    unsigned loop_count;
    bool was_run;
    atomic_bool is_stopping;
    int64_t grace_ms; /* written before the posts that stop the loops */
};

/* listen.c: a bound, listening, non-blocking socket. */
MUST_USE bool listen_open(struct str host, uint16_t port, uv_os_sock_t *out, uint16_t *out_port, struct err *err);

void loop_init(struct http_loop *loop, struct http_server *server, unsigned index);
void loop_run(struct http_loop *loop);
void loop_release(struct http_loop *loop);
/* False when the loop has ended. */
bool loop_post(struct http_loop *loop, void (*callback)(void *context), void *context);
/* After_turn is wanted in this turn. */
void loop_gather(struct http_loop *loop);
/* Deadlines are looked at from now on. */
void loop_watch_deadlines(struct http_loop *loop);
struct str loop_date(struct http_loop *loop); /* an answer's Date: SDKs set their clock by it when a signature is too old or too early */
/* Ends the loop if it is stopping and nothing is left. */
void loop_end_if_done(struct http_loop *loop);
struct exchange *loop_take_exchange(struct http_loop *loop);
void loop_give_exchange(struct http_loop *loop, struct exchange *exchange);

void server_start_accepting(struct http_server *server);
void server_stop_accepting(struct http_server *server);

#endif
