/* SPDX-License-Identifier: Apache-2.0 */
/* Constraints of Query and Scan. In 2026 both are checked by AWS's newer layer, but some requests still go to the older one, which joins other
 * members and words them differently (2026 D.1, D.3). Each operation's table of fields lists the older layer's tests in stage 0, where
 * they look at nothing unless the request is one of those, and the newer one's in stages 1 and 2. */
#include "server/api/items/legacy.h"
#include "server/api/reads/read.h"

#include <inttypes.h>

static const struct field value_element[] = {ELEMENT(FIELD_TYPE_VALUE), FIELD_END};
static const struct field condition_fields[] = {
    FIELD_LIST(condition_in, attribute_value_list, "AttributeValueList", value_element),
    FIELD_STRING(condition_in, comparison_operator, "ComparisonOperator"),
    FIELD_END,
};
const struct field read_condition_element[] = {ELEMENT_STRUCT(condition_fields, condition_in, .java = "Condition"),
                                               FIELD_END};

static bool lacks_operator(const struct map *conditions)
{
    const struct condition_in *items = conditions->items;
    for (size_t i = 0; i < conditions->count; i++) {
        if (!items[i].comparison_operator.p) {
            return true;
        }
    }
    return false;
}

bool read_is_older(const struct read_in *in)
{
    return !in->table_name.p || in->limit.is_coerced || in->segment.is_coerced || in->total_segments.is_coerced ||
           lacks_operator(&in->scan_filter);
}

static const void *member(const struct field *field, const void *in)
{
    return (const char *)in + field->offset;
}

/* Is s one of "[A, B]"? */
static bool set_has(const char *set, struct str s)
{
    for (const char *p = set + 1; *p != '\0'; p += p[0] == ',' ? 2 : 1) {
        size_t n = strcspn(p, ",]");
        if (str_eq(s, str_of(p, n))) {
            return true;
        }
        p += n;
    }
    return false;
}

void older_enum(struct shape_report *report, const struct field *field, const void *in)
{
    const struct str *s = member(field, in);
    if (read_is_older(in) && s->p && !set_has(field->one_of, *s)) {
        shape_report_constraint(report, field, in, MUST_BE_ONE_OF "%s", field->one_of);
    }
}

static void check_number(struct shape_report *report, const struct field *field, const void *in)
{
    const struct opt_int *number = member(field, in);
    if (!number->is_present) {
        return;
    }
    if (number->n < field->min) {
        shape_report_constraint(report, field, in, "Member must have value greater than or equal to %" PRId64,
                                field->min);
    } else if (field->max > 0 && number->n > field->max) {
        shape_report_constraint(report, field, in, "Member must have value less than or equal to %" PRId64, field->max);
    }
}

void older_number(struct shape_report *report, const struct field *field, const void *in)
{
    if (read_is_older(in)) {
        check_number(report, field, in);
    }
}

void newer_number(struct shape_report *report, const struct field *field, const void *in)
{
    if (!read_is_older(in)) {
        check_number(report, field, in);
    }
}

void older_table_name(struct shape_report *report, const struct field *field, const void *in)
{
    const struct str *name = member(field, in);
    if (!read_is_older(in)) {
        return;
    }
    if (name->p && name->n == 0) {
        shape_report_constraint(report, field, in, "Member must have length greater than or equal to 1");
    } else {
        table_name_newer(report, field, in);
    }
}

void newer_table_name_empty(struct shape_report *report, const struct field *field, const void *in)
{
    if (!read_is_older(in)) {
        table_name_empty_newer(report, field, in);
    }
}

static void check_operators(struct shape_report *report, const struct field *field, const void *in)
{
    const struct map *conditions = member(field, in);
    const struct condition_in *items = conditions->items;
    struct str path = shape_report_path(report);
    for (size_t i = 0; i < conditions->count; i++) {
        if (!items[i].comparison_operator.p) {
            shape_report_add(report,
                             "Value null at '%.*s.%.*s.member.comparisonOperator' failed to satisfy constraint: "
                             "Member must not be null",
                             STR_ARG(path), STR_ARG(conditions->names[i]));
        }
    }
}

void older_operators(struct shape_report *report, const struct field *field, const void *in)
{
    if (read_is_older(in)) {
        check_operators(report, field, in);
    }
}

void newer_operators(struct shape_report *report, const struct field *field, const void *in)
{
    if (!read_is_older(in)) {
        check_operators(report, field, in);
    }
}
