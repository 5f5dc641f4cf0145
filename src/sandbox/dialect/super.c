#include <stdio.h>
#include <string.h>

#include "sandbox/dialect/columns.h"
#include "sandbox/dialect/taken.h"

/* SUPER values, jsonb on the server: c.a.b[0] becomes a call that takes the path, and FROM t, t.c AS x AT i a function
 * that gives the elements. Types are found at run time on Redshift: what stands beside a value tells what it is taken
 * for. */

static const char *const functions[] = { "sparkctl_super_at", "sparkctl_super_string", "sparkctl_super_number",
					 "sparkctl_super_boolean" };

struct scope {
	const struct json *from;
	const struct with_scope *with;
	const struct scope *up;
};

/* A value and the path into it. */
struct navigation {
	int first, last;         /* tokens */
	int base_last;           /* the last token of the column's name */
	const char *label;       /* the last attribute's name */
	const struct json *rest; /* fields of the reference from `from` on are attributes */
	size_t from;
	const struct json *indirection;
};

bool super_wanted(const struct tokens *t)
{
	for (int i = 1; i + 1 < t->count; i++) {
		if (token_is_char(t, i, '[') || (token_is_char(t, i, '.') && token_is_name(t, i - 1) &&
						 token_is_name(t, i + 1) && !token_is_char(t, i + 2, '(')))
			return true;
	}
	return false;
}

static const char *field(const struct json *fields, size_t n)
{
	return json_str(json_get(json_at(fields, n), "String"), "sval", NULL);
}

static bool is_super_rows(const struct json *item)
{
	const struct json *functions_of = json_get(json_get(item, "RangeFunction"), "functions");
	const struct json *call = json_first(json_get(json_get(json_first(functions_of), "List"), "items"));
	const char *name = field(json_get(json_get(call, "FuncCall"), "funcname"), 0);

	return name && strncmp(name, "sparkctl_super", 14) == 0;
}

static bool has_column(struct pass *p, const struct json *item, const struct with_scope *with, const char *name)
{
	struct columns c = { 0 };
	bool found = columns_of_item(p, item, with, &c) && columns_find(&c, NULL, name);

	columns_clear(&c);
	return found;
}

static bool is_super_column(struct pass *p, const struct json *item, const struct with_scope *with, const char *name)
{
	struct columns c = { 0 };
	const struct column *found = columns_of_item(p, item, with, &c) ? columns_find(&c, NULL, name) : NULL;
	bool is_super = found && found->is_super;

	columns_clear(&c);
	return is_super;
}

/* Does an item, or one within a join, have a SUPER column of that name? */
static bool any_super_column(struct pass *p, const struct scope *s, const struct json *item, const char *name,
			     int depth)
{
	const struct json *join = json_get(item, "JoinExpr");

	if (depth > 32)
		return false;
	if (join)
		return any_super_column(p, s, json_get(join, "larg"), name, depth + 1) ||
		       any_super_column(p, s, json_get(join, "rarg"), name, depth + 1);
	return is_super_column(p, item, s->with, name);
}

static const struct json *find_item(const struct scope *s, const char *name, const struct scope **found)
{
	for (; s; s = s->up) {
		const struct json *item = columns_item_of(s->from, name);

		if (item) {
			*found = s;
			return item;
		}
	}
	return NULL;
}

/* ---- paths ---- */

/* The tokens of name(.name)*([..] | .name)*; from a column's first token. */
static int path_end(const struct tokens *t, int i)
{
	for (;;) {
		if (token_is_char(t, i + 1, '.') && token_is_name(t, i + 2)) {
			i += 2;
		} else if (token_is_char(t, i + 1, '[')) {
			while (i + 1 < t->count && !token_is_char(t, i + 1, ']'))
				i++;
			i++;
		} else {
			return i;
		}
	}
}

