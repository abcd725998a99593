/* SPDX-License-Identifier: Apache-2.0 */
/* deflate.c — crc32 and gzip by libdeflate, the only file that knows it. libdeflate wants the whole output at once, so the
 * room is guessed from the trailer and doubled up to the caller's bound: a bomb costs at most that bound. */
#include "core/deflate.h"

#include <libdeflate.h>

#define RATIO_MAX 1032 /* deflate cannot pack tighter */
#define LEVEL 6

uint32_t crc32_of(const void *p, size_t n)
{
    return libdeflate_crc32(0, p, n);
}

/* Size of the last member's content, modulo 2^32, as its trailer says; only a guess for a hostile stream. */
static size_t trailer_size(struct str packed)
{
    uint32_t size = 0;
    if (packed.n >= 4) {
        for (size_t i = packed.n; i > packed.n - 4; i--) {
            size = size << 8 | (unsigned char)packed.p[i - 1];
        }
    }
    return size;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Unpacks the member at the start of *packed and moves past it. */
static bool unpack_member(struct libdeflate_decompressor *decompressor, struct str *packed, size_t max_bytes,
                          struct buf *out)
{
    size_t room = smaller(trailer_size(*packed), smaller(packed->n, SIZE_MAX / RATIO_MAX) * RATIO_MAX);
    room = smaller(room > 64 ? room : 64, max_bytes);
    for (;;) {
        size_t used = 0;
        size_t made = 0;
        enum libdeflate_result result = libdeflate_gzip_decompress_ex(
            decompressor, packed->p, packed->n, buf_reserve(out, room), room, &used, &made);
        if (result == LIBDEFLATE_SUCCESS) {
            out->n += made;
            *packed = str_of(packed->p + used, packed->n - used);
            return true;
        }
        if (result != LIBDEFLATE_INSUFFICIENT_SPACE || room == max_bytes) {
            return false;
        }
        room = room > max_bytes / 2 ? max_bytes : room * 2;
    }
}

bool gzip_unpack(struct str packed, size_t max_bytes, struct buf *out)
{
    size_t start = out->n;
    max_bytes = smaller(max_bytes, out->max - start);
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    ensure(decompressor != NULL);
    bool ok = packed.n > 0;
    while (ok && packed.n > 0) {
        ok = unpack_member(decompressor, &packed, max_bytes - (out->n - start), out);
    }
    libdeflate_free_decompressor(decompressor);
    if (!ok) {
        buf_truncate(out, start);
    }
    return ok;
}

void gzip_pack(struct str plain, struct buf *out)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(LEVEL);
    ensure(compressor != NULL);
    size_t room = libdeflate_gzip_compress_bound(compressor, plain.n);
    size_t n = libdeflate_gzip_compress(compressor, plain.p, plain.n, buf_reserve(out, room), room);
    ensure(n > 0);
    out->n += n;
    libdeflate_free_compressor(compressor);
}

const char *deflate_library_version(void)
{
    return LIBDEFLATE_VERSION_STRING;
}
