#include "sandbox/wire/session.h"

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

int probe_has_column(void *session, const char *schema, const char *relation, const char *column)
{
	struct session *s = session;
	char value[8] = "";
	struct buf sql, name;
	int known = -1;

	buf_init(&sql, 65536);
	buf_init(&name, 65536);
	/* First everything that was asked before, in whose transaction we are then. */
	message_empty(&s->server.out, 'H');
	if (relay_drain(s, NULL) || s->expect.discarding || s->server.status == 'E')
		goto out;
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
	buf_puts(&sql, "SELECT CASE WHEN r.oid IS NULL THEN 'n' WHEN EXISTS (SELECT FROM pg_catalog.pg_attribute a"
		       " WHERE a.attrelid = r.oid AND NOT a.attisdropped AND a.attname = ");
	put_literal(&sql, column);
	buf_puts(&sql, ") THEN 't' ELSE 'f' END FROM (SELECT pg_catalog.to_regclass(");
	put_literal(&sql, name.data);
	buf_puts(&sql, ") AS oid) r");
	if (!sql.failed && !name.failed && ask(s, sql.data, value, sizeof(value)) && value[0] != 'n')
		known = value[0] == 't';
out:
	buf_clear(&sql);
	buf_clear(&name);
	return known;
}
