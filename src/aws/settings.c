#include "aws/settings.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/profile.h"
#include "spark/base/env.h"
#include "spark/base/mem.h"

#define ATTEMPTS_MAX 100

extern char **environ;

void aws_settings_clear(struct aws_settings *s)
{
	for (size_t i = 0; i < s->url_count; i++)
		mem_free(s->urls[i].url);
	mem_free(s->urls);
	mem_free(s->ca_bundle);
	mem_free(s->endpoint_url);
	*s = (struct aws_settings){ 0 };
}

/* "redshift-serverless" and "REDSHIFT_SERVERLESS" are the same service. */
static void service_id(const char *name, char out[40])
{
	size_t i = 0;

	for (; i < 39 && name[i]; i++)
		out[i] = name[i] == '-' ? '_' : (char)tolower((unsigned char)name[i]);
	out[i] = '\0';
}

bool settings_is_service(const char *id, const char *service)
{
	char name[40];

	service_id(strcmp(service, "portal.sso") == 0 ? "sso" : service, name);
	return strcmp(name, id) == 0;
}

const char *aws_settings_url(const struct aws_settings *s, const char *service)
{
	for (size_t i = 0; i < s->url_count; i++)
		if (settings_is_service(s->urls[i].service, service))
			return s->urls[i].url;
	return s->endpoint_url;
}

static int add_url(struct aws_settings *s, const char *service, const char *url, struct err *err)
{
	struct aws_service_url u = { .url = mem_strdup(url) };

	service_id(service, u.service);
	if (!u.url || mem_grow(&s->urls, &s->url_cap, s->url_count, sizeof(*s->urls)) != 0) {
		mem_free(u.url);
		return err_nomem(err);
	}
	s->urls[s->url_count++] = u;
	return 0;
}

/* The profile's side: which one, and both files. */
struct source {
	const char *profile;
	struct profiles files;
};

static const char *profile_key(const struct source *from, const char *key)
{
	return profiles_get(&from->files, KIND_PROFILE, from->profile, key);
}

/* A variable, else a profile's key; *place names it. key NULL: variables only. */
static const char *look_up(const struct source *from, const char *variable, const char *key, const char **place)
{
	const char *value = env_get(variable);

	*place = value ? variable : key;
	return value || !key ? value : profile_key(from, key);
}

static int read_switch(const struct source *from, const char *variable, const char *key, bool *out, struct err *err)
{
	const char *place, *value = look_up(from, variable, key, &place);

	if (!value)
		return 0;
	if (strcasecmp(value, "true") != 0 && strcasecmp(value, "false") != 0) {
		err_set(err, ERR_CONFIG, "'%s' is neither true nor false: '%.40s'", place, value);
		return err_hint(err, "write true or false");
	}
	*out = strcasecmp(value, "true") == 0;
	return 0;
}

static int read_retries(const struct source *from, struct aws_settings *s, struct err *err)
{
	const char *place, *value = look_up(from, "AWS_MAX_ATTEMPTS", from ? "max_attempts" : NULL, &place);

	if (value) {
		char *end;
		long n = strtol(value, &end, 10);
		if (*end || end == value || n < 1 || n > ATTEMPTS_MAX)
			return err_set(err, ERR_CONFIG, "'%s' is no number from 1 to %d: '%.40s'", place, ATTEMPTS_MAX,
				       value);
		s->max_attempts = (int)n;
	}
	value = look_up(from, "AWS_RETRY_MODE", from ? "retry_mode" : NULL, &place);
	/* adaptive is standard with a brake of the caller's own, which a few calls never come to feel */
	if (!value || strcasecmp(value, "standard") == 0 || strcasecmp(value, "adaptive") == 0)
		return 0;
	s->legacy_retries = strcasecmp(value, "legacy") == 0;
	if (s->legacy_retries)
		return 0;
	err_set(err, ERR_CONFIG, "'%s' is no retry mode: '%.40s'", place, value);
	return err_hint(err, "it is standard, adaptive or legacy");
}

