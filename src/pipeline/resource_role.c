#include <stdio.h>
#include <string.h>

#include "pipeline/resource.h"
#include "pipeline/role_policy.h"
#include "pipeline/serverless.h"
#include "spark/base/mem.h"

/* Names gathered from a listing, so that none is deleted while the listing goes on. */
struct name_list {
	char (*items)[256];
	size_t count, cap;
	bool failed;
};

static int add_name(void *arg, const char *name)
{
	struct name_list *list = arg;

	if (mem_grow(&list->items, &list->cap, list->count, sizeof(*list->items)) < 0) {
		list->failed = true;
		return -1;
	}
	(void)snprintf(list->items[list->count++], sizeof(*list->items), "%s", name);
	return 0;
}

static const char *role_label(const struct run *r)
{
	return r->state->names.role_given ? config_str(r->config, OPT_ROLE_ARN) : r->state->names.role;
}

static int look_by_name(struct run *r, const char *name, const struct role_sought *sought, enum presence *p,
			bool *elsewhere, struct err *err)
{
	struct iam_role role = { 0 };

	*p = PRESENCE_ABSENT;
	*elsewhere = false;
	if (iam_get_role(r->aws, name, &role, err) < 0) {
		if (!err_has_code(err, "NoSuchEntity"))
			return -1;
		err_clear(err);
		return 0;
	}
	memcpy(sought->arn, role.arn, sizeof(role.arn));
	role_trust_judge(role.trust_policy, sought->takers, sought->trust);
	*p = run_owns(r, &role.tags) ? PRESENCE_OURS : PRESENCE_FOREIGN;
	*elsewhere = run_is_elsewhere(r, &role.tags);
	iam_role_clear(&role);
	return 0;
}

int role_look(struct run *r, const struct role_sought *sought, enum presence *p, struct err *err)
{
	const char *region = aws_client_region(r->aws);
	char regional[65];
	bool taken, elsewhere;

	(void)snprintf(sought->name, 65, "%s", sought->plain);
	if (look_by_name(r, sought->name, sought, p, &taken, err) < 0)
		return -1;
	if (*p != PRESENCE_ABSENT && !taken)
		return 0;
	if (snprintf(regional, sizeof(regional), "%s-%s", sought->plain, region) >= (int)sizeof(regional))
		return 0; /* no name of a role; the plain one's presence stands */
	if (look_by_name(r, regional, sought, p, &elsewhere, err) < 0)
		return -1;
	/* one of the long name is ours also when the other region's is gone since */
	if (taken || *p != PRESENCE_ABSENT)
		memcpy(sought->name, regional, sizeof(regional));
	return 0;
}

const struct role_takers *role_takers_wanted(const struct run *r)
{
	return serverless_is_wanted(r) ? &takers_of_serverless : &takers_of_cluster;
}

static int role_find(struct run *r, enum presence *p, struct err *err)
{
	struct run_state *s = r->state;

	if (s->names.role_given) {
		(void)snprintf(s->role_arn, sizeof(s->role_arn), "%s", config_str(r->config, OPT_ROLE_ARN));
		*p = PRESENCE_GIVEN;
		return 0;
	}
	return role_look(r,
			 &(struct role_sought){ s->names.plain_role, role_takers_wanted(r), s->names.role, s->role_arn,
						&s->role_trust },
			 p, err);
}

static int create_role(struct run *r, const struct role_order *o, const char *trust_policy, char arn[256],
		       struct err *err)
{
	struct aws_tag tags[] = { run_tag(r), { .key = REGION_TAG } };
	struct iam_role role = { 0 };
	struct change c;
	int rc;

	if (change_begin(r, &c, "CreateRole", o->resource, o->name, err) < 0)
		return -1;
	(void)snprintf(tags[1].value, sizeof(tags[1].value), "%s", aws_client_region(r->aws));
	*o->is_new = true; /* also when the reply is lost and the next look finds it */
	rc = c.planned ? 0 : iam_create_role(r->aws, o->name, trust_policy, o->description, tags, 2, &role, err);
	if (change_end(r, &c, rc, err) < 0)
		return -1;
	memcpy(arn, role.arn, sizeof(role.arn));
	iam_role_clear(&role);
	return 0;
}

int role_make(struct run *r, const struct role_order *o, char arn[256], struct err *err)
{
	struct buf trust;
	int rc;

	buf_init(&trust, 4096);
	role_trust_write(o->takers, &trust);
	rc = buf_check(&trust, "the role's trust policy", err);
	if (rc == 0)
		rc = create_role(r, o, trust.data, arn, err);
	buf_clear(&trust);
	return rc;
}

