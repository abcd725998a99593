/* SPDX-License-Identifier: Apache-2.0 */
/* key_test.c — encodings byte by byte, as layout.h describes them. */
#include "tests/storage/rig.h"

#include "storage/key.h"

static struct str hex_of(struct rig *rig, const void *p, size_t n)
{
    const unsigned char *bytes = p;
    char *out = arena_alloc(&rig->arena, 2 * n + 1);
    for (size_t i = 0; i < n; i++) {
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
    }
    return str_of(out, 2 * n);
}

static struct str enc_hex(struct rig *rig, struct value v)
{
    unsigned char bytes[KEY_ENC_MAX];
    return hex_of(rig, bytes, key_enc(&v, bytes));
}

static void test_enc(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig);
    CHECK_STR(enc_hex(&rig, value_s("b")), STR("620001"));
    CHECK_STR(enc_hex(&rig, value_b(str_of("b\0c", 3))), STR("6200ff630001"));
    CHECK_STR(enc_hex(&rig, value_b(str_of("\0\0", 2))), STR("00ff00ff0001"));
    CHECK_STR(enc_hex(&rig, value_b(STR("\xff"))), STR("ff0001"));
    CHECK_STR(enc_hex(&rig, value_b(STR(""))), STR("0001"));
    CHECK_STR(enc_hex(&rig, value_n(&rig, "12.5")), STR("c0830d3300"));
    CHECK_STR(enc_hex(&rig, value_n(&rig, "-12.5")), STR("407cf2ccff"));
    CHECK_STR(enc_hex(&rig, value_n(&rig, "0")), STR("80"));
    rig_close(&rig);
}

static void test_succ(void **state)
{
    (void)state;
    unsigned char a[] = {1, 2, 0xFF, 0xFF};
    CHECK_EQ(key_succ(a, 4), 2);
    CHECK_EQ(a[1], 3);
    unsigned char b[] = {0xFF, 0xFF};
    CHECK_EQ(key_succ(b, 2), 0);
    unsigned char c[] = {7};
    CHECK_EQ(key_succ(c, 1), 1);
    CHECK_EQ(c[0], 8);
    CHECK_EQ(key_succ(c, 0), 0);
}

/* AWS's number bytes, by hand: pairs of digits aligned at the point. */
static void test_number_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *number;
        const char *hex;
    } cases[] = {
        {"0", "80"},          {"1", "c102"},         {"10", "c10b"},          {"100", "c202"},
        {"12.5", "c10d33"},   {"0.1", "c00b"},       {"0.01", "c002"},        {"0.001", "bf0b"},
        {"-1", "3e6466"},     {"-12.5", "3e593366"}, {"123", "c20218"},       {"99", "c164"},
        {"-0.5", "3f3366"},
    };
    struct rig rig;
    rig_init(&rig);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct value v = value_n(&rig, cases[i].number);
        unsigned char bytes[KEY_NUMBER_MAX];
        CHECK_STR(hex_of(&rig, bytes, key_number_bytes(v.number, bytes)), str_from(cases[i].hex));
    }
    struct value longest = value_n(&rig, "-1.2345678901234567890123456789012345678");
    unsigned char bytes[KEY_NUMBER_MAX];
    CHECK_EQ(key_number_bytes(longest.number, bytes), 21);
    rig_close(&rig);
}

static void make_row(struct digest *digest, const struct key_schema *schema, const struct value *item,
                     const unsigned char *tie, struct row_key *out)
{
    struct key_values values;
    CHECK(key_values_of(schema, item, &values));
    key_row(digest, 7, schema, &values, tie, out);
}

