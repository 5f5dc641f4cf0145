#include <stdio.h>
#include <string.h>

#include "pipeline/cluster_create.h"
#include "pipeline/jobs.h"
#include "pipeline/resource.h"
#include "pipeline/serverless.h"
#include "spark/base/file.h"
#include "spark/base/mem.h"

static const char *cluster_label(const struct run *r)
{
	return r->state->names.cluster;
}

/* For the bill, which is written when the cluster is gone. */
static void remember(struct run_state *s, const struct redshift_cluster *c)
{
	if (strcmp(c->id, s->names.cluster) != 0)
		return;
	s->created_ms = c->created_ms;
	s->nodes = c->nodes;
	memcpy(s->node_type, c->node_type, sizeof(s->node_type));
}

/* *there false when the service knows no cluster of that name. */
static int describe(struct run *r, const char *id, bool *there, struct redshift_cluster *out, struct err *err)
{
	memset(out, 0, sizeof(*out));
	*there = false;
	if (redshift_describe_cluster(r->aws, id, out, err) == 0) {
		*there = true;
		remember(r->state, out);
		return 0;
	}
	if (!err_has_code(err, "ClusterNotFound"))
		return -1;
	err_clear(err);
	return 0;
}

struct restores {
	const char *cluster;
	bool asked;
	char snapshot[256];
};

static int note_restore(void *arg, const struct journal_entry *e)
{
	struct restores *s = arg;

	if (strcmp(e->event, "gone") == 0)
		s->asked = false;
	if (!e->action || !e->name || strcmp(e->action, CLUSTER_RESTORE_ACTION) != 0 ||
	    strcmp(e->name, s->cluster) != 0)
		return 0;
	s->asked = true;
	(void)snprintf(s->snapshot, sizeof(s->snapshot), "%s", e->resource ? e->resource : "");
	return 0;
}

/* A death between the restoring and the tagging leaves a cluster without a tag, which only the journal knows as ours.
 */
static int restored_by_us(const struct run *r, struct restores *out, struct err *err)
{
	struct restores s = { .cluster = r->state->names.cluster };
	char *path = file_join(r->state->dir, "journal.jsonl");
	int rc;

	if (!path)
		return err_nomem(err);
	rc = journal_read(path, note_restore, &s, err);
	mem_free(path);
	*out = s;
	return rc;
}

/* What the look found is not asked for again in the next moment. */
#define FRESH_MS 5000

static void forget(struct run_state *s)
{
	redshift_cluster_clear(&s->cluster);
	s->cluster.id[0] = 0;
}

/* NULL: it has to be asked for. */
static const struct redshift_cluster *seen_just_now(const struct run *r, const char *id)
{
	const struct run_state *s = r->state;

	return strcmp(s->cluster.id, id) == 0 && clock_mono(r->clock) - s->cluster_seen_ms < FRESH_MS ? &s->cluster
												      : NULL;
}

static int cluster_find(struct run *r, enum presence *p, struct err *err)
{
	struct run_state *s = r->state;
	struct redshift_cluster c;
	struct restores restored = { .asked = false };
	bool there, ours;
	int rc = 0;

	s->cluster_untagged = false;
	forget(s);
	if (describe(r, s->names.cluster, &there, &c, err) < 0)
		return -1;
	ours = there && run_owns(r, &c.tags);
	if (there && !ours && !aws_tags_get(&c.tags, STACK_TAG))
		rc = restored_by_us(r, &restored, err);
	s->cluster_untagged = restored.asked;
	*p = !there ? PRESENCE_ABSENT : ours || restored.asked ? PRESENCE_OURS : PRESENCE_FOREIGN;
	s->cluster = c;
	s->cluster_seen_ms = clock_mono(r->clock);
	return rc;
}

static void tell_status(struct run *r, const char *group, const char *status, const struct wait *w)
{
	char elapsed[CLOCK_TEXT], detail[128];

	clock_duration(wait_elapsed_ms(w), elapsed);
	(void)snprintf(detail, sizeof(detail), "%s %s", status, elapsed);
	run_step_update(r, group, "cluster", detail);
}

/* Waits while the cluster is on its way out. */
static int wait_until_gone(struct run *r, const char *id, const char *group, struct wait *w, struct err *err)
{
	for (;;) {
		struct redshift_cluster c;
		char status[64];
		bool there;

		if (describe(r, id, &there, &c, err) < 0)
			return -1;
		if (!there)
			return 0;
		memcpy(status, c.status, sizeof(status));
		redshift_cluster_clear(&c);
		if (wait_judge_cluster(status) != CLUSTER_LEAVING)
			return err_set(err, ERR_CONFLICT, "cluster '%s' stopped being deleted and is '%s'", id, status);
		tell_status(r, group, status, w);
		if (wait_pause(w, "the deletion of the cluster", err) < 0)
			return -1;
	}
}

