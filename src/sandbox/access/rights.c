#include "sandbox/access/rights.h"

#include <stdio.h>
#include <string.h>

#include "sandbox/access/bucket_policy.h"
#include "sandbox/access/policy.h"
#include "sandbox/access/role.h"
#include "sandbox/access/trust.h"
#include "spark/base/mem.h"

struct documents {
	struct json **items;
	size_t count, cap;
};

struct access_rights {
	struct documents own, session; /* of a session that has policies these must allow it too */
	bool has_session;
	struct json *context;
	struct world *w;
	struct caller who;
	char own_arn[512], own_id[64]; /* of the user or role; "" when he is gone */
	/* The policy of the bucket that was asked about last: thousands of questions are about one. */
	char bucket[64];
	struct json *policy; /* NULL: it has none */
};

struct collecting {
	struct documents *to;
	struct err *err;
};

static int add_document(struct documents *d, const char *text, struct err *err)
{
	struct json *doc;

	if (mem_grow(&d->items, &d->cap, d->count, sizeof(*d->items)) < 0)
		return err_nomem(err);
	doc = json_parse(text, strlen(text), err);
	if (!doc)
		return -1;
	d->items[d->count++] = doc;
	return 0;
}

static int add_policy(void *arg, const struct identity_policy *p)
{
	struct collecting *c = arg;

	return add_document(c->to, p->text, c->err);
}

static void clear_documents(struct documents *d)
{
	for (size_t i = 0; i < d->count; i++)
		json_free(d->items[i]);
	mem_free(d->items);
}

void access_rights_free(struct access_rights *r)
{
	if (!r)
		return;
	clear_documents(&r->own);
	clear_documents(&r->session);
	json_free(r->context);
	json_free(r->policy);
	mem_free(r);
}

/* Keeps who he is, for policies that name him. */
static void keep_names(struct access_rights *r, const struct identity *who)
{
	snprintf(r->own_arn, sizeof(r->own_arn), "%s", who->arn);
	snprintf(r->own_id, sizeof(r->own_id), "%s", json_str(who->doc, who->is_role ? "id" : "userId", ""));
}

static int add_identity(struct world *w, const struct identity *who, struct documents *to, struct err *err)
{
	struct collecting c = { to, err };

	return who->doc ? identity_each_policy(w, who->doc, who->is_role, add_policy, &c) : 0;
}

static int no_such_role(const char *arn, struct err *err)
{
	return service_error(err, 404, "NoSuchEntity", "The role with ARN %.300s cannot be found.", arn);
}

int access_rights_of_role(struct world *w, const char *role_arn, struct access_rights **out, struct err *err)
{
	struct identity role = { .is_role = true, .arn = role_arn };
	struct access_rights *r = mem_alloc(sizeof(*r));
	int rc;

	if (!r)
		return err_nomem(err);
	store_lock(w->store);
	role.doc = identity_find(w, "iam:role", role_arn);
	r->w = w;
	rc = role.doc ? add_identity(w, &role, &r->own, err) : no_such_role(role_arn, err);
	if (rc == 0) {
		identity_role_session(w, role.doc, ROLE_SESSION, &r->who);
		keep_names(r, &role);
		if (!(r->context = role_context(w, &role, &r->who, NULL, err)))
			rc = -1;
	}
	store_unlock(w->store);
	if (rc)
		access_rights_free(r);
	else
		*out = r;
	return rc ? -1 : 0;
}

static int add_session(struct world *w, const struct caller *who, struct access_rights *r, struct err *err)
{
	const struct json *key = store_get(w->store, "iam:access-key", who->access_key_id);
	const struct json *policies = json_get(key, "sessionPolicies");

	r->has_session = who->session && policies;
	for (const struct json *t = r->has_session ? json_first(policies) : NULL; t; t = json_next(t))
		if (add_document(&r->session, json_text(t), err))
			return -1;
	return 0;
}

