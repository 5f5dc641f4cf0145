#include <ctype.h>
#include <pg_query.h>
#include <string.h>

#include "sandbox/dialect/columns.h"
#include "spark/base/mem.h"

/* relation PIVOT (agg(x) FOR c IN (v, ...)): a sub-select that groups by the relation's other columns and has one
 * filtered aggregate for each value. relation UNPIVOT (v FOR n IN (c, ...)): the columns as rows. */

struct pivot {
	struct pass *p;
	const struct site *s;
	int word, open, close;  /* [UN]PIVOT and its parentheses */
	int source, end;        /* the relation's first token; the last one with the alias */
	int in, alias;          /* parenthesis behind IN; the alias's name, -1: none */
	int keep_nulls;         /* UNPIVOT INCLUDE NULLS */
	struct columns columns; /* of the source */
	struct json *tree;      /* lends their names */
};

static bool is_pivot(const struct tokens *t, int i)
{
	if (!block_ends_operand(t, i - 1))
		return false;
	if (token_is(t, i, "pivot"))
		return token_is_char(t, i + 1, '(');
	return token_is(t, i, "unpivot") && (token_is_char(t, i + 1, '(') || token_is(t, i + 2, "nulls"));
}

bool pivot_wanted(const struct tokens *t)
{
	for (int i = 1; i < t->count; i++) {
		if (is_pivot(t, i))
			return true;
	}
	return false;
}

/* Where the relation in front of the word begins. */
static int source_begin(const struct tokens *t, int from, int word)
{
	int first = from;

	for (int i = from; i < word; i = block_skip(t, i)) {
		if (token_is_char(t, i, ',') || token_is(t, i, "join"))
			first = i + 1;
	}
	return first;
}

/* The first token of that word in (first, last) on its level. */
static int find(const struct tokens *t, int first, int last, const char *word)
{
	for (int i = first; i <= last; i = block_skip(t, i)) {
		if (token_is(t, i, word))
			return i;
	}
	return -1;
}

static int read_source(struct pivot *v)
{
	const struct tokens *t = &v->p->t;
	char *masked = mask_text(t, v->p->text, v->p->len);
	struct buf sql;
	PgQueryParseResult r;
	struct err err = { 0 };
	const struct json *select;
	bool known = false;

	if (!masked) {
		v->p->e.failed = true;
		return -1;
	}
	buf_init(&sql, BUF_MAX_DEFAULT);
	buf_puts(&sql, "SELECT * FROM ");
	buf_add(&sql, masked + t->items[v->source].from, t->items[v->word - 1].to - t->items[v->source].from);
	mem_free(masked);
	v->p->e.failed = v->p->e.failed || sql.failed;
	r = pg_query_parse(sql.data);
	if (!r.error)
		v->tree = json_parse_deep(r.parse_tree, strlen(r.parse_tree), &err);
	v->p->e.failed = v->p->e.failed || err.kind == ERR_NOMEM;
	pg_query_free_parse_result(r);
	buf_clear(&sql);
	select = json_get(json_get(json_first(json_get(v->tree, "stmts")), "stmt"), "SelectStmt");
	if (select)
		known = columns_of_from(v->p, json_get(select, "fromClause"), v->s->with, &v->columns);
	return known ? 0 : pass_refuse(v->p, v->word, "PIVOT and UNPIVOT of a relation whose columns cannot be told");
}

/* Everything but what is inside the parentheses. */
static int read_frame(struct pivot *v)
{
	const struct tokens *t = &v->p->t;
	enum clause c;

	v->open = v->word + (token_is(t, v->word + 2, "nulls") ? 3 : 1);
	v->keep_nulls = v->open > v->word + 1 && token_is(t, v->word + 1, "include");
	v->alias = -1;
	if (!token_is_char(t, v->open, '(') || t->items[v->open].pair < 0)
		return pass_fail(v->p, v->word, "42601", "syntax error at or near \"%s\"",
				 token_is(t, v->word, "pivot") ? "pivot" : "unpivot");
	v->close = v->end = t->items[v->open].pair;
	if (token_is(t, v->close + 1, "as") && token_is_name(t, v->close + 2))
		v->alias = v->end = v->close + 2;
	else if (token_is_name(t, v->close + 1) && block_ends_operand(t, v->close + 1) &&
		 !block_is_clause(t, v->close + 1, &c))
		v->alias = v->end = v->close + 1;
	v->source = source_begin(t, v->s->b.c[CLAUSE_FROM].first, v->word);
	return read_source(v);
}

