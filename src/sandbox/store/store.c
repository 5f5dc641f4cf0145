#include "spark/sandbox/store.h"

#include <pthread.h>

#include "sandbox/store/log.h"
#include "spark/base/file.h"
#include "spark/base/mem.h"

#define COMPACT_ABOVE ((uint64_t)256 * 1024)

struct entry {
	char *id;
	struct json *doc;
};

/* All documents of a kind, sorted by id. */
struct kind {
	char *name;
	struct entry *items;
	size_t count, cap;
};

/* A change that waits for its commit. doc NULL: a delete. */
struct change {
	char *kind, *id;
	struct json *doc;
};

struct store {
	pthread_mutex_t lock;
	struct store_log *log;
	struct kind *kinds; /* a handful, in order of first use */
	size_t kind_count, kind_cap;
	struct change *changes;
	size_t change_count, change_cap;
};

static struct kind *kind_find(const struct store *s, const char *name)
{
	for (size_t i = 0; i < s->kind_count; i++)
		if (!strcmp(s->kinds[i].name, name))
			return &s->kinds[i];
	return NULL;
}

static struct kind *kind_make(struct store *s, const char *name, struct err *err)
{
	struct kind *k = kind_find(s, name);
	char *copy;

	if (k)
		return k;
	copy = mem_strdup(name);
	if (!copy || mem_grow(&s->kinds, &s->kind_cap, s->kind_count, sizeof(*s->kinds))) {
		mem_free(copy);
		err_nomem(err);
		return NULL;
	}
	k = &s->kinds[s->kind_count++];
	memset(k, 0, sizeof(*k));
	k->name = copy;
	return k;
}

/* The first index whose id is not less; *found tells whether it is equal. */
static size_t entry_search(const struct kind *k, const char *id, bool *found)
{
	size_t low = 0, high = k->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(k->items[mid].id, id) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*found = low < k->count && !strcmp(k->items[low].id, id);
	return low;
}

static void change_clear(struct change *c)
{
	mem_free(c->kind);
	mem_free(c->id);
	json_free(c->doc);
	memset(c, 0, sizeof(*c));
}

/* Room for all waiting changes, so that applying them after they are on disk cannot fail. */
static int reserve_room(struct store *s, struct err *err)
{
	for (size_t i = 0; i < s->change_count; i++) {
		struct kind *k;

		if (!s->changes[i].doc)
			continue;
		k = kind_make(s, s->changes[i].kind, err);
		if (!k)
			return -1;
		if (mem_grow(&k->items, &k->cap, k->count + s->change_count, sizeof(*k->items)))
			return err_nomem(err);
	}
	return 0;
}

static void entry_remove(struct kind *k, size_t at)
{
	mem_free(k->items[at].id);
	json_free(k->items[at].doc);
	memmove(&k->items[at], &k->items[at + 1], (k->count - at - 1) * sizeof(*k->items));
	k->count--;
}

static void apply_change(struct store *s, struct change *c)
{
	struct kind *k = kind_find(s, c->kind);
	bool found = false;
	size_t at = k ? entry_search(k, c->id, &found) : 0;

	if (!c->doc) {
		if (found)
			entry_remove(k, at);
		return;
	}
	if (found) {
		json_free(k->items[at].doc);
		k->items[at].doc = c->doc;
	} else {
		memmove(&k->items[at + 1], &k->items[at], (k->count - at) * sizeof(*k->items));
		k->items[at] = (struct entry){ c->id, c->doc };
		k->count++;
		c->id = NULL;
	}
	c->doc = NULL;
}

static void apply_all(struct store *s)
{
	for (size_t i = 0; i < s->change_count; i++) {
		apply_change(s, &s->changes[i]);
		change_clear(&s->changes[i]);
	}
	s->change_count = 0;
}

/* Takes doc, also on failure. */
static int gather(struct store *s, const char *kind, const char *id, struct json *doc, struct err *err)
{
	struct change *c;

	if (mem_grow(&s->changes, &s->change_cap, s->change_count, sizeof(*s->changes))) {
		json_free(doc);
		return err_nomem(err);
	}
	c = &s->changes[s->change_count];
	*c = (struct change){ mem_strdup(kind), mem_strdup(id), doc };
	if (!c->kind || !c->id) {
		change_clear(c);
		return err_nomem(err);
	}
	s->change_count++;
	return 0;
}

