/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_ITEMS_TOKENS_H
#define SERVER_API_ITEMS_TOKENS_H

#include "core/arena.h"
#include "core/json.h"

#include <stdint.h>

/* ClientRequestTokens of transactions that were done in the last ten minutes, so that a repeated request is answered
 * and not done again (2026 E.5, I.9). They live in memory only. Under more than some 7,000 tokens a second for long the
 * oldest are forgotten sooner. All functions may be called from every thread; tokens_begin, tokens_pend and
 * tokens_publish belong to the writing one. */

struct tokens;

struct tokens *tokens_new(void);
void tokens_free(struct tokens *tokens);

/* 128 bits of anything; not for secrets. */
struct token_hash {
    uint64_t a;
    uint64_t b;
};
#define TOKEN_HASH_INIT ((struct token_hash){UINT64_C(0x9E3779B97F4A7C15), UINT64_C(0xC2B2AE3D27D4EB4F)})
struct token_hash token_hash_str(struct token_hash hash, struct str s);
/* Of a JSON tree: members of objects count in any order, null members not at all. json may be NULL. */
struct token_hash token_hash_json(struct token_hash hash, const struct json *json);

enum token_state {
    TOKEN_NEW,     /* do it */
    TOKEN_REPLAY,  /* it was done: *units are its read units, one for each action */
    TOKEN_MISMATCH /* it was something else */
};

/* key: of operation, namespace and token. Sees what is pending in this transaction too. *units are copied to the arena.
 */
enum token_state tokens_find(struct tokens *tokens, struct token_hash key, struct token_hash parameters, int64_t now_ms,
                             struct arena *arena, const uint32_t **units, size_t *count);

/* Is the token's first request part of the transaction that runs, and so not committed? */
bool tokens_is_pending(struct tokens *tokens, struct token_hash key);

/* A write transaction begins: what an earlier one left pending was never committed. */
void tokens_begin(struct tokens *tokens);
/* Done, if the transaction commits. owner: whose it is; units and the record live in its arena. */
void tokens_pend(struct tokens *tokens, const void *owner, struct token_hash key, struct token_hash parameters,
                 const uint32_t *units, size_t count, struct arena *arena);
/* The owner's transaction is committed. Nothing happens if it has none pending. */
void tokens_publish(struct tokens *tokens, const void *owner, int64_t now_ms);

#endif
