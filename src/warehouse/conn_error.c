#include "warehouse/conn_error.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "spark/base/buf.h"

/* What a user can do about some codes, by SQLSTATE; the command that does it, if there is one, comes last. */
static const struct {
	const char *sqlstate, *hint, *command;
} hints[] = {
	{ "28P01", "check DWH_DB_USER and DWH_DB_PASSWORD; without a password temporary credentials are asked for",
	  NULL },
	{ "28000", "check DWH_DB_USER and that the user may log in", NULL },
	{ "3D000", "check DWH_DB, the name of the database", NULL },
	{ "42P01", "create the tables first: ", "create-tables" },
	{ "42501", "log in as the cluster's first user, or have it grant the right", NULL },
	{ "53300", "end other sessions, or try again in a moment", NULL },
};

void sql_position(const char *sql, size_t position, size_t *line, size_t *column)
{
	*line = 1;
	*column = 1;
	for (size_t seen = 1; *sql && seen < position; sql++) {
		if (*sql == '\n') {
			(*line)++;
			*column = 0;
		}
		/* a character ends where no continuation byte of UTF-8 follows */
		if (((unsigned char)sql[1] & 0xc0) != 0x80) {
			seen++;
			(*column)++;
		}
	}
}

/* Text on one line: runs of blanks and newlines become one blank. */
static void add_one_line(struct buf *out, const char *text)
{
	bool blank = false;

	for (; *text; text++) {
		if (*text == ' ' || *text == '\n' || *text == '\r' || *text == '\t') {
			blank = true;
			continue;
		}
		if (blank && out->len > 0)
			buf_putc(out, ' ');
		blank = false;
		buf_putc(out, *text);
	}
}

/* Redshift's compute nodes send DETAIL as a ruled block of "key:  value" lines; only these tell a user something. */
static void add_block_detail(struct buf *out, const char *detail)
{
	static const char *const keys[] = { "context:", "code:" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *at = strstr(detail, keys[i]), *end;

		if (!at)
			continue;
		at += strlen(keys[i]);
		at += strspn(at, " ");
		end = at + strcspn(at, "\r\n");
		while (end > at && end[-1] == ' ')
			end--;
		if (end == at)
			continue;
		buf_printf(out, "%s%s %.*s", out->len ? ", " : "", keys[i], (int)(end - at), at);
	}
}

static void add_known_hint(struct buf *out, size_t index, const char *operands)
{
	buf_puts(out, hints[index].hint);
	if (hints[index].command)
		buf_printf(out, "sparkctl %s%s%s", hints[index].command, operands ? " " : "", operands ? operands : "");
}

static void add_hint(struct err *err, const struct server_error *e)
{
	struct buf text;

	buf_init(&text, sizeof(err->hint) * 4);
	if (e->detail && strstr(e->detail, "-----"))
		add_block_detail(&text, e->detail);
	else if (e->detail)
		add_one_line(&text, e->detail);
	if (e->hint) {
		if (text.len > 0)
			buf_puts(&text, "; ");
		add_one_line(&text, e->hint);
	}
	for (size_t i = 0; text.len == 0 && i < sizeof(hints) / sizeof(hints[0]); i++) {
		if (e->sqlstate && strcmp(hints[i].sqlstate, e->sqlstate) == 0)
			add_known_hint(&text, i, e->operands);
	}
	if (!text.failed && text.len > 0)
		err_hint(err, "%s", text.data);
	buf_clear(&text);
}

static bool in_class(const char *sqlstate, const char *class)
{
	return sqlstate && strncmp(sqlstate, class, 2) == 0;
}

/* Connection exceptions, and the server's going down or not being up yet. */
static bool ends_session(const char *sqlstate)
{
	return in_class(sqlstate, "08") || (sqlstate && strncmp(sqlstate, "57P0", 4) == 0);
}

int server_error_set(struct err *err, const struct server_error *e, const char *sql)
{
	const char *message = e->message && *e->message ? e->message : "the server gave no reason";
	size_t position = e->position ? (size_t)strtoul(e->position, NULL, 10) : 0, line, column;
	struct buf text;

	if (!err)
		return -1;
	buf_init(&text, sizeof(err->text) * 4);
	add_one_line(&text, message);
	if (position > 0 && sql) {
		sql_position(sql, position, &line, &column);
		buf_printf(&text, ", line %zu, column %zu", line, column);
	}
	err_set(err, ends_session(e->sqlstate) ? ERR_UNREACHABLE : ERR_DATABASE, "%s",
		text.failed ? message : text.data);
	buf_clear(&text);
	if (e->sqlstate && strlen(e->sqlstate) < sizeof(err->sqlstate))
		memcpy(err->sqlstate, e->sqlstate, strlen(e->sqlstate) + 1);
	/* serialisation failures, deadlocks, too many sessions, server going down */
	err->retryable = in_class(e->sqlstate, "40") || in_class(e->sqlstate, "53") || in_class(e->sqlstate, "57");
	add_hint(err, e);
	return -1;
}

static bool is_sqlstate(const char *p)
{
	for (int i = 0; i < 5; i++) {
		if (!((p[i] >= '0' && p[i] <= '9') || (p[i] >= 'A' && p[i] <= 'Z')))
			return false;
	}
	return p[5] == ':';
}

/* "... failed: FATAL:  28P01: password authentication failed ...\nLOCATION: ...": where the code begins. */
static const char *find_sqlstate(const char *message)
{
	const char *at = message;

	while ((at = strstr(at, ":  ")) != NULL) {
		at += 3;
		if (is_sqlstate(at))
			return at;
	}
	return NULL;
}

int connect_hint_set(struct err *err, const char *operands)
{
	return err_hint(err,
			"check that the cluster runs, and renew the rule that lets your address in: sparkctl up%s%s; "
			"sparkctl doctor%s%s looks for the reason",
			operands ? " " : "", operands ? operands : "", operands ? " " : "", operands ? operands : "");
}

int connect_error_set(struct err *err, const char *host, int port, const char *message, const char *operands)
{
	const char *code = find_sqlstate(message);
	char sqlstate[6] = "";
	struct buf text;

	buf_init(&text, 2048);
	if (code) {
		const char *reason = code + 6 + strspn(code + 6, " ");

		memcpy(sqlstate, code, 5);
		buf_add(&text, reason, strcspn(reason, "\n"));
		if (text.failed)
			buf_reset(&text);
		server_error_set(
			err, &(struct server_error){ .sqlstate = sqlstate, .message = text.data, .operands = operands },
			NULL);
	} else {
		/* the part behind libpq's own "connection to server at ... failed: " says why */
		const char *reason = strstr(message, " failed: ");

		reason = reason ? reason + 9 : message;
		buf_add(&text, reason, strcspn(reason, "\n")); /* a question to the user follows on the next line */
		err_set(err, ERR_UNREACHABLE, "%s", text.len && !text.failed ? text.data : "no reason was given");
		if (err)
			err->retryable = true;
		if (strstr(message, "does not support SSL"))
			err_hint(err, "the server offers no encryption, and this target asks for it");
		else if (strstr(message, "certificate") || strstr(message, "SSL"))
			err_hint(err, "check that the certificate belongs to the host and that its issuer is trusted "
				      "(CA_BUNDLE in section [AWS])");
		else
			connect_hint_set(err, operands);
	}
	buf_clear(&text);
	return err_wrap(err, "cannot connect to '%s:%d'", host, port);
}
