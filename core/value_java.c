/* SPDX-License-Identifier: Apache-2.0 */
/* value_java.c — number sets in the order in which Java's HashSet<BigDecimal> iterates, which AWS shows from Scan and others
 * (2026 I.2). The final order depends only on the final number of buckets, so the growth is replayed first, then the members
 * are dealt into buckets; insertion order inside a bucket survives every resize. */
#include "core/value_json.h"

#define FIRST_BUCKETS 16
#define LONG_BUCKET 9          /* a bucket of that many makes a small table grow */
#define SMALL_TABLE_BUCKETS 64

static void count_buckets(const uint32_t *hashes, size_t count, uint32_t *sizes, size_t buckets)
{
    memset(sizes, 0, buckets * sizeof(*sizes));
    for (size_t i = 0; i < count; i++) {
        sizes[hashes[i] & (buckets - 1)]++;
    }
}

/* Buckets after inserting all; `sizes` has room for 4 × count + 64 counters. */
static size_t final_buckets(const uint32_t *hashes, size_t count, uint32_t *sizes)
{
    size_t buckets = FIRST_BUCKETS;
    memset(sizes, 0, buckets * sizeof(*sizes));
    for (size_t i = 0; i < count; i++) {
        uint32_t size = ++sizes[hashes[i] & (buckets - 1)];
        if (size >= LONG_BUCKET && buckets < SMALL_TABLE_BUCKETS) {
            buckets *= 2;
            count_buckets(hashes, i + 1, sizes, buckets);
        }
        if ((i + 1) * 4 > buckets * 3) {
            buckets *= 2;
            count_buckets(hashes, i + 1, sizes, buckets);
        }
    }
    return buckets;
}

static void write_number_set(struct buf *out, const struct json *json)
{
    struct arena arena;
    arena_init(&arena, 0);
    size_t count = json_count(json);
    struct str *texts = arena_array(&arena, struct str, count);
    uint32_t *hashes = arena_array(&arena, uint32_t, count);
    struct json_iter iter = json_iter(json);
    const struct json *element = NULL;
    for (size_t i = 0; json_next(&iter, NULL, &element); i++) {
        struct number number;
        texts[i] = json_str(element);
        ensure(number_parse(texts[i], &number) == NUMBER_OK);
        uint32_t hash = (uint32_t)number_java_hash(&number);
        hashes[i] = hash ^ hash >> 16;
    }
    uint32_t *places = arena_array(&arena, uint32_t, count * 4 + SMALL_TABLE_BUCKETS + 1);
    size_t buckets = final_buckets(hashes, count, places);
    uint32_t next = 0;
    for (size_t bucket = 0; bucket < buckets; bucket++) {
        uint32_t size = places[bucket];
        places[bucket] = next;
        next += size;
    }
    struct str *ordered = arena_array(&arena, struct str, count);
    for (size_t i = 0; i < count; i++) {
        ordered[places[hashes[i] & (buckets - 1)]++] = texts[i];
    }
    for (size_t i = 0; i < count; i++) {
        buf_add_str(out, i > 0 ? STR(",") : STR(""));
        json_write_string(out, ordered[i]);
    }
    arena_release(&arena);
}

static void write_value(struct buf *out, const struct json *json);

static void write_list(struct buf *out, const struct json *json)
{
    struct json_iter iter = json_iter(json);
    const struct json *element = NULL;
    for (bool first = true; json_next(&iter, NULL, &element); first = false) {
        buf_add_str(out, first ? STR("") : STR(","));
        write_value(out, element);
    }
}

static void write_value(struct buf *out, const struct json *json)
{
    struct json_iter iter = json_iter(json);
    struct str name;
    const struct json *member = NULL;
    enum value_type type = VALUE_S;
    ensure(json_next(&iter, &name, &member) && value_type_of(name, &type));
    if (type == VALUE_NS || type == VALUE_L) {
        buf_add_str(out, type == VALUE_NS ? STR("{\"NS\":[") : STR("{\"L\":["));
        if (type == VALUE_NS) {
            write_number_set(out, member);
        } else {
            write_list(out, member);
        }
        buf_add_literal(out, "]}");
    } else if (type == VALUE_M) {
        buf_add_literal(out, "{\"M\":");
        item_text_write_java_sets(out, member);
        buf_add_byte(out, '}');
    } else {
        json_write(out, json);
    }
}

void item_text_write_java_sets(struct buf *out, const struct json *item)
{
    buf_add_byte(out, '{');
    struct json_iter iter = json_iter(item);
    struct str name;
    const struct json *member = NULL;
    for (bool first = true; json_next(&iter, &name, &member); first = false) {
        buf_add_str(out, first ? STR("") : STR(","));
        json_write_string(out, name);
        buf_add_byte(out, ':');
        write_value(out, member);
    }
    buf_add_byte(out, '}');
}

void value_text_write_java_sets(struct buf *out, const struct json *attribute)
{
    write_value(out, attribute);
}
