/* SPDX-License-Identifier: Apache-2.0 */
/* value_refuse.c — the texts of refused AttributeValues in AWS's two dialects (aws-behaviour.md §4.1, 2026 D.1 and D.5), each
 * in one place. */
#include "core/base64.h"
#include "core/value_read.h"

#include <stdlib.h>

/* Families that AWS wraps on single writes, as long as the newer layer speaks. */
static enum err_kind family(const struct value_reader *reader)
{
    return reader->dialect == VALUE_NEWER ? ERR_REQUEST : ERR_VALIDATION;
}

/* The text is DynamoDB Local's: that of the service is not known. */
bool value_refuse_name(const struct value_reader *reader)
{
    return err_set(reader->err, ERR_VALIDATION, "Attribute name is too large, must be less than 65536 bytes");
}

bool value_refuse_empty(const struct value_reader *reader)
{
    return err_set(reader->err, ERR_VALIDATION,
                   "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
}

bool value_refuse_several(const struct value_reader *reader)
{
    return err_set(reader->err, ERR_VALIDATION, VALUE_SEVERAL_TEXT);
}

bool value_refuse_null(const struct value_reader *reader)
{
    return err_set(reader->err, family(reader), VALUE_NULL_TEXT);
}

bool value_refuse_nesting(const struct value_reader *reader, bool bare)
{
    return err_set(reader->err, bare ? ERR_VALIDATION : family(reader), VALUE_NESTING_TEXT);
}

bool value_refuse_number(const struct value_reader *reader, enum number_status status, struct str text)
{
    const char *words = number_status_text(status);
    if (status != NUMBER_MALFORMED || (text.n == 0 && reader->dialect == VALUE_OLDER)) {
        return err_set(reader->err, family(reader), "%s", words);
    }
    struct str start = arena_printf(reader->arena, "%s: ", words);
    char *whole = arena_alloc(reader->arena, start.n + text.n);
    memcpy(whole, start.p, start.n);
    memcpy(whole + start.n, text.p, text.n);
    return err_set_text(reader->err, family(reader), str_of(whole, start.n + text.n));
}

bool value_refuse_empty_set(const struct value_reader *reader, enum value_type type)
{
    ensure(value_is_set(type));
    return err_set(reader->err, family(reader), INVALID_PARAMETERS "%s",
                   type == VALUE_SS   ? "An string set  may not be empty"
                   : type == VALUE_NS ? "An number set  may not be empty"
                                      : VALUE_EMPTY_BINARY_SET_TEXT);
}

struct placed {
    struct str str;
    size_t index;
};

static int compare_placed(const void *a, const void *b)
{
    const struct placed *left = a;
    const struct placed *right = b;
    int c = str_compare(left->str, right->str);
    return c != 0 ? c : (left->index > right->index) - (left->index < right->index);
}

/* Index of the first member that stood before it already. */
static size_t first_repeat(const struct value_reader *reader, const struct str *strs, size_t count)
{
    struct placed *placed = arena_alloc(reader->arena, count * sizeof(*placed));
    for (size_t i = 0; i < count; i++) {
        placed[i] = (struct placed){strs[i], i};
    }
    qsort(placed, count, sizeof(*placed), compare_placed);
    size_t first = count;
    for (size_t i = 1; i < count; i++) {
        if (str_eq(placed[i - 1].str, placed[i].str) && placed[i].index < first) {
            first = placed[i].index;
        }
    }
    ensure(first < count);
    return first;
}

/* In the order of the newer layer: a sorted set read up to the first repeat, then the rest as sent. */
static const struct str *newer_order(const struct value_reader *reader, const struct str *strs, size_t count)
{
    struct str *ordered = arena_alloc(reader->arena, count * sizeof(*ordered));
    memcpy(ordered, strs, count * sizeof(*ordered));
    value_sort_strs(ordered, first_repeat(reader, strs, count));
    return ordered;
}

static struct str copy_buf(const struct value_reader *reader, struct buf *buf)
{
    struct str text = arena_copy(reader->arena, str_of(buf->p, buf->n));
    buf_release(buf);
    return text;
}

/* What stands in quotes: a quote inside is escaped (the oracle's form; the newer layer's own is not known). */
static void add_escaped(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"' || text.p[i] == '\\') {
            buf_add_literal(out, "\\");
        }
        buf_add_str(out, str_of(text.p + i, 1));
    }
}

bool value_refuse_duplicates(const struct value_reader *reader, enum value_type type, const struct str *strs,
                             size_t count)
{
    bool newer = reader->dialect == VALUE_NEWER;
    if (type == VALUE_NS) {
        return err_set(reader->err, family(reader), "%s",
                       newer ? INVALID_PARAMETERS "Input collection contains duplicates." : "Input collection contains duplicates");
    }
    const struct str *ordered = newer ? newer_order(reader, strs, count) : strs;
    struct buf text;
    buf_init(&text, SIZE_MAX / 8);
    buf_add_literal(&text, INVALID_PARAMETERS "Input collection [");
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            buf_add_str(&text, newer && type == VALUE_BS ? STR(",") : STR(", "));
        }
        buf_add_str(&text, newer ? STR("\"") : STR(""));
        if (type == VALUE_BS) {
            base64_write(&text, ordered[i]);
        } else if (newer) {
            add_escaped(&text, ordered[i]);
        } else {
            buf_add_str(&text, ordered[i]);
        }
        buf_add_str(&text, newer ? STR("\"") : STR(""));
    }
    buf_add_str(&text, type == VALUE_BS ? STR("]of type BS contains duplicates.") : STR("] contains duplicates."));
    return err_set_text(reader->err, family(reader), copy_buf(reader, &text));
}
