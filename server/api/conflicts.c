/* SPDX-License-Identifier: Apache-2.0 */
/* conflicts.c — conflicts on demand: which items the writes of the batch that runs have touched. Batches are short and the option is for tests,
 * so a list will do. No call asks for one item twice, so whoever holds it is another one. */
#include "server/api/conflicts.h"

#include "core/value_json.h"
#include "server/api/state.h"

struct held_item {
    uint32_t table_id;
    struct str key; /* canonical text */
    bool is_single; /* held by a write that is no transaction */
};

void conflicts_begin(struct conflicts *conflicts, struct arena *arena)
{
    *conflicts = (struct conflicts){.arena = arena};
}

bool conflicts_simulated(const struct call *call)
{
    return call->api->options.simulates_conflicts;
}

static struct str key_text(const struct value *key, struct arena *arena)
{
    struct buf text;
    buf_init(&text, 1 << 20);
    value_text_write(&text, key);
    struct str copy = arena_copy(arena, str_of(text.p, text.n));
    buf_release(&text);
    return copy;
}

static bool is_held(const struct call *call, uint32_t table_id, struct str key, bool also_single)
{
    const struct conflicts *conflicts = &call->api->conflicts;
    for (size_t i = 0; i < conflicts->count; i++) {
        const struct held_item *item = &conflicts->items[i];
        if (item->table_id == table_id && (also_single || !item->is_single) && str_eq(item->key, key)) {
            return true;
        }
    }
    return false;
}

static void hold(struct call *call, uint32_t table_id, struct str key, bool is_single)
{
    struct conflicts *conflicts = &call->api->conflicts;
    if (conflicts->count == conflicts->room) {
        size_t room = conflicts->room > 0 ? 2 * conflicts->room : 16;
        struct held_item *items = arena_array(conflicts->arena, struct held_item, room);
        if (conflicts->count > 0) {
            memcpy(items, conflicts->items, conflicts->count * sizeof *items);
        }
        conflicts->items = items;
        conflicts->room = room;
    }
    conflicts->items[conflicts->count++] = (struct held_item){table_id, key, is_single};
}

bool conflict_of_action(struct call *call, const struct table_desc *table, const struct value *key)
{
    if (!conflicts_simulated(call)) {
        return false;
    }
    struct str text = key_text(key, call->api->conflicts.arena);
    if (is_held(call, table->id, text, false)) {
        return true;
    }
    hold(call, table->id, text, false);
    return false;
}

bool conflict_of_read(struct call *call, const struct table_desc *table, const struct value *key)
{
    return conflicts_simulated(call) && is_held(call, table->id, key_text(key, call->arena), true);
}

void conflict_hold(struct call *call, const struct table_desc *table, const struct value *key)
{
    if (conflicts_simulated(call)) {
        hold(call, table->id, key_text(key, call->api->conflicts.arena), true);
    }
}

bool conflict_check(struct call *call, const struct table_desc *table, const struct value *key, struct err *err)
{
    if (!conflicts_simulated(call)) {
        return true;
    }
    struct str text = key_text(key, call->api->conflicts.arena);
    if (is_held(call, table->id, text, false)) {
        return err_set(err, ERR_TRANSACTION_CONFLICT, CONFLICT_TEXT);
    }
    hold(call, table->id, text, true);
    return true;
}
