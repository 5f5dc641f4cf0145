/* Which texts are policies of buckets, and how one is kept. */
#include "sandbox/access/bucket_policy.h"
#include "sandbox/access/policy.h"

#define ARN_HEAD "arn:aws:s3:::"

/* One statement on its way. */
struct checking {
	struct world *w;
	const char *bucket;
	int levels;         /* of its resources */
	struct json *names; /* the principals of one kind, as they are kept */
	bool no_memory;
};

static int refuse(struct err *err, const char *text)
{
	return service_error(err, 400, "MalformedPolicy", "%s", text);
}

/* ---- principals ---- */

struct finding {
	const char *id_name, *wanted;
	char arn[512];
};

static int compare_id(void *arg, const char *id, const struct json *doc)
{
	struct finding *f = arg;

	(void)id;
	if (strcmp(json_str(doc, f->id_name, ""), f->wanted))
		return 0;
	snprintf(f->arn, sizeof(f->arn), "%s", json_str(doc, "arn", ""));
	return 1;
}

static bool is_unique_id(const char *text)
{
	return (!strncmp(text, "AIDA", 4) || !strncmp(text, "AROA", 4)) && !strchr(text, ':');
}

/* The ARN of the user or role with this unique id, or false. */
static bool find_arn(struct world *w, const char *id, char arn[512])
{
	bool user = !strncmp(id, "AIDA", 4);
	struct finding f = { user ? "userId" : "id", id, "" };

	if (!store_each(w->store, user ? "iam:user" : "iam:role", "", compare_id, &f))
		return false;
	snprintf(arn, 512, "%s", f.arn);
	return true;
}

static bool is_account_number(const char *text)
{
	return strlen(text) == 12 && strspn(text, "0123456789") == 12;
}

/* "arn:aws:iam::123456789012:user/name": its account and what follows it; false when it is none of the kind. */
static bool take_apart(const char *arn, const char *service, char account[13], const char **rest)
{
	size_t len = strlen(service);

	if (strncmp(arn, "arn:aws:", 8) || strncmp(arn + 8, service, len) || strncmp(arn + 8 + len, "::", 2))
		return false;
	arn += 8 + len + 2;
	if (strspn(arn, "0123456789") != 12 || arn[12] != ':')
		return false;
	memcpy(account, arn, 12);
	account[12] = 0;
	*rest = arn + 13;
	return true;
}

/* How a user, role, session or account is kept; NULL: there is no such one. Other accounts' are taken at their word. */
static const char *keep_aws(struct world *w, const char *text, char room[512])
{
	const struct json *doc = NULL;
	const char *rest;
	char account[13];

	if (!strcmp(text, "*"))
		return text;
	if (is_account_number(text)) {
		snprintf(room, 512, "arn:aws:iam::%s:root", text);
		return room;
	}
	if (is_unique_id(text))
		return find_arn(w, text, room) ? text : NULL;
	if (take_apart(text, "sts", account, &rest))
		return !strncmp(rest, "assumed-role/", 13) && strchr(rest + 13, '/') && !strpbrk(rest, "*?") ? text
													     : NULL;
	if (!take_apart(text, "iam", account, &rest) || strpbrk(rest, "*?"))
		return NULL;
	if (!strcmp(rest, "root"))
		return text;
	if (strncmp(rest, "user/", 5) && strncmp(rest, "role/", 5))
		return NULL;
	if (strcmp(account, w->account))
		return text;
	doc = identity_find(w, *rest == 'u' ? "iam:user" : "iam:role", text);
	snprintf(room, 512, "%s", json_str(doc, *rest == 'u' ? "userId" : "id", ""));
	return doc ? room : NULL;
}

static bool keep_one_aws(void *arg, const char *text)
{
	struct checking *k = arg;
	char room[512];
	const char *kept = keep_aws(k->w, text, room);

	k->no_memory = kept && json_append_str(k->names, kept) < 0;
	return !kept || k->no_memory;
}

