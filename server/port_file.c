/* SPDX-License-Identifier: Apache-2.0 */
/* port_file.c — written under another name and renamed, because people poll for the file and read it the moment it is there. */
#include "server/port_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool fail(struct str path, struct err *err)
{
    return err_set(err, ERR_INTERNAL, "cannot write the port file %.*s: %s. Give another with -port-file FILE",
                   STR_ARG(path), strerror(errno));
}

static bool path_text(struct str path, const char *suffix, char out[PATH_MAX])
{
    int n = snprintf(out, PATH_MAX, "%.*s%s", STR_ARG(path), suffix);
    errno = ENAMETOOLONG;
    return n > 0 && n < PATH_MAX;
}

bool port_file_write(struct str path, uint16_t port, struct err *err)
{
    char name[PATH_MAX];
    char temporary[PATH_MAX];
    char suffix[32];
    snprintf(suffix, sizeof(suffix), ".%ld", (long)getpid());
    if (!path_text(path, "", name) || !path_text(path, suffix, temporary)) {
        return fail(path, err);
    }
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) {
        return fail(path, err);
    }
    bool ok = dprintf(fd, "%u\n", port) > 0;
    ok = close(fd) == 0 && ok;
    if (!ok || rename(temporary, name) != 0) {
        (void)fail(path, err);
        unlink(temporary);
        return false;
    }
    return true;
}

uint16_t port_file_read(struct str path)
{
    char name[PATH_MAX];
    char text[16] = {0};
    int fd = path_text(path, "", name) ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) {
        return 0;
    }
    ssize_t n = read(fd, text, sizeof(text) - 1);
    close(fd);
    unsigned long port = n > 0 ? strtoul(text, NULL, 10) : 0;
    return port <= UINT16_MAX ? (uint16_t)port : 0;
}

void port_file_remove(struct str path)
{
    char name[PATH_MAX];
    if (path_text(path, "", name)) {
        unlink(name);
    }
}
