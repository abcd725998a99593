/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_NET_TLS_H
#define SERVER_NET_TLS_H

#include "core/err.h"
#include "server/net/http.h"

/* TLS 1.2 and 1.3 as a filter between a socket's bytes and a connection's: no sockets here, nothing blocks. */

struct tls_context; /* certificate and key: one a server, for all loops */
struct tls;         /* one a connection */

/* On failure err has one line that says what is wrong and how to mend it. */
MUST_USE bool tls_context_new(const struct http_tls *options, struct tls_context **out, struct err *err);
void tls_context_free(struct tls_context *context); /* NULL is fine */

struct tls *tls_new(struct tls_context *context); /* NULL: no memory */
void tls_free(struct tls *tls);                   /* NULL is fine */

/* Bytes that came from the socket; they are copied. */
void tls_feed(struct tls *tls, struct str bytes);
/* True if something that was fed may still give plain bytes. */
bool tls_has_input(const struct tls *tls);
/* Bytes for the socket: after every call below, until it is empty. Valid until tls_sent or the next call of tls_write, which adds to it. */
struct str tls_output(const struct tls *tls);
void tls_sent(struct tls *tls);

enum tls_result {
    TLS_OK,
    TLS_MORE,  /* feed more first */
    TLS_PLAIN, /* the client speaks http: tell it, without TLS, and close */
    TLS_ENDED  /* the client has ended it, or broken the rules: send the output (an alert) and close */
};

/* Until it is TLS_OK, once. */
enum tls_result tls_handshake(struct tls *tls);
/* Up to n plain bytes, at least one if TLS_OK. */
enum tls_result tls_read(struct tls *tls, char *to, size_t n, size_t *got);
/* Encrypts all of it; false if the connection is of no use any more. */
MUST_USE bool tls_write(struct tls *tls, struct str plain);
/* Says goodbye, once; also before or after a failure. */
void tls_end(struct tls *tls);

#endif
