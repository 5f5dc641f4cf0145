#include "spark/base/config.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/ini.h"
#include "spark/base/env.h"
#include "spark/base/file.h"
#include "spark/base/mem.h"

#define CONFIG_FILE_MAX ((size_t)1024 * 1024)

struct setting {
	char *text;           /* every type but OPTION_SECRET */
	struct secret secret; /* OPTION_SECRET */
	int64_t number;       /* OPTION_INT */
	char *place;
	enum config_origin origin;
	bool by_other_place; /* read from one of the row's `also` places */
};

struct config {
	struct setting settings[OPT_COUNT];
	char *path;
	char **warnings;
	size_t warning_count, warning_cap;
};

/* The words of a blank-separated list: for (p = list; next_word(&p, &word, &len);). */
static bool next_word(const char **p, const char **word, size_t *len)
{
	if (!*p)
		return false;
	*p += strspn(*p, " ");
	*word = *p;
	*len = strcspn(*p, " ");
	*p += *len;
	return *len > 0;
}

static bool choice_allows(const char *choices, const char *value)
{
	size_t len = strlen(value);

	for (const char *p = choices; *p; p += *p == '|') {
		size_t n = strcspn(p, "|");

		if (n == len && strncasecmp(p, value, n) == 0)
			return true;
		p += n;
	}
	return false;
}

/* A whole decimal number, nothing else. */
static bool read_int(const char *text, int64_t *out)
{
	const char *p = text + (*text == '-');
	int64_t n = 0;

	if (!*p)
		return false;
	for (; *p; p++) {
		if (!isdigit((unsigned char)*p) || __builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, *p - '0', &n))
			return false;
	}
	*out = *text == '-' ? -n : n;
	return true;
}

/* Is the value one that the row takes? `what` is how the user named the setting. */
static int check_value(const struct option_row *row, const char *value, int64_t *number, enum err_kind kind,
		       const char *place, const char *what, struct err *err)
{
	char label[256];

	snprintf(label, sizeof(label), "%s%s%s", place ? place : "", place ? ": " : "", what);
	if (row->type == OPTION_INT && (!read_int(value, number) || *number < row->min || *number > row->max)) {
		err_set(err, kind, "%s is '%.100s', but must be a whole number from %lld to %lld%s%s", label, value,
			(long long)row->min, (long long)row->max, row->unit ? " " : "", row->unit ? row->unit : "");
		return err_hint(err, "%s%s%s", row->help, row->fallback ? "; default: " : "",
				row->fallback ? row->fallback : "");
	}
	if (row->type == OPTION_CHOICE && !choice_allows(row->choices, value)) {
		err_set(err, kind, "%s is '%.100s', but must be one of: %s", label, value, row->choices);
		return err_hint(err, "%s", row->help);
	}
	return 0;
}

/* Puts the value into the slot; takes `place`, also on failure. */
static int store(struct config *c, const struct option_row *row, const char *value, int64_t number,
		 enum config_origin origin, char *place, struct err *err)
{
	struct setting *s = &c->settings[row->id];
	char *text = NULL;

	if (!place)
		return err_nomem(err);
	if (row->type == OPTION_SECRET) {
		if (secret_set(&s->secret, value, err) < 0)
			goto failed;
	} else {
		text = mem_strdup(value);
		if (!text) {
			err_nomem(err);
			goto failed;
		}
		/* Choices are written one way inside the program, whatever case the user likes. */
		for (char *p = text; row->type == OPTION_CHOICE && *p; p++)
			*p = (char)tolower((unsigned char)*p);
	}
	mem_free(s->text);
	mem_free(s->place);
	s->text = text;
	s->place = place;
	s->number = number;
	s->origin = origin;
	return 0;
failed:
	mem_free(place);
	return -1;
}

struct config *config_new(struct err *err)
{
	struct config *c = mem_alloc(sizeof(*c));

	if (!c) {
		err_nomem(err);
		return NULL;
	}
	for (size_t i = 0; i < OPT_COUNT; i++) {
		const struct option_row *row = &option_rows[i];
		int64_t number = 0;

		if (!row->fallback)
			continue;
		if (check_value(row, row->fallback, &number, ERR_BUG, NULL, row->key, err) < 0 ||
		    store(c, row, row->fallback, number, FROM_DEFAULT, mem_strdup("default"), err) < 0) {
			config_free(c);
			return NULL;
		}
	}
	return c;
}

void config_free(struct config *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < OPT_COUNT; i++) {
		mem_free(c->settings[i].text);
		mem_free(c->settings[i].place);
		secret_clear(&c->settings[i].secret);
	}
	for (size_t i = 0; i < c->warning_count; i++)
		mem_free(c->warnings[i]);
	mem_free(c->warnings);
	mem_free(c->path);
	mem_free(c);
}

/* Takes the text. */
static int warn(struct config *c, char *text, struct err *err)
{
	if (!text || mem_grow(&c->warnings, &c->warning_cap, c->warning_count, sizeof(*c->warnings)) < 0) {
		mem_free(text);
		return err_nomem(err);
	}
	c->warnings[c->warning_count++] = text;
	return 0;
}

