/* SPDX-License-Identifier: Apache-2.0 */
/* http_life_test.c — beginnings and ends: pending answers whose client has gone, stopping with open connections, deadlines, several loops,
 * calls from other threads, ports that cannot be had. */
#include "tests/server/net/harness.h"

#include <stdatomic.h>

/* Paths: /held: kept until `release` runs on the loop; others answer the number of their loop. */
struct holder {
    struct harness harness;
    struct http_exchange *held;
    size_t held_count;
    struct http_loop *loop; /* of the last one held; read after a round trip */
    atomic_int started;
    atomic_int stopped;
};

static enum http_next holder_handle(void *context, struct http_exchange *ex)
{
    struct holder *holder = context;
    if (str_eq(ex->request.path, STR("/held"))) {
        ex->next = holder->held;
        holder->held = ex;
        holder->held_count++;
        holder->loop = ex->loop;
        return HTTP_LATER;
    }
    CHECK(http_loop_data(ex->loop) == holder);
    buf_add_u64(ex->out, http_loop_index(ex->loop));
    return HTTP_DONE;
}

static void holder_release(void *context)
{
    struct holder *holder = context;
    while (holder->held != NULL) {
        struct http_exchange *ex = holder->held;
        holder->held = ex->next;
        /* All of it must still be there, whoever has gone. */
        CHECK_STR(ex->request.path, STR("/held"));
        CHECK_STR(ex->request.method, STR("POST"));
        buf_add_str(ex->out, ex->request.body);
        http_finish(ex);
    }
}

static void *on_loop_started(void *context, struct http_loop *loop)
{
    struct holder *holder = context;
    CHECK(http_loop_uv(loop) != NULL);
    atomic_fetch_add(&holder->started, 1);
    return holder;
}

static void on_loop_stopped(void *context, struct http_loop *loop)
{
    (void)loop;
    struct holder *holder = context;
    atomic_fetch_add(&holder->stopped, 1);
}

static void holder_start(struct holder *holder, unsigned loops, struct http_limits limits)
{
    *holder = (struct holder){0};
    limits.body_bytes = limits.body_bytes == 0 ? 65536 : limits.body_bytes;
    harness_start(&holder->harness, (struct http_options){.limits = limits,
                                                          .loops = loops,
                                                          .handler = {.context = holder, .handle = holder_handle},
                                                          .loop_started = on_loop_started,
                                                          .loop_stopped = on_loop_stopped,
                                                          .context = holder});
}

static void holder_stop(struct holder *holder, int loops)
{
    http_server_stop(holder->harness.server, 1000);
    harness_join(&holder->harness);
    CHECK_EQ(holder->started, loops);
    CHECK_EQ(holder->stopped, loops);
}

static const char HELD[] = "POST /held HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello";

static int send_held(struct holder *holder)
{
    int fd = client_open(&holder->harness);
    CHECK(client_send(fd, str_from(HELD)));
    client_round_trip(&holder->harness);
    return fd;
}

static void close_with_reset(int fd)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    CHECK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)) == 0);
    close(fd);
}

static void test_pending_answer_outlives_its_client(void **state)
{
    (void)state;
    struct holder holder;
    holder_start(&holder, 1, (struct http_limits){0});
    close_with_reset(send_held(&holder)); /* gone for good */
    close(send_held(&holder));            /* or only half, for all the server knows */
    int fd = send_held(&holder);
    CHECK(client_send(fd, str_from(HELD))); /* one more, waiting behind */
    client_round_trip(&holder.harness);
    CHECK_EQ(holder.held_count, 3);
    http_loop_post(holder.loop, holder_release, &holder);
    struct buf answer;
    buf_init(&answer, 65536);
    CHECK(client_receive(fd, false, &answer));
    CHECK_STR(client_body(&answer), STR("hello"));
    client_round_trip(&holder.harness);
    CHECK_EQ(holder.held_count, 4);
    http_loop_post(holder.loop, holder_release, &holder);
    CHECK(client_receive(fd, false, &answer));
    close(fd);
    holder_stop(&holder, 1);
    buf_release(&answer);
}

