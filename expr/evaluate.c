/* SPDX-License-Identifier: Apache-2.0 */
/* evaluate.c — is a condition true of an item? Works on the JSON tree of the stored text and decodes an operand only
 * when its comparison needs more than the text: a Scan's filter runs this for every item of a page. Nothing fails here;
 * what has no value makes `<>` true and everything else false (aws-behaviour.md §5.6). */
#include "expr/condition.h"
#include "expr/path.h"

#include "core/utf8.h"

enum operand_source { OPERAND_MISSING, OPERAND_STORED, OPERAND_VALUE, OPERAND_SIZE };

struct operand {
    enum operand_source source;
    enum value_type type;
    const struct json *stored;  /* STORED: the AttributeValue … */
    const struct json *content; /* … and what its one member holds */
    const struct value *value;  /* VALUE */
    size_t size;                /* SIZE: an N */
};

/* ---- Operands ---- */

static struct operand operand_of(const struct node *node, const struct json *item);

static bool size_of_stored(const struct operand *operand, size_t *out)
{
    switch (operand->type) {
    case VALUE_S:
        *out = utf8_utf16_units(json_str(operand->content));
        return true;
    case VALUE_B: { /* canonical base64 */
        struct str text = json_str(operand->content);
        size_t padding = text.n == 0 ? 0 : (size_t)(text.p[text.n - 1] == '=') + (size_t)(text.p[text.n - 2] == '=');
        *out = text.n / 4 * 3 - padding;
        return true;
    }
    case VALUE_SS:
    case VALUE_NS:
    case VALUE_BS:
    case VALUE_L:
    case VALUE_M:
        *out = json_count(operand->content);
        return true;
    case VALUE_N:
    case VALUE_BOOL:
    case VALUE_NULL:
        break;
    }
    return false;
}

static bool size_of_value(const struct value *value, size_t *out)
{
    switch (value->type) {
    case VALUE_S:
        *out = utf8_utf16_units(value->str);
        return true;
    case VALUE_B:
        *out = value->str.n;
        return true;
    case VALUE_SS:
    case VALUE_NS:
    case VALUE_BS:
    case VALUE_L:
    case VALUE_M:
        *out = value->count;
        return true;
    case VALUE_N:
    case VALUE_BOOL:
    case VALUE_NULL:
        break;
    }
    return false;
}

static struct operand operand_of_size(const struct node *call, const struct json *item)
{
    struct operand inner = operand_of(call->children[0], item);
    struct operand out = {.source = OPERAND_SIZE, .type = VALUE_N};
    bool has_size = (inner.source == OPERAND_STORED && size_of_stored(&inner, &out.size)) ||
                    (inner.source == OPERAND_VALUE && size_of_value(inner.value, &out.size));
    return has_size ? out : (struct operand){.source = OPERAND_MISSING};
}

static struct operand operand_of(const struct node *node, const struct json *item)
{
    struct operand out = {.source = OPERAND_MISSING};
    if (node->kind == NODE_VALUE) {
        ensure(node->value != NULL);
        out = (struct operand){.source = OPERAND_VALUE, .type = node->value->type, .value = node->value};
    } else if (node->kind == NODE_CALL) {
        ensure(node->function == FUNCTION_size);
        out = operand_of_size(node, item);
    } else {
        ensure(node->kind == NODE_PATH);
        out.stored = path_find_stored(&node->path, item);
        if (out.stored != NULL) {
            out.source = OPERAND_STORED;
            out.type = stored_type(out.stored, &out.content);
        }
    }
    return out;
}

/* Of an S, without decoding. */
static struct str text_of(const struct operand *operand)
{
    return operand->source == OPERAND_STORED ? json_str(operand->content) : operand->value->str;
}

static struct str size_text(size_t size, char digits[24])
{
    size_t at = 24;
    do {
        digits[--at] = (char)('0' + size % 10);
        size /= 10;
    } while (size > 0);
    return str_of(digits + at, 24 - at);
}

/* Of an N. */
static struct number number_of(const struct operand *operand)
{
    if (operand->source == OPERAND_VALUE) {
        return *operand->value->number;
    }
    char digits[24];
    struct str text = operand->source == OPERAND_STORED ? json_str(operand->content) : size_text(operand->size, digits);
    struct number number;
    enum number_status status = number_parse(text, &number);
    ensure(status == NUMBER_OK);
    return number;
}

static const struct value *decode(const struct operand *operand, struct arena *scratch)
{
    if (operand->source == OPERAND_VALUE) {
        return operand->value;
    }
    struct value *value = arena_new(scratch, struct value);
    if (operand->source == OPERAND_STORED) {
        value_from_stored(operand->stored, scratch, value);
        return value;
    }
    struct number *number = arena_new(scratch, struct number);
    *number = number_of(operand);
    *value = (struct value){.type = VALUE_N, .number = number};
    return value;
}

/* ---- Comparisons ---- */

static bool both_there(const struct operand *a, const struct operand *b)
{
    return a->source != OPERAND_MISSING && b->source != OPERAND_MISSING && a->type == b->type;
}

static bool is_equal(const struct operand *a, const struct operand *b, struct arena *scratch)
{
    if (!both_there(a, b)) {
        return false;
    }
    switch (a->type) {
    case VALUE_S:
        return str_eq(text_of(a), text_of(b));
    case VALUE_N: {
        struct number x = number_of(a);
        struct number y = number_of(b);
        return number_equal(&x, &y);
    }
    case VALUE_NULL:
        return true;
    case VALUE_B:
    case VALUE_BOOL:
    case VALUE_SS:
    case VALUE_NS:
    case VALUE_BS:
    case VALUE_L:
    case VALUE_M:
        break;
    }
    return value_equal(decode(a, scratch), decode(b, scratch));
}

