/* The EC2 instance's metadata service, version 2: a token first, which a forged request from elsewhere cannot get. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/chain_http.h"
#include "aws/chain_json.h"
#include "aws/endpoint.h"
#include "spark/base/env.h"
#include "spark/base/url.h"

#define TOKEN_PATH "/latest/api/token"
#define ROLE_PATH  "/latest/meta-data/iam/security-credentials/"
#define TOKEN_S    "21600"

struct metadata {
	struct chain_asker *asker;
	char base[400];
	struct secret token;
};

/* Seconds or attempts out of the environment; what is no number from 1 to 60 counts as not set. */
static int number_of(const char *variable, int fallback)
{
	const char *text = env_get(variable);
	long n = text ? strtol(text, NULL, 10) : 0;

	return n >= 1 && n <= 60 ? (int)n : fallback;
}

static int find_base(char base[400], struct err *err)
{
	const char *given = env_get("AWS_EC2_METADATA_SERVICE_ENDPOINT");
	const char *mode = env_get("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
	struct address a;

	if (!given)
		given = mode && strcasecmp(mode, "ipv6") == 0 ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
	if (endpoint_from_url(given, &a, err) != 0)
		return err_wrap(err, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
	memcpy(base, a.base, sizeof(a.base));
	return 0;
}

/* Where nobody answers, there is no such service. */
static int get_token(struct metadata *m, struct err *err)
{
	struct http_answer answer;
	struct err local = { 0 };
	char url[500];
	int rc;

	snprintf(url, sizeof(url), "%s" TOKEN_PATH, m->base);
	const struct chain_request r = { "PUT", url, { "X-aws-ec2-metadata-token-ttl-seconds", TOKEN_S } };
	rc = chain_ask(m->asker, &r, &answer, &local);
	if (rc != 0 && (local.kind == ERR_NOMEM || local.kind == ERR_INTERRUPTED || local.kind == ERR_CONFIG)) {
		if (err)
			*err = local;
		rc = CHAIN_FAILED;
	} else if (rc != 0 || answer.status != 200 || answer.body.len == 0 || strpbrk(answer.body.data, "\r\n")) {
		rc = CHAIN_NOTHING;
	} else {
		rc = secret_set_bytes(&m->token, answer.body.data, answer.body.len, err) == 0 ? CHAIN_FOUND
											      : CHAIN_FAILED;
	}
	buf_wipe(&answer.body);
	return rc;
}

static int get(struct metadata *m, const char *path, const char *name, struct http_answer *answer, struct err *err)
{
	struct buf url;
	int rc;

	*answer = (struct http_answer){ 0 };
	buf_init(&url, 8192);
	buf_printf(&url, "%s%s", m->base, path);
	url_encode(&url, name, strlen(name), false);
	rc = buf_check(&url, "address", err);
	const struct chain_request r = { "GET", url.data, { "X-aws-ec2-metadata-token", secret_value(&m->token) } };
	if (rc == 0)
		rc = chain_ask(m->asker, &r, answer, err);
	buf_clear(&url);
	return rc;
}

/* The role that the instance has. */
static int get_role(struct metadata *m, char name[128], struct err *err)
{
	struct http_answer answer;
	int rc = CHAIN_FAILED;

	if (get(m, ROLE_PATH, "", &answer, err) != 0) {
		err_wrap(err, "the EC2 instance's metadata");
	} else if (answer.status == 404 || (answer.status == 200 && answer.body.len == 0)) {
		rc = CHAIN_NOTHING;
	} else if (answer.status != 200) {
		err_set(err, ERR_CREDENTIALS, "the EC2 instance's metadata answered with HTTP status %d",
			answer.status);
	} else {
		snprintf(name, 128, "%.*s", (int)strcspn(answer.body.data, "\r\n"), answer.body.data);
		rc = CHAIN_FOUND;
	}
	buf_clear(&answer.body);
	return rc;
}

static int get_keys(struct metadata *m, const char *role, struct aws_credentials *out, struct err *err)
{
	static const struct json_key_names names = { "AccessKeyId", "SecretAccessKey", "Token", "Expiration", true };
	struct http_answer answer;
	struct json *doc = NULL;
	char place[200];
	int rc = CHAIN_FAILED;

	snprintf(place, sizeof(place), "the EC2 instance's metadata, role %s", role);
	if (get(m, ROLE_PATH, role, &answer, err) != 0) {
		err_wrap(err, "%s", place);
		goto out;
	}
	doc = json_parse(answer.body.data, answer.body.len, NULL);
	if (answer.status != 200 || !json_is_object(doc))
		err_set(err, ERR_CREDENTIALS, "%s: the service answered with HTTP status %d and no keys", place,
			answer.status);
	else if (strcmp(json_str(doc, "Code", "Success"), "Success") != 0)
		err_set(err, ERR_CREDENTIALS, "%s: %.60s: %.200s", place, json_str(doc, "Code", ""),
			json_str(doc, "Message", "no reason was told"));
	else
		rc = chain_take_json(doc, &names, place, out, err);
out:
	json_free(doc);
	buf_wipe(&answer.body);
	return rc;
}

int chain_from_metadata(struct chain *c, struct aws_credentials *out, struct err *err)
{
	const char *disabled = env_get("AWS_EC2_METADATA_DISABLED");
	struct metadata m = { 0 };
	char role[128], place[500];
	int rc;

	if (disabled && strcasecmp(disabled, "true") == 0) {
		chain_looked_at(c, "the EC2 instance's metadata (off: AWS_EC2_METADATA_DISABLED)");
		return CHAIN_NOTHING;
	}
	if (find_base(m.base, err) != 0)
		return CHAIN_FAILED;
	m.asker = chain_asker_new(c, 1000 * number_of("AWS_METADATA_SERVICE_TIMEOUT", 1),
				  number_of("AWS_METADATA_SERVICE_NUM_ATTEMPTS", 1), true, err);
	if (!m.asker)
		return CHAIN_FAILED;
	rc = get_token(&m, err);
	if (rc == CHAIN_FOUND)
		rc = get_role(&m, role, err);
	if (rc == CHAIN_FOUND)
		rc = get_keys(&m, role, out, err);
	if (rc == CHAIN_NOTHING) {
		snprintf(place, sizeof(place), "the EC2 instance's metadata (%s)", m.base);
		chain_looked_at(c, place);
	}
	chain_asker_free(m.asker);
	secret_clear(&m.token);
	return rc;
}
