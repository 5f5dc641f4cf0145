#include <string.h>

#include "sandbox/copy/credentials.h"
#include "sandbox/copy/format.h"
#include "sandbox/copy/lexer.h"
#include "sandbox/copy/statement.h"
#include "spark/base/mem.h"
#include "spark/base/url.h"

#define MAX_ERRORS_LIMIT 100000

struct parser {
	struct copy_lexer lex;
	struct copy_statement *s;
};

struct option {
	const char *word;
	/* Called with the word's successor as current token. */
	int (*parse)(struct parser *p, const struct option *o, struct err *err);
	size_t offset; /* of the member that it sets */
	int value;
};

static int refuse(struct parser *p, size_t from, struct err *err, const char *name)
{
	err_set(err, ERR_DATABASE, "COPY option \"%s\" is not supported by this sandbox", name);
	if (err)
		memcpy(err->sqlstate, "0A000", 6);
	return copy_lexer_locate(&p->lex, from, err);
}

static int next(struct parser *p, struct err *err)
{
	return copy_lexer_next(&p->lex, err);
}

static int skip_word(struct parser *p, const char *word, struct err *err)
{
	return copy_lexer_is(&p->lex, word) ? next(p, err) : 0;
}

/* Replaces *to by the current token's value and steps on. */
static int take_value(struct parser *p, char **to, struct err *err)
{
	char *copy = mem_strdup(p->lex.value.data);

	if (!copy)
		return err_nomem(err);
	mem_free(*to);
	*to = copy;
	return next(p, err);
}

static int take_string(struct parser *p, char **to, struct err *err)
{
	if (p->lex.kind != COPY_TOKEN_STRING)
		return copy_lexer_fail(&p->lex, err);
	return take_value(p, to, err);
}

static int take_secret(struct parser *p, struct secret *to, struct err *err)
{
	if (p->lex.kind != COPY_TOKEN_STRING)
		return copy_lexer_fail(&p->lex, err);
	if (secret_set(to, p->lex.value.data, err) < 0)
		return -1;
	return next(p, err);
}

static void *member(struct parser *p, const struct option *o)
{
	return (char *)p->s + o->offset;
}

static int parse_flag(struct parser *p, const struct option *o, struct err *err)
{
	(void)err;
	*(bool *)member(p, o) = true;
	return 0;
}

static int parse_refused(struct parser *p, const struct option *o, struct err *err)
{
	return refuse(p, p->lex.from, err, o->word);
}

static int parse_text(struct parser *p, const struct option *o, struct err *err)
{
	if (skip_word(p, "as", err) < 0)
		return -1;
	return take_string(p, member(p, o), err);
}

/* REGION: the name stands without quotes in some scripts. */
static int parse_region(struct parser *p, const struct option *o, struct err *err)
{
	struct buf name;
	int rc = -1;

	if (skip_word(p, "as", err) < 0)
		return -1;
	if (p->lex.kind == COPY_TOKEN_STRING)
		return take_value(p, member(p, o), err);
	buf_init(&name, 64);
	while (p->lex.kind == COPY_TOKEN_WORD || p->lex.kind == COPY_TOKEN_NUMBER || copy_lexer_is_char(&p->lex, '-')) {
		size_t end = p->lex.to;

		buf_add(&name, p->lex.text + p->lex.from, end - p->lex.from);
		if (next(p, err) < 0)
			goto out;
		if (p->lex.from != end)
			break;
	}
	if (name.len == 0) {
		copy_lexer_fail(&p->lex, err);
		goto out;
	}
	if (buf_check(&name, "the region's name", err) < 0)
		goto out;
	mem_free(p->s->region);
	p->s->region = buf_take(&name);
	rc = p->s->region ? 0 : err_nomem(err);
out:
	buf_clear(&name);
	return rc;
}

