/* SimulatePrincipalPolicy and SimulateCustomPolicy: what policies would say of a call. */
#include "sandbox/access/identity.h"
#include "sandbox/access/policy.h"
#include "sandbox/http/iam/iam.h"

/* One simulation: policies and context of the request, parsed once. */
struct simulation {
	struct world *w;
	const struct params *p;
	struct err *err;
	struct json *context;  /* condition keys */
	struct json *policies; /* [{id, type, document}] */
};

static int add_policy(struct simulation *s, const char *id, const char *type, const char *text)
{
	struct json *document = json_parse(text, strlen(text), s->err), *entry;

	if (!document)
		return -1;
	entry = json_new_object();
	if (!entry) {
		json_free(document);
		return err_nomem(s->err);
	}
	if (json_set(entry, "document", document) || json_set_str(entry, "id", id) ||
	    json_set_str(entry, "type", type)) {
		json_free(entry);
		return err_nomem(s->err);
	}
	return json_append(s->policies, entry) ? err_nomem(s->err) : 0;
}

static int add_own(void *arg, const struct identity_policy *p)
{
	return add_policy(arg, p->id, p->type, p->text);
}

/* PolicyInputList: policies beside those that the principal has. */
static int add_given(struct simulation *s)
{
	const char *text;
	char id[32];

	for (int n = 1; (text = params_getf(s->p, "PolicyInputList.member.%d", n)); n++) {
		if (policy_check_identity(text, s->err)) {
			char why[512];

			if (s->err->kind != ERR_AWS)
				return -1;
			snprintf(why, sizeof(why), "%.500s", s->err->text);
			return service_error(s->err, 400, "InvalidInput",
					     "Invalid policy in the request's PolicyInputList: %s", why);
		}
		snprintf(id, sizeof(id), "PolicyInputList.%d", n);
		if (add_policy(s, id, "none", text))
			return -1;
	}
	return 0;
}

/* ContextEntries: one value as text, several as a list. */
static int add_context(struct simulation *s)
{
	const char *name, *value;

	for (int n = 1; (name = params_getf(s->p, "ContextEntries.member.%d.ContextKeyName", n)); n++) {
		struct json *values = json_new_array();

		if (!values)
			return err_nomem(s->err);
		for (int k = 1;
		     (value = params_getf(s->p, "ContextEntries.member.%d.ContextKeyValues.member.%d", n, k)); k++) {
			if (json_append_str(values, value)) {
				json_free(values);
				return err_nomem(s->err);
			}
		}
		if (json_count(values) != 1) {
			if (json_set(s->context, name, values))
				return err_nomem(s->err);
			continue;
		}
		if (json_set_str(s->context, name, json_text(json_at(values, 0)))) {
			json_free(values);
			return err_nomem(s->err);
		}
		json_free(values);
	}
	return 0;
}

/* The condition keys that a statement asks for and that nobody told. */
static int add_missing(const struct json *statement, const struct json *context, struct json *missing)
{
	for (const struct json *o = json_first(json_get(statement, "Condition")); o; o = json_next(o))
		for (const struct json *k = json_first(o); k; k = json_next(k))
			if (!policy_context(context, json_name(k)) && !json_get(missing, json_name(k)) &&
			    json_set_bool(missing, json_name(k), true))
				return -1;
	return 0;
}

static int find_missing(const struct simulation *s, struct json *missing)
{
	for (const struct json *e = json_first(s->policies); e; e = json_next(e)) {
		const struct json *statements = json_get(json_get(e, "document"), "Statement");

		if (json_is_object(statements) && add_missing(statements, s->context, missing))
			return -1;
		for (const struct json *i = json_is_array(statements) ? json_first(statements) : NULL; i;
		     i = json_next(i))
			if (add_missing(i, s->context, missing))
				return -1;
	}
	return 0;
}

static const char *decision_word(enum access_decision d)
{
	static const char *const words[] = { [ACCESS_ALLOWED] = "allowed",
					     [ACCESS_EXPLICIT_DENY] = "explicitDeny",
					     [ACCESS_IMPLICIT_DENY] = "implicitDeny" };

	return words[d];
}

/* Which policies the decision is from. */
static void write_matched(const struct simulation *s, const char *action, const char *resource,
			  enum access_decision total, struct buf *out)
{
	xml_open(out, "MatchedStatements");
	for (const struct json *e = json_first(s->policies); e; e = json_next(e)) {
		if (total == ACCESS_IMPLICIT_DENY ||
		    access_evaluate(json_get(e, "document"), action, resource, s->context) != total)
			continue;
		xml_open(out, "member");
		xml_element(out, "SourcePolicyId", json_str(e, "id", ""));
		xml_element(out, "SourcePolicyType", json_str(e, "type", "none"));
		xml_close(out, "member");
	}
	xml_close(out, "MatchedStatements");
}

