/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_UTF8_H
#define CORE_UTF8_H

#include "core/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool utf8_is_valid(struct str s);
/* Code points, for length constraints ("characters"). s is valid UTF-8. */
size_t utf8_characters(struct str s);
/* UTF-16 code units, for size(). s is valid UTF-8. */
size_t utf8_utf16_units(struct str s);
/* Java's String.hashCode over UTF-16 units, for lists that AWS prints in hash order (2026 D.13). */
int32_t utf8_java_hash(struct str s);

#endif
