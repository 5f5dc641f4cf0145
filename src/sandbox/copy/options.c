#include <stdarg.h>
#include <string.h>

#include "sandbox/copy/credentials.h"
#include "sandbox/copy/format.h"
#include "sandbox/copy/parse.h"
#include "spark/base/mem.h"

#define MAX_ERRORS_LIMIT 100000
#define COUNT_LIMIT      1000000000

struct option {
	const char *word;
	/* Called with the word's successor as current token. */
	int (*parse)(struct copy_parser *p, const struct option *o, struct err *err);
	size_t offset; /* of the member that it sets */
	int value;
	const struct copy_format *format; /* of a word that is a file format */
};

static void *member(struct copy_parser *p, const struct option *o)
{
	return (char *)p->s + o->offset;
}

static int parse_flag(struct copy_parser *p, const struct option *o, struct err *err)
{
	(void)err;
	*(bool *)member(p, o) = true;
	return 0;
}

static int parse_refused(struct copy_parser *p, const struct option *o, struct err *err)
{
	return copy_parse_refuse(p, p->lex.from, err, o->word);
}

static int parse_text(struct copy_parser *p, const struct option *o, struct err *err)
{
	return copy_parse_skip(p, "as", err) < 0 ? -1 : copy_parse_string(p, member(p, o), err);
}

/* REGION: the name stands without quotes in some scripts. */
static int parse_region(struct copy_parser *p, const struct option *o, struct err *err)
{
	struct buf name;
	int rc = -1;

	if (copy_parse_skip(p, "as", err) < 0)
		return -1;
	if (p->lex.kind == COPY_TOKEN_STRING)
		return copy_parse_value(p, member(p, o), err);
	buf_init(&name, 64);
	while (p->lex.kind == COPY_TOKEN_WORD || p->lex.kind == COPY_TOKEN_NUMBER || copy_lexer_is_char(&p->lex, '-')) {
		size_t end = p->lex.to;

		buf_add(&name, p->lex.text + p->lex.from, end - p->lex.from);
		if (copy_parse_next(p, err) < 0)
			goto out;
		if (p->lex.from != end)
			break;
	}
	if (buf_check(&name, "the region's name", err) < 0)
		goto out;
	if (name.len == 0) {
		copy_lexer_fail(&p->lex, err);
		goto out;
	}
	mem_free(p->s->region);
	p->s->region = buf_take(&name);
	rc = p->s->region ? 0 : err_nomem(err);
out:
	buf_clear(&name);
	return rc;
}

/* [AS] n, n up to o->value. */
static int parse_count(struct copy_parser *p, const struct option *o, struct err *err)
{
	long n = 0;

	if (copy_parse_skip(p, "as", err) < 0)
		return -1;
	if (p->lex.kind != COPY_TOKEN_NUMBER)
		return copy_lexer_fail(&p->lex, err);
	for (const char *c = p->lex.value.data; *c; c++) {
		n = n * 10 + (*c - '0');
		if (n > o->value)
			return copy_parse_fail(p, p->lex.from, err, "22023",
					       "value %.40s is greater than the maximum of %d", p->lex.value.data,
					       o->value);
	}
	if (o->offset)
		*(int *)member(p, o) = (int)n;
	return copy_parse_next(p, err);
}

/* COMPUPDATE and STATUPDATE: hints to the analysis of compression and statistics, which the sandbox has no use for. */
static int parse_ignored_switch(struct copy_parser *p, const struct option *o, struct err *err)
{
	static const char *const words[] = { "on", "off", "true", "false", "preset" };

	for (int i = 0; i < (o->value ? 5 : 4); i++) {
		if (copy_lexer_is(&p->lex, words[i]))
			return copy_parse_next(p, err);
	}
	return 0;
}

static int parse_compression(struct copy_parser *p, const struct option *o, struct err *err)
{
	(void)err;
	p->s->compression = (enum copy_compression)o->value;
	return 0;
}

