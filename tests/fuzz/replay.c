/* SPDX-License-Identifier: Apache-2.0 */
/* replay.c — the main of a fuzz driver where there is no libFuzzer: gives it every file of a folder, and every prefix of each, so that the driver
 * and its corpus stay alive in the ordinary tests. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return 1;
    }
    static uint8_t text[1 << 16];
    size_t n = fread(text, 1, sizeof(text), file);
    fclose(file);
    size_t step = n < 64 ? 1 : n / 64;
    for (size_t length = 0; length < n; length += step) {
        LLVMFuzzerTestOneInput(text, length);
    }
    LLVMFuzzerTestOneInput(text, n);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
        return 2;
    }
    DIR *folder = opendir(argv[1]);
    if (folder == NULL) {
        perror(argv[1]);
        return 1;
    }
    int files = 0;
    int failed = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        char path[4096];
        snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
        failed |= replay_file(path);
        files++;
    }
    closedir(folder);
    printf("replayed %d files\n", files);
    return failed != 0 || files == 0;
}
