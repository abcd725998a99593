/* SPDX-License-Identifier: Apache-2.0 */
/* value_check.c — the first of the two steps that turn JSON into AttributeValues: JSON types only, with the texts of AWS's
 * deserialiser (aws-behaviour.md §1.6). It comes before every other check of a request, so it is a walk of its own. */
#include "core/base64.h"
#include "core/value_json.h"

#define VALUE_CLASS "com.amazonaws.dynamodb.v20120810.AttributeValue"

/* How AWS calls a JSON scalar. */
static const char *scalar_name(const struct json *json)
{
    switch (json_type(json)) {
    case JSON_TRUE:
        return "TRUE_VALUE";
    case JSON_FALSE:
        return "FALSE_VALUE";
    case JSON_INTEGER:
        return "NUMBER_VALUE";
    case JSON_DECIMAL:
        return "DECIMAL_VALUE";
    case JSON_STRING:
        return "STRING_VALUE";
    case JSON_NULL:
    case JSON_ARRAY:
    case JSON_OBJECT:
        break;
    }
    ensure(false);
    return "";
}

static bool refuse_structure(struct err *err)
{
    return err_set(err, ERR_SERIALIZATION, DECODE_STRUCTURE_TEXT);
}

static bool check_string(const struct json *json, struct err *err)
{
    switch (json_type(json)) {
    case JSON_STRING:
    case JSON_NULL:
        return true;
    case JSON_ARRAY:
        return err_set(err, ERR_SERIALIZATION, "Unrecognized collection type class java.lang.String");
    case JSON_OBJECT:
        return refuse_structure(err);
    default:
        return err_set(err, ERR_SERIALIZATION, "%s cannot be converted to String", scalar_name(json));
    }
}

/* The whole character, so that the message stays UTF-8. */
static bool refuse_character(struct str text, char bad, struct err *err)
{
    const char *at = memchr(text.p, bad, text.n);
    unsigned char lead = (unsigned char)bad;
    int length = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    return err_set(err, ERR_SERIALIZATION, "Invalid Base64 character: '%.*s'", length, at);
}

static bool check_base64(struct str text, struct err *err)
{
    char bad = 0;
    switch (base64_check(text, &bad)) {
    case BASE64_OK:
        return true;
    case BASE64_LENGTH:
        return err_set(err, ERR_SERIALIZATION,
                       "Base64 encoded length is expected a multiple of 4 bytes but found: %zu", text.n);
    case BASE64_CHARACTER:
        return refuse_character(text, bad, err);
    case BASE64_TRAILING_BITS:
        return err_set(err, ERR_SERIALIZATION, "Invalid last non-pad Base64 character dectected");
    }
    ensure(false);
    return false;
}

static bool check_blob(const struct json *json, struct err *err)
{
    switch (json_type(json)) {
    case JSON_STRING:
        return check_base64(json_str(json), err);
    case JSON_NULL:
        return true;
    case JSON_ARRAY:
        return err_set(err, ERR_SERIALIZATION, "Unrecognized collection type class java.nio.ByteBuffer");
    case JSON_OBJECT:
        return refuse_structure(err);
    default:
        return err_set(err, ERR_SERIALIZATION, "only base-64-encoded strings are convertible to bytes");
    }
}

static bool check_boolean(const struct json *json, struct err *err)
{
    bool ignored = false;
    switch (json_type(json)) {
    case JSON_TRUE:
    case JSON_FALSE:
    case JSON_NULL:
        return true;
    case JSON_STRING:
        return json_lenient_boolean(json, &ignored) ||
               err_set(err, ERR_SERIALIZATION, DECODE_TOKEN_TEXT);
    case JSON_ARRAY:
        return err_set(err, ERR_BAD_JSON, "%s", "");
    case JSON_OBJECT:
        return refuse_structure(err);
    default:
        return err_set(err, ERR_SERIALIZATION, "%s cannot be converted to Boolean", scalar_name(json));
    }
}

static bool check_element(const struct json *json, struct err *err)
{
    return value_check(json, true, err);
}

