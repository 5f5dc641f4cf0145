#include "spark/aws/credentials.h"

#include <stdio.h>
#include <string.h>

#include "aws/chain.h"

void aws_credentials_clear(struct aws_credentials *c)
{
	secret_clear(&c->secret_access_key);
	secret_clear(&c->session_token);
	explicit_bzero(c, sizeof(*c));
}

int aws_credentials_copy(struct aws_credentials *to, const struct aws_credentials *from, struct err *err)
{
	struct aws_credentials copy = { .expires_ms = from->expires_ms };

	memcpy(copy.access_key_id, from->access_key_id, sizeof(copy.access_key_id));
	memcpy(copy.source, from->source, sizeof(copy.source));
	if (secret_copy(&copy.secret_access_key, &from->secret_access_key, err) != 0 ||
	    (secret_is_set(&from->session_token) && secret_copy(&copy.session_token, &from->session_token, err) != 0)) {
		aws_credentials_clear(&copy);
		return -1;
	}
	*to = copy;
	return 0;
}

/* Keys are written by people: blanks, line ends and the template's placeholders slip in. */
static int check_key_id(const char *id, const char *place, struct err *err)
{
	size_t len = strlen(id);

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)id[i];
		if (c <= ' ' || c > '~' || c == '/' || c == ',') {
			err_set(err, ERR_CREDENTIALS, "the access key id of %s is not well formed", place);
			return err_hint(err, "it is made of letters and digits and begins with AKIA or ASIA");
		}
	}
	if (len >= sizeof(((struct aws_credentials *)0)->access_key_id))
		return err_set(err, ERR_CREDENTIALS, "the access key id of %s is longer than 128 characters", place);
	return 0;
}

static int check_secret(const struct secret *s, const char *what, const char *place, struct err *err)
{
	const char *value = secret_value(s);

	for (size_t i = 0; i < s->len; i++) {
		unsigned char c = (unsigned char)value[i];
		if (c <= ' ' || c > '~') {
			err_set(err, ERR_CREDENTIALS, "the %s of %s holds a blank or a control character", what, place);
			return err_hint(err, "copy it again, without line ends and quotes");
		}
	}
	return 0;
}

int chain_take(const char *place, const char *id, const struct secret *secret, const struct secret *token,
	       struct aws_credentials *out, struct err *err)
{
	struct aws_credentials found = { 0 };
	bool has_id = id && id[0], has_secret = secret && secret_is_set(secret);

	if (!has_id && !has_secret)
		return CHAIN_NOTHING;
	if (!has_id || !has_secret) {
		err_set(err, ERR_CREDENTIALS, "the credentials of %s are incomplete: the %s is missing", place,
			has_id ? "secret access key" : "access key id");
		err_hint(err, "set both, or neither");
		return CHAIN_FAILED;
	}
	if (check_key_id(id, place, err) != 0 || check_secret(secret, "secret access key", place, err) != 0 ||
	    (token && check_secret(token, "session token", place, err) != 0))
		return CHAIN_FAILED;
	if (secret_copy(&found.secret_access_key, secret, err) != 0 ||
	    (token && secret_is_set(token) && secret_copy(&found.session_token, token, err) != 0)) {
		aws_credentials_clear(&found);
		return CHAIN_FAILED;
	}
	snprintf(found.access_key_id, sizeof(found.access_key_id), "%s", id);
	snprintf(found.source, sizeof(found.source), "%s", place);
	*out = found;
	return CHAIN_FOUND;
}
