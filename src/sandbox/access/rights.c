#include "sandbox/access/rights.h"

#include <stdio.h>
#include <string.h>

#include "sandbox/access/policy.h"
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
	mem_free(r);
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
	rc = role.doc ? add_identity(w, &role, &r->own, err) : no_such_role(role_arn, err);
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

static bool all_allow(const struct documents *d, const char *action, const char *resource, const struct json *context)
{
	enum access_decision total = ACCESS_IMPLICIT_DENY;

	for (size_t i = 0; i < d->count; i++)
		policy_combine(access_evaluate(d->items[i], action, resource, context), &total);
	return total == ACCESS_ALLOWED;
}

bool access_rights_allow(const struct access_rights *r, const char *action, const char *resource)
{
	return all_allow(&r->own, action, resource, r->context) &&
	       (!r->has_session || all_allow(&r->session, action, resource, r->context));
}

/* The trust policy's word for a session of the role. */
static int ask_trust(struct world *w, const struct json *other, const struct identity *role, enum trust_word *word,
		     struct err *err)
{
	const char *text = json_str(other, "trust", "{}"), *name = strrchr(role->arn, '/');
	struct json *trust = json_parse(text, strlen(text), err), *context = json_new_object();
	struct caller who = { .session = true };
	int rc = -1;

	if (!trust)
		goto out;
	snprintf(who.account, sizeof(who.account), "%s", w->account);
	snprintf(who.arn, sizeof(who.arn), "arn:aws:sts::%s:assumed-role/%.200s/RedshiftIamRoleSession", w->account,
		 name ? name + 1 : "");
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
