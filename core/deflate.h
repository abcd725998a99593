/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_DEFLATE_H
#define CORE_DEFLATE_H

#include "core/buf.h"
#include "core/str.h"

#include <stdbool.h>
#include <stdint.h>

/* libdeflate's two services (deflate.c is the only file that knows it). */
uint32_t crc32_of(const void *p, size_t n);
/* Unpacks a gzip stream (all its members) into out; false if damaged or larger than max_bytes. */
MUST_USE bool gzip_unpack(struct str packed, size_t max_bytes, struct buf *out);
void gzip_pack(struct str plain, struct buf *out);
const char *deflate_library_version(void);

#endif
