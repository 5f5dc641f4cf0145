#include <stdio.h>
#include <string.h>

#include "pipeline/doctor_checks.h"
#include "pipeline/serverless.h"
#include "spark/aws/s3.h"
#include "spark/aws/simulate.h"
#include "spark/base/url.h"

/* Checks of what is loaded, and of the role that loads it. */

static int stop_at_first(void *seen, const struct s3_object *o)
{
	(void)o;
	*(bool *)seen = true;
	return 1;
}

static int judge_denied(const struct run *r, const char *uri, struct doctor_finding *f)
{
	finding_warn(f, "'%s' may not be listed by you; COPY reads it as role '%s'", uri, resource_role.label(r));
	return finding_mend(f, "ask the bucket's owner to let that role read it");
}

static int judge_missing(const struct doctor *d, const struct check *self, const char *bucket, struct doctor_finding *f)
{
	const struct option_row *row = &option_rows[self->setting];

	finding_fail(f, ERR_AWS, "there is no bucket '%s' (%s)", bucket, config_place(d->config, self->setting));
	return finding_mend(f, "correct %s in section [%s], or make it: sparkctl s3 mb s3://%s%s", row->key,
			    row->section, bucket, d->run->target_option ? d->run->target_option : "");
}

static int judge_empty(const struct doctor *d, const struct check *self, const char *uri, struct doctor_finding *f)
{
	const struct option_row *row = &option_rows[self->setting];

	finding_fail(f, ERR_AWS, "nothing lies below '%s' (%s)", uri, config_place(d->config, self->setting));
	return finding_mend(f, "correct %s in section [%s], or put files there: sparkctl s3 cp --recursive DIR %s%s",
			    row->key, row->section, uri, d->run->target_option ? d->run->target_option : "");
}

/* COPY looks for the bucket in the region that it is told, and only there. */
static int judge_region(const struct doctor *d, const char *uri, const char *bucket, const char *region,
			struct doctor_finding *f)
{
	const char *told = config_str(d->config, OPT_S3_REGION);

	if (told && *told && strcmp(told, region) != 0) {
		finding_fail(f, ERR_CONFIG, "bucket '%s' is in %s, but COPY is told to look in %s (%s)", bucket, region,
			     told, config_place(d->config, OPT_S3_REGION));
		return finding_mend(f, "write REGION=%s in section [S3], or --s3-region %s", region, region);
	}
	if (strcmp(region, aws_client_region(d->run->aws)) != 0)
		return finding_ok(f, "'%s' can be read, in %s: traffic between regions is billed", uri, region);
	return finding_ok(f, "'%s' can be read, in %s", uri, region);
}

int check_prefix(struct doctor *d, const struct check *self, struct doctor_facts *facts, struct doctor_finding *f,
		 struct err *err)
{
	const char *uri = config_str(d->config, self->setting), *key;
	char bucket[64], region[64];
	bool seen = false;

	(void)facts;
	if (!uri || !*uri)
		return CHECK_NOT_HERE;
	if (url_parse_s3(uri, bucket, &key, err) < 0) {
		finding_fail(f, ERR_CONFIG, "'%s' (%s) is no address of S3", uri,
			     config_place(d->config, self->setting));
		return finding_mend(f, "write it as s3://bucket/prefix");
	}
	if (s3_list(d->run->aws, bucket, key, NULL, stop_at_first, &seen, err) < 0) {
		if (err_has_code(err, "AccessDenied"))
			return judge_denied(d->run, uri, f);
		return err_has_code(err, "NoSuchBucket") ? judge_missing(d, self, bucket, f) : -1;
	}
	if (!seen)
		return judge_empty(d, self, uri, f);
	s3_known_region(d->run->aws, bucket, region);
	return judge_region(d, uri, bucket, region, f);
}

/* What the role may not do with one of the prefixes. */
struct role_denials {
	struct buf names;
	const char *resource; /* asked about now */
	int denied;
};

static int note_denied(void *arg, const char *action, bool allowed, bool sure)
{
	struct role_denials *r = arg;

	if (allowed || !sure)
		return 0;
	r->denied++;
	buf_printf(&r->names, "%s%s on %s", r->names.len ? ", " : "", action, r->resource);
	return 0;
}

static int ask_role(struct run *r, const char *action, const char *resource, const char *prefix,
		    struct role_denials *out, struct err *err)
{
	struct iam_simulation ask = {
		.principal = r->state->role_arn,
		.actions = &action,
		.action_count = 1,
		.resource = resource,
		.context_key = prefix ? "s3:prefix" : NULL,
		.context_value = prefix,
	};

