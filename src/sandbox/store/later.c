#include "sandbox/store/later.h"

#include <string.h>

#include "spark/base/mem.h"

#define KIND "s3:tags"

static char *doc_id(const char *bucket, const char *key)
{
	size_t bucket_len = strlen(bucket), key_len = strlen(key);
	char *id = mem_alloc(bucket_len + key_len + 2);

	if (!id)
		return NULL;
	memcpy(id, bucket, bucket_len);
	id[bucket_len] = '/';
	memcpy(id + bucket_len + 1, key, key_len + 1);
	return id;
}

static bool same_version(const struct json *doc, const struct object_info *info)
{
	return strcmp(json_str(doc, "etag", ""), info->etag) == 0 && json_int(doc, "modified", 0) == info->modified_ms;
}

/* Whatever version it speaks of. */
static const struct json *find(struct world *w, const char *bucket, const char *key)
{
	char *id = doc_id(bucket, key);
	const struct json *doc = id ? store_get(w->store, KIND, id) : NULL;

	mem_free(id);
	return doc;
}

const struct json *later_get(struct world *w, const char *bucket, const struct object_info *info)
{
	const struct json *doc = find(w, bucket, info->key);

	return doc && same_version(doc, info) ? doc : NULL;
}

bool later_is_there(struct world *w, const char *bucket, const char *key)
{
	return find(w, bucket, key) != NULL;
}

/* Of this version, as it is or new. */
static struct json *copy_document(struct world *w, const char *bucket, const struct object_info *info)
{
	const struct json *there = later_get(w, bucket, info);
	struct json *doc = there ? json_copy(there) : json_new_object();

	if (doc && json_set_str(doc, "etag", info->etag) == 0 && json_set_int(doc, "modified", info->modified_ms) == 0)
		return doc;
	json_free(doc);
	return NULL;
}

int later_set(struct world *w, const char *bucket, const struct object_info *info, const char *name, struct json *value,
	      struct err *err)
{
	char *id = doc_id(bucket, info->key);
	struct json *doc = copy_document(w, bucket, info);
	int rc = -1;

	if (!id || !doc || !value) {
		json_free(value);
		json_free(doc);
		err_nomem(err);
		goto out;
	}
	if (json_set(doc, name, value)) {
		json_free(doc);
		err_nomem(err);
		goto out;
	}
	rc = store_put(w->store, KIND, id, doc, err);
	if (rc == 0)
		rc = store_commit(w->store, err);
	if (rc < 0)
		store_rollback(w->store);
out:
	mem_free(id);
	return rc;
}

void later_forget(struct world *w, const char *bucket, const char *key)
{
	char *id = doc_id(bucket, key);
	struct err ignored;

	if (id && store_get(w->store, KIND, id) &&
	    (store_delete(w->store, KIND, id, &ignored) < 0 || store_commit(w->store, &ignored) < 0))
		store_rollback(w->store);
	mem_free(id);
}

static const struct tier {
	const char *name;
	bool archive;
} tiers[] = {
	{ "STANDARD", false },    { "REDUCED_REDUNDANCY", false },  { "STANDARD_IA", false },
	{ "ONEZONE_IA", false },  { "INTELLIGENT_TIERING", false }, { "GLACIER", true },
	{ "DEEP_ARCHIVE", true }, { "GLACIER_IR", false },
};

static const struct tier *find_tier(const char *name)
{
	for (size_t i = 0; i < sizeof(tiers) / sizeof(*tiers); i++)
		if (strcmp(tiers[i].name, name) == 0)
			return &tiers[i];
	return NULL;
}

bool tier_is_known(const char *name)
{
	return find_tier(name) != NULL;
}

bool tier_is_archive(const char *name)
{
	const struct tier *t = find_tier(name);

	return t && t->archive;
}

int64_t tier_restored_until(struct world *w, const char *bucket, const struct object_info *info)
{
	int64_t until;

	store_lock(w->store);
	until = json_int(later_get(w, bucket, info), LATER_RESTORED_UNTIL, 0);
	store_unlock(w->store);
	return until > clock_now(w->clock) ? until : 0;
}

bool tier_is_readable(struct world *w, const char *bucket, const struct object_info *info)
{
	return !tier_is_archive(info->storage_class) || tier_restored_until(w, bucket, info) != 0;
}
