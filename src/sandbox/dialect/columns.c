#include "sandbox/dialect/columns.h"

#include <string.h>

#include "spark/base/mem.h"

#define DEPTH_MAX 32

/* The catalogue's answer about one relation, names and types cut at DIALECT_COLUMN_END and DIALECT_COLUMN_TYPE. */
struct known {
	struct known *next;
	char *schema, *relation;
	bool found;
	struct buf text;
};

struct search {
	struct pass *p;
	int depth;
};

static bool of_query(struct search s, const struct json *select, const struct with_scope *with, struct columns *out);
static bool of_from(struct search s, const struct json *from, const struct with_scope *with, struct columns *out);

void columns_clear(struct columns *c)
{
	mem_free(c->items);
	memset(c, 0, sizeof *c);
}

void known_free(struct known *k)
{
	while (k) {
		struct known *next = k->next;

		buf_clear(&k->text);
		mem_free(k->schema);
		mem_free(k->relation);
		mem_free(k);
		k = next;
	}
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool add(struct pass *p, struct columns *out, const char *name, const char *table, bool is_super)
{
	if (mem_grow(&out->items, &out->cap, out->count, sizeof *out->items) < 0) {
		p->e.failed = true;
		return false;
	}
	out->items[out->count++] = (struct column){ name, table, is_super };
	return true;
}

const struct column *columns_find(const struct columns *c, const char *table, const char *name)
{
	for (size_t i = 0; i < c->count; i++) {
		if (same(c->items[i].name, name) && (!table || same(c->items[i].table, table)))
			return &c->items[i];
	}
	return NULL;
}

/* Cuts the answer into strings, once. */
static void cut(struct buf *text)
{
	for (size_t i = 0; i < text->len; i++) {
		if (text->data[i] == DIALECT_COLUMN_TYPE || text->data[i] == DIALECT_COLUMN_END)
			text->data[i] = 0;
	}
}

static struct known *ask(struct pass *p, const char *schema, const char *relation)
{
	struct known *k;

	for (k = p->known; k; k = k->next) {
		if (same(k->schema, schema) && same(k->relation, relation))
			return k;
	}
	k = mem_alloc(sizeof *k);
	if (!k) {
		p->e.failed = true;
		return NULL;
	}
	buf_init(&k->text, BUF_MAX_DEFAULT);
	k->schema = mem_strdup(schema);
	k->relation = mem_strdup(relation);
	k->next = p->known;
	p->known = k;
	if (!k->relation || (schema && !k->schema))
		p->e.failed = true;
	else if (p->catalog && p->catalog->columns)
		k->found = p->catalog->columns(p->catalog->arg, schema, relation, &k->text) > 0 && !k->text.failed;
	p->e.failed = p->e.failed || k->text.failed;
	cut(&k->text);
	return k;
}

bool columns_of_table(struct pass *p, const char *schema, const char *name, const char *alias, struct columns *out)
{
	const struct known *k = ask(p, schema, name);

	if (!k || !k->found)
		return false;
	for (const char *c = k->text.data; c < k->text.data + k->text.len;) {
		const char *type = c + strlen(c) + 1;

		if (!add(p, out, c, alias, strcmp(type, "jsonb") == 0 || strcmp(type, "super") == 0))
			return false;
		c = type + strlen(type) + 1;
	}
	return true;
}

/* Column names given behind an alias, by place; `from`: the first of the relation's columns in out. */
static void rename_columns(struct columns *out, size_t from, const struct json *names)
{
	for (const struct json *n = json_first(names); n && from < out->count; n = json_next(n), from++)
		out->items[from].name = json_str(json_get(n, "String"), "sval", out->items[from].name);
}

static void rename_table(struct columns *out, size_t from, const char *alias)
{
	for (; from < out->count; from++)
		out->items[from].table = alias;
}

static const struct json *find_cte(const char *name, const struct with_scope *with, const struct with_scope **found)
{
	for (; with; with = with->up) {
		for (const struct json *c = json_first(json_get(with->clause, "ctes")); c; c = json_next(c)) {
			const struct json *cte = json_get(c, "CommonTableExpr");

			if (same(json_str(cte, "ctename", NULL), name)) {
				*found = with;
				return cte;
			}
		}
	}
	return NULL;
}

static bool of_range_var(struct search s, const struct json *table, const struct with_scope *with, struct columns *out)
{
	const char *name = json_str(table, "relname", ""), *schema = json_str(table, "schemaname", NULL);
	const struct json *alias = json_get(table, "alias"), *cte;
	const char *known_as = json_str(alias, "aliasname", name);
	size_t from = out->count;

	cte = schema ? NULL : find_cte(name, with, &with);
	if (cte) {
		if (!of_query(s, json_get(json_get(cte, "ctequery"), "SelectStmt"), with, out))
			return false;
		rename_columns(out, from, json_get(cte, "aliascolnames"));
		rename_table(out, from, known_as);
	} else if (!columns_of_table(s.p, schema, name, known_as, out)) {
		return false;
	}
	rename_columns(out, from, json_get(alias, "colnames"));
	return true;
}

/* With no column names the one result has the alias's name; what a function gives is not known here. */
static bool of_function(struct search s, const struct json *function, struct columns *out)
{
	const struct json *alias = json_get(function, "alias"), *names = json_get(alias, "colnames");
	const struct json *calls = json_get(function, "functions");
	const struct json *first = json_first(json_get(json_get(json_first(calls), "List"), "items"));
	const struct json *name = json_get(json_get(first, "FuncCall"), "funcname");
	bool is_super = false;

	if (!names)
		return false;
	for (const struct json *part = json_first(name); part; part = json_next(part))
		is_super =
			is_super || strncmp(json_str(json_get(part, "String"), "sval", ""), "sparkctl_super", 14) == 0;
	for (const struct json *n = json_first(names); n; n = json_next(n)) {
		if (!add(s.p, out, json_str(json_get(n, "String"), "sval", ""), json_str(alias, "aliasname", NULL),
			 is_super && n == json_first(names)))
			return false;
	}
	return true;
}

static bool is_merged(const struct json *join, const struct columns *left, const struct columns *right,
		      const char *name)
{
	if (json_bool(join, "isNatural", false))
		return columns_find(left, NULL, name) && columns_find(right, NULL, name);
	for (const struct json *n = json_first(json_get(join, "usingClause")); n; n = json_next(n)) {
		if (same(json_str(json_get(n, "String"), "sval", NULL), name))
			return true;
	}
	return false;
}

static bool of_item(struct search s, const struct json *item, const struct with_scope *with, struct columns *out);

/* Columns that USING or NATURAL merges come first, once. */
static bool of_join(struct search s, const struct json *join, const struct with_scope *with, struct columns *out)
{
	struct columns left = { 0 }, right = { 0 }, *sides[] = { &left, &right };
	bool ok = of_item(s, json_get(join, "larg"), with, &left) && of_item(s, json_get(join, "rarg"), with, &right);

	for (size_t i = 0; ok && i < left.count; i++) {
		if (is_merged(join, &left, &right, left.items[i].name))
			ok = add(s.p, out, left.items[i].name, NULL, left.items[i].is_super);
	}
	for (size_t k = 0; k < 2; k++) {
		for (size_t i = 0; ok && i < sides[k]->count; i++) {
			const struct column *c = &sides[k]->items[i];

			if (!is_merged(join, &left, &right, c->name))
				ok = add(s.p, out, c->name, c->table, c->is_super);
		}
	}
	columns_clear(&left);
	columns_clear(&right);
	return ok;
}

static bool of_item(struct search s, const struct json *item, const struct with_scope *with, struct columns *out)
{
	const struct json *node, *alias;
	size_t from = out->count;

	if (++s.depth > DEPTH_MAX)
		return false;
	if ((node = json_get(item, "RangeVar")))
		return of_range_var(s, node, with, out);
	if ((node = json_get(item, "JoinExpr")))
		return of_join(s, node, with, out);
	if ((node = json_get(item, "RangeFunction")))
		return of_function(s, node, out);
	if (!(node = json_get(item, "RangeSubselect")) ||
	    !of_query(s, json_get(json_get(node, "subquery"), "SelectStmt"), with, out))
		return false;
	alias = json_get(node, "alias");
	rename_columns(out, from, json_get(alias, "colnames"));
	rename_table(out, from, json_str(alias, "aliasname", NULL));
	return true;
}

static bool of_from(struct search s, const struct json *from, const struct with_scope *with, struct columns *out)
{
	for (const struct json *item = json_first(from); item; item = json_next(item)) {
		if (!of_item(s, item, with, out))
			return false;
	}
	return true;
}

/* Is what a result stands for a SUPER value? */
static bool gives_super(const struct json *value, const struct columns *from)
{
	static const char *const functions[] = { "json_parse", "sparkctl_super_at", NULL };
	const struct json *node, *last;

	if ((node = json_get(value, "ColumnRef"))) {
		size_t count = json_count(json_get(node, "fields"));
		const char *table = count > 1
					    ? json_str(json_get(json_at(json_get(node, "fields"), count - 2), "String"),
						       "sval", NULL)
					    : NULL;
		const struct column *c = columns_find(from, table, column_ref_name(node));

		return c && c->is_super;
	}
	if (!(node = json_get(value, "FuncCall")))
		return false;
	last = json_at(json_get(node, "funcname"), json_count(json_get(node, "funcname")) - 1);
	for (const char *const *f = functions; *f; f++) {
		if (same(json_str(json_get(last, "String"), "sval", NULL), *f))
			return true;
	}
	return false;
}

/* The columns that a star stands for; table NULL: of all relations. */
static bool add_star(struct search s, const struct columns *from, const char *table, struct columns *out)
{
	size_t before = out->count;

	for (size_t i = 0; i < from->count; i++) {
		const struct column *c = &from->items[i];

		if ((!table || same(c->table, table)) && !add(s.p, out, c->name, NULL, c->is_super))
			return false;
	}
	return out->count > before;
}

static bool of_targets(struct search s, const struct json *select, const struct columns *from, bool from_known,
		       struct columns *out)
{
	for (const struct json *t = json_first(json_get(select, "targetList")); t; t = json_next(t)) {
		const struct json *target = json_get(t, "ResTarget");
		const struct json *fields = json_get(json_get(json_get(target, "val"), "ColumnRef"), "fields");
		const char *label = pass_label(target), *table = NULL;

		if (label) {
			if (!add(s.p, out, label, NULL, gives_super(json_get(target, "val"), from)))
				return false;
			continue;
		}
		if (json_count(fields) > 1)
			table = json_str(json_get(json_at(fields, json_count(fields) - 2), "String"), "sval", NULL);
		if (!from_known || !add_star(s, from, table, out))
			return false;
	}
	return true;
}

static bool of_query(struct search s, const struct json *select, const struct with_scope *with, struct columns *out)
{
	struct with_scope own = { json_get(select, "withClause"), with };
	struct columns from = { 0 };
	bool known, ok;

	if (!select || ++s.depth > DEPTH_MAX)
		return false;
	if (own.clause)
		with = &own;
	if (json_get(select, "larg"))
		return of_query(s, json_get(select, "larg"), with, out);
	if (json_get(select, "valuesLists")) {
		static const char *const names[] = { "column1", "column2", "column3", "column4",
						     "column5", "column6", "column7", "column8" };
		size_t count =
			json_count(json_get(json_get(json_first(json_get(select, "valuesLists")), "List"), "items"));

		for (size_t i = 0; i < count; i++) {
			if (i >= sizeof names / sizeof *names || !add(s.p, out, names[i], NULL, false))
				return false;
		}
		return count > 0;
	}
	known = of_from(s, json_get(select, "fromClause"), with, &from);
	ok = of_targets(s, select, &from, known, out);
	columns_clear(&from);
	return ok;
}

bool columns_of_from(struct pass *p, const struct json *from, const struct with_scope *with, struct columns *out)
{
	return of_from((struct search){ p, 0 }, from, with, out);
}

bool columns_of_item(struct pass *p, const struct json *item, const struct with_scope *with, struct columns *out)
{
	return of_item((struct search){ p, 0 }, item, with, out);
}

bool columns_of_select(struct pass *p, const struct json *select, const struct with_scope *with, struct columns *out)
{
	return of_query((struct search){ p, 0 }, select, with, out);
}

const char *columns_item_name(const struct json *item)
{
	static const char *const kinds[] = { "RangeVar", "RangeSubselect", "RangeFunction", NULL };

	for (const char *const *k = kinds; *k; k++) {
		const struct json *node = json_get(item, *k);

		if (node)
			return json_str(json_get(node, "alias"), "aliasname", json_str(node, "relname", NULL));
	}
	return NULL;
}

static const struct json *item_of(const struct json *item, const char *name, int depth)
{
	const struct json *join = json_get(item, "JoinExpr"), *found;

	if (depth > DEPTH_MAX)
		return NULL;
	if (!join)
		return same(columns_item_name(item), name) ? item : NULL;
	found = item_of(json_get(join, "larg"), name, depth + 1);
	return found ? found : item_of(json_get(join, "rarg"), name, depth + 1);
}

const struct json *columns_item_of(const struct json *from, const char *name)
{
	const struct json *found = NULL;

	for (const struct json *item = json_first(from); item && !found; item = json_next(item))
		found = item_of(item, name, 0);
	return found;
}
