/* IAM Identity Center: keys of a role for the sign-in that `aws sso login` left behind. */
#include <stdio.h>

#include "aws/chain_http.h"
#include "aws/chain_json.h"
#include "aws/endpoint.h"
#include "spark/aws/settings.h"
#include "spark/base/env.h"
#include "spark/base/file.h"
#include "spark/base/hash.h"
#include "spark/base/mem.h"
#include "spark/base/url.h"

#define CACHE_FILE_MAX ((size_t)256 * 1024)

struct sso {
	const char *profile, *session; /* session NULL: the older form, all in the profile */
	const char *start_url, *region, *account, *role;
};

static const char *key_of(const struct chain *c, const struct sso *s, const char *key)
{
	const char *value = profiles_get(&c->profiles, KIND_PROFILE, s->profile, key);

	if (!value && s->session)
		value = profiles_get(&c->profiles, KIND_SSO_SESSION, s->session, key);
	return value;
}

static int read_profile(const struct chain *c, const char *profile, struct sso *out, struct err *err)
{
	struct sso s = { .profile = profile };
	const char *place = c->profiles.places[PROFILE_CONFIG];

	s.account = key_of(c, &s, "sso_account_id");
	s.role = key_of(c, &s, "sso_role_name");
	if (!s.account && !s.role)
		return CHAIN_NOTHING;
	s.session = profiles_get(&c->profiles, KIND_PROFILE, profile, "sso_session");
	if (s.session && !profiles_have(&c->profiles, KIND_SSO_SESSION, s.session)) {
		err_set(err, ERR_CREDENTIALS, "profile '%s' names the sso_session '%s', which is not there", profile,
			s.session);
		err_hint(err, "add a section [sso-session %s] to %s", s.session, place);
		return CHAIN_FAILED;
	}
	s.start_url = key_of(c, &s, "sso_start_url");
	s.region = key_of(c, &s, "sso_region");
	const char *missing = !s.account     ? "sso_account_id"
			      : !s.role      ? "sso_role_name"
			      : !s.start_url ? "sso_start_url"
			      : !s.region    ? "sso_region"
					     : NULL;
	if (missing) {
		err_set(err, ERR_CREDENTIALS, "the sign-in of profile '%s' is incomplete: %s is missing", profile,
			missing);
		err_hint(err, "run: aws configure sso --profile %s", profile);
		return CHAIN_FAILED;
	}
	*out = s;
	return CHAIN_FOUND;
}

static int tell_login(const struct sso *s, const char *what, struct err *err)
{
	err_set(err, ERR_CREDENTIALS, "profile '%s': %s", s->profile, what);
	return err_hint(err, "run: aws sso login --profile %s", s->profile);
}

/* ~/.aws/sso/cache/<SHA-1 of the session's name, or of the start URL>.json */
static char *cache_path(const struct sso *s, struct err *err)
{
	const char *name = s->session ? s->session : s->start_url;
	struct hash *h = hash_new(HASH_SHA1, err);
	unsigned char digest[64];
	char hex[129];
	size_t len = 0;
	int rc;

	if (!h)
		return NULL;
	if (hash_update(h, name, strlen(name), err) != 0) {
		hash_free(h);
		return NULL;
	}
	rc = hash_finish(h, digest, &len, err);
	if (rc != 0)
		return NULL;
	hash_hex(digest, len, hex);
	char *below = mem_printf("~/.aws/sso/cache/%s.json", hex);
	if (!below) {
		err_nomem(err);
		return NULL;
	}
	char *path = profile_expand_path(below, err);
	mem_free(below);
	return path;
}

static int read_token(struct chain *c, const struct sso *s, struct secret *token, struct err *err)
{
	char *path = cache_path(s, err);
	bool ended = false;
	struct buf text;
	int rc = -1;

	if (!path)
		return -1;
	buf_init(&text, CACHE_FILE_MAX);
	if (!file_exists(path)) {
		tell_login(s, "nobody has signed in yet", err);
		goto out;
	}
	if (file_read(path, &text, err) != 0)
		goto out;
	rc = chain_take_sso_token(text.data, text.len, path, clock_now(c->clock), token, &ended, err);
	if (rc != 0)
		err_hint(err, "run: aws sso login --profile %s", s->profile);
	else if (ended)
		rc = tell_login(s, "the sign-in has run out", err);
out:
	buf_wipe(&text);
	mem_free(path);
	return rc;
}

