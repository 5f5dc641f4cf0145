#include "sandbox/history/text.h"
#include "sandbox/wire/probe.h"
#include "spark/base/mem.h"

enum taken { TAKEN, NEED_MORE, TAKE_FAILED, TAKE_ELSEWHERE };

/* What may wait, and all that is unusual, is not for a thread that others share. */
static bool is_elsewhere(struct session *s)
{
	s->light = 0;
	return s->riding;
}

struct dialect_catalog frontend_catalog(struct session *s)
{
	return (struct dialect_catalog){ .has_column = probe_has_column,
					 .procedure = probe_procedure,
					 .columns = probe_columns,
					 .setting = probe_setting,
					 .arg = s,
					 .strict = gateway_settings(s->gateway)->world->strict,
					 .in_block = s->block_open,
					 .moving = s->known.changing };
}

static int expect(struct session *s, enum expect_kind kind, struct err *err)
{
	return expect_add(&s->expect, (struct expect_entry){ .kind = kind, .only = -1 }, err);
}

/* The bytes of the message that are here go to the server, and the rest when it comes. */
static enum taken pass(struct session *s, const struct message *m)
{
	buf_add(&s->server.out, m->body - MESSAGE_HEAD, MESSAGE_HEAD + m->have);
	s->pass_left = m->len - m->have;
	return TAKEN;
}

static enum taken pass_expecting(struct session *s, const struct message *m, enum expect_kind kind, struct err *err)
{
	if (expect(s, kind, err))
		return TAKE_FAILED;
	return pass(s, m);
}

/* ---- errors of ours ---- */

void frontend_put_error(struct buf *out, const struct err *why)
{
	struct message_report r = { .type = 'E', .severity = "ERROR", .sqlstate = why->sqlstate, .text = why->text };
	bool loading = strncmp(why->sqlstate, "XX000", 5) == 0;

	/* What COPY says to the file, line and column goes where Redshift has it. */
	if (loading)
		r.detail = why->hint;
	else
		r.hint = why->hint;
	if (why->kind == ERR_NOMEM)
		r.sqlstate = "53200";
	r.position = (int)strtol(why->code, NULL, 10);
	message_put_report(out, &r);
}

int frontend_refuse(struct session *s, enum expect_kind kind, const char *text, const struct err *why, struct err *err)
{
	struct expect_entry e = { .kind = kind, .action = ACTION_FAKE, .only = -1 };
	struct track_item *item = track_query(s->track, text, NULL);
	struct buf error;
	size_t mark;

	track_done(s->track, item, 0, why);
	track_item_free(item);
	buf_init(&error, 65536);
	frontend_put_error(&error, why);
	if (buf_check(&error, "an error", err)) {
		buf_clear(&error);
		return -1;
	}
	e.error_len = error.len;
	e.error = buf_take(&error);
	if (expect_add(&s->expect, e, err))
		return -1;
	if (kind == EXPECT_QUERY) {
		message_text_whole(&s->server.out, 'Q', POISON);
		return 0;
	}
	mark = message_begin(&s->server.out, 'P');
	message_put_text(&s->server.out, "");
	message_put_text(&s->server.out, POISON);
	message_put16(&s->server.out, 0);
	message_end(&s->server.out, mark);
	return 0;
}

/* ---- what the dialect leaves as it is ---- */

/* Before a text that the session did not know yet goes to the server. asked: questions before it was taken apart.
 * Tells whether it may change what the next ones mean. */
static bool remember(struct session *s, const struct rewritten *r, unsigned asked)
{
	size_t len = strlen(r->text);
	bool changes = recall_changes(r->text, len);

	if (changes) {
		recall_forget(&s->recall);
		probe_change(s);
	} else if (s->asked == asked && rewritten_is_same(r) && history_text_is_plain(r->text, len)) {
		recall_note(&s->recall, r->text, len);
	}
	return changes;
}

/* ---- simple queries ---- */

static enum taken send_known(struct session *s, const struct message *m, const char *text, struct err *err)
{
	struct expect_entry e = { .kind = EXPECT_QUERY,
				  .only = -1,
				  .item = track_plain_query(s->track, text, m->len - 1) };

	s->light++;
	return expect_add(&s->expect, e, err) ? TAKE_FAILED : pass(s, m);
}

