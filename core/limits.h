/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_LIMITS_H
#define CORE_LIMITS_H

/* Numbers from AWS's limits pages, each once. Units are in the names. */
#define LIMIT_BODY_BYTES (16 * 1024 * 1024)
#define LIMIT_ITEM_BYTES (400 * 1024)
#define LIMIT_PAGE_BYTES (1024 * 1024)
#define LIMIT_BATCH_GET_BYTES (16 * 1024 * 1024)
#define LIMIT_TRANSACTION_BYTES (4 * 1024 * 1024)
#define LIMIT_NESTING 32
#define LIMIT_HASH_KEY_BYTES 2048
#define LIMIT_RANGE_KEY_BYTES 1024
#define LIMIT_EXPRESSION_BYTES 4096
#define LIMIT_EXPRESSION_OPERATORS 300
#define LIMIT_IN_OPERANDS 100
#define LIMIT_BATCH_GET_KEYS 100
#define LIMIT_BATCH_WRITES 25
#define LIMIT_TRANSACTION_ACTIONS 100
#define LIMIT_LSI_PER_TABLE 5
#define LIMIT_GSI_PER_TABLE 20
#define LIMIT_PROJECTED_PER_TABLE 100 /* NonKeyAttributes of all indexes, equal names count each time */
#define LIMIT_NAME_BYTES 65535        /* of an attribute, at any depth */
#define LIMIT_GSI_KEY_PARTS 4 /* of a kind: up to 4 HASH and 4 RANGE */
#define LIMIT_TAGS 50
#define LIMIT_IDEMPOTENCY_SECONDS 600
#define LIMIT_TTL_PAST_SECONDS (5LL * 365 * 24 * 3600)

#endif
