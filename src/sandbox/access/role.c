#include "sandbox/access/role.h"
#include "sandbox/access/bucket_policy.h"
#include "sandbox/access/trust.h"

/* What services may do with a role: COPY and UNLOAD act as it. */

static int no_such_role(const char *arn, struct err *err)
{
	return service_error(err, 404, "NoSuchEntity", "The role with ARN %.300s cannot be found.", arn);
}

struct json *role_context(struct world *w, const struct identity *role, const struct caller *who,
			  const struct json *more, struct err *err)
{
	struct json *c = identity_context(w, who, role, err), *copy;

	for (const struct json *m = c ? json_first(more) : NULL; m; m = json_next(m)) {
		copy = json_copy(m);
		if (copy && json_set(c, json_name(m), copy) == 0)
			continue;
		json_free(c);
		err_nomem(err);
		return NULL;
	}
	return c;
}

/* What the bucket's policy adds to the word of the role's own. */
static int add_bucket(struct world *w, const struct identity *role, const struct json *policy, const char *action,
		      const char *resource, const struct json *context, enum access_decision *out, struct err *err)
{
	struct bucket_word word;
	struct principal p;
	struct caller who;
	struct json *whole;

	identity_role_session(w, role->doc, ROLE_SESSION, &who);
	if (!(whole = role_context(w, role, &who, context, err)))
		return -1;
	principal_of(&who, role, &p);
	bucket_policy_ask(policy, &p, action, resource, whole, &word);
	json_free(whole);
	if (word.denied)
		*out = ACCESS_EXPLICIT_DENY;
	else if (access_verdict(*out, ACCESS_ALLOWED, &word) == VERDICT_ALLOWED)
		*out = ACCESS_ALLOWED;
	return 0;
}

int access_role(struct world *w, const char *role_arn, const char *action, const char *resource,
		const struct json *context, enum access_decision *out, struct err *err)
{
	struct identity role = { .is_role = true, .arn = role_arn };
	const struct json *policy = NULL;
	char bucket[64];
	int rc;

	store_lock(w->store);
	role.doc = identity_find(w, "iam:role", role_arn);
	rc = role.doc ? identity_evaluate(w, &role, action, resource, context, out, err) : no_such_role(role_arn, err);
	if (bucket_of_resource(resource, bucket))
		policy = bucket_policy_of(w, bucket);
	if (rc == 0 && policy)
		rc = add_bucket(w, &role, policy, action, resource, context, out, err);
	store_unlock(w->store);
	return rc;
}

int access_role_trusts(struct world *w, const char *role_arn, const char *service, bool *trusted, struct err *err)
{
	struct json *trust = NULL, *context = NULL;
	const struct json *role;
	const char *text;
	int rc = -1;

	store_lock(w->store);
	role = identity_find(w, "iam:role", role_arn);
	if (!role) {
		no_such_role(role_arn, err);
		goto out;
	}
	text = json_str(role, "trust", "{}");
	trust = json_parse(text, strlen(text), err);
	if (!trust)
		goto out;
	/* What services tell to guard against being someone else's deputy. */
	context = json_new_object();
	if (!context || json_set_str(context, "aws:SourceAccount", w->account)) {
		err_nomem(err);
		goto out;
	}
	*trusted = trust_service(trust, "sts:AssumeRole", service, context) == TRUST_DIRECT;
	rc = 0;
out:
	store_unlock(w->store);
	json_free(context);
	json_free(trust);
	return rc;
}
