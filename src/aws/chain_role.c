/* Roles: of a profile with the keys of another, and with a token of an identity provider. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/chain.h"
#include "aws/sts.h"
#include "spark/aws/client.h"
#include "spark/base/env.h"
#include "spark/base/file.h"
#include "spark/base/mem.h"

/* One role stands on another, hardly ever more than two deep. */
#define DEPTH_MAX 16
#define TOKEN_MAX ((size_t)64 * 1024)

void chain_session_name(const struct chain *c, char out[40])
{
	snprintf(out, 40, "sparkctl-%lld", (long long)(clock_now(c->clock) / 1000));
}

int chain_assume(struct chain *c, const struct aws_credentials *keys, const struct chain_role *role, const char *place,
		 struct aws_credentials *out, struct err *err)
{
	const struct sts_role wish = {
		.arn = role->arn,
		.session_name = role->session_name,
		.external_id = role->external_id,
		.web_token = role->web_token,
		.duration_s = role->duration_s,
	};
	struct aws_client_options o = {
		.anonymous = !keys,
		.region = c->region,
		.endpoint_url = c->o->endpoint_url,
		.settings = c->o->settings,
		.ca_bundle = c->o->ca_bundle,
		.user_agent = c->o->user_agent,
		.timeout_ms = c->timeout_ms,
		.clock = c->clock,
		.stop = c->o->stop,
	};
	struct aws_client *client;
	int rc;

	if (keys && aws_credentials_copy(&o.credentials, keys, err) != 0)
		return CHAIN_FAILED;
	client = aws_client_new(&o, err);
	aws_credentials_clear(&o.credentials);
	if (!client)
		return CHAIN_FAILED;
	rc = sts_assume_role(client, &wish, out, err);
	aws_client_free(client);
	if (rc != 0) {
		err_wrap(err, "cannot take the role of %s", place);
		return CHAIN_FAILED;
	}
	snprintf(out->source, sizeof(out->source), "%s", place);
	return CHAIN_FOUND;
}

/* What a profile says of its role. */
struct role_profile {
	const char *name, *arn, *source_profile, *credential_source;
	struct chain_role role;
	char session_name[40];
};

/* The profiles on the way from the first one. */
struct way {
	const char *names[DEPTH_MAX];
	size_t count;
};

static int bad_profile(struct err *err, const struct role_profile *p, const char *what, const char *hint)
{
	err_set(err, ERR_CREDENTIALS, "profile '%s' has a role_arn, but %s", p->name, what);
	err_hint(err, "%s", hint);
	return -1;
}

static const char *key_of(const struct chain *c, const char *profile, const char *key)
{
	return profiles_get(&c->profiles, KIND_PROFILE, profile, key);
}

static int read_duration(const struct chain *c, const char *profile, int *out, struct err *err)
{
	const char *text = key_of(c, profile, "duration_seconds");
	char *end = NULL;
	long n = text ? strtol(text, &end, 10) : 0;

	if (text && (*end || n < 900 || n > 43200))
		return err_set(err, ERR_CREDENTIALS,
			       "profile '%s': duration_seconds is no number from 900 to 43200: '%.40s'", profile, text);
	*out = (int)n;
	return 0;
}

static int read_role(const struct chain *c, const char *profile, struct role_profile *p, struct err *err)
{
	*p = (struct role_profile){
		.name = profile,
		.arn = key_of(c, profile, "role_arn"),
		.source_profile = key_of(c, profile, "source_profile"),
		.credential_source = key_of(c, profile, "credential_source"),
	};
	p->role.arn = p->arn;
	p->role.external_id = key_of(c, profile, "external_id");
	p->role.session_name = key_of(c, profile, "role_session_name");
	if (!p->role.session_name) {
		chain_session_name(c, p->session_name);
		p->role.session_name = p->session_name;
	}
	if (key_of(c, profile, "mfa_serial"))
		return bad_profile(err, p, "mfa_serial asks for a code, which sparkctl does not do",
				   "make a session with the AWS tools first: eval \"$(aws configure export-credentials "
				   "--profile NAME --format env)\"");
	if (p->source_profile && p->credential_source)
		return bad_profile(err, p, "both source_profile and credential_source", "keep one of them");
	if (!p->source_profile && !p->credential_source)
		return bad_profile(err, p, "neither source_profile nor credential_source",
				   "name the profile whose keys may take the role: source_profile = ...");
	return read_duration(c, profile, &p->role.duration_s, err);
}

