#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sandbox/dialect/attributes.h"
#include "sandbox/dialect/rules.h"

#define VARCHAR_DEFAULT 256
#define VARCHAR_MAX     65535
#define CHAR_MAX_BYTES  4096
#define NAME_LIMIT      46 /* the server's names have up to 63 bytes */

/* One column definition while its tokens are walked. */
struct column {
	struct rules *r;
	struct table_attributes *a;
	int i, end; /* the current token, and behind the last */
	char name[ATTRIBUTE_NAME];
	long max_bytes; /* of a VARCHAR, 0: other type */
};

static bool is(const struct column *c, const char *word)
{
	return c->i < c->end && token_is(c->r->t, c->i, word);
}

static bool at(const struct column *c, int ahead, const char *word)
{
	return c->i + ahead < c->end && token_is(c->r->t, c->i + ahead, word);
}

static bool is_open(const struct column *c)
{
	return c->i < c->end && token_is_char(c->r->t, c->i, '(') && c->r->t->items[c->i].pair > c->i;
}

/* Steps over ( ... ). */
static void skip_parens(struct column *c)
{
	if (is_open(c))
		c->i = c->r->t->items[c->i].pair + 1;
}

static size_t end_of(const struct column *c, int i)
{
	return c->r->t->items[i].to;
}

/* VARCHAR and its like: the default length, MAX, and the number of bytes for the check. `last`: the type's last word.
 */
static void finish_text(struct column *c, int last, long fallback, long max, bool counted)
{
	char number[16];
	long n = fallback;

	if (!is_open(c)) {
		edit_insert_after(c->r->e, end_of(c, last), "(%ld)", fallback);
	} else if (token_is(c->r->t, c->i + 1, "max")) {
		snprintf(number, sizeof number, "%ld", max);
		rules_replace(c->r, c->i + 1, number);
		n = max;
	} else {
		token_name(c->r->t, c->i + 1, number, sizeof number);
		n = strtol(number, NULL, 10);
	}
	skip_parens(c);
	if (counted)
		c->max_bytes = n;
}

static int type_varchar(struct column *c)
{
	int last = c->i++;

	finish_text(c, last, VARCHAR_DEFAULT, VARCHAR_MAX, true);
	return 0;
}

static int type_nvarchar(struct column *c)
{
	rules_replace(c->r, c->i, "varchar");
	return type_varchar(c);
}

/* TEXT is VARCHAR(256). */
static int type_text(struct column *c)
{
	edit_replace(c->r->e, c->r->t->items[c->i].from, end_of(c, c->i), "varchar(%d)", VARCHAR_DEFAULT);
	c->i++;
	skip_parens(c);
	c->max_bytes = VARCHAR_DEFAULT;
	return 0;
}

static int type_char(struct column *c)
{
	int last = c->i;

	if (at(c, 1, "varying")) {
		last = c->i + 1;
		c->i += 2;
		finish_text(c, last, VARCHAR_DEFAULT, VARCHAR_MAX, true);
		return 0;
	}
	c->i++;
	finish_text(c, last, 1, CHAR_MAX_BYTES, false);
	return 0;
}

static int type_bpchar(struct column *c)
{
	int word = c->i++;

	rules_replace(c->r, word, is_open(c) ? "char" : "char(256)");
	skip_parens(c);
	return 0;
}

static int type_numeric(struct column *c)
{
	int last = c->i++;

	if (!is_open(c))
		edit_insert_after(c->r->e, end_of(c, last), "(18,0)");
	skip_parens(c);
	return 0;
}

static int type_super(struct column *c)
{
	rules_replace(c->r, c->i++, "jsonb");
	return 0;
}

static int type_varbyte(struct column *c)
{
	rules_replace(c->r, c->i++, "bytea");
	if (is_open(c))
		rules_blank(c->r, c->i, c->r->t->items[c->i].pair);
	skip_parens(c);
	return 0;
}

