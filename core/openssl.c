/* SPDX-License-Identifier: Apache-2.0 */
/* openssl.c — loads libcrypto and libssl, and finds the functions of openssl.def by their names. Never unloaded. */
#include "core/openssl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

#define LIBRARY "libssl.so.3"
#define FIRST_LIBRARY "libcrypto.so.3" /* libssl needs it, but would not look for it where the program carries its libraries */

_Atomic(const struct openssl *) openssl_loaded;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct openssl functions;
static char problem[256];

/* POSIX has functions and data in pointers of one size; C does not convert them. */
static bool find(void *library, const char *name, void *to)
{
    void *at = dlsym(library, name);
    if (at == NULL) {
        snprintf(problem, sizeof(problem), LIBRARY " has no %s: Stator needs OpenSSL 3.0 or later", name);
        return false;
    }
    memcpy(to, &at, sizeof(at));
    return true;
}

static void load(void)
{
    void *library = dlopen(FIRST_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    library = library != NULL ? dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL) : NULL; /* a look into the second is one into the first too */
    if (library == NULL) {
        snprintf(problem, sizeof(problem), "cannot load OpenSSL: %s", dlerror());
        return;
    }
    bool ok = true;
#define FUNCTION(name) ok = ok && find(library, #name, &functions.name);
#include "core/openssl.def"
#undef FUNCTION
    if (ok) {
        atomic_store_explicit(&openssl_loaded, &functions, memory_order_release);
    }
}

bool openssl_load(struct err *err)
{
    ensure(pthread_once(&once, load) == 0);
    return openssl_loaded != NULL || err_set(err, ERR_INTERNAL, "%s", problem);
}

const struct openssl *openssl_first(void)
{
    ensure(pthread_once(&once, load) == 0);
    if (openssl_loaded == NULL) {
        fprintf(stderr, "stator: %s\n", problem);
    }
    ensure(openssl_loaded != NULL);
    return &functions;
}
