#include "sandbox/access/trust.h"

#include "sandbox/access/policy.h"

/* Who wants the role: a service, or a caller with the ARNs and the account he is known by. */
struct subject {
	const char *service;
	const char *session_arn, *own_arn, *account;
	enum trust_word named; /* the best that a principal has said so far */
};

static bool is_service(void *arg, const char *text)
{
	const struct subject *s = arg;

	return !strcmp(text, "*") || !strcmp(text, s->service);
}

static bool is_account(const struct subject *s, const char *text)
{
	static const char head[] = "arn:aws:iam::";

	if (!strcmp(text, s->account))
		return true;
	return !strncmp(text, head, sizeof(head) - 1) &&
	       !strncmp(text + sizeof(head) - 1, s->account, strlen(s->account)) &&
	       !strcmp(text + sizeof(head) - 1 + strlen(s->account), ":root");
}

static bool is_caller(void *arg, const char *text)
{
	struct subject *s = arg;

	if (!strcmp(text, "*") || !strcmp(text, s->session_arn) || !strcmp(text, s->own_arn))
		s->named = TRUST_DIRECT;
	else if (s->named == TRUST_NONE && is_account(s, text))
		s->named = TRUST_ACCOUNT;
	return s->named == TRUST_DIRECT;
}

/* How a statement's Principal names the subject. */
static enum trust_word named_by(const struct json *statement, struct subject *s)
{
	const struct json *principal = json_get(statement, "Principal");

	s->named = TRUST_NONE;
	/* "*" alone is every principal. */
	if (json_is_string(principal))
		return !strcmp(json_text(principal), "*") ? TRUST_DIRECT : TRUST_NONE;
	if (s->service)
		return policy_any_text(json_get(principal, "Service"), is_service, s) ? TRUST_DIRECT : TRUST_NONE;
	policy_any_text(json_get(principal, "AWS"), is_caller, s);
	return s->named;
}

/* The one statement as a policy without principals, evaluated. Without memory nobody is trusted. */
static enum access_decision decide(const struct json *statement, const char *action, const struct json *context)
{
	enum access_decision d = ACCESS_IMPLICIT_DENY;
	struct json *policy = json_new_object(), *copy = json_copy(statement);

	if (policy && copy && !json_set(policy, "Statement", copy))
		d = access_evaluate(policy, action, NULL, context);
	else if (!policy)
		json_free(copy);
	json_free(policy);
	return d;
}

static void weigh(const struct json *statement, const char *action, struct subject *s, const struct json *context,
		  enum trust_word *total)
{
	enum trust_word named = named_by(statement, s);
	enum access_decision d;

	if (named == TRUST_NONE || *total == TRUST_DENIED)
		return;
	d = decide(statement, action, context);
	if (d == ACCESS_EXPLICIT_DENY)
		*total = TRUST_DENIED;
	else if (d == ACCESS_ALLOWED && named > *total)
		*total = named;
}

static enum trust_word ask(const struct json *trust, const char *action, struct subject *s, const struct json *context)
{
	const struct json *statements = json_get(trust, "Statement");
	enum trust_word total = TRUST_NONE;

	if (json_is_object(statements))
		weigh(statements, action, s, context, &total);
	else if (json_is_array(statements))
		for (const struct json *i = json_first(statements); i; i = json_next(i))
			weigh(i, action, s, context, &total);
	return total;
}

enum trust_word trust_service(const struct json *trust, const char *action, const char *service,
			      const struct json *context)
{
	struct subject s = { .service = service };

	return ask(trust, action, &s, context);
}

enum trust_word trust_caller(const struct json *trust, const char *action, const struct caller *who,
			     const struct identity *identity, const struct json *context)
{
	struct subject s = { .session_arn = who->arn, .own_arn = identity->arn, .account = who->account };

	return ask(trust, action, &s, context);
}

bool access_trusts_service(const struct json *trust_policy, const char *service)
{
	return trust_service(trust_policy, "sts:AssumeRole", service, NULL) == TRUST_DIRECT;
}
