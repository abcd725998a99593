/* SPDX-License-Identifier: Apache-2.0 */
/* sim_test.c — random work on a few tables against a model that is just arrays: puts, deletes, reads, index and TTL changes, drops, background
 * steps, jumps of time, aborts, restarts (in a directory) and full maps (in memory, with tiny steps: a transaction that finds the
 * map full is aborted, the map grows, and the same work runs again). After each batch the database is checked against its rules
 * and against the model. SIM_SEED=n runs one seed, SIM_RUNS how many. */
#include "tests/storage/rig.h"

#include "storage/stored.h"

#define TABLES 3
#define SLOTS 40
#define INDEXES 3

struct model_item {
    bool exists;
    int g; /* −1: absent; −2: a number */
    int h; /* −1: absent */
    int x;
    int pad;
    int64_t due; /* −1: absent */
};

struct model_table {
    bool exists;
    bool has_index[INDEXES];
    bool has_ttl;
    bool is_journalled;
    struct model_item items[SLOTS];
};

struct model {
    struct model_table tables[TABLES];
};

/* How often what is done, in a run. */
struct weights {
    unsigned put;
    unsigned remove;
    unsigned same;
    unsigned index;
    unsigned ttl;
    unsigned table;
};

struct sim {
    struct rig rig;
    struct random random;
    struct model model;
    struct weights weights;
    unsigned grown;
    bool is_memory;
};

static unsigned below(struct sim *sim, unsigned bound)
{
    return (unsigned)random_below(&sim->random, bound);
}

/* ---- The model's items as values ---- */

static struct value text_value(struct sim *sim, char letter, int n)
{
    struct str text = arena_printf(&sim->rig.arena, "%c%d", letter, n);
    return (struct value){.type = VALUE_S, .str = text};
}

static struct value number_value(struct sim *sim, int64_t n)
{
    char text[24];
    snprintf(text, sizeof(text), "%lld", (long long)n);
    return value_n(&sim->rig, text);
}

static struct value sort_value(struct sim *sim, int slot)
{
    int n = slot % 8;
    if (n < 4) {
        return text_value(sim, 's', n);
    }
    /* Long ones with one beginning. */
    char *text = arena_alloc(&sim->rig.arena, 600);
    memset(text, 'l', 600);
    text[580] = (char)('0' + n);
    return (struct value){.type = VALUE_S, .str = {text, 590}};
}

static const struct value *key_of(struct sim *sim, int slot)
{
    struct value *key = arena_new(&sim->rig.arena, struct value);
    struct member *members = arena_array(&sim->rig.arena, struct member, 2);
    members[0] = (struct member){STR("pk"), text_value(sim, 'p', slot / 8)};
    members[1] = (struct member){STR("sk"), sort_value(sim, slot)};
    *key = (struct value){.type = VALUE_M, .count = 2, .members = members};
    return key;
}

static const struct value *item_of(struct sim *sim, const struct model_item *item, int slot)
{
    struct value *value = arena_new(&sim->rig.arena, struct value);
    struct member *members = arena_array(&sim->rig.arena, struct member, 8);
    size_t n = 0;
    if (item->due >= 0) {
        members[n++] = (struct member){STR("due"), number_value(sim, item->due)};
    }
    if (item->g != -1) {
        members[n++] =
            (struct member){STR("g"), item->g == -2 ? number_value(sim, 5) : text_value(sim, 'g', item->g)};
    }
    if (item->h >= 0) {
        members[n++] = (struct member){STR("h"), number_value(sim, item->h)};
    }
    char *pad = arena_alloc(&sim->rig.arena, (size_t)item->pad);
    memset(pad, '"', (size_t)item->pad);
    members[n++] = (struct member){STR("pa\"d"), {.type = VALUE_S, .str = {pad, (size_t)item->pad}}};
    members[n++] = (struct member){STR("pk"), text_value(sim, 'p', slot / 8)};
    members[n++] = (struct member){STR("sk"), sort_value(sim, slot)};
    members[n++] = (struct member){STR("x"), number_value(sim, item->x)};
    *value = (struct value){.type = VALUE_M, .count = n, .members = members};
    return value;
}

static const char *table_name(unsigned table)
{
    static const char *const names[TABLES] = {"t0", "t1", "t2"};
    return names[table];
}

static const char *index_name(unsigned index)
{
    static const char *const names[INDEXES] = {"all", "keys", "some"};
    return names[index];
}

