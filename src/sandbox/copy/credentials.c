#include "sandbox/copy/credentials.h"

#include <string.h>

#include "sandbox/copy/fail.h"
#include "spark/base/mem.h"

#define CREDENTIALS_FORM                                                                 \
	"Invalid credentials. Must be of the format: credentials 'aws_iam_role=...' or " \
	"'aws_access_key_id=...;aws_secret_access_key=...[;token=...]'"

int copy_auth_once(const struct copy_statement *s, struct err *err)
{
	if (s->auth == COPY_AUTH_NONE)
		return 0;
	return copy_fail_state(err, "42601",
			       "conflicting or redundant options: only one way of authorization may be given");
}

int copy_auth_complete(const struct copy_statement *s, const char *verb, struct err *err)
{
	if (s->auth == COPY_AUTH_NONE)
		return copy_fail_state(err, "42601",
				       "%s needs credentials: IAM_ROLE, CREDENTIALS or ACCESS_KEY_ID and "
				       "SECRET_ACCESS_KEY",
				       verb);
	if (s->auth == COPY_AUTH_KEYS && (!s->key_id || !secret_is_set(&s->secret_key)))
		return copy_fail_state(err, "42601", "ACCESS_KEY_ID and SECRET_ACCESS_KEY must be given together");
	return 0;
}

static int set_text(char **to, const char *value, size_t len, struct err *err)
{
	char *copy = mem_strndup(value, len);

	if (!copy)
		return err_nomem(err);
	mem_free(*to);
	*to = copy;
	return 0;
}

static bool is_name(const char *text, size_t len, const char *name)
{
	return len == strlen(name) && memcmp(text, name, len) == 0;
}

/* One name=value. */
static int parse_pair(const char *pair, size_t len, struct copy_statement *s, struct err *err)
{
	const char *equals = memchr(pair, '=', len);
	size_t name_len, value_len;

	if (!equals)
		return copy_fail_state(err, "XX000", CREDENTIALS_FORM);
	name_len = (size_t)(equals - pair);
	value_len = len - name_len - 1;
	if (is_name(pair, name_len, "aws_iam_role")) {
		s->auth = COPY_AUTH_ROLE;
		return set_text(&s->role_arn, equals + 1, value_len, err);
	}
	if (is_name(pair, name_len, "aws_access_key_id")) {
		s->auth = COPY_AUTH_KEYS;
		return set_text(&s->key_id, equals + 1, value_len, err);
	}
	if (is_name(pair, name_len, "aws_secret_access_key"))
		return secret_set_bytes(&s->secret_key, equals + 1, value_len, err);
	if (is_name(pair, name_len, "token"))
		return secret_set_bytes(&s->session_token, equals + 1, value_len, err);
	if (is_name(pair, name_len, "master_symmetric_key"))
		return copy_fail_state(err, "0A000",
				       "COPY option \"master_symmetric_key\" is not supported by this sandbox");
	return copy_fail_state(err, "XX000", CREDENTIALS_FORM);
}

int copy_credentials_parse(const char *text, struct copy_statement *s, struct err *err)
{
	while (*text) {
		size_t len = strcspn(text, ";");

		if (len > 0 && parse_pair(text, len, s, err) < 0)
			return -1;
		text += len + (text[len] == ';');
	}
	if (s->auth == COPY_AUTH_NONE || (s->role_arn && s->key_id))
		return copy_fail_state(err, "XX000", CREDENTIALS_FORM);
	return 0;
}
