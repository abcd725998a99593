/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_VALUE_READ_H
#define CORE_VALUE_READ_H

#include "core/err.h"
#include "core/value_json.h"

/* Between value_read.c, which makes values, and value_refuse.c, which words what is wrong with them. All return false. */
struct value_reader {
    struct arena *arena;
    struct err *err;
    enum value_dialect dialect;
    int levels;         /* at most */
    bool skips_nesting; /* too deep values are passed over, to find other problems */
};

bool value_refuse_name(const struct value_reader *reader); /* it is too long */
bool value_refuse_empty(const struct value_reader *reader);
bool value_refuse_null(const struct value_reader *reader);
bool value_refuse_nesting(const struct value_reader *reader, bool bare);
bool value_refuse_number(const struct value_reader *reader, enum number_status status, struct str text);
bool value_refuse_empty_set(const struct value_reader *reader, enum value_type type);
/* `strs` as sent. */
bool value_refuse_duplicates(const struct value_reader *reader, enum value_type type, const struct str *strs, size_t count);
bool value_refuse_several(const struct value_reader *reader);

#endif
