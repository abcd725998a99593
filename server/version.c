/* SPDX-License-Identifier: Apache-2.0 */
/* version.c — what this program is made of. The libraries are asked, not the headers, where they can be: a distribution replaces them. The commit is
 * what `git describe` said at the configure step. */
#include "server/version.h"

#include "core/deflate.h"
#include "core/json.h"
#include "server/net/http.h"
#include "storage/store.h"

#include <uv.h>

#define JAVA_VERSION "21" /* scripts compare it with what the newest DynamoDB Local wants */

void version_text(const struct options *options, struct buf *out, bool *goes_to_stderr)
{
    *goes_to_stderr = false;
    if (options->is_local) {
        buf_add_literal(out, STATOR_VERSION "\n");
    } else if (options->is_java) {
        *goes_to_stderr = true;
        buf_add_literal(out, "openjdk version \"" JAVA_VERSION "\" (this is Stator " STATOR_VERSION " in the place of java, not a JVM)\n");
    } else {
        buf_add_literal(out, "stator " STATOR_VERSION "\n");
        buf_printf(out, "commit %s\nlibuv %s\nllhttp %s\n", STATOR_COMMIT, uv_version_string(), http_parser_version());
        const char *lmdb = store_lmdb_version();
        buf_printf(out, "lmdb %.*s\nopenssl %s\n", (int)strcspn(lmdb, ":"), lmdb, store_openssl_version());
        buf_printf(out, "yyjson %s\nlibdeflate %s\n", json_library_version(), deflate_library_version());
    }
}
