/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_JSON_H
#define CORE_JSON_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/ensure.h"
#include "core/str.h"

#include <stdbool.h>
#include <stdint.h>

/* Reading: a tree of a JSON text, by yyjson (json.c is the only file that knows it). Strict RFC 8259, UTF-8 checked. The tree lives
 * in the arena. Strings of the tree are slices of the arena's copy of the text, unescaped. Member order is kept; of members
 * with one name, json_get finds the last (as AWS's parser keeps the last). */
struct json;

enum json_type { JSON_NULL, JSON_TRUE, JSON_FALSE, JSON_INTEGER, JSON_DECIMAL, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* Deeper texts are refused (bodies: AWS answers a bare SerializationException from some 2000 levels). */
#define JSON_DEPTH_MAX 1000

/* False if the text is no JSON text or too deep. `text` is copied. */
MUST_USE bool json_parse(struct str text, struct arena *arena, const struct json **out);
/* The same without checking depth: for texts that this program wrote itself (stored items). `text` is read once, within its
 * bounds, so it may lie in a read-only map that goes away afterwards. False only if the text is damaged. */
MUST_USE bool json_parse_stored(struct str text, struct arena *arena, const struct json **out);

/* An object of some members of such a text: each is `"name":value` as it stands there. */
MUST_USE bool json_parse_members(const struct str *members, size_t count, struct arena *arena, const struct json **out);

enum json_type json_type(const struct json *json);
/* JSON_STRING only (ensure). */
struct str json_str(const struct json *json);
/* JSON_INTEGER or JSON_DECIMAL: fraction dropped toward zero, saturated at the ends of int64. */
int64_t json_int64(const struct json *json);
double json_double(const struct json *json);
/* A boolean, or a string that AWS takes for one: true t yes y 1, false f no n 0, in any case (2026 D.5). False if neither. */
MUST_USE bool json_lenient_boolean(const struct json *json, bool *out);
/* Elements of an array, members of an object. */
size_t json_count(const struct json *json);
/* NULL if absent. Linear. */
const struct json *json_get(const struct json *object, struct str name);
/* `{"name":"text"}`, as nearly all AttributeValues are: one look instead of an iteration. False if it is anything else. */
bool json_lone_string(const struct json *json, struct str *name, struct str *text);
/* NULL past the end. Walks: use json_iter in loops. */
const struct json *json_at(const struct json *array, size_t index);

struct json_iter {
    const struct json *at;
    size_t left;
    bool is_object;
};
/* Of an array or an object. */
struct json_iter json_iter(const struct json *container);
/* False at the end. `name` is absent for arrays (may be NULL there). */
bool json_next(struct json_iter *iter, struct str *name, const struct json **out);

/* Writing: straight into a buffer, minimal escapes ("\"" "\\" and control characters as \b \t \n \f \r \u00XX), `/` and
 * everything above 0x7F as they are. */
void json_write_string(struct buf *out, struct str s);
/* Re-serialises a tree. */
void json_write(struct buf *out, const struct json *json);
/* A double as AWS prints capacity and times: the shortest that reads back, always with a fraction ("1.0", "0.5"). */
void json_write_double(struct buf *out, double d);
/* Milliseconds since the epoch as seconds with three decimals, e.g. 1363801528.686. */
void json_write_time_ms(struct buf *out, int64_t ms);

/* Of the reader, e.g. "0.10.0". */
const char *json_library_version(void);

#endif
