/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_FAULT_H
#define SERVER_API_FAULT_H

#include "core/buf.h"
#include "core/err.h"

/* Errors as AWS's answers: fault.def. */

#define ENVELOPE "1 validation error detected: "

int fault_status(enum err_kind kind);
/* "ValidationException": for cancellation reasons, PartiQL's codes, the log. */
const char *fault_name(enum err_kind kind);
/* `{"__type":"…","message":"…",<extra>}`. is_enveloped: ERR_REQUEST carries the envelope. */
void fault_write(const struct err *err, bool is_enveloped, struct buf *out);

#endif
