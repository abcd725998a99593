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

#define BLOCK_BYTES 64 /* what MD5 takes at a time */
#define ONE_BLOCK_MAX (BLOCK_BYTES - 9) /* a bit that ends the message and eight bytes for its length go in too */

static void put_u32_le(unsigned char out[4], unsigned n)
{
    out[0] = (unsigned char)n;
    out[1] = (unsigned char)(n >> 8);
    out[2] = (unsigned char)(n >> 16);
    out[3] = (unsigned char)(n >> 24);
}

/* Nearly all partitions are short: one padded block, without the bookkeeping of four calls, which costs a third of the digest. */
static void md5_short(struct str salt, struct str partition, unsigned char out[DIGEST_BYTES])
{
    MD5_CTX md5;
    unsigned char block[BLOCK_BYTES] = {0};
    size_t n = salt.n + partition.n;
    memcpy(block, salt.p, salt.n);
    if (partition.n > 0) {
        memcpy(block + salt.n, partition.p, partition.n);
    }
    block[n] = 0x80;
    put_u32_le(block + BLOCK_BYTES - 8, (unsigned)(8 * n));
    ensure(openssl()->MD5_Init(&md5) == 1);
    openssl()->MD5_Transform(&md5, block);
    put_u32_le(out, md5.A);
    put_u32_le(out + 4, md5.B);
    put_u32_le(out + 8, md5.C);
    put_u32_le(out + 12, md5.D);
}

void digest_partition(struct digest *digest, struct str partition, unsigned char out[DIGEST_BYTES])
{
    const struct str salt = STR("Outliers");
    if (salt.n + partition.n <= ONE_BLOCK_MAX) {
        md5_short(salt, partition, out);
    } else {
        MD5_CTX md5;
        bool ok = openssl()->MD5_Init(&md5) == 1 && openssl()->MD5_Update(&md5, salt.p, salt.n) == 1 &&
                  openssl()->MD5_Update(&md5, partition.p, partition.n) == 1 && openssl()->MD5_Final(out, &md5) == 1;
        ensure(ok);
    }
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