static enum taken send_joined(struct session *s, struct rewritten *r, struct err *err)
{
	struct expect_entry e = { .kind = EXPECT_QUERY,
				  .only = -1,
				  .item = track_query(s->track, r->text, &r->script) };
	size_t mark, start;

	mark = message_begin(&s->server.out, 'Q');
	start = s->server.out.len;
	if (rewritten_count(r, DIALECT_PASS))
		rewritten_join(r, &s->server.out);
	else
		buf_puts(&s->server.out, r->text);
	if (rewritten_has_tag(r) || s->server.out.failed || strcmp(s->server.out.data + start, r->text) != 0)
		e.text = rewritten_keep(r);
	buf_putc(&s->server.out, 0);
	message_end(&s->server.out, mark);
	return expect_add(&s->expect, e, err) ? TAKE_FAILED : TAKEN;
}

static enum taken take_query(struct session *s, const struct message *m, struct err *err)
{
	struct dialect_catalog catalog = frontend_catalog(s);
	struct rewritten *r = NULL;
	struct err why = { 0 };
	size_t at = 0;
	const char *text = message_text(m, &at);
	unsigned asked = s->asked;
	enum taken taken;
	bool known;

	/* Bytes behind the text: the server says what is wrong with that. */
	if (!text || at != m->len)
		return pass_expecting(s, m, EXPECT_QUERY, err);
	known = recall_knows(&s->recall, text, m->len - 1);
	if (!known && is_elsewhere(s))
		return TAKE_ELSEWHERE;
	prepared_forget(s, "", false);
	prepared_forget(s, "", true);
	s->in_batch = s->unnamed_changes = false;
	if (known)
		return send_known(s, m, text, err);
	if (rewritten_new(text, &catalog, &r, &why))
		return frontend_refuse(s, EXPECT_QUERY, text, &why, err) ? TAKE_FAILED : TAKEN;
	(void)remember(s, r, asked);
	if (rewritten_count_own(r) || rewritten_has_late(r) ||
	    (rewritten_commits(r) && (s->block_open || r->script.count > 1)))
		taken = script_run(s, r, err) ? TAKE_FAILED : TAKEN;
	else
		taken = send_joined(s, r, err);
	rewritten_release(r);
	return taken;
}

/* ---- extended messages ---- */

static void send_parse(struct session *s, const char *name, const char *text, const void *rest, size_t rest_len)
{
	size_t mark = message_begin(&s->server.out, 'P');

	message_put_text(&s->server.out, name);
	message_put_text(&s->server.out, text);
	buf_add(&s->server.out, rest, rest_len);
	message_end(&s->server.out, mark);
}

/* A COPY from S3 or an UNLOAD is prepared as an empty statement: names, their conflicts and Close are the server's
 * business, and Execute is ours. */
static int parse_copy(struct session *s, const char *name, struct rewritten *r, struct err *err)
{
	track_close(s->track, false, name);
	if (prepared_note(s, name, r, err) || expect(s, EXPECT_PARSE, err))
		return -1;
	send_parse(s, name, "", "\0", 2);
	return 0;
}

static int parse_plain(struct session *s, const char *name, struct rewritten *r, const void *rest, size_t rest_len,
		       struct err *err)
{
	struct expect_entry e = { .kind = EXPECT_PARSE, .only = -1 };
	struct buf text;
	int rc;

	buf_init(&text, MESSAGE_MAX_BYTES);
	if (rewritten_count(r, DIALECT_PASS))
		rewritten_join(r, &text);
	else
		buf_puts(&text, r->text);
	rc = buf_check(&text, "a statement", err);
	if (!rc) {
		prepared_forget(s, name, false);
		if (strcmp(text.data, r->text) != 0) {
			s->text_rewritten = true;
			e.text = rewritten_keep(r);
		}
		e.item = track_parse(s->track, name, r->text);
		send_parse(s, name, text.data, rest, rest_len);
		rc = expect_add(&s->expect, e, err);
	}
	buf_clear(&text);
	return rc;
}

static enum taken parse_known(struct session *s, const struct message *m, const char *name, const char *text,
			      struct err *err)
{
	struct expect_entry e = { .kind = EXPECT_PARSE, .only = -1, .item = track_parse(s->track, name, text) };

