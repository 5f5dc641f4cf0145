#ifndef SPARK_AWS_CHAIN_WORDS_PRIVATE_H
#define SPARK_AWS_CHAIN_WORDS_PRIVATE_H

#include <stddef.h>

#include "spark/base/err.h"

/* A command line as words, in the shell's manner of quoting and with nothing else of the shell: no variables, no
 * wildcards, no pipes. */
struct chain_words {
	char *text;
	const char **items; /* ended by NULL */
	size_t count, cap;
};
int chain_words_split(const char *command, struct chain_words *out, struct err *err) MUST_CHECK;
void chain_words_clear(struct chain_words *w);

#endif
