/* SPDX-License-Identifier: Apache-2.0 */
/* tags.c — what may be a tag, and which resource an ARN names. The texts are AWS's own, misspellings included. */
#include "server/api/schema/tags.h"

#include "core/limits.h"
#include "core/utf8.h"
#include "server/api/schema/key_rules.h"
#include "server/api/state.h"
#include "server/api/tables.h"

#include <strings.h>

#define TAG_KEY_MAX 128
#define TAG_VALUE_MAX 256
#define TOO_MANY_TEXT "Number of Tags exceed the current limit for the provided ResourceArn"

/* ---- ARNs ---- */

void resource_arn_present(struct shape_report *report, const struct field *field, const void *in)
{
    if (((const struct str *)(const void *)((const char *)in + field->offset))->p == NULL) {
        shape_report_add(report, "Invalid TableArn");
    }
}

/* Cuts the text before the next separator off; the rest is empty when there is none. */
static struct str cut(struct str *rest, char separator)
{
    const char *end = rest->n > 0 ? memchr(rest->p, separator, rest->n) : NULL;
    size_t n = end != NULL ? (size_t)(end - rest->p) : rest->n;
    struct str part = str_of(rest->p, n);
    size_t used = end != NULL ? n + 1 : n;
    *rest = str_of(rest->p + used, rest->n - used);
    return part;
}

bool tags_resource_check(struct call *call, struct str arn, struct str *table_name, struct err *err)
{
    if (!str_starts_with(arn, STR("arn:"))) {
        return err_set(err, ERR_VALIDATION, INVALID_PARAMETERS "ARNs must start with 'arn:': %.*s", STR_ARG(arn));
    }
    struct str rest = arn;
    (void)cut(&rest, ':');
    (void)cut(&rest, ':');
    struct str service = cut(&rest, ':');
    struct str region = cut(&rest, ':');
    struct str account = cut(&rest, ':');
    struct str resource = rest;
    struct str kind = cut(&rest, '/');
    struct str name = cut(&rest, '/');
    struct str part = cut(&rest, '/');
    if (!str_eq(service, STR("dynamodb")) || !str_eq(kind, STR("table")) || name.n == 0 ||
        str_eq(part, STR("backup"))) {
        return err_set(err, ERR_VALIDATION, INVALID_PARAMETERS "Provided Arn is not a DynamoDB resource arn: %.*s",
                       STR_ARG(arn));
    }
    bool is_table = kind.n + 1 + name.n == resource.n;
    if (!is_table && !str_eq(part, STR("stream"))) {
        return err_set(err, ERR_VALIDATION,
                       INVALID_PARAMETERS "Invalid resource arn provided, only table or stream is accepted. Provided "
                                        "resource arn: %.*s",
                       STR_ARG(arn));
    }
    if (!str_eq(region, call->region) && !str_eq(region, STR("ddblocal")) && !call->api->options.is_shared) {
        return err_set(err, ERR_VALIDATION, "Invalid TableArn: Invalid ResourceArn provided as input %.*s",
                       STR_ARG(arn));
    }
    if (!account_check(call, account, err)) {
        return false;
    }
    *table_name = is_table ? name : (struct str){0};
    return true;
}

bool tags_table(struct call *call, struct str arn, struct str table_name, const struct table_desc **out,
                struct err *err)
{
    bool has_tables = table_name.p != NULL && call->namespace_id != NAMESPACE_NONE;
    *out = has_tables ? table_find(call->txn, call->namespace_id, table_name) : NULL;
    return *out != NULL || err_set(err, ERR_RESOURCE_NOT_FOUND,
                                   "Requested resource not found: ResourceArn: %.*s not found", STR_ARG(arn));
}

/* ---- Characters ---- */

struct range {
    uint32_t first;
    uint32_t last;
};

/* Beyond ASCII: what is neither a letter nor a digit nor a blank, in broad strokes. */
static const struct range refused[] = {
    {0x80, 0x9F},       {0xA1, 0xA9},       {0xAB, 0xB1},       {0xB4, 0xB4},       {0xB6, 0xB8},
    {0xBB, 0xBB},       {0xBF, 0xBF},       {0xD7, 0xD7},       {0xF7, 0xF7},       {0x200B, 0x2027},
    {0x202A, 0x202E},   {0x2030, 0x205E},   {0x2060, 0x206F},   {0x20A0, 0x20CF},   {0x2190, 0x245F},
    {0x24B6, 0x24E9},   {0x2500, 0x2775},   {0x2794, 0x2BFF},   {0x2E00, 0x2E7F},   {0x3001, 0x3004},
    {0x3008, 0x3020},   {0xE000, 0xF8FF},   {0xFE00, 0xFE6F},   {0xFFE0, 0xFFFF},   {0x1F000, 0x1FAFF},
    {0xE0000, 0x10FFFF},
};

