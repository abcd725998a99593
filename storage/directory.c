/* SPDX-License-Identifier: Apache-2.0 */
/* directory.c — the files' home. LMDB would let several processes share a directory, but the catalog and counters of this
 * program live in its memory: so one flock, and a message that names the other process. lock.mdb holds nothing worth keeping
 * (only we use it), so a stale one is removed and a directory can be copied without it. */
#include "storage/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* /dev/shm is the better place, unless it is a container's default of 64 MB. */
#define SHM_BYTES_MIN ((unsigned long long)1 << 30)

static char *join(const char *directory, const char *name)
{
    size_t n = strlen(directory) + strlen(name) + 2;
    char *path = malloc(n);
    ensure(path != NULL);
    snprintf(path, n, "%s/%s", directory, name);
    return path;
}

static void remove_file(const struct directory *directory, const char *name)
{
    char *path = join(directory->path, name);
    unlink(path);
    free(path);
}

static bool check_directory(const char *path, struct err *err)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        if (errno == ENOENT) {
            return err_set(err, ERR_INTERNAL, "the directory %s does not exist: create it first (mkdir -p)", path);
        }
        return err_set(err, ERR_INTERNAL, "cannot look at the directory %s: %s", path, strerror(errno));
    }
    if (!S_ISDIR(st.st_mode)) {
        return err_set(err, ERR_INTERNAL, "%s is not a directory: give one that Stator may keep its files in", path);
    }
    return true;
}

static bool refuse_second(int fd, const char *path, struct err *err)
{
    char pid[24] = {0};
    ssize_t n = pread(fd, pid, sizeof(pid) - 1, 0);
    int digits = n > 0 ? (int)strspn(pid, "0123456789") : 0;
    return err_set(err, ERR_INTERNAL, "the directory %s is in use by another process%s%.*s: stop it, or give each its own",
                   path, digits > 0 ? ", " : "", digits, pid);
}

/* What people meet with volumes of containers: who owns it, who we are, and what to do. `directory` is where the fix belongs. */
static bool fail_to_write(const char *path, const char *directory, int error, struct err *err)
{
    struct stat st;
    if ((error != EACCES && error != EPERM) || stat(path, &st) != 0) {
        return err_set(err, ERR_INTERNAL, "cannot write %s: %s", path, strerror(error));
    }
    unsigned uid = (unsigned)geteuid();
    return err_set(err, ERR_INTERNAL,
                   "cannot write %s: it belongs to uid %u with mode %04o, and this process is uid %u. Give it away with `chown -R %u %s`, "
                   "or run as its owner (docker run --user %u)",
                   path, (unsigned)st.st_uid, (unsigned)(st.st_mode & 07777), uid, uid, directory, (unsigned)st.st_uid);
}

/* Files that another user left there. */
static bool check_files(const struct directory *directory, struct err *err)
{
    char *path = join(directory->path, "data.mdb");
    bool ok = access(path, F_OK) != 0 || access(path, R_OK | W_OK) == 0 || fail_to_write(path, directory->path, EACCES, err);
    free(path);
    return ok;
}

static bool lock(struct directory *directory, struct err *err)
{
    char *path = join(directory->path, "stator.lock");
    directory->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (directory->lock_fd < 0) {
        int error = errno;
        (void)fail_to_write(access(path, F_OK) == 0 ? path : directory->path, directory->path, error, err);
        free(path);
        return false;
    }
    free(path);
    if (flock(directory->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        bool is_taken = errno == EWOULDBLOCK;
        (void)(is_taken ? refuse_second(directory->lock_fd, directory->path, err)
                        : err_set(err, ERR_INTERNAL, "cannot lock the directory %s: %s", directory->path, strerror(errno)));
        close(directory->lock_fd);
        return false;
    }
    if (ftruncate(directory->lock_fd, 0) == 0) {
        dprintf(directory->lock_fd, "%ld\n", (long)getpid());
    }
    return true;
}

bool directory_open(struct str path, struct directory *out, struct err *err)
{
    *out = (struct directory){.path = strndup(path.p, path.n), .lock_fd = -1};
    ensure(out->path != NULL);
    if (!check_directory(out->path, err) || !lock(out, err)) {
        free(out->path);
        return false;
    }
    remove_file(out, "lock.mdb");
    remove_file(out, DIRECTORY_COMPACTED); /* of a compaction that did not come to its end */
    if (!check_files(out, err)) {
        directory_close(out);
        return false;
    }
    return true;
}

static bool is_roomy(const char *path)
{
    struct statvfs fs;
    return statvfs(path, &fs) == 0 && (unsigned long long)fs.f_bavail * fs.f_frsize >= SHM_BYTES_MIN &&
           access(path, W_OK | X_OK) == 0;
}

bool directory_open_temporary(struct directory *out, struct err *err)
{
    const char *base = getenv("TMPDIR");
    if (base == NULL || *base == '\0') {
        bool has_tmp = access("/tmp", W_OK | X_OK) == 0; /* not in a container with a read-only root */
        base = is_roomy("/dev/shm") || (!has_tmp && access("/dev/shm", W_OK | X_OK) == 0) ? "/dev/shm" : "/tmp";
    }
    *out = (struct directory){.path = join(base, "stator-XXXXXX"), .lock_fd = -1};
    if (mkdtemp(out->path) == NULL) {
        err_set(err, ERR_INTERNAL, "cannot make a temporary directory in %s: %s (TMPDIR chooses another place)", base,
                strerror(errno));
        free(out->path);
        return false;
    }
    return true;
}

void directory_opened(struct directory *directory)
{
    if (directory->lock_fd < 0) {
        remove_file(directory, "data.mdb");
        remove_file(directory, "lock.mdb");
        rmdir(directory->path);
    }
}

void directory_close(struct directory *directory)
{
    if (directory->lock_fd >= 0) {
        remove_file(directory, "lock.mdb");
        close(directory->lock_fd);
    }
    free(directory->path);
}
