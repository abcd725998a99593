/* SPDX-License-Identifier: Apache-2.0 */
/* table_make.c — from a checked request to the descriptor and settings of a table. Nothing here can fail. */
#include "server/api/schema/table_rules.h"

#include "server/api/schema/throughput_rules.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

/* Longer key ids are not printed into an ARN as they are. */
#define KEY_ID_BYTES_MAX 2048
/* A disabled stream can be read for a day. */
#define STREAM_KEPT_MS INT64_C(86400000)
/* Whoever switches more often in a day loses the oldest. */
#define STREAMS_MAX 100

/* ---- Indexes ---- */

static int name_compare(const void *a, const void *b)
{
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

static enum projection_kind projection_kind(struct str type)
{
    if (str_eq(type, STR("ALL"))) {
        return PROJECT_ALL;
    }
    return str_eq(type, STR("INCLUDE")) ? PROJECT_INCLUDE : PROJECT_KEYS_ONLY;
}

void index_make(const struct index_in *in, const struct definitions *definitions, bool is_global, struct arena *arena,
                struct index_desc *out)
{
    const struct projection_in *projection = in->projection;
    *out = (struct index_desc){.name = in->name, .is_global = is_global};
    keys_make(&in->key_schema, definitions, &out->key);
    out->projection = projection_kind(projection->type);
    size_t count = projection->non_key_attributes.count;
    if (count > 0) {
        /* DescribeTable shows them by name. */
        struct str *names = arena_array(arena, struct str, count);
        memcpy(names, projection->non_key_attributes.items, count * sizeof names[0]);
        qsort(names, count, sizeof names[0], name_compare);
        out->included = names;
        out->included_count = count;
    }
}

/* ---- Encryption ---- */

/* A UUID's text out of a text: the same for the same, without a KMS to ask. */
static struct str uuid_of(struct str s, struct arena *arena)
{
    uint64_t halves[2] = {UINT64_C(14695981039346656037), UINT64_C(9650029242287828579)};
    for (size_t h = 0; h < 2; h++) {
        for (size_t i = 0; i < s.n; i++) {
            halves[h] = (halves[h] ^ (unsigned char)s.p[i]) * UINT64_C(1099511628211);
        }
    }
    return arena_printf(arena, "%08" PRIx64 "-%04" PRIx64 "-4%03" PRIx64 "-%04" PRIx64 "-%012" PRIx64, halves[0] >> 32,
                        (halves[0] >> 16) & 0xFFFF, halves[0] & 0xFFF, 0x8000 | ((halves[1] >> 48) & 0x3FFF),
                        halves[1] & UINT64_C(0xFFFFFFFFFFFF));
}

static bool contains(struct str s, const char *part)
{
    return memmem(s.p, s.n, part, strlen(part)) != NULL;
}

static struct str arn_of_key(struct str key_id, const struct table_origin *origin, struct arena *arena)
{
    return arena_printf(arena, "arn:aws:kms:%.*s:%.*s:key/%.*s", STR_ARG(origin->region), STR_ARG(origin->account),
                        STR_ARG(key_id));
}

struct str sse_key_arn(const struct sse_in *sse, const struct table_origin *origin, struct arena *arena)
{
    if (sse == NULL || sse->is_enabled == TRI_FALSE || (sse->is_enabled == TRI_ABSENT && sse->type.p == NULL)) {
        return (struct str){0};
    }
    struct str id = sse->key_id;
    if (id.p == NULL) {
        return arn_of_key(uuid_of(STR("alias/aws/dynamodb"), arena), origin, arena);
    }
    if (str_starts_with(id, STR("arn:")) && contains(id, ":key/") && id.n <= KEY_ID_BYTES_MAX) {
        return id;
    }
    if (str_starts_with(id, STR("arn:")) && contains(id, ":alias/")) {
        const char *alias = (const char *)memmem(id.p, id.n, ":alias/", 7) + 1;
        id = str_of(alias, (size_t)(id.p + id.n - alias));
    }
    bool is_id = !str_starts_with(id, STR("alias/")) && id.n <= KEY_ID_BYTES_MAX;
    return arn_of_key(is_id ? id : uuid_of(id, arena), origin, arena);
}

/* ---- Streams ---- */

static struct str label_at(int64_t ms, struct arena *arena)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm t;
    if (gmtime_r(&seconds, &t) == NULL) {
        t = (struct tm){.tm_mday = 1, .tm_year = 70};
    }
    return arena_printf(arena, "%04d-%02d-%02dT%02d:%02d:%02d.%03d", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday,
                        t.tm_hour, t.tm_min, t.tm_sec, (int)(ms % 1000));
}

