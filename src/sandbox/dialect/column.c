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
	char constraint[ATTRIBUTE_NAME]; /* the name that the next key has, or empty */
	const char *encodings;           /* that suit the type; NULL: not known */
	bool is_char;                    /* CHAR: single bytes only */
	long char_bytes;                 /* the length of a CHAR, 0: other type */
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

/* VARCHAR and its like: the default length, MAX, and the number of bytes for a CHAR's check. `last`: the type's last
 * word.
 */
static int finish_text(struct column *c, int last, long fallback, long max)
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
	if (n > max)
		return rules_fail(c->r, c->i + 1, "22023", "length for type character%s cannot exceed %ld",
				  c->is_char ? "" : " varying", max);
	skip_parens(c);
	c->char_bytes = c->is_char ? n : 0;
	return 0;
}

static int type_varchar(struct column *c)
{
	int last = c->i++;

	return finish_text(c, last, VARCHAR_DEFAULT, VARCHAR_MAX);
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
	return 0;
}

static int type_char(struct column *c)
{
	int last = c->i;

	if (at(c, 1, "varying")) {
		last = c->i + 1;
		c->i += 2;
		return finish_text(c, last, VARCHAR_DEFAULT, VARCHAR_MAX);
	}
	c->i++;
	c->is_char = true;
	return finish_text(c, last, 1, CHAR_MAX_BYTES);
}

