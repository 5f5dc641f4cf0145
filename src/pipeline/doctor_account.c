#include <stdio.h>
#include <string.h>

#include "pipeline/doctor_checks.h"
#include "pipeline/jobs.h"
#include "pipeline/network.h"
#include "pipeline/serverless.h"
#include "spark/aws/simulate.h"

/* Checks of who calls and what he may do. */

/* Less than this is left of temporary credentials: a cluster takes some minutes, a load more. */
#define SOON_MS (15LL * 60 * 1000)

int check_credentials(struct doctor *d, const struct check *self, struct doctor_facts *facts, struct doctor_finding *f,
		      struct err *err)
{
	const struct aws_credentials *c = d->credentials;
	int64_t left;
	char text[CLOCK_TEXT];

	(void)self;
	(void)facts;
	(void)err;
	if (!c)
		return CHECK_NOT_HERE;
	if (!c->expires_ms)
		return finding_ok(f, "%s from %s%s", c->access_key_id, c->source,
				  secret_is_set(&c->session_token) ? ", temporary" : "");
	left = c->expires_ms - clock_now(d->run->clock);
	clock_duration(left < 0 ? -left : left, text);
	if (left <= 0) {
		finding_fail(f, ERR_CREDENTIALS, "%s from %s expired %s ago", c->access_key_id, c->source, text);
		return finding_mend(f, "get new ones there, for a profile with single sign-on: aws sso login");
	}
	if (left < SOON_MS) {
		finding_warn(f, "%s from %s expire in %s", c->access_key_id, c->source, text);
		return finding_mend(f, "get new ones there before a long run");
	}
	return finding_ok(f, "%s from %s, for another %s", c->access_key_id, c->source, text);
}

int check_identity(struct doctor *d, const struct check *self, struct doctor_facts *facts, struct doctor_finding *f,
		   struct err *err)
{
	struct sts_identity id;

	(void)self;
	(void)facts;
	if (sts_get_caller_identity(d->run->aws, &id, err) < 0)
		return -1;
	if (strstr(id.arn, ":root")) {
		finding_warn(f, "account %s as its root user", id.account);
		return finding_mend(f, "make a user for this work: what the root user does cannot be limited");
	}
	return finding_ok(f, "account %s as %s", id.account, id.arn);
}

int check_stack(struct doctor *d, const struct check *self, struct doctor_facts *facts, struct doctor_finding *f,
		struct err *err)
{
	(void)self;
	if (run_prepare(d->run, false, err) < 0)
		return -1;
	facts->prepared = true;
	return finding_ok(f, "'%s' in %s, state in '%s'", run_stack(d->run), aws_client_region(d->run->aws),
			  d->run->state->dir);
}

int check_clock(struct doctor *d, const struct check *self, struct doctor_facts *facts, struct doctor_finding *f,
		struct err *err)
{
	int64_t offset_ms = aws_client_clock_offset_ms(d->run->aws);
	char off[CLOCK_TEXT];

	(void)self;
	(void)facts;
	(void)err;
	if (offset_ms == 0)
		return finding_ok(f, "within the five minutes that services allow");
	/* it is known to the second; to ten of them says enough */
	clock_duration(((offset_ms < 0 ? -offset_ms : offset_ms) + 5000) / 10000 * 10000, off);
	finding_warn(f, "this machine's clock is %s %s; sparkctl corrects its requests, other programs are refused",
		     off, offset_ms < 0 ? "fast" : "slow");
	return finding_mend(f, "timedatectl set-ntp true");
}