	s->in_batch = true;
	if (!*name)
		s->unnamed_changes = false;
	prepared_forget(s, name, false);
	return expect_add(&s->expect, e, err) ? TAKE_FAILED : pass(s, m);
}

static enum taken take_parse(struct session *s, const struct message *m, struct err *err)
{
	struct dialect_catalog catalog = frontend_catalog(s);
	struct rewritten *r = NULL;
	struct err why = { 0 };
	size_t at = 0, copies;
	const char *name = message_text(m, &at), *text = name ? message_text(m, &at) : NULL;
	unsigned asked = s->asked;
	bool changes;
	int rc;

	if (!text)
		return pass_expecting(s, m, EXPECT_PARSE, err);
	if (recall_knows(&s->recall, text, strlen(text)))
		return parse_known(s, m, name, text, err);
	if (is_elsewhere(s))
		return TAKE_ELSEWHERE;
	if (rewritten_new(text, &catalog, &r, &why)) {
		rc = frontend_refuse(s, EXPECT_PARSE, text, &why, err);
		s->in_batch = true;
		return rc ? TAKE_FAILED : TAKEN;
	}
	changes = remember(s, r, asked);
	if (!*name)
		s->unnamed_changes = changes;
	else if (changes)
		s->named_changes = true;
	/* After the dialect's questions, which end their own little batch when no other is open. */
	s->in_batch = true;
	copies = rewritten_count_own(r);
	if (copies == 1 && !rewritten_count(r, DIALECT_PASS)) {
		rc = parse_copy(s, name, r, err);
	} else if (copies) {
		err_set(&why, ERR_DATABASE, "cannot insert multiple commands into a prepared statement");
		snprintf(why.sqlstate, sizeof(why.sqlstate), "42601");
		rc = frontend_refuse(s, EXPECT_PARSE, text, &why, err);
	} else {
		rc = parse_plain(s, name, r, m->body + at, m->len - at, err);
		if (!rc && (rewritten_commits(r) || rewritten_has_tag(r)))
			rc = prepared_note(s, name, r, err);
	}
	rewritten_release(r);
	return rc ? TAKE_FAILED : TAKEN;
}

/* The values may be long and need not be here yet; the names must. */
static enum taken take_bind(struct session *s, const struct message *m, struct err *err)
{
	size_t at = 0;
	const char *portal = message_text(m, &at), *statement = portal ? message_text(m, &at) : NULL;

	if (!statement && !message_whole(m))
		return NEED_MORE;
	if (statement && prepared_bind(s, portal, statement, err))
		return TAKE_FAILED;
	if (statement)
		track_bind(s->track, portal, statement);
	s->in_batch = true;
	return pass_expecting(s, m, EXPECT_BIND, err);
}

static enum taken take_execute(struct session *s, const struct message *m, struct err *err)
{
	size_t at = 0;
	const char *portal = message_text(m, &at);
	struct rewritten *copy = portal ? prepared_portal(s, portal) : NULL;
	struct expect_entry e = { .kind = EXPECT_EXECUTE, .only = -1 };

	if ((copy || (portal && track_waits(s->track, portal))) && is_elsewhere(s))
		return TAKE_ELSEWHERE;
	s->in_batch = true;
	if (s->unnamed_changes || s->named_changes)
		probe_change(s);
	if (copy && rewritten_commits(copy))
		s->commit_due = true;
	else if (copy && rewritten_has_tag(copy))
		e.text = rewritten_keep(copy);
	else if (copy)
		return prepared_execute(s, copy, err) ? TAKE_FAILED : TAKEN;
	if (portal)
		e.item = track_execute(s->track, portal);
	return expect_add(&s->expect, e, err) ? TAKE_FAILED : pass(s, m);
}

static enum taken take_describe(struct session *s, const struct message *m, struct err *err)
{
	s->in_batch = true;
	return pass_expecting(s, m, EXPECT_DESCRIBE, err);
}

static enum taken take_close(struct session *s, const struct message *m, struct err *err)
{
	size_t at = 1;
	const char *name = message_text(m, &at);

	s->in_batch = true;
	if (name) {
		prepared_forget(s, name, m->body[0] == 'P');
		track_close(s->track, m->body[0] == 'P', name);
	}
	return pass_expecting(s, m, EXPECT_CLOSE, err);
}

