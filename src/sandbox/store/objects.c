#include "spark/sandbox/objects.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox/store/objects_bucket.h"
#include "sandbox/store/objects_file.h"
#include "spark/base/clock.h"
#include "spark/base/file.h"
#include "spark/base/hash.h"
#include "spark/base/mem.h"

#define TMP_NAME  ".tmp" /* no bucket's name begins so, but those of the sandbox's own; see name_is_safe() */
#define BATCH_MAX ((size_t)1024)

struct objects {
	char *dir, *tmp;
	pthread_rwlock_t lock; /* the table of buckets; held for reading while a bucket is used */
	struct bucket **buckets;
	size_t count, cap;
	uint64_t opened;  /* buckets, ever */
	unsigned removed; /* so that folders of removed buckets get names of their own below tmp */
};

struct object_reader {
	struct object_entry *entry;
	struct bucket_file *file;
	uint64_t base;
};

static void copy_text(char *to, size_t size, const char *text)
{
	size_t len = strnlen(text, size - 1);

	memcpy(to, text, len);
	to[len] = 0;
}

void object_info_clear(struct object_info *i)
{
	mem_free(i->key);
	json_free(i->metadata);
	*i = (struct object_info){ 0 };
}

static struct bucket *find_bucket(const struct objects *o, const char *name)
{
	for (size_t i = 0; i < o->count; i++)
		if (strcmp(o->buckets[i]->name, name) == 0)
			return o->buckets[i];
	return NULL;
}

/* The name becomes a folder's name, so what S3 allows is checked here once more. A leading dot is for buckets that the
 * sandbox keeps for itself. */
static bool name_is_safe(const char *name)
{
	size_t len = strlen(name);

	return len >= 3 && len <= 63 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-_") == len &&
	       strstr(name, "..") == NULL && strcmp(name, TMP_NAME) != 0;
}

/* Locks the table for reading and finds; NULL: nothing is locked and err is set. */
static struct bucket *use_bucket(struct objects *o, const char *name, struct err *err)
{
	struct bucket *b;

	pthread_rwlock_rdlock(&o->lock);
	b = find_bucket(o, name);
	if (!b) {
		pthread_rwlock_unlock(&o->lock);
		err_set(err, ERR_IO, "there is no bucket '%s'", name);
		if (err)
			err->http_status = 404;
	}
	return b;
}

static int add_bucket(struct objects *o, const char *name, struct err *err)
{
	if (mem_grow(&o->buckets, &o->cap, o->count, sizeof(*o->buckets)) < 0)
		return err_nomem(err);
	if (bucket_open(o->dir, name, &o->buckets[o->count], err) < 0)
		return -1;
	o->buckets[o->count++]->serial = ++o->opened;
	return 0;
}

static int open_buckets(struct objects *o, struct err *err)
{
	DIR *d = opendir(o->dir);
	struct dirent *f;
	int rc = 0;

	if (!d)
		return err_set_errno(err, ERR_IO, errno, "cannot read the folder '%s'", o->dir);
	while (rc == 0 && (f = readdir(d)) != NULL)
		if (name_is_safe(f->d_name))
			rc = add_bucket(o, f->d_name, err);
	closedir(d);
	return rc;
}

int objects_open(const char *dir, struct objects **out, struct err *err)
{
	struct objects *o = mem_alloc(sizeof(*o));
	int rc = -1;

	if (!o)
		return err_nomem(err);
	pthread_rwlock_init(&o->lock, NULL);
	if (!(o->dir = mem_strdup(dir)) || !(o->tmp = file_join(dir, TMP_NAME))) {
		err_nomem(err);
		goto out;
	}
	if (file_remove_tree(o->tmp, err) < 0 || file_make_dirs(o->tmp, 0700, err) < 0 || open_buckets(o, err) < 0)
		goto out;
	*out = o;
	o = NULL;
	rc = 0;
out:
	objects_close(o);
	return rc;
}

void objects_close(struct objects *o)
{
	if (!o)
		return;
	for (size_t i = 0; i < o->count; i++) {
		/* Whoever asked for durability has it; this is for bytes put in bulk, as far as it goes. */
		(void)!bucket_sync(o->buckets[i], NULL);
		bucket_close(o->buckets[i]);
	}
	pthread_rwlock_destroy(&o->lock);
	mem_free(o->buckets);
	mem_free(o->dir);
	mem_free(o->tmp);
	mem_free(o);
}

const char *objects_tmp_dir(const struct objects *o)
{
	return o->tmp;
}

