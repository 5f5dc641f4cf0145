#include "sandbox/unload/destination.h"

#include <string.h>

#include "sandbox/copy/fail.h"
#include "spark/base/mem.h"
#include "spark/sandbox/objects.h"

#define CODE_S3     8001
#define AT_UNLOADER "s3_unloader.cpp:181"
#define NOT_EMPTY                                                                                                \
	"Specified unload destination on S3 is not empty. Consider using a different bucket / prefix, manually " \
	"removing "                                                                                              \
	"the target files in S3, or using the ALLOWOVERWRITE option."

static bool is_folder(const struct object_info *info)
{
	return info->size_bytes == 0 && info->key[0] && info->key[strlen(info->key) - 1] == '/';
}

/* "Folders", as consoles make them, are in nobody's way. */
static int find_any(void *arg, const struct object_info *info)
{
	(void)arg;
	return !is_folder(info);
}

static int check_empty(struct unload_destination *d, struct err *err)
{
	const struct copy_access *a = &d->access;
	struct copy_fail f = {
		CODE_S3, d->s->to->source, AT_UNLOADER, "padbmaster", a->query, a->session->backend_pid
	};
	int found;

	if (d->s->allow_overwrite || d->s->clean_path)
		return 0;
	found = objects_list(a->session->world->objects, d->s->to->bucket, d->prefix.data, "", find_any, NULL, err);
	return found > 0 ? copy_fail_block(err, &f, NOT_EMPTY) : found;
}

int unload_destination_allow(struct unload_destination *d, const char *key, struct err *err)
{
	return copy_access_object(&d->access, "s3:PutObject", d->s->to->bucket, key, err);
}

/* The first file's name is known, and the manifest's, unless partitions give the names. */
static int check_rights(struct unload_destination *d, struct err *err)
{
	struct buf key;
	int rc = 0;

	buf_init(&key, BUF_MAX_DEFAULT);
	if (d->s->partition_count == 0)
		rc = unload_files_key(d->s, d->prefix.data, 0, &key, err) < 0 ||
				     unload_destination_allow(d, key.data, err) < 0
			     ? -1
			     : 0;
	if (rc == 0 && d->s->to->manifest) {
		buf_reset(&key);
		buf_printf(&key, "%smanifest", d->prefix.data);
		rc = buf_check(&key, "the key", err) < 0 || unload_destination_allow(d, key.data, err) < 0 ? -1 : 0;
	}
	buf_clear(&key);
	return rc;
}

int unload_destination_open(struct unload_destination *d, const struct copy_session *session,
			    const struct unload_statement *s, long long query, struct err *err)
{
	const struct copy_wish wish = {
		s->to->auth,
		s->to->role_arn,
		s->to->key_id,
		secret_value(&s->to->secret_key),
		secret_value(&s->to->session_token),
		s->to->region,
	};

	memset(d, 0, sizeof *d);
	d->s = s;
	buf_init(&d->prefix, BUF_MAX_DEFAULT);
	if (unload_files_prefix(s, &d->prefix, err) < 0 || copy_access_open(&d->access, session, &wish, query, err) < 0)
		return -1;
	if (copy_access_list(&d->access, s->to->bucket, d->prefix.data, err) < 0 || check_rights(d, err) < 0)
		return -1;
	return check_empty(d, err);
}

struct old_listing {
	struct unload_destination *d;
	bool failed;
};

static int take_old(void *arg, const struct object_info *info)
{
	struct old_listing *l = arg;
	struct unload_destination *d = l->d;

	if (is_folder(info))
		return 0;
	l->failed = mem_grow(&d->old, &d->old_cap, d->old_count, sizeof *d->old) < 0 ||
		    !(d->old[d->old_count] = mem_strdup(info->key));
	d->old_count += !l->failed;
	return l->failed;
}

static int list_old(struct unload_destination *d, const char *prefix, struct err *err)
{
	struct old_listing l = { d, false };

	if (objects_list(d->access.session->world->objects, d->s->to->bucket, prefix, "", take_old, &l, err) < 0)
		return -1;
	return l.failed ? err_nomem(err) : 0;
}

/* Partitions that get no file keep what they have. */
static int list_partitions(struct unload_destination *d, const struct unload_files *f, struct err *err)
{
	const char *last = "";
	size_t last_len = 0;

	for (size_t i = 0; i < f->count; i++) {
		const char *key = f->items[i].key, *slash = strrchr(key, '/');
		size_t len = slash ? (size_t)(slash - key) + 1 : 0;
		char *folder;
		int rc;

		if (len < d->prefix.len || (len == last_len && memcmp(key, last, len) == 0))
			continue;
		last = key;
		last_len = len;
		if (!(folder = mem_strndup(key, len)))
			return err_nomem(err);
		rc = list_old(d, folder, err);
		mem_free(folder);
		if (rc < 0)
			return -1;
	}
	return 0;
}

int unload_destination_find_old(struct unload_destination *d, const struct unload_files *f, struct err *err)
{
	int rc;

	if (!d->s->clean_path)
		return 0;
	rc = d->s->partition_count ? list_partitions(d, f, err) : list_old(d, d->prefix.data, err);
	for (size_t i = 0; rc == 0 && i < d->old_count; i++)
		rc = copy_access_object(&d->access, "s3:DeleteObject", d->s->to->bucket, d->old[i], err);
	return rc;
}

int unload_destination_delete_old(struct unload_destination *d, const struct unload_files *f, struct err *err)
{
	for (size_t i = 0; i < d->old_count; i++) {
		if (!unload_files_have(f, d->old[i]) &&
		    objects_delete(d->access.session->world->objects, d->s->to->bucket, d->old[i], true, err) < 0)
			return -1;
	}
	return 0;
}

void unload_destination_close(struct unload_destination *d)
{
	for (size_t i = 0; i < d->old_count; i++)
		mem_free(d->old[i]);
	mem_free(d->old);
	buf_clear(&d->prefix);
	copy_access_close(&d->access);
	memset(d, 0, sizeof *d);
}
