/* SPDX-License-Identifier: Apache-2.0 */
/* describe_limits.c — AWS's default quotas. Nothing here enforces them: a server on one's own machine has none. */
#include "server/api/op.h"

static bool run(struct call *call, void *in, struct err *err)
{
    (void)in;
    (void)err;
    buf_add_literal(call->out, "{\"AccountMaxReadCapacityUnits\":80000,\"AccountMaxWriteCapacityUnits\":80000,"
                               "\"TableMaxReadCapacityUnits\":40000,\"TableMaxWriteCapacityUnits\":40000}");
    return true;
}

const struct op op_describe_limits = {.name = "DescribeLimits", .txn = TXN_NONE, .run = run};
