/* SPDX-License-Identifier: Apache-2.0 */
/* shape_test.c — every text of decoding (aws-behaviour.md §1.6, 2026 D.15, I.1) and of the constraint envelope (§2.1, 2026 D.1, D.2, D.14). */
#include "tests/check.h"

#include "core/json.h"
#include "server/api/common.h"
#include "server/api/echo.h"
#include "server/api/shape.h"

struct key_in {
    struct str attribute_name;
    struct str key_type;
};
struct throughput_in {
    struct opt_int read;
};
struct write_in {
    const struct json *item;
};
struct thing_in {
    struct str table_name;
    struct str name;
    struct str mode;
    struct opt_int limit;
    struct opt_int units;
    struct opt_double ratio;
    enum tri consistent;
    const void *throughput;
    struct list keys;
    struct list names;
    struct map requests;
    struct map conditions;
    struct map blocks;
    struct list item_list;
    const struct json *item;
    const struct json *value;
    const struct json *placeholders;
    const struct json *any;
};

#define PACKAGE "com.amazonaws.dynamodb.v20120810."
#define PARAMETERIZED                                                                                                  \
    "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class java.lang.Class "      \
    "(sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class are in module java.base of "    \
    "loader 'bootstrap')"

static const struct field key_fields[] = {
    FIELD_STRING(key_in, attribute_name, "AttributeName", .required = true, .min = 1, .max = 5),
    FIELD_STRING(key_in, key_type, "KeyType", .required = true, .one_of = "[HASH, RANGE]"),
    FIELD_END,
};
static const struct field key_element[] = {ELEMENT_STRUCT(key_fields, key_in, .java = "KeySchemaElement"), FIELD_END};
static const struct field name_element[] = {ELEMENT(FIELD_TYPE_STRING, .max = 3), FIELD_END};
static const struct field throughput_fields[] = {
    FIELD_LONG(throughput_in, read, "ReadCapacityUnits", .required = true, .min = 1),
    FIELD_END,
};
static const struct field write_fields[] = {FIELD_ITEM(write_in, item, "Item", .required = true), FIELD_END};
static const struct field write_element[] = {ELEMENT_STRUCT(write_fields, write_in, .java = "WriteRequest"), FIELD_END};
static const struct field writes_element[] = {ELEMENT(FIELD_TYPE_LIST, .of = write_element, .min = 1), FIELD_END};
static const struct field item_element[] = {ELEMENT(FIELD_TYPE_ITEM), FIELD_END};
static const struct field thing_fields[] = {
    COMMON_TABLE_NAME(thing_in, table_name, 2),
    FIELD_STRING(thing_in, name, "IndexName", .min = 3, .max = 6, .matches = is_table_name, .pattern = NAME_PATTERN,
                 .stage = 1),
    FIELD_STRING(thing_in, mode, "ReturnValues", .one_of = "[ALL, SOME]", .style = STYLE_PLAIN, .stage = 2),
    FIELD_INT(thing_in, limit, "Limit", .min = 1, .max = 100, .style = STYLE_NEWER, .stage = 1),
    FIELD_LONG(thing_in, units, "Units", .has_min = true, .max = 9, .stage = 2),
    FIELD_DOUBLE(thing_in, ratio, "Ratio"),
    FIELD_BOOL(thing_in, consistent, "ConsistentRead"),
    FIELD_STRUCT(thing_in, throughput, "ProvisionedThroughput", throughput_fields, throughput_in, .stage = 2),
    FIELD_LIST(thing_in, keys, "KeySchema", key_element, .max = 2, .stage = 2),
    FIELD_LIST(thing_in, names, "AttributesToGet", name_element, .min = 1, .stage = 2),
    FIELD_MAP(thing_in, requests, "RequestItems", writes_element, .stage = 2),
    FIELD_MAP(thing_in, conditions, "Expected", write_element, .stage = 2),
    FIELD_LIST(thing_in, item_list, "Keys", item_element, .stage = 2),
    FIELD_ITEM(thing_in, item, "Item", .stage = 2),
    FIELD_VALUE(thing_in, value, "Value", .stage = 2),
    FIELD_STRING_MAP(thing_in, placeholders, "ExpressionAttributeNames", .stage = 2),
    FIELD_ANY(thing_in, any, "SSESpecification", .stage = 2),
    FIELD_END,
};

struct fixture {
    struct arena arena;
    struct err err;
    struct thing_in in;
};

static struct fixture *fixture_of(void **state)
{
    struct fixture *f = *state;
    arena_reset(&f->arena);
    err_init(&f->err, &f->arena);
    f->in = (struct thing_in){0};
    return f;
}

static int set_up(void **state)
{
    static struct fixture fixture;
    arena_init(&fixture.arena, 1 << 16);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    arena_release(&f->arena);
    return 0;
}

