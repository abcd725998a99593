/* SPDX-License-Identifier: Apache-2.0 */
/* lmdb.c — the only file that sees LMDB. In memory the data file is mapped writably, which halves the cost of a put, but a page of
 * such a map that the disk has no room for is a SIGBUS: so the map is never larger than what posix_fallocate has given, and
 * file systems that move a block when it is rewritten (btrfs, zfs, …) get the ordinary map with pwrite. A durable directory
 * always has the ordinary map, asked for far larger than any disk, so that it need not grow. */
#include "storage/lmdb.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/types.h>
#include <unistd.h>

/* A new environment numbers its named databases in the order of opening, behind LMDB's own two. */
#define FIRST_DBI 2
#define READERS_MAX 512
/* 64 bytes a reader and a head; LMDB takes the number of readers from the file's size. */
#define LOCK_FILE_BYTES ((READERS_MAX + 8) * 64)
#define DURABLE_MAP_BYTES ((size_t)1 << 40)
#define DURABLE_MAP_BYTES_MIN ((size_t)1 << 26)

#if defined(__SANITIZE_THREAD__)
#define HAS_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HAS_TSAN 1
#endif
#endif

/* Pages are written that no reader can see: LMDB's reader table keeps them apart, which ThreadSanitizer cannot know. */
#ifdef HAS_TSAN
void AnnotateIgnoreWritesBegin(const char *file, int line);
void AnnotateIgnoreWritesEnd(const char *file, int line);
#define BEGIN_MAP_WRITE() AnnotateIgnoreWritesBegin(__FILE__, __LINE__)
#define END_MAP_WRITE() AnnotateIgnoreWritesEnd(__FILE__, __LINE__)
#else
#define BEGIN_MAP_WRITE() ((void)0)
#define END_MAP_WRITE() ((void)0)
#endif

struct lmdb {
    MDB_env *env;
    size_t map_bytes;
    size_t page_bytes;
    int fd;
    bool is_memory;
    bool is_writemap;
    bool was_killed; /* the lock file was there: nobody closed it */
};

static bool fail(struct err *err, int code, const char *what)
{
    if (code == MDB_MAP_FULL) {
        return err_set(err, ERR_MAP_FULL, "the memory map is full");
    }
    return err_set(err, ERR_INTERNAL, "database, %s: %s", what, mdb_strerror(code));
}

static MDB_txn *txn_of(struct lmdb_txn *txn)
{
    return (MDB_txn *)(void *)txn;
}

static MDB_cursor *cursor_of(struct lmdb_cursor *cursor)
{
    return (MDB_cursor *)(void *)cursor;
}

static MDB_dbi dbi_of(enum lmdb_db db)
{
    return (MDB_dbi)db + FIRST_DBI;
}

/* ---- Opening ---- */

/* Does rewriting an allocated block keep to its place? Only then does an allocation promise anything to a writable map. An
 * overlay shows the numbers of the file system below: those with no fixed number of inodes are the moving kind. */
static bool rewrites_in_place(int fd)
{
    struct statfs fs;
    if (fstatfs(fd, &fs) != 0) {
        return false;
    }
    switch ((unsigned long)fs.f_type & 0xFFFFFFFFu) {
    case 0x01021994: /* tmpfs */
    case 0xEF53:     /* ext2, ext3, ext4 */
    case 0x58465342: /* xfs */
        return true;
    case 0x794C7630: /* overlayfs */
        return fs.f_files > 0;
    default:
        return false;
    }
}

static bool directory_rewrites_in_place(const char *directory)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    bool result = rewrites_in_place(fd);
    close(fd);
    return result;
}

/* LMDB makes its lock file sparse and writes to it through a map: on a full disk that is a SIGBUS. So it finds one that has its room
 * already. (Nobody else has it open: directory.c saw to that.) */
static int allocate_lock_file(const char *directory, bool *was_there)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof(path), "%s/lock.mdb", directory);
    if (n < 0 || (size_t)n >= sizeof(path)) {
        return ENAMETOOLONG;
    }
    *was_there = access(path, F_OK) == 0;
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        return errno;
    }
    int code = posix_fallocate(fd, 0, LOCK_FILE_BYTES);
    close(fd);
    return code;
}

