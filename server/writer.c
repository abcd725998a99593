/* SPDX-License-Identifier: Apache-2.0 */
/* writer.c — both ways of writing, and background work beside them. In memory a commit costs less than waking another thread, so the
 * loop does it itself; on disk a commit waits for the disk, and a loop that waits serves nobody. In both the writes that came together
 * share one transaction. */
#include "server/writer.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <uv.h>

#define BATCH_MAX 256
/* Of background work at a time. In memory a request on loop 0 waits for it, and another step costs little; on disk each costs a commit. */
#define BACKGROUND_MEMORY_US 250
#define BACKGROUND_DISK_US 1000
#define SCRATCH_BYTES ((size_t)1024 * 1024)
/* When nothing could be done, the next look is no sooner: what is due in this second may become old enough only in the next. */
#define BACKGROUND_PAUSE_MS 50
/* Nor later: the wall clock may have been set meanwhile. */
#define BACKGROUND_SLEEP_MS 60000
/* Durable: how long others may join a batch. */
#define LONELY_MAX 31
#define COMPANY_US_MAX 1000
#define COMPANY_ENOUGH 64 /* so many wait for nobody */
#define JOIN_US_MAX 1000  /* while it runs, it takes what has come */
#define COMPANY_SHARE 3 /* of the time that the last batch took: one part in so many */

struct exchange_list {
    struct http_exchange *first;
    struct http_exchange **last;
};

struct writer_loop {
    struct writer *writer;
    struct http_loop *loop;
    struct exchange_list gathered; /* in this turn; the loop's own */
    size_t gathered_count;
    struct exchange_list done;     /* durable: answers on their way back; under the lock */
};

struct writer {
    struct writer_options options;
    pthread_mutex_t lock; /* in memory: of api_write_batch and api_background. Durable: of the lists and is_stopping */
    struct arena scratch; /* of whoever writes */
    struct writer_loop *loops;
    /* In memory */
    uv_timer_t background; /* on loop 0: when something will be due */
    uv_idle_t busy;        /* on loop 0: there is more to do at once */
    atomic_bool is_background_posted;
    /* Durable */
    pthread_t thread;
    pthread_cond_t wake;
    struct exchange_list waiting;
    size_t waiting_count;
    size_t wanted_count; /* so many wake the thread */
    bool is_stopping;
    struct http_exchange *batch[BATCH_MAX]; /* what is written now; the thread's own, as all that follows */
    size_t batch_count;
    int64_t run_began_us;
    /* What the batch expects, from the end of the one before it on */
    size_t expected_count;    /* those who were answered, and those who waited already */
    size_t at_first_count;    /* the latter */
    int64_t join_until_us;    /* it waits for the others so long */
    bool waits_for_company;
    bool has_waited_long;     /* and some didn't come */
    unsigned lonely_batches;  /* don't wait for company so many times */
    unsigned lonely_penalty;
};

static void list_clear(struct exchange_list *list)
{
    list->first = NULL;
    list->last = &list->first;
}

static void list_add(struct exchange_list *list, struct http_exchange *exchange)
{
    exchange->next = NULL;
    *list->last = exchange;
    list->last = &exchange->next;
}

/* Moves all of `from` behind `to`. */
static void list_move(struct exchange_list *to, struct exchange_list *from)
{
    if (from->first != NULL) {
        *to->last = from->first;
        to->last = from->last;
        list_clear(from);
    }
}

/* Takes up to `most` from the front; returns how many. */
static size_t list_take(struct exchange_list *list, struct http_exchange **taken, size_t most)
{
    size_t n = 0;
    while (list->first != NULL && n < most) {
        taken[n] = list->first;
        list->first = taken[n]->next;
        n++;
    }
    if (list->first == NULL) {
        list_clear(list);
    }
    return n;
}

static void calls_of(struct http_exchange *const *exchanges, size_t count, struct call **calls)
{
    for (size_t i = 0; i < count; i++) {
        calls[i] = ((struct write_job *)exchanges[i]->app)->call;
    }
}

static void write_batch(struct writer *writer, struct http_exchange *const *exchanges, size_t count)
{
    struct call *calls[BATCH_MAX];
    calls_of(exchanges, count, calls);
    api_write_batch(writer->options.api, calls, count, &writer->scratch);
    arena_reset(&writer->scratch);
}

