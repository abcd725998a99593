/* SPDX-License-Identifier: Apache-2.0 */
/* registry.c — finds an operation by its wire name. Apart from dispatch.c, so that front.c, which reads the target, needs nothing of the frame that
 * calls it. A straight search: two dozen names, told apart by their lengths first, are cheaper than a hash. */
#include "server/api/api.h"
#include "server/api/op.h"

struct op_entry {
    const char *name;
    size_t length;
    const struct op *op;
};

static const struct op_entry op_entries[] = {
#define OP(wire_name, symbol) {#wire_name, sizeof(#wire_name) - 1, &op_##symbol},
#include "server/api/ops.def"
#undef OP
};
#define OP_COUNT (sizeof op_entries / sizeof op_entries[0])

const struct op *op_find(struct str name, bool is_stream_target)
{
    for (size_t i = 0; i < OP_COUNT; i++) {
        if (op_entries[i].length == name.n && memcmp(op_entries[i].name, name.p, name.n) == 0) {
            return op_entries[i].op->is_of_streams == is_stream_target ? op_entries[i].op : NULL;
        }
    }
    return NULL;
}

const char *api_operation_name(size_t index)
{
    return index < OP_COUNT ? op_entries[index].name : NULL;
}
