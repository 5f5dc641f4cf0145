/* AssumeRole: keys that act as a role for a while. */
#include "sandbox/access/authorize.h"
#include "sandbox/access/policy.h"
#include "sandbox/access/trust.h"
#include "sandbox/http/iam/iam.h"
#include "sandbox/http/sts/sts.h"
#include "spark/base/mem.h"

#define ROLE_DEFAULT_S  3600
#define ROLE_MAX_S      43200
#define CHAINED_MAX_S   3600
#define POLICY_ARNS_MAX 10
#define PACKED_MAX      2048

/* What was asked for, checked. */
struct wanted {
	const char *arn, *session_name, *external_id, *source_identity;
	const struct json *role; /* lent; NULL: there is none */
	int64_t seconds;
	struct json *policies, *tags; /* of the session; policies NULL: none were given */
	size_t packed;                /* bytes of them */
};

static void wanted_clear(struct wanted *q)
{
	json_free(q->policies);
	json_free(q->tags);
}

static int read_session_name(const struct params *p, struct wanted *q, struct err *err)
{
	q->session_name = iam_required(p, "RoleSessionName", 64, err);
	if (!q->session_name)
		return -1;
	if (strlen(q->session_name) < 2)
		return iam_invalid(err, "RoleSessionName", q->session_name,
				   "Member must have length greater than or equal to 2");
	return iam_name(p, "RoleSessionName", 64, err) ? 0 : -1;
}

static int add_policy(struct wanted *q, const char *text, struct err *err)
{
	if (!q->policies && !(q->policies = json_new_array()))
		return err_nomem(err);
	q->packed += iam_policy_bytes(text);
	return json_append_str(q->policies, text) ? err_nomem(err) : 0;
}

/* Policy and PolicyArns: the session may do what its role may and one of them allows. */
static int read_policies(struct world *w, const struct params *p, struct wanted *q, struct err *err)
{
	const char *text = params_get(p, "Policy"), *arn;

	if (text) {
		if (!iam_required(p, "Policy", PACKED_MAX, err) || policy_check_identity(text, err) ||
		    add_policy(q, text, err))
			return -1;
	}
	for (int n = 1; (arn = params_getf(p, "PolicyArns.member.%d.arn", n)); n++) {
		const char *managed = identity_managed_text(w, arn);

		if (n > POLICY_ARNS_MAX)
			return iam_invalid(err, "PolicyArns", arn, "Member must have length less than or equal to 10");
		if (!managed)
			return service_error(err, 400, "MalformedPolicyDocument",
					     "The policy %.300s does not exist or is not attachable.", arn);
		if (add_policy(q, managed, err))
			return -1;
	}
	return 0;
}

static int read_tags(const struct params *p, struct wanted *q, struct err *err)
{
	q->tags = json_new_object();
	if (!q->tags)
		return err_nomem(err);
	if (iam_tags_read(p, q->tags, err))
		return -1;
	for (const struct json *t = json_first(q->tags); t; t = json_next(t))
		q->packed += strlen(json_name(t)) + strlen(json_text(t));
	return 0;
}

static int read_wanted(struct world *w, const struct params *p, struct wanted *q, struct err *err)
{
	q->arn = iam_required(p, "RoleArn", 2048, err);
	if (!q->arn)
		return -1;
	if (strlen(q->arn) < 20)
		return iam_invalid(err, "RoleArn", q->arn, "Member must have length greater than or equal to 20");
	if (strncmp(q->arn, "arn:", 4) || !strstr(q->arn, ":role/"))
		return service_error(err, 400, "ValidationError", "%.300s is invalid", q->arn);
	if (read_session_name(p, q, err) || sts_duration(p, ROLE_DEFAULT_S, ROLE_MAX_S, &q->seconds, err) ||
	    read_policies(w, p, q, err) || read_tags(p, q, err))
		return -1;
	q->external_id = params_get(p, "ExternalId");
	q->source_identity = params_get(p, "SourceIdentity");
	q->role = identity_find(w, "iam:role", q->arn);
	return 0;
}

static struct json *make_context(const struct wanted *q, struct json *context, struct err *err)
{
	struct json *keys = json_new_array();
	char name[192];
	bool failed = !context || !keys;

	for (const struct json *t = json_first(q->tags); t && !failed; t = json_next(t)) {
		snprintf(name, sizeof(name), "aws:RequestTag/%.160s", json_name(t));
		failed = json_set_str(context, name, json_text(t)) || json_append_str(keys, json_name(t));
	}
	if (!failed && json_count(q->tags)) {
		failed = json_set(context, "aws:TagKeys", keys) != 0;
		keys = NULL;
	}
	json_free(keys);
	if (failed || json_set_str(context, "sts:RoleSessionName", q->session_name) ||
	    (q->external_id && json_set_str(context, "sts:ExternalId", q->external_id)) ||
	    (q->source_identity && json_set_str(context, "sts:SourceIdentity", q->source_identity))) {
		json_free(context);
		err_nomem(err);
		return NULL;
	}
	return context;
}

