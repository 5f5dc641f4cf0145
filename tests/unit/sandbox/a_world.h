#ifndef TEST_SANDBOX_A_WORLD_H
#define TEST_SANDBOX_A_WORLD_H

/* A world of its own for each test: an empty store in a temporary folder, and a clock that is set. */
#include <stdlib.h>
#include <string.h>

#include "spark/base/file.h"
#include "spark/base/mem.h"
#include "spark/sandbox/access.h"
#include "spark/sandbox/http.h"
#include "unit/cm.h"

struct a_world {
	struct world world;
	struct clock clock;
	int64_t now_ms;
	char dir[64];
};

static inline int64_t a_world_now(void *arg)
{
	return ((struct a_world *)arg)->now_ms;
}

static inline void a_world_open(struct a_world *a)
{
	struct err err;

	memset(a, 0, sizeof(*a));
	memcpy(a->dir, "/tmp/spark-test-XXXXXX", sizeof("/tmp/spark-test-XXXXXX"));
	assert_non_null(mkdtemp(a->dir));
	a->clock = clock_system;
	a->clock.now_ms = a_world_now;
	a->clock.arg = a;
	a->world.clock = &a->clock;
	a->world.dir = a->dir;
	memcpy(a->world.account, "123456789012", 13);
	memcpy(a->world.default_region, "us-west-2", 10);
	if (store_open(a->dir, &a->world.store, &err))
		fail_msg("%s", err.text);
}

static inline void a_world_close(struct a_world *a)
{
	struct err err;

	store_close(a->world.store);
	assert_int_equal(file_remove_tree(a->dir, &err), 0);
}

/* Puts and commits a document given as JSON text. */
static inline void a_world_put(struct a_world *a, const char *kind, const char *id, const char *text)
{
	struct err err;
	struct json *doc = json_parse(text, strlen(text), &err);

	if (!doc)
		fail_msg("'%s': %s", text, err.text);
	assert_int_equal(store_put(a->world.store, kind, id, doc, &err), 0);
	assert_int_equal(store_commit(a->world.store, &err), 0);
}

/* Runs an action as the dispatcher does: 0 and the result's members in out, or -1 and err. The query is the form. */
static inline int a_world_call(struct a_world *a, const struct service *s, const char *query, struct buf *out,
			       struct err *err)
{
	struct http_request r = { .method = "POST", .target = "/", .query = query };
	struct caller who = { .account = "123456789012",
			      .arn = "arn:aws:iam::123456789012:user/sparkctl",
			      .user_id = "AIDAEXAMPLE",
			      .region = "us-west-2" };
	struct params *p = NULL;
	int rc = -1;

	buf_reset(out);
	assert_int_equal(params_parse(&r, &p, err), 0);
	for (size_t i = 0; i < s->action_count; i++) {
		if (strcmp(s->actions[i].name, params_get(p, "Action")))
			continue;
		store_lock(a->world.store);
		if (s == &service_ec2)
			assert_int_equal(ec2_ensure_region(&a->world, who.region, err), 0);
		rc = s->actions[i].handle(&a->world, &who, p, out, err);
		if (rc == 0)
			rc = store_commit(a->world.store, err);
		else
			store_rollback(a->world.store);
		store_unlock(a->world.store);
	}
	params_free(p);
	return rc;
}

#endif
