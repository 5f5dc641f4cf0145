#include "sandbox/seed.h"

#include "spark/base/dataset.h"
#include "spark/base/log.h"

#define SEED_BUCKET "udacity-dend"
#define SEED_REGION "us-west-2"

enum seed_state { SEED_ABSENT, SEED_HALF, SEED_DONE };

struct seeding {
	struct world *world;
	struct err *err;
	long count;
};

static int put_object(void *arg, const char *key, const void *data, size_t len)
{
	struct seeding *s = arg;
	struct object_info info = { 0 };

	/* objects_put() copies the key: lent here, so not cleared. */
	info.key = (char *)(uintptr_t)key;
	info.modified_ms = clock_now(s->world->clock);
	snprintf(info.content_type, sizeof(info.content_type), "application/json");
	s->count++;
	return objects_put(s->world->objects, SEED_BUCKET, &info, data, len, false, s->err);
}

static enum seed_state seed_look(struct world *w)
{
	enum seed_state state = SEED_ABSENT;
	const struct json *doc;

	store_lock(w->store);
	doc = store_get(w->store, "s3:bucket", SEED_BUCKET);
	if (doc)
		state = json_get(doc, "seeded") && !json_bool(doc, "seeded", true) ? SEED_HALF : SEED_DONE;
	store_unlock(w->store);
	return state;
}

static int write_document(struct world *w, bool seeded, struct err *err)
{
	struct json *doc;
	int rc = -1;

	store_lock(w->store);
	doc = store_get(w->store, "s3:bucket", SEED_BUCKET) ? json_copy(store_get(w->store, "s3:bucket", SEED_BUCKET))
							    : json_new_object();
	if (!doc || json_set_str(doc, "name", SEED_BUCKET) || json_set_str(doc, "region", SEED_REGION) ||
	    json_set_str(doc, "owner", w->account) ||
	    (!json_get(doc, "created") && json_set_int(doc, "created", clock_now(w->clock))) ||
	    json_set_bool(doc, "seeded", seeded)) {
		json_free(doc);
		err_nomem(err);
		goto out;
	}
	if (store_put(w->store, "s3:bucket", SEED_BUCKET, doc, err) || store_commit(w->store, err)) {
		store_rollback(w->store);
		goto out;
	}
	rc = 0;
out:
	store_unlock(w->store);
	return rc;
}

int seed_ensure(struct world *w, struct err *err)
{
	struct seeding s = { .world = w, .err = err };
	struct dataset_options options;
	enum seed_state state = seed_look(w);

	if (state == SEED_DONE)
		return 0;
	if (state == SEED_ABSENT && write_document(w, false, err))
		return -1;
	if (objects_create_bucket(w->objects, SEED_BUCKET, err))
		return -1;
	dataset_defaults(&options);
	if (dataset_generate(&options, put_object, &s, err) || objects_sync(w->objects, SEED_BUCKET, err))
		return err_wrap(err, "cannot fill the bucket '%s'", SEED_BUCKET);
	if (write_document(w, true, err))
		return -1;
	log_info("bucket '%s' filled with %ld objects", SEED_BUCKET, s.count);
	return 0;
}
