#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/dialect/attributes.h"
#include "sandbox/dialect/rules.h"

/* ALTER TABLE: what concerns distribution, order, encodings and keys changes nothing on PostgreSQL. Such a statement
 * becomes one that changes nothing, which still needs the table and the right to alter it; what it says is recorded. */
#define NOTHING "SET (autovacuum_enabled = true)"

/* One ALTER TABLE: its action stands in the tokens [at, end). */
struct alter {
	struct rules *r;
	int start, name, at, end; /* name: first token of the table's */
	struct table_attributes a;
};

static bool is(const struct alter *x, int ahead, const char *word)
{
	return x->at + ahead < x->end && token_is(x->r->t, x->at + ahead, word);
}

static int nothing(struct alter *x)
{
	edit_replace(x->r->e, x->r->t->items[x->at].from, x->r->t->items[x->end - 1].to, NOTHING);
	return 0;
}

static int not_in_block(struct alter *x, const char *what)
{
	return x->r->in_block ? rules_fail(x->r, x->start, "25001", "%s cannot run inside a transaction block", what)
			      : 0;
}

static int syntax_error(struct alter *x, int i)
{
	const struct token *t = i < x->end ? &x->r->t->items[i] : NULL;

	if (!t)
		return rules_fail(x->r, x->end - 1, "42601", "syntax error at end of input");
	return rules_fail(x->r, i, "42601", "syntax error at or near \"%.*s\"", (int)(t->to - t->from),
			  x->r->t->text + t->from);
}

/* ---- ADD, DROP, RENAME ---- */

static const char *const keys[] = { "primary", "unique", "foreign", NULL };

/* ADD [CONSTRAINT name] key */
static int add_key(struct alter *x)
{
	char name[ATTRIBUTE_NAME] = "";
	int key = x->at + 1;

	if (token_is(x->r->t, key, "constraint")) {
		token_name(x->r->t, key + 1, name, sizeof name);
		key += 2;
	}
	if (!token_in(x->r->t, key, keys))
		return x->r->strict ? rules_fail(x->r, key, "0A000", "this constraint is not supported") : 0;
	rules_key(x->r, key, x->end, name, NULL, &x->a);
	return nothing(x);
}

/* DROP CONSTRAINT name [RESTRICT | CASCADE]; the checks of bytes are not his. */
static int drop_constraint(struct alter *x)
{
	char name[ATTRIBUTE_NAME];

	token_name(x->r->t, x->at + 2, name, sizeof name);
	attributes_add_member(&x->a, "drop_key", name, NULL);
	return nothing(x);
}

static const char *const not_added[] = { "identity", "primary", "unique", "references", "distkey", "sortkey", NULL };

/* ADD [COLUMN] c type ... */
static int add_column(struct alter *x)
{
	struct rules *r = x->r;
	int column = is(x, 1, "column") ? x->at + 2 : x->at + 1;
	bool not_null = false, has_default = false;

	for (int i = column + 1; i < x->end; i++) {
		if (token_in(r->t, i, not_added))
			return rules_fail(r, i, "0A000", "ALTER TABLE ADD COLUMN does not take %.*s",
					  (int)token_len(r->t, i), r->t->text + r->t->items[i].from);
		if (r->strict && token_is_char(r->t, i, ','))
			return syntax_error(x, i);
		not_null = not_null || (token_is(r->t, i, "null") && token_is(r->t, i - 1, "not"));
		has_default = has_default || token_is(r->t, i, "default") || token_is(r->t, i, "generated");
		if (token_is_char(r->t, i, '(') && r->t->items[i].pair > i)
			i = r->t->items[i].pair;
	}
	if (not_null && !has_default)
		return rules_fail(r, column, "42601",
				  "ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression");
	return rules_column(r, column, rules_element_end(r, column, x->end) + 1, &x->a);
}

static int add(struct alter *x)
{
	return is(x, 1, "constraint") || token_in(x->r->t, x->at + 1, keys) ? add_key(x) : add_column(x);
}

static int drop(struct alter *x)
{
	char name[ATTRIBUTE_NAME];

	if (is(x, 1, "constraint"))
		return drop_constraint(x);
	token_name(x->r->t, is(x, 1, "column") ? x->at + 2 : x->at + 1, name, sizeof name);
	attributes_add_member(&x->a, "drop_column", name, NULL);
	return 0;
}

/* RENAME [COLUMN] a TO b, RENAME TO t */
static int rename_column(struct alter *x)
{
	char from[ATTRIBUTE_NAME], to[ATTRIBUTE_NAME];
	int first = is(x, 1, "column") ? x->at + 2 : x->at + 1;

	if (is(x, 1, "to") || is(x, 1, "constraint"))
		return 0;
	token_name(x->r->t, first, from, sizeof from);
	token_name(x->r->t, first + 2, to, sizeof to);
	attributes_add_member(&x->a, "rename", from, to);
	return 0;
}

