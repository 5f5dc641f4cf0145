#include "spark/pipeline/lifecycle.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/resource.h"
#include "spark/aws/redshift_lifecycle.h"

#define GROUP "cluster"

/* The stack's cluster; ERR_CONFLICT when there is none that is ours. */
static int find_cluster(struct run *r, struct redshift_cluster *out, struct err *err)
{
	const char *id = r->state->names.cluster;

	memset(out, 0, sizeof(*out));
	if (redshift_describe_cluster(r->aws, id, out, err) < 0) {
		if (!err_has_code(err, "ClusterNotFound"))
			return -1;
		err_set(err, ERR_CONFLICT, "stack '%s' has no cluster", run_stack(r));
		return err_hint(err, "make it with: sparkctl up %s", run_operands(r));
	}
	if (run_owns(r, &out->tags))
		return 0;
	redshift_cluster_clear(out);
	err_set(err, ERR_CONFLICT, "the cluster '%s' does not belong to stack '%s'", id, run_stack(r));
	return err_hint(err, "nothing was done to it");
}

/* The same, of which only the status is of interest, and the number of nodes (may be NULL). */
static int find_status(struct run *r, char status[64], int *nodes, struct err *err)
{
	struct redshift_cluster c;

	if (find_cluster(r, &c, err) < 0)
		return -1;
	memcpy(status, c.status, sizeof(c.status));
	if (nodes)
		*nodes = c.nodes;
	redshift_cluster_clear(&c);
	return 0;
}

/* Until the cluster is in the wanted state, with so many nodes (0: any): right after a request the state of before may
 * still be told. */
static int wait_for(struct run *r, enum cluster_verdict wanted, int nodes, const char *what, struct err *err)
{
	struct wait w;

	run_wait_begin(r, &w);
	for (;;) {
		char status[64], elapsed[CLOCK_TEXT], detail[128];
		enum cluster_verdict now;
		int has;

		if (find_status(r, status, &has, err) < 0)
			return -1;
		now = wait_judge_cluster(status);
		if (now == wanted && (!nodes || nodes == has))
			return 0;
		if (now == CLUSTER_BROKEN || now == CLUSTER_LEAVING)
			return err_set(err, ERR_CONFLICT, "cluster '%s' is '%s'", r->state->names.cluster, status);
		clock_duration(wait_elapsed_ms(&w), elapsed);
		(void)snprintf(detail, sizeof(detail), "%s %s", status, elapsed);
		run_step_update(r, GROUP, what, detail);
		if (wait_pause(&w, what, err) < 0)
			return -1;
	}
}

static int refuse_state(const struct run *r, const char *status, const char *what, struct err *err)
{
	err_set(err, ERR_CONFLICT, "cluster '%s' is '%s' and cannot be %s now", r->state->names.cluster, status, what);
	return err_hint(err, "wait until it is available: sparkctl status %s", run_operands(r));
}

/* One request about the cluster, then the wait for what it leads to. */
struct action {
	const char *name, *what, *participle; /* "PauseCluster", "pause", "paused" */
	int (*call)(struct run *r, const void *arg, struct err *err);
	const void *arg;
	enum cluster_verdict leads_to;
	int nodes; /* that it leads to; 0: as before */
};

static int carry_out(struct run *r, const struct action *a, struct err *err)
{
	int64_t begun = clock_mono(r->clock);
	struct change c;
	int rc;

	run_step_begin(r, GROUP, a->what);
	rc = change_begin(r, &c, a->name, "cluster", r->state->names.cluster, err);
	if (rc == 0)
		rc = change_end(r, &c, a->call(r, a->arg, err), err);
	if (rc == 0)
		rc = wait_for(r, a->leads_to, a->nodes, a->what, err);
	run_step_end(r, GROUP, a->what, rc == 0 ? OUTCOME_DONE : OUTCOME_FAILED, rc == 0 ? a->participle : err->text,
		     begun, -1);
	return rc;
}

static int call_pause(struct run *r, const void *unused, struct err *err)
{
	(void)unused;
	return redshift_pause_cluster(r->aws, r->state->names.cluster, err);
}

static int call_resume(struct run *r, const void *unused, struct err *err)
{
	(void)unused;
	return redshift_resume_cluster(r->aws, r->state->names.cluster, err);
}

