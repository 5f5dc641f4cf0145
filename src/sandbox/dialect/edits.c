#include "sandbox/dialect/edits.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spark/base/mem.h"

#define QUOTE_BEGIN '\x01' /* no SQL text has these: the scanner refuses them */
#define QUOTE_END   '\x02'
#define DEPTH_MAX   64
#define TEXT_MAX    ((size_t)16 * 1024 * 1024)

void edits_clear(struct edits *e)
{
	for (size_t i = 0; i < e->count; i++)
		mem_free(e->items[i].text);
	mem_free(e->items);
	memset(e, 0, sizeof *e);
}

int edits_check(const struct edits *e, struct err *err)
{
	return e->failed ? err_nomem(err) : 0;
}

/* Takes text. */
static void add(struct edits *e, size_t from, size_t to, char *text, bool before)
{
	if (!text || mem_grow(&e->items, &e->cap, e->count, sizeof *e->items) < 0) {
		mem_free(text);
		e->failed = true;
		return;
	}
	e->items[e->count] =
		(struct edit){ .from = from, .to = to, .text = text, .before = before, .order = (int)e->count };
	e->count++;
}

static char *format(const char *fmt, va_list ap) PRINTF_LIKE(1, 0);
static char *format(const char *fmt, va_list ap)
{
	struct buf b;
	char *text = NULL;

	buf_init(&b, TEXT_MAX);
	buf_vprintf(&b, fmt, ap);
	if (!b.failed)
		text = buf_take(&b);
	buf_clear(&b);
	return text;
}

void edit_replace(struct edits *e, size_t from, size_t to, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(e, from, to, format(fmt, ap), false);
	va_end(ap);
}

void edit_insert_after(struct edits *e, size_t at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(e, at, at, format(fmt, ap), true);
	va_end(ap);
}

void edit_insert_behind(struct edits *e, size_t at, const char *fmt, ...)
{
	size_t count = e->count;
	va_list ap;

	va_start(ap, fmt);
	add(e, at, at, format(fmt, ap), true);
	va_end(ap);
	if (e->count > count)
		e->items[count].outer = true;
}

void edit_insert_before(struct edits *e, size_t at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(e, at, at, format(fmt, ap), false);
	va_end(ap);
}

void edit_blank(struct edits *e, const char *text, size_t from, size_t to)
{
	char *blanks = mem_strndup(text + from, to - from);

	for (char *c = blanks; c && *c; c++) {
		if (*c != '\n' && *c != '\r')
			*c = ' ';
	}
	add(e, from, to, blanks, false);
}

struct edit_quote edit_quote(size_t from, size_t to)
{
	struct edit_quote q;

	snprintf(q.text, sizeof q.text, "%c%zu,%zu%c", QUOTE_BEGIN, from, to, QUOTE_END);
	return q;
}

/* By place; at one place what belongs to the text before comes first, inner things before outer ones, then the wider
 * change. */
static int compare(const void *pa, const void *pb)
{
	const struct edit *a = pa, *b = pb;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	if (a->before != b->before)
		return a->before ? -1 : 1;
	if (a->outer != b->outer)
		return a->outer ? 1 : -1;
	if ((a->from == a->to) != (b->from == b->to))
		return a->from == a->to ? -1 : 1;
	if (a->to != b->to)
		return a->to > b->to ? -1 : 1;
	return a->order - b->order;
}

struct apply {
	const struct edits *e;
	const char *text;
	struct buf *out;
	struct edit_map *map;
	bool failed;
};

static void add_piece(struct apply *a, struct edit_piece piece)
{
	struct edit_map *m = a->map;

	if (!m)
		return;
	if (mem_grow(&m->items, &m->cap, m->count, sizeof *m->items) < 0) {
		a->failed = true;
		return;
	}
	m->items[m->count++] = piece;
}

static void copy_old(struct apply *a, size_t from, size_t to)
{
	if (from >= to)
		return;
	add_piece(a, (struct edit_piece){ .out = a->out->len, .in = from, .len = to - from });
	buf_add(a->out, a->text + from, to - from);
}

static bool belongs(const struct edit *e, size_t from, size_t to)
{
	if (e->from < from || e->to > to)
		return false;
	if (e->from < e->to)
		return true;
	return e->before ? e->from > from : e->from < to;
}

static void render(struct apply *a, size_t from, size_t to, const struct edit *inside, int depth);

static void put_text(struct apply *a, const struct edit *e, int depth)
{
	const char *p = e->text;

	add_piece(a,
		  (struct edit_piece){ .out = a->out->len, .in = e->from, .ours = true, .inserted = e->from == e->to });
	while (*p) {
		const char *quote = strchr(p, QUOTE_BEGIN);
		unsigned long from, to;
		char *end;

		if (!quote) {
			buf_puts(a->out, p);
			return;
		}
		buf_add(a->out, p, (size_t)(quote - p));
		from = strtoul(quote + 1, &end, 10);
		to = strtoul(end + 1, &end, 10);
		render(a, from, to, e, depth + 1);
		add_piece(a, (struct edit_piece){ .out = a->out->len, .in = e->from, .ours = true });
		p = end + 1;
	}
}

static void render(struct apply *a, size_t from, size_t to, const struct edit *inside, int depth)
{
	size_t at = from;

	if (depth > DEPTH_MAX)
		a->out->failed = a->out->too_long = true;
	if (a->out->failed)
		return;
	for (size_t i = 0; i < a->e->count; i++) {
		const struct edit *e = &a->e->items[i];

		if (e == inside || e->from < at || !belongs(e, from, to))
			continue;
		copy_old(a, at, e->from);
		put_text(a, e, depth);
		at = e->to;
	}
	copy_old(a, at, to);
}

int edits_apply(struct edits *e, const char *text, size_t from, size_t to, struct buf *out, struct edit_map *map,
		struct err *err)
{
	struct apply a = { .e = e, .text = text, .out = out, .map = map };

	if (edits_check(e, err) < 0)
		return -1;
	if (e->count > 1)
		qsort(e->items, e->count, sizeof *e->items, compare);
	render(&a, from, to, NULL, 0);
	if (a.failed)
		return err_nomem(err);
	return buf_check(out, "the rewritten statement", err);
}

void edit_map_clear(struct edit_map *m)
{
	mem_free(m->items);
	memset(m, 0, sizeof *m);
}

bool edit_map_back(const struct edit_map *m, size_t out, size_t *in)
{
	const struct edit_piece *p = NULL;

	for (size_t i = 0; i < m->count && m->items[i].out <= out; i++)
		p = &m->items[i];
	if (!p || p->inserted)
		return false;
	*in = p->ours ? p->in : p->in + (out - p->out);
	return true;
}
