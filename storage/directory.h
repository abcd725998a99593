/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_DIRECTORY_H
#define STORAGE_DIRECTORY_H

#include "core/err.h"
#include "core/str.h"

/* Where the files lie. A durable directory is locked against a second process by a file of our own; a temporary one exists
 * only until its files are open. */
struct directory {
    char *path; /* NUL-terminated */
    int lock_fd; /* −1: temporary */
};

/* What a compaction writes before it takes data.mdb's place. */
#define DIRECTORY_COMPACTED "data.mdb.compacted"

MUST_USE bool directory_open(struct str path, struct directory *out, struct err *err);
MUST_USE bool directory_open_temporary(struct directory *out, struct err *err);
/* After the database has opened its files: a temporary directory vanishes, its files live on unnamed. */
void directory_opened(struct directory *directory);
/* Removes LMDB's lock file, gives up the lock. */
void directory_close(struct directory *directory);

#endif