/* What up, run and down send, by what it is done to. Source: the service authorization reference. */
static const char *const any_actions[] = {
	"ec2:DescribeVpcs",        "ec2:DescribeSecurityGroups",        "ec2:CreateSecurityGroup",
	"ec2:CreateTags",          "ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress",
	"ec2:DeleteSecurityGroup", "redshift:DescribeClusters",         "redshift:DescribeOrderableClusterOptions",
};
static const char *const network_actions[] = {
	"ec2:CreateVpc",
	"ec2:ModifyVpcAttribute",
	"ec2:CreateSubnet",
	"ec2:CreateInternetGateway",
	"ec2:AttachInternetGateway",
	"ec2:CreateRouteTable",
	"ec2:CreateRoute",
	"ec2:AssociateRouteTable",
	"ec2:DeleteVpc",
	"ec2:DeleteSubnet",
	"ec2:DetachInternetGateway",
	"ec2:DeleteInternetGateway",
	"ec2:DeleteRouteTable",
	"redshift:CreateClusterSubnetGroup",
	"redshift:DeleteClusterSubnetGroup",
};
static const char *const role_actions[] = {
	"iam:GetRole",          "iam:CreateRole",    "iam:TagRole",          "iam:PassRole",
	"iam:PutRolePolicy",    "iam:GetRolePolicy", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies",
	"iam:DeleteRolePolicy", "iam:DeleteRole",
};
static const char *const cluster_actions[] = {
	"redshift:CreateCluster",
	"redshift:DeleteCluster",
	"redshift:ModifyClusterIamRoles",
	"redshift:ResumeCluster",
};
static const char *const serverless_actions[] = {
	"redshift-serverless:GetNamespace",    "redshift-serverless:CreateNamespace",
	"redshift-serverless:DeleteNamespace", "redshift-serverless:GetWorkgroup",
	"redshift-serverless:CreateWorkgroup", "redshift-serverless:DeleteWorkgroup",
	"redshift-serverless:GetCredentials",
};
static const char *const login_actions[] = { "redshift:GetClusterCredentials" };
static const char *const pause_actions[] = {
	"redshift:DescribeScheduledActions",
	"redshift:CreateScheduledAction",
	"redshift:ModifyScheduledAction",
	"redshift:DeleteScheduledAction",
};

enum about { ABOUT_ANY, ABOUT_ROLE, ABOUT_CLUSTER, ABOUT_DBUSER, ABOUT_COUNT };
static bool is_always(const struct run *r)
{
	(void)r;
	return true;
}

static bool makes_cluster(const struct run *r)
{
	return !serverless_is_wanted(r);
}

static bool makes_role(const struct run *r)
{
	return !r->state->names.role_given;
}

static bool logs_in_by_token(const struct run *r)
{
	const struct secret *given = config_secret(r->config, OPT_DB_PASSWORD);

	return makes_cluster(r) && (!given || !secret_is_set(given));
}

static bool is_paused_later(const struct run *r)
{
	return makes_cluster(r) && r->state->ttl_ms > 0;
}

#define LIST(a) a, sizeof(a) / sizeof((a)[0])
static const struct rights {
	enum about about;
	const char *const *actions;
	size_t count;
	bool (*wanted)(const struct run *r);
} rights[] = {
	{ ABOUT_ANY, LIST(any_actions), is_always },
	{ ABOUT_ANY, LIST(network_actions), network_is_own },
	{ ABOUT_ROLE, LIST(role_actions), makes_role },
	{ ABOUT_CLUSTER, LIST(cluster_actions), makes_cluster },
	{ ABOUT_ANY, LIST(serverless_actions), serverless_is_wanted },
	{ ABOUT_DBUSER, LIST(login_actions), logs_in_by_token },
	{ ABOUT_ANY, LIST(pause_actions), is_paused_later },
};

/* The ARN that the action is about; NULL: it cannot be told, or is about any. */
static const char *name_resource(const struct run *r, enum about about, char out[512])
{
	const struct run_state *s = r->state;
	const char *region = aws_client_region(r->aws);

	switch (about) {
	case ABOUT_ROLE:
		(void)snprintf(out, 512, "arn:%s:iam::%s:role/%s", s->names.partition, s->identity.account,
			       s->names.role);
		return out;
	case ABOUT_CLUSTER:
		(void)snprintf(out, 512, "arn:%s:redshift:%s:%s:cluster:%s", s->names.partition, region,
			       s->identity.account, s->names.cluster);
		return out;
	case ABOUT_DBUSER:
		(void)snprintf(out, 512, "arn:%s:redshift:%s:%s:dbuser:%s/%s", s->names.partition, region,
			       s->identity.account, s->names.cluster, config_str(r->config, OPT_DB_USER));
		return out;
	default:
		return NULL;
	}
}

/* Policies belong to a user or a role: a session's are those of its role. False for who has none of his own (the
 * account's root, federated users). */
static bool name_principal(const struct run *r, char out[512])
{
	static const char assumed[] = ":assumed-role/";
	const struct run_state *s = r->state;
	const char *at = strstr(s->identity.arn, assumed);

	if (at) {
		at += strlen(assumed);
		(void)snprintf(out, 512, "arn:%s:iam::%s:role/%.*s", s->names.partition, s->identity.account,
			       (int)strcspn(at, "/"), at);
		return true;
	}
	(void)snprintf(out, 512, "%s", s->identity.arn);
	return strstr(out, ":user/") != NULL;
}

