/* SPDX-License-Identifier: Apache-2.0 */
/* value_read.c — the second step from JSON to AttributeValues: content. Values are made in one walk that stops at the first
 * problem; only then, off the hot path, are the texts looked at again to find the problem that AWS would name first. */
#include "core/value_read.h"

#include "core/base64.h"
#include "core/limits.h"

#define SEVERAL_LEVELS 63 /* from here on AWS answers in the older words */

static bool read_value(const struct value_reader *reader, const struct json *json, int level, struct value *out);

static enum number_status parse_number(const struct value_reader *reader, struct str text, struct number *out)
{
    return reader->dialect == VALUE_NEWER ? number_parse(text, out) : number_parse_older(text, out);
}

static bool read_number(const struct value_reader *reader, struct str text, struct value *out)
{
    struct number *number = arena_alloc(reader->arena, sizeof(*number));
    enum number_status status = parse_number(reader, text, number);
    out->number = number;
    return status == NUMBER_OK || value_refuse_number(reader, status, text);
}

static struct str decode(const struct value_reader *reader, const struct json *json)
{
    struct str bytes;
    ensure(base64_decode(json_str(json), reader->arena, &bytes, NULL) == BASE64_OK); /* value_check saw it */
    return bytes;
}

static bool read_strs(const struct value_reader *reader, const struct json *json, struct value *out)
{
    size_t count = json_count(json);
    if (count == 0) {
        return value_refuse_empty_set(reader, out->type);
    }
    struct str *strs = arena_alloc(reader->arena, count * sizeof(*strs));
    struct json_iter iter = json_iter(json);
    const struct json *element = NULL;
    for (size_t i = 0; json_next(&iter, NULL, &element); i++) {
        if (json_type(element) == JSON_NULL) {
            return value_refuse_empty(reader);
        }
        strs[i] = out->type == VALUE_SS ? json_str(element) : decode(reader, element);
    }
    struct arena_mark mark = arena_mark(reader->arena);
    struct str *sent = arena_alloc(reader->arena, count * sizeof(*sent));
    memcpy(sent, strs, count * sizeof(*sent));
    out->strs = strs;
    out->count = value_sort_strs(strs, count);
    if (out->count < count) {
        return value_refuse_duplicates(reader, out->type, sent, count);
    }
    arena_rollback(reader->arena, mark);
    return true;
}

static bool read_numbers(const struct value_reader *reader, const struct json *json, struct value *out)
{
    size_t count = json_count(json);
    if (count == 0) {
        return value_refuse_empty_set(reader, out->type);
    }
    struct number *numbers = arena_alloc(reader->arena, count * sizeof(*numbers));
    struct json_iter iter = json_iter(json);
    const struct json *element = NULL;
    for (size_t i = 0; json_next(&iter, NULL, &element); i++) {
        if (json_type(element) == JSON_NULL) {
            return value_refuse_empty(reader);
        }
        enum number_status status = parse_number(reader, json_str(element), &numbers[i]);
        if (status != NUMBER_OK) {
            return value_refuse_number(reader, status, json_str(element));
        }
    }
    out->numbers = numbers;
    out->count = value_sort_numbers(numbers, count);
    return out->count == count || value_refuse_duplicates(reader, out->type, NULL, count);
}

static bool read_elements(const struct value_reader *reader, const struct json *json, int level, struct value *out)
{
    out->count = json_count(json);
    struct value *elements = arena_alloc(reader->arena, out->count * sizeof(*elements));
    out->elements = elements;
    struct json_iter iter = json_iter(json);
    const struct json *element = NULL;
    for (size_t i = 0; json_next(&iter, NULL, &element); i++) {
        if (!read_value(reader, element, level + 1, &elements[i])) {
            return false;
        }
    }
    return true;
}

/* Of members with one name, which lie side by side in the order of the text, the last stays. */
static size_t drop_repeated_names(struct member *members, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (i + 1 < count && str_eq(members[i].name, members[i + 1].name)) {
            continue;
        }
        if (kept < i) {
            members[kept] = members[i];
        }
        kept++;
    }
    return kept;
}