/* "profile 'dev' in ~/.aws/config, role arn:..., by <whose keys took it>" */
static void name_place(const struct chain *c, const struct role_profile *p, const struct aws_credentials *keys,
		       struct buf *out)
{
	buf_printf(out, "profile '%s' in %s, role %s", p->name, profiles_place(&c->profiles, p->name, "role_arn"),
		   p->arn);
	if (keys)
		buf_printf(out, ", by %s", keys->source);
}

static int from_credential_source(struct chain *c, const struct role_profile *p, struct aws_credentials *out,
				  struct err *err)
{
	int rc;

	if (strcmp(p->credential_source, "Environment") == 0) {
		rc = chain_from_environment(c, out, err);
	} else if (strcmp(p->credential_source, "EcsContainer") == 0) {
		rc = chain_from_container(c, out, err);
	} else if (strcmp(p->credential_source, "Ec2InstanceMetadata") == 0) {
		rc = chain_from_metadata(c, out, err);
	} else {
		err_set(err, ERR_CREDENTIALS, "profile '%s': there is no credential_source '%.60s'", p->name,
			p->credential_source);
		err_hint(err, "it is Environment, EcsContainer or Ec2InstanceMetadata");
		return CHAIN_FAILED;
	}
	if (rc == CHAIN_NOTHING) {
		err_set(err, ERR_CREDENTIALS, "profile '%s': its credential_source '%s' has no credentials", p->name,
			p->credential_source);
		err_hint(err, "looked at: %s", c->looked.data);
		return CHAIN_FAILED;
	}
	return rc;
}

static bool is_on_way(const struct way *w, const char *profile)
{
	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->names[i], profile) == 0)
			return true;
	return false;
}

static int refuse_loop(const struct way *w, const char *next, struct err *err)
{
	struct buf text;

	buf_init(&text, 1024);
	for (size_t i = 0; i < w->count; i++)
		buf_printf(&text, "'%s' -> ", w->names[i]);
	err_set(err, ERR_CREDENTIALS, "the source_profile of the profiles goes in a circle: %s'%s'", text.data, next);
	err_hint(err, "one of them needs keys of its own");
	buf_clear(&text);
	return CHAIN_FAILED;
}

static int take_role(struct chain *c, const char *profile, struct way *w, struct aws_credentials *out, struct err *err);

static int from_source_profile(struct chain *c, const struct role_profile *p, struct way *w,
			       struct aws_credentials *out, struct err *err)
{
	const char *source = p->source_profile;
	bool has_keys = chain_profile_has_keys(c, source);
	bool has_role = key_of(c, source, "role_arn") && !key_of(c, source, "web_identity_token_file");
	int rc;

	if (!profiles_have(&c->profiles, KIND_PROFILE, source)) {
		err_set(err, ERR_CREDENTIALS, "there is no profile '%s', the source_profile of '%s'", source, p->name);
		err_hint(err, "looked at: %s; %s", c->profiles.places[PROFILE_CREDENTIALS],
			 c->profiles.places[PROFILE_CONFIG]);
		return CHAIN_FAILED;
	}
	/* A profile may take its role with keys of its own. */
	if (is_on_way(w, source) && !(strcmp(source, p->name) == 0 && has_keys))
		return refuse_loop(w, source, err);
	if (has_role && !has_keys)
		return take_role(c, source, w, out, err);
	rc = chain_from_profile_keys(c, source, false, out, err);
	if (rc == CHAIN_NOTHING) {
		err_set(err, ERR_CREDENTIALS, "profile '%s', the source_profile of '%s', has no credentials", source,
			p->name);
		err_hint(err, "give it keys, a credential_process or a sign-in");
		return CHAIN_FAILED;
	}
	return rc;
}

