#include "sandbox/copy/cells.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/copy/utf8.h"
#include "spark/base/clock.h"

void cell_now(const struct copy_session *session, char *out, size_t size)
{
	char iso[CLOCK_TEXT];

	clock_iso(clock_now(session->world->clock), iso);
	iso[10] = ' ';
	snprintf(out, size, "%.23s", iso);
}

void cell_end_row(struct buf *out)
{
	if (!out->failed)
		out->data[out->len - 1] = '\n';
}

void cell_number(struct buf *out, long long n)
{
	char digits[24];

	snprintf(digits, sizeof digits, "%lld\t", n);
	buf_puts(out, digits);
}

void cell_word(struct buf *out, const char *text)
{
	buf_puts(out, text);
	buf_putc(out, '\t');
}

void cell_text(struct buf *out, const char *text, size_t len, size_t max, bool ascii)
{
	char copy[CELL_MAX];
	size_t at;

	len = copy_utf8_cut(text, len, max < sizeof copy ? max : sizeof copy);
	memcpy(copy, text, len);
	for (at = 0; ascii && at < len; at++) {
		if ((unsigned char)copy[at] >= 0x80)
			copy[at] = '.';
	}
	while ((at = copy_utf8_length(copy, len)) < len)
		copy[at] = '.';
	for (at = 0; at < len; at++) {
		static const char special[] = "\\\t\n\r", letters[] = "\\tnr";
		const char *found = memchr(special, copy[at], sizeof special - 1);

		if (found)
			buf_putc(out, '\\');
		buf_putc(out, found ? letters[found - special] : copy[at]);
	}
	buf_putc(out, '\t');
}

void cell_string(struct buf *out, const char *text, size_t max)
{
	cell_text(out, text, strlen(text), max, false);
}

int cell_send_rows(const struct copy_session *session, struct buf *rows, const char *table, const char *columns,
		   struct err *err)
{
	char sql[512];
	int rc;

	if (buf_check(rows, "the statement's report", err) < 0)
		return -1;
	if (rows->len == 0)
		return 0;
	snprintf(sql, sizeof sql, "COPY pg_catalog.%s (%s) FROM STDIN", table, columns);
	rc = session->copy_outside(session->arg, sql, rows->data, rows->len, err);
	buf_reset(rows);
	return rc;
}

static int take_numbers(void *arg, int count, const char *const *values)
{
	struct copy_numbers *n = arg;

	if (count < 3 || !values[0] || !values[1] || !values[2])
		return -1;
	n->query = strtoll(values[0], NULL, 10);
	n->user_id = strtoll(values[1], NULL, 10);
	n->transaction = strtoll(values[2], NULL, 10);
	return 0;
}

int copy_numbers_ask(const struct copy_session *session, struct copy_numbers *out, struct err *err)
{
	char number[64] = "pg_catalog.nextval('pg_catalog.sparkctl_query_id')", sql[256];

	if (session->query_id > 0)
		snprintf(number, sizeof number, "%lld", (long long)session->query_id);
	snprintf(sql, sizeof sql,
		 "SELECT %s, oid, pg_catalog.txid_current() FROM pg_catalog.pg_roles WHERE rolname = current_user",
		 number);
	return session->query(session->arg, sql, take_numbers, out, err);
}
