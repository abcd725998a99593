/* SPDX-License-Identifier: Apache-2.0 */
/* key.c — keys of rows from attribute values. Everything about order is decided here: enc() makes byte order the order of tuples, so
 * LMDB sorts, and no comparison function of ours is ever called. */
#include "storage/key.h"

#include "core/number.h"

static bool is_key_value(const struct value *v, enum value_type type, size_t max_bytes)
{
    if (v == NULL || v->type != type) {
        return false;
    }
    return type == VALUE_N || (v->str.n > 0 && v->str.n <= max_bytes);
}

bool key_hash_fits(const struct key_part *part, const struct value *v)
{
    return is_key_value(v, part->type, LIMIT_HASH_KEY_BYTES);
}

bool key_values_of(const struct key_schema *schema, const struct value *map, struct key_values *out)
{
    for (size_t i = 0; i < schema->hash_count; i++) {
        out->hash[i] = value_map_get(map, schema->hash[i].name);
        if (!key_hash_fits(&schema->hash[i], out->hash[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < schema->range_count; i++) {
        out->range[i] = value_map_get(map, schema->range[i].name);
        if (!is_key_value(out->range[i], schema->range[i].type, LIMIT_RANGE_KEY_BYTES)) {
            return false;
        }
    }
    return true;
}

static size_t enc_bytes(struct str s, unsigned char *out)
{
    unsigned char *at = out;
    const char *end = s.p + s.n;
    while (s.n > 0) {
        const char *zero = memchr(s.p, 0, s.n);
        size_t plain = zero == NULL ? s.n : (size_t)(zero - s.p);
        memcpy(at, s.p, plain);
        at += plain;
        if (zero == NULL) {
            break;
        }
        *at++ = 0x00;
        *at++ = 0xFF;
        s = str_of(zero + 1, (size_t)(end - zero - 1));
    }
    *at++ = 0x00;
    *at++ = 0x01;
    return (size_t)(at - out);
}

size_t key_enc(const struct value *v, unsigned char *out)
{
    if (v->type == VALUE_N) {
        return number_key(v->number, out);
    }
    ensure(v->type == VALUE_S || v->type == VALUE_B);
    return enc_bytes(v->str, out);
}

size_t key_succ(unsigned char *p, size_t n)
{
    while (n > 0 && p[n - 1] == 0xFF) {
        n--;
    }
    if (n > 0) {
        p[n - 1]++;
    }
    return n;
}

/* Digits of a number, read back from its key bytes. Returns how many; *exponent as in 0.d1d2… × 10^exponent. */
static int digits_of(const struct number *n, int digits[40], int *exponent)
{
    unsigned char key[NUMBER_KEY_MAX];
    size_t length = number_key(n, key);
    unsigned flip = n->negative ? 0xFF : 0;
    *exponent = (int)(key[1] ^ flip) - 129;
    int count = 0;
    for (size_t i = 2; i + 1 < length; i++) {
        int pair = (int)(key[i] ^ flip) - 1;
        digits[count++] = pair / 10;
        digits[count++] = pair % 10;
    }
    return count > 0 && digits[count - 1] == 0 ? count - 1 : count;
}

/* Pairs of digits aligned at the decimal point, base 100, one added to each (negative: 101 minus), an exponent byte in front
 * and, where a negative number leaves room, 102 behind. */
size_t key_number_bytes(const struct number *n, unsigned char out[KEY_NUMBER_MAX])
{
    if (n->hi == 0 && n->lo == 0) {
        out[0] = 0x80;
        return 1;
    }
    int digits[40];
    int exponent = 0;
    int count = digits_of(n, digits, &exponent);
    int odd = exponent % 2 != 0 ? 1 : 0;
    int pairs = (count + odd + 1) / 2;
    int hundred_exponent = (exponent + odd) / 2 - 64;
    out[0] = (unsigned char)(n->negative ? ~hundred_exponent : hundred_exponent);
    for (int i = 0; i < pairs; i++) {
        int high = 2 * i - odd;
        int tens = high >= 0 && high < count ? digits[high] : 0;
        int ones = high + 1 < count ? digits[high + 1] : 0;
        int pair = 10 * tens + ones;
        out[1 + i] = (unsigned char)(n->negative ? 101 - pair : pair + 1);
    }
    size_t length = (size_t)pairs + 1;
    if (n->negative && pairs < 20) {
        out[length++] = 102;
    }
    return length;
}

void key_partition(struct digest *digest, const struct key_schema *schema, const struct value *const *hash,
                   unsigned char out[LAYOUT_HASH_BYTES])
{
    if (schema->hash_count == 1 && hash[0]->type != VALUE_N) {
        digest_partition(digest, hash[0]->str, out);
        return;
    }
    unsigned char bytes[LIMIT_GSI_KEY_PARTS * KEY_ENC_MAX];
    size_t n = 0;
    if (schema->hash_count == 1) {
        n = key_number_bytes(hash[0]->number, bytes);
    } else {
        for (size_t i = 0; i < schema->hash_count; i++) {
            n += key_enc(hash[i], bytes + n);
        }
    }
    digest_partition(digest, str_of((const char *)bytes, n), out);
}

size_t key_sort(const struct key_schema *schema, const struct key_values *values, unsigned char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < schema->range_count; i++) {
        n += key_enc(values->range[i], out + n);
    }
    return n;
}

void key_tie(struct digest *digest, const struct key_schema *table, const struct key_values *values,
             unsigned char out[LAYOUT_TIE_BYTES])
{
    unsigned char bytes[KEY_ENC_MAX + KEY_ENC_MAX];
    ensure(table->hash_count == 1 && table->range_count <= 1);
    size_t n = key_enc(values->hash[0], bytes);
    if (table->range_count == 1) {
        n += key_enc(values->range[0], bytes + n);
    }
    digest_whole(digest, str_of((const char *)bytes, n), (struct str){NULL, 0}, out);
}

void key_row(struct digest *digest, uint32_t id, const struct key_schema *schema, const struct key_values *values,
             const unsigned char *tie, struct row_key *out)
{
    unsigned char sort[KEY_SORT_MAX];
    size_t sort_n = key_sort(schema, values, sort);
    layout_put_u32(out->bytes, id);
    key_partition(digest, schema, values->hash, out->bytes + LAYOUT_ID_BYTES);
    unsigned char *at = out->bytes + LAYOUT_PREFIX_BYTES;
    out->is_long = sort_n > LAYOUT_SORT_WHOLE_MAX;
    size_t kept = out->is_long ? LAYOUT_SORT_WHOLE_MAX : sort_n;
    memcpy(at, sort, kept);
    at += kept;
    if (out->is_long) {
        digest_whole(digest, str_of((const char *)sort, sort_n), (struct str){NULL, 0}, at);
        at += LAYOUT_HASH_BYTES;
    }
    if (tie != NULL) {
        memcpy(at, tie, LAYOUT_TIE_BYTES);
        at += LAYOUT_TIE_BYTES;
    }
    out->n = (size_t)(at - out->bytes);
}