static int type_bpchar(struct column *c)
{
	int word = c->i++;

	rules_replace(c->r, word, is_open(c) ? "char" : "char(256)");
	skip_parens(c);
	c->char_bytes = VARCHAR_DEFAULT;
	c->is_char = true;
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

/* BINARY VARYING is one, too. */
static int type_varbyte(struct column *c)
{
	rules_replace(c->r, c->i++, "bytea");
	if (at(c, 0, "varying")) {
		rules_blank(c->r, c->i, c->i);
		c->i++;
	}
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

/* PostgreSQL's own: Redshift has no such columns. */
static int type_foreign(struct column *c)
{
	char name[32];

	if (!c->r->strict) {
		c->i++;
		skip_parens(c);
		return 0;
	}
	token_name(c->r->t, c->i, name, sizeof name);
	return rules_fail(c->r, c->i, "0A000", "Column \"%s.%s\" has unsupported type \"%s\".", c->a->table, c->name,
			  name);
}

#define ALL_ENCODINGS "raw zstd runlength auto"
#define WHOLE_NUMBERS ALL_ENCODINGS " az64 bytedict lzo delta"
#define TEXTS         ALL_ENCODINGS " bytedict lzo"

/* encodings: AWS's page "Compression encodings". */
static const struct column_type {
	const char *word;
	int (*apply)(struct column *c);
	const char *encodings;
} types[] = {
	{ "varchar", type_varchar, TEXTS " text255 text32k" },
	{ "nvarchar", type_nvarchar, TEXTS " text255 text32k" },
	{ "text", type_text, TEXTS " text255 text32k" },
	{ "char", type_char, TEXTS " text255 text32k" },
	{ "nchar", type_char, TEXTS },
	{ "character", type_char, TEXTS " text255 text32k" },
	{ "bpchar", type_bpchar, TEXTS },
	{ "smallint", NULL, WHOLE_NUMBERS " mostly8" },
	{ "int2", NULL, WHOLE_NUMBERS " mostly8" },
	{ "integer", NULL, WHOLE_NUMBERS " delta32k mostly8 mostly16" },
	{ "int", NULL, WHOLE_NUMBERS " delta32k mostly8 mostly16" },
	{ "int4", NULL, WHOLE_NUMBERS " delta32k mostly8 mostly16" },
	{ "bigint", NULL, WHOLE_NUMBERS " delta32k mostly8 mostly16 mostly32" },
	{ "int8", NULL, WHOLE_NUMBERS " delta32k mostly8 mostly16 mostly32" },
	{ "numeric", type_numeric, WHOLE_NUMBERS " delta32k mostly8 mostly16 mostly32" },
	{ "decimal", type_numeric, WHOLE_NUMBERS " delta32k mostly8 mostly16 mostly32" },
	{ "dec", type_numeric, WHOLE_NUMBERS " delta32k mostly8 mostly16 mostly32" },
	{ "real", NULL, ALL_ENCODINGS " bytedict" },
	{ "float4", NULL, ALL_ENCODINGS " bytedict" },
	{ "float", NULL, ALL_ENCODINGS " bytedict" },
	{ "float8", NULL, ALL_ENCODINGS " bytedict" },
	{ "double", NULL, ALL_ENCODINGS " bytedict" },
	{ "boolean", NULL, ALL_ENCODINGS },
	{ "bool", NULL, ALL_ENCODINGS },
	{ "date", NULL, WHOLE_NUMBERS " delta32k" },
	{ "timestamp", NULL, WHOLE_NUMBERS " delta32k" },
	{ "timestamptz", NULL, WHOLE_NUMBERS " delta32k" },
	{ "super", type_super, ALL_ENCODINGS " lzo" },
	{ "varbyte", type_varbyte, ALL_ENCODINGS " lzo" },
	{ "varbinary", type_varbyte, ALL_ENCODINGS " lzo" },
	{ "binary", type_varbyte, ALL_ENCODINGS " lzo" },
	{ "geometry", type_none, NULL },
	{ "geography", type_none, NULL },
	{ "hllsketch", type_none, NULL },
	{ "bit", type_foreign, NULL },
	{ "bytea", type_foreign, NULL },
	{ "json", type_foreign, NULL },
	{ "jsonb", type_foreign, NULL },
	{ "uuid", type_foreign, NULL },
	{ "xml", type_foreign, NULL },
	{ "money", type_foreign, NULL },
	{ "serial", type_foreign, NULL },
	{ "serial4", type_foreign, NULL },
	{ "bigserial", type_foreign, NULL },
	{ "serial8", type_foreign, NULL },
	{ "smallserial", type_foreign, NULL },
	{ "inet", type_foreign, NULL },
	{ "cidr", type_foreign, NULL },
	{ "macaddr", type_foreign, NULL },
	{ "point", type_foreign, NULL },
	{ "line", type_foreign, NULL },
	{ "lseg", type_foreign, NULL },
	{ "box", type_foreign, NULL },
	{ "path", type_foreign, NULL },
	{ "polygon", type_foreign, NULL },
	{ "circle", type_foreign, NULL },
	{ "tsvector", type_foreign, NULL },
	{ "tsquery", type_foreign, NULL },
	{ "hstore", type_foreign, NULL },
	{ "oid", type_foreign, NULL },
	{ "regclass", type_foreign, NULL },
	{ "int4range", type_foreign, NULL },
	{ "int8range", type_foreign, NULL },
	{ "numrange", type_foreign, NULL },
	{ "tsrange", type_foreign, NULL },
	{ "daterange", type_foreign, NULL },
};

static int column_type(struct column *c)
{
	const struct column_type *type = NULL;
	int word = c->i, rc = 0;

	for (size_t k = 0; k < sizeof types / sizeof *types && !type; k++) {
		if (is(c, types[k].word))
			type = &types[k];
	}
	c->encodings = type ? type->encodings : NULL;
	if (type && type->apply) {
		rc = type->apply(c);
	} else {
		c->i++; /* what follows of the type is skipped by the attribute loop */
		skip_parens(c);
	}
	if (rc == 0 && c->r->strict && token_is_char(c->r->t, c->i, '['))
		rc = rules_fail(c->r, word, "0A000", "Column \"%s.%s\" has unsupported type \"%.*s[]\".", c->a->table,
				c->name, (int)token_len(c->r->t, word), c->r->t->text + c->r->t->items[word].from);
	return rc;
}

static const char known_encodings[] = " raw zstd runlength auto none az64 bytedict lzo delta delta32k mostly8 mostly16 "
				      "mostly32 text255 text32k ";

static bool in_list(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = list; (p = strstr(p, word)) != NULL; p += len) {
		if ((p == list || p[-1] == ' ') && (p[len] == ' ' || !p[len]))
			return true;
	}
	return false;
}

static int attribute_encode(struct column *c)
{
	char encoding[32];

	if (c->i + 1 >= c->end)
		return 0;
	token_name(c->r->t, c->i + 1, encoding, sizeof encoding);
	if (!*encoding || !in_list(known_encodings, encoding))
		return rules_fail(c->r, c->i + 1, "42601", "unsupported encoding type \"%s\"", encoding);
	if (c->encodings && strcmp(encoding, "none") != 0 && !in_list(c->encodings, encoding))
		return rules_fail(c->r, c->i + 1, "42P16", "invalid encoding type specified for column \"%s\"",
				  c->name);
	if (strcmp(encoding, "auto") != 0)
		attributes_add_encoding(c->a, c->name, strcmp(encoding, "raw") == 0 ? "none" : encoding);
	rules_blank(c->r, c->i, c->i + 1);
	c->i += 2;
	return 0;
}

static int attribute_distkey(struct column *c)
{
	attributes_set_dist_key(c->a, c->name);
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
		edit_insert_before(c->r->e, c->r->t->items[c->i + 1].from, "pg_catalog.");
	if (at(c, 1, "case_sensitive"))
		rules_blank(c->r, c->i, c->i + 1);
	c->i += 2;
	return 0;
}

/* CONSTRAINT name, before a key that is taken out. */
static int attribute_constraint(struct column *c)
{
	if (at(c, 2, "primary") || at(c, 2, "unique") || at(c, 2, "references")) {
		token_name(c->r->t, c->i + 1, c->constraint, sizeof c->constraint);
		rules_blank(c->r, c->i, c->i + 1);
	}
	c->i += 2;
	return 0;
}

/* Keys are never enforced; that a primary key's column is not null is. */
static int attribute_key(struct column *c)
{
	int first = c->i, behind = rules_key(c->r, first, c->end, c->constraint, c->name, c->a);

	if (at(c, 0, "primary"))
		edit_replace(c->r->e, c->r->t->items[first].from, end_of(c, behind - 1), "NOT NULL");
	else
		rules_blank(c->r, first, behind - 1);
	c->constraint[0] = 0;
	c->i = behind;
	return 0;
}

static int attribute_check(struct column *c)
{
	if (c->r->strict)
		return rules_fail(c->r, c->i, "0A000", "CHECK constraints are not supported");
	c->i++;
	skip_parens(c);
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
	{ "constraint", attribute_constraint }, { "primary", attribute_key },         { "unique", attribute_key },
	{ "references", attribute_key },        { "default", attribute_default },     { "check", attribute_check },
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

/* A CHAR's length is one in bytes; the server counts characters. A VARCHAR has no check, which would cost a load a
 * tenth of its time: pg_sparkctl.hold_varchar() and COPY hold what they store to its bytes. */
static void put_byte_check(const struct column *c, size_t behind)
{
	char name[NAME_LIMIT + 32] = "";

	if (c->char_bytes <= 0 || strchr(c->name, '"'))
		return;
	if (strlen(c->name) <= NAME_LIMIT)
		snprintf(name, sizeof name, " CONSTRAINT \"" RULES_BYTE_CHECK "%.*s\"", NAME_LIMIT, c->name);
	edit_insert_after(c->r->e, behind,
			  "%s CHECK (CASE WHEN pg_catalog.octet_length(\"%s\") > %ld THEN "
			  "pg_catalog.sparkctl_too_long(%ld, 'character') ELSE true END)",
			  name, c->name, c->char_bytes, c->char_bytes);
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
	put_byte_check(&c, end_of(&c, end - 1));
	return 0;
}
