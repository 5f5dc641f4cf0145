#include "aws/profile.h"

#include <ctype.h>

#include "spark/base/config.h"
#include "spark/base/env.h"
#include "spark/base/file.h"
#include "spark/base/mem.h"

#define FILE_MAX ((size_t)1024 * 1024)

char *profile_expand_path(const char *path, struct err *err)
{
	char *home, *full;

	if (strncmp(path, "~/", 2) != 0) {
		full = mem_strdup(path);
	} else {
		home = env_home(err);
		if (!home)
			return NULL;
		full = file_join(home, path + 2);
		mem_free(home);
	}
	if (!full)
		err_nomem(err);
	return full;
}

static void entry_clear(struct profile_entry *e)
{
	mem_free(e->name);
	mem_free(e->key);
	mem_free(e->value);
	secret_clear(&e->secret);
}

void profiles_clear(struct profiles *p)
{
	for (size_t i = 0; i < p->count; i++)
		entry_clear(&p->entries[i]);
	mem_free(p->entries);
	for (size_t i = 0; i < 2; i++) {
		mem_free(p->paths[i]);
		mem_free(p->places[i]);
	}
	*p = (struct profiles){ 0 };
}

struct reading {
	struct profiles *profiles;
	enum profile_file which;
	struct err *err;
};

/* "profile dev", with or without quotes around the name: the name behind the word; NULL when it is another word. */
static const char *name_behind(const char *section, const char *word, size_t *len)
{
	size_t n = strlen(word);

	if (strncmp(section, word, n) != 0 || !isspace((unsigned char)section[n]))
		return NULL;
	section += n;
	section += strspn(section, " \t");
	*len = strlen(section);
	if (*len >= 2 && (section[0] == '"' || section[0] == '\'') && section[*len - 1] == section[0]) {
		section++;
		*len -= 2;
	}
	return section;
}

/* What a section is about; false for one of another purpose. */
static bool read_section(enum profile_file which, const char *section, enum profile_kind *kind, const char **name,
			 size_t *len)
{
	static const struct {
		const char *word;
		enum profile_kind kind;
	} words[] = {
		{ "profile", KIND_PROFILE },
		{ "sso-session", KIND_SSO_SESSION },
		{ "services", KIND_SERVICES },
	};

	*kind = KIND_PROFILE;
	*name = section;
	*len = strlen(section);
	if (which == PROFILE_CREDENTIALS || strcmp(section, "default") == 0)
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		*name = name_behind(section, words[i].word, len);
		*kind = words[i].kind;
		if (*name && *len > 0)
			return true;
	}
	return false;
}

static const struct profile_entry *find(const struct profiles *p, int which, enum profile_kind kind, const char *name,
					const char *key)
{
	/* The last one counts: [default] and [profile default] may both be there. */
	for (size_t i = p->count; i-- > 0;) {
		const struct profile_entry *e = &p->entries[i];
		if (e->kind == kind && (which < 0 || (int)e->file == which) && strcmp(e->name, name) == 0 &&
		    (!key || strcmp(e->key, key) == 0))
			return e;
	}
	return NULL;
}

const struct profile_entry *profiles_find(const struct profiles *p, enum profile_file which, enum profile_kind kind,
					  const char *name, const char *key)
{
	return find(p, (int)which, kind, name, key);
}

bool profiles_have(const struct profiles *p, enum profile_kind kind, const char *name)
{
	return find(p, -1, kind, name, NULL) != NULL;
}

const char *profiles_get(const struct profiles *p, enum profile_kind kind, const char *name, const char *key)
{
	const struct profile_entry *e = find(p, PROFILE_CREDENTIALS, kind, name, key);

	if (!e)
		e = find(p, PROFILE_CONFIG, kind, name, key);
	return e && e->value && e->value[0] ? e->value : NULL;
}

const char *profiles_place(const struct profiles *p, const char *profile, const char *key)
{
	return p->places[find(p, PROFILE_CREDENTIALS, KIND_PROFILE, profile, key) ? PROFILE_CREDENTIALS
										  : PROFILE_CONFIG];
}

static int on_key(void *arg, const char *section, const char *key, const char *value, int line)
{
	struct reading *r = arg;
	struct profiles *p = r->profiles;
	struct profile_entry e = { .file = r->which };
	const char *name;
	size_t len;

	(void)line;
	if (!read_section(r->which, section, &e.kind, &name, &len))
		return 0;
	e.name = mem_strndup(name, len);
	e.key = mem_strdup(key);
	if (!e.name || !e.key)
		goto nomem;
	for (char *c = e.key; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	if (strcmp(e.key, "aws_secret_access_key") == 0 || strcmp(e.key, "aws_session_token") == 0) {
		if (secret_set(&e.secret, value, r->err) != 0) {
			entry_clear(&e);
			return -1;
		}
	} else {
		e.value = mem_strdup(value);
		if (!e.value)
			goto nomem;
	}
	if (mem_grow(&p->entries, &p->cap, p->count, sizeof(*p->entries)) != 0)
		goto nomem;
	p->entries[p->count++] = e;
	return 0;
nomem:
	entry_clear(&e);
	return err_nomem(r->err);
}

int profiles_add_text(struct profiles *p, enum profile_file which, const char *path, const char *text, size_t len,
		      struct err *err)
{
	struct reading r = { p, which, err };

	return config_each_ini(path, text, len, on_key, &r, err);
}

/* "/home/ann/.aws/config" as "~/.aws/config". */
static char *shorten(const char *path)
{
	char *home = env_home(NULL), *place = NULL;
	size_t len = home ? strlen(home) : 0;

	if (len > 1 && strncmp(path, home, len) == 0 && path[len] == '/')
		place = mem_printf("~%s", path + len);
	else
		place = mem_strdup(path);
	mem_free(home);
	return place;
}

static int read_file(struct profiles *p, enum profile_file which, const char *variable, const char *usual,
		     struct err *err)
{
	const char *given = env_get(variable);
	struct buf text;
	int rc = 0;

	p->paths[which] = profile_expand_path(given ? given : usual, err);
	if (!p->paths[which])
		return -1;
	p->places[which] = shorten(p->paths[which]);
	if (!p->places[which])
		return err_nomem(err);
	if (!file_exists(p->paths[which]))
		return 0;
	buf_init(&text, FILE_MAX);
	rc = file_read(p->paths[which], &text, err);
	if (rc == 0)
		rc = profiles_add_text(p, which, p->paths[which], text.data, text.len, err);
	buf_wipe(&text);
	return rc;
}

int profiles_read(struct profiles *out, struct err *err)
{
	struct profiles p = { 0 };

	if (read_file(&p, PROFILE_CREDENTIALS, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", err) != 0 ||
	    read_file(&p, PROFILE_CONFIG, "AWS_CONFIG_FILE", "~/.aws/config", err) != 0) {
		profiles_clear(&p);
		return -1;
	}
	*out = p;
	return 0;
}
