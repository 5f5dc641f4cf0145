#include <string.h>

#include "sandbox/dialect/attributes.h"
#include "sandbox/dialect/columns.h"
#include "spark/base/mem.h"

/* INSERT INTO t VALUES ('{"a": 1}'): a literal that is stored in a SUPER column is a string there; only JSON_PARSE()
 * reads JSON. The server would read it, because it takes a literal for whatever its column is. Where each question to
 * the catalogue costs a round trip it is asked only when a literal would be read as JSON: other text the server
 * refuses.
 */

static bool is_literal(const struct tokens *t, int i)
{
	return i < t->count && (t->items[i].kind == TOKEN_STRING || t->items[i].kind == TOKEN_BODY);
}

/* Words by tokens: most statements have none of them, and need not ask for columns. */
bool super_text_wanted(const struct tokens *t)
{
	bool stores = false;

	for (int i = 0; i < t->count; i++) {
		stores = stores || (token_is(t, i, "insert") && token_is(t, i + 1, "into")) || token_is(t, i, "update");
		if (stores && is_literal(t, i))
			return true;
	}
	return false;
}

/* Would the server take it for JSON? What begins with a bracket or quote is taken for such without a closer look. */
static bool reads_as_json(const struct tokens *t, int i)
{
	const char *p = memchr(t->text + t->items[i].from, '\'', token_len(t, i)), *end = t->text + t->items[i].to - 1;
	struct json *j;

	if (!p)
		return true; /* $$..$$ */
	for (p++; p < end && strchr(" \t\r\n", *p);)
		p++;
	if (p == end || !strchr("{[\"-0123456789tfn", *p))
		return false;
	if (strchr("{[\"", *p))
		return true;
	j = json_parse(p, (size_t)(end - p), NULL);
	json_free(j);
	return j != NULL;
}

/* Does the statement at i have a literal that is worth a question? */
static bool is_worth_asking(const struct pass *p, int i)
{
	bool costs = p->catalog && p->catalog->moving;

	for (; i < p->t.count && !token_is_char(&p->t, i, ';'); i++) {
		if (is_literal(&p->t, i) && (!costs || reads_as_json(&p->t, i)))
			return true;
	}
	return false;
}

static void as_text(struct pass *p, int i)
{
	struct buf b;

	buf_init(&b, 64);
	buf_puts(&b, "::pg_catalog.text");
	pass_insert_after(p, i, &b);
}

/* [schema.]name at i, with its columns. Behind it; -1: they are not known, or none is SUPER. */
static int read_table(struct pass *p, int i, struct columns *out)
{
	char schema[ATTRIBUTE_NAME], name[ATTRIBUTE_NAME];
	bool qualified = token_is_char(&p->t, i + 1, '.');

	if (!token_is_name(&p->t, i) || (qualified && !token_is_name(&p->t, i + 2)))
		return -1;
	token_name(&p->t, i, schema, sizeof schema);
	token_name(&p->t, qualified ? i + 2 : i, name, sizeof name);
	if (!columns_of_table(p, qualified ? schema : NULL, name, name, out))
		return -1;
	for (size_t k = 0; k < out->count; k++) {
		if (out->items[k].is_super)
			return qualified ? i + 3 : i + 1;
	}
	return -1;
}

/* ---- INSERT ---- */

/* (a, b, ..) at i: the columns in that order. Behind it; -1: one is not there. */
static int read_list(struct pass *p, int i, const struct columns *table, struct columns *listed)
{
	int close = p->t.items[i].pair;

	for (int k = i + 1; k < close; k = block_item_end(&p->t, k, close - 1) + 2) {
		char name[ATTRIBUTE_NAME];
		const struct column *c;

		token_name(&p->t, k, name, sizeof name);
		c = columns_find(table, NULL, name);
		if (!c)
			return -1;
		if (mem_grow(&listed->items, &listed->cap, listed->count, sizeof *listed->items) < 0) {
			p->e.failed = true;
			return -1;
		}
		listed->items[listed->count++] = *c;
	}
	return close + 1;
}

/* The items of [first, last], each for a column. */
static void take_items(struct pass *p, int first, int last, const struct columns *c)
{
	size_t column = 0;

	for (int i = first; i <= last && column < c->count; column++) {
		int end = block_item_end(&p->t, i, last);

		/* 'x', or 'x' AS name, 'x' name */
		if (c->items[column].is_super && is_literal(&p->t, i) &&
		    (end == i || (token_is_name(&p->t, i + 1) && end <= i + 2)))
			as_text(p, i);
		i = end + 2;
	}
}

static void take_source(struct pass *p, int i, const struct columns *c)
{
	struct block b;

	if (token_is(&p->t, i, "values")) {
		for (i++; token_is_char(&p->t, i, '(') && p->t.items[i].pair > i; i = p->t.items[i].pair + 2)
			take_items(p, i + 1, p->t.items[i].pair - 1, c);
		return;
	}
	if (token_is(&p->t, i, "with")) {
		while (i < p->t.count && !token_is(&p->t, i, "select") && !token_is_char(&p->t, i, ';'))
			i = block_skip(&p->t, i);
	}
	if (!token_is(&p->t, i, "select"))
		return;
	block_read(&p->t, i, &b);
	/* A set operation has made them text already. */
	if (!b.set_arm)
		take_items(p, b.c[CLAUSE_LIST].first, b.c[CLAUSE_LIST].last, c);
}

static void take_insert(struct pass *p, int i)
{
	struct columns table = { 0 }, listed = { 0 };
	const struct columns *c = &table;

	i = read_table(p, i, &table);
	if (i >= 0 && token_is_char(&p->t, i, '(') && p->t.items[i].pair > i && !token_is(&p->t, i + 1, "select") &&
	    !token_is(&p->t, i + 1, "with")) {
		i = read_list(p, i, &table, &listed);
		c = &listed;
	}
	if (i >= 0)
		take_source(p, i, c);
	columns_clear(&table);
	columns_clear(&listed);
}

/* ---- UPDATE ---- */

static void take_update(struct pass *p, int i)
{
	static const char *const behind[] = { "from", "where", "returning", NULL };
	struct columns table = { 0 };
	int end;

	i = read_table(p, i, &table);
	for (int words = 0; i >= 0 && words < 3 && !token_is(&p->t, i, "set"); words++)
		i++; /* [AS] alias */
	if (i < 0 || !token_is(&p->t, i, "set")) {
		columns_clear(&table);
		return;
	}
	for (end = i + 1; end < p->t.count && !token_in(&p->t, end, behind) && !token_is_char(&p->t, end, ';');)
		end = block_skip(&p->t, end);
	for (int k = i + 1, last; k < end; k = last + 2) {
		char name[ATTRIBUTE_NAME];
		const struct column *c;

		last = block_item_end(&p->t, k, end - 1);
		token_name(&p->t, k, name, sizeof name);
		c = columns_find(&table, NULL, name);
		if (c && c->is_super && last == k + 2 && token_is_char(&p->t, k + 1, '=') && is_literal(&p->t, last))
			as_text(p, last);
	}
	columns_clear(&table);
}

int super_text_apply(struct pass *p)
{
	for (int i = 0; i + 1 < p->t.count; i++) {
		bool insert = token_is(&p->t, i, "insert") && token_is(&p->t, i + 1, "into");
		bool update = token_is(&p->t, i, "update") && token_is_name(&p->t, i + 1);

		if ((!insert && !update) || !is_worth_asking(p, i))
			continue;
		if (insert)
			take_insert(p, i + 2);
		else
			take_update(p, i + 1);
	}
	return 0;
}
