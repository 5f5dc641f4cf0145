#include <string.h>
#include <strings.h>

#include "pipeline/jobs.h"
#include "pipeline/network.h"
#include "pipeline/resource.h"
#include "spark/base/log.h"
#include "spark/pipeline/doctor.h"
#include "spark/pipeline/status.h"

#define GROUP "provision"

const struct resource *const resource_rows[RESOURCE_COUNT] = {
	[RESOURCE_ROLE] = &resource_role,
	[RESOURCE_VPC] = &resource_vpc,
	[RESOURCE_SUBNETS] = &resource_subnets,
	[RESOURCE_GATEWAY] = &resource_gateway,
	[RESOURCE_ROUTES] = &resource_routes,
	[RESOURCE_GROUP] = &resource_group,
	[RESOURCE_SUBNET_GROUP] = &resource_subnet_group,
	[RESOURCE_CLUSTER] = &resource_cluster,
	[RESOURCE_NAMESPACE] = &resource_namespace,
	[RESOURCE_WORKGROUP] = &resource_workgroup,
	[RESOURCE_PAUSE_ROLE] = &resource_pause_role,
	[RESOURCE_PAUSE] = &resource_pause,
};

/* How long a thing that may have been made is looked for before it is made again. */
#define LOST_REPLY_MS 15000

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
	static const char *const codes[] = { "NoSuchEntity",
					     "InvalidGroup.NotFound",
					     "InvalidGroupId.NotFound",
					     "InvalidClusterRole",
					     "InvalidSecurityGroupID.NotFound",
					     "InvalidVpcID.NotFound",
					     "InvalidSubnetID.NotFound",
					     "InvalidInternetGatewayID.NotFound",
					     "InvalidRouteTableID.NotFound",
					     "InvalidSubnet",
					     "ClusterSubnetGroupNotFoundFault",
					     "ResourceNotFoundFault",
					     "ResourceNotFoundException" };

	if (code_among(err, codes, sizeof(codes) / sizeof(codes[0])))
		return true;
	/* Redshift words an unknown role as a parameter that is not valid */
	return (err_has_code(err, "InvalidParameterValue") || err_has_code(err, "ValidationException")) &&
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
		if (change_end(r, &c, c.planned ? 0 : p->call(r, p->arg, err), err) == 0)
			return 0;
		if (!p->is_new || !is_not_known_yet(err) || wait_elapsed_ms(&w) >= w.limit_ms)
			return -1;
		if (wait_pause(&w, p->what, err) < 0)
			return -1;
	}
}

bool may_have_happened(const struct err *err)
{
	static const char *const codes[] = { "EntityAlreadyExists",        "InvalidGroup.Duplicate",
					     "ClusterAlreadyExists",       "ClusterSubnetGroupAlreadyExists",
					     "Resource.AlreadyAssociated", "InvalidSubnet.Conflict",
					     "ConflictException" };

	return err->kind == ERR_TIMEOUT || err->kind == ERR_UNREACHABLE || err->kind == ERR_PARSE ||
	       code_among(err, codes, sizeof(codes) / sizeof(codes[0]));
}

static int foreign(const struct run *r, const struct resource *res, struct err *err)
{
	err_set(err, ERR_CONFLICT, "the %s '%s' exists already and does not belong to stack '%s'", res->name,
		res->label(r), run_stack(r));
	return err_hint(err, "nothing was done to it; choose another name with --stack, or remove it yourself");
}

/* What was made by a call whose reply was lost may take a moment to be listed. */
static int look_again(struct run *r, const struct resource *res, enum presence *p, struct err *err)
{
	struct wait w;

	wait_begin(&w, r->clock, r->stop, LOST_REPLY_MS);
	for (;;) {
		if (res->find(r, p, err) < 0)
			return -1;
		if (!res->nameless || *p != PRESENCE_ABSENT || wait_elapsed_ms(&w) >= w.limit_ms)
			return 0;
		if (wait_pause(&w, res->name, err) < 0)
			return err->kind == ERR_TIMEOUT ? 0 : -1;
	}
}

