/* SPDX-License-Identifier: Apache-2.0 */
/* lmdb_commit.c — what the disk and LMDB alone allow: batches of puts to two rows each (an item and its index entry, sized as those of
 * bench.py), committed one after the other with nothing in front of them. The yardstick of durable writes.
 * Usage: bench_lmdb_commit DIR BATCH SECONDS; prints puts a second. */
#include <lmdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ITEMS 10000
#define ITEM_BYTES 560
#define MAP_BYTES ((size_t)1 << 30)

static void must(int code, const char *what)
{
    if (code != 0) {
        fprintf(stderr, "bench_lmdb_commit: %s: %s\n", what, mdb_strerror(code));
        exit(1);
    }
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Keys are spread as hashes are. */
static void put(MDB_txn *txn, MDB_dbi dbi, uint32_t id, uint64_t item, uint64_t stamp)
{
    unsigned char key[48] = {0};
    unsigned char value[ITEM_BYTES];
    uint64_t spread = item * 0x9E3779B97F4A7C15u + id;
    memcpy(key, &id, sizeof(id));
    memcpy(key + 4, &spread, sizeof(spread));
    memset(value, 'x', sizeof(value));
    memcpy(value, &stamp, sizeof(stamp));
    MDB_val at = {sizeof(key), key};
    MDB_val data = {sizeof(value), value};
    must(mdb_put(txn, dbi, &at, &data, 0), "put");
}

static void write_batch(MDB_env *env, MDB_dbi dbi, size_t count, uint64_t *state, uint64_t *stamp)
{
    MDB_txn *txn = NULL;
    must(mdb_txn_begin(env, NULL, 0, &txn), "begin");
    for (size_t i = 0; i < count; i++) {
        uint64_t item = next_random(state) % ITEMS;
        ++*stamp;
        put(txn, dbi, 1, item, *stamp);
        put(txn, dbi, 2, item, *stamp);
    }
    must(mdb_txn_commit(txn), "commit");
}

int main(int count, char **arguments)
{
    if (count != 4) {
        fprintf(stderr, "usage: bench_lmdb_commit DIR BATCH SECONDS\n");
        return 2;
    }
    size_t batch = strtoul(arguments[2], NULL, 10);
    double seconds = strtod(arguments[3], NULL);
    MDB_env *env = NULL;
    MDB_txn *txn = NULL;
    MDB_dbi dbi = 0;
    uint64_t state = 88172645463325252u;
    uint64_t stamp = 0;
    must(mdb_env_create(&env), "create");
    must(mdb_env_set_mapsize(env, MAP_BYTES), "mapsize");
    must(mdb_env_open(env, arguments[1], MDB_NOTLS | MDB_NOMEMINIT, 0600), "open");
    must(mdb_txn_begin(env, NULL, 0, &txn), "begin");
    must(mdb_dbi_open(txn, NULL, 0, &dbi), "open");
    for (uint64_t i = 0; i < ITEMS; i++) {
        put(txn, dbi, 1, i, 0);
        put(txn, dbi, 2, i, 0);
    }
    must(mdb_txn_commit(txn), "commit");
    size_t done = 0;
    double began = now();
    double end = began;
    while (end - began < seconds) {
        write_batch(env, dbi, batch, &state, &stamp);
        done += batch;
        end = now();
    }
    printf("%.0f\n", (double)done / (end - began));
    mdb_env_close(env);
    return 0;
}
