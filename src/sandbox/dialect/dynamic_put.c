#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/dialect/dynamic.h"
#include "sandbox/dialect/statements.h"
#include "spark/base/mem.h"

/* A statement with made-up names in it becomes an expression again: strings, and between them what the names stand
 * for, written as the place asks for it. */

struct place {
	const char *at; /* NULL: no more */
	size_t len;
	size_t value; /* its number */
};

static struct place next_place(const char *p, size_t count)
{
	struct place none = { 0 };

	while ((p = strstr(p, DYNAMIC_NAME))) {
		char *end;
		unsigned long n;

		p += strlen(DYNAMIC_NAME);
		if (!isdigit((unsigned char)*p))
			continue;
		n = strtoul(p, &end, 10);
		if (*end == 'q' && n < count)
			return (struct place){ p - strlen(DYNAMIC_NAME), (size_t)(end + 1 - p) + strlen(DYNAMIC_NAME),
					       n };
	}
	return none;
}

/* The token that byte `at` is in, from *i on; -1: a comment. */
static int token_of(const struct tokens *t, size_t at, int *i)
{
	while (*i < t->count && t->items[*i].to <= at)
		(*i)++;
	return *i < t->count && t->items[*i].from <= at ? *i : -1;
}

static bool is_string(const struct tokens *t, int i)
{
	return i >= 0 && (t->items[i].kind == TOKEN_STRING || t->items[i].kind == TOKEN_BODY);
}

/* Which values stand in strings, or (strings NULL) anywhere but in comments. */
static void mark(const struct tokens *t, size_t count, bool *strings, bool *anywhere)
{
	const char *p = t->text;
	int i = 0;

	for (;;) {
		struct place place = next_place(p, count);
		int token;

		if (!place.at)
			return;
		token = token_of(t, (size_t)(place.at - t->text), &i);
		if (strings && is_string(t, token))
			strings[place.value] = true;
		if (anywhere && token >= 0)
			anywhere[place.value] = true;
		p = place.at + place.len;
	}
}

/* "table":"name" of an attribute comment: the name may be one with a schema. */
static bool is_whole_table(const char *text, const struct place *p)
{
	static const char member[] = "\"table\":\"";
	size_t len = strlen(member);

	return (size_t)(p->at - text) >= len && memcmp(p->at - len, member, len) == 0 && p->at[p->len] == '"';
}

static void put_value(const struct tokens *t, int token, const struct place *p, const struct dynamic_value *v,
		      bool in_string, bool keep_case, struct buf *out)
{
	const char *wrap = NULL;
	const char *fold = keep_case ? "false" : "true";

	if (token < 0)
		wrap = is_whole_table(t->text, p) ? "sparkctl_in_comment_table" : "sparkctl_in_comment";
	else if (t->items[token].kind == TOKEN_QUOTED)
		wrap = "sparkctl_in_quotes";
	else if (is_string(t, token) && !in_string)
		wrap = "sparkctl_in_string";
	if (wrap)
		buf_printf(out, " || pg_catalog.%s((%s)::pg_catalog.text, %s)", wrap, v->expression.text, fold);
	else if (v->is_name && !is_string(t, token) && !keep_case)
		buf_printf(out, " || pg_catalog.lower(%s)", v->expression.text);
	else
		buf_printf(out, " || %s", v->expression.text);
}

static void put_string(const char *from, const char *to, struct buf *out)
{
	struct buf b;

	buf_init(&b, out->max);
	buf_add(&b, from, (size_t)(to - from));
	statement_literal(out, b.data);
	out->failed = out->failed || b.failed;
	buf_clear(&b);
}

static void put_all(const struct tokens *t, const struct dynamic_value *values, size_t count, const bool *in_string,
		    bool keep_case, struct buf *out)
{
	const char *p = t->text;
	int i = 0;

	for (bool first = true;; first = false) {
		struct place place = next_place(p, count);
		const char *end = place.at ? place.at : p + strlen(p);

		if (!first && end > p)
			buf_puts(out, " || ");
		if (first || end > p)
			put_string(p, end, out);
		if (!place.at)
			return;
		put_value(t, token_of(t, (size_t)(place.at - t->text), &i), &place, &values[place.value],
			  in_string[place.value], keep_case, out);
		p = place.at + place.len;
	}
}

/* Nothing that was said may be gone. */
static bool all_there(const struct dynamic_value *values, const bool *there, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (values[i].expression.text[0] && !there[i])
			return false;
	}
	return true;
}

int dynamic_put(const struct buf *text, const struct buf *made, const struct dynamic_value *values, size_t count,
		bool keep_case, struct buf *out)
{
	struct tokens before = { 0 }, after = { 0 };
	bool *in_string = mem_alloc_array(count, sizeof *in_string), *there = mem_alloc_array(count, sizeof *there);
	bool ok_before = false, ok_after = false;
	struct err err = { 0 };
	int rc = -1;

	if (!in_string || !there || tokens_read(text->data, text->len, &before, &ok_before, &err) < 0 ||
	    tokens_read(made->data, made->len, &after, &ok_after, &err) < 0)
		goto out;
	rc = 1;
	if (!ok_before || !ok_after)
		goto out;
	mark(&before, count, in_string, NULL);
	mark(&after, count, NULL, there);
	if (!all_there(values, there, count))
		goto out;
	put_all(&after, values, count, in_string, keep_case, out);
	rc = !out->failed ? 0 : out->too_long ? 1 : -1;
out:
	tokens_clear(&before);
	tokens_clear(&after);
	mem_free(in_string);
	mem_free(there);
	return rc;
}