/* A batch on disk: [["kind", "id", {document}], ["kind", "id"], ...]; without a document it is a delete. */
static int print_change(struct buf *out, const char *kind, const char *id, const struct json *doc, struct err *err)
{
	buf_puts(out, out->len > 1 ? ",[" : "[");
	json_quote(out, kind, strlen(kind));
	buf_putc(out, ',');
	json_quote(out, id, strlen(id));
	if (doc) {
		buf_putc(out, ',');
		if (json_print(doc, false, out, err))
			return -1;
	}
	buf_putc(out, ']');
	return 0;
}

static int load_record(void *arg, const char *payload, size_t len, struct err *err)
{
	struct store *s = arg;
	struct json *batch = json_parse(payload, len, err);
	int rc = -1;

	if (!batch)
		return -1;
	if (!json_is_array(batch)) {
		err_set(err, ERR_IO, "a record is no list of changes");
		goto out;
	}
	for (const struct json *c = json_first(batch); c; c = json_next(c)) {
		const char *kind = json_text(json_at(c, 0)), *id = json_text(json_at(c, 1));
		const struct json *doc = json_at(c, 2);
		struct json *copy = NULL;

		if (!json_is_array(c) || !kind || !id || (doc && !json_is_object(doc))) {
			err_set(err, ERR_IO, "a change has not the form of one");
			goto out;
		}
		if (doc) {
			copy = json_copy(doc);
			if (!copy) {
				err_nomem(err);
				goto out;
			}
		}
		if (gather(s, kind, id, copy, err))
			goto out;
	}
	if (reserve_room(s, err))
		goto out;
	apply_all(s);
	rc = 0;
out:
	if (rc)
		store_rollback(s);
	json_free(batch);
	return rc;
}

/* Rewrites the file when most of it tells of what is no more. */
static int compact(struct store *s, struct err *err)
{
	struct buf file, record;
	int rc = -1;

	if (store_log_size(s->log) < COMPACT_ABOVE)
		return 0;
	buf_init(&file, (size_t)store_log_size(s->log) * 2);
	buf_init(&record, (size_t)store_log_size(s->log) * 2);
	store_log_begin(&file);
	for (size_t i = 0; i < s->kind_count; i++) {
		const struct kind *k = &s->kinds[i];

		for (size_t j = 0; j < k->count; j++) {
			buf_reset(&record);
			buf_putc(&record, '[');
			if (print_change(&record, k->name, k->items[j].id, k->items[j].doc, err))
				goto out;
			buf_putc(&record, ']');
			if (buf_check(&record, "the sandbox's state", err))
				goto out;
			store_log_frame(&file, record.data, record.len);
		}
	}
	if (!file.failed && file.len > store_log_size(s->log) / 2) {
		rc = 0;
		goto out;
	}
	rc = store_log_replace(s->log, &file, err);
out:
	buf_clear(&record);
	buf_clear(&file);
	return rc;
}

static int init_lock(pthread_mutex_t *lock, struct err *err)
{
	pthread_mutexattr_t attr;
	int rc = pthread_mutexattr_init(&attr);

	if (rc == 0) {
		rc = pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
		if (rc == 0)
			rc = pthread_mutex_init(lock, &attr);
		pthread_mutexattr_destroy(&attr);
	}
	return rc ? err_set_errno(err, ERR_BUG, rc, "cannot make a lock") : 0;
}