/* False if the two have no order: something is missing, types differ or have none. */
static bool put_in_order(const struct operand *a, const struct operand *b, struct arena *scratch, int *out)
{
    if (!both_there(a, b) || !value_is_scalar_key(a->type)) {
        return false;
    }
    if (a->type == VALUE_S) {
        *out = str_compare(text_of(a), text_of(b));
    } else if (a->type == VALUE_N) {
        struct number x = number_of(a);
        struct number y = number_of(b);
        *out = number_compare(&x, &y);
    } else {
        *out = value_compare(decode(a, scratch), decode(b, scratch));
    }
    return true;
}

static bool compare(const struct node *node, const struct json *item, struct arena *scratch)
{
    struct operand left = operand_of(node->children[0], item);
    struct operand right = operand_of(node->children[1], item);
    int order = 0;
    switch (node->comparator) {
    case COMPARE_EQ:
        return is_equal(&left, &right, scratch);
    case COMPARE_NE:
        return !is_equal(&left, &right, scratch);
    case COMPARE_LT:
        return put_in_order(&left, &right, scratch, &order) && order < 0;
    case COMPARE_LE:
        return put_in_order(&left, &right, scratch, &order) && order <= 0;
    case COMPARE_GT:
        return put_in_order(&left, &right, scratch, &order) && order > 0;
    case COMPARE_GE:
        return put_in_order(&left, &right, scratch, &order) && order >= 0;
    }
    return false;
}

static bool is_between(const struct node *node, const struct json *item, struct arena *scratch)
{
    struct operand operand = operand_of(node->children[0], item);
    struct operand low = operand_of(node->children[1], item);
    struct operand high = operand_of(node->children[2], item);
    int above_low = 0;
    int below_high = 0;
    return put_in_order(&operand, &low, scratch, &above_low) && above_low >= 0 &&
           put_in_order(&operand, &high, scratch, &below_high) && below_high <= 0;
}

static bool is_in(const struct node *node, const struct json *item, struct arena *scratch)
{
    struct operand operand = operand_of(node->children[0], item);
    for (size_t i = 1; i < node->count && operand.source != OPERAND_MISSING; i++) {
        struct operand other = operand_of(node->children[i], item);
        if (is_equal(&operand, &other, scratch)) {
            return true;
        }
    }
    return false;
}

/* ---- Functions ---- */

static bool begins_with(const struct operand *a, const struct operand *b, struct arena *scratch)
{
    if (!both_there(a, b)) {
        return false;
    }
    if (a->type == VALUE_S) {
        return str_starts_with(text_of(a), text_of(b));
    }
    return a->type == VALUE_B && str_starts_with(decode(a, scratch)->str, decode(b, scratch)->str);
}

static bool contains(const struct operand *a, const struct operand *b, struct arena *scratch)
{
    if (a->source == OPERAND_MISSING || b->source == OPERAND_MISSING) {
        return false;
    }
    if (a->type == VALUE_S) {
        if (b->type != VALUE_S) {
            return false;
        }
        struct str whole = text_of(a);
        struct str part = text_of(b);
        return part.n == 0 || memmem(whole.p, whole.n, part.p, part.n) != NULL;
    }
    return value_contains(decode(a, scratch), decode(b, scratch));
}

static bool call(const struct node *node, const struct json *item, struct arena *scratch)
{
    struct operand first = operand_of(node->children[0], item);
    struct operand second =
        node->count > 1 ? operand_of(node->children[1], item) : (struct operand){.source = OPERAND_MISSING};
    switch (node->function) {
    case FUNCTION_attribute_exists:
        return first.source != OPERAND_MISSING;
    case FUNCTION_attribute_not_exists:
        return first.source == OPERAND_MISSING;
    case FUNCTION_attribute_type:
        return first.source != OPERAND_MISSING && second.source == OPERAND_VALUE &&
               str_eq(str_from(value_type_name(first.type)), second.value->str);
    case FUNCTION_begins_with:
        return begins_with(&first, &second, scratch);
    case FUNCTION_contains:
        return contains(&first, &second, scratch);
    case FUNCTION_size:
    case FUNCTION_if_not_exists:
    case FUNCTION_list_append:
    case FUNCTION_UNKNOWN:
        break;
    }
    ensure(false);
    return false;
}

bool evaluate(const struct node *node, const struct json *item, struct arena *scratch)
{
    switch (node->kind) {
    case NODE_OR:
    case NODE_AND: {
        bool decides = node->kind == NODE_OR;
        for (size_t i = 0; i < node->count; i++) {
            if (evaluate(node->children[i], item, scratch) == decides) {
                return decides;
            }
        }
        return !decides;
    }
    case NODE_NOT:
        return !evaluate(node->children[0], item, scratch);
    case NODE_COMPARE:
        return compare(node, item, scratch);
    case NODE_BETWEEN:
        return is_between(node, item, scratch);
    case NODE_IN:
        return is_in(node, item, scratch);
    case NODE_CALL:
        return call(node, item, scratch);
    case NODE_PATH:
    case NODE_VALUE:
    case NODE_PLUS:
    case NODE_MINUS:
        break;
    }
    ensure(false);
    return false;
}