static int take_role(struct chain *c, const char *profile, struct way *w, struct aws_credentials *out, struct err *err)
{
	struct role_profile p;
	struct aws_credentials keys = { 0 };
	struct buf place;
	int rc = CHAIN_FAILED;

	buf_init(&place, 8192);
	if (w->count == DEPTH_MAX) {
		err_set(err, ERR_CREDENTIALS, "more than %d roles stand on each other, from profile '%s' on", DEPTH_MAX,
			w->names[0]);
		goto out;
	}
	w->names[w->count++] = profile;
	if (read_role(c, profile, &p, err) != 0)
		goto out;
	rc = p.credential_source ? from_credential_source(c, &p, &keys, err)
				 : from_source_profile(c, &p, w, &keys, err);
	if (rc != CHAIN_FOUND)
		goto out;
	name_place(c, &p, &keys, &place);
	rc = buf_check(&place, "place", err);
	if (rc == 0)
		rc = chain_assume(c, &keys, &p.role, place.data, out, err);
out:
	aws_credentials_clear(&keys);
	buf_clear(&place);
	return rc;
}

int chain_from_role(struct chain *c, const char *profile, struct aws_credentials *out, struct err *err)
{
	struct way w = { .count = 0 };

	return take_role(c, profile, &w, out, err);
}

/* A variable, when the environment counts, else the profile's key. */
static const char *web_key(const struct chain *c, const char *profile, bool environment, const char *variable,
			   const char *key)
{
	const char *value = environment ? env_get(variable) : NULL;

	return value ? value : key_of(c, profile, key);
}

/* The file is written anew while we run; it is read each time. */
static int read_token(const char *path, struct secret *out, struct err *err)
{
	char *full = profile_expand_path(path, err);
	struct buf text;
	int rc;

	if (!full)
		return -1;
	buf_init(&text, TOKEN_MAX);
	rc = file_read(full, &text, err);
	while (text.len > 0 && strchr(" \t\r\n", text.data[text.len - 1]))
		buf_cut(&text, text.len - 1);
	if (rc == 0 && text.len == 0)
		rc = err_set(err, ERR_CREDENTIALS, "the web identity token file '%s' is empty", full);
	if (rc == 0)
		rc = secret_set_bytes(out, text.data, text.len, err);
	else if (err)
		err->kind = ERR_CREDENTIALS;
	buf_wipe(&text);
	mem_free(full);
	return rc;
}

int chain_from_web_identity(struct chain *c, const char *profile, bool environment, struct aws_credentials *out,
			    struct err *err)
{
	const char *path = web_key(c, profile, environment, "AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
	struct chain_role role = {
		.arn = web_key(c, profile, environment, "AWS_ROLE_ARN", "role_arn"),
		.session_name = web_key(c, profile, environment, "AWS_ROLE_SESSION_NAME", "role_session_name"),
	};
	bool from_env = environment && env_get("AWS_WEB_IDENTITY_TOKEN_FILE");
	struct secret token = { 0 };
	char session_name[40];
	struct buf place;
	int rc = CHAIN_FAILED;

	if (!path)
		return CHAIN_NOTHING;
	if (!role.arn) {
		err_set(err, ERR_CREDENTIALS, "a web identity token is there ('%s'), but no role to take with it",
			path);
		err_hint(err, "set %s", from_env ? "AWS_ROLE_ARN" : "role_arn in the profile");
		return CHAIN_FAILED;
	}
	if (!role.session_name) {
		chain_session_name(c, session_name);
		role.session_name = session_name;
	}
	buf_init(&place, 8192);
	if (from_env)
		buf_printf(&place, "the environment (AWS_WEB_IDENTITY_TOKEN_FILE), role %s", role.arn);
	else
		buf_printf(&place, "profile '%s' in %s, web identity, role %s", profile,
			   profiles_place(&c->profiles, profile, "web_identity_token_file"), role.arn);
	role.web_token = &token;
	if (buf_check(&place, "place", err) == 0 && read_token(path, &token, err) == 0)
		rc = chain_assume(c, NULL, &role, place.data, out, err);
	secret_clear(&token);
	buf_clear(&place);
	return rc;
}