static int open_env(struct lmdb *lmdb, const char *directory, unsigned flags, size_t map_bytes)
{
    bool was_there = false;
    int code = allocate_lock_file(directory, &was_there);
    lmdb->was_killed = lmdb->was_killed || was_there;
    code = code != 0 ? code : mdb_env_create(&lmdb->env);
    if (code != 0) {
        return code;
    }
    code = mdb_env_set_maxdbs(lmdb->env, LMDB_DB_COUNT);
    code = code != 0 ? code : mdb_env_set_maxreaders(lmdb->env, READERS_MAX);
    code = code != 0 ? code : mdb_env_set_mapsize(lmdb->env, map_bytes);
    code = code != 0 ? code : mdb_env_open(lmdb->env, directory, flags, 0600);
    if (code != 0) {
        mdb_env_close(lmdb->env);
        lmdb->env = NULL;
    }
    return code;
}

/* How long the file must be for everything that its newest transaction counts as in use. LMDB does not write pages at the end that were
 * taken and freed in one transaction, so the file may be shorter. */
static size_t file_bytes_needed(const struct lmdb *lmdb)
{
    MDB_envinfo info;
    mdb_env_info(lmdb->env, &info);
    return (info.me_last_pgno + 1) * lmdb->page_bytes;
}

/* After a clean end the file is as long as it should be (lmdb_close); a shorter one was cut off, and reading behind its end would be a
 * SIGBUS. After a kill it may be shorter, and is made long enough. */
static bool check_file(struct lmdb *lmdb, struct err *err)
{
    MDB_envinfo info;
    MDB_stat stat_of_main;
    struct stat file;
    mdb_env_info(lmdb->env, &info);
    mdb_env_stat(lmdb->env, &stat_of_main);
    lmdb->map_bytes = info.me_mapsize;
    lmdb->page_bytes = stat_of_main.ms_psize;
    if (mdb_env_get_fd(lmdb->env, &lmdb->fd) != 0 || fstat(lmdb->fd, &file) != 0) {
        return err_set(err, ERR_INTERNAL, "database: %s", strerror(errno));
    }
    size_t needed = file_bytes_needed(lmdb);
    if ((size_t)file.st_size < needed && lmdb->was_killed) {
        return ftruncate(lmdb->fd, (off_t)needed) == 0 || err_set(err, ERR_INTERNAL, "database: %s", strerror(errno));
    }
    if ((size_t)file.st_size < needed) {
        return err_set(err, ERR_INTERNAL, "data.mdb is damaged: %zu bytes long, but %zu are in use", (size_t)file.st_size,
                       needed);
    }
    return true;
}

static bool open_databases(struct lmdb *lmdb, struct err *err)
{
    static const char *const names[LMDB_DB_COUNT] = {"rows", "catalog", "meta", "expiry", "journal"};
    MDB_txn *txn = NULL;
    int code = mdb_txn_begin(lmdb->env, NULL, 0, &txn);
    if (code != 0) {
        return fail(err, code, "opening");
    }
    for (int i = 0; i < LMDB_DB_COUNT && code == 0; i++) {
        MDB_dbi dbi = 0;
        code = mdb_dbi_open(txn, names[i], MDB_CREATE, &dbi);
        ensure(code != 0 || dbi == dbi_of((enum lmdb_db)i));
    }
    if (code != 0) {
        mdb_txn_abort(txn);
        return fail(err, code, "opening");
    }
    code = mdb_txn_commit(txn);
    return code == 0 || fail(err, code, "opening");
}

static int open_memory(struct lmdb *lmdb, const struct lmdb_options *options)
{
    unsigned flags = MDB_NOSYNC | MDB_NOTLS | MDB_NOMEMINIT;
    lmdb->is_writemap = directory_rewrites_in_place(options->directory);
    return open_env(lmdb, options->directory, flags | (lmdb->is_writemap ? MDB_WRITEMAP : 0), options->first_bytes);
}

static int open_durable(struct lmdb *lmdb, const struct lmdb_options *options)
{
    unsigned flags = MDB_NOTLS | MDB_NOMEMINIT | (options->is_relaxed ? MDB_NOSYNC : 0);
    size_t bytes = DURABLE_MAP_BYTES;
    int code = open_env(lmdb, options->directory, flags, bytes);
    while (code == ENOMEM && bytes > DURABLE_MAP_BYTES_MIN) {
        bytes /= 2;
        code = open_env(lmdb, options->directory, flags, bytes);
    }
    return code;
}