int role_mend_trust(struct run *r, const struct role_order *o, const struct role_trust *seen, bool *changed,
		    struct err *err)
{
	struct change c;
	struct buf trust;
	int rc;

	if (!role_trust_lacks(seen, o->takers))
		return 0;
	buf_init(&trust, 4096);
	role_trust_write(o->takers, &trust);
	rc = buf_check(&trust, "the role's trust policy", err);
	if (rc == 0)
		rc = change_begin(r, &c, "UpdateAssumeRolePolicy", o->resource, o->name, err);
	if (rc == 0) {
		*changed = true;
		*o->is_new = true; /* services come to know of it as late as of a new role */
		rc = change_end(r, &c, c.planned ? 0 : iam_update_trust_policy(r->aws, o->name, trust.data, err), err);
	}
	buf_clear(&trust);
	return rc;
}

/* One mutating call on the role, patient while the role is new. */
struct role_call {
	const char *action;
	int (*call)(struct aws_client *c, const char *role, const char *part, const char *text, struct err *err);
	const char *part, *text;
};

static int call_on_role(struct run *r, const void *arg, struct err *err)
{
	const struct role_call *call = arg;

	return call->call(r->aws, r->state->names.role, call->part, call->text, err);
}

static int change_role(struct run *r, const struct role_call *call, struct err *err)
{
	return change_patiently(r,
				&(struct patient_call){
					.action = call->action,
					.resource = "role",
					.name = r->state->names.role,
					.call = call_on_role,
					.arg = call,
					.is_new = r->state->role_is_new,
					.what = "the new role",
					.limit_ms = 30000,
				},
				err);
}

static int attach(struct aws_client *c, const char *role, const char *arn, const char *unused, struct err *err)
{
	(void)unused;
	return iam_attach_role_policy(c, role, arn, err);
}

static int detach(struct aws_client *c, const char *role, const char *arn, const char *unused, struct err *err)
{
	(void)unused;
	return iam_detach_role_policy(c, role, arn, err);
}

static int delete_inline(struct aws_client *c, const char *role, const char *name, const char *unused, struct err *err)
{
	(void)unused;
	return iam_delete_role_policy(c, role, name, err);
}

static int list_attached(struct run *r, const char *role, struct name_list *list, struct err *err)
{
	if (iam_list_attached_role_policies(r->aws, role, add_name, list, err) == 0 && !list->failed)
		return 0;
	return list->failed ? err_nomem(err) : -1;
}

static bool has_name(const struct name_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->items[i], name) == 0)
			return true;
	}
	return false;
}

static bool reads_any(const struct run *r)
{
	return strcmp(config_str(r->config, OPT_S3_ACCESS), "any") == 0;
}

/* AWS's own policy: attached with `any`, taken off without. */
static int settle_managed(struct run *r, bool is_new, bool *changed, struct err *err)
{
	const struct names *n = &r->state->names;
	struct name_list attached = { 0 };
	bool there;

	if (!is_new && list_attached(r, n->role, &attached, err) < 0) {
		mem_free(attached.items);
		return -1;
	}
	there = has_name(&attached, n->policy_arn);
	mem_free(attached.items);
	if (there == reads_any(r))
		return 0;
	*changed = true;
	return change_role(r,
			   there ? &(struct role_call){ "DetachRolePolicy", detach, n->policy_arn, NULL }
				 : &(struct role_call){ "AttachRolePolicy", attach, n->policy_arn, NULL },
			   err);
}

/* What the role has under our policy's name; empty when nothing. */
static int read_inline(struct run *r, struct buf *out, struct err *err)
{
	if (iam_get_role_policy(r->aws, r->state->names.role, ROLE_POLICY_NAME, out, err) == 0)
		return 0;
	if (!err_has_code(err, "NoSuchEntity"))
		return -1;
	err_clear(err);
	return 0;
}

/* Our own policy, for the prefixes that are configured now. */
static int settle_inline(struct run *r, bool is_new, bool *changed, struct err *err)
{
	struct buf wanted, there;
	int rc = -1;

	buf_init(&wanted, 128 * 1024);
	buf_init(&there, 256 * 1024);
	if ((!reads_any(r) && role_policy_write(r->config, r->state->names.partition, &wanted, err) < 0) ||
	    (!is_new && read_inline(r, &there, err) < 0))
		goto out;
	rc = 0;
	if (wanted.len == there.len && (wanted.len == 0 || memcmp(wanted.data, there.data, wanted.len) == 0))
		goto out;
	*changed = true;
	rc = change_role(
		r,
		wanted.len ? &(struct role_call){ "PutRolePolicy", iam_put_role_policy, ROLE_POLICY_NAME, wanted.data }
			   : &(struct role_call){ "DeleteRolePolicy", delete_inline, ROLE_POLICY_NAME, NULL },
		err);
out:
	buf_clear(&wanted);
	buf_clear(&there);
	return rc;
}

