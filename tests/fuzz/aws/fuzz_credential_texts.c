/* Layer: aws. The output of a credential_process, a cached sign-in, a command line and a time, all out of the same
 * bytes: each is refused as credentials are, or taken whole, and no text is told in an error that could be a secret. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/chain.h"
#include "aws/chain_json.h"
#include "aws/chain_words.h"
#include "spark/base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_refusal(const struct err *err)
{
	if (err->kind != ERR_CREDENTIALS || strstr(err->text, "canary") || strstr(err->hint, "canary"))
		abort();
}

static void check_process(const char *text, size_t size)
{
	struct aws_credentials c = { 0 };
	struct err err = { 0 };

	if (chain_take_process_output(text, size, "fuzz", &c, &err) == CHAIN_FOUND) {
		if (!c.access_key_id[0] || !secret_is_set(&c.secret_access_key) || strcmp(c.source, "fuzz") != 0)
			abort();
		aws_credentials_clear(&c);
	} else if (secret_is_set(&c.secret_access_key)) {
		abort();
	} else {
		check_refusal(&err);
	}
}

static void check_sign_in(const char *text, size_t size)
{
	struct secret token = { 0 };
	struct err err = { 0 };
	bool ended = false;

	if (chain_take_sso_token(text, size, "fuzz", 1795255592000, &token, &ended, &err) != 0)
		check_refusal(&err);
	else if (ended == secret_is_set(&token))
		abort();
	secret_clear(&token);
}

static void check_words(const char *text)
{
	struct chain_words w = { 0 };
	struct err err = { 0 };
	size_t total = 0;

	if (chain_words_split(text, &w, &err) != 0) {
		if (err.kind != ERR_CREDENTIALS)
			abort();
		return;
	}
	for (size_t i = 0; i < w.count; i++)
		total += strlen(w.items[i]) + 1;
	if (w.items[w.count] || total > strlen(text) + 1)
		abort();
	chain_words_clear(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_strndup((const char *)data, size);
	int64_t ms;

	if (!text)
		return 0;
	check_process(text, size);
	check_sign_in(text, size);
	check_words(text);
	if (chain_parse_time(text, &ms) == 0 && (ms < -62200000000000 || ms > 253500000000000))
		abort();
	mem_free(text);
	return 0;
}
