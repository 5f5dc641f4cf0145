#include <stdlib.h>

#include "sandbox/wire/backend.h"

/* What a query gives: its columns without running it, and its rows by COPY ... TO STDOUT. */

#define OWN_NAME    "sparkctl_unload"
#define COLUMN_TAIL 18 /* bytes of a column's description behind its name */

static int to_err(const struct message *m, struct err *err)
{
	const char *position = message_field(m, 'P');

	message_to_err(m, err);
	if (err && position)
		snprintf(err->code, sizeof(err->code), "%s", position);
	return -1;
}

/* Of 'T': name, table, column, type, size, modifier, format. */
static int take_columns(const struct message *m,
			int (*fn)(void *arg, const char *name, uint32_t type, int32_t modifier), void *arg,
			struct err *err)
{
	size_t at = 2;
	int count = m->len >= 2 ? wire_get16(m->body) : 0;

	for (int i = 0; i < count; i++) {
		const char *name = message_text(m, &at);

		if (!name || m->len - at < COLUMN_TAIL)
			return err_set(err, ERR_BUG, "the server describes a query in another form");
		if (fn(arg, name, wire_get32(m->body + at + 6), (int32_t)wire_get32(m->body + at + 12)))
			return err_nomem(err);
		at += COLUMN_TAIL;
	}
	return 0;
}

int backend_describe(struct backend *b, const char *sql,
		     int (*fn)(void *arg, const char *name, uint32_t type, int32_t modifier), void *arg,
		     struct err *err)
{
	struct message m = { 0 };
	size_t mark = message_begin(&b->out, 'P');
	int rc = 0;

	message_put_text(&b->out, OWN_NAME);
	message_put_text(&b->out, sql);
	message_put16(&b->out, 0);
	message_end(&b->out, mark);
	message_text_whole(&b->out, 'D', "S" OWN_NAME);
	message_text_whole(&b->out, 'C', "S" OWN_NAME);
	message_empty(&b->out, 'S');
	if (buf_check(&b->out, "a statement", err))
		return -1;
	do {
		if (backend_next(b, &m, rc ? NULL : err))
			return -1;
		if (m.type == 'E' && !rc)
			rc = to_err(&m, err);
		if (m.type == 'T' && !rc)
			rc = take_columns(&m, fn, arg, err);
	} while (m.type != 'Z');
	backend_note_ready(b, &m);
	return rc;
}

int backend_copy_out(struct backend *b, const char *sql,
		     int (*fn)(void *arg, const char *bytes, size_t len, struct err *err), void *arg, struct err *err)
{
	struct message m = { 0 };
	int rc = 0;

	message_text_whole(&b->out, 'Q', sql);
	if (buf_check(&b->out, "a statement", err))
		return -1;
	do {
		if (backend_next(b, &m, rc ? NULL : err))
			return -1;
		if (m.type == 'E' && !rc)
			rc = message_to_err(&m, err);
		if (m.type != 'd' || rc || fn(arg, (const char *)m.body, m.len, err) == 0)
			continue;
		/* The rest of the rows is in vain. */
		rc = -1;
		if (!b->cancel_sent && b->socket_dir)
			backend_cancel(b->socket_dir, b->pid, b->key);
	} while (m.type != 'Z');
	backend_note_ready(b, &m);
	return rc;
}
