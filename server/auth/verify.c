/* SPDX-License-Identifier: Apache-2.0 */
/* verify.c — is this signature made with the secret that we know? The steps come in the service's order, each with its text, since people
 * debug their own signers with it. A request costs two digests and one HMAC: methods are fetched once, and the derived key
 * (four HMACs) is kept, already set up, by key, day and region. */
#include "server/auth/verify.h"

#include "core/openssl.h"
#include "server/auth/canonical.h"
#include "server/auth/query.h"

#include <strings.h>

#define HASH_BYTES 32
#define HEX_BYTES (2 * HASH_BYTES)
#define ALGORITHM "AWS4-HMAC-SHA256"
#define TERMINATOR "aws4_request"
#define SERVICE "dynamodb"
#define PATIENCE_SECONDS (15 * 60)
#define ISO_BYTES 16 /* 20130609T100015Z */

void verifier_init(struct verifier *verifier, const struct credentials *credentials, const struct clock *clock)
{
    *verifier = (struct verifier){.credentials = credentials, .clock = clock};
    verifier->sha256 = openssl()->EVP_MD_fetch(NULL, "SHA2-256", NULL);
    verifier->digest = openssl()->EVP_MD_CTX_new();
    verifier->hmac = openssl()->EVP_MAC_fetch(NULL, "HMAC", NULL);
    ensure(verifier->sha256 != NULL && verifier->digest != NULL && verifier->hmac != NULL);
}

void verifier_release(struct verifier *verifier)
{
    for (size_t i = 0; i < SIGNING_KEYS_MAX; i++) {
        openssl()->EVP_MAC_CTX_free(verifier->keys[i].mac);
    }
    openssl()->EVP_MAC_free(verifier->hmac);
    openssl()->EVP_MD_CTX_free(verifier->digest);
    openssl()->EVP_MD_free(verifier->sha256);
    *verifier = (struct verifier){0};
}

/* ---- Digests ---- */

static void hex_of(const unsigned char hash[HASH_BYTES], char out[HEX_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < HASH_BYTES; i++) {
        out[2 * i] = digits[hash[i] >> 4];
        out[2 * i + 1] = digits[hash[i] & 15];
    }
}

static void digest_hex(struct verifier *verifier, struct str s, char out[HEX_BYTES])
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    ensure(openssl()->EVP_DigestInit_ex2(verifier->digest, verifier->sha256, NULL) == 1 &&
           openssl()->EVP_DigestUpdate(verifier->digest, s.p, s.n) == 1 && openssl()->EVP_DigestFinal_ex(verifier->digest, hash, NULL) == 1);
    hex_of(hash, out);
}

static void mac_key(EVP_MAC_CTX *mac, const void *key, size_t n)
{
    char name[] = "SHA2-256";
    OSSL_PARAM params[] = {openssl()->OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0), openssl()->OSSL_PARAM_construct_end()};
    ensure(openssl()->EVP_MAC_init(mac, key, n, params) == 1);
}

static void mac_run(EVP_MAC_CTX *mac, struct str s, unsigned char out[HASH_BYTES])
{
    union {
        const char *text;
        const unsigned char *bytes;
    } in = {.text = s.p};
    size_t n = 0;
    ensure(openssl()->EVP_MAC_update(mac, in.bytes, s.n) == 1 && openssl()->EVP_MAC_final(mac, out, &n, HASH_BYTES) == 1 && n == HASH_BYTES);
}

/* ---- The derived key ---- */

struct scope {
    struct str access_key;
    struct str date;
    struct str region;
    struct str service;
    struct str terminator;
};

static void derive(EVP_MAC_CTX *mac, const struct credential *credential, const struct scope *scope)
{
    char first[4 + CREDENTIAL_SECRET_MAX] = "AWS4";
    ensure(credential->secret.n <= CREDENTIAL_SECRET_MAX);
    memcpy(first + 4, credential->secret.p, credential->secret.n);
    mac_key(mac, first, 4 + credential->secret.n);
    const struct str steps[] = {scope->date, scope->region, STR(SERVICE), STR(TERMINATOR)};
    unsigned char key[HASH_BYTES];
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        mac_run(mac, steps[i], key);
        mac_key(mac, key, sizeof(key));
    }
    openssl()->OPENSSL_cleanse(first, sizeof(first));
    openssl()->OPENSSL_cleanse(key, sizeof(key));
}

