/* What policies of buckets decide. */
#include "sandbox/access/bucket_policy.h"

#include <sys/socket.h>

#include "sandbox/access/cidr.h"
#include "sandbox/access/policy.h"

const struct json *bucket_policy_of(struct world *w, const char *bucket)
{
	return json_get(store_get(w->store, "s3:bucket", bucket), "policy");
}

bool bucket_of_resource(const char *arn, char bucket[64])
{
	static const char service[] = ":s3:::";
	const char *at = strncmp(arn, "arn:", 4) ? NULL : strstr(arn, service);
	size_t len;

	if (!at)
		return false;
	at += sizeof(service) - 1;
	len = strcspn(at, "/");
	if (!len || len >= 64)
		return false;
	memcpy(bucket, at, len);
	bucket[len] = 0;
	return true;
}

bool bucket_block_is_on(const struct json *bucket_doc, const char *setting)
{
	const struct json *block = json_get(bucket_doc, "publicAccessBlock");

	return !block || json_bool(block, setting, false);
}

static void ask_statement(const struct json *statement, const struct principal *who, const char *action,
			  const char *resource, const struct json *context, struct bucket_word *out)
{
	enum principal_named named = principal_in(statement, who);
	enum access_decision d;

	if (json_get(statement, "NotPrincipal"))
		named = principal_is_excepted(statement, who) ? PRINCIPAL_NONE : PRINCIPAL_ANYBODY;
	if (named == PRINCIPAL_NONE)
		return;
	d = policy_statement(statement, action, resource, context);
	out->denied = out->denied || d == ACCESS_EXPLICIT_DENY;
	if (d == ACCESS_ALLOWED && named > out->allowed)
		out->allowed = named;
}

void bucket_policy_ask(const struct json *policy, const struct principal *who, const char *action, const char *resource,
		       const struct json *context, struct bucket_word *out)
{
	const struct json *statements = json_get(policy, "Statement");

	*out = (struct bucket_word){ .denied = false };
	if (json_is_object(statements))
		ask_statement(statements, who, action, resource, context, out);
	else
		for (const struct json *s = json_first(statements); s; s = json_next(s))
			ask_statement(s, who, action, resource, context, out);
}

enum verdict access_verdict(enum access_decision own, enum access_decision session, const struct bucket_word *bucket)
{
	if (own == ACCESS_EXPLICIT_DENY)
		return VERDICT_IDENTITY_DENIES;
	if (session == ACCESS_EXPLICIT_DENY)
		return VERDICT_SESSION_DENIES;
	if (bucket->denied)
		return VERDICT_BUCKET_DENIES;
	if (bucket->allowed == PRINCIPAL_SESSION)
		return VERDICT_ALLOWED;
	if (own != ACCESS_ALLOWED && bucket->allowed <= PRINCIPAL_ACCOUNT)
		return VERDICT_IDENTITY_SILENT;
	return session == ACCESS_ALLOWED ? VERDICT_ALLOWED : VERDICT_SESSION_SILENT;
}

/* ---- is it public ---- */

static bool is_star(void *arg, const char *text)
{
	(void)arg;
	return strcmp(text, "*") == 0;
}

static bool is_for_everybody(const struct json *statement)
{
	const struct json *principal = json_get(statement, "Principal");

	if (json_get(statement, "NotPrincipal"))
		return true;
	return policy_any_text(principal, is_star, NULL) || policy_any_text(json_get(principal, "AWS"), is_star, NULL);
}

static bool is_vague(void *arg, const char *text)
{
	(void)arg;
	return strpbrk(text, "*?") || strstr(text, "${");
}

/* Everybody's ids begin with their user's or role's own: a star behind one is somebody in particular. */
static bool is_vague_id(void *arg, const char *text)
{
	size_t len = strcspn(text, "*?$");

	(void)arg;
	return len < 21 && text[len];
}

/* Half of the Internet is nobody in particular. */
static bool is_wide_network(void *arg, const char *text)
{
	struct cidr c;

	(void)arg;
	return !cidr_parse(text, true, &c) || c.prefix < (c.family == AF_INET6 ? 32 : 8);
}

/* The keys whose fixed values make a statement one for known callers. */
static const struct {
	const char *key;
	bool (*vague)(void *arg, const char *text);
} narrowing[] = {
	{ "aws:SourceIp", is_wide_network },   { "aws:SourceArn", is_vague },
	{ "aws:SourceVpc", is_vague },         { "aws:SourceVpce", is_vague },
	{ "aws:SourceOwner", is_vague },       { "aws:SourceAccount", is_vague },
	{ "aws:PrincipalOrgID", is_vague },    { "aws:PrincipalOrgPaths", is_vague },
	{ "aws:PrincipalAccount", is_vague },  { "aws:PrincipalArn", is_vague },
	{ "aws:userid", is_vague_id },         { "aws:CalledVia", is_vague },
	{ "s3:DataAccessPointArn", is_vague }, { "s3:DataAccessPointAccount", is_vague },
};

/* Operators that hold for the values that they name only. */
static bool is_positive(const char *condition)
{
	static const char *const names[] = {
		"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "IpAddress", NULL
	};
	const char *name = strncasecmp(condition, "ForAnyValue:", 12) ? condition : condition + 12;
	size_t i = 0;

	while (names[i] && strcasecmp(names[i], name))
		i++;
	return names[i] != NULL;
}

static bool is_narrowed(const struct json *condition)
{
	for (const struct json *o = json_first(condition); o; o = json_next(o)) {
		if (!is_positive(json_name(o)))
			continue;
		for (const struct json *k = json_first(o); k; k = json_next(k))
			for (size_t i = 0; i < sizeof(narrowing) / sizeof(*narrowing); i++)
				if (!strcasecmp(narrowing[i].key, json_name(k)) &&
				    !policy_any_text(k, narrowing[i].vague, NULL))
					return true;
	}
	return false;
}

static bool statement_is_public(const struct json *s)
{
	return !strcmp(json_str(s, "Effect", ""), "Allow") && is_for_everybody(s) &&
	       !is_narrowed(json_get(s, "Condition"));
}

bool bucket_policy_is_public(const struct json *policy)
{
	const struct json *statements = json_get(policy, "Statement");

	if (json_is_object(statements))
		return statement_is_public(statements);
	for (const struct json *s = json_first(statements); s; s = json_next(s))
		if (statement_is_public(s))
			return true;
	return false;
}