int objects_create_bucket(struct objects *o, const char *bucket, struct err *err)
{
	int rc = 0;

	if (!name_is_safe(bucket))
		return err_set(err, ERR_BUG, "'%s' cannot be the name of a bucket's folder", bucket);
	pthread_rwlock_wrlock(&o->lock);
	if (!find_bucket(o, bucket)) {
		rc = add_bucket(o, bucket, err);
		if (rc == 0)
			rc = file_sync_dir(o->dir, err);
	}
	pthread_rwlock_unlock(&o->lock);
	return rc;
}

/* Under the lock. The folder is renamed away first: a crash leaves a whole bucket or none. */
static int remove_bucket(struct objects *o, struct bucket *b, struct err *err)
{
	char *away = mem_printf("%s/%s.%u", o->tmp, b->name, o->removed++);
	int rc = -1;

	if (!away)
		return err_nomem(err);
	if (rename(b->dir, away) < 0) {
		err_set_errno(err, ERR_IO, errno, "cannot remove the bucket '%s'", b->name);
		goto out;
	}
	for (size_t i = 0; i < o->count; i++)
		if (o->buckets[i] == b)
			o->buckets[i] = o->buckets[--o->count];
	bucket_close(b);
	if (file_sync_dir(o->dir, err) < 0)
		goto out;
	rc = file_remove_tree(away, err);
out:
	mem_free(away);
	return rc;
}

int objects_delete_bucket(struct objects *o, const char *bucket, struct err *err)
{
	struct bucket *b;
	int rc = 0;

	pthread_rwlock_wrlock(&o->lock);
	b = find_bucket(o, bucket);
	if (b && !bucket_is_empty(b))
		rc = err_set(err, ERR_CONFLICT, "the bucket '%s' is not empty", bucket);
	else if (b)
		rc = remove_bucket(o, b, err);
	pthread_rwlock_unlock(&o->lock);
	return rc;
}

bool objects_bucket_exists(struct objects *o, const char *bucket)
{
	bool there;

	pthread_rwlock_rdlock(&o->lock);
	there = find_bucket(o, bucket) != NULL;
	pthread_rwlock_unlock(&o->lock);
	return there;
}

bool objects_bucket_empty(struct objects *o, const char *bucket)
{
	struct bucket *b = use_bucket(o, bucket, NULL);
	bool empty;

	if (!b)
		return true;
	empty = bucket_is_empty(b);
	pthread_rwlock_unlock(&o->lock);
	return empty;
}

/* The record that says what info says; its texts live in *metadata and etag. */
static int record_from_info(const struct object_info *info, struct buf *metadata, struct log_record *r, struct err *err)
{
	size_t key_len = info->key ? strlen(info->key) : 0;

	if (key_len < 1 || key_len > LOG_KEY_MAX)
		return err_set(err, ERR_BUG, "an object's key must have 1 to %d bytes", LOG_KEY_MAX);
	if (info->metadata && json_count(info->metadata) && json_print(info->metadata, false, metadata, err) < 0)
		return -1;
	*r = (struct log_record){ .key = info->key,
				  .key_len = key_len,
				  .etag = info->etag,
				  .etag_len = strnlen(info->etag, sizeof(info->etag)),
				  .type = info->content_type,
				  .type_len = strnlen(info->content_type, sizeof(info->content_type)),
				  .metadata = metadata->data,
				  .metadata_len = metadata->len,
				  .modified_ms = info->modified_ms ? info->modified_ms : clock_now(&clock_system) };
	return 0;
}

/* Durable when it returns, unless the caller wants to wait for `upto` himself. */
static int put_bytes(struct bucket *b, const struct object_info *info, const void *data, size_t len, uint64_t *upto,
		     struct err *err)
{
	struct buf metadata = { 0 };
	struct log_record r;
	unsigned char md5[MD5_SIZE];
	char etag[MD5_HEX];
	int rc = -1;

	buf_init(&metadata, LOG_METADATA_MAX);
	if (record_from_info(info, &metadata, &r, err) < 0)
		goto out;
	if (r.etag_len == 0) {
		if (hash_md5(data, len, md5, err) < 0)
			goto out;
		hash_hex(md5, sizeof(md5), etag);
		r.etag = etag;
		r.etag_len = MD5_HEX - 1;
	}
	r.kind = LOG_PUT;
	r.size_bytes = len;
	r.data = data;
	r.data_len = len;
	rc = bucket_put(b, &r, !upto, upto, err);
out:
	buf_clear(&metadata);
	return rc;
}

static int put_big_file(struct bucket *b, const struct object_info *info, const char *path, uint64_t size,
			struct err *err)
{
	struct buf metadata = { 0 };
	struct log_record r;
	char etag[MD5_HEX];
	int rc = -1;

