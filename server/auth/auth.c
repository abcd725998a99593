/* SPDX-License-Identifier: Apache-2.0 */
/* auth.c — the shape of a Signature Version 4 request. People sign with whatever they have at hand, so every key is right as long as there
 * is one; it and the region choose the namespace. What is missing is told in AWS's words, which SDKs' authors know. */
#include "server/auth/auth.h"

#define DEFAULT_REGION "us-east-1"

static struct str trim(struct str s)
{
    while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
        s = str_of(s.p + 1, s.n - 1);
    }
    while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t')) {
        s.n--;
    }
    return s;
}

/* ---- The query string ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static struct str percent_decode(struct str s, struct arena *arena)
{
    char *p = arena_alloc(arena, s.n);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        bool is_escape = s.p[i] == '%' && i + 2 < s.n && hex_digit(s.p[i + 1]) >= 0 && hex_digit(s.p[i + 2]) >= 0;
        if (is_escape) {
            p[n++] = (char)(hex_digit(s.p[i + 1]) * 16 + hex_digit(s.p[i + 2]));
            i += 2;
        } else {
            p[n++] = s.p[i] == '+' ? ' ' : s.p[i];
        }
    }
    return str_of(p, n);
}

/* Cuts the text up to `separator` off; false at the end. */
static bool cut(struct str *rest, char separator, struct str *out)
{
    if (rest->p == NULL) {
        return false;
    }
    const char *at = rest->n > 0 ? memchr(rest->p, separator, rest->n) : NULL;
    if (at == NULL) {
        *out = *rest;
        *rest = (struct str){0};
        return true;
    }
    *out = str_of(rest->p, (size_t)(at - rest->p));
    *rest = str_of(at + 1, rest->n - out->n - 1);
    return true;
}

/* The decoded value of a parameter; absent if there is none, empty if it has no '='. */
static struct str query_value(struct str query, struct str name, struct arena *arena)
{
    struct str pair;
    while (cut(&query, '&', &pair)) {
        struct str key;
        struct str value = pair;
        (void)cut(&value, '=', &key);
        if (str_eq(percent_decode(key, arena), name)) {
            return value.p == NULL ? STR("") : percent_decode(value, arena);
        }
    }
    return (struct str){0};
}

/* ---- The credential ---- */

/* keyid/date/region/service/term, counted from the end, since a key may hold slashes; what is missing there is forgiven. */
static bool credential_read(struct str credential, struct auth *out, struct err *err)
{
    size_t ends[4];
    size_t slashes = 0;
    for (size_t i = credential.n; i-- > 0 && slashes < 4;) {
        if (credential.p[i] == '/') {
            ends[slashes++] = i;
        }
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

struct header_parts {
    struct str credential;
    struct str signature;
    struct str signed_headers;
};

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
static struct header_parts header_read(struct str header)
{
    struct header_parts parts = {0};
    const char *end = header.p + header.n;
    const char *p = header.p;
    for (bool is_algorithm = true; p < end; is_algorithm = false) {
        const char *start = p;
        while (p < end && *p != ',' && *p != ' ') {
            p++;
        }
        struct str part = str_of(start, (size_t)(p - start));
        p++;
        if (!is_algorithm && !part_is(part, STR("Credential"), &parts.credential) &&
            !part_is(part, STR("SignedHeaders"), &parts.signed_headers)) {
            (void)part_is(part, STR("Signature"), &parts.signature);
        }
    }
    return parts;
}

static bool header_check(const struct request *request, struct str header, struct arena *arena, struct auth *out,
                         struct err *err)
{
    struct header_parts parts = header_read(header);
    bool has_credential = parts.credential.n > 0;
    bool has_signature = parts.signature.n > 0;
    bool has_signed_headers = parts.signed_headers.n > 0;
    bool has_date =
        request_header(request, STR("X-Amz-Date")).n > 0 || request_header(request, STR("Date")).n > 0;
    if (has_credential && has_signature && has_signed_headers && has_date) {
        return credential_read(parts.credential, out, err);
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

static bool query_check(struct str query, struct arena *arena, struct auth *out, struct err *err)
{
    static const char *const names[] = {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders",
                                        "X-Amz-Date"};
    struct str text = STR("");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (query_value(query, str_from(names[i]), arena).n == 0) {
            text = arena_printf(arena, "%.*sAWS query-string parameters must include '%s'. ", STR_ARG(text), names[i]);
        }
    }
    if (text.n > 0) {
        return err_set(err, ERR_INCOMPLETE_SIGNATURE, "%.*sRe-examine the query-string parameters.", STR_ARG(text));
    }
    return credential_read(query_value(query, STR("X-Amz-Credential"), arena), out, err);
}

bool auth_check(const struct request *request, enum auth_mode mode, struct arena *arena, struct auth *out,
                struct err *err)
{
    ensure(mode == AUTH_SHAPE);
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
    if (!has_header || !str_starts_with(trim(header), STR("AWS4-"))) {
        return err_set(err, ERR_MISSING_AUTHENTICATION_TOKEN, "Request is missing Authentication Token");
    }
    return header_check(request, trim(header), arena, out, err);
}