/* MD5("Outliers" | x…), where the message just fits into one block of MD5's, and where it does not any more. */
static void test_partition_lengths(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        const char *hash;
    } cases[] = {
        {0, "65a4c05294be89320570452ed024fd8c"},  {46, "ed31dd6710f6638307133833cdf910f5"},
        {47, "1b9678ca5368f04ebc914f75bfa2fe06"}, {48, "9fd2a8c783020de34ab8a8612bb9333f"},
        {55, "cf693db98c357639aebfe8aca52a73ac"}, {56, "c36eface28d607c4a2dceba33443b854"},
        {63, "3445e2174ccc1d45f7107e5665d70dcd"}, {64, "8bf820812dbaefa3c952ad42aac24144"},
        {120, "e3542669b75307ba01f60339d7d8ba72"},
    };
    struct rig rig;
    struct digest digest;
    char text[120];
    memset(text, 'x', sizeof(text));
    rig_init(&rig);
    OK(&rig, digest_init(&digest, &rig.err));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unsigned char hash[DIGEST_BYTES];
        digest_partition(&digest, str_of(text, cases[i].n), hash);
        CHECK_STR(hex_of(&rig, hash, sizeof(hash)), str_from(cases[i].hash));
    }
    digest_release(&digest);
    rig_close(&rig);
}

static void test_rows(void **state)
{
    (void)state;
    struct rig rig;
    struct digest digest;
    struct row_key row;
    rig_init(&rig);
    OK(&rig, digest_init(&digest, &rig.err));
    struct table_desc table = table_of("t", VALUE_S);
    make_row(&digest, &table.key, rig_item(&rig, "{'pk':{'S':'a'},'sk':{'S':'b'}}"), NULL, &row);
    /* MD5("Outliersa") */
    CHECK_STR(hex_of(&rig, row.bytes, row.n), STR("00000007" "f6558e516275dee248591cc7cee85dae" "620001"));
    CHECK(!row.is_long);
    static const unsigned char tie[LAYOUT_TIE_BYTES] = {0xAB};
    static const size_t lengths[] = {1, 453, 454, 455, 600, 1024};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        char text[1100];
        memset(text, 'x', lengths[i]);
        struct member members[] = {{STR("pk"), value_s("a")}, {STR("sk"), value_b(str_of(text, lengths[i]))}};
        members[1].value.type = VALUE_S;
        struct value item = {.type = VALUE_M, .count = 2, .members = members};
        make_row(&digest, &table.key, &item, tie, &row);
        bool is_long = lengths[i] + 2 > LAYOUT_SORT_WHOLE_MAX;
        CHECK_EQ(row.is_long, is_long);
        CHECK_EQ(row.n, (is_long ? LAYOUT_CUT_BYTES + LAYOUT_HASH_BYTES : LAYOUT_PREFIX_BYTES + lengths[i] + 2) + 16);
        CHECK(row.n <= 511);
    }
    digest_release(&digest);
    rig_close(&rig);
}

/* What keeps an item out of an index. */
static void test_values(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig);
    struct table_desc table = table_of("t", VALUE_N);
    struct key_values values;
    CHECK(key_values_of(&table.key, rig_item(&rig, "{'pk':{'S':'a'},'sk':{'N':'1'}}"), &values));
    CHECK(!key_values_of(&table.key, rig_item(&rig, "{'pk':{'S':'a'}}"), &values));
    CHECK(!key_values_of(&table.key, rig_item(&rig, "{'pk':{'S':'a'},'sk':{'S':'1'}}"), &values));
    CHECK(!key_values_of(&table.key, rig_item(&rig, "{'pk':{'S':''},'sk':{'N':'1'}}"), &values));
    char big[2050];
    memset(big, 'x', sizeof(big));
    struct key_part s = part("s", VALUE_S);
    struct value v = value_b(str_of(big, 2048));
    v.type = VALUE_S;
    CHECK(key_hash_fits(&s, &v));
    v.str.n = 2049;
    CHECK(!key_hash_fits(&s, &v));
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_enc),  cmocka_unit_test(test_succ),   cmocka_unit_test(test_number_bytes),
        cmocka_unit_test(test_partition_lengths),
        cmocka_unit_test(test_rows), cmocka_unit_test(test_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