	buf_init(&metadata, LOG_METADATA_MAX);
	if (record_from_info(info, &metadata, &r, err) < 0)
		goto out;
	if (r.etag_len == 0) {
		if (objects_file_md5(path, etag, err) < 0)
			goto out;
		r.etag = etag;
		r.etag_len = MD5_HEX - 1;
	}
	r.kind = LOG_PUT_FILE;
	r.size_bytes = size;
	rc = bucket_put_file(b, &r, path, err);
out:
	buf_clear(&metadata);
	return rc;
}

int objects_put_file(struct objects *o, const char *bucket, const struct object_info *info, const char *path,
		     struct err *err)
{
	struct bucket *b;
	struct buf small = { 0 };
	struct stat st;
	int rc;

	if (stat(path, &st) < 0)
		return err_set_errno(err, ERR_IO, errno, "cannot open '%s'", path);
	if (!(b = use_bucket(o, bucket, err)))
		return -1;
	if ((uint64_t)st.st_size > LOG_INLINE_MAX) {
		rc = put_big_file(b, info, path, (uint64_t)st.st_size, err);
	} else {
		buf_init(&small, LOG_INLINE_MAX + 1);
		rc = file_read(path, &small, err);
		if (rc == 0)
			rc = put_bytes(b, info, small.data, small.len, NULL, err);
		buf_clear(&small);
		if (rc == 0)
			(void)unlink(path);
	}
	pthread_rwlock_unlock(&o->lock);
	return rc;
}

/* Large bytes in memory take the way of a received body. */
static int put_through_file(struct objects *o, const char *bucket, const struct object_info *info, const void *data,
			    size_t len, struct err *err)
{
	char *path = objects_file_make(o->tmp, data, len, err);
	int rc;

	if (!path)
		return -1;
	rc = objects_put_file(o, bucket, info, path, err);
	if (rc < 0)
		(void)unlink(path);
	mem_free(path);
	return rc;
}

int objects_put_promised(struct objects *o, const char *bucket, const struct object_info *info, const void *data,
			 size_t len, struct object_promise *out, struct err *err)
{
	struct bucket *b;
	int rc;

	*out = (struct object_promise){ 0 };
	if (len > LOG_INLINE_MAX)
		return put_through_file(o, bucket, info, data, len, err);
	if (!(b = use_bucket(o, bucket, err)))
		return -1;
	rc = put_bytes(b, info, data, len, &out->upto, err);
	copy_text(out->bucket, sizeof(out->bucket), b->name);
	out->serial = b->serial;
	pthread_rwlock_unlock(&o->lock);
	return rc;
}

int objects_keep_promise(struct objects *o, const struct object_promise *p, struct err *err)
{
	struct bucket *b;
	int rc = 0;

	if (!p->upto)
		return 0;
	pthread_rwlock_rdlock(&o->lock);
	b = find_bucket(o, p->bucket);
	/* Of a bucket that was deleted meanwhile nothing is left to be kept. */
	if (b && b->serial == p->serial)
		rc = bucket_await(b, p->upto, err);
	pthread_rwlock_unlock(&o->lock);
	return rc;
}

int objects_put(struct objects *o, const char *bucket, const struct object_info *info, const void *data, size_t len,
		bool sync, struct err *err)
{
	struct object_promise p;

	if (objects_put_promised(o, bucket, info, data, len, &p, err) < 0)
		return -1;
	return sync ? objects_keep_promise(o, &p, err) : 0;
}

int objects_sync(struct objects *o, const char *bucket, struct err *err)
{
	struct bucket *b = use_bucket(o, bucket, err);
	int rc;

	if (!b)
		return -1;
	rc = bucket_sync(b, err);
	pthread_rwlock_unlock(&o->lock);
	return rc;
}

int objects_delete(struct objects *o, const char *bucket, const char *key, bool sync, struct err *err)
{
	struct bucket *b = use_bucket(o, bucket, err);
	int rc;

	if (!b)
		return -1;
	rc = bucket_delete(b, key, sync, err);
	pthread_rwlock_unlock(&o->lock);
	return rc;
}

static void info_texts(const struct object_entry *e, struct object_info *info)
{
	info->size_bytes = e->size_bytes;
	info->modified_ms = e->modified_ms;
	copy_text(info->etag, sizeof(info->etag), e->etag);
	copy_text(info->content_type, sizeof(info->content_type), e->type);
}

/* From the metadata's text, which no other name or value can hold this in: quotes inside of them are escaped. */
static void info_class(const struct object_entry *e, struct object_info *info)
{
	static const char before[] = "\"" OBJECT_STORAGE_CLASS "\":\"";
	const char *at = *e->metadata ? strstr(e->metadata, before) : NULL;
	size_t len;

	*info->storage_class = 0;
	if (!at)
		return;
	at += sizeof(before) - 1;
	len = strcspn(at, "\"");
	if (len < sizeof(info->storage_class)) {
		memcpy(info->storage_class, at, len);
		info->storage_class[len] = 0;
	}
}

