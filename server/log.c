/* SPDX-License-Identifier: Apache-2.0 */
/* log.c — lines for people. Written with write(2) at once: no buffer that a crash could keep, no lock that a loop could wait for. */
#include "server/log.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 2048 /* longer ones are cut */

enum log_level log_level_of(struct str name)
{
    if (str_eq(name, STR("quiet"))) {
        return LOG_QUIET;
    }
    return str_eq(name, STR("requests")) ? LOG_REQUESTS : LOG_EVENTS;
}

static void write_line(const struct log *log, struct str text)
{
    char line[LINE_MAX_BYTES];
    int64_t now = clock_now_ms(log->clock);
    time_t seconds = (time_t)(now / 1000);
    struct tm t;
    gmtime_r(&seconds, &t);
    size_t n = strftime(line, sizeof(line), "%Y-%m-%dT%H:%M:%S", &t);
    n += (size_t)snprintf(line + n, sizeof(line) - n, ".%03dZ ", (int)(now % 1000));
    size_t room = sizeof(line) - n - 1;
    size_t text_n = text.n < room ? text.n : room;
    for (size_t i = 0; i < text_n; i++) {
        char c = text.p[i];
        line[n + i] = c >= 0 && c < ' ' ? ' ' : c; /* a line stays a line, whatever a client sent */
    }
    n += text_n;
    line[n] = '\n';
    ssize_t ignored = write(STDERR_FILENO, line, n + 1);
    (void)ignored;
}

void log_line(const struct log *log, struct str line)
{
    if (log->level != LOG_QUIET) {
        write_line(log, line);
    }
}

void log_request(const struct log *log, const struct http_exchange *exchange, uint64_t ns)
{
    if (log->level != LOG_REQUESTS) {
        return;
    }
    /* The operation, or for what has none the method and the path. */
    const struct request *request = &exchange->request;
    struct str target = request_header(request, STR("X-Amz-Target"));
    const char *dot = target.n > 0 ? memrchr(target.p, '.', target.n) : NULL;
    struct str first = dot != NULL ? str_of(dot + 1, target.n - (size_t)(dot + 1 - target.p)) : request->method;
    struct str second = dot != NULL ? STR("") : request->path;
    char line[LINE_MAX_BYTES];
    int n = snprintf(line, sizeof(line), "%.*s %.*s%s%.*s %d %llu us", HTTP_ID_BYTES, exchange->id,
                     (int)(first.n < 200 ? first.n : 200), first.p, second.n > 0 ? " " : "",
                     (int)(second.n < 200 ? second.n : 200), second.p, exchange->response.status,
                     (unsigned long long)(ns / 1000));
    write_line(log, str_of(line, (size_t)n));
}
