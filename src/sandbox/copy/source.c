#include "sandbox/copy/source.h"

#include <string.h>

#include "sandbox/copy/authorize.h"
#include "sandbox/copy/fail.h"
#include "sandbox/copy/manifest.h"
#include "spark/base/mem.h"
#include "spark/base/url.h"

#define CODE_S3            8001
#define SMALL_FILE_MAX     ((size_t)16 * 1024 * 1024) /* manifests and JSONPaths files */
#define AT_LISTING         "s3_utility.cpp:670"
#define MANIFEST_FULL_PATH "COPY with MANIFEST parameter requires full path of an S3 object."

/* Whose access, and what the statement wants with it. */
struct sourcing {
	const struct copy_statement *s;
	struct copy_access access;
};

struct listing {
	const struct copy_access *access;
	const char *bucket;
	struct copy_source *source;
	struct err *err;
};

static int add_object(struct copy_source *source, const char *bucket, const char *key, uint64_t size)
{
	struct copy_object *o;

	if (mem_grow(&source->items, &source->cap, source->count, sizeof *source->items) < 0)
		return -1;
	o = &source->items[source->count++];
	o->bucket = mem_strdup(bucket);
	o->key = mem_strdup(key);
	o->size_bytes = size;
	return o->bucket && o->key ? 0 : -1;
}

static int take_listed(void *arg, const struct object_info *info)
{
	struct listing *l = arg;

	/* "folders", as consoles make them, hold nothing */
	if (info->size_bytes == 0 && info->key[0] && info->key[strlen(info->key) - 1] == '/')
		return 0;
	if (copy_access_check_class(l->access, l->bucket, info, l->err) < 0)
		return -1;
	return add_object(l->source, l->bucket, info->key, info->size_bytes) < 0 ? err_nomem(l->err) : 0;
}

static int fail_missing(const struct copy_access *a, const char *text, const char *url, struct err *err)
{
	struct copy_fail f = { CODE_S3, url, AT_LISTING, "padbmaster", a->query, a->session->backend_pid };

	return copy_fail_block(err, &f, "%s", text);
}

static int list_prefix(const struct sourcing *from, struct copy_source *out, struct err *err)
{
	const struct copy_statement *s = from->s;
	const struct copy_access *a = &from->access;
	struct listing l = { a, s->bucket, out, err };
	char text[300];

	if (copy_access_list(a, s->bucket, s->prefix, err) < 0)
		return -1;
	if (objects_list(a->session->world->objects, s->bucket, s->prefix, "", take_listed, &l, err) < 0)
		return -1;
	if (out->count > 0)
		return 0;
	snprintf(text, sizeof text, "The specified S3 prefix '%.200s' does not exist", s->prefix);
	return fail_missing(a, text, s->source, err);
}

/* A whole small object by its address. False: there is none. */
static int read_small(const struct copy_access *a, const char *bucket, const char *key, struct buf *out, bool *found,
		      struct err *err)
{
	struct object_info info = { 0 };
	uint64_t size;
	int rc;

	if (copy_access_bucket(a, bucket, err) < 0 || copy_access_read(a, bucket, key, err) < 0)
		return -1;
	*found = objects_head(a->session->world->objects, bucket, key, &info);
	if (!*found)
		return 0;
	size = info.size_bytes;
	rc = copy_access_check_class(a, bucket, &info, err);
	object_info_clear(&info);
	if (rc < 0)
		return -1;
	if (size > SMALL_FILE_MAX)
		return copy_fail_state(err, "XX000", "s3://%s/%.200s is longer than %zu bytes", bucket, key,
				       SMALL_FILE_MAX);
	return objects_read(a->session->world->objects, bucket, key, 0, (size_t)size, out, err);
}

struct manifest {
	const struct copy_access *access;
	struct copy_source *source;
};

