#include "sandbox/wire/expect.h"

#include "spark/base/mem.h"

static void entry_clear(struct expect_entry *e)
{
	rewritten_release(e->text);
	mem_free(e->error);
	track_item_free(e->item);
	memset(e, 0, sizeof(*e));
}

void expect_init(struct expect *q)
{
	memset(q, 0, sizeof(*q));
}

void expect_clear(struct expect *q)
{
	for (size_t i = q->first; i < q->count; i++)
		entry_clear(&q->entries[i]);
	entry_clear(&q->last);
	mem_free(q->entries);
	memset(q, 0, sizeof(*q));
}

bool expect_idle(const struct expect *q)
{
	return q->first == q->count;
}

static struct expect_entry *head(struct expect *q)
{
	return expect_idle(q) ? NULL : &q->entries[q->first];
}

int expect_add(struct expect *q, struct expect_entry e, struct err *err)
{
	if (q->first == q->count) {
		q->first = q->count = 0;
	} else if (q->first > 64 && q->first > q->count / 2) {
		memmove(q->entries, q->entries + q->first, (q->count - q->first) * sizeof(*q->entries));
		q->count -= q->first;
		q->first = 0;
	}
	if (mem_grow(&q->entries, &q->cap, q->count, sizeof(*q->entries))) {
		entry_clear(&e);
		return err_nomem(err);
	}
	q->entries[q->count++] = e;
	if (e.kind == EXPECT_SYNC)
		q->discarding = false;
	return 0;
}

int expect_copy_end(struct expect *q, struct err *err)
{
	if (q->copy_in) {
		q->copy_in = false;
		return 0;
	}
	/* A stray one, which an idle server ignores; or the end of a COPY whose beginning it has not answered yet. */
	if (expect_idle(q))
		return 0;
	return expect_add(q, (struct expect_entry){ .kind = EXPECT_COPY_END }, err);
}

/* Takes the head away and keeps it as the last one. */
static void finish_head(struct expect *q)
{
	entry_clear(&q->last);
	q->last = q->entries[q->first];
	memset(&q->entries[q->first], 0, sizeof(q->entries[0]));
	q->first++;
	while (!expect_idle(q) && q->entries[q->first].kind == EXPECT_COPY_END)
		q->first++;
}

/* The server asks for rows. What the client sent behind the request was read by the server as part of the COPY, which
 * ignores Sync; if CopyDone is among it, the COPY is over for the client already. */
static void begin_copy(struct expect *q)
{
	size_t to = q->first + 1, from = to;

	q->copy_in = true;
	while (from < q->count && q->entries[from].kind == EXPECT_SYNC)
		entry_clear(&q->entries[from++]);
	if (from < q->count && q->entries[from].kind == EXPECT_COPY_END) {
		from++;
		q->copy_in = false;
	}
	memmove(q->entries + to, q->entries + from, (q->count - from) * sizeof(*q->entries));
	q->count -= from - to;
}

static void fail_extended(struct expect *q)
{
	finish_head(q);
	while (!expect_idle(q) && q->entries[q->first].kind != EXPECT_SYNC)
		entry_clear(&q->entries[q->first++]);
	if (expect_idle(q))
		q->discarding = true;
}

/* Which message is the last of the answer to a request. */
static bool finishes(enum expect_kind kind, char type)
{
	switch (kind) {
	case EXPECT_PARSE:
		return type == '1';
	case EXPECT_BIND:
		return type == '2';
	case EXPECT_CLOSE:
		return type == '3';
	case EXPECT_DESCRIBE:
		return type == 'T' || type == 'n';
	case EXPECT_EXECUTE:
		return type == 'C' || type == 'I' || type == 's';
	case EXPECT_QUERY:
	case EXPECT_SYNC:
	case EXPECT_FUNCTION:
		return type == 'Z';
	case EXPECT_COPY_END:
		return false;
	}
	return false;
}

static bool is_extended(enum expect_kind kind)
{
	return kind <= EXPECT_CLOSE;
}

static void match_error(struct expect *q, struct expect_entry *e, struct expect_reply *r)
{
	q->copy_in = false;
	if (is_extended(e->kind)) {
		fail_extended(q);
		r->entry = &q->last;
	}
}

void expect_match(struct expect *q, const struct message *m, struct expect_reply *r)
{
	struct expect_entry *e = head(q);

	memset(r, 0, sizeof(*r));
	/* These come at any time and belong to nobody; but notices on a request of ours are not for the client. */
	if (m->type == 'S' || m->type == 'A' || m->type == 'N') {
		if (m->type == 'N' && e && e->action == ACTION_SKIP)
			r->action = ACTION_SKIP;
		return;
	}
	if (!e) {
		/* A Sync that we took for one inside a COPY, but that met its failure. */
		if (m->type == 'Z')
			q->discarding = false;
		return;
	}
	r->entry = e;
	r->action = e->action;
	e->commands += m->type == 'C';
	if (m->type == 'E') {
		match_error(q, e, r);
	} else if (m->type == 'G') {
		begin_copy(q);
	} else if (finishes(e->kind, m->type)) {
		finish_head(q);
		r->entry = &q->last;
	}
	switch (r->action) {
	case ACTION_FAKE:
		if (m->type != 'E')
			r->action = ACTION_FORWARD;
		break;
	case ACTION_NO_READY:
		r->action = m->type == 'Z' ? ACTION_SKIP : ACTION_FORWARD;
		break;
	case ACTION_FORWARD:
	case ACTION_SKIP:
		break;
	}
}
