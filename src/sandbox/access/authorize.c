#include "sandbox/access/authorize.h"

#include "sandbox/access/bucket_policy.h"
#include "sandbox/access/policy.h"

/* Calls that everybody with valid credentials may make, whatever policies say. */
static bool is_free(const char *action)
{
	return !strcasecmp(action, "sts:GetCallerIdentity") || !strcasecmp(action, "sts:GetSessionToken");
}

/* A session may carry policies of its own, which can only narrow what the role may do. */
static int evaluate_session(struct world *w, const struct caller *who, const char *action, const char *resource,
			    const struct json *context, enum access_decision *out, struct err *err)
{
	const struct json *key = store_get(w->store, "iam:access-key", who->access_key_id);
	const struct json *policies = json_get(key, "sessionPolicies");

	*out = ACCESS_ALLOWED;
	if (!who->session || !policies)
		return 0;
	*out = ACCESS_IMPLICIT_DENY;
	for (const struct json *t = json_first(policies); t; t = json_next(t))
		if (identity_evaluate_text(json_text(t), action, resource, context, out, err))
			return -1;
	return 0;
}

/* Whoever has locked everybody out of a bucket can undo it, as the root user of an account on AWS. */
static bool is_way_back(const struct identity *identity, const char *action)
{
	static const char *const ways[] = { "s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy" };
	const char *name = identity->is_role ? "" : json_str(identity->doc, "name", "");

	if (strcmp(name, "sparkctl") != 0)
		return false;
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (!strcmp(ways[i], action))
			return true;
	return false;
}

/* bucket: what the policy of the bucket says. */
static int judge(struct world *w, const struct caller *who, const struct identity *identity, const char *action,
		 const char *resource, const struct json *context, const struct bucket_word *bucket, enum verdict *out,
		 struct err *err)
{
	enum access_decision own, session;

	if (identity_evaluate(w, identity, action, resource, context, &own, err) ||
	    evaluate_session(w, who, action, resource, context, &session, err))
		return -1;
	*out = access_verdict(own, session, bucket);
	return 0;
}

static void explain(enum verdict v, const char *action, char *out, size_t size)
{
	switch (v) {
	case VERDICT_IDENTITY_DENIES:
		snprintf(out, size, " with an explicit deny in an identity-based policy");
		break;
	case VERDICT_SESSION_DENIES:
		snprintf(out, size, " with an explicit deny in a session policy");
		break;
	case VERDICT_BUCKET_DENIES:
		snprintf(out, size, " with an explicit deny in a resource-based policy");
		break;
	case VERDICT_IDENTITY_SILENT:
		snprintf(out, size, " because no identity-based policy allows the %s action", action);
		break;
	case VERDICT_SESSION_SILENT:
		snprintf(out, size, " because no session policy allows the %s action", action);
		break;
	case VERDICT_ALLOWED:
		*out = 0;
		break;
	}
}

int access_refuse(const struct caller *who, const char *action, const char *resource, const char *because,
		  struct err *err)
{
	static const struct {
		const char *service, *code;
		int status;
		const char *before, *quote;
	} styles[] = {
		{ "ec2", "UnauthorizedOperation", 403, "You are not authorized to perform this operation. ", "" },
		{ "s3", "AccessDenied", 403, "", "\"" },
		{ "redshift-data", "AccessDeniedException", 400, "", "" },
		{ "redshift-serverless", "AccessDeniedException", 400, "", "" },
		{ "", "AccessDenied", 403, "", "" },
	};
	size_t i = 0;

	/* Nobody is told what he may not. */
	if (who->anonymous)
		return service_error(err, 403, "AccessDenied", "Access Denied");
	while (*styles[i].service && strcmp(styles[i].service, who->service))
		i++;
	return service_error(err, styles[i].status, styles[i].code,
			     "%sUser: %s is not authorized to perform: %s on resource: %s%.400s%s%s", styles[i].before,
			     who->arn, action, styles[i].quote, resource, styles[i].quote, because);
}

/* With what every request has, `extra` on top. */
static struct json *make_context(struct world *w, const struct caller *who, const struct identity *identity,
				 const struct access_extra *extra, struct err *err)
{
	struct json *c = identity_context(w, who, identity, err);

	if (c && extra && extra->fill(extra->arg, c)) {
		json_free(c);
		err_nomem(err);
		return NULL;
	}
	return c;
}

/* Could the policy's answer depend on the context? Told from its text, and said rather once too often: a backslash may
 * begin the escape of any letter. */
