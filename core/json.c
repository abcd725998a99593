/* SPDX-License-Identifier: Apache-2.0 */
/* json.c — JSON through yyjson, the only file that knows it. Texts are parsed in place in an arena copy, and the tree's array
 * is an arena allocation too, so nothing is ever freed one by one. Numbers stay raw text: AWS tells integers from decimals
 * at any size, and almost no request holds a JSON number. */
#include "core/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <yyjson.h>

static yyjson_val *val_of(const struct json *json)
{
    ensure(json != NULL);
    return (yyjson_val *)(void *)json;
}

static const struct json *json_of(yyjson_val *val)
{
    return (const struct json *)(const void *)val;
}

static void *alc_malloc(void *arena, size_t n)
{
    return arena_alloc(arena, n);
}

static void *alc_realloc(void *arena, void *p, size_t old_n, size_t n)
{
    return arena_grow(arena, p, old_n, n);
}

static void alc_free(void *arena, void *p)
{
    (void)arena;
    (void)p;
}

/* `copy` has YYJSON_PADDING_SIZE bytes of room behind the text. */
static yyjson_doc *parse_in_place(char *copy, size_t n, struct arena *arena)
{
    memset(copy + n, 0, YYJSON_PADDING_SIZE);
    const yyjson_alc alc = {alc_malloc, alc_realloc, alc_free, arena};
    return yyjson_read_opts(copy, n, YYJSON_READ_INSITU | YYJSON_READ_NUMBER_AS_RAW, &alc, NULL);
}

static yyjson_doc *parse(struct str text, struct arena *arena)
{
    char *copy = arena_alloc(arena, text.n + YYJSON_PADDING_SIZE);
    if (text.n > 0) {
        memcpy(copy, text.p, text.n);
    }
    return parse_in_place(copy, text.n, arena);
}

/* The tree is one array in text order; each container knows where its last descendant ends. */
static bool too_deep(yyjson_val *root, size_t count)
{
    const yyjson_val *ends[JSON_DEPTH_MAX];
    size_t depth = 0;
    for (yyjson_val *val = root; val < root + count; val++) {
        while (depth > 0 && val >= ends[depth - 1]) {
            depth--;
        }
        if (unsafe_yyjson_is_ctn(val)) {
            if (depth == JSON_DEPTH_MAX) {
                return true;
            }
            ends[depth++] = unsafe_yyjson_get_next(val);
        }
    }
    return false;
}

bool json_parse(struct str text, struct arena *arena, const struct json **out)
{
    yyjson_doc *doc = parse(text, arena);
    if (doc == NULL) {
        return false;
    }
    size_t count = yyjson_doc_get_val_count(doc);
    if (count > JSON_DEPTH_MAX && too_deep(doc->root, count)) {
        return false;
    }
    *out = json_of(doc->root);
    return true;
}

bool json_parse_stored(struct str text, struct arena *arena, const struct json **out)
{
    yyjson_doc *doc = parse(text, arena);
    if (doc == NULL) {
        return false;
    }
    *out = json_of(doc->root);
    return true;
}

bool json_parse_members(const struct str *members, size_t count, struct arena *arena, const struct json **out)
{
    size_t n = 2;
    for (size_t i = 0; i < count; i++) {
        n += members[i].n + 1;
    }
    char *copy = arena_alloc(arena, n + YYJSON_PADDING_SIZE);
    char *at = copy;
    *at++ = '{';
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            *at++ = ',';
        }
        memcpy(at, members[i].p, members[i].n);
        at += members[i].n;
    }
    *at++ = '}';
    yyjson_doc *doc = parse_in_place(copy, (size_t)(at - copy), arena);
    if (doc == NULL) {
        return false;
    }
    *out = json_of(doc->root);
    return true;
}

static struct str text_of(const struct json *json)
{
    yyjson_val *val = val_of(json);
    return str_of(val->uni.str, unsafe_yyjson_get_len(val));
}

static bool is_decimal(struct str number)
{
    return memchr(number.p, '.', number.n) != NULL || memchr(number.p, 'e', number.n) != NULL ||
           memchr(number.p, 'E', number.n) != NULL;
}

