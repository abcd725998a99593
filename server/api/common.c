/* SPDX-License-Identifier: Apache-2.0 */
/* common.c — constraints that many operations share, each text once. */
#include "server/api/common.h"

#include "core/utf8.h"

#define TABLE_NAME_MIN 3
#define TABLE_NAME_MAX 255

bool is_table_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool is_alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_alphanumeric && c != '_' && c != '.' && c != '-') {
            return false;
        }
    }
    return s.n > 0;
}

static struct str name_of(const struct field *field, const void *in)
{
    return *(const struct str *)(const void *)((const char *)in + field->offset);
}

void table_name_empty_newer(struct shape_report *report, const struct field *field, const void *in)
{
    struct str name = name_of(field, in);
    if (name.p != NULL && name.n == 0) {
        shape_report_add(report, "Value at 'TableName' failed to satisfy constraint: "
                                 "Member must have length greater than or equal to 1");
    }
}

/* False, and said, if the name is too short or too long. */
static bool check_name_length(struct shape_report *report, const struct field *field, const void *in)
{
    size_t length = utf8_characters(name_of(field, in));
    if (length < TABLE_NAME_MIN) {
        shape_report_constraint(report, field, in, MUST_HAVE_MIN, TABLE_NAME_MIN);
        return false;
    }
    if (length > TABLE_NAME_MAX) {
        shape_report_constraint(report, field, in, MUST_HAVE_MAX, TABLE_NAME_MAX);
        return false;
    }
    return true;
}

static void check_name_pattern(struct shape_report *report, const struct field *field, const void *in)
{
    if (!is_table_name(name_of(field, in))) {
        shape_report_constraint(report, field, in, MUST_MATCH NAME_PATTERN);
    }
}

void table_name_newer(struct shape_report *report, const struct field *field, const void *in)
{
    struct str name = name_of(field, in);
    if (name.p == NULL) {
        shape_report_add(report, "Value null at 'tableName' failed to satisfy constraint: Member must not be null");
        return;
    }
    if (str_starts_with(name, STR("arn:"))) {
        return; /* table_name_of looks at it */
    }
    if (check_name_length(report, field, in)) {
        check_name_pattern(report, field, in);
    }
}

void table_name_of_action(struct shape_report *report, const struct field *field, const void *in)
{
    struct str name = name_of(field, in);
    if (name.p == NULL || str_starts_with(name, STR("arn:"))) {
        return;
    }
    (void)check_name_length(report, field, in);
    check_name_pattern(report, field, in);
}

enum capacity_mode capacity_mode_of(struct str s)
{
    if (str_eq(s, STR("TOTAL"))) {
        return CAPACITY_TOTAL;
    }
    return str_eq(s, STR("INDEXES")) ? CAPACITY_INDEXES : CAPACITY_NONE;
}
