#include <string.h>

#include "sandbox/dialect/rules.h"
#include "spark/base/mem.h"

#define BODY_MAX ((size_t)16 * 1024 * 1024)

static int rewrite(struct rules *r, const char *text, size_t len, struct buf *out)
{
	struct tokens t;
	struct edits e = { 0 };
	struct rules inner = { .t = &t, .e = &e, .err = r->err, .strict = r->strict, .body = true };
	bool ok;
	int rc = -1;

	if (tokens_read(text, len, &t, &ok, r->err) < 0)
		return -1;
	inner.to = t.count;
	if (!ok)
		buf_add(out, text, len);
	else if (rules_run(&inner) < 0 || edits_apply(&e, text, 0, len, out, NULL, r->err) < 0)
		goto out;
	rc = buf_check(out, "the body", r->err);
out:
	edits_clear(&e);
	tokens_clear(&t);
	return rc;
}

int rules_body(struct rules *r, int at)
{
	const struct token *token = &r->t->items[at];
	const char *text = r->t->text + token->from;
	size_t len = token->to - token->from;
	size_t tag = (size_t)((const char *)memchr(text + 1, '$', len - 1) - text) + 1;
	struct buf out;
	int rc;

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
