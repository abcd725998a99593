/* SPDX-License-Identifier: Apache-2.0 */
/* describe_endpoints.c — the endpoint is wherever the client found us: the Host it asked for. SDKs with endpoint discovery then stay here. */
#include "core/json.h"
#include "server/api/op.h"

static bool run(struct call *call, void *in, struct err *err)
{
    (void)in;
    (void)err;
    struct str host = request_header(call->request, STR("Host"));
    if (host.n == 0) {
        host = arena_printf(call->arena, "dynamodb.%.*s.amazonaws.com", STR_ARG(call->region));
    }
    buf_add_literal(call->out, "{\"Endpoints\":[{\"Address\":");
    json_write_string(call->out, host);
    buf_add_literal(call->out, ",\"CachePeriodInMinutes\":1440}]}");
    return true;
}

const struct op op_describe_endpoints = {.name = "DescribeEndpoints", .txn = TXN_NONE, .run = run};
