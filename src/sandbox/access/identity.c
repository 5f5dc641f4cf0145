#include "sandbox/access/identity.h"

#include "sandbox/access/managed.h"
#include "sandbox/access/policy.h"

bool identity_id(const char *name, char *out, size_t size)
{
	size_t len = strlen(name);

	if (!len || len >= size)
		return false;
	for (size_t i = 0; i <= len; i++)
		out[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
	return true;
}

const struct json *identity_find(struct world *w, const char *kind, const char *arn)
{
	const char *slash = strrchr(arn, '/');
	const struct json *doc;
	char id[129];

	if (!slash || !identity_id(slash + 1, id, sizeof(id)))
		return NULL;
	doc = store_get(w->store, kind, id);
	return doc && !strcmp(json_str(doc, "arn", ""), arn) ? doc : NULL;
}

/* "arn:aws:sts::123456789012:assumed-role/NAME/SESSION": the role's document. */
static const struct json *role_of_session(struct world *w, const char *arn)
{
	const char *name = strstr(arn, ":assumed-role/");
	char text[129], id[129];
	size_t len;

	if (!name)
		return NULL;
	name += strlen(":assumed-role/");
	len = strcspn(name, "/");
	if (len >= sizeof(text))
		return NULL;
	memcpy(text, name, len);
	text[len] = 0;
	return identity_id(text, id, sizeof(id)) ? store_get(w->store, "iam:role", id) : NULL;
}

void identity_role_session(const struct world *w, const struct json *role, const char *session, struct caller *out)
{
	*out = (struct caller){ .session = true, .tls = true };
	snprintf(out->account, sizeof(out->account), "%s", w->account);
	snprintf(out->arn, sizeof(out->arn), "arn:aws:sts::%s:assumed-role/%.200s/%.100s", w->account,
		 json_str(role, "name", ""), session);
	snprintf(out->user_id, sizeof(out->user_id), "%.50s:%.100s", json_str(role, "id", ""), session);
}

void identity_of_caller(struct world *w, const struct caller *who, struct identity *out)
{
	const char *id;
	size_t len;

	memset(out, 0, sizeof(*out));
	out->arn = who->arn;
	out->is_role = strstr(who->arn, ":assumed-role/") != NULL;
	out->doc = out->is_role ? role_of_session(w, who->arn) : identity_find(w, "iam:user", who->arn);
	if (!out->doc)
		return;
	id = json_str(out->doc, out->is_role ? "id" : "userId", "");
	len = strlen(id);
	/* "AROA...:session" for roles. */
	if (strncmp(who->user_id, id, len) || (who->user_id[len] && who->user_id[len] != ':'))
		out->doc = NULL;
	else
		out->arn = json_str(out->doc, "arn", "");
}

const struct json *identity_policy_find(struct world *w, const char *arn)
{
	return identity_find(w, "iam:policy", arn);
}

const char *identity_managed_text(struct world *w, const char *arn)
{
	const struct managed_policy *m = managed_find(arn);
	const struct json *doc = m ? NULL : identity_policy_find(w, arn);
	const char *wanted = json_str(doc, "defaultVersion", "");

	if (m)
		return m->document;
	for (const struct json *v = json_first(json_get(doc, "versions")); v; v = json_next(v))
		if (!strcmp(json_str(v, "id", ""), wanted))
			return json_str(v, "document", NULL);
	return NULL;
}

/* The policies of one document: what is attached, then what is written into it. */
static int each_of(struct world *w, const struct json *doc, const char *inline_type,
		   int (*fn)(void *arg, const struct identity_policy *p), void *arg)
{
	for (const struct json *a = json_first(json_get(doc, "attached")); a; a = json_next(a)) {
		const char *arn = json_text(a), *name = strrchr(arn, '/');
		const struct managed_policy *m = managed_find(arn);
		struct identity_policy p = { name ? name + 1 : arn, m ? "aws-managed" : "user-managed",
					     m ? m->document : identity_managed_text(w, arn),
					     m ? managed_parsed(m) : NULL };
		int rc = p.text ? fn(arg, &p) : 0;

		if (rc)
			return rc;
	}
	for (const struct json *i = json_first(json_get(doc, "inline")); i; i = json_next(i)) {
		struct identity_policy p = { json_name(i), inline_type, json_text(i), NULL };
		int rc = fn(arg, &p);

		if (rc)
			return rc;
	}
	return 0;
}

int identity_each_policy(struct world *w, const struct json *doc, bool is_role,
			 int (*fn)(void *arg, const struct identity_policy *p), void *arg)
{
	int rc = each_of(w, doc, is_role ? "role" : "user", fn, arg);

	for (const struct json *g = json_first(json_get(doc, "groups")); g && rc == 0; g = json_next(g))
		rc = each_of(w, store_get(w->store, "iam:group", json_text(g)), "group", fn, arg);
	return rc;
}

int identity_evaluate_text(const char *text, const char *action, const char *resource, const struct json *context,
			   enum access_decision *total, struct err *err)
{
	struct json *doc = json_parse(text, strlen(text), err);

	if (!doc)
		return -1;
	policy_combine(access_evaluate(doc, action, resource, context), total);
	json_free(doc);
	return 0;
}

struct evaluating {
	const char *action, *resource;
	const struct json *context;
	enum access_decision total;
	struct err *err;
};

static int evaluate_one(void *arg, const struct identity_policy *p)
{
	struct evaluating *e = arg;

	if (p->parsed) {
		policy_combine(access_evaluate(p->parsed, e->action, e->resource, e->context), &e->total);
		return 0;
	}
	return identity_evaluate_text(p->text, e->action, e->resource, e->context, &e->total, e->err);
}

int identity_evaluate(struct world *w, const struct identity *who, const char *action, const char *resource,
		      const struct json *context, enum access_decision *out, struct err *err)
{
	struct evaluating e = { action, resource, context, ACCESS_IMPLICIT_DENY, err };

	if (who->doc && identity_each_policy(w, who->doc, who->is_role, evaluate_one, &e))
		return -1;
	*out = e.total;
	return 0;
}

static int add_tags(struct json *context, const char *prefix, const struct json *tags)
{
	char key[192];

	for (const struct json *t = json_first(tags); t; t = json_next(t)) {
		snprintf(key, sizeof(key), "%s%.160s", prefix, json_name(t));
		if (json_set_str(context, key, json_text(t)))
			return -1;
	}
	return 0;
}

static int add_time(struct json *context, int64_t now)
{
	char text[CLOCK_TEXT];

	clock_iso_s(now, text);
	return json_set_str(context, "aws:CurrentTime", text) || json_set_int(context, "aws:EpochTime", now / 1000) ? -1
														    : 0;
}

/* What a session brings with it: its tags, since when it is, and that no second factor was shown. */
static int add_session(struct world *w, const struct caller *who, struct json *context)
{
	const struct json *key = store_get(w->store, "iam:access-key", who->access_key_id);
	const char *since = json_str(key, "created", NULL);

	if (!who->session)
		return 0;
	return add_tags(context, "aws:PrincipalTag/", json_get(key, "tags")) ||
			       json_set_str(context, "aws:MultiFactorAuthPresent", "false") ||
			       (since && json_set_str(context, "aws:TokenIssueTime", since))
		       ? -1
		       : 0;
}

struct json *identity_context(struct world *w, const struct caller *who, const struct identity *identity,
			      struct err *err)
{
	struct json *c = json_new_object();
	const char *type = who->anonymous ? "Anonymous" : identity->is_role ? "AssumedRole" : "User";
	const char *name = identity->is_role ? NULL : json_str(identity->doc, "name", NULL);

	if (!c || add_time(c, clock_now(w->clock)) ||
	    (!who->anonymous && (json_set_str(c, "aws:PrincipalArn", identity->arn) ||
				 json_set_str(c, "aws:PrincipalAccount", who->account))) ||
	    json_set_str(c, "aws:userid", who->anonymous ? "anonymous" : who->user_id) ||
	    json_set_str(c, "aws:PrincipalType", type) || (name && json_set_str(c, "aws:username", name)) ||
	    (*who->region && json_set_str(c, "aws:RequestedRegion", who->region)) ||
	    (*who->source_ip && json_set_str(c, "aws:SourceIp", who->source_ip)) ||
	    json_set_str(c, "aws:SecureTransport", who->tls ? "true" : "false") ||
	    json_set_str(c, "aws:ViaAWSService", "false") ||
	    add_tags(c, "aws:PrincipalTag/", json_get(identity->doc, "tags")) || add_session(w, who, c)) {
		json_free(c);
		err_nomem(err);
		return NULL;
	}
	return c;
}
