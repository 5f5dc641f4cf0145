/* The search for credentials: which place comes after which. */
#include "aws/chain.h"

#include <sys/stat.h>

#include "aws/chain_json.h"
#include "spark/aws/settings.h"
#include "spark/base/env.h"

void chain_looked_at(struct chain *c, const char *place)
{
	if (c->looked.len > 0)
		buf_puts(&c->looked, "; ");
	buf_puts(&c->looked, place);
}

struct variables {
	const char *id, *secret, *token, *expiration;
	const char *place;
};

static int from_variables(struct chain *c, const struct variables *v, struct aws_credentials *out, struct err *err)
{
	const char *secret_text = env_get(v->secret), *token_text = v->token ? env_get(v->token) : NULL;
	const char *end = v->expiration ? env_get(v->expiration) : NULL;
	struct secret secret = { 0 }, token = { 0 };
	int64_t expires_ms = 0;
	int rc = CHAIN_FAILED;

	if (secret_text && secret_set(&secret, secret_text, err) != 0)
		goto out;
	if (token_text && secret_set(&token, token_text, err) != 0)
		goto out;
	rc = chain_take(v->place, env_get(v->id), &secret, &token, out, err);
	if (rc == CHAIN_FOUND && end && chain_parse_time(end, &expires_ms) != 0) {
		aws_credentials_clear(out);
		err_set(err, ERR_CREDENTIALS, "%s is no time: '%.40s'", v->expiration, end);
		rc = CHAIN_FAILED;
	}
	if (rc == CHAIN_FOUND)
		out->expires_ms = expires_ms;
	if (rc == CHAIN_NOTHING)
		chain_looked_at(c, v->place);
out:
	secret_clear(&secret);
	secret_clear(&token);
	return rc;
}

int chain_from_environment(struct chain *c, struct aws_credentials *out, struct err *err)
{
	static const struct variables aws = { "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
					      "AWS_CREDENTIAL_EXPIRATION",
					      "the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)" };

	return from_variables(c, &aws, out, err);
}

static int from_course_variables(struct chain *c, struct aws_credentials *out, struct err *err)
{
	static const struct variables course = {
		"CREDS__AWS_UDACITY__KEY", "CREDS__AWS_UDACITY__SECRET", NULL, NULL,
		"the environment (CREDS__AWS_UDACITY__KEY, CREDS__AWS_UDACITY__SECRET)"
	};

	return from_variables(c, &course, out, err);
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

static int from_config(struct chain *c, struct aws_credentials *out, struct err *err)
{
	const struct config *config = c->o->config;
	const struct secret *secret = config_secret(config, OPT_AWS_SECRET);
	const struct secret *token = config_secret(config, OPT_AWS_TOKEN);
	const char *id = config_str(config, OPT_AWS_KEY), *path = config_path(config);
	char place[200];

	if (id && id[0])
		snprintf(place, sizeof(place), "%s", config_place(config, OPT_AWS_KEY));
	else if (secret && secret_is_set(secret))
		snprintf(place, sizeof(place), "%s", config_place(config, OPT_AWS_SECRET));
	else {
		snprintf(place, sizeof(place), "[AWS] KEY and SECRET in %s", path ? path : "dwh.cfg");
		chain_looked_at(c, place);
		return CHAIN_NOTHING;
	}
	int rc = chain_take(place, id, secret, token, out, err);
	if (rc == CHAIN_FOUND && path && config_origin(config, OPT_AWS_SECRET) == FROM_FILE &&
	    check_private(path, err) != 0) {
		aws_credentials_clear(out);
		return CHAIN_FAILED;
	}
	return rc;
}

/* The places one after the other. *profile: the one that was asked for by name. */
static int search_all(struct chain *c, const char **profile, struct aws_credentials *out, struct err *err)
{
	const char *name = config_str(c->o->config, OPT_PROFILE);
	bool named = name && name[0], by_flag = named && config_origin(c->o->config, OPT_PROFILE) == FROM_FLAG;
	int rc = CHAIN_NOTHING;

	*profile = named ? name : NULL;
	if (!by_flag)
		rc = chain_from_environment(c, out, err);
	if (rc == CHAIN_NOTHING && !by_flag)
		rc = from_course_variables(c, out, err);
	if (rc == CHAIN_NOTHING && !by_flag)
		rc = from_config(c, out, err);
	if (rc == CHAIN_NOTHING)
		rc = chain_from_profile(c, named ? name : "default", named, !by_flag, out, err);
	if (rc == CHAIN_NOTHING && !c->o->at_hand_only)
		rc = chain_from_container(c, out, err);
	if (rc == CHAIN_NOTHING && !c->o->at_hand_only)
		rc = chain_from_metadata(c, out, err);
	return rc;
}

int aws_chain_find(const struct aws_chain_options *o, struct aws_credentials *out, struct err *err)
{
	struct aws_credentials found = { 0 };
	struct chain c = {
		.o = o,
		.clock = o->clock ? o->clock : &clock_system,
		.region = o->region ? o->region : config_str(o->config, OPT_REGION),
		.timeout_ms = o->timeout_ms > 0 ? o->timeout_ms : 60000,
	};
	const char *profile = NULL;
	int rc;

	buf_init(&c.looked, 4096);
	rc = search_all(&c, &profile, &found, err);
	if (rc == CHAIN_NOTHING) {
		if (profile)
			err_set(err, ERR_CREDENTIALS, "profile '%s' has no credentials", profile);
		else
			err_set(err, ERR_CREDENTIALS, "no AWS credentials were found");
		err_hint(err, "looked at: %s", c.looked.data);
	}
	buf_clear(&c.looked);
	profiles_clear(&c.profiles);
	if (rc != CHAIN_FOUND)
		return -1;
	*out = found;
	return 0;
}

int aws_credentials_find(const struct config *config, struct aws_credentials *out, struct err *err)
{
	const char *given = config_str(config, OPT_ENDPOINT_URL);
	struct aws_settings settings;
	int rc;

	if (aws_settings_load(config, &settings, err) != 0)
		return -1;
	/* The variable of the AWS tools is among the settings. */
	if (given && strcmp(config_place(config, OPT_ENDPOINT_URL), "AWS_ENDPOINT_URL") == 0)
		given = NULL;
	const struct aws_chain_options o = {
		.config = config,
		.region = !config_is_set(config, OPT_REGION) && settings.region[0] ? settings.region : NULL,
		.endpoint_url = given,
		.settings = &settings,
		.ca_bundle =
			config_is_set(config, OPT_CA_BUNDLE) ? config_str(config, OPT_CA_BUNDLE) : settings.ca_bundle,
		.timeout_ms = (int)config_int(config, OPT_TIMEOUT) * 1000,
	};
	rc = aws_chain_find(&o, out, err);
	aws_settings_clear(&settings);
	return rc;
}
