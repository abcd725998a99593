/* SPDX-License-Identifier: Apache-2.0 */
/* start_probe.c — how long a server takes from its start to its first answer, and what it holds then. In C, because an interpreter's own
 * start and polling cost as much as what is measured. Usage: bench_start PORT PROGRAM ARGUMENT...; prints milliseconds and KB. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_SECONDS 60
#define STOP_SECONDS 10
#define POLL_NS 50000 /* a refused connection costs about 10 us */

static const char request[] =
    "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: DynamoDB_20120810.ListTables\r\n"
    "X-Amz-Date: 20260101T000000Z\r\nAuthorization: AWS4-HMAC-SHA256 Credential=benchkey/20260101/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\n"
    "Content-Length: 2\r\n\r\n{}";

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void wait_a_little(long ns)
{
    nanosleep(&(struct timespec){.tv_nsec = ns}, NULL);
}

static pid_t start(char **command)
{
    extern char **environ;
    posix_spawn_file_actions_t actions;
    pid_t pid = 0;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    int code = posix_spawnp(&pid, command[0], &actions, NULL, command, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (code != 0) {
        fprintf(stderr, "bench_start: %s: %s\n", command[0], strerror(code));
        exit(1);
    }
    return pid;
}

/* One try. A server may accept before it can answer: then this waits for it. */
static bool is_answered(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char byte[4096];
    bool ok = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
              send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) == (ssize_t)sizeof(request) - 1 && recv(fd, byte, sizeof(byte), 0) > 0;
    close(fd);
    return ok;
}

static long resident_kb(pid_t pid)
{
    char line[256];
    long kb = 0;
    snprintf(line, sizeof(line), "/proc/%d/status", (int)pid);
    FILE *file = fopen(line, "re");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, "VmRSS:", 6) == 0) {
            kb = strtol(line + 6, NULL, 10);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return kb;
}

static void stop(pid_t pid)
{
    kill(pid, SIGTERM);
    double end = now() + STOP_SECONDS;
    while (waitpid(pid, NULL, WNOHANG) == 0) {
        if (now() > end) {
            kill(pid, SIGKILL);
            waitpid(pid, NULL, 0);
            return;
        }
        wait_a_little(1000000);
    }
}

int main(int count, char **arguments)
{
    if (count < 3) {
        fprintf(stderr, "usage: bench_start PORT PROGRAM ARGUMENT...\n");
        return 2;
    }
    uint16_t port = (uint16_t)strtoul(arguments[1], NULL, 10);
    double began = now();
    pid_t pid = start(arguments + 2);
    while (!is_answered(port)) {
        if (waitpid(pid, NULL, WNOHANG) == pid) {
            fprintf(stderr, "bench_start: %s ended before it answered\n", arguments[2]);
            return 1;
        }
        if (now() - began > PATIENCE_SECONDS) {
            fprintf(stderr, "bench_start: %s does not answer\n", arguments[2]);
            stop(pid);
            return 1;
        }
        wait_a_little(POLL_NS);
    }
    double took = now() - began;
    long kb = resident_kb(pid);
    stop(pid);
    printf("%.3f %ld\n", took * 1000, kb);
    return 0;
}
