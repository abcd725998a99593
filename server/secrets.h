/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_SECRETS_H
#define SERVER_SECRETS_H

#include "core/err.h"
#include "server/auth/credentials.h"

/* Where `-auth verify` gets its keys: -credentials FILE, or the process's environment. */
struct secrets;

/* file absent: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN. On failure err has one line that says how to mend it. */
MUST_USE bool secrets_open(struct str file, struct secrets **out, struct err *err);
const struct credentials *secrets_list(const struct secrets *secrets);
void secrets_close(struct secrets *secrets); /* NULL is fine */

#endif