bool lmdb_open(const struct lmdb_options *options, struct lmdb **out, struct err *err)
{
    struct lmdb *lmdb = calloc(1, sizeof(*lmdb));
    ensure(lmdb != NULL);
    lmdb->is_memory = options->is_memory;
    int code = options->is_memory ? open_memory(lmdb, options) : open_durable(lmdb, options);
    if (code == MDB_INVALID || code == MDB_CORRUPTED || code == MDB_VERSION_MISMATCH) {
        fail(err, code, "data.mdb is not a database of Stator or is damaged");
    } else if (code != 0) {
        fail(err, code, "opening");
    }
    bool ok = code == 0 && check_file(lmdb, err);
    if (ok && !lmdb_allocate(lmdb, lmdb->map_bytes)) {
        ok = err_set(err, ERR_INTERNAL, "no room for %zu bytes in the temporary directory: %s", lmdb->map_bytes,
                     strerror(errno));
    }
    if (!ok || !open_databases(lmdb, err)) {
        if (lmdb->env != NULL) {
            mdb_env_close(lmdb->env);
        }
        free(lmdb);
        return false;
    }
    *out = lmdb;
    return true;
}

void lmdb_close(struct lmdb *lmdb)
{
    if (!lmdb->is_memory) {
        struct stat file;
        size_t needed = file_bytes_needed(lmdb);
        if (fstat(lmdb->fd, &file) == 0 && (size_t)file.st_size < needed && ftruncate(lmdb->fd, (off_t)needed) != 0) {
            /* A full disk: the next start finds it short and says so. */
            fprintf(stderr, "stator: data.mdb could not be made %zu bytes long: %s\n", needed, strerror(errno));
        }
        mdb_env_sync(lmdb->env, 1);
    }
    mdb_env_close(lmdb->env);
    free(lmdb);
}

static bool file_path(const char *directory, const char *name, char out[PATH_MAX])
{
    int n = snprintf(out, PATH_MAX, "%s/%s", directory, name);
    return n > 0 && n < PATH_MAX;
}

/* 0 or a code of errno or LMDB: the copy is complete and on the disk. */
static int write_compacted(MDB_env *env, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        return errno;
    }
    int code = mdb_env_copyfd2(env, fd, MDB_CP_COMPACT);
    if (code == 0 && fsync(fd) != 0) {
        code = errno;
    }
    close(fd);
    return code;
}

static int replace_file(const char *directory, const char *from, const char *to)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int code = fd < 0 || rename(from, to) != 0 || fsync(fd) != 0 ? errno : 0;
    if (fd >= 0) {
        close(fd);
    }
    return code;
}

bool lmdb_compact(const char *directory, const char *temporary_name, struct err *err)
{
    char file[PATH_MAX];
    char temporary[PATH_MAX];
    if (!file_path(directory, "data.mdb", file) || !file_path(directory, temporary_name, temporary)) {
        return err_set(err, ERR_INTERNAL, "the name of the directory %s is too long", directory);
    }
    if (access(file, F_OK) != 0) {
        return true;
    }
    const struct lmdb_options options = {.directory = directory};
    struct lmdb *lmdb = NULL;
    if (!lmdb_open(&options, &lmdb, err)) {
        return false;
    }
    int code = write_compacted(lmdb->env, temporary);
    lmdb_close(lmdb);
    code = code != 0 ? code : replace_file(directory, temporary, file);
    if (code == 0) {
        return true;
    }
    unlink(temporary);
    return err_set(err, ERR_INTERNAL, "cannot write a compacted copy of data.mdb: %s. Make room, or leave out -optimizeDbBeforeStartup",
                   mdb_strerror(code));
}

const char *lmdb_library_version(void)
{
    int major = 0;
    const char *text = mdb_version(&major, NULL, NULL); /* "LMDB 0.9.24: (July 24, 2019)" */
    return str_starts_with(str_from(text), STR("LMDB ")) ? text + 5 : text;
}

/* ---- The map ---- */