struct denials {
	struct buf names;
	int denied, unsure;
};

static int note_answer(void *arg, const char *action, bool allowed, bool sure)
{
	struct denials *d = arg;

	if (allowed)
		return 0;
	if (!sure) {
		d->unsure++;
		return 0;
	}
	d->denied++;
	buf_printf(&d->names, "%s%s", d->names.len ? ", " : "", action);
	return 0;
}

/* What is asked about one thing. */
#define ACTIONS_MAX 64
struct question {
	struct run *run;
	const char *principal;
	const char *actions[ACTIONS_MAX];
	size_t count;
	char resource[512];
	bool about_one;
	struct denials found;
};

static int ask(void *arg, struct err *err)
{
	struct question *q = arg;
	struct iam_simulation in = { .principal = q->principal,
				     .actions = q->actions,
				     .action_count = q->count,
				     .resource = q->about_one ? q->resource : NULL };

	return iam_simulate(q->run->aws, &in, note_answer, &q->found, err);
}

static void gather_actions(struct run *r, enum about about, struct question *q)
{
	for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++) {
		if (rights[i].about != about || !rights[i].wanted(r))
			continue;
		for (size_t j = 0; j < rights[i].count && q->count < ACTIONS_MAX; j++)
			q->actions[q->count++] = rights[i].actions[j];
	}
	q->about_one = name_resource(r, about, q->resource) != NULL;
}

/* One question about each thing, at the same time. */
static int simulate_all(struct run *r, const char *principal, struct denials *out, struct err *err)
{
	struct question questions[ABOUT_COUNT] = { 0 };
	struct job jobs[ABOUT_COUNT] = { 0 };
	int rc;

	for (int i = 0; i < ABOUT_COUNT; i++) {
		struct question *q = &questions[i];

		q->run = r;
		q->principal = principal;
		buf_init(&q->found.names, 4096);
		gather_actions(r, (enum about)i, q);
		jobs[i].fn = q->count ? ask : NULL;
		jobs[i].arg = q;
	}
	rc = jobs_run(jobs, ABOUT_COUNT, FINISH_ALL, err);
	for (int i = 0; i < ABOUT_COUNT; i++) {
		struct denials *found = &questions[i].found;

		out->denied += found->denied;
		out->unsure += found->unsure;
		if (found->names.len)
			buf_printf(&out->names, "%s%s", out->names.len ? ", " : "", found->names.data);
		buf_clear(&found->names);
	}
	return rc;
}

static int unknown_rights(struct doctor_finding *f, const char *why)
{
	finding_warn(f, "unknown: %s", why);
	return finding_mend(f, "allow iam:SimulatePrincipalPolicy to see them here, or let the calls tell: "
			       "'sparkctl plan --show-calls' lists them");
}

static int judge_rights(const struct run *r, const struct denials *d, struct doctor_finding *f)
{
	if (d->denied > 0) {
		finding_fail(f, ERR_AWS, "%s may not: %.450s", r->state->identity.arn, d->names.data);
		return finding_mend(f, "ask the account's administrator for %s", d->denied == 1 ? "it" : "these");
	}
	if (d->unsure > 0)
		return finding_ok(f, "allowed; %d depend on conditions that only the call itself can tell", d->unsure);
	return finding_ok(f, "all that up, run and down send is allowed");
}

int check_permissions(struct doctor *d, const struct check *self, struct doctor_facts *facts, struct doctor_finding *f,
		      struct err *err)
{
	struct run *r = d->run;
	struct denials denials = { .denied = 0 };
	char principal[512];
	int rc;

	(void)self;
	(void)facts;
	if (!name_principal(r, principal))
		return strstr(r->state->identity.arn, ":root")
			       ? finding_ok(f, "the root user may do everything")
			       : unknown_rights(f, "policies of this kind of caller cannot be asked for");
	buf_init(&denials.names, 4096);
	rc = simulate_all(r, principal, &denials, err);
	if (rc == 0)
		rc = judge_rights(r, &denials, f);
	else if (err->kind == ERR_AWS && err->http_status >= 400 && err->http_status < 500)
		rc = unknown_rights(f, err_has_code(err, "AccessDenied") ? "iam:SimulatePrincipalPolicy is denied"
									 : err->text);
	buf_clear(&denials.names);
	return rc;
}
