#include "sandbox/cluster/parameters.h"

#include "spark/base/log.h"
#include "spark/base/mem.h"

#define GROUP_KIND "redshift:parameter-group"

struct json *parameters_of_group(struct world *w, const struct json *cluster)
{
	const struct json *values = json_get(cluster, "parameters");
	struct json *copy;
	char id[400];

	if (values)
		return json_copy(values);
	snprintf(id, sizeof(id), "%s/%s", json_str(cluster, "region", ""), json_str(cluster, "parameterGroup", ""));
	for (char *p = id; *p; p++)
		*p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
	store_lock(w->store);
	values = json_get(store_get(w->store, GROUP_KIND, id), "parameters");
	copy = values ? json_copy(values) : json_new_object();
	store_unlock(w->store);
	return copy;
}

/* ---- values ---- */

/* Each puts the server's form of a value; false: it has none. */
typedef bool convert_fn(const char *value, struct buf *out);

static bool as_it_is(const char *value, struct buf *out)
{
	buf_puts(out, value);
	return true;
}

static bool boolean(const char *value, struct buf *out)
{
	if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
		return false;
	buf_puts(out, *value == 't' ? "on" : "off");
	return true;
}

static bool integer(const char *value, struct buf *out)
{
	char *end;
	long n = strtol(value, &end, 10);

	if (end == value || *end)
		return false;
	buf_printf(out, "%ld", n);
	return true;
}

/* Of seconds, in milliseconds. */
static bool seconds(const char *value, struct buf *out)
{
	bool whole = integer(value, out);

	buf_puts(out, "000");
	return whole;
}

/* Words of the list, each at most once, in any letter case. */
static bool date_style(const char *value, struct buf *out)
{
	static const char *const words[] = { "iso", "postgres", "sql", "german", "mdy", "dmy", "ymd" };
	size_t styles = 0, orders = 0;

	for (const char *p = value + strspn(value, ", "); *p; p += strspn(p, ", ")) {
		size_t len = strcspn(p, ", "), i = 0;

		while (i < sizeof(words) / sizeof(*words) &&
		       (strlen(words[i]) != len || strncasecmp(words[i], p, len) != 0))
			i++;
		if (i == sizeof(words) / sizeof(*words))
			return false;
		*(i < 4 ? &styles : &orders) += 1;
		p += len;
	}
	if (styles > 1 || orders > 1 || styles + orders == 0)
		return false;
	buf_puts(out, value);
	return true;
}

/* One name of a search_path at p: quoted, $user, or plain, which is one in lower case. NULL: it is none. */
static const char *put_schema(const char *p, struct buf *out)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$";
	size_t len = strspn(p, plain);

	if (*p == '"') {
		const char *end = strchr(p + 1, '"');

		if (!end || end == p + 1 || strpbrk(p + 1, "\n\r\t") || memchr(p + 1, ',', (size_t)(end - p - 1)))
			return NULL;
		buf_add(out, p, (size_t)(end - p) + 1);
		return end + 1;
	}
	if (len == 0 || (*p >= '0' && *p <= '9') || (*p == '$' && (len != 5 || strncmp(p, "$user", 5) != 0)))
		return NULL;
	buf_putc(out, '"');
	for (size_t i = 0; i < len; i++)
		buf_putc(out, (char)(p[i] >= 'A' && p[i] <= 'Z' ? p[i] + 32 : p[i]));
	buf_putc(out, '"');
	return p + len;
}

static bool search_path(const char *value, struct buf *out)
{
	for (const char *p = value + strspn(value, " ");;) {
		p = put_schema(p, out);
		if (!p)
			return false;
		p += strspn(p, " ");
		if (!*p)
			return true;
		if (*p != ',')
			return false;
		buf_puts(out, ", ");
		p += 1 + strspn(p + 1, " ");
	}
}

static const struct row {
	const char *parameter, *setting;
	convert_fn *convert;
	const char *none; /* the value that stands for "not set" */
} rows[] = {
	{ "auto_mv", "sparkctl.auto_mv", boolean, NULL },
	{ "datestyle", "DateStyle", date_style, NULL },
	{ "enable_case_sensitive_identifier", "sparkctl.enable_case_sensitive_identifier", boolean, NULL },
	{ "extra_float_digits", "extra_float_digits", integer, NULL },
	{ "max_cursor_result_set_size", "sparkctl.max_cursor_result_set_size", integer, "default" },
	{ "max_query_execution_time", "statement_timeout", seconds, NULL },
	{ "query_group", "sparkctl.query_group", as_it_is, "default" },
	{ "require_ssl", "sparkctl.require_ssl", boolean, NULL },
	{ "search_path", "search_path", search_path, NULL },
	{ "statement_timeout", "statement_timeout", integer, NULL },
	{ "use_fips_ssl", "sparkctl.use_fips_ssl", boolean, NULL },
};

static const struct row *find_row(const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strcmp(rows[i].parameter, name) == 0)
			return &rows[i];
	return NULL;
}

static bool convert(const struct row *row, const char *value, struct buf *out)
{
	return (row->none && strcmp(row->none, value) == 0) || row->convert(value, out);
}

bool parameters_value_fits(const char *name, const char *value)
{
	const struct row *row = find_row(name);
	struct buf ignored;
	bool fits;

	if (!row)
		return true;
	buf_init(&ignored, 65536);
	/* Longer than the buffer is no value either. */
	fits = convert(row, value, &ignored) && !ignored.failed;
	buf_clear(&ignored);
	return fits;
}

static int add(struct pgserver_settings *out, const char *setting, const char *value, struct err *err)
{
	if (out->count == PGSERVER_SETTINGS_MAX)
		return err_set(err, ERR_BUG, "a server has more than %d settings", PGSERVER_SETTINGS_MAX);
	out->text[out->count] = mem_printf("%s=%s", setting, value);
	if (!out->text[out->count])
		return err_nomem(err);
	out->count++;
	return 0;
}

int parameters_settings(const struct json *values, struct pgserver_settings *out, struct err *err)
{
	struct buf value;
	int rc = 0;

	buf_init(&value, 65536);
	for (const struct json *v = json_first(values); !rc && v; v = json_next(v)) {
		const struct row *row = find_row(json_name(v));
		const char *text = json_text(v);

		buf_reset(&value);
		if (!row || !text)
			continue;
		if (!convert(row, text, &value) || value.failed)
			log_warn("a parameter group's %s is '%.100s', which no server starts with: left out",
				 row->parameter, text);
		else if (value.len)
			rc = add(out, row->setting, value.data, err);
	}
	buf_clear(&value);
	if (rc)
		pgserver_settings_clear(out);
	return rc;
}