static int parse_inv_chars(struct copy_parser *p, const struct option *o, struct err *err)
{
	bool as = copy_lexer_is(&p->lex, "as");

	(void)o;
	p->s->accept_inv_chars = true;
	if (as && copy_parse_next(p, err) < 0)
		return -1;
	if (p->lex.kind != COPY_TOKEN_STRING)
		return as ? copy_lexer_fail(&p->lex, err) : 0;
	if (p->lex.value.len != 1 || (unsigned char)p->lex.value.data[0] >= 0x80 || p->lex.value.data[0] == 0)
		return copy_parse_fail(p, p->lex.from, err, "22023",
				       "the replacement of ACCEPTINVCHARS must be one ASCII character");
	p->s->replacement = p->lex.value.data[0];
	return copy_parse_next(p, err);
}

static int parse_encoding(struct copy_parser *p, const struct option *o, struct err *err)
{
	static const char *const names[] = {
		[COPY_UTF8] = "utf8", [COPY_UTF16] = "utf16", [COPY_UTF16LE] = "utf16le", [COPY_UTF16BE] = "utf16be"
	};

	(void)o;
	if (copy_parse_skip(p, "as", err) < 0)
		return -1;
	if (p->lex.kind != COPY_TOKEN_WORD && p->lex.kind != COPY_TOKEN_STRING)
		return copy_lexer_fail(&p->lex, err);
	for (int i = 0; i < 4; i++) {
		if (strcasecmp(p->lex.value.data, names[i]) == 0) {
			p->s->encoding = (enum copy_encoding)i;
			return copy_parse_next(p, err);
		}
	}
	return copy_parse_refuse(p, p->lex.from, err, "ENCODING other than UTF8, UTF16, UTF16LE and UTF16BE");
}

static int parse_format(struct copy_parser *p, const struct option *o, struct err *err)
{
	struct copy_statement *s = p->s;

	s->format = o->format;
	if (o->format == &copy_format_json)
		return copy_parse_json(p, err);
	if (o->format == &copy_format_fixed)
		return copy_parse_widths(p, err);
	if (!s->quote)
		s->quote = '"';
	return 0;
}

/* DELIMITER belongs to CSV as well, in any order. */
static int parse_delimiter(struct copy_parser *p, const struct option *o, struct err *err)
{
	if (!p->s->format)
		p->s->format = o->format;
	return copy_parse_delimiter(p, err);
}

static int parse_quote(struct copy_parser *p, const struct option *o, struct err *err)
{
	(void)o;
	return copy_parse_quote(p, err);
}

static int parse_null(struct copy_parser *p, const struct option *o, struct err *err)
{
	(void)o;
	return copy_parse_null(p, err);
}

static int parse_iam_role(struct copy_parser *p, const struct option *o, struct err *err)
{
	(void)o;
	if (copy_auth_once(p->s, err) < 0)
		return copy_lexer_locate(&p->lex, p->lex.from, err);
	if (copy_lexer_is(&p->lex, "default")) {
		p->s->auth = COPY_AUTH_DEFAULT_ROLE;
		return copy_parse_next(p, err);
	}
	p->s->auth = COPY_AUTH_ROLE;
	return copy_parse_string(p, &p->s->role_arn, err);
}

static int parse_credentials(struct copy_parser *p, const struct option *o, struct err *err)
{
	(void)o;
	if (copy_parse_skip(p, "as", err) < 0)
		return -1;
	if (p->lex.kind != COPY_TOKEN_STRING)
		return copy_lexer_fail(&p->lex, err);
	if (copy_auth_once(p->s, err) < 0 || copy_credentials_parse(p->lex.value.data, p->s, err) < 0)
		return copy_lexer_locate(&p->lex, p->lex.from, err);
	return copy_parse_next(p, err);
}

/* WITH only stands before CREDENTIALS. */
static int parse_with(struct copy_parser *p, const struct option *o, struct err *err)
{
	(void)o;
	return copy_lexer_is(&p->lex, "credentials") ? 0 : copy_lexer_fail(&p->lex, err);
}

static int parse_key_id(struct copy_parser *p, const struct option *o, struct err *err)
{
	if (copy_auth_once(p->s, err) < 0)
		return copy_lexer_locate(&p->lex, p->lex.from, err);
	p->s->auth = COPY_AUTH_KEYS;
	return parse_text(p, o, err);
}