	out->resource = resource;
	return iam_simulate(r->aws, &ask, note_denied, out, err);
}

static int ask_about_prefix(struct run *r, const char *uri, struct role_denials *out, struct err *err)
{
	char bucket[64], object[1300], folder[160];
	const char *key;
	size_t len;

	if (url_parse_s3(uri, bucket, &key, err) < 0)
		return -1;
	len = strlen(key);
	(void)snprintf(folder, sizeof(folder), "arn:%s:s3:::%s", r->state->names.partition, bucket);
	/* some object below it, when the key names a folder */
	(void)snprintf(object, sizeof(object), "%s/%s%s", folder, key, len == 0 || key[len - 1] == '/' ? "x" : "");
	if (ask_role(r, "s3:GetObject", object, NULL, out, err) < 0)
		return -1;
	return ask_role(r, "s3:ListBucket", folder, key, out, err);
}

static int ask_about_all(struct run *r, struct role_denials *out, struct err *err)
{
	static const enum option_id ids[] = { OPT_LOG_DATA, OPT_LOG_JSONPATH, OPT_SONG_DATA };

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		const char *uri = config_str(r->config, ids[i]);

		if (uri && *uri && ask_about_prefix(r, uri, out, err) < 0)
			return -1;
	}
	return 0;
}

/* The last part of an ARN. */
static const char *name_of(const char *arn)
{
	const char *slash = strrchr(arn, '/');

	return slash ? slash + 1 : arn;
}

static int advise_role(const struct doctor *d, struct doctor_finding *f)
{
	const struct run_state *s = d->run->state;

	if (!s->names.role_given)
		return finding_mend(f, "sparkctl up %s", d->operands);
	return finding_mend(f,
			    "aws iam attach-role-policy --role-name %s --policy-arn "
			    "arn:%s:iam::aws:policy/AmazonS3ReadOnlyAccess",
			    name_of(s->role_arn), s->names.partition);
}

static int judge_role(struct doctor *d, const struct doctor_facts *facts, const struct role_denials *denials,
		      struct doctor_finding *f)
{
	const char *arn = d->run->state->role_arn;

	if (denials->denied > 0) {
		finding_fail(f, ERR_AWS, "role '%s' may not: %.400s", arn, denials->names.data);
		return advise_role(d, f);
	}
	if (facts->warehouse_ready && !facts->role_attached) {
		finding_fail(f, ERR_CONFLICT, "role '%s' is not attached to the %s", arn,
			     serverless_is_wanted(d->run) ? "namespace" : "cluster");
		return finding_mend(f, "sparkctl up %s", d->operands);
	}
	return finding_ok(f, "'%s' may read what is loaded", arn);
}

/* A role of the user's own is only a name so far. */
static int check_given(struct run *r, struct doctor_finding *f, bool *there, struct err *err)
{
	struct iam_role role;

	*there = true;
	if (!r->state->names.role_given)
		return 0;
	if (iam_get_role(r->aws, name_of(r->state->role_arn), &role, err) == 0) {
		iam_role_clear(&role);
		return 0;
	}
	if (!err_has_code(err, "NoSuchEntity"))
		return -1;
	*there = false;
	finding_fail(f, ERR_CONFIG, "there is no role '%s' (%s)", r->state->role_arn,
		     config_place(r->config, OPT_ROLE_ARN));
	return finding_mend(f, "correct ARN in section [IAM_ROLE], or leave it out: then 'sparkctl up' makes one");
}

static int ask_and_judge(struct doctor *d, const struct doctor_facts *facts, struct doctor_finding *f, struct err *err)
{
	struct role_denials denials = { .denied = 0 };
	int rc;

	buf_init(&denials.names, 4096);
	rc = ask_about_all(d->run, &denials, err);
	if (rc == 0) {
		rc = judge_role(d, facts, &denials, f);
	} else if (err->kind == ERR_AWS && err->http_status >= 400 && err->http_status < 500) {
		finding_warn(f, "'%s' is there; what it may do is unknown: %.300s", d->run->state->role_arn, err->text);
		rc = finding_mend(f, "allow iam:SimulatePrincipalPolicy to see it here");
	}
	buf_clear(&denials.names);
	return rc;
}

int check_role(struct doctor *d, const struct check *self, struct doctor_facts *facts, struct doctor_finding *f,
	       struct err *err)
{
	struct run *r = d->run;
	enum presence p;
	bool there;