/* Is the reference (and what is behind it) a way into a SUPER value? */
static bool find_navigation(struct pass *p, const struct scope *s, const struct json *ref,
			    const struct json *indirection, struct navigation *n)
{
	const struct json *fields = json_get(ref, "fields"), *item;
	const char *first = field(fields, 0), *second = field(fields, 1);
	size_t count = json_count(fields);
	const struct scope *found = s;

	memset(n, 0, sizeof *n);
	n->first = n->base_last = pass_token_at(p, (long)json_int(ref, "location", -1));
	if (!first || n->first < 0 || !column_ref_name(ref))
		return false;
	n->rest = fields;
	n->indirection = indirection;
	item = find_item(s, first, &found);
	n->from = 1;
	/* A whole column is what it is; asking the catalogue for it would cost every query. */
	if (!indirection && !(item && is_super_rows(item)) && count < (item ? 3u : 2u))
		return false;
	if (item && is_super_rows(item)) {
		if (second && strcmp(second, first) == 0) {
			n->from = 2;
			n->base_last += 2;
		} else if (second && has_column(p, item, found->with, second)) {
			return false; /* the index */
		}
	} else if (item && count > 1 && second && is_super_column(p, item, found->with, second)) {
		n->from = 2;
		n->base_last += 2;
	} else if (!item) {
		bool is_super = false;

		for (; s && !is_super; s = s->up) {
			for (const struct json *i = json_first(s->from); i && !is_super; i = json_next(i))
				is_super = any_super_column(p, s, i, first, 0);
		}
		if (!is_super)
			return false;
	} else {
		return false;
	}
	n->last = indirection ? path_end(&p->t, n->first) : n->first + 2 * ((int)count - 1);
	n->label = column_ref_name(ref);
	for (const struct json *i = json_first(indirection); i; i = json_next(i))
		n->label = json_str(json_get(i, "String"), "sval", n->label);
	return n->last < p->t.count;
}

static void put_literal(struct buf *out, const char *text)
{
	buf_puts(out, strchr(text, '\\') ? ", E'" : ", '");
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			buf_putc(out, *text);
		buf_putc(out, *text);
	}
	buf_putc(out, '\'');
}

static int put_path(struct pass *p, const struct navigation *n, struct buf *out)
{
	char number[32];

	for (size_t i = n->from; i < json_count(n->rest); i++)
		put_literal(out, field(n->rest, i) ? field(n->rest, i) : "");
	for (const struct json *i = json_first(n->indirection); i; i = json_next(i)) {
		const struct json *indices = json_get(i, "A_Indices");
		const struct json *constant = json_get(json_get(indices, "uidx"), "A_Const");
		const char *name = json_str(json_get(i, "String"), "sval", NULL);

		if (name) {
			put_literal(out, name);
			continue;
		}
		if (json_bool(indices, "is_slice", false) || !json_get(constant, "ival"))
			return pass_refuse(p, n->first, "a subscript of a SUPER value that is no number");
		snprintf(number, sizeof number, "%lld", (long long)json_int(json_get(constant, "ival"), "ival", 0));
		put_literal(out, number);
	}
	return 0;
}

static int put_navigation(struct pass *p, const struct navigation *n, enum taken how, bool name_it)
{
	struct buf out;

	buf_init(&out, BUF_MAX_DEFAULT);
	buf_printf(&out, "%s(%s", functions[how], pass_quote(p, n->first, n->base_last).text);
	if (put_path(p, n, &out) < 0) {
		buf_clear(&out);
		return -1;
	}
	buf_putc(&out, ')');
	if (name_it) {
		buf_puts(&out, " AS ");
		pass_put_name(&out, n->label);
	}
	pass_replace(p, n->first, n->last, &out);
	return 0;
}

/* ---- expressions ---- */

static int walk(struct pass *p, const struct json *node, const struct scope *s, const struct with_scope *with,
		enum taken how);

static bool get_navigation(struct pass *p, const struct scope *s, const struct json *node, struct navigation *n)
{
	const struct json *indirection = json_get(node, "A_Indirection");
	const struct json *ref = json_get(indirection ? json_get(indirection, "arg") : node, "ColumnRef");

	return ref && find_navigation(p, s, ref, json_get(indirection, "indirection"), n);
}

static int walk_operator(struct pass *p, const struct json *e, const struct scope *s, const struct with_scope *with)
{
	static const char *const arithmetic = "+-*/%^";
	const char *op = json_str(json_get(json_first(json_get(e, "name")), "String"), "sval", "");
	const struct json *left = json_get(e, "lexpr"), *right = json_get(e, "rexpr");
	enum taken how = AS_VALUE;

	if (strstr(json_str(e, "kind", ""), "LIKE") || strcmp(op, "||") == 0 || *op == '~')
		how = AS_STRING;
	else if (*op && !op[1] && strchr(arithmetic, *op))
		how = AS_NUMBER;
	if ((left && walk(p, left, s, with, taken_beside(right, how)) < 0) ||
	    (right && walk(p, right, s, with, taken_beside(left, how)) < 0))
		return -1;
	return 0;
}

