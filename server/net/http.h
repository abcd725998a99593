/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_NET_HTTP_H
#define SERVER_NET_HTTP_H

#include "core/err.h"
#include "core/message.h"
#include "core/random.h"

#include <stdbool.h>
#include <stdint.h>

/* An HTTP/1.1 server on libuv and llhttp: loops, connections, keep-alive, pipelining (answers in order), 100-continue, chunked and gzip
 * bodies, limits of size and time. It knows no DynamoDB: every complete request goes to the handler.
 *
 * Threads: loop 0 runs in the thread that calls http_server_run and accepts; it hands each connection to the loop with the fewest. A
 * request lives on the loop of its connection. */

struct http_server;
struct http_loop;
struct uv_loop_s;

#define HTTP_ID_BYTES 52

/* One request on its way. The handler reads `request`, writes the answer's body to `out` (which holds nothing else that the handler may see: use
 * out->n at entry as the start, the transport reserves room for the head before it) and fills `response`. Everything made for it
 * goes to `arena`. */
struct http_exchange {
    struct request request;
    struct response response;
    struct arena *arena;
    struct buf *out;
    struct http_loop *loop;
    struct http_exchange *next; /* for the program's own queues while the answer is pending */
    void *app;                  /* for the program: NULL at entry */
    char id[HTTP_ID_BYTES];     /* x-amzn-RequestId, for the log */
};

enum http_next {
    HTTP_DONE, /* the answer stands in the exchange: send it */
    HTTP_LATER /* the program keeps the exchange and calls http_finish; it outlives its connection until then */
};

struct http_handler {
    void *context;
    enum http_next (*handle)(void *context, struct http_exchange *exchange);
    /* Once in each turn of a loop in which a request was answered HTTP_LATER, after all readable connections were served: where a loop runs
     * the writes that it gathered. May be NULL. Requests that http_finish lets through here are for the next turn. */
    void (*after_turn)(void *context, struct http_loop *loop);
};

/* The answer is complete. On the exchange's own loop thread only. If the connection has gone, the exchange is just released. */
void http_finish(struct http_exchange *exchange);
/* From any thread: makes `loop` call `callback(context)` soon on its own thread. Calls are never lost as long as the loop serves (before
 * loop_stopped), and are dropped afterwards; several may be answered in one turn. */
void http_loop_post(struct http_loop *loop, void (*callback)(void *context), void *context);
/* The program's data of a loop (set in loop_started). */
void *http_loop_data(const struct http_loop *loop);
unsigned http_loop_index(const struct http_loop *loop);
/* For the program's own timers and signals: make them in loop_started, uv_close them in loop_stopped. */
struct uv_loop_s *http_loop_uv(struct http_loop *loop);

struct http_limits {
    size_t head_bytes;   /* request line and headers: 0 = 64 KiB */
    size_t body_bytes;   /* after chunks and gzip are undone: larger is answered 413, empty, chunked, without request id */
    int64_t head_ms;     /* from the first byte to the end of the head; then closed. 0 = for ever, also in the next two */
    int64_t body_ms;     /* between two reads of a body, or of an answer by the client; then closed */
    int64_t idle_ms;     /* keep-alive */
};

/* https instead of http. Absent cert and key: a self-signed certificate for localhost and this host, made at the start. */
struct http_tls {
    bool is_on;
    struct str cert;     /* files, PEM */
    struct str key;
    struct str cert_out; /* where to write the self-signed certificate; absent: nowhere */
};

struct http_options {
    uint16_t port;       /* 0: any free one */
    struct str host;     /* absent: all interfaces, dual-stack */
    unsigned loops;      /* ≥ 1 */
    struct http_limits limits;
    struct str refusal_headers; /* lines, each with its \r\n, for what is refused before there is a request (400, 413, 431); may be absent */
    struct http_tls tls;
    struct http_handler handler;
    /* Called on each loop's own thread, before its first request and after its last; may be NULL. Returns the loop's data. */
    void *(*loop_started)(void *context, struct http_loop *loop);
    void (*loop_stopped)(void *context, struct http_loop *loop);
    void *context;
};

/* Binds and listens (with SO_REUSEADDR; not SO_REUSEPORT, a port in use must be noticed). On failure err has one line that says what is wrong
 * and how to mend it. */
MUST_USE bool http_server_open(const struct http_options *options, struct http_server **out, struct err *err);
uint16_t http_server_port(const struct http_server *server);
/* Serves until http_server_stop; then every connection is closed (answers in flight are sent first, at most grace_ms). */
void http_server_run(struct http_server *server);
/* From any thread, also from a signal handler of libuv: stop accepting, finish what is pending, end the loops. */
void http_server_stop(struct http_server *server, int64_t grace_ms);
void http_server_free(struct http_server *server);
/* llhttp's. */
const char *http_parser_version(void);

#endif