static int parse_count(struct parser *p, int max, int *out, struct err *err)
{
	long n = 0;

	if (skip_word(p, "as", err) < 0)
		return -1;
	if (p->lex.kind != COPY_TOKEN_NUMBER)
		return copy_lexer_fail(&p->lex, err);
	for (const char *c = p->lex.value.data; *c; c++) {
		n = n * 10 + (*c - '0');
		if (n > max) {
			err_set(err, ERR_DATABASE, "value %s is greater than the maximum of %d", p->lex.value.data,
				max);
			if (err)
				memcpy(err->sqlstate, "22023", 6);
			return copy_lexer_locate(&p->lex, p->lex.from, err);
		}
	}
	*out = (int)n;
	return next(p, err);
}

static int parse_max_errors(struct parser *p, const struct option *o, struct err *err)
{
	return parse_count(p, MAX_ERRORS_LIMIT, member(p, o), err);
}

/* COMPROWS: a hint to the analysis of compression, which the sandbox has no use for. */
static int parse_ignored_count(struct parser *p, const struct option *o, struct err *err)
{
	int ignored;

	(void)o;
	return parse_count(p, 1000000000, &ignored, err);
}

/* COMPUPDATE and STATUPDATE: likewise. */
static int parse_ignored_switch(struct parser *p, const struct option *o, struct err *err)
{
	static const char *const words[] = { "on", "off", "true", "false", "preset" };

	(void)o;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (copy_lexer_is(&p->lex, words[i]))
			return next(p, err);
	}
	return 0;
}

static int parse_compression(struct parser *p, const struct option *o, struct err *err)
{
	(void)err;
	p->s->compression = (enum copy_compression)o->value;
	return 0;
}

static int parse_inv_chars(struct parser *p, const struct option *o, struct err *err)
{
	bool as = copy_lexer_is(&p->lex, "as");

	(void)o;
	p->s->accept_inv_chars = true;
	if (as && next(p, err) < 0)
		return -1;
	if (p->lex.kind != COPY_TOKEN_STRING)
		return as ? copy_lexer_fail(&p->lex, err) : 0;
	if (p->lex.value.len != 1 || (unsigned char)p->lex.value.data[0] >= 0x80) {
		err_set(err, ERR_DATABASE, "the replacement of ACCEPTINVCHARS must be one ASCII character");
		if (err)
			memcpy(err->sqlstate, "22023", 6);
		return copy_lexer_locate(&p->lex, p->lex.from, err);
	}
	p->s->replacement = p->lex.value.data[0];
	return next(p, err);
}

static int parse_encoding(struct parser *p, const struct option *o, struct err *err)
{
	size_t from;

	(void)o;
	if (skip_word(p, "as", err) < 0)
		return -1;
	from = p->lex.from;
	if (p->lex.kind != COPY_TOKEN_WORD && p->lex.kind != COPY_TOKEN_STRING)
		return copy_lexer_fail(&p->lex, err);
	if (strcasecmp(p->lex.value.data, "utf8") != 0)
		return refuse(p, from, err, "ENCODING other than UTF8");
	return next(p, err);
}

/* What stands behind JSON: 'auto', 'auto ignorecase', the URL of a jsonpaths file, or nothing. */
static int parse_json_argument(struct parser *p, struct err *err)
{
	struct copy_statement *s = p->s;
	size_t from;

	if (skip_word(p, "as", err) < 0)
		return -1;
	from = p->lex.from;
	s->json_match = COPY_JSON_AUTO;
	if (p->lex.kind != COPY_TOKEN_STRING)
		return 0;
	if (strcmp(p->lex.value.data, "noshred") == 0)
		return refuse(p, from, err, "JSON 'noshred'");
	if (strcasecmp(p->lex.value.data, "auto") == 0)
		return next(p, err);
	if (strcasecmp(p->lex.value.data, "auto ignorecase") == 0) {
		s->json_match = COPY_JSON_AUTO_IGNORECASE;
		return next(p, err);
	}
	if (strncmp(p->lex.value.data, "s3://", 5) != 0) {
		err_set(err, ERR_DATABASE, "invalid JSONPaths file '%.200s'", p->lex.value.data);
		err_hint(err, "write 'auto', 'auto ignorecase' or the s3:// address of a JSONPaths file");
		if (err)
			memcpy(err->sqlstate, "22023", 6);
		return copy_lexer_locate(&p->lex, from, err);
	}
	s->json_match = COPY_JSON_PATHS;
	return take_value(p, &s->jsonpaths_url, err);
}

