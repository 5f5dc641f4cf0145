#include <string.h>

#include "pipeline/password.h"
#include "pipeline/serverless_parts.h"
#include "spark/base/mem.h"

/* What holds the data of a serverless warehouse. */

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

static int wait_for_namespace(struct run *r, bool *waited, struct err *err)
{
	return serverless_wait(r, PART_NAMESPACE, waited, err);
}

static int destroy_namespace(struct run *r, struct err *err)
{
	return serverless_destroy(r, PART_NAMESPACE, err);
}

static int namespace_find(struct run *r, enum presence *p, struct err *err)
{
	return serverless_find(r, PART_NAMESPACE, p, err);
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
					      .action = "CreateNamespace",
					      .resource = "namespace",
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
					      .resource = "namespace",
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
	if (serverless_clear_name(r, PART_NAMESPACE, &p, err) < 0)
		return -1;
	return p == PRESENCE_ABSENT ? create_namespace(r, err) : attach_role(r, changed, err);
}

const struct resource resource_namespace = {
	.name = "namespace",
	.needs = 1u << RESOURCE_ROLE,
	.wanted = serverless_is_wanted,
	.label = serverless_label,
	.check = namespace_check,
	.check_new = serverless_refuse_beside,
	.find = namespace_find,
	.ensure = namespace_ensure,
	.wait = wait_for_namespace,
	.destroy = destroy_namespace,
};
