#include <stdio.h>
#include <string.h>

#include "sandbox/dialect/attributes.h"
#include "sandbox/dialect/rules.h"

/* CREATE TABLE: what PostgreSQL does not know is taken out of the text, wherever it stands, and told in a comment. */
struct table {
	struct rules *r;
	struct table_attributes a;
	int i, end;
};

static bool is(const struct table *t, const char *word)
{
	return t->i < t->end && token_is(t->r->t, t->i, word);
}

static bool is_open(const struct table *t)
{
	return t->i < t->end && token_is_char(t->r->t, t->i, '(') && t->r->t->items[t->i].pair > t->i;
}

static const char *const table_constraints[] = { "constraint", "primary", "unique", "foreign", "like", "check", NULL };

/* One of the table's own constraints in [i, end). *kept: it stays in the text. */
static void table_constraint(struct table *t, int i, int end, bool *kept)
{
	struct rules *r = t->r;
	size_t from = r->t->items[i].from, to = r->t->items[end - 1].to;
	int key = token_is(r->t, i, "constraint") ? i + 2 : i;

	*kept = true;
	if (token_is(r->t, i, "like")) {
		bool defaults = end - i > 2 && token_is(r->t, end - 2, "including");

		if (defaults)
			edit_insert_after(r->e, to, " INCLUDING IDENTITY INCLUDING CONSTRAINTS");
	} else if (token_is(r->t, key, "primary") && token_is_char(r->t, key + 2, '(')) {
		attributes_add_key(&t->a, "primary", r->t->text + from, to - from);
		*kept = false;
	} else if (token_is(r->t, key, "unique") || token_is(r->t, key, "foreign")) {
		attributes_add_key(&t->a, token_is(r->t, key, "unique") ? "unique" : "foreign", r->t->text + from,
				   to - from);
		*kept = false;
	}
	if (!*kept)
		rules_blank(r, i, end - 1);
}

/* Where the definition of a column begins that a primary key names, -1: none. */
static int find_column(const struct table *t, int open, int key)
{
	int close = t->r->t->items[open].pair;
	char wanted[ATTRIBUTE_NAME], name[ATTRIBUTE_NAME];

	token_name(t->r->t, key, wanted, sizeof wanted);
	for (int i = open + 1; i < close; i = rules_element_end(t->r, i, close) + 2) {
		token_name(t->r->t, i, name, sizeof name);
		if (strcmp(name, wanted) == 0 && !token_in(t->r->t, i, table_constraints))
			return i;
	}
	return -1;
}

/* PRIMARY KEY (a, b): NOT NULL goes to the columns. */
static void primary_key_columns(struct table *t, int open, int i)
{
	int key = token_is(t->r->t, i, "constraint") ? i + 2 : i, list = key + 2, column;

	if (!token_is(t->r->t, key, "primary") || !token_is_char(t->r->t, list, '('))
		return;
	for (int k = list + 1; k < t->r->t->items[list].pair; k++) {
		column = token_is_name(t->r->t, k) ? find_column(t, open, k) : -1;
		if (column >= 0)
			edit_insert_after(t->r->e,
					  t->r->t->items[rules_element_end(t->r, column, t->r->t->items[open].pair)].to,
					  " NOT NULL");
	}
}

/* ( column definitions and constraints ). A comma stays only before an element that stays, behind one that does. */
static int elements(struct table *t)
{
	struct rules *r = t->r;
	int open = t->i, close = r->t->items[open].pair;
	bool any = false;

	for (int i = open + 1; i < close;) {
		int end = rules_element_end(r, i, close) + 1;
		bool kept = true;

		if (token_in(r->t, i, table_constraints)) {
			primary_key_columns(t, open, i);
			table_constraint(t, i, end, &kept);
		} else if (rules_column(r, i, end, &t->a) < 0) {
			return -1;
		}
		if (i > open + 1 && (!kept || !any))
			rules_blank(r, i - 1, i - 1);
		any = any || kept;
		i = end + 1;
	}
	t->i = close + 1;
	return 0;
}

static void sort_keys(struct table *t)
{
	int close = t->r->t->items[t->i].pair;
	char name[ATTRIBUTE_NAME];

	for (int i = t->i + 1; i < close; i++) {
		if (!token_is_name(t->r->t, i))
			continue;
		token_name(t->r->t, i, name, sizeof name);
		attributes_add_sort_key(&t->a, name);
	}
	t->i = close + 1;
}