/* FORMAT [AS] name, or the name alone. o->word is the name then. */
static int parse_format(struct parser *p, const struct option *o, struct err *err)
{
	size_t from = p->lex.from;
	const char *name = o->word;
	char upper[32];

	if (strcmp(name, "format") == 0) {
		if (skip_word(p, "as", err) < 0)
			return -1;
		if (p->lex.kind != COPY_TOKEN_WORD)
			return copy_lexer_fail(&p->lex, err);
		snprintf(upper, sizeof upper, "%s", p->lex.value.data);
		name = upper;
		from = p->lex.from;
		if (next(p, err) < 0)
			return -1;
	}
	p->s->format = copy_format_find(name);
	if (!p->s->format)
		return refuse(p, from, err, name);
	return parse_json_argument(p, err);
}

static int parse_iam_role(struct parser *p, const struct option *o, struct err *err)
{
	(void)o;
	if (copy_auth_once(p->s, err) < 0)
		return copy_lexer_locate(&p->lex, p->lex.from, err);
	if (copy_lexer_is(&p->lex, "default")) {
		p->s->auth = COPY_AUTH_DEFAULT_ROLE;
		return next(p, err);
	}
	p->s->auth = COPY_AUTH_ROLE;
	return take_string(p, &p->s->role_arn, err);
}

static int parse_credentials(struct parser *p, const struct option *o, struct err *err)
{
	(void)o;
	if (skip_word(p, "as", err) < 0)
		return -1;
	if (p->lex.kind != COPY_TOKEN_STRING)
		return copy_lexer_fail(&p->lex, err);
	if (copy_auth_once(p->s, err) < 0 || copy_credentials_parse(p->lex.value.data, p->s, err) < 0)
		return copy_lexer_locate(&p->lex, p->lex.from, err);
	return next(p, err);
}

/* WITH only stands before CREDENTIALS. */
static int parse_with(struct parser *p, const struct option *o, struct err *err)
{
	(void)o;
	return copy_lexer_is(&p->lex, "credentials") ? 0 : copy_lexer_fail(&p->lex, err);
}

static int parse_key_id(struct parser *p, const struct option *o, struct err *err)
{
	if (copy_auth_once(p->s, err) < 0)
		return copy_lexer_locate(&p->lex, p->lex.from, err);
	p->s->auth = COPY_AUTH_KEYS;
	return parse_text(p, o, err);
}

static int parse_secret(struct parser *p, const struct option *o, struct err *err)
{
	if (skip_word(p, "as", err) < 0)
		return -1;
	return take_secret(p, member(p, o), err);
}

#define MEMBER(name) offsetof(struct copy_statement, name)

