#include "sandbox/unload/options.h"

#include <stdlib.h>
#include <string.h>

#include "spark/base/mem.h"

struct option {
	const char *word;
	/* Called with the word's successor as current token. */
	int (*parse)(struct unload_parser *p, const struct option *o, struct err *err);
	size_t offset; /* of the flag that it sets, or the text */
	int value;
	bool is_format;
};

static bool *flag(struct unload_parser *p, const struct option *o)
{
	return (bool *)((char *)p->s + o->offset);
}

static int parse_flag(struct unload_parser *p, const struct option *o, struct err *err)
{
	(void)err;
	*flag(p, o) = true;
	return 0;
}

static int parse_refused(struct unload_parser *p, const struct option *o, struct err *err)
{
	return copy_parse_refuse(&p->copy, p->copy.lex.from, err, o->word);
}

static int parse_format(struct unload_parser *p, const struct option *o, struct err *err)
{
	p->s->format = (enum unload_format)o->value;
	return p->s->format == UNLOAD_FIXED ? copy_parse_widths(&p->copy, err) : 0;
}

static int parse_compression(struct unload_parser *p, const struct option *o, struct err *err)
{
	(void)err;
	p->s->to->compression = (enum copy_compression)o->value;
	return 0;
}

static int parse_delimiter(struct unload_parser *p, const struct option *o, struct err *err)
{
	(void)o;
	return copy_parse_delimiter(&p->copy, err);
}

static int parse_null(struct unload_parser *p, const struct option *o, struct err *err)
{
	(void)o;
	return copy_parse_null(&p->copy, err);
}

static int parse_escape(struct unload_parser *p, const struct option *o, struct err *err)
{
	(void)o;
	(void)err;
	p->s->to->escape = true;
	return 0;
}

static int parse_manifest(struct unload_parser *p, const struct option *o, struct err *err)
{
	(void)o;
	p->s->to->manifest = true;
	p->s->verbose = copy_lexer_is(&p->copy.lex, "verbose");
	return copy_parse_skip(&p->copy, "verbose", err);
}

static int parse_parallel(struct unload_parser *p, const struct option *o, struct err *err)
{
	static const struct {
		const char *word;
		bool serial;
	} words[] = { { "on", false }, { "true", false }, { "off", true }, { "false", true } };

	(void)o;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (copy_lexer_is(&p->copy.lex, words[i].word)) {
			p->s->serial = words[i].serial;
			return copy_parse_next(&p->copy, err);
		}
	}
	return 0;
}

/* The objects are as encrypted as S3's own default makes them: AUTO asks for that, keys of one's own cannot be had. */
static int parse_encrypted(struct unload_parser *p, const struct option *o, struct err *err)
{
	if (!copy_lexer_is(&p->copy.lex, "auto"))
		return copy_parse_refuse(&p->copy, p->copy.lex.from, err, o->word);
	return copy_parse_next(&p->copy, err);
}

/* [AS] n[.n] [MB|GB] */
static int parse_file_size(struct unload_parser *p, const struct option *o, struct err *err)
{
	struct copy_lexer *l = &p->copy.lex;
	double size, unit = (double)UNLOAD_MB;
	char number[40];
	size_t from, to;

	(void)o;
	if (copy_parse_skip(&p->copy, "as", err) < 0)
		return -1;
	from = l->from;
	to = l->to;
	if (l->kind != COPY_TOKEN_NUMBER)
		return copy_lexer_fail(l, err);
	if (copy_parse_next(&p->copy, err) < 0)
		return -1;
	if (copy_lexer_is_char(l, '.') && l->from == to) {
		to = l->to;
		if (copy_parse_next(&p->copy, err) < 0)
			return -1;
		if (l->kind == COPY_TOKEN_NUMBER && l->from == to) {
			to = l->to;
			if (copy_parse_next(&p->copy, err) < 0)
				return -1;
		}
	}
	snprintf(number, sizeof number, "%.*s", to - from < sizeof number ? (int)(to - from) : 0, l->text + from);
	size = strtod(number, NULL);
	if (copy_lexer_is(l, "gb"))
		unit *= 1024;
	if ((copy_lexer_is(l, "gb") || copy_lexer_is(l, "mb")) && copy_parse_next(&p->copy, err) < 0)
		return -1;
	size *= unit;
	if (size < (double)UNLOAD_FILE_BYTES_MIN || size > (double)UNLOAD_FILE_BYTES_MAX + 1)
		return copy_parse_fail(&p->copy, from, err, "22023", "MAXFILESIZE must be between 5 MB and 6.2 GB");
	p->s->max_file_bytes = (uint64_t)size;
	return 0;
}

static int parse_extension(struct unload_parser *p, const struct option *o, struct err *err)
{
	(void)o;
	return copy_parse_skip(&p->copy, "as", err) < 0 ? -1 : copy_parse_string(&p->copy, &p->s->extension, err);
}

/* BY (column, ...) [INCLUDE] */
static int parse_partition(struct unload_parser *p, const struct option *o, struct err *err)
{
	struct copy_lexer *l = &p->copy.lex;
	struct unload_statement *s = p->s;
	size_t cap = 0;

	(void)o;
	if (!copy_lexer_is(l, "by"))
		return copy_lexer_fail(l, err);
	if (copy_parse_next(&p->copy, err) < 0)
		return -1;
	if (!copy_lexer_is_char(l, '('))
		return copy_lexer_fail(l, err);
	do {
		if (copy_parse_next(&p->copy, err) < 0)
			return -1;
		if (l->kind != COPY_TOKEN_WORD && l->kind != COPY_TOKEN_QUOTED)
			return copy_lexer_fail(l, err);
		if (mem_grow(&s->partition, &cap, s->partition_count, sizeof *s->partition) < 0)
			return err_nomem(err);
		s->partition[s->partition_count++] = NULL;
		if (copy_parse_value(&p->copy, &s->partition[s->partition_count - 1], err) < 0)
			return -1;
	} while (copy_lexer_is_char(l, ','));
	if (!copy_lexer_is_char(l, ')'))
		return copy_lexer_fail(l, err);
	if (copy_parse_next(&p->copy, err) < 0)
		return -1;
	s->include = copy_lexer_is(l, "include");
	return copy_parse_skip(&p->copy, "include", err);
}