static void test_many_bytes_behind_a_pending_request(void **state)
{
    (void)state;
    struct holder holder;
    holder_start(&holder, 1, (struct http_limits){0});
    int fd = client_open(&holder.harness);
    struct buf bytes;
    buf_init(&bytes, 4 << 20);
    for (int i = 0; i < 3000; i++) { /* 130 KB: the buffer is full before the first is answered */
        buf_add(&bytes, HELD, sizeof(HELD) - 1);
    }
    CHECK(client_send(fd, str_of(bytes.p, bytes.n)));
    client_round_trip(&holder.harness);
    for (int i = 0; i < 3000; i++) {
        http_loop_post(holder.loop, holder_release, &holder);
        CHECK(client_receive(fd, false, &bytes));
        client_round_trip(&holder.harness);
    }
    CHECK_EQ(holder.held_count, 3000);
    close(fd);
    holder_stop(&holder, 1);
    buf_release(&bytes);
}

static void test_stop_with_open_connections(void **state)
{
    (void)state;
    struct holder holder;
    holder_start(&holder, 1, (struct http_limits){.head_ms = 60000, .body_ms = 60000});
    int idle[10];
    for (int i = 0; i < 10; i++) {
        idle[i] = client_open(&holder.harness);
    }
    int part = client_open(&holder.harness);
    CHECK(client_send(part, STR("POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\nno more")));
    int held = send_held(&holder);
    struct http_loop *loop = holder.loop;
    http_server_stop(holder.harness.server, 60000);
    for (int i = 0; i < 10; i++) {
        CHECK(client_at_end(idle[i]));
        close(idle[i]);
    }
    CHECK(client_at_end(part));
    close(part);
    CHECK_EQ(holder.stopped, 0); /* the pending answer is waited for, and sent */
    http_loop_post(loop, holder_release, &holder);
    struct buf answer;
    buf_init(&answer, 65536);
    CHECK(client_receive(held, false, &answer));
    CHECK_STR(client_body(&answer), STR("hello"));
    CHECK(memmem(answer.p, answer.n, "\r\nConnection: close\r\n", 21) != NULL);
    CHECK(client_at_end(held));
    close(held);
    holder_stop(&holder, 1);
    buf_release(&answer);
}

static void test_grace_ends(void **state)
{
    (void)state;
    struct holder holder;
    holder_start(&holder, 1, (struct http_limits){0});
    int held = send_held(&holder);
    struct http_loop *loop = holder.loop;
    http_server_stop(holder.harness.server, 20);
    CHECK(client_at_end(held)); /* without its answer */
    CHECK_EQ(holder.stopped, 0);
    http_loop_post(loop, holder_release, &holder);
    close(held);
    holder_stop(&holder, 1);
}

static void test_stop_before_run(void **state)
{
    (void)state;
    struct holder holder = {0};
    struct http_options options = {.loops = 2, .handler = {.context = &holder, .handle = holder_handle}};
    struct arena arena;
    struct err err;
    arena_init(&arena, 0);
    err_init(&err, &arena);
    struct http_server *server = NULL;
    CHECK(http_server_open(&options, &server, &err));
    http_server_free(server); /* never ran */
    CHECK(http_server_open(&options, &server, &err));
    http_server_stop(server, 0);
    http_server_run(server); /* returns at once */
    http_server_free(server);
    arena_release(&arena);
}

static void test_deadlines(void **state)
{
    (void)state;
    struct holder holder;
    holder_start(&holder, 1, (struct http_limits){.head_ms = 30, .body_ms = 30, .idle_ms = 30});
    static const char *const starts[] = {
        "",
        "GET / HT",
        "POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        int fd = client_open(&holder.harness);
        CHECK(client_send(fd, str_from(starts[i])));
        CHECK(client_at_end(fd));
        close(fd);
    }
    /* A pending request has no deadline: it is the server's turn. */
    int held = send_held(&holder);
    int idle = client_open(&holder.harness);
    CHECK(client_at_end(idle));
    close(idle);
    http_loop_post(holder.loop, holder_release, &holder);
    struct buf answer;
    buf_init(&answer, 65536);
    CHECK(client_receive(held, false, &answer));
    close(held);
    buf_release(&answer);
    holder_stop(&holder, 1);
}

