#include "sandbox/wire/rewritten.h"

#include "spark/base/mem.h"

int rewritten_new(const char *text, const struct dialect_catalog *catalog, struct rewritten **out, struct err *err)
{
	struct rewritten *r = mem_alloc(sizeof(*r));

	if (r)
		r->text = mem_strdup(text);
	if (!r || !r->text) {
		mem_free(r);
		return err_nomem(err);
	}
	r->references = 1;
	if (dialect_rewrite(r->text, strlen(r->text), catalog, &r->script, err)) {
		mem_free(r->text);
		mem_free(r);
		return -1;
	}
	*out = r;
	return 0;
}

struct rewritten *rewritten_keep(struct rewritten *r)
{
	r->references++;
	return r;
}

void rewritten_release(struct rewritten *r)
{
	if (!r || --r->references)
		return;
	dialect_script_clear(&r->script);
	mem_free(r->text);
	mem_free(r);
}

void rewritten_join(const struct rewritten *r, struct buf *out)
{
	bool first = true;

	for (size_t i = 0; i < r->script.count; i++) {
		const struct dialect_statement *s = &r->script.items[i];

		if (s->kind == DIALECT_EMPTY)
			continue;
		if (!first)
			buf_putc(out, ';');
		first = false;
		buf_add(out, s->sql.data, s->sql.len);
		/* A comment to the end of the line would swallow the next statement. */
		if (i + 1 < r->script.count && memchr(s->sql.data, '-', s->sql.len))
			buf_putc(out, '\n');
	}
}

size_t rewritten_count(const struct rewritten *r, enum dialect_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < r->script.count; i++)
		n += r->script.items[i].kind == kind;
	return n;
}

bool rewritten_is_same(const struct rewritten *r)
{
	const struct dialect_statement *found = NULL;

	for (size_t i = 0; i < r->script.count; i++) {
		if (r->script.items[i].kind == DIALECT_EMPTY)
			continue;
		if (found)
			return false;
		found = &r->script.items[i];
	}
	return found && found->kind == DIALECT_PASS && !found->commits && !found->tag &&
	       found->sql.len == found->to - found->from &&
	       memcmp(found->sql.data, r->text + found->from, found->sql.len) == 0;
}

static int characters(const char *text, size_t len)
{
	int n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xC0) != 0x80;
	return n;
}

int rewritten_position(const struct rewritten *r, int only, int position)
{
	int start = 0;
	bool first = true;

	if (only >= 0)
		return (size_t)only < r->script.count ? dialect_map_position(&r->script.items[only], r->text, position)
						      : 0;
	/* The same walk as rewritten_join(). */
	for (size_t i = 0; i < r->script.count; i++) {
		const struct dialect_statement *s = &r->script.items[i];
		int len;

		if (s->kind == DIALECT_EMPTY)
			continue;
		if (!first)
			start++;
		first = false;
		len = characters(s->sql.data, s->sql.len);
		/* One behind the last character: where an unfinished statement is pointed at. */
		if (position <= start + len + 1)
			return dialect_map_position(s, r->text, position - start);
		start += len;
		if (i + 1 < r->script.count && memchr(s->sql.data, '-', s->sql.len))
			start++;
	}
	return 0;
}

size_t rewritten_count_own(const struct rewritten *r)
{
	return rewritten_count(r, DIALECT_COPY) + rewritten_count(r, DIALECT_UNLOAD);
}

bool rewritten_commits(const struct rewritten *r)
{
	for (size_t i = 0; i < r->script.count; i++)
		if (r->script.items[i].commits)
			return true;
	return false;
}

bool rewritten_has_late(const struct rewritten *r)
{
	for (size_t i = 0; i < r->script.count; i++)
		if (r->script.items[i].late)
			return true;
	return false;
}

bool rewritten_has_tag(const struct rewritten *r)
{
	for (size_t i = 0; i < r->script.count; i++)
		if (r->script.items[i].tag)
			return true;
	return false;
}

const char *rewritten_tag(const struct rewritten *r, int only, size_t nth)
{
	if (only >= 0)
		return (size_t)only < r->script.count ? r->script.items[only].tag : NULL;
	for (size_t i = 0; i < r->script.count; i++) {
		const struct dialect_statement *s = &r->script.items[i];

		if (s->kind != DIALECT_EMPTY && --nth == 0)
			return s->tag;
	}
	return NULL;
}
