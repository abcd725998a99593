/* SPDX-License-Identifier: Apache-2.0 */
/* tls.c — OpenSSL with memory buffers on both sides: libuv keeps the sockets and their order, and a connection without TLS pays one pointer's
 * test. A certificate is made at the start if none is given, since a development server is asked for `https://localhost` and nothing more. */
#include "server/net/tls.h"

#include "core/openssl.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define SELF_SIGNED_DAYS 397 /* more is refused by some clients */
#define SERIAL_BYTES 16

struct tls_context {
    SSL_CTX *ctx;
};

struct tls {
    SSL *ssl;
    BIO *in;  /* from the socket; owned by ssl, as out */
    BIO *out; /* to the socket */
    bool has_failed;
    bool has_ended;
};

/* ---- Errors at the start ---- */

/* OpenSSL's own words for the first error in its queue, which is emptied. */
static const char *reason(void)
{
    unsigned long code = openssl()->ERR_peek_error();
    const char *text = ERR_SYSTEM_ERROR(code) ? strerror(ERR_GET_REASON(code)) : openssl()->ERR_reason_error_string(code);
    openssl()->ERR_clear_error();
    return text != NULL ? text : "unknown reason";
}

static const char *path_of(struct str path, struct arena *arena)
{
    return arena_printf(arena, "%.*s%c", STR_ARG(path), '\0').p;
}

/* ---- A certificate of our own ---- */

static bool add_extension(X509 *certificate, int id, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    openssl()->X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = openssl()->X509V3_EXT_conf_nid(NULL, &context, id, value);
    bool ok = extension != NULL && openssl()->X509_add_ext(certificate, extension, -1) == 1;
    openssl()->X509_EXTENSION_free(extension);
    return ok;
}

static bool is_host_name(const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < n; i++) {
        char c = name[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.')) {
            return false;
        }
    }
    return n > 0;
}

static bool add_names(X509 *certificate)
{
    char host[256] = "";
    char names[512];
    bool has_host = gethostname(host, sizeof(host) - 1) == 0 && is_host_name(host);
    snprintf(names, sizeof(names), "DNS:localhost,IP:127.0.0.1,IP:::1%s%s", has_host ? ",DNS:" : "", has_host ? host : "");
    return add_extension(certificate, NID_subject_alt_name, names);
}

static bool set_serial(X509 *certificate)
{
    unsigned char bytes[SERIAL_BYTES];
    if (openssl()->RAND_bytes(bytes, sizeof(bytes)) != 1) {
        return false;
    }
    bytes[0] &= 0x7f;
    BIGNUM *number = openssl()->BN_bin2bn(bytes, sizeof(bytes), NULL);
    bool ok = number != NULL && openssl()->BN_to_ASN1_INTEGER(number, openssl()->X509_get_serialNumber(certificate)) != NULL;
    openssl()->BN_free(number);
    return ok;
}

/* An end's certificate, not an authority's: some clients take no authority for a server. They trust it as it is. */
static bool fill(X509 *certificate, EVP_PKEY *key)
{
    static const unsigned char name[] = "Stator";
    X509_NAME *subject = openssl()->X509_get_subject_name(certificate);
    return openssl()->X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
           openssl()->X509_gmtime_adj(openssl()->X509_getm_notBefore(certificate), -24L * 3600) != NULL &&
           openssl()->X509_gmtime_adj(openssl()->X509_getm_notAfter(certificate), (SELF_SIGNED_DAYS - 1) * 24L * 3600) != NULL &&
           openssl()->X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, name, -1, -1, 0) == 1 &&
           openssl()->X509_set_issuer_name(certificate, subject) == 1 && openssl()->X509_set_pubkey(certificate, key) == 1 &&
           add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
           add_extension(certificate, NID_ext_key_usage, "serverAuth") && add_names(certificate) &&
           add_extension(certificate, NID_subject_key_identifier, "hash") &&
           add_extension(certificate, NID_authority_key_identifier, "keyid") &&
           openssl()->X509_sign(certificate, key, openssl()->EVP_sha256()) > 0;
}

