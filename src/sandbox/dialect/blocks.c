#include "sandbox/dialect/blocks.h"

#include <string.h>

/* Words behind which an operand is still to come, and words that are no operand themselves. */
static const char *const no_operand[] = {
	"select",    "distinct", "all",    "as",     "and",     "or",     "not",    "by",    "on",      "where",
	"having",    "from",     "case",   "when",   "then",    "else",   "in",     "like",  "ilike",   "between",
	"is",        "similar",  "to",     "escape", "qualify", "set",    "values", "into",  "using",   "join",
	"union",     "except",   "minus",  "limit",  "offset",  "return", "with",   "prior", "cross",   "inner",
	"left",      "right",    "full",   "outer",  "natural", "any",    "some",   "over",  "filter",  "group",
	"order",     "window",   "update", "delete", "insert",  "merge",  "table",  "if",    "elsif",   "while",
	"intersect", "create",   "view",   "column", "add",     "rename", "begin",  "loop",  "lateral", NULL,
};

int block_skip(const struct tokens *t, int i)
{
	if (token_is_char(t, i, '(') && t->items[i].pair > i)
		return t->items[i].pair + 1;
	return i + 1;
}

bool block_ends_operand(const struct tokens *t, int i)
{
	if (i < 0 || i >= t->count)
		return false;
	if (token_is_char(t, i, ')') || token_is_char(t, i, ']'))
		return true;
	if (t->items[i].kind == TOKEN_SYMBOL)
		return false;
	return !token_in(t, i, no_operand) || token_is_char(t, i - 1, '.');
}

static bool begins_condition(const struct tokens *t, int i)
{
	return token_is_name(t, i) || token_is_char(t, i, '(') || token_is_char(t, i, '-') ||
	       (i < t->count && (t->items[i].kind == TOKEN_NUMBER || t->items[i].kind == TOKEN_STRING));
}

static const struct {
	const char *word, *second; /* second: must follow */
	enum clause clause;
} clause_words[] = {
	{ "into", NULL, CLAUSE_INTO },     { "from", NULL, CLAUSE_FROM },       { "where", NULL, CLAUSE_WHERE },
	{ "start", "with", CLAUSE_START }, { "connect", "by", CLAUSE_CONNECT }, { "group", "by", CLAUSE_GROUP },
	{ "having", NULL, CLAUSE_HAVING }, { "qualify", NULL, CLAUSE_QUALIFY }, { "window", NULL, CLAUSE_WINDOW },
	{ "order", "by", CLAUSE_ORDER },   { "limit", NULL, CLAUSE_LIMIT },     { "offset", NULL, CLAUSE_LIMIT },
	{ "fetch", NULL, CLAUSE_LIMIT },   { "for", NULL, CLAUSE_LIMIT },       { "exclude", NULL, CLAUSE_EXCLUDE },
};

/* Words that PostgreSQL or Redshift lets one use as names. */
static bool means_clause(const struct tokens *t, int i, enum clause c)
{
	switch (c) {
	case CLAUSE_FROM:
		return !(token_is(t, i - 1, "distinct") && (token_is(t, i - 2, "is") || token_is(t, i - 2, "not")));
	case CLAUSE_QUALIFY:
		return block_ends_operand(t, i - 1) && begins_condition(t, i + 1) && !token_is_char(t, i + 1, '.') &&
		       !token_is(t, i + 1, "from");
	case CLAUSE_WINDOW:
		return token_is_name(t, i + 1) && token_is(t, i + 2, "as") && token_is_char(t, i + 3, '(');
	case CLAUSE_EXCLUDE:
		/* * EXCLUDE (a, b), * EXCLUDE a, or behind another item */
		return (token_is_char(t, i - 1, '*') || block_ends_operand(t, i - 1)) &&
		       (token_is_char(t, i + 1, '(') || token_is_name(t, i + 1)) && !token_is(t, i + 1, "from") &&
		       !token_is(t, i + 1, "nulls");
	case CLAUSE_LIMIT:
		return !token_is(t, i, "fetch") || token_is(t, i + 1, "first") || token_is(t, i + 1, "next");
	default:
		return true;
	}
}

bool block_is_clause(const struct tokens *t, int i, enum clause *which)
{
	if (token_is_char(t, i - 1, '.') || token_is(t, i - 1, "as"))
		return false;
	for (size_t k = 0; k < sizeof clause_words / sizeof *clause_words; k++) {
		if (!token_is(t, i, clause_words[k].word))
			continue;
		if (clause_words[k].second && !token_is(t, i + 1, clause_words[k].second))
			return false;
		*which = clause_words[k].clause;
		return means_clause(t, i, *which);
	}
	return false;
}

static const char *const set_words[] = { "union", "except", "intersect", "minus", NULL };

/* What ends a query that stands outside of parentheses. */
static bool ends_block(const struct tokens *t, int i)
{
	if (token_is_char(t, i, ')') || token_is_char(t, i, ';') || token_in(t, i, set_words))
		return !token_is_char(t, i - 1, '.');
	if (token_is(t, i, "with"))
		return (token_is(t, i + 1, "no") && (token_is(t, i + 2, "schema") || token_is(t, i + 2, "data"))) ||
		       token_is(t, i + 1, "data");
	if (token_is(t, i, "loop"))
		return true;
	return token_is(t, i, "returning") || (token_is(t, i, "on") && token_is(t, i + 1, "conflict"));
}

/* Set operations before the block, or behind it. */
static bool is_set_arm(const struct tokens *t, const struct block *b)
{
	int before = b->select - 1;

	if (token_is(t, before, "all") || token_is(t, before, "distinct"))
		before--;
	return token_in(t, before, set_words) || token_in(t, b->end, set_words);
}

void block_read(const struct tokens *t, int select, struct block *b)
{
	enum clause open = CLAUSE_LIST, next;
	int i = select + 1;

	memset(b, 0, sizeof *b);
	b->select = select;
	b->distinct = -1;
	for (int k = 0; k < CLAUSE_COUNT; k++)
		b->c[k] = (struct clause_range){ -1, 0, -1 };
	for (; token_is(t, i, "all") || token_is(t, i, "distinct"); i++) {
		if (token_is(t, i, "distinct"))
			b->distinct = i;
	}
	b->c[CLAUSE_LIST] = (struct clause_range){ select, i, i - 1 };
	for (; i < t->count && !ends_block(t, i); i = block_skip(t, i)) {
		if (!block_is_clause(t, i, &next) || (next == CLAUSE_EXCLUDE && open != CLAUSE_LIST) ||
		    (next == CLAUSE_LIMIT && open == CLAUSE_LIMIT)) {
			b->c[open].last = block_skip(t, i) - 1;
			continue;
		}
		open = next;
		b->c[open].word = i;
		if (open == CLAUSE_START || open == CLAUSE_CONNECT || open == CLAUSE_GROUP || open == CLAUSE_ORDER)
			i++;
		b->c[open].first = i + 1;
		b->c[open].last = i;
	}
	b->end = i < t->count ? i : t->count;
	b->set_arm = is_set_arm(t, b);
}

bool block_has(const struct block *b, enum clause c)
{
	return b->c[c].word >= 0;
}

int block_item_end(const struct tokens *t, int i, int last)
{
	int end = i;

	for (; i <= last && !token_is_char(t, i, ','); i = block_skip(t, i)) {
		/* a list in brackets */
		if (token_is_char(t, i, '[')) {
			while (i < last && !token_is_char(t, i, ']'))
				i++;
		}
		end = block_skip(t, i) - 1;
	}
	return end < last ? end : last;
}
