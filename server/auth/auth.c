/* SPDX-License-Identifier: Apache-2.0 */
/* auth.c — the shape of a Signature Version 4 request. People sign with whatever they have at hand, so unless it is told to verify, every key is
 * right as long as there is one; it and the region choose the namespace. What is missing is told in AWS's words, which SDKs' authors
 * know. */
#include "server/auth/auth.h"

#include "server/auth/query.h"
#include "server/auth/verify.h"

#define DEFAULT_REGION "us-east-1"
#define ANONYMOUS "anonymous"

bool auth_mode_read(struct str name, enum auth_mode *out)
{
    static const char *const names[] = {[AUTH_SHAPE] = "shape", [AUTH_OFF] = "off", [AUTH_VERIFY] = "verify"};
    if (name.p == NULL) {
        *out = AUTH_SHAPE;
        return true;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (str_eq(name, str_from(names[i]))) {
            *out = (enum auth_mode)i;
            return true;
        }
    }
    return false;
}

/* ---- The credential ---- */

/* keyid/date/region/service/term, counted from the end, since a key may hold slashes; what is missing there is forgiven. */
static bool credential_read(struct str credential, struct auth *out, struct err *err)
{
    size_t ends[4];
    size_t slashes = 0;
    const char *end = memrchr(credential.p, '/', credential.n);
    while (end != NULL && slashes < 4) {
        ends[slashes] = (size_t)(end - credential.p);
        end = memrchr(credential.p, '/', ends[slashes]);
        slashes++;
    }
    out->region = STR(DEFAULT_REGION);
    if (slashes == 4) {
        out->access_key = str_of(credential.p, ends[3]);
        if (ends[1] > ends[2] + 1) {
            out->region = str_of(credential.p + ends[2] + 1, ends[1] - ends[2] - 1);
        }
    } else {
        const char *slash = memchr(credential.p, '/', credential.n);
        out->access_key = str_of(credential.p, slash != NULL ? (size_t)(slash - credential.p) : credential.n);
    }
    if (out->access_key.n == 0) {
        return err_set(err, ERR_UNRECOGNIZED_CLIENT, "The security token included in the request is invalid.");
    }
    return true;
}

/* ---- The two forms ---- */

/* `name=value`: the value goes to *out. */
static bool part_is(struct str part, struct str name, struct str *out)
{
    if (part.n <= name.n || part.p[name.n] != '=' || !str_starts_with(part, name)) {
        return false;
    }
    *out = str_of(part.p + name.n + 1, part.n - name.n - 1);
    return true;
}

/* `<algorithm> Credential=…, SignedHeaders=…, Signature=…`: split at commas and blanks, in any order. One pass, since every request pays it. */
static struct signature_parts header_read(struct str header)
{
    struct signature_parts parts = {0};
    const char *end = header.p + header.n;
    const char *p = header.p;
    for (bool is_algorithm = true; p < end; is_algorithm = false) {
        if (*p == ' ') { /* as behind a comma */
            p++;
            continue;
        }
        const char *comma = memchr(p, ',', (size_t)(end - p));
        const char *stop = comma != NULL ? comma : end;
        const char *blank = memchr(p, ' ', (size_t)(stop - p));
        stop = blank != NULL ? blank : stop;
        struct str part = str_of(p, (size_t)(stop - p));
        p = stop + 1;
        if (is_algorithm) {
            parts.algorithm = part;
        } else if (!part_is(part, STR("Credential"), &parts.credential) &&
                   !part_is(part, STR("SignedHeaders"), &parts.signed_headers)) {
            (void)part_is(part, STR("Signature"), &parts.signature);
        }
    }
    return parts;
}

