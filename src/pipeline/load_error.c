#include "pipeline/load_error.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "spark/base/buf.h"

/* raw_field_value is CHAR(1024): a value that fills it may have been longer. */
#define VALUE_MAX 1024

/* stl_load_errors names types as the catalogue does. */
static const struct {
	const char *internal, *sql;
	bool has_length;
} types[] = {
	{ "int2", "smallint", false },
	{ "int4", "integer", false },
	{ "int8", "bigint", false },
	{ "float4", "real", false },
	{ "float8", "double precision", false },
	{ "numeric", "decimal", true },
	{ "varchar", "varchar", true },
	{ "bpchar", "char", true },
	{ "char", "char", true },
	{ "bool", "boolean", false },
};

void load_error_declared(const struct load_error *e, char out[64])
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(types[i].internal, e->type) != 0)
			continue;
		if (types[i].has_length && e->length[0] && strcmp(e->length, "0") != 0)
			(void)snprintf(out, 64, "%s(%s)", types[i].sql, e->length);
		else
			(void)snprintf(out, 64, "%s", types[i].sql);
		return;
	}
	(void)snprintf(out, 64, "%s", e->type);
}

/* A decimal number's parts. */
struct number {
	int whole, fraction; /* digits before and behind the point */
	bool exponent, negative;
};

static bool read_number(const char *text, struct number *out)
{
	const char *p = text;
	struct number n = { 0 };

	n.negative = *p == '-';
	if (*p == '-' || *p == '+')
		p++;
	for (; *p >= '0' && *p <= '9'; p++)
		n.whole++;
	if (*p == '.') {
		for (p++; *p >= '0' && *p <= '9'; p++)
			n.fraction++;
	}
	if (n.whole + n.fraction == 0)
		return false;
	if (*p == 'e' || *p == 'E') {
		n.exponent = true;
		p++;
		if (*p == '-' || *p == '+')
			p++;
		if (*p < '0' || *p > '9')
			return false;
		while (*p >= '0' && *p <= '9')
			p++;
	}
	*out = n;
	return *p == 0;
}

static bool suggest_text(const char *value, char out[64])
{
	size_t len = strlen(value);

	if (len >= VALUE_MAX - 1)
		(void)snprintf(out, 64, "varchar(max)");
	else
		(void)snprintf(out, 64, "varchar(%zu)", len ? len : 1);
	return true;
}

/* The narrowest of Redshift's number types that holds the value as written. */
static bool suggest_number(const char *value, char out[64])
{
	struct number n;
	long long v;

	if (!read_number(value, &n))
		return false;
	if (n.exponent) {
		(void)snprintf(out, 64, "double precision");
		return true;
	}
	if (n.fraction > 0) {
		if (n.whole + n.fraction <= 38)
			(void)snprintf(out, 64, "double precision, or decimal(%d,%d)",
				       n.whole + n.fraction > 18 ? n.whole + n.fraction : 18, n.fraction);
		else
			(void)snprintf(out, 64, "double precision");
		return true;
	}
	errno = 0;
	v = strtoll(value, NULL, 10);
	if (errno == ERANGE)
		(void)snprintf(out, 64, n.whole <= 38 ? "decimal(38,0)" : "double precision");
	else
		(void)snprintf(out, 64, v >= INT32_MIN && v <= INT32_MAX ? "integer" : "bigint");
	return true;
}

static bool is_integer_type(const char *type)
{
	return strncmp(type, "int", 3) == 0;
}

bool load_error_suggest(const struct load_error *e, char out[64])
{
	char declared[64];

	/* A missing value, bad UTF-8 or text that is no JSON is not cured by a type. */
	if (!e->column[0] || !e->type[0] || strcasestr(e->reason, "not-null") || strcasestr(e->reason, "utf8"))
		return false;
	if (strcmp(e->type, "varchar") == 0 || strcmp(e->type, "char") == 0 || strcmp(e->type, "bpchar") == 0)
		return suggest_text(e->value, out);
	if (!e->value[0])
		return false;
	if (strcasecmp(e->value, "true") == 0 || strcasecmp(e->value, "false") == 0) {
		(void)snprintf(out, 64, "boolean");
		return strcmp(e->type, "bool") != 0;
	}
	load_error_declared(e, declared);
	if ((is_integer_type(e->type) || strcmp(e->type, "numeric") == 0) && suggest_number(e->value, out))
		return strcmp(out, declared) != 0;
	if (strncmp(e->type, "timestamp", 9) == 0 || strcmp(e->type, "date") == 0)
		return suggest_number(e->value, out) || suggest_text(e->value, out);
	if (strncmp(e->type, "float", 5) == 0 && suggest_number(e->value, out))
		return strcmp(e->type, "float4") == 0;
	return suggest_text(e->value, out);
}

/* Other ways than a type, by what the column is declared as. */
static const char *other_remedy(const struct load_error *e)
{
	struct number n;

	if (strcasestr(e->reason, "not-null"))
		return "let the column be NULL, or give it a value in the file";
	if (strcasestr(e->reason, "utf8"))
		return "write the file as UTF-8, or load with ACCEPTINVCHARS";
	if (strncmp(e->type, "timestamp", 9) == 0 && read_number(e->value, &n) && !n.fraction)
		return n.whole >= 12 ? "or load with TIMEFORMAT 'epochmillisecs'"
				     : "or load with TIMEFORMAT 'epochsecs'";
	if (strncmp(e->type, "timestamp", 9) == 0)
		return "or load with TIMEFORMAT 'auto'";
	if (strcmp(e->type, "varchar") == 0)
		return "or load with TRUNCATECOLUMNS to have long values cut";
	return NULL;
}