static int take_entry(void *arg, const char *url, bool mandatory, struct err *err)
{
	const struct manifest *m = arg;
	const struct copy_access *a = m->access;
	struct object_info info = { 0 };
	const char *key;
	char bucket[64];
	uint64_t size;
	int rc;

	if (url_parse_s3(url, bucket, &key, err) < 0 || !*key)
		return copy_fail_state(err, "XX000", "Invalid manifest file: '%.300s' is no address of an object", url);
	if (copy_access_bucket(a, bucket, err) < 0 || copy_access_read(a, bucket, key, err) < 0)
		return -1;
	if (!objects_head(a->session->world->objects, bucket, key, &info))
		return mandatory ? fail_missing(a, "Mandatory url is not present in manifest file", url, err) : 0;
	size = info.size_bytes;
	rc = copy_access_check_class(a, bucket, &info, err);
	object_info_clear(&info);
	if (rc < 0)
		return -1;
	return add_object(m->source, bucket, key, size) < 0 ? err_nomem(err) : 0;
}

static int read_manifest(const struct sourcing *from, struct copy_source *out, struct err *err)
{
	const struct copy_statement *s = from->s;
	const struct copy_access *a = &from->access;
	struct manifest m = { a, out };
	struct buf text;
	bool found = false;
	int rc = -1;

	buf_init(&text, SMALL_FILE_MAX + 1);
	if (!*s->prefix) {
		fail_missing(a, MANIFEST_FULL_PATH, s->source, err);
		goto out;
	}
	/* A manifest that may not be read is told like one that is not there. */
	if (copy_access_bucket(a, s->bucket, err) < 0 || (copy_access_read(a, s->bucket, s->prefix, NULL) == 0 &&
							  read_small(a, s->bucket, s->prefix, &text, &found, err) < 0))
		goto out;
	if (!found) {
		fail_missing(a, MANIFEST_FULL_PATH, s->source, err);
		goto out;
	}
	if (copy_manifest_read(text.data, text.len, take_entry, &m, err) < 0)
		goto out;
	rc = out->count ? 0 : fail_missing(a, "No file in the manifest was found", s->source, err);
out:
	buf_clear(&text);
	return rc;
}

static int read_jsonpaths(const struct sourcing *from, struct copy_source *out, struct err *err)
{
	const struct copy_access *a = &from->access;
	const char *url = from->s->jsonpaths_url, *key;
	char bucket[64];
	bool found = false;

	if (!url || from->s->json_match != COPY_JSON_PATHS)
		return 0;
	if (url_parse_s3(url, bucket, &key, err) < 0 || !*key)
		return copy_fail_state(err, "22023", "invalid S3 address '%.300s'", url);
	if (read_small(a, bucket, key, &out->jsonpaths, &found, err) < 0)
		return -1;
	return found ? 0
		     : copy_access_refuse(a, err, "The specified key does not exist.", 404, "NoSuchKey", url,
					  AT_LISTING);
}

int copy_source_open(const struct copy_session *session, const struct copy_statement *s, long long query,
		     struct copy_source *out, struct err *err)
{
	const struct copy_wish wish = {
		s->auth,  s->role_arn, s->key_id, secret_value(&s->secret_key), secret_value(&s->session_token),
		s->region
	};
	struct sourcing from = { .s = s };
	int rc = -1;

	memset(out, 0, sizeof *out);
	buf_init(&out->jsonpaths, SMALL_FILE_MAX + 1);
	if (copy_access_open(&from.access, session, &wish, query, err) < 0 || read_jsonpaths(&from, out, err) < 0)
		goto out;
	if (s->manifest ? read_manifest(&from, out, err) < 0 : list_prefix(&from, out, err) < 0)
		goto out;
	rc = 0;
	for (size_t i = 0; rc == 0 && i < out->count; i++)
		rc = copy_access_read(&from.access, out->items[i].bucket, out->items[i].key, err);
out:
	copy_access_close(&from.access);
	if (rc < 0)
		copy_source_clear(out);
	return rc;
}

void copy_source_clear(struct copy_source *s)
{
	for (size_t i = 0; i < s->count; i++) {
		mem_free(s->items[i].bucket);
		mem_free(s->items[i].key);
	}
	mem_free(s->items);
	buf_clear(&s->jsonpaths);
	memset(s, 0, sizeof *s);
}
