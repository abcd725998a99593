/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_ENSURE_H
#define CORE_ENSURE_H

/* Assertions that stay on in release builds: for the programmer's errors, never for bad input and never for the
 * environment. Depends on nothing, so that everything may use it. Prints the condition and its place, then aborts. */
#define ensure(condition) ((condition) ? (void)0 : ensure_failed(#condition, __FILE__, __LINE__))

_Noreturn void ensure_failed(const char *condition, const char *file, int line);

/* A result that must be looked at: every function that can fail carries it. */
#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_index, first_argument) __attribute__((format(printf, format_index, first_argument)))

#endif