/* Long values are shown by their beginning, cut between characters. */
static void add_excerpt(struct buf *out, const char *text, size_t max)
{
	size_t len = strlen(text);

	if (len <= max) {
		buf_add(out, text, len);
		return;
	}
	while (max > 0 && ((unsigned char)text[max] & 0xc0) == 0x80)
		max--;
	buf_add(out, text, max);
	buf_printf(out, "...' (%zu bytes%s", len, len >= VALUE_MAX - 1 ? " or more" : "");
}

static void add_what(struct buf *out, const struct load_error *e)
{
	char declared[64], fitting[64];

	buf_printf(out, "cannot load '%s', line %lld", e->file, e->line);
	if (!e->column[0]) {
		buf_printf(out, ": %s", e->reason);
		if (e->raw_line[0]) {
			buf_puts(out, ", at '");
			add_excerpt(out, e->raw_line, 120);
			buf_puts(out, strlen(e->raw_line) > 120 ? ")" : "'");
		}
		return;
	}
	load_error_declared(e, declared);
	buf_printf(out, ", column '%s': value '", e->column);
	add_excerpt(out, e->value, 120);
	buf_puts(out, strlen(e->value) > 120 ? ")" : "'");
	if (load_error_suggest(e, fitting))
		buf_printf(out, " does not fit %s", declared);
	buf_printf(out, ": %s", e->reason);
}

void load_error_explain(const struct load_error *e, struct err *err)
{
	char type[64];
	const char *other = other_remedy(e);
	bool suggested = load_error_suggest(e, type);
	struct buf text, hint;

	buf_init(&text, 4096);
	buf_init(&hint, 1024);
	add_what(&text, e);
	if (suggested)
		buf_printf(&hint, "declare the column as %s", type);
	if (other)
		buf_printf(&hint, "%s%s", suggested ? ", " : "", other);
	buf_printf(&hint, "%snothing was loaded", suggested || other ? ", or mend the file; " : "mend the file; ");
	if (!text.failed && !hint.failed) {
		(void)snprintf(err->text, sizeof(err->text), "%s", text.data);
		(void)err_hint(err, "%s", hint.data);
	}
	buf_clear(&text);
	buf_clear(&hint);
}

void load_error_advise(struct err *err, const char *operands)
{
#define READ_THERE \
	"the role's policy has to allow s3:ListBucket and s3:GetObject there; with the same settings this allows it: "
	/* Words of S3 and IAM as Redshift passes them on. */
	static const struct {
		const char *said, *advice;
		bool up; /* "sparkctl up ..." follows */
	} rows[] = {
		{ "must be addressed using the specified endpoint", "set [S3] REGION to the bucket's region", false },
		{ "PermanentRedirect", "set [S3] REGION to the bucket's region", false },
		{ "NoSuchBucket", "check LOG_DATA and SONG_DATA in [S3]", false },
		{ "S3 prefix", "no object has a key that begins so: check LOG_DATA and SONG_DATA in [S3]", false },
		{ "NoSuchKey", "check LOG_JSONPATH in [S3]", false },
		{ "not authorized to assume",
		  "the role has to be attached to the cluster and to trust "
		  "redshift.amazonaws.com; this makes one that does: ",
		  true },
		{ "Access Denied", READ_THERE, true },
		{ "AccessDenied", READ_THERE, true },
	};
	char was[sizeof(err->hint)];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!strstr(err->text, rows[i].said))
			continue;
		memcpy(was, err->hint, sizeof(was));
		(void)err_hint(err, "%s%s%s%s%s", rows[i].advice, rows[i].up ? "sparkctl up " : "",
			       rows[i].up ? operands : "", was[0] ? "; " : "", was);
		return;
	}
}

static void take(const struct result *r, size_t column, char *out, size_t size)
{
	const char *value = result_value(r, 0, column);
	size_t len = value ? strlen(value) : 0;

	while (len > 0 && value[len - 1] == ' ')
		len--;
	if (len >= size)
		len = size - 1;
	if (len > 0)
		memcpy(out, value, len);
	out[len] = 0;
}

/* Some reasons end like sentences, others do not; ours go on behind them. */
static void trim_stop(char *text)
{
	size_t len = strlen(text);

	if (len > 0 && text[len - 1] == '.')
		text[len - 1] = 0;
}

int load_error_read(struct conn *c, struct load_error *out, bool *found, struct err *err)
{
	/* Columns that every version of the table has. */
	static const char sql[] = "SELECT filename, colname, type, col_length, raw_field_value, err_reason, raw_line, "
				  "line_number, err_code FROM stl_load_errors WHERE session = pg_backend_pid() "
				  "ORDER BY query DESC, starttime DESC, filename, line_number LIMIT 1";
	char number[32];
	struct result r;

	if (conn_exec(c, sql, &r, err) < 0)
		return -1;
	memset(out, 0, sizeof(*out));
	*found = r.rows > 0;
	take(&r, 0, out->file, sizeof(out->file));
	take(&r, 1, out->column, sizeof(out->column));
	take(&r, 2, out->type, sizeof(out->type));
	take(&r, 3, out->length, sizeof(out->length));
	take(&r, 4, out->value, sizeof(out->value));
	take(&r, 5, out->reason, sizeof(out->reason));
	trim_stop(out->reason);
	take(&r, 6, out->raw_line, sizeof(out->raw_line));
	take(&r, 7, number, sizeof(number));
	out->line = strtoll(number, NULL, 10);
	take(&r, 8, number, sizeof(number));
	out->code = (int)strtol(number, NULL, 10);
	result_clear(&r);
	return 0;
}