int store_open(const char *dir, struct store **out, struct err *err)
{
	struct store *s = mem_alloc(sizeof(*s));
	char *path;

	if (!s)
		return err_nomem(err);
	if (init_lock(&s->lock, err)) {
		mem_free(s);
		return -1;
	}
	path = file_join(dir, "state.log");
	if (!path)
		err_nomem(err);
	if (!path || file_make_dirs(dir, 0700, err) || store_log_open(path, load_record, s, &s->log, err) ||
	    compact(s, err)) {
		mem_free(path);
		store_close(s);
		return -1;
	}
	mem_free(path);
	*out = s;
	return 0;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	store_rollback(s);
	for (size_t i = 0; i < s->kind_count; i++) {
		struct kind *k = &s->kinds[i];

		for (size_t j = 0; j < k->count; j++) {
			mem_free(k->items[j].id);
			json_free(k->items[j].doc);
		}
		mem_free(k->items);
		mem_free(k->name);
	}
	mem_free(s->kinds);
	mem_free(s->changes);
	store_log_close(s->log);
	pthread_mutex_destroy(&s->lock);
	mem_free(s);
}

void store_lock(struct store *s)
{
	pthread_mutex_lock(&s->lock);
}

void store_unlock(struct store *s)
{
	pthread_mutex_unlock(&s->lock);
}

const struct json *store_get(struct store *s, const char *kind, const char *id)
{
	const struct json *doc = NULL;
	const struct kind *k;
	bool found = false;

	store_lock(s);
	k = kind_find(s, kind);
	if (k) {
		size_t at = entry_search(k, id, &found);

		if (found)
			doc = k->items[at].doc;
	}
	store_unlock(s);
	return doc;
}

int store_each(struct store *s, const char *kind, const char *prefix,
	       int (*fn)(void *arg, const char *id, const struct json *doc), void *arg)
{
	size_t prefix_len = strlen(prefix);
	const struct kind *k;
	bool exact;
	int rc = 0;

	store_lock(s);
	k = kind_find(s, kind);
	for (size_t i = k ? entry_search(k, prefix, &exact) : 0; k && i < k->count; i++) {
		if (strncmp(k->items[i].id, prefix, prefix_len))
			break;
		rc = fn(arg, k->items[i].id, k->items[i].doc);
		if (rc)
			break;
	}
	store_unlock(s);
	return rc;
}

static int count_one(void *arg, const char *id, const struct json *doc)
{
	(void)id;
	(void)doc;
	++*(size_t *)arg;
	return 0;
}

size_t store_count(struct store *s, const char *kind, const char *prefix)
{
	size_t count = 0;

	store_each(s, kind, prefix, count_one, &count);
	return count;
}

int store_put(struct store *s, const char *kind, const char *id, struct json *doc, struct err *err)
{
	int rc;

	if (!doc)
		return err_nomem(err);
	store_lock(s);
	rc = gather(s, kind, id, doc, err);
	store_unlock(s);
	return rc;
}

int store_delete(struct store *s, const char *kind, const char *id, struct err *err)
{
	int rc;

	store_lock(s);
	rc = gather(s, kind, id, NULL, err);
	store_unlock(s);
	return rc;
}

/* A batch that could not be read back must not reach the disk: the next start would fail on it. */
static int check_batch(const struct buf *batch, struct err *err)
{
	struct json *again;

	if (buf_check(batch, "a change of the sandbox's state", err))
		return -1;
	again = json_parse(batch->data, batch->len, err);
	if (!again)
		return err_wrap(err, "a change of the sandbox's state");
	json_free(again);
	return 0;
}

int store_commit(struct store *s, struct err *err)
{
	struct buf batch;
	int rc = 0;

	store_lock(s);
	if (!s->change_count)
		goto out;
	buf_init(&batch, (size_t)256 * 1024 * 1024);
	buf_putc(&batch, '[');
	for (size_t i = 0; rc == 0 && i < s->change_count; i++)
		rc = print_change(&batch, s->changes[i].kind, s->changes[i].id, s->changes[i].doc, err);
	buf_putc(&batch, ']');
	if (rc == 0)
		rc = check_batch(&batch, err);
	if (rc == 0)
		rc = reserve_room(s, err);
	if (rc == 0)
		rc = store_log_append(s->log, &batch, err);
	buf_wipe(&batch);
	if (rc == 0)
		apply_all(s);
out:
	store_unlock(s);
	return rc;
}

void store_rollback(struct store *s)
{
	store_lock(s);
	for (size_t i = 0; i < s->change_count; i++)
		change_clear(&s->changes[i]);
	s->change_count = 0;
	store_unlock(s);
}
