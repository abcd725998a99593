/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_EXPIRY_H
#define STORAGE_EXPIRY_H

#include "storage/layout.h"
#include "storage/txn.h"

/* Rows of the expiry database. */

#define EXPIRY_NEVER INT64_C(-1)

struct expiry_key {
    unsigned char bytes[LAYOUT_EXPIRY_KEY_BYTES];
};
static inline struct str expiry_key_str(const struct expiry_key *key)
{
    return str_of((const char *)key->bytes, sizeof(key->bytes));
}

/* The item's TTL attribute as whole seconds; EXPIRY_NEVER if the table has no TTL or the attribute is no usable Number. */
int64_t expiry_due(const struct table_desc *table, const struct value *item);
void expiry_key(int64_t due, uint32_t table_id, const unsigned char *tie, struct expiry_key *out);
int64_t expiry_key_due(const void *key);
/* The first second that is acted upon: five years ago. */
int64_t expiry_oldest(const struct txn *txn);

#endif
