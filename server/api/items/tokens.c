/* SPDX-License-Identifier: Apache-2.0 */
/* tokens.c — what is remembered of idempotency tokens. SDKs send one with every transaction, so there may be very many:
 * a record is a few dozen bytes (hashes in place of texts), and records are forgotten by whole generations, each an
 * arena, which costs nothing. A token is pending from the end of `run` to the commit; pending ones hang on a list in
 * their calls' arenas, because a transaction that fails takes them along. */
#include "server/api/items/tokens.h"

#include "core/limits.h"

#include <pthread.h>
#include <stdlib.h>

#define WINDOW_MS ((int64_t)LIMIT_IDEMPOTENCY_SECONDS * 1000)
/* One more than the parts of the window, so that a full window is always there. */
#define GENERATIONS 9
#define GENERATION_MS (WINDOW_MS / (GENERATIONS - 1))
#define GENERATION_RECORDS_MAX ((size_t)512 * 1024)
#define BUCKETS_MIN 256
#define ARENA_KEPT_BYTES ((size_t)64 * 1024)

struct record {
    struct record *next;
    struct token_hash key;
    struct token_hash parameters;
    int64_t at_ms;
    uint32_t count;
    uint32_t units[];
};

struct generation {
    struct arena arena;
    struct record **buckets;
    size_t bucket_count; /* a power of two; 0 before the first record */
    size_t count;
    int64_t since_ms;
};

struct pending {
    struct pending *next;
    const void *owner;
    struct token_hash key;
    struct token_hash parameters;
    const uint32_t *units;
    size_t count;
};

struct tokens {
    pthread_mutex_t lock;
    struct generation generations[GENERATIONS];
    size_t current;
    struct pending *pending; /* newest first */
};

struct tokens *tokens_new(void)
{
    struct tokens *tokens = calloc(1, sizeof(*tokens));
    ensure(tokens != NULL);
    ensure(pthread_mutex_init(&tokens->lock, NULL) == 0);
    for (size_t i = 0; i < GENERATIONS; i++) {
        arena_init(&tokens->generations[i].arena, ARENA_KEPT_BYTES);
        tokens->generations[i].since_ms = INT64_MIN;
    }
    return tokens;
}

void tokens_free(struct tokens *tokens)
{
    if (tokens == NULL) {
        return;
    }
    for (size_t i = 0; i < GENERATIONS; i++) {
        arena_release(&tokens->generations[i].arena);
    }
    pthread_mutex_destroy(&tokens->lock);
    free(tokens);
}

/* ---- Hashes ---- */

/* The finaliser of splitmix64. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

static struct token_hash hash_word(struct token_hash hash, uint64_t word)
{
    return (struct token_hash){mix(hash.a ^ word), mix((hash.b + word) * UINT64_C(0x9FB21C651E98DF25) + 1)};
}

struct token_hash token_hash_str(struct token_hash hash, struct str s)
{
    hash = hash_word(hash, s.p ? s.n + 1 : 0);
    for (size_t i = 0; i < s.n; i += 8) {
        uint64_t word = 0;
        memcpy(&word, s.p + i, s.n - i < 8 ? s.n - i : 8);
        hash = hash_word(hash, word);
    }
    return hash;
}

struct token_hash token_hash_json(struct token_hash hash, const struct json *json)
{
    if (!json) {
        return hash_word(hash, 0);
    }
    enum json_type type = json_type(json);
    hash = hash_word(hash, 1 + (uint64_t)type);
    if (type == JSON_STRING) {
        return token_hash_str(hash, json_str(json));
    }
    if (type == JSON_INTEGER || type == JSON_DECIMAL) {
        return hash_word(hash, (uint64_t)json_int64(json));
    }
    if (type != JSON_ARRAY && type != JSON_OBJECT) {
        return hash;
    }
    struct token_hash sum = {0, 0};
    struct json_iter iter = json_iter(json);
    struct str name;
    const struct json *child;
    while (json_next(&iter, &name, &child)) {
        if (type == JSON_ARRAY) {
            hash = token_hash_json(hash, child);
        } else if (json_type(child) != JSON_NULL) {
            struct token_hash member = token_hash_json(token_hash_str(TOKEN_HASH_INIT, name), child);
            sum.a += member.a;
            sum.b += member.b;
        }
    }
    return hash_word(hash_word(hash, sum.a), sum.b);
}

static bool hash_equal(struct token_hash x, struct token_hash y)
{
    return x.a == y.a && x.b == y.b;
}

/* ---- Generations ---- */

static void generation_clear(struct generation *generation, int64_t now_ms)
{
    arena_reset(&generation->arena);
    generation->buckets = NULL;
    generation->bucket_count = 0;
    generation->count = 0;
    generation->since_ms = now_ms;
}

static struct generation *generation_for(struct tokens *tokens, int64_t now_ms)
{
    struct generation *current = &tokens->generations[tokens->current];
    bool is_old = current->since_ms == INT64_MIN || now_ms - current->since_ms >= GENERATION_MS;
    if (is_old || current->count >= GENERATION_RECORDS_MAX) {
        tokens->current = (tokens->current + 1) % GENERATIONS;
        current = &tokens->generations[tokens->current];
        generation_clear(current, now_ms);
    }
    return current;
}

