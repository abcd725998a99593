/* SPDX-License-Identifier: Apache-2.0 */
/* digest.c — the two digests of the key format. Fetching a method searches OpenSSL's providers, which costs more than the
 * digest itself, so it is done once per thread. MD5 places partitions and protects nothing (strangers are told apart by their
 * keys), therefore a FIPS default must not forbid it: "-fips". */
#include "storage/digest.h"

#include <openssl/evp.h>

bool digest_init(struct digest *digest, struct err *err)
{
    *digest = (struct digest){.partition_bytes = DIGEST_BYTES};
    digest->md5_method = EVP_MD_fetch(NULL, "MD5", "-fips");
    digest->sha256_method = EVP_MD_fetch(NULL, "SHA2-256", NULL);
    digest->md5_context = EVP_MD_CTX_new();
    digest->sha256_context = EVP_MD_CTX_new();
    if (digest->md5_method == NULL || digest->sha256_method == NULL || digest->md5_context == NULL ||
        digest->sha256_context == NULL) {
        digest_release(digest);
        return err_set(err, ERR_INTERNAL, "OpenSSL has no MD5 or no SHA-256: its default provider must be enabled");
    }
    return true;
}

void digest_release(struct digest *digest)
{
    EVP_MD_CTX_free(digest->md5_context);
    EVP_MD_CTX_free(digest->sha256_context);
    EVP_MD_free(digest->md5_method);
    EVP_MD_free(digest->sha256_method);
    *digest = (struct digest){0};
}

static void run(EVP_MD_CTX *context, const EVP_MD *method, struct str a, struct str b, unsigned char *out)
{
    bool ok = EVP_DigestInit_ex2(context, method, NULL) == 1 && EVP_DigestUpdate(context, a.p, a.n) == 1 &&
              (b.p == NULL || EVP_DigestUpdate(context, b.p, b.n) == 1) && EVP_DigestFinal_ex(context, out, NULL) == 1;
    ensure(ok);
}

void digest_partition(struct digest *digest, struct str partition, unsigned char out[DIGEST_BYTES])
{
    run(digest->md5_context, digest->md5_method, STR("Outliers"), partition, out);
    for (unsigned i = digest->partition_bytes; i < DIGEST_BYTES; i++) {
        out[i] = 0;
    }
}

void digest_whole(struct digest *digest, struct str a, struct str b, unsigned char out[DIGEST_BYTES])
{
    unsigned char whole[EVP_MAX_MD_SIZE];
    run(digest->sha256_context, digest->sha256_method, a, b, whole);
    memcpy(out, whole, DIGEST_BYTES);
}

const char *digest_library_version(void)
{
    return OpenSSL_version(OPENSSL_VERSION_STRING);
}
