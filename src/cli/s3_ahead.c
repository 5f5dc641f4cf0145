/* Keys that are listed by a thread of their own while the objects before them are copied already. */
#include <pthread.h>

#include "spark/aws/s3.h"
#include "spark/base/mem.h"
#include "spark/cli/s3_commands.h"

struct s3_ahead {
	const struct context *ctx;
	struct aws_client *aws;
	const char *bucket, *prefix;
	pthread_t thread;
	pthread_mutex_t lock; /* of the rest */
	struct s3_names names;
	size_t next; /* the name that is handed out next; those before it are given away */
	bool ended, cancelled;
	struct err failure; /* of the listing; kind ERR_NONE: none */
};

static int take_object(void *arg, const struct s3_object *o)
{
	struct s3_ahead *a = arg;
	int rc = 0;
	if (s3_name_is_folder(o->key, o->size_bytes))
		return 0;
	pthread_mutex_lock(&a->lock);
	if (*a->ctx->stop)
		rc = err_set(&a->failure, ERR_INTERRUPTED, "interrupted while listing");
	else if (a->cancelled)
		rc = -1;
	else if (s3_names_add(&a->names, o->key, o->size_bytes) != 0)
		rc = err_nomem(&a->failure);
	pthread_mutex_unlock(&a->lock);
	return rc;
}

static void *list(void *arg)
{
	struct s3_ahead *a = arg;
	struct err err = { 0 };
	int rc = s3_list(a->aws, a->bucket, a->prefix, NULL, take_object, a, &err);
	pthread_mutex_lock(&a->lock);
	if (rc != 0 && a->failure.kind == ERR_NONE)
		a->failure = err;
	a->ended = true;
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

struct s3_ahead *s3_ahead_start(const struct context *ctx, const struct target *t, const char *bucket,
				const char *prefix, struct err *err)
{
	struct s3_ahead *a = mem_alloc(sizeof(*a));
	if (!a) {
		err_nomem(err);
		return NULL;
	}
	*a = (struct s3_ahead){ .ctx = ctx, .aws = t->aws, .bucket = bucket, .prefix = prefix };
	pthread_mutex_init(&a->lock, NULL);
	int rc = pthread_create(&a->thread, NULL, list, a);
	if (rc == 0)
		return a;
	err_set_errno(err, ERR_IO, rc, "cannot start a thread");
	pthread_mutex_destroy(&a->lock);
	mem_free(a);
	return NULL;
}

int s3_ahead_next(struct s3_ahead *a, struct s3_name *out, struct err *err)
{
	int rc;
	pthread_mutex_lock(&a->lock);
	if (a->next < a->names.count) {
		*out = a->names.items[a->next];
		a->names.items[a->next++].name = NULL;
		rc = 1;
	} else if (!a->ended) {
		rc = S3_NEXT_LATER;
	} else if (a->failure.kind != ERR_NONE) {
		*err = a->failure;
		rc = -1;
	} else {
		rc = 0;
	}
	pthread_mutex_unlock(&a->lock);
	return rc;
}

size_t s3_ahead_count(struct s3_ahead *a, bool *all)
{
	pthread_mutex_lock(&a->lock);
	size_t count = a->names.count;
	*all = a->ended && a->failure.kind == ERR_NONE;
	pthread_mutex_unlock(&a->lock);
	return count;
}

void s3_ahead_stop(struct s3_ahead *a)
{
	if (!a)
		return;
	pthread_mutex_lock(&a->lock);
	a->cancelled = true;
	pthread_mutex_unlock(&a->lock);
	pthread_join(a->thread, NULL);
	pthread_mutex_destroy(&a->lock);
	s3_names_clear(&a->names);
	mem_free(a);
}