/* ---- ALTER ---- */

/* DISTKEY c | DISTSTYLE ALL | EVEN | AUTO | KEY DISTKEY c */
static int alter_distribution(struct alter *x)
{
	struct table_attributes *a = &x->a;
	char name[ATTRIBUTE_NAME];
	int i = x->at + 1;

	if (token_is(x->r->t, i, "diststyle")) {
		token_name(x->r->t, i + 1, a->dist_style, sizeof a->dist_style);
		i += 2;
	}
	if (i < x->end && token_is(x->r->t, i, "distkey")) {
		token_name(x->r->t, i + 1, name, sizeof name);
		if (i + 1 >= x->end)
			return syntax_error(x, x->end);
		attributes_set_dist_key(a, name);
		snprintf(a->dist_style, sizeof a->dist_style, "key");
		i += 2;
	} else if (strcmp(a->dist_style, "all") != 0 && strcmp(a->dist_style, "even") != 0 &&
		   strcmp(a->dist_style, "auto") != 0) {
		return syntax_error(x, i);
	}
	a->said = true;
	return i < x->end ? syntax_error(x, i) : nothing(x);
}

/* [COMPOUND] SORTKEY (a, b) | AUTO | NONE */
static int alter_order(struct alter *x)
{
	struct rules *r = x->r;
	struct table_attributes *a = &x->a;
	int i = x->at + (is(x, 1, "compound") ? 2 : 1);
	char name[ATTRIBUTE_NAME];

	if (!token_is(r->t, i, "sortkey"))
		return syntax_error(x, i);
	i++;
	if (i < x->end && token_is_char(r->t, i, '(') && r->t->items[i].pair > i) {
		snprintf(a->sort_style, sizeof a->sort_style, "compound");
		for (int k = i + 1; k < r->t->items[i].pair; k++) {
			if (!token_is_name(r->t, k))
				continue;
			token_name(r->t, k, name, sizeof name);
			attributes_add_sort_key(a, name);
		}
	} else if (i < x->end && (token_is(r->t, i, "auto") || token_is(r->t, i, "none"))) {
		token_name(r->t, i, a->sort_style, sizeof a->sort_style);
	} else {
		return syntax_error(x, i);
	}
	a->said = true;
	return nothing(x);
}

/* ALTER COLUMN c ENCODE e [, ALTER COLUMN d ENCODE f] ... */
static int alter_encodings(struct alter *x)
{
	char column[ATTRIBUTE_NAME], encoding[32];

	for (int i = x->at; i < x->end;) {
		int c = i + (token_is(x->r->t, i + 1, "column") ? 2 : 1);

		if (!token_is(x->r->t, i, "alter") || !token_is(x->r->t, c + 1, "encode") || c + 2 >= x->end)
			return syntax_error(x, i);
		token_name(x->r->t, c, column, sizeof column);
		token_name(x->r->t, c + 2, encoding, sizeof encoding);
		attributes_add_encoding(&x->a, column, strcmp(encoding, "raw") == 0 ? "none" : encoding);
		i = c + 4;
	}
	return nothing(x);
}

static const char *const text_types[] = { "varchar", "nvarchar", "character", NULL };

/* ALTER [COLUMN] c TYPE varchar(n): the check of bytes that a CHAR or a table of an older build has goes. */
static int alter_type(struct alter *x, int column)
{
	struct rules *r = x->r;
	char name[ATTRIBUTE_NAME];

	if (not_in_block(x, "ALTER TABLE ALTER COLUMN") < 0)
		return -1;
	if (!token_in(r->t, column + 2, text_types) || !token_is_char(r->t, x->end - 1, ')'))
		return r->strict ? rules_fail(r, column + 2, "0A000",
					      "only the length of a VARCHAR column can be altered")
				 : 0;
	token_name(r->t, column, name, sizeof name);
	edit_insert_before(r->e, r->t->items[x->at].from, "DROP CONSTRAINT IF EXISTS \"" RULES_BYTE_CHECK "%s\", ",
			   name);
	return 0;
}

static int alter(struct alter *x)
{
	int column = is(x, 1, "column") ? x->at + 2 : x->at + 1;

	if (is(x, 1, "distkey") || is(x, 1, "diststyle"))
		return alter_distribution(x);
	if (is(x, 1, "sortkey") || is(x, 1, "compound"))
		return alter_order(x);
	if (is(x, 1, "encode") && is(x, 2, "auto"))
		return nothing(x);
	if (token_is(x->r->t, column + 1, "encode"))
		return alter_encodings(x);
	if (token_is(x->r->t, column + 1, "type"))
		return alter_type(x, column);
	return x->r->strict ? syntax_error(x, column + 1) : 0;
}

/* ---- APPEND FROM ---- */