	(void)self;
	if (resource_role.find(r, &p, err) < 0)
		return -1;
	if (p == PRESENCE_ABSENT && !facts->warehouse_there)
		return finding_ok(f, "'%s' is not there yet: 'sparkctl up %s' makes it", r->state->names.role,
				  d->operands);
	if (p == PRESENCE_ABSENT) {
		finding_fail(f, ERR_CONFLICT, "the role '%s' for COPY is gone", r->state->names.role);
		return finding_mend(f, "sparkctl up %s", d->operands);
	}
	if (p == PRESENCE_FOREIGN) {
		finding_fail(f, ERR_CONFLICT, "the role '%s' does not belong to stack '%s'", r->state->names.role,
			     run_stack(r));
		return finding_mend(f, "choose another name with --stack, or use it with [IAM_ROLE] ARN");
	}
	if (check_given(r, f, &there, err) < 0)
		return -1;
	facts->role_there = there;
	return there ? ask_and_judge(d, facts, f, err) : 0;
}

/* Of a role of the user's own, that the look for the stack's does not ask for. */
static int learn_trust(struct run *r, struct role_trust *out, struct err *err)
{
	struct iam_role role;

	if (iam_get_role(r->aws, name_of(resource_role.label(r)), &role, err) < 0)
		return -1;
	role_trust_judge(role.trust_policy, role_takers_wanted(r), out);
	iam_role_clear(&role);
	return 0;
}

static int advise_trust(const struct run *r, struct doctor_finding *f)
{
	struct buf policy;

	buf_init(&policy, 4096);
	role_trust_write(role_takers_wanted(r), &policy);
	(void)finding_mend(f,
			   "aws iam update-assume-role-policy --role-name %s --policy-document '%s' (in the place of "
			   "the whole trust policy)",
			   name_of(resource_role.label(r)), policy.data);
	buf_clear(&policy);
	return 0;
}

/* How many of those who have to take the role the policy speaks of in this way, and the first of them. */
static size_t count_takers(const struct role_takers *takers, const struct role_trust *t, enum trust word,
			   const char **first)
{
	size_t n = 0;

	for (size_t i = takers->count; i-- > 0;) {
		if (t->words[i] != word)
			continue;
		*first = takers->services[i];
		n++;
	}
	return n;
}

static int judge_trust(const struct doctor *d, const struct role_takers *takers, const struct role_trust *t,
		       struct doctor_finding *f)
{
	const struct run *r = d->run;
	const char *role = resource_role.label(r), *who = "";
	size_t lacking = count_takers(takers, t, TRUST_NO, &who);

	if (lacking > 0) {
		if (lacking == takers->count)
			finding_fail(f, ERR_AWS, "the trust policy of role '%s' does not let %s take it, so COPY fails",
				     role, who);
		else
			finding_warn(f, "the trust policy of role '%s' does not let %s take it; AWS asks for %s and %s",
				     role, who, takers->services[0], takers->services[1]);
		return r->state->names.role_given ? advise_trust(r, f) : finding_mend(f, "sparkctl up %s", d->operands);
	}
	if (t->anyone) {
		finding_warn(f, "the trust policy of role '%s' lets everybody take it", role);
		return advise_trust(r, f);
	}
	if (count_takers(takers, t, TRUST_UNSURE, &who) > 0)
		return finding_ok(f,
				  "whether %s may take '%s' depends on conditions that only the call itself can tell",
				  who, role);
	return finding_ok(f, "'%s' may be taken by %s%s%s", role, takers->services[0], takers->count > 1 ? " and " : "",
			  takers->count > 1 ? takers->services[1] : "");
}

static int unknown_trust(struct doctor_finding *f, const char *why)
{
	finding_warn(f, "who may take the role is unknown: %.400s", why);
	return finding_mend(f, "allow iam:GetRole to see it here");
}

int check_trust(struct doctor *d, const struct check *self, struct doctor_facts *facts, struct doctor_finding *f,
		struct err *err)
{
	struct run *r = d->run;
	const struct role_takers *takers = role_takers_wanted(r);
	struct role_trust trust = r->state->role_trust;
	const char *who;

	(void)self;
	/* one of the stack's own is mended by `up`, before anything of use could be told */
	if (!r->state->names.role_given && !facts->role_there)
		return CHECK_NOT_HERE;
	if (r->state->names.role_given && learn_trust(r, &trust, err) < 0) {
		if (err_has_code(err, "NoSuchEntity"))
			return CHECK_NOT_HERE;
		return err->kind == ERR_AWS && err->http_status >= 400 && err->http_status < 500
			       ? unknown_trust(f, err->text)
			       : -1;
	}
	if (count_takers(takers, &trust, TRUST_UNKNOWN, &who) > 0)
		return unknown_trust(f, "the service tells no trust policy");
	return judge_trust(d, takers, &trust, f);
}
