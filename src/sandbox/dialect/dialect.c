#include "spark/sandbox/dialect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sandbox/dialect/passes.h"
#include "sandbox/dialect/rules.h"
#include "sandbox/dialect/unload.h"
#include "spark/base/mem.h"

/* What a rule quotes twice it may double: that ends somewhere. */
#define GROWTH_MAX  8
#define GROWTH_ROOM ((size_t)1024 * 1024)

/* Rules over tokens give text with nothing but queries left to rewrite; passes over it work on that, each with a map.
 */
struct dialect_map {
	struct edit_maps passes; /* the first is of the tokens */
};

static void clear_statement(struct dialect_statement *s)
{
	buf_clear(&s->sql);
	if (s->map) {
		edit_maps_clear(&s->map->passes);
		mem_free(s->map);
	}
}

void dialect_script_clear(struct dialect_script *s)
{
	for (size_t i = 0; i < s->count; i++)
		clear_statement(&s->items[i]);
	mem_free(s->items);
	memset(s, 0, sizeof *s);
}

static struct dialect_statement *add_statement(struct dialect_script *s, size_t *cap, size_t from, size_t to)
{
	struct dialect_statement *item;

	if (mem_grow(&s->items, cap, s->count, sizeof *s->items) < 0)
		return NULL;
	item = &s->items[s->count++];
	memset(item, 0, sizeof *item);
	item->from = from;
	item->to = to;
	buf_init(&item->sql, GROWTH_MAX * (to - from) + GROWTH_ROOM);
	item->map = mem_alloc(sizeof *item->map);
	return item->map ? item : NULL;
}

static void set_position(const char *text, size_t at, struct err *err)
{
	size_t chars = 1;

	if (!err)
		return;
	for (size_t i = 0; i < at; i++)
		chars += (text[i] & 0xC0) != 0x80;
	snprintf(err->code, sizeof err->code, "%zu", chars);
}

/* COPY t [(...)] FROM 's3://...': everything but the server's own forms, which read from STDIN. */
static bool is_load(const struct tokens *t, int from, int to)
{
	if (!token_is(t, from, "copy"))
		return false;
	for (int i = from + 1; i + 1 < to; i++) {
		if (token_is(t, i, "from"))
			return t->items[i + 1].kind == TOKEN_STRING;
	}
	return false;
}

static int pass_queries(const char *text, struct dialect_statement *s, const struct dialect_catalog *catalog,
			struct err *err)
{
	size_t at = 0;

	if (passes_run(&s->sql, catalog, &s->map->passes, &at, err) == 0)
		return 0;
	if (err && err->kind == ERR_DATABASE)
		set_position(text, at, err);
	return -1;
}

static int pass_tokens(const char *text, const struct tokens *t, int from, int to,
		       const struct dialect_catalog *catalog, struct dialect_statement *s, struct err *err)
{
	struct edit_map *map = edit_maps_add(&s->map->passes);
	struct edits e = { 0 };
	struct rules r = { .t = t, .from = from, .to = to, .e = &e, .err = err };
	int rc;

	r.catalog = catalog;
	r.strict = catalog && catalog->strict;
	r.in_block = catalog && catalog->in_block;
	rc = rules_run(&r);
	s->commits = r.commits;
	s->tag = r.tag;
	if (rc < 0 && err && err->kind == ERR_DATABASE)
		set_position(text, r.refused_at, err);
	if (rc == 0)
		rc = map ? edits_apply(&e, text, s->from, s->to, &s->sql, map, err) : err_nomem(err);
	edits_clear(&e);
	return rc;
}

#define CASE_SETTING "enable_case_sensitive_identifier"

static bool has_capitals(const struct tokens *t, int i)
{
	for (size_t k = t->items[i].from; k < t->items[i].to; k++) {
		if (t->text[k] >= 'A' && t->text[k] <= 'Z')
			return true;
	}
	return false;
}

static bool is_on(const char *value)
{
	static const char *const words[] = { "on", "true", "1", "yes", "'on'", "'true'", "'1'", "'yes'", NULL };

	for (const char *const *w = words; *w; w++) {
		if (strcasecmp(value, *w) == 0)
			return true;
	}
	return false;
}