static EVP_MAC_CTX *signing_mac(struct verifier *verifier, const struct credential *credential,
                                const struct scope *scope)
{
    for (size_t i = 0; i < SIGNING_KEYS_MAX; i++) {
        struct signing_key *key = &verifier->keys[i];
        if (key->credential == credential && memcmp(key->date, scope->date.p, SIGNING_DATE_BYTES) == 0 &&
            str_eq(str_of(key->region, key->region_n), scope->region)) {
            ensure(openssl()->EVP_MAC_init(key->mac, NULL, 0, NULL) == 1); /* the same key again */
            return key->mac;
        }
    }
    struct signing_key *key = &verifier->keys[verifier->oldest];
    verifier->oldest = (verifier->oldest + 1) % SIGNING_KEYS_MAX;
    if (key->mac == NULL) {
        key->mac = openssl()->EVP_MAC_CTX_new(verifier->hmac);
        ensure(key->mac != NULL);
    }
    key->credential = credential;
    memcpy(key->date, scope->date.p, SIGNING_DATE_BYTES);
    memcpy(key->region, scope->region.p, scope->region.n);
    key->region_n = scope->region.n;
    derive(key->mac, credential, scope);
    return key->mac;
}

/* ---- Date ---- */

static int64_t days_since_epoch(int64_t year, int64_t month, int64_t day)
{
    /* March begins the year, so that the leap day ends it. */
    year -= month <= 2;
    int64_t era = year / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

/* "20130609T100015Z", in seconds since the epoch. */
static bool date_read(struct str date, int64_t *out)
{
    if (date.n != ISO_BYTES || date.p[8] != 'T' || date.p[15] != 'Z') {
        return false;
    }
    static const struct {
        size_t at, n;
        int64_t least, most;
    } fields[] = {{0, 4, 1, 9999}, {4, 2, 1, 12}, {6, 2, 1, 31}, {9, 2, 0, 23}, {11, 2, 0, 59}, {13, 2, 0, 60}};
    int64_t values[6];
    for (size_t i = 0; i < 6; i++) {
        values[i] = 0;
        for (size_t k = 0; k < fields[i].n; k++) {
            char c = date.p[fields[i].at + k];
            if (c < '0' || c > '9') {
                return false;
            }
            values[i] = values[i] * 10 + (c - '0');
        }
        if (values[i] < fields[i].least || values[i] > fields[i].most) {
            return false;
        }
    }
    *out = days_since_epoch(values[0], values[1], values[2]) * 86400 + values[3] * 3600 + values[4] * 60 + values[5];
    return true;
}

static struct str date_text(int64_t seconds, struct arena *arena)
{
    time_t at = (time_t)seconds;
    struct tm tm;
    if (gmtime_r(&at, &tm) == NULL) {
        return STR("?");
    }
    return arena_printf(arena, "%04d%02d%02dT%02d%02d%02dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
                        tm.tm_min, tm.tm_sec);
}

static bool check_date(struct verifier *verifier, struct str date, struct arena *arena, struct err *err)
{
    int64_t at = 0;
    if (!date_read(date, &at)) {
        return err_set(err, ERR_INCOMPLETE_SIGNATURE,
                       "Date must be in ISO-8601 'basic format'. Got '%.*s'. See http://en.wikipedia.org/wiki/ISO_8601",
                       STR_ARG(date));
    }
    int64_t now = clock_now_ms(verifier->clock) / 1000;
    if (at < now - PATIENCE_SECONDS) {
        struct str least = date_text(now - PATIENCE_SECONDS, arena);
        struct str is = date_text(now, arena);
        return err_set(err, ERR_INVALID_SIGNATURE,
                       "Signature expired: %.*s is now earlier than %.*s (%.*s - 15 min.)", STR_ARG(date),
                       STR_ARG(least), STR_ARG(is));
    }
    if (at > now + PATIENCE_SECONDS) {
        struct str most = date_text(now + PATIENCE_SECONDS, arena);
        struct str is = date_text(now, arena);
        return err_set(err, ERR_INVALID_SIGNATURE,
                       "Signature not yet current: %.*s is still later than %.*s (%.*s + 15 min.)", STR_ARG(date),
                       STR_ARG(most), STR_ARG(is));
    }
    return true;
}

/* ---- Scope ---- */

static bool signs_host(struct str signed_headers)
{
    struct str name;
    while (cut(&signed_headers, ';', &name)) {
        if (name.n == 4 && strncasecmp(name.p, "host", 4) == 0) {
            return true;
        }
    }
    return false;
}

static bool scope_read(struct str credential, struct scope *out, struct err *err)
{
    struct str parts[6];
    size_t count = 0;
    struct str rest = credential;
    while (count < 6 && cut(&rest, '/', &parts[count])) {
        count++;
    }
    if (count != 5) {
        return err_set(err, ERR_INCOMPLETE_SIGNATURE,
                       "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
                       "got '%.*s'",
                       STR_ARG(credential));
    }
    *out = (struct scope){parts[0], parts[1], parts[2], parts[3], parts[4]};
    return true;
}

/* Any name will do, since people call their local region what they like. */
static bool is_region(struct str region)
{
    bool ok = region.n > 0 && region.n <= SIGNING_REGION_MAX;
    for (size_t i = 0; ok && i < region.n; i++) {
        char c = region.p[i];
        ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    }
    return ok;
}

static bool check_scope(const struct scope *scope, struct str date, struct arena *arena, struct err *err)
{
    struct str text = STR("");
    if (!is_region(scope->region)) {
        text = arena_printf(arena, "Credential should be scoped to a valid region, not '%.*s'. ",
                            STR_ARG(scope->region));
    }
    if (!str_eq(scope->service, STR(SERVICE))) {
        text = arena_printf(arena, "%.*sCredential should be scoped to correct service: '" SERVICE "'. ", STR_ARG(text));
    }
    if (!str_eq(scope->terminator, STR(TERMINATOR))) {
        text = arena_printf(arena, "%.*sCredential should be scoped with a valid terminator: '" TERMINATOR "', not '%.*s'. ",
                            STR_ARG(text), STR_ARG(scope->terminator));
    }
    struct str day = str_of(date.p, SIGNING_DATE_BYTES); /* check_date has seen it */
    if (!str_eq(scope->date, day)) {
        text = arena_printf(arena,
                            "%.*sDate in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                            "'%.*s' != '%.*s', from '%.*s'.",
                            STR_ARG(text), STR_ARG(scope->date), STR_ARG(day), STR_ARG(date));
    }
    return text.n == 0 || err_set_text(err, ERR_INVALID_SIGNATURE, text);
}

/* ---- Signature ---- */

static bool equal_secretly(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || openssl()->CRYPTO_memcmp(a.p, b.p, a.n) == 0);
}