static void put_literal(struct buf *b, const char *text)
{
	buf_puts(b, "E'");
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			buf_putc(b, *text);
		buf_putc(b, *text);
	}
	buf_putc(b, '\'');
}

/* APPEND FROM source [IGNOREEXTRA | FILLTARGET]: a procedure of the catalogue moves the rows. */
static int append(struct alter *x)
{
	char schema[ATTRIBUTE_NAME], table[ATTRIBUTE_NAME], mode[16] = "";
	struct rules *r = x->r;
	struct buf call;
	int source = x->at + 2, behind;

	if (not_in_block(x, "ALTER TABLE APPEND") < 0)
		return -1;
	if (!is(x, 1, "from") || source >= x->end)
		return syntax_error(x, x->at + 1);
	behind = rules_relation(r, source, x->end, schema, table, sizeof table);
	if (behind < x->end)
		token_name(r->t, behind, mode, sizeof mode);
	if (*mode && strcmp(mode, "ignoreextra") != 0 && strcmp(mode, "filltarget") != 0)
		return syntax_error(x, behind);
	buf_init(&call, 65536);
	buf_puts(&call, "CALL pg_catalog.sparkctl_append(");
	put_literal(&call, x->a.schema);
	buf_puts(&call, ", ");
	put_literal(&call, x->a.table);
	buf_puts(&call, ", ");
	put_literal(&call, schema);
	buf_puts(&call, ", ");
	put_literal(&call, table);
	buf_printf(&call, ", '%s')", mode);
	edit_replace(r->e, r->t->items[x->start].from, r->t->items[x->end - 1].to, "%s", call.data);
	r->tag = "ALTER TABLE";
	if (call.failed)
		r->e->failed = true;
	buf_clear(&call);
	return 0;
}

/* AUTO REFRESH YES | NO */
static int auto_refresh(struct alter *x)
{
	if (!is(x, 1, "refresh") || (!is(x, 2, "yes") && !is(x, 2, "no")))
		return syntax_error(x, is(x, 1, "refresh") ? x->at + 2 : x->at + 1);
	if (x->at + 3 < x->end)
		return syntax_error(x, x->at + 3);
	attributes_add_member(&x->a, "auto_refresh", is(x, 2, "yes") ? "yes" : "no", NULL);
	return nothing(x);
}

static int refuse_form(struct alter *x)
{
	return rules_refuse(x->r, x->at, "this form of ALTER TABLE");
}

static const struct action {
	const char *word;
	int (*apply)(struct alter *x);
} table_actions[] = {
	{ "add", add },       { "drop", drop },       { "rename", rename_column }, { "alter", alter },
	{ "append", append }, { "row", refuse_form }, { "set", refuse_form },
};

static const struct action view_actions[] = {
	{ "alter", alter },
	{ "auto", auto_refresh },
	{ "row", refuse_form },
};

/* The action at x->at, and what is recorded. */
static int apply(struct alter *x, const struct action *actions, size_t count)
{
	int rc = 0;

	for (size_t k = 0; rc == 0 && x->at < x->end && k < count; k++) {
		if (is(x, 0, actions[k].word)) {
			rc = actions[k].apply(x);
			break;
		}
	}
	if (rc == 0)
		rules_tell(x->r, &x->a, x->at - 1);
	return rc;
}

/* ALTER MATERIALIZED VIEW: what PostgreSQL knows of it passes; the rest is as with a table. */
static int alter_view(struct alter *x)
{
	struct rules *r = x->r;
	bool ours = false;

	for (size_t k = 0; k < sizeof view_actions / sizeof *view_actions; k++)
		ours = ours || is(x, 0, view_actions[k].word);
	if (!ours)
		return 0;
	edit_replace(r->e, r->t->items[x->start + 1].from, r->t->items[x->start + 2].to, "TABLE");
	r->tag = "ALTER MATERIALIZED VIEW";
	return apply(x, view_actions, sizeof view_actions / sizeof *view_actions);
}

int rule_alter_table(struct rules *r, int i)
{
	bool view = token_is(r->t, i + 1, "materialized") && token_is(r->t, i + 2, "view");
	struct alter x = { .r = r, .start = i, .name = i + 2 + view };
	int rc;

	if (!token_is(r->t, i, "alter") || (!view && !token_is(r->t, i + 1, "table")) || !rules_at_statement(r, i))
		return 0;
	x.end = rules_statement_end(r, i);
	if (token_is(r->t, x.name, "if"))
		x.name += 2;
	if (x.name + 1 >= x.end)
		return 0;
	attributes_init(&x.a);
	/* Also when there is nothing to say: the server counts these comments. */
	x.a.alter = x.a.said = true;
	x.at = rules_relation(r, x.name, x.end, x.a.schema, x.a.table, sizeof x.a.table);
	rc = view ? alter_view(&x) : apply(&x, table_actions, sizeof table_actions / sizeof *table_actions);
	attributes_clear(&x.a);
	return rc;
}
