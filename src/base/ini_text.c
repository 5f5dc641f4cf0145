/* Settings files over inih. inih 55 cuts lines at 200 bytes and names at 50, cuts values at " ;" and knows nothing of
 * duplicates, so it is only shown the skeleton of each line: names cut to what it holds, and no values. The true
 * section, key and value of the line that inih is at are carried beside. */
#include <ctype.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/ini.h"
#include "spark/base/buf.h"
#include "spark/base/mem.h"

/* Of a name, so many bytes are shown to inih; it takes 49. */
#define SHOWN_MAX 40

struct seen_key {
	char *section, *key;
	int line;
};

struct reader {
	const char *path, *p, *end;
	bool any_case, nested;
	struct buf section, parent, key, value; /* of the line that inih is at */
	bool has_section;
	bool pending; /* key and value are those of this line */
	int line;
	struct seen_key *seen;
	size_t seen_count, seen_cap;
	int (*fn)(void *arg, const struct ini_entry *entry);
	void *arg;
	struct err *err;
	int rc; /* the first failure, or what fn returned */
};

static int fail(struct reader *r, const char *what)
{
	err_set(r->err, ERR_CONFIG, "%s:%d: %s", r->path, r->line, what);
	r->rc = -1;
	return -1;
}

static void trim(const char **p, const char **end)
{
	while (*p < *end && isspace((unsigned char)**p))
		(*p)++;
	while (*end > *p && isspace((unsigned char)(*end)[-1]))
		(*end)--;
}

static void unquote(const char **p, const char **end)
{
	if (*end - *p >= 2 && (**p == '"' || **p == '\'') && (*end)[-1] == **p) {
		(*p)++;
		(*end)--;
	}
}

static void put(struct buf *to, const char *p, const char *end)
{
	buf_reset(to);
	buf_add(to, p, (size_t)(end - p));
}

/* A name as inih may see it: cut, and without the characters that mean something to it. */
static void put_shown(char *out, size_t size, const char *before, const struct buf *name, const char *behind)
{
	char shown[SHOWN_MAX + 1];
	size_t len = name->len < SHOWN_MAX ? name->len : SHOWN_MAX;

	for (size_t i = 0; i < len; i++)
		shown[i] = isalnum((unsigned char)name->data[i]) ? name->data[i] : '_';
	shown[len] = '\0';
	snprintf(out, size, "%s%s%s\n", before, shown, behind);
}

static int take_section(struct reader *r, const char *p, const char *end, char *shown, size_t size)
{
	const char *close = memchr(p, ']', (size_t)(end - p)), *rest = close ? close + 1 : NULL;

	if (!close)
		return fail(r, "a section has no ']'");
	trim(&rest, &end);
	if (rest < end && *rest != '#' && *rest != ';')
		return fail(r, "there is more behind the section's ']'");
	p++;
	trim(&p, &close);
	if (p == close)
		return fail(r, "a section without a name");
	put(&r->section, p, close);
	buf_reset(&r->parent);
	r->has_section = true;
	put_shown(shown, size, "[", &r->section, "]");
	return 0;
}

static int take_key(struct reader *r, const char *p, const char *end, bool indented, char *shown, size_t size)
{
	const char *mark = p, *key_end, *value;

	while (mark < end && *mark != '=' && *mark != ':')
		mark++;
	if (mark == end) {
		fail(r, "this is no 'key = value', no [section] and no comment");
		return err_hint(r->err, "comments begin with '#' or ';' on a line of their own");
	}
	if (!r->has_section)
		return fail(r, "a key before the first [section]");
	key_end = mark;
	value = mark + 1;
	trim(&p, &key_end);
	trim(&value, &end);
	if (p == key_end)
		return fail(r, "a value without a key");
	unquote(&value, &end);
	buf_reset(&r->key);
	if (r->nested && indented && r->parent.len) {
		buf_add(&r->key, r->parent.data, r->parent.len);
		buf_putc(&r->key, '.');
	} else {
		buf_reset(&r->parent);
		if (value == end)
			buf_add(&r->parent, p, (size_t)(key_end - p));
	}
	buf_add(&r->key, p, (size_t)(key_end - p));
	put(&r->value, value, end);
	r->pending = true;
	put_shown(shown, size, "", &r->key, "=");
	return 0;
}