static enum taken take_sync(struct session *s, const struct message *m, struct err *err)
{
	int answered;

	if ((s->own_block || s->commit_due) && is_elsewhere(s))
		return TAKE_ELSEWHERE;
	s->light++;
	answered = prepared_end_block(s, err);
	if (answered < 0)
		return TAKE_FAILED;
	s->in_batch = false;
	return answered ? TAKEN : pass_expecting(s, m, EXPECT_SYNC, err);
}

/* ---- the others ---- */

static enum taken take_function(struct session *s, const struct message *m, struct err *err)
{
	return pass_expecting(s, m, EXPECT_FUNCTION, err);
}

static enum taken take_as_is(struct session *s, const struct message *m, struct err *err)
{
	(void)err;
	return pass(s, m);
}

static enum taken take_copy_end(struct session *s, const struct message *m, struct err *err)
{
	return expect_copy_end(&s->expect, err) ? TAKE_FAILED : pass(s, m);
}

static enum taken take_terminate(struct session *s, const struct message *m, struct err *err)
{
	(void)m;
	(void)err;
	s->closing = true;
	return TAKEN;
}

static const struct frontend_message {
	char type;
	bool in_parts; /* need not be here whole */
	enum taken (*take)(struct session *s, const struct message *m, struct err *err);
	const char *name;
} messages[] = {
	{ 'Q', false, take_query, "Query" },
	{ 'P', false, take_parse, "Parse" },
	{ 'B', true, take_bind, "Bind" },
	{ 'D', false, take_describe, "Describe" },
	{ 'E', false, take_execute, "Execute" },
	{ 'C', false, take_close, "Close" },
	{ 'S', false, take_sync, "Sync" },
	{ 'H', false, take_as_is, "Flush" },
	{ 'd', true, take_as_is, "CopyData" },
	{ 'c', false, take_copy_end, "CopyDone" },
	{ 'f', false, take_copy_end, "CopyFail" },
	{ 'F', false, take_function, "FunctionCall" },
	{ 'X', false, take_terminate, "Terminate" },
};

/* What the server makes of an unknown message is what the client gets. */
static const struct frontend_message unknown_message = { 0, false, take_as_is, "unknown" };

static const struct frontend_message *find_message(char type)
{
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
		if (messages[i].type == type)
			return &messages[i];
	return &unknown_message;
}

static enum taken take(struct session *s, const struct message *m, struct err *err)
{
	const struct frontend_message *f = find_message(m->type);

	if (!message_whole(m) && !f->in_parts)
		return NEED_MORE;
	/* The server ignores these, so the client gets no answer either. */
	if (s->expect.discarding && m->type != 'S' && m->type != 'X') {
		if (!message_whole(m))
			return NEED_MORE;
		return TAKEN;
	}
	/* While it waits for rows, anything but rows, their end, Sync and Flush is a breach that it punishes itself. */
	if (s->expect.copy_in && m->type != 'c' && m->type != 'f') {
		if (!message_whole(m) && m->type != 'd')
			return NEED_MORE;
		return pass(s, m);
	}
	return f->take(s, m, err);
}

int frontend_step(struct session *s, struct err *err)
{
	size_t at = 0;
	int rc = 0;

	while (!s->closing && at < s->in.len && s->server.out.len < SESSION_HIGH_WATER) {
		struct message m;
		enum taken taken;
		int there;

		if (s->pass_left) {
			size_t n = s->in.len - at < s->pass_left ? s->in.len - at : s->pass_left;

			buf_add(&s->server.out, s->in.data + at, n);
			s->pass_left -= n;
			at += n;
			continue;
		}
		there = message_peek(s->in.data + at, s->in.len - at, &m);
		if (there < 0) {
			rc = err_set(err, ERR_UNREACHABLE, "the client sends a message of an impossible length");
			break;
		}
		taken = there ? take(s, &m, err) : NEED_MORE;
		if (taken == TAKE_FAILED)
			rc = -1;
		if (taken != TAKEN)
			break;
		at += MESSAGE_HEAD + m.have;
	}
	buf_consume(&s->in, at);
	return rc ? rc : buf_check(&s->server.out, "a message to the server", err);
}