static int resume_cluster(struct run *r, const char *id, struct err *err)
{
	struct change c;

	if (change_begin(r, &c, "ResumeCluster", "cluster", id, err) < 0)
		return -1;
	return change_end(r, &c, c.planned ? 0 : redshift_resume_cluster(r->aws, id, err), err);
}

static int attach_role(struct run *r, struct err *err)
{
	const struct run_state *s = r->state;
	struct change c;

	if (change_begin(r, &c, "ModifyClusterIamRoles", "cluster", s->names.cluster, err) < 0)
		return -1;
	return change_end(
		r, &c, c.planned ? 0 : redshift_add_cluster_iam_role(r->aws, s->names.cluster, s->role_arn, err), err);
}

/* Our role among the cluster's, NULL when it is not attached. */
static const struct redshift_role *find_role(const struct run_state *s, const struct redshift_cluster *c)
{
	for (size_t i = 0; i < c->role_count; i++) {
		if (strcmp(c->roles[i].arn, s->role_arn) == 0)
			return &c->roles[i];
	}
	return NULL;
}

/* COPY is refused until the role has reached the cluster. */
static bool role_in_sync(const struct run_state *s, const struct redshift_cluster *c)
{
	const struct redshift_role *role = find_role(s, c);

	return !role || strcmp(role->state, "adding") != 0;
}

/* There is a cluster already: fine when it is the one that an earlier run began to restore. */
static int refuse_second(struct run *r, struct err *err)
{
	struct restores restored;

	if (restored_by_us(r, &restored, err) < 0)
		return -1;
	if (restored.asked && strcmp(restored.snapshot, r->restore_from) == 0)
		return 0;
	err_set(err, ERR_CONFLICT, "stack '%s' has a cluster already", run_stack(r));
	return err_hint(err, "take it down first (sparkctl down %s), or restore into another stack", run_operands(r));
}

static int cluster_ensure(struct run *r, enum presence p, bool *changed, struct err *err)
{
	struct run_state *s = r->state;
	enum cluster_verdict verdict;
	struct wait w;
	bool attached;

	*changed = true;
	if (p == PRESENCE_ABSENT)
		return cluster_create(r, err);
	if (r->restore_from && refuse_second(r, err) < 0)
		return -1;
	verdict = wait_judge_cluster(s->cluster.status);
	attached = find_role(s, &s->cluster) != NULL;
	if (verdict != CLUSTER_READY || !attached || s->cluster_untagged)
		forget(s);
	if (s->cluster_untagged)
		return cluster_tag(r, err);
	if (verdict == CLUSTER_PAUSED)
		return resume_cluster(r, s->names.cluster, err);
	/* the stack's role may have been named anew, or made anew under another name */
	if (verdict == CLUSTER_READY && !attached)
		return attach_role(r, err);
	if (verdict != CLUSTER_LEAVING) {
		*changed = false;
		return 0;
	}
	run_wait_begin(r, &w);
	if (!s->planning && wait_until_gone(r, s->names.cluster, "provision", &w, err) < 0)
		return -1;
	return cluster_create(r, err);
}

static int broken(const struct run *r, const char *status, struct err *err)
{
	err_set(err, ERR_AWS, "cluster '%s' is '%s' and does not become available by itself", r->state->names.cluster,
		status);
	return err_hint(err, "take it down and build it again: sparkctl down %s, then sparkctl up %s", run_operands(r),
			run_operands(r));
}

/* A cluster that was on its way to being paused has arrived there. *asked: the state that is seen may be older than
 * what was asked for, so a second request is refused and that is fine. */
static int wake_up(struct run *r, bool *asked, struct err *err)
{
	if (*asked)
		return 0;
	*asked = true;
	if (resume_cluster(r, r->state->names.cluster, err) == 0)
		return 0;
	if (!err_has_code(err, "InvalidClusterState"))
		return -1;
	err_clear(err);
	return 0;
}

/* How long a cluster may be unlisted after its creation was answered. */
#define UNLISTED_MS 60000

static bool is_ready(const struct run_state *s, const struct redshift_cluster *c)
{
	return wait_judge_cluster(c->status) == CLUSTER_READY && c->host[0] && c->port && role_in_sync(s, c);
}