/* Completes what the look before has found; once more, with a look of its own, when a call's reply was lost after the
 * service had acted on it, or when somebody else was quicker. */
static int bring_up(struct run *r, const struct resource *res, enum presence found, bool *changed, struct err *err)
{
	enum presence p = found;

	for (int attempt = 0;; attempt++) {
		bool again = false;

		if (attempt && look_again(r, res, &p, err) < 0)
			return -1;
		if (p == PRESENCE_FOREIGN)
			return foreign(r, res, err);
		if (res->ensure(r, p, &again, err) == 0) {
			*changed = *changed || again;
			return 0;
		}
		*changed = *changed || again;
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

/* One row of the table. */
struct task {
	struct run *run;
	const struct resource *resource;
	enum presence *presence;
};

static int bring_up_row(void *arg, struct err *err)
{
	const struct task *t = arg;
	struct run *r = t->run;
	const struct resource *res = t->resource;
	int64_t begun = clock_mono(r->clock);
	bool changed = false, waited = false;
	struct outcome_text o;

	run_step_begin(r, GROUP, res->name);
	if (bring_up(r, res, *t->presence, &changed, err) < 0 || (res->wait && res->wait(r, &waited, err) < 0)) {
		run_step_end(r, GROUP, res->name, OUTCOME_FAILED, err->text, begun, -1);
		return -1;
	}
	o = judge(*t->presence, changed, waited);
	run_step_end(r, GROUP, res->name, o.outcome, o.detail, begun, -1);
	return 0;
}

bool resource_is_wanted(const struct run *r, const struct resource *res)
{
	return !res->wanted || res->wanted(r);
}

static int tell_unfit(struct run *r, const struct resource *res, int64_t begun, const struct err *why)
{
	run_step_begin(r, GROUP, res->name);
	run_step_end(r, GROUP, res->name, OUTCOME_FAILED, why->text, begun, -1);
	return -1;
}

/* All rows at once, each as soon as those are there that it needs. */
static int at_once(struct run *r, enum presence presence[RESOURCE_COUNT], int (*fn)(void *arg, struct err *err),
		   bool looking, struct err *err)
{
	struct task tasks[RESOURCE_COUNT];
	struct job jobs[RESOURCE_COUNT] = { 0 };
	int64_t begun = clock_mono(r->clock);

	for (size_t i = 0; i < RESOURCE_COUNT; i++) {
		const struct resource *res = resource_rows[i];

		if (!resource_is_wanted(r, res))
			continue;
		tasks[i] = (struct task){ r, res, &presence[i] };
		jobs[i].fn = fn;
		jobs[i].arg = &tasks[i];
		jobs[i].needs = looking ? res->look_after : res->needs;
	}
	/* looks change nothing: they all end, so that the failure that is told is always the same one */
	if (jobs_run(jobs, RESOURCE_COUNT, looking ? FINISH_ALL : STOP_AT_FAILURE, err) == 0)
		return 0;
	for (size_t i = 0; looking && i < RESOURCE_COUNT; i++) {
		if (jobs[i].begun && jobs[i].rc < 0)
			return tell_unfit(r, resource_rows[i], begun, &jobs[i].err);
	}
	return -1;
}

static int look_at_row(void *arg, struct err *err)
{
	const struct task *t = arg;
	struct run *r = t->run;
	const struct resource *res = t->resource;
	int rc = res->find(r, t->presence, err);

	if (rc == 0 && *t->presence == PRESENCE_FOREIGN)
		rc = foreign(r, res, err);
	if (rc == 0 && *t->presence == PRESENCE_ABSENT && res->check_new)
		rc = res->check_new(r, err);
	return rc;
}

int resources_look(struct run *r, enum presence presence[RESOURCE_COUNT], struct err *err)
{
	for (size_t i = 0; i < RESOURCE_COUNT; i++) {
		const struct resource *res = resource_rows[i];

		presence[i] = PRESENCE_ABSENT;
		if (resource_is_wanted(r, res) && res->check && res->check(r, err) < 0)
			return tell_unfit(r, res, clock_mono(r->clock), err);
	}
	return at_once(r, presence, look_at_row, true, err);
}

/* The same once more, told only where something was to be done. */
static int mend_row(void *arg, struct err *err)
{
	const struct task *t = arg;
	struct run *r = t->run;
	const char *name = t->resource->name;
	int64_t begun = clock_mono(r->clock);
	bool changed = false, waited = false;
	int rc = bring_up(r, t->resource, *t->presence, &changed, err);

	/* in any case: the first pass may have failed in its wait, and what is there is not ready yet */
	if (rc == 0 && t->resource->wait)
		rc = t->resource->wait(r, &waited, err);
	if (rc == 0 && !changed && !waited)
		return 0;
	run_step_begin(r, GROUP, name);
	if (rc < 0) {
		run_step_end(r, GROUP, name, OUTCOME_FAILED, err->text, begun, -1);
		return -1;
	}
	run_step_end(r, GROUP, name, OUTCOME_ADOPTED, "completed again", begun, -1);
	return 0;
}

/* A run that was killed a moment ago may have sent calls that were carried out only after this one's look: what `down`
 * had asked to delete goes away behind it. */
static bool is_unsettled(const struct run *r, const enum presence presence[RESOURCE_COUNT])
{
	bool any = false;

	for (size_t i = 0; i < RESOURCE_COUNT; i++)
		any = any || presence[i] == PRESENCE_OURS;
	return any && r->state->log && journal_is_unsettled(r->state->log);
}

/* What has gone behind the first look may also have been needed by a call, which was refused then. The second look may
 * be behind the next call in its turn; the third one is the last. */
static int settle(struct run *r, struct err *err)
{
	enum presence presence[RESOURCE_COUNT];
	int rc = 0;

	for (int tries = 0; tries < 2 && (tries == 0 || (rc < 0 && err->kind == ERR_AWS)); tries++) {
		rc = resources_look(r, presence, err);
		if (rc == 0)
			rc = at_once(r, presence, mend_row, false, err);
	}
	return rc;
}

/* What killed runs left open is answered now. Without a record of that, only a warning stays that is true no more. */
static void note_end(struct run *r)
{
	struct err unrecorded;

	if (r->state->log && journal_settle(r->state->log, &unrecorded) < 0)
		log_debug("the end of the run goes unrecorded: %s", unrecorded.text);
}

/* Then is told what would fail when it is there and paid for; a stack that has one is not asked again. */
static bool makes_warehouse(const struct run *r, const enum presence presence[RESOURCE_COUNT])
{
	static const int forms[] = { RESOURCE_CLUSTER, RESOURCE_WORKGROUP };
	bool makes = false;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		makes = makes ||
			(presence[forms[i]] == PRESENCE_ABSENT && resource_is_wanted(r, resource_rows[forms[i]]));
	return makes;
}

int run_up(struct run *r, int *changes, struct err *err)
{
	enum presence presence[RESOURCE_COUNT];
	bool looked;
	int rc;

	r->state->changes = 0;
	/* before anything is made: settings that cannot work, and names that others hold */
	rc = resources_look(r, presence, err);
	looked = rc == 0;
	if (rc == 0 && makes_warehouse(r, presence))
		rc = doctor_warn_early(r, err);
	if (rc == 0)
		rc = at_once(r, presence, bring_up_row, false, err);
	if ((rc == 0 || err->kind == ERR_AWS) && looked && is_unsettled(r, presence))
		rc = settle(r, err);
	if (rc == 0) {
		network_tidy(r);
		note_end(r);
	}
	if (rc == 0 && resource_is_wanted(r, &resource_cluster))
		run_keep_up(r);
	*changes = r->state->changes;
	return rc;
}
