/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_LOG_H
#define SERVER_LOG_H

#include "core/clock.h"
#include "core/str.h"
#include "server/net/http.h"

/* One line an event on stderr: time, text. From any thread; a line is one write, so lines never mix. */

enum log_level { LOG_QUIET, LOG_EVENTS, LOG_REQUESTS };

struct log {
    enum log_level level;
    const struct clock *clock;
};

/* "quiet", "events" (also when absent), "requests". */
enum log_level log_level_of(struct str name);
/* An event; nothing when quiet. */
void log_line(const struct log *log, struct str line);
/* An answered request: id, operation, status, bytes, time. Only at LOG_REQUESTS. */
void log_request(const struct log *log, const struct http_exchange *exchange, uint64_t ns);

#endif