static bool is_indexed(const struct model_item *item, unsigned index)
{
    return item->exists && item->g >= 0 && (index != 0 || item->h >= 0);
}

/* ---- Changing both ---- */

static struct table_desc describe(struct sim *sim, unsigned table, const struct table_desc *now)
{
    const struct model_table *model = &sim->model.tables[table];
    struct index_desc *indexes = arena_array(&sim->rig.arena, struct index_desc, INDEXES);
    struct str *included = arena_array(&sim->rig.arena, struct str, 1);
    struct table_desc desc = table_of(table_name(table), VALUE_S);
    included[0] = STR("x");
    for (unsigned i = 0; i < INDEXES; i++) {
        if (!model->has_index[i]) {
            continue;
        }
        struct index_desc index = index_of(index_name(i), "g", i == 0 ? "h" : NULL, VALUE_N, (enum projection_kind)i);
        index.included = i == 2 ? included : NULL;
        index.included_count = i == 2 ? 1 : 0;
        const struct index_desc *there = now != NULL ? table_index(now, index.name) : NULL;
        index.id = there != NULL ? there->id : 0;
        indexes[desc.index_count++] = index;
    }
    desc.indexes = indexes;
    desc.id = now != NULL ? now->id : 0;
    desc.ttl_attribute = model->has_ttl ? STR("due") : (struct str){NULL, 0};
    desc.is_journalled = model->is_journalled;
    return desc;
}

/* As an update would have made it: what is equal in the old item is shared with it. */
static struct value share_with(const struct value *old, const struct value *new, struct arena *arena)
{
    struct member *members = arena_array(arena, struct member, new->count);
    for (size_t i = 0; i < new->count; i++) {
        const struct value *before = value_map_get(old, new->members[i].name);
        bool is_equal = before != NULL && value_equal(before, &new->members[i].value);
        members[i] = (struct member){new->members[i].name, is_equal ? *before : new->members[i].value};
    }
    return (struct value){.type = VALUE_M, .count = new->count, .members = members};
}

struct part {
    const struct value *before;
    bool *is_in; /* of each member of before */
};

static size_t place_of(const struct value *map, struct str name)
{
    size_t i = 0;
    while (i < map->count && !str_eq(map->members[i].name, name)) {
        i++;
    }
    return i;
}

static bool need(void *context, struct str name)
{
    struct part *part = context;
    size_t at = place_of(part->before, name);
    if (at < part->before->count) {
        part->is_in[at] = true;
    }
    return true;
}

static struct value kept_of(const struct part *part, const struct value *item, struct arena *arena)
{
    struct value kept = {.type = VALUE_M};
    struct member *members = arena_array(arena, struct member, item->count);
    for (size_t i = 0; i < item->count; i++) {
        size_t at = place_of(part->before, item->members[i].name);
        if (at == part->before->count || part->is_in[at]) {
            members[kept.count++] = item->members[i];
        }
    }
    kept.members = members;
    return kept;
}

/* Takes out of both items some or all of what the update leaves alone and no plan needs. */
static void leave_out(struct sim *sim, const struct table_desc *desc, struct value *before, struct value *after)
{
    struct arena *arena = &sim->rig.arena;
    struct part part = {before, arena_array(arena, bool, before->count)};
    bool keeps_some = below(sim, 2) == 0;
    for (size_t i = 0; i < before->count; i++) {
        const struct value *there = value_map_get(after, before->members[i].name);
        part.is_in[i] = there == NULL || !value_equal(there, &before->members[i].value) || (keeps_some && below(sim, 2) == 0);
    }
    CHECK(change_needs(desc, need, &part));
    struct value kept = kept_of(&part, before, arena);
    *after = kept_of(&part, after, arena);
    *before = kept;
}