static struct str payload_hash(struct verifier *verifier, const struct request *request, char hex[HEX_BYTES])
{
    struct str given = request_header(request, STR("X-Amz-Content-Sha256"));
    if (str_eq(given, STR("UNSIGNED-PAYLOAD"))) {
        return given;
    }
    digest_hex(verifier, request->packed_body.p != NULL ? request->packed_body : request->body, hex);
    return str_of(hex, HEX_BYTES);
}

static bool check_signature(struct verifier *verifier, const struct request *request, const struct signature_parts *parts,
                            const struct scope *scope, const struct credential *credential, struct arena *arena)
{
    char body_hex[HEX_BYTES];
    struct str canonical;
    if (!canonical_request(request, parts->signed_headers, payload_hash(verifier, request, body_hex), arena, &canonical)) {
        return false;
    }
    char hex[HEX_BYTES];
    digest_hex(verifier, canonical, hex);
    char to_sign[sizeof(ALGORITHM) + ISO_BYTES + SIGNING_DATE_BYTES + SIGNING_REGION_MAX + sizeof(SERVICE TERMINATOR) +
                 HEX_BYTES + 8];
    struct str text = {to_sign, 0};
    const struct str pieces[] = {STR(ALGORITHM "\n"), parts->date,   STR("\n"),
                                 scope->date,         STR("/"),      scope->region,
                                 STR("/" SERVICE "/" TERMINATOR "\n"), str_of(hex, HEX_BYTES)};
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        ensure(pieces[i].n <= sizeof(to_sign) - text.n);
        memcpy(to_sign + text.n, pieces[i].p, pieces[i].n);
        text.n += pieces[i].n;
    }
    unsigned char signature[HASH_BYTES];
    mac_run(signing_mac(verifier, credential, scope), text, signature);
    hex_of(signature, hex);
    return equal_secretly(str_of(hex, HEX_BYTES), parts->signature);
}

#define UNKNOWN_TOKEN "The security token included in the request is invalid"

bool verify(struct verifier *verifier, const struct request *request, const struct signature_parts *parts,
            struct arena *arena, struct auth *out, struct err *err)
{
    if (!check_date(verifier, parts->date, arena, err)) {
        return false;
    }
    if (!signs_host(parts->signed_headers)) {
        return err_set(err, ERR_INVALID_SIGNATURE, "'Host' must be a 'SignedHeader' in the AWS Authorization.");
    }
    if (!str_eq(parts->algorithm, STR(ALGORITHM))) {
        return err_set(err, ERR_INCOMPLETE_SIGNATURE, "Unsupported AWS 'algorithm': '%.*s' (only " ALGORITHM " for now). ",
                       STR_ARG(parts->algorithm));
    }
    struct scope scope;
    if (!scope_read(parts->credential, &scope, err) || !check_scope(&scope, parts->date, arena, err)) {
        return false;
    }
    const struct credential *credential =
        credentials_find(verifier->credentials, scope.access_key, parts->session_token);
    /* A temporary key is none without its token. */
    if (credential == NULL || (credential->session_token.p != NULL && parts->session_token.p == NULL)) {
        return err_set(err, ERR_UNRECOGNIZED_CLIENT, UNKNOWN_TOKEN ".");
    }
    if (!check_signature(verifier, request, parts, &scope, credential, arena)) {
        return err_set(err, ERR_INVALID_SIGNATURE,
                       "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
                       "Access Key and signing method. Consult the service documentation for details.");
    }
    if (!equal_secretly(credential->session_token, parts->session_token)) {
        return err_set(err, ERR_UNRECOGNIZED_CLIENT, UNKNOWN_TOKEN);
    }
    *out = (struct auth){.access_key = scope.access_key, .region = scope.region};
    return true;
}
