/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_AUTH_CANONICAL_H
#define SERVER_AUTH_CANONICAL_H

#include "core/arena.h"
#include "core/message.h"

/* The canonical request of Signature Version 4:
 *
 *   method \n path \n query \n header:value \n … \n \n signed headers \n payload hash
 *
 * path: dot segments and double slashes resolved, then every byte but A-Z a-z 0-9 - . _ ~ / as %XX (so an escape on the wire is escaped once
 * more, as all services but S3 do). query: decoded, escaped again, ordered by name, then value, without X-Amz-Signature. headers: those of
 * signed_headers in byte order, lower case, values trimmed, runs of blanks as one, equal names joined by commas. */

#define SIGNED_HEADERS_MAX 128

/* False if signed_headers names more than SIGNED_HEADERS_MAX. */
bool canonical_request(const struct request *request, struct str signed_headers, struct str payload_hash,
                       struct arena *arena, struct str *out);

#endif