static const struct option options[] = {
	{ "iam_role", parse_iam_role, 0, 0 },
	{ "with", parse_with, 0, 0 },
	{ "credentials", parse_credentials, 0, 0 },
	{ "access_key_id", parse_key_id, MEMBER(key_id), 0 },
	{ "secret_access_key", parse_secret, MEMBER(secret_key), 0 },
	{ "session_token", parse_secret, MEMBER(session_token), 0 },
	{ "region", parse_region, MEMBER(region), 0 },
	{ "manifest", parse_flag, MEMBER(manifest), 0 },
	{ "format", parse_format, 0, 0 },
	{ "json", parse_format, 0, 0 },
	{ "gzip", parse_compression, 0, COPY_GZIP },
	{ "zstd", parse_compression, 0, COPY_ZSTD },
	{ "bzip2", parse_compression, 0, COPY_BZIP2 },
	{ "dateformat", parse_text, MEMBER(date_format), 0 },
	{ "timeformat", parse_text, MEMBER(time_format), 0 },
	{ "maxerror", parse_max_errors, MEMBER(max_errors), 0 },
	{ "ignoreallerrors", parse_flag, MEMBER(ignore_all_errors), 0 },
	{ "truncatecolumns", parse_flag, MEMBER(truncate_columns), 0 },
	{ "blanksasnull", parse_flag, MEMBER(blanks_as_null), 0 },
	{ "emptyasnull", parse_flag, MEMBER(empty_as_null), 0 },
	{ "trimblanks", parse_flag, MEMBER(trim_blanks), 0 },
	{ "acceptanydate", parse_flag, MEMBER(accept_any_date), 0 },
	{ "acceptinvchars", parse_inv_chars, 0, 0 },
	{ "explicit_ids", parse_flag, MEMBER(explicit_ids), 0 },
	{ "roundec", parse_flag, MEMBER(round_decimals), 0 },
	{ "noload", parse_flag, MEMBER(no_load), 0 },
	{ "encoding", parse_encoding, 0, 0 },
	{ "compupdate", parse_ignored_switch, 0, 0 },
	{ "statupdate", parse_ignored_switch, 0, 0 },
	{ "comprows", parse_ignored_count, 0, 0 },
	{ "csv", parse_refused, 0, 0 },
	{ "delimiter", parse_refused, 0, 0 },
	{ "fixedwidth", parse_refused, 0, 0 },
	{ "parquet", parse_refused, 0, 0 },
	{ "orc", parse_refused, 0, 0 },
	{ "avro", parse_refused, 0, 0 },
	{ "shapefile", parse_refused, 0, 0 },
	{ "encrypted", parse_refused, 0, 0 },
	{ "master_symmetric_key", parse_refused, 0, 0 },
	{ "lzop", parse_refused, 0, 0 },
	{ "escape", parse_refused, 0, 0 },
	{ "fillrecord", parse_refused, 0, 0 },
	{ "ignoreblanklines", parse_refused, 0, 0 },
	{ "ignoreheader", parse_refused, 0, 0 },
	{ "null", parse_refused, 0, 0 },
	{ "quote", parse_refused, 0, 0 },
	{ "readratio", parse_refused, 0, 0 },
	{ "removequotes", parse_refused, 0, 0 },
	{ "ssh", parse_refused, 0, 0 },
	{ "job", parse_refused, 0, 0 },
};

static int parse_options(struct parser *p, struct err *err)
{
	while (p->lex.kind != COPY_TOKEN_END && !copy_lexer_is_char(&p->lex, ';')) {
		const struct option *found = NULL;

		for (size_t i = 0; i < sizeof options / sizeof *options && !found; i++) {
			if (copy_lexer_is(&p->lex, options[i].word))
				found = &options[i];
		}
		if (!found)
			return copy_lexer_fail(&p->lex, err);
		if (found->parse == parse_refused)
			return parse_refused(p, found, err);
		if (next(p, err) < 0 || found->parse(p, found, err) < 0)
			return -1;
	}
	if (copy_lexer_is_char(&p->lex, ';')) {
		if (next(p, err) < 0)
			return -1;
		if (p->lex.kind != COPY_TOKEN_END)
			return copy_lexer_fail(&p->lex, err);
	}
	return 0;
}

static int parse_name(struct parser *p, char **to, struct err *err)
{
	if (p->lex.kind != COPY_TOKEN_WORD && p->lex.kind != COPY_TOKEN_QUOTED)
		return copy_lexer_fail(&p->lex, err);
	return take_value(p, to, err);
}