static bool is_other_place(const struct option_row *row, const char *section, const char *key)
{
	const char *word;
	size_t len, n = strlen(section);

	for (const char *p = row->also; next_word(&p, &word, &len);) {
		if (len == n + 1 + strlen(key) && strncasecmp(word, section, n) == 0 && word[n] == '.' &&
		    strncasecmp(word + n + 1, key, len - n - 1) == 0)
			return true;
	}
	return false;
}

static const struct option_row *find_row(const char *section, const char *key, bool *other_place)
{
	for (size_t i = 0; i < OPT_COUNT; i++) {
		const struct option_row *row = &option_rows[i];

		*other_place = is_other_place(row, section, key);
		if (*other_place || (strcasecmp(row->section, section) == 0 && strcasecmp(row->key, key) == 0))
			return row;
	}
	return NULL;
}

struct file_reading {
	struct config *c;
	struct err *err;
	char *unknown_section; /* the last one that was warned of */
};

static int warn_section(struct file_reading *f, const struct ini_entry *e)
{
	const char *names[OPT_COUNT], *near;

	if (f->unknown_section && strcmp(f->unknown_section, e->section) == 0)
		return 0;
	mem_free(f->unknown_section);
	f->unknown_section = mem_strdup(e->section);
	if (!f->unknown_section)
		return err_nomem(f->err);
	for (size_t i = 0; i < OPT_COUNT; i++)
		names[i] = option_rows[i].section;
	near = config_nearest(e->section, names, OPT_COUNT);
	if (near)
		return warn(f->c,
			    mem_printf("%s:%d: unknown section [%s], did you mean [%s]?", f->c->path, e->line,
				       e->section, near),
			    f->err);
	return warn(f->c, mem_printf("%s:%d: unknown section [%s]", f->c->path, e->line, e->section), f->err);
}

static int warn_unknown(struct file_reading *f, const struct ini_entry *e)
{
	const char *names[OPT_COUNT], *near, *home = NULL;
	bool known_section = false;
	size_t count = 0;

	for (size_t i = 0; i < OPT_COUNT; i++) {
		if (strcasecmp(option_rows[i].section, e->section) == 0) {
			known_section = true;
			names[count++] = option_rows[i].key;
		} else if (strcasecmp(option_rows[i].key, e->key) == 0) {
			home = option_rows[i].section;
		}
	}
	if (!known_section)
		return warn_section(f, e);
	near = config_nearest(e->key, names, count);
	if (home)
		return warn(f->c,
			    mem_printf("%s:%d: unknown key '%s' in [%s], it belongs into [%s]", f->c->path, e->line,
				       e->key, e->section, home),
			    f->err);
	if (near)
		return warn(f->c,
			    mem_printf("%s:%d: unknown key '%s' in [%s], did you mean '%s'?", f->c->path, e->line,
				       e->key, e->section, near),
			    f->err);
	return warn(f->c, mem_printf("%s:%d: unknown key '%s' in [%s]", f->c->path, e->line, e->key, e->section),
		    f->err);
}

static bool is_same_value(const struct setting *s, const char *value)
{
	return strcmp(s->text ? s->text : secret_value(&s->secret), value) == 0;
}

/* The same setting is written in two places, as the course's file does with its port. */
static int settle_two_places(struct file_reading *f, const struct ini_entry *e, const struct setting *s, bool *skip,
			     bool other_place)
{
	if (s->origin != FROM_FILE)
		return 0;
	*skip = other_place || !s->by_other_place;
	if (is_same_value(s, e->value))
		return 0;
	return warn(f->c,
		    mem_printf("%s:%d: '%s' of [%s] differs from the same setting at %s, %s is used", f->c->path,
			       e->line, e->key, e->section, s->place, *skip ? "that one" : "this one"),
		    f->err);
}

static int on_entry(void *arg, const struct ini_entry *e)
{
	struct file_reading *f = arg;
	bool other_place, skip = false;
	const struct option_row *row = find_row(e->section, e->key, &other_place);
	struct setting *s;
	char label[160];
	char *place;
	int64_t number = 0;

	if (!row)
		return warn_unknown(f, e);
	s = &f->c->settings[row->id];
	/* An empty value says "not set", as in the template. */
	if (!*e->value || s->origin > FROM_FILE)
		return 0;
	if (settle_two_places(f, e, s, &skip, other_place) < 0)
		return -1;
	if (skip)
		return 0;
	place = mem_printf("%s:%d", f->c->path, e->line);
	if (!place)
		return err_nomem(f->err);
	snprintf(label, sizeof(label), "'%.100s'", e->key);
	if (check_value(row, e->value, &number, ERR_CONFIG, place, label, f->err) < 0) {
		mem_free(place);
		return -1;
	}
	if (store(f->c, row, e->value, number, FROM_FILE, place, f->err) < 0)
		return -1;
	s->by_other_place = other_place;
	return 0;
}

