#include "sandbox/http/s3/s3_post_policy.h"

#include "spark/base/hash.h"
#include "spark/base/json.h"
#include "spark/base/xml.h"

#define POLICY_MAX S3_FORM_BEFORE_MAX

/* What is being checked, and which fields a condition has spoken of. */
struct checking {
	struct s3_call *c;
	const struct s3_form *form;
	const char *key;
	bool spoken[S3_FORM_FIELDS_MAX], spoken_bucket;
};

static int refuse(struct s3_call *c, struct err *err, const char *what, const char *about)
{
	return s3_failf(c, err, "AccessDenied", "Invalid according to Policy: %s%.300s", what, about);
}

static int no_policy(struct s3_call *c, struct err *err, const char *why)
{
	return s3_failf(c, err, "InvalidPolicyDocument", "Invalid Policy: %s", why);
}

/* ["eq", "$key", "value"], as S3 writes it into its refusal. */
static int failed(struct checking *k, const char *operation, const char *name, const char *value, struct err *err)
{
	const char *parts[] = { operation, name, value };
	struct buf text;
	int rc;

	buf_init(&text, 4096);
	for (size_t i = 0; i < 3; i++) {
		buf_puts(&text, i ? ", " : "[");
		json_quote(&text, parts[i], strlen(parts[i]));
	}
	buf_putc(&text, ']');
	rc = refuse(k->c, err, "Policy Condition failed: ", text.failed ? "" : text.data);
	buf_clear(&text);
	return rc;
}

/* The field's value, "" when the form has none; notes that a condition speaks of it. */
static const char *value_of(struct checking *k, const char *name)
{
	const char *value = "";

	if (strcasecmp(name, "bucket") == 0) {
		k->spoken_bucket = true;
		value = k->c->bucket;
	}
	for (size_t i = 0; i < k->form->count; i++)
		if (strcasecmp(k->form->fields[i].name, name) == 0) {
			k->spoken[i] = true;
			if (strcasecmp(name, "bucket") != 0)
				value = k->form->fields[i].value;
		}
	return strcasecmp(name, "key") == 0 ? k->key : value;
}

static bool begins_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Several types may be listed: each of them must do. */
static bool types_begin_with(const char *text, const char *prefix)
{
	for (;;) {
		text += strspn(text, " ");
		if (!begins_with(text, prefix))
			return false;
		text = strchr(text, ',');
		if (!text)
			return true;
		text++;
	}
}

static int check_match(struct checking *k, const char *operation, const char *name, const char *wanted, struct err *err)
{
	bool prefix = strcasecmp(operation, "starts-with") == 0;
	const char *value = value_of(k, name + 1);
	bool holds;

	if (!prefix)
		holds = strcmp(value, wanted) == 0;
	else if (strcasecmp(name, "$Content-Type") == 0)
		holds = types_begin_with(value, wanted);
	else
		holds = begins_with(value, wanted);
	return holds ? 0 : failed(k, operation, name, wanted, err);
}

static int check_length(struct checking *k, const struct json *from, const struct json *to, struct err *err)
{
	double min = json_number(from), max = json_number(to), len = (double)k->form->file_len;
	const char *bound = len > max ? "MaxSizeAllowed" : "MinSizeAllowed";

	if (!json_is_number(from) || !json_is_number(to) || min < 0 || max < min)
		return no_policy(k->c, err, "Invalid content-length-range.");
	if (len >= min && len <= max)
		return 0;
	s3_fail(k->c, err, len > max ? "EntityTooLarge" : "EntityTooSmall");
	xml_elementf(&k->c->reply->body, "ProposedSize", "%zu", k->form->file_len);
	xml_elementf(&k->c->reply->body, bound, "%.0f", len > max ? max : min);
	return -1;
}

