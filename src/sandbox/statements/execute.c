/* One statement over a session, by the extended protocol: it takes parameters, and one statement at a time. */
#include "sandbox/statements/run.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"

#define BUF_STATEMENT ((size_t)4 * 1024 * 1024)

static int send_all(struct backend *b, const char *sql, const char *const *values, size_t count, struct err *err)
{
	struct buf *out = &b->out;
	size_t mark = message_begin(out, 'P');

	message_put_text(out, "");
	message_put_text(out, sql);
	message_put16(out, 0);
	message_end(out, mark);
	mark = message_begin(out, 'B');
	message_put_text(out, "");
	message_put_text(out, "");
	message_put16(out, 0);
	message_put16(out, (unsigned)count);
	for (size_t i = 0; i < count; i++) {
		message_put32(out, (uint32_t)strlen(values[i]));
		buf_puts(out, values[i]);
	}
	message_put16(out, 0);
	message_end(out, mark);
	message_text_whole(out, 'D', "P");
	mark = message_begin(out, 'E');
	message_put_text(out, "");
	message_put32(out, 0);
	message_end(out, mark);
	message_empty(out, 'S');
	return buf_check(out, "a statement", err);
}

/* The server's words in the form in which Redshift's driver, and so the service, passes them on. */
static void take_error(const struct message *m, struct outcome *out)
{
	static const struct {
		char field;
		const char *name;
	} more[] = { { 'D', "Detail" }, { 'H', "Hint" }, { 'P', "Position" } };
	const char *severity = message_field(m, 'S'), *text = message_field(m, 'M');
	struct buf b;

	buf_init(&b, BUF_STATEMENT);
	buf_printf(&b, "%s: %s", severity ? severity : "ERROR", text ? text : "the server refused without a word");
	for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++) {
		const char *value = message_field(m, more[i].field);

		if (value)
			buf_printf(&b, "\n  %s: %s", more[i].name, value);
	}
	snprintf(out->error, sizeof(out->error), "%s", b.data);
	buf_clear(&b);
}

/* "INSERT 0 3" and "COPY 3" tell a number of rows, "CREATE TABLE" none. */
static void take_tag(const struct message *m, struct outcome *out)
{
	size_t at = 0;
	const char *tag = message_text(m, &at), *last = tag ? strrchr(tag, ' ') : NULL;

	if (!out->has_result && last && last[1] >= '0' && last[1] <= '9')
		out->rows = strtoll(last + 1, NULL, 10);
}

/* Reads to ReadyForQuery. What goes wrong with keeping the result ends the statement, not the session. */
static int receive(struct backend *b, struct result *r, const char *rows_path, struct outcome *out, struct err *err)
{
	struct message m;
	struct err why = { 0 };

	for (;;) {
		if (backend_next(b, &m, err))
			return -1;
		if (m.type == 'T' && !why.text[0])
			out->has_result = !result_begin(r, &m, rows_path, &why);
		else if (m.type == 'D' && out->has_result && !why.text[0] && result_add(r, &m, &why))
			return err_set(err, why.kind, "%s", why.text);
		else if (m.type == 'E' && !out->error[0])
			take_error(&m, out);
		else if (m.type == 'C')
			take_tag(&m, out);
		else if (m.type == 'G')
			message_text_whole(&b->out, 'f', "a statement without a client cannot send rows");
		else if (m.type == 'Z')
			break;
	}
	b->status = m.len ? (char)m.body[0] : 'I';
	return why.text[0] ? err_set(err, why.kind, "%s", why.text) : 0;
}

/* ---- what the catalogue knows about the columns ---- */

static int take_column(void *arg, int count, const char *const *values)
{
	struct result *r = arg;

	if (count != 5 || !values[0] || !values[1] || !values[2] || !values[3] || !values[4])
		return 0;
	for (size_t i = 0; i < r->count; i++) {
		struct result_column *c = &r->columns[i];

		if (c->table != strtoul(values[0], NULL, 10) || c->number != strtol(values[1], NULL, 10))
			continue;
		snprintf(c->schema, sizeof(c->schema), "%s", values[2]);
		snprintf(c->relation, sizeof(c->relation), "%s", values[3]);
		c->not_null = values[4][0] == 't';
		c->known = true;
	}
	return 0;
}

static int look_up_columns(struct backend *b, struct result *r, struct err *err)
{
	bool any = false;
	struct buf sql;
	int rc = 0;

	buf_init(&sql, BUF_STATEMENT);
	buf_puts(&sql, "SELECT a.attrelid, a.attnum, n.nspname, c.relname, a.attnotnull FROM pg_catalog.pg_attribute a"
		       " JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = "
		       "c.relnamespace WHERE ");
	for (size_t i = 0; i < r->count; i++) {
		if (!r->columns[i].table)
			continue;
		buf_printf(&sql, "%s(a.attrelid = %u AND a.attnum = %d)", any ? " OR " : "", r->columns[i].table,
			   r->columns[i].number);
		any = true;
	}
	if (any)
		rc = buf_check(&sql, "a question", err) || backend_query(b, sql.data, take_column, r, err) ? -1 : 0;
	buf_clear(&sql);
	return rc;
}

static int finish(struct backend *b, struct result *r, const char *columns_path, struct outcome *out, struct err *err)
{
	if (!out->has_result)
		return 0;
	out->rows = r->rows;
	out->size = r->size;
	if (result_end(r, err) || look_up_columns(b, r, err))
		return -1;
	return result_write_columns(r, columns_path, err);
}

int statement_execute(struct backend *b, const char *sql, const struct json *parameters, const char *rows_path,
		      const char *columns_path, struct outcome *out, struct err *err)
{
	const char **values = mem_alloc_array(STATEMENT_PARAMETERS_MAX, sizeof(*values));
	struct result r;
	struct buf text;
	size_t count = 0;
	int rc = -1;

	memset(out, 0, sizeof(*out));
	out->rows = -1;
	result_init(&r);
	buf_init(&text, BUF_STATEMENT);
	if (!values) {
		err_nomem(err);
		goto out;
	}
	if (statements_bind(sql, parameters, &text, values, &count, NULL, err) ||
	    send_all(b, text.data, values, count, err) || receive(b, &r, rows_path, out, err))
		goto out;
	if (out->error[0])
		out->has_result = false;
	rc = finish(b, &r, columns_path, out, err);
out:
	result_clear(&r);
	buf_clear(&text);
	mem_free(values);
	return rc;
}
