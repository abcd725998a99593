/* SPDX-License-Identifier: Apache-2.0 */
/* update_apply.c — the effects of UpdateTable: aws-behaviour.md §3.9 "Effects". Each kind of change is made twice, in the settings that are kept
 * and in those that the answer shows; where the service answers with the old values, the second is not. */
#include "server/api/schema/update_apply.h"

#include "server/api/schema/throughput_rules.h"

struct update {
    const struct update_in *in;
    const struct table_desc *table;
    const struct table_origin *origin;
    struct arena *arena;
    struct update_result *out;
};

static struct index_note *note(struct update *u, struct str name)
{
    for (size_t i = 0; i < u->out->note_count; i++) {
        if (str_eq(u->out->notes[i].name, name)) {
            return &u->out->notes[i];
        }
    }
    struct index_note *added = &u->out->notes[u->out->note_count++];
    *added = (struct index_note){.name = name};
    return added;
}

/* ---- Billing and throughput ---- */

static void to_on_demand(struct table_settings *settings, int64_t now_ms)
{
    if (settings->billing == BILLING_PROVISIONED) {
        settings->on_demand_since_ms = now_ms;
    }
    settings->billing = BILLING_PAY_PER_REQUEST;
    throughput_to_on_demand(&settings->throughput);
    for (size_t i = 0; i < settings->index_count; i++) {
        throughput_to_on_demand(&settings->indexes[i].throughput);
    }
}

/* The answer shows old units, but already when they changed. */
static void show_provisioning(struct throughput *shown, const struct throughput *after, int64_t now_ms)
{
    shown->decreases = throughput_decreases(shown, now_ms);
    shown->last_increase_ms = after->last_increase_ms;
    shown->last_decrease_ms = after->last_decrease_ms;
}

static void provision(struct update *u, const struct units_in *units, bool is_switch, struct throughput *after,
                      struct throughput *shown)
{
    throughput_provision(after, units, u->origin->now_ms);
    if (is_switch) {
        *shown = *after;
    } else {
        show_provisioning(shown, after, u->origin->now_ms);
    }
}

static void apply_billing(struct update *u)
{
    const struct update_in *in = u->in;
    struct update_result *out = u->out;
    bool is_switch = out->settings.billing == BILLING_PAY_PER_REQUEST;
    if (in->billing_mode.p != NULL && billing_of(in->billing_mode) == BILLING_PAY_PER_REQUEST) {
        to_on_demand(&out->settings, u->origin->now_ms);
        to_on_demand(&out->shown, u->origin->now_ms);
    }
    if (in->throughput != NULL) {
        out->settings.billing = BILLING_PROVISIONED;
        out->shown.billing = BILLING_PROVISIONED;
        provision(u, in->throughput, is_switch, &out->settings.throughput, &out->shown.throughput);
    }
    const struct index_update_in *entries = in->gsi_updates.items;
    for (size_t i = 0; i < in->gsi_updates.count; i++) {
        const struct index_in *update = entries[i].update;
        struct index_settings *after = update != NULL ? settings_index(&out->settings, update->name) : NULL;
        if (after != NULL && update->throughput != NULL) {
            struct index_settings *shown = settings_index(&out->shown, update->name);
            provision(u, update->throughput, is_switch, &after->throughput, &shown->throughput);
            note(u, update->name)->status = "UPDATING";
        }
    }
}

/* −1 is echoed. */
static void show_ceilings(struct throughput *shown, const struct units_in *units)
{
    if (units->read.is_present) {
        shown->max_read = units->read.n;
    }
    if (units->write.is_present) {
        shown->max_write = units->write.n;
    }
}

static void apply_ceilings(struct update *u)
{
    struct update_result *out = u->out;
    if (u->in->on_demand != NULL) {
        throughput_cap(&out->settings.throughput, u->in->on_demand);
        show_ceilings(&out->shown.throughput, u->in->on_demand);
    }
    if (u->in->warm != NULL) {
        throughput_warm(&out->settings.throughput, u->in->warm);
    }
    out->warm_status = units_are_empty(u->in->warm) ? NULL : "UPDATING";
    const struct index_update_in *entries = u->in->gsi_updates.items;
    for (size_t i = 0; i < u->in->gsi_updates.count; i++) {
        const struct index_in *update = entries[i].update;
        struct index_settings *after = update != NULL ? settings_index(&out->settings, update->name) : NULL;
        if (after == NULL) {
            continue;
        }
        if (update->on_demand != NULL) {
            throughput_cap(&after->throughput, update->on_demand);
            show_ceilings(&settings_index(&out->shown, update->name)->throughput, update->on_demand);
        }
        if (update->warm != NULL) {
            throughput_warm(&after->throughput, update->warm);
            note(u, update->name)->warm_status = "UPDATING";
        }
    }
}

/* ---- Indexes ---- */

/* The type of an attribute that is a key somewhere already stays what it is, whatever the request defines. */
static const struct key_part *stored_part(const struct table_desc *table, struct str name)
{
    const struct key_part *part = key_schema_part(&table->key, name);
    for (size_t i = 0; part == NULL && i < table->index_count; i++) {
        part = key_schema_part(&table->indexes[i].key, name);
    }
    return part;
}

static void keep_types(const struct table_desc *table, struct key_part *parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct key_part *stored = stored_part(table, parts[i].name);
        if (stored != NULL) {
            parts[i].type = stored->type;
        }
    }
}