static int walk_call(struct pass *p, const struct json *call, const struct scope *s, const struct with_scope *with)
{
	const struct json *name = json_get(call, "funcname");
	const char *last = field(name, json_count(name) ? json_count(name) - 1 : 0);
	enum taken how = taken_by(last);

	if (last && strncmp(last, "sparkctl_super", 14) == 0)
		return 0;
	for (const struct json *m = json_first(call); m; m = json_next(m)) {
		if ((json_is_object(m) || json_is_array(m)) && walk(p, m, s, with, how) < 0)
			return -1;
	}
	return 0;
}

/* COALESCE and its like: the first constant says what all are taken for. */
static int walk_alike(struct pass *p, const struct json *values, const struct scope *s, const struct with_scope *with)
{
	enum taken how = AS_VALUE;

	for (const struct json *v = json_first(values); v && how == AS_VALUE; v = json_next(v))
		how = taken_beside(v, AS_VALUE);
	for (const struct json *v = json_first(values); v; v = json_next(v)) {
		if (walk(p, v, s, with, how) < 0)
			return -1;
	}
	return 0;
}

/* CASE [e] WHEN .. THEN .. ELSE .. END */
static int walk_case(struct pass *p, const struct json *e, const struct scope *s, const struct with_scope *with)
{
	const struct json *args = json_get(e, "args"), *arg = json_get(e, "arg"), *other = json_get(e, "defresult");
	const struct json *first = json_get(json_get(json_first(args), "CaseWhen"), "expr");
	enum taken results = taken_beside(other, AS_VALUE);

	if (arg && walk(p, arg, s, with, taken_beside(first, AS_VALUE)) < 0)
		return -1;
	for (const struct json *w = json_first(args); w && results == AS_VALUE; w = json_next(w))
		results = taken_beside(json_get(json_get(w, "CaseWhen"), "result"), AS_VALUE);
	for (const struct json *w = json_first(args); w; w = json_next(w)) {
		const struct json *when = json_get(w, "CaseWhen");

		if (walk(p, json_get(when, "expr"), s, with, taken_beside(arg, AS_VALUE)) < 0 ||
		    walk(p, json_get(when, "result"), s, with, results) < 0)
			return -1;
	}
	return other ? walk(p, other, s, with, results) : 0;
}

static int walk_select(struct pass *p, const struct json *select, const struct scope *s, const struct with_scope *with)
{
	struct with_scope own = { json_get(select, "withClause"), with };
	struct scope inner = { json_get(select, "fromClause"), own.clause ? &own : with, s };

	for (const struct json *m = json_first(select); m; m = json_next(m)) {
		const char *name = json_name(m);
		bool arm = name && (strcmp(name, "larg") == 0 || strcmp(name, "rarg") == 0);

		if (arm ? walk_select(p, m, s, inner.with) < 0
			: (json_is_object(m) || json_is_array(m)) && walk(p, m, &inner, inner.with, AS_VALUE) < 0)
			return -1;
	}
	return 0;
}

/* UPDATE and DELETE: the table, which the tree does not wrap as it does others, and FROM or USING. */
static int walk_change(struct pass *p, const struct json *change, const struct with_scope *with)
{
	struct with_scope own = { json_get(change, "withClause"), with };
	const struct json *more = json_get(change, "fromClause");
	struct json *from = json_new_array(), *table = json_new_object();
	struct scope s = { from, own.clause ? &own : with, NULL };
	int rc = 0;

	if (!more)
		more = json_get(change, "usingClause");
	if (!from || !table || json_set(table, "RangeVar", json_copy(json_get(change, "relation"))) < 0)
		rc = err_nomem(p->err);
	if (rc == 0) {
		rc = json_append(from, table) < 0 ? err_nomem(p->err) : 0;
		table = NULL;
	}
	for (const struct json *item = json_first(more); item && rc == 0; item = json_next(item))
		rc = json_append(from, json_copy(item)) < 0 ? err_nomem(p->err) : 0;
	for (const struct json *m = json_first(change); m && rc == 0; m = json_next(m)) {
		if (json_is_array(m) || (json_is_object(m) && strcmp(json_name(m), "relation") != 0))
			rc = walk(p, m, &s, s.with, AS_VALUE);
	}
	json_free(table);
	json_free(from);
	return rc;
}

