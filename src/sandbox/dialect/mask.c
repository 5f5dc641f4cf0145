#include <string.h>

#include "sandbox/dialect/passes.h"
#include "spark/base/mem.h"

/* What libpg_query does not know is blanked, or changed for something that it knows, length for length. */

struct mask {
	const struct tokens *t;
	char *copy;
};

static void blank(struct mask *m, int first, int last)
{
	if (first <= last)
		memset(m->copy + m->t->items[first].from, ' ', m->t->items[last].to - m->t->items[first].from);
}

/* `with` is no longer than the token. */
static void put(struct mask *m, int token, const char *with)
{
	blank(m, token, token);
	memcpy(m->copy + m->t->items[token].from, with, strlen(with));
}

static void blank_clause(struct mask *m, const struct block *b, enum clause c)
{
	if (block_has(b, c))
		blank(m, b->c[c].word, b->c[c].last);
}

/* [UN]PIVOT [INCLUDE|EXCLUDE NULLS] (...) [[AS] alias] behind a relation. */
static int mask_pivot(struct mask *m, int i)
{
	const struct tokens *t = m->t;
	enum clause c;
	int open = i + 1, last;

	if (token_is(t, i + 2, "nulls"))
		open = i + 3;
	if (!token_is_char(t, open, '(') || t->items[open].pair < open || !block_ends_operand(t, i - 1))
		return i;
	last = t->items[open].pair;
	if (token_is(t, last + 1, "as"))
		last += 2;
	else if (token_is_name(t, last + 1) && block_ends_operand(t, last + 1) && !block_is_clause(t, last + 1, &c))
		last++;
	if (last >= t->count)
		return i;
	blank(m, i, last);
	return last;
}

static void mask_from(struct mask *m, const struct block *b)
{
	const struct tokens *t = m->t;

	for (int i = b->c[CLAUSE_FROM].first; i <= b->c[CLAUSE_FROM].last; i = block_skip(t, i)) {
		if (token_is(t, i, "pivot") || (token_is(t, i, "unpivot") && !token_is_name(t, i + 1)) ||
		    (token_is(t, i, "unpivot") && token_is(t, i + 2, "nulls")))
			i = mask_pivot(m, i);
		else if (token_is(t, i, "unpivot") && !block_ends_operand(t, i - 1))
			blank(m, i, i); /* UNPIVOT object AS value AT name */
		else if (token_is(t, i, "at") && token_is_name(t, i - 1) && token_is_name(t, i + 1) &&
			 !token_is(t, i + 1, "time"))
			blank(m, i, i + 1);
	}
}

static void mask_select(struct mask *m, int select)
{
	struct block b;
	const struct clause_range *group = &b.c[CLAUSE_GROUP];

	block_read(m->t, select, &b);
	blank_clause(m, &b, CLAUSE_EXCLUDE);
	blank_clause(m, &b, CLAUSE_START);
	blank_clause(m, &b, CLAUSE_CONNECT);
	blank_clause(m, &b, CLAUSE_INTO);
	if (block_has(&b, CLAUSE_QUALIFY))
		put(m, b.c[CLAUSE_QUALIFY].word, block_has(&b, CLAUSE_HAVING) ? "and" : "having");
	if (group->word >= 0 && group->first == group->last && token_is(m->t, group->first, "all"))
		put(m, group->first, "1");
	if (block_has(&b, CLAUSE_FROM))
		mask_from(m, &b);
}

char *mask_text(const struct tokens *t, const char *text, size_t len)
{
	struct mask m = { t, mem_strndup(text, len) };

	for (int i = 0; m.copy && i < t->count; i++) {
		if (token_is(t, i, "select") && !token_is_char(t, i - 1, '.'))
			mask_select(&m, i);
		else if ((token_is(t, i, "ignore") || token_is(t, i, "respect")) && token_is(t, i + 1, "nulls"))
			blank(&m, i, i + 1);
		else if (token_is_char(t, i, '(') && token_is_char(t, i + 1, '+') && token_is_char(t, i + 2, ')'))
			blank(&m, i, i + 2);
	}
	return m.copy;
}
