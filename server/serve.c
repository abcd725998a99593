/* SPDX-License-Identifier: Apache-2.0 */
/* serve.c — joins the transport, which knows no DynamoDB, to the API, which knows no sockets: every request goes to api_begin; what that answers
 * is sent, what must be written goes to the writer. */
#include "server/serve.h"

#include "core/limits.h"
#include "core/openssl.h"
#include "server/api/api.h"
#include "server/secrets.h"
#include "server/writer.h"
#include "storage/store.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#define LOOPS_MAX 4
#define PATIENCE_MS 30000 /* with clients that begin a request and don't go on */
#define INDEX_DELAY_MS 2000 /* -delayTransientStatuses: as long as DynamoDB Local */
#define PARENT_MS 250     /* between two looks whether the parent is still there */
#define GRACE_MS 500      /* for clients that don't read their last answer */

struct program {
    const struct log *log;
    const struct clock *clock;
    struct store *store;
    struct api *api;
    struct http_server *server;
    struct writer *writer;
    struct secrets *secrets; /* NULL unless -auth verify */
    uv_signal_t terminated; /* both on loop 0 */
    uv_signal_t interrupted;
    uv_timer_t parent_watch;
    pid_t parent; /* -exit-with-parent; else 0 */
    bool (*ready)(void *context, struct program *program);
    void *ready_context;
};

/* ---- Requests ---- */

static uint64_t now_ns(const struct program *program)
{
    return program->log->level == LOG_REQUESTS ? uv_hrtime() : 0;
}

static void on_answered(void *context, struct http_exchange *exchange)
{
    struct program *program = context;
    const struct write_job *job = exchange->app;
    log_request(program->log, exchange, now_ns(program) - job->started_ns);
    http_finish(exchange);
}

static enum http_next on_request(void *context, struct http_exchange *exchange)
{
    struct program *program = context;
    uint64_t started_ns = now_ns(program);
    struct call *call = NULL;
    struct api_worker *worker = http_loop_data(exchange->loop);
    if (api_begin(program->api, worker, &exchange->request, exchange->arena, exchange->out, &exchange->response, &call) ==
        API_DONE) {
        log_request(program->log, exchange, now_ns(program) - started_ns);
        return HTTP_DONE;
    }
    struct write_job *job = arena_new(exchange->arena, struct write_job);
    *job = (struct write_job){call, started_ns};
    exchange->app = job;
    writer_add(program->writer, exchange);
    return HTTP_LATER;
}

static void on_turn(void *context, struct http_loop *loop)
{
    struct program *program = context;
    writer_after_turn(program->writer, loop);
}

/* ---- Life ---- */

static void on_signal(uv_signal_t *handle, int number)
{
    (void)number;
    struct program *program = handle->data;
    http_server_stop(program->server, GRACE_MS);
}

/* The parent's end shows as a new parent. (The kernel's own signal for it comes when the *thread* ends that started this process, which in
 * Java or Go may be any time.) */
static void on_parent_watch(uv_timer_t *timer)
{
    struct program *program = timer->data;
    if (getppid() != program->parent) {
        uv_timer_stop(timer);
        log_line(program->log, STR("the process that started this one has ended: stopping"));
        http_server_stop(program->server, GRACE_MS);
    }
}

/* Until here they were held back (program_hold_signals): a signal during a slow start is not lost, even for process 1, which has no
 * default actions. */
static void release_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

void program_hold_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static void *on_loop_started(void *context, struct http_loop *loop)
{
    struct program *program = context;
    writer_loop_started(program->writer, loop);
    if (http_loop_index(loop) == 0) {
        uv_loop_t *uv = http_loop_uv(loop);
        ensure(uv_signal_init(uv, &program->terminated) == 0);
        ensure(uv_signal_init(uv, &program->interrupted) == 0);
        ensure(uv_timer_init(uv, &program->parent_watch) == 0);
        program->parent_watch.data = program->terminated.data = program->interrupted.data = program;
        uv_signal_start(&program->terminated, on_signal, SIGTERM);
        uv_signal_start(&program->interrupted, on_signal, SIGINT);
        release_signals();
        if (program->parent != 0) {
            uv_timer_start(&program->parent_watch, on_parent_watch, PARENT_MS, PARENT_MS);
        }
        if (!program->ready(program->ready_context, program)) {
            http_server_stop(program->server, 0);
        }
    }
    return api_worker_new(program->api);
}