/* The name of a path's result is its last attribute, through casts as well: (path)::type, CAST(path AS type). */
static void name_cast(struct pass *p, const struct navigation *n)
{
	const struct tokens *t = &p->t;
	int first = n->first, last = n->last;
	struct buf out;

	for (;;) {
		if (token_len(t, last + 1) == 2 && memcmp(t->text + t->items[last + 1].from, "::", 2) == 0) {
			last += 2;
			while (token_is_name(t, last + 1) && block_ends_operand(t, last) &&
			       (token_is(t, last + 1, "varying") || token_is(t, last + 1, "precision")))
				last++;
			if (token_is_char(t, last + 1, '(') && t->items[last + 1].pair > 0)
				last = t->items[last + 1].pair;
		} else if (token_is_char(t, first - 1, '(') && t->items[first - 1].pair > last) {
			last = t->items[first - 1].pair;
			first -= token_is(t, first - 2, "cast") ? 2 : 1;
		} else {
			break;
		}
	}
	buf_init(&out, BUF_MAX_DEFAULT);
	buf_puts(&out, " AS ");
	pass_put_name(&out, n->label);
	pass_insert_after(p, last, &out);
}

static int walk_target(struct pass *p, const struct json *target, const struct scope *s, const struct with_scope *with)
{
	struct navigation n;
	const struct json *value = json_get(target, "val"), *inner = value;

	while (json_get(inner, "TypeCast"))
		inner = json_get(json_get(inner, "TypeCast"), "arg");
	if (!json_get(target, "name") && get_navigation(p, s, inner, &n) &&
	    (n.from < json_count(n.rest) || n.indirection)) {
		if (inner == value)
			return put_navigation(p, &n, AS_VALUE, true);
		name_cast(p, &n);
	}
	return walk(p, value, s, with, AS_VALUE);
}

static int walk_node(struct pass *p, const struct json *node, const struct scope *s, const struct with_scope *with,
		     enum taken how)
{
	const struct json *inner;
	struct navigation n;

	if ((inner = json_get(node, "SelectStmt")))
		return walk_select(p, inner, s, with);
	if ((inner = json_get(node, "UpdateStmt")) || (inner = json_get(node, "DeleteStmt")))
		return walk_change(p, inner, with);
	if ((inner = json_get(node, "ResTarget")) && s)
		return walk_target(p, inner, s, with);
	if ((inner = json_get(node, "A_Expr")))
		return walk_operator(p, inner, s, with);
	if ((inner = json_get(node, "FuncCall")))
		return walk_call(p, inner, s, with);
	if ((inner = json_get(node, "CoalesceExpr")) || (inner = json_get(node, "MinMaxExpr")))
		return walk_alike(p, json_get(inner, "args"), s, with);
	if ((inner = json_get(node, "CaseExpr")))
		return walk_case(p, inner, s, with);
	if ((json_get(node, "ColumnRef") || json_get(node, "A_Indirection")) && s) {
		if (!get_navigation(p, s, node, &n) ||
		    (how == AS_VALUE && n.from >= json_count(n.rest) && !n.indirection))
			return 0;
		return put_navigation(p, &n, how, false);
	}
	return 1;
}

static int walk(struct pass *p, const struct json *node, const struct scope *s, const struct with_scope *with,
		enum taken how)
{
	int rc = json_is_object(node) ? walk_node(p, node, s, with, how) : 1;

	if (rc <= 0)
		return rc;
	for (const struct json *m = json_first(node); m; m = json_next(m)) {
		if ((json_is_object(m) || json_is_array(m)) &&
		    walk(p, m, s, with, json_is_array(node) ? how : AS_VALUE) < 0)
			return -1;
	}
	return 0;
}

/* ---- FROM t, t.c AS x AT i ---- */

struct unnest {
	struct pass *p;
	const struct site *s;
	const struct json *seen[64];
	size_t count;
};

