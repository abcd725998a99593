/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_WRITER_H
#define SERVER_WRITER_H

#include "core/clock.h"
#include "server/api/api.h"
#include "server/net/http.h"

/* Where writes run, and when. One of two ways (design.md §2.4), chosen by the store:
 *
 *   in memory  each loop gathers the writes of a turn and runs them itself at its end, under one lock of all loops
 *   durable    one thread takes all that waits, commits it once, and sends the answers back to their loops
 *
 * Background work (TTL, reclaiming, backfill) runs in the same place between the batches, and only when something is due. */

struct writer;

/* What exchange->app points to while a write is pending. In the exchange's arena. */
struct write_job {
    struct call *call;
    uint64_t started_ns; /* for the log */
};

struct writer_options {
    struct api *api;
    const struct clock *clock;
    bool has_thread; /* durable */
    unsigned loops;
    /* The answer is complete: on the exchange's loop. Must http_finish it. */
    void (*answered)(void *context, struct http_exchange *exchange);
    void *context;
};

struct writer *writer_new(const struct writer_options *options);
/* After all loops have ended. */
void writer_free(struct writer *writer);

/* On the loop's own thread: when it starts, and when it has stopped. */
void writer_loop_started(struct writer *writer, struct http_loop *loop);
void writer_loop_stopped(struct writer *writer, struct http_loop *loop);

/* Takes an exchange that was answered HTTP_LATER. */
void writer_add(struct writer *writer, struct http_exchange *exchange);
/* The end of a turn of the loop (http_handler.after_turn). */
void writer_after_turn(struct writer *writer, struct http_loop *loop);

#endif
