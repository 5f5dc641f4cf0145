#include "aws/chain_json.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "aws/chain.h"

/* "Z", "UTC", "+02:00", "-0730", or nothing: minutes to take off. */
static int parse_offset(const char *text, int *minutes)
{
	int sign = *text == '-' ? -1 : 1, hours, rest;

	*minutes = 0;
	if (!*text || strcasecmp(text, "Z") == 0 || strcmp(text, "UTC") == 0)
		return 0;
	if (*text != '+' && *text != '-')
		return -1;
	text++;
	for (size_t i = 0; i < 2; i++)
		if (!isdigit((unsigned char)text[i]))
			return -1;
	hours = (text[0] - '0') * 10 + (text[1] - '0');
	text += 2;
	text += *text == ':';
	if (!isdigit((unsigned char)text[0]) || !isdigit((unsigned char)text[1]) || text[2])
		return -1;
	rest = (text[0] - '0') * 10 + (text[1] - '0');
	if (hours > 23 || rest > 59)
		return -1;
	*minutes = sign * (hours * 60 + rest);
	return 0;
}

int chain_parse_time(const char *text, int64_t *ms)
{
	char plain[CLOCK_TEXT];
	int64_t value;
	int minutes;

	if (strlen(text) < 19)
		return -1;
	snprintf(plain, sizeof(plain), "%.19sZ", text);
	text += 19;
	if (*text == '.') {
		text++;
		text += strspn(text, "0123456789");
	}
	if (parse_offset(text, &minutes) != 0 || clock_parse(plain, &value, NULL) != 0)
		return -1;
	*ms = value - (int64_t)minutes * 60000;
	return 0;
}

/* Moves a member's text into a secret; what stays in the document is overwritten. */
static int take_secret(struct json *doc, const char *name, struct secret *out, struct err *err)
{
	const char *text = json_str(doc, name, NULL);
	int rc = 0;

	if (!text || !text[0])
		return 0;
	rc = secret_set(out, text, err);
	/* cJSON's text is memory of its own, and nobody reads it again. */
	explicit_bzero((char *)(uintptr_t)text, strlen(text));
	return rc;
}

static int take_expiration(const struct json *doc, const struct json_key_names *names, const char *place, int64_t *out,
			   struct err *err)
{
	const struct json *value = json_get(doc, names->expiration);
	const char *text = json_text(value);

	if (json_is_number(value)) {
		*out = json_int(doc, names->expiration, 0);
		return 0;
	}
	if (!text || !text[0])
		return names->temporary ? err_set(err, ERR_CREDENTIALS, "the credentials of %s have no '%s'", place,
						  names->expiration)
					: 0;
	if (chain_parse_time(text, out) == 0)
		return 0;
	return err_set(err, ERR_CREDENTIALS, "the '%s' of %s is no time", names->expiration, place);
}

int chain_take_json(struct json *doc, const struct json_key_names *names, const char *place,
		    struct aws_credentials *out, struct err *err)
{
	struct secret secret = { 0 }, token = { 0 };
	struct aws_credentials found = { 0 };
	int64_t expires_ms = 0;
	int rc = CHAIN_FAILED;

	if (take_secret(doc, names->secret, &secret, err) != 0 || take_secret(doc, names->token, &token, err) != 0 ||
	    take_expiration(doc, names, place, &expires_ms, err) != 0)
		goto out;
	if (names->temporary && !secret_is_set(&token)) {
		err_set(err, ERR_CREDENTIALS, "the credentials of %s have no '%s'", place, names->token);
		goto out;
	}
	rc = chain_take(place, json_str(doc, names->id, NULL), &secret, &token, &found, err);
	if (rc == CHAIN_NOTHING) {
		err_set(err, ERR_CREDENTIALS, "there are no keys in the reply of %s", place);
		rc = CHAIN_FAILED;
	}
	if (rc == CHAIN_FOUND) {
		found.expires_ms = expires_ms;
		*out = found;
	}
out:
	secret_clear(&secret);
	secret_clear(&token);
	return rc;
}

int chain_take_process_output(const char *text, size_t len, const char *place, struct aws_credentials *out,
			      struct err *err)
{
	static const struct json_key_names names = { "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration",
						     false };
	/* The parser's own words would quote the text. */
	struct json *doc = json_parse(text, len, NULL);
	int64_t version = json_int(doc, "Version", 0);
	int rc = CHAIN_FAILED;

	if (!json_is_object(doc)) {
		err_set(err, ERR_CREDENTIALS, "the output of %s is no JSON object", place);
		err_hint(err, "it has to print Version, AccessKeyId, SecretAccessKey and, when they are temporary, "
			      "SessionToken and Expiration");
	} else if (version != 1) {
		err_set(err, ERR_CREDENTIALS, "the output of %s is of version %lld, and 1 is understood", place,
			(long long)version);
	} else {
		rc = chain_take_json(doc, &names, place, out, err);
	}
	json_free(doc);
	return rc;
}

int chain_take_sso_token(const char *text, size_t len, const char *path, int64_t now_ms, struct secret *token,
			 bool *ended, struct err *err)
{
	struct json *doc = json_parse(text, len, NULL);
	const char *until = json_str(doc, "expiresAt", "");
	int64_t ms;
	int rc = -1;

	if (!json_is_object(doc) || !json_str(doc, "accessToken", "")[0] || chain_parse_time(until, &ms) != 0) {
		err_set(err, ERR_CREDENTIALS, "'%s' holds no sign-in", path);
	} else if (ms <= now_ms) {
		*ended = true;
		rc = 0;
	} else {
		*ended = false;
		rc = take_secret(doc, "accessToken", token, err);
	}
	json_free(doc);
	return rc;
}
