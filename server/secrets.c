/* SPDX-License-Identifier: Apache-2.0 */
/* secrets.c — reads the keys once, at the start: a file that can't be read must end the program, not its first request. */
#include "server/secrets.h"

#include <errno.h>
#include <stdlib.h>

#define FILE_BYTES_MAX ((size_t)1024 * 1024)

struct secrets {
    struct arena arena;
    struct credentials list;
};

static bool unreadable_error(const char *path, int error, struct err *err)
{
    return err_set(err, ERR_INTERNAL, "cannot read -credentials %s: %s", path, strerror(error));
}

static bool read_file(const char *path, struct arena *arena, struct str *out, struct err *err)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return unreadable_error(path, errno, err);
    }
    char *p = arena_alloc(arena, FILE_BYTES_MAX);
    size_t n = fread(p, 1, FILE_BYTES_MAX, file);
    int error = ferror(file) ? errno : n == FILE_BYTES_MAX ? EFBIG : 0;
    fclose(file);
    if (error != 0) {
        return unreadable_error(path, error, err);
    }
    *out = str_of(p, n);
    return true;
}

static struct str from_environment(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? str_from(value) : (struct str){0};
}

static bool read_environment(struct arena *arena, struct credentials *out, struct err *err)
{
    struct credential credential = {
        .access_key = from_environment("AWS_ACCESS_KEY_ID"),
        .secret = from_environment("AWS_SECRET_ACCESS_KEY"),
        .session_token = from_environment("AWS_SESSION_TOKEN"),
    };
    if (credential.access_key.p == NULL || credential.secret.p == NULL) {
        return err_set(err, ERR_VALIDATION,
                       "-auth verify wants keys: give -credentials FILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
    }
    if (credential.secret.n > CREDENTIAL_SECRET_MAX) {
        return err_set(err, ERR_VALIDATION, "AWS_SECRET_ACCESS_KEY has more than %d bytes", CREDENTIAL_SECRET_MAX);
    }
    *out = (struct credentials){0};
    credentials_add(out, arena, credential);
    return true;
}

bool secrets_open(struct str file, struct secrets **out, struct err *err)
{
    struct secrets *secrets = calloc(1, sizeof(*secrets));
    ensure(secrets != NULL);
    arena_init(&secrets->arena, 0);
    bool ok = false;
    if (file.p != NULL) {
        const char *path = arena_printf(&secrets->arena, "%.*s%c", STR_ARG(file), '\0').p;
        struct str text;
        ok = read_file(path, &secrets->arena, &text, err) &&
             credentials_parse(text, path, &secrets->arena, &secrets->list, err);
    } else {
        ok = read_environment(&secrets->arena, &secrets->list, err);
    }
    if (!ok) {
        secrets_close(secrets);
        return false;
    }
    *out = secrets;
    return true;
}

const struct credentials *secrets_list(const struct secrets *secrets)
{
    return &secrets->list;
}

void secrets_close(struct secrets *secrets)
{
    if (secrets != NULL) {
        arena_release(&secrets->arena);
        free(secrets);
    }
}