static bool decode(struct fixture *f, const char *text)
{
    arena_reset(&f->arena);
    err_init(&f->err, &f->arena);
    f->in = (struct thing_in){0};
    const struct json *json;
    CHECK(json_parse(str_from(text), &f->arena, &json));
    return shape_decode(thing_fields, json, &f->arena, &f->in, &f->err);
}

static void check_refused(struct fixture *f, const char *text, const char *message)
{
    if (decode(f, text)) {
        print_error("decoded: %s\n", text);
        fail();
    }
    CHECK_EQ(f->err.kind, ERR_SERIALIZATION);
    CHECK_STR(f->err.message, str_from(message));
}

static void check_constraint(struct fixture *f, const char *text, const char *message)
{
    if (!decode(f, text)) {
        print_error("%s: %.*s\n", text, STR_ARG(f->err.message));
        fail();
    }
    if (message == NULL) {
        CHECK(shape_check(thing_fields, &f->in, &f->arena, &f->err));
        return;
    }
    CHECK(!shape_check(thing_fields, &f->in, &f->arena, &f->err));
    CHECK_EQ(f->err.kind, ERR_VALIDATION);
    CHECK_STR(f->err.message, str_from(message));
}

/* Lists, in the order of false, true, integer, decimal, string, array, object: what a member of a kind says; NULL: fine. */
struct refusals {
    const char *pattern; /* with %s for the value */
    const char *texts[7];
};

#define CANNOT(java)                                                                                                   \
    "FALSE_VALUE cannot be converted to " java, "TRUE_VALUE cannot be converted to " java,                             \
        "NUMBER_VALUE cannot be converted to " java, "DECIMAL_VALUE cannot be converted to " java
#define START_OF "Start of structure or map found where not expected"
#define FOUR(text) text, text, text, text
#define FIVE(text) text, text, text, text, text
#define MAP_OF(java) "Unrecognized collection type java.util.Map<java.lang.String, " java ">"

static const struct refusals refusals[] = {
    {"{\"TableName\":%s}", {CANNOT("String"), NULL, "Unrecognized collection type class java.lang.String", START_OF}},
    {"{\"ConsistentRead\":%s}",
     {NULL, NULL, "NUMBER_VALUE cannot be converted to Boolean", "DECIMAL_VALUE cannot be converted to Boolean",
      "Unexpected token received from parser", "Unrecognized collection type class java.lang.Boolean", START_OF}},
    {"{\"Limit\":%s}",
     {"FALSE_VALUE cannot be converted to Integer", "TRUE_VALUE cannot be converted to Integer", NULL, NULL,
      "STRING_VALUE cannot be converted to Integer", "Unrecognized collection type class java.lang.Integer", START_OF}},
    {"{\"Units\":%s}",
     {"FALSE_VALUE cannot be converted to Long", "TRUE_VALUE cannot be converted to Long", NULL, NULL,
      "STRING_VALUE cannot be converted to Long", "Unrecognized collection type class java.lang.Long", START_OF}},
    {"{\"Ratio\":%s}",
     {"FALSE_VALUE cannot be converted to Double", "TRUE_VALUE cannot be converted to Double", NULL, NULL,
      "STRING_VALUE cannot be converted to Double", "Unrecognized collection type class java.lang.Double", START_OF}},
    {"{\"KeySchema\":%s}", {FIVE("Unexpected field type"), NULL, START_OF}},
    {"{\"KeySchema\":[%s]}",
     {FIVE("Unexpected value type in payload"), "Unrecognized collection type class " PACKAGE "KeySchemaElement", NULL}},
    {"{\"AttributesToGet\":[%s]}",
     {CANNOT("String"), NULL, "Unrecognized collection type class java.lang.String", START_OF}},
    {"{\"ProvisionedThroughput\":%s}",
     {FIVE("Unexpected field type"), "Unrecognized collection type class " PACKAGE "ProvisionedThroughput", NULL}},
    {"{\"Expected\":%s}", {FIVE("Unexpected field type"), MAP_OF(PACKAGE "WriteRequest"), NULL}},
    {"{\"Expected\":{\"a\":%s}}",
     {FIVE("Unexpected value type in payload"), "Unrecognized collection type class " PACKAGE "WriteRequest", NULL}},
    {"{\"RequestItems\":%s}",
     {FIVE("Unexpected field type"), MAP_OF("java.util.List<" PACKAGE "WriteRequest>"), NULL}},
    {"{\"RequestItems\":{\"T\":%s}}", {FIVE(PARAMETERIZED), NULL, START_OF}},
    {"{\"RequestItems\":{\"T\":[%s]}}",
     {FIVE("Unexpected value type in payload"), "Unrecognized collection type class " PACKAGE "WriteRequest", NULL}},
    {"{\"Keys\":[%s]}", {FIVE(PARAMETERIZED), MAP_OF(PACKAGE "AttributeValue"), NULL}},
    {"{\"Item\":%s}", {FIVE("Unexpected field type"), MAP_OF(PACKAGE "AttributeValue"), NULL}},
    {"{\"Item\":{\"a\":%s}}",
     {FIVE("Unexpected value type in payload"), "Unrecognized collection type class " PACKAGE "AttributeValue", NULL}},
    {"{\"Value\":%s}",
     {FIVE("Unexpected field type"), "Unrecognized collection type class " PACKAGE "AttributeValue", NULL}},
    {"{\"ExpressionAttributeNames\":%s}", {FIVE("Unexpected field type"), MAP_OF("java.lang.String"), NULL}},
    {"{\"ExpressionAttributeNames\":{\"#a\":%s}}",
     {CANNOT("String"), NULL, "Unrecognized collection type class java.lang.String", START_OF}},
    {"{\"SSESpecification\":%s}", {FIVE(NULL), NULL, NULL}},
    {"{\"Unknown\":%s}", {FIVE(NULL), NULL, NULL}},
};