enum json_type json_type(const struct json *json)
{
    enum { LITERAL_NUMBER = JSON_OBJECT + 1 };
    static const unsigned char types[YYJSON_TAG_MASK + 1] = {
        [YYJSON_TYPE_OBJ] = JSON_OBJECT,
        [YYJSON_TYPE_ARR] = JSON_ARRAY,
        [YYJSON_TYPE_STR] = JSON_STRING,
        [YYJSON_TYPE_STR | YYJSON_SUBTYPE_NOESC] = JSON_STRING,
        [YYJSON_TYPE_BOOL | YYJSON_SUBTYPE_TRUE] = JSON_TRUE,
        [YYJSON_TYPE_BOOL | YYJSON_SUBTYPE_FALSE] = JSON_FALSE,
        [YYJSON_TYPE_NULL] = JSON_NULL,
        [YYJSON_TYPE_RAW] = LITERAL_NUMBER,
    };
    unsigned type = types[unsafe_yyjson_get_tag(val_of(json))];
    if (type == LITERAL_NUMBER) {
        return is_decimal(text_of(json)) ? JSON_DECIMAL : JSON_INTEGER;
    }
    return (enum json_type)type;
}

struct str json_str(const struct json *json)
{
    ensure(unsafe_yyjson_is_str(val_of(json)));
    return text_of(json);
}

static int64_t saturate(double d)
{
    if (d >= 0x1p63) {
        return INT64_MAX;
    }
    return d < -0x1p63 ? INT64_MIN : (int64_t)d;
}

int64_t json_int64(const struct json *json)
{
    ensure(unsafe_yyjson_is_raw(val_of(json)));
    struct str text = text_of(json);
    if (memchr(text.p, 'e', text.n) != NULL || memchr(text.p, 'E', text.n) != NULL) {
        return saturate(json_double(json));
    }
    bool negative = text.p[0] == '-';
    int64_t n = 0;
    for (size_t i = negative; i < text.n && text.p[i] != '.'; i++) {
        int digit = text.p[i] - '0';
        if (__builtin_mul_overflow(n, (int64_t)10, &n) ||
            __builtin_add_overflow(n, (int64_t)(negative ? -digit : digit), &n)) {
            return negative ? INT64_MIN : INT64_MAX;
        }
    }
    return n;
}

double json_double(const struct json *json)
{
    ensure(unsafe_yyjson_is_raw(val_of(json)));
    /* Ends where the number does: behind it stands another token or the padding of the copy. */
    return strtod(text_of(json).p, NULL);
}

static bool equals_ignoring_case(struct str s, const char *lower)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] | 0x20) : s.p[i];
        if (lower[i] == '\0' || c != lower[i]) {
            return false;
        }
    }
    return lower[s.n] == '\0';
}

bool json_lenient_boolean(const struct json *json, bool *out)
{
    static const char *const names[2][5] = {{"false", "f", "no", "n", "0"}, {"true", "t", "yes", "y", "1"}};
    enum json_type type = json_type(json);
    if (type == JSON_TRUE || type == JSON_FALSE) {
        *out = type == JSON_TRUE;
        return true;
    }
    if (type != JSON_STRING) {
        return false;
    }
    for (int truth = 0; truth < 2; truth++) {
        for (int i = 0; i < 5; i++) {
            if (equals_ignoring_case(json_str(json), names[truth][i])) {
                *out = truth == 1;
                return true;
            }
        }
    }
    return false;
}

size_t json_count(const struct json *json)
{
    ensure(unsafe_yyjson_is_ctn(val_of(json)));
    return unsafe_yyjson_get_len(val_of(json));
}

const struct json *json_get(const struct json *object, struct str name)
{
    ensure(unsafe_yyjson_is_obj(val_of(object)));
    const struct json *found = NULL;
    struct json_iter iter = json_iter(object);
    struct str member_name;
    const struct json *member = NULL;
    while (json_next(&iter, &member_name, &member)) {
        if (str_eq(member_name, name)) {
            found = member;
        }
    }
    return found;
}