static int type_none(struct column *c)
{
	char what[64], name[32];

	token_name(c->r->t, c->i, name, sizeof name);
	snprintf(what, sizeof what, "data type \"%s\"", name);
	return rules_refuse(c->r, c->i, what);
}

static const struct {
	const char *word;
	int (*apply)(struct column *c);
} types[] = {
	{ "varchar", type_varchar },   { "nvarchar", type_nvarchar }, { "text", type_text },
	{ "char", type_char },         { "nchar", type_char },        { "character", type_char },
	{ "bpchar", type_bpchar },     { "numeric", type_numeric },   { "decimal", type_numeric },
	{ "dec", type_numeric },       { "super", type_super },       { "varbyte", type_varbyte },
	{ "varbinary", type_varbyte }, { "geometry", type_none },     { "geography", type_none },
	{ "hllsketch", type_none },
};

static int column_type(struct column *c)
{
	for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
		if (is(c, types[k].word))
			return types[k].apply(c);
	}
	c->i++; /* any other type's first word; what follows of it is skipped by the attribute loop */
	skip_parens(c);
	return 0;
}

static int attribute_encode(struct column *c)
{
	char encoding[32];

	if (c->i + 1 >= c->end)
		return 0;
	token_name(c->r->t, c->i + 1, encoding, sizeof encoding);
	attributes_add_encoding(c->a, c->name, strcmp(encoding, "raw") == 0 ? "none" : encoding);
	rules_blank(c->r, c->i, c->i + 1);
	c->i += 2;
	return 0;
}

static int attribute_distkey(struct column *c)
{
	snprintf(c->a->dist_key, sizeof c->a->dist_key, "%s", c->name);
	c->a->said = true;
	rules_blank(c->r, c->i, c->i);
	c->i++;
	return 0;
}

static int attribute_sortkey(struct column *c)
{
	attributes_add_sort_key(c->a, c->name);
	rules_blank(c->r, c->i, c->i);
	c->i++;
	return 0;
}

static long number_at(const struct column *c, int *i)
{
	char text[32];
	bool negative = token_is_char(c->r->t, *i, '-');

	*i += negative;
	token_name(c->r->t, *i, text, sizeof text);
	++*i;
	return (negative ? -1 : 1) * strtol(text, NULL, 10);
}

/* (seed, step), replaced by PostgreSQL's form; absent: (0, 1). The counter has to be allowed to start at the seed. */
static void identity_options(struct column *c, const char *before, size_t from)
{
	long seed = 0, step = 1;
	size_t to = end_of(c, c->i - 1);

	if (is_open(c)) {
		int i = c->i + 1, close = c->r->t->items[c->i].pair;

		seed = number_at(c, &i);
		if (token_is_char(c->r->t, i, ',')) {
			i++;
			step = number_at(c, &i);
		}
		c->i = close + 1;
		to = end_of(c, close);
	}
	edit_replace(c->r->e, from, to, "%s(START WITH %ld INCREMENT BY %ld %s %ld)", before, seed, step,
		     step < 0 ? "MAXVALUE" : "MINVALUE", seed);
}

static int attribute_identity(struct column *c)
{
	size_t from = c->r->t->items[c->i].from;

	c->i++;
	identity_options(c, "GENERATED ALWAYS AS IDENTITY ", from);
	return 0;
}

/* GENERATED ALWAYS | BY DEFAULT AS IDENTITY [(seed, step)] */
static int attribute_generated(struct column *c)
{
	while (c->i < c->end && !is(c, "identity"))
		c->i++;
	if (c->i < c->end) {
		c->i++;
		if (is_open(c))
			identity_options(c, "", c->r->t->items[c->i].from);
	}
	return 0;
}

static int attribute_collate(struct column *c)
{
	if (at(c, 1, "case_insensitive"))
		return rules_refuse(c->r, c->i, "COLLATE CASE_INSENSITIVE");
	if (at(c, 1, "case_sensitive"))
		rules_blank(c->r, c->i, c->i + 1);
	c->i += 2;
	return 0;
}

