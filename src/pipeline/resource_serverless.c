#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/network.h"
#include "pipeline/password.h"
#include "pipeline/resource.h"
#include "pipeline/serverless.h"
#include "spark/base/mem.h"

/* The two parts of a serverless warehouse live the same way: looked at, waited for and deleted by the same functions.
 */
enum part { PART_NAMESPACE, PART_WORKGROUP };
static const struct part_row {
	const char *word, *create_action, *delete_action, *deletion;
	int (*delete)(struct aws_client *c, const char *name, struct err *err);
} parts[] = {
	[PART_NAMESPACE] = { "namespace", "CreateNamespace", "DeleteNamespace", "the deletion of the namespace",
			     serverless_delete_namespace },
	[PART_WORKGROUP] = { "workgroup", "CreateWorkgroup", "DeleteWorkgroup", "the deletion of the workgroup",
			     serverless_delete_workgroup },
};

bool serverless_is_wanted(const struct run *r)
{
	return config_is_yes(r->config, OPT_SERVERLESS);
}

static const char *label(const struct run *r)
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

static int look_at(struct run *r, enum part part, const char *name, struct look *out, struct err *err)
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

static int find(struct run *r, enum part part, enum presence *p, struct err *err)
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

static void tell_status(struct run *r, const char *group, enum part part, const char *status, const struct wait *w)
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

static int wait_until_ready(struct run *r, enum part part, bool *waited, struct err *err)
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

static int wait_for_namespace(struct run *r, bool *waited, struct err *err)
{
	return wait_until_ready(r, PART_NAMESPACE, waited, err);
}

static int wait_for_workgroup(struct run *r, bool *waited, struct err *err)
{
	return wait_until_ready(r, PART_WORKGROUP, waited, err);
}

/* ---- the end ---- */

/* Asks for the deletion. While something is under way the service refuses: *asked stays false, try again later. */
static int ask_delete(struct run *r, enum part part, const char *name, bool *asked, struct err *err)
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

static int remove_part(struct run *r, enum part part, const char *name, const char *group, struct err *err)
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

static int destroy_namespace(struct run *r, struct err *err)
{
	return refuse_final_snapshot(r, err) < 0 ? -1 : namespace_remove(r, r->state->names.cluster, err);
}

static int destroy_workgroup(struct run *r, struct err *err)
{
	return refuse_final_snapshot(r, err) < 0 ? -1 : workgroup_remove(r, r->state->names.cluster, err);
}

/* What is being deleted has to be gone before one of its name can be made. */
static int clear_name(struct run *r, enum part part, enum presence *p, struct err *err)
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

/* ---- the namespace ---- */

static int namespace_check(struct run *r, struct err *err)
{
	const char *name = r->state->names.cluster;

	if (r->restore_from) {
		err_set(err, ERR_CONFIG, "a cluster's snapshot '%s' cannot be restored into a serverless stack",
			r->restore_from);
		return err_hint(err, "leave out --serverless");
	}
	if (strlen(name) >= 3)
		return password_check(r, err);
	err_set(err, ERR_CONFIG, "'%s' (%s) is too short for a namespace", name,
		config_place(r->config, config_is_set(r->config, OPT_CLUSTER_ID) ? OPT_CLUSTER_ID : OPT_STACK));
	return err_hint(err, "give it 3 letters or more");
}

static int namespace_find(struct run *r, enum presence *p, struct err *err)
{
	return find(r, PART_NAMESPACE, p, err);
}

static int call_create_namespace(struct run *r, const void *in, struct err *err)
{
	return serverless_create_namespace(r->aws, in, err);
}

static int create_namespace(struct run *r, struct err *err)
{
	struct run_state *s = r->state;
	struct aws_tag tag = run_tag(r);
	struct secret password = { 0 };
	struct serverless_create_namespace in = {
		.name = s->names.cluster,
		.db_name = config_str(r->config, OPT_DB_NAME),
		.admin = config_str(r->config, OPT_DB_USER),
		.password = &password,
		.role_arn = s->role_arn,
		.tags = &tag,
		.tag_count = 1,
	};
	int rc = password_choose(r, &password, &in.manage_password, err);

	s->namespace_is_new = true; /* also when the reply is lost and the next look finds it */
	if (rc == 0)
		rc = change_patiently(r,
				      &(struct patient_call){
					      .action = parts[PART_NAMESPACE].create_action,
					      .resource = parts[PART_NAMESPACE].word,
					      .name = s->names.cluster,
					      .call = call_create_namespace,
					      .arg = &in,
					      .is_new = s->role_is_new,
					      .what = "the new role",
					      .limit_ms = 60000,
				      },
				      err);
	secret_clear(&password);
	return rc;
}

