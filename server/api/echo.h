/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_ECHO_H
#define SERVER_API_ECHO_H

#include "server/api/shape.h"

/* Values of requests as Java's toString prints them: AWS quotes them so in messages. 2026 D.14, D.13. An echo is cut at 1 MiB, then
 * `...` follows: a small body can have a very long echo. */

/* The decoded value of a field: `value` points to its C type (for `is_element` of STRUCT to the struct itself). Absent: `null`. */
struct str echo_field(const struct field *field, const void *value, bool is_element, struct arena *arena);
/* `AttributeValue(s=x, n=null, …)` and `{k=AttributeValue(…)}` of decoded requests (types are right). NULL: `null`. */
struct str echo_value(const struct json *value, struct arena *arena);
struct str echo_item(const struct json *item, struct arena *arena);

/* Indexes into `names` (distinct) in the order in which Java's HashMap walks over them; capacity 0: sized to the count; 16: a HashSet. */
const size_t *java_hash_order(const struct str *names, size_t count, size_t capacity, struct arena *arena);

#endif
