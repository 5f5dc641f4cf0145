#include "sandbox/wire/probe.h"

#include <string.h>

/* What the dialect asks of the catalogue, answered by the session's own server connection, which sees its temporary and
 * uncommitted tables. Extended messages, because a simple query in the middle of a batch would commit it. */
#define OWN_NAME "sparkctl_probe"

/* E'...' reads the same whatever standard_conforming_strings is. */
static void put_literal(struct buf *out, const char *text)
{
	buf_puts(out, "E'");
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			buf_putc(out, *text);
		buf_putc(out, *text);
	}
	buf_putc(out, '\'');
}

static int expect_skip(struct session *s, enum expect_kind kind)
{
	return expect_add(&s->expect, (struct expect_entry){ .kind = kind, .action = ACTION_SKIP, .only = -1 }, NULL);
}

static void put_names(struct buf *out, char type, const char *a, const char *b, size_t zero_bytes)
{
	size_t mark = message_begin(out, type);

	message_put_text(out, a);
	if (b)
		message_put_text(out, b);
	for (size_t i = 0; i < zero_bytes; i++)
		buf_putc(out, 0);
	message_end(out, mark);
}

/* One value of one row into value; false when there was none. */
static bool ask(struct session *s, const char *sql, char *value, size_t size)
{
	struct buf *out = &s->server.out;
	bool failed;

	value[0] = 0;
	if (s->callback.asking)
		return callback_value(s, sql, value, size);
	put_names(out, 'P', OWN_NAME, sql, 2);
	put_names(out, 'B', OWN_NAME, OWN_NAME, 6);
	put_names(out, 'E', OWN_NAME, NULL, 4);
	message_text_whole(out, 'C', "P" OWN_NAME);
	message_text_whole(out, 'C', "S" OWN_NAME);
	message_empty(out, s->in_batch ? 'H' : 'S');
	if (expect_skip(s, EXPECT_PARSE) || expect_skip(s, EXPECT_BIND) || expect_skip(s, EXPECT_EXECUTE) ||
	    expect_skip(s, EXPECT_CLOSE) || expect_skip(s, EXPECT_CLOSE) ||
	    (!s->in_batch && expect_skip(s, EXPECT_SYNC)))
		return false;
	s->probe = value;
	s->probe_size = size;
	failed = relay_drain(s, NULL) != 0;
	s->probe = NULL;
	return !failed && value[0];
}

/* First everything that was asked before, in whose transaction we are then. */
static bool may_ask(struct session *s)
{
	s->asked++;
	if (s->callback.asking)
		return true;
	message_empty(&s->server.out, 'H');
	return !relay_drain(s, NULL) && !s->expect.discarding && s->server.status != 'E';
}

/* to_regclass('"schema"."relation"') */
static void put_relation(struct buf *sql, const char *schema, const char *relation)
{
	struct buf name;

	buf_init(&name, 65536);
	for (const char *parts[] = { schema, relation }, **p = parts; p < parts + 2; p++) {
		if (!*p)
			continue;
		if (name.len)
			buf_putc(&name, '.');
		buf_putc(&name, '"');
		for (const char *c = *p; *c; c++) {
			if (*c == '"')
				buf_putc(&name, '"');
			buf_putc(&name, *c);
		}
		buf_putc(&name, '"');
	}
	buf_puts(sql, "pg_catalog.to_regclass(");
	put_literal(sql, name.data);
	buf_putc(sql, ')');
	sql->failed = sql->failed || name.failed;
	buf_clear(&name);
}

void probe_change(struct session *s)
{
	known_change(&s->known);
}

void probe_settle(struct session *s, bool gone)
{
	if ((gone || s->server.status == 'I') && known_settle(&s->known, expect_idle(&s->expect)))
		gateway_note_change(s->gateway);
}

/* What is asked, as one text; no name has these bytes. */
static void put_question(struct buf *out, const char *schema, const char *relation, const char *column)
{
	buf_puts(out, schema ? schema : "\2");
	buf_putc(out, '\1');
	buf_puts(out, relation);
	buf_putc(out, '\1');
	buf_puts(out, column);
}

/* What is known is of the time before the statement within which a procedure asks. */
static bool find(struct session *s, const struct buf *question, int *known, struct buf *out)
{
	return !s->callback.asking && known_find(&s->known, gateway_generation(s->gateway), question->data, known, out);
}

static void note(struct session *s, uint64_t generation, const char *question, int answer, const char *text)
{
	if (!s->callback.asking)
		known_note(&s->known, generation, question, answer, text);
}

