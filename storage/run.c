/* SPDX-License-Identifier: Apache-2.0 */
/* run.c — a bounded heap: the worst row kept is on top, so a better one replaces it in log n. Rows keep their memory when they
 * are replaced, so a run of any length costs the arena no more than RUN_ROWS_MAX keys. */
#include "storage/run.h"

void run_init(struct run *run, struct arena *arena, size_t tie_bytes, bool is_reverse)
{
    *run = (struct run){.arena = arena, .tie_bytes = tie_bytes, .is_reverse = is_reverse};
}

void run_start(struct run *run, const char *prefix)
{
    if (run->rows == NULL) {
        run->rows = arena_array(run->arena, struct run_row *, RUN_ROWS_MAX);
    }
    run->count = 0;
    run->has_overflowed = false;
    memcpy(run->prefix, prefix, sizeof(run->prefix));
}

/* Below zero: a comes before b in the order of reading. */
static int compare(const struct run *run, const struct run_row *a, struct str rest, const char *tail)
{
    int order = str_compare(a->rest, rest);
    if (order == 0) {
        order = memcmp(a->tail + LAYOUT_HASH_BYTES, tail + LAYOUT_HASH_BYTES, run->tie_bytes);
    }
    return run->is_reverse ? -order : order;
}

static int compare_rows(const struct run *run, const struct run_row *a, const struct run_row *b)
{
    return compare(run, a, b->rest, (const char *)b->tail);
}

static void swap(struct run_row **a, struct run_row **b)
{
    struct run_row *c = *a;
    *a = *b;
    *b = c;
}

static void sift_down(struct run *run, size_t at, size_t count)
{
    for (;;) {
        size_t worst = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < count; child++) {
            if (compare_rows(run, run->rows[child], run->rows[worst]) > 0) {
                worst = child;
            }
        }
        if (worst == at) {
            return;
        }
        swap(&run->rows[at], &run->rows[worst]);
        at = worst;
    }
}

static void sift_up(struct run *run, size_t at)
{
    while (at > 0 && compare_rows(run, run->rows[at], run->rows[(at - 1) / 2]) > 0) {
        swap(&run->rows[at], &run->rows[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
}

static void fill(struct run *run, struct run_row *row, struct str rest, struct str tail, struct str value)
{
    if (row->room < rest.n) {
        row->room = rest.n;
        row->rest.p = arena_alloc(run->arena, rest.n);
    }
    memcpy((char *)(uintptr_t)row->rest.p, rest.p, rest.n);
    row->rest.n = rest.n;
    memcpy(row->tail, tail.p, tail.n);
    row->value = value;
}

void run_offer(struct run *run, struct str rest, struct str tail, struct str value)
{
    ensure(tail.n == LAYOUT_HASH_BYTES + run->tie_bytes);
    if (run->count == RUN_ROWS_MAX) {
        run->has_overflowed = true;
        if (compare(run, run->rows[0], rest, tail.p) > 0) {
            fill(run, run->rows[0], rest, tail, value);
            sift_down(run, 0, run->count);
        }
        return;
    }
    if (run->rows[run->count] == NULL) {
        run->rows[run->count] = arena_new(run->arena, struct run_row);
    }
    fill(run, run->rows[run->count], rest, tail, value);
    sift_up(run, run->count);
    run->count++;
}

void run_sort(struct run *run)
{
    /* Heap sort gives first to last; taking is from the end, so turn it round. */
    for (size_t end = run->count; end > 1; end--) {
        swap(&run->rows[0], &run->rows[end - 1]);
        sift_down(run, 0, end - 1);
    }
    for (size_t i = 0; i < run->count / 2; i++) {
        swap(&run->rows[i], &run->rows[run->count - 1 - i]);
    }
}

const struct run_row *run_take(struct run *run)
{
    return run->count == 0 ? NULL : run->rows[--run->count];
}