/* [[database.]schema.]table */
static int parse_target(struct parser *p, struct err *err)
{
	struct copy_statement *s = p->s;

	if (parse_name(p, &s->table, err) < 0)
		return -1;
	for (int parts = 1; copy_lexer_is_char(&p->lex, '.'); parts++) {
		if (parts == 3)
			return copy_lexer_fail(&p->lex, err);
		if (next(p, err) < 0)
			return -1;
		mem_free(s->schema);
		s->schema = s->table;
		s->table = NULL;
		if (parse_name(p, &s->table, err) < 0)
			return -1;
	}
	return 0;
}

static int parse_columns(struct parser *p, struct err *err)
{
	struct copy_statement *s = p->s;
	size_t cap = 0;

	if (!copy_lexer_is_char(&p->lex, '('))
		return 0;
	do {
		if (next(p, err) < 0)
			return -1;
		if (mem_grow(&s->columns, &cap, s->column_count, sizeof *s->columns) < 0)
			return err_nomem(err);
		s->columns[s->column_count] = NULL;
		if (parse_name(p, &s->columns[s->column_count++], err) < 0)
			return -1;
	} while (copy_lexer_is_char(&p->lex, ','));
	if (!copy_lexer_is_char(&p->lex, ')'))
		return copy_lexer_fail(&p->lex, err);
	return next(p, err);
}

static int parse_source(struct parser *p, struct err *err)
{
	struct copy_statement *s = p->s;
	size_t from;
	const char *key;

	if (!copy_lexer_is(&p->lex, "from"))
		return copy_lexer_fail(&p->lex, err);
	if (next(p, err) < 0)
		return -1;
	from = p->lex.from;
	if (take_string(p, &s->source, err) < 0)
		return -1;
	if (strncmp(s->source, "s3://", 5) != 0)
		return refuse(p, from, err, "FROM other than s3://");
	if (url_parse_s3(s->source, s->bucket, &key, err) < 0) {
		if (err && err->kind == ERR_NOMEM)
			return -1;
		err_set(err, ERR_DATABASE, "invalid S3 address '%.300s'", s->source);
		if (err)
			memcpy(err->sqlstate, "22023", 6);
		return copy_lexer_locate(&p->lex, from, err);
	}
	s->prefix = mem_strdup(key);
	return s->prefix ? 0 : err_nomem(err);
}

static int parse_statement(struct parser *p, struct err *err)
{
	struct copy_statement *s = p->s;

	if (next(p, err) < 0)
		return -1;
	if (!copy_lexer_is(&p->lex, "copy"))
		return copy_lexer_fail(&p->lex, err);
	if (next(p, err) < 0 || parse_target(p, err) < 0 || parse_columns(p, err) < 0 || parse_source(p, err) < 0 ||
	    parse_options(p, err) < 0)
		return -1;
	if (copy_auth_complete(s, err) < 0)
		return -1;
	if (!s->format)
		return refuse(p, 0, err, "delimited text (the default format)");
	return 0;
}

int copy_parse(const char *sql, size_t len, struct copy_statement **out, struct err *err)
{
	struct parser p;
	int rc;

	p.s = mem_alloc(sizeof *p.s);
	if (!p.s)
		return err_nomem(err);
	p.s->replacement = '?';
	copy_lexer_init(&p.lex, sql, len);
	rc = parse_statement(&p, err);
	copy_lexer_clear(&p.lex);
	if (rc < 0)
		copy_statement_free(p.s);
	else
		*out = p.s;
	return rc;
}

void copy_statement_free(struct copy_statement *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->column_count; i++)
		mem_free(s->columns[i]);
	mem_free(s->columns);
	mem_free(s->schema);
	mem_free(s->table);
	mem_free(s->prefix);
	mem_free(s->source);
	mem_free(s->region);
	mem_free(s->role_arn);
	mem_free(s->key_id);
	secret_clear(&s->secret_key);
	secret_clear(&s->session_token);
	mem_free(s->jsonpaths_url);
	mem_free(s->date_format);
	mem_free(s->time_format);
	mem_free(s);
}
