/* Text on a terminal: how wide it is, and how to show it without harm. */
#include <stdint.h>

#include "spark/cli/out.h"

/* One character of UTF-8. Returns its bytes; 1 with *code = 0xfffd when they are no valid character. */
static size_t read_character(const char *text, size_t len, uint32_t *code)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t more = p[0] < 0x80 ? 0 : p[0] >= 0xf0 ? 3 : p[0] >= 0xe0 ? 2 : 1;
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	*code = 0xfffd;
	if (more == 0) {
		*code = p[0];
		return 1;
	}
	if (p[0] < 0xc2 || p[0] > 0xf4 || more >= len)
		return 1;
	uint32_t value = p[0] & (0x3fu >> more);
	for (size_t i = 1; i <= more; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 1;
		value = value << 6 | (p[i] & 0x3fu);
	}
	if (value < least[more] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return 1;
	*code = value;
	return more + 1;
}

struct range {
	uint32_t from, to;
};

/* The main blocks only: what a table's cell may hold, not all of Unicode's annex 11. */
static const struct range zero_wide[] = {
	{ 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd }, { 0x0610, 0x061a }, { 0x064b, 0x065f },
	{ 0x0900, 0x0902 }, { 0x093c, 0x093c }, { 0x0e31, 0x0e31 }, { 0x0e34, 0x0e3a }, { 0x1ab0, 0x1aff },
	{ 0x1dc0, 0x1dff }, { 0x200b, 0x200f }, { 0x202a, 0x202e }, { 0x2060, 0x2064 }, { 0x2066, 0x2069 },
	{ 0x20d0, 0x20f0 }, { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f }, { 0xfeff, 0xfeff }, { 0xe0100, 0xe01ef },
};
static const struct range double_wide[] = {
	{ 0x1100, 0x115f },   { 0x231a, 0x231b },   { 0x23e9, 0x23ec },   { 0x2614, 0x2615 },   { 0x2648, 0x2653 },
	{ 0x26a1, 0x26a1 },   { 0x26bd, 0x26be },   { 0x2705, 0x2705 },   { 0x2728, 0x2728 },   { 0x274c, 0x274c },
	{ 0x2e80, 0x303e },   { 0x3041, 0x33ff },   { 0x3400, 0x4dbf },   { 0x4e00, 0xa4cf },   { 0xa960, 0xa97c },
	{ 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },   { 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },   { 0xffe0, 0xffe6 },
	{ 0x1f1e6, 0x1f1ff }, { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd },
};

static bool in_ranges(const struct range *ranges, size_t count, uint32_t code)
{
	for (size_t i = 0; i < count && ranges[i].from <= code; i++) {
		if (code <= ranges[i].to)
			return true;
	}
	return false;
}

static size_t character_width(uint32_t code)
{
	if (code < 0x300)
		return 1;
	if (in_ranges(zero_wide, sizeof(zero_wide) / sizeof(zero_wide[0]), code))
		return 0;
	return in_ranges(double_wide, sizeof(double_wide) / sizeof(double_wide[0]), code) ? 2 : 1;
}

size_t text_width(const char *text, size_t len)
{
	size_t width = 0;
	for (size_t i = 0; i < len;) {
		uint32_t code;
		i += read_character(text + i, len - i, &code);
		width += character_width(code);
	}
	return width;
}

/* What stands for a character that a terminal would act upon, NULL for any other. */
static const char *stand_in(uint32_t code, char store[12])
{
	switch (code) {
	case '\n':
		return "\\n";
	case '\r':
		return "\\r";
	case '\t':
		return "\\t";
	default:
		/* The C1 controls and the marks that turn the writing direction act as well. */
		if (code < 0x20 || (code >= 0x7f && code < 0xa0))
			snprintf(store, 12, "\\x%02x", code);
		else if ((code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069))
			snprintf(store, 12, "\\u%04x", code);
		else
			return NULL;
		return store;
	}
}

void text_add_visible(struct buf *out, const char *text, size_t len, size_t columns)
{
	/* cut_len: where the text would end to leave one column for the mark. */
	size_t start = out->len, width = 0, cut_len = start;
	for (size_t i = 0; i < len;) {
		uint32_t code;
		char store[12];
		size_t bytes = read_character(text + i, len - i, &code);
		const char *instead = stand_in(code, store);
		size_t wide = instead ? strlen(instead) : character_width(code);
		if (columns > 0 && width + wide > columns) {
			buf_cut(out, cut_len);
			buf_puts(out, "…");
			return;
		}
		if (instead)
			buf_puts(out, instead);
		else if (bytes == 1 && code == 0xfffd)
			buf_puts(out, "\xef\xbf\xbd");
		else
			buf_add(out, text + i, bytes);
		width += wide;
		if (width + 1 <= columns)
			cut_len = out->len;
		i += bytes;
	}
}
