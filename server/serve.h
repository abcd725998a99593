/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_SERVE_H
#define SERVER_SERVE_H

#include "core/err.h"
#include "server/log.h"
#include "server/options.h"

/* The program itself: store, API, transport and writer put together. */
struct program;

/* Keeps SIGTERM and SIGINT pending until program_run heeds them. First of all, before there are threads. */
void program_hold_signals(void);
/* Opens the store, then the port. On failure err has one line that says what is wrong and how to mend it. options and log stay the caller's
 * until program_close. */
MUST_USE bool program_open(const struct options *options, const struct log *log, struct program **out, struct err *err);
uint16_t program_port(const struct program *program);
/* Serves until SIGTERM or SIGINT; then answers what is under way. Calls ready(context) once, when it serves and heeds signals;
 * if that returns false, it stops. */
void program_run(struct program *program, bool (*ready)(void *context, struct program *program), void *context);
void program_close(struct program *program);

#endif