int access_rights_of_caller(struct world *w, const struct caller *who, struct access_rights **out, struct err *err)
{
	struct access_rights *r = mem_alloc(sizeof(*r));
	struct identity identity;
	int rc = -1;

	if (!r)
		return err_nomem(err);
	store_lock(w->store);
	identity_of_caller(w, who, &identity);
	r->w = w;
	r->who = *who;
	keep_names(r, &identity);
	r->context = identity_context(w, who, &identity, err);
	if (r->context && !add_identity(w, &identity, &r->own, err))
		rc = add_session(w, who, r, err);
	store_unlock(w->store);
	if (rc)
		access_rights_free(r);
	else
		*out = r;
	return rc;
}

static enum access_decision decide(const struct documents *d, const char *action, const char *resource,
				   const struct json *context)
{
	enum access_decision total = ACCESS_IMPLICIT_DENY;

	for (size_t i = 0; i < d->count; i++)
		policy_combine(access_evaluate(d->items[i], action, resource, context), &total);
	return total;
}

/* Reads the policy of the bucket that the resource lies in, unless it was the last one read. */
static int read_bucket(struct access_rights *r, const char *resource, struct err *err)
{
	const struct json *policy;
	char bucket[64];
	int rc = 0;

	if (!bucket_of_resource(resource, bucket) || !strcmp(bucket, r->bucket))
		return 0;
	json_free(r->policy);
	r->policy = NULL;
	memcpy(r->bucket, bucket, sizeof(bucket));
	store_lock(r->w->store);
	policy = bucket_policy_of(r->w, bucket);
	if (policy && !(r->policy = json_copy(policy)))
		rc = err_nomem(err);
	store_unlock(r->w->store);
	return rc;
}

bool access_rights_allow(struct access_rights *r, const char *action, const char *resource)
{
	struct principal p = { .session_arn = r->who.arn, .own_arn = r->own_arn, .account = r->who.account };
	enum access_decision session = ACCESS_ALLOWED;
	struct bucket_word word;
	struct err ignored;

	/* Without memory for what may deny it, it is denied. */
	if (read_bucket(r, resource, &ignored) < 0) {
		*r->bucket = 0;
		return false;
	}
	p.own_id = *r->own_id ? r->own_id : NULL;
	bucket_policy_ask(r->policy, &p, action, resource, r->context, &word);
	if (r->has_session)
		session = decide(&r->session, action, resource, r->context);
	return access_verdict(decide(&r->own, action, resource, r->context), session, &word) == VERDICT_ALLOWED;
}

/* The trust policy's word for a session of the role. */
static int ask_trust(struct world *w, const struct json *other, const struct identity *role, enum trust_word *word,
		     struct err *err)
{
	const char *text = json_str(other, "trust", "{}");
	struct json *trust = json_parse(text, strlen(text), err), *context = json_new_object();
	struct caller who;
	int rc = -1;

	if (!trust)
		goto out;
	identity_role_session(w, role->doc, ROLE_SESSION, &who);
	if (!context || json_set_str(context, "aws:PrincipalArn", role->arn) ||
	    json_set_str(context, "aws:PrincipalAccount", w->account)) {
		err_nomem(err);
		goto out;
	}
	*word = trust_caller(trust, "sts:AssumeRole", &who, role, context);
	rc = 0;
out:
	json_free(context);
	json_free(trust);
	return rc;
}

int access_role_may_assume(struct world *w, const char *role_arn, const char *other_arn, bool *may, struct err *err)
{
	struct identity role = { .is_role = true, .arn = role_arn };
	enum access_decision own = ACCESS_IMPLICIT_DENY;
	enum trust_word word = TRUST_NONE;
	const struct json *other;
	int rc;

	store_lock(w->store);
	role.doc = identity_find(w, "iam:role", role_arn);
	other = identity_find(w, "iam:role", other_arn);
	if (!role.doc || !other)
		rc = no_such_role(role.doc ? other_arn : role_arn, err);
	else
		rc = ask_trust(w, other, &role, &word, err);
	if (rc == 0)
		rc = identity_evaluate(w, &role, "sts:AssumeRole", other_arn, NULL, &own, err);
	store_unlock(w->store);
	*may = rc == 0 && own == ACCESS_ALLOWED && (word == TRUST_DIRECT || word == TRUST_ACCOUNT);
	return rc;
}
