/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_OPTIONS_H
#define SERVER_OPTIONS_H

#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>

/* The command line: DynamoDB Local's, and more (options.def). What stands before it in `java -Djava.library.path=… -jar DynamoDBLocal.jar`
 * is skipped, so that its command lines work as they are. What the command line does not say, the environment may (STATOR_SHARED_DB=1). */

struct options {
#define OPTION_FLAG(member, name, help) bool member;
#define OPTION_NUMBER(member, name, shown, start, least, most, help) unsigned member;
#define OPTION_TEXT(member, name, shown, help) struct str member;
#include "server/options.def"
#undef OPTION_FLAG
#undef OPTION_NUMBER
#undef OPTION_TEXT
    bool is_healthcheck;    /* `stator healthcheck`: ask a running server, don't be one */
    bool is_java;           /* called by the name java */
    bool is_local;          /* with -jar or a main class: DynamoDB Local's own command line */
    bool port_is_given;     /* on the command line, here and in the next */
    bool port_file_is_given;
    struct str overruled;   /* the variable that lost against the command line (-inMemory against STATOR_DB_PATH, or the reverse) */
};

/* Of argv[0] only the name is looked at. Texts are slices of argv and environment (NULL-terminated; NULL: none). On failure err has
 * one line that says what is wrong and how to mend it. */
MUST_USE bool options_parse(int argc, char *const *argv, char *const *environment, struct options *out, struct err *err);
void options_help(struct buf *out);

#endif
