#include "sandbox/dialect/statements.h"

#include <stdio.h>
#include <string.h>

#include "sandbox/dialect/unload.h"

/* Statements by their first words. */

/* ---- helpers ---- */

/* E'...' reads the same whatever standard_conforming_strings is. */
void statement_literal(struct buf *b, const char *text)
{
	buf_puts(b, "E'");
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			buf_putc(b, *text);
		buf_putc(b, *text);
	}
	buf_putc(b, '\'');
}

bool statement_string(const struct rules *r, int i, char *out, size_t size)
{
	const char *p;
	size_t len, used = 0;

	if (i < 0 || i >= r->t->count || r->t->items[i].kind != TOKEN_STRING)
		return false;
	p = r->t->text + r->t->items[i].from;
	len = token_len(r->t, i);
	if (*p != '\'') {
		p++;
		len--;
	}
	for (size_t k = 1; k + 1 < len; k++) {
		if ((p[k] == '\\' || p[k] == '\'') && k + 2 < len)
			k++;
		if (used + 1 >= size)
			return false;
		out[used++] = p[k];
	}
	out[used] = 0;
	return true;
}

int statement_replace(struct rules *r, int i, int end, struct buf *text)
{
	if (text->failed)
		r->e->failed = true;
	else
		edit_replace(r->e, r->t->items[i].from, r->t->items[end - 1].to, "%s", text->data);
	buf_clear(text);
	return 0;
}

int statement_become(struct rules *r, int i, int end, const char *tag, struct buf *text)
{
	r->tag = tag;
	return statement_replace(r, i, end, text);
}

int statement_syntax_error(struct rules *r, int i)
{
	int end = rules_statement_end(r, r->from);

	if (i >= r->t->count || token_is_char(r->t, i, ';') || i >= r->to)
		return rules_fail(r, i > end ? end : i - 1, "42601", "syntax error at end of input");
	return rules_fail(r, i, "42601", "syntax error at or near \"%.*s\"", (int)token_len(r->t, i),
			  r->t->text + r->t->items[i].from);
}

int statement_find(const struct rules *r, int i, int end, const char *word)
{
	for (; i < end; i++) {
		if (token_is(r->t, i, word))
			return i;
		if (token_is_char(r->t, i, '(') && r->t->items[i].pair > i)
			i = r->t->items[i].pair;
	}
	return -1;
}

/* ---- what is refused by name ---- */

static int refuse_words(struct rules *r, int i, int words)
{
	char what[96] = "";
	size_t used = 0;

	for (int k = i; k < i + words && k < r->to; k++) {
		const struct token *t = &r->t->items[k];

		for (size_t c = t->from; c < t->to && used + 2 < sizeof what; c++)
			what[used++] = r->t->text[c] >= 'a' && r->t->text[c] <= 'z' ? (char)(r->t->text[c] - 'a' + 'A')
										    : r->t->text[c];
		what[used++] = ' ';
	}
	if (used)
		what[used - 1] = 0;
	return rules_refuse(r, i, what);
}

static int statement_refused(struct rules *r, int i, int end)
{
	(void)end;
	return refuse_words(r, i, 1);
}

/* DESC DATASHARE, USE db: the second word may be part of the name. */
static int statement_use(struct rules *r, int i, int end)
{
	return end - i == 2 && !r->body ? refuse_words(r, i, 1) : 0;
}

/* ---- CREATE, ALTER, DROP ---- */

/* What Redshift has and a sandbox has not: as the object of CREATE, ALTER and DROP. */
static const char *const absent[] = { "external", "library",  "model",       "datashare",  "masking", "rls",
				      "identity", "template", "integration", "attributes", NULL };

static const struct {
	const char *word;
	statement_fn create, alter, drop;
} objects[] = {
	{ "table", NULL, NULL, statement_drop_table },
	{ "view", create_view, NULL, NULL },
	{ "procedure", create_routine, statement_told_procedure, statement_told_procedure },
	{ "function", create_routine, NULL, NULL },
	{ "user", statement_user, statement_user, NULL },
	{ "role", statement_role, statement_role, statement_role },
	{ "schema", statement_schema, statement_schema, NULL },
	{ "database", statement_database, statement_database, NULL },
	{ "default", NULL, statement_default_privileges, NULL },
};

