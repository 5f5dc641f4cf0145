#include "sandbox/access/managed.h"
#include "sandbox/access/policy.h"
#include "spark/sandbox/http.h"

/* Roles' documents are described in http/iam.c. */

/* The document of the role with exactly this ARN; lends, under the store's lock. */
static const struct json *role_find(struct world *w, const char *arn)
{
	const char *slash = strrchr(arn, '/');
	const struct json *doc;
	char id[65];
	size_t len = slash ? strlen(slash + 1) : 0;

	if (!len || len >= sizeof(id))
		return NULL;
	for (size_t i = 0; i <= len; i++)
		id[i] = (char)(slash[1 + i] >= 'A' && slash[1 + i] <= 'Z' ? slash[1 + i] + 32 : slash[1 + i]);
	doc = store_get(w->store, "iam:role", id);
	return doc && !strcmp(json_str(doc, "arn", ""), arn) ? doc : NULL;
}

static int no_such_role(const char *arn, struct err *err)
{
	return service_error(err, 404, "NoSuchEntity", "The role with ARN %.300s cannot be found.", arn);
}

static int evaluate_text(const char *text, const char *action, const char *resource, enum access_decision *total,
			 struct err *err)
{
	struct json *doc = json_parse(text, strlen(text), err);

	if (!doc)
		return -1;
	policy_combine(access_evaluate(doc, action, resource, NULL), total);
	json_free(doc);
	return 0;
}

int access_role(struct world *w, const char *role_arn, const char *action, const char *resource,
		enum access_decision *out, struct err *err)
{
	enum access_decision total = ACCESS_IMPLICIT_DENY;
	const struct json *role;
	int rc = -1;

	store_lock(w->store);
	role = role_find(w, role_arn);
	if (!role) {
		no_such_role(role_arn, err);
		goto out;
	}
	for (const struct json *a = json_first(json_get(role, "attached")); a; a = json_next(a)) {
		const struct managed_policy *m = managed_find(json_text(a));

		if (m && evaluate_text(m->document, action, resource, &total, err))
			goto out;
	}
	for (const struct json *i = json_first(json_get(role, "inline")); i; i = json_next(i))
		if (evaluate_text(json_text(i), action, resource, &total, err))
			goto out;
	*out = total;
	rc = 0;
out:
	store_unlock(w->store);
	return rc;
}

static bool same_or_any(void *arg, const char *text)
{
	return !strcmp(text, arg) || !strcmp(text, "*");
}

static bool names_service(const struct json *statement, const char *service)
{
	const struct json *principal = json_get(statement, "Principal");

	/* "*" alone is every principal. */
	if (json_is_string(principal))
		return !strcmp(json_text(principal), "*");
	return policy_any_text(json_get(principal, "Service"), same_or_any, (void *)(uintptr_t)service);
}

/* The one statement as a policy without principals, evaluated. */
static enum access_decision assume_decision(const struct json *statement, const char *service,
					    const struct json *context)
{
	enum access_decision d = ACCESS_IMPLICIT_DENY;
	struct json *policy, *copy;

	if (!names_service(statement, service))
		return d;
	policy = json_new_object();
	copy = json_copy(statement);
	/* Without memory nobody is trusted. */
	if (policy && copy && !json_set(policy, "Statement", copy))
		d = access_evaluate(policy, "sts:AssumeRole", NULL, context);
	else if (!policy)
		json_free(copy);
	json_free(policy);
	return d;
}

static bool trusts(const struct json *trust, const char *service, const struct json *context)
{
	const struct json *statements = json_get(trust, "Statement");
	enum access_decision total = ACCESS_IMPLICIT_DENY;

	if (json_is_object(statements))
		return assume_decision(statements, service, context) == ACCESS_ALLOWED;
	if (!json_is_array(statements))
		return false;
	for (const struct json *s = json_first(statements); s; s = json_next(s))
		policy_combine(assume_decision(s, service, context), &total);
	return total == ACCESS_ALLOWED;
}

bool access_trusts_service(const struct json *trust_policy, const char *service)
{
	return trusts(trust_policy, service, NULL);
}

int access_role_trusts(struct world *w, const char *role_arn, const char *service, bool *trusted, struct err *err)
{
	struct json *trust = NULL, *context = NULL;
	const struct json *role;
	const char *text;
	int rc = -1;

	store_lock(w->store);
	role = role_find(w, role_arn);
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
	*trusted = trusts(trust, service, context);
	rc = 0;
out:
	store_unlock(w->store);
	json_free(context);
	json_free(trust);
	return rc;
}
