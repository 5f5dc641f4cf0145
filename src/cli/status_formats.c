#include "spark/cli/status_formats.h"

#include <inttypes.h>
#include <string.h>

#include "spark/base/clock.h"
#include "spark/base/json.h"
#include "spark/base/url.h"

void format_sh_quoted(struct buf *out, const char *text)
{
	buf_putc(out, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			buf_puts(out, "'\\''");
		else
			buf_putc(out, *text);
	}
	buf_putc(out, '\'');
}

/* Scripts put these values into "host={} dbname={} user={} password={} port={}", where a blank would end one. */
void format_ini_value(struct buf *out, const char *text)
{
	bool quote = text[0] == 0 || strpbrk(text, " \t'\\;#") != NULL;

	if (quote)
		buf_putc(out, '\'');
	for (; *text; text++) {
		if (*text == '%')
			buf_putc(out, '%');
		if (*text == '\'' || *text == '\\')
			buf_putc(out, '\\');
		buf_putc(out, *text);
	}
	if (quote)
		buf_putc(out, '\'');
}

static void add_end(struct buf *out, const struct run_access *a)
{
	char end[CLOCK_TEXT];

	if (!a->expires_ms)
		return;
	clock_iso_s(a->expires_ms, end);
	buf_printf(out, "# the password is a temporary one and ends at %s\n", end);
}

static void add_export(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "export %s=", name);
	format_sh_quoted(out, value);
	buf_putc(out, '\n');
}

static void write_env(const struct status_format_input *in, struct buf *out)
{
	const struct run_access *a = in->access;
	char port[16];

	(void)snprintf(port, sizeof(port), "%d", a->port);
	add_end(out, a);
	add_export(out, "PGHOST", a->host);
	add_export(out, "PGPORT", port);
	add_export(out, "PGDATABASE", a->database);
	add_export(out, "PGUSER", a->user);
	add_export(out, "PGPASSWORD", secret_value(&a->password));
	add_export(out, "PGSSLMODE", a->ssl_mode);
	if (a->ssl_ca)
		add_export(out, "PGSSLROOTCERT", a->ssl_ca);
}

static void add_encoded(struct buf *out, const char *before, const char *text)
{
	buf_puts(out, before);
	url_encode(out, text, strlen(text), false);
}

static void write_dsn(const struct status_format_input *in, struct buf *out)
{
	const struct run_access *a = in->access;

	add_encoded(out, "postgresql://", a->user);
	add_encoded(out, ":", secret_value(&a->password));
	add_encoded(out, "@", a->host);
	buf_printf(out, ":%d", a->port);
	add_encoded(out, "/", a->database);
	add_encoded(out, "?sslmode=", a->ssl_mode);
	if (a->ssl_ca)
		add_encoded(out, "&sslrootcert=", a->ssl_ca);
	buf_putc(out, '\n');
}

static void add_key(struct buf *out, const char *key, const char *value)
{
	buf_printf(out, "%s=", key);
	format_ini_value(out, value);
	buf_putc(out, '\n');
}

/* The course's SQL puts these into COPY as they are, quotes and all. */
static void add_place(struct buf *out, const char *key, const char *uri)
{
	if (uri && *uri)
		buf_printf(out, "%s='%s'\n", key, uri);
}

static void write_dwh_cfg(const struct status_format_input *in, struct buf *out)
{
	const struct run_access *a = in->access;
	const char *password = secret_value(&a->password);

	add_end(out, a);
	if (strchr(password, '%'))
		buf_puts(out, "# '%%' stands for one '%', as Python's configparser reads it\n");
	/* in the order in which scripts take *config['CLUSTER'].values() */
	buf_puts(out, "[CLUSTER]\n");
	add_key(out, "HOST", a->host);
	add_key(out, "DB_NAME", a->database);
	add_key(out, "DB_USER", a->user);
	add_key(out, "DB_PASSWORD", password);
	buf_printf(out, "DB_PORT=%d\n", a->port);
	buf_printf(out, "\n[IAM_ROLE]\nARN=%s\n\n[S3]\n", a->role_arn);
	add_place(out, "LOG_DATA", config_str(in->config, OPT_LOG_DATA));
	add_place(out, "LOG_JSONPATH", config_str(in->config, OPT_LOG_JSONPATH));
	add_place(out, "SONG_DATA", config_str(in->config, OPT_SONG_DATA));
}

/* YAML takes JSON's strings. */
static void add_yaml(struct buf *out, const char *key, const char *value)
{
	buf_printf(out, "      %s: ", key);
	json_quote(out, value, strlen(value));
	buf_putc(out, '\n');
}

static void write_dbt(const struct status_format_input *in, struct buf *out)
{
	const struct run_access *a = in->access;

	add_end(out, a);
	json_quote(out, in->stack, strlen(in->stack));
	buf_puts(out, ":\n  target: dev\n  outputs:\n    dev:\n      type: redshift\n      method: database\n");
	add_yaml(out, "host", a->host);
	buf_printf(out, "      port: %d\n", a->port);
	add_yaml(out, "user", a->user);
	add_yaml(out, "password", secret_value(&a->password));
	add_yaml(out, "dbname", a->database);
	buf_puts(out, "      schema: public\n      threads: 4\n");
	add_yaml(out, "sslmode", a->ssl_mode);
	/* dbt's driver has no setting for it */
	if (a->ssl_ca)
		buf_printf(out, "      # the issuer of the server's certificate: %s\n", a->ssl_ca);
}

bool status_format(const char *format, const struct status_format_input *in, struct buf *out)
{
	static const struct {
		const char *name;
		void (*write)(const struct status_format_input *in, struct buf *out);
	} formats[] = {
		{ "env", write_env }, { "dsn", write_dsn }, { "dwh.cfg", write_dwh_cfg }, { "dbt", write_dbt }
	};

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (strcmp(formats[i].name, format) != 0)
			continue;
		formats[i].write(in, out);
		return true;
	}
	return false;
}
