/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_PORT_FILE_H
#define SERVER_PORT_FILE_H

#include "core/err.h"

#include <stdint.h>

/* -port-file: the port as a line of digits, for whoever started the server on -port 0 and for `stator healthcheck`. */

/* Whole or not at all: who reads it never sees half a number. On failure err has one line. */
MUST_USE bool port_file_write(struct str path, uint16_t port, struct err *err);
/* 0 if there is none. */
uint16_t port_file_read(struct str path);
void port_file_remove(struct str path);

#endif
