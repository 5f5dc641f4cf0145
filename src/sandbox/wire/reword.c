#include "sandbox/wire/reword.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define NO_NUMBER "invalid input syntax for type "
#define VALUE_MAX 200
#define RULE      "  -----------------------------------------------\n"

static const struct {
	const char *server, *redshift;
	bool fraction;
} types[] = {
	{ "smallint", "Short", false }, { "integer", "Integer", false },        { "bigint", "Long", false },
	{ "numeric", "Decimal", true }, { "double precision", "Double", true }, { "real", "Float", true },
};

static size_t skip_digits(const char *text, size_t len, size_t i)
{
	while (i < len && isdigit((unsigned char)text[i]))
		i++;
	return i;
}

void reword_find_digit(const char *text, size_t len, bool fraction, struct reword_digit *out)
{
	size_t i = 0, from, n = 0;

	while (i < len && isspace((unsigned char)text[i]))
		i++;
	i += i < len && (text[i] == '-' || text[i] == '+');
	from = i;
	i = skip_digits(text, len, i);
	if (fraction && i < len && text[i] == '.')
		i = skip_digits(text, len, i + 1);
	if (fraction && i > from && i < len && (text[i] == 'e' || text[i] == 'E')) {
		size_t sign = i + 1 < len && (text[i + 1] == '-' || text[i + 1] == '+');
		size_t end = skip_digits(text, len, i + 1 + sign);

		i = end > i + 1 + sign ? end : i;
	}
	memset(out, 0, sizeof *out);
	out->position = i;
	while (i + n < len && n + 1 < sizeof out->character &&
	       (n == 0 || ((unsigned char)text[i + n] & 0xC0) == 0x80)) {
		out->character[n] = text[i + n];
		n++;
	}
}

static void put(struct buf *out, const char *text, int code, const char *context)
{
	char detail[1024];
	struct message_report r = { .type = 'E', .severity = "ERROR", .sqlstate = "XX000", .text = text };

	snprintf(detail, sizeof detail,
		 "\n" RULE "  error:  %s\n  code:      %d\n  context:   %s\n  query:     0\n  location:  :0\n"
		 "  process:   query0_0_0 [pid=0]\n" RULE,
		 text, code, context);
	r.detail = detail;
	message_put_report(out, &r);
}

/* `invalid input syntax for type integer: "abc"` */
static bool no_number(struct buf *out, const char *text)
{
	const char *name = text + strlen(NO_NUMBER), *value;
	struct reword_digit digit;
	char said[128], context[VALUE_MAX + 1];
	size_t len;

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		size_t n = strlen(types[i].server);

		if (strncmp(name, types[i].server, n) != 0 || strncmp(name + n, ": \"", 3) != 0)
			continue;
		value = name + n + 3;
		len = strlen(value);
		len -= len > 0 && value[len - 1] == '"';
		reword_find_digit(value, len, types[i].fraction, &digit);
		snprintf(said, sizeof said, "Invalid digit, Value '%s', Pos %zu, Type: %s", digit.character,
			 digit.position, types[i].redshift);
		snprintf(context, sizeof context, "%.*s", (int)(len < VALUE_MAX ? len : VALUE_MAX), value);
		put(out, said, 1207, context);
		return true;
	}
	return false;
}

bool reword_error(struct buf *out, const struct message *m)
{
	const char *state = message_field(m, 'C'), *text = message_field(m, 'M');

	if (!state || !text || message_field(m, 'P'))
		return false;
	if (strcmp(state, "22P02") == 0 && strncmp(text, NO_NUMBER, strlen(NO_NUMBER)) == 0)
		return no_number(out, text);
	if (strcmp(state, "22003") == 0 && strcmp(text, "numeric field overflow") == 0) {
		put(out, "Numeric data overflow (result precision)", 1058, "128 bit overflow");
		return true;
	}
	return false;
}

#define SKIPPING ", skipping"

bool reword_notice(struct buf *out, const struct message *m)
{
	const char *text = message_field(m, 'M'), *state = message_field(m, 'C');
	struct message_report r = { .type = 'N', .severity = "INFO", .sqlstate = state };
	size_t len = text ? strlen(text) : 0, tail = strlen(SKIPPING);
	char said[1024];

	if (!state || len <= tail || len > sizeof said - 64 || strcmp(text + len - tail, SKIPPING) != 0)
		return false;
	if (strstr(text, "\"sparkctl_"))
		return true;
	snprintf(said, sizeof said, "%.*s and will be skipped", (int)(len - tail), text);
	said[0] = (char)toupper((unsigned char)said[0]);
	r.text = said;
	message_put_report(out, &r);
	return true;
}
