/* Layer: cli. Any command line is either taken apart or refused with a message; blank bytes part the words. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "spark/base/mem.h"
#include "spark/cli/arguments.h"

#define WORDS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct arguments *a)
{
	/* What was not asked for help or the version is complete. */
	if (a->help || a->version || !a->command)
		return;
	if (a->command->children || a->operand_count < (size_t)a->command->args_min)
		abort();
	if (a->command->args_max >= 0 && a->operand_count > (size_t)a->command->args_max)
		abort();
	struct context ctx = { .command = a->command, .arguments = (struct arguments *)(uintptr_t)a };
	for (const struct command_option *o = a->command->options; o && o->flag; o++) {
		const char *value = context_option(&ctx, o->flag);
		if (context_switch(&ctx, o->flag) && o->value_name && !value)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_strndup((const char *)data, size);
	const char *words[WORDS_MAX];
	struct arguments a;
	struct err err = { 0 };
	int count = 0;

	if (!text)
		return 0;
	for (char *p = text; *p && count < WORDS_MAX;) {
		size_t len = strcspn(p, " ");
		words[count++] = p;
		p += len;
		if (*p)
			*p++ = 0;
	}
	if (arguments_parse(count, words, &a, &err) == 0) {
		check(&a);
		arguments_clear(&a);
	} else if (err.kind != ERR_USAGE || !err.text[0]) {
		abort();
	}
	mem_free(text);
	return 0;
}
