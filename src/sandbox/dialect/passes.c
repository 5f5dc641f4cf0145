#include "sandbox/dialect/passes.h"

#include <pg_query.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sandbox/dialect/columns.h"
#include "spark/base/mem.h"

/* libpg_query writes its tree by recursion: a longer chain of operators could end the stack. */
#define TOKENS_MAX 10000
#define BODY_MAX   ((size_t)16 * 1024 * 1024)

/* In this order. A rule with several rounds works from the inside out. To add one: its file with two functions, a line
 * in passes.h and a row here; what libpg_query cannot read is masked in mask.c. */
static const struct {
	const char *name;
	bool (*wanted)(const struct tokens *t);
	int (*apply)(struct pass *p);
	int rounds;
	const char *source; /* page of the Redshift developer guide */
} rules[] = {
	{ "correlated sub-selects", correlated_wanted, correlated_apply, 1, "r_correlated_subqueries" },
	{ "IGNORE NULLS", ignore_nulls_wanted, ignore_nulls_apply, 16, "r_WF_first_value" },
	{ "outer join marker", outer_join_wanted, outer_join_apply, 16, "r_WHERE_oracle_outer" },
	{ "PIVOT", pivot_wanted, pivot_apply, 32, "r_FROM_clause-pivot-unpivot-examples" },
	{ "CONNECT BY", connect_by_wanted, connect_by_apply, 16, "r_CONNECT_BY_clause" },
	{ "MERGE", merge_wanted, merge_apply, 1, "r_MERGE" },
	{ "SUPER", super_wanted, super_apply, 16, "query-super" },
	{ "text in SUPER", super_text_wanted, super_text_apply, 1, "parse_json" },
	{ "EXCLUDE", exclude_wanted, exclude_apply, 16, "r_EXCLUDE_list" },
	{ "QUALIFY", qualify_wanted, qualify_apply, 32, "r_QUALIFY_clause" },
	{ "lateral alias", lateral_wanted, lateral_apply, 1, "r_SELECT_list" },
	{ "GROUP BY ALL", group_by_all_wanted, group_by_all_apply, 1, "r_GROUP_BY_clause" },
	{ "DISTINCT with ORDER BY", distinct_order_wanted, distinct_order_apply, 16, "r_ORDER_BY_clause" },
	{ "UPDATE FROM", update_from_wanted, update_from_apply, 1, "r_UPDATE" },
};

void edit_maps_clear(struct edit_maps *m)
{
	for (size_t i = 0; i < m->count; i++)
		edit_map_clear(&m->items[i]);
	mem_free(m->items);
	memset(m, 0, sizeof *m);
}

struct edit_map *edit_maps_add(struct edit_maps *m)
{
	if (mem_grow(&m->items, &m->cap, m->count, sizeof *m->items) < 0)
		return NULL;
	memset(&m->items[m->count], 0, sizeof *m->items);
	return &m->items[m->count++];
}

bool edit_maps_back(const struct edit_maps *m, size_t out, size_t *in)
{
	for (size_t i = m->count; i-- > 0;) {
		if (!edit_map_back(&m->items[i], out, &out))
			return false;
	}
	*in = out;
	return true;
}

int pass_fail(struct pass *p, int i, const char *sqlstate, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	err_set(p->err, ERR_DATABASE, "%s", text);
	if (p->err)
		snprintf(p->err->sqlstate, sizeof p->err->sqlstate, "%s", sqlstate);
	p->refused_at = i >= 0 && i < p->t.count ? p->t.items[i].from : 0;
	return -1;
}

int pass_refuse(struct pass *p, int i, const char *what)
{
	return pass_fail(p, i, "0A000", "%s is not supported by this sandbox", what);
}

int pass_token_at(const struct pass *p, long at)
{
	int low = 0, high = p->t.count - 1;

	while (low <= high) {
		int mid = low + (high - low) / 2;

		if ((long)p->t.items[mid].from == at)
			return mid;
		if ((long)p->t.items[mid].from < at)
			low = mid + 1;
		else
			high = mid - 1;
	}
	return -1;
}

struct edit_quote pass_quote(const struct pass *p, int first, int last)
{
	return edit_quote(p->t.items[first].from, p->t.items[last].to);
}

void pass_blank(struct pass *p, int first, int last)
{
	if (first <= last)
		edit_blank(&p->e, p->text, p->t.items[first].from, p->t.items[last].to);
}

void pass_put_name(struct buf *out, const char *name)
{
	buf_putc(out, '"');
	for (; *name; name++) {
		if (*name == '"')
			buf_putc(out, '"');
		buf_putc(out, *name);
	}
	buf_putc(out, '"');
}

void pass_replace(struct pass *p, int first, int last, struct buf *b)
{
	p->e.failed = p->e.failed || b->failed;
	edit_replace(&p->e, p->t.items[first].from, p->t.items[last].to, "%s", b->data);
	buf_clear(b);
}

void pass_insert_before(struct pass *p, int token, struct buf *b)
{
	p->e.failed = p->e.failed || b->failed;
	edit_insert_before(&p->e, p->t.items[token].from, "%s", b->data);
	buf_clear(b);
}

void pass_insert_after(struct pass *p, int token, struct buf *b)
{
	p->e.failed = p->e.failed || b->failed;
	edit_insert_after(&p->e, p->t.items[token].to, "%s", b->data);
	buf_clear(b);
}

