/* SPDX-License-Identifier: Apache-2.0 */
/* json_parse.c — what yyjson alone takes to parse a Scan page's items, one text after the other into memory that is there already: the
 * yardstick of filtered pages. Usage: bench_json_parse FILE SECONDS (one item a line); prints microseconds of processor time per page. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <yyjson.h>

#define POOL_BYTES ((size_t)16 * 1024 * 1024)

static double cpu_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        perror(path);
        exit(1);
    }
    *size = (size_t)ftell(file);
    char *text = malloc(*size + 1);
    rewind(file);
    if (text == NULL || fread(text, 1, *size, file) != *size) {
        perror(path);
        exit(1);
    }
    fclose(file);
    text[*size] = '\0';
    return text;
}

static void parse_page(char *text, size_t size, const yyjson_alc *memory)
{
    for (char *line = text; line < text + size;) {
        char *end = memchr(line, '\n', (size_t)(text + size - line));
        size_t length = end == NULL ? (size_t)(text + size - line) : (size_t)(end - line);
        yyjson_doc *doc = yyjson_read_opts(line, length, YYJSON_READ_NOFLAG, memory, NULL);
        if (doc == NULL) {
            fprintf(stderr, "bench_json_parse: not JSON: %.60s\n", line);
            exit(1);
        }
        yyjson_doc_free(doc);
        line += length + 1;
    }
}

int main(int count, char **arguments)
{
    if (count != 3) {
        fprintf(stderr, "usage: bench_json_parse FILE SECONDS\n");
        return 2;
    }
    size_t size = 0;
    char *text = read_file(arguments[1], &size);
    void *pool = malloc(POOL_BYTES);
    yyjson_alc memory;
    if (pool == NULL || !yyjson_alc_pool_init(&memory, pool, POOL_BYTES)) {
        return 1;
    }
    parse_page(text, size, &memory);
    double seconds = strtod(arguments[2], NULL);
    double began = cpu_now();
    double end = began;
    size_t pages = 0;
    while (end - began < seconds) {
        parse_page(text, size, &memory);
        pages++;
        end = cpu_now();
    }
    printf("%.1f\n", (end - began) * 1e6 / (double)pages);
    free(pool);
    free(text);
    return 0;
}