static bool is_tag_point(uint32_t point)
{
    if (point < 0x80) {
        return (point >= '0' && point <= '9') || (point >= 'A' && point <= 'Z') || (point >= 'a' && point <= 'z') ||
               (point != 0 && memchr(" +-=._:/@", (int)point, 9) != NULL);
    }
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        if (point >= refused[i].first && point <= refused[i].last) {
            return false;
        }
    }
    return true;
}

/* Of valid UTF-8. */
static bool has_tag_characters(struct str s)
{
    for (size_t i = 0; i < s.n;) {
        unsigned char lead = (unsigned char)s.p[i];
        size_t n = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        uint32_t point = n == 1 ? lead : lead & (0xFFu >> (n + 1));
        for (size_t k = 1; k < n && i + k < s.n; k++) {
            point = (point << 6) | ((unsigned char)s.p[i + k] & 0x3Fu);
        }
        if (!is_tag_point(point)) {
            return false;
        }
        i += n;
    }
    return true;
}

/* ---- Tags ---- */

static struct str shown(struct str s)
{
    return s.p != NULL ? s : STR("null");
}

static bool key_check(struct str key, struct err *err)
{
    if (key.n == 0 || utf8_characters(key) > TAG_KEY_MAX || !has_tag_characters(key)) {
        return err_set(err, ERR_VALIDATION, "The Tag Key provided is invalid, Key: %.*s", STR_ARG(shown(key)));
    }
    if (key.n >= 4 && strncasecmp(key.p, "aws:", 4) == 0) {
        return err_set(err, ERR_VALIDATION, "Tag Key cannot be prefixed with aws:, Key: %.*s", STR_ARG(key));
    }
    return true;
}

static bool value_check(struct str value, struct err *err)
{
    if (value.p == NULL || utf8_characters(value) > TAG_VALUE_MAX || !has_tag_characters(value)) {
        return err_set(err, ERR_VALIDATION, "The Tag Value provided is invalid, Value: %.*s", STR_ARG(shown(value)));
    }
    return true;
}

bool tags_check(const struct list *tags, struct arena *arena, struct err *err)
{
    const struct tag_in *items = tags->items;
    struct str *keys = arena_array(arena, struct str, tags->count);
    for (size_t i = 0; i < tags->count; i++) {
        if (!key_check(items[i].key, err) || !value_check(items[i].value, err)) {
            return false;
        }
        keys[i] = items[i].key;
    }
    struct name_set set;
    name_set_init(&set, keys, tags->count, arena);
    size_t repeated = name_set_repeated(&set);
    if (repeated != NAME_SET_NONE) {
        return err_set(err, ERR_VALIDATION, "Duplicate Tag Keys provided as input: Duplicate Tag Key found %.*s",
                       STR_ARG(keys[repeated]));
    }
    return tags->count <= LIMIT_TAGS || err_set(err, ERR_VALIDATION, TOO_MANY_TEXT);
}

bool tag_keys_check(const struct list *keys, struct err *err)
{
    const struct str *items = keys->items;
    for (size_t i = 0; i < keys->count; i++) {
        if (!key_check(items[i], err)) {
            return false;
        }
    }
    return keys->count <= LIMIT_TAGS || err_set(err, ERR_VALIDATION, TOO_MANY_TEXT);
}

static struct tag *find(const struct table_settings *settings, struct str key)
{
    for (size_t i = 0; i < settings->tag_count; i++) {
        if (str_eq(settings->tags[i].key, key)) {
            return &settings->tags[i];
        }
    }
    return NULL;
}

bool tags_merge(struct table_settings *settings, const struct list *tags, struct arena *arena, struct err *err)
{
    struct tag *merged = arena_array(arena, struct tag, settings->tag_count + tags->count);
    if (settings->tag_count > 0) {
        memcpy(merged, settings->tags, settings->tag_count * sizeof merged[0]);
    }
    settings->tags = merged;
    const struct tag_in *items = tags->items;
    for (size_t i = 0; i < tags->count; i++) {
        struct tag *same = find(settings, items[i].key);
        if (same != NULL) {
            same->value = items[i].value;
        } else {
            settings->tags[settings->tag_count++] = (struct tag){items[i].key, items[i].value};
        }
    }
    return settings->tag_count <= LIMIT_TAGS || err_set(err, ERR_VALIDATION, TOO_MANY_TEXT);
}

void tags_remove(struct table_settings *settings, const struct list *keys)
{
    const struct str *items = keys->items;
    for (size_t i = 0; i < keys->count; i++) {
        struct tag *tag = find(settings, items[i]);
        if (tag != NULL) {
            size_t after = (size_t)(settings->tags + settings->tag_count - tag) - 1;
            memmove(tag, tag + 1, after * sizeof *tag);
            settings->tag_count--;
        }
    }
}
