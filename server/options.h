/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_OPTIONS_H
#define SERVER_OPTIONS_H

#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>

/* The command line: DynamoDB Local's, and more (options.def). What stands before it in `java -Djava.library.path=… -jar DynamoDBLocal.jar`
 * is skipped, so that its command lines work as they are. */

struct options {
#define OPTION_FLAG(member, name, help) bool member;
#define OPTION_NUMBER(member, name, shown, start, least, most, help) unsigned member;
#define OPTION_TEXT(member, name, shown, help) struct str member;
#include "server/options.def"
#undef OPTION_FLAG
#undef OPTION_NUMBER
#undef OPTION_TEXT
};

/* argv[0] is skipped. Texts are slices of argv. On failure err has one line that says what is wrong and how to mend it. */
MUST_USE bool options_parse(int argc, char *const *argv, struct options *out, struct err *err);
void options_help(struct buf *out);

#endif
