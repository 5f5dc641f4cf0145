/* Named parameters of a statement become the server's numbered ones. */
#include "sandbox/dialect/tokens.h"
#include "spark/base/mem.h"
#include "spark/sandbox/statements.h"

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

struct binding {
	const struct json *parameters;
	const char **values;
	size_t *count;
	bool *used;
	int number[STATEMENT_PARAMETERS_MAX]; /* $n of each parameter, 0: did not occur yet */
};

static bool is_name(const char *name, const char *text, size_t len)
{
	return strlen(name) == len && !strncmp(name, text, len);
}

/* The number of the parameter of that name; 0 when there is none. */
static int number_of(struct binding *b, const char *text, size_t len)
{
	size_t i = 0;

	for (const struct json *p = json_first(b->parameters); p && i < STATEMENT_PARAMETERS_MAX;
	     p = json_next(p), i++) {
		if (!is_name(json_str(p, "name", ""), text, len))
			continue;
		if (!b->number[i]) {
			b->values[(*b->count)++] = json_str(p, "value", "");
			b->number[i] = (int)*b->count;
		}
		if (b->used)
			b->used[i] = true;
		return b->number[i];
	}
	return 0;
}

static void replace_all(struct binding *b, const struct tokens *t, size_t len, struct buf *out)
{
	size_t done = 0;

	for (int i = 0; i < t->count; i++) {
		const struct token *colon = &t->items[i];
		size_t name_len;
		int number;

		/* `::` is one token of two characters. */
		if (!token_is_char(t, i, ':') || colon->from < done)
			continue;
		name_len = strspn(t->text + colon->to, NAME_CHARS);
		number = name_len ? number_of(b, t->text + colon->to, name_len) : 0;
		if (!number)
			continue;
		buf_add(out, t->text + done, colon->from - done);
		buf_printf(out, "$%d", number);
		done = colon->to + name_len;
	}
	buf_add(out, t->text + done, len - done);
}

int statements_bind(const char *sql, const struct json *parameters, struct buf *out, const char **values, size_t *count,
		    bool *used, struct err *err)
{
	struct binding b = { .parameters = parameters, .values = values, .count = count, .used = used };
	struct tokens t;
	bool readable;

	*count = 0;
	if (!json_count(parameters)) {
		buf_puts(out, sql);
		return buf_check(out, "a statement", err);
	}
	if (tokens_read(sql, strlen(sql), &t, &readable, err))
		return -1;
	/* What the scanner cannot read the server refuses, with the reason. */
	if (readable)
		replace_all(&b, &t, strlen(sql), out);
	else
		buf_puts(out, sql);
	tokens_clear(&t);
	return buf_check(out, "a statement", err);
}
