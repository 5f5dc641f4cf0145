/* What may stand in a JSON call: types, bounds, patterns; page tokens and times. */
#include <math.h>
#include <regex.h>

#include "sandbox/http/json_service.h"
#include "spark/base/hash.h"

int json_input_invalid(struct err *err, const char *fmt, ...)
{
	char text[900];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return service_error(err, 400, "ValidationException", "%s", text);
}

static int broken(struct err *err, const struct json_rule *rule, const char *value, const char *constraint)
{
	/* Statements are long, and a password is not to be repeated. */
	bool quiet = strcasestr(rule->name, "password") || strlen(value) > 200;

	return json_input_invalid(
		err, "1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must %s",
		quiet ? "***" : value, rule->name, constraint);
}

static size_t characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

/* Value beyond the rule's bounds? what: "have length", "have value". */
static int check_bounds(const struct json_rule *rule, const char *value, int64_t n, const char *what, struct err *err)
{
	char text[120];

	if (n < rule->min)
		snprintf(text, sizeof(text), "%s greater than or equal to %lld", what, (long long)rule->min);
	else if (rule->max && n > rule->max)
		snprintf(text, sizeof(text), "%s less than or equal to %lld", what, (long long)rule->max);
	else
		return 0;
	return broken(err, rule, value, text);
}

static int check_pattern(const struct json_rule *rule, const char *value, struct err *err)
{
	char whole[300], text[360];
	regex_t compiled;
	int missed;

	if (!rule->pattern)
		return 0;
	snprintf(whole, sizeof(whole), "^(%s)$", rule->pattern);
	if (regcomp(&compiled, whole, REG_EXTENDED | REG_NOSUB))
		return err_nomem(err);
	missed = regexec(&compiled, value, 0, NULL, 0);
	regfree(&compiled);
	if (!missed)
		return 0;
	snprintf(text, sizeof(text), "satisfy regular expression pattern: %s", rule->pattern);
	return broken(err, rule, value, text);
}

static int check_text(const struct json_rule *rule, const struct json *value, struct err *err)
{
	const char *text = json_text(value);

	if (check_bounds(rule, text, (int64_t)characters(text), "have length", err))
		return -1;
	return check_pattern(rule, text, err);
}

static int check_integer(const struct json_rule *rule, const struct json *value, struct err *err)
{
	double n = json_number(value);
	char text[40];

	if (n != floor(n) || fabs(n) > 2147483647.0)
		return service_error(err, 400, "SerializationException", "The member %s is not an integer", rule->name);
	snprintf(text, sizeof(text), "%.0f", n);
	return check_bounds(rule, text, (int64_t)n, "have value", err);
}

static int check_list(const struct json_rule *rule, const struct json *value, struct err *err)
{
	for (const struct json *x = json_first(value); x; x = json_next(x)) {
		if (rule->type == JSON_RULE_TEXTS ? !json_is_string(x) : !json_is_object(x))
			return service_error(err, 400, "SerializationException",
					     "The list %s has an item of a wrong type", rule->name);
		if (rule->type == JSON_RULE_TEXTS && check_pattern(rule, json_text(x), err))
			return -1;
	}
	return check_bounds(rule, "[...]", (int64_t)json_count(value), "have length", err);
}

static bool has_type(const struct json_rule *rule, const struct json *value)
{
	switch (rule->type) {
	case JSON_RULE_TEXT:
		return json_is_string(value);
	case JSON_RULE_INTEGER:
		return json_is_number(value);
	case JSON_RULE_BOOL:
		return json_is_bool(value);
	default:
		return json_is_array(value);
	}
}

static int check_member(const struct json_rule *rule, const struct json *value, struct err *err)
{
	if (!value || json_is_null(value))
		return rule->required ? json_input_invalid(err,
							   "1 validation error detected: Value null at '%s' failed to "
							   "satisfy constraint: Member must not be null",
							   rule->name)
				      : 0;
	if (!has_type(rule, value))
		return service_error(err, 400, "SerializationException", "The member %s has a wrong type", rule->name);
	switch (rule->type) {
	case JSON_RULE_TEXT:
		return check_text(rule, value, err);
	case JSON_RULE_INTEGER:
		return check_integer(rule, value, err);
	case JSON_RULE_BOOL:
		return 0;
	default:
		return check_list(rule, value, err);
	}
}

int json_input_check(const struct json *in, const struct json_rule *rules, struct err *err)
{
	for (; rules->name; rules++)
		if (check_member(rules, json_get(in, rules->name), err))
			return -1;
	return 0;
}

int json_page_token_set(struct json *out, const char *member, const char *last, struct err *err)
{
	struct buf token;
	int rc = -1;

	buf_init(&token, 4096);
	hash_base64(&token, last, strlen(last));
	if (!buf_check(&token, "a page token", err))
		rc = json_set_str(out, member, token.data) ? err_nomem(err) : 0;
	buf_clear(&token);
	return rc;
}

int json_page_token_get(const struct json *in, const char *member, struct buf *last, struct err *err)
{
	const char *token = json_str(in, member, "");
	struct err why = { 0 };

	if (hash_base64_decode(token, strlen(token), last, &why) || strlen(last->data) != last->len)
		return why.kind == ERR_NOMEM ? err_nomem(err)
					     : json_input_invalid(err, "The value of %s is not valid.", member);
	return buf_check(last, "a page token", err);
}

int json_set_time(struct json *object, const char *name, int64_t ms)
{
	return json_set_double(object, name, (double)ms / 1000.0);
}