bool json_lone_string(const struct json *json, struct str *name, struct str *text)
{
    yyjson_val *val = val_of(json);
    if (val->tag != (UINT64_C(1) << YYJSON_TAG_BIT | YYJSON_TYPE_OBJ) || !unsafe_yyjson_is_str(val + 2)) {
        return false;
    }
    *name = str_of(val[1].uni.str, unsafe_yyjson_get_len(val + 1));
    *text = str_of(val[2].uni.str, unsafe_yyjson_get_len(val + 2));
    return true;
}

const struct json *json_at(const struct json *array, size_t index)
{
    ensure(unsafe_yyjson_is_arr(val_of(array)));
    return json_of(yyjson_arr_get(val_of(array), index));
}

struct json_iter json_iter(const struct json *container)
{
    yyjson_val *val = val_of(container);
    ensure(unsafe_yyjson_is_ctn(val));
    return (struct json_iter){
        json_of(unsafe_yyjson_get_first(val)), unsafe_yyjson_get_len(val), unsafe_yyjson_is_obj(val)};
}

bool json_next(struct json_iter *iter, struct str *name, const struct json **out)
{
    if (iter->left == 0) {
        return false;
    }
    iter->left--;
    yyjson_val *val = (yyjson_val *)(void *)iter->at;
    if (iter->is_object) {
        if (name != NULL) {
            *name = str_of(val->uni.str, unsafe_yyjson_get_len(val));
        }
        val++;
    } else if (name != NULL) {
        *name = (struct str){NULL, 0};
    }
    *out = json_of(val);
    iter->at = json_of(unsafe_yyjson_get_next(val));
    return true;
}

/* Bytes that a JSON string cannot hold as they are. */
static bool needs_escape(unsigned char c)
{
    return c < 0x20 || c == '"' || c == '\\';
}

#define LANES 16

typedef unsigned char lanes __attribute__((vector_size(LANES))); /* the compiler's portable vectors */

/* Copies sixteen bytes; whether any of them needs an escape. */
static inline bool copy_lanes(char *to, const char *p)
{
    lanes bytes;
    memcpy(&bytes, p, LANES);
    memcpy(to, &bytes, LANES);
    lanes hits = (lanes)(bytes < 0x20) | (lanes)(bytes == '"') | (lanes)(bytes == '\\');
    uint64_t halves[2];
    memcpy(halves, &hits, LANES);
    return (halves[0] | halves[1]) != 0;
}

/* The classic zero-byte tests, exact as a whole. */
static inline bool word_needs_escape(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t quote = word ^ ones * '"';
    uint64_t backslash = word ^ ones * '\\';
    uint64_t hits = ((word - ones * 0x20) & ~word) | ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash);
    return (hits & ones * 0x80) != 0;
}

/* The same for fewer than sixteen bytes: two overlapping words of them. */
static inline bool copy_few(char *to, const char *p, size_t n)
{
    if (n >= 8) {
        uint64_t words[2];
        memcpy(&words[0], p, 8);
        memcpy(&words[1], p + n - 8, 8);
        memcpy(to, &words[0], 8);
        memcpy(to + n - 8, &words[1], 8);
        return word_needs_escape(words[0]) || word_needs_escape(words[1]);
    }
    if (n >= 4) {
        uint32_t halves[2];
        memcpy(&halves[0], p, 4);
        memcpy(&halves[1], p + n - 4, 4);
        memcpy(to, &halves[0], 4);
        memcpy(to + n - 4, &halves[1], 4);
        return word_needs_escape((uint64_t)halves[0] << 32 | halves[1]);
    }
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        to[i] = p[i];
        any |= needs_escape((unsigned char)p[i]);
    }
    return any;
}

/* Copies all of it, or as much as is found out at once not to need an escape; returns how much that is. */
static size_t copy_plain(char *to, const char *p, size_t n)
{
    if (n < LANES) {
        return copy_few(to, p, n) ? 0 : n;
    }
    size_t i = 0;
    while (n - i >= LANES) {
        if (copy_lanes(to + i, p + i)) {
            return i;
        }
        i += LANES;
    }
    return n > i && copy_lanes(to + n - LANES, p + n - LANES) ? i : n;
}

