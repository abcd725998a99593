/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_MESSAGE_H
#define CORE_MESSAGE_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/str.h"

#include <stdbool.h>
#include <stddef.h>

/* One HTTP request and its answer as plain data: what server/net hands to the program and what the API layer reads and fills.
 * Neither knows the other. */

struct header {
    struct str name; /* as sent; compare with request_header */
    struct str value; /* without surrounding blanks */
};

struct request {
    struct str method;  /* "POST" */
    struct str path;    /* "/" */
    struct str query;   /* after the '?', not decoded; empty if there is none */
    const struct header *headers;
    size_t header_count;
    struct str body;    /* complete, chunks joined, gzip undone */
    struct str packed_body; /* the same before gzip was undone: what a signature covers; absent: body */
};

#define RESPONSE_HEADERS_MAX 8

struct response {
    int status;
    struct str content_type; /* absent: none */
    struct header headers[RESPONSE_HEADERS_MAX]; /* further ones; values live in the request's arena or for ever */
    size_t header_count;
    bool is_head;          /* send the headers of the body without the body */
    bool closes;           /* end the connection after this answer */
    bool has_no_id;        /* leave out x-amzn-RequestId and x-amz-crc32 */
};

/* The value of a header, names compared without case; absent if there is none. `name` has letters, digits and hyphens only. */
struct str request_header(const struct request *request, struct str name);
void response_add_header(struct response *response, struct str name, struct str value);

#endif