size_t lmdb_map_bytes(const struct lmdb *lmdb)
{
    return lmdb->map_bytes;
}

size_t lmdb_page_bytes(const struct lmdb *lmdb)
{
    return lmdb->page_bytes;
}

bool lmdb_is_bounded(const struct lmdb *lmdb)
{
    return lmdb->is_memory;
}

bool lmdb_allocate(struct lmdb *lmdb, size_t bytes)
{
    if (!lmdb->is_writemap) {
        return true;
    }
    int code = 0;
    do {
        code = posix_fallocate(lmdb->fd, 0, (off_t)bytes);
    } while (code == EINTR);
    if (code != 0 && bytes > lmdb->map_bytes) {
        /* What was allocated in part is given back; cutting cannot fail for want of room. */
        (void)!ftruncate(lmdb->fd, (off_t)lmdb->map_bytes);
    }
    errno = code;
    return code == 0;
}

bool lmdb_set_map_bytes(struct lmdb *lmdb, size_t bytes)
{
    int code = mdb_env_set_mapsize(lmdb->env, bytes);
    if (code == 0) {
        lmdb->map_bytes = bytes;
        return true;
    }
    /* The old map is gone already; the same size fitted a moment ago. */
    ensure(mdb_env_set_mapsize(lmdb->env, lmdb->map_bytes) == 0);
    errno = code;
    return false;
}

/* ---- Transactions ---- */

bool lmdb_begin(struct lmdb *lmdb, bool is_write, struct lmdb_txn **out, struct err *err)
{
    MDB_txn *txn = NULL;
    int code = mdb_txn_begin(lmdb->env, NULL, is_write ? 0 : MDB_RDONLY, &txn);
    if (code != 0) {
        return fail(err, code, "beginning a transaction");
    }
    *out = (struct lmdb_txn *)(void *)txn;
    return true;
}

void lmdb_reset(struct lmdb_txn *txn)
{
    mdb_txn_reset(txn_of(txn));
}

bool lmdb_renew(struct lmdb_txn *txn, struct err *err)
{
    int code = mdb_txn_renew(txn_of(txn));
    return code == 0 || fail(err, code, "beginning to read");
}

bool lmdb_commit(struct lmdb_txn *txn, struct err *err)
{
    BEGIN_MAP_WRITE();
    int code = mdb_txn_commit(txn_of(txn));
    END_MAP_WRITE();
    return code == 0 || fail(err, code, "committing");
}

void lmdb_abort(struct lmdb_txn *txn)
{
    mdb_txn_abort(txn_of(txn));
}

size_t lmdb_live_pages(struct lmdb *lmdb, struct lmdb_txn *txn)
{
    (void)lmdb;
    size_t pages = 2;
    for (MDB_dbi dbi = 0; dbi < FIRST_DBI + LMDB_DB_COUNT; dbi++) {
        MDB_stat of;
        if (mdb_stat(txn_of(txn), dbi, &of) == 0) {
            pages += of.ms_branch_pages + of.ms_leaf_pages + of.ms_overflow_pages;
        }
    }
    return pages;
}

/* ---- Rows ---- */

static MDB_val val_of(struct str s)
{
    return (MDB_val){s.n, (void *)(uintptr_t)s.p};
}

static struct str str_of_val(MDB_val val)
{
    return str_of(val.mv_data, val.mv_size);
}

bool lmdb_get(struct lmdb_txn *txn, enum lmdb_db db, struct str key, struct str *out, struct err *err)
{
    MDB_val at = val_of(key);
    MDB_val value;
    int code = mdb_get(txn_of(txn), dbi_of(db), &at, &value);
    if (code == 0) {
        *out = str_of_val(value);
        return true;
    }
    *out = (struct str){NULL, 0};
    return code == MDB_NOTFOUND || fail(err, code, "reading");
}

bool lmdb_put(struct lmdb_txn *txn, enum lmdb_db db, struct str key, struct str value, struct err *err)
{
    MDB_val at = val_of(key);
    MDB_val data = val_of(value);
    BEGIN_MAP_WRITE();
    int code = mdb_put(txn_of(txn), dbi_of(db), &at, &data, 0);
    END_MAP_WRITE();
    return code == 0 || fail(err, code, "writing");
}