const struct json *pass_tree(struct pass *p)
{
	PgQueryParseResult r;
	struct err err = { 0 };
	char *masked;

	if (p->tree_tried || p->t.count > TOKENS_MAX)
		return p->tree;
	p->tree_tried = true;
	masked = mask_text(&p->t, p->text, p->len);
	if (!masked) {
		p->e.failed = true;
		return NULL;
	}
	r = pg_query_parse(masked);
	if (!r.error)
		p->tree = json_parse_deep(r.parse_tree, strlen(r.parse_tree), &err);
	p->e.failed = p->e.failed || err.kind == ERR_NOMEM;
	pg_query_free_parse_result(r);
	mem_free(masked);
	return p->tree;
}

static void unload(struct pass *p)
{
	json_free(p->tree);
	p->tree = NULL;
	p->tree_tried = false;
	edits_clear(&p->e);
	tokens_clear(&p->t);
}

/* *ok: the scanner takes it. */
static int load(struct pass *p, const struct buf *sql, bool *ok)
{
	unload(p);
	p->text = sql->data;
	p->len = sql->len;
	if (tokens_read(p->text, p->len, &p->t, ok, p->err) < 0)
		return -1;
	p->t.keep_case = true; /* quoted names are as they shall be */
	return 0;
}

/* The edits of a rule become the text. */
static int settle(struct pass *p, struct buf *sql, struct edit_maps *maps)
{
	struct edit_map *map = NULL;
	struct buf out;
	int rc;

	if (maps && !(map = edit_maps_add(maps)))
		return err_nomem(p->err);
	buf_init(&out, sql->max);
	rc = edits_apply(&p->e, p->text, 0, p->len, &out, map, p->err);
	if (rc == 0) {
		struct buf old = *sql;

		*sql = out;
		out = old;
	}
	unload(p);
	buf_clear(&out);
	return rc;
}

static int run_rule(struct pass *p, size_t k, struct buf *sql, struct edit_maps *maps)
{
	bool ok = true;

	for (int round = 0; round < rules[k].rounds; round++) {
		if (!rules[k].wanted(&p->t))
			return 0;
		if (rules[k].apply(p) < 0) /* without memory a rule may not know what it refuses */
			return p->e.failed ? err_nomem(p->err) : -1;
		if (edits_check(&p->e, p->err) < 0)
			return -1;
		if (p->e.count == 0)
			return 0;
		if (settle(p, sql, maps) < 0 || load(p, sql, &ok) < 0)
			return -1;
		if (!ok)
			return 0;
	}
	if (rules[k].rounds > 1 && rules[k].wanted(&p->t)) {
		char what[96];

		snprintf(what, sizeof what, "so deep a nesting of %s", rules[k].name);
		return pass_refuse(p, 0, what);
	}
	return 0;
}

int passes_run(struct buf *sql, const struct dialect_catalog *catalog, struct edit_maps *maps, size_t *refused_at,
	       struct err *err)
{
	struct pass p = { .catalog = catalog, .err = err };
	bool ok = false;
	int rc = load(&p, sql, &ok);

	for (size_t k = 0; rc == 0 && ok && k < sizeof rules / sizeof *rules; k++)
		rc = run_rule(&p, k, sql, maps);
	if (rc < 0 && refused_at && !(maps && edit_maps_back(maps, p.refused_at, refused_at)))
		*refused_at = 0;
	unload(&p);
	known_free(p.known);
	return rc;
}

/* ---- procedures ---- */

static const char *const query_begins[] = { "select", "with", "insert", "update", "delete", "merge", "create", NULL };
static const char *const before_query[] = { "begin", "then", "else", "loop", "in", "query", "for", NULL };

/* The last token of the SQL statement that begins at i within a procedure; -1: none does. */
static int fragment_end(const struct tokens *t, int i)
{
	int last = i;

	if (token_is_char(t, i - 1, '(') && t->items[i - 1].pair > i &&
	    (token_is(t, i, "select") || token_is(t, i, "with")))
		return t->items[i - 1].pair - 1;
	if (!token_in(t, i, query_begins) ||
	    (i > 0 && !token_is_char(t, i - 1, ';') && !token_in(t, i - 1, before_query)))
		return -1;
	for (int k = i; k < t->count && !token_is_char(t, k, ';') && !token_is(t, k, "loop"); k = block_skip(t, k))
		last = block_skip(t, k) - 1;
	return last;
}

static int run_fragment(const struct tokens *t, int first, int last, const struct dialect_catalog *catalog,
			struct edits *e, struct err *err)
{
	size_t from = t->items[first].from, len = t->items[last].to - from;
	struct buf sql;
	int rc;

	buf_init(&sql, BODY_MAX);
	buf_add(&sql, t->text + from, len);
	rc = buf_check(&sql, "the statement", err);
	if (rc == 0)
		rc = passes_run(&sql, catalog, NULL, NULL, err);
	if (rc == 0 && (sql.len != len || memcmp(sql.data, t->text + from, len) != 0))
		edit_replace(e, from, from + len, "%s", sql.data);
	buf_clear(&sql);
	return rc;
}

int passes_run_body(struct buf *body, const struct dialect_catalog *catalog, struct err *err)
{
	struct tokens t;
	struct edits e = { 0 };
	struct buf out;
	bool ok;
	int rc = 0;

	if (tokens_read(body->data, body->len, &t, &ok, err) < 0)
		return -1;
	buf_init(&out, body->max);
	for (int i = 0; ok && rc == 0 && i < t.count; i++) {
		int last = fragment_end(&t, i);

		if (last < i)
			continue;
		rc = run_fragment(&t, i, last, catalog, &e, err);
		i = last;
	}
	if (rc == 0)
		rc = edits_check(&e, err);
	if (rc == 0 && e.count > 0 && (rc = edits_apply(&e, body->data, 0, body->len, &out, NULL, err)) == 0) {
		struct buf old = *body;

		*body = out;
		out = old;
	}
	buf_clear(&out);
	edits_clear(&e);
	tokens_clear(&t);
	return rc;
}
