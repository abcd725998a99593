/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_auth.c — any query and any headers through the verification of signatures, and any bytes as a credentials file: an answer, and never
 * an accepted signature, since no input knows the secret. The first line is the query, the others are `name:value`. */
#include "server/auth/verify.h"

#include <stdint.h>

#define HEADERS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct str text, struct verifier *verifier, struct arena *arena)
{
    struct header headers[HEADERS_MAX];
    struct request request = {.method = STR("POST"), .path = STR("/"), .query = STR(""), .headers = headers, .body = STR("{}")};
    for (bool is_query = true; text.n > 0 && request.header_count < HEADERS_MAX; is_query = false) {
        const char *end = memchr(text.p, '\n', text.n);
        struct str line = str_of(text.p, end != NULL ? (size_t)(end - text.p) : text.n);
        text = str_of(text.p + line.n + (end != NULL), text.n - line.n - (end != NULL));
        const char *colon = line.n > 0 ? memchr(line.p, ':', line.n) : NULL;
        if (is_query) {
            request.query = line;
        } else if (colon != NULL) {
            size_t n = (size_t)(colon - line.p);
            headers[request.header_count++] = (struct header){str_of(line.p, n), str_of(colon + 1, line.n - n - 1)};
        }
    }
    for (int mode = AUTH_SHAPE; mode <= AUTH_VERIFY; mode++) {
        struct err err;
        struct auth auth = {0};
        err_init(&err, arena);
        bool ok = auth_check(&request, (enum auth_mode)mode, verifier, arena, &auth, &err);
        ensure(ok == (err.kind == ERR_NONE) && (mode != AUTH_VERIFY || !ok) && (!ok || auth.access_key.n > 0));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_of((const char *)data, size);
    struct arena arena;
    struct clock_manual clock;
    struct credentials credentials = {0};
    struct verifier verifier;
    arena_init(&arena, 1 << 20);
    clock_manual_init(&clock, 1440938160000); /* 2015-08-30T12:36:00Z */
    credentials_add(&credentials, &arena, (struct credential){STR("AKID"), STR("a secret that is in no corpus"), {0}});
    credentials_add(&credentials, &arena, (struct credential){STR("TEMP"), STR("another one"), STR("token")});
    verifier_init(&verifier, &credentials, &clock.clock);
    check(text, &verifier, &arena);
    verifier_release(&verifier);
    struct err err;
    err_init(&err, &arena);
    bool ok = credentials_parse(text, "FILE", &arena, &credentials, &err);
    ensure(ok == (err.kind == ERR_NONE));
    arena_release(&arena);
    return 0;
}
