/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_AUTH_CREDENTIALS_H
#define SERVER_AUTH_CREDENTIALS_H

#include "core/arena.h"
#include "core/err.h"

/* The keys that `-auth verify` knows. Immutable once read; every thread may look. */

#define CREDENTIAL_SECRET_MAX 256

struct credential {
    struct str access_key;
    struct str secret; /* at most CREDENTIAL_SECRET_MAX */
    struct str session_token; /* absent: a long-term key */
};

struct credentials {
    struct credential *list;
    size_t count;
    size_t cap;
};

/* AWS's shared-credentials format: [profile] sections of aws_access_key_id, aws_secret_access_key, aws_session_token; other settings and
 * profiles without a key are passed over. Texts are slices of `text`, the list is in the arena. `file` is for the error's line. */
MUST_USE bool credentials_parse(struct str text, const char *file, struct arena *arena, struct credentials *out,
                                struct err *err);
void credentials_add(struct credentials *credentials, struct arena *arena, struct credential credential);
/* The credential of this key with this token (absent: none); else one of the same key; else NULL. */
const struct credential *credentials_find(const struct credentials *credentials, struct str access_key,
                                          struct str session_token);

#endif
