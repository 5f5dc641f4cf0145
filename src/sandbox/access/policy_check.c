#include "sandbox/access/policy.h"
#include "spark/sandbox/http.h"

/* What differs between a role's trust policy and one that gives permissions. */
struct rules {
	bool trust;
};

static int refuse(struct err *err, const char *text)
{
	return service_error(err, 400, "MalformedPolicyDocument", "%s", text);
}

bool policy_is_texts(const struct json *v)
{
	if (json_is_string(v))
		return true;
	if (!json_is_array(v) || !json_count(v))
		return false;
	for (const struct json *i = json_first(v); i; i = json_next(i))
		if (!json_is_string(i))
			return false;
	return true;
}

static bool bad_action(void *arg, const char *text)
{
	const struct rules *rules = arg;
	const char *colon = strchr(text, ':');

	if (!strcmp(text, "*"))
		return rules->trust;
	if (!colon || colon == text || !colon[1])
		return true;
	return rules->trust && strncasecmp(text, "sts:", 4);
}

static bool bad_resource(void *arg, const char *text)
{
	(void)arg;
	return strcmp(text, "*") && strncmp(text, "arn:", 4) && strncmp(text, "${", 2);
}

static bool bad_service(void *arg, const char *text)
{
	(void)arg;
	/* <service>.amazonaws.com, with the suffixes of other partitions. */
	return !strstr(text, ".amazonaws.com") && !strstr(text, ".amazon.com") && !strstr(text, ".aws.internal");
}

static bool bad_account(void *arg, const char *text)
{
	(void)arg;
	return strcmp(text, "*") && strncmp(text, "arn:", 4) &&
	       !(strlen(text) == 12 && strspn(text, "0123456789") == 12);
}

static int check_principal(const struct json *p, struct err *err)
{
	static const struct {
		const char *name;
		bool (*bad)(void *arg, const char *text);
	} kinds[] = {
		{ "AWS", bad_account }, { "Service", bad_service }, { "Federated", NULL }, { "CanonicalUser", NULL }
	};

	if (json_is_string(p))
		return strcmp(json_text(p), "*") ? refuse(err, "Invalid principal in policy.") : 0;
	if (!json_is_object(p) || !json_count(p))
		return refuse(err, "Missing required field Principal cannot be empty!");
	for (const struct json *m = json_first(p); m; m = json_next(m)) {
		size_t i = 0, count = sizeof(kinds) / sizeof(*kinds);

		while (i < count && strcmp(kinds[i].name, json_name(m)))
			i++;
		if (i == count || !policy_is_texts(m))
			return service_error(err, 400, "MalformedPolicyDocument", "Invalid principal in policy: \"%s\"",
					     json_name(m));
		if (kinds[i].bad && policy_any_text(m, kinds[i].bad, NULL))
			return service_error(err, 400, "MalformedPolicyDocument",
					     "Invalid principal in policy: \"%s\":\"%.200s\"", json_name(m),
					     json_is_string(m) ? json_text(m) : json_text(json_at(m, 0)));
	}
	return 0;
}

static int check_members(const struct json *s, struct err *err)
{
	static const char *const known[] = { "Sid",       "Effect",   "Principal",   "NotPrincipal", "Action",
					     "NotAction", "Resource", "NotResource", "Condition" };

	for (const struct json *m = json_first(s); m; m = json_next(m)) {
		size_t i = 0, count = sizeof(known) / sizeof(*known);

		while (i < count && strcmp(known[i], json_name(m)))
			i++;
		if (i == count)
			return refuse(err, "Syntax errors in policy.");
	}
	return 0;
}

static int check_action(const struct json *s, struct rules *rules, struct err *err)
{
	const struct json *action = json_get(s, "Action"), *not_action = json_get(s, "NotAction");

	if (!action && !not_action)
		return refuse(err, rules->trust ? "Missing required field Action"
						: "Policy statement must contain actions.");
	if ((action && not_action) || !policy_is_texts(action ? action : not_action))
		return refuse(err, "Syntax errors in policy.");
	if (!policy_any_text(action ? action : not_action, bad_action, rules))
		return 0;
	return refuse(err, rules->trust ? "AssumeRole policy may only specify STS AssumeRole actions."
					: "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
}

static int check_resource(const struct json *s, const struct rules *rules, struct err *err)
{
	const struct json *yes = json_get(s, "Resource"), *no = json_get(s, "NotResource");

	if (rules->trust)
		return yes || no ? refuse(err, "Has prohibited field Resource") : 0;
	if (!yes && !no)
		return refuse(err, "Policy statement must contain resources.");
	if ((yes && no) || !policy_is_texts(yes ? yes : no))
		return refuse(err, "Syntax errors in policy.");
	if (policy_any_text(yes ? yes : no, bad_resource, NULL))
		return refuse(err, "Resource must be in ARN format or \"*\".");
	return 0;
}

static int check_statement(const struct json *s, struct rules *rules, struct err *err)
{
	const char *effect = json_str(s, "Effect", NULL);
	const struct json *principal = json_get(s, "Principal"), *condition = json_get(s, "Condition");

	if (!json_is_object(s) || check_members(s, err))
		return refuse(err, "Syntax errors in policy.");
	if (!effect)
		return refuse(err, "Missing required field Effect");
	if (strcmp(effect, "Allow") && strcmp(effect, "Deny"))
		return service_error(err, 400, "MalformedPolicyDocument", "Invalid effect: %.100s", effect);
	if (condition && !json_is_object(condition))
		return refuse(err, "Syntax errors in policy.");
	if (!rules->trust && (principal || json_get(s, "NotPrincipal")))
		return refuse(err, "Policy document should not specify a principal.");
	if (rules->trust && !principal && !json_get(s, "NotPrincipal"))
		return refuse(err, "Missing required field Principal");
	if (rules->trust && principal && check_principal(principal, err))
		return -1;
	return check_action(s, rules, err) || check_resource(s, rules, err) ? -1 : 0;
}

static int check(const char *text, struct rules *rules, struct err *err)
{
	struct json *doc = json_parse(text, strlen(text), err);
	const struct json *statements = json_get(doc, "Statement");
	const char *version = json_str(doc, "Version", "2008-10-17");
	int rc = 0;

	if (!doc)
		return err && err->kind == ERR_NOMEM ? -1 : refuse(err, "This policy contains invalid Json");
	if (!json_is_object(doc))
		rc = refuse(err, "Syntax errors in policy.");
	else if (strcmp(version, "2012-10-17") && strcmp(version, "2008-10-17"))
		rc = refuse(err, "Policy document must be version 2012-10-17 or greater.");
	else if (json_is_object(statements))
		rc = check_statement(statements, rules, err);
	else if (!json_is_array(statements) || !json_count(statements))
		rc = refuse(err, "Syntax errors in policy.");
	else
		for (const struct json *s = json_first(statements); s && rc == 0; s = json_next(s))
			rc = check_statement(s, rules, err);
	json_free(doc);
	return rc;
}

int policy_check_trust(const char *text, struct err *err)
{
	struct rules rules = { true };

	return check(text, &rules, err);
}

int policy_check_identity(const char *text, struct err *err)
{
	struct rules rules = { false };

	return check(text, &rules, err);
}
