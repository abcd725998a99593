/* SPDX-License-Identifier: Apache-2.0 */
/* healthcheck.c — a probe for images that have no shell and no curl. It asks GET /health; a server that speaks TLS answers such a
 * request with 426, which is a sign of life too. */
#include "server/healthcheck.h"

#include "server/port_file.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define PATIENCE_SECONDS 2
#define HOST_MAX 256

static int try_connect(const struct addrinfo *address)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -1;
    }
    const struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)); /* for connect too */
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    if (connect(fd, address->ai_addr, address->ai_addrlen) == 0) {
        return fd;
    }
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* -1 with errno. */
static int connect_to(const char *host, uint16_t port)
{
    char service[8];
    snprintf(service, sizeof(service), "%u", port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    if (getaddrinfo(host, service, &hints, &found) != 0) {
        errno = EADDRNOTAVAIL;
        return -1;
    }
    int fd = -1;
    for (const struct addrinfo *at = found; at != NULL && fd < 0; at = at->ai_next) {
        fd = try_connect(at);
    }
    int error = errno;
    freeaddrinfo(found);
    errno = error;
    return fd;
}

static bool answers(int fd)
{
    static const char question[] = "GET /health HTTP/1.0\r\n\r\n";
    static const char wanted[] = "HTTP/1.1 200";
    static const char wanted_with_tls[] = "HTTP/1.1 426";
    char answer[sizeof(wanted) - 1];
    size_t n = 0;
    if (send(fd, question, sizeof(question) - 1, MSG_NOSIGNAL) != (ssize_t)sizeof(question) - 1) {
        return false;
    }
    while (n < sizeof(answer)) {
        ssize_t more = recv(fd, answer + n, sizeof(answer) - n, 0);
        if (more <= 0) {
            break;
        }
        n += (size_t)more;
    }
    return n == sizeof(answer) && (memcmp(answer, wanted, n) == 0 || memcmp(answer, wanted_with_tls, n) == 0);
}

static uint16_t port_of(const struct options *options)
{
    uint16_t port = 0;
    if (!options->port_is_given && options->port_file.p != NULL) {
        port = port_file_read(options->port_file);
    }
    return port != 0 ? port : (uint16_t)options->port;
}

bool healthcheck(const struct options *options, struct err *err)
{
    char host[HOST_MAX];
    struct str wanted = options->host.p != NULL ? options->host : STR("127.0.0.1");
    /* What a server calls "every address" is no place to connect to. */
    if (str_eq(wanted, STR("0.0.0.0"))) {
        wanted = STR("127.0.0.1");
    } else if (str_eq(wanted, STR("::"))) {
        wanted = STR("::1");
    }
    snprintf(host, sizeof(host), "%.*s", STR_ARG(wanted));
    uint16_t port = port_of(options);
    int fd = connect_to(host, port);
    if (fd < 0) {
        return err_set(err, ERR_INTERNAL, "nothing listens on %s port %u: %s", host, port, strerror(errno));
    }
    bool ok = answers(fd);
    close(fd);
    return ok || err_set(err, ERR_INTERNAL, "what listens on %s port %u does not answer as a healthy server", host, port);
}
