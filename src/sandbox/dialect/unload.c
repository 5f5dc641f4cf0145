#include "sandbox/dialect/unload.h"

#include <stdio.h>
#include <string.h>

bool unload_begins(const struct tokens *t, int i)
{
	return token_is(t, i, "unload") && token_is_char(t, i + 1, '(');
}

static char unescaped(char c)
{
	static const char letters[] = "ntrbf", bytes[] = "\n\t\r\b\f";
	const char *found = c ? strchr(letters, c) : NULL;

	return found ? bytes[found - letters] : c;
}

/* 'text': quotes doubled or behind a backslash. */
static void decode_string(const char *text, const struct token *string, struct edits *e)
{
	for (size_t k = string->from + 1; k + 2 < string->to; k++) {
		if (text[k] != '\\' && text[k] != '\'')
			continue;
		edit_replace(e, k, k + 2, "%c", text[k] == '\\' ? unescaped(text[k + 1]) : '\'');
		k++;
	}
}

bool unload_decode(const struct tokens *t, int i, size_t from, size_t to, struct edits *e)
{
	const struct token *string = i + 2 < t->count ? &t->items[i + 2] : NULL;
	size_t quote = 1;

	if (!string || (string->kind != TOKEN_STRING && string->kind != TOKEN_BODY) || string->to < string->from + 2)
		return false;
	if (string->kind == TOKEN_STRING && t->text[string->from] != '\'')
		return false;
	if (string->kind == TOKEN_BODY) {
		const char *end = memchr(t->text + string->from + 1, '$', string->to - string->from - 1);

		quote = end ? (size_t)(end - t->text) + 1 - string->from : 1;
	} else {
		decode_string(t->text, string, e);
	}
	if (string->to - string->from < 2 * quote)
		return false;
	edit_replace(e, from, string->from + quote, "%s", "");
	edit_replace(e, string->to - quote, to, "%s", "");
	return true;
}

static int fail(const struct tokens *t, int i, int end, const char *sqlstate, size_t *at, struct err *err)
{
	*at = i < end ? t->items[i].from : end > 0 ? t->items[end - 1].to : 0;
	if (strcmp(sqlstate, "0A000") == 0)
		err_set(err, ERR_DATABASE, "Limit clause is not supported");
	else if (i >= end)
		err_set(err, ERR_DATABASE, "syntax error at end of input");
	else
		err_set(err, ERR_DATABASE, "syntax error at or near \"%.*s\"", (int)token_len(t, i),
			t->text + t->items[i].from);
	if (err)
		snprintf(err->sqlstate, sizeof err->sqlstate, "%s", sqlstate);
	if (err && strcmp(sqlstate, "0A000") == 0)
		return err_hint(err, "write the query with LIMIT in parentheses: select * from (select ... limit n)");
	return -1;
}

/* LIMIT and TOP of the whole query; those within parentheses are fine. */
static int check_limit(const struct tokens *t, int end, size_t *at, struct err *err)
{
	for (int i = 0; i < end; i++) {
		bool number = i + 1 < end && t->items[i + 1].kind == TOKEN_NUMBER;

		if (token_is_char(t, i, '(') && t->items[i].pair > i)
			i = t->items[i].pair;
		else if (number && (token_is(t, i, "limit") || (token_is(t, i, "top") && token_is(t, i - 1, "select"))))
			return fail(t, i, end, "0A000", at, err);
	}
	return 0;
}

int unload_check_query(const struct tokens *t, int end, size_t *at, struct err *err)
{
	int first = 0;

	while (first < end && token_is_char(t, first, '('))
		first++;
	if (!token_is(t, first, "select") && !token_is(t, first, "with"))
		return fail(t, first, end, "42601", at, err);
	for (int i = 0; i < end; i++) {
		if (token_is_char(t, i, ';'))
			return fail(t, i, end, "42601", at, err);
	}
	return check_limit(t, end, at, err);
}