/* A put and an update to the same item are one change. */
static bool plan_both(struct sim *sim, const struct table_desc *desc, const struct value *key, const struct stored *old,
                      const struct value *value, struct change *change)
{
    struct rig *rig = &sim->rig;
    if (!change_plan(rig->txn, desc, key, old, value, CAUSE_USER, &rig->arena, change, &rig->err)) {
        return false;
    }
    if (value == NULL || !stored_exists(old)) {
        return true;
    }
    struct change put = *change;
    struct value before;
    CHECK(stored_text_parse(old->text, &rig->arena, &before, &rig->err));
    struct value after = share_with(&before, value, &rig->arena);
    leave_out(sim, desc, &before, &after);
    if (!change_plan_update(rig->txn, desc, key, old, &before, &after, &rig->arena, change, &rig->err)) {
        return false;
    }
    CHECK_STR(put.new.text, change->new.text);
    CHECK_EQ(put.new.key_end, change->new.key_end);
    CHECK_EQ(put.new.size_bytes, change->new.size_bytes);
    CHECK_EQ(put.is_same, change->is_same);
    for (size_t i = 0; i < put.index_count && !put.is_same; i++) {
        CHECK_EQ(put.indexes[i].old_size_bytes, change->indexes[i].old_size_bytes);
        CHECK_EQ(put.indexes[i].new_size_bytes, change->indexes[i].new_size_bytes);
        CHECK_EQ(put.indexes[i].is_key_changed, change->indexes[i].is_key_changed);
        CHECK_EQ(put.indexes[i].is_content_changed, change->indexes[i].is_content_changed);
    }
    return true;
}

static bool set_item(struct sim *sim, unsigned table, int slot, const struct model_item *item)
{
    struct rig *rig = &sim->rig;
    const struct table_desc *desc = rig_find(rig, table_name(table));
    const struct value *key = key_of(sim, slot);
    const struct value *value = item->exists ? item_of(sim, item, slot) : NULL;
    struct stored old;
    struct change change;
    if (!item_get(rig->txn, desc, key, &rig->arena, &old, &rig->err)) {
        return false;
    }
    CHECK(stored_exists(&old) == sim->model.tables[table].items[slot].exists);
    if (!plan_both(sim, desc, key, &old, value, &change) || !change_apply(rig->txn, &change, &rig->err)) {
        return false;
    }
    sim->model.tables[table].items[slot] = *item;
    return true;
}

static bool change_index(struct sim *sim, unsigned table)
{
    struct model_table *model = &sim->model.tables[table];
    unsigned index = below(sim, INDEXES);
    model->has_index[index] = !model->has_index[index];
    struct table_desc desc = describe(sim, table, rig_find(&sim->rig, table_name(table)));
    return table_replace(sim->rig.txn, &desc, &sim->rig.err);
}

static bool change_ttl(struct sim *sim, unsigned table)
{
    struct model_table *model = &sim->model.tables[table];
    model->has_ttl = !model->has_ttl;
    model->is_journalled = below(sim, 2) == 0;
    struct table_desc desc = describe(sim, table, rig_find(&sim->rig, table_name(table)));
    return table_replace(sim->rig.txn, &desc, &sim->rig.err);
}

static bool change_table(struct sim *sim, unsigned table)
{
    struct model_table *model = &sim->model.tables[table];
    if (model->exists) {
        const struct table_desc *desc = rig_find(&sim->rig, table_name(table));
        *model = (struct model_table){0};
        return table_drop(sim->rig.txn, desc, &sim->rig.err);
    }
    *model = (struct model_table){.exists = true, .has_ttl = below(sim, 2) == 0};
    for (unsigned i = 0; i < INDEXES; i++) {
        model->has_index[i] = below(sim, 2) == 0;
    }
    struct table_desc desc = describe(sim, table, NULL);
    return table_create(sim->rig.txn, &desc, &sim->rig.err);
}

static struct model_item random_item(struct sim *sim)
{
    return (struct model_item){
        .exists = true,
        .g = (int)below(sim, 5) - 2,
        .h = (int)below(sim, 6) - 1,
        .x = (int)below(sim, 3),
        .pad = below(sim, 10) == 0 ? (int)below(sim, 9000) : (int)below(sim, 3),
        .due = below(sim, 2) == 0 ? -1 : sim->rig.clock.now / 1000 - 500 + (int64_t)below(sim, 4000),
    };
}

