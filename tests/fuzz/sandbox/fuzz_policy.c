/* Layer: sandbox. Whatever a policy says, a denial of everything beside it wins, and a document that may be stored is
 * one that can be evaluated. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/access/policy.h"
#include "spark/base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct json *parse(const char *text)
{
	struct err err;

	return json_parse(text, strlen(text), &err);
}

static void check_denial(const struct json *policy, const char *action, const char *resource,
			 const struct json *context)
{
	const struct json *statements = json_get(policy, "Statement");
	struct json *both = json_new_object(), *list = json_new_array();
	struct json *deny = parse("{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"}");

	if (!both || !list || !deny)
		abort();
	if (json_is_array(statements))
		for (const struct json *s = json_first(statements); s; s = json_next(s))
			if (json_append(list, json_copy(s)))
				abort();
	if (json_is_object(statements) && json_append(list, json_copy(statements)))
		abort();
	if (json_append(list, deny) || json_set(both, "Statement", list))
		abort();
	if (access_evaluate(both, action, resource, context) != ACCESS_EXPLICIT_DENY)
		abort();
	json_free(both);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const actions[] = { "s3:GetObject", "sts:AssumeRole", "" };
	struct json *context =
		parse("{\"aws:SourceIp\":\"10.0.0.1\",\"aws:username\":\"a*\",\"n\":5,\"t\":[\"a\",\"b\"],"
		      "\"d\":\"2026-11-21T10:00:00Z\",\"arn\":\"arn:aws:s3:::b/k\",\"b\":true}");
	char *text = mem_strndup((const char *)data, size);
	struct json *policy;
	struct err err;
	bool storable;

	if (!text || !context)
		abort();
	storable = !policy_check_identity(text, &err);
	if (policy_check_trust(text, &err) && err.kind != ERR_AWS)
		abort();
	policy = parse(text);
	if (storable && !policy)
		abort();
	if (policy) {
		for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
			check_denial(policy, actions[i], "arn:aws:s3:::b/k", context);
		(void)access_trusts_service(policy, "redshift.amazonaws.com");
	}
	json_free(policy);
	json_free(context);
	mem_free(text);
	return 0;
}