bool lmdb_cursor_get(struct lmdb_cursor *cursor, struct str key, struct str *out, struct err *err)
{
    MDB_val at = val_of(key);
    MDB_val value;
    int code = mdb_cursor_get(cursor_of(cursor), &at, &value, MDB_SET);
    *out = code == 0 ? str_of_val(value) : (struct str){NULL, 0};
    return code == 0 || code == MDB_NOTFOUND || fail(err, code, "reading");
}

bool lmdb_cursor_put_parts(struct lmdb_cursor *cursor, struct str key, struct str head, struct str body, bool is_new,
                           bool *exists, struct err *err)
{
    MDB_val at = val_of(key);
    MDB_val data = {head.n + body.n, NULL};
    BEGIN_MAP_WRITE();
    int code = mdb_cursor_put(cursor_of(cursor), &at, &data, MDB_RESERVE | (is_new ? MDB_NOOVERWRITE : 0));
    if (code == 0) {
        memcpy(data.mv_data, head.p, head.n);
        memcpy((char *)data.mv_data + head.n, body.p, body.n);
    }
    END_MAP_WRITE();
    *exists = code == MDB_KEYEXIST;
    return code == 0 || *exists || fail(err, code, "writing");
}

bool lmdb_del(struct lmdb_txn *txn, enum lmdb_db db, struct str key, bool *found, struct err *err)
{
    MDB_val at = val_of(key);
    BEGIN_MAP_WRITE();
    int code = mdb_del(txn_of(txn), dbi_of(db), &at, NULL);
    END_MAP_WRITE();
    if (found != NULL) {
        *found = code == 0;
    }
    return code == 0 || code == MDB_NOTFOUND || fail(err, code, "deleting");
}

/* ---- Cursors ---- */

bool lmdb_cursor_open(struct lmdb_txn *txn, enum lmdb_db db, struct lmdb_cursor **out, struct err *err)
{
    MDB_cursor *cursor = NULL;
    int code = mdb_cursor_open(txn_of(txn), dbi_of(db), &cursor);
    if (code != 0) {
        return fail(err, code, "opening a cursor");
    }
    *out = (struct lmdb_cursor *)(void *)cursor;
    return true;
}

bool lmdb_cursor_renew(struct lmdb_txn *txn, struct lmdb_cursor *cursor, struct err *err)
{
    int code = mdb_cursor_renew(txn_of(txn), cursor_of(cursor));
    return code == 0 || fail(err, code, "renewing a cursor");
}

void lmdb_cursor_close(struct lmdb_cursor *cursor)
{
    mdb_cursor_close(cursor_of(cursor));
}

static bool cursor_get(struct lmdb_cursor *cursor, MDB_cursor_op op, MDB_val at, struct str *key, struct str *value,
                       struct err *err)
{
    MDB_val data;
    int code = mdb_cursor_get(cursor_of(cursor), &at, &data, op);
    if (code == 0) {
        *key = str_of_val(at);
        *value = str_of_val(data);
        return true;
    }
    *key = (struct str){NULL, 0};
    *value = *key;
    return code == MDB_NOTFOUND || fail(err, code, "reading");
}

bool lmdb_seek(struct lmdb_cursor *cursor, struct str at, struct str *key, struct str *value, struct err *err)
{
    return cursor_get(cursor, MDB_SET_RANGE, val_of(at), key, value, err);
}

bool lmdb_next(struct lmdb_cursor *cursor, struct str *key, struct str *value, struct err *err)
{
    return cursor_get(cursor, MDB_NEXT, (MDB_val){0}, key, value, err);
}

bool lmdb_prev(struct lmdb_cursor *cursor, struct str *key, struct str *value, struct err *err)
{
    return cursor_get(cursor, MDB_PREV, (MDB_val){0}, key, value, err);
}

bool lmdb_last(struct lmdb_cursor *cursor, struct str *key, struct str *value, struct err *err)
{
    return cursor_get(cursor, MDB_LAST, (MDB_val){0}, key, value, err);
}

bool lmdb_cursor_del(struct lmdb_cursor *cursor, struct err *err)
{
    BEGIN_MAP_WRITE();
    int code = mdb_cursor_del(cursor_of(cursor), 0);
    END_MAP_WRITE();
    return code == 0 || fail(err, code, "deleting");
}