struct roles {
	const char **arns;
	size_t count;
};

static int call_set_roles(struct run *r, const void *arg, struct err *err)
{
	const struct roles *roles = arg;

	return serverless_set_roles(r->aws, r->state->names.cluster, roles->arns, roles->count, r->state->role_arn,
				    err);
}

/* The stack's role may have been named anew, or made anew. Roles that others attached stay. */
static int attach_role(struct run *r, bool *changed, struct err *err)
{
	const struct run_state *s = r->state;
	struct serverless_namespace n;
	struct roles roles = { 0 };
	bool attached = false;
	int rc = 0;

	if (serverless_get_namespace(r->aws, s->names.cluster, &n, err) < 0)
		return -1;
	roles.arns = mem_alloc_array(n.role_count + 1, sizeof(*roles.arns));
	if (!roles.arns) {
		serverless_namespace_clear(&n);
		return err_nomem(err);
	}
	for (size_t i = 0; i < n.role_count; i++) {
		roles.arns[roles.count++] = n.roles[i];
		attached = attached || strcmp(n.roles[i], s->role_arn) == 0;
	}
	roles.arns[roles.count++] = s->role_arn;
	*changed = !attached;
	if (!attached)
		rc = change_patiently(r,
				      &(struct patient_call){
					      .action = "UpdateNamespace",
					      .resource = parts[PART_NAMESPACE].word,
					      .name = s->names.cluster,
					      .call = call_set_roles,
					      .arg = &roles,
					      .is_new = s->role_is_new,
					      .what = "the new role",
					      .limit_ms = 60000,
				      },
				      err);
	mem_free(roles.arns);
	serverless_namespace_clear(&n);
	return rc;
}

static int namespace_ensure(struct run *r, enum presence p, bool *changed, struct err *err)
{
	*changed = true;
	if (clear_name(r, PART_NAMESPACE, &p, err) < 0)
		return -1;
	return p == PRESENCE_ABSENT ? create_namespace(r, err) : attach_role(r, changed, err);
}

const struct resource resource_namespace = {
	.name = "namespace",
	.needs = 1u << RESOURCE_ROLE,
	.wanted = serverless_is_wanted,
	.label = label,
	.check = namespace_check,
	.check_new = serverless_refuse_beside,
	.find = namespace_find,
	.ensure = namespace_ensure,
	.wait = wait_for_namespace,
	.destroy = destroy_namespace,
};

/* ---- the workgroup ---- */

static int refuse_setting(const struct run *r, enum option_id id, const char *rule, struct err *err)
{
	err_set(err, ERR_CONFIG, "a serverless workgroup cannot have %s %lld (%s)", option_rows[id].key,
		(long long)config_int(r->config, id), config_place(r->config, id));
	return err_hint(err, "%s", rule);
}

static int workgroup_check(struct run *r, struct err *err)
{
	int64_t port = config_int(r->config, OPT_DB_PORT), rpu = config_int(r->config, OPT_BASE_CAPACITY);

	if (!(port >= 5431 && port <= 5455) && !(port >= 8191 && port <= 8215))
		return refuse_setting(r, OPT_DB_PORT, "choose one of 5431 to 5455 or 8191 to 8215", err);
	if (rpu != 4 && rpu % 8 != 0)
		return refuse_setting(r, OPT_BASE_CAPACITY, "write 4, or a multiple of 8", err);
	return 0;
}

static int workgroup_find(struct run *r, enum presence *p, struct err *err)
{
	return find(r, PART_WORKGROUP, p, err);
}

static int call_create_workgroup(struct run *r, const void *in, struct err *err)
{
	return serverless_create_workgroup(r->aws, in, err);
}