static bool write_certificate(X509 *certificate, const char *path, struct err *err)
{
    FILE *file = fopen(path, "we");
    bool ok = file != NULL && openssl()->PEM_write_X509(file, certificate) == 1;
    ok = (file == NULL || fclose(file) == 0) && ok;
    openssl()->ERR_clear_error();
    return ok || err_set(err, ERR_INTERNAL, "cannot write -tlsCertOut %s: %s", path, strerror(errno));
}

static bool use_own(SSL_CTX *ctx, struct str out_path, struct err *err)
{
    EVP_PKEY *key = openssl()->EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    X509 *certificate = openssl()->X509_new();
    bool ok = false;
    if (key == NULL || certificate == NULL || !fill(certificate, key) || openssl()->SSL_CTX_use_certificate(ctx, certificate) != 1 ||
        openssl()->SSL_CTX_use_PrivateKey(ctx, key) != 1) {
        err_set(err, ERR_INTERNAL, "cannot make a certificate for -tls: %s", reason());
    } else {
        ok = out_path.p == NULL || write_certificate(certificate, path_of(out_path, err->arena), err);
    }
    openssl()->X509_free(certificate);
    openssl()->EVP_PKEY_free(key);
    return ok;
}

/* ---- The server's context ---- */

/* Instead of asking at the terminal. */
static int no_password(char *to, int size, int is_for_writing, void *context)
{
    (void)to;
    (void)size;
    (void)is_for_writing;
    (void)context;
    return 0;
}

static bool use_files(SSL_CTX *ctx, struct str cert, struct str key, struct err *err)
{
    const char *cert_path = path_of(cert, err->arena);
    const char *key_path = path_of(key, err->arena);
    openssl()->SSL_CTX_set_default_passwd_cb(ctx, no_password);
    if (openssl()->SSL_CTX_use_certificate_chain_file(ctx, cert_path) != 1) {
        return err_set(err, ERR_INTERNAL, "cannot use -tlsCert %s: %s. It wants a certificate, and its chain, as PEM", cert_path,
                       reason());
    }
    if (openssl()->SSL_CTX_use_PrivateKey_file(ctx, key_path, SSL_FILETYPE_PEM) != 1) {
        return err_set(err, ERR_INTERNAL, "cannot use -tlsKey %s: %s. It wants the certificate's private key as PEM, without a password",
                       key_path, reason());
    }
    return openssl()->SSL_CTX_check_private_key(ctx) == 1 ||
           err_set(err, ERR_INTERNAL, "-tlsKey %s does not belong to -tlsCert %s", key_path, cert_path);
}

