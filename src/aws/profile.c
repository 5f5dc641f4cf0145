#include "aws/profile.h"

#include <ctype.h>

#include "spark/base/env.h"
#include "spark/base/file.h"
#include "spark/base/mem.h"

#define FILE_MAX ((size_t)1024 * 1024)

void profile_keys_clear(struct profile_keys *k)
{
	mem_free(k->access_key_id);
	secret_clear(&k->secret_access_key);
	secret_clear(&k->session_token);
	*k = (struct profile_keys){ 0 };
}

char *profile_path(enum profile_file which, struct err *err)
{
	bool config = which == PROFILE_CONFIG;
	const char *given = env_get(config ? "AWS_CONFIG_FILE" : "AWS_SHARED_CREDENTIALS_FILE");
	char *path, *home;

	if (given && strncmp(given, "~/", 2) != 0) {
		path = mem_strdup(given);
	} else {
		home = env_home(err);
		if (!home)
			return NULL;
		path = file_join(home, given ? given + 2 : config ? ".aws/config" : ".aws/credentials");
		mem_free(home);
	}
	if (!path)
		err_nomem(err);
	return path;
}

struct reading {
	const char *profile;
	enum profile_file which;
	struct profile_keys *keys;
	struct err *err;
};

static bool is_section_of(const struct reading *r, const char *section)
{
	if (r->which == PROFILE_CONFIG && strncmp(section, "profile", 7) == 0 && isspace((unsigned char)section[7])) {
		section += 7;
		while (isspace((unsigned char)*section))
			section++;
		return strcmp(section, r->profile) == 0;
	}
	/* In the config file only the default profile goes without the word. */
	if (r->which == PROFILE_CONFIG && strcmp(r->profile, "default") != 0)
		return false;
	return strcmp(section, r->profile) == 0;
}

static int on_key(void *arg, const char *section, const char *key, const char *value, int line)
{
	struct reading *r = arg;
	struct profile_keys *k = r->keys;

	if (!is_section_of(r, section))
		return 0;
	k->exists = true;
	if (strcasecmp(key, "aws_access_key_id") == 0) {
		mem_free(k->access_key_id);
		k->access_key_id = mem_strdup(value);
		k->line = line;
		return k->access_key_id ? 0 : err_nomem(r->err);
	}
	if (strcasecmp(key, "aws_secret_access_key") == 0)
		return secret_set(&k->secret_access_key, value, r->err);
	if (strcasecmp(key, "aws_session_token") == 0)
		return secret_set(&k->session_token, value, r->err);
	return 0;
}

int profile_read(const char *path, enum profile_file which, const char *profile, struct profile_keys *out,
		 struct err *err)
{
	struct profile_keys keys = { 0 };
	struct reading r = { profile, which, &keys, err };
	struct buf text;
	int rc = -1;

	if (!file_exists(path)) {
		*out = keys;
		return 0;
	}
	buf_init(&text, FILE_MAX);
	if (file_read(path, &text, err) != 0 || config_each_ini(path, text.data, text.len, on_key, &r, err) != 0)
		goto out;
	*out = keys;
	keys = (struct profile_keys){ 0 };
	rc = 0;
out:
	profile_keys_clear(&keys);
	buf_wipe(&text);
	return rc;
}
