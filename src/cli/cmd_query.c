/* `query`: SQL in, rows out. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "spark/base/file.h"
#include "spark/base/mem.h"
#include "spark/cli/out.h"
#include "spark/cli/stack.h"

struct column {
	char *name;   /* as the server says */
	char *member; /* of a JSON object: no two are the same */
};

/* Writes rows as they come. Statements of one text may have different columns: each begins anew. */
struct writer {
	struct context *ctx;
	bool json;
	struct column *columns; /* of the rows so far */
	size_t column_count;
	size_t rows;
	bool begun;
	char tag[64];
	struct buf text;
	struct err *err;
};

static int read_sql(const struct context *ctx, struct buf *sql, struct err *err)
{
	const char *command = context_option(ctx, "command"), *file = context_option(ctx, "file");
	int given = (command != NULL) + (file != NULL) + (ctx->arg_count > 0);
	if (given != 1) {
		err_set(err, ERR_USAGE, given ? "the SQL is given more than once" : "no SQL was given");
		return err_hint(err, "give one of -c SQL, -f FILE, or - for standard input");
	}
	if (ctx->arg_count > 0 && strcmp(ctx->args[0], "-") != 0) {
		err_set(err, ERR_USAGE, "'%s' is not expected here", ctx->args[0]);
		return err_hint(err, "SQL is given with -c, a file with -f");
	}
	if (command)
		buf_puts(sql, command);
	else if (file_read(file ? file : "-", sql, err) != 0)
		return -1;
	if (buf_check(sql, "the SQL", err) != 0)
		return -1;
	if (memchr(sql->data, 0, sql->len))
		return err_set(err, ERR_USAGE, "the SQL holds a zero byte");
	if (sql->data[strspn(sql->data, " \t\r\n;")] == 0)
		return err_set(err, ERR_USAGE, "the SQL is empty");
	return 0;
}

static void forget_columns(struct writer *w)
{
	for (size_t i = 0; i < w->column_count; i++) {
		mem_free(w->columns[i].name);
		mem_free(w->columns[i].member);
	}
	mem_free(w->columns);
	w->columns = NULL;
	w->column_count = 0;
}

static bool member_is_taken(const struct writer *w, size_t count, const char *member)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(w->columns[i].member, member) == 0)
			return true;
	}
	return false;
}

/* SELECT 1, 2 has two columns "?column?": the second becomes "?column?_2". */
static int take_columns(struct writer *w, const struct result *r)
{
	forget_columns(w);
	w->columns = mem_alloc_array(r->columns ? r->columns : 1, sizeof(*w->columns));
	if (!w->columns)
		return err_nomem(w->err);
	for (size_t i = 0; i < r->columns; i++) {
		struct column *c = &w->columns[w->column_count++];
		c->name = mem_strdup(r->names[i]);
		c->member = mem_strdup(r->names[i]);
		for (int n = 2; c->member && member_is_taken(w, i, c->member); n++) {
			mem_free(c->member);
			c->member = mem_printf("%s_%d", r->names[i], n);
		}
		if (!c->name || !c->member)
			return err_nomem(w->err);
	}
	return 0;
}

static bool same_columns(const struct writer *w, const struct result *r)
{
	if (r->columns != w->column_count)
		return false;
	for (size_t i = 0; i < r->columns; i++) {
		if (strcmp(w->columns[i].name, r->names[i]) != 0)
			return false;
	}
	return true;
}

/* What PostgreSQL writes for numbers is JSON as well, but for NaN and the infinities. */
static bool is_json_number(const char *text)
{
	const char *p = text + (*text == '-');
	if (!isdigit((unsigned char)*p) || (*p == '0' && isdigit((unsigned char)p[1])))
		return false;
	for (; *p; p++) {
		if (!isdigit((unsigned char)*p) && !strchr(".eE+-", *p))
			return false;
	}
	return isdigit((unsigned char)p[-1]);
}

static void add_json_row(struct writer *w, const struct result *r, size_t row)
{
	buf_puts(&w->text, w->rows > 0 ? ",\n  {" : "\n  {");
	for (size_t i = 0; i < r->columns; i++) {
		const char *value = result_value(r, row, i);
		if (i > 0)
			buf_puts(&w->text, ", ");
		json_quote(&w->text, w->columns[i].member, strlen(w->columns[i].member));
		buf_puts(&w->text, ": ");
		if (!value)
			buf_puts(&w->text, "null");
		else if (result_is_boolean(r, i))
			buf_puts(&w->text, *value == 't' ? "true" : "false");
		else if (result_is_numeric(r, i) && is_json_number(value))
			buf_puts(&w->text, value);
		else
			json_quote(&w->text, value, strlen(value));
	}
	buf_putc(&w->text, '}');
}

static void add_csv_row(struct writer *w, const struct result *r, size_t row, bool header)
{
	for (size_t i = 0; i < r->columns; i++) {
		if (i > 0)
			buf_putc(&w->text, ',');
		out_csv_field(&w->text, header ? r->names[i] : result_value(r, row, i));
	}
	buf_puts(&w->text, "\r\n");
}

