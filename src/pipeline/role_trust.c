#include "pipeline/role_trust.h"

#include <fnmatch.h>
#include <string.h>

#include "spark/base/json.h"

#define ACTION "sts:AssumeRole"

const struct role_takers takers_of_cluster = { { "redshift.amazonaws.com" }, 1 };
const struct role_takers takers_of_serverless = { { "redshift-serverless.amazonaws.com", "redshift.amazonaws.com" },
						  2 };
const struct role_takers takers_of_pause = { { "scheduler.redshift.amazonaws.com" }, 1 };

/* Elements of policies are one text or a list of them. */
static bool any_text(const struct json *value, bool (*fits)(const char *text, const char *wanted), const char *wanted)
{
	if (json_is_string(value))
		return fits(json_text(value), wanted);
	for (const struct json *i = json_is_array(value) ? json_first(value) : NULL; i; i = json_next(i)) {
		if (json_is_string(i) && fits(json_text(i), wanted))
			return true;
	}
	return false;
}

static bool is_text(const char *text, const char *wanted)
{
	return strcmp(text, wanted) == 0;
}

static bool is_action(const char *pattern, const char *action)
{
	return fnmatch(pattern, action, FNM_CASEFOLD | FNM_NOESCAPE) == 0;
}

/* Is the statement about taking the role? */
static bool is_about_taking(const struct json *statement)
{
	const struct json *but = json_get(statement, "NotAction");

	return but ? !any_text(but, is_action, ACTION) : any_text(json_get(statement, "Action"), is_action, ACTION);
}

static bool names_anyone(const struct json *statement)
{
	const struct json *principal = json_get(statement, "Principal");

	return any_text(json_is_object(principal) ? json_get(principal, "AWS") : principal, is_text, "*");
}

static bool names_service(const struct json *statement, const char *service)
{
	const struct json *principal = json_get(statement, "Principal"), *named = json_get(principal, "Service");

	/* "*" beside AWS is every account, alone it is every principal */
	return json_is_object(principal) ? any_text(named, is_text, service) || any_text(named, is_text, "*")
					 : any_text(principal, is_text, "*");
}

/* What the statements say together: a denial goes before what allows. */
struct weighing {
	bool allows, denies, may_allow, may_deny;
};

static void weigh_statement(const struct json *statement, const char *service, struct weighing *w)
{
	bool denies = strcmp(json_str(statement, "Effect", ""), "Deny") == 0;
	bool others = json_get(statement, "NotPrincipal") != NULL;

	if (!is_about_taking(statement) || (!others && !names_service(statement, service)))
		return;
	if (others || json_get(statement, "Condition")) {
		w->may_deny = w->may_deny || denies;
		w->may_allow = w->may_allow || !denies;
	} else {
		w->denies = w->denies || denies;
		w->allows = w->allows || !denies;
	}
}

static enum trust conclude(const struct weighing *w)
{
	if (w->denies || !(w->allows || w->may_allow))
		return TRUST_NO;
	return w->allows && !w->may_deny ? TRUST_YES : TRUST_UNSURE;
}

static const struct json *first_statement(const struct json *policy)
{
	const struct json *statements = json_get(policy, "Statement");

	return json_is_array(statements) ? json_first(statements) : statements;
}

/* A statement that stands alone has siblings as well: the policy's other members. */
static const struct json *next_statement(const struct json *policy, const struct json *statement)
{
	return json_is_array(json_get(policy, "Statement")) ? json_next(statement) : NULL;
}

static enum trust judge_service(const struct json *policy, const char *service)
{
	struct weighing w = { 0 };

	for (const struct json *s = first_statement(policy); s; s = next_statement(policy, s))
		weigh_statement(s, service, &w);
	return conclude(&w);
}

static bool lets_anyone(const struct json *policy)
{
	for (const struct json *s = first_statement(policy); s; s = next_statement(policy, s)) {
		if (strcmp(json_str(s, "Effect", ""), "Allow") == 0 && is_about_taking(s) && names_anyone(s) &&
		    !json_get(s, "Condition"))
			return true;
	}
	return false;
}

void role_trust_judge(const char *document, const struct role_takers *takers, struct role_trust *out)
{
	struct err unread;
	struct json *policy = document ? json_parse(document, strlen(document), &unread) : NULL;

	*out = (struct role_trust){ .anyone = false };
	if (!json_is_object(policy)) {
		json_free(policy);
		return;
	}
	for (size_t i = 0; i < takers->count; i++)
		out->words[i] = judge_service(policy, takers->services[i]);
	out->anyone = lets_anyone(policy);
	json_free(policy);
}

bool role_trust_lacks(const struct role_trust *t, const struct role_takers *takers)
{
	for (size_t i = 0; i < takers->count; i++) {
		if (t->words[i] == TRUST_NO)
			return true;
	}
	return false;
}

void role_trust_write(const struct role_takers *takers, struct buf *out)
{
	buf_puts(out, "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":");
	buf_puts(out, takers->count > 1 ? "[" : "");
	for (size_t i = 0; i < takers->count; i++)
		buf_printf(out, "%s\"%s\"", i ? "," : "", takers->services[i]);
	buf_printf(out, "%s},\"Action\":\"%s\"}]}", takers->count > 1 ? "]" : "", ACTION);
}
