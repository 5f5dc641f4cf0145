#include <stdio.h>
#include <string.h>

#include "pipeline/resource.h"
#include "spark/aws/redshift_lifecycle.h"
#include "spark/pipeline/lifecycle.h"

#define GROUP "snapshot"

int snapshot_check_id(const char *id, struct err *err)
{
	size_t len = strlen(id), last = len ? len - 1 : 0;
	bool letter = (id[0] >= 'a' && id[0] <= 'z') || (id[0] >= 'A' && id[0] <= 'Z');

	if (letter && len < SNAPSHOT_ID_MAX && !strstr(id, "--") && id[last] != '-' &&
	    strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == len)
		return 0;
	err_set(err, ERR_USAGE, "'%s' cannot be the name of a snapshot", id);
	return err_hint(err,
			"it has 1 to 255 letters, digits and hyphens, begins with a letter, and has no two hyphens in "
			"a row and none at its end");
}

static void make_up_id(const struct run *r, char id[SNAPSHOT_ID_MAX])
{
	char now[CLOCK_TEXT];

	clock_iso_s(clock_now(r->clock), now);
	now[strcspn(now, "Z")] = 0;
	for (char *c = now; *c; c++) {
		if (*c == ':' || *c == 'T')
			*c = '-';
	}
	(void)snprintf(id, SNAPSHOT_ID_MAX, "%s-%s", r->state->names.cluster, now);
}

static int wait_until_there(struct run *r, const char *id, struct err *err)
{
	struct wait w;

	run_wait_begin(r, &w);
	for (;;) {
		struct redshift_snapshot s;
		char status[32], elapsed[CLOCK_TEXT], detail[80];

		if (redshift_describe_snapshot(r->aws, id, &s, err) < 0)
			return -1;
		memcpy(status, s.status, sizeof(status));
		redshift_snapshot_clear(&s);
		if (strcmp(status, "available") == 0)
			return 0;
		if (strcmp(status, "failed") == 0 || strcmp(status, "deleted") == 0)
			return err_set(err, ERR_AWS, "snapshot '%s' is '%s'", id, status);
		clock_duration(wait_elapsed_ms(&w), elapsed);
		(void)snprintf(detail, sizeof(detail), "%s %s", status, elapsed);
		run_step_update(r, GROUP, id, detail);
		if (wait_pause(&w, "the snapshot", err) < 0)
			return -1;
	}
}

/* A second run with the same name finds the first one's: fine, when it is of this stack. */
static int adopt(struct run *r, const char *id, struct err *err)
{
	struct redshift_snapshot s;
	bool ours;

	if (redshift_describe_snapshot(r->aws, id, &s, err) < 0)
		return -1;
	ours = run_owns(r, &s.tags);
	redshift_snapshot_clear(&s);
	if (ours)
		return 0;
	err_set(err, ERR_CONFLICT, "the snapshot '%s' exists already and does not belong to stack '%s'", id,
		run_stack(r));
	return err_hint(err, "choose another name");
}

static int create(struct run *r, const char *id, struct err *err)
{
	struct aws_tag tag = run_tag(r);
	struct change c;

	if (change_begin(r, &c, "CreateClusterSnapshot", "snapshot", id, err) < 0)
		return -1;
	if (change_end(r, &c, redshift_create_snapshot(r->aws, id, r->state->names.cluster, &tag, 1, err), err) == 0)
		return 0;
	if (!err_has_code(err, "ClusterSnapshotAlreadyExists") && !may_have_happened(err))
		return -1;
	return adopt(r, id, err);
}

