/* SPDX-License-Identifier: Apache-2.0 */
/* http_test.c — what goes over the wire: requests whole, in pieces, in a row, too large and wrong; the server must answer as it should, and
 * must still answer afterwards. */
#include "tests/server/net/harness.h"

#include "core/deflate.h"

#include <stdlib.h>
#include <time.h>

#define BODY_MAX ((size_t)1 << 20)
#define POST_N (sizeof("POST /?||") - 1)

/* Answers "method path?query|x-note|body". Paths: /large: 8 MiB; /later: at the end of the turn; /close; /long: a header beyond the usual room. */
struct echo {
    struct http_exchange *first;
    struct http_exchange **last;
};

static void echo_answer(struct http_exchange *ex)
{
    const struct request *request = &ex->request;
    struct str note = request_header(request, STR("X-Note"));
    buf_add_str(ex->out, request->method);
    buf_add_byte(ex->out, ' ');
    buf_add_str(ex->out, request->path);
    buf_add_byte(ex->out, '?');
    buf_add_str(ex->out, request->query);
    buf_add_byte(ex->out, '|');
    buf_add_str(ex->out, note);
    buf_add_byte(ex->out, '|');
    buf_add_str(ex->out, request->body);
    ex->response.content_type = STR("text/plain");
    ex->response.is_head = str_eq(request->method, STR("HEAD"));
    ex->response.closes = str_eq(request->path, STR("/close"));
    if (str_eq(request->path, STR("/large"))) {
        size_t n = (size_t)8 << 20;
        memset(buf_reserve(ex->out, n), 'L', n);
        ex->out->n += n;
    }
    if (str_eq(request->path, STR("/long"))) {
        char *value = arena_alloc(ex->arena, 2000);
        memset(value, 'v', 2000);
        response_add_header(&ex->response, STR("X-Long"), str_of(value, 2000));
    }
}

static enum http_next echo_handle(void *context, struct http_exchange *ex)
{
    struct echo *echo = context;
    if (str_eq(ex->request.path, STR("/later"))) {
        *echo->last = ex;
        echo->last = &ex->next;
        return HTTP_LATER;
    }
    echo_answer(ex);
    return HTTP_DONE;
}

static void echo_after_turn(void *context, struct http_loop *loop)
{
    (void)loop;
    struct echo *echo = context;
    struct http_exchange *ex = echo->first;
    echo->first = NULL;
    echo->last = &echo->first;
    while (ex != NULL) {
        struct http_exchange *next = ex->next;
        echo_answer(ex);
        http_finish(ex);
        ex = next;
    }
}

struct fixture {
    struct harness harness;
    struct echo echo;
    struct buf answer;
    struct buf request;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    f->echo.last = &f->echo.first;
    buf_init(&f->answer, (size_t)64 << 20);
    buf_init(&f->request, (size_t)64 << 20);
    harness_start(&f->harness, (struct http_options){
                                   .limits = {.body_bytes = BODY_MAX, .head_ms = 60000, .body_ms = 60000},
                                   .handler = {&f->echo, echo_handle, echo_after_turn},
                               });
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    http_server_stop(f->harness.server, 1000);
    harness_join(&f->harness);
    buf_release(&f->answer);
    buf_release(&f->request);
    free(f);
    return 0;
}

static void expect_body(struct fixture *f, int fd, struct str want)
{
    CHECK(client_receive(fd, false, &f->answer));
    CHECK_STR(client_body(&f->answer), want);
}

static void expect_status(struct fixture *f, int fd, const char *status)
{
    CHECK(client_receive(fd, false, &f->answer));
    CHECK(f->answer.n > 12);
    CHECK_STR(str_of(f->answer.p + 9, 3), str_from(status));
}

static bool answer_has(const struct fixture *f, const char *text)
{
    return memmem(f->answer.p, f->answer.n, text, strlen(text)) != NULL;
}