/* What PostgreSQL says of these is ROLE, and SELECT. */
static const char *object_tag(const struct rules *r, int i)
{
	static const struct {
		const char *word, *object, *tag;
	} tags[] = {
		{ "create", "user", "CREATE USER" },
		{ "alter", "user", "ALTER USER" },
		{ "drop", "user", "DROP USER" },
		{ "create", "group", "CREATE GROUP" },
		{ "alter", "group", "ALTER GROUP" },
		{ "drop", "group", "DROP GROUP" },
		{ "create", "materialized", "CREATE MATERIALIZED VIEW" },
	};

	for (size_t k = 0; k < sizeof tags / sizeof *tags; k++) {
		if (token_is(r->t, i, tags[k].word) && token_is(r->t, i + 1, tags[k].object))
			return tags[k].tag;
	}
	return NULL;
}

static int statement_object(struct rules *r, int i, int end)
{
	int word = i + 1;

	if (object_tag(r, i))
		r->tag = object_tag(r, i);
	if (token_is(r->t, word, "or") && token_is(r->t, word + 1, "replace"))
		word += 2;
	if (token_in(r->t, word, absent)) {
		bool policy = token_is(r->t, word + 1, "policy");
		bool kind = token_is(r->t, word, "external") || token_is(r->t, word, "identity");

		r->refused_at = r->t->items[i].from;
		if (word == i + 1)
			return refuse_words(r, i, policy || kind ? 3 : 2);
		return refuse_words(r, word, policy || kind ? 2 : 1);
	}
	for (size_t k = 0; k < sizeof objects / sizeof *objects; k++) {
		statement_fn fn = token_is(r->t, i, "create")  ? objects[k].create
				  : token_is(r->t, i, "alter") ? objects[k].alter
							       : objects[k].drop;

		if (fn && token_is(r->t, word, objects[k].word))
			return fn(r, i, end);
	}
	return 0;
}

/* FROM may be left out. */
static int statement_delete(struct rules *r, int i, int end)
{
	/* THEN DELETE WHEN NOT MATCHED: of MERGE */
	if (i + 1 < end && !token_is(r->t, i + 1, "from") && !token_is(r->t, i + 1, "only") &&
	    !token_is(r->t, i + 1, "when"))
		edit_insert_after(r->e, r->t->items[i].to, " FROM");
	return 0;
}

/* Those of a session never come here: dialect.c takes them. */
static int statement_unload(struct rules *r, int i, int end)
{
	return r->body && unload_begins(r->t, i) ? statement_defer(r, i, end) : 0;
}

static int statement_copy(struct rules *r, int i, int end)
{
	int from = statement_find(r, i, end, "from");

	return r->body && from > i && from + 1 < end && r->t->items[from + 1].kind == TOKEN_STRING
		       ? statement_defer(r, i, end)
		       : 0;
}

static int statement_comment(struct rules *r, int i, int end)
{
	return token_is(r->t, i + 1, "on") && token_is(r->t, i + 2, "procedure") ? statement_told_procedure(r, i, end)
										 : 0;
}

static const struct {
	const char *word;
	statement_fn apply;
} statements[] = {
	{ "create", statement_object },     { "alter", statement_object },      { "drop", statement_object },
	{ "set", statement_setting },       { "reset", statement_setting },     { "show", statement_show },
	{ "begin", statement_transaction }, { "start", statement_transaction }, { "vacuum", statement_vacuum },
	{ "analyze", statement_analyze },   { "analyse", statement_analyze },   { "truncate", statement_truncate },
	{ "cancel", statement_cancel },     { "refresh", statement_refresh },   { "delete", statement_delete },
	{ "grant", statement_grant },       { "revoke", statement_grant },      { "unload", statement_unload },
	{ "copy", statement_copy },         { "use", statement_use },           { "desc", statement_refused },
	{ "comment", statement_comment },   { "attach", statement_refused },    { "detach", statement_refused },
};

int rule_statement(struct rules *r, int i)
{
	if (!rules_at_statement(r, i))
		return 0;
	for (size_t k = 0; k < sizeof statements / sizeof *statements; k++) {
		if (token_is(r->t, i, statements[k].word))
			return statements[k].apply(r, i, rules_statement_end(r, i));
	}
	return 0;
}
