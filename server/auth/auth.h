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
    AUTH_SHAPE, /* the parts must be there; any key and any signature is accepted (aws-behaviour.md §1.4, rows 1 to 4) */
    AUTH_OFF,   /* nothing must be there; a request without a key is "anonymous" */
    AUTH_VERIFY /* all rows: a known key, a fresh date, the right signature */
};

/* False if it is no mode: "off", "shape", "verify"; absent is AUTH_SHAPE. */
bool auth_mode_read(struct str name, enum auth_mode *out);

struct verifier;

/* verifier: verify.h, for AUTH_VERIFY only. */
MUST_USE bool auth_check(const struct request *request, enum auth_mode mode, struct verifier *verifier,
                         struct arena *arena, struct auth *out, struct err *err);

#endif
