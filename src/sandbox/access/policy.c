#include "sandbox/access/policy.h"

#include "sandbox/access/glob.h"

bool policy_any_text(const struct json *v, bool (*fn)(void *arg, const char *text), void *arg)
{
	if (json_is_string(v))
		return fn(arg, json_text(v));
	if (!json_is_array(v))
		return false;
	for (const struct json *i = json_first(v); i; i = json_next(i))
		if (json_is_string(i) && fn(arg, json_text(i)))
			return true;
	return false;
}

const struct json *policy_context(const struct json *context, const char *key)
{
	for (const struct json *m = json_first(context); m; m = json_next(m))
		if (!strcasecmp(json_name(m), key))
			return m;
	return NULL;
}

static void put_literal(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '*' || text[i] == '?')
			buf_putc(out, GLOB_ESCAPE);
		buf_putc(out, text[i]);
	}
}

/* ${*}, ${?} and ${$} are the characters themselves; ${key, 'default'} falls back. */
static bool put_variable(const char *name, size_t len, const struct json *context, struct buf *out)
{
	const char *comma = memchr(name, ',', len), *value, *quote;
	size_t key_len = comma ? (size_t)(comma - name) : len;
	char key[128];

	if (len == 1 && strchr("*?$", *name)) {
		put_literal(out, name, 1);
		return true;
	}
	if (key_len >= sizeof(key))
		return false;
	memcpy(key, name, key_len);
	key[key_len] = 0;
	value = json_text(policy_context(context, key));
	if (value) {
		put_literal(out, value, strlen(value));
		return true;
	}
	quote = comma ? memchr(comma, '\'', len - key_len) : NULL;
	if (!quote || name[len - 1] != '\'' || quote == name + len - 1)
		return false;
	put_literal(out, quote + 1, (size_t)(name + len - 1 - (quote + 1)));
	return true;
}

bool policy_expand(const char *text, const struct json *context, struct buf *out)
{
	while (*text) {
		const char *end = text[0] == '$' && text[1] == '{' ? strchr(text, '}') : NULL;

		if (!end) {
			buf_putc(out, *text++);
			continue;
		}
		if (!put_variable(text + 2, (size_t)(end - text - 2), context, out))
			return false;
		text = end + 1;
	}
	return !out->failed;
}

struct subject {
	const char *text;
	const struct json *context;
	bool fold_case;
};

static bool matches(void *arg, const char *pattern)
{
	const struct subject *s = arg;
	struct buf expanded;
	bool ok;

	if (!strstr(pattern, "${"))
		return glob_match(pattern, s->text, s->fold_case);
	buf_init(&expanded, BUF_MAX_DEFAULT);
	ok = policy_expand(pattern, s->context, &expanded) && glob_match(expanded.data, s->text, s->fold_case);
	buf_clear(&expanded);
	return ok;
}

/* `name` or `not_name`, whichever the statement has. Neither: only a policy that needs none of it matches. */
static bool element_matches(const struct json *statement, const char *name, const char *not_name, struct subject *s)
{
	const struct json *yes = json_get(statement, name), *no = json_get(statement, not_name);

	if (!s->text)
		return !yes && !no;
	if (yes)
		return policy_any_text(yes, matches, s);
	return no && !policy_any_text(no, matches, s);
}

enum access_decision policy_statement(const struct json *statement, const char *action, const char *resource,
				      const struct json *context)
{
	struct subject a = { action, NULL, true }, r = { resource, context, false };
	const struct json *condition = json_get(statement, "Condition");
	const char *effect = json_str(statement, "Effect", "");
	bool deny = !strcmp(effect, "Deny");
	enum policy_truth truth;

	if (!deny && strcmp(effect, "Allow"))
		return ACCESS_IMPLICIT_DENY;
	if (!element_matches(statement, "Action", "NotAction", &a) ||
	    !element_matches(statement, "Resource", "NotResource", &r))
		return ACCESS_IMPLICIT_DENY;
	truth = condition ? policy_condition(condition, context) : POLICY_TRUE;
	if (deny)
		return truth == POLICY_FALSE ? ACCESS_IMPLICIT_DENY : ACCESS_EXPLICIT_DENY;
	return truth == POLICY_TRUE ? ACCESS_ALLOWED : ACCESS_IMPLICIT_DENY;
}

void policy_combine(enum access_decision one, enum access_decision *total)
{
	if (one == ACCESS_EXPLICIT_DENY || (one == ACCESS_ALLOWED && *total == ACCESS_IMPLICIT_DENY))
		*total = one;
}

enum access_decision access_evaluate(const struct json *policy, const char *action, const char *resource,
				     const struct json *context)
{
	const struct json *statements = json_get(policy, "Statement");
	enum access_decision total = ACCESS_IMPLICIT_DENY;

	if (json_is_object(statements))
		return policy_statement(statements, action, resource, context);
	if (!json_is_array(statements))
		return total;
	for (const struct json *s = json_first(statements); s; s = json_next(s))
		policy_combine(policy_statement(s, action, resource, context), &total);
	return total;
}
