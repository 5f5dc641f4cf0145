#include <string.h>

#include "sandbox/dialect/blocks.h"
#include "sandbox/dialect/rules.h"

/* The shape of queries: TOP, sub-selects without alias. */

#define DEPTH_MAX 100

static const char *const query_words[] = { "select", "with", "values", NULL };
static const char *const set_words[] = { "union", "except", "intersect", "minus", "order", "limit", NULL };
/* What may follow a sub-select in FROM and is no alias. */
static const char *const clause_words[] = { "where",   "group",     "order",       "having",  "limit",   "union",
					    "except",  "intersect", "minus",       "join",    "inner",   "left",
					    "right",   "full",      "cross",       "natural", "on",      "using",
					    "window",  "offset",    "fetch",       "for",     "qualify", "when",
					    "set",     "returning", "tablesample", "loop",    "then",    "pivot",
					    "unpivot", "start",     "connect",     "at",      "exclude", NULL };
/* What opens a clause; FROM is the one looked for. */
static const char *const clauses[] = { "select", "from",      "where", "group",  "order", "having", "limit", "union",
				       "except", "intersect", "set",   "values", "using", "window", NULL };

/* Is the text in the parenthesis at i a query (and not a join)? */
static bool is_query(const struct tokens *t, int i, int depth)
{
	int inner = i + 1;

	if (!token_is_char(t, i, '(') || t->items[i].pair < 0 || depth > DEPTH_MAX)
		return false;
	if (token_in(t, inner, query_words))
		return true;
	if (!is_query(t, inner, depth + 1))
		return false;
	return t->items[inner].pair + 1 == t->items[i].pair || token_in(t, t->items[inner].pair + 1, set_words);
}

/* Does a comma at i separate relations? Goes back to the word that opened the clause on this level, or to the comma
 * that was asked for before. */
static bool find_from(const struct rules *r, int i)
{
	for (; i >= r->from; i--) {
		if (i == r->comma)
			return r->comma_in_from;
		if (token_is_char(r->t, i, ')') && r->t->items[i].pair >= 0)
			i = r->t->items[i].pair;
		else if (token_is_char(r->t, i, '('))
			return false;
		else if (token_in(r->t, i, clauses) && !token_is_char(r->t, i - 1, '.'))
			return token_is(r->t, i, "from");
	}
	return false;
}

static bool in_from_list(struct rules *r, int i)
{
	r->comma_in_from = find_from(r, i);
	r->comma = i;
	return r->comma_in_from;
}

static int sub_select(struct rules *r, int i)
{
	int behind;

	if (!token_is(r->t, i - 1, "from") && !token_is(r->t, i - 1, "join") && !token_is_char(r->t, i - 1, ','))
		return 0;
	if (!is_query(r->t, i, 0) || (token_is_char(r->t, i - 1, ',') && !in_from_list(r, i - 1)))
		return 0;
	behind = r->t->items[i].pair + 1;
	if (behind < r->to && token_is_name(r->t, behind) && !token_in(r->t, behind, clause_words))
		return 0;
	edit_insert_after(r->e, r->t->items[behind - 1].to, " AS sparkctl_sub_%d", ++r->names_given);
	return 0;
}

/* SELECT [ALL | DISTINCT] TOP n ...: LIMIT n behind the query. As an arm of a set operation it needs parentheses, and
 * an ORDER BY behind the last arm is not its own. With a LIMIT of its own PostgreSQL says what is wrong. */
static int top(struct rules *r, int i)
{
	const struct tokens *t = r->t;
	int word = i + 1, number, end;
	struct block b;

	if (token_is(t, word, "all") || token_is(t, word, "distinct"))
		word++;
	number = word + 1;
	if (!token_is(t, word, "top") || number >= r->to || t->items[number].kind != TOKEN_NUMBER)
		return 0;
	block_read(t, i, &b);
	end = b.end < r->to ? b.end : r->to;
	if (block_has(&b, CLAUSE_LIMIT) && !b.set_arm && token_is(t, b.c[CLAUSE_LIMIT].word, "limit"))
		return rules_fail(r, b.c[CLAUSE_LIMIT].word, "42601", "multiple LIMIT clauses not allowed");
	if (b.set_arm && block_has(&b, CLAUSE_ORDER))
		end = b.c[CLAUSE_ORDER].word;
	else if (b.set_arm && block_has(&b, CLAUSE_LIMIT))
		end = b.c[CLAUSE_LIMIT].word;
	if (b.set_arm)
		edit_insert_before(r->e, t->items[i].from, "(");
	rules_blank(r, word, number);
	/* Behind the alias that the sub-select which ends here may have got. */
	edit_insert_behind(r->e, t->items[end - 1].to, " LIMIT %.*s%s", (int)token_len(t, number),
			   t->text + t->items[number].from, b.set_arm ? ")" : "");
	return 0;
}

int rule_query(struct rules *r, int i)
{
	if (token_is_char(r->t, i, '('))
		return sub_select(r, i);
	if (token_is(r->t, i, "select"))
		return top(r, i);
	return 0;
}
