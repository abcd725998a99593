/* SPDX-License-Identifier: Apache-2.0 */
/* loop.c — one event loop and what its connections share: the pool of exchanges, the mailbox of other threads, the tick that looks at
 * deadlines, and the end of a turn. Nothing here costs a system call per request, and an idle loop sleeps. */
#include "core/clock.h"
#include "server/net/internal.h"

#include <stdlib.h>
#include <time.h>

/* ---- The pool ---- */

struct exchange *loop_take_exchange(struct http_loop *loop)
{
    struct exchange *ex = loop->pool;
    if (ex == NULL) {
        return exchange_new(loop);
    }
    loop->pool = ex->next_free;
    loop->pool_count--;
    return ex;
}

void loop_give_exchange(struct http_loop *loop, struct exchange *ex)
{
    ensure(!ex->is_pending);
    ex->conn = NULL;
    if (loop->pool_count >= POOL_MAX) {
        exchange_free(ex);
        return;
    }
    if (ex->in_n > 0 || ex->out.n != HEAD_ROOM) { /* it ended early */
        ex->parsed = ex->in_n;
        exchange_reset(ex);
    }
    ex->next_free = loop->pool;
    loop->pool = ex;
    loop->pool_count++;
}

/* ---- The end of a turn ---- */

static void on_idle(uv_idle_t *idle)
{
    (void)idle;
}

static void on_check(uv_check_t *check)
{
    struct http_loop *loop = check->data;
    const struct http_handler *handler = &loop->server->options.handler;
    uv_check_stop(&loop->check);
    uv_idle_stop(&loop->idle);
    handler->after_turn(handler->context, loop);
}

void loop_gather(struct http_loop *loop)
{
    if (loop->server->options.handler.after_turn != NULL) {
        uv_check_start(&loop->check, on_check);
        uv_idle_start(&loop->idle, on_idle);
    }
}

/* ---- Deadlines ---- */

#define TICK_MS_MAX 500
#define TICK_MS_MIN 5

static uint64_t tick_ms(const struct http_limits *limits)
{
    int64_t least = TICK_MS_MAX * 4;
    const int64_t all[] = {limits->head_ms, limits->body_ms, limits->idle_ms};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (all[i] > 0 && all[i] < least) {
            least = all[i];
        }
    }
    return least / 4 < TICK_MS_MIN ? TICK_MS_MIN : (uint64_t)least / 4;
}

static void on_tick(uv_timer_t *tick)
{
    struct http_loop *loop = tick->data;
    int64_t now = (int64_t)uv_now(&loop->uv);
    bool is_needed = false;
    struct conn *next = NULL;
    for (struct conn *conn = loop->conns; conn != NULL; conn = next) {
        next = conn->next;
        if (conn->deadline_ms != 0 && conn->deadline_ms <= now) {
            conn_expire(conn);
        }
        is_needed = is_needed || conn->deadline_ms != 0;
    }
    if (!is_needed) {
        uv_timer_stop(&loop->tick);
    }
}

void loop_watch_deadlines(struct http_loop *loop)
{
    if (!uv_is_active((uv_handle_t *)&loop->tick)) {
        uint64_t ms = tick_ms(&loop->server->limits);
        uv_timer_start(&loop->tick, on_tick, ms, ms);
    }
}

/* ---- The date ---- */

struct str loop_date(struct http_loop *loop)
{
    uint64_t now_ms = uv_now(&loop->uv);
    if (now_ms >= loop->date_until_ms) {
        int64_t wall_ms = clock_now_ms(clock_system());
        time_t seconds = (time_t)(wall_ms / 1000);
        struct tm utc;
        ensure(gmtime_r(&seconds, &utc) != NULL);
        ensure(strftime(loop->date, sizeof(loop->date), "%a, %d %b %Y %H:%M:%S GMT", &utc) == sizeof(loop->date) - 1);
        loop->date_until_ms = now_ms + 1000 - (uint64_t)(wall_ms % 1000);
    }
    return str_of(loop->date, sizeof(loop->date) - 1);
}

/* ---- The mailbox ---- */

bool loop_post(struct http_loop *loop, void (*callback)(void *context), void *context)
{
    uv_mutex_lock(&loop->mutex);
    bool ok = !loop->is_closed;
    if (ok) {
        if (loop->post_count == loop->post_cap) {
            loop->post_cap = loop->post_cap * 2 + 16;
            loop->posts = realloc(loop->posts, loop->post_cap * sizeof(*loop->posts));
            ensure(loop->posts != NULL);
        }
        loop->posts[loop->post_count] = (struct post){callback, context};
        loop->post_count++;
        if (loop->post_count == 1) {
            uv_async_send(&loop->async);
        }
    }
    uv_mutex_unlock(&loop->mutex);
    return ok;
}

