/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_DIGEST_H
#define STORAGE_DIGEST_H

#include "core/err.h"
#include "core/str.h"

/* MD5 and SHA-256 by OpenSSL, which the first of them loads. One of these per thread. */
struct digest {
    unsigned partition_bytes; /* 16; tests of collisions keep fewer bytes of H16 and clear the others */
};

#define DIGEST_BYTES 16

/* False (ERR_INTERNAL) if there is no MD5 or SHA-256. */
MUST_USE bool digest_init(struct digest *digest, struct err *err);
void digest_release(struct digest *digest);

/* MD5("Outliers" | partition). */
void digest_partition(struct digest *digest, struct str partition, unsigned char out[DIGEST_BYTES]);
/* The first 16 bytes of SHA-256(a | b); b may be absent. */
void digest_whole(struct digest *digest, struct str a, struct str b, unsigned char out[DIGEST_BYTES]);

/* OpenSSL's, of the library that is loaded. */
const char *digest_library_version(void);

#endif
