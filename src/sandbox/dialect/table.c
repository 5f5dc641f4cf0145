#include <stdio.h>
#include <string.h>

#include "sandbox/dialect/attributes.h"
#include "sandbox/dialect/rules.h"

/* CREATE TABLE: what PostgreSQL does not know is taken out of the text, wherever it stands, and told in a comment. */
struct table {
	struct rules *r;
	struct table_attributes a;
	int i, end;
	int column_sort_keys; /* SORTKEY at columns */
};

static bool is(const struct table *t, const char *word)
{
	return t->i < t->end && token_is(t->r->t, t->i, word);
}

static bool is_open(const struct table *t)
{
	return t->i < t->end && token_is_char(t->r->t, t->i, '(') && t->r->t->items[t->i].pair > t->i;
}

static const char *const table_constraints[] = { "constraint", "primary", "unique",  "foreign",
						 "like",       "check",   "exclude", NULL };

/* LIKE parent: checks of bytes go along, and what is recorded of the parent but its keys. */
static void table_like(struct table *t, int i, int end)
{
	struct rules *r = t->r;
	char schema[ATTRIBUTE_NAME], name[ATTRIBUTE_NAME];
	int behind = rules_relation(r, i + 1, end, schema, name, sizeof name);
	bool defaults = behind + 1 < end && token_is(r->t, behind, "including");

	attributes_add_member(&t->a, "like", schema, name);
	edit_insert_after(r->e, r->t->items[end - 1].to,
			  defaults ? " INCLUDING IDENTITY INCLUDING CONSTRAINTS" : " INCLUDING CONSTRAINTS");
}

