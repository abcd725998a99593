/* SPDX-License-Identifier: Apache-2.0 */
/* splice.c — the text of an updated item: the key and the attributes that the update left alone are copied from the old text, which never
 * becomes a tree for that. Old attributes (behind the keys), those that were parsed, and the new ones are all in the order of names, so the
 * three are walked once, side by side. */
#include "storage/splice.h"

/* The very same content in memory, as an update leaves what it does not touch. */
static bool is_shared(const struct value *a, const struct value *b)
{
    if (a->type != b->type || a->count != b->count) {
        return false;
    }
    switch (a->type) {
    case VALUE_S:
    case VALUE_B:
        return a->str.p == b->str.p && a->str.n == b->str.n;
    case VALUE_N:
        return a->number == b->number;
    case VALUE_BOOL:
        return a->boolean == b->boolean;
    case VALUE_NULL:
        return true;
    case VALUE_SS:
    case VALUE_BS:
        return a->strs == b->strs;
    case VALUE_NS:
        return a->numbers == b->numbers;
    case VALUE_L:
        return a->elements == b->elements;
    case VALUE_M:
        return a->members == b->members;
    }
    ensure(false);
    return false;
}

static struct member_mark *next_mark(struct splice *splice)
{
    return &splice->marks[splice->mark_count++];
}

/* The key attributes stand where they stood. */
static void splice_keys(struct splice *splice, struct str old_text, size_t key_end)
{
    buf_add(splice->text, old_text.p, key_end);
    for (size_t i = 0; i < splice->at; i++) {
        const struct member_text *member = &splice->old->items[i];
        size_t start = (size_t)(member->whole.p - old_text.p);
        *next_mark(splice) = (struct member_mark){start + member->name.n + 2, start + member->whole.n};
    }
}

static void splice_old(struct splice *splice, const struct member_text *member)
{
    struct buf *text = splice->text;
    buf_add_byte(text, ',');
    *next_mark(splice) = (struct member_mark){text->n + member->name.n + 2, text->n + member->whole.n};
    buf_add_str(text, member->whole);
}

static void splice_new(struct splice *splice, const struct member *member)
{
    buf_add_byte(splice->text, ',');
    member_text_write(splice->text, member, 0, next_mark(splice));
}

/* From `at` on, the first member that is no key of the table. */
static size_t skip_keys(const struct key_schema *key, const struct value *map, size_t at)
{
    while (at < map->count && key_schema_has(key, map->members[at].name)) {
        at++;
    }
    return at;
}

/* NULL at the end. */
static const struct member *member_at(const struct value *map, size_t at)
{
    return at < map->count ? &map->members[at] : NULL;
}

static void step_before(struct splice *splice)
{
    splice->at_before = skip_keys(splice->key, splice->before, splice->at_before + 1);
}

static void step_after(struct splice *splice)
{
    splice->at_after = skip_keys(splice->key, splice->after, splice->at_after + 1);
}

/* One attribute of the old text: it was not looked at and stays, or it is as `after` has it, or gone. */
static bool splice_member(struct splice *splice, struct err *err)
{
    const struct member_text *member = &splice->old->items[splice->at++];
    struct str name;
    if (!member_text_name(member, splice->arena, &name, err)) {
        return false;
    }
    const struct member *before = member_at(splice->before, splice->at_before);
    bool was_parsed = before != NULL && str_eq(before->name, name);
    const struct member *after = member_at(splice->after, splice->at_after);
    int order = -1;
    while (after != NULL && (order = str_compare(after->name, name)) < 0) {
        splice_new(splice, after);
        step_after(splice);
        after = member_at(splice->after, splice->at_after);
    }
    bool has_new = after != NULL && order == 0;
    ensure(was_parsed || !has_new);
    if (was_parsed) {
        step_before(splice);
    }
    if (has_new) {
        step_after(splice);
    }
    if (has_new && !is_shared(&before->value, &after->value)) {
        splice_new(splice, after);
    } else if (has_new || !was_parsed) {
        splice_old(splice, member);
    }
    return true;
}

bool splice_write(struct splice *splice, struct str old_text, size_t key_end, struct err *err)
{
    const struct key_schema *key = splice->key;
    splice->marks = arena_alloc(splice->arena, (splice->old->count + splice->after->count) * sizeof(*splice->marks));
    splice->at = key->hash_count + key->range_count;
    ensure(splice->at <= splice->old->count);
    splice->at_before = skip_keys(key, splice->before, 0);
    splice->at_after = skip_keys(key, splice->after, 0);
    splice_keys(splice, old_text, key_end);
    while (splice->at < splice->old->count) {
        if (!splice_member(splice, err)) {
            return false;
        }
    }
    const struct member *last = NULL;
    while ((last = member_at(splice->after, splice->at_after)) != NULL) {
        splice_new(splice, last);
        step_after(splice);
    }
    ensure(splice->at_before == splice->before->count);
    buf_add_byte(splice->text, '}');
    return true;
}