static int cluster_wait(struct run *r, bool *waited, struct err *err)
{
	struct run_state *s = r->state;
	const struct redshift_cluster *seen = seen_just_now(r, s->names.cluster);
	bool asked = false;
	struct wait w;

	*waited = false;
	if (seen && is_ready(s, seen))
		return 0;
	run_wait_begin(r, &w);
	for (;;) {
		struct redshift_cluster c;
		enum cluster_verdict verdict;
		char status[64];
		bool there, ready;

		if (describe(r, s->names.cluster, &there, &c, err) < 0)
			return -1;
		if (!there && (!s->cluster_is_new || wait_elapsed_ms(&w) > UNLISTED_MS))
			return err_set(err, ERR_CONFLICT, "cluster '%s' was deleted by someone else", s->names.cluster);
		s->cluster_is_new = s->cluster_is_new && !there;
		verdict = there ? wait_judge_cluster(c.status) : CLUSTER_PENDING;
		ready = there && is_ready(s, &c);
		memcpy(status, there ? c.status : "creating", there ? sizeof(status) : sizeof("creating"));
		redshift_cluster_clear(&c);
		if (ready)
			return 0;
		if (verdict == CLUSTER_BROKEN)
			return broken(r, status, err);
		if (verdict == CLUSTER_LEAVING)
			return err_set(err, ERR_CONFLICT, "cluster '%s' is being deleted by someone else",
				       s->names.cluster);
		if (verdict == CLUSTER_PAUSED && wake_up(r, &asked, err) < 0)
			return -1;
		*waited = true;
		tell_status(r, "provision", status, &w);
		if (wait_pause(&w, "the cluster", err) < 0)
			return -1;
	}
}

/* What the user wants to keep of the stack's own cluster; what a sweep finds beside it leaves nothing. */
static const char *final_snapshot(const struct run *r, const char *id)
{
	return strcmp(id, r->state->names.cluster) == 0 ? r->final_snapshot : NULL;
}

/* Asks for the deletion. A cluster in the middle of something refuses: *asked stays false, try again later. */
static int ask_delete(struct run *r, const char *id, bool *asked, struct err *err)
{
	struct change c;

	*asked = false;
	if (change_begin(r, &c, "DeleteCluster", "cluster", id, err) < 0)
		return -1;
	if (change_end(r, &c, c.planned ? 0 : redshift_delete_cluster(r->aws, id, final_snapshot(r, id), err), err) ==
		    0 ||
	    err_has_code(err, "ClusterNotFound")) {
		*asked = true;
		err_clear(err);
		return 0;
	}
	if (!err_has_code(err, "InvalidClusterState"))
		return -1;
	err_clear(err);
	return 0;
}

/* The first time what the look before has found. */
static int look_at_status(struct run *r, const char *id, bool *there, char status[64], struct err *err)
{
	const struct redshift_cluster *seen = seen_just_now(r, id);
	struct redshift_cluster c;

	if (seen) {
		*there = true;
		memcpy(status, seen->status, sizeof(seen->status));
		forget(r->state);
		return 0;
	}
	if (describe(r, id, there, &c, err) < 0)
		return -1;
	memcpy(status, c.status, sizeof(c.status));
	redshift_cluster_clear(&c);
	return 0;
}

int cluster_remove(struct run *r, const char *id, struct err *err)
{
	char refused_in[64] = "";
	struct wait w;

	run_wait_begin(r, &w);
	for (;;) {
		enum cluster_verdict verdict;
		char status[64];
		bool there, asked;

		if (look_at_status(r, id, &there, status, err) < 0)
			return -1;
		if (!there)
			return 0;
		verdict = wait_judge_cluster(status);
		if (verdict == CLUSTER_LEAVING)
			return wait_until_gone(r, id, "destroy", &w, err);
		/* asked again only once the state has moved on, or at the pace of the pauses */
		if (strcmp(refused_in, status) != 0 || wait_elapsed_ms(&w) > 5000) {
			if (ask_delete(r, id, &asked, err) < 0)
				return -1;
			if (!asked)
				memcpy(refused_in, status, sizeof(refused_in));
			if (!asked && verdict == CLUSTER_PAUSED && resume_cluster(r, id, err) < 0)
				return err_wrap(err, "cluster '%s' is paused and cannot be deleted so", id);
		}
		tell_status(r, "destroy", status, &w);
		if (wait_pause(&w, "the deletion of the cluster", err) < 0)
			return -1;
	}
}

static int cluster_destroy(struct run *r, struct err *err)
{
	return cluster_remove(r, r->state->names.cluster, err);
}

static bool is_wanted(const struct run *r)
{
	return !serverless_is_wanted(r);
}

static int job_orderable(void *arg, struct err *err)
{
	return cluster_check_new(arg, err);
}

static int job_beside(void *arg, struct err *err)
{
	return serverless_refuse_beside(arg, err);
}

static int check_new(struct run *r, struct err *err)
{
	struct job jobs[] = { { .fn = job_orderable, .arg = r }, { .fn = job_beside, .arg = r } };

	return jobs_run(jobs, 2, FINISH_ALL, err);
}

const struct resource resource_cluster = {
	.name = "cluster",
	.wanted = is_wanted,
	.needs = 1u << RESOURCE_ROLE | 1u << RESOURCE_GROUP | 1u << RESOURCE_SUBNET_GROUP | 1u << RESOURCE_ROUTES,
	.label = cluster_label,
	.check = cluster_check,
	.check_new = check_new,
	.find = cluster_find,
	.ensure = cluster_ensure,
	.wait = cluster_wait,
	.destroy = cluster_destroy,
};