/* §1.6 D.15 */
static void every_wrong_type_has_its_text(void **state)
{
    static const char *const values[] = {"false", "true", "1", "1.5", "\"no such\"", "[]", "{}"};
    struct fixture *f = fixture_of(state);
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        for (size_t v = 0; v < 7; v++) {
            char text[200];
            const char *at = strstr(refusals[i].pattern, "%s");
            snprintf(text, sizeof text, "%.*s%s%s", (int)(at - refusals[i].pattern), refusals[i].pattern, values[v],
                     at + 2);
            if (refusals[i].texts[v] != NULL) {
                check_refused(f, text, refusals[i].texts[v]);
            } else if (!decode(f, text)) {
                print_error("%s: %.*s\n", text, STR_ARG(f->err.message));
                fail();
            }
        }
    }
}

static void values_arrive(void **state)
{
    struct fixture *f = fixture_of(state);
    CHECK(decode(f, "{\"TableName\":\"tab\",\"Limit\":7,\"Units\":-3,\"Ratio\":0.5,\"ConsistentRead\":true,\"Unknown\":1,"
                    "\"ProvisionedThroughput\":{\"ReadCapacityUnits\":5},\"KeySchema\":[{\"KeyType\":\"HASH\"},null],"
                    "\"AttributesToGet\":[\"a\",null],\"RequestItems\":{\"T\":[{\"Item\":{}}],\"U\":[]}}"));
    CHECK_STR(f->in.table_name, STR("tab"));
    CHECK(f->in.limit.is_present && !f->in.limit.is_coerced && f->in.limit.n == 7);
    CHECK(f->in.units.n == -3);
    CHECK(f->in.ratio.is_present && f->in.ratio.d > 0.49 && f->in.ratio.d < 0.51);
    CHECK_EQ(f->in.consistent, TRI_TRUE);
    const struct throughput_in *throughput = f->in.throughput;
    CHECK(throughput->read.n == 5);
    CHECK_EQ(f->in.keys.count, 2);
    const struct key_in *keys = f->in.keys.items;
    CHECK_STR(keys[0].key_type, STR("HASH"));
    CHECK(keys[0].attribute_name.p == NULL && keys[1].key_type.p == NULL);
    const struct str *names = f->in.names.items;
    CHECK(f->in.names.count == 2 && names[0].n == 1 && names[1].p == NULL);
    CHECK_EQ(f->in.requests.count, 2);
    const struct list *lists = f->in.requests.items;
    CHECK(lists[0].count == 1 && lists[1].is_present && lists[1].count == 0);
    const struct write_in *writes = lists[0].items;
    CHECK(writes[0].item != NULL);
    CHECK(f->in.item == NULL && f->in.name.p == NULL && !f->in.conditions.is_present);
}

/* §1.6 I.1 */
static void nulls_are_absent(void **state)
{
    struct fixture *f = fixture_of(state);
    CHECK(decode(f, "{\"TableName\":null,\"Limit\":null,\"ConsistentRead\":null,\"KeySchema\":null,\"Item\":null,"
                    "\"ProvisionedThroughput\":null,\"RequestItems\":{\"T\":null,\"U\":[]},\"Value\":null}"));
    CHECK(f->in.table_name.p == NULL && !f->in.limit.is_present && f->in.consistent == TRI_ABSENT);
    CHECK(!f->in.keys.is_present && f->in.item == NULL && f->in.throughput == NULL && f->in.value == NULL);
    CHECK_EQ(f->in.requests.count, 1);
    CHECK_STR(f->in.requests.names[0], STR("U"));
}

