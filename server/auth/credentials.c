/* SPDX-License-Identifier: Apache-2.0 */
/* credentials.c — reads the file that every SDK and the AWS CLI write and read, so that people give the server the one that they have. A list is
 * enough: development servers know a handful of keys. */
#include "server/auth/credentials.h"

#include "server/auth/query.h"

void credentials_add(struct credentials *credentials, struct arena *arena, struct credential credential)
{
    if (credentials->count == credentials->cap) {
        size_t cap = credentials->cap * 2 + 8;
        struct credential *list = arena_array(arena, struct credential, cap);
        if (credentials->count > 0) {
            memcpy(list, credentials->list, credentials->count * sizeof(*list));
        }
        credentials->list = list;
        credentials->cap = cap;
    }
    credentials->list[credentials->count++] = credential;
}

const struct credential *credentials_find(const struct credentials *credentials, struct str access_key,
                                          struct str session_token)
{
    const struct credential *same_key = NULL;
    for (size_t i = 0; i < credentials->count; i++) {
        const struct credential *at = &credentials->list[i];
        if (str_eq(at->access_key, access_key)) {
            if (str_eq(at->session_token, session_token)) {
                return at;
            }
            same_key = same_key != NULL ? same_key : at;
        }
    }
    return same_key;
}

struct section {
    struct str profile;
    struct credential credential;
};

static bool section_end(const struct section *section, const char *file, struct arena *arena, struct credentials *out,
                        struct err *err)
{
    const struct credential *credential = &section->credential;
    if (credential->access_key.n == 0 && credential->secret.n == 0) {
        return true;
    }
    if (credential->access_key.n == 0 || credential->secret.n == 0) {
        return err_set(err, ERR_VALIDATION, "%s: profile [%.*s] has no %s", file, STR_ARG(section->profile),
                       credential->access_key.n == 0 ? "aws_access_key_id" : "aws_secret_access_key");
    }
    if (credential->secret.n > CREDENTIAL_SECRET_MAX) {
        return err_set(err, ERR_VALIDATION, "%s: profile [%.*s] has an aws_secret_access_key of more than %d bytes", file,
                       STR_ARG(section->profile), CREDENTIAL_SECRET_MAX);
    }
    credentials_add(out, arena, *credential);
    return true;
}

bool credentials_parse(struct str text, const char *file, struct arena *arena, struct credentials *out, struct err *err)
{
    *out = (struct credentials){0};
    struct section section = {.profile = STR("default")};
    struct str line;
    for (size_t number = 1; cut(&text, '\n', &line); number++) {
        if (line.n > 0 && line.p[line.n - 1] == '\r') {
            line.n--;
        }
        line = trim_blanks(line);
        if (line.n == 0 || line.p[0] == '#' || line.p[0] == ';') {
            continue;
        }
        if (line.p[0] == '[' && line.p[line.n - 1] == ']') {
            if (!section_end(&section, file, arena, out, err)) {
                return false;
            }
            section = (struct section){.profile = trim_blanks(str_of(line.p + 1, line.n - 2))};
            continue;
        }
        struct str name;
        struct str value = line;
        (void)cut(&value, '=', &name);
        if (value.p == NULL) {
            return err_set(err, ERR_VALIDATION, "%s: line %zu is neither [profile] nor name = value", file, number);
        }
        name = trim_blanks(name);
        value = trim_blanks(value);
        if (str_eq(name, STR("aws_access_key_id"))) {
            section.credential.access_key = value;
        } else if (str_eq(name, STR("aws_secret_access_key"))) {
            section.credential.secret = value;
        } else if (str_eq(name, STR("aws_session_token")) && value.n > 0) {
            section.credential.session_token = value;
        }
    }
    if (!section_end(&section, file, arena, out, err)) {
        return false;
    }
    return out->count > 0 || err_set(err, ERR_VALIDATION,
                                     "%s has no credentials: it wants [profile] sections with aws_access_key_id and "
                                     "aws_secret_access_key",
                                     file);
}
