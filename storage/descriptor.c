/* SPDX-License-Identifier: Apache-2.0 */
/* descriptor.c — table descriptors as JSON (so that mdb_dump shows them) and as single blocks of memory (so that the catalog can
 * drop one with one free). */
#include "storage/descriptor.h"

#include "core/json.h"

#include <stdlib.h>

/* ---- Copies: the same walk twice, first to measure, then to fill ---- */

struct packer {
    char *p; /* NULL: only measure */
    size_t n;
};

static void *pack(struct packer *packer, const void *from, size_t n)
{
    packer->n = (packer->n + 15) & ~(size_t)15;
    char *to = packer->p == NULL ? NULL : packer->p + packer->n;
    packer->n += n;
    if (to != NULL && n > 0) {
        memcpy(to, from, n);
    }
    return to;
}

static void pack_str(struct packer *packer, struct str *s)
{
    if (s->p != NULL) {
        char *to = pack(packer, s->p, s->n);
        s->p = packer->p == NULL ? s->p : to;
    }
}

static void pack_schema(struct packer *packer, struct key_schema *key)
{
    for (size_t i = 0; i < key->hash_count; i++) {
        pack_str(packer, &key->hash[i].name);
    }
    for (size_t i = 0; i < key->range_count; i++) {
        pack_str(packer, &key->range[i].name);
    }
}

static void pack_index(struct packer *packer, struct index_desc *index)
{
    pack_str(packer, &index->name);
    pack_schema(packer, &index->key);
    struct str *included = pack(packer, index->included, index->included_count * sizeof(*included));
    for (size_t i = 0; i < index->included_count; i++) {
        struct str name = index->included[i];
        pack_str(packer, &name);
        if (included != NULL) {
            included[i] = name;
        }
    }
    index->included = included;
}

static struct table_desc *pack_desc(struct packer *packer, const struct table_desc *desc)
{
    struct table_desc copy = *desc;
    struct table_desc *to = pack(packer, desc, sizeof(*desc));
    pack_str(packer, &copy.name);
    pack_str(packer, &copy.ttl_attribute);
    pack_str(packer, &copy.settings);
    pack_schema(packer, &copy.key);
    struct index_desc *indexes = pack(packer, desc->indexes, desc->index_count * sizeof(*indexes));
    for (size_t i = 0; i < desc->index_count; i++) {
        struct index_desc index = desc->indexes[i];
        pack_index(packer, &index);
        if (indexes != NULL) {
            indexes[i] = index;
        }
    }
    copy.indexes = indexes;
    if (to != NULL) {
        *to = copy;
    }
    return to;
}

struct table_desc *descriptor_copy(const struct table_desc *desc)
{
    struct packer packer = {0};
    pack_desc(&packer, desc);
    packer.p = malloc(packer.n);
    ensure(packer.p != NULL);
    packer.n = 0;
    return pack_desc(&packer, desc);
}

/* ---- JSON ---- */

static const char *const projection_names[] = {"ALL", "KEYS_ONLY", "INCLUDE"};

static void write_parts(struct buf *out, const struct key_part *parts, size_t count, const char *kind)
{
    buf_printf(out, ",\"%s\":[", kind);
    for (size_t i = 0; i < count; i++) {
        buf_add_str(out, i == 0 ? STR("{\"name\":") : STR(",{\"name\":"));
        json_write_string(out, parts[i].name);
        buf_printf(out, ",\"type\":\"%s\"}", value_type_name(parts[i].type));
    }
    buf_add_byte(out, ']');
}

static void write_index(struct buf *out, const struct index_desc *index)
{
    buf_printf(out, "{\"id\":%u,\"name\":", index->id);
    json_write_string(out, index->name);
    buf_printf(out, ",\"isGlobal\":%s,\"isBackfilling\":%s,\"projection\":\"%s\"", index->is_global ? "true" : "false",
               index->is_backfilling ? "true" : "false", projection_names[index->projection]);
    write_parts(out, index->key.hash, index->key.hash_count, "hash");
    write_parts(out, index->key.range, index->key.range_count, "range");
    buf_add_literal(out, ",\"included\":[");
    for (size_t i = 0; i < index->included_count; i++) {
        if (i > 0) {
            buf_add_byte(out, ',');
        }
        json_write_string(out, index->included[i]);
    }
    buf_add_literal(out, "]}");
}

void descriptor_write(struct buf *out, const struct table_desc *desc)
{
    buf_printf(out, "{\"id\":%u,\"name\":", desc->id);
    json_write_string(out, desc->name);
    write_parts(out, desc->key.hash, desc->key.hash_count, "hash");
    write_parts(out, desc->key.range, desc->key.range_count, "range");
    buf_add_literal(out, ",\"indexes\":[");
    for (size_t i = 0; i < desc->index_count; i++) {
        if (i > 0) {
            buf_add_byte(out, ',');
        }
        write_index(out, &desc->indexes[i]);
    }
    buf_printf(out, "],\"isJournalled\":%s", desc->is_journalled ? "true" : "false");
    if (desc->ttl_attribute.p != NULL) {
        buf_add_literal(out, ",\"ttlAttribute\":");
        json_write_string(out, desc->ttl_attribute);
    }
    if (desc->settings.p != NULL) {
        buf_add_literal(out, ",\"settings\":");
        json_write_string(out, desc->settings);
    }
    buf_add_byte(out, '}');
}

