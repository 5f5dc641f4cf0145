#include "sandbox/access/identity.h"
#include "sandbox/access/trust.h"

/* What services may do with a role: COPY and UNLOAD act as it. */

static int no_such_role(const char *arn, struct err *err)
{
	return service_error(err, 404, "NoSuchEntity", "The role with ARN %.300s cannot be found.", arn);
}

int access_role(struct world *w, const char *role_arn, const char *action, const char *resource,
		const struct json *context, enum access_decision *out, struct err *err)
{
	struct identity role = { .is_role = true, .arn = role_arn };
	int rc;

	store_lock(w->store);
	role.doc = identity_find(w, "iam:role", role_arn);
	rc = role.doc ? identity_evaluate(w, &role, action, resource, context, out, err) : no_such_role(role_arn, err);
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
