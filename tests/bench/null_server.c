/* SPDX-License-Identifier: Apache-2.0 */
/* null_server.c — the transport with nothing behind it: every request is answered by the same 600 bytes. What the benchmarks of the
 * real server are measured against: the part of a request that is HTTP and system calls. */
#include "server/net/http.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define BODY_BYTES 600

static enum http_next handle(void *context, struct http_exchange *exchange)
{
    const char *body = context;
    buf_add(exchange->out, body, BODY_BYTES);
    exchange->response.content_type = STR("application/x-amz-json-1.0");
    return HTTP_DONE;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    char body[BODY_BYTES];
    memset(body, 'x', sizeof(body));
    struct http_options options = {
        .port = (uint16_t)(argc > 1 ? strtoul(argv[1], NULL, 10) : 0),
        .loops = (unsigned)(argc > 2 ? strtoul(argv[2], NULL, 10) : 2),
        .limits = {.body_bytes = (size_t)16 * 1024 * 1024, .head_ms = 30000, .body_ms = 30000},
        .handler = {.context = body, .handle = handle},
    };
    struct arena arena;
    struct err err;
    arena_init(&arena, 0);
    err_init(&err, &arena);
    struct http_server *server = NULL;
    if (!http_server_open(&options, &server, &err)) {
        fprintf(stderr, "bench_null: %.*s\n", STR_ARG(err.message));
        return 1;
    }
    printf("null server ready on port %u\n", http_server_port(server));
    fflush(stdout);
    http_server_run(server);
    http_server_free(server);
    arena_release(&arena);
    return 0;
}