static void write_escape(struct buf *out, unsigned char c)
{
    static const char short_names[] = "\bb\ff\nn\rr\tt\"\"\\\\";
    for (size_t i = 0; i + 1 < sizeof(short_names); i += 2) {
        if ((unsigned char)short_names[i] == c) {
            char escape[2] = {'\\', short_names[i + 1]};
            buf_add(out, escape, 2);
            return;
        }
    }
    buf_printf(out, "\\u%04x", c);
}

/* From the first byte on that may need an escape. */
static void write_escaped(struct buf *out, struct str s)
{
    size_t start = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (needs_escape((unsigned char)s.p[i])) {
            buf_add(out, s.p + start, i - start);
            write_escape(out, (unsigned char)s.p[i]);
            start = i + 1;
        }
    }
    buf_add(out, s.p + start, s.n - start);
}

void json_write_string(struct buf *out, struct str s)
{
    char *at = buf_reserve(out, s.n + 2);
    size_t plain = copy_plain(at + 1, s.p, s.n);
    at[0] = '"';
    out->n += plain + 1;
    if (plain == s.n) {
        at[plain + 1] = '"';
        out->n++;
        return;
    }
    write_escaped(out, str_of(s.p + plain, s.n - plain));
    buf_add_byte(out, '"');
}

static void write_container(struct buf *out, const struct json *json, bool is_object)
{
    buf_add_byte(out, is_object ? '{' : '[');
    struct json_iter iter = json_iter(json);
    struct str name;
    const struct json *member = NULL;
    for (bool first = true; json_next(&iter, &name, &member); first = false) {
        if (!first) {
            buf_add_byte(out, ',');
        }
        if (is_object) {
            json_write_string(out, name);
            buf_add_byte(out, ':');
        }
        json_write(out, member);
    }
    buf_add_byte(out, is_object ? '}' : ']');
}

void json_write(struct buf *out, const struct json *json)
{
    switch (json_type(json)) {
    case JSON_NULL:
        buf_add_literal(out, "null");
        break;
    case JSON_TRUE:
        buf_add_literal(out, "true");
        break;
    case JSON_FALSE:
        buf_add_literal(out, "false");
        break;
    case JSON_INTEGER:
    case JSON_DECIMAL:
        buf_add_str(out, text_of(json));
        break;
    case JSON_STRING:
        json_write_string(out, json_str(json));
        break;
    case JSON_ARRAY:
    case JSON_OBJECT:
        write_container(out, json, json_type(json) == JSON_OBJECT);
        break;
    }
}

void json_write_double(struct buf *out, double d)
{
    ensure(isfinite(d));
    double twice = d * 2;
    if (fabs(d) < 1e15 && twice == (double)(int64_t)twice) {
        int64_t whole = (int64_t)d;
        if (d < 0 && whole == 0) {
            buf_add_byte(out, '-');
        }
        buf_add_i64(out, whole);
        buf_add_str(out, (int64_t)twice % 2 == 0 ? STR(".0") : STR(".5"));
        return;
    }
    char text[40];
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(text, sizeof(text), "%.*g", precision, d);
        if (strtod(text, NULL) == d) {
            break;
        }
    }
    struct str s = str_from(text);
    struct str mantissa = str_of(s.p, strcspn(s.p, "e"));
    buf_add_str(out, mantissa);
    if (memchr(mantissa.p, '.', mantissa.n) == NULL) {
        buf_add_literal(out, ".0");
    }
    buf_add(out, s.p + mantissa.n, s.n - mantissa.n);
}

void json_write_time_ms(struct buf *out, int64_t ms)
{
    uint64_t magnitude = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms;
    buf_printf(out, "%s%llu.%03u", ms < 0 ? "-" : "", (unsigned long long)(magnitude / 1000),
               (unsigned)(magnitude % 1000));
}

const char *json_library_version(void)
{
    return YYJSON_VERSION_STRING;
}