/* Does a step; returns how long until the next: 0 if there is more to do at once, SLEEP_FOREVER if nothing will be due. */
#define SLEEP_FOREVER INT64_MAX
static int64_t background_step(struct writer *writer)
{
    int64_t due_ms = INT64_MAX;
    int64_t budget_us = writer->options.has_thread ? BACKGROUND_DISK_US : BACKGROUND_MEMORY_US;
    bool more = api_background(writer->options.api, budget_us, &writer->scratch, &due_ms);
    arena_reset(&writer->scratch);
    if (more) {
        return 0;
    }
    if (due_ms == INT64_MAX) {
        return SLEEP_FOREVER;
    }
    int64_t wait_ms = due_ms - clock_now_ms(writer->options.clock) + 1; /* clocks differ by a part of a millisecond */
    wait_ms = wait_ms < BACKGROUND_PAUSE_MS ? BACKGROUND_PAUSE_MS : wait_ms;
    return wait_ms < BACKGROUND_SLEEP_MS ? wait_ms : BACKGROUND_SLEEP_MS;
}

/* ---- In memory ---- */

static void on_busy(uv_idle_t *idle);
static void on_background(uv_timer_t *timer);

/* Steps that follow each other are taken once a turn of the loop, with the requests in between. A timer of 0 would not do: until libuv 1.45 a
 * timer that starts itself again runs again in the same turn, and nobody is answered before all is done. */
static void work(struct writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    int64_t wait_ms = background_step(writer);
    pthread_mutex_unlock(&writer->lock);
    if (wait_ms == 0) {
        uv_idle_start(&writer->busy, on_busy);
        return;
    }
    uv_idle_stop(&writer->busy);
    if (wait_ms != SLEEP_FOREVER) {
        uv_timer_start(&writer->background, on_background, (uint64_t)wait_ms, 0);
    }
}

static void on_busy(uv_idle_t *idle)
{
    work(idle->data);
}

static void on_background(uv_timer_t *timer)
{
    work(timer->data);
}

static void start_background(void *context)
{
    struct writer *writer = context;
    atomic_store(&writer->is_background_posted, false);
    uv_timer_start(&writer->background, on_background, 0, 0);
}

static void wake_background(struct writer *writer)
{
    if (api_background_wanted(writer->options.api) && !atomic_exchange(&writer->is_background_posted, true)) {
        http_loop_post(writer->loops[0].loop, start_background, writer);
    }
}

static void write_gathered(struct writer *writer, struct writer_loop *own)
{
    /* What http_finish lets through may be gathered again: that is for the next turn. */
    struct exchange_list list;
    list_clear(&list);
    list_move(&list, &own->gathered);
    own->gathered_count = 0;
    struct http_exchange *batch[BATCH_MAX];
    for (size_t n = list_take(&list, batch, BATCH_MAX); n > 0; n = list_take(&list, batch, BATCH_MAX)) {
        pthread_mutex_lock(&writer->lock);
        write_batch(writer, batch, n);
        pthread_mutex_unlock(&writer->lock);
        for (size_t i = 0; i < n; i++) {
            writer->options.answered(writer->options.context, batch[i]);
        }
    }
    wake_background(writer);
}

/* ---- Durable ---- */

static void finish_done(void *context)
{
    struct writer_loop *own = context;
    struct writer *writer = own->writer;
    struct exchange_list list;
    list_clear(&list);
    pthread_mutex_lock(&writer->lock);
    list_move(&list, &own->done);
    pthread_mutex_unlock(&writer->lock);
    struct http_exchange *next = NULL;
    for (struct http_exchange *exchange = list.first; exchange != NULL; exchange = next) {
        next = exchange->next;
        writer->options.answered(writer->options.context, exchange);
    }
}

/* Under the lock, so that no loop can end between the list and the post. */
static void return_answers(struct writer *writer, struct http_exchange *const *batch, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct writer_loop *own = &writer->loops[http_loop_index(batch[i]->loop)];
        bool is_first = own->done.first == NULL;
        list_add(&own->done, batch[i]);
        if (is_first) {
            http_loop_post(own->loop, finish_done, own);
        }
    }
}

static int64_t monotonic_us(void)
{
    return (int64_t)(uv_hrtime() / 1000); /* CLOCK_MONOTONIC, as the condition's */
}

/* False when `until` has passed. Under the lock. */
static bool wait_until(struct writer *writer, int64_t until_us)
{
    if (until_us == SLEEP_FOREVER) {
        return pthread_cond_wait(&writer->wake, &writer->lock) == 0;
    }
    const struct timespec until = {.tv_sec = (time_t)(until_us / 1000000), .tv_nsec = (long)(until_us % 1000000) * 1000};
    return pthread_cond_timedwait(&writer->wake, &writer->lock, &until) != ETIMEDOUT;
}