/* Do quoted names keep their letters? -1: it was not asked yet, and only a statement with such a name makes it. */
static bool keeps_case(const struct tokens *t, int from, int to, const struct dialect_catalog *catalog, int *known)
{
	char value[16] = "";
	bool matters = false;

	for (int i = from; i < to && !matters; i++) {
		matters = (t->items[i].kind == TOKEN_QUOTED && has_capitals(t, i)) ||
			  (t->items[i].kind == TOKEN_BODY && memchr(t->text + t->items[i].from, '"', token_len(t, i)));
	}
	if (!matters)
		return false;
	if (*known < 0)
		*known = catalog && catalog->setting &&
			 catalog->setting(catalog->arg, "sparkctl." CASE_SETTING, value, sizeof value) && is_on(value);
	return *known > 0;
}

static size_t byte_of(const char *text, size_t len, int position)
{
	size_t i = 0;

	for (int chars = 1; i < len; i++) {
		if ((text[i] & 0xC0) == 0x80)
			continue;
		if (chars++ == position)
			return i;
	}
	return len;
}

/* The text of the query within an UNLOAD, which s->sql holds, becomes the query for the server. Errors point into the
 * user's text. */
static int rewrite_query(const char *text, struct tokens *t, const struct dialect_catalog *catalog,
			 struct dialect_statement *s, int *case_known, struct err *err)
{
	struct dialect_statement inner = { .map = s->map };
	size_t at = 0;
	int end = t->count, rc;

	while (end > 0 && token_is_char(t, end - 1, ';'))
		end--;
	inner.to = end > 0 ? t->items[end - 1].to : 0;
	buf_init(&inner.sql, s->sql.max);
	t->keep_case = keeps_case(t, 0, end, catalog, case_known);
	rc = unload_check_query(t, end, &at, err);
	if (rc < 0)
		set_position(t->text, at, err);
	else
		rc = pass_tokens(t->text, t, 0, end, catalog, &inner, err);
	if (rc < 0 && err && err->kind == ERR_DATABASE) {
		at = byte_of(s->sql.data, s->sql.len, (int)strtol(err->code, NULL, 10));
		set_position(text, edit_map_back(&s->map->passes.items[0], at, &at) ? at : s->from, err);
	}
	buf_clear(&s->sql);
	s->sql = inner.sql;
	return rc < 0 ? -1 : pass_queries(text, s, catalog, err);
}

static int rewrite_unload(const char *text, const struct tokens *t, int from, const struct dialect_catalog *catalog,
			  struct dialect_statement *s, int *case_known, struct err *err)
{
	struct edit_map *map = edit_maps_add(&s->map->passes);
	struct tokens inner = { 0 };
	struct edits e = { 0 };
	bool ok = false;
	int rc = 0;

	if (!map)
		return err_nomem(err);
	if (unload_decode(t, from, s->from, s->to, &e))
		rc = edits_apply(&e, text, s->from, s->to, &s->sql, map, err);
	edits_clear(&e);
	if (rc == 0 && s->sql.len > 0)
		rc = tokens_read(s->sql.data, s->sql.len, &inner, &ok, err);
	if (rc == 0 && ok)
		rc = rewrite_query(text, &inner, catalog, s, case_known, err);
	tokens_clear(&inner);
	return rc;
}

static int rewrite_statement(const char *text, struct tokens *t, int from, int to,
			     const struct dialect_catalog *catalog, struct dialect_statement *s, int *case_known,
			     struct err *err)
{
	if (from == to) {
		s->kind = DIALECT_EMPTY;
		return 0;
	}
	if (is_load(t, from, to)) {
		s->kind = DIALECT_COPY;
		buf_add(&s->sql, text + s->from, s->to - s->from);
		return buf_check(&s->sql, "the statement", err);
	}
	if (unload_begins(t, from)) {
		s->kind = DIALECT_UNLOAD;
		return rewrite_unload(text, t, from, catalog, s, case_known, err);
	}
	s->kind = DIALECT_PASS;
	t->keep_case = keeps_case(t, from, to, catalog, case_known);
	if (pass_tokens(text, t, from, to, catalog, s, err) < 0)
		return -1;
	return pass_queries(text, s, catalog, err);
}