/* http/1.1 if it is offered; a client that offers only others goes on without. */
static int select_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_n, const unsigned char *in, unsigned in_n,
                           void *context)
{
    (void)ssl;
    (void)context;
    static const char wanted[] = "http/1.1";
    for (unsigned at = 0; at < in_n && in[at] < in_n - at; at += in[at] + 1u) {
        if (in[at] == sizeof(wanted) - 1 && memcmp(in + at + 1, wanted, sizeof(wanted) - 1) == 0) {
            *out = in + at + 1;
            *out_n = in[at];
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_NOACK;
}

bool tls_context_new(const struct http_tls *options, struct tls_context **out, struct err *err)
{
    if (!openssl_load(err)) {
        return false;
    }
    SSL_CTX *ctx = openssl()->SSL_CTX_new(openssl()->TLS_server_method());
    if (ctx == NULL || openssl()->SSL_CTX_ctrl(ctx, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, NULL) != 1) {
        openssl()->SSL_CTX_free(ctx);
        return err_set(err, ERR_INTERNAL, "OpenSSL cannot do TLS here: %s", reason());
    }
    /* Tickets resume sessions without memory here; idle connections give their buffers back. */
    openssl()->SSL_CTX_ctrl(ctx, SSL_CTRL_SET_SESS_CACHE_MODE, SSL_SESS_CACHE_OFF, NULL);
    openssl()->SSL_CTX_ctrl(ctx, SSL_CTRL_MODE, SSL_MODE_RELEASE_BUFFERS, NULL);
    openssl()->SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_CIPHER_SERVER_PREFERENCE);
    openssl()->SSL_CTX_set_alpn_select_cb(ctx, select_protocol, NULL);
    bool ok = options->cert.p != NULL ? use_files(ctx, options->cert, options->key, err) : use_own(ctx, options->cert_out, err);
    if (!ok) {
        openssl()->SSL_CTX_free(ctx);
        return false;
    }
    struct tls_context *context = calloc(1, sizeof(*context));
    ensure(context != NULL);
    context->ctx = ctx;
    *out = context;
    return true;
}

void tls_context_free(struct tls_context *context)
{
    if (context != NULL) {
        openssl()->SSL_CTX_free(context->ctx);
        free(context);
    }
}

/* ---- A connection ---- */

struct tls *tls_new(struct tls_context *context)
{
    struct tls *tls = calloc(1, sizeof(*tls));
    ensure(tls != NULL);
    tls->ssl = openssl()->SSL_new(context->ctx);
    tls->in = openssl()->BIO_new(openssl()->BIO_s_mem());
    tls->out = openssl()->BIO_new(openssl()->BIO_s_mem());
    if (tls->ssl == NULL || tls->in == NULL || tls->out == NULL) {
        openssl()->BIO_free(tls->in);
        openssl()->BIO_free(tls->out);
        openssl()->SSL_free(tls->ssl);
        free(tls);
        return NULL;
    }
    openssl()->SSL_set_bio(tls->ssl, tls->in, tls->out);
    openssl()->SSL_set_accept_state(tls->ssl);
    return tls;
}

void tls_free(struct tls *tls)
{
    if (tls != NULL) {
        openssl()->SSL_free(tls->ssl);
        free(tls);
    }
}

void tls_feed(struct tls *tls, struct str bytes)
{
    ensure(bytes.n <= INT32_MAX && (bytes.n == 0 || openssl()->BIO_write(tls->in, bytes.p, (int)bytes.n) == (int)bytes.n));
}

bool tls_has_input(const struct tls *tls)
{
    return !tls->has_failed && (openssl()->BIO_ctrl_pending(tls->in) > 0 || openssl()->SSL_has_pending(tls->ssl) == 1);
}

struct str tls_output(const struct tls *tls)
{
    char *p = NULL;
    long n = openssl()->BIO_ctrl(tls->out, BIO_CTRL_INFO, 0, &p);
    return n > 0 ? str_of(p, (size_t)n) : STR("");
}

void tls_sent(struct tls *tls)
{
    (void)openssl()->BIO_ctrl(tls->out, BIO_CTRL_RESET, 0, NULL);
}

static enum tls_result result_of(struct tls *tls, int status)
{
    enum tls_result result = TLS_ENDED;
    if (status == 1) {
        return TLS_OK;
    }
    if (openssl()->SSL_get_error(tls->ssl, status) == SSL_ERROR_WANT_READ) {
        result = TLS_MORE;
    } else {
        if (ERR_GET_REASON(openssl()->ERR_peek_error()) == SSL_R_HTTP_REQUEST) {
            result = TLS_PLAIN;
        }
        tls->has_failed = true; /* or it was ended well: no more input in either case */
    }
    openssl()->ERR_clear_error();
    return result;
}

enum tls_result tls_handshake(struct tls *tls)
{
    if (openssl()->SSL_is_init_finished(tls->ssl)) {
        return TLS_OK;
    }
    return result_of(tls, openssl()->SSL_do_handshake(tls->ssl));
}

enum tls_result tls_read(struct tls *tls, char *to, size_t n, size_t *got)
{
    *got = 0;
    if (tls->has_failed) {
        return TLS_ENDED;
    }
    return result_of(tls, openssl()->SSL_read_ex(tls->ssl, to, n, got));
}

bool tls_write(struct tls *tls, struct str plain)
{
    size_t n = 0;
    bool ok = plain.n == 0 || (openssl()->SSL_write_ex(tls->ssl, plain.p, plain.n, &n) == 1 && n == plain.n);
    openssl()->ERR_clear_error();
    return ok;
}

void tls_end(struct tls *tls)
{
    /* After a fatal error, or in the handshake, there is nothing to say. */
    if (!tls->has_ended && openssl()->SSL_is_init_finished(tls->ssl) && (openssl()->SSL_get_shutdown(tls->ssl) & SSL_SENT_SHUTDOWN) == 0) {
        (void)openssl()->SSL_shutdown(tls->ssl);
        openssl()->ERR_clear_error();
    }
    tls->has_ended = true;
}