static int parse_secret(struct copy_parser *p, const struct option *o, struct err *err)
{
	if (copy_parse_skip(p, "as", err) < 0)
		return -1;
	if (p->lex.kind != COPY_TOKEN_STRING)
		return copy_lexer_fail(&p->lex, err);
	return secret_set(member(p, o), p->lex.value.data, err) < 0 ? -1 : copy_parse_next(p, err);
}

#define MEMBER(name) offsetof(struct copy_statement, name)

static const struct option options[] = {
	{ "iam_role", parse_iam_role, 0, 0, NULL },
	{ "with", parse_with, 0, 0, NULL },
	{ "credentials", parse_credentials, 0, 0, NULL },
	{ "access_key_id", parse_key_id, MEMBER(key_id), 0, NULL },
	{ "secret_access_key", parse_secret, MEMBER(secret_key), 0, NULL },
	{ "session_token", parse_secret, MEMBER(session_token), 0, NULL },
	{ "region", parse_region, MEMBER(region), 0, NULL },
	{ "manifest", parse_flag, MEMBER(manifest), 0, NULL },
	{ "json", parse_format, 0, 0, &copy_format_json },
	{ "csv", parse_format, 0, 0, &copy_format_csv },
	{ "fixedwidth", parse_format, 0, 0, &copy_format_fixed },
	{ "delimiter", parse_delimiter, 0, 0, &copy_format_delimited },
	{ "quote", parse_quote, 0, 0, NULL },
	{ "escape", parse_flag, MEMBER(escape), 0, NULL },
	{ "removequotes", parse_flag, MEMBER(remove_quotes), 0, NULL },
	{ "fillrecord", parse_flag, MEMBER(fill_record), 0, NULL },
	{ "ignoreblanklines", parse_flag, MEMBER(ignore_blank_lines), 0, NULL },
	{ "ignoreheader", parse_count, MEMBER(header_lines), COUNT_LIMIT, NULL },
	{ "null", parse_null, 0, 0, NULL },
	{ "gzip", parse_compression, 0, COPY_GZIP, NULL },
	{ "zstd", parse_compression, 0, COPY_ZSTD, NULL },
	{ "bzip2", parse_compression, 0, COPY_BZIP2, NULL },
	{ "dateformat", parse_text, MEMBER(date_format), 0, NULL },
	{ "timeformat", parse_text, MEMBER(time_format), 0, NULL },
	{ "maxerror", parse_count, MEMBER(max_errors), MAX_ERRORS_LIMIT, NULL },
	{ "ignoreallerrors", parse_flag, MEMBER(ignore_all_errors), 0, NULL },
	{ "truncatecolumns", parse_flag, MEMBER(truncate_columns), 0, NULL },
	{ "blanksasnull", parse_flag, MEMBER(blanks_as_null), 0, NULL },
	{ "emptyasnull", parse_flag, MEMBER(empty_as_null), 0, NULL },
	{ "trimblanks", parse_flag, MEMBER(trim_blanks), 0, NULL },
	{ "acceptanydate", parse_flag, MEMBER(accept_any_date), 0, NULL },
	{ "acceptinvchars", parse_inv_chars, 0, 0, NULL },
	{ "explicit_ids", parse_flag, MEMBER(explicit_ids), 0, NULL },
	{ "roundec", parse_flag, MEMBER(round_decimals), 0, NULL },
	{ "noload", parse_flag, MEMBER(no_load), 0, NULL },
	{ "encoding", parse_encoding, 0, 0, NULL },
	{ "compupdate", parse_ignored_switch, 0, true, NULL },
	{ "statupdate", parse_ignored_switch, 0, false, NULL },
	{ "comprows", parse_count, 0, COUNT_LIMIT, NULL },
	{ "readratio", parse_count, 0, COUNT_LIMIT, NULL },
	{ "parquet", parse_refused, 0, 0, NULL },
	{ "orc", parse_refused, 0, 0, NULL },
	{ "avro", parse_refused, 0, 0, NULL },
	{ "rcfile", parse_refused, 0, 0, NULL },
	{ "sequencefile", parse_refused, 0, 0, NULL },
	{ "shapefile", parse_refused, 0, 0, NULL },
	{ "encrypted", parse_refused, 0, 0, NULL },
	{ "master_symmetric_key", parse_refused, 0, 0, NULL },
	{ "lzop", parse_refused, 0, 0, NULL },
	{ "ssh", parse_refused, 0, 0, NULL },
	{ "job", parse_refused, 0, 0, NULL },
};

