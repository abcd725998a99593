/* SPDX-License-Identifier: Apache-2.0 */
/* settings_test.c — the settings of a table: what is written is read back, what is unknown is skipped, what is damaged is said; and the
 * history of streams. */
#include "server/api/schema/settings.h"
#include "server/api/schema/table_rules.h"
#include "tests/test_arena.h"

#define DAY_MS INT64_C(86400000)

static struct table_settings read_text(struct str text)
{
    struct err err;
    err_init(&err, &arena);
    struct table_settings settings;
    CHECK(settings_read(text, &arena, &settings, &err));
    return settings;
}

static void test_round_trip(void **state)
{
    (void)state;
    struct throughput throughput = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    struct index_settings indexes[] = {{STR("gsi \"1\""), throughput}, {STR("gsi2"), {0}}};
    struct stream_settings streams[] = {{STR("old"), STR("NEW_IMAGE"), 10, 11}, {STR("new"), STR("OLD_IMAGE"), 12, 0}};
    struct tag tags[] = {{STR("k\n"), STR("")}, {STR("ключ"), STR("v")}};
    struct table_settings in = {
        .table_id = STR("id"), .created_ms = 1767225600000, .billing = BILLING_PAY_PER_REQUEST, .on_demand_since_ms = 13,
        .throughput = throughput, .indexes = indexes, .index_count = 2, .streams = streams, .stream_count = 2,
        .sse_key_arn = STR("arn"), .table_class = STR("STANDARD"), .table_class_changed_ms = 14, .is_protected = true,
        .tags = tags, .tag_count = 2, .has_pitr = true, .pitr_since_ms = 15, .pitr_days = 16, .policy = STR("{}"),
        .policy_changed_ms = 17,
    };
    struct str text = settings_text(&in, &arena);
    struct table_settings out = read_text(text);
    CHECK_STR(settings_text(&out, &arena), text);
    CHECK_EQ(out.index_count, 2);
    CHECK_STR(out.indexes[0].name, STR("gsi \"1\""));
    CHECK_EQ(out.indexes[0].throughput.warm_write, 9);
    CHECK_EQ(out.stream_count, 2);
    CHECK_EQ(out.streams[0].disabled_ms, 11);
    CHECK_STR(settings_stream(&out)->label, STR("new"));
    CHECK_EQ(out.tag_count, 2);
    CHECK_STR(out.tags[0].key, STR("k\n"));
    CHECK(out.tags[0].value.p != NULL && out.tags[0].value.n == 0);
    CHECK(out.is_protected && out.has_pitr && settings_want_journal(&out));
    CHECK_EQ(out.pitr_days, 16);
    CHECK_EQ(out.created_ms, 1767225600000);
}

static void test_absent_stays_absent(void **state)
{
    (void)state;
    struct table_settings in = {.table_id = STR("id")};
    struct table_settings out = read_text(settings_text(&in, &arena));
    CHECK(out.sse_key_arn.p == NULL && out.table_class.p == NULL && out.policy.p == NULL);
    CHECK(settings_latest_stream(&out) == NULL && !settings_want_journal(&out));
    CHECK_EQ(out.billing, BILLING_PROVISIONED);
    out = read_text(STR(""));
    CHECK(out.table_id.p == NULL);
}

static void test_unknown_members_are_skipped(void **state)
{
    (void)state;
    struct table_settings out = read_text(
        STR("{\"future\":{\"a\":[1,{}]},\"id\":\"x\",\"indexes\":[{\"name\":\"g\",\"read\":5,\"vector\":[]},7],"
            "\"tags\":[[\"k\",\"v\",\"more\"],[\"k\"],{}],\"created\":\"soon\",\"streams\":{},\"protected\":1}"));
    CHECK_STR(out.table_id, STR("x"));
    CHECK_EQ(out.index_count, 2);
    CHECK_EQ(out.indexes[0].throughput.read_units, 5);
    CHECK_EQ(out.tag_count, 1);
    CHECK_EQ(out.created_ms, 0);
    CHECK_EQ(out.stream_count, 0);
    CHECK(out.is_protected);
}

static void test_damaged(void **state)
{
    (void)state;
    const struct str texts[] = {STR("{"), STR("[]"), STR("x")};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct err err;
        err_init(&err, &arena);
        struct table_settings settings;
        CHECK(!settings_read(texts[i], &arena, &settings, &err));
        CHECK_EQ(err.kind, ERR_INTERNAL);
    }
}

static void test_streams(void **state)
{
    (void)state;
    struct table_settings settings = {0};
    stream_enable(&settings, STR("NEW_IMAGE"), DAY_MS, &arena);
    CHECK_STR(settings_latest_stream(&settings)->label, STR("1970-01-02T00:00:00.000"));
    settings.streams[0].disabled_ms = DAY_MS;
    CHECK(settings_stream(&settings) == NULL);
    CHECK(!settings_want_journal(&settings));
    /* At the same moment, and when the clock was set back. */
    stream_enable(&settings, STR("NEW_IMAGE"), DAY_MS, &arena);
    CHECK_STR(settings_latest_stream(&settings)->label, STR("1970-01-02T00:00:00.001"));
    settings.streams[1].disabled_ms = DAY_MS + 2;
    stream_enable(&settings, STR("NEW_IMAGE"), 5, &arena);
    CHECK_STR(settings_latest_stream(&settings)->label, STR("1970-01-02T00:00:00.002"));
    CHECK_EQ(settings.stream_count, 3);
    /* Disabled ones go after a day. */
    settings.streams[2].disabled_ms = DAY_MS + 3;
    stream_enable(&settings, STR("KEYS_ONLY"), 2 * DAY_MS + 2, &arena);
    CHECK_EQ(settings.stream_count, 2);
    CHECK_STR(settings.streams[0].label, STR("1970-01-02T00:00:00.002"));
    CHECK_STR(settings_stream(&settings)->view_type, STR("KEYS_ONLY"));
}

static void test_many_streams(void **state)
{
    (void)state;
    struct table_settings settings = {0};
    for (int i = 0; i < 300; i++) {
        stream_enable(&settings, STR("NEW_IMAGE"), DAY_MS, &arena);
        settings.streams[settings.stream_count - 1].disabled_ms = DAY_MS;
    }
    CHECK_EQ(settings.stream_count, 100);
    CHECK_STR(settings_latest_stream(&settings)->label, STR("1970-01-02T00:00:00.299"));
}

static void test_decreases(void **state)
{
    (void)state;
    struct throughput t = {.decreases = 3, .last_decrease_ms = 5 * DAY_MS};
    CHECK_EQ(throughput_decreases(&t, 5 * DAY_MS), 3);
    CHECK_EQ(throughput_decreases(&t, 6 * DAY_MS - 1), 3);
    CHECK_EQ(throughput_decreases(&t, 6 * DAY_MS), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_round_trip, setup, teardown),
        cmocka_unit_test_setup_teardown(test_absent_stays_absent, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown_members_are_skipped, setup, teardown),
        cmocka_unit_test_setup_teardown(test_damaged, setup, teardown),
        cmocka_unit_test_setup_teardown(test_streams, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_streams, setup, teardown),
        cmocka_unit_test_setup_teardown(test_decreases, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
