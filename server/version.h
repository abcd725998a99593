/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_VERSION_H
#define SERVER_VERSION_H

#include "core/buf.h"
#include "server/options.h"

/* The answer to -version, which three kinds of caller understand differently. *goes_to_stderr: where that caller looks.
 * - `stator -version`: version, commit, libraries, one a line.
 * - DynamoDB Local's command line (`-jar DynamoDBLocal.jar -version`): the version alone.
 * - `java -version`, without a jar: a line like a JVM's, on stderr as a JVM writes it. */
void version_text(const struct options *options, struct buf *out, bool *goes_to_stderr);

#endif