static bool read_members(const struct value_reader *reader, const struct json *json, int level, struct value *out)
{
    struct member *members = arena_alloc(reader->arena, json_count(json) * sizeof(*members));
    size_t count = 0;
    struct json_iter iter = json_iter(json);
    for (const struct json *member = NULL; json_next(&iter, &members[count].name, &member);) {
        if (members[count].name.n > LIMIT_NAME_BYTES) {
            return value_refuse_name(reader);
        }
        if (!read_value(reader, member, level + 1, &members[count].value)) {
            return false;
        }
        count++;
    }
    value_sort_members(members, count);
    out->type = VALUE_M;
    out->members = members;
    out->count = drop_repeated_names(members, count);
    return true;
}

static bool read_boolean(const struct value_reader *reader, const struct json *json, struct value *out)
{
    bool truth = false;
    ensure(json_lenient_boolean(json, &truth)); /* value_check saw it */
    if (out->type == VALUE_NULL) {
        return truth || value_refuse_null(reader);
    }
    out->boolean = truth;
    return true;
}

static bool read_member(const struct value_reader *reader, const struct json *json, int level, struct value *out)
{
    switch (out->type) {
    case VALUE_S:
        out->str = json_str(json);
        return true;
    case VALUE_N:
        return read_number(reader, json_str(json), out);
    case VALUE_B:
        out->str = decode(reader, json);
        return true;
    case VALUE_BOOL:
    case VALUE_NULL:
        return read_boolean(reader, json, out);
    case VALUE_SS:
    case VALUE_BS:
        return read_strs(reader, json, out);
    case VALUE_NS:
        return read_numbers(reader, json, out);
    case VALUE_L:
        return read_elements(reader, json, level, out);
    case VALUE_M:
        return read_members(reader, json, level, out);
    }
    ensure(false);
    return false;
}

/* The set members of an AttributeValue by type; returns how many. */
static int find_members(const struct json *json, const struct json *found[VALUE_TYPE_COUNT])
{
    for (int type = 0; type < VALUE_TYPE_COUNT; type++) {
        found[type] = NULL;
    }
    struct json_iter iter = json_iter(json);
    struct str name;
    for (const struct json *member = NULL; json_next(&iter, &name, &member);) {
        enum value_type type = VALUE_S;
        if (value_type_of(name, &type)) {
            found[type] = json_type(member) == JSON_NULL ? NULL : member;
        }
    }
    int count = 0;
    for (int type = 0; type < VALUE_TYPE_COUNT; type++) {
        count += found[type] != NULL;
    }
    return count;
}

/* Several members: each of them may have a worse problem, in AWS's order (2026 D.5). */
static bool refuse_several(const struct value_reader *reader, const struct json *const found[VALUE_TYPE_COUNT])
{
    static const enum value_type sets[] = {VALUE_SS, VALUE_NS, VALUE_BS};
    static const enum value_type order[] = {VALUE_N, VALUE_NS, VALUE_SS, VALUE_BS, VALUE_NULL};
    for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
        if (found[sets[i]] != NULL && json_count(found[sets[i]]) == 0) {
            return value_refuse_empty_set(reader, sets[i]);
        }
    }
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        struct value ignored = {.type = order[i]};
        if (found[order[i]] != NULL && !read_member(reader, found[order[i]], 1, &ignored)) {
            return false;
        }
    }
    return value_refuse_several(reader);
}

static bool read_value(const struct value_reader *reader, const struct json *json, int level, struct value *out)
{
    if (json_type(json) != JSON_OBJECT) {
        return value_refuse_empty(reader); /* a null in a list or a map */
    }
    *out = (struct value){.type = VALUE_NULL};
    if (level > reader->levels) {
        return reader->skips_nesting || value_refuse_nesting(reader, false);
    }
    struct str lone;
    struct str text;
    if (json_lone_string(json, &lone, &text) && lone.n == 1) {
        if (lone.p[0] == 'S') {
            out->type = VALUE_S;
            out->str = text;
            return true;
        }
        if (lone.p[0] == 'N') {
            out->type = VALUE_N;
            return read_number(reader, text, out);
        }
    }
    if (json_count(json) == 1) {
        struct json_iter iter = json_iter(json);
        struct str name;
        const struct json *member = NULL;
        return (json_next(&iter, &name, &member) && value_type_of(name, &out->type) &&
                json_type(member) != JSON_NULL)
                   ? read_member(reader, member, level, out)
                   : value_refuse_empty(reader);
    }
    const struct json *found[VALUE_TYPE_COUNT];
    int count = find_members(json, found);
    if (count == 0) {
        return value_refuse_empty(reader);
    }
    if (count > 1) {
        return refuse_several(reader, found);
    }
    while (found[out->type] == NULL) {
        out->type = (enum value_type)(((int)out->type + 1) % VALUE_TYPE_COUNT);
    }
    return read_member(reader, found[out->type], level, out);
}

