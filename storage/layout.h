/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_LAYOUT_H
#define STORAGE_LAYOUT_H

#include <stdint.h>

/* The format on disk, version 1. All integers are big-endian; | is concatenation; hex bytes are written without 0x.
 * `mdb_dump -p -s rows DIR` shows everything below as it is.
 *
 * DATABASES (named databases of one LMDB environment)
 *   rows     items and index entries of all tables
 *   catalog  FORMAT ROW and one row a table
 *   meta     counters, namespaces, work to be done
 *   expiry   items with a time to live, by the time
 *   journal  changes of the tables that somebody follows
 *
 * ROWS, the key (at most 508 bytes; LMDB as Debian builds it takes 511)
 *   item         id u32 | H16 | SK
 *   index entry  id u32 | H16 | SK | TIE16
 *   id      of the table or of the index. Never given twice (meta "i" counts up), so rows of a dropped id are never mistaken.
 *   H16     MD5("Outliers" | partition): the scan order that AWS shows. partition is, for one HASH attribute: S and B the bytes,
 *           N DynamoDB's own number bytes (key.c); for several: their enc() in schema order.
 *   E       enc() of the RANGE attributes in schema order; empty if there are none.
 *   SK      E, if it has at most 456 bytes; else its first 456 bytes | HASH16, the first 16 bytes of SHA-256(E).
 *           No marker tells them apart in the key (one would misorder); flag 1 of the value does.
 *   TIE16   the first 16 bytes of SHA-256(enc(table HASH) | enc(table RANGE)): makes entries of equal index keys distinct.
 *   enc(S), enc(B)  the bytes with every 00 replaced by 00 FF, then 00 01
 *   enc(N)  zero: 80. Positive: C0, exponent + 129 for 0.d1d2… × 10^exponent, digit pairs + 1, 00. Negative: 40 and the
 *           complement of all that would follow C0. At most 22 bytes.
 *   Whole encodings are prefix-free, so concatenations compare as tuples do.
 *
 *   Examples (id 7, HASH pk, RANGE sk):
 *     pk "a", sk "b"      00000007 | MD5("Outliersa") | 62 0001
 *     pk "a", sk "b\0c"   00000007 | MD5("Outliersa") | 62 00FF 63 0001
 *     pk "a", sk 12.5     00000007 | MD5("Outliersa") | C0 83 0D 33 00      (0.125 × 10^2: pairs 12, 50)
 *     pk "a", sk −12.5    00000007 | MD5("Outliersa") | 40 7C F2 CC FF
 *     sk of 600 "x"       … | 78 × 456 | SHA-256(78 × 600, 0001)[0…16)
 *
 * ROWS, the value: 12 bytes of header, then the text
 *   0  u8   version, 1
 *   1  u8   flags: 1 SK is cut (long); 2 an NS of two or more members is inside
 *   2  u16  0
 *   4  u32  key_end: text[0 … key_end) | "}" is the key as JSON
 *   8  u32  DynamoDB's size of the item or of the projected entry
 *   12 …    canonical DynamoDB JSON. An item: table HASH, table RANGE, then the other attributes by name. An entry: table keys, the
 *           index keys that are not table keys, then the projected attributes by name.
 *     {"pk":{"S":"a"},"sk":{"S":"b"},"n":{"N":"1"}}   key_end 30, size 9
 *
 * CATALOG
 *   namespace id u32 | table name           → the descriptor as JSON (descriptor.c)
 *   FFFFFFFF | "format"                     → "1": what this program can read
 *
 * META, by the first byte of the key
 *   "i"                                     → last id given, u32
 *   "c" id u32                              → items u64 | bytes u64 of a table or an index
 *   "n" namespace id u32                    → {"accessKey":…,"region":…}
 *   "d" id u32                              → a dropped id whose rows are being deleted; value: flags u8 (1: a table with expiry rows)
 *   "b" index id u32                        → an index being filled; value: table id u32 | last item key that is done
 *   "t" table id u32                        → TTL being (un)indexed; value: stage u8 | last key that is done
 *                                             (1: expiry rows of the table are deleted; 2: its items are indexed; 3: as 1, then end)
 *
 * EXPIRY
 *   due seconds u40 | table id u32 | TIE16  → the item's key in rows
 *   An item has one such row if and only if its TTL attribute is a Number with 0 ≤ whole seconds < 2^40. Rows of the far past (five
 *   years) are not acted upon.
 *
 * JOURNAL
 *   table id u32 | sequence u64             → a record of journal.h:
 *   0  u8   version, 1
 *   1  u8   cause: 0 a user, 1 the TTL service
 *   2  u8   flags: 1 old has a number set, 2 new has one, 4 there is an old image, 8 there is a new image
 *   3  u8   0
 *   4  u32  key length: the length of the key text (complete JSON)
 *   8  u64  time, milliseconds since the epoch
 *   16 u32  old length   20 u32  new length
 *   24 u32  old size     28 u32  new size
 *   32 u32  old key_end  36 u32  new key_end
 *   40 …    key text | old text | new text
 *   Sequences of a table increase; the first of a transaction is at least the time in microseconds, so they go on increasing
 *   after all older records have expired. */

#define LAYOUT_FORMAT 1

#define LAYOUT_ID_BYTES 4
#define LAYOUT_HASH_BYTES 16
#define LAYOUT_PREFIX_BYTES (LAYOUT_ID_BYTES + LAYOUT_HASH_BYTES)
#define LAYOUT_SORT_WHOLE_MAX 456 /* longer E is cut here */
#define LAYOUT_CUT_BYTES (LAYOUT_PREFIX_BYTES + LAYOUT_SORT_WHOLE_MAX)
#define LAYOUT_TIE_BYTES 16
#define LAYOUT_ROW_KEY_MAX (LAYOUT_CUT_BYTES + LAYOUT_HASH_BYTES + LAYOUT_TIE_BYTES)

#define LAYOUT_HEADER_BYTES 12
#define LAYOUT_VALUE_VERSION 1
#define LAYOUT_FLAG_LONG 1
#define LAYOUT_FLAG_NUMBER_SET 2

#define LAYOUT_DUE_BYTES 5
#define LAYOUT_EXPIRY_KEY_BYTES (LAYOUT_DUE_BYTES + LAYOUT_ID_BYTES + LAYOUT_TIE_BYTES)
#define LAYOUT_DUE_END (INT64_C(1) << 40)

#define LAYOUT_JOURNAL_KEY_BYTES 12
#define LAYOUT_JOURNAL_HEADER_BYTES 40

_Static_assert(LAYOUT_ROW_KEY_MAX == 508, "fits LMDB's 511");

static inline void layout_put_u32(unsigned char *p, uint32_t n)
{
    for (int i = 0; i < 4; i++) {
        p[i] = (unsigned char)(n >> (24 - 8 * i));
    }
}

static inline uint32_t layout_get_u32(const void *from)
{
    const unsigned char *p = from;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline void layout_put_u64(unsigned char *p, uint64_t n)
{
    layout_put_u32(p, (uint32_t)(n >> 32));
    layout_put_u32(p + 4, (uint32_t)n);
}

static inline uint64_t layout_get_u64(const void *from)
{
    const unsigned char *p = from;
    return (uint64_t)layout_get_u32(p) << 32 | layout_get_u32(p + 4);
}

#endif