/* CONSTRAINT name, before a key that is taken out. */
static int attribute_constraint(struct column *c)
{
	if (at(c, 2, "primary") || at(c, 2, "unique") || at(c, 2, "references"))
		rules_blank(c->r, c->i, c->i + 1);
	c->i += 2;
	return 0;
}

/* Keys are never enforced; that a primary key's column is not null is. */
static int attribute_primary(struct column *c)
{
	attributes_add_key(c->a, "primary", c->name, strlen(c->name));
	if (at(c, 1, "key")) {
		edit_replace(c->r->e, c->r->t->items[c->i].from, end_of(c, c->i + 1), "NOT NULL");
		c->i++;
	}
	c->i++;
	return 0;
}

static int attribute_unique(struct column *c)
{
	attributes_add_key(c->a, "unique", c->name, strlen(c->name));
	rules_blank(c->r, c->i, c->i);
	c->i++;
	return 0;
}

/* REFERENCES [schema.]table [(column)] */
static int attribute_references(struct column *c)
{
	int first = c->i;

	c->i += 2;
	while (c->i + 1 < c->end && token_is_char(c->r->t, c->i, '.'))
		c->i += 2;
	skip_parens(c);
	if (c->i > c->end)
		c->i = c->end;
	attributes_add_key(c->a, "foreign", c->r->t->text + c->r->t->items[first].from,
			   end_of(c, c->i - 1) - c->r->t->items[first].from);
	rules_blank(c->r, first, c->i - 1);
	return 0;
}

/* An expression: its first token is none of the attributes, even when it is written so. */
static int attribute_default(struct column *c)
{
	c->i += 2;
	if (token_is_char(c->r->t, c->i - 1, '('))
		c->i = c->r->t->items[c->i - 1].pair + 1;
	return 0;
}

static const struct {
	const char *word;
	int (*apply)(struct column *c);
} attributes[] = {
	{ "encode", attribute_encode },         { "distkey", attribute_distkey },     { "sortkey", attribute_sortkey },
	{ "identity", attribute_identity },     { "generated", attribute_generated }, { "collate", attribute_collate },
	{ "constraint", attribute_constraint }, { "primary", attribute_primary },     { "unique", attribute_unique },
	{ "references", attribute_references }, { "default", attribute_default },
};

static int column_attribute(struct column *c)
{
	for (size_t k = 0; k < sizeof attributes / sizeof *attributes; k++) {
		if (is(c, attributes[k].word))
			return attributes[k].apply(c);
	}
	if (is_open(c))
		skip_parens(c);
	else
		c->i++;
	return 0;
}

/* Lengths are bytes; the server counts characters. */
void rules_byte_check(struct rules *r, const char *column, long max_bytes, size_t behind, const char *before)
{
	char name[NAME_LIMIT + 32] = "";

	if (max_bytes <= 0 || strchr(column, '"'))
		return;
	if (strlen(column) <= NAME_LIMIT)
		snprintf(name, sizeof name, " CONSTRAINT \"" RULES_BYTE_CHECK "%s\"", column);
	edit_insert_after(r->e, behind,
			  "%s%s CHECK (CASE WHEN pg_catalog.octet_length(\"%s\") > %ld THEN "
			  "pg_catalog.sparkctl_too_long(%ld) ELSE true END)",
			  before, name, column, max_bytes, max_bytes);
}

int rules_column(struct rules *r, int i, int end, struct table_attributes *a)
{
	struct column c = { .r = r, .a = a, .i = i + 1, .end = end };

	if (end - i < 2)
		return 0;
	token_name(r->t, i, c.name, sizeof c.name);
	if (column_type(&c) < 0)
		return -1;
	while (c.i < end) {
		int before = c.i;

		if (column_attribute(&c) < 0)
			return -1;
		/* Whatever an attribute makes of a cut text, the walk goes on: "encode" may be the last word. */
		if (c.i <= before)
			c.i = before + 1;
	}
	rules_byte_check(r, c.name, c.max_bytes, end_of(&c, end - 1), "");
	return 0;
}
