#include <stdarg.h>
#include <string.h>

#include "sandbox/copy/credentials.h"
#include "sandbox/copy/format.h"
#include "sandbox/copy/parse.h"
#include "spark/base/mem.h"
#include "spark/base/url.h"

int copy_parse_fail(struct copy_parser *p, size_t at, struct err *err, const char *sqlstate, const char *fmt, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	err_set(err, ERR_DATABASE, "%s", text);
	if (err)
		snprintf(err->sqlstate, sizeof err->sqlstate, "%s", sqlstate);
	return copy_lexer_locate(&p->lex, at, err);
}

int copy_parse_refuse(struct copy_parser *p, size_t at, struct err *err, const char *name)
{
	return copy_parse_fail(p, at, err, "0A000", "%s option \"%s\" is not supported by this sandbox", p->verb, name);
}

int copy_parse_next(struct copy_parser *p, struct err *err)
{
	return copy_lexer_next(&p->lex, err);
}

int copy_parse_skip(struct copy_parser *p, const char *word, struct err *err)
{
	return copy_lexer_is(&p->lex, word) ? copy_lexer_next(&p->lex, err) : 0;
}

int copy_parse_value(struct copy_parser *p, char **to, struct err *err)
{
	char *copy = mem_strdup(p->lex.value.data);

	if (!copy)
		return err_nomem(err);
	mem_free(*to);
	*to = copy;
	return copy_lexer_next(&p->lex, err);
}

int copy_parse_string(struct copy_parser *p, char **to, struct err *err)
{
	if (p->lex.kind != COPY_TOKEN_STRING)
		return copy_lexer_fail(&p->lex, err);
	return copy_parse_value(p, to, err);
}

static int parse_name(struct copy_parser *p, char **to, struct err *err)
{
	if (p->lex.kind != COPY_TOKEN_WORD && p->lex.kind != COPY_TOKEN_QUOTED)
		return copy_lexer_fail(&p->lex, err);
	return copy_parse_value(p, to, err);
}

/* [[database.]schema.]table */
static int parse_target(struct copy_parser *p, struct err *err)
{
	struct copy_statement *s = p->s;

	if (parse_name(p, &s->table, err) < 0)
		return -1;
	for (int parts = 1; copy_lexer_is_char(&p->lex, '.'); parts++) {
		if (parts == 3)
			return copy_lexer_fail(&p->lex, err);
		if (copy_parse_next(p, err) < 0)
			return -1;
		mem_free(s->schema);
		s->schema = s->table;
		s->table = NULL;
		if (parse_name(p, &s->table, err) < 0)
			return -1;
	}
	return 0;
}

static int parse_columns(struct copy_parser *p, struct err *err)
{
	struct copy_statement *s = p->s;
	size_t cap = 0;

	if (!copy_lexer_is_char(&p->lex, '('))
		return 0;
	do {
		if (copy_parse_next(p, err) < 0)
			return -1;
		if (mem_grow(&s->columns, &cap, s->column_count, sizeof *s->columns) < 0)
			return err_nomem(err);
		s->columns[s->column_count] = NULL;
		if (parse_name(p, &s->columns[s->column_count++], err) < 0)
			return -1;
	} while (copy_lexer_is_char(&p->lex, ','));
	if (!copy_lexer_is_char(&p->lex, ')'))
		return copy_lexer_fail(&p->lex, err);
	return copy_parse_next(p, err);
}

/* Other places that Redshift loads from, by their address. */
static const char *source_name(const char *url)
{
	if (strncmp(url, "dynamodb://", 11) == 0)
		return "FROM 'dynamodb://...'";
	if (strncmp(url, "emr://", 6) == 0)
		return "FROM 'emr://...'";
	return "FROM other than s3://";
}

static int parse_source(struct copy_parser *p, struct err *err)
{
	struct copy_statement *s = p->s;
	size_t from;
	const char *key;

	if (!copy_lexer_is(&p->lex, "from"))
		return copy_lexer_fail(&p->lex, err);
	if (copy_parse_next(p, err) < 0)
		return -1;
	from = p->lex.from;
	if (copy_parse_string(p, &s->source, err) < 0)
		return -1;
	if (strncmp(s->source, "s3://", 5) != 0)
		return copy_parse_refuse(p, from, err, source_name(s->source));
	if (url_parse_s3(s->source, s->bucket, &key, err) < 0) {
		if (err && err->kind == ERR_NOMEM)
			return -1;
		return copy_parse_fail(p, from, err, "22023", "invalid S3 address '%.300s'", s->source);
	}
	s->prefix = mem_strdup(key);
	return s->prefix ? 0 : err_nomem(err);
}

static int parse_statement(struct copy_parser *p, struct err *err)
{
	struct copy_statement *s = p->s;

	if (copy_parse_next(p, err) < 0)
		return -1;
	if (!copy_lexer_is(&p->lex, "copy"))
		return copy_lexer_fail(&p->lex, err);
	if (copy_parse_next(p, err) < 0 || parse_target(p, err) < 0 || parse_columns(p, err) < 0 ||
	    parse_source(p, err) < 0 || copy_parse_options(p, err) < 0)
		return -1;
	if (copy_auth_complete(s, p->verb, err) < 0)
		return -1;
	if (!s->format)
		s->format = &copy_format_delimited;
	return 0;
}

int copy_parse(const char *sql, size_t len, struct copy_statement **out, struct err *err)
{
	struct copy_parser p = { .verb = "COPY" };
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
	mem_free(s->null_as);
	mem_free(s->widths);
	mem_free(s->date_format);
	mem_free(s->time_format);
	mem_free(s);
}
