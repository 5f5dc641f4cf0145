#include <string.h>

#include "sandbox/dialect/blocks.h"
#include "sandbox/dialect/statements.h"

/* What a procedure can only be given when it runs: its COPY and UNLOAD, which are the gateway's, and SQL that it puts
 * together as text for EXECUTE. Its body calls functions for them that ask the gateway (catalog/18_callback.sql). */

int statement_defer(struct rules *r, int i, int end)
{
	size_t from = r->t->items[i].from;
	struct buf text, call;

	buf_init(&text, BUF_MAX_DEFAULT);
	buf_init(&call, BUF_MAX_DEFAULT);
	buf_add(&text, r->t->text + from, r->t->items[end - 1].to - from);
	buf_puts(&call, "PERFORM pg_catalog.sparkctl_run(");
	if (text.data)
		statement_literal(&call, text.data);
	buf_putc(&call, ')');
	call.failed = call.failed || text.failed;
	buf_clear(&text);
	return statement_replace(r, i, end, &call);
}

/* Behind the expression: EXECUTE e [INTO ..] [USING ..], FOR r IN EXECUTE e LOOP. */
static int expression_end(const struct rules *r, int i)
{
	static const char *const ends[] = { "into", "using", "loop", NULL };

	while (i < r->to && !token_is_char(r->t, i, ';') && !token_in(r->t, i, ends))
		i = block_skip(r->t, i);
	return i < r->to ? i : r->to;
}

/* Was the last statement before token i that counts rows a load, or text that may be one? */
static bool follows_load(const struct rules *r, int i)
{
	static const char *const loads[] = { "copy", "unload", "execute", NULL };
	int first;

	do {
		for (first = i - 1; first > r->from && !rules_at_statement(r, first);)
			first--;
		i = first;
	} while (first > r->from && token_is(r->t, first, "raise"));
	return token_in(r->t, first, loads);
}

/* GET DIAGNOSTICS n := ROW_COUNT behind one: the rows of the load are told by a function. */
static void count_rows(struct rules *r, int i)
{
	int variable = token_is(r->t, i + 1, "current") ? i + 3 : i + 2, end = rules_statement_end(r, i);
	struct buf b;

	if (!token_is(r->t, variable - 1, "diagnostics") || end - variable < 3 ||
	    !token_is(r->t, end - 1, "row_count") || !follows_load(r, i))
		return;
	buf_init(&b, 4096);
	buf_puts(&b, "; ");
	buf_add(&b, r->t->text + r->t->items[variable].from, r->t->items[end - 3].to - r->t->items[variable].from);
	buf_puts(&b, " := pg_catalog.sparkctl_row_count(");
	buf_add(&b, r->t->text + r->t->items[variable].from, r->t->items[end - 3].to - r->t->items[variable].from);
	buf_putc(&b, ')');
	if (b.failed)
		r->e->failed = true;
	else
		edit_insert_after(r->e, r->t->items[end - 1].to, "%s", b.data);
	buf_clear(&b);
}

int rule_deferred(struct rules *r, int i)
{
	static const char *const before[] = { "begin", "then", "else", "loop", "in", "for", "query", NULL };
	int end;

	if (r->body && token_is(r->t, i, "get") && rules_at_statement(r, i))
		count_rows(r, i);
	if (!r->body || !token_is(r->t, i, "execute") ||
	    (i > r->from && !token_is_char(r->t, i - 1, ';') && !token_in(r->t, i - 1, before)))
		return 0;
	end = expression_end(r, i + 1);
	/* execute := .., a variable's name */
	if (end == i + 1 || strchr(":=", r->t->text[r->t->items[i + 1].from]))
		return 0;
	edit_insert_before(r->e, r->t->items[i + 1].from, "pg_catalog.sparkctl_text(");
	edit_insert_behind(r->e, r->t->items[end - 1].to, ")");
	return 0;
}