static bool mentions(const struct pivot *v, int first, int last, const char *column)
{
	char name[192];

	for (int i = first; i <= last; i++) {
		if (!token_is_name(&v->p->t, i) || token_is_char(&v->p->t, i + 1, '('))
			continue;
		token_name(&v->p->t, i, name, sizeof name);
		if (strcmp(name, column) == 0)
			return true;
	}
	return false;
}

/* The name that a value of the IN list gives: of its alias, or its own text. */
static void value_name(const struct tokens *t, int last, struct buf *out)
{
	const char *p = t->text + t->items[last].from;
	size_t len = token_len(t, last);

	if (len > 1 && (*p == '\'' || *p == '"')) {
		p++;
		len -= 2;
	}
	for (size_t i = 0; i < len; i++)
		buf_putc(out, (char)tolower((unsigned char)p[i]));
}

/* value [[AS] alias]: the value's last token. */
static int value_end(const struct tokens *t, int first, int last)
{
	if (last > first && token_is(t, last - 1, "as"))
		return last - 2;
	if (last > first && token_is_name(t, last) && block_ends_operand(t, last - 1))
		return last - 1;
	return last;
}

static void put_alias(struct pivot *v, struct buf *out)
{
	char name[192];

	if (v->alias >= 0)
		token_name(&v->p->t, v->alias, name, sizeof name);
	else
		snprintf(name, sizeof name, "sparkctl_pivot_%zu", v->p->t.items[v->word].from);
	buf_puts(out, " AS ");
	pass_put_name(out, name);
}

static int put_pivot_values(struct pivot *v, int agg_end, int agg_alias, int column, struct buf *out)
{
	const struct tokens *t = &v->p->t;
	int last_in = t->items[v->in].pair - 1;
	char suffix[192] = "";

	if (agg_alias >= 0)
		token_name(t, agg_alias, suffix, sizeof suffix);
	for (int i = v->in + 1; i <= last_in;) {
		int last = block_item_end(t, i, last_in), end = value_end(t, i, last);
		struct buf name;

		if (end < i)
			return pass_fail(v->p, i, "42601", "the IN list of PIVOT has no value here");
		buf_init(&name, BUF_MAX_DEFAULT);
		value_name(t, last, &name);
		if (*suffix)
			buf_printf(&name, "_%s", suffix);
		buf_printf(out, "%s%s FILTER (WHERE %s IS NOT DISTINCT FROM (%s)) AS ", out->len ? ", " : "",
			   pass_quote(v->p, v->open + 1, agg_end).text, pass_quote(v->p, column, column).text,
			   pass_quote(v->p, i, end).text);
		pass_put_name(out, name.data);
		v->p->e.failed = v->p->e.failed || name.failed;
		buf_clear(&name);
		i = last + 2;
	}
	return 0;
}

/* aggregate(...) [[AS] alias] FOR column IN (...) */
static int pivot(struct pivot *v)
{
	static const char *const allowed[] = { "count", "sum", "min", "max", "avg", NULL };
	const struct tokens *t = &v->p->t;
	int agg = v->open + 1, agg_end = block_skip(t, agg + 1) - 1, word_for = find(t, agg, v->close - 1, "for");
	int alias = agg_end + (token_is(t, agg_end + 1, "as") ? 2 : 1);
	struct buf values, out;
	const char *comma = "";

	v->in = word_for + 3;
	if (word_for < 0 || !token_is(t, word_for + 2, "in") || !token_is_char(t, v->in, '(') ||
	    !token_is_char(t, agg + 1, '('))
		return pass_fail(v->p, v->word, "42601", "PIVOT takes (aggregate(...) FOR column IN (value, ...))");
	if (!token_in(t, agg, allowed))
		return pass_refuse(v->p, agg, "an aggregate other than COUNT, SUM, MIN, MAX and AVG in PIVOT");
	if (find(t, agg_end, word_for, ",") >= 0 || word_for > alias + 1)
		return pass_fail(v->p, agg_end + 1, "42601", "PIVOT takes one aggregate");
	buf_init(&values, BUF_MAX_DEFAULT);
	buf_init(&out, BUF_MAX_DEFAULT);
	if (put_pivot_values(v, agg_end, alias < word_for ? alias : -1, word_for + 1, &values) < 0) {
		buf_clear(&values);
		return -1;
	}
	buf_puts(&out, "(SELECT ");
	for (int grouping = 0; grouping < 2; grouping++) {
		comma = "";
		for (size_t i = 0; i < v->columns.count; i++) {
			const char *name = v->columns.items[i].name;

			if (mentions(v, agg + 2, agg_end - 1, name) || mentions(v, word_for + 1, word_for + 1, name))
				continue;
			buf_puts(&out, grouping && !*comma ? " GROUP BY " : comma);
			comma = ", ";
			pass_put_name(&out, name);
		}
		if (!grouping)
			buf_printf(&out, "%s%s FROM %s", comma, values.data,
				   pass_quote(v->p, v->source, v->word - 1).text);
	}
	buf_putc(&out, ')');
	put_alias(v, &out);
	v->p->e.failed = v->p->e.failed || values.failed;
	buf_clear(&values);
	pass_replace(v->p, v->source, v->end, &out);
	return 0;
}