int run_snapshot(struct run *r, char id[SNAPSHOT_ID_MAX], struct err *err)
{
	int64_t begun = clock_mono(r->clock);
	enum presence p;
	int rc;

	if (id[0] && snapshot_check_id(id, err) < 0)
		return -1;
	if (resource_cluster.find(r, &p, err) < 0)
		return -1;
	if (p != PRESENCE_OURS) {
		err_set(err, ERR_CONFLICT, "stack '%s' has no cluster of its own", run_stack(r));
		return err_hint(err, "make it with: sparkctl up %s", run_operands(r));
	}
	if (!id[0])
		make_up_id(r, id);
	run_step_begin(r, GROUP, id);
	rc = create(r, id, err);
	if (rc == 0)
		rc = wait_until_there(r, id, err);
	run_step_end(r, GROUP, id, rc == 0 ? OUTCOME_DONE : OUTCOME_FAILED, rc == 0 ? "available" : err->text, begun,
		     -1);
	return rc;
}

struct listing {
	struct json *items;
	bool failed;
};

static int add_snapshot(void *arg, const struct redshift_snapshot *s)
{
	struct listing *l = arg;
	struct json *o = json_new_object();
	char created[CLOCK_TEXT] = "";

	if (s->created_ms)
		clock_iso_s(s->created_ms, created);
	if (!o || json_set_str(o, "id", s->id) < 0 || json_set_str(o, "cluster", s->cluster) < 0 ||
	    json_set_str(o, "status", s->status) < 0 || json_set_str(o, "created", created) < 0 ||
	    json_set_str(o, "node_type", s->node_type) < 0 || json_set_int(o, "nodes", s->nodes) < 0 ||
	    json_set_double(o, "size_mb", s->size_mb) < 0) {
		json_free(o);
		l->failed = true;
		return -1;
	}
	l->failed = json_append(l->items, o) < 0;
	return l->failed ? -1 : 0;
}

struct json *run_list_snapshots(struct run *r, struct err *err)
{
	struct listing l = { .items = json_new_array() };
	struct aws_tag tag = run_tag(r);

	if (!l.items) {
		err_nomem(err);
		return NULL;
	}
	if (redshift_list_snapshots(r->aws, &tag, add_snapshot, &l, err) == 0)
		return l.items;
	if (l.failed)
		err_nomem(err);
	json_free(l.items);
	return NULL;
}

int run_delete_snapshot(struct run *r, const char *id, struct err *err)
{
	struct change c;

	if (adopt(r, id, err) < 0) {
		if (err->kind == ERR_CONFLICT)
			(void)err_hint(err, "nothing was done to it");
		return -1;
	}
	if (change_begin(r, &c, "DeleteClusterSnapshot", "snapshot", id, err) < 0)
		return -1;
	if (change_end(r, &c, redshift_delete_snapshot(r->aws, id, err), err) == 0)
		return 0;
	if (!err_has_code(err, "ClusterSnapshotNotFound"))
		return -1;
	err_clear(err);
	return 0;
}

int final_snapshot_tag(struct run *r, struct err *err)
{
	const struct run_state *s = r->state;
	struct aws_tag tag = run_tag(r);
	struct redshift_snapshot found;
	struct change c;
	char arn[512];
	bool tagged;

	if (redshift_describe_snapshot(r->aws, r->final_snapshot, &found, err) < 0) {
		if (!err_has_code(err, "ClusterSnapshotNotFound"))
			return -1;
		err_clear(err); /* there was no cluster to keep anything of */
		return 0;
	}
	tagged = aws_tags_get(&found.tags, STACK_TAG) != NULL || strcmp(found.cluster, s->names.cluster) != 0;
	redshift_snapshot_clear(&found);
	if (tagged)
		return 0;
	(void)snprintf(arn, sizeof(arn), "arn:%s:redshift:%s:%s:snapshot:%s/%s", s->names.partition,
		       aws_client_region(r->aws), s->identity.account, s->names.cluster, r->final_snapshot);
	if (change_begin(r, &c, "CreateTags", "snapshot", r->final_snapshot, err) < 0)
		return -1;
	return change_end(r, &c, redshift_create_tags(r->aws, arn, &tag, 1, err), err);
}
