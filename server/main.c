/* SPDX-License-Identifier: Apache-2.0 */
/* main.c — from the command line to a serving program and back. Everything that can be wrong at the start ends it at once with one line:
 * exit 2 for the command line, 1 for the machine. The banner is DynamoDB Local's, which people's scripts wait for; here it comes
 * when the port already listens. */
#include "core/clock.h"
#include "server/api/api.h"
#include "server/healthcheck.h"
#include "server/log.h"
#include "server/options.h"
#include "server/port_file.h"
#include "server/serve.h"
#include "server/version.h"

#include <glob.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#define EXIT_USAGE 2
#define EXIT_MACHINE 1
#define KEPT_MEMORY_BYTES (4 * 1024 * 1024)

static const char *yes(bool is_set)
{
    return is_set ? "true" : "false";
}

static struct str or_null(struct str s)
{
    return s.p != NULL ? s : STR("null");
}

struct start {
    const struct options *options;
    const struct log *log;
    struct err *err;
    bool failed;
};

/* It listens: what people wait for is made now. */
static bool announce(void *context, struct program *program)
{
    struct start *start = context;
    const struct options *options = start->options;
    uint16_t port = program_port(program);
    if (options->port_file.p != NULL && !port_file_write(options->port_file, port, start->err)) {
        if (options->port_file_is_given) {
            start->failed = true;
            return false;
        }
        log_line(start->log, start->err->message); /* the image names one for its health check: no reason not to serve */
    }
    printf("Initializing DynamoDB Local with the following configuration:\n"
           "Port:\t%u\n"
           "InMemory:\t%s\n"
           "Version:\t%s\n"
           "DbPath:\t%.*s\n"
           "SharedDb:\t%s\n"
           "shouldDelayTransientStatuses:\t%s\n"
           "CorsParams:\t%.*s\n"
           "\n"
           "Stator %s ready on port %u\n",
           port, yes(options->in_memory), STATOR_VERSION, STR_ARG(or_null(options->db_path)), yes(options->shared_db),
           yes(options->delay_transient_statuses), STR_ARG(or_null(options->cors)), STATOR_VERSION, port);
    fflush(stdout);
    return true;
}

/* True if the command line asks for a text only, which is printed here. */
static bool print_text(const struct options *options)
{
    if (options->help) {
        struct buf text;
        buf_init(&text, 1 << 16);
        options_help(&text);
        fwrite(text.p, 1, text.n, stdout);
        buf_release(&text);
    } else if (options->version) {
        struct buf text;
        bool goes_to_stderr = false;
        buf_init(&text, 1 << 12);
        version_text(options, &text, &goes_to_stderr);
        fwrite(text.p, 1, text.n, goes_to_stderr ? stderr : stdout);
        buf_release(&text);
    } else if (options->list_operations) {
        for (size_t i = 0; api_operation_name(i) != NULL; i++) {
            printf("%s\n", api_operation_name(i));
        }
    }
    return options->help || options->version || options->list_operations;
}

/* Connections are descriptors, and the usual soft limit of 1,024 is for programs that use select. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* By itself glibc learns from one freed block of 16 MB that such blocks are common, and keeps their memory from then on (32 MB after some
 * large requests). This much a thread may keep, so that a page of 1 MB costs no system call. */
static void bound_kept_memory(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, KEPT_MEMORY_BYTES);
    mallopt(M_TRIM_THRESHOLD, KEPT_MEMORY_BYTES);
#endif
}

static int complain(const struct err *err, int status)
{
    fprintf(stderr, "stator: %.*s\n", STR_ARG(err->message));
    return status;
}

/* What is allowed, but not what somebody expects. */
static void log_surprises(const struct options *options, const struct log *log)
{
    char line[256];
    if (options->overruled.p != NULL) {
        snprintf(line, sizeof(line), "%.*s is not heeded: the command line says %s", STR_ARG(options->overruled),
                 options->in_memory ? "-inMemory" : "-dbPath");
        log_line(log, str_from(line));
    }
    char pattern[PATH_MAX];
    struct str directory = options->db_path.p != NULL ? options->db_path : STR(".");
    int n = snprintf(pattern, sizeof(pattern), "%.*s/*.db", STR_ARG(directory));
    glob_t found = {0};
    if (!options->in_memory && n > 0 && n < (int)sizeof(pattern) && glob(pattern, 0, NULL, &found) == 0) {
        char text[PATH_MAX + 200];
        snprintf(text, sizeof(text), "%s looks like DynamoDB Local's; its data is not read. Stator keeps its own in data.mdb beside it",
                 found.gl_pathv[0]);
        log_line(log, str_from(text));
    }
    globfree(&found);
}

/* LMDB trusts its pages: in a damaged file it follows wrong numbers out of the map, or aborts. At the start that is to be a line like any other.
 * (A handler is given nothing but the signal's number: hence this one variable of the file.) */
static char damaged_line[PATH_MAX + 160];

static void on_damaged(int number)
{
    (void)number;
    ssize_t ignored = write(STDERR_FILENO, damaged_line, strlen(damaged_line));
    (void)ignored;
    _exit(EXIT_MACHINE);
}

static bool open_program(const struct options *options, const struct log *log, struct program **out, struct err *err)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT};
    struct sigaction before[sizeof(signals) / sizeof(signals[0])];
    struct sigaction during = {.sa_handler = on_damaged, .sa_flags = (int)SA_RESETHAND};
    bool is_watched = options->db_path.p != NULL;
    snprintf(damaged_line, sizeof(damaged_line),
             "stator: %.*s/data.mdb is damaged: put a copy of the directory in its place, or give an empty one\n",
             STR_ARG(or_null(options->db_path)));
    for (size_t i = 0; is_watched && i < sizeof(signals) / sizeof(signals[0]); i++) {
        sigaction(signals[i], &during, &before[i]);
    }
    bool ok = program_open(options, log, out, err);
    for (size_t i = 0; is_watched && i < sizeof(signals) / sizeof(signals[0]); i++) {
        sigaction(signals[i], &before[i], NULL);
    }
    return ok;
}

static int serve(struct options *options, struct err *err)
{
    program_hold_signals();
    signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    bound_kept_memory();
    struct log log = {options->verbose ? LOG_REQUESTS : log_level_of(options->log), clock_system()};
    struct program *program = NULL;
    if (options->port_file.p != NULL) {
        port_file_remove(options->port_file); /* one of an earlier run names a port of nobody */
    }
    if (!open_program(options, &log, &program, err)) {
        return complain(err, EXIT_MACHINE);
    }
    log_surprises(options, &log);
    struct start start = {options, &log, err, false};
    program_run(program, announce, &start);
    program_close(program);
    if (start.failed) {
        return complain(err, EXIT_MACHINE);
    }
    if (options->port_file.p != NULL) {
        port_file_remove(options->port_file);
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct arena arena;
    struct err err;
    arena_init(&arena, 0);
    err_init(&err, &arena);
    struct options options;
    int status = 0;
    if (!options_parse(argc, argv, environ, &options, &err)) {
        status = complain(&err, EXIT_USAGE);
    } else if (options.is_healthcheck && !options.help) {
        status = healthcheck(&options, &err) ? 0 : complain(&err, EXIT_MACHINE);
    } else if (!print_text(&options)) {
        status = serve(&options, &err);
    }
    arena_release(&arena);
    return status;
}