#define OPTION_COUNT (sizeof options / sizeof *options)
#define ACCESS_COUNT 7 /* the first of them: authorization and REGION */
_Static_assert(OPTION_COUNT <= COPY_OPTIONS_MAX, "every option has its mark");

/* Pairs that exclude each other. */
static const struct {
	const char *one, *other;
} conflicts[] = {
	{ "json", "csv" },          { "json", "delimiter" },
	{ "json", "escape" },       { "json", "fillrecord" },
	{ "json", "fixedwidth" },   { "json", "ignoreblanklines" },
	{ "json", "null" },         { "json", "readratio" },
	{ "json", "removequotes" }, { "json", "quote" },
	{ "csv", "fixedwidth" },    { "csv", "removequotes" },
	{ "csv", "escape" },        { "fixedwidth", "delimiter" },
	{ "fixedwidth", "escape" }, { "fixedwidth", "removequotes" },
	{ "gzip", "zstd" },         { "gzip", "bzip2" },
	{ "zstd", "bzip2" },        { "maxerror", "ignoreallerrors" },
};

static bool is_given(const struct copy_parser *p, const char *word)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if (strcmp(options[i].word, word) == 0)
			return p->given[i];
	}
	return false;
}

static int check_conflicts(struct copy_parser *p, struct err *err)
{
	for (size_t i = 0; i < sizeof conflicts / sizeof *conflicts; i++) {
		if (is_given(p, conflicts[i].one) && is_given(p, conflicts[i].other))
			return copy_parse_fail(p, 0, err, "42601", "COPY option \"%s\" cannot be used with \"%s\"",
					       conflicts[i].other, conflicts[i].one);
	}
	if (is_given(p, "quote") && !is_given(p, "csv"))
		return copy_parse_fail(p, 0, err, "42601", "COPY option \"quote\" needs \"csv\"");
	if (p->s->format == &copy_format_csv && p->s->quote == (p->s->delimiter ? p->s->delimiter : ','))
		return copy_parse_fail(p, 0, err, "22023", "COPY delimiter and quote must be different");
	return 0;
}

static const struct option *find_option(const struct copy_parser *p)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if (copy_lexer_is(&p->lex, options[i].word))
			return &options[i];
	}
	return NULL;
}

/* One option; the current token is its word. */
static int parse_option(struct copy_parser *p, bool format_wanted, struct err *err)
{
	const struct option *o = find_option(p);

	if (!o || (format_wanted && !o->format && o->parse != parse_refused))
		return copy_lexer_fail(&p->lex, err);
	if (o->parse == parse_refused)
		return parse_refused(p, o, err);
	if (p->given[o - options])
		return copy_parse_fail(p, p->lex.from, err, "42601", "conflicting or redundant options");
	p->given[o - options] = true;
	return copy_parse_next(p, err) < 0 ? -1 : o->parse(p, o, err);
}

int copy_parse_access_option(struct copy_parser *p, struct err *err)
{
	const struct option *o = find_option(p);

	if (!o || o >= options + ACCESS_COUNT)
		return 0;
	return parse_option(p, false, err) < 0 ? -1 : 1;
}

/* FORMAT [AS] or AS may stand before a format. */
static int skip_format(struct copy_parser *p, bool *found, struct err *err)
{
	bool format = copy_lexer_is(&p->lex, "format");

	*found = format || copy_lexer_is(&p->lex, "as");
	if (format && copy_parse_next(p, err) < 0)
		return -1;
	return copy_parse_skip(p, "as", err);
}

int copy_parse_options(struct copy_parser *p, struct err *err)
{
	while (p->lex.kind != COPY_TOKEN_END && !copy_lexer_is_char(&p->lex, ';')) {
		bool format = false;

		if (skip_format(p, &format, err) < 0 || parse_option(p, format, err) < 0)
			return -1;
	}
	if (copy_lexer_is_char(&p->lex, ';')) {
		if (copy_parse_next(p, err) < 0)
			return -1;
		if (p->lex.kind != COPY_TOKEN_END)
			return copy_lexer_fail(&p->lex, err);
	}
	return check_conflicts(p, err);
}