static int ask_column(struct session *s, const char *schema, const char *relation, const char *column,
		      const char *question)
{
	uint64_t generation = gateway_generation(s->gateway);
	char value[8] = "";
	struct buf sql;
	int known = -1;

	if (!may_ask(s))
		return -1;
	buf_init(&sql, 131072);
	buf_puts(&sql, "SELECT CASE WHEN r.oid IS NULL THEN 'n' WHEN EXISTS (SELECT FROM pg_catalog.pg_attribute a"
		       " WHERE a.attrelid = r.oid AND NOT a.attisdropped AND a.attname = ");
	put_literal(&sql, column);
	buf_puts(&sql, ") THEN 't' ELSE 'f' END FROM (SELECT ");
	put_relation(&sql, schema, relation);
	buf_puts(&sql, " AS oid) r");
	if (!sql.failed && ask(s, sql.data, value, sizeof(value))) {
		known = value[0] == 'n' ? -1 : value[0] == 't';
		note(s, generation, question, known, NULL);
	}
	buf_clear(&sql);
	return known;
}

int probe_has_column(void *session, const char *schema, const char *relation, const char *column)
{
	struct session *s = session;
	struct buf question;
	int known = -1;

	buf_init(&question, 131072);
	put_question(&question, schema, relation, column);
	if (question.failed || !find(s, &question, &known, NULL))
		known = question.failed ? -1 : ask_column(s, schema, relation, column, question.data);
	else
		s->asked++;
	buf_clear(&question);
	return known;
}

/* PostgreSQL has at most 1,600 columns, of names that take 63 bytes at most. */
#define COLUMNS_SIZE ((size_t)1600 * 128 + 1)

static int ask_columns(struct session *s, const char *schema, const char *relation, const char *question,
		       struct buf *out)
{
	uint64_t generation = gateway_generation(s->gateway);
	struct buf sql;
	char *value;
	int known = -1;

	if (!may_ask(s))
		return -1;
	buf_init(&sql, 131072);
	buf_puts(&sql,
		 "SELECT pg_catalog.string_agg(a.attname || E'\\x01' || t.typname || E'\\x02', '' ORDER BY a.attnum)"
		 " FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"
		 " WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid = ");
	put_relation(&sql, schema, relation);
	value = buf_reserve(out, COLUMNS_SIZE);
	if (value && !sql.failed && ask(s, sql.data, value, COLUMNS_SIZE)) {
		note(s, generation, question, 1, value);
		buf_commit(out, strlen(value));
		known = 1;
	}
	buf_clear(&sql);
	return known;
}

int probe_columns(void *session, const char *schema, const char *relation, struct buf *out)
{
	struct session *s = session;
	struct buf question;
	int known = -1;

	buf_init(&question, 131072);
	put_question(&question, schema, relation, "\2");
	if (question.failed || !find(s, &question, &known, out))
		known = question.failed ? -1 : ask_columns(s, schema, relation, question.data, out);
	else
		s->asked++;
	buf_clear(&question);
	return known;
}

#define TYPES_SIZE 16384 /* of 64 parameters at most */

int probe_procedure(void *session, const char *schema, const char *name, const char *types, struct buf *out)
{
	struct session *s = session;
	struct buf sql;
	char *value;
	int known = -1;

	if (!may_ask(s))
		return -1;
	buf_init(&sql, 131072);
	buf_puts(&sql, "SELECT pg_catalog.sparkctl_all_types(");
	put_literal(&sql, schema ? schema : "");
	buf_puts(&sql, ", ");
	put_literal(&sql, name);
	buf_puts(&sql, ", ");
	put_literal(&sql, types);
	buf_putc(&sql, ')');
	value = buf_reserve(out, TYPES_SIZE);
	if (value && !sql.failed && ask(s, sql.data, value, TYPES_SIZE)) {
		buf_commit(out, strlen(value));
		known = 1;
	}
	buf_clear(&sql);
	return known;
}

bool probe_setting(void *session, const char *name, char *value, size_t size)
{
	struct session *s = session;
	struct buf sql;
	bool found;

	if (!may_ask(s))
		return false;
	buf_init(&sql, 4096);
	buf_puts(&sql, "SELECT pg_catalog.current_setting(");
	put_literal(&sql, name);
	buf_puts(&sql, ", true)");
	found = !sql.failed && ask(s, sql.data, value, size);
	buf_clear(&sql);
	return found;
}