static void the_last_of_equal_names_counts(void **state)
{
    struct fixture *f = fixture_of(state);
    CHECK(decode(f, "{\"Limit\":1,\"TableName\":\"a\",\"Limit\":2,\"TableName\":\"b\",\"IndexName\":\"c\",\"IndexName\":null,"
                    "\"RequestItems\":{\"T\":[],\"U\":[],\"T\":[{}]}}"));
    CHECK(f->in.limit.n == 2);
    CHECK_STR(f->in.table_name, STR("b"));
    CHECK(f->in.name.p == NULL);
    CHECK_EQ(f->in.requests.count, 2);
    CHECK_STR(f->in.requests.names[0], STR("U"));
    CHECK_STR(f->in.requests.names[1], STR("T"));
    CHECK_EQ(((const struct list *)f->in.requests.items)[1].count, 1);
}

/* §1.6 D.5 I.1 */
static void lenient_booleans(void **state)
{
    struct fixture *f = fixture_of(state);
    static const char *const yes[] = {"true", "TRUE", "t", "y", "Yes", "1"};
    static const char *const no[] = {"false", "F", "n", "NO", "0"};
    char text[64];
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        snprintf(text, sizeof text, "{\"ConsistentRead\":\"%s\"}", yes[i]);
        CHECK(decode(f, text));
        CHECK_EQ(f->in.consistent, TRI_TRUE);
    }
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
        snprintf(text, sizeof text, "{\"ConsistentRead\":\"%s\"}", no[i]);
        CHECK(decode(f, text));
        CHECK_EQ(f->in.consistent, TRI_FALSE);
    }
}

static void check_integer(struct fixture *f, const char *number, int64_t limit, bool limit_coerced, int64_t units,
                          bool units_coerced)
{
    char text[120];
    snprintf(text, sizeof text, "{\"Limit\":%s,\"Units\":%s}", number, number);
    CHECK(decode(f, text));
    CHECK(f->in.limit.n == limit && f->in.limit.is_coerced == limit_coerced);
    CHECK(f->in.units.n == units && f->in.units.is_coerced == units_coerced);
}

/* I.1 */
static void integers_saturate(void **state)
{
    struct fixture *f = fixture_of(state);
    check_integer(f, "0.5", 0, true, 0, true);
    check_integer(f, "-1.9", -1, true, -1, true);
    check_integer(f, "5.0", 5, false, 5, false);
    check_integer(f, "1e2", 100, false, 100, false);
    check_integer(f, "2147483647", INT32_MAX, false, INT32_MAX, false);
    check_integer(f, "2147483648", INT32_MAX, true, 2147483648, false);
    check_integer(f, "4294967296", INT32_MAX, true, 4294967296, false);
    check_integer(f, "-4294967296", INT32_MIN, true, -4294967296, false);
    check_integer(f, "99999999999999999999", INT32_MAX, true, INT64_MAX, true);
    check_integer(f, "-99999999999999999999", INT32_MIN, true, INT64_MIN, true);
}

#define ONE "1 validation error detected: "
#define NAMED "{\"TableName\":\"tab\","

/* §2.2 D.2 */
static void table_names(void **state)
{
    struct fixture *f = fixture_of(state);
    check_constraint(f, "{}", ONE "Value null at 'tableName' failed to satisfy constraint: Member must not be null");
    check_constraint(f, "{\"TableName\":\"\",\"Limit\":0}",
                     ONE "Value at 'TableName' failed to satisfy constraint: Member must have length greater than or equal to 1");
    check_constraint(f, "{\"TableName\":\"a!\"}",
                     ONE "Value 'a!' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 3");
    check_constraint(f, "{\"TableName\":\"a!b\"}",
                     ONE "Value 'a!b' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression "
                         "pattern: [a-zA-Z0-9_.-]+");
    check_constraint(f, "{\"TableName\":\"arn:aws:dynamodb:us-east-1:000000000000:table/T\"}", NULL);
    char text[400];
    char want[600];
    char name[257];
    memset(name, 'n', 256);
    name[256] = '\0';
    snprintf(text, sizeof text, "{\"TableName\":\"%s\"}", name);
    snprintf(want, sizeof want,
             ONE "Value '%s' at 'tableName' failed to satisfy constraint: Member must have length less than or equal to 255",
             name);
    check_constraint(f, text, want);
    text[sizeof("{\"TableName\":\"") - 1 + 255] = '"';
    text[sizeof("{\"TableName\":\"") - 1 + 256] = '}';
    text[sizeof("{\"TableName\":\"") - 1 + 257] = '\0';
    check_constraint(f, text, NULL);
}