/* ["eq" or "starts-with", "$field", "value"] or ["content-length-range", min, max] */
static int check_list(struct checking *k, const struct json *condition, struct err *err)
{
	const struct json *second = json_at(condition, 1), *third = json_at(condition, 2);
	const char *operation = json_text(json_at(condition, 0));
	bool match;

	if (json_count(condition) != 3 || !operation)
		return no_policy(k->c, err, "Invalid condition.");
	if (strcasecmp(operation, "content-length-range") == 0)
		return check_length(k, second, third, err);
	match = strcasecmp(operation, "eq") == 0 || strcasecmp(operation, "starts-with") == 0;
	if (!match || !json_is_string(second) || *json_text(second) != '$' || !json_is_string(third))
		return no_policy(k->c, err, "Invalid condition.");
	return check_match(k, operation, json_text(second), json_text(third), err);
}

/* {"field": "value", ...} */
static int check_object(struct checking *k, const struct json *condition, struct err *err)
{
	char name[256];

	for (const struct json *m = json_first(condition); m; m = json_next(m)) {
		if (!json_is_string(m) || (size_t)snprintf(name, sizeof(name), "$%s", json_name(m)) >= sizeof(name))
			return no_policy(k->c, err, "Invalid condition.");
		if (check_match(k, "eq", name, json_text(m), err) < 0)
			return -1;
	}
	return 0;
}

static bool needs_no_condition(const char *name)
{
	static const char *const free_names[] = { "AWSAccessKeyId", "signature", "x-amz-signature", "policy" };

	for (size_t i = 0; i < sizeof(free_names) / sizeof(*free_names); i++)
		if (strcasecmp(free_names[i], name) == 0)
			return true;
	return strncasecmp(name, "x-ignore-", 9) == 0;
}

/* Whatever the form has, somebody must have allowed. */
static int check_rest(struct checking *k, struct err *err)
{
	for (size_t i = 0; i < k->form->count; i++)
		if (!k->spoken[i] && !needs_no_condition(k->form->fields[i].name))
			return refuse(k->c, err, "Extra input fields: ", k->form->fields[i].name);
	return k->spoken_bucket ? 0 : refuse(k->c, err, "Extra input fields: ", "bucket");
}

static int check_expiration(struct s3_call *c, const struct json *policy, struct err *err)
{
	const char *text = json_str(policy, "expiration", NULL);
	struct err ignored;
	int64_t until;

	if (!text)
		return no_policy(c, err, "Policy missing expiration.");
	if (clock_parse(text, &until, &ignored) < 0)
		return s3_failf(c, err, "InvalidPolicyDocument", "Invalid Policy: Invalid 'expiration' value: '%.100s'",
				text);
	return clock_now(c->w->clock) < until ? 0 : refuse(c, err, "Policy expired.", "");
}

static int check_document(struct checking *k, const struct json *policy, struct err *err)
{
	const struct json *conditions = json_get(policy, "conditions");

	if (!json_is_object(policy))
		return no_policy(k->c, err, "Invalid JSON.");
	if (check_expiration(k->c, policy, err) < 0)
		return -1;
	if (!json_is_array(conditions))
		return no_policy(k->c, err, "Policy missing conditions.");
	for (const struct json *i = json_first(conditions); i; i = json_next(i)) {
		if (!json_is_array(i) && !json_is_object(i))
			return no_policy(k->c, err, "Invalid condition.");
		if ((json_is_array(i) ? check_list(k, i, err) : check_object(k, i, err)) < 0)
			return -1;
	}
	return check_rest(k, err);
}

int s3_post_policy_check(struct s3_call *c, const char *base64, const struct s3_form *f, const char *key,
			 struct err *err)
{
	struct checking k = { .c = c, .form = f, .key = key };
	struct json *policy = NULL;
	struct err why = { 0 };
	struct buf text;
	int rc;

	buf_init(&text, POLICY_MAX);
	if (hash_base64_decode(base64, strlen(base64), &text, &why) == 0 && !text.failed)
		policy = json_parse(text.data, text.len, &why);
	if (policy)
		rc = check_document(&k, policy, err);
	else
		rc = why.kind == ERR_NOMEM ? err_nomem(err) : no_policy(c, err, "Invalid JSON.");
	json_free(policy);
	buf_clear(&text);
	return rc;
}
