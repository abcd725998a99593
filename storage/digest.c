/* SPDX-License-Identifier: Apache-2.0 */
/* digest.c — the two digests of the key format, by OpenSSL's direct functions. They are marked as deprecated in favour of EVP, but EVP costs
 * three times the digest itself for a key of some bytes, and its providers and configuration, which nothing else here needs, make the
 * start slower and the program larger. MD5 places partitions and protects nothing (strangers are told apart by their keys). */
#include "storage/digest.h"

#include "core/openssl.h"


bool digest_init(struct digest *digest, struct err *err)
{
    (void)err;
    *digest = (struct digest){.partition_bytes = DIGEST_BYTES};
    return true;
}

void digest_release(struct digest *digest)
{
    *digest = (struct digest){0};
}

void digest_partition(struct digest *digest, struct str partition, unsigned char out[DIGEST_BYTES])
{
    MD5_CTX md5;
    bool ok = openssl()->MD5_Init(&md5) == 1 && openssl()->MD5_Update(&md5, "Outliers", strlen("Outliers")) == 1 &&
              openssl()->MD5_Update(&md5, partition.p, partition.n) == 1 && openssl()->MD5_Final(out, &md5) == 1;
    ensure(ok);
    for (unsigned i = digest->partition_bytes; i < DIGEST_BYTES; i++) {
        out[i] = 0;
    }
}

void digest_whole(struct digest *digest, struct str a, struct str b, unsigned char out[DIGEST_BYTES])
{
    (void)digest;
    unsigned char whole[SHA256_DIGEST_LENGTH];
    SHA256_CTX sha256;
    bool ok = openssl()->SHA256_Init(&sha256) == 1 && openssl()->SHA256_Update(&sha256, a.p, a.n) == 1 &&
              (b.p == NULL || openssl()->SHA256_Update(&sha256, b.p, b.n) == 1) && openssl()->SHA256_Final(whole, &sha256) == 1;
    ensure(ok);
    memcpy(out, whole, DIGEST_BYTES);
}

const char *digest_library_version(void)
{
    return openssl()->OpenSSL_version(OPENSSL_VERSION_STRING);
}