void stream_enable(struct table_settings *settings, struct str view_type, int64_t now_ms, struct arena *arena)
{
    const struct stream_settings *latest = settings_latest_stream(settings);
    int64_t created_ms = latest != NULL && latest->created_ms >= now_ms ? latest->created_ms + 1 : now_ms;
    struct stream_settings *streams = arena_array(arena, struct stream_settings, settings->stream_count + 1);
    size_t count = 0;
    size_t first = settings->stream_count < STREAMS_MAX ? 0 : settings->stream_count - STREAMS_MAX + 1;
    for (size_t i = first; i < settings->stream_count; i++) {
        if (settings->streams[i].disabled_ms + STREAM_KEPT_MS > now_ms) {
            streams[count++] = settings->streams[i];
        }
    }
    streams[count++] = (struct stream_settings){
        .label = label_at(created_ms, arena), .view_type = view_type, .created_ms = created_ms};
    settings->streams = streams;
    settings->stream_count = count;
}

/* ---- The table ---- */

static void make_indexes(const struct table_in *in, const struct definitions *definitions, struct arena *arena,
                         struct table_desc *desc, struct table_settings *settings)
{
    const struct index_in *lsis = in->lsis.items;
    const struct index_in *gsis = in->gsis.items;
    struct index_desc *indexes = arena_array(arena, struct index_desc, in->lsis.count + in->gsis.count);
    for (size_t i = 0; i < in->lsis.count; i++) {
        index_make(&lsis[i], definitions, false, arena, &indexes[desc->index_count++]);
    }
    settings->indexes = arena_array(arena, struct index_settings, in->gsis.count);
    for (size_t i = 0; i < in->gsis.count; i++) {
        index_make(&gsis[i], definitions, true, arena, &indexes[desc->index_count++]);
        struct index_settings *index = &settings->indexes[settings->index_count++];
        index->name = gsis[i].name;
        throughput_init(&index->throughput, gsis[i].throughput, gsis[i].on_demand, gsis[i].warm);
    }
    desc->indexes = indexes;
}

void table_make(const struct table_in *in, const struct table_origin *origin, struct arena *arena, struct table_desc *desc,
                struct table_settings *settings)
{
    struct definitions definitions;
    definitions_init(&definitions, &in->definitions, arena);
    *desc = (struct table_desc){.name = in->name};
    keys_make(&in->key_schema, &definitions, &desc->key);
    *settings = (struct table_settings){
        .created_ms = origin->now_ms,
        .billing = billing_of(in->billing_mode),
        .sse_key_arn = sse_key_arn(in->sse, origin, arena),
        .table_class = in->table_class,
        .is_protected = in->is_protected == TRI_TRUE,
        .policy = in->policy,
        .policy_changed_ms = in->policy.p != NULL ? origin->now_ms : 0,
    };
    settings->on_demand_since_ms = settings->billing == BILLING_PAY_PER_REQUEST ? origin->now_ms : 0;
    throughput_init(&settings->throughput, in->throughput, in->on_demand, in->warm);
    make_indexes(in, &definitions, arena, desc, settings);
    const struct stream_in *stream = in->stream;
    if (stream != NULL && stream->is_enabled == TRI_TRUE) {
        stream_enable(settings, stream->view_type, origin->now_ms, arena);
    }
    const struct tag_in *tags = in->tags.items;
    settings->tags = arena_array(arena, struct tag, in->tags.count);
    for (size_t i = 0; i < in->tags.count; i++) {
        settings->tags[settings->tag_count++] = (struct tag){tags[i].key, tags[i].value};
    }
    desc->is_journalled = settings_want_journal(settings);
}
