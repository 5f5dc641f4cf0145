#include <stdio.h>
#include <string.h>

#include "sandbox/copy/binary.h"
#include "sandbox/copy/convert_field.h"
#include "sandbox/copy/utf8.h"

/* Replaces what is no UTF-8, byte by byte. f->text may lie in the scratch buffer already. */
static int replace_invalid(struct field *f)
{
	struct buf *b = &f->c->scratch;
	size_t len = f->len, at;

	if (f->text != b->data) {
		buf_reset(b);
		buf_add(b, f->text, len);
		if (b->failed)
			return field_fail(f, COPY_CODE_RANGE, "String length exceeds DDL length");
		f->text = b->data;
	}
	while ((at = copy_utf8_length(b->data, len)) < len)
		b->data[at] = f->c->s->replacement;
	f->c->replaced = true;
	return 0;
}

static int check_utf8(struct field *f)
{
	size_t at = copy_utf8_length(f->text, f->len);
	char hex[16] = "";
	size_t used = 0;

	if (at == f->len)
		return 0;
	if (f->c->s->accept_inv_chars && f->col->type != COPY_CHAR)
		return replace_invalid(f);
	for (size_t i = at; i < f->len && i < at + 4 && (i == at || (f->text[i] & 0xC0) == 0x80); i++)
		used += (size_t)snprintf(hex + used, sizeof hex - used, "%s%02x", i > at ? " " : "",
					 (unsigned char)f->text[i]);
	return field_fail(f, COPY_CODE_UTF8,
			  "String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: %s (error 3)",
			  hex);
}

static size_t trim_right(const char *text, size_t len)
{
	while (len > 0 && text[len - 1] == ' ')
		len--;
	return len;
}

int convert_text(struct field *f)
{
	const struct copy_statement *s = f->c->s;
	size_t max = f->col->max_bytes, solid;

	if ((f->len == 0 && s->empty_as_null) || (s->blanks_as_null && trim_right(f->text, f->len) == 0))
		return field_put_null(f);
	/* What its escapes stand for is UTF-8. */
	if (!f->value->ascii && check_utf8(f) < 0)
		return -1;
	if (s->trim_blanks && f->col->type != COPY_CHAR)
		f->len = trim_right(f->text, f->len);
	if (f->col->type == COPY_CHAR) {
		solid = copy_utf8_ascii(f->text, f->len);
		if (solid < f->len)
			return field_fail(
				f, COPY_CODE_CHAR,
				"Multibyte character not supported for CHAR (Hint: try using VARCHAR). Invalid "
				"char: %02x",
				(unsigned char)f->text[solid]);
		f->len = trim_right(f->text, f->len);
	}
	if (f->len > max) {
		if (!s->truncate_columns)
			return field_fail(f, COPY_CODE_RANGE, "%s length exceeds DDL length",
					  f->col->type == COPY_CHAR ? "Char" : "String");
		f->len = copy_utf8_cut(f->text, f->len, max);
	}
	binary_put_text(f->row, f->text, f->len);
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		return (c | 0x20) - 'a' + 10;
	return -1;
}

/* Two hexadecimal digits a byte. */
int convert_varbyte(struct field *f)
{
	if (f->len % 2)
		return field_fail(f, COPY_CODE_INVALID, "Invalid hexadecimal digits: their number is odd");
	if (f->len / 2 > f->col->max_bytes)
		return field_fail(f, COPY_CODE_RANGE, "Value length exceeds DDL length");
	binary_put_i32(f->row, (int32_t)(f->len / 2));
	for (size_t i = 0; i < f->len; i += 2) {
		int high = hex_digit(f->text[i]), low = hex_digit(f->text[i + 1]);

		if (high < 0 || low < 0)
			return field_fail_digit(f, high < 0 ? i : i + 1);
		buf_putc(f->row, (char)(high * 16 + low));
	}
	return 0;
}