static void add_index_settings(struct table_settings *settings, const struct index_settings *index, struct arena *arena)
{
    struct index_settings *indexes = arena_array(arena, struct index_settings, settings->index_count + 1);
    if (settings->index_count > 0) {
        memcpy(indexes, settings->indexes, settings->index_count * sizeof indexes[0]);
    }
    indexes[settings->index_count++] = *index;
    settings->indexes = indexes;
}

static void create_index(struct update *u, const struct index_in *create, struct index_desc *indexes)
{
    struct update_result *out = u->out;
    struct definitions definitions;
    definitions_init(&definitions, &u->in->definitions, u->arena);
    struct index_desc *index = &indexes[out->desc.index_count++];
    index_make(create, &definitions, true, u->arena, index);
    keep_types(u->table, index->key.hash, index->key.hash_count);
    keep_types(u->table, index->key.range, index->key.range_count);
    struct index_settings settings = {.name = create->name};
    throughput_init(&settings.throughput, create->throughput, create->on_demand, create->warm);
    add_index_settings(&out->settings, &settings, u->arena);
    add_index_settings(&out->shown, &settings, u->arena);
    *note(u, create->name) = (struct index_note){.name = create->name,
                                                 .status = "CREATING",
                                                 .warm_status = units_are_empty(create->warm) ? NULL : "UPDATING",
                                                 .is_new = true};
}

static void delete_index(struct update *u, struct str name, struct index_desc *indexes)
{
    struct table_desc *desc = &u->out->desc;
    size_t kept = 0;
    for (size_t i = 0; i < desc->index_count; i++) {
        if (!str_eq(indexes[i].name, name)) {
            indexes[kept++] = indexes[i];
        }
    }
    desc->index_count = kept;
    struct table_settings *settings = &u->out->settings;
    struct index_settings *removed = settings_index(settings, name);
    if (removed != NULL) {
        size_t after = (size_t)(settings->indexes + settings->index_count - removed) - 1;
        memmove(removed, removed + 1, after * sizeof *removed);
        settings->index_count--;
    }
    note(u, name)->status = "DELETING";
}

/* At most one index is created or deleted in a call. */
static void apply_indexes(struct update *u)
{
    struct update_result *out = u->out;
    const struct index_update_in *entries = u->in->gsi_updates.items;
    struct index_desc *indexes = arena_array(u->arena, struct index_desc, u->table->index_count + 1);
    if (u->table->index_count > 0) {
        memcpy(indexes, u->table->indexes, u->table->index_count * sizeof indexes[0]);
    }
    out->desc.indexes = indexes;
    for (size_t i = 0; i < u->in->gsi_updates.count; i++) {
        const struct index_in *remove = entries[i].remove;
        if (entries[i].create != NULL) {
            create_index(u, entries[i].create, indexes);
            out->shown_desc = out->desc;
        }
        if (remove != NULL) {
            delete_index(u, remove->name, indexes);
        }
    }
}

/* ---- The rest ---- */

static void disable_stream(struct table_settings *settings, int64_t now_ms)
{
    ensure(settings->stream_count > 0);
    settings->streams[settings->stream_count - 1].disabled_ms = now_ms;
}

static void apply_options(struct update *u)
{
    const struct stream_in *stream = u->in->stream;
    struct update_result *out = u->out;
    int64_t now_ms = u->origin->now_ms;
    if (stream != NULL && stream->is_enabled == TRI_TRUE) {
        stream_enable(&out->settings, stream->view_type, now_ms, u->arena);
        stream_enable(&out->shown, stream->view_type, now_ms, u->arena);
    } else if (stream != NULL) {
        disable_stream(&out->settings, now_ms);
        disable_stream(&out->shown, now_ms);
    }
    if (u->in->sse != NULL) {
        out->settings.sse_key_arn = sse_key_arn(u->in->sse, u->origin, u->arena);
        if (out->shown.sse_key_arn.p == NULL) {
            out->shown.sse_key_arn = out->settings.sse_key_arn;
        }
        out->sse_status = "UPDATING";
    }
    struct str current_class = out->settings.table_class.p != NULL ? out->settings.table_class : STR("STANDARD");
    if (u->in->table_class.p != NULL && !str_eq(u->in->table_class, current_class)) {
        out->settings.table_class = u->in->table_class;
        out->settings.table_class_changed_ms = now_ms;
    }
    if (u->in->is_protected != TRI_ABSENT) {
        out->settings.is_protected = u->in->is_protected == TRI_TRUE;
        out->shown.is_protected = out->settings.is_protected;
    }
}

void update_table_apply(const struct update_in *in, const struct table_desc *table, const struct table_origin *origin,
                  struct arena *arena, struct update_result *out)
{
    struct update u = {in, table, origin, arena, out};
    struct index_actions actions = update_actions(in);
    bool takes_time = in->billing_mode.p != NULL || in->throughput != NULL || in->stream != NULL ||
                      in->table_class.p != NULL || actions.creates + actions.deletes > 0;
    out->desc = *table;
    out->shown_desc = *table;
    out->notes = arena_array(arena, struct index_note, in->gsi_updates.count);
    out->note_count = 0;
    out->table_status = takes_time ? "UPDATING" : "ACTIVE";
    out->sse_status = NULL;
    out->warm_status = NULL;
    apply_billing(&u);
    apply_ceilings(&u);
    apply_indexes(&u);
    apply_options(&u);
}