int run_pause(struct run *r, int *changes, struct err *err)
{
	static const struct action pause = { "PauseCluster", "pause", "paused", call_pause, NULL, CLUSTER_PAUSED, 0 };
	char status[64];
	int rc;

	r->state->changes = *changes = 0;
	if (find_status(r, status, NULL, err) < 0)
		return -1;
	if (strcmp(status, "pausing") == 0) {
		rc = wait_for(r, CLUSTER_PAUSED, 0, "pause", err);
	} else if (wait_judge_cluster(status) == CLUSTER_PAUSED) {
		rc = 0;
	} else if (wait_judge_cluster(status) != CLUSTER_READY) {
		rc = refuse_state(r, status, "paused", err);
	} else {
		rc = carry_out(r, &pause, err);
	}
	*changes = r->state->changes;
	return rc;
}

/* The end of a stack's time that has passed is set anew, or the cluster would stay on for good. */
static int renew_pause(struct run *r, struct err *err)
{
	enum presence p;
	bool changed = false;

	for (size_t i = 0; i < RESOURCE_COUNT; i++) {
		const struct resource *res = resource_rows[i];

		if ((res != &resource_pause_role && res != &resource_pause) || !resource_is_wanted(r, res))
			continue;
		if (res->find(r, &p, err) < 0)
			return -1;
		if (p != PRESENCE_FOREIGN && res->ensure(r, p, &changed, err) < 0)
			return -1;
	}
	return 0;
}

int run_resume(struct run *r, int *changes, struct err *err)
{
	static const struct action resume = {
		"ResumeCluster", "resume", "resumed", call_resume, NULL, CLUSTER_READY, 0
	};
	char status[64];
	int rc = 0;

	r->state->changes = *changes = 0;
	if (find_status(r, status, NULL, err) < 0)
		return -1;
	if (strcmp(status, "pausing") == 0)
		rc = wait_for(r, CLUSTER_PAUSED, 0, "resume", err);
	if (rc == 0 && (wait_judge_cluster(status) == CLUSTER_PAUSED || strcmp(status, "pausing") == 0))
		rc = carry_out(r, &resume, err);
	else if (rc == 0 && wait_judge_cluster(status) != CLUSTER_READY)
		rc = wait_for(r, CLUSTER_READY, 0, "resume", err);
	if (rc == 0)
		rc = renew_pause(r, err);
	*changes = r->state->changes;
	return rc;
}

struct resize {
	const char *node_type;
	int nodes;
	bool classic;
};

static int call_resize(struct run *r, const void *arg, struct err *err)
{
	const struct resize *z = arg;

	return redshift_resize_cluster(r->aws, r->state->names.cluster, z->node_type, z->nodes, z->classic, err);
}

int run_resize(struct run *r, bool classic, int *changes, struct err *err)
{
	struct resize z = { .node_type = config_str(r->config, OPT_NODE_TYPE),
			    .nodes = (int)config_int(r->config, OPT_NUM_NODES),
			    .classic = classic };
	struct action resize = { "ResizeCluster", "resize", "resized", call_resize, &z, CLUSTER_READY, 0 };
	struct redshift_cluster c;
	char status[64];
	bool same;
	int rc;

	r->state->changes = *changes = 0;
	if (find_cluster(r, &c, err) < 0)
		return -1;
	/* what is not said stays */
	if (!config_is_set(r->config, OPT_NODE_TYPE))
		z.node_type = NULL;
	if (!config_is_set(r->config, OPT_NUM_NODES))
		z.nodes = c.nodes;
	resize.nodes = z.nodes;
	same = c.nodes == z.nodes && (!z.node_type || strcmp(c.node_type, z.node_type) == 0);
	memcpy(status, c.status, sizeof(status));
	redshift_cluster_clear(&c);
	if (same)
		return wait_judge_cluster(status) == CLUSTER_PENDING ? wait_for(r, CLUSTER_READY, 0, "resize", err) : 0;
	if (wait_judge_cluster(status) != CLUSTER_READY)
		return refuse_state(r, status, "resized", err);
	rc = carry_out(r, &resize, err);
	if (rc < 0 && !classic && err_has_code(err, "UnsupportedOperation"))
		(void)err_hint(err, "add --classic: it copies everything into new nodes and takes longer");
	*changes = r->state->changes;
	return rc;
}