void http_loop_post(struct http_loop *loop, void (*callback)(void *context), void *context)
{
    (void)loop_post(loop, callback, context);
}

static void run_posts(struct http_loop *loop)
{
    uv_mutex_lock(&loop->mutex);
    struct post *posts = loop->posts;
    size_t count = loop->post_count;
    loop->posts = NULL;
    loop->post_count = loop->post_cap = 0;
    uv_mutex_unlock(&loop->mutex);
    for (size_t i = 0; i < count; i++) {
        posts[i].callback(posts[i].context);
    }
    free(posts);
}

static void on_async(uv_async_t *async)
{
    struct http_loop *loop = async->data;
    run_posts(loop);
    loop_end_if_done(loop);
}

/* ---- Life ---- */

void loop_init(struct http_loop *loop, struct http_server *server, unsigned index)
{
    loop->server = server;
    loop->index = index;
    random_init(&loop->random, random_seed());
    ensure(uv_mutex_init(&loop->mutex) == 0);
    ensure(uv_loop_init(&loop->uv) == 0);
    ensure(uv_async_init(&loop->uv, &loop->async, on_async) == 0);
    ensure(uv_check_init(&loop->uv, &loop->check) == 0);
    ensure(uv_idle_init(&loop->uv, &loop->idle) == 0);
    ensure(uv_timer_init(&loop->uv, &loop->tick) == 0);
    ensure(uv_timer_init(&loop->uv, &loop->grace) == 0);
    loop->async.data = loop->check.data = loop->tick.data = loop->grace.data = loop;
}

static void close_handles(struct http_loop *loop)
{
    uv_close((uv_handle_t *)&loop->async, NULL);
    uv_close((uv_handle_t *)&loop->check, NULL);
    uv_close((uv_handle_t *)&loop->idle, NULL);
    uv_close((uv_handle_t *)&loop->tick, NULL);
    uv_close((uv_handle_t *)&loop->grace, NULL);
    if (loop->index == 0) {
        if (!uv_is_closing((uv_handle_t *)&loop->server->poll)) { /* server_stop_accepting */
            uv_close((uv_handle_t *)&loop->server->poll, NULL);
        }
        uv_close((uv_handle_t *)&loop->server->accept_pause, NULL);
    }
}

void loop_run(struct http_loop *loop)
{
    const struct http_options *options = &loop->server->options;
    if (options->loop_started != NULL) {
        loop->data = options->loop_started(options->context, loop);
    }
    uv_run(&loop->uv, UV_RUN_DEFAULT); /* until everything is closed: see loop_end_if_done */
}

void loop_end_if_done(struct http_loop *loop)
{
    if (!loop->is_stopping || loop->is_closed || loop->pending > 0 || loop->conns != NULL) {
        return;
    }
    if (atomic_load_explicit(&loop->conn_count, memory_order_relaxed) > 0) {
        return; /* being closed, or on their way here */
    }
    uv_mutex_lock(&loop->mutex);
    bool is_empty = loop->post_count == 0;
    loop->is_closed = is_empty;
    uv_mutex_unlock(&loop->mutex);
    if (!is_empty) {
        return; /* on_async comes back here */
    }
    const struct http_options *options = &loop->server->options;
    if (options->loop_stopped != NULL) {
        options->loop_stopped(options->context, loop);
    }
    close_handles(loop);
}

void loop_release(struct http_loop *loop)
{
    if (!loop->is_closed) { /* never ran */
        loop->is_closed = true;
        close_handles(loop);
        uv_run(&loop->uv, UV_RUN_DEFAULT);
    }
    ensure(uv_loop_close(&loop->uv) == 0);
    while (loop->pool != NULL) {
        struct exchange *ex = loop->pool;
        loop->pool = ex->next_free;
        exchange_free(ex);
    }
    free(loop->sealed);
    free(loop->posts);
    uv_mutex_destroy(&loop->mutex);
}

void *http_loop_data(const struct http_loop *loop)
{
    return loop->data;
}

unsigned http_loop_index(const struct http_loop *loop)
{
    return loop->index;
}

struct uv_loop_s *http_loop_uv(struct http_loop *loop)
{
    return &loop->uv;
}
