/* SPDX-License-Identifier: Apache-2.0 */
/* expiry.c — when an item is due, and the row that says so. */
#include "storage/expiry.h"

#include "core/number.h"

static int64_t whole_seconds(const struct number *n)
{
    char text[NUMBER_TEXT_MAX];
    size_t length = number_print(n, text);
    int64_t seconds = 0;
    for (size_t i = 0; i < length && text[i] != '.'; i++) {
        if (text[i] == '-') {
            return EXPIRY_NEVER;
        }
        seconds = seconds * 10 + (text[i] - '0');
        if (seconds >= LAYOUT_DUE_END) {
            return EXPIRY_NEVER;
        }
    }
    return seconds;
}

int64_t expiry_due(const struct table_desc *table, const struct value *item)
{
    if (table->ttl_attribute.p == NULL) {
        return EXPIRY_NEVER;
    }
    const struct value *v = value_map_get(item, table->ttl_attribute);
    return v != NULL && v->type == VALUE_N ? whole_seconds(v->number) : EXPIRY_NEVER;
}

void expiry_key(int64_t due, uint32_t table_id, const unsigned char *tie, struct expiry_key *out)
{
    ensure(due >= 0 && due < LAYOUT_DUE_END);
    out->bytes[0] = (unsigned char)(due >> 32);
    layout_put_u32(out->bytes + 1, (uint32_t)due);
    layout_put_u32(out->bytes + LAYOUT_DUE_BYTES, table_id);
    memcpy(out->bytes + LAYOUT_DUE_BYTES + LAYOUT_ID_BYTES, tie, LAYOUT_TIE_BYTES);
}

int64_t expiry_key_due(const void *key)
{
    const unsigned char *p = key;
    return (int64_t)p[0] << 32 | layout_get_u32(p + 1);
}

int64_t expiry_oldest(const struct txn *txn)
{
    int64_t oldest = txn_now_ms(txn) / 1000 - LIMIT_TTL_PAST_SECONDS;
    return oldest < 0 ? 0 : oldest;
}