/* §2.1 */
static void one_constraint_at_a_time(void **state)
{
    struct fixture *f = fixture_of(state);
    check_constraint(f, NAMED "\"Limit\":0}",
                     ONE "Value at 'Limit' failed to satisfy constraint: Member must have value greater than or equal to 1");
    check_constraint(f, NAMED "\"Limit\":101}",
                     ONE "Value at 'Limit' failed to satisfy constraint: Member must have value less than or equal to 100");
    check_constraint(f, NAMED "\"Units\":-1}",
                     ONE "Value '-1' at 'units' failed to satisfy constraint: Member must have value greater than or equal to 0");
    check_constraint(f, NAMED "\"ReturnValues\":\"all\"}",
                     ONE "Failed to satisfy constraint: Member must satisfy enum value set: [ALL, SOME]");
    check_constraint(f, NAMED "\"ReturnValues\":\"\"}",
                     ONE "Failed to satisfy constraint: Member must satisfy enum value set: [ALL, SOME]");
    check_constraint(f, NAMED "\"ReturnValues\":\"ALL, SOME\"}",
                     ONE "Failed to satisfy constraint: Member must satisfy enum value set: [ALL, SOME]");
    check_constraint(f, NAMED "\"ReturnValues\":\"SOME\"}", NULL);
    check_constraint(f, NAMED "\"AttributesToGet\":[]}",
                     ONE "Value '[]' at 'attributesToGet' failed to satisfy constraint: Member must have length greater than "
                         "or equal to 1");
    check_constraint(f, NAMED "\"AttributesToGet\":[\"a\",\"b\\u00e4\\u00e4\",\"long\"]}",
                     ONE "Value 'long' at 'attributesToGet.3.member' failed to satisfy constraint: Member must have length "
                         "less than or equal to 3");
    check_constraint(f, NAMED "\"ProvisionedThroughput\":{}}",
                     ONE "Value null at 'provisionedThroughput.readCapacityUnits' failed to satisfy constraint: Member must "
                         "not be null");
    check_constraint(f, NAMED "\"RequestItems\":{\"T\":[{}]}}",
                     ONE "Value null at 'requestItems.T.member.1.member.item' failed to satisfy constraint: Member must not "
                         "be null");
    check_constraint(f, NAMED "\"Expected\":{\"attr\":{}}}",
                     ONE "Value null at 'expected.attr.member.item' failed to satisfy constraint: Member must not be null");
}

/* §2.1 D.1 */
static void errors_are_joined_and_staged(void **state)
{
    struct fixture *f = fixture_of(state);
    check_constraint(f, NAMED "\"IndexName\":\"!!\"}",
                     "2 validation errors detected: Value '!!' at 'indexName' failed to satisfy constraint: Member must "
                     "satisfy regular expression pattern: [a-zA-Z0-9_.-]+; Value '!!' at 'indexName' failed to satisfy "
                     "constraint: Member must have length greater than or equal to 3");
    /* Stage 1 hides stage 2, wherever they stand in the table. */
    check_constraint(f, "{\"ReturnValues\":\"x\",\"Limit\":0}",
                     ONE "Value at 'Limit' failed to satisfy constraint: Member must have value greater than or equal to 1");
    check_constraint(f, "{\"ReturnValues\":\"x\"}",
                     "2 validation errors detected: Value null at 'tableName' failed to satisfy constraint: Member must not "
                     "be null; Failed to satisfy constraint: Member must satisfy enum value set: [ALL, SOME]");
}

/* §2.1 */
static void ten_errors_at_most(void **state)
{
    struct fixture *f = fixture_of(state);
    CHECK(decode(f, NAMED "\"RequestItems\":{\"T\":[{},{},{},{},{},{},{},{},{},{},{},{}]}}"));
    CHECK(!shape_check(thing_fields, &f->in, &f->arena, &f->err));
    CHECK(str_starts_with(f->err.message, STR("10 validation errors detected: ")));
    CHECK(memmem(f->err.message.p, f->err.message.n, "T.member.10.member", 18) != NULL);
    CHECK(memmem(f->err.message.p, f->err.message.n, "T.member.11.member", 18) == NULL);
}