/* What decides how a refused text is answered. */
struct survey {
    bool falls_back; /* to the older layer */
    bool null_false;
    int depth;       /* containers above the deepest leaf */
};

static void survey_members(const struct json *json, int depth, struct survey *survey);

static void survey_value(const struct json *json, int depth, struct survey *survey)
{
    survey->depth = depth > survey->depth ? depth : survey->depth;
    if (json_type(json) != JSON_OBJECT) {
        return;
    }
    const struct json *found[VALUE_TYPE_COUNT];
    survey->falls_back |= find_members(json, found) > 1;
    survey->falls_back |= found[VALUE_BOOL] != NULL && json_type(found[VALUE_BOOL]) == JSON_STRING;
    survey->falls_back |= found[VALUE_NULL] != NULL && json_type(found[VALUE_NULL]) == JSON_STRING;
    survey->null_false |= found[VALUE_NULL] != NULL && json_type(found[VALUE_NULL]) == JSON_FALSE;
    if (found[VALUE_L] != NULL) {
        survey_members(found[VALUE_L], depth + 1, survey);
    }
    if (found[VALUE_M] != NULL) {
        survey_members(found[VALUE_M], depth + 1, survey);
    }
}

static void survey_members(const struct json *json, int depth, struct survey *survey)
{
    struct json_iter iter = json_iter(json);
    for (const struct json *member = NULL; json_next(&iter, NULL, &member);) {
        survey_value(member, depth, survey);
    }
}

/* Something is wrong with a value or an item: says what AWS says. */
static bool refuse(const struct json *json, struct value_reader reader, bool is_item)
{
    struct survey survey = {0};
    if (is_item) {
        survey_members(json, 0, &survey);
    } else {
        survey_value(json, 0, &survey);
    }
    bool bare_nesting = survey.depth >= SEVERAL_LEVELS;
    if (survey.falls_back || bare_nesting) {
        reader.dialect = VALUE_OLDER;
    }
    if (!is_item && survey.depth >= reader.levels) {
        return value_refuse_nesting(&reader, bare_nesting);
    }
    if (survey.null_false && reader.dialect == VALUE_NEWER) {
        return value_refuse_null(&reader);
    }
    reader.skips_nesting = true;
    struct value ignored;
    bool other = is_item ? !read_members(&reader, json, 0, &ignored) : !read_value(&reader, json, 1, &ignored);
    return other ? false : value_refuse_nesting(&reader, bare_nesting);
}

bool value_read(const struct json *json, struct arena *arena, enum value_dialect dialect, struct value *out,
                struct err *err)
{
    if (!json) { /* a null among the elements of a decoded list */
        return value_refuse_empty(&(struct value_reader){.err = err});
    }
    struct err first;
    err_init(&first, err->arena);
    bool is_deep = dialect == VALUE_NEWER_DEEP || dialect == VALUE_OLDER_DEEP;
    bool is_newer = dialect == VALUE_NEWER || dialect == VALUE_NEWER_DEEP;
    struct value_reader reader = {.arena = arena,
                                  .err = &first,
                                  .dialect = is_newer ? VALUE_NEWER : VALUE_OLDER,
                                  .levels = LIMIT_NESTING + is_deep};
    if (read_value(&reader, json, 1, out)) {
        return true;
    }
    reader.err = err;
    return refuse(json, reader, false);
}

bool item_read(const struct json *json, struct arena *arena, enum value_dialect dialect, struct value *out,
               struct err *err)
{
    struct err first;
    err_init(&first, err->arena);
    struct value_reader reader = {.arena = arena, .err = &first, .dialect = dialect, .levels = LIMIT_NESTING};
    ensure(json_type(json) == JSON_OBJECT && (dialect == VALUE_NEWER || dialect == VALUE_OLDER));
    if (read_members(&reader, json, 0, out)) {
        return true;
    }
    reader.err = err;
    return refuse(json, reader, true);
}
