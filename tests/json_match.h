/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_JSON_MATCH_H
#define TESTS_JSON_MATCH_H

#include "core/arena.h"
#include "core/json.h"

#include <regex.h>
#include <stdio.h>

/* Does an answer look as expected? Placeholders: see the head of tests/server/api/api_test.c. */

static inline bool matches_regex(const char *pattern, struct str text, struct arena *scratch)
{
    regex_t regex;
    if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0) {
        fprintf(stderr, "bad regular expression: %s\n", pattern);
        return false;
    }
    struct str copy = arena_printf(scratch, "%.*s%c", STR_ARG(text), 0);
    bool matches = regexec(&regex, copy.p, 0, NULL, 0) == 0;
    regfree(&regex);
    return matches;
}

static inline bool is_number(const struct json *json)
{
    return json_type(json) == JSON_INTEGER || json_type(json) == JSON_DECIMAL;
}

static inline bool json_matches(const struct json *want, const struct json *got, struct arena *scratch);

/* A string of the expectation: a placeholder or itself. */
static inline bool string_matches(struct str want, const struct json *got, struct arena *scratch)
{
    if (str_eq(want, STR("*"))) {
        return true;
    }
    if (str_eq(want, STR("~number")) || str_eq(want, STR("~time"))) {
        return is_number(got);
    }
    if (json_type(got) != JSON_STRING) {
        return false;
    }
    struct str s = json_str(got);
    if (str_eq(want, STR("~string"))) {
        return true;
    }
    if (str_eq(want, STR("~uuid"))) {
        return matches_regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", s, scratch);
    }
    if (want.n > 3 && str_starts_with(want, STR("~/")) && want.p[want.n - 1] == '/') {
        struct str pattern = arena_printf(scratch, "%.*s%c", (int)(want.n - 3), want.p + 2, 0);
        return matches_regex(pattern.p, s, scratch);
    }
    return str_eq(want, s);
}

static inline bool object_matches(const struct json *want, const struct json *got, struct arena *scratch)
{
    if (json_type(got) != JSON_OBJECT) {
        return false;
    }
    size_t wanted = 0;
    bool is_open = false;
    struct json_iter iter = json_iter(want);
    struct str name;
    const struct json *value;
    while (json_next(&iter, &name, &value)) {
        if (str_eq(name, STR("..."))) {
            is_open = true;
            continue;
        }
        wanted++;
        const struct json *other = json_get(got, name);
        if (other == NULL || !json_matches(value, other, scratch)) {
            return false;
        }
    }
    return is_open || wanted == json_count(got);
}

static inline bool unordered_matches(const struct json *want, const struct json *got, struct arena *scratch)
{
    size_t count = json_count(want) - 1;
    if (count != json_count(got)) {
        return false;
    }
    bool *taken = arena_array(scratch, bool, count + 1);
    for (size_t i = 0; i < count; i++) {
        size_t j = 0;
        while (j < count && (taken[j] || !json_matches(json_at(want, i + 1), json_at(got, j), scratch))) {
            j++;
        }
        if (j == count) {
            return false;
        }
        taken[j] = true;
    }
    return true;
}

static inline bool array_matches(const struct json *want, const struct json *got, struct arena *scratch)
{
    if (json_type(got) != JSON_ARRAY) {
        return false;
    }
    const struct json *first = json_at(want, 0);
    if (first != NULL && json_type(first) == JSON_STRING && str_eq(json_str(first), STR("~unordered"))) {
        return unordered_matches(want, got, scratch);
    }
    if (json_count(want) != json_count(got)) {
        return false;
    }
    struct json_iter left = json_iter(want);
    struct json_iter right = json_iter(got);
    const struct json *a;
    const struct json *b;
    while (json_next(&left, NULL, &a) && json_next(&right, NULL, &b)) {
        if (!json_matches(a, b, scratch)) {
            return false;
        }
    }
    return true;
}

static inline bool json_matches(const struct json *want, const struct json *got, struct arena *scratch)
{
    switch (json_type(want)) {
    case JSON_OBJECT:
        return object_matches(want, got, scratch);
    case JSON_ARRAY:
        return array_matches(want, got, scratch);
    case JSON_STRING:
        return string_matches(json_str(want), got, scratch);
    case JSON_INTEGER:
    case JSON_DECIMAL: {
        double difference = is_number(got) ? json_double(want) - json_double(got) : 1;
        return difference > -1e-9 && difference < 1e-9;
    }
    case JSON_NULL:
    case JSON_TRUE:
    case JSON_FALSE:
        break;
    }
    return json_type(want) == json_type(got);
}

#endif
