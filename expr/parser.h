/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXPR_PARSER_H
#define EXPR_PARSER_H

#include "expr/ast.h"

/* Text to tree. Every error of the text alone is found here: size, emptiness, syntax; then, in this order and each
 * where it first occurs, repeated sections, redundant parentheses, reserved words, list indexes, function names,
 * functions out of place, path depth, number of operators. The text must live as long as the tree. */

/* `figure`: a text that is too long gets its size into the message (2026 D.10). kind: EXPR_CONDITION, EXPR_FILTER or
 * EXPR_KEY_CONDITION. */
MUST_USE bool parse_condition(struct str text, enum expr_kind kind, bool figure, struct arena *arena, struct node **out,
                              struct err *err);
MUST_USE bool parse_projection(struct str text, struct arena *arena, struct path **out, size_t *count, struct err *err);
MUST_USE bool parse_update(struct str text, struct arena *arena, struct action **out, size_t *count, struct err *err);

#endif
