/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_AUTH_VERIFY_H
#define SERVER_AUTH_VERIFY_H

#include "core/clock.h"
#include "server/auth/auth.h"
#include "server/auth/credentials.h"

/* Signatures: rows 5 to 13 of aws-behaviour.md §1.4. One verifier a thread. */

struct evp_md_st;
struct evp_md_ctx_st;
struct evp_mac_st;
struct evp_mac_ctx_st;

#define SIGNING_KEYS_MAX 16
#define SIGNING_DATE_BYTES 8
#define SIGNING_REGION_MAX 64

/* A derived key: it is the same for a whole day. */
struct signing_key {
    const struct credential *credential;
    char date[SIGNING_DATE_BYTES];
    char region[SIGNING_REGION_MAX];
    size_t region_n;
    struct evp_mac_ctx_st *mac; /* keyed with it, ready to begin again */
};

struct verifier {
    const struct credentials *credentials;
    const struct clock *clock;
    struct evp_md_st *sha256;
    struct evp_md_ctx_st *digest;
    struct evp_mac_st *hmac;
    struct signing_key keys[SIGNING_KEYS_MAX];
    size_t oldest; /* of keys: replaced next */
};

void verifier_init(struct verifier *verifier, const struct credentials *credentials, const struct clock *clock);
void verifier_release(struct verifier *verifier);

/* What stands in the request, in either form; everything but session_token is there. */
struct signature_parts {
    struct str algorithm;
    struct str credential;
    struct str signed_headers;
    struct str signature;
    struct str date;
    struct str session_token; /* absent: none */
};

MUST_USE bool verify(struct verifier *verifier, const struct request *request, const struct signature_parts *parts,
                     struct arena *arena, struct auth *out, struct err *err);

#endif
