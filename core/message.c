/* SPDX-License-Identifier: Apache-2.0 */
/* message.c — look-ups in requests and additions to responses. Headers are few, so a walk is the fastest search. */
#include "core/message.h"

#include <strings.h>

struct str request_header(const struct request *request, struct str name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        const struct header *h = &request->headers[i];
        if (h->name.n == name.n && strncasecmp(h->name.p, name.p, name.n) == 0) {
            return h->value;
        }
    }
    return (struct str){0};
}

void response_add_header(struct response *response, struct str name, struct str value)
{
    ensure(response->header_count < RESPONSE_HEADERS_MAX);
    response->headers[response->header_count] = (struct header){name, value};
    response->header_count++;
}
