/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_VALUE_JSON_H
#define CORE_VALUE_JSON_H

#include "core/buf.h"
#include "core/err.h"
#include "core/json.h"
#include "core/value.h"

/* Texts that are said in several places: of types that do not fit (ERR_SERIALIZATION), and of values that may not be. */
#define DECODE_STRUCTURE_TEXT "Start of structure or map found where not expected"
#define DECODE_FIELD_TEXT "Unexpected field type"
#define DECODE_ELEMENT_TEXT "Unexpected value type in payload"
#define DECODE_TOKEN_TEXT "Unexpected token received from parser"
#define VALUE_SEVERAL_TEXT                                                                                             \
    "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
#define VALUE_NULL_TEXT INVALID_PARAMETERS "Null attribute value types must have the value of true"
#define VALUE_NESTING_TEXT                                                                                             \
    "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"
#define VALUE_EMPTY_BINARY_SET_TEXT "Binary sets should not be empty"
#define VALUE_EMPTY_NAME_TEXT "Empty attribute name"

/* AttributeValues on the wire and in the store: {"S":"…"} and so on.
 *
 * From a request, in the two steps that AWS takes (aws-behaviour.md §1.6 then §4.1), so that operations can place each where AWS does. */

/* Step 1, shape only: JSON types of all members at any depth (ERR_SERIALIZATION with AWS's texts, ERR_BAD_JSON for a list as
 * BOOL or NULL). Unknown members are ignored, null members count as absent. `value_check` for one AttributeValue that is a member
 * of a structure; `as_element` for one that is a list element or map value (other texts). `item_check` for a map of them
 * (Item, Key, ExpressionAttributeValues). */
MUST_USE bool value_check(const struct json *json, bool as_element, struct err *err);
MUST_USE bool item_check(const struct json *json, struct err *err);

/* Step 2, content: makes the value, or says what AWS says of it: empty, more than one datatype, bad number, empty set,
 * duplicates, NULL not true (order: 2026 D.5). Only for what step 1 let pass. Depth is limited to 32 levels (D.11: the leaf
 * lies in at most 31 containers) or, for single values, one more (…_DEEP); empty names are item_check_names' business. Kinds:
 * ERR_REQUEST for the families that writes put in the envelope, ERR_VALIDATION for the others. */
enum value_dialect {
    VALUE_NEWER,     /* the newer layer's texts (2026 D.1): Put, Update, Delete, Get, BatchGet, Query, Scan */
    VALUE_OLDER,     /* BatchWriteItem, transactions */
    /* The same for what may have one level more (D.11): values of ScanFilter; expression values of transactions. */
    VALUE_NEWER_DEEP,
    VALUE_OLDER_DEEP
};
MUST_USE bool value_read(const struct json *json, struct arena *arena, enum value_dialect dialect, struct value *out, struct err *err);
/* A map of AttributeValues to a value of type M. Which of several problems is reported differs: for an item a NULL that is not true
 * goes first and nesting last (2026 D.3), for a single value nesting goes first (D.7). A BOOL or NULL written as a string, a value
 * with several members, or 63 levels anywhere make AWS fall back to the older texts, and the refusal is ERR_VALIDATION (D.1). */
MUST_USE bool item_read(const struct json *json, struct arena *arena, enum value_dialect dialect, struct value *out, struct err *err);
/* `Empty attribute name` anywhere in an item, map or value (ERR_REQUEST): AWS looks for it before everything else. */
MUST_USE bool item_check_names(const struct json *json, struct err *err);
MUST_USE bool value_check_names(const struct json *json, struct err *err);

/* From a stored text (canonical, written by item_text_write): cannot fail (ensure). Strings are slices of the tree. */
void value_from_stored(const struct json *json, struct arena *arena, struct value *out);
/* A whole stored item to a value of type M (members sorted). */
void item_from_stored(const struct json *json, struct arena *arena, struct value *out);

/* To text. Canonical: members by name, sets sorted, numbers plain. */
void value_text_write(struct buf *out, const struct value *v);
/* `{"pk":{…},"sk":{…},"a":{…}}`: the attributes named by keys first and in that order (absent ones skipped), then the rest by name.
 * Returns the offset, counted from the opening brace, at which the last key attribute ends (before the comma or the brace). */
size_t item_text_write(struct buf *out, const struct value *item, const struct str *keys, size_t key_count);
/* The same, and where the attributes stand, in the order of the text, counted from the opening brace: one mark for each of item->count. */
struct member_mark {
    size_t name_end; /* behind the name's closing quote */
    size_t end;      /* behind the value */
};
size_t item_text_write_marked(struct buf *out, const struct value *item, const struct str *keys, size_t key_count,
                              struct member_mark *marks);
/* One attribute, `"name":{…}`. */
void member_text_write(struct buf *out, const struct member *member, size_t start, struct member_mark *mark);

/* Rewrites a stored item (or AttributeValue map) with every NS in the order of Java's HashSet<BigDecimal>, as Scan, TransactGetItems and
 * cancellation reasons show it (2026 I.2). Only needed where value_has_number_set. */
void item_text_write_java_sets(struct buf *out, const struct json *item);
/* The same for one stored AttributeValue. */
void value_text_write_java_sets(struct buf *out, const struct json *attribute);

#endif
