#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/resource.h"
#include "pipeline/serverless_parts.h"

static const struct part_row {
	const char *word, *delete_action, *deletion;
	int (*delete)(struct aws_client *c, const char *name, struct err *err);
} parts[] = {
	[PART_NAMESPACE] = { "namespace", "DeleteNamespace", "the deletion of the namespace",
			     serverless_delete_namespace },
	[PART_WORKGROUP] = { "workgroup", "DeleteWorkgroup", "the deletion of the workgroup",
			     serverless_delete_workgroup },
};

bool serverless_is_wanted(const struct run *r)
{
	return config_is_yes(r->config, OPT_SERVERLESS);
}

const char *serverless_label(const struct run *r)
{
	return r->state->names.cluster;
}

/* ---- looking ---- */

struct look {
	bool there, ready; /* ready: can be used */
	char status[32], arn[256];
	struct serverless_workgroup group; /* of a workgroup only */
};

static int look_at_workgroup(struct run *r, const char *name, struct look *out, struct err *err)
{
	struct run_state *s = r->state;

	if (serverless_get_workgroup(r->aws, name, &out->group, err) < 0)
		return -1;
	memcpy(out->status, out->group.status, sizeof(out->status));
	memcpy(out->arn, out->group.arn, sizeof(out->arn));
	out->ready = strcmp(out->status, "AVAILABLE") == 0 && out->group.host[0] && out->group.port;
	if (strcmp(name, s->names.cluster) == 0) {
		/* for the bill, which is written when the workgroup is gone */
		s->created_ms = out->group.created_ms;
		s->rpu = out->group.base_capacity;
		s->rpu_max = out->group.max_capacity;
	}
	return 0;
}

static int look_at_namespace(struct run *r, const char *name, struct look *out, struct err *err)
{
	struct serverless_namespace n;

	if (serverless_get_namespace(r->aws, name, &n, err) < 0)
		return -1;
	memcpy(out->status, n.status, sizeof(out->status));
	memcpy(out->arn, n.arn, sizeof(out->arn));
	out->ready = strcmp(out->status, "AVAILABLE") == 0;
	serverless_namespace_clear(&n);
	return 0;
}

static bool is_not_found(const struct err *err)
{
	return err_has_code(err, "ResourceNotFoundException");
}

static int look_at(struct run *r, enum serverless_part part, const char *name, struct look *out, struct err *err)
{
	memset(out, 0, sizeof(*out));
	if ((part == PART_NAMESPACE ? look_at_namespace(r, name, out, err) : look_at_workgroup(r, name, out, err)) ==
	    0) {
		out->there = true;
		return 0;
	}
	if (!is_not_found(err))
		return -1;
	err_clear(err);
	return 0;
}

/* *there turns false when it went away between the two looks. */
static int look_whose(struct run *r, const char *arn, bool *there, bool *ours, struct err *err)
{
	struct aws_tags tags;

	*ours = false;
	if (serverless_list_tags(r->aws, arn, &tags, err) < 0) {
		if (!is_not_found(err))
			return -1;
		err_clear(err);
		*there = false;
		return 0;
	}
	*ours = run_owns(r, &tags);
	aws_tags_clear(&tags);
	return 0;
}

int serverless_find(struct run *r, enum serverless_part part, enum presence *p, struct err *err)
{
	struct look l;
	bool ours = false;

	if (look_at(r, part, r->state->names.cluster, &l, err) < 0 ||
	    (l.there && look_whose(r, l.arn, &l.there, &ours, err) < 0))
		return -1;
	*p = !l.there ? PRESENCE_ABSENT : ours ? PRESENCE_OURS : PRESENCE_FOREIGN;
	return 0;
}

int serverless_describe(struct run *r, struct serverless_workgroup *out, bool *there, bool *ours, struct err *err)
{
	struct look l;

	*ours = false;
	if (look_at(r, PART_WORKGROUP, r->state->names.cluster, &l, err) < 0 ||
	    (l.there && look_whose(r, l.arn, &l.there, ours, err) < 0))
		return -1;
	*there = l.there;
	*out = l.group;
	return 0;
}

/* A failure of the question is none of the answer: whatever is wrong is told where it matters. */
int serverless_refuse_beside(struct run *r, struct err *err)
{
	struct redshift_cluster c = { 0 };
	struct serverless_workgroup group;
	bool there = false, ours = false, serverless = serverless_is_wanted(r);
	struct err unsure;

	if (!serverless) {
		if (serverless_describe(r, &group, &there, &ours, &unsure) < 0)
			return 0;
	} else if (redshift_describe_cluster(r->aws, r->state->names.cluster, &c, &unsure) == 0) {
		ours = run_owns(r, &c.tags);
		redshift_cluster_clear(&c);
	}
	if (!ours)
		return 0;
	err_set(err, ERR_CONFLICT, "stack '%s' exists already, %s", run_stack(r),
		serverless ? "with a cluster" : "as a serverless workgroup");
	return err_hint(err, "take it down first (sparkctl down %s), or say %s", run_operands(r),
			serverless ? "--serverless no" : "--serverless yes");
}

