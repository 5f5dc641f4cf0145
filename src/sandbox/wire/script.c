#include <ctype.h>

#include "sandbox/wire/probe.h"
#include "sandbox/wire/session.h"

/* A string of statements with a COPY from S3 or an UNLOAD among them. It cannot go to the server in one piece, so the
 * transaction that PostgreSQL puts around a string is made by BEGIN and COMMIT of ours, unless the client has a block
 * of his own.
 */
struct script {
	struct session *session;
	struct rewritten *text;
	struct dialect_catalog catalog;
	bool own_block;
};

/* The first word in lower case, behind blanks and comments. */
static void first_word(const char *sql, char *out, size_t size)
{
	size_t n = 0;

	for (;;) {
		while (isspace((unsigned char)*sql))
			sql++;
		if (sql[0] == '-' && sql[1] == '-') {
			sql += strcspn(sql, "\n");
		} else if (sql[0] == '/' && sql[1] == '*') {
			int depth = 0;

			do {
				depth += sql[0] == '/' && sql[1] == '*';
				depth -= sql[0] == '*' && sql[1] == '/';
				sql += (sql[0] == '/' && sql[1] == '*') || (sql[0] == '*' && sql[1] == '/') ? 2 : 1;
			} while (depth > 0 && *sql);
		} else {
			break;
		}
	}
	while (isalpha((unsigned char)*sql) && n + 1 < size)
		out[n++] = (char)tolower((unsigned char)*sql++);
	out[n] = 0;
}

static int internal(struct session *s, const char *sql, struct err *err)
{
	int rc = backend_query(&s->server, sql, NULL, NULL, err);

	s->block_open = s->server.status != 'I';
	return rc;
}

/* 0: done; 1: the server refused it and the client knows; -1: the end. */
static int run_plain(struct script *x, size_t index, const char *word, struct err *err)
{
	struct session *s = x->session;
	const struct dialect_statement *st = &x->text->script.items[index];
	struct expect_entry e = { .kind = EXPECT_QUERY, .action = ACTION_NO_READY, .only = (int)index };
	size_t mark;

	if (x->own_block && (strcmp(word, "begin") == 0 || strcmp(word, "start") == 0)) {
		/* PostgreSQL would make its implicit transaction the client's: so is ours. */
		x->own_block = false;
		message_text_whole(&s->out, 'C', *word == 'b' ? "BEGIN" : "START TRANSACTION");
		return 0;
	}
	s->query_failed = false;
	mark = message_begin(&s->server.out, 'Q');
	buf_add(&s->server.out, st->sql.data, st->sql.len);
	buf_putc(&s->server.out, 0);
	message_end(&s->server.out, mark);
	e.text = rewritten_keep(x->text);
	e.item = track_query(s->track, x->text->text, &(struct dialect_script){ &x->text->script.items[index], 1 });
	if (expect_add(&s->expect, e, err) || relay_drain(s, err))
		return -1;
	if (s->query_failed)
		return 1;
	/* TRUNCATE ends the block, the client's or ours, with all that came before it. */
	if (st->commits && s->server.status == 'T' && internal(s, "COMMIT", err))
		return -1;
	if (s->server.status == 'I')
		x->own_block = false;
	return 0;
}

static int run_copy(struct script *x, size_t index, struct err *err)
{
	struct session *s = x->session;
	struct track_item *item =
		track_query(s->track, x->text->text, &(struct dialect_script){ &x->text->script.items[index], 1 });
	struct err why = { 0 };
	int rc;

	if (s->server.status == 'E') {
		err_set(&why, ERR_DATABASE,
			"current transaction is aborted, commands ignored until end of transaction block");
		snprintf(why.sqlstate, sizeof(why.sqlstate), "25P02");
		rc = 1;
		track_done(s->track, item, 0, &why);
	} else {
		rc = load_or_unload(s, x->text, index, item, &why, err);
	}
	track_item_free(item);
	if (rc < 0)
		return -1;
	if (rc)
		frontend_put_error(&s->out, &why);
	else
		message_text_whole(&s->out, 'C', load_tag(x->text, index));
	return rc;
}

/* What was refused ends the transaction as an error of the server's does. */
static int refuse_late(struct script *x, size_t index, const struct err *why, struct err *err)
{
	struct session *s = x->session;
	struct track_item *item =
		track_query(s->track, x->text->text, &(struct dialect_script){ &x->text->script.items[index], 1 });
	struct err poisoned = { 0 };

	track_done(s->track, item, 0, why);
	track_item_free(item);
	frontend_put_error(&s->out, why);
	if (!x->own_block && s->server.status == 'T' && internal(s, POISON, &poisoned) &&
	    poisoned.kind != ERR_DATABASE) {
		*err = poisoned;
		return -1;
	}
	return 1;
}

static int run_statement(struct script *x, size_t index, struct err *err)
{
	struct session *s = x->session;
	const struct dialect_statement *st = &x->text->script.items[index];
	struct err why = { 0 };
	char word[16];

	if (st->kind == DIALECT_EMPTY)
		return 0;
	first_word(st->sql.data, word, sizeof(word));
	if (s->server.status == 'I' && strcmp(word, "begin") != 0 && strcmp(word, "start") != 0) {
		if (internal(s, "BEGIN", err))
			return -1;
		x->own_block = true;
	}
	if (st->late && s->server.status != 'E' &&
	    dialect_rewrite_late(x->text->text, strlen(x->text->text), &x->catalog, &x->text->script, index, &why))
		return refuse_late(x, index, &why, err);
	return st->kind != DIALECT_PASS ? run_copy(x, index, err) : run_plain(x, index, word, err);
}

static int end_block(struct script *x, bool failed, struct err *err)
{
	struct session *s = x->session;
	struct err why = { 0 };

	if (!x->own_block || s->server.status == 'I')
		return 0;
	if (failed)
		return internal(s, "ROLLBACK", err);
	if (internal(s, "COMMIT", &why)) {
		if (why.kind != ERR_DATABASE) {
			*err = why;
			return -1;
		}
		frontend_put_error(&s->out, &why);
	}
	return 0;
}

int script_run(struct session *s, struct rewritten *text, struct err *err)
{
	struct script x = { .session = s, .text = text, .catalog = frontend_catalog(s) };
	int rc = 0;

	if (relay_drain(s, err))
		return -1;
	for (size_t i = 0; rc == 0 && i < text->script.count; i++)
		rc = run_statement(&x, i, err);
	if (rc < 0 || end_block(&x, rc > 0, err))
		return -1;
	probe_settle(s, false);
	message_ready(&s->out, s->server.status);
	return 0;
}