/* One table attribute at t->i; false: it is none. */
static bool table_attribute(struct table *t)
{
	struct table_attributes *a = &t->a;

	if (is(t, "backup") || (is(t, "encode") && token_is(t->r->t, t->i + 1, "auto"))) {
		t->i += 2;
	} else if (is(t, "diststyle")) {
		token_name(t->r->t, t->i + 1, a->dist_style, sizeof a->dist_style);
		t->i += 2;
	} else if (is(t, "distkey") && token_is_char(t->r->t, t->i + 1, '(')) {
		token_name(t->r->t, t->i + 2, a->dist_key, sizeof a->dist_key);
		t->i = t->r->t->items[t->i + 1].pair + 1;
	} else if (is(t, "compound") || is(t, "interleaved")) {
		token_name(t->r->t, t->i, a->sort_style, sizeof a->sort_style);
		t->i++;
	} else if (is(t, "sortkey")) {
		t->i++;
		if (is_open(t))
			sort_keys(t);
		else
			t->i++; /* AUTO */
	} else {
		return false;
	}
	a->said = true;
	return true;
}

static void table_attributes(struct table *t)
{
	while (t->i < t->end) {
		int first = t->i;

		if (!table_attribute(t) || t->i <= first)
			return;
		if (t->i > t->end)
			t->i = t->end;
		rules_blank(t->r, first, t->i - 1);
	}
}

static void tell(struct table *t, int behind)
{
	struct buf comment;

	buf_init(&comment, BUF_MAX_DEFAULT);
	attributes_comment(&t->a, &comment);
	if (comment.failed)
		t->r->e->failed = true;
	else if (comment.len)
		edit_insert_after(t->r->e, t->r->t->items[behind].to, "%s", comment.data);
	buf_clear(&comment);
}

/* Steps behind [[database.]schema.]name; the last part is the table's name. */
static int table_name(struct table *t)
{
	int last = t->i;

	while (last + 2 < t->end && token_is_char(t->r->t, last + 1, '.'))
		last += 2;
	if (last - t->i == 4)
		rules_blank(t->r, t->i, t->i + 1);
	token_name(t->r->t, last, t->a.table, sizeof t->a.table);
	t->i = last + 1;
	return last;
}

static int walk(struct table *t)
{
	int name = table_name(t), behind = name;

	if (is_open(t)) {
		int next = t->i + 1;
		bool query = token_is(t->r->t, next, "select") || token_is(t->r->t, next, "with");
		bool names = token_is_char(t->r->t, next + 1, ',') || token_is_char(t->r->t, next + 1, ')');

		behind = t->r->t->items[t->i].pair;
		if (query)
			return 0;
		if (names)
			t->i = behind + 1;
		else if (elements(t) < 0)
			return -1;
	}
	table_attributes(t);
	tell(t, behind);
	return 0;
}

/* CREATE [LOCAL] [TEMP | TEMPORARY] TABLE, CREATE MATERIALIZED VIEW */
int rule_create_table(struct rules *r, int i)
{
	struct table t = { .r = r, .i = i + 1 };
	bool temp = false;
	int rc;

	if (!token_is(r->t, i, "create") || !rules_at_statement(r, i))
		return 0;
	t.end = rules_statement_end(r, i);
	while (is(&t, "local") || is(&t, "temp") || is(&t, "temporary")) {
		temp = true;
		t.i++;
	}
	if (is(&t, "materialized") && token_is(r->t, t.i + 1, "view"))
		t.i += 2;
	else if (is(&t, "table"))
		t.i++;
	else
		return 0;
	if (is(&t, "if") && token_is(r->t, t.i + 1, "not") && token_is(r->t, t.i + 2, "exists"))
		t.i += 3;
	if (!token_is_name(r->t, t.i) || t.i >= t.end)
		return 0;
	if (!temp && r->t->items[t.i].kind == TOKEN_TEMP_NAME)
		edit_insert_after(r->e, r->t->items[i].to, " TEMP");
	attributes_init(&t.a);
	rc = walk(&t);
	attributes_clear(&t.a);
	return rc;
}
