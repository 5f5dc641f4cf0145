/* Questions on the terminal. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "spark/cli/out.h"

/* One line from the terminal, without its end. A signal that asks to stop ends the wait. */
static int read_answer(const struct context *ctx, char *line, size_t size, struct err *err)
{
	size_t len = 0;
	for (;;) {
		char c;
		struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
		if (ctx->stop && *ctx->stop)
			return err_set(err, ERR_INTERRUPTED, "interrupted, nothing was done");
		if (poll(&p, 1, 200) <= 0)
			continue;
		ssize_t got = read(STDIN_FILENO, &c, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || c == '\n')
			break;
		if (len + 1 < size)
			line[len++] = c;
	}
	line[len] = 0;
	return 0;
}

/* 1: --yes answers; 0: ask; -1: nobody can. */
static int may_ask(const struct context *ctx, const char *question, struct err *err)
{
	if (ctx->yes)
		return 1;
	if (ctx->in_terminal && !ctx->no_input)
		return 0;
	err_set(err, ERR_USAGE, "'%s' has to be confirmed, and %s", ctx->command->name,
		ctx->no_input ? "--no-input forbids asking" : "there is no terminal to ask on");
	err_hint(err, "add --yes to answer: %s", question);
	return -1;
}

int ask_proceed(const struct context *ctx, const char *question, struct err *err)
{
	char line[64];
	int may = may_ask(ctx, question, err);
	if (may != 0)
		return may > 0 ? 0 : -1;
	fprintf(ctx->msg, "%s [y/N] ", question);
	fflush(ctx->msg);
	if (read_answer(ctx, line, sizeof(line), err) != 0)
		return -1;
	if (strcasecmp(line, "y") == 0 || strcasecmp(line, "yes") == 0)
		return 0;
	return err_set(err, ERR_CHECK, "nothing was done");
}

int ask_word(const struct context *ctx, const char *question, const char *word, struct err *err)
{
	char line[128];
	int may = may_ask(ctx, question, err);
	if (may != 0)
		return may > 0 ? 0 : -1;
	fprintf(ctx->msg, "%s\ntype '%s' to go on: ", question, word);
	fflush(ctx->msg);
	if (read_answer(ctx, line, sizeof(line), err) != 0)
		return -1;
	if (strcmp(line, word) == 0)
		return 0;
	return err_set(err, ERR_CHECK, "that was not '%s', nothing was done", word);
}