static bool do_something(struct sim *sim)
{
    const struct weights *w = &sim->weights;
    unsigned table = below(sim, TABLES);
    unsigned dice = below(sim, w->put + w->remove + w->same + w->index + w->ttl + w->table);
    int slot = (int)below(sim, SLOTS);
    if (!sim->model.tables[table].exists) {
        return change_table(sim, table);
    }
    struct model_item item = sim->model.tables[table].items[slot];
    if (dice < w->put) {
        item = random_item(sim);
        return set_item(sim, table, slot, &item);
    }
    dice -= w->put;
    if (dice < w->remove) {
        item.exists = false;
        return set_item(sim, table, slot, &item);
    }
    dice -= w->remove;
    if (dice < w->same) {
        item.x = below(sim, 2) == 0 ? item.x : item.x + 1;
        return set_item(sim, table, slot, &item);
    }
    dice -= w->same;
    if (dice < w->index) {
        return change_index(sim, table);
    }
    return dice - w->index < w->ttl ? change_ttl(sim, table) : change_table(sim, table);
}

/* One transaction; false: it found the map full, nothing is changed. */
static bool run_transaction(struct sim *sim)
{
    struct model before = sim->model;
    struct rig *rig = &sim->rig;
    bool ok = true;
    rig_write(rig);
    for (unsigned i = 1 + below(sim, 8); ok && i > 0; i--) {
        ok = do_something(sim);
    }
    bool is_aborted = below(sim, 8) == 0;
    if (ok && !is_aborted) {
        ok = txn_commit(rig->txn, &rig->err);
    } else {
        txn_abort(rig->txn);
    }
    rig->txn = NULL;
    if (!ok || is_aborted) {
        sim->model = before;
    }
    OK(rig, ok || rig->err.kind == ERR_MAP_FULL);
    return ok;
}

static void grow(struct sim *sim)
{
    err_clear(&sim->rig.err);
    OK(&sim->rig, store_grow(sim->rig.store, &sim->rig.err));
    sim->grown++;
}

/* With growth where it is needed: the same random numbers once more. */
static void transact(struct sim *sim)
{
    for (;;) {
        struct random before = sim->random;
        if (run_transaction(sim)) {
            return;
        }
        sim->random = before;
        grow(sim);
    }
}

static bool background(struct sim *sim, unsigned kinds, int64_t budget_us)
{
    struct rig *rig = &sim->rig;
    for (;;) {
        bool more = false;
        rig_write(rig);
        bool ok = background_step(rig->txn, kinds, budget_us, &rig->arena, &more, &rig->err);
        if (ok) {
            ok = txn_commit(rig->txn, &rig->err);
        } else {
            txn_abort(rig->txn);
        }
        rig->txn = NULL;
        if (ok) {
            return more;
        }
        CHECK_EQ(rig->err.kind, ERR_MAP_FULL);
        grow(sim);
    }
}

static void expire(struct sim *sim)
{
    sim->rig.clock.now += (int64_t)below(sim, 800) * 1000;
    while (background(sim, BACKGROUND_TTL | BACKGROUND_BACKFILL, 100)) {
    }
    for (unsigned t = 0; t < TABLES; t++) {
        struct model_table *table = &sim->model.tables[t];
        for (int i = 0; table->has_ttl && i < SLOTS; i++) {
            struct model_item *item = &table->items[i];
            if (item->exists && item->due >= 0 && item->due * 1000 < sim->rig.clock.now) {
                item->exists = false;
            }
        }
    }
}

/* ---- Comparing ---- */

static void check_items(struct sim *sim, unsigned t)
{
    struct rig *rig = &sim->rig;
    const struct table_desc *desc = rig_find(rig, table_name(t));
    const struct model_table *table = &sim->model.tables[t];
    size_t count = 0;
    CHECK((desc != NULL) == table->exists);
    for (int i = 0; desc != NULL && i < SLOTS; i++) {
        struct arena_mark mark = arena_mark(&rig->arena);
        struct stored stored = rig_get(rig, desc, key_of(sim, i));
        CHECK(stored_exists(&stored) == table->items[i].exists);
        if (stored_exists(&stored)) {
            struct str names[KEY_NAMES_MAX];
            struct buf want;
            buf_init(&want, 1 << 20);
            item_text_write(&want, item_of(sim, &table->items[i], i), names, table_key_names(desc, NULL, names));
            CHECK_STR(stored.text, str_of(want.p, want.n));
            buf_release(&want);
            count++;
        }
        arena_rollback(&rig->arena, mark);
    }
    CHECK(desc == NULL || rig_count(rig, desc, NULL) == count);
}