/* One of the table's own constraints in [i, end). *kept: it stays in the text. */
static int table_constraint(struct table *t, int i, int end, bool *kept)
{
	struct rules *r = t->r;
	bool named = token_is(r->t, i, "constraint");
	int key = named ? i + 2 : i;
	char name[ATTRIBUTE_NAME] = "";

	*kept = true;
	if (token_is(r->t, i, "like")) {
		table_like(t, i, end);
		return 0;
	}
	if (r->strict && (token_is(r->t, key, "check") || token_is(r->t, key, "exclude")))
		return rules_fail(r, key, "0A000", "%s constraints are not supported",
				  token_is(r->t, key, "check") ? "CHECK" : "EXCLUDE");
	if (!token_is(r->t, key, "primary") && !token_is(r->t, key, "unique") && !token_is(r->t, key, "foreign"))
		return 0;
	if (named)
		token_name(r->t, i + 1, name, sizeof name);
	rules_key(r, key, end, name, NULL, &t->a);
	*kept = false;
	rules_blank(r, i, end - 1);
	return 0;
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
			if (table_constraint(t, i, end, &kept) < 0)
				return -1;
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

static void attribute_distkey(struct table *t)
{
	char name[ATTRIBUTE_NAME];

	token_name(t->r->t, t->i + 2, name, sizeof name);
	attributes_set_dist_key(&t->a, name);
	t->i = t->r->t->items[t->i + 1].pair + 1;
}

static void attribute_sortkey(struct table *t)
{
	t->i++;
	if (is_open(t)) {
		sort_keys(t);
		return;
	}
	if (is(t, "auto"))
		snprintf(t->a.sort_style, sizeof t->a.sort_style, "auto");
	t->i++;
}

/* One table attribute at t->i; false: it is none. */
static bool table_attribute(struct table *t)
{
	struct table_attributes *a = &t->a;

	if (is(t, "backup") || (is(t, "encode") && token_is(t->r->t, t->i + 1, "auto"))) {
		if (is(t, "backup") && token_is(t->r->t, t->i + 1, "no"))
			attributes_add_member(a, "backup", "no", NULL);
		t->i += 2;
	} else if (is(t, "auto") && token_is(t->r->t, t->i + 1, "refresh")) {
		if (token_is(t->r->t, t->i + 2, "yes"))
			attributes_add_member(a, "auto_refresh", "yes", NULL);
		t->i += 3;
	} else if (is(t, "diststyle")) {
		token_name(t->r->t, t->i + 1, a->dist_style, sizeof a->dist_style);
		t->i += 2;
	} else if (is(t, "distkey") && token_is_char(t->r->t, t->i + 1, '(') && t->r->t->items[t->i + 1].pair > t->i) {
		attribute_distkey(t);
	} else if (is(t, "compound") || is(t, "interleaved")) {
		token_name(t->r->t, t->i, a->sort_style, sizeof a->sort_style);
		t->i++;
	} else if (is(t, "sortkey")) {
		attribute_sortkey(t);
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

void rules_tell(struct rules *r, const struct table_attributes *a, int behind)
{
	struct buf comment;

	buf_init(&comment, BUF_MAX_DEFAULT);
	attributes_comment(a, &comment);
	if (comment.failed)
		r->e->failed = true;
	else if (comment.len)
		edit_insert_after(r->e, r->t->items[behind].to, "%s", comment.data);
	buf_clear(&comment);
}

int rules_relation(struct rules *r, int i, int end, char *schema, char *name, size_t size)
{
	int last = i;

	while (last + 2 < end && token_is_char(r->t, last + 1, '.'))
		last += 2;
	if (last - i == 4)
		rules_blank(r, i, i + 1);
	schema[0] = 0;
	token_name(r->t, last, name, size);
	if (last > i)
		token_name(r->t, last - 2, schema, size);
	return last + 1;
}

/* ---- what Redshift refuses of the whole ---- */

#define SORT_KEYS_MAX        400
#define INTERLEAVED_KEYS_MAX 8
#define BAD_TABLE            "42P16"

static const char *const styles[] = { "even", "all", "key", "auto", NULL };

static bool is_style(const char *word)
{
	for (const char *const *s = styles; *s; s++) {
		if (strcmp(*s, word) == 0)
			return true;
	}
	return false;
}

static int check_distribution(struct table *t, int name)
{
	const struct table_attributes *a = &t->a;

	if (a->dist_style[0] && !is_style(a->dist_style))
		return rules_fail(t->r, name, "42601", "invalid distribution style \"%s\"", a->dist_style);
	if (a->dist_keys > 1)
		return rules_fail(t->r, name, BAD_TABLE, "multiple distribution keys for table \"%s\" are not allowed",
				  a->table);
	if (a->dist_keys && a->dist_style[0] && strcmp(a->dist_style, "key") != 0)
		return rules_fail(t->r, name, BAD_TABLE, "DISTKEY cannot be specified together with DISTSTYLE %s",
				  strcmp(a->dist_style, "all") == 0    ? "ALL"
				  : strcmp(a->dist_style, "even") == 0 ? "EVEN"
								       : "AUTO");
	if (!a->dist_keys && strcmp(a->dist_style, "key") == 0)
		return rules_fail(t->r, name, BAD_TABLE, "DISTSTYLE KEY demands a DISTKEY column");
	return 0;
}

static int check_order(struct table *t, int name)
{
	const struct table_attributes *a = &t->a;
	bool interleaved = strcmp(a->sort_style, "interleaved") == 0;
	int max = interleaved ? INTERLEAVED_KEYS_MAX : SORT_KEYS_MAX;

	if (t->column_sort_keys > 1 || (t->column_sort_keys && a->sort_key_count > t->column_sort_keys))
		return rules_fail(t->r, name, BAD_TABLE, "multiple sort keys for table \"%s\" are not allowed",
				  a->table);
	if (a->sort_key_count > max)
		return rules_fail(t->r, name, "54011", "tables can have at most %d columns in %s sort key", max,
				  interleaved ? "an interleaved" : "a compound");
	return 0;
}

/* ---- CREATE TABLE .. AS ---- */

/* The select list at i is a star, or names of columns as they are: the word FROM behind it, else -1. */
static int plain_list_end(const struct table *t, int i)
{
	const struct tokens *k = t->r->t;

	for (;;) {
		if (!token_is_name(k, i) && !token_is_char(k, i, '*'))
			return -1;
		while (token_is_char(k, i + 1, '.') && (token_is_name(k, i + 2) || token_is_char(k, i + 2, '*')))
			i += 2;
		if (!token_is_char(k, i + 1, ','))
			return token_is(k, i + 1, "from") ? i + 1 : -1;
		i += 2;
	}
}

/* A copy of one table's rows takes its distribution and order along, each unless the statement says its own. Which of
 * the columns are there is seen when the table is. */
static void inherit(struct table *t)
{
	static const char *const others[] = { "join",    "union",   "except",   "intersect", "minus",
					      "group",   "having",  "distinct", "pivot",     "unpivot",
					      "connect", "qualify", "exclude",  NULL };
	struct rules *r = t->r;
	char schema[ATTRIBUTE_NAME], name[ATTRIBUTE_NAME];
	int i = t->i + 1, from, last;

	if (!is(t, "as"))
		return;
	while (token_is_char(r->t, i, '('))
		i++;
	from = token_is(r->t, i, "select") ? plain_list_end(t, i + 1) : -1;
	last = from + 1;
	if (from < 0 || !token_is_name(r->t, last))
		return;
	if (token_is_char(r->t, last + 1, '.') && token_is_name(r->t, last + 2))
		last += 2;
	if (token_is_char(r->t, last + 1, '.') || token_is_char(r->t, last + 1, '('))
		return;
	for (int k = last + 1; k<t->end; k = r->t->items[k].pair> k ? r->t->items[k].pair + 1 : k + 1) {
		if (token_in(r->t, k, others) || token_is_char(r->t, k, ','))
			return;
	}
	rules_relation(r, from + 1, last + 1, schema, name, sizeof name);
	attributes_add_member(&t->a, "from", schema, name);
}

static int walk(struct table *t, bool view)
{
	int name, behind;
	bool named = false;

	t->i = rules_relation(t->r, t->i, t->end, t->a.schema, t->a.table, sizeof t->a.table);
	name = behind = t->i - 1;
	if (is_open(t)) {
		int next = t->i + 1;
		bool query = token_is(t->r->t, next, "select") || token_is(t->r->t, next, "with");
		bool names = token_is_char(t->r->t, next + 1, ',') || token_is_char(t->r->t, next + 1, ')');

		behind = t->r->t->items[t->i].pair;
		if (query)
			return 0;
		named = names;
		if (names)
			t->i = behind + 1;
		else if (elements(t) < 0)
			return -1;
		t->column_sort_keys = t->a.sort_key_count;
	}
	table_attributes(t);
	if (check_distribution(t, name) < 0 || check_order(t, name) < 0)
		return -1;
	if (!view && !named)
		inherit(t);
	rules_tell(t->r, &t->a, behind);
	return 0;
}

/* CREATE [LOCAL] [TEMP | TEMPORARY] TABLE, CREATE MATERIALIZED VIEW */
int rule_create_table(struct rules *r, int i)
{
	struct table t = { .r = r, .i = i + 1 };
	bool temp = false, view = false;
	int rc;

	if (!token_is(r->t, i, "create") || !rules_at_statement(r, i))
		return 0;
	t.end = rules_statement_end(r, i);
	while (is(&t, "local") || is(&t, "temp") || is(&t, "temporary")) {
		temp = true;
		t.i++;
	}
	view = is(&t, "materialized") && token_is(r->t, t.i + 1, "view");
	if (view)
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
	rc = walk(&t, view);
	attributes_clear(&t.a);
	return rc;
}