static int take_line(struct reader *r, const char *p, const char *end, char *shown, size_t size)
{
	bool indented = p < end && isspace((unsigned char)*p);
	int rc;

	if (end - p > INI_LINE_MAX)
		return fail(r, "a line of more than 64 KiB");
	if (memchr(p, '\0', (size_t)(end - p)))
		return fail(r, "a NUL byte: this is no text file");
	trim(&p, &end);
	if (p == end || *p == '#' || *p == ';') {
		memcpy(shown, "\n", 2);
		return 0;
	}
	rc = *p == '[' ? take_section(r, p, end, shown, size) : take_key(r, p, end, indented, shown, size);
	if (rc == 0 && (r->section.failed || r->parent.failed || r->key.failed || r->value.failed)) {
		r->rc = -1;
		return err_nomem(r->err);
	}
	return rc;
}

/* inih asks for its next line here. */
static char *next_line(char *out, int size, void *stream)
{
	struct reader *r = stream;
	const char *from = r->p, *end;

	r->pending = false;
	if (r->rc != 0 || from == r->end)
		return NULL;
	end = memchr(from, '\n', (size_t)(r->end - from));
	if (!end)
		end = r->end;
	r->p = end < r->end ? end + 1 : end;
	r->line++;
	return take_line(r, from, end, out, (size_t)size) == 0 ? out : NULL;
}

static bool is_same(const struct reader *r, const char *a, const char *b)
{
	return (r->any_case ? strcasecmp(a, b) : strcmp(a, b)) == 0;
}

static int refuse_second(struct reader *r)
{
	struct seen_key *k;

	for (size_t i = 0; i < r->seen_count; i++) {
		k = &r->seen[i];
		if (is_same(r, k->section, r->section.data) && is_same(r, k->key, r->key.data))
			return err_set(r->err, ERR_CONFIG, "%s:%d: the key '%s' of [%s] is there already, in line %d",
				       r->path, r->line, r->key.data, r->section.data, k->line);
	}
	if (mem_grow(&r->seen, &r->seen_cap, r->seen_count, sizeof(*r->seen)) < 0)
		return err_nomem(r->err);
	k = &r->seen[r->seen_count];
	k->section = mem_strdup(r->section.data);
	k->key = mem_strdup(r->key.data);
	k->line = r->line;
	r->seen_count++;
	return k->section && k->key ? 0 : err_nomem(r->err);
}

/* inih found a key; its own idea of section, name and value is not used. */
static int on_key(void *user, const char *section, const char *name, const char *value)
{
	struct reader *r = user;
	struct ini_entry entry;

	(void)section;
	(void)name;
	(void)value;
	if (r->rc != 0 || !r->pending)
		return 1;
	r->rc = refuse_second(r);
	if (r->rc != 0)
		return 1;
	entry = (struct ini_entry){ r->section.data, r->key.data, r->value.data, r->line };
	r->rc = r->fn(r->arg, &entry);
	return 1;
}

static void clear_reader(struct reader *r)
{
	for (size_t i = 0; i < r->seen_count; i++) {
		mem_free(r->seen[i].section);
		mem_free(r->seen[i].key);
	}
	mem_free(r->seen);
	buf_clear(&r->section);
	buf_clear(&r->parent);
	buf_clear(&r->key);
	/* The value may have been a secret. */
	buf_wipe(&r->value);
}

int ini_each(const char *path, const char *text, size_t len, bool any_case, bool nested,
	     int (*fn)(void *arg, const struct ini_entry *entry), void *arg, struct err *err)
{
	struct reader r = { .path = path,
			    .p = text,
			    .end = text + len,
			    .any_case = any_case,
			    .nested = nested,
			    .fn = fn,
			    .arg = arg,
			    .err = err };

	buf_init(&r.section, 0);
	buf_init(&r.parent, 0);
	buf_init(&r.key, 0);
	buf_init(&r.value, 0);
	if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
		r.p += 3;
	if (ini_parse_stream(next_line, &r, on_key, &r) != 0 && r.rc == 0)
		r.rc = err_set(err, ERR_BUG, "%s: inih and sparkctl read it differently", path);
	clear_reader(&r);
	return r.rc;
}
