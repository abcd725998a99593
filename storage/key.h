/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_KEY_H
#define STORAGE_KEY_H

#include "storage/digest.h"
#include "storage/layout.h"
#include "storage/table.h"

/* Keys of rows (layout.h says what they look like). */

/* The longest E: every byte of four attributes escaped. */
#define KEY_SORT_MAX (LIMIT_GSI_KEY_PARTS * (2 * LIMIT_RANGE_KEY_BYTES + 2))
#define KEY_ENC_MAX (2 * LIMIT_HASH_KEY_BYTES + 2)

/* The key attributes of one item, in schema order. */
struct key_values {
    const struct value *hash[LIMIT_GSI_KEY_PARTS];
    const struct value *range[LIMIT_GSI_KEY_PARTS];
};

struct row_key {
    unsigned char bytes[LAYOUT_ROW_KEY_MAX];
    size_t n;
    bool is_long;
};

static inline struct str row_key_str(const struct row_key *key)
{
    return str_of((const char *)key->bytes, key->n);
}

/* False if the map lacks an attribute of the schema or has it with another type, empty or beyond the limits: then the item is not
 * in the index. */
bool key_values_of(const struct key_schema *schema, const struct value *map, struct key_values *out);
/* The same for one HASH attribute. */
bool key_hash_fits(const struct key_part *part, const struct value *v);

/* enc() of one S, N or B. Returns the length: at most 2 × length + 2, or NUMBER_KEY_MAX. */
size_t key_enc(const struct value *v, unsigned char *out);
/* The least byte string above everything that begins with p[0 … n): adds one to the last byte, with carry, in place. Returns its length; 0
 * if there is none (all FF, or empty). */
size_t key_succ(unsigned char *p, size_t n);

/* H16, E (KEY_SORT_MAX bytes of room), TIE16 of the table's key. */
void key_partition(struct digest *digest, const struct key_schema *schema, const struct value *const *hash,
                   unsigned char out[LAYOUT_HASH_BYTES]);
size_t key_sort(const struct key_schema *schema, const struct key_values *values, unsigned char *out);
void key_tie(struct digest *digest, const struct key_schema *table, const struct key_values *values,
             unsigned char out[LAYOUT_TIE_BYTES]);

/* The whole key of an item (tie NULL) or an index entry. */
void key_row(struct digest *digest, uint32_t id, const struct key_schema *schema, const struct key_values *values,
             const unsigned char *tie, struct row_key *out);

/* What md5 sees of a number: DynamoDB's number bytes. Returns the length; at most KEY_NUMBER_MAX. */
#define KEY_NUMBER_MAX 24
size_t key_number_bytes(const struct number *n, unsigned char out[KEY_NUMBER_MAX]);

#endif