/* D.14 */
static void structures_are_echoed_as_java_does(void **state)
{
    struct fixture *f = fixture_of(state);
    check_constraint(f, NAMED "\"KeySchema\":[{\"AttributeName\":\"pk\",\"KeyType\":\"HASH\"},"
                              "{\"AttributeName\":\"sk\",\"KeyType\":\"RANGE\"},{\"AttributeName\":\"x\",\"KeyType\":\"HASH\"}]}",
                     ONE "Value '[KeySchemaElement(attributeName=pk, keyType=HASH), KeySchemaElement(attributeName=sk, "
                         "keyType=RANGE), KeySchemaElement(attributeName=x, keyType=HASH)]' at 'keySchema' failed to satisfy "
                         "constraint: Member must have length less than or equal to 2");
    check_constraint(f, NAMED "\"KeySchema\":[{\"AttributeName\":\"pk\",\"KeyType\":\"X\"},{\"AttributeName\":\"toolong\","
                              "\"KeyType\":\"HASH\"}]}",
                     "2 validation errors detected: Value 'X' at 'keySchema.1.member.keyType' failed to satisfy constraint: "
                     "Member must satisfy enum value set: [HASH, RANGE]; Value 'toolong' at "
                     "'keySchema.2.member.attributeName' failed to satisfy constraint: Member must have length less than or "
                     "equal to 5");
    CHECK(decode(f, "{\"RequestItems\":{\"T\":[{\"Item\":{\"pk\":{\"S\":\"a\"},\"b\":{\"B\":\"AQID\"}}},{}]}}"));
    struct field requests = FIELD_MAP(thing_in, requests, "RequestItems", writes_element);
#define VALUE(s, b)                                                                                                    \
    "AttributeValue(s=" s ", n=null, b=" b ", iNT=null, dECIMAL=null, dOUBLE=null, sS=null, nS=null, bS=null, "        \
    "iNTSET=null, dECIMALSET=null, dOUBLESET=null, m=null, l=null, nULL=null, bOOL=null)"
    CHECK_STR(echo_field(&requests, &f->in.requests, false, &f->arena),
              /* In four buckets: b 98 → 2, pk 3579 → 3. */
              STR("{T=[WriteRequest(item={b=" VALUE("null", "java.nio.HeapByteBuffer[pos=0 lim=3 cap=3]") ", pk="
                  VALUE("a", "null") "}), WriteRequest(item=null)]}"));
}

/* D.14 */
static void values_are_echoed_as_java_does(void **state)
{
    struct fixture *f = fixture_of(state);
    CHECK(decode(f, "{\"Value\":{\"SS\":[\"a\",\"b\"],\"NS\":[\"1\"],\"BS\":[\"AQ==\"],\"N\":\"5\",\"M\":{\"k\":{}},"
                    "\"L\":[{},{}],\"NULL\":true,\"BOOL\":\"n\"}}"));
#define EMPTY                                                                                                          \
    "AttributeValue(s=null, n=null, b=null, iNT=null, dECIMAL=null, dOUBLE=null, sS=null, nS=null, bS=null, "          \
    "iNTSET=null, dECIMALSET=null, dOUBLESET=null, m=null, l=null, nULL=null, bOOL=null)"
    CHECK_STR(echo_value(f->in.value, &f->arena),
              STR("AttributeValue(s=null, n=5, b=null, iNT=null, dECIMAL=null, dOUBLE=null, sS=[a, b], nS=[1], "
                  "bS=[java.nio.HeapByteBuffer[pos=0 lim=1 cap=1]], iNTSET=null, dECIMALSET=null, dOUBLESET=null, "
                  "m={k=" EMPTY "}, l=[" EMPTY ", " EMPTY "], nULL=true, bOOL=false)"));
    CHECK_STR(echo_value(NULL, &f->arena), STR("null"));
    CHECK_STR(echo_item(NULL, &f->arena), STR("null"));
}

/* Members that no operation has in such a place yet. */
struct every_in {
    enum tri truth;
    struct opt_double ratio;
    struct list ratios;
    struct map names;
    struct map values;
    const struct json *value;
    const struct json *any;
};
struct all_in {
    struct list all;
};

static const struct field ratio_element[] = {ELEMENT(FIELD_TYPE_DOUBLE), FIELD_END};
static const struct field text_element[] = {ELEMENT(FIELD_TYPE_STRING), FIELD_END};
static const struct field value_element[] = {ELEMENT(FIELD_TYPE_VALUE), FIELD_END};
static const struct field every_fields[] = {
    FIELD_BOOL(every_in, truth, "Truth"),
    FIELD_DOUBLE(every_in, ratio, "Ratio", .required = true),
    FIELD_LIST(every_in, ratios, "Ratios", ratio_element),
    FIELD_MAP(every_in, names, "Names", text_element),
    FIELD_MAP(every_in, values, "Values", value_element),
    FIELD_VALUE(every_in, value, "Value"),
    FIELD_ANY(every_in, any, "Any"),
    FIELD_END,
};
static const struct field every_element[] = {ELEMENT_STRUCT(every_fields, every_in, .java = "Every"), FIELD_END};
static const struct field all_fields[] = {FIELD_LIST(all_in, all, "All", every_element, .max = 2), FIELD_END};

static struct str message_of(struct fixture *f, const char *text)
{
    const struct json *json;
    struct all_in in = {0};
    f->err.kind = ERR_NONE;
    CHECK(json_parse(str_from(text), &f->arena, &json));
    CHECK(!shape_decode(all_fields, json, &f->arena, &in, &f->err) || !shape_check(all_fields, &in, &f->arena, &f->err));
    return f->err.message;
}

