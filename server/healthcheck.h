/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_HEALTHCHECK_H
#define SERVER_HEALTHCHECK_H

#include "core/err.h"
#include "server/options.h"

/* `stator healthcheck`: does a server answer on this machine? The port is what -port says, else what stands in the port file, else what STATOR_PORT
 * says, else 8000. False with one line in err; never longer than some seconds. */
MUST_USE bool healthcheck(const struct options *options, struct err *err);

#endif
