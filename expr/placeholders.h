/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXPR_PLACEHOLDERS_H
#define EXPR_PLACEHOLDERS_H

#include "expr/expr.h"

/* Both note that the placeholder is in use. False if it is not defined; placeholders may be NULL. */
bool placeholders_use_name(struct placeholders *placeholders, struct str key, struct str *out);
bool placeholders_use_value(struct placeholders *placeholders, struct str key, const struct value **out);

#endif
