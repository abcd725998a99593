/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SERVER_NET_HARNESS_H
#define TESTS_SERVER_NET_HARNESS_H

/* A server in a thread of the test, and a client of plain blocking sockets that gives up after some seconds. */
#include "tests/check.h"

#include "server/net/http.h"

#include <errno.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct harness {
    struct http_server *server;
    pthread_t thread;
    struct arena arena;
};

static void *harness_thread(void *context)
{
    http_server_run(context);
    return NULL;
}

static inline void harness_start(struct harness *harness, struct http_options options)
{
    signal(SIGPIPE, SIG_IGN);
    arena_init(&harness->arena, 0);
    struct err err;
    err_init(&err, &harness->arena);
    options.loops = options.loops == 0 ? 1 : options.loops;
    CHECK(http_server_open(&options, &harness->server, &err));
    CHECK(pthread_create(&harness->thread, NULL, harness_thread, harness->server) == 0);
}

/* After http_server_stop. */
static inline void harness_join(struct harness *harness)
{
    CHECK(pthread_join(harness->thread, NULL) == 0);
    http_server_free(harness->server);
    arena_release(&harness->arena);
}

static inline int client_open(const struct harness *harness)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(fd >= 0);
    struct timeval limit = {.tv_sec = 20};
    int on = 1;
    CHECK(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == 0);
    CHECK(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) == 0);
    CHECK(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {htonl(INADDR_LOOPBACK)},
                                  .sin_port = htons(http_server_port(harness->server))};
    CHECK(connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0);
    return fd;
}

/* recv, again when a signal came between. */
static inline ssize_t client_recv(int fd, void *to, size_t n)
{
    ssize_t got = recv(fd, to, n, 0);
    while (got < 0 && errno == EINTR) {
        got = recv(fd, to, n, 0);
    }
    return got;
}

/* False when the other side has closed. */
static inline bool client_send(int fd, struct str bytes)
{
    while (bytes.n > 0) {
        ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        bytes = str_of(bytes.p + n, bytes.n - (size_t)n);
    }
    return true;
}

/* One answer, head and body, read byte by byte as far as its end; cleared `out` if the connection ended before. */
static inline bool client_receive(int fd, bool is_head, struct buf *out)
{
    buf_clear(out, 4096);
    size_t head_n = 0;
    while (head_n == 0) {
        if (client_recv(fd, buf_reserve(out, 1), 1) != 1) {
            buf_clear(out, 4096);
            return false;
        }
        out->n++;
        head_n = out->n >= 4 && memcmp(out->p + out->n - 4, "\r\n\r\n", 4) == 0 ? out->n : 0;
    }
    buf_add_byte(out, '\0');
    const char *length = strstr(out->p, "Content-Length: ");
    const char *chunked = strstr(out->p, "Transfer-Encoding: chunked");
    out->n--;
    size_t body_n = length != NULL ? strtoul(length + 16, NULL, 10) : 0;
    body_n = chunked != NULL ? 5 : body_n; /* only the empty one is sent */
    for (size_t got = 0; got < body_n && !is_head;) {
        ssize_t n = client_recv(fd, buf_reserve(out, body_n - got), body_n - got);
        CHECK(n > 0);
        got += (size_t)n;
        out->n += (size_t)n;
    }
    return true;
}

static inline struct str client_body(const struct buf *answer)
{
    const char *end = memmem(answer->p, answer->n, "\r\n\r\n", 4);
    CHECK(end != NULL);
    return str_of(end + 4, answer->n - (size_t)(end + 4 - answer->p));
}

/* Nothing more comes: the server has closed the connection. */
static inline bool client_at_end(int fd)
{
    char byte = 0;
    return client_recv(fd, &byte, 1) <= 0;
}

/* Sends and receives on a connection of its own. With one loop: whatever was sent elsewhere before has then been read by the server, since
 * sockets are served in the order in which they became readable. */
static inline void client_round_trip(const struct harness *harness)
{
    int fd = client_open(harness);
    struct buf answer;
    buf_init(&answer, 1 << 16);
    for (int i = 0; i < 2; i++) {
        CHECK(client_send(fd, STR("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi")));
        CHECK(client_receive(fd, false, &answer));
        CHECK(answer.n > 12 && memcmp(answer.p, "HTTP/1.1 200", 12) == 0);
    }
    buf_release(&answer);
    close(fd);
}

#endif
