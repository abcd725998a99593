/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_SCHEMA_TABLE_DESCRIPTION_H
#define SERVER_API_SCHEMA_TABLE_DESCRIPTION_H

#include "server/api/op.h"
#include "server/api/schema/settings.h"

/* TableDescription: aws-behaviour.md §3.5. */

/* What an answer says of one GSI beside its settings. */
struct index_note {
    struct str name;
    const char *status;       /* IndexStatus */
    const char *warm_status;  /* of its WarmThroughput; NULL: ACTIVE */
    bool is_new;              /* `Backfilling: false` */
};

struct description {
    const struct table_desc *table; /* indexes with id 0 are empty */
    const struct table_settings *settings; /* as they are to be shown: a ceiling of −1 is echoed */
    const char *table_status;
    const char *sse_status;        /* NULL: ENABLED */
    const char *warm_status;       /* NULL: ACTIVE */
    bool hides_billing_date;       /* the answers of CreateTable and UpdateTable */
    bool hides_warm;               /* CreateTable: shown only where a warm_status is given */
    bool hides_indexes;            /* DeleteTable */
    const struct index_note *notes;
    size_t note_count;
};

/* Writes the object. Counts are those of call->txn. */
void description_write(struct call *call, const struct description *description, struct buf *out);

/* Parts that other operations show too. */
void key_schema_write(const struct key_schema *key, struct buf *out);
/* `{"ProjectionType":…}` */
void index_projection_write(const struct index_desc *index, struct buf *out);

#endif
