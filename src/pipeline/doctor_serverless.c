#include <string.h>

#include "pipeline/doctor_checks.h"
#include "pipeline/serverless_parts.h"

/* What stands in the cluster's place in a serverless stack. */

/* The roles are the namespace's. */
static void learn_roles(struct doctor *d, struct doctor_facts *facts)
{
	struct serverless_namespace n;
	enum presence p;
	struct err unknown;

	if (resource_role.find(d->run, &p, &unknown) < 0 ||
	    serverless_get_namespace(d->run->aws, d->run->state->names.cluster, &n, &unknown) < 0)
		return;
	for (size_t i = 0; i < n.role_count; i++)
		facts->role_attached = facts->role_attached || strcmp(n.roles[i], d->run->state->role_arn) == 0;
	serverless_namespace_clear(&n);
}

static int tell_foreign(const struct doctor *d, const char *part, struct doctor_finding *f)
{
	finding_fail(f, ERR_CONFLICT, "the %s '%s' does not belong to stack '%s'", part, d->run->state->names.cluster,
		     run_stack(d->run));
	return finding_mend(f, "choose another name with --stack; nothing is done to it");
}

/* A namespace can be there alone: of a run that was cut off, or when somebody has deleted the workgroup. */
static int look_at_namespace(struct doctor *d, struct doctor_finding *f, struct err *err)
{
	const char *name = d->run->state->names.cluster;
	enum presence p;

	if (serverless_find(d->run, PART_NAMESPACE, &p, err) < 0)
		return -1;
	if (p == PRESENCE_ABSENT)
		return finding_ok(f, "the workgroup '%s' is not there yet: 'sparkctl up %s' makes it", name,
				  d->operands);
	if (p == PRESENCE_FOREIGN)
		return tell_foreign(d, "namespace", f);
	finding_warn(f, "the namespace '%s' has no workgroup, so nothing serves its data", name);
	return finding_mend(f, "sparkctl up %s", d->operands);
}

int doctor_look_at_workgroup(struct doctor *d, struct doctor_facts *facts, struct doctor_finding *f, struct err *err)
{
	const char *name = d->run->state->names.cluster;
	struct serverless_workgroup w;
	bool there, ours;

	if (serverless_describe(d->run, &w, &there, &ours, err) < 0)
		return -1;
	if (!there)
		return look_at_namespace(d, f, err);
	if (!ours)
		return tell_foreign(d, "workgroup", f);
	memcpy(facts->host, w.host, sizeof(facts->host));
	facts->port = w.port;
	facts->warehouse_there = true;
	facts->warehouse_ready = strcmp(w.status, "AVAILABLE") == 0;
	learn_roles(d, facts);
	if (facts->warehouse_ready)
		return finding_ok(f, "the workgroup '%s' is available", name);
	finding_warn(f, "the workgroup '%s' is '%s'", name, w.status);
	return finding_mend(f, "wait for it: sparkctl status %s --watch", d->operands);
}