static void every_type_may_stand_anywhere(void **state)
{
    struct fixture *f = fixture_of(state);
    CHECK_STR(message_of(f, "{\"All\":[{\"Truth\":true,\"Ratio\":1.5,\"Ratios\":[0.5,2],\"Names\":{\"a\":\"b\"},\"Value\":{\"N\":\"5\"},"
                            "\"Any\":[1]},{\"Truth\":false,\"Ratio\":1},{}]}"),
              STR("2 validation errors detected: Value '[Every(truth=true, ratio=1.5, ratios=[0.5, 2.0], names={a=b}, values=null, "
                  "value=AttributeValue(s=null, n=5, b=null, iNT=null, dECIMAL=null, dOUBLE=null, sS=null, nS=null, bS=null, "
                  "iNTSET=null, dECIMALSET=null, dOUBLESET=null, m=null, l=null, nULL=null, bOOL=null), any=null), Every(truth=false, "
                  "ratio=1.0, ratios=null, names=null, values=null, value=null, any=null), Every(truth=null, ratio=null, ratios=null, "
                  "names=null, values=null, value=null, any=null)]' at 'all' failed to satisfy constraint: Member must have length "
                  "less than or equal to 2; Value null at 'all.3.member.ratio' failed to satisfy constraint: Member must not be "
                  "null"));
    CHECK_STR(message_of(f, "{\"All\":[{\"Ratio\":1,\"Names\":[]}]}"),
              STR("Unrecognized collection type java.util.Map<java.lang.String, java.lang.String>"));
    CHECK_STR(message_of(f, "{\"All\":[{\"Ratio\":1,\"Values\":[]}]}"),
              STR("Unrecognized collection type java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.AttributeValue>"));
}

/* Wherever the cut falls, the echo is whole characters: the start moves it by one byte. */
static void check_cut(struct fixture *f, const char *start)
{
    struct buf text;
    buf_init(&text, 1 << 24);
    buf_printf(&text, "{\"Value\":{\"L\":[{%s}", start);
    for (int i = 0; i < 2000; i++) {
        buf_add_literal(&text, ",{\"S\":\"");
        for (int k = 0; k < 400; k++) {
            buf_add_literal(&text, "\xc3\xa4");
        }
        buf_add_literal(&text, "\"}");
    }
    buf_add_literal(&text, "]}}");
    const struct json *json;
    CHECK(json_parse(str_of(text.p, text.n), &f->arena, &json));
    CHECK(shape_decode(thing_fields, json, &f->arena, &f->in, &f->err));
    struct str echo = echo_value(f->in.value, &f->arena);
    CHECK(echo.n <= 1024 * 1024 + 3 && echo.n > 1024 * 1024 - 4);
    CHECK(memcmp(echo.p + echo.n - 3, "...", 3) == 0);
    CHECK(((unsigned char)echo.p[echo.n - 4] & 0xC0) != 0xC0);
    buf_release(&text);
}

static void echoes_are_cut(void **state)
{
    char start[16] = "";
    check_cut(fixture_of(state), start);
    for (int length = 1; length < 4; length++) {
        snprintf(start, sizeof start, "\"S\":\"%.*s\"", length, "xxxx");
        check_cut(fixture_of(state), start);
    }
}

/* D.13 D.14 */
static void hash_order(void **state)
{
    struct fixture *f = fixture_of(state);
    /* "Aa" and "BB" have one hash: the order of insertion decides. In four buckets: d 100 → 0, a 97 → 1, Aa 2112 → 0, BB → 0. */
    struct str names[] = {STR("BB"), STR("a"), STR("Aa")};
    const size_t *order = java_hash_order(names, 3, 0, &f->arena);
    CHECK(order[0] == 0 && order[1] == 2 && order[2] == 1);
    CHECK(java_hash_order(names, 0, 0, &f->arena) != NULL);
}

static void capacity_modes(void **state)
{
    (void)state;
    CHECK_EQ(capacity_mode_of((struct str){0}), CAPACITY_NONE);
    CHECK_EQ(capacity_mode_of(STR("NONE")), CAPACITY_NONE);
    CHECK_EQ(capacity_mode_of(STR("TOTAL")), CAPACITY_TOTAL);
    CHECK_EQ(capacity_mode_of(STR("INDEXES")), CAPACITY_INDEXES);
}

struct own_in {
    struct list names;
    struct str required;
};

static void own_check(struct shape_report *report, const struct field *field, const void *in)
{
    const struct own_in *own = in;
    CHECK(shape_report_arena(report) != NULL);
    if (!own->names.is_present) {
        shape_report_constraint(report, field, in, "not absent");
    }
    if (own->names.count == 1) {
        struct str path = shape_report_path(report);
        shape_report_add(report, "%.*s has one", STR_ARG(path));
        shape_report_constraint(report, field, in, "not %d", 1);
    }
}

static void own_element_check(struct shape_report *report, const struct field *field, const void *in)
{
    if (((const struct str *)in)->n == 2) {
        shape_report_constraint(report, field, in, "not two");
    }
}