static int role_check(struct run *r, struct err *err)
{
	struct buf unused;
	int rc;

	if (r->state->names.role_given || reads_any(r))
		return 0;
	buf_init(&unused, 128 * 1024);
	rc = role_policy_write(r->config, r->state->names.partition, &unused, err);
	buf_clear(&unused);
	return rc;
}

/* What is granted is added before what is not wanted any more is taken away. */
static int role_ensure(struct run *r, enum presence p, bool *changed, struct err *err)
{
	struct run_state *s = r->state;
	struct role_order order = { "role", s->names.role, "lets Redshift read S3 for COPY", role_takers_wanted(r),
				    &s->role_is_new };
	bool is_new = p == PRESENCE_ABSENT;

	if (p == PRESENCE_GIVEN)
		return 0;
	*changed = is_new;
	if (is_new ? role_make(r, &order, s->role_arn, err) < 0
		   : role_mend_trust(r, &order, &s->role_trust, changed, err) < 0)
		return -1;
	if (reads_any(r))
		return settle_managed(r, is_new, changed, err) < 0 ? -1 : settle_inline(r, is_new, changed, err);
	return settle_inline(r, is_new, changed, err) < 0 ? -1 : settle_managed(r, is_new, changed, err);
}

/* One mutating call of a removal; what is gone already is fine. */
static int remove_part(struct run *r, const char *action, const char *role, const char *part,
		       int (*call)(struct aws_client *c, const char *role, const char *part, struct err *err),
		       struct err *err)
{
	struct change c;
	int rc;

	if (change_begin(r, &c, action, "role", role, err) < 0)
		return -1;
	rc = change_end(r, &c, c.planned ? 0 : call(r->aws, role, part, err), err);
	if (rc < 0 && err_has_code(err, "NoSuchEntity")) {
		err_clear(err);
		return 0;
	}
	return rc;
}

/* A role can be deleted once nothing hangs on it. */
static int remove_policies(struct run *r, const char *role, struct err *err)
{
	struct name_list attached = { 0 }, inlined = { 0 };
	int rc = -1;

	if (list_attached(r, role, &attached, err) < 0)
		goto out;
	if (iam_list_role_policies(r->aws, role, add_name, &inlined, err) != 0 || inlined.failed) {
		if (inlined.failed)
			err_nomem(err);
		goto out;
	}
	for (size_t i = 0; i < attached.count; i++) {
		if (remove_part(r, "DetachRolePolicy", role, attached.items[i], iam_detach_role_policy, err) < 0)
			goto out;
	}
	for (size_t i = 0; i < inlined.count; i++) {
		if (remove_part(r, "DeleteRolePolicy", role, inlined.items[i], iam_delete_role_policy, err) < 0)
			goto out;
	}
	rc = 0;
out:
	mem_free(attached.items);
	mem_free(inlined.items);
	return rc;
}

static int delete_role(struct aws_client *c, const char *role, const char *unused, struct err *err)
{
	(void)unused;
	return iam_delete_role(c, role, err);
}

int role_remove(struct run *r, const char *role, struct err *err)
{
	struct wait w;

	wait_begin(&w, r->clock, r->stop, 30000);
	for (;;) {
		if (remove_policies(r, role, err) == 0 &&
		    remove_part(r, "DeleteRole", role, NULL, delete_role, err) == 0)
			return 0;
		if (err_has_code(err, "NoSuchEntity")) {
			err_clear(err);
			return 0;
		}
		/* a policy that was detached a moment ago may still count */
		if (!err_has_code(err, "DeleteConflict") || wait_elapsed_ms(&w) >= w.limit_ms)
			return -1;
		if (wait_pause(&w, "the removal of the role", err) < 0)
			return -1;
	}
}

static int role_destroy(struct run *r, struct err *err)
{
	return role_remove(r, r->state->names.role, err);
}

const struct resource resource_role = {
	.name = "role",
	.label = role_label,
	.check = role_check,
	.find = role_find,
	.ensure = role_ensure,
	.destroy = role_destroy,
};