#define FLAG(name) offsetof(struct unload_statement, name)

/* Beside authorization and REGION, which COPY has as well. */
static const struct option options[] = {
	{ "csv", parse_format, 0, UNLOAD_CSV, true },
	{ "json", parse_format, 0, UNLOAD_JSON, true },
	{ "fixedwidth", parse_format, 0, UNLOAD_FIXED, false },
	{ "parquet", parse_refused, 0, 0, true },
	{ "partition", parse_partition, 0, 0, false },
	{ "manifest", parse_manifest, 0, 0, false },
	{ "header", parse_flag, FLAG(header), 0, false },
	{ "delimiter", parse_delimiter, 0, 0, false },
	{ "encrypted", parse_encrypted, 0, 0, false },
	{ "gzip", parse_compression, 0, COPY_GZIP, false },
	{ "zstd", parse_compression, 0, COPY_ZSTD, false },
	{ "bzip2", parse_compression, 0, COPY_BZIP2, false },
	{ "addquotes", parse_flag, FLAG(add_quotes), 0, false },
	{ "null", parse_null, 0, 0, false },
	{ "escape", parse_escape, 0, 0, false },
	{ "allowoverwrite", parse_flag, FLAG(allow_overwrite), 0, false },
	{ "cleanpath", parse_flag, FLAG(clean_path), 0, false },
	{ "parallel", parse_parallel, 0, 0, false },
	{ "maxfilesize", parse_file_size, 0, 0, false },
	{ "extension", parse_extension, 0, 0, false },
	{ "rowgroupsize", parse_refused, 0, 0, false },
	{ "kms_key_id", parse_refused, 0, 0, false },
	{ "master_symmetric_key", parse_refused, 0, 0, false },
};

#define OPTION_COUNT (sizeof options / sizeof *options)
_Static_assert(OPTION_COUNT <= UNLOAD_OPTIONS_MAX, "every option has its mark");

/* Pairs that exclude each other. */
static const struct {
	const char *one, *other;
} conflicts[] = {
	{ "json", "csv" },
	{ "json", "delimiter" },
	{ "json", "header" },
	{ "json", "fixedwidth" },
	{ "json", "addquotes" },
	{ "json", "escape" },
	{ "json", "null" },
	{ "csv", "fixedwidth" },
	{ "csv", "addquotes" },
	{ "csv", "escape" },
	{ "fixedwidth", "delimiter" },
	{ "fixedwidth", "header" },
	{ "fixedwidth", "escape" },
	{ "fixedwidth", "addquotes" },
	{ "fixedwidth", "partition" },
	{ "gzip", "zstd" },
	{ "gzip", "bzip2" },
	{ "zstd", "bzip2" },
	{ "allowoverwrite", "cleanpath" },
};

static bool is_given(const struct unload_parser *p, const char *word)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if (strcmp(options[i].word, word) == 0)
			return p->given[i];
	}
	return false;
}

static int check_conflicts(struct unload_parser *p, struct err *err)
{
	for (size_t i = 0; i < sizeof conflicts / sizeof *conflicts; i++) {
		if (is_given(p, conflicts[i].one) && is_given(p, conflicts[i].other))
			return copy_parse_fail(&p->copy, 0, err, "42601",
					       "UNLOAD option \"%s\" cannot be used with \"%s\"", conflicts[i].other,
					       conflicts[i].one);
	}
	return 0;
}

/* One option; the current token is its word. */
static int parse_option(struct unload_parser *p, bool format_wanted, struct err *err)
{
	const struct option *o = NULL;
	int taken;

	for (size_t i = 0; i < OPTION_COUNT && !o; i++) {
		if (copy_lexer_is(&p->copy.lex, options[i].word))
			o = &options[i];
	}
	if (!o && !format_wanted && (taken = copy_parse_access_option(&p->copy, err)) != 0)
		return taken < 0 ? -1 : 0;
	if (!o || (format_wanted && !o->is_format))
		return copy_lexer_fail(&p->copy.lex, err);
	if (o->parse == parse_refused)
		return parse_refused(p, o, err);
	if (p->given[o - options])
		return copy_parse_fail(&p->copy, p->copy.lex.from, err, "42601", "conflicting or redundant options");
	p->given[o - options] = true;
	return copy_parse_next(&p->copy, err) < 0 ? -1 : o->parse(p, o, err);
}

int unload_parse_options(struct unload_parser *p, struct err *err)
{
	struct copy_lexer *l = &p->copy.lex;

	while (l->kind != COPY_TOKEN_END && !copy_lexer_is_char(l, ';')) {
		bool format = copy_lexer_is(l, "format");

		if (format && (copy_parse_next(&p->copy, err) < 0 || copy_parse_skip(&p->copy, "as", err) < 0))
			return -1;
		if (parse_option(p, format, err) < 0)
			return -1;
	}
	if (copy_lexer_is_char(l, ';')) {
		if (copy_parse_next(&p->copy, err) < 0)
			return -1;
		if (l->kind != COPY_TOKEN_END)
			return copy_lexer_fail(l, err);
	}
	return check_conflicts(p, err);
}