static int write_rows(void *arg, const struct result *r)
{
	struct writer *w = arg;
	snprintf(w->tag, sizeof(w->tag), "%s", r->tag);
	if (r->columns == 0)
		return 0;
	if (!w->begun || !same_columns(w, r)) {
		if (w->begun && w->json)
			return err_set(w->err, ERR_USAGE,
				       "several statements return rows, which JSON cannot hold apart");
		if (take_columns(w, r) != 0)
			return -1;
		if (w->json)
			buf_putc(&w->text, '[');
		else
			add_csv_row(w, r, 0, true);
		w->begun = true;
	}
	for (size_t row = 0; row < r->rows; row++) {
		if (w->json)
			add_json_row(w, r, row);
		else
			add_csv_row(w, r, row, false);
		w->rows++;
	}
	return out_buf(w->ctx->out, &w->text, w->err);
}

static int stream(struct context *ctx, struct conn *conn, const char *sql, bool json, struct err *err)
{
	struct writer w = { .ctx = ctx, .json = json, .err = err };
	buf_init(&w.text, SIZE_MAX / 2);
	int rc = conn_stream(conn, sql, write_rows, &w, err);
	if (rc == 0 && json) {
		buf_puts(&w.text, !w.begun ? "[]\n" : w.rows > 0 ? "\n]\n" : "]\n");
		rc = out_buf(ctx->out, &w.text, err);
	}
	if (rc == 0 && !w.begun)
		out_note(ctx, "%s", w.tag);
	forget_columns(&w);
	buf_clear(&w.text);
	return rc;
}

static size_t columns_of_terminal(const struct context *ctx)
{
	struct winsize size;
	if (!isatty(fileno(ctx->out)) || ioctl(fileno(ctx->out), TIOCGWINSZ, &size) != 0)
		return 0;
	return size.ws_col;
}

static int print_table(struct context *ctx, const struct result *r, struct err *err)
{
	struct out_table t;
	int *right = mem_alloc_array(r->columns + 1, sizeof(*right)), rc = 0;
	if (!right)
		return err_nomem(err);
	size_t count = 0;
	for (size_t i = 0; i < r->columns; i++) {
		if (result_is_numeric(r, i))
			right[count++] = (int)i;
	}
	right[count] = -1;
	if (out_table_init(&t, r->names, r->columns, right, err) != 0) {
		mem_free(right);
		return -1;
	}
	for (size_t row = 0; rc == 0 && row < r->rows; row++) {
		for (size_t i = 0; rc == 0 && i < r->columns; i++) {
			const char *value = result_value(r, row, i);
			rc = out_table_add(&t, value ? value : "NULL", value ? STYLE_PLAIN : STYLE_DIM, err);
		}
	}
	if (rc == 0)
		rc = out_table_print(&t, ctx->out, ctx->out_color, columns_of_terminal(ctx), err);
	if (rc == 0)
		out_note(ctx, "%zu row%s", r->rows, r->rows == 1 ? "" : "s");
	out_table_clear(&t);
	mem_free(right);
	return rc;
}

static int show_table(struct context *ctx, struct conn *conn, const char *sql, struct err *err)
{
	struct result r = { 0 };
	if (conn_exec(conn, sql, &r, err) != 0)
		return -1;
	int rc = 0;
	if (r.columns > 0)
		rc = print_table(ctx, &r, err);
	else
		out_note(ctx, "%s", r.tag);
	result_clear(&r);
	return rc;
}

static int run_command(struct context *ctx, struct err *err)
{
	const char *output = context_option(ctx, "output");
	bool json = ctx->json || strcmp(output, "json") == 0;
	struct conn *conn = NULL;
	struct stack s;
	struct buf sql;
	int rc = -1;
	buf_init(&sql, BUF_MAX_DEFAULT);
	if (read_sql(ctx, &sql, err) != 0 || stack_open(ctx, false, &s, err) != 0)
		goto out;
	if (run_connect(&s.run, &conn, err) == 0) {
		progress_stop(s.progress);
		if (json || strcmp(output, "csv") == 0)
			rc = stream(ctx, conn, sql.data, json, err);
		else
			rc = show_table(ctx, conn, sql.data, err);
	}
	conn_close(conn);
	stack_close(&s);
out:
	buf_clear(&sql);
	return rc;
}

static const struct command_option options[] = {
	{ "command", 'c', "SQL", NULL, NULL, "the SQL" },
	{ "file", 'f', "FILE", NULL, NULL, "read the SQL from a file" },
	{ "output", 0, "FORMAT", "table|json|csv", "table", "how rows are written" },
	{ 0 },
};

const struct command cmd_query = {
	.name = "query",
	.usage = "(-c SQL | -f FILE | -) [--output table|json|csv]",
	.summary = "run SQL on the cluster and print the rows",
	.help = "JSON is an array of objects, CSV follows RFC 4180 with a header; in both, rows are written as they "
		"come.\n"
		"A table shows the last statement's rows and is cut to the terminal.",
	.options = options,
	.args_max = 1,
	.settings = SETTINGS_STACK | SETTINGS_AWS | SETTINGS_CLUSTER | SETTINGS_SANDBOX,
	.run = run_command,
};