/* The trust policy must name the caller, or his account and then his own policies allow it too. */
static int check_action(struct world *w, const struct caller *who, const struct wanted *q, const struct json *trust,
			const char *action, const struct json *context, struct err *err)
{
	struct identity identity;
	struct err own;
	bool denied;

	identity_of_caller(w, who, &identity);
	switch (trust_caller(trust, action, who, &identity, context)) {
	case TRUST_DIRECT:
		if (!access_authorize(w, who, action, q->arn, context, &own))
			return 0;
		/* Silence of a user's policies is enough when the role itself names him. */
		denied = strstr(own.text, "no identity-based policy allows") == NULL;
		if (denied && err)
			*err = own;
		return denied ? -1 : 0;
	case TRUST_ACCOUNT:
		return access_authorize(w, who, action, q->arn, context, err);
	case TRUST_DENIED:
		return access_refuse(who, action, q->arn, " with an explicit deny in a resource-based policy", err);
	case TRUST_NONE:
		break;
	}
	return access_refuse(who, action, q->arn, "", err);
}

static int check_trust(struct world *w, const struct caller *who, const struct wanted *q, struct err *err)
{
	struct identity identity;
	struct json *trust, *context;
	const char *text;
	int rc = -1;

	/* Whether there is such a role is told to nobody. */
	if (!q->role)
		return access_refuse(who, "sts:AssumeRole", q->arn, "", err);
	text = json_str(q->role, "trust", "{}");
	trust = json_parse(text, strlen(text), err);
	if (!trust)
		return -1;
	identity_of_caller(w, who, &identity);
	context = identity_context(w, who, &identity, err);
	context = context ? make_context(q, context, err) : NULL;
	if (!context)
		goto out;
	if (check_action(w, who, q, trust, "sts:AssumeRole", context, err) ||
	    (json_count(q->tags) && check_action(w, who, q, trust, "sts:TagSession", context, err)) ||
	    (q->source_identity && check_action(w, who, q, trust, "sts:SetSourceIdentity", context, err)))
		goto out;
	rc = 0;
out:
	json_free(context);
	json_free(trust);
	return rc;
}

static int check_duration(const struct caller *who, const struct params *p, struct wanted *q, struct err *err)
{
	int64_t max = json_int(q->role, "maxSessionDuration", ROLE_DEFAULT_S);

	if (!params_get(p, "DurationSeconds") && q->seconds > max)
		q->seconds = max;
	if (q->seconds > max)
		return service_error(err, 400, "ValidationError",
				     "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
	if (who->session && strstr(who->arn, ":assumed-role/") && q->seconds > CHAINED_MAX_S)
		return service_error(
			err, 400, "ValidationError",
			"The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
			"role chaining.");
	if (q->packed > PACKED_MAX * 2)
		return service_error(err, 400, "PackedPolicyTooLarge",
				     "Packed size of session tags and policies consumes %zu%% of allotted space.",
				     q->packed * 100 / (PACKED_MAX * 2));
	return 0;
}

static int make_session(struct world *w, struct wanted *q, struct buf *out, struct err *err)
{
	const char *role_id = json_str(q->role, "id", "");
	struct session s = { .policies = q->policies, .tags = q->tags };
	struct session_key key;
	char user_id[160];
	char *arn = mem_printf("arn:aws:sts::%s:assumed-role/%s/%s", w->account, json_str(q->role, "name", ""),
			       q->session_name);
	int rc;

	if (!arn)
		return err_nomem(err);
	q->policies = q->tags = NULL;
	snprintf(user_id, sizeof(user_id), "%s:%s", role_id, q->session_name);
	s.arn = arn;
	s.user_id = user_id;
	s.expires_ms = clock_now(w->clock) + q->seconds * 1000;
	rc = keys_create_session(w, &s, &key, err);
	if (rc == 0) {
		sts_write_credentials(out, &key, s.expires_ms);
		xml_open(out, "AssumedRoleUser");
		xml_element(out, "AssumedRoleId", user_id);
		xml_element(out, "Arn", arn);
		xml_close(out, "AssumedRoleUser");
		if (q->packed)
			xml_elementf(out, "PackedPolicySize", "%zu", q->packed * 100 / (PACKED_MAX * 2));
		xml_element(out, "SourceIdentity", q->source_identity);
	}
	explicit_bzero(&key, sizeof(key));
	mem_free(arn);
	return rc;
}

STS_HANDLER(sts_assume_role)
{
	struct wanted q = { .arn = NULL };
	int rc = -1;

	if (params_get(p, "SerialNumber") || params_get(p, "TokenCode"))
		return service_error(err, 403, "AccessDenied",
				     "MultiFactorAuthentication failed with invalid MFA one time pass code.");
	if (!read_wanted(w, p, &q, err) && !check_trust(w, who, &q, err) && !check_duration(who, p, &q, err))
		rc = make_session(w, &q, out, err);
	wanted_clear(&q);
	return rc;
}
