#include <stdlib.h>
#include <string.h>

#include "sandbox/copy/parse.h"
#include "spark/base/mem.h"

/* The arguments of JSON, DELIMITER, QUOTE, NULL AS and FIXEDWIDTH. */

#define WIDTH_MAX 65535

/* JSON: 'auto', 'auto ignorecase', 'noshred', the URL of a jsonpaths file, or nothing. */
int copy_parse_json(struct copy_parser *p, struct err *err)
{
	static const struct {
		const char *text;
		enum copy_json_match match;
	} words[] = {
		{ "auto", COPY_JSON_AUTO },
		{ "auto ignorecase", COPY_JSON_AUTO_IGNORECASE },
		{ "noshred", COPY_JSON_NOSHRED },
	};
	struct copy_statement *s = p->s;

	if (copy_parse_skip(p, "as", err) < 0)
		return -1;
	s->json_match = COPY_JSON_AUTO;
	if (p->lex.kind != COPY_TOKEN_STRING)
		return 0;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcasecmp(p->lex.value.data, words[i].text) == 0) {
			s->json_match = words[i].match;
			return copy_parse_next(p, err);
		}
	}
	if (strncmp(p->lex.value.data, "s3://", 5) != 0) {
		copy_parse_fail(p, p->lex.from, err, "22023", "invalid JSONPaths file '%.200s'", p->lex.value.data);
		return err_hint(err, "write 'auto', 'auto ignorecase', 'noshred' or the s3:// address of a JSONPaths "
				     "file");
	}
	s->json_match = COPY_JSON_PATHS;
	return copy_parse_value(p, &s->jsonpaths_url, err);
}

static char escaped_byte(char c)
{
	static const char from[] = "tnrbfv", to[] = "\t\n\r\b\f\v";
	const char *known = c ? strchr(from, c) : NULL;

	return known ? to[known - from] : c;
}

/* Up to three octal digits behind a backslash. */
static size_t read_octal(const char *p, const char *end, char *out)
{
	unsigned n = 0;
	size_t digits = 0;

	while (digits < 3 && p + digits < end && p[digits] >= '0' && p[digits] <= '7')
		n = n * 8 + (unsigned)(p[digits++] - '0');
	*out = (char)n;
	return digits;
}

/* The string as it was written, so that '\N' and '\0' stay what they are: quotes are undoubled, \t, \\ and octal codes
 * decoded, a backslash before anything else stays. */
static void raw_string(const struct copy_lexer *l, struct buf *out)
{
	const char *p = l->text + l->from + 1, *end = l->text + l->to - 1;

	while (p < end) {
		char c = *p++;
		size_t digits;

		if (c == '\'' && p < end && *p == '\'') {
			p++;
		} else if (c == '\\' && p < end) {
			digits = read_octal(p, end, &c);
			if (digits == 0 && !strchr("tnrbfv\\'", *p)) {
				buf_putc(out, '\\');
				c = *p;
			} else if (digits == 0) {
				c = escaped_byte(*p);
			}
			p += digits ? digits : 1;
		}
		buf_putc(out, c);
	}
}

/* The current string as one ASCII character. */
static int take_character(struct copy_parser *p, const char *option, char *out, struct err *err)
{
	struct buf text;
	int rc = -1;

	if (p->lex.kind != COPY_TOKEN_STRING)
		return copy_lexer_fail(&p->lex, err);
	buf_init(&text, BUF_MAX_DEFAULT);
	raw_string(&p->lex, &text);
	if (buf_check(&text, "a string", err) < 0)
		goto out;
	if (text.len != 1 || text.data[0] == 0 || text.data[0] == '\n' || text.data[0] == '\r' ||
	    (unsigned char)text.data[0] >= 0x80) {
		copy_parse_fail(p, p->lex.from, err, "22023", "%s %s must be a single ASCII character", p->verb,
				option);
		goto out;
	}
	*out = text.data[0];
	rc = copy_parse_next(p, err);
out:
	buf_clear(&text);
	return rc;
}

int copy_parse_delimiter(struct copy_parser *p, struct err *err)
{
	return copy_parse_skip(p, "as", err) < 0 ? -1 : take_character(p, "delimiter", &p->s->delimiter, err);
}

int copy_parse_quote(struct copy_parser *p, struct err *err)
{
	return copy_parse_skip(p, "as", err) < 0 ? -1 : take_character(p, "quote", &p->s->quote, err);
}

int copy_parse_null(struct copy_parser *p, struct err *err)
{
	struct buf text;
	int rc = -1;

	if (copy_parse_skip(p, "as", err) < 0)
		return -1;
	if (p->lex.kind != COPY_TOKEN_STRING)
		return copy_lexer_fail(&p->lex, err);
	buf_init(&text, BUF_MAX_DEFAULT);
	raw_string(&p->lex, &text);
	if (buf_check(&text, "a string", err) < 0)
		goto out;
	if (memchr(text.data, '\n', text.len)) {
		copy_parse_fail(p, p->lex.from, err, "22023", "%s null representation cannot use newline", p->verb);
		goto out;
	}
	p->s->null_len = text.len;
	mem_free(p->s->null_as);
	p->s->null_as = buf_take(&text);
	rc = p->s->null_as ? copy_parse_next(p, err) : err_nomem(err);
out:
	buf_clear(&text);
	return rc;
}

/* label:width,label:width */
int copy_parse_widths(struct copy_parser *p, struct err *err)
{
	struct copy_statement *s = p->s;
	const char *at;
	size_t cap = 0;

	if (copy_parse_skip(p, "as", err) < 0)
		return -1;
	if (p->lex.kind != COPY_TOKEN_STRING)
		return copy_lexer_fail(&p->lex, err);
	at = p->lex.value.data;
	for (;;) {
		const char *colon = at + strcspn(at, ":,");
		char *end = NULL;
		unsigned long width = *colon == ':' ? strtoul(colon + 1, &end, 10) : 0;

		if (end)
			end += strspn(end, " ");
		if (width == 0 || width > WIDTH_MAX || strspn(colon + 1, " 0123456789") == 0 || (*end && *end != ','))
			return copy_parse_fail(p, p->lex.from, err, "22023",
					       "invalid FIXEDWIDTH specification '%.200s': it is a list of label:width",
					       p->lex.value.data);
		if (mem_grow(&s->widths, &cap, s->width_count, sizeof *s->widths) < 0)
			return err_nomem(err);
		s->widths[s->width_count++] = width;
		if (!*end)
			break;
		at = end + 1;
	}
	return copy_parse_next(p, err);
}