/* A query of each partition of an index: as many rows as the model says, in the order of h. */
static void check_index(struct sim *sim, unsigned t, unsigned i, bool is_reverse)
{
    struct rig *rig = &sim->rig;
    const struct table_desc *desc = rig_find(rig, table_name(t));
    const struct index_desc *index = desc == NULL ? NULL : table_index(desc, str_from(index_name(i)));
    CHECK((index != NULL) == (sim->model.tables[t].exists && sim->model.tables[t].has_index[i]));
    for (int g = 0; index != NULL && !index->is_backfilling && g < 3; g++) {
        struct value partition = text_value(sim, 'g', g);
        const struct query query = {.table = desc, .index = index, .partition = {&partition}, .is_reverse = is_reverse};
        struct cursor *cursor = NULL;
        struct stored row;
        size_t want = 0;
        size_t got = 0;
        int64_t last_h = is_reverse ? 100 : -1;
        for (int slot = 0; slot < SLOTS; slot++) {
            const struct model_item *item = &sim->model.tables[t].items[slot];
            want += is_indexed(item, i) && item->g == g;
        }
        OK(rig, cursor_query(rig->txn, &query, &rig->arena, &cursor, &rig->err));
        for (OK(rig, cursor_next(cursor, &row, &rig->err)); stored_exists(&row); got++) {
            const struct json *json = NULL;
            CHECK(json_parse(row.text, &rig->arena, &json));
            if (i == 0) {
                int64_t h = strtol(json_str(json_get(json_get(json, STR("h")), STR("N"))).p, NULL, 10);
                CHECK(is_reverse ? h <= last_h : h >= last_h);
                last_h = h;
            }
            CHECK((json_get(json, STR("pa\"d")) != NULL) == (i == 0));
            CHECK((json_get(json, STR("x")) != NULL) == (i != 1));
            OK(rig, cursor_next(cursor, &row, &rig->err));
        }
        CHECK_EQ(got, want);
    }
}

static void compare(struct sim *sim)
{
    rig_check(&sim->rig);
    rig_read(&sim->rig);
    for (unsigned t = 0; t < TABLES; t++) {
        check_items(sim, t);
        for (unsigned i = 0; i < INDEXES; i++) {
            check_index(sim, t, i, below(sim, 2) == 0);
        }
    }
    rig_end(&sim->rig);
}

static void run_batch(struct sim *sim)
{
    for (unsigned i = 1 + below(sim, 12); i > 0; i--) {
        transact(sim);
        arena_reset(&sim->rig.arena);
    }
    unsigned dice = below(sim, 10);
    if (dice < 4) {
        background(sim, BACKGROUND_RECLAIM | BACKGROUND_BACKFILL, 0);
    } else if (dice < 5) {
        while (background(sim, BACKGROUND_RECLAIM | BACKGROUND_BACKFILL, 1000)) {
        }
    } else if (dice < 7) {
        expire(sim);
    } else if (dice < 8 && !sim->is_memory) {
        rig_reopen(&sim->rig);
    }
    compare(sim);
    arena_reset(&sim->rig.arena);
}

static void run_seed(uint64_t seed)
{
    static struct sim sim;
    print_message("SIM_SEED=%llu\n", (unsigned long long)seed);
    random_init(&sim.random, seed);
    sim.model = (struct model){0};
    sim.grown = 0;
    sim.is_memory = below(&sim, 2) == 0;
    if (sim.is_memory) {
        rig_init(&sim.rig);
        sim.rig.options.memory_step_bytes = 48 << 10;
        rig_reopen(&sim.rig);
    } else {
        rig_open_directory(&sim.rig);
    }
    sim.weights = (struct weights){20 + below(&sim, 80), below(&sim, 60), below(&sim, 30),
                                   below(&sim, 8),       below(&sim, 4),  below(&sim, 3)};
    for (int i = 0; i < 40; i++) {
        run_batch(&sim);
    }
    while (background(&sim, BACKGROUND_RECLAIM | BACKGROUND_BACKFILL, 1000)) {
    }
    compare(&sim);
    rig_close(&sim.rig);
}

static void test_sim(void **state)
{
    (void)state;
    const char *seed = getenv("SIM_SEED");
    const char *runs = getenv("SIM_RUNS");
    if (seed != NULL) {
        run_seed(strtoull(seed, NULL, 10));
        return;
    }
    /* The first ones always, then new ones each time. */
    unsigned long count = runs != NULL ? strtoul(runs, NULL, 10) : 12;
    for (unsigned long i = 0; i < count; i++) {
        run_seed(i < 6 ? i : random_seed());
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sim)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