static bool text_asks_context(const char *text)
{
	return strcasestr(text, "condition") || strstr(text, "${") || strchr(text, '\\');
}

static int asks_context(void *arg, const struct identity_policy *p)
{
	(void)arg;
	return !p->parsed && text_asks_context(p->text);
}

/* Most policies name actions and resources only, and the context is the larger part of a decision's work. */
static bool needs_context(struct world *w, const struct caller *who, const struct identity *identity)
{
	const struct json *key = who->session ? store_get(w->store, "iam:access-key", who->access_key_id) : NULL;

	for (const struct json *t = json_first(json_get(key, "sessionPolicies")); t; t = json_next(t))
		if (text_asks_context(json_text(t)))
			return true;
	return identity->doc && identity_each_policy(w, identity->doc, identity->is_role, asks_context, NULL);
}

/* Sessions of GetSessionToken without a second factor are kept away from IAM and most of STS. */
static int check_session(struct world *w, const struct caller *who, const char *action, struct err *err)
{
	const struct json *key = store_get(w->store, "iam:access-key", who->access_key_id);

	if (!who->session || !json_bool(key, "ofUser", false) || !strcasecmp(action, "sts:AssumeRole") ||
	    (strncasecmp(action, "iam:", 4) && strncasecmp(action, "sts:", 4)))
		return 0;
	return service_error(err, 403, "InvalidClientTokenId", "The security token included in the request is invalid");
}

/* What the policy of the bucket says, if one is to be asked. */
static void ask_bucket(const struct json *policy, const struct caller *who, const struct identity *identity,
		       const char *action, const char *resource, const struct json *context, struct bucket_word *out)
{
	struct principal p;

	if (policy) {
		principal_of(who, identity, &p);
		bucket_policy_ask(policy, &p, action, resource, context, out);
		out->denied = out->denied && !is_way_back(identity, action);
	}
}

/* Who has signed nothing has no policies of his own. */
static bool anonymous_may(struct world *w, const struct access_extra *extra, const struct bucket_word *word)
{
	const struct json *doc = extra && extra->bucket ? store_get(w->store, "s3:bucket", extra->bucket) : NULL;

	return !word->denied && word->allowed == PRINCIPAL_ANYBODY &&
	       !(bucket_block_is_on(doc, "RestrictPublicBuckets") && bucket_policy_is_public(json_get(doc, "policy")));
}

int access_authorize_with(struct world *w, const struct caller *who, const char *action, const char *resource,
			  const struct access_extra *extra, struct err *err)
{
	struct identity identity = { .doc = NULL };
	struct bucket_word word = { .denied = false };
	const struct json *policy;
	enum verdict verdict;
	struct json *whole = NULL;
	char because[256];
	int rc = -1;

	if (is_free(action))
		return 0;
	store_lock(w->store);
	policy = extra && extra->bucket ? bucket_policy_of(w, extra->bucket) : NULL;
	if (!who->anonymous)
		identity_of_caller(w, who, &identity);
	if (check_session(w, who, action, err))
		goto out;
	if ((policy || needs_context(w, who, &identity)) && !(whole = make_context(w, who, &identity, extra, err)))
		goto out;
	ask_bucket(policy, who, &identity, action, resource, whole, &word);
	if (who->anonymous) {
		rc = anonymous_may(w, extra, &word) ? 0 : access_refuse(who, action, resource, "", err);
		goto out;
	}
	if (judge(w, who, &identity, action, resource, whole, &word, &verdict, err))
		goto out;
	rc = 0;
	if (verdict != VERDICT_ALLOWED) {
		explain(verdict, action, because, sizeof(because));
		rc = access_refuse(who, action, resource, because, err);
	}
out:
	json_free(whole);
	store_unlock(w->store);
	return rc;
}

static int fill_copies(void *arg, struct json *context)
{
	for (const struct json *m = json_first(arg); m; m = json_next(m)) {
		struct json *copy = json_copy(m);

		if (!copy || json_set(context, json_name(m), copy))
			return -1;
	}
	return 0;
}

int access_authorize(struct world *w, const struct caller *who, const char *action, const char *resource,
		     const struct json *context, struct err *err)
{
	char bucket[64];
	struct access_extra extra = { fill_copies, (void *)(uintptr_t)context,
				      bucket_of_resource(resource, bucket) ? bucket : NULL };

	return access_authorize_with(w, who, action, resource, &extra, err);
}

bool access_allows(struct world *w, const struct caller *who, const char *action, const char *resource)
{
	struct err ignored;

	return !access_authorize(w, who, action, resource, NULL, &ignored);
}