static bool keep_one_service(void *arg, const char *text)
{
	struct checking *k = arg;

	if (!strstr(text, ".amazonaws.com") || strpbrk(text, "*?"))
		return true;
	k->no_memory = json_append_str(k->names, text) < 0;
	return k->no_memory;
}

static bool keep_one_other(void *arg, const char *text)
{
	struct checking *k = arg;

	k->no_memory = json_append_str(k->names, text) < 0;
	return k->no_memory || !*text;
}

static int bad_principal(const struct checking *k, struct err *err)
{
	return k->no_memory ? err_nomem(err) : refuse(err, "Invalid principal in policy");
}

/* The names of one kind into the new list of principals. */
static int keep_kind(struct checking *k, const struct json *kind, struct json *to, struct err *err)
{
	static const struct {
		const char *name;
		bool (*keep)(void *arg, const char *text); /* true: no principal */
	} kinds[] = { { "AWS", keep_one_aws },
		      { "Service", keep_one_service },
		      { "Federated", keep_one_other },
		      { "CanonicalUser", keep_one_other } };
	size_t i = 0, count = sizeof(kinds) / sizeof(*kinds);
	bool bad;

	while (i < count && strcmp(kinds[i].name, json_name(kind)))
		i++;
	if (i == count || !policy_is_texts(kind))
		return bad_principal(k, err);
	if (!(k->names = json_new_array()))
		return err_nomem(err);
	bad = policy_any_text(kind, kinds[i].keep, k);
	if (bad) {
		json_free(k->names);
		return bad_principal(k, err);
	}
	/* One alone is told as it was given. */
	if (json_is_string(kind)) {
		struct json *one = json_copy(json_at(k->names, 0));

		json_free(k->names);
		return one && json_set(to, json_name(kind), one) == 0 ? 0 : err_nomem(err);
	}
	return json_set(to, json_name(kind), k->names) ? err_nomem(err) : 0;
}

/* Puts ids in the place of ARNs. */
static int keep_principals(struct checking *k, struct json *statement, const char *member, struct err *err)
{
	const struct json *given = json_get(statement, member);
	struct json *kept;

	if (json_is_string(given) && !strcmp(json_text(given), "*"))
		return 0;
	if (!json_is_object(given) || !json_count(given))
		return bad_principal(k, err);
	if (!(kept = json_new_object()))
		return err_nomem(err);
	for (const struct json *m = json_first(given); m; m = json_next(m))
		if (keep_kind(k, m, kept, err) < 0) {
			json_free(kept);
			return -1;
		}
	return json_set(statement, member, kept) ? err_nomem(err) : 0;
}

/* ---- the other elements ---- */

static bool bad_resource(void *arg, const char *text)
{
	struct checking *k = arg;
	size_t head = sizeof(ARN_HEAD) - 1, len = strlen(k->bucket);
	const char *rest = text + head + len;

	if (strncmp(text, ARN_HEAD, head) || strncmp(text + head, k->bucket, len) || (*rest && !strchr("/*?", *rest)))
		return true;
	k->levels |= *rest == '/' ? OBJECT_ACTION : *rest ? BUCKET_ACTION | OBJECT_ACTION : BUCKET_ACTION;
	return false;
}

static bool bad_action(void *arg, const char *text)
{
	(void)arg;
	return !bucket_policy_action_levels(text);
}

static bool applies_nowhere(void *arg, const char *text)
{
	const struct checking *k = arg;

	return !(bucket_policy_action_levels(text) & k->levels);
}

/* The one that is there of an element and its negation; NULL: none, or both, or no texts. */
static const struct json *texts_of(const struct json *statement, const char *name, const char *not_name)
{
	const struct json *yes = json_get(statement, name), *no = json_get(statement, not_name);

	return (yes && no) || !policy_is_texts(yes ? yes : no) ? NULL : yes ? yes : no;
}