static void test_keep_alive_and_head(void **state)
{
    struct fixture *f = *state;
    int fd = client_open(&f->harness);
    for (int i = 0; i < 3; i++) {
        CHECK(client_send(fd, STR("POST /a?q=1&r HTTP/1.1\r\nx-note: \t hi there \t\r\nContent-Length: 3\r\n\r\nabc")));
        expect_body(f, fd, STR("POST /a?q=1&r|hi there|abc"));
        CHECK(memcmp(f->answer.p, "HTTP/1.1 200 OK\r\n", 17) == 0);
        CHECK(answer_has(f, "\r\nContent-Type: text/plain\r\n"));
        CHECK(!answer_has(f, "Connection:"));
    }
    char crc[40];
    struct str body = client_body(&f->answer);
    snprintf(crc, sizeof(crc), "\r\nx-amz-crc32: %u\r\n", crc32_of(body.p, body.n));
    CHECK(answer_has(f, crc));
    const char *id = memmem(f->answer.p, f->answer.n, "\r\nx-amzn-RequestId: ", 20);
    CHECK(id != NULL);
    CHECK_EQ(strspn(id + 20, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"), 52);
    const char *date = memmem(f->answer.p, f->answer.n, "\r\nDate: ", 8);
    CHECK(date != NULL);
    struct tm utc = {0};
    const char *date_end = strptime(date + 8, "%a, %d %b %Y %H:%M:%S GMT\r\n", &utc);
    CHECK(date_end != NULL && date_end - date == 8 + 29 + 2);
    CHECK(llabs((long long)timegm(&utc) - (long long)time(NULL)) <= 2); /* two clocks of this machine, cut to seconds */
    CHECK(client_send(fd, STR("HEAD /h HTTP/1.1\r\n\r\nGET http://host:80/x?y HTTP/1.1\r\nHost: z\r\n\r\n")));
    CHECK(client_receive(fd, true, &f->answer));
    CHECK(answer_has(f, "\r\nContent-Length: 10\r\n"));
    expect_body(f, fd, STR("GET /x?y||"));
    close(fd);
}

static void test_connection_ends_when_asked(void **state)
{
    struct fixture *f = *state;
    const struct {
        struct str request;
        const char *header;
        bool ends;
    } cases[] = {
        {STR("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"), "\r\nConnection: close\r\n", true},
        {STR("GET / HTTP/1.0\r\n\r\n"), "\r\nConnection: close\r\n", true},
        {STR("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), "\r\nConnection: keep-alive\r\n", false},
        {STR("GET /close HTTP/1.1\r\n\r\n"), "\r\nConnection: close\r\n", true},
        {STR("GET /close HTTP/1.1\r\n\r\nGET /never HTTP/1.1\r\n\r\n"), "\r\nConnection: close\r\n", true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int fd = client_open(&f->harness);
        CHECK(client_send(fd, cases[i].request));
        expect_status(f, fd, "200");
        CHECK(answer_has(f, cases[i].header));
        if (cases[i].ends) {
            CHECK(client_at_end(fd));
        } else {
            CHECK(client_send(fd, cases[i].request));
            expect_status(f, fd, "200");
        }
        close(fd);
    }
}

static void test_half_closed_client_gets_its_answers(void **state)
{
    struct fixture *f = *state;
    int fd = client_open(&f->harness);
    CHECK(client_send(fd, STR("GET /later HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n")));
    CHECK(shutdown(fd, SHUT_WR) == 0);
    expect_body(f, fd, STR("GET /later?||"));
    expect_body(f, fd, STR("GET /b?||"));
    CHECK(client_at_end(fd));
    close(fd);
}

static void test_pipelined_answers_come_in_order(void **state)
{
    struct fixture *f = *state;
    int fd = client_open(&f->harness);
    buf_clear(&f->request, 0);
    for (int i = 0; i < 3000; i++) { /* more than the buffer holds */
        buf_printf(&f->request, "POST %s HTTP/1.1\r\nContent-Length: 5\r\n\r\n%05d", i % 3 == 0 ? "/later" : "/now", i);
    }
    CHECK(client_send(fd, str_of(f->request.p, f->request.n)));
    for (int i = 0; i < 3000; i++) {
        char want[64];
        snprintf(want, sizeof(want), "POST %s?||%05d", i % 3 == 0 ? "/later" : "/now", i);
        expect_body(f, fd, str_from(want));
    }
    close(fd);
}

/* Several requests of all kinds, and what is to be answered. */
static size_t mixed_requests(struct buf *out, struct str want[8])
{
    struct buf packed;
    buf_init(&packed, 1 << 16);
    gzip_pack(STR("unpacked text"), &packed);
    buf_clear(out, 0);
    buf_add_literal(out, "POST /one?a=b HTTP/1.1\r\nHost: x\r\nX-Note: n1\r\nContent-Length: 4\r\n\r\nbody");
    want[0] = STR("POST /one?a=b|n1|body");
    buf_add_literal(out, "\r\nGET /two HTTP/1.1\r\nx-note:\r\nEmpty: \r\n\r\n");
    want[1] = STR("GET /two?||");
    buf_add_literal(out, "POST /three HTTP/1.1\r\nTransfer-Encoding: chunked\r\nX-Note: n3\r\n\r\n"
                         "3\r\nabc\r\n1;ext=\"v\"\r\nd\r\n0a\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n");
    want[2] = STR("POST /three?|n3|abcd0123456789");
    buf_printf(out, "POST /later HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n", packed.n);
    buf_add(out, packed.p, packed.n);
    want[3] = STR("POST /later?||unpacked text");
    buf_printf(out, "PUT /five HTTP/1.1\r\ncontent-encoding: GZIP\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n");
    buf_add(out, packed.p, 5);
    buf_printf(out, "\r\n%zx\r\n", packed.n - 5);
    buf_add(out, packed.p + 5, packed.n - 5);
    buf_add_literal(out, "\r\n0\r\n\r\n");
    want[4] = STR("PUT /five?||unpacked text");
    buf_add_literal(out, "GET /six HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n");
    want[5] = STR("GET /six?||");
    buf_add_literal(out, "POST /later HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nhi");
    want[6] = STR("POST /later?||hi");
    buf_add_literal(out, "DELETE /eight HTTP/1.1\r\n\r\n");
    want[7] = STR("DELETE /eight?||");
    buf_release(&packed);
    return 8;
}

static void test_split_at_every_offset(void **state)
{
    struct fixture *f = *state;
    struct str want[8];
    size_t count = mixed_requests(&f->request, want);
    for (size_t cut = 1; cut < f->request.n; cut++) {
        int fd = client_open(&f->harness);
        CHECK(client_send(fd, str_of(f->request.p, cut)));
        client_round_trip(&f->harness);
        CHECK(client_send(fd, str_of(f->request.p + cut, f->request.n - cut)));
        for (size_t i = 0; i < count; i++) {
            expect_body(f, fd, want[i]);
        }
        close(fd);
    }
}

static void test_byte_by_byte(void **state)
{
    struct fixture *f = *state;
    struct str want[8];
    size_t count = mixed_requests(&f->request, want);
    int fd = client_open(&f->harness);
    for (size_t i = 0; i < f->request.n; i++) {
        CHECK(client_send(fd, str_of(f->request.p + i, 1)));
        client_round_trip(&f->harness);
    }
    for (size_t i = 0; i < count; i++) {
        expect_body(f, fd, want[i]);
    }
    close(fd);
}

static void test_expect_continue(void **state)
{
    struct fixture *f = *state;
    int fd = client_open(&f->harness);
    CHECK(client_send(fd, STR("POST /c HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 3\r\n\r\n")));
    CHECK(client_receive(fd, false, &f->answer));
    CHECK_STR(str_of(f->answer.p, f->answer.n), STR("HTTP/1.1 100 Continue\r\n\r\n"));
    CHECK(client_send(fd, STR("abc")));
    expect_body(f, fd, STR("POST /c?||abc"));
    /* The body is there already: no need to ask for it. */
    CHECK(client_send(fd, STR("POST /c HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc")));
    expect_body(f, fd, STR("POST /c?||abc"));
    CHECK(client_send(fd, STR("POST /c HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n")));
    expect_status(f, fd, "413");
    CHECK(client_at_end(fd));
    close(fd);
}

static void expect_413(struct fixture *f, int fd)
{
    CHECK(client_receive(fd, false, &f->answer));
    CHECK_STR(str_of(f->answer.p, f->answer.n),
              STR("HTTP/1.1 413 Request Entity Too Large\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n"));
    CHECK(shutdown(fd, SHUT_WR) == 0);
    CHECK(client_at_end(fd));
    close(fd);
    client_round_trip(&f->harness);
}

static void test_body_limit(void **state)
{
    struct fixture *f = *state;
    char *body = calloc(1, BODY_MAX + 1);
    memset(body, 'b', BODY_MAX + 1);
    int fd = client_open(&f->harness);
    for (int i = 0; i < 2; i++) { /* exactly the limit, and the connection lives on */
        buf_clear(&f->request, 0);
        buf_printf(&f->request, "POST / HTTP/1.1\r\nContent-Length: %zu\r\n\r\n", BODY_MAX);
        buf_add(&f->request, body, BODY_MAX);
        CHECK(client_send(fd, str_of(f->request.p, f->request.n)));
        CHECK(client_receive(fd, false, &f->answer));
        CHECK_EQ(client_body(&f->answer).n, BODY_MAX + POST_N);
    }
    /* One byte more, announced: the whole of it is sent before the answer is read. */
    buf_clear(&f->request, 0);
    buf_printf(&f->request, "POST / HTTP/1.1\r\nContent-Length: %zu\r\n\r\n", BODY_MAX + 1);
    buf_add(&f->request, body, BODY_MAX + 1);
    CHECK(client_send(fd, str_of(f->request.p, f->request.n)));
    expect_413(f, fd);
    /* Chunks that add up to too much. */
    fd = client_open(&f->harness);
    buf_clear(&f->request, 0);
    buf_add_literal(&f->request, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (size_t i = 0; i <= BODY_MAX / 1024; i++) {
        buf_printf(&f->request, "400\r\n%.1024s\r\n", body);
    }
    CHECK(client_send(fd, str_of(f->request.p, f->request.n)));
    expect_413(f, fd);
    free(body);
}

static void test_tiny_chunks_take_no_room(void **state)
{
    struct fixture *f = *state;
    int fd = client_open(&f->harness);
    buf_clear(&f->request, 0);
    buf_add_literal(&f->request, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (size_t i = 0; i < 100000; i++) {
        buf_printf(&f->request, "001\r\n%c\r\n", (char)('a' + i % 26));
    }
    buf_add_literal(&f->request, "0\r\n\r\n");
    CHECK(client_send(fd, str_of(f->request.p, f->request.n)));
    CHECK(client_receive(fd, false, &f->answer));
    struct str body = client_body(&f->answer);
    CHECK_EQ(body.n, 100000 + POST_N);
    for (size_t i = 0; i < 100000; i++) {
        CHECK_EQ(body.p[POST_N + i], (char)('a' + i % 26));
    }
    close(fd);
}

static void send_gzip(struct fixture *f, int fd, struct str packed)
{
    buf_clear(&f->request, 0);
    buf_printf(&f->request, "POST / HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n", packed.n);
    buf_add(&f->request, packed.p, packed.n);
    CHECK(client_send(fd, str_of(f->request.p, f->request.n)));
}

static void test_gzip_limits(void **state)
{
    struct fixture *f = *state;
    char *zeros = calloc(1, BODY_MAX + 1);
    struct buf packed;
    buf_init(&packed, (size_t)4 << 20);
    gzip_pack(str_of(zeros, BODY_MAX), &packed);
    int fd = client_open(&f->harness);
    send_gzip(f, fd, str_of(packed.p, packed.n));
    CHECK(client_receive(fd, false, &f->answer));
    CHECK_EQ(client_body(&f->answer).n, BODY_MAX + POST_N);
    buf_clear(&packed, 0);
    gzip_pack(str_of(zeros, BODY_MAX + 1), &packed);
    send_gzip(f, fd, str_of(packed.p, packed.n));
    expect_413(f, fd);
    fd = client_open(&f->harness);
    send_gzip(f, fd, STR("this is no gzip at all"));
    expect_status(f, fd, "400");
    CHECK(client_at_end(fd));
    close(fd);
    buf_release(&packed);
    free(zeros);
}

static void test_no_http(void **state)
{
    struct fixture *f = *state;
    const struct str cases[] = {
        STR("hello\r\n\r\n"),
        STR("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), /* a TLS greeting */
        STR("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        STR("GET / HTTP/9.9\r\n\r\n"),
        STR("GET / HTTP/1.1\r\nno colon\r\n\r\n"),
        STR("GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"),
        STR("GET / HTTP/1.1\r\nContent-Length: 1x\r\n\r\n"),
        STR("POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n"),
        STR("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
        STR("POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        STR("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        STR("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n"),
        STR("POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n"),
        STR("G\0T / HTTP/1.1\r\n\r\n"),
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int fd = client_open(&f->harness);
        CHECK(client_send(fd, STR("GET /ok HTTP/1.1\r\n\r\n")));
        expect_body(f, fd, STR("GET /ok?||"));
        CHECK(client_send(fd, cases[i]));
        CHECK(client_receive(fd, false, &f->answer));
        CHECK_STR(str_of(f->answer.p, f->answer.n),
                  STR("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        CHECK(client_at_end(fd));
        close(fd);
        client_round_trip(&f->harness);
    }
}

static void test_head_limit(void **state)
{
    struct fixture *f = *state;
    int fd = client_open(&f->harness);
    buf_clear(&f->request, 0);
    buf_add_literal(&f->request, "GET / HTTP/1.1\r\n");
    for (int i = 0; i < 600; i++) {
        buf_printf(&f->request, "X-%03d: %094d\r\n", i, i); /* 60,000 bytes in all: allowed */
    }
    buf_add_literal(&f->request, "\r\n");
    CHECK(client_send(fd, str_of(f->request.p, f->request.n)));
    expect_status(f, fd, "200");
    buf_truncate(&f->request, f->request.n - 2);
    for (int i = 0; i < 200; i++) {
        buf_printf(&f->request, "Y-%03d: %094d\r\n", i, i);
    }
    CHECK(client_send(fd, str_of(f->request.p, f->request.n)));
    expect_status(f, fd, "431");
    close(fd);
    /* Trailers and chunk sizes without end. */
    const struct str endless[] = {STR("0\r\nT: t\r\n"), STR("1;e=e\r\na\r\n")};
    for (size_t k = 0; k < 2; k++) {
        fd = client_open(&f->harness);
        buf_clear(&f->request, 0);
        buf_add_literal(&f->request, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < 40000; i++) {
            buf_add_str(&f->request, k == 0 && i > 0 ? STR("T: t\r\n") : endless[k]);
        }
        CHECK(client_send(fd, str_of(f->request.p, f->request.n)));
        expect_status(f, fd, "400");
        close(fd);
    }
    client_round_trip(&f->harness);
}

static void test_large_answers_and_slow_readers(void **state)
{
    struct fixture *f = *state;
    int fd = client_open(&f->harness);
    for (int i = 0; i < 4; i++) {
        CHECK(client_send(fd, STR("GET /large HTTP/1.1\r\n\r\nGET /later HTTP/1.1\r\n\r\n")));
    }
    client_round_trip(&f->harness); /* others are served while this one doesn't read */
    for (int i = 0; i < 4; i++) {
        CHECK(client_receive(fd, false, &f->answer));
        struct str body = client_body(&f->answer);
        CHECK_EQ(body.n, ((size_t)8 << 20) + 13);
        CHECK_EQ(body.p[body.n - 1], 'L');
        expect_body(f, fd, STR("GET /later?||"));
    }
    CHECK(client_send(fd, STR("GET /long HTTP/1.1\r\n\r\n")));
    expect_body(f, fd, STR("GET /long?||"));
    CHECK(answer_has(f, "\r\nX-Long: vvvv"));
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_keep_alive_and_head, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_connection_ends_when_asked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_half_closed_client_gets_its_answers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pipelined_answers_come_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_split_at_every_offset, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_byte_by_byte, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_expect_continue, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_body_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tiny_chunks_take_no_room, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_gzip_limits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_http, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_head_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_large_answers_and_slow_readers, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
