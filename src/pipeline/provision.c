#include <pthread.h>
#include <string.h>
#include <strings.h>

#include "pipeline/resource.h"

#define GROUP "provision"

const struct resource *const resource_rows[RESOURCE_COUNT] = {
	[RESOURCE_ROLE] = &resource_role,
	[RESOURCE_GROUP] = &resource_group,
	[RESOURCE_CLUSTER] = &resource_cluster,
};

static bool code_among(const struct err *err, const char *const *codes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (err_has_code(err, codes[i]))
			return true;
	}
	return false;
}

/* A refusal that ends by itself: the other service has not heard yet of a role or group made a moment ago. */
static bool is_not_known_yet(const struct err *err)
{
	static const char *const codes[] = { "NoSuchEntity", "InvalidGroup.NotFound", "InvalidGroupId.NotFound",
					     "InvalidClusterRole", "InvalidSecurityGroupID.NotFound" };

	if (code_among(err, codes, sizeof(codes) / sizeof(codes[0])))
		return true;
	/* Redshift words an unknown role as a parameter that is not valid */
	return err_has_code(err, "InvalidParameterValue") &&
	       (strcasestr(err->text, "iam role") || strcasestr(err->text, "security group"));
}

int change_patiently(struct run *r, const struct patient_call *p, struct err *err)
{
	struct wait w;

	wait_begin(&w, r->clock, r->stop, p->limit_ms);
	for (;;) {
		struct change c;

		if (change_begin(r, &c, p->action, p->resource, p->name, err) < 0)
			return -1;
		if (change_end(r, &c, p->call(r, p->arg, err), err) == 0)
			return 0;
		if (!p->is_new || !is_not_known_yet(err) || wait_elapsed_ms(&w) >= w.limit_ms)
			return -1;
		if (wait_pause(&w, p->what, err) < 0)
			return -1;
	}
}

bool may_have_happened(const struct err *err)
{
	static const char *const codes[] = { "EntityAlreadyExists", "InvalidGroup.Duplicate", "ClusterAlreadyExists" };

	return err->kind == ERR_TIMEOUT || err->kind == ERR_UNREACHABLE || err->kind == ERR_PARSE ||
	       code_among(err, codes, sizeof(codes) / sizeof(codes[0]));
}

static int foreign(const struct run *r, const struct resource *res, struct err *err)
{
	err_set(err, ERR_CONFLICT, "the %s '%s' exists already and does not belong to stack '%s'", res->name,
		res->label(r), run_stack(r));
	return err_hint(err, "nothing was done to it; choose another name with --stack, or remove it yourself");
}

/* Finds and completes; once more when a call's reply was lost after the service had acted on it. */
static int bring_up(struct run *r, const struct resource *res, enum presence *first, bool *changed, struct err *err)
{
	for (int attempt = 0;; attempt++) {
		enum presence p;

		if (res->find(r, &p, err) < 0)
			return -1;
		if (attempt == 0)
			*first = p;
		if (p == PRESENCE_FOREIGN)
			return foreign(r, res, err);
		if (res->ensure(r, p, changed, err) == 0)
			return 0;
		if (attempt > 0 || !may_have_happened(err) || run_is_stopped(r))
			return -1;
	}
}

struct outcome_text {
	enum event_outcome outcome;
	const char *detail;
};

static struct outcome_text judge(enum presence first, bool changed, bool waited)
{
	if (first == PRESENCE_GIVEN)
		return (struct outcome_text){ OUTCOME_UNCHANGED, "given" };
	if (first == PRESENCE_ABSENT)
		return (struct outcome_text){ OUTCOME_DONE, "created" };
	if (changed)
		return (struct outcome_text){ OUTCOME_ADOPTED, "adopted and completed" };
	if (waited)
		return (struct outcome_text){ OUTCOME_ADOPTED, "adopted" };
	return (struct outcome_text){ OUTCOME_UNCHANGED, NULL };
}

struct task {
	struct run *run;
	const struct resource *resource;
	struct err err;
	int rc;
	pthread_t thread;
	bool threaded, changed;
};

static void *work(void *arg)
{
	struct task *t = arg;
	struct run *r = t->run;
	const struct resource *res = t->resource;
	int64_t begun = clock_mono(r->clock);
	enum presence first = PRESENCE_ABSENT;
	struct outcome_text o;
	bool waited = false;

	run_step_begin(r, GROUP, res->name);
	t->rc = bring_up(r, res, &first, &t->changed, &t->err);
	if (t->rc == 0 && res->wait)
		t->rc = res->wait(r, &waited, &t->err);
	if (t->rc < 0) {
		run_step_end(r, GROUP, res->name, OUTCOME_FAILED, t->err.text, begun, -1);
		return NULL;
	}
	o = judge(first, t->changed, waited);
	run_step_end(r, GROUP, res->name, o.outcome, o.detail, begun, -1);
	return NULL;
}

/* Those that need nothing which is not there yet, at the same time. */
static int run_wave(struct run *r, unsigned *done, struct err *err)
{
	struct task tasks[RESOURCE_COUNT];
	size_t count = 0;
	unsigned begun = 0;
	int rc = 0;

	memset(tasks, 0, sizeof(tasks));
	for (size_t i = 0; i < RESOURCE_COUNT; i++) {
		const struct resource *res = resource_rows[i];

		if ((*done & 1u << i) || (res->needs & ~*done))
			continue;
		tasks[count++] = (struct task){ .run = r, .resource = res };
		begun |= 1u << i;
	}
	for (size_t i = 0; i + 1 < count; i++)
		tasks[i].threaded = pthread_create(&tasks[i].thread, NULL, work, &tasks[i]) == 0;
	for (size_t i = 0; i < count; i++) {
		if (!tasks[i].threaded)
			work(&tasks[i]);
	}
	for (size_t i = 0; i < count; i++) {
		if (tasks[i].threaded)
			pthread_join(tasks[i].thread, NULL);
		if (tasks[i].rc < 0 && rc == 0) {
			rc = -1;
			if (err)
				*err = tasks[i].err;
		}
	}
	*done |= begun;
	return rc;
}

/* Before anything is made: settings that cannot work, and names that others hold. */
static int look_ahead(struct run *r, struct err *err)
{
	for (size_t i = 0; i < RESOURCE_COUNT; i++) {
		const struct resource *res = resource_rows[i];
		int64_t begun = clock_mono(r->clock);
		enum presence p = PRESENCE_ABSENT;
		int rc = res->check ? res->check(r, err) : 0;

		if (rc == 0)
			rc = res->find(r, &p, err);
		if (rc == 0 && p == PRESENCE_FOREIGN)
			rc = foreign(r, res, err);
		if (rc < 0) {
			run_step_begin(r, GROUP, res->name);
			run_step_end(r, GROUP, res->name, OUTCOME_FAILED, err->text, begun, -1);
			return -1;
		}
	}
	return 0;
}

int run_up(struct run *r, int *changes, struct err *err)
{
	const unsigned all = (1u << RESOURCE_COUNT) - 1;
	unsigned done = 0;
	int rc;

	r->state->changes = 0;
	rc = look_ahead(r, err);
	while (rc == 0 && done != all)
		rc = run_wave(r, &done, err);
	*changes = r->state->changes;
	return rc;
}