static int check_action_and_resource(struct checking *k, const struct json *s, struct err *err)
{
	const struct json *actions = texts_of(s, "Action", "NotAction");
	const struct json *resources = texts_of(s, "Resource", "NotResource");

	if (!actions)
		return refuse(err, json_get(s, "Action") || json_get(s, "NotAction") ? "Policy has invalid action"
										     : "Missing required field Action");
	if (!resources)
		return refuse(err, json_get(s, "Resource") || json_get(s, "NotResource")
					   ? "Policy has invalid resource"
					   : "Missing required field Resource");
	if (policy_any_text(actions, bad_action, k))
		return refuse(err, "Policy has invalid action");
	k->levels = 0;
	if (policy_any_text(resources, bad_resource, k))
		return refuse(err, "Policy has invalid resource");
	if (json_get(s, "Action") && json_get(s, "Resource") && policy_any_text(actions, applies_nowhere, k))
		return refuse(err, "Action does not apply to any resource(s) in statement");
	return 0;
}

static bool is_scalar(const struct json *v)
{
	return json_is_string(v) || json_is_number(v) || json_is_bool(v);
}

static bool are_scalars(const struct json *v)
{
	if (!json_is_array(v))
		return is_scalar(v);
	for (const struct json *i = json_first(v); i; i = json_next(i))
		if (!is_scalar(i))
			return false;
	return json_count(v) > 0;
}

static int check_condition(const struct json *condition, struct err *err)
{
	if (!condition)
		return 0;
	if (!json_is_object(condition))
		return refuse(err, "Invalid policy syntax.");
	for (const struct json *o = json_first(condition); o; o = json_next(o)) {
		if (!policy_operator_is_known(json_name(o)))
			return service_error(err, 400, "MalformedPolicy", "Invalid Condition type : %.100s",
					     json_name(o));
		if (!json_is_object(o))
			return refuse(err, "Invalid policy syntax.");
		for (const struct json *key = json_first(o); key; key = json_next(key)) {
			if (strncasecmp(json_name(key), "aws:", 4) && strncasecmp(json_name(key), "s3:", 3))
				return refuse(err, "Policy has an invalid condition key");
			if (!are_scalars(key))
				return refuse(err, "Invalid policy syntax.");
		}
	}
	return 0;
}

static int check_names(const struct json *object, const char *const *known, struct err *err)
{
	for (const struct json *m = json_first(object); m; m = json_next(m)) {
		size_t i = 0;

		while (known[i] && strcmp(known[i], json_name(m)))
			i++;
		if (!known[i])
			return service_error(err, 400, "MalformedPolicy", "Unknown field %.100s", json_name(m));
	}
	return 0;
}

static int check_statement(struct checking *k, struct json *s, struct err *err)
{
	static const char *const known[] = { "Sid",       "Effect",   "Principal",   "NotPrincipal", "Action",
					     "NotAction", "Resource", "NotResource", "Condition",    NULL };
	const struct json *effect = json_get(s, "Effect"), *sid = json_get(s, "Sid");
	bool principal = json_get(s, "Principal") != NULL, not_principal = json_get(s, "NotPrincipal") != NULL;

	if (!json_is_object(s) || (sid && !json_is_string(sid)))
		return refuse(err, "Invalid policy syntax.");
	if (check_names(s, known, err) < 0)
		return -1;
	if (!effect)
		return refuse(err, "Missing required field Effect");
	if (!json_is_string(effect) || (strcmp(json_text(effect), "Allow") && strcmp(json_text(effect), "Deny")))
		return service_error(err, 400, "MalformedPolicy", "Invalid effect: %.100s",
				     json_is_string(effect) ? json_text(effect) : "");
	if (!principal && !not_principal)
		return refuse(err, "Missing required field Principal");
	if (principal && not_principal)
		return refuse(err, "Invalid policy syntax.");
	if (keep_principals(k, s, principal ? "Principal" : "NotPrincipal", err) < 0)
		return -1;
	return check_action_and_resource(k, s, err) < 0 ? -1 : check_condition(json_get(s, "Condition"), err);
}

/* A single statement becomes a list of one. */
static int list_statements(struct json *doc, struct err *err)
{
	const struct json *given = json_get(doc, "Statement");
	struct json *list, *copy;

	if (!json_is_object(given))
		return 0;
	list = json_new_array();
	copy = json_copy(given);
	if (!list || !copy || json_append(list, copy)) {
		if (!list)
			json_free(copy);
		json_free(list);
		return err_nomem(err);
	}
	return json_set(doc, "Statement", list) ? err_nomem(err) : 0;
}

