#include "spark/sandbox/unload.h"
#include "sandbox/wire/session.h"

/* UNLOAD over the session's own server connection. */

int unload_describe(void *arg, const char *sql,
		    int (*column)(void *column_arg, const char *name, uint32_t type, int32_t modifier),
		    void *column_arg, struct err *err)
{
	struct session *s = arg;

	return backend_describe(&s->server, sql, column, column_arg, err);
}

int unload_copy_out(void *arg, const char *query,
		    int (*row)(void *row_arg, const char *bytes, size_t len, struct err *err), void *row_arg,
		    struct err *err)
{
	struct session *s = arg;
	struct buf sql;
	int rc;

	buf_init(&sql, MESSAGE_MAX_BYTES);
	buf_printf(&sql, "COPY (%s\n) TO STDOUT (ENCODING 'UTF8')", query);
	rc = buf_check(&sql, "the query", err);
	if (!rc)
		rc = backend_copy_out(&s->server, sql.data, row, row_arg, err);
	buf_clear(&sql);
	return rc;
}

static int characters(const char *text, size_t len)
{
	int n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xC0) != 0x80;
	return n;
}

static void set_position(struct err *why, int position)
{
	why->code[0] = 0;
	if (position > 0)
		snprintf(why->code, sizeof(why->code), "%d", position);
}

int unload_within(const struct unload_session *session, const struct rewritten *text, size_t index, int64_t *rows,
		  struct err *why)
{
	const struct dialect_statement *st = &text->script.items[index];
	struct unload_statement *statement = NULL;
	int rc = unload_parse(text->text + st->from, st->to - st->from, &statement, why), position;

	if (rc) {
		position = (int)strtol(why->code, NULL, 10);
		set_position(why, position > 0 ? position + characters(text->text, st->from) : 0);
		return rc;
	}
	rc = unload_run(session, statement, st->sql.data, rows, why);
	if (rc) {
		position = (int)strtol(why->code, NULL, 10);
		set_position(why, position > 0 ? rewritten_position(text, (int)index, position) : 0);
	}
	unload_statement_free(statement);
	return rc;
}