static void put_rows(struct unnest *u, const struct json *var, const char *base, const char *column, const char *path)
{
	const struct tokens *t = &u->p->t;
	int first = pass_token_at(u->p, (long)json_int(var, "location", -1)), last;
	const char *alias = json_str(json_get(var, "alias"), "aliasname", json_str(var, "relname", ""));
	bool object = token_is(t, first - 1, "unpivot");
	char at[192] = "";
	struct buf out;

	if (first < 0)
		return;
	last = path_end(t, first);
	if (json_get(var, "alias"))
		last += token_is(t, last + 1, "as") ? 2 : 1;
	if (token_is(t, last + 1, "at") && token_is_name(t, last + 2)) {
		token_name(t, last + 2, at, sizeof at);
		last += 2;
	}
	buf_init(&out, BUF_MAX_DEFAULT);
	buf_printf(&out, "LATERAL sparkctl_super_%s%s(", object ? "members" : "elements", *at ? "_at" : "");
	pass_put_name(&out, base);
	buf_putc(&out, '.');
	pass_put_name(&out, column);
	if (path)
		put_literal(&out, path);
	buf_puts(&out, ") AS ");
	pass_put_name(&out, alias);
	buf_puts(&out, " (");
	pass_put_name(&out, alias);
	if (*at) {
		buf_puts(&out, ", ");
		pass_put_name(&out, at);
	}
	buf_putc(&out, ')');
	pass_replace(u->p, object ? first - 1 : first, last, &out);
}

/* Of an item of this FROM, or of a SELECT around it. */
static void rows_of_item(struct unnest *u, const struct json *var, const struct json *item, const struct site *site)
{
	const char *catalog = json_str(var, "catalogname", NULL), *schema = json_str(var, "schemaname", NULL);
	const char *relation = json_str(var, "relname", ""), *base = catalog ? catalog : schema;

	if (is_super_rows(item)) {
		if (!catalog)
			put_rows(u, var, base ? base : relation, base ? base : relation, base ? relation : NULL);
	} else if (base && is_super_column(u->p, item, site->with, catalog ? schema : relation)) {
		put_rows(u, var, base, catalog ? schema : relation, catalog ? relation : NULL);
	}
}

/* schema.relation where `schema` is a relation before it in FROM, or of a SELECT around this one; or an alias of
 * elements alone, which may be arrays and objects themselves. */
static void one_relation(struct unnest *u, const struct json *var)
{
	const char *base = json_str(var, "catalogname", json_str(var, "schemaname", NULL));
	const char *wanted = base ? base : json_str(var, "relname", "");

	for (size_t i = 0; i < u->count; i++) {
		const char *name = columns_item_name(u->seen[i]);

		if (name && strcmp(name, wanted) == 0) {
			rows_of_item(u, var, u->seen[i], u->s);
			return;
		}
	}
	for (const struct site *outer = u->s->outer; outer; outer = outer->outer) {
		const struct json *item = columns_item_of(json_get(outer->node, "fromClause"), wanted);

		if (item) {
			rows_of_item(u, var, item, outer);
			return;
		}
	}
}

static void unnest_item(struct unnest *u, const struct json *item, int depth)
{
	const struct json *join = json_get(item, "JoinExpr"), *var = json_get(item, "RangeVar");

	if (join && depth < 32) {
		unnest_item(u, json_get(join, "larg"), depth + 1);
		unnest_item(u, json_get(join, "rarg"), depth + 1);
		return;
	}
	if (var)
		one_relation(u, var);
	if (u->count < sizeof u->seen / sizeof *u->seen)
		u->seen[u->count++] = item;
}

static int unnest_select(struct pass *p, const struct site *s)
{
	struct unnest u = { .p = p, .s = s };

	for (const struct json *item = json_first(json_get(s->node, "fromClause")); item; item = json_next(item))
		unnest_item(&u, item, 0);
	return 0;
}

/* First what FROM unnests; paths into that in the next round. */
int super_apply(struct pass *p)
{
	const struct json *tree;

	if (!p->catalog || !p->catalog->columns || !(tree = pass_tree(p)))
		return 0;
	if (pass_each_select(p, unnest_select) < 0 || p->e.count > 0)
		return p->e.failed ? 0 : (p->e.count > 0 ? 0 : -1);
	return walk(p, tree, NULL, NULL, AS_VALUE);
}