/* ---- waiting ---- */

static void tell_status(struct run *r, const char *group, enum serverless_part part, const char *status,
			const struct wait *w)
{
	char elapsed[CLOCK_TEXT], detail[128], word[32];
	size_t i;

	for (i = 0; status[i] && i + 1 < sizeof(word); i++)
		word[i] = (char)tolower((unsigned char)status[i]);
	word[i] = 0;
	clock_duration(wait_elapsed_ms(w), elapsed);
	(void)snprintf(detail, sizeof(detail), "%s %s", word, elapsed);
	run_step_update(r, group, parts[part].word, detail);
}

/* How long something may be unknown after its creation was answered. */
#define UNLISTED_MS 60000

int serverless_wait(struct run *r, enum serverless_part part, bool *waited, struct err *err)
{
	const char *name = r->state->names.cluster;
	bool is_new = part == PART_NAMESPACE ? r->state->namespace_is_new : r->state->workgroup_is_new;
	struct wait w;

	*waited = false;
	run_wait_begin(r, &w);
	for (;;) {
		struct look l;

		if (look_at(r, part, name, &l, err) < 0)
			return -1;
		is_new = is_new && !l.there && wait_elapsed_ms(&w) <= UNLISTED_MS;
		if ((!l.there && !is_new) || strcmp(l.status, "DELETING") == 0)
			return err_set(err, ERR_CONFLICT, "%s '%s' was deleted by someone else", parts[part].word,
				       name);
		if (l.ready)
			return 0;
		*waited = true;
		tell_status(r, "provision", part, l.there ? l.status : "creating", &w);
		if (wait_pause(&w, part == PART_NAMESPACE ? "the namespace" : "the workgroup", err) < 0)
			return -1;
	}
}

/* ---- the end ---- */

/* Asks for the deletion. While something is under way the service refuses: *asked stays false, try again later. */
static int ask_delete(struct run *r, enum serverless_part part, const char *name, bool *asked, struct err *err)
{
	struct change c;

	*asked = false;
	if (change_begin(r, &c, parts[part].delete_action, parts[part].word, name, err) < 0)
		return -1;
	if (change_end(r, &c, c.planned ? 0 : parts[part].delete(r->aws, name, err), err) == 0 || is_not_found(err)) {
		*asked = true;
		err_clear(err);
		return 0;
	}
	if (!err_has_code(err, "ConflictException"))
		return -1;
	err_clear(err);
	return 0;
}

static int remove_part(struct run *r, enum serverless_part part, const char *name, const char *group, struct err *err)
{
	char refused_in[32] = "";
	struct wait w;

	run_wait_begin(r, &w);
	for (;;) {
		bool asked = true;
		struct look l;

		if (look_at(r, part, name, &l, err) < 0)
			return -1;
		if (!l.there)
			return 0;
		/* asked again only once the state has moved on, or at the pace of the pauses */
		if (strcmp(l.status, "DELETING") != 0 &&
		    (strcmp(refused_in, l.status) != 0 || wait_elapsed_ms(&w) > 5000) &&
		    ask_delete(r, part, name, &asked, err) < 0)
			return -1;
		if (!asked)
			memcpy(refused_in, l.status, sizeof(refused_in));
		tell_status(r, group, part, l.status, &w);
		if (wait_pause(&w, parts[part].deletion, err) < 0)
			return -1;
	}
}

int namespace_remove(struct run *r, const char *name, struct err *err)
{
	return remove_part(r, PART_NAMESPACE, name, "destroy", err);
}

int workgroup_remove(struct run *r, const char *name, struct err *err)
{
	return remove_part(r, PART_WORKGROUP, name, "destroy", err);
}

/* Before anything of it is gone. */
static int refuse_final_snapshot(const struct run *r, struct err *err)
{
	if (!r->final_snapshot)
		return 0;
	err_set(err, ERR_CONFIG, "a serverless stack leaves no snapshot '%s'", r->final_snapshot);
	return err_hint(err, "unload what should stay, then run it again without --final-snapshot");
}

int serverless_destroy(struct run *r, enum serverless_part part, struct err *err)
{
	return refuse_final_snapshot(r, err) < 0 ? -1 : remove_part(r, part, r->state->names.cluster, "destroy", err);
}

/* What is being deleted has to be gone before one of its name can be made. */
int serverless_clear_name(struct run *r, enum serverless_part part, enum presence *p, struct err *err)
{
	struct look l;

	if (*p == PRESENCE_ABSENT)
		return 0;
	if (look_at(r, part, r->state->names.cluster, &l, err) < 0)
		return -1;
	if (l.there && strcmp(l.status, "DELETING") != 0)
		return 0;
	*p = PRESENCE_ABSENT;
	return r->state->planning ? 0 : remove_part(r, part, r->state->names.cluster, "provision", err);
}
