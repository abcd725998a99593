/* SPDX-License-Identifier: Apache-2.0 */
/* main.c — from the command line to a serving program and back. Everything that can be wrong at the start ends it at once with one line:
 * exit 2 for the command line, 1 for the machine. The banner is DynamoDB Local's, which people's scripts wait for; here it comes
 * when the port already listens. */
#include "core/clock.h"
#include "server/api/api.h"
#include "server/log.h"
#include "server/options.h"
#include "server/serve.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

#define EXIT_USAGE 2
#define EXIT_MACHINE 1

static const char *yes(bool is_set)
{
    return is_set ? "true" : "false";
}

static struct str or_null(struct str s)
{
    return s.p != NULL ? s : STR("null");
}

static void print_banner(void *context, struct program *program)
{
    const struct options *options = context;
    unsigned port = program_port(program);
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
        printf("%s\n", STATOR_VERSION);
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

static int complain(const struct err *err, int status)
{
    fprintf(stderr, "stator: %.*s\n", STR_ARG(err->message));
    return status;
}

static int serve(struct options *options, struct err *err)
{
    signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    struct log log = {options->verbose ? LOG_REQUESTS : log_level_of(options->log), clock_system()};
    struct program *program = NULL;
    if (!program_open(options, &log, &program, err)) {
        return complain(err, EXIT_MACHINE);
    }
    program_run(program, print_banner, options);
    program_close(program);
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
    if (!options_parse(argc, argv, &options, &err)) {
        status = complain(&err, EXIT_USAGE);
    } else if (!print_text(&options)) {
        status = serve(&options, &err);
    }
    arena_release(&arena);
    return status;
}
