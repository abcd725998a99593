/* SPDX-License-Identifier: Apache-2.0 */
/* bounds.c — conditions on sort keys as ranges of bytes. With prefix-free encodings everything that begins with p lies in
 * [p, succ(p)), so each operator is a choice among four byte strings. */
#include "storage/bounds.h"

#include "storage/key.h"

/* A byte string that grows; room was reckoned beforehand. */
struct bytes {
    unsigned char *p;
    size_t n;
};

static size_t room_of(const struct value *v)
{
    return v == NULL || v->type == VALUE_N ? NUMBER_KEY_MAX : 2 * v->str.n + 2;
}

static void add_bytes(struct bytes *to, const void *from, size_t n)
{
    memcpy(to->p + to->n, from, n);
    to->n += n;
}

static struct str copy_of(const struct bytes *bytes, struct arena *arena)
{
    return arena_copy(arena, str_of((const char *)bytes->p, bytes->n));
}

/* prefix | enc(v) without the last `cut` bytes; or its successor. */
static struct str bound_at(const struct bytes *prefix, const struct value *v, size_t cut, bool is_successor,
                           struct arena *arena)
{
    struct bytes bound = {arena_alloc(arena, prefix->n + room_of(v)), 0};
    add_bytes(&bound, prefix->p, prefix->n);
    if (v != NULL) {
        bound.n += key_enc(v, bound.p + bound.n) - cut;
    }
    if (is_successor) {
        bound.n = key_succ(bound.p, bound.n);
        /* An id is never FFFFFFFF. */
        ensure(bound.n > 0);
    }
    return str_of((const char *)bound.p, bound.n);
}

static void apply_operator(const struct range_condition *range, const struct bytes *prefix, struct arena *arena,
                           struct bounds *out)
{
    size_t terminator = 2;
    out->low = copy_of(prefix, arena);
    out->high = bound_at(prefix, NULL, 0, true, arena);
    switch (range->op) {
    case RANGE_ALL:
        break;
    case RANGE_EQ:
        out->low = bound_at(prefix, range->a, 0, false, arena);
        out->high = bound_at(prefix, range->a, 0, true, arena);
        break;
    case RANGE_LT:
        out->high = bound_at(prefix, range->a, 0, false, arena);
        break;
    case RANGE_LE:
        out->high = bound_at(prefix, range->a, 0, true, arena);
        break;
    case RANGE_GT:
        out->low = bound_at(prefix, range->a, 0, true, arena);
        break;
    case RANGE_GE:
        out->low = bound_at(prefix, range->a, 0, false, arena);
        break;
    case RANGE_BETWEEN:
        out->low = bound_at(prefix, range->a, 0, false, arena);
        out->high = bound_at(prefix, range->b, 0, true, arena);
        break;
    case RANGE_BEGINS_WITH:
        ensure(range->a->type != VALUE_N);
        out->low = bound_at(prefix, range->a, terminator, false, arena);
        out->high = bound_at(prefix, range->a, terminator, true, arena);
        break;
    }
}

void bounds_of_query(struct digest *digest, uint32_t id, const struct query *query, const struct key_schema *schema,
                     struct arena *arena, struct bounds *out)
{
    const struct range_condition *range = &query->range;
    ensure(range->equal_count + (range->op == RANGE_ALL ? 0 : 1) <= schema->range_count);
    size_t room = LAYOUT_PREFIX_BYTES;
    for (size_t i = 0; i < range->equal_count; i++) {
        room += room_of(range->equals[i]);
    }
    struct bytes prefix = {arena_alloc(arena, room), LAYOUT_PREFIX_BYTES};
    layout_put_u32(prefix.p, id);
    key_partition(digest, schema, query->partition, prefix.p + LAYOUT_ID_BYTES);
    for (size_t i = 0; i < range->equal_count; i++) {
        prefix.n += key_enc(range->equals[i], prefix.p + prefix.n);
    }
    apply_operator(range, &prefix, arena, out);
}

/* The first four bytes of the hash are cut in equal parts: hash × total / 2^32 is the segment. */
static uint64_t segment_start(uint32_t segment, uint32_t total_segments)
{
    return (((uint64_t)segment << 32) + total_segments - 1) / total_segments;
}

static struct str segment_bound(uint32_t id, uint64_t hash, struct arena *arena)
{
    unsigned char bytes[LAYOUT_ID_BYTES + 4];
    bool is_end = hash > UINT32_MAX;
    layout_put_u32(bytes, is_end ? id + 1 : id);
    layout_put_u32(bytes + LAYOUT_ID_BYTES, is_end ? 0 : (uint32_t)hash);
    return arena_copy(arena, str_of((const char *)bytes, is_end ? LAYOUT_ID_BYTES : sizeof(bytes)));
}

void bounds_of_segment(uint32_t id, uint32_t segment, uint32_t total_segments, struct arena *arena, struct bounds *out)
{
    ensure(total_segments >= 1 && segment < total_segments);
    out->low = segment_bound(id, segment_start(segment, total_segments), arena);
    out->high = segment_bound(id, segment_start(segment + 1, total_segments), arena);
}

bool scan_segment_has(const struct table_desc *table, const struct index_desc *index, const struct value *key,
                      uint32_t segment, uint32_t total_segments)
{
    const struct key_schema *schema = index != NULL ? &index->key : &table->key;
    const struct value *hash[LIMIT_GSI_KEY_PARTS];
    unsigned char bytes[LAYOUT_HASH_BYTES];
    struct digest digest;
    struct arena arena;
    struct err err;
    for (size_t i = 0; i < schema->hash_count; i++) {
        hash[i] = value_map_get(key, schema->hash[i].name);
        if (!key_hash_fits(&schema->hash[i], hash[i])) {
            return false;
        }
    }
    arena_init(&arena, 0);
    err_init(&err, &arena);
    /* It succeeded when the store was opened. */
    ensure(digest_init(&digest, &err));
    key_partition(&digest, schema, hash, bytes);
    digest_release(&digest);
    arena_release(&arena);
    return ((uint64_t)layout_get_u32(bytes) * total_segments) >> 32 == segment;
}

/* ---- The same conditions on values, for the check of start keys ---- */

static bool operator_holds(const struct range_condition *range, const struct value *v)
{
    switch (range->op) {
    case RANGE_ALL:
        return true;
    case RANGE_EQ:
        return value_compare(v, range->a) == 0;
    case RANGE_LT:
        return value_compare(v, range->a) < 0;
    case RANGE_LE:
        return value_compare(v, range->a) <= 0;
    case RANGE_GT:
        return value_compare(v, range->a) > 0;
    case RANGE_GE:
        return value_compare(v, range->a) >= 0;
    case RANGE_BETWEEN:
        return value_compare(v, range->a) >= 0 && value_compare(v, range->b) <= 0;
    case RANGE_BEGINS_WITH:
        return v->type != VALUE_N && str_starts_with(v->str, range->a->str);
    }
    return false;
}

bool range_condition_holds(const struct range_condition *range, const struct key_schema *key, const struct value *map)
{
    for (size_t i = 0; i <= range->equal_count; i++) {
        bool is_equality = i < range->equal_count;
        if (!is_equality && range->op == RANGE_ALL) {
            break;
        }
        const struct value *v = value_map_get(map, key->range[i].name);
        if (v == NULL || v->type != key->range[i].type) {
            return false;
        }
        if (is_equality ? value_compare(v, range->equals[i]) != 0 : !operator_holds(range, v)) {
            return false;
        }
    }
    return true;
}