int config_read_file(struct config *c, const char *path, bool must_exist, struct err *err)
{
	struct file_reading f = { c, err, NULL };
	struct buf text;
	struct stat st;
	int rc = -1;

	if (stat(path, &st) < 0 && errno == ENOENT) {
		if (!must_exist)
			return 0;
		err_set(err, ERR_CONFIG, "there is no file '%s'", path);
		return err_hint(err, "copy dwh_template.cfg to it, or name another with --config");
	}
	buf_init(&text, CONFIG_FILE_MAX);
	if (file_read(path, &text, err) < 0) {
		if (err && err->kind != ERR_NOMEM)
			err->kind = ERR_CONFIG;
		goto out;
	}
	mem_free(c->path);
	c->path = mem_strdup(path);
	if (!c->path) {
		err_nomem(err);
		goto out;
	}
	rc = ini_each(path, text.data, text.len, true, false, on_entry, &f, err);
out:
	mem_free(f.unknown_section);
	buf_wipe(&text);
	return rc;
}

/* The first of the row's variables that is set; its name into `name`. */
static const char *find_env(const struct option_row *row, char *name, size_t size)
{
	const char *word, *value;
	size_t len;

	for (const char *p = row->env; next_word(&p, &word, &len);) {
		snprintf(name, size, "%.*s", (int)len, word);
		value = env_get(name);
		if (value)
			return value;
	}
	return NULL;
}

int config_read_env(struct config *c, struct err *err)
{
	for (size_t i = 0; i < OPT_COUNT; i++) {
		const struct option_row *row = &option_rows[i];
		char name[64];
		const char *value = find_env(row, name, sizeof(name));
		int64_t number = 0;

		if (!value || c->settings[i].origin > FROM_ENV)
			continue;
		if (check_value(row, value, &number, ERR_CONFIG, NULL, name, err) < 0 ||
		    store(c, row, value, number, FROM_ENV, mem_strdup(name), err) < 0)
			return -1;
	}
	return 0;
}

int config_set_flag(struct config *c, enum option_id id, const char *value, struct err *err)
{
	const struct option_row *row = &option_rows[id];
	char flag[64];
	int64_t number = 0;

	if (!row->flag)
		return err_set(err, ERR_BUG, "the setting '%s' has no flag", row->key);
	snprintf(flag, sizeof(flag), "--%s", row->flag);
	if (!*value) {
		err_set(err, ERR_USAGE, "%s needs a value", flag);
		return err_hint(err, "%s %s: %s", flag, row->value_name, row->help);
	}
	if (check_value(row, value, &number, ERR_USAGE, NULL, flag, err) < 0)
		return -1;
	return store(c, row, value, number, FROM_FLAG, mem_strdup(flag), err);
}

int config_set_derived(struct config *c, enum option_id id, const char *value, struct err *err)
{
	const struct option_row *row = &option_rows[id];
	int64_t number = 0;

	if (c->settings[id].origin != FROM_DEFAULT)
		return 0;
	if (check_value(row, value, &number, ERR_CONFIG, NULL, row->key, err) < 0)
		return -1;
	return store(c, row, value, number, FROM_DEFAULT, mem_strdup("default"), err);
}

const char *config_str(const struct config *c, enum option_id id)
{
	return c->settings[id].text;
}

bool config_is_yes(const struct config *c, enum option_id id)
{
	const char *value = config_str(c, id);

	return value && strcmp(value, "yes") == 0;
}

int64_t config_int(const struct config *c, enum option_id id)
{
	return c->settings[id].number;
}

const struct secret *config_secret(const struct config *c, enum option_id id)
{
	return &c->settings[id].secret;
}

bool config_is_set(const struct config *c, enum option_id id)
{
	return c->settings[id].origin != FROM_DEFAULT;
}

enum config_origin config_origin(const struct config *c, enum option_id id)
{
	return c->settings[id].origin;
}

const char *config_place(const struct config *c, enum option_id id)
{
	return c->settings[id].place ? c->settings[id].place : "default";
}

const char *config_path(const struct config *c)
{
	return c->path;
}

const char *config_warning(const struct config *c, size_t index)
{
	return index < c->warning_count ? c->warnings[index] : NULL;
}

const struct option_row *option_by_flag(const char *flag)
{
	for (size_t i = 0; i < OPT_COUNT; i++) {
		if (option_rows[i].flag && strcmp(option_rows[i].flag, flag) == 0)
			return &option_rows[i];
	}
	return NULL;
}

struct each_ini {
	int (*fn)(void *arg, const char *section, const char *key, const char *value, int line);
	void *arg;
};

static int on_each(void *arg, const struct ini_entry *e)
{
	const struct each_ini *each = arg;

	return each->fn(each->arg, e->section, e->key, e->value, e->line);
}

int config_each_ini(const char *path, const char *text, size_t len,
		    int (*fn)(void *arg, const char *section, const char *key, const char *value, int line), void *arg,
		    struct err *err)
{
	struct each_ini each = { fn, arg };

	return ini_each(path, text, len, false, true, on_each, &each, err);
}
