/* SPDX-License-Identifier: Apache-2.0 */
/* server.c — the whole: opening, accepting, stopping. Loop 0 accepts for all and gives each connection to the loop that has the fewest; letting the
 * kernel spread them (SO_REUSEPORT) puts two busy connections on one loop often enough to matter. Sockets are accepted by hand, because a
 * descriptor can be handed to another loop and a uv_tcp_t cannot. */
#include "server/net/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define ACCEPTS_PER_TURN 64
#define PAUSE_MS 100 /* when the process is out of descriptors */
#define HEAD_BYTES_DEFAULT ((size_t)64 * 1024)

/* ---- Accepting ---- */

static struct http_loop *least_busy(struct http_server *server)
{
    struct http_loop *best = &server->loops[0];
    unsigned least = UINT32_MAX;
    for (unsigned i = 0; i < server->loop_count; i++) {
        unsigned count = atomic_load_explicit(&server->loops[i].conn_count, memory_order_relaxed);
        if (count < least) {
            least = count;
            best = &server->loops[i];
        }
    }
    return best;
}

static void hand_over(struct http_server *server, int fd)
{
    struct http_loop *loop = least_busy(server);
    struct conn *conn = calloc(1, sizeof(*conn));
    ensure(conn != NULL);
    conn->loop = loop;
    conn->socket = fd;
    conn->state = CONN_IDLE;
    atomic_fetch_add_explicit(&loop->conn_count, 1, memory_order_relaxed);
    if (loop->index == 0) {
        conn_start(conn);
    } else if (!loop_post(loop, conn_start, conn)) { /* it has ended: the server is stopping */
        atomic_fetch_sub_explicit(&loop->conn_count, 1, memory_order_relaxed);
        close(fd);
        free(conn);
    }
}

static void on_pause_over(uv_timer_t *timer)
{
    struct http_server *server = timer->data;
    if (server->listener >= 0) {
        server_start_accepting(server);
    }
}

static void on_acceptable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    struct http_server *server = poll->data;
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        int fd = accept4(server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            hand_over(server, fd);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            /* The connection stays in the queue; asking again at once would only spin. */
            uv_poll_stop(&server->poll);
            uv_timer_start(&server->accept_pause, on_pause_over, PAUSE_MS, 0);
            return;
        } else if (errno != ECONNABORTED && errno != EINTR) {
            return;
        }
    }
}

void server_start_accepting(struct http_server *server)
{
    uv_poll_start(&server->poll, UV_READABLE, on_acceptable);
}

void server_stop_accepting(struct http_server *server)
{
    if (server->listener >= 0) {
        uv_close((uv_handle_t *)&server->poll, NULL); /* before the descriptor, which libuv still names to epoll */
        uv_timer_stop(&server->accept_pause);
        close(server->listener);
        server->listener = -1;
    }
}

/* ---- Life ---- */

bool http_server_open(const struct http_options *options, struct http_server **out, struct err *err)
{
    ensure(options->loops >= 1 && options->handler.handle != NULL);
    uv_os_sock_t listener = -1;
    uint16_t port = 0;
    struct tls_context *tls = NULL;
    if (options->tls.is_on && !tls_context_new(&options->tls, &tls, err)) {
        return false;
    }
    if (!listen_open(options->host, options->port, &listener, &port, err)) {
        tls_context_free(tls);
        return false;
    }
    struct http_server *server = calloc(1, sizeof(*server));
    ensure(server != NULL);
    server->options = *options;
    server->limits = options->limits;
    if (server->limits.head_bytes == 0) {
        server->limits.head_bytes = HEAD_BYTES_DEFAULT;
    }
    server->tls = tls;
    server->listener = listener;
    server->port = port;
    server->loop_count = options->loops;
    server->loops = calloc(options->loops, sizeof(*server->loops));
    ensure(server->loops != NULL);
    for (unsigned i = 0; i < server->loop_count; i++) {
        loop_init(&server->loops[i], server, i);
    }
    uv_loop_t *uv = &server->loops[0].uv;
    ensure(uv_poll_init(uv, &server->poll, listener) == 0);
    ensure(uv_timer_init(uv, &server->accept_pause) == 0);
    server->poll.data = server->accept_pause.data = server;
    *out = server;
    return true;
}

uint16_t http_server_port(const struct http_server *server)
{
    return server->port;
}

static void thread_run(void *context)
{
    loop_run(context);
}

void http_server_run(struct http_server *server)
{
    server->was_run = true;
    for (unsigned i = 1; i < server->loop_count; i++) {
        ensure(uv_thread_create(&server->loops[i].thread, thread_run, &server->loops[i]) == 0);
    }
    server_start_accepting(server);
    loop_run(&server->loops[0]);
    for (unsigned i = 1; i < server->loop_count; i++) {
        uv_thread_join(&server->loops[i].thread);
    }
}

static void on_grace_over(uv_timer_t *timer)
{
    struct http_loop *loop = timer->data;
    struct conn *next = NULL;
    for (struct conn *conn = loop->conns; conn != NULL; conn = next) {
        next = conn->next;
        conn_close(conn);
    }
    loop_end_if_done(loop); /* exchanges that the program still has are waited for */
}

static void stop_loop(void *context)
{
    struct http_loop *loop = context;
    loop->is_stopping = true;
    if (loop->index == 0) {
        server_stop_accepting(loop->server);
    }
    struct conn *next = NULL;
    for (struct conn *conn = loop->conns; conn != NULL; conn = next) {
        next = conn->next;
        conn_stop(conn);
    }
    uv_timer_start(&loop->grace, on_grace_over, (uint64_t)loop->server->grace_ms, 0);
}

void http_server_stop(struct http_server *server, int64_t grace_ms)
{
    if (atomic_exchange(&server->is_stopping, true)) {
        return;
    }
    server->grace_ms = grace_ms > 0 ? grace_ms : 0;
    for (unsigned i = 0; i < server->loop_count; i++) {
        (void)loop_post(&server->loops[i], stop_loop, &server->loops[i]);
    }
}

void http_server_free(struct http_server *server)
{
    if (!server->was_run) {
        server_stop_accepting(server);
    }
    for (unsigned i = 0; i < server->loop_count; i++) {
        loop_release(&server->loops[i]);
    }
    tls_context_free(server->tls);
    free(server->loops);
    free(server);
}

#define TEXT_OF(number) TEXT_OF_EXPANDED(number)
#define TEXT_OF_EXPANDED(number) #number

const char *http_parser_version(void)
{
    return TEXT_OF(LLHTTP_VERSION_MAJOR) "." TEXT_OF(LLHTTP_VERSION_MINOR) "." TEXT_OF(LLHTTP_VERSION_PATCH);
}