static bool header_check(const struct request *request, struct str header, struct arena *arena,
                         struct signature_parts *out, struct err *err)
{
    struct signature_parts parts = header_read(header);
    bool has_credential = parts.credential.n > 0;
    bool has_signature = parts.signature.n > 0;
    bool has_signed_headers = parts.signed_headers.n > 0;
    parts.date = request_header(request, STR("X-Amz-Date"));
    if (parts.date.n == 0) {
        parts.date = request_header(request, STR("Date"));
    }
    bool has_date = parts.date.n > 0;
    if (has_credential && has_signature && has_signed_headers && has_date) {
        parts.session_token = request_header(request, STR("X-Amz-Security-Token"));
        *out = parts;
        return true;
    }
#define REQUIRES(name) "Authorization header requires '" name "' parameter. "
    struct str text = arena_printf(
        arena, "%s%s%s%sAuthorization=%.*s", has_credential ? "" : REQUIRES("Credential"),
        has_signature ? "" : REQUIRES("Signature"), has_signed_headers ? "" : REQUIRES("SignedHeaders"),
        has_date ? "" : "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ",
        STR_ARG(header));
#undef REQUIRES
    return err_set_text(err, ERR_INCOMPLETE_SIGNATURE, text);
}

static bool query_check(struct str query, struct arena *arena, struct signature_parts *out, struct err *err)
{
    struct signature_parts parts = {0};
    const struct {
        const char *name;
        struct str *value;
    } wanted[] = {
        {"X-Amz-Algorithm", &parts.algorithm},          {"X-Amz-Credential", &parts.credential},
        {"X-Amz-Signature", &parts.signature},          {"X-Amz-SignedHeaders", &parts.signed_headers},
        {"X-Amz-Date", &parts.date},
    };
    struct str text = STR("");
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        *wanted[i].value = query_value(query, str_from(wanted[i].name), arena);
        if (wanted[i].value->n == 0) {
            text = arena_printf(arena, "%.*sAWS query-string parameters must include '%s'. ", STR_ARG(text),
                                wanted[i].name);
        }
    }
    if (text.n > 0) {
        return err_set(err, ERR_INCOMPLETE_SIGNATURE, "%.*sRe-examine the query-string parameters.", STR_ARG(text));
    }
    parts.session_token = query_value(query, STR("X-Amz-Security-Token"), arena);
    *out = parts;
    return true;
}

/* Rows 1 to 4. */
static bool shape_check(const struct request *request, struct arena *arena, struct signature_parts *out,
                        struct err *err)
{
    struct str header = request_header(request, STR("Authorization"));
    bool has_header = header.p != NULL;
    bool has_query = request->query.n > 0 && query_value(request->query, STR("X-Amz-Algorithm"), arena).p != NULL;
    if (has_header && has_query) {
        return err_set(err, ERR_INVALID_SIGNATURE,
                       "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.");
    }
    if (has_query) {
        return query_check(request->query, arena, out, err);
    }
    header = trim_blanks(header);
    if (!has_header || !str_starts_with(header, STR("AWS4-"))) {
        return err_set(err, ERR_MISSING_AUTHENTICATION_TOKEN, "Request is missing Authentication Token");
    }
    return header_check(request, header, arena, out, err);
}

/* AUTH_OFF: what there is of a credential still chooses the namespace. */
static void whoever(const struct request *request, struct arena *arena, struct auth *out)
{
    struct err ignored;
    err_init(&ignored, arena);
    struct str header = request_header(request, STR("Authorization"));
    struct str credential = header.n > 0 ? header_read(trim_blanks(header)).credential
                                         : query_value(request->query, STR("X-Amz-Credential"), arena);
    if (credential.n == 0 || !credential_read(credential, out, &ignored)) {
        *out = (struct auth){.access_key = STR(ANONYMOUS), .region = STR(DEFAULT_REGION)};
    }
}

bool auth_check(const struct request *request, enum auth_mode mode, struct verifier *verifier, struct arena *arena,
                struct auth *out, struct err *err)
{
    if (mode == AUTH_OFF) {
        whoever(request, arena, out);
        return true;
    }
    struct signature_parts parts;
    if (!shape_check(request, arena, &parts, err)) {
        return false;
    }
    return mode == AUTH_VERIFY ? verify(verifier, request, &parts, arena, out, err)
                               : credential_read(parts.credential, out, err);
}
