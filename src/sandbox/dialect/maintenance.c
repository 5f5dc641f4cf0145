#include <stdio.h>
#include <string.h>

#include "sandbox/dialect/statements.h"

/* VACUUM, ANALYZE, TRUNCATE, CANCEL */

/* VACUUM [FULL | SORT ONLY | DELETE ONLY | REINDEX | RECLUSTER] [t [TO n PERCENT] [BOOST]] */
int statement_vacuum(struct rules *r, int i, int end)
{
	int first = i + 1, last = end - 1;

	if (token_is(r->t, first, "full") || token_is(r->t, first, "reindex") || token_is(r->t, first, "recluster"))
		rules_blank(r, first, first);
	else if (token_is(r->t, first + 1, "only"))
		rules_blank(r, first, first + 1);
	if (token_is(r->t, last, "boost")) {
		rules_blank(r, last, last);
		last--;
	}
	if (token_is(r->t, last, "percent") && token_is(r->t, last - 2, "to"))
		rules_blank(r, last - 2, last);
	return 0;
}

/* ANALYZE COMPRESSION [t [(columns)]] [COMPROWS n]: a table of encodings. */
static int analyze_compression(struct rules *r, int i, int end)
{
	char schema[ATTRIBUTE_NAME] = "", table[ATTRIBUTE_NAME] = "", column[ATTRIBUTE_NAME];
	int at = i + 2;
	struct buf b;

	if (r->in_block)
		return rules_fail(r, i, "25001", "ANALYZE COMPRESSION cannot run inside a transaction block");
	if (at < end && !token_is(r->t, at, "comprows"))
		at = rules_relation(r, at, end, schema, table, sizeof table);
	buf_init(&b, 65536);
	buf_puts(&b, "SELECT * FROM pg_catalog.sparkctl_analyze_compression(");
	statement_literal(&b, schema);
	buf_puts(&b, ", ");
	statement_literal(&b, table);
	buf_puts(&b, ", ARRAY[");
	if (at < end && token_is_char(r->t, at, '(') && r->t->items[at].pair > at) {
		for (int k = at + 1, n = 0; k < r->t->items[at].pair; k++) {
			if (!token_is_name(r->t, k))
				continue;
			token_name(r->t, k, column, sizeof column);
			buf_puts(&b, n++ ? ", " : "");
			statement_literal(&b, column);
		}
		at = r->t->items[at].pair + 1;
	}
	buf_puts(&b, "]::text[])");
	if (at + 2 == end && token_is(r->t, at, "comprows"))
		at += 2;
	if (at < end) {
		buf_clear(&b);
		return statement_syntax_error(r, at);
	}
	return statement_become(r, i, end, "ANALYZE", &b);
}

int statement_analyze(struct rules *r, int i, int end)
{
	if (token_is(r->t, i + 1, "compression"))
		return analyze_compression(r, i, end);
	if (end - i > 2 && token_is(r->t, end - 1, "columns") &&
	    (token_is(r->t, end - 2, "predicate") || token_is(r->t, end - 2, "all")))
		rules_blank(r, end - 2, end - 1);
	return 0;
}

/* A table that a key of another refers to wants CASCADE; the keys are not PostgreSQL's, so a comment says which tables
 * are dropped without it. */
int statement_drop_table(struct rules *r, int i, int end)
{
	struct table_attributes a;
	int at = i + 2, first;

	if (token_is(r->t, end - 1, "cascade"))
		return 0;
	if (token_is(r->t, at, "if") && token_is(r->t, at + 1, "exists"))
		at += 2;
	for (; at < end && token_is_name(r->t, at) && !token_is(r->t, at, "restrict"); at++) {
		attributes_init(&a);
		for (first = at; at + 2 < end && token_is_char(r->t, at + 1, '.');)
			at += 2;
		token_name(r->t, at, a.table, sizeof a.table);
		if (at > first)
			token_name(r->t, at - 2, a.schema, sizeof a.schema);
		at++;
		a.drop = a.said = true;
		rules_tell(r, &a, end - 1);
		attributes_clear(&a);
	}
	return 0;
}

/* The session commits the block in which it has run. */
int statement_truncate(struct rules *r, int i, int end)
{
	int table = token_is(r->t, i + 1, "table") ? i + 2 : i + 1;

	while (table + 2 < end && token_is_char(r->t, table + 1, '.'))
		table += 2;
	if (r->strict && table + 1 < end)
		return statement_syntax_error(r, table + 1);
	if (!r->body)
		r->commits = true;
	return 0;
}

/* CANCEL pid ['message'] */
int statement_cancel(struct rules *r, int i, int end)
{
	struct buf b;

	if (i + 1 >= end || r->t->items[i + 1].kind != TOKEN_NUMBER)
		return statement_syntax_error(r, i + 1);
	buf_init(&b, 256);
	buf_printf(&b, "CALL pg_catalog.sparkctl_cancel(%.*s)", (int)token_len(r->t, i + 1),
		   r->t->text + r->t->items[i + 1].from);
	return statement_become(r, i, end, "CANCEL", &b);
}