static int make_url(const struct chain *c, const struct sso *s, struct buf *url, struct err *err)
{
	const struct aws_settings *settings = c->o->settings;
	const char *given = c->o->endpoint_url;
	const struct endpoint_wish wish = {
		.service = "portal.sso",
		.region = s->region,
		.fips = settings && settings->use_fips,
		.dualstack = settings && settings->use_dualstack,
	};
	struct address a;

	if (!given && settings)
		given = aws_settings_url(settings, "sso");
	if (endpoint_check_region(s->region, err) != 0)
		return err_wrap(err, "sso_region of profile '%s'", s->profile);
	if ((given ? endpoint_from_url(given, &a, err) : endpoint_of_service(&wish, &a, err)) != 0)
		return -1;
	buf_printf(url, "%s/federation/credentials?role_name=", a.base);
	url_encode(url, s->role, strlen(s->role), false);
	buf_puts(url, "&account_id=");
	url_encode(url, s->account, strlen(s->account), false);
	return buf_check(url, "address", err);
}

static int take_reply(const struct sso *s, const struct http_answer *answer, const char *place,
		      struct aws_credentials *out, struct err *err)
{
	static const struct json_key_names names = { "accessKeyId", "secretAccessKey", "sessionToken", "expiration",
						     true };
	struct json *doc = json_parse(answer->body.data, answer->body.len, NULL);
	struct json *keys = doc ? json_get_mut(doc, "roleCredentials") : NULL;
	int rc = CHAIN_FAILED;

	if (answer->status == 401) {
		tell_login(s, "the sign-in is not valid any more", err);
	} else if (answer->status / 100 != 2) {
		err_set(err, ERR_CREDENTIALS, "IAM Identity Center gives no keys to profile '%s': %.200s (HTTP %d)",
			s->profile, json_str(doc, "message", "no reason was told"), answer->status);
		err_hint(err, "check sso_account_id '%s' and sso_role_name '%s'", s->account, s->role);
	} else if (!json_is_object(keys)) {
		err_set(err, ERR_CREDENTIALS, "the reply of IAM Identity Center to profile '%s' holds no credentials",
			s->profile);
	} else {
		rc = chain_take_json(keys, &names, place, out, err);
	}
	json_free(doc);
	return rc;
}

int chain_from_sso(struct chain *c, const char *profile, struct aws_credentials *out, struct err *err)
{
	struct chain_asker *asker = NULL;
	struct http_answer answer = { 0 };
	struct secret token = { 0 };
	struct buf url, place;
	struct sso s;
	int rc = read_profile(c, profile, &s, err);

	if (rc != CHAIN_FOUND)
		return rc;
	rc = CHAIN_FAILED;
	buf_init(&url, 8192);
	buf_init(&place, 8192);
	buf_printf(&place, "profile '%s' in %s, IAM Identity Center, role %s of account %s", profile,
		   c->profiles.places[PROFILE_CONFIG], s.role, s.account);
	if (buf_check(&place, "place", err) != 0 || read_token(c, &s, &token, err) != 0 ||
	    make_url(c, &s, &url, err) != 0)
		goto out;
	asker = chain_asker_new(c, c->timeout_ms, 3, false, err);
	const struct chain_request request = { "GET", url.data, { "x-amz-sso_bearer_token", secret_value(&token) } };
	if (!asker)
		goto out;
	if (chain_ask(asker, &request, &answer, err) != 0)
		err_wrap(err, "the keys of profile '%s' cannot be fetched", profile);
	else
		rc = take_reply(&s, &answer, place.data, out, err);
out:
	buf_wipe(&answer.body);
	chain_asker_free(asker);
	secret_clear(&token);
	buf_clear(&url);
	buf_clear(&place);
	return rc;
}
