#include "spark/cli/out.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "spark/base/mem.h"

static const struct {
	const char *on;
} styles[] = {
	[STYLE_PLAIN] = { "" },        [STYLE_BOLD] = { "\033[1m" },  [STYLE_DIM] = { "\033[2m" },
	[STYLE_GOOD] = { "\033[32m" }, [STYLE_WARN] = { "\033[33m" }, [STYLE_BAD] = { "\033[31m" },
};

const char *style_on(enum style style, bool color)
{
	return color ? styles[style].on : "";
}

const char *style_off(enum style style, bool color)
{
	return color && style != STYLE_PLAIN ? "\033[0m" : "";
}

int out_table_init(struct out_table *t, const char *const *names, size_t count, const int *right, struct err *err)
{
	memset(t, 0, sizeof(*t));
	t->columns = mem_alloc_array(count ? count : 1, sizeof(*t->columns));
	if (!t->columns)
		return err_nomem(err);
	t->column_count = count;
	for (size_t i = 0; i < count; i++) {
		struct buf visible;
		buf_init(&visible, BUF_MAX_DEFAULT);
		text_add_visible(&visible, names[i], strlen(names[i]), 0);
		t->columns[i].width = text_width(visible.data, visible.len);
		t->columns[i].name = buf_take(&visible);
		if (!t->columns[i].name) {
			buf_clear(&visible);
			out_table_clear(t);
			return err_nomem(err);
		}
	}
	for (; right && *right >= 0; right++)
		t->columns[*right].right = true;
	return 0;
}

void out_table_clear(struct out_table *t)
{
	for (size_t i = 0; i < t->column_count; i++)
		mem_free(t->columns[i].name);
	for (size_t i = 0; i < t->cell_count; i++)
		mem_free(t->cells[i].text);
	mem_free(t->columns);
	mem_free(t->cells);
	memset(t, 0, sizeof(*t));
}

int out_table_add(struct out_table *t, const char *text, enum style style, struct err *err)
{
	struct out_column *column = &t->columns[t->cell_count % t->column_count];
	struct out_cell cell = { NULL, style };
	if (mem_grow(&t->cells, &t->cell_cap, t->cell_count, sizeof(*t->cells)) != 0)
		return err_nomem(err);
	if (text) {
		struct buf visible;
		buf_init(&visible, SIZE_MAX / 2);
		text_add_visible(&visible, text, strlen(text), 0);
		size_t width = text_width(visible.data, visible.len);
		cell.text = buf_take(&visible);
		if (!cell.text) {
			buf_clear(&visible);
			return err_nomem(err);
		}
		if (width > column->width)
			column->width = width;
	}
	t->cells[t->cell_count++] = cell;
	return 0;
}

int out_table_addf(struct out_table *t, enum style style, struct err *err, const char *fmt, ...)
{
	struct buf text;
	va_list ap;
	buf_init(&text, BUF_MAX_DEFAULT);
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	int rc = buf_check(&text, "a cell", err);
	if (rc == 0)
		rc = out_table_add(t, text.data, style, err);
	buf_clear(&text);
	return rc;
}

static void add_padding(struct buf *line, size_t count)
{
	while (count-- > 0)
		buf_putc(line, ' ');
}

static void add_cell(struct buf *line, const struct out_column *c, const char *text, enum style style, bool color,
		     bool last)
{
	struct buf cut;
	buf_init(&cut, SIZE_MAX / 2);
	text_add_visible(&cut, text, strlen(text), c->width);
	size_t width = text_width(cut.data, cut.len), pad = c->width > width ? c->width - width : 0;
	if (c->right)
		add_padding(line, pad);
	buf_printf(line, "%s%s%s", style_on(style, color), cut.data, style_off(style, color));
	if (!c->right && !last)
		add_padding(line, pad);
	if (!last)
		buf_puts(line, "  ");
	buf_clear(&cut);
}

/* Takes from the widest column until the table fits. */
static void narrow(struct out_table *t, size_t max_columns)
{
	for (;;) {
		size_t total = 2 * (t->column_count - 1), widest = 0;
		for (size_t i = 0; i < t->column_count; i++) {
			total += t->columns[i].width;
			if (t->columns[i].width > t->columns[widest].width)
				widest = i;
		}
		if (total <= max_columns || t->columns[widest].width <= 8)
			return;
		t->columns[widest].width--;
	}
}

int out_table_print(struct out_table *t, FILE *to, bool color, size_t max_columns, struct err *err)
{
	struct buf line;
	if (t->column_count == 0)
		return 0;
	if (max_columns > 0)
		narrow(t, max_columns);
	buf_init(&line, SIZE_MAX / 2);
	for (size_t i = 0; i < t->column_count; i++)
		add_cell(&line, &t->columns[i], t->columns[i].name, STYLE_BOLD, color, i + 1 == t->column_count);
	buf_putc(&line, '\n');
	for (size_t i = 0; i < t->column_count; i++) {
		for (size_t w = 0; w < t->columns[i].width; w++)
			buf_putc(&line, '-');
		buf_puts(&line, i + 1 < t->column_count ? "  " : "\n");
	}
	int rc = out_buf(to, &line, err);
	for (size_t i = 0; rc == 0 && i < t->cell_count; i++) {
		size_t column = i % t->column_count;
		bool last = column + 1 == t->column_count;
		const struct out_cell *cell = &t->cells[i];
		add_cell(&line, &t->columns[column], cell->text ? cell->text : "", cell->style, color, last);
		if (last) {
			buf_putc(&line, '\n');
			rc = out_buf(to, &line, err);
		}
	}
	buf_clear(&line);
	return rc;
}

void out_csv_field(struct buf *out, const char *text)
{
	if (!text)
		return;
	if (*text && !strpbrk(text, ",\"\r\n") && text[0] != ' ' && text[strlen(text) - 1] != ' ') {
		buf_puts(out, text);
		return;
	}
	buf_putc(out, '"');
	for (; *text; text++) {
		if (*text == '"')
			buf_putc(out, '"');
		buf_putc(out, *text);
	}
	buf_putc(out, '"');
}

int out_buf(FILE *to, struct buf *b, struct err *err)
{
	if (buf_check(b, "the output", err) != 0)
		return -1;
	size_t written = fwrite(b->data, 1, b->len, to);
	bool well = written == b->len;
	buf_reset(b);
	/* A reader that has seen enough (`| head`) is no failure of ours; main looks at the stream's state. */
	if (!well && errno != EPIPE)
		return err_set_errno(err, ERR_IO, errno, "cannot write the output");
	return 0;
}

int out_json(FILE *to, const struct json *j, bool pretty, struct err *err)
{
	struct buf text;
	buf_init(&text, SIZE_MAX / 2);
	int rc = json_print(j, pretty, &text, err);
	if (rc == 0) {
		buf_putc(&text, '\n');
		rc = out_buf(to, &text, err);
	}
	buf_clear(&text);
	return rc;
}

void out_note(const struct context *ctx, const char *fmt, ...)
{
	if (ctx->quiet)
		return;
	va_list ap;
	va_start(ap, fmt);
	vfprintf(ctx->msg, fmt, ap);
	va_end(ap);
	fputc('\n', ctx->msg);
}

void out_warn(const struct context *ctx, const char *fmt, ...)
{
	va_list ap;
	fprintf(ctx->msg, "sparkctl: %swarning:%s ", style_on(STYLE_WARN, ctx->msg_color),
		style_off(STYLE_WARN, ctx->msg_color));
	va_start(ap, fmt);
	vfprintf(ctx->msg, fmt, ap);
	va_end(ap);
	fputc('\n', ctx->msg);
}
