/* SPDX-License-Identifier: Apache-2.0 */
/* tls_test.c — handshakes that don't get on: time limits and stopping. What works, and with whom, is in tests/wire/tls_test.py. */
#include "harness.h"

static enum http_next answer(void *context, struct http_exchange *exchange)
{
    (void)context;
    buf_add_literal(exchange->out, "hello");
    return HTTP_DONE;
}

static void start(struct harness *harness, int64_t head_ms)
{
    harness_start(harness, (struct http_options){.host = STR("127.0.0.1"),
                                                 .limits = {.body_bytes = 4096, .head_ms = head_ms},
                                                 .tls = {.is_on = true},
                                                 .handler = {.handle = answer}});
}

/* A ClientHello's beginning: a record of 512 bytes, of which the handshake says that it has 508. */
static const char hello[] = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";

static void stuck_handshakes_end(void **state)
{
    (void)state;
    struct harness harness;
    start(&harness, 50);
    for (size_t n = 0; n < sizeof(hello); n++) {
        int fd = client_open(&harness);
        CHECK(client_send(fd, str_of(hello, n)));
        CHECK(client_at_end(fd));
        close(fd);
    }
    http_server_stop(harness.server, 0);
    harness_join(&harness);
}

/* The limit is for the whole: a byte now and then doesn't move it. */
static void trickles_end(void **state)
{
    (void)state;
    struct harness harness;
    start(&harness, 50);
    int fd = client_open(&harness);
    CHECK(client_send(fd, str_of(hello, sizeof(hello) - 1)));
    struct timeval limit = {.tv_usec = 10000};
    CHECK(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == 0);
    size_t sent = 0;
    char byte = 0;
    ssize_t got = -1;
    while (client_send(fd, STR("\0")) && (got = client_recv(fd, &byte, 1)) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        sent++;
        CHECK(sent < 500); /* more than the record wants: it would have failed otherwise */
    }
    close(fd);
    http_server_stop(harness.server, 0);
    harness_join(&harness);
}

static void stopping_waits_for_nobody(void **state)
{
    (void)state;
    struct harness harness;
    start(&harness, 60000);
    int stuck = client_open(&harness);
    CHECK(client_send(stuck, str_of(hello, sizeof(hello) - 1)));
    int silent = client_open(&harness);
    int plain = client_open(&harness);
    CHECK(client_send(plain, STR("GET / HTTP/1.1\r\n\r\n")));
    while (!client_at_end(plain)) { /* an alert, then the end */
    }
    http_server_stop(harness.server, 60000);
    CHECK(client_at_end(stuck));
    CHECK(client_at_end(silent));
    close(stuck);
    close(silent);
    close(plain);
    harness_join(&harness);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stuck_handshakes_end),
        cmocka_unit_test(trickles_end),
        cmocka_unit_test(stopping_waits_for_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