static int info_from_entry(const struct object_entry *e, struct object_info *info, struct err *err)
{
	*info = (struct object_info){ 0 };
	info_texts(e, info);
	if (*e->metadata && !(info->metadata = json_parse(e->metadata, strlen(e->metadata), err)))
		return -1;
	if (info->metadata)
		copy_text(info->storage_class, sizeof(info->storage_class),
			  json_str(info->metadata, OBJECT_STORAGE_CLASS, ""));
	if (!(info->key = mem_strdup(e->key))) {
		object_info_clear(info);
		return err_nomem(err);
	}
	return 0;
}

bool objects_head(struct objects *o, const char *bucket, const char *key, struct object_info *info)
{
	struct bucket *b = use_bucket(o, bucket, NULL);
	struct object_entry *e = NULL;
	bool found;

	if (!b)
		return false;
	found = bucket_find(b, key, &e, NULL, NULL, NULL) == 1;
	pthread_rwlock_unlock(&o->lock);
	if (found && info)
		found = info_from_entry(e, info, NULL) == 0;
	object_entry_release(e);
	return found;
}

int objects_reader_open(struct objects *o, const char *bucket, const char *key, struct object_info *info,
			struct object_reader **out, struct err *err)
{
	struct bucket *b = use_bucket(o, bucket, err);
	struct object_reader *r;
	int rc;

	if (!b)
		return -1;
	if (!(r = mem_alloc(sizeof(*r)))) {
		pthread_rwlock_unlock(&o->lock);
		return err_nomem(err);
	}
	rc = bucket_find(b, key, &r->entry, &r->file, &r->base, err);
	pthread_rwlock_unlock(&o->lock);
	if (rc == 1 && info && info_from_entry(r->entry, info, err) < 0)
		rc = -1;
	if (rc == 1)
		*out = r;
	else
		object_reader_close(r);
	return rc;
}

uint64_t object_reader_size(const struct object_reader *r)
{
	return r->entry->size_bytes;
}

int object_reader_read(struct object_reader *r, uint64_t offset, void *to, size_t len, struct err *err)
{
	return object_entry_read(r->entry, r->file->fd, r->base, offset, to, len, err);
}

void object_reader_close(struct object_reader *r)
{
	if (!r)
		return;
	bucket_file_release(r->file);
	object_entry_release(r->entry);
	mem_free(r);
}

int objects_read(struct objects *o, const char *bucket, const char *key, uint64_t offset, size_t len, struct buf *out,
		 struct err *err)
{
	struct bucket *b = use_bucket(o, bucket, err);
	char *to;
	int rc;

	if (!b)
		return -1;
	to = buf_reserve(out, len);
	rc = to ? bucket_read(b, key, offset, to, len, err) : buf_check(out, "object", err);
	pthread_rwlock_unlock(&o->lock);
	if (rc == 1) {
		buf_commit(out, len);
		return 0;
	}
	if (rc == 0) {
		err_set(err, ERR_IO, "there is no object '%s' in bucket '%s'", key, bucket);
		if (err)
			err->http_status = 404;
	}
	return -1;
}

/* Calls fn for a batch and lets go of all of it; *last becomes the batch's last key. */
static int walk_batch(struct object_entry **batch, size_t n, char *last, int (*fn)(void *, const struct object_info *),
		      void *arg)
{
	struct object_info info = { 0 };
	int rc = 0;

	if (n)
		copy_text(last, LOG_KEY_MAX + 1, batch[n - 1]->key);
	for (size_t i = 0; i < n; i++) {
		if (rc == 0) {
			info_texts(batch[i], &info);
			info_class(batch[i], &info);
			info.key = batch[i]->key;
			rc = fn(arg, &info);
		}
		object_entry_release(batch[i]);
	}
	return rc;
}

int objects_list(struct objects *o, const char *bucket, const char *prefix, const char *after,
		 int (*fn)(void *arg, const struct object_info *info), void *arg, struct err *err)
{
	struct object_entry **batch = mem_alloc_array(BATCH_MAX, sizeof(*batch));
	char last[LOG_KEY_MAX + 1];
	const char *from = after;
	size_t n, want = 32;
	int rc = 0;

	if (!batch)
		return err_nomem(err);
	do {
		struct bucket *b = use_bucket(o, bucket, err);

		if (!b) {
			rc = -1;
			break;
		}
		n = bucket_range(b, prefix, from, batch, want);
		pthread_rwlock_unlock(&o->lock);
		rc = walk_batch(batch, n, last, fn, arg);
		from = last;
		if (n < want)
			break;
		want = want * 2 < BATCH_MAX ? want * 2 : BATCH_MAX;
	} while (rc == 0);
	mem_free(batch);
	return rc;
}
