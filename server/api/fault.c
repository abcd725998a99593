/* SPDX-License-Identifier: Apache-2.0 */
/* fault.c — the only place that knows how an error looks on the wire; operations know kinds and texts. */
#include "server/api/fault.h"

#include "core/json.h"

#define VALIDATE "com.amazon.coral.validate#"
#define SERVICE "com.amazon.coral.service#"
#define DYNAMODB "com.amazonaws.dynamodb.v20120810#"

struct fault {
    int status;
    const char *prefix;
    const char *name;
    const char *text_key; /* NULL: no text */
};

static const struct fault faults[] = {
#define FAULT(kind, status, prefix, name, text_key) [ERR_##kind] = {(status), prefix, (name), (text_key)},
#include "server/api/fault.def"
#undef FAULT
};

/* Every kind has a line (and -Woverride-init sees one that has two). */
enum {
    FAULT_COUNT = 0
#define FAULT(kind, status, prefix, name, text_key) +1
#include "server/api/fault.def"
#undef FAULT
};
_Static_assert((int)FAULT_COUNT == (int)ERR_COUNT, "fault.def and core/err.def differ");

int fault_status(enum err_kind kind)
{
    return faults[kind].status;
}

const char *fault_name(enum err_kind kind)
{
    return faults[kind].name;
}

void fault_write(const struct err *err, bool is_enveloped, struct buf *out)
{
    ensure(err->kind != ERR_NONE && err->kind < ERR_COUNT);
    const struct fault *fault = &faults[err->kind];
    buf_add_literal(out, "{\"__type\":\"");
    buf_add_str(out, str_from(fault->prefix));
    buf_add_str(out, str_from(fault->name));
    buf_add_byte(out, '"');
    if (fault->text_key != NULL && err->message.p != NULL) {
        buf_printf(out, ",\"%s\":", fault->text_key);
        struct str text = err->message;
        if (err->kind == ERR_REQUEST && is_enveloped) {
            struct str prefix = STR(ENVELOPE);
            char *p = arena_alloc(err->arena, prefix.n + text.n);
            memcpy(p, prefix.p, prefix.n);
            if (text.n > 0) {
                memcpy(p + prefix.n, text.p, text.n);
            }
            text = str_of(p, prefix.n + text.n);
        }
        json_write_string(out, text);
    }
    if (err->extra.p != NULL) {
        buf_add_byte(out, ',');
        buf_add_str(out, err->extra);
    }
    buf_add_byte(out, '}');
}
