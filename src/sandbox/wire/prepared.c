#include "sandbox/wire/probe.h"
#include "sandbox/wire/session.h"
#include "spark/base/mem.h"

/* COPY from S3 and UNLOAD in the extended protocol. The server knows the names as those of an empty statement. */
#define OWN_NAME "sparkctl_begin"

static void drop(struct session *s, size_t i)
{
	mem_free(s->copies[i].statement);
	rewritten_release(s->copies[i].text);
	s->copies[i] = s->copies[--s->copy_count];
}

void prepared_forget(struct session *s, const char *name, bool is_portal)
{
	for (size_t i = s->copy_count; i-- > 0;)
		if (s->copies[i].is_portal == is_portal && strcmp(s->copies[i].statement, name) == 0)
			drop(s, i);
}

void prepared_clear(struct session *s)
{
	while (s->copy_count)
		drop(s, s->copy_count - 1);
	mem_free(s->copies);
	s->copies = NULL;
	s->copy_cap = 0;
}

static int note(struct session *s, const char *name, bool is_portal, struct rewritten *text, struct err *err)
{
	struct prepared_copy *c;

	prepared_forget(s, name, is_portal);
	if (mem_grow(&s->copies, &s->copy_cap, s->copy_count, sizeof(*s->copies)))
		return err_nomem(err);
	c = &s->copies[s->copy_count];
	c->statement = mem_strdup(name);
	if (!c->statement)
		return err_nomem(err);
	c->text = rewritten_keep(text);
	c->is_portal = is_portal;
	s->copy_count++;
	return 0;
}

static struct rewritten *find(struct session *s, const char *name, bool is_portal)
{
	for (size_t i = 0; i < s->copy_count; i++)
		if (s->copies[i].is_portal == is_portal && strcmp(s->copies[i].statement, name) == 0)
			return s->copies[i].text;
	return NULL;
}

int prepared_note(struct session *s, const char *name, struct rewritten *text, struct err *err)
{
	return note(s, name, false, text, err);
}

int prepared_bind(struct session *s, const char *portal, const char *statement, struct err *err)
{
	struct rewritten *text = find(s, statement, false);

	prepared_forget(s, portal, true);
	return text ? note(s, portal, true, text, err) : 0;
}

struct rewritten *prepared_portal(struct session *s, const char *portal)
{
	return find(s, portal, true);
}

static int expect_skip(struct session *s, enum expect_kind kind, struct err *err)
{
	return expect_add(&s->expect, (struct expect_entry){ .kind = kind, .action = ACTION_SKIP, .only = -1 }, err);
}

/* BEGIN by extended messages: it makes the batch's implicit transaction an open block, with all that it has done. A
 * simple query would commit that instead. */
static int begin_block(struct session *s, struct err *err)
{
	struct buf *out = &s->server.out;
	size_t mark;

	mark = message_begin(out, 'P');
	message_put_text(out, OWN_NAME);
	message_put_text(out, "BEGIN");
	message_put16(out, 0);
	message_end(out, mark);
	mark = message_begin(out, 'B');
	message_put_text(out, OWN_NAME);
	message_put_text(out, OWN_NAME);
	message_put16(out, 0);
	message_put16(out, 0);
	message_put16(out, 0);
	message_end(out, mark);
	mark = message_begin(out, 'E');
	message_put_text(out, OWN_NAME);
	message_put32(out, 0);
	message_end(out, mark);
	message_text_whole(out, 'C', "P" OWN_NAME);
	message_text_whole(out, 'C', "S" OWN_NAME);
	message_empty(out, 'H');
	if (expect_skip(s, EXPECT_PARSE, err) || expect_skip(s, EXPECT_BIND, err) ||
	    expect_skip(s, EXPECT_EXECUTE, err) || expect_skip(s, EXPECT_CLOSE, err) ||
	    expect_skip(s, EXPECT_CLOSE, err) || relay_drain(s, err))
		return -1;
	s->own_block = true;
	return 0;
}

/* The client's messages up to Sync are dropped, as the server would do. */
static int fail(struct session *s, const struct err *why)
{
	frontend_put_error(&s->out, why);
	s->expect.discarding = true;
	return 0;
}

int prepared_execute(struct session *s, struct rewritten *text, struct err *err)
{
	struct track_item *item;
	struct err why = { 0 };
	size_t index = 0;
	const char *tag;
	int rc;

	message_empty(&s->server.out, 'H');
	if (relay_drain(s, err))
		return -1;
	if (s->expect.discarding)
		return 0;
	if (s->server.status == 'E' && s->block_open) {
		err_set(&why, ERR_DATABASE,
			"current transaction is aborted, commands ignored until end of transaction block");
		snprintf(why.sqlstate, sizeof(why.sqlstate), "25P02");
		return fail(s, &why);
	}
	if (!s->block_open && begin_block(s, err))
		return -1;
	while (text->script.items[index].kind == DIALECT_EMPTY)
		index++;
	/* The text may be replaced by a client's next message only after this. */
	rewritten_keep(text);
	item = track_query(s->track, text->text, NULL);
	tag = load_tag(text, index);
	rc = load_or_unload(s, text, index, item, &why, err);
	track_item_free(item);
	rewritten_release(text);
	if (rc < 0)
		return -1;
	if (rc == 0) {
		message_text_whole(&s->out, 'C', tag);
		return 0;
	}
	if (s->own_block) {
		s->own_block = false;
		if (backend_query(&s->server, "ROLLBACK", NULL, NULL, err))
			return -1;
	}
	s->block_open = s->server.status != 'I';
	return fail(s, &why);
}

/* A TRUNCATE has run in this batch: the block that it ran in is committed, unless something failed. */
static int commit_due(struct session *s, struct err *err)
{
	s->commit_due = false;
	message_empty(&s->server.out, 'H');
	if (relay_drain(s, err))
		return -1;
	if (!s->block_open || s->expect.discarding)
		return 0;
	if (backend_query(&s->server, "COMMIT", NULL, NULL, err))
		return -1;
	s->own_block = false;
	s->block_open = s->server.status != 'I';
	return 0;
}

int prepared_end_block(struct session *s, struct err *err)
{
	struct err why = { 0 };

	if (s->commit_due && commit_due(s, err))
		return -1;
	if (!s->own_block)
		return 0;
	message_empty(&s->server.out, 'H');
	if (relay_drain(s, err))
		return -1;
	s->own_block = false;
	/* The client's own COMMIT or ROLLBACK came first. */
	if (!s->block_open)
		return 0;
	if (!s->expect.discarding) {
		if (backend_query(&s->server, "COMMIT", NULL, NULL, &why)) {
			if (why.kind != ERR_DATABASE) {
				*err = why;
				return -1;
			}
			frontend_put_error(&s->out, &why);
		}
		s->block_open = s->server.status != 'I';
		return 0;
	}
	/* Something behind the COPY failed: the server waits for Sync, then the block goes. */
	message_empty(&s->server.out, 'S');
	if (expect_skip(s, EXPECT_SYNC, err) || relay_drain(s, err) ||
	    backend_query(&s->server, "ROLLBACK", NULL, NULL, err))
		return -1;
	s->block_open = false;
	probe_settle(s, false);
	message_ready(&s->out, s->server.status);
	return 1;
}