static bool check_list(const struct json *json, bool (*check)(const struct json *, struct err *), struct err *err)
{
    if (json_type(json) != JSON_ARRAY) {
        return json_type(json) == JSON_OBJECT ? refuse_structure(err)
                                              : err_set(err, ERR_SERIALIZATION, DECODE_FIELD_TEXT);
    }
    struct json_iter iter = json_iter(json);
    for (const struct json *element = NULL; json_next(&iter, NULL, &element);) {
        if (!check(element, err)) {
            return false;
        }
    }
    return true;
}

static bool check_member(enum value_type type, const struct json *json, struct err *err)
{
    switch (type) {
    case VALUE_S:
    case VALUE_N:
        return check_string(json, err);
    case VALUE_B:
        return check_blob(json, err);
    case VALUE_BOOL:
    case VALUE_NULL:
        return check_boolean(json, err);
    case VALUE_SS:
    case VALUE_NS:
        return check_list(json, check_string, err);
    case VALUE_BS:
        return check_list(json, check_blob, err);
    case VALUE_L:
        return check_list(json, check_element, err);
    case VALUE_M:
        return item_check(json, err);
    }
    ensure(false);
    return false;
}

bool value_check(const struct json *json, bool as_element, struct err *err)
{
    switch (json_type(json)) {
    case JSON_OBJECT:
        break;
    case JSON_NULL:
        return true;
    case JSON_ARRAY:
        return err_set(err, ERR_SERIALIZATION, "Unrecognized collection type class " VALUE_CLASS);
    default:
        return err_set(err, ERR_SERIALIZATION, "%s",
                       as_element ? DECODE_ELEMENT_TEXT : DECODE_FIELD_TEXT);
    }
    struct json_iter iter = json_iter(json);
    struct str name;
    for (const struct json *member = NULL; json_next(&iter, &name, &member);) {
        enum value_type type = VALUE_S;
        if (value_type_of(name, &type) && json_type(member) != JSON_NULL && !check_member(type, member, err)) {
            return false;
        }
    }
    return true;
}

/* {"S":"…"} or {"N":"…"}, as nearly all attributes are: nothing to find. */
static bool is_plain(const struct json *json)
{
    struct str name;
    struct str text;
    return json_lone_string(json, &name, &text) && name.n == 1 && (name.p[0] == 'S' || name.p[0] == 'N');
}

bool item_check(const struct json *json, struct err *err)
{
    switch (json_type(json)) {
    case JSON_OBJECT:
        break;
    case JSON_NULL:
        return true;
    case JSON_ARRAY:
        return err_set(err, ERR_SERIALIZATION, "Unrecognized collection type java.util.Map<java.lang.String, %s>",
                       VALUE_CLASS);
    default:
        return err_set(err, ERR_SERIALIZATION, DECODE_FIELD_TEXT);
    }
    struct json_iter iter = json_iter(json);
    for (const struct json *member = NULL; json_next(&iter, NULL, &member);) {
        if (!is_plain(member) && !value_check(member, true, err)) {
            return false;
        }
    }
    return true;
}

static bool list_check_names(const struct json *json, struct err *err)
{
    struct json_iter iter = json_iter(json);
    for (const struct json *element = NULL; json_next(&iter, NULL, &element);) {
        if (!value_check_names(element, err)) {
            return false;
        }
    }
    return true;
}

bool value_check_names(const struct json *json, struct err *err)
{
    if (json_type(json) != JSON_OBJECT) {
        return true;
    }
    struct json_iter iter = json_iter(json);
    struct str name;
    for (const struct json *member = NULL; json_next(&iter, &name, &member);) {
        if (name.n != 1) {
            continue;
        }
        bool ok = true;
        if (name.p[0] == 'M') {
            ok = item_check_names(member, err);
        } else if (name.p[0] == 'L' && json_type(member) == JSON_ARRAY) {
            ok = list_check_names(member, err);
        }
        if (!ok) {
            return false;
        }
    }
    return true;
}

bool item_check_names(const struct json *json, struct err *err)
{
    if (json_type(json) != JSON_OBJECT) {
        return true;
    }
    struct json_iter iter = json_iter(json);
    struct str name;
    for (const struct json *member = NULL; json_next(&iter, &name, &member);) {
        if (name.n == 0) {
            return err_set(err, ERR_REQUEST, VALUE_EMPTY_NAME_TEXT);
        }
        if (!is_plain(member) && !value_check_names(member, err)) {
            return false;
        }
    }
    return true;
}