/* What the scanner cannot take, or what has bytes that we use for ourselves: as it is. */
static int pass_whole(const char *text, size_t len, struct dialect_script *out, struct err *err)
{
	size_t cap = 0;
	struct dialect_statement *s = add_statement(out, &cap, 0, len);
	struct edit_map *map = s ? edit_maps_add(&s->map->passes) : NULL;
	struct edits none = { 0 };

	if (!map)
		return err_nomem(err);
	s->kind = DIALECT_PASS;
	return edits_apply(&none, text, 0, len, &s->sql, map, err);
}

/* SET and RESET of the setting hold for the statements behind them in the same text. */
static void note_setting(const struct tokens *t, int from, int to, int *known)
{
	int name = from + 1;
	char value[16];

	if (token_is(t, name, "session") || token_is(t, name, "local"))
		name++;
	if (name >= to || !token_is(t, name, CASE_SETTING))
		return;
	if (token_is(t, from, "reset"))
		*known = 0;
	if (token_is(t, from, "set") && to > name + 2) {
		snprintf(value, sizeof value, "%.*s", (int)token_len(t, to - 1), t->text + t->items[to - 1].from);
		*known = is_on(value);
	}
}

/* ---- statements that ask for what others of the same text make ---- */

struct watched {
	const struct dialect_catalog *real;
	bool asked;
};

static int watched_has_column(void *arg, const char *schema, const char *relation, const char *column)
{
	struct watched *w = arg;

	w->asked = true;
	return w->real->has_column(w->real->arg, schema, relation, column);
}

static int watched_columns(void *arg, const char *schema, const char *relation, struct buf *out)
{
	struct watched *w = arg;

	w->asked = true;
	return w->real->columns(w->real->arg, schema, relation, out);
}

static int watched_procedure(void *arg, const char *schema, const char *name, const char *types, struct buf *out)
{
	struct watched *w = arg;

	w->asked = true;
	return w->real->procedure(w->real->arg, schema, name, types, out);
}

static bool watched_setting(void *arg, const char *name, char *value, size_t size)
{
	const struct watched *w = arg;

	return w->real->setting(w->real->arg, name, value, size);
}

static struct dialect_catalog watch(struct watched *w, const struct dialect_catalog *real)
{
	struct dialect_catalog c = *real;

	w->real = real;
	c.arg = w;
	c.moving = true;
	c.has_column = real->has_column ? watched_has_column : NULL;
	c.columns = real->columns ? watched_columns : NULL;
	c.procedure = real->procedure ? watched_procedure : NULL;
	c.setting = real->setting ? watched_setting : NULL;
	return c;
}

/* May a statement change which relations there are, or which of them a name means? */
static bool changes_catalogue(const struct tokens *t, int from, int to)
{
	static const char *const words[] = { "create", "alter",   "drop",     "call",  "set",
					     "reset",  "execute", "rollback", "abort", NULL };

	if (token_in(t, from, words))
		return true;
	if (!token_is(t, from, "select") && !token_is(t, from, "with"))
		return false;
	for (int i = from + 1; i < to; i++) {
		if (token_is(t, i, "into"))
			return true;
	}
	return false;
}

/* As it came: it will be rewritten when the others have run. */
static int leave_as_it_is(const char *text, struct dialect_statement *s, struct err *err)
{
	struct edit_map *map;
	struct edits none = { 0 };

	edit_maps_clear(&s->map->passes);
	buf_clear(&s->sql);
	map = edit_maps_add(&s->map->passes);
	return map ? edits_apply(&none, text, s->from, s->to, &s->sql, map, err) : err_nomem(err);
}

static int rewrite_all(const char *text, size_t len, struct tokens *t, const struct dialect_catalog *catalog,
		       struct dialect_script *out, struct err *err)
{
	size_t cap = 0, begin = 0;
	int first = 0, case_known = -1, rc;
	struct watched watched = { 0 };
	struct dialect_catalog watching = { 0 };
	bool changed = false;