static int read_service_variables(struct aws_settings *s, struct err *err)
{
	static const char prefix[] = "AWS_ENDPOINT_URL_";
	size_t n = sizeof(prefix) - 1;

	for (char **e = environ; e && *e; e++) {
		const char *mark = strchr(*e, '=');
		char name[40];
		if (strncmp(*e, prefix, n) != 0 || !mark || !mark[1] || (size_t)(mark - *e) - n >= sizeof(name))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)((size_t)(mark - *e) - n), *e + n);
		if (add_url(s, name, mark + 1, err) != 0)
			return -1;
	}
	return 0;
}

/* [services NAME]: "s3 =", below it "endpoint_url = ...". */
static int read_services(const struct source *from, struct aws_settings *s, struct err *err)
{
	static const char suffix[] = ".endpoint_url";
	const char *name = profile_key(from, "services");

	if (!name)
		return 0;
	if (!profiles_have(&from->files, KIND_SERVICES, name)) {
		err_set(err, ERR_CONFIG, "profile '%s' names the services '%s', which are not there", from->profile,
			name);
		return err_hint(err, "add a section [services %s] to %s", name, from->files.places[PROFILE_CONFIG]);
	}
	for (size_t i = 0; i < from->files.count; i++) {
		const struct profile_entry *e = &from->files.entries[i];
		size_t len = strlen(e->key), n = sizeof(suffix) - 1;
		char service[40];
		if (e->kind != KIND_SERVICES || strcmp(e->name, name) != 0 || len <= n || len - n >= sizeof(service) ||
		    strcmp(e->key + len - n, suffix) != 0 || !e->value || !e->value[0])
			continue;
		snprintf(service, sizeof(service), "%.*s", (int)(len - n), e->key);
		if (add_url(s, service, e->value, err) != 0)
			return -1;
	}
	return 0;
}

/* In this order the first counts: the service's variable, the general variable, the profile's services, the profile. */
static int read_endpoints(const struct source *from, struct aws_settings *s, struct err *err)
{
	const char *general = env_get("AWS_ENDPOINT_URL");
	bool ignored = false;

	if (read_switch(from, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls", &ignored,
			err) != 0)
		return -1;
	if (ignored)
		return 0;
	if (read_service_variables(s, err) != 0)
		return -1;
	if (!general) {
		if (read_services(from, s, err) != 0)
			return -1;
		general = profile_key(from, "endpoint_url");
	}
	s->endpoint_url = mem_strdup(general);
	return general && !s->endpoint_url ? err_nomem(err) : 0;
}

static int read_rest(const struct source *from, struct aws_settings *s, struct err *err)
{
	const char *region = profile_key(from, "region"), *bundle = profile_key(from, "ca_bundle");

	if (region && strlen(region) >= sizeof(s->region))
		return err_set(err, ERR_CONFIG, "profile '%s': '%.64s...' is no region", from->profile, region);
	snprintf(s->region, sizeof(s->region), "%s", region ? region : "");
	if (bundle) {
		s->ca_bundle = profile_expand_path(bundle, err);
		if (!s->ca_bundle)
			return -1;
	}
	if (read_switch(from, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint", &s->use_fips, err) != 0)
		return -1;
	return read_switch(from, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint", &s->use_dualstack, err);
}

int aws_settings_load(const struct config *config, struct aws_settings *out, struct err *err)
{
	const char *profile = config_str(config, OPT_PROFILE);
	struct source from = { .profile = profile && profile[0] ? profile : "default" };
	struct aws_settings s = { 0 };
	int rc = -1;

	if (profiles_read(&from.files, err) != 0)
		return -1;
	if (read_endpoints(&from, &s, err) != 0 || read_retries(&from, &s, err) != 0 || read_rest(&from, &s, err) != 0)
		goto out;
	*out = s;
	s = (struct aws_settings){ 0 };
	rc = 0;
out:
	aws_settings_clear(&s);
	profiles_clear(&from.files);
	return rc;
}

int aws_settings_load_retries(struct aws_settings *out, struct err *err)
{
	struct aws_settings s = { 0 };

	if (read_retries(NULL, &s, err) != 0)
		return -1;
	*out = s;
	return 0;
}
