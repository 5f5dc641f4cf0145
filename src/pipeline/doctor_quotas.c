#include <stdio.h>
#include <string.h>

#include "pipeline/doctor_checks.h"
#include "pipeline/jobs.h"
#include "pipeline/network.h"

/* Is there room for what the stack adds? EC2 does not tell its quotas, so that those are the ones that an account
 * begins with; IAM tells its own. What no service that is spoken to tells (clusters and nodes, security groups) is not
 * guessed at. */

struct quota_look {
	struct run *run;
	const struct network_row *row; /* of a network quota */
	int64_t used, most;            /* most 0: nothing is to be said */
	int64_t wanted;                /* of them more than there are now */
};

static const struct network_row {
	enum ec2_kind kind;
	const char *words, *code; /* code: in the terms of Service Quotas */
	int most;                 /* until more is asked for. Source: VPC user guide, quotas */
} network_rows[] = {
	{ EC2_VPC, "VPCs", "L-F678F1CE", 5 },
	{ EC2_GATEWAY, "internet gateways", "L-A4707A72", 5 },
};
#define NETWORK_ROWS (sizeof(network_rows) / sizeof(network_rows[0]))
#define ROLES        NETWORK_ROWS /* the look behind those */
#define ROLES_CODE   "L-FE177D64"

struct count {
	const struct run *run;
	int all;
	bool own;
};

static int count_item(void *arg, struct ec2_item *item)
{
	struct count *c = arg;

	c->all++;
	c->own = c->own || run_owns(c->run, &item->tags);
	return 0;
}

static int look_at_network(void *arg, struct err *err)
{
	struct quota_look *l = arg;
	struct count c = { .run = l->run };

	if (ec2_each(l->run->aws, l->row->kind, NULL, 0, count_item, &c, err) < 0)
		return -1;
	l->used = c.all;
	l->most = l->row->most;
	l->wanted = !c.own;
	return 0;
}

static int is_missing(struct run *r, const char *role, bool *missing, struct err *err)
{
	struct iam_role there;

	*missing = false;
	if (iam_get_role(r->aws, role, &there, err) == 0) {
		iam_role_clear(&there);
		return 0;
	}
	*missing = err_has_code(err, "NoSuchEntity");
	return *missing ? 0 : -1;
}

/* Which of the stack's roles are there is asked for only where it matters. */
static int look_at_roles(void *arg, struct err *err)
{
	struct quota_look *l = arg;
	const struct names *n = &l->run->state->names;
	const char *names[] = { n->role_given ? NULL : n->role,
				resource_is_wanted(l->run, &resource_pause_role) ? n->pause_role : NULL };
	const int64_t most_wanted = (names[0] != NULL) + (names[1] != NULL);
	struct iam_summary s;

	if (most_wanted == 0)
		return 0;
	if (iam_get_account_summary(l->run->aws, &s, err) < 0)
		return err->kind == ERR_AWS && err->http_status == 403 ? 0 : -1;
	if (s.roles < 0 || s.roles_quota <= 0)
		return 0;
	l->used = s.roles;
	l->most = s.roles_quota;
	for (size_t i = 0; i < 2 && s.roles + most_wanted > s.roles_quota; i++) {
		bool missing = false;

		if (names[i] && is_missing(l->run, names[i], &missing, err) < 0)
			return -1;
		l->wanted += missing;
	}
	return 0;
}

static int look_at_all(struct run *r, struct quota_look looks[NETWORK_ROWS + 1], struct err *err)
{
	struct job jobs[NETWORK_ROWS + 1] = { 0 };

	for (size_t i = 0; i < NETWORK_ROWS; i++) {
		looks[i] = (struct quota_look){ .run = r, .row = &network_rows[i] };
		jobs[i].fn = network_is_own(r) ? look_at_network : NULL;
		jobs[i].arg = &looks[i];
	}
	looks[ROLES] = (struct quota_look){ .run = r };
	jobs[ROLES].fn = look_at_roles;
	jobs[ROLES].arg = &looks[ROLES];
	return jobs_run(jobs, NETWORK_ROWS + 1, FINISH_ALL, err);
}

static bool is_short(const struct quota_look *l)
{
	return l->most > 0 && l->wanted > 0 && l->used + l->wanted > l->most;
}

static int tell_roles(const struct run *r, const struct quota_look *l, struct doctor_finding *f)
{
	/* quotas of IAM are kept in one region */
	const char *region = strcmp(r->state->names.partition, "aws") == 0 ? "--region us-east-1 " : "";

	finding_fail(f, ERR_AWS, "the account has %lld of %lld roles, and the stack needs %lld more",
		     (long long)l->used, (long long)l->most, (long long)l->wanted);
	return finding_mend(f,
			    "delete roles, give one with --role-arn, or ask for more: aws service-quotas "
			    "request-service-quota-increase %s--service-code iam --quota-code " ROLES_CODE
			    " --desired-value %lld",
			    region, (long long)l->most + 100);
}

static int tell_network(const struct run *r, const struct quota_look *l, struct doctor_finding *f)
{
	finding_warn(f, "there are %lld %s in %s, and an account may have %lld unless it has asked for more",
		     (long long)l->used, l->row->words, aws_client_region(r->aws), (long long)l->most);
	return finding_mend(f,
			    "--vpc default makes none; more: aws service-quotas request-service-quota-increase "
			    "--service-code vpc --quota-code %s --desired-value %lld",
			    l->row->code, (long long)l->used + 5);
}

int check_quotas(struct doctor *d, const struct check *self, struct doctor_facts *facts, struct doctor_finding *f,
		 struct err *err)
{
	struct quota_look looks[NETWORK_ROWS + 1];
	char used[300] = "";
	size_t len = 0;

	(void)self;
	(void)facts;
	if (look_at_all(d->run, looks, err) < 0)
		return -1;
	if (is_short(&looks[ROLES]))
		return tell_roles(d->run, &looks[ROLES], f);
	for (size_t i = 0; i < NETWORK_ROWS; i++) {
		if (is_short(&looks[i]))
			return tell_network(d->run, &looks[i], f);
	}
	for (size_t i = 0; i <= ROLES; i++) {
		if (looks[i].most > 0)
			len += (size_t)snprintf(used + len, sizeof(used) - len, "%s%lld of %lld %s", len ? ", " : "",
						(long long)looks[i].used, (long long)looks[i].most,
						i == ROLES ? "roles" : looks[i].row->words);
	}
	return len ? finding_ok(f, "in use: %s", used) : CHECK_NOT_HERE;
}
