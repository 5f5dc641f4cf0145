/* Writing XML: text only, needs no library. */
#include <string.h>

#include "spark/base/utf8.h"
#include "spark/base/xml.h"

static const char replacement[] = "\xEF\xBF\xBD";

void xml_open(struct buf *out, const char *name)
{
	buf_putc(out, '<');
	buf_puts(out, name);
	buf_putc(out, '>');
}

void xml_close(struct buf *out, const char *name)
{
	buf_puts(out, "</");
	buf_puts(out, name);
	buf_putc(out, '>');
}

/* How the character is written, NULL: as it is. A bare carriage return would be read back as a line feed. */
static const char *escape_of(uint32_t c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\r':
		return "&#13;";
	case '\t':
	case '\n':
		return NULL;
	default:
		return c < ' ' || c == 0xFFFE || c == 0xFFFF ? replacement : NULL;
	}
}

/* So many bytes are printable ASCII that stands for itself. */
static size_t plain_length(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && text[n] >= ' ' && text[n] <= '~' && text[n] != '&' && text[n] != '<' && text[n] != '>' &&
	       text[n] != '"')
		n++;
	return n;
}

void xml_escape(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t plain = plain_length(text + i, len - i);
		uint32_t c;

		buf_add(out, text + i, plain);
		i += plain;
		if (i == len)
			break;
		size_t size = utf8_decode(text + i, len - i, &c);
		const char *escape = size ? escape_of(c) : replacement;

		if (escape)
			buf_puts(out, escape);
		else
			buf_add(out, text + i, size);
		i += size ? size : 1;
	}
}

void xml_element(struct buf *out, const char *name, const char *text)
{
	if (!text)
		return;
	xml_open(out, name);
	xml_escape(out, text, strlen(text));
	xml_close(out, name);
}

void xml_elementf(struct buf *out, const char *name, const char *fmt, ...)
{
	struct buf text;
	va_list ap;

	buf_init(&text, 0);
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	if (text.failed)
		out->failed = true;
	else
		xml_element(out, name, text.data);
	buf_clear(&text);
}