/* Moves what waits into the batch, and its calls to `calls`; returns how many. Under the lock. */
static size_t take_waiting(struct writer *writer, struct call **calls, size_t room)
{
    struct http_exchange **at = writer->batch + writer->batch_count;
    size_t n = list_take(&writer->waiting, at, room);
    calls_of(at, n, calls);
    writer->waiting_count -= n;
    writer->batch_count += n;
    return n;
}

/* Waits until `count` wait, the program stops, or the time has come (false). Whoever hands over wakes nobody before that: a thread that wakes for
 * each of them costs more than what it could begin with. Under the lock. */
static bool wait_for(struct writer *writer, size_t count, int64_t until_us)
{
    bool in_time = true;
    writer->wanted_count = count;
    while (in_time && writer->waiting_count < count && !writer->is_stopping) {
        in_time = wait_until(writer, until_us);
    }
    return in_time;
}

/* The clients that were just answered come back together, but not at the same instant: without a short wait the first of them would have a
 * commit to itself while the others wait for it, and then the halves would take turns for ever. (16 writers, a disk of 3 ms: 4,000 puts a
 * second instead of 2,400.) When half of them are there those begin, and run while the others come. A batch that is large already waits for
 * nobody: of its commit the flushes are the smaller part. Where nobody came, the next waits are left out. Under the lock. */
static void wait_for_company(struct writer *writer, size_t count)
{
    if (!writer->waits_for_company || writer->batch_count + writer->waiting_count >= COMPANY_ENOUGH) {
        return;
    }
    size_t enough = COMPANY_ENOUGH - writer->batch_count;
    if (!wait_for(writer, count < enough ? count : enough, writer->join_until_us)) {
        writer->waits_for_company = false;
        writer->has_waited_long = true;
    }
}

/* Until something waits, the program stops, or background work is due. */
static void wait_for_work(struct writer *writer, int64_t due_us)
{
    if (due_us > writer->join_until_us) {
        wait_for_company(writer, (writer->expected_count + 1) / 2);
    }
    (void)wait_for(writer, 1, due_us);
}

/* write_source.take: whoever came while the others ran. */
static size_t take_company(void *context, struct call **calls, size_t room)
{
    struct writer *writer = context;
    size_t n = 0;
    pthread_mutex_lock(&writer->lock);
    if (writer->batch_count < writer->expected_count) {
        wait_for_company(writer, writer->expected_count - writer->batch_count);
    }
    if (monotonic_us() < writer->run_began_us + JOIN_US_MAX) {
        n = take_waiting(writer, calls, room);
    }
    pthread_mutex_unlock(&writer->lock);
    return n;
}

/* After a batch: what the next may expect. Under the lock. */
static void expect_company(struct writer *writer)
{
    int64_t now_us = monotonic_us();
    int64_t share_us = (now_us - writer->run_began_us) / COMPANY_SHARE;
    writer->join_until_us = now_us + (share_us < COMPANY_US_MAX ? share_us : COMPANY_US_MAX);
    if (writer->has_waited_long) {
        bool came = writer->batch_count > writer->at_first_count;
        writer->lonely_penalty = came ? 0 : writer->lonely_penalty * 2 + 1;
        writer->lonely_penalty = writer->lonely_penalty < LONELY_MAX ? writer->lonely_penalty : LONELY_MAX;
        writer->lonely_batches = writer->lonely_penalty;
        writer->has_waited_long = false;
    }
    writer->waits_for_company = writer->lonely_batches == 0;
    writer->lonely_batches -= writer->waits_for_company ? 0 : 1;
    writer->at_first_count = writer->waiting_count;
    writer->expected_count = writer->batch_count + writer->waiting_count;
}

static void write_waiting(struct writer *writer)
{
    struct call *calls[BATCH_MAX];
    const struct write_source company = {take_company, writer};
    writer->batch_count = 0;
    writer->run_began_us = monotonic_us();
    pthread_mutex_lock(&writer->lock);
    size_t n = take_waiting(writer, calls, BATCH_MAX);
    pthread_mutex_unlock(&writer->lock);
    api_write_joined(writer->options.api, calls, n, BATCH_MAX, &company, &writer->scratch);
    arena_reset(&writer->scratch);
    pthread_mutex_lock(&writer->lock);
    expect_company(writer);
    return_answers(writer, writer->batch, writer->batch_count);
    pthread_mutex_unlock(&writer->lock);
}