static void on_loop_stopped(void *context, struct http_loop *loop)
{
    struct program *program = context;
    writer_loop_stopped(program->writer, loop);
    api_worker_free(http_loop_data(loop));
    if (http_loop_index(loop) == 0) {
        uv_close((uv_handle_t *)&program->terminated, NULL);
        uv_close((uv_handle_t *)&program->interrupted, NULL);
        uv_close((uv_handle_t *)&program->parent_watch, NULL);
    }
}

static void on_log(void *context, struct str line)
{
    log_line(context, line);
}

static unsigned loops_of(const struct options *options)
{
    if (options->loops > 0) {
        return options->loops;
    }
    unsigned cores = uv_available_parallelism();
    return cores < LOOPS_MAX ? cores : LOOPS_MAX;
}

static bool open_store(const struct options *options, struct program *program, struct err *err)
{
    struct store_options store = {
        .directory = options->db_path,
        .is_relaxed = options->relaxed,
        .is_compacted = options->optimize_db,
        .clock = program->clock,
        .index_delay_ms = options->delay_transient_statuses ? INDEX_DELAY_MS : 0,
    };
    if (!options->in_memory && options->db_path.p == NULL) {
        store.directory = STR("."); /* as DynamoDB Local does */
    }
    return store_open(&store, &program->store, err);
}

/* The front says it on every answer to a request; what is refused before has no origin to compare with a list. */
static struct str refusal_headers(const struct options *options)
{
    bool is_any = options->cors.p == NULL || str_eq(options->cors, STR("*"));
    return is_any ? STR("Access-Control-Allow-Origin: *\r\n") : (struct str){0};
}

static bool open_server(const struct options *options, struct program *program, struct err *err)
{
    struct http_options http = {
        .port = (uint16_t)options->port,
        .host = options->host,
        .loops = loops_of(options),
        .limits = {.body_bytes = LIMIT_BODY_BYTES, .head_ms = PATIENCE_MS, .body_ms = PATIENCE_MS},
        .refusal_headers = refusal_headers(options),
        .tls = {.is_on = options->tls || options->tls_cert.p != NULL,
                .cert = options->tls_cert,
                .key = options->tls_key,
                .cert_out = options->tls_cert_out},
        .handler = {.context = program, .handle = on_request, .after_turn = on_turn},
        .loop_started = on_loop_started,
        .loop_stopped = on_loop_stopped,
        .context = program,
    };
    return http_server_open(&http, &program->server, err);
}

bool program_open(const struct options *options, const struct log *log, struct program **out, struct err *err)
{
    struct program *program = calloc(1, sizeof(*program));
    ensure(program != NULL);
    program->log = log;
    program->clock = log->clock;
    program->parent = options->exit_with_parent ? getppid() : 0;
    enum auth_mode auth = AUTH_SHAPE;
    ensure(auth_mode_read(options->auth, &auth));
    if (auth == AUTH_VERIFY && (!openssl_load(err) || !secrets_open(options->credentials, &program->secrets, err))) {
        program_close(program);
        return false;
    }
    if (!open_store(options, program, err) || !open_server(options, program, err)) {
        program_close(program);
        return false;
    }
    union {
        const struct log *read_only;
        void *context;
    } log_context = {.read_only = log};
    program->api = api_new(&(struct api_options){
        .store = program->store,
        .clock = program->clock,
        .is_shared = options->shared_db,
        .account = options->account.p != NULL ? options->account : STR("000000000000"),
        .answers_healthy = options->healthy,
        .takes_text_numbers = options->text_numbers,
        .simulates_conflicts = options->conflicts,
        .cors = options->cors,
        .auth = auth,
        .credentials = program->secrets != NULL ? secrets_list(program->secrets) : NULL,
        .log = on_log,
        .log_context = log_context.context,
    });
    program->writer = writer_new(&(struct writer_options){
        .api = program->api,
        .clock = program->clock,
        .has_thread = store_is_durable(program->store),
        .loops = loops_of(options),
        .answered = on_answered,
        .context = program,
    });
    *out = program;
    return true;
}

uint16_t program_port(const struct program *program)
{
    return http_server_port(program->server);
}

void program_run(struct program *program, bool (*ready)(void *context, struct program *program), void *context)
{
    program->ready = ready;
    program->ready_context = context;
    http_server_run(program->server);
}

void program_close(struct program *program)
{
    if (program->writer != NULL) {
        writer_free(program->writer);
    }
    if (program->server != NULL) {
        http_server_free(program->server);
    }
    if (program->api != NULL) {
        api_free(program->api);
    }
    if (program->store != NULL) {
        store_close(program->store);
    }
    secrets_close(program->secrets);
    free(program);
}
