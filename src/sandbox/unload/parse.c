#include <string.h>

#include "sandbox/copy/credentials.h"
#include "sandbox/copy/parse.h"
#include "sandbox/unload/options.h"
#include "spark/base/mem.h"
#include "spark/base/url.h"

static int parse_query(struct copy_parser *p, struct err *err)
{
	if (!copy_lexer_is_char(&p->lex, '('))
		return copy_lexer_fail(&p->lex, err);
	if (copy_parse_next(p, err) < 0)
		return -1;
	if (p->lex.kind != COPY_TOKEN_STRING)
		return copy_lexer_fail(&p->lex, err);
	if (copy_parse_next(p, err) < 0)
		return -1;
	return copy_lexer_is_char(&p->lex, ')') ? copy_parse_next(p, err) : copy_lexer_fail(&p->lex, err);
}

static int parse_destination(struct copy_parser *p, struct err *err)
{
	struct copy_statement *s = p->s;
	size_t from;
	const char *key;

	if (!copy_lexer_is(&p->lex, "to"))
		return copy_lexer_fail(&p->lex, err);
	if (copy_parse_next(p, err) < 0)
		return -1;
	from = p->lex.from;
	if (copy_parse_string(p, &s->source, err) < 0)
		return -1;
	if (url_parse_s3(s->source, s->bucket, &key, err) < 0) {
		if (err && err->kind == ERR_NOMEM)
			return -1;
		return copy_parse_fail(p, from, err, "22023", "invalid S3 address '%.300s'", s->source);
	}
	s->prefix = mem_strdup(key);
	return s->prefix ? 0 : err_nomem(err);
}

static int parse_statement(struct unload_parser *p, struct err *err)
{
	if (copy_parse_next(&p->copy, err) < 0)
		return -1;
	if (!copy_lexer_is(&p->copy.lex, "unload"))
		return copy_lexer_fail(&p->copy.lex, err);
	if (copy_parse_next(&p->copy, err) < 0 || parse_query(&p->copy, err) < 0 ||
	    parse_destination(&p->copy, err) < 0 || unload_parse_options(p, err) < 0)
		return -1;
	return copy_auth_complete(p->copy.s, p->copy.verb, err);
}

int unload_parse(const char *sql, size_t len, struct unload_statement **out, struct err *err)
{
	struct unload_parser p = { .copy = { .verb = "UNLOAD" } };
	int rc;

	if (!(p.s = mem_alloc(sizeof *p.s)) || !(p.s->to = mem_alloc(sizeof *p.s->to))) {
		unload_statement_free(p.s);
		return err_nomem(err);
	}
	p.s->max_file_bytes = UNLOAD_FILE_BYTES_MAX;
	p.copy.s = p.s->to;
	copy_lexer_init(&p.copy.lex, sql, len);
	rc = parse_statement(&p, err);
	copy_lexer_clear(&p.copy.lex);
	if (rc < 0)
		unload_statement_free(p.s);
	else
		*out = p.s;
	return rc;
}

void unload_statement_free(struct unload_statement *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->partition_count; i++)
		mem_free(s->partition[i]);
	mem_free(s->partition);
	mem_free(s->extension);
	copy_statement_free(s->to);
	mem_free(s);
}