static const struct field own_element[] = {ELEMENT(FIELD_TYPE_STRING, .custom = own_element_check), FIELD_END};
static const struct field own_fields[] = {
    FIELD_LIST(own_in, names, "SSENames", own_element, .custom = own_check, .path = "sse", .stage = 1),
    FIELD_STRING(own_in, required, "Required", .required = true, .bare = true, .length_first = true, .max = 2,
                 .matches = is_table_name, .pattern = NAME_PATTERN),
    FIELD_END,
};

static void own_check_is(struct fixture *f, const char *text, const char *message)
{
    const struct json *json;
    struct own_in in = {0};
    err_init(&f->err, &f->arena);
    CHECK(json_parse(str_from(text), &f->arena, &json));
    CHECK(shape_decode(own_fields, json, &f->arena, &in, &f->err));
    CHECK(!shape_check(own_fields, &in, &f->arena, &f->err));
    CHECK_STR(f->err.message, str_from(message));
}

static void own_tests_and_flags(void **state)
{
    struct fixture *f = fixture_of(state);
    own_check_is(f, "{\"SSENames\":[\"a\"]}",
                 "Value null at 'required' failed to satisfy constraint: Member must not be null");
    own_check_is(f, "{\"Required\":\"x!x\"}",
                 "Value 'x!x' at 'required' failed to satisfy constraint: Member must have length less than or equal to 2");
    own_check_is(f, "{\"Required\":\"x\"}",
                 "1 validation error detected: Value null at 'sse' failed to satisfy constraint: not absent");
    own_check_is(f, "{\"Required\":\"!\"}",
                 "Value '!' at 'required' failed to satisfy constraint: Member must satisfy regular expression pattern: "
                 "[a-zA-Z0-9_.-]+");
    own_check_is(f, "{\"Required\":\"x\",\"SSENames\":[\"aa\"]}",
                 "3 validation errors detected: sse has one; Value '[aa]' at 'sse' failed to satisfy constraint: not 1; "
                 "Value 'aa' at 'sse.1.member' failed to satisfy constraint: not two");
}

/* -textNumbers */
static void numbers_as_text(void **state)
{
    static const struct {
        const char *text;
        int64_t n; /* what a Long reads, if not refused */
        bool is_refused;
    } cases[] = {{"5", 5, false},
                 {"-17", -17, false},
                 {"007", 7, false},
                 {"999999999999999999", 999999999999999999, false},
                 {"1000000000000000000", 0, true},
                 {"", 0, true},
                 {"-", 0, true},
                 {"5 ", 0, true},
                 {"1.5", 0, true},
                 {"+1", 0, true}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture *f = fixture_of(state);
        const struct json *json;
        struct str body = arena_printf(&f->arena, "{\"Units\":\"%s\"}", cases[i].text);
        CHECK(json_parse(body, &f->arena, &json));
        CHECK(!shape_decode(thing_fields, json, &f->arena, &f->in, &f->err));
        f->err.kind = ERR_NONE;
        bool ok = shape_decode_with_text_numbers(thing_fields, json, &f->arena, &f->in, &f->err);
        CHECK_EQ(ok, !cases[i].is_refused);
        if (ok) {
            CHECK(f->in.units.is_present && !f->in.units.is_coerced);
            CHECK_EQ(f->in.units.n, cases[i].n);
        } else {
            CHECK_STR(f->err.message, STR("STRING_VALUE cannot be converted to Long"));
        }
    }
    struct fixture *f = fixture_of(state);
    const struct json *json;
    CHECK(json_parse(STR("{\"Limit\":\"5000000000\",\"ProvisionedThroughput\":{\"ReadCapacityUnits\":\"3\"}}"), &f->arena, &json));
    CHECK(shape_decode_with_text_numbers(thing_fields, json, &f->arena, &f->in, &f->err));
    CHECK(f->in.limit.is_coerced && f->in.limit.n == INT32_MAX);
    CHECK_EQ(((const struct throughput_in *)f->in.throughput)->read.n, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_wrong_type_has_its_text),
        cmocka_unit_test(values_arrive),
        cmocka_unit_test(nulls_are_absent),
        cmocka_unit_test(the_last_of_equal_names_counts),
        cmocka_unit_test(lenient_booleans),
        cmocka_unit_test(integers_saturate),
        cmocka_unit_test(table_names),
        cmocka_unit_test(one_constraint_at_a_time),
        cmocka_unit_test(errors_are_joined_and_staged),
        cmocka_unit_test(ten_errors_at_most),
        cmocka_unit_test(structures_are_echoed_as_java_does),
        cmocka_unit_test(values_are_echoed_as_java_does),
        cmocka_unit_test(every_type_may_stand_anywhere),
        cmocka_unit_test(echoes_are_cut),
        cmocka_unit_test(hash_order),
        cmocka_unit_test(capacity_modes),
        cmocka_unit_test(own_tests_and_flags),
        cmocka_unit_test(numbers_as_text),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