static const struct json *member(const struct json *object, const char *name, enum json_type type)
{
    const struct json *found = json_get(object, str_from(name));
    return found != NULL && json_type(found) == type ? found : NULL;
}

static bool read_str(const struct json *object, const char *name, struct str *out)
{
    const struct json *text = member(object, name, JSON_STRING);
    *out = text == NULL ? (struct str){NULL, 0} : json_str(text);
    return text != NULL;
}

static bool read_id(const struct json *object, uint32_t *out)
{
    const struct json *id = member(object, "id", JSON_INTEGER);
    if (id == NULL || json_int64(id) <= 0 || json_int64(id) > UINT32_MAX) {
        return false;
    }
    *out = (uint32_t)json_int64(id);
    return true;
}

static bool is_true(const struct json *object, const char *name)
{
    return member(object, name, JSON_TRUE) != NULL;
}

static bool read_parts(const struct json *object, const char *kind, struct key_part *parts, size_t *count)
{
    const struct json *list = member(object, kind, JSON_ARRAY);
    if (list == NULL || json_count(list) > LIMIT_GSI_KEY_PARTS) {
        return false;
    }
    struct json_iter iter = json_iter(list);
    const struct json *part = NULL;
    while (json_next(&iter, NULL, &part)) {
        struct str type;
        if (json_type(part) != JSON_OBJECT || !read_str(part, "name", &parts[*count].name) || !read_str(part, "type", &type) ||
            !value_type_of(type, &parts[*count].type)) {
            return false;
        }
        (*count)++;
    }
    return true;
}

static bool read_included(const struct json *object, struct arena *arena, struct index_desc *out)
{
    const struct json *list = member(object, "included", JSON_ARRAY);
    if (list == NULL) {
        return false;
    }
    struct str *names = arena_array(arena, struct str, json_count(list));
    struct json_iter iter = json_iter(list);
    const struct json *name = NULL;
    while (json_next(&iter, NULL, &name)) {
        if (json_type(name) != JSON_STRING) {
            return false;
        }
        names[out->included_count++] = json_str(name);
    }
    out->included = names;
    return true;
}

static bool read_index(const struct json *object, struct arena *arena, struct index_desc *out)
{
    struct str projection;
    if (json_type(object) != JSON_OBJECT || !read_id(object, &out->id) || !read_str(object, "name", &out->name) ||
        !read_str(object, "projection", &projection) || !read_parts(object, "hash", out->key.hash, &out->key.hash_count) ||
        !read_parts(object, "range", out->key.range, &out->key.range_count) || !read_included(object, arena, out)) {
        return false;
    }
    out->is_global = is_true(object, "isGlobal");
    out->is_backfilling = is_true(object, "isBackfilling");
    for (size_t i = 0; i < sizeof(projection_names) / sizeof(projection_names[0]); i++) {
        if (str_eq(projection, str_from(projection_names[i]))) {
            out->projection = (enum projection_kind)i;
            return true;
        }
    }
    return false;
}

static bool read_desc(const struct json *object, struct arena *arena, struct table_desc *out)
{
    const struct json *list = member(object, "indexes", JSON_ARRAY);
    if (!read_id(object, &out->id) || !read_str(object, "name", &out->name) || list == NULL ||
        !read_parts(object, "hash", out->key.hash, &out->key.hash_count) ||
        !read_parts(object, "range", out->key.range, &out->key.range_count)) {
        return false;
    }
    struct index_desc *indexes = arena_array(arena, struct index_desc, json_count(list));
    struct json_iter iter = json_iter(list);
    const struct json *index = NULL;
    while (json_next(&iter, NULL, &index)) {
        if (!read_index(index, arena, &indexes[out->index_count++])) {
            return false;
        }
    }
    out->indexes = indexes;
    out->is_journalled = is_true(object, "isJournalled");
    (void)read_str(object, "ttlAttribute", &out->ttl_attribute);
    (void)read_str(object, "settings", &out->settings);
    return true;
}

bool descriptor_read(struct str text, struct arena *arena, struct table_desc *out, struct err *err)
{
    const struct json *json = NULL;
    *out = (struct table_desc){0};
    if (!json_parse(text, arena, &json) || json_type(json) != JSON_OBJECT || !read_desc(json, arena, out)) {
        return err_set(err, ERR_INTERNAL, "the database is damaged: a table's description in the catalog is not valid");
    }
    return true;
}
