/* The endpoints that containers get credentials from: ECS, EKS Pod Identity, Greengrass. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "aws/chain_http.h"
#include "aws/chain_json.h"
#include "spark/base/env.h"
#include "spark/base/file.h"
#include "spark/base/mem.h"
#include "spark/base/url.h"

#define ECS_HOST   "169.254.170.2"
#define TIMEOUT_MS 2000
#define ATTEMPTS   3
#define TOKEN_MAX  ((size_t)64 * 1024)

#define RELATIVE_URI "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
#define FULL_URI     "AWS_CONTAINER_CREDENTIALS_FULL_URI"

/* Over plain http a token and keys go to this machine and to the addresses of ECS and EKS only.
 * Source: AWS SDKs and Tools Reference Guide, "Container credential provider". */
static int check_host(const char *url, struct err *err)
{
	static const char *const hosts[] = { ECS_HOST, "169.254.170.23", "fd00:ec2::23" };
	struct url u = { 0 };
	bool ok;

	if (url_parse(&u, url, err) != 0)
		return err_wrap(err, FULL_URI);
	ok = strcmp(u.scheme, "https") == 0 || url_is_loopback(url);
	for (size_t i = 0; !ok && i < sizeof(hosts) / sizeof(hosts[0]); i++)
		ok = strcmp(u.host, hosts[i]) == 0;
	if (!ok) {
		err_set(err, ERR_CREDENTIALS,
			FULL_URI " names the host '%.100s', which is none that hands out credentials", u.host);
		err_hint(err, "over http it is this machine's loopback, " ECS_HOST ", 169.254.170.23 or fd00:ec2::23");
	}
	url_clear(&u);
	return ok ? 0 : -1;
}

/* AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE is written anew while we run; it is read each time. */
static int read_token(struct secret *out, struct err *err)
{
	const char *path = env_get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	const char *token = env_get("AWS_CONTAINER_AUTHORIZATION_TOKEN");
	struct buf text;
	int rc;

	if (!path)
		return token ? secret_set(out, token, err) : 0;
	buf_init(&text, TOKEN_MAX);
	rc = file_read(path, &text, err);
	while (text.len > 0 && strchr("\r\n", text.data[text.len - 1]))
		buf_cut(&text, text.len - 1);
	if (rc == 0)
		rc = secret_set_bytes(out, text.data, text.len, err);
	else if (err)
		err->kind = ERR_CREDENTIALS;
	buf_wipe(&text);
	return rc;
}

/* A line's end in it would begin another header. */
static int check_token(const struct secret *token, struct err *err)
{
	const char *value = secret_value(token);

	for (size_t i = 0; i < token->len; i++)
		if ((unsigned char)value[i] < ' ' || value[i] == 127)
			return err_set(err, ERR_CREDENTIALS,
				       "the container's authorization token holds a control character");
	return 0;
}

static int take_reply(const struct http_answer *answer, const char *place, struct aws_credentials *out, struct err *err)
{
	static const struct json_key_names names = { "AccessKeyId", "SecretAccessKey", "Token", "Expiration", true };
	struct json *doc;
	int rc = CHAIN_FAILED;

	if (answer->status / 100 != 2) {
		err_set(err, ERR_CREDENTIALS, "%s answered with HTTP status %d", place, answer->status);
		err_hint(err, "check the container's role, and AWS_CONTAINER_AUTHORIZATION_TOKEN if there is one");
		return CHAIN_FAILED;
	}
	doc = json_parse(answer->body.data, answer->body.len, NULL);
	if (!json_is_object(doc))
		err_set(err, ERR_CREDENTIALS, "the reply of %s is no JSON object", place);
	else
		rc = chain_take_json(doc, &names, place, out, err);
	json_free(doc);
	return rc;
}

static int fetch(struct chain *c, const char *url, struct aws_credentials *out, struct err *err)
{
	struct http_answer answer = { 0 };
	struct chain_asker *asker = NULL;
	struct secret token = { 0 };
	struct buf place;
	int rc = CHAIN_FAILED;

	buf_init(&place, 8192);
	/* The path may be as good as a key. */
	buf_printf(&place, "the container endpoint %.*s", (int)(strcspn(url + 8, "/") + 8), url);
	if (buf_check(&place, "place", err) != 0 || read_token(&token, err) != 0 || check_token(&token, err) != 0)
		goto out;
	asker = chain_asker_new(c, TIMEOUT_MS, ATTEMPTS, true, err);
	if (!asker)
		goto out;
	struct chain_request request = { .method = "GET", .url = url };
	if (secret_is_set(&token))
		request.header = (struct sign_header){ "Authorization", secret_value(&token) };
	if (chain_ask(asker, &request, &answer, err) != 0)
		err_wrap(err, "%s", place.data);
	else
		rc = take_reply(&answer, place.data, out, err);
out:
	buf_wipe(&answer.body);
	chain_asker_free(asker);
	secret_clear(&token);
	buf_clear(&place);
	return rc;
}

int chain_from_container(struct chain *c, struct aws_credentials *out, struct err *err)
{
	const char *relative = env_get(RELATIVE_URI), *full = env_get(FULL_URI);
	char *url;
	int rc;

	if (!relative && !full) {
		chain_looked_at(c, "a container's endpoint (" RELATIVE_URI ", " FULL_URI ")");
		return CHAIN_NOTHING;
	}
	if (!relative)
		return check_host(full, err) == 0 ? fetch(c, full, out, err) : CHAIN_FAILED;
	url = mem_printf("http://" ECS_HOST "%s%s", relative[0] == '/' ? "" : "/", relative);
	if (!url)
		return err_nomem(err);
	rc = fetch(c, url, out, err);
	mem_free(url);
	return rc;
}