	for (int i = 0; i <= t->count; i++) {
		bool end = i == t->count;
		struct dialect_statement *s;

		if (!end && !token_is_char(t, i, ';'))
			continue;
		if (end && first == t->count && out->count > 0)
			break; /* nothing behind the last semicolon */
		s = add_statement(out, &cap, begin, end ? len : t->items[i].from);
		if (!s)
			return err_nomem(err);
		watched.asked = false;
		if (changed && catalog)
			watching = watch(&watched, catalog);
		rc = rewrite_statement(text, t, first, i, changed && catalog ? &watching : catalog, s, &case_known,
				       err);
		s->late = watched.asked;
		if (rc < 0 && s->late && err && err->kind == ERR_DATABASE) {
			*err = (struct err){ 0 };
			rc = leave_as_it_is(text, s, err);
		}
		if (rc < 0)
			return -1;
		changed = changed || changes_catalogue(t, first, i);
		note_setting(t, first, i, &case_known);
		begin = end ? len : t->items[i].to;
		first = i + 1;
	}
	return 0;
}

int dialect_rewrite(const char *text, size_t len, const struct dialect_catalog *catalog, struct dialect_script *out,
		    struct err *err)
{
	struct tokens t = { 0 };
	bool ok = false;
	int rc;

	memset(out, 0, sizeof *out);
	if (memchr(text, 0, len)) {
		err_set(err, ERR_DATABASE, "invalid byte sequence for encoding \"UTF8\": 0x00");
		if (err)
			memcpy(err->sqlstate, "22021", 6);
		return -1;
	}
	if (!memchr(text, 1, len) && !memchr(text, 2, len) && tokens_read(text, len, &t, &ok, err) < 0)
		return -1;
	rc = ok ? rewrite_all(text, len, &t, catalog, out, err) : pass_whole(text, len, out, err);
	tokens_clear(&t);
	if (rc < 0)
		dialect_script_clear(out);
	if (rc < 0 && err && err->kind == ERR_PARSE) { /* a buffer's limit */
		err_set(err, ERR_DATABASE, "statement is too complex: rewritten it is too long");
		memcpy(err->sqlstate, "54001", 6);
	}
	return rc;
}

static int rewrite_again(const char *text, struct tokens *t, const struct dialect_catalog *catalog,
			 const struct dialect_statement *old, struct dialect_script *made, struct err *err)
{
	int case_known = -1;
	size_t cap = 0;
	struct dialect_statement *s = add_statement(made, &cap, old->from, old->to);

	if (!s)
		return err_nomem(err);
	return rewrite_statement(text, t, 0, t->count, catalog, s, &case_known, err);
}

int dialect_rewrite_late(const char *text, size_t len, const struct dialect_catalog *catalog,
			 struct dialect_script *script, size_t index, struct err *err)
{
	size_t from = script->items[index].from, to = script->items[index].to;
	struct tokens t = { 0 };
	struct dialect_script made = { 0 };
	bool ok = false;
	/* Those of the one statement only: a script may have thousands. */
	int rc = tokens_read(text + from, (to < len ? to : len) - from, &t, &ok, err);

	t.text = text;
	for (int i = 0; i < t.count; i++) {
		t.items[i].from += from;
		t.items[i].to += from;
	}
	if (rc == 0 && ok)
		rc = rewrite_again(text, &t, catalog, &script->items[index], &made, err);
	if (rc == 0 && ok) {
		struct dialect_statement old = script->items[index];

		script->items[index] = made.items[0];
		made.items[0] = old;
	}
	tokens_clear(&t);
	dialect_script_clear(&made);
	return rc;
}

int dialect_map_position(const struct dialect_statement *s, const char *user_text, int position)
{
	size_t at = byte_of(s->sql.data, s->sql.len, position);
	int chars = 1;

	if (position < 1 || !s->map)
		return 0;
	if (s->kind == DIALECT_COPY)
		at += s->from;
	else if (!edit_maps_back(&s->map->passes, at, &at))
		return 0;
	for (size_t i = 0; i < at && user_text[i]; i++)
		chars += (user_text[i] & 0xC0) != 0x80;
	return chars;
}
