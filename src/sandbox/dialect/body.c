#include <string.h>

#include "sandbox/dialect/passes.h"
#include "sandbox/dialect/rules.h"
#include "spark/base/mem.h"

#define BODY_MAX  ((size_t)16 * 1024 * 1024)
#define DEPTH_MAX 8

/* A body may make procedures itself, also by text for EXECUTE: each level stands on the stack. It is the thread's,
 * because dialect_rewrite() lies between two levels. */
static _Thread_local int depth;

static int rewrite_level(struct rules *r, const char *text, size_t len, struct buf *out)
{
	struct tokens t;
	struct edits e = { 0 };
	struct rules inner = {
		.t = &t, .e = &e, .err = r->err, .strict = r->strict, .body = true, .catalog = r->catalog
	};
	bool ok;
	int rc = -1;

	if (tokens_read(text, len, &t, &ok, r->err) < 0)
		return -1;
	t.keep_case = r->t->keep_case;
	inner.to = t.count;
	if (!ok)
		buf_add(out, text, len);
	else if (rules_run(&inner) < 0 || edits_apply(&e, text, 0, len, out, NULL, r->err) < 0)
		goto out;
	rc = buf_check(out, "the body", r->err);
	if (rc == 0)
		rc = passes_run_body(out, r->catalog, r->err);
out:
	edits_clear(&e);
	tokens_clear(&t);
	return rc;
}

static int rewrite(struct rules *r, const char *text, size_t len, struct buf *out)
{
	int rc;

	if (depth >= DEPTH_MAX)
		return rules_fail(r, r->from, "54001", "procedures are nested too deeply");
	depth++;
	rc = rewrite_level(r, text, len, out);
	depth--;
	return rc;
}

/* A body in quotes: without them and what was doubled, rewritten, between tags of ours. One with backslashes passes. */
#define TAG "$sparkctl_body$"

static int string_body(struct rules *r, const struct token *token)
{
	const char *text = r->t->text + token->from;
	size_t len = token->to - token->from;
	struct buf plain, out;
	int rc;

	if (*text != '\'' || memchr(text, '\\', len))
		return 0;
	buf_init(&plain, BODY_MAX);
	buf_init(&out, BODY_MAX);
	for (size_t i = 1; i + 1 < len; i++) {
		if (text[i] == '\'' && text[i + 1] == '\'')
			i++;
		buf_putc(&plain, text[i]);
	}
	rc = buf_check(&plain, "the body", r->err);
	if (rc == 0)
		rc = rewrite(r, plain.data, plain.len, &out);
	if (rc == 0 && !strstr(out.data, TAG))
		edit_replace(r->e, token->from, token->to, TAG "%s" TAG, out.data);
	else if (rc < 0)
		r->refused_at = token->from;
	buf_clear(&plain);
	buf_clear(&out);
	return rc;
}

int rules_body(struct rules *r, int at)
{
	const struct token *token = &r->t->items[at];
	const char *text = r->t->text + token->from;
	size_t len = token->to - token->from, tag;
	struct buf out;
	int rc;

	if (token->kind == TOKEN_STRING)
		return string_body(r, token);
	tag = (size_t)((const char *)memchr(text + 1, '$', len - 1) - text) + 1;

	if (len < 2 * tag)
		return 0;
	buf_init(&out, BODY_MAX);
	rc = rewrite(r, text + tag, len - 2 * tag, &out);
	if (rc == 0)
		edit_replace(r->e, token->from + tag, token->to - tag, "%s", out.data);
	else
		r->refused_at = token->from;
	buf_clear(&out);
	return rc;
}
