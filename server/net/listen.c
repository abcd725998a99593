/* SPDX-License-Identifier: Apache-2.0 */
/* listen.c — the listening socket, made by hand because its errors are what people meet first: each says what is wrong and how to mend it.
 * SO_REUSEADDR lets a server start again at once; SO_REUSEPORT would let a second one share the port unnoticed. */
#include "server/net/internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024

static bool fail(uint16_t port, const char *host, int error, struct err *err)
{
    switch (error) {
    case EADDRINUSE:
        return err_set(err, ERR_INTERNAL,
                       "port %u is in use: another server listens there. Stop it, or take another port with -port N "
                       "(-port 0 takes a free one)",
                       port);
    case EACCES:
        return err_set(err, ERR_INTERNAL,
                       "no permission to listen on port %u: ports below 1024 need privileges. Take a higher one with -port N",
                       port);
    case EADDRNOTAVAIL:
        return err_set(err, ERR_INTERNAL, "this machine has no address %s: give one of its own with -host ADDRESS", host);
    default:
        return err_set(err, ERR_INTERNAL, "cannot listen on %s port %u: %s", host, port, strerror(error));
    }
}

/* A listening socket on the address, or -1 with errno. */
static int try_listen(const struct sockaddr *address, socklen_t size)
{
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -1;
    }
    int on = 1;
    int off = 0;
    bool ok = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0;
    if (address->sa_family == AF_INET6) {
        ok = ok && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) == 0;
    }
    if (ok && bind(fd, address, size) == 0 && listen(fd, BACKLOG) == 0) {
        return fd;
    }
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static int listen_everywhere(uint16_t port)
{
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = in6addr_any, .sin6_port = htons(port)};
    int fd = try_listen((const struct sockaddr *)&six, sizeof(six));
    if (fd < 0 && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL || errno == ENOPROTOOPT)) { /* no IPv6 here */
        struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_ANY)}, .sin_port = htons(port)};
        fd = try_listen((const struct sockaddr *)&four, sizeof(four));
    }
    return fd;
}

static bool listen_on_host(const char *host, uint16_t port, int *fd, struct err *err)
{
    char service[8];
    snprintf(service, sizeof(service), "%u", port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int status = getaddrinfo(host, service, &hints, &found);
    if (status != 0) {
        return err_set(err, ERR_INTERNAL, "cannot listen on host %s: %s. Give an address of this machine with -host ADDRESS",
                       host, gai_strerror(status));
    }
    *fd = -1;
    for (const struct addrinfo *at = found; at != NULL && *fd < 0; at = at->ai_next) {
        *fd = try_listen(at->ai_addr, at->ai_addrlen);
    }
    int error = errno;
    freeaddrinfo(found);
    errno = error;
    return true;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof(address);
    ensure(getsockname(fd, (struct sockaddr *)&address, &size) == 0);
    if (address.ss_family == AF_INET6) {
        struct sockaddr_in6 six;
        memcpy(&six, &address, sizeof(six));
        return ntohs(six.sin6_port);
    }
    struct sockaddr_in four;
    memcpy(&four, &address, sizeof(four));
    return ntohs(four.sin_port);
}

bool listen_open(struct str host, uint16_t port, uv_os_sock_t *out, uint16_t *out_port, struct err *err)
{
    char name[256] = "all addresses";
    int fd = -1;
    if (host.p == NULL) {
        fd = listen_everywhere(port);
    } else {
        if (host.n >= sizeof(name)) {
            return err_set(err, ERR_INTERNAL, "the name after -host is too long");
        }
        memcpy(name, host.p, host.n);
        name[host.n] = '\0';
        if (!listen_on_host(name, port, &fd, err)) {
            return false;
        }
    }
    if (fd < 0) {
        return fail(port, name, errno, err);
    }
    *out = fd;
    *out_port = port_of(fd);
    return true;
}
