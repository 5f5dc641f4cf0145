#include <stdio.h>
#include <string.h>

#include "sandbox/dialect/statements.h"

/* CREATE PROCEDURE and FUNCTION: the body is SQL or plpgsql of its own. */

#define PARAMETERS_MAX 32 /* of a procedure, in and out each */

/* A procedure's OUT parameters, if no other stands behind them, become INOUT with a default: CALL names the others
 * only, and gives a row of these. PostgreSQL's CALL would want something in their places. */
static int out_parameters(struct rules *r, int open, bool create)
{
	int close = r->t->items[open].pair, first = -1, n_in = 0, n_out = 0;

	for (int i = open + 1; i < close;) {
		int last = rules_element_end(r, i, close), mode = token_is(r->t, i, "out") ? i : i + 1;
		bool out = mode <= last && token_is(r->t, mode, "out");

		n_out += out;
		n_in += !out;
		if (out && first < 0)
			first = i;
		else if (!out)
			first = -1;
		i = last + 2;
	}
	if (n_in > PARAMETERS_MAX || n_out > PARAMETERS_MAX)
		return rules_fail(r, open, "54023", "a procedure cannot have more than %d %s parameters",
				  PARAMETERS_MAX, n_in > PARAMETERS_MAX ? "input" : "output");
	for (int i = first; i >= 0 && i < close;) {
		int last = rules_element_end(r, i, close), mode = token_is(r->t, i, "out") ? i : i + 1;

		rules_replace(r, mode, "INOUT");
		if (create)
			edit_insert_after(r->e, r->t->items[last].to, " DEFAULT NULL");
		i = last + 2;
	}
	return 0;
}

/* AS 'body': a string, which may have quotes in it. */
static int string_body(const struct rules *r, int i, int end)
{
	for (; i + 1 < end; i++) {
		if (token_is(r->t, i, "as") && r->t->items[i + 1].kind == TOKEN_STRING)
			return i + 1;
	}
	return -1;
}

int create_routine(struct rules *r, int i, int end)
{
	static const char *const foreign[] = { "plpythonu", "plpython3u", "lambda", "c", "internal", NULL };
	bool procedure = false;
	int body = -1;
	char what[64];

	for (int k = i; k < end; k++) {
		if (r->t->items[k].kind == TOKEN_BODY)
			body = k;
		else if (token_is(r->t, k, "nonatomic"))
			rules_blank(r, k, k);
		else if (token_is(r->t, k, "procedure") && body < 0)
			procedure = true;
		else if (token_is(r->t, k, "nvarchar"))
			rules_replace(r, k, "varchar");
		if (!token_is(r->t, k - 1, "language") || !token_in(r->t, k, foreign))
			continue;
		snprintf(what, sizeof what, "LANGUAGE %.*s", (int)token_len(r->t, k), r->t->text + r->t->items[k].from);
		return rules_refuse(r, k, what);
	}
	for (int k = i; procedure && k < end; k++) {
		if (!token_is_char(r->t, k, '(') || r->t->items[k].pair < k)
			continue;
		if (out_parameters(r, k, true) < 0)
			return -1;
		break;
	}
	if (body < 0)
		body = string_body(r, i, end);
	return body >= 0 ? rules_body(r, body) : 0;
}

/* ---- procedures told by their parameters ---- */

/* The types, without IN and INOUT; false: OUT stands there, so they are all said. */
static bool input_types(const struct rules *r, int open, struct buf *types)
{
	static const char *const modes[] = { "in", "inout", NULL };
	int close = r->t->items[open].pair;

	for (int i = open + 1; i < close;) {
		int last = rules_element_end(r, i, close), from = i;

		for (int k = i; k <= i + 1 && k < last; k++) {
			if (token_is(r->t, k, "out"))
				return false;
			if (token_in(r->t, k, modes))
				from = k + 1;
		}
		buf_add(types, r->t->text + r->t->items[from].from, r->t->items[last].to - r->t->items[from].from);
		buf_putc(types, DIALECT_COLUMN_END);
		i = last + 2;
	}
	return true;
}

/* p (a int) in place of p (a int, OUT b int): the catalogue knows the others. */
static void all_types(struct rules *r, int name, int open)
{
	char schema[ATTRIBUTE_NAME] = "", procedure[ATTRIBUTE_NAME];
	int close = r->t->items[open].pair;
	struct buf types, all;

	if (!r->catalog || !r->catalog->procedure)
		return;
	if (token_is_char(r->t, name + 1, '.') && open > name + 2) {
		token_name(r->t, name, schema, sizeof schema);
		name += 2;
	}
	token_name(r->t, name, procedure, sizeof procedure);
	buf_init(&types, 65536);
	buf_init(&all, 65536);
	if (input_types(r, open, &types) && !types.failed &&
	    r->catalog->procedure(r->catalog->arg, *schema ? schema : NULL, procedure, types.data ? types.data : "",
				  &all) > 0)
		edit_replace(r->e, r->t->items[open].from, r->t->items[close].to, "(%s)", all.data);
	buf_clear(&types);
	buf_clear(&all);
}

/* The list of procedures behind the word PROCEDURE at i. */
static int told_by_parameters(struct rules *r, int i, int end)
{
	do {
		int name = ++i;

		if (token_is(r->t, i, "if"))
			name = i += 2;
		while (i < end && (token_is_name(r->t, i) || token_is_char(r->t, i, '.')))
			i++;
		if (i >= end || !token_is_char(r->t, i, '(') || r->t->items[i].pair < i)
			return 0;
		all_types(r, name, i);
		if (out_parameters(r, i, false) < 0)
			return -1;
		i = r->t->items[i].pair + 1;
	} while (i < end && token_is_char(r->t, i, ','));
	return 0;
}

int statement_told_procedure(struct rules *r, int i, int end)
{
	int word = statement_find(r, i, end, "procedure");

	for (int k = i; word >= 0 && k < end; k++) {
		if (token_is(r->t, k, "nvarchar"))
			rules_replace(r, k, "varchar");
	}
	return word >= 0 ? told_by_parameters(r, word, end) : 0;
}
