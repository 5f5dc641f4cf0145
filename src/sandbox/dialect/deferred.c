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

int rule_deferred(struct rules *r, int i)
{
	static const char *const before[] = { "begin", "then", "else", "loop", "in", "for", "query", NULL };
	int end;

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