static void test_connections_spread_evenly(void **state)
{
    (void)state;
    struct holder holder;
    holder_start(&holder, 3, (struct http_limits){0});
    int fds[30];
    int seen[3] = {0};
    struct buf answer;
    buf_init(&answer, 65536);
    for (int i = 0; i < 30; i++) {
        fds[i] = client_open(&holder.harness);
        CHECK(client_send(fds[i], STR("GET / HTTP/1.1\r\n\r\n")));
        CHECK(client_receive(fds[i], false, &answer));
        struct str body = client_body(&answer);
        CHECK(body.n == 1 && body.p[0] >= '0' && body.p[0] <= '2');
        seen[body.p[0] - '0']++;
    }
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(seen[i], 10);
    }
    for (int i = 0; i < 30; i++) {
        close(fds[i]);
    }
    buf_release(&answer);
    holder_stop(&holder, 3);
}

struct poster {
    struct http_loop *loop;
    atomic_int *count;
};

static void count_one(void *context)
{
    atomic_fetch_add((atomic_int *)context, 1);
}

static void *post_many(void *context)
{
    struct poster *poster = context;
    for (int i = 0; i < 10000; i++) {
        http_loop_post(poster->loop, count_one, poster->count);
    }
    return NULL;
}

static void test_posts_from_threads(void **state)
{
    (void)state;
    struct holder holder;
    holder_start(&holder, 1, (struct http_limits){0});
    close(send_held(&holder));
    atomic_int count = 0;
    struct poster poster = {holder.loop, &count};
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        CHECK(pthread_create(&threads[i], NULL, post_many, &poster) == 0);
    }
    for (int i = 0; i < 4; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    http_loop_post(holder.loop, holder_release, &holder);
    client_round_trip(&holder.harness);
    holder_stop(&holder, 1);
    CHECK_EQ(count, 40000);
}

static void test_ports_that_cannot_be_had(void **state)
{
    (void)state;
    struct holder holder;
    holder_start(&holder, 1, (struct http_limits){0});
    struct arena arena;
    struct err err;
    arena_init(&arena, 0);
    err_init(&err, &arena);
    struct http_server *server = NULL;
    uint16_t port = http_server_port(holder.harness.server);
    struct http_options options = {.port = port, .loops = 1, .handler = {.handle = holder_handle}};
    CHECK(!http_server_open(&options, &server, &err));
    struct str want = arena_printf(&arena,
                                   "port %u is in use: another server listens there. Stop it, or take another port with "
                                   "-port N (-port 0 takes a free one)",
                                   port);
    CHECK_STR(err.message, want);
    err_clear(&err);
    options.port = 0;
    options.host = STR("192.0.2.1"); /* reserved for documentation: nobody has it */
    CHECK(!http_server_open(&options, &server, &err));
    CHECK_STR(err.message,
              STR("this machine has no address 192.0.2.1: give one of its own with -host ADDRESS"));
    err_clear(&err);
    options.host = STR("127.0.0.1");
    CHECK(http_server_open(&options, &server, &err));
    CHECK(http_server_port(server) != 0);
    http_server_free(server);
    arena_release(&arena);
    holder_stop(&holder, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pending_answer_outlives_its_client),
        cmocka_unit_test(test_many_bytes_behind_a_pending_request),
        cmocka_unit_test(test_stop_with_open_connections),
        cmocka_unit_test(test_grace_ends),
        cmocka_unit_test(test_stop_before_run),
        cmocka_unit_test(test_deadlines),
        cmocka_unit_test(test_connections_spread_evenly),
        cmocka_unit_test(test_posts_from_threads),
        cmocka_unit_test(test_ports_that_cannot_be_had),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