static int simulate_one(const struct simulation *s, const char *action, const char *resource, struct buf *out)
{
	enum access_decision total = ACCESS_IMPLICIT_DENY;
	struct json *missing = json_new_object();

	if (!missing || find_missing(s, missing)) {
		json_free(missing);
		return err_nomem(s->err);
	}
	for (const struct json *e = json_first(s->policies); e; e = json_next(e))
		policy_combine(access_evaluate(json_get(e, "document"), action, resource, s->context), &total);
	xml_open(out, "member");
	xml_element(out, "EvalActionName", action);
	xml_element(out, "EvalResourceName", resource);
	xml_element(out, "EvalDecision", decision_word(total));
	write_matched(s, action, resource, total, out);
	xml_open(out, "MissingContextValues");
	for (const struct json *m = json_first(missing); m; m = json_next(m))
		xml_element(out, "member", json_name(m));
	xml_close(out, "MissingContextValues");
	xml_close(out, "member");
	json_free(missing);
	return 0;
}

static int check_action_name(const char *action, struct err *err)
{
	const char *colon = strchr(action, ':');

	if (colon && colon != action && colon[1] && strlen(action) >= 3 && strlen(action) <= 128 &&
	    !strpbrk(action, "*? "))
		return 0;
	return service_error(err, 400, "InvalidInput", "Invalid action name in the request: %.128s", action);
}

static int simulate_all(const struct simulation *s, struct buf *out)
{
	const char *action, *resource;
	struct iam_page page;
	char key[32];
	size_t at = 0;

	if (!params_get(s->p, "ActionNames.member.1"))
		return iam_invalid(s->err, "ActionNames", NULL, NULL);
	if (iam_page_begin(s->p, &page, s->err))
		return -1;
	xml_open(out, "EvaluationResults");
	for (int a = 1; (action = params_getf(s->p, "ActionNames.member.%d", a)); a++) {
		if (check_action_name(action, s->err))
			return -1;
		for (int r = 1; (resource = params_getf(s->p, "ResourceArns.member.%d", r)) || r == 1; r++, at++) {
			iam_page_key(at, key);
			if (iam_page_takes(&page, key) && simulate_one(s, action, resource ? resource : "*", out))
				return -1;
		}
	}
	xml_close(out, "EvaluationResults");
	iam_page_end(&page, out);
	return 0;
}

/* A user, role or group by its ARN. */
static const struct json *find_source(struct world *w, const struct params *p, bool *is_role, struct err *err)
{
	const char *arn = iam_required(p, "PolicySourceArn", 2048, err);
	const struct json *doc = NULL;

	if (!arn)
		return NULL;
	*is_role = strstr(arn, ":role/") != NULL;
	if (*is_role)
		doc = identity_find(w, "iam:role", arn);
	else if (strstr(arn, ":user/"))
		doc = identity_find(w, "iam:user", arn);
	else if (strstr(arn, ":group/"))
		doc = identity_find(w, "iam:group", arn);
	else
		service_error(err, 400, "InvalidInput", "Invalid Entity Arn: %.300s", arn);
	if (!doc && (*is_role || strstr(arn, ":user/") || strstr(arn, ":group/")))
		service_error(err, 404, "NoSuchEntity", "The entity with ARN %.300s cannot be found.", arn);
	return doc;
}

/* What the principal would bring with him, unless the request says otherwise. */
static int add_principal(struct simulation *s, const struct json *source, bool is_role)
{
	if (json_set_str(s->context, "aws:PrincipalArn", json_str(source, "arn", "")) ||
	    json_set_str(s->context, "aws:PrincipalAccount", s->w->account) ||
	    (!is_role && json_get(source, "userId") &&
	     json_set_str(s->context, "aws:username", json_str(source, "name", ""))))
		return err_nomem(s->err);
	return 0;
}

static int simulate(struct world *w, const struct params *p, const struct json *source, bool is_role, struct buf *out,
		    struct err *err)
{
	struct simulation s = { w, p, err, json_new_object(), json_new_array() };
	int rc = -1;

	if (params_get(p, "PermissionsBoundaryPolicyInputList.member.1"))
		service_error(err, 400, "InvalidInput",
			      "The sandbox does not have permissions boundaries (PermissionsBoundaryPolicyInputList)");
	else if (params_get(p, "ResourcePolicy"))
		service_error(err, 400, "InvalidInput", "The sandbox does not have resource policies (ResourcePolicy)");
	else if (!s.context || !s.policies)
		err_nomem(err);
	else if (!(source && add_principal(&s, source, is_role)) && !add_context(&s) && !add_given(&s) &&
		 !(source && identity_each_policy(w, source, is_role, add_own, &s)))
		rc = simulate_all(&s, out);
	json_free(s.policies);
	json_free(s.context);
	return rc;
}

IAM_HANDLER(iam_simulate_principal_policy)
{
	bool is_role = false;
	const struct json *source = find_source(w, p, &is_role, err);

	(void)who;
	return source ? simulate(w, p, source, is_role, out, err) : -1;
}

IAM_HANDLER(iam_simulate_custom_policy)
{
	(void)who;
	if (!params_get(p, "PolicyInputList.member.1"))
		return iam_invalid(err, "PolicyInputList", NULL, NULL);
	return simulate(w, p, NULL, false, out, err);
}
