/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_AUTH_AUTH_H
#define SERVER_AUTH_AUTH_H

#include "core/arena.h"
#include "core/err.h"
#include "core/message.h"

/* Who asks: the credential of an AWS Signature Version 4 request, in its header form or its query form. */

struct auth {
    struct str access_key; /* never empty */
    struct str region;     /* of the credential scope; us-east-1 if it has none */
};

enum auth_mode {
    AUTH_SHAPE /* the parts must be there; any key and any signature is accepted (aws-behaviour.md §1.4, rows 1 to 4). Verification
                  of signatures, when it comes, is a further mode */
};

MUST_USE bool auth_check(const struct request *request, enum auth_mode mode, struct arena *arena, struct auth *out,
                         struct err *err);

#endif
