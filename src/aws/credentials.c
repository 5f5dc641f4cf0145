#include "spark/aws/credentials.h"

#include <stdio.h>
#include <sys/stat.h>

#include "aws/profile.h"
#include "spark/base/env.h"
#include "spark/base/mem.h"

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

/* The search: what was found, and the places looked at for the message when nothing is. */
struct search {
	const struct config *config;
	struct aws_credentials *out;
	struct buf looked;
};

static void looked_at(struct search *s, const char *place)
{
	if (s->looked.len > 0)
		buf_puts(&s->looked, "; ");
	buf_puts(&s->looked, place);
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

/* Takes over what a place holds: 1 found, 0 nothing there, -1 half set or broken. */
static int take(struct search *s, const char *place, const char *id, const struct secret *secret,
		const struct secret *token, struct err *err)
{
	struct aws_credentials *out = s->out;
	bool has_id = id && id[0], has_secret = secret && secret_is_set(secret);

	if (!has_id && !has_secret)
		return 0;
	if (!has_id || !has_secret) {
		err_set(err, ERR_CREDENTIALS, "the credentials of %s are incomplete: the %s is missing", place,
			has_id ? "secret access key" : "access key id");
		return err_hint(err, "set both, or neither");
	}
	if (check_key_id(id, place, err) != 0 || check_secret(secret, "secret access key", place, err) != 0 ||
	    (token && check_secret(token, "session token", place, err) != 0))
		return -1;
	if (secret_copy(&out->secret_access_key, secret, err) != 0 ||
	    (token && secret_is_set(token) && secret_copy(&out->session_token, token, err) != 0))
		return -1;
	snprintf(out->access_key_id, sizeof(out->access_key_id), "%s", id);
	snprintf(out->source, sizeof(out->source), "%s", place);
	return 1;
}

static int from_environment(struct search *s, const char *id_name, const char *secret_name, const char *token_name,
			    const char *place, struct err *err)
{
	const char *secret_text = env_get(secret_name), *token_text = token_name ? env_get(token_name) : NULL;
	struct secret secret = { 0 }, token = { 0 };
	int rc = -1;

	looked_at(s, place);
	if (secret_text && secret_set(&secret, secret_text, err) != 0)
		goto out;
	if (token_text && secret_set(&token, token_text, err) != 0)
		goto out;
	rc = take(s, place, env_get(id_name), &secret, &token, err);
out:
	secret_clear(&secret);
	secret_clear(&token);
	return rc;
}

/* A file with keys in it that others may read is a leak that people do not see: refuse it. */
static int check_private(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) != 0 || (st.st_mode & 077) == 0)
		return 0;
	err_set(err, ERR_CREDENTIALS, "'%s' holds a secret access key, but others may read it (mode %04o)", path,
		(unsigned)(st.st_mode & 07777));
	return err_hint(err, "run: chmod 600 '%s'", path);
}

static int from_config(struct search *s, struct err *err)
{
	const struct secret *secret = config_secret(s->config, OPT_AWS_SECRET);
	const struct secret *token = config_secret(s->config, OPT_AWS_TOKEN);
	const char *id = config_str(s->config, OPT_AWS_KEY), *path = config_path(s->config);
	char place[200];

	if (id && id[0])
		snprintf(place, sizeof(place), "%s", config_place(s->config, OPT_AWS_KEY));
	else if (secret && secret_is_set(secret))
		snprintf(place, sizeof(place), "%s", config_place(s->config, OPT_AWS_SECRET));
	else {
		snprintf(place, sizeof(place), "[AWS] KEY and SECRET in %s", path ? path : "dwh.cfg");
		looked_at(s, place);
		return 0;
	}
	int rc = take(s, place, id, secret, token, err);
	if (rc == 1 && path && config_origin(s->config, OPT_AWS_SECRET) == FROM_FILE && check_private(path, err) != 0)
		return -1;
	return rc;
}

static int from_profile_file(struct search *s, enum profile_file which, const char *profile, bool *exists,
			     struct err *err)
{
	struct profile_keys keys = { 0 };
	struct buf place;
	char *path = profile_path(which, err);
	int rc = -1;

	if (!path)
		return -1;
	buf_init(&place, 8192);
	buf_printf(&place, "profile '%s' in %s", profile, path);
	looked_at(s, place.data);
	if (buf_check(&place, "path", err) != 0 || profile_read(path, which, profile, &keys, err) != 0)
		goto out;
	*exists = *exists || keys.exists;
	rc = take(s, place.data, keys.access_key_id, &keys.secret_access_key, &keys.session_token, err);
out:
	profile_keys_clear(&keys);
	buf_clear(&place);
	mem_free(path);
	return rc;
}

static int from_profile(struct search *s, const char *profile, bool required, struct err *err)
{
	bool exists = false;
	int rc = from_profile_file(s, PROFILE_CREDENTIALS, profile, &exists, err);

	if (rc == 0)
		rc = from_profile_file(s, PROFILE_CONFIG, profile, &exists, err);
	if (rc != 0 || !required)
		return rc;
	if (exists)
		err_set(err, ERR_CREDENTIALS, "profile '%s' has no access key", profile);
	else
		err_set(err, ERR_CREDENTIALS, "there is no profile '%s'", profile);
	return err_hint(err, "looked at: %s", s->looked.data);
}

/* The places one after the other: 1 found, 0 nowhere, -1 error. */
static int search_all(struct search *s, struct err *err)
{
	const char *profile = config_str(s->config, OPT_PROFILE);
	bool named = profile && profile[0];
	int rc;

	if (named && config_origin(s->config, OPT_PROFILE) == FROM_FLAG)
		return from_profile(s, profile, true, err);
	rc = from_environment(s, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
			      "the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)", err);
	if (rc == 0)
		rc = from_environment(s, "CREDS__AWS_UDACITY__KEY", "CREDS__AWS_UDACITY__SECRET", NULL,
				      "the environment (CREDS__AWS_UDACITY__KEY, CREDS__AWS_UDACITY__SECRET)", err);
	if (rc == 0)
		rc = from_config(s, err);
	if (rc == 0)
		rc = from_profile(s, named ? profile : "default", named, err);
	return rc;
}

int aws_credentials_find(const struct config *config, struct aws_credentials *out, struct err *err)
{
	struct aws_credentials found = { 0 };
	struct search s = { .config = config, .out = &found };
	int rc;

	buf_init(&s.looked, 4096);
	rc = search_all(&s, err);
	if (rc == 0) {
		err_set(err, ERR_CREDENTIALS, "no AWS credentials were found");
		err_hint(err, "looked at: %s", s.looked.data);
	}
	buf_clear(&s.looked);
	if (rc != 1) {
		aws_credentials_clear(&found);
		return -1;
	}
	*out = found;
	return 0;
}
