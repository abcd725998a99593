/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_OPENSSL_H
#define CORE_OPENSSL_H

#include "core/err.h"

#define OPENSSL_SUPPRESS_DEPRECATED /* digest.c says why */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/md5.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/sslerr.h>
#include <openssl/x509v3.h>
#include <stdatomic.h>

/* OpenSSL when it is asked for. Linked, it was a third of the start: the dynamic loader has 20,000 addresses in it to correct, on 100 pages that
 * every process then has for itself. So it is loaded by the first key, signature or -tls. */
struct openssl {
#define FUNCTION(name) __typeof__(name) *name;
#include "core/openssl.def"
#undef FUNCTION
};

/* From any thread, also again. False with one line that says what is missing. */
MUST_USE bool openssl_load(struct err *err);

extern _Atomic(const struct openssl *) openssl_loaded;
/* The slow half of openssl. */
const struct openssl *openssl_first(void);

static inline const struct openssl *openssl(void)
{
    const struct openssl *loaded = atomic_load_explicit(&openssl_loaded, memory_order_acquire);
    return loaded != NULL ? loaded : openssl_first();
}

#endif
