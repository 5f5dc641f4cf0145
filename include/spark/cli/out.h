#ifndef SPARK_CLI_OUT_H
#define SPARK_CLI_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "spark/base/buf.h"
#include "spark/base/err.h"
#include "spark/base/json.h"
#include "spark/cli/command.h"

/* How data is written. */

/* Columns that a text takes on a terminal: combining marks none, East Asian wide characters and emoji two. Invalid
 * UTF-8 counts one for each byte. */
size_t text_width(const char *text, size_t len);
/* The text with what would disturb a terminal made visible (\n, \t, \x1b), cut to `columns` columns with '…' at the end
 * when it is longer (0: never cut). */
void text_add_visible(struct buf *out, const char *text, size_t len, size_t columns);

enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_GOOD, STYLE_WARN, STYLE_BAD };
/* The sequences around a styled text, "" without colour. */
const char *style_on(enum style style, bool color);
const char *style_off(enum style style, bool color);

/* Text in columns. All cells are copied. */
struct out_table {
	struct out_column {
		char *name;
		bool right;
		size_t width;
	} * columns;
	size_t column_count;
	struct out_cell {
		char *text; /* NULL: no value */
		enum style style;
	} * cells;
	size_t cell_count, cell_cap;
};
/* One name for each column; those in `right` (by number, ended by -1; may be NULL) are aligned right. */
int out_table_init(struct out_table *t, const char *const *names, size_t count, const int *right,
		   struct err *err) MUST_CHECK;
/* The next cell of the row, from left to right. */
int out_table_add(struct out_table *t, const char *text, enum style style, struct err *err) MUST_CHECK;
int out_table_addf(struct out_table *t, enum style style, struct err *err, const char *fmt, ...) MUST_CHECK
	PRINTF_LIKE(4, 5);
/* Header, rule, rows, two blanks between columns; max_columns cuts what is wider (0: nothing is cut). */
int out_table_print(struct out_table *t, FILE *to, bool color, size_t max_columns, struct err *err) MUST_CHECK;
void out_table_clear(struct out_table *t);

/* One CSV field (RFC 4180): quoted when it must be; NULL is an empty field, "" a quoted one. */
void out_csv_field(struct buf *out, const char *text);
/* Writes JSON and a line's end. */
int out_json(FILE *to, const struct json *j, bool pretty, struct err *err) MUST_CHECK;
/* Writes a buffer, then empties it. */
int out_buf(FILE *to, struct buf *b, struct err *err) MUST_CHECK;

/* A line on ctx->msg unless --quiet. */
void out_note(const struct context *ctx, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The same, beginning with "sparkctl: warning: ", also with --quiet. */
void out_warn(const struct context *ctx, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The question and " [y/N] ": 0 for yes or with --yes; ERR_USAGE when nobody can answer; ERR_CHECK "nothing was done"
 * for any other answer. */
int ask_proceed(const struct context *ctx, const char *question, struct err *err) MUST_CHECK;
/* The word has to be typed. */
int ask_word(const struct context *ctx, const char *question, const char *word, struct err *err) MUST_CHECK;

#endif
