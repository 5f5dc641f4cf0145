#include "sandbox/history/audit.h"

#include "spark/base/clock.h"
#include "spark/base/file.h"
#include "spark/base/json.h"
#include "spark/base/mem.h"

#define FILE_MAX_BYTES ((size_t)64 * 1024 * 1024)

/* "Sun, 22 Nov 2026 03:12:07:123" */
static void put_time(struct buf *out, int64_t us)
{
	time_t seconds = (time_t)(us / 1000000);
	struct tm tm;
	char text[40];

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S", &tm);
	buf_printf(out, "%s:%03d", text, (int)(us / 1000 % 1000));
}

static void put_text(struct buf *out, const char *text)
{
	for (; *text; text++)
		buf_putc(out, *text == '|' || *text == '\n' || *text == '\r' ? ' ' : *text);
	buf_puts(out, " |");
}

/* The columns of stl_connection_log, with bars between them. */
static void put_connection(struct buf *out, const struct json *line, const struct json *ids)
{
	static const char *const last[] = { "g", "i", "b" }; /* application, system, driver */

	(void)ids;
	put_text(out, json_str(line, "v", ""));
	put_time(out, json_int(line, "r", 0));
	buf_putc(out, '|');
	put_text(out, json_str(line, "h", ""));
	put_text(out, json_str(line, "o", ""));
	buf_printf(out, "%lld|", (long long)json_int(line, "p", 0));
	put_text(out, json_str(line, "d", ""));
	put_text(out, json_str(line, "u", ""));
	put_text(out, json_str(line, "m", ""));
	buf_printf(out, "%lld|", (long long)json_int(line, "z", 0));
	put_text(out, json_str(line, "y", ""));
	put_text(out, json_str(line, "f", ""));
	/* mtu, sslcompression, sslexpansion, iamauthguid */
	buf_puts(out, "0| | | |");
	for (size_t i = 0; i < sizeof(last) / sizeof(*last); i++)
		put_text(out, json_str(line, last[i], ""));
	/* plugin_name, protocol_version, sessionid, compression */
	buf_printf(out, " |0|%lld| \n", (long long)json_int(line, "p", 0));
}

static void put_statement(struct buf *out, const struct json *line, const struct json *ids)
{
	char time[CLOCK_TEXT];

	(void)ids;
	clock_iso_s(json_int(line, "s", 0) / 1000, time);
	buf_printf(out, "'%s UTC [ db=%s user=%s pid=%lld xid=%lld ]' LOG: %s\n", time, json_str(line, "d", ""),
		   json_str(line, "u", ""), (long long)json_int(line, "p", 0), (long long)json_int(line, "x", 0),
		   json_str(line, "w", ""));
}

/* The columns of stl_userlog. */
static void put_user(struct buf *out, const struct json *line, const struct json *ids)
{
	const char *name = json_str(line, "n", "");

	buf_printf(out, "%lld|", (long long)json_int(ids, name, 0));
	put_text(out, name);
	put_text(out, json_str(line, "o", ""));
	put_text(out, json_str(line, "v", ""));
	buf_printf(out, "%lld|%lld|0|", (long long)json_int(line, "c", 0), (long long)json_int(line, "s", 0));
	put_text(out, json_str(line, "t", ""));
	buf_printf(out, "%lld|%lld|", (long long)json_int(line, "p", 0), (long long)json_int(line, "x", 0));
	put_time(out, json_int(line, "r", 0));
	buf_putc(out, '\n');
}

static const struct audit_row {
	const char *name;
	const char *begins; /* the lines of the history that it is made of */
	const char *when;   /* their member that says when they were recorded */
	void (*put)(struct buf *out, const struct json *line, const struct json *ids);
} rows[AUDIT_LOGS] = {
	[AUDIT_CONNECTIONS] = { "connectionlog", "{\"k\":\"c\"", "r", put_connection },
	[AUDIT_ACTIVITY] = { "useractivitylog", "{\"k\":\"q\"", "e", put_statement },
	[AUDIT_USERS] = { "userlog", "{\"k\":\"u\"", "r", put_user },
};

const char *audit_name(enum audit_log log)
{
	return rows[log].name;
}

/* A line that is no JSON is one that a crash has cut. */
static void put_line(const struct audit_row *row, const char *text, size_t len, int64_t from_us, int64_t to_us,
		     const struct json *ids, struct buf *out)
{
	struct err ignored = { 0 };
	struct json *line;
	int64_t at;

	if (len < strlen(row->begins) || memcmp(text, row->begins, strlen(row->begins)) != 0)
		return;
	line = json_parse(text, len, &ignored);
	at = json_int(line, row->when, -1);
	if (at >= from_us && at < to_us)
		row->put(out, line, ids);
	json_free(line);
}

int audit_write(const char *dir, enum audit_log log, int64_t from_us, int64_t to_us, const struct json *ids,
		struct buf *out, struct err *err)
{
	static const char *const files[] = { "older", "now" };
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof(files) / sizeof(*files); i++) {
		char *path = file_join(dir, files[i]);
		struct buf text;

		buf_init(&text, FILE_MAX_BYTES);
		if (!path)
			rc = err_nomem(err);
		else if (file_exists(path))
			rc = file_read(path, &text, err);
		for (const char *p = text.len ? text.data : ""; !rc && *p;) {
			size_t len = strcspn(p, "\n");

			if (p[len] == '\n')
				put_line(&rows[log], p, len, from_us, to_us, ids, out);
			p += len + (p[len] == '\n');
		}
		buf_clear(&text);
		mem_free(path);
	}
	return rc ? -1 : buf_check(out, "an audit log", err);
}