static int check(struct checking *k, struct json *doc, struct err *err)
{
	static const char *const known[] = { "Version", "Id", "Statement", NULL };
	const struct json *version = json_get(doc, "Version"), *id = json_get(doc, "Id"), *statements;
	size_t count;

	if (check_names(doc, known, err) < 0)
		return -1;
	if (version && (!json_is_string(version) || (strcmp(json_text(version), "2012-10-17") != 0 &&
						     strcmp(json_text(version), "2008-10-17") != 0)))
		return refuse(err, "The policy must contain a valid version string");
	if (id && !json_is_string(id))
		return refuse(err, "Invalid policy syntax.");
	if (!json_get(doc, "Statement"))
		return refuse(err, "Missing required field Statement");
	if (list_statements(doc, err) < 0)
		return -1;
	statements = json_get(doc, "Statement");
	if (!json_is_array(statements) || !(count = json_count(statements)))
		return refuse(err, "Could not parse the policy: Statement is empty!");
	for (size_t i = 0; i < count; i++)
		if (check_statement(k, (struct json *)(uintptr_t)json_at(statements, i), err) < 0)
			return -1;
	return 0;
}

int bucket_policy_parse(struct world *w, const char *bucket, const char *text, size_t len, struct json **out,
			struct err *err)
{
	struct checking k = { .w = w, .bucket = bucket };
	struct err why = { 0 };
	struct json *doc;

	if (len > BUCKET_POLICY_MAX)
		return refuse(err, "Policy exceeds the maximum allowed document size.");
	if (!len || *text != '{')
		return refuse(err, "Policies must be valid JSON and the first byte must be '{'");
	doc = json_parse(text, len, &why);
	if (!doc)
		return why.kind == ERR_NOMEM ? err_nomem(err) : refuse(err, "This policy contains invalid Json");
	if (check(&k, doc, err) < 0) {
		json_free(doc);
		return -1;
	}
	*out = doc;
	return 0;
}

/* ---- told again ---- */

static int tell_names(struct world *w, struct json *kind, struct json *to, struct err *err)
{
	struct json *list = json_new_array();
	char arn[512];
	int rc = list ? 0 : -1;

	for (const struct json *n = json_first(kind); rc == 0 && n; n = json_next(n)) {
		const char *text = json_text(n);

		rc = json_append_str(list, is_unique_id(text) && find_arn(w, text, arn) ? arn : text);
	}
	if (rc < 0) {
		json_free(list);
		return err_nomem(err);
	}
	return json_set(to, "AWS", list) ? err_nomem(err) : 0;
}

static int tell_principals(struct world *w, struct json *principals, struct err *err)
{
	struct json *aws = json_get_mut(principals, "AWS");
	char arn[512];

	if (!aws)
		return 0;
	if (json_is_array(aws))
		return tell_names(w, aws, principals, err);
	if (!is_unique_id(json_text(aws)) || !find_arn(w, json_text(aws), arn))
		return 0;
	return json_set_str(principals, "AWS", arn) ? err_nomem(err) : 0;
}

int bucket_policy_print(struct world *w, const struct json *policy, struct buf *out, struct err *err)
{
	struct json *doc = json_copy(policy);
	const struct json *statements = json_get(doc, "Statement");
	int rc = doc ? 0 : err_nomem(err);

	for (const struct json *s = json_first(statements); rc == 0 && s; s = json_next(s)) {
		struct json *statement = (struct json *)(uintptr_t)s;

		if (json_is_object(json_get(s, "Principal")))
			rc = tell_principals(w, json_get_mut(statement, "Principal"), err);
		if (rc == 0 && json_is_object(json_get(s, "NotPrincipal")))
			rc = tell_principals(w, json_get_mut(statement, "NotPrincipal"), err);
	}
	if (rc == 0)
		rc = json_print(doc, false, out, err);
	json_free(doc);
	return rc;
}