static void *writer_run(void *context)
{
    struct writer *writer = context;
    int64_t due_us = 0; /* what an earlier process left behind is done first */
    pthread_mutex_lock(&writer->lock);
    for (;;) {
        wait_for_work(writer, due_us);
        bool has_work = writer->waiting_count > 0;
        if (!has_work && writer->is_stopping) {
            break;
        }
        pthread_mutex_unlock(&writer->lock);
        if (has_work) {
            write_waiting(writer);
        }
        if (api_background_wanted(writer->options.api) || due_us <= monotonic_us()) {
            int64_t wait_ms = background_step(writer);
            due_us = wait_ms == SLEEP_FOREVER ? SLEEP_FOREVER : monotonic_us() + wait_ms * 1000;
        }
        pthread_mutex_lock(&writer->lock);
    }
    pthread_mutex_unlock(&writer->lock);
    return NULL;
}

static void hand_over(struct writer *writer, struct writer_loop *own)
{
    pthread_mutex_lock(&writer->lock);
    list_move(&writer->waiting, &own->gathered);
    writer->waiting_count += own->gathered_count;
    own->gathered_count = 0;
    if (writer->waiting_count >= writer->wanted_count) {
        pthread_cond_signal(&writer->wake);
    }
    pthread_mutex_unlock(&writer->lock);
}

/* ---- Both ---- */

struct writer *writer_new(const struct writer_options *options)
{
    struct writer *writer = calloc(1, sizeof(*writer));
    ensure(writer != NULL);
    writer->options = *options;
    writer->loops = calloc(options->loops, sizeof(*writer->loops));
    ensure(writer->loops != NULL);
    arena_init(&writer->scratch, SCRATCH_BYTES);
    ensure(pthread_mutex_init(&writer->lock, NULL) == 0);
    pthread_condattr_t monotonic;
    ensure(pthread_condattr_init(&monotonic) == 0);
    ensure(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
    ensure(pthread_cond_init(&writer->wake, &monotonic) == 0);
    pthread_condattr_destroy(&monotonic);
    list_clear(&writer->waiting);
    if (options->has_thread) {
        ensure(pthread_create(&writer->thread, NULL, writer_run, writer) == 0);
    }
    return writer;
}

void writer_free(struct writer *writer)
{
    if (writer->options.has_thread) {
        pthread_mutex_lock(&writer->lock);
        writer->is_stopping = true;
        pthread_cond_signal(&writer->wake);
        pthread_mutex_unlock(&writer->lock);
        ensure(pthread_join(writer->thread, NULL) == 0);
    }
    ensure(writer->waiting.first == NULL);
    pthread_cond_destroy(&writer->wake);
    pthread_mutex_destroy(&writer->lock);
    arena_release(&writer->scratch);
    free(writer->loops);
    free(writer);
}

void writer_loop_started(struct writer *writer, struct http_loop *loop)
{
    struct writer_loop *own = &writer->loops[http_loop_index(loop)];
    own->writer = writer;
    own->loop = loop;
    list_clear(&own->gathered);
    list_clear(&own->done);
    if (http_loop_index(loop) == 0 && !writer->options.has_thread) {
        ensure(uv_timer_init(http_loop_uv(loop), &writer->background) == 0);
        ensure(uv_idle_init(http_loop_uv(loop), &writer->busy) == 0);
        writer->background.data = writer;
        writer->busy.data = writer;
        uv_timer_start(&writer->background, on_background, 0, 0); /* what was left behind */
    }
}

void writer_loop_stopped(struct writer *writer, struct http_loop *loop)
{
    struct writer_loop *own = &writer->loops[http_loop_index(loop)];
    ensure(own->gathered.first == NULL && own->done.first == NULL);
    if (http_loop_index(loop) == 0 && !writer->options.has_thread) {
        uv_close((uv_handle_t *)&writer->background, NULL);
        uv_close((uv_handle_t *)&writer->busy, NULL);
    }
}

void writer_add(struct writer *writer, struct http_exchange *exchange)
{
    struct writer_loop *own = &writer->loops[http_loop_index(exchange->loop)];
    list_add(&own->gathered, exchange);
    own->gathered_count++;
}

void writer_after_turn(struct writer *writer, struct http_loop *loop)
{
    struct writer_loop *own = &writer->loops[http_loop_index(loop)];
    if (writer->options.has_thread) {
        hand_over(writer, own);
    } else {
        write_gathered(writer, own);
    }
}
