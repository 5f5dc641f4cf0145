#include "sandbox/access/trust.h"

#include "sandbox/access/policy.h"
#include "sandbox/access/principal.h"

/* How the statement means him, as far as a role is concerned: an account trusts those of its own by their policies. */
static enum trust_word named_by(const struct json *statement, const struct principal *p)
{
	switch (principal_in(statement, p)) {
	case PRINCIPAL_NONE:
		return TRUST_NONE;
	case PRINCIPAL_ACCOUNT:
		return TRUST_ACCOUNT;
	default:
		return TRUST_DIRECT;
	}
}

static void weigh(const struct json *statement, const char *action, const struct principal *p,
		  const struct json *context, enum trust_word *total)
{
	enum trust_word named = named_by(statement, p);
	enum access_decision d;

	if (named == TRUST_NONE || *total == TRUST_DENIED)
		return;
	d = policy_statement(statement, action, NULL, context);
	if (d == ACCESS_EXPLICIT_DENY)
		*total = TRUST_DENIED;
	else if (d == ACCESS_ALLOWED && named > *total)
		*total = named;
}

static enum trust_word ask(const struct json *trust, const char *action, const struct principal *p,
			   const struct json *context)
{
	const struct json *statements = json_get(trust, "Statement");
	enum trust_word total = TRUST_NONE;

	if (json_is_object(statements))
		weigh(statements, action, p, context, &total);
	else if (json_is_array(statements))
		for (const struct json *i = json_first(statements); i; i = json_next(i))
			weigh(i, action, p, context, &total);
	return total;
}

enum trust_word trust_service(const struct json *trust, const char *action, const char *service,
			      const struct json *context)
{
	const struct principal p = { .service = service };

	return ask(trust, action, &p, context);
}

enum trust_word trust_caller(const struct json *trust, const char *action, const struct caller *who,
			     const struct identity *identity, const struct json *context)
{
	struct principal p;

	principal_of(who, identity, &p);
	return ask(trust, action, &p, context);
}

bool access_trusts_service(const struct json *trust_policy, const char *service)
{
	return trust_service(trust_policy, "sts:AssumeRole", service, NULL) == TRUST_DIRECT;
}
