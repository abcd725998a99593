/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_API_SCHEMA_UPDATE_APPLY_H
#define SERVER_API_SCHEMA_UPDATE_APPLY_H

#include "server/api/schema/table_description.h"
#include "server/api/schema/table_rules.h"
#include "server/api/schema/update_rules.h"

/* What a checked UpdateTable makes of a table, and what its answer shows: that of the service still shows old values where a change takes time
 * there. */

struct update_result {
    struct table_desc desc;            /* the table afterwards; settings are left to settings_store */
    struct table_settings settings;    /* afterwards */
    struct table_desc shown_desc;      /* with deleted indexes */
    struct table_settings shown;
    struct index_note *notes;
    size_t note_count;
    const char *table_status;
    const char *sse_status;            /* as in struct description */
    const char *warm_status;
};

/* out->settings and out->shown: two copies of the settings as they are, which are changed here. */
void update_table_apply(const struct update_in *in, const struct table_desc *table, const struct table_origin *origin,
                  struct arena *arena, struct update_result *out);

#endif