static void put_unpivot_values(struct pivot *v, struct buf *out)
{
	const struct tokens *t = &v->p->t;
	int last_in = t->items[v->in].pair - 1;

	buf_puts(out, " CROSS JOIN LATERAL (VALUES ");
	for (int i = v->in + 1; i <= last_in;) {
		int last = block_item_end(t, i, last_in), end = value_end(t, i, last);
		struct buf name;

		buf_init(&name, BUF_MAX_DEFAULT);
		value_name(t, last, &name);
		buf_printf(out, "%s(CAST('%s' AS varchar), %s)", i > v->in + 1 ? ", " : "", name.data,
			   pass_quote(v->p, i, end).text);
		v->p->e.failed = v->p->e.failed || name.failed;
		buf_clear(&name);
		i = last + 2;
	}
	buf_putc(out, ')');
}

static bool is_listed(const struct pivot *v, const char *column)
{
	const struct tokens *t = &v->p->t;
	int last_in = t->items[v->in].pair - 1;

	for (int i = v->in + 1; i <= last_in;) {
		int last = block_item_end(t, i, last_in);

		if (mentions(v, i, value_end(t, i, last), column))
			return true;
		i = last + 2;
	}
	return false;
}

/* value_name FOR name_name IN (column [[AS] alias], ...) */
static int unpivot(struct pivot *v)
{
	const struct tokens *t = &v->p->t;
	int value = v->open + 1;
	struct buf out;

	v->in = value + 4;
	if (!token_is(t, value + 1, "for") || !token_is(t, value + 3, "in") || !token_is_char(t, v->in, '(') ||
	    !token_is_name(t, value) || !token_is_name(t, value + 2))
		return pass_fail(v->p, v->word, "42601", "UNPIVOT takes (value FOR name IN (column, ...))");
	buf_init(&out, BUF_MAX_DEFAULT);
	buf_puts(&out, "(SELECT ");
	for (size_t i = 0; i < v->columns.count; i++) {
		if (is_listed(v, v->columns.items[i].name))
			continue;
		pass_put_name(&out, v->columns.items[i].name);
		buf_puts(&out, ", ");
	}
	buf_printf(&out, "sparkctl_u.%s, sparkctl_u.%s FROM %s", pass_quote(v->p, value + 2, value + 2).text,
		   pass_quote(v->p, value, value).text, pass_quote(v->p, v->source, v->word - 1).text);
	put_unpivot_values(v, &out);
	buf_printf(&out, " AS sparkctl_u (%s, %s)", pass_quote(v->p, value + 2, value + 2).text,
		   pass_quote(v->p, value, value).text);
	if (!v->keep_nulls)
		buf_printf(&out, " WHERE sparkctl_u.%s IS NOT NULL", pass_quote(v->p, value, value).text);
	buf_putc(&out, ')');
	put_alias(v, &out);
	pass_replace(v->p, v->source, v->end, &out);
	return 0;
}

/* The first of a FROM clause whose relation has none in it; the next round sees to the next one. */
static int one_select(struct pass *p, const struct site *s)
{
	const struct clause_range *from = &s->b.c[CLAUSE_FROM];
	struct pivot v = { .p = p, .s = s };
	int rc = 0;

	for (int i = from->first; from->word >= 0 && i <= from->last && !v.word; i = block_skip(&p->t, i)) {
		if (is_pivot(&p->t, i))
			v.word = i;
	}
	if (!v.word)
		return 0;
	for (int i = source_begin(&p->t, from->first, v.word); i < v.word; i++) {
		if (is_pivot(&p->t, i))
			return 0;
	}
	rc = read_frame(&v);
	if (rc == 0)
		rc = token_is(&p->t, v.word, "pivot") ? pivot(&v) : unpivot(&v);
	columns_clear(&v.columns);
	json_free(v.tree);
	return rc;
}

int pivot_apply(struct pass *p)
{
	return pass_each_select(p, one_select);
}