static void generation_grow(struct generation *generation)
{
    size_t bucket_count = generation->bucket_count == 0 ? BUCKETS_MIN : 4 * generation->bucket_count;
    struct record **buckets = arena_array(&generation->arena, struct record *, bucket_count);
    for (size_t i = 0; i < generation->bucket_count; i++) {
        for (struct record *record = generation->buckets[i]; record != NULL;) {
            struct record *next = record->next;
            struct record **bucket = &buckets[record->key.a & (bucket_count - 1)];
            record->next = *bucket;
            *bucket = record;
            record = next;
        }
    }
    generation->buckets = buckets;
    generation->bucket_count = bucket_count;
}

static const struct record *generation_find(const struct generation *generation, struct token_hash key, int64_t now_ms)
{
    if (generation->bucket_count == 0) {
        return NULL;
    }
    const struct record *record = generation->buckets[key.a & (generation->bucket_count - 1)];
    while (record != NULL && !(hash_equal(record->key, key) && now_ms - record->at_ms < WINDOW_MS)) {
        record = record->next;
    }
    return record;
}

static void generation_add(struct generation *generation, const struct pending *pending, int64_t now_ms)
{
    if (generation->count >= generation->bucket_count) {
        generation_grow(generation);
    }
    size_t bytes = pending->count * sizeof(uint32_t);
    struct record *record = arena_alloc(&generation->arena, sizeof(*record) + bytes);
    struct record **bucket = &generation->buckets[pending->key.a & (generation->bucket_count - 1)];
    *record = (struct record){.next = *bucket,
                              .key = pending->key,
                              .parameters = pending->parameters,
                              .at_ms = now_ms,
                              .count = (uint32_t)pending->count};
    if (bytes > 0) {
        memcpy(record->units, pending->units, bytes);
    }
    *bucket = record;
    generation->count++;
}

/* ---- Use ---- */

static enum token_state found(struct token_hash known, struct token_hash asked, const uint32_t *units, size_t count,
                              struct arena *arena, const uint32_t **units_out, size_t *count_out)
{
    if (!hash_equal(known, asked)) {
        return TOKEN_MISMATCH;
    }
    uint32_t *copy = arena_array(arena, uint32_t, count);
    if (count > 0) {
        memcpy(copy, units, count * sizeof(*copy));
    }
    *units_out = copy;
    *count_out = count;
    return TOKEN_REPLAY;
}

enum token_state tokens_find(struct tokens *tokens, struct token_hash key, struct token_hash parameters, int64_t now_ms,
                             struct arena *arena, const uint32_t **units, size_t *count)
{
    enum token_state state = TOKEN_NEW;
    pthread_mutex_lock(&tokens->lock);
    for (const struct pending *p = tokens->pending; p != NULL && state == TOKEN_NEW; p = p->next) {
        if (hash_equal(p->key, key)) {
            state = found(p->parameters, parameters, p->units, p->count, arena, units, count);
        }
    }
    for (size_t i = 0; i < GENERATIONS && state == TOKEN_NEW; i++) {
        const struct record *record = generation_find(&tokens->generations[i], key, now_ms);
        if (record != NULL) {
            state = found(record->parameters, parameters, record->units, record->count, arena, units, count);
        }
    }
    pthread_mutex_unlock(&tokens->lock);
    return state;
}

bool tokens_is_pending(struct tokens *tokens, struct token_hash key)
{
    pthread_mutex_lock(&tokens->lock);
    const struct pending *p = tokens->pending;
    while (p != NULL && !hash_equal(p->key, key)) {
        p = p->next;
    }
    pthread_mutex_unlock(&tokens->lock);
    return p != NULL;
}

void tokens_begin(struct tokens *tokens)
{
    pthread_mutex_lock(&tokens->lock);
    tokens->pending = NULL;
    pthread_mutex_unlock(&tokens->lock);
}

void tokens_pend(struct tokens *tokens, const void *owner, struct token_hash key, struct token_hash parameters,
                 const uint32_t *units, size_t count, struct arena *arena)
{
    struct pending *pending = arena_new(arena, struct pending);
    *pending = (struct pending){.owner = owner, .key = key, .parameters = parameters, .units = units, .count = count};
    pthread_mutex_lock(&tokens->lock);
    pending->next = tokens->pending;
    tokens->pending = pending;
    pthread_mutex_unlock(&tokens->lock);
}

void tokens_publish(struct tokens *tokens, const void *owner, int64_t now_ms)
{
    pthread_mutex_lock(&tokens->lock);
    struct pending **link = &tokens->pending;
    while (*link != NULL && (*link)->owner != owner) {
        link = &(*link)->next;
    }
    if (*link != NULL) {
        generation_add(generation_for(tokens, now_ms), *link, now_ms);
        *link = (*link)->next;
    }
    pthread_mutex_unlock(&tokens->lock);
}