/* Does not grow beyond its base capacity, so that the price that was told is the most that an hour can cost. */
static int create_workgroup(struct run *r, struct err *err)
{
	int rc;
	struct run_state *s = r->state;
	struct aws_tag tag = run_tag(r);
	struct network_subnets subnets;
	struct serverless_create_workgroup in = {
		.name = s->names.cluster,
		.namespace_name = s->names.cluster,
		.base_capacity = (int)config_int(r->config, OPT_BASE_CAPACITY),
		.max_capacity = (int)config_int(r->config, OPT_BASE_CAPACITY),
		.port = (int)config_int(r->config, OPT_DB_PORT),
		.group_id = s->group_id,
		/* reached from this machine through the security group's one rule */
		.publicly_accessible = true,
		.tags = &tag,
		.tag_count = 1,
	};

	if (network_mode(r) != NETWORK_DEFAULT) {
		if (network_gather_subnets(r, &subnets, err) < 0)
			return -1;
		in.subnet_ids = subnets.pointers;
		in.subnet_count = subnets.count;
	}
	rc = change_patiently(r,
			      &(struct patient_call){
				      .action = parts[PART_WORKGROUP].create_action,
				      .resource = parts[PART_WORKGROUP].word,
				      .name = s->names.cluster,
				      .call = call_create_workgroup,
				      .arg = &in,
				      .is_new = s->namespace_is_new || s->group_is_new || s->network_is_new,
				      .what = "the new namespace",
				      .limit_ms = 60000,
			      },
			      err);
	s->workgroup_is_new = rc == 0;
	return rc;
}

/* The service takes one change with each call, and the base may never lie above the maximum. */
struct capacity {
	const char *member;
	int rpu;
};

static int call_set_capacity(struct run *r, const void *arg, struct err *err)
{
	const struct capacity *c = arg;

	return serverless_set_capacity(r->aws, r->state->names.cluster, c->member, c->rpu, err);
}

static int set_capacity(struct run *r, const char *member, int rpu, struct err *err)
{
	struct capacity capacity = { member, rpu };
	bool waited;
	struct change c;

	if (!r->state->planning && wait_for_workgroup(r, &waited, err) < 0)
		return -1;
	if (change_begin(r, &c, "UpdateWorkgroup", parts[PART_WORKGROUP].word, r->state->names.cluster, err) < 0)
		return -1;
	return change_end(r, &c, c.planned ? 0 : call_set_capacity(r, &capacity, err), err);
}

/* Only a capacity that was asked for in so many words changes a workgroup that is there. */
static int change_capacity(struct run *r, bool *changed, struct err *err)
{
	int wanted = (int)config_int(r->config, OPT_BASE_CAPACITY), base = r->state->rpu, max = r->state->rpu_max;

	*changed = false;
	if (!config_is_set(r->config, OPT_BASE_CAPACITY) || (base == wanted && max == wanted))
		return 0;
	*changed = true;
	if (max > 0 && max < wanted && set_capacity(r, "maxCapacity", wanted, err) < 0)
		return -1;
	if (base != wanted && set_capacity(r, "baseCapacity", wanted, err) < 0)
		return -1;
	return max == 0 || max > wanted ? set_capacity(r, "maxCapacity", wanted, err) : 0;
}

static int workgroup_ensure(struct run *r, enum presence p, bool *changed, struct err *err)
{
	*changed = true;
	if (clear_name(r, PART_WORKGROUP, &p, err) < 0)
		return -1;
	return p == PRESENCE_ABSENT ? create_workgroup(r, err) : change_capacity(r, changed, err);
}

const struct resource resource_workgroup = {
	.name = "workgroup",
	.needs = 1u << RESOURCE_NAMESPACE | 1u << RESOURCE_GROUP | 1u << RESOURCE_SUBNETS | 1u << RESOURCE_ROUTES,
	.wanted = serverless_is_wanted,
	.label = label,
	.check = workgroup_check,
	.find = workgroup_find,
	.ensure = workgroup_ensure,
	.wait = wait_for_workgroup,
	.destroy = destroy_workgroup,
};
