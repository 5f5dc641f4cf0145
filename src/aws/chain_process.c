/* credential_process: a program that prints keys. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "aws/chain.h"
#include "aws/chain_json.h"
#include "aws/chain_words.h"
#include "spark/base/mem.h"
#include "spark/base/proc.h"

#define OUTPUT_MAX ((size_t)256 * 1024)
#define SHOWN_MAX  400

void chain_words_clear(struct chain_words *w)
{
	mem_free(w->text);
	mem_free(w->items);
	*w = (struct chain_words){ 0 };
}

/* One word from *from to *to, quotes and backslashes taken away; both move behind it. */
static int take_word(const char **from, char **to, struct err *err)
{
	const char *p = *from;
	char *q = *to, quote = '\0';

	for (; *p && (quote || !isspace((unsigned char)*p)); p++) {
		if (!quote && (*p == '"' || *p == '\'')) {
			quote = *p;
		} else if (quote && *p == quote) {
			quote = '\0';
		} else if (*p == '\\' && quote != '\'' && p[1] && (!quote || p[1] == '"' || p[1] == '\\')) {
			*q++ = *++p;
		} else {
			*q++ = *p;
		}
	}
	*q++ = '\0';
	*from = p;
	*to = q;
	return quote ? err_set(err, ERR_CREDENTIALS, "a %c of credential_process is not closed", quote) : 0;
}

int chain_words_split(const char *command, struct chain_words *out, struct err *err)
{
	/* Each word is followed by a zero byte, where a blank or the end was. */
	struct chain_words w = { .text = mem_alloc(strlen(command) + 2) };
	char *to = w.text;

	if (!w.text)
		return err_nomem(err);
	for (;;) {
		while (isspace((unsigned char)*command))
			command++;
		if (mem_grow(&w.items, &w.cap, w.count, sizeof(*w.items)) != 0) {
			chain_words_clear(&w);
			return err_nomem(err);
		}
		w.items[w.count] = NULL;
		if (!*command)
			break;
		w.items[w.count++] = to;
		if (take_word(&command, &to, err) != 0) {
			chain_words_clear(&w);
			return -1;
		}
	}
	*out = w;
	return 0;
}

/* The last line of what it said, without what would disturb a terminal. Its standard output is never shown. */
static void add_complaint(const struct buf *errors, struct err *err)
{
	size_t end = errors->len, begin;
	char shown[SHOWN_MAX + 1];
	size_t n = 0;

	while (end > 0 && isspace((unsigned char)errors->data[end - 1]))
		end--;
	for (begin = end; begin > 0 && errors->data[begin - 1] != '\n'; begin--)
		continue;
	for (; begin < end && n < SHOWN_MAX; begin++) {
		unsigned char c = (unsigned char)errors->data[begin];
		shown[n++] = c < ' ' || c == 127 ? ' ' : (char)c;
	}
	shown[n] = '\0';
	if (n > 0)
		err_hint(err, "it said: %s", shown);
	else
		err_hint(err, "it said nothing; run it by hand to see why");
}

static int run(struct chain *c, const struct chain_words *words, const char *place, struct aws_credentials *out,
	       struct err *err)
{
	struct buf output, errors;
	int code = 0, rc = CHAIN_FAILED;

	buf_init(&output, OUTPUT_MAX);
	buf_init(&errors, OUTPUT_MAX);
	/* A buffer that grows leaves copies behind of what it held. */
	buf_reserve(&output, 16 * 1024);
	if (proc_capture(words->items, c->timeout_ms, c->o->stop, &output, &errors, &code, err) != 0) {
		if (err && err->kind != ERR_INTERRUPTED && err->kind != ERR_TIMEOUT && err->kind != ERR_NOMEM)
			err->kind = ERR_CREDENTIALS;
		err_wrap(err, "%s", place);
	} else if (code != 0) {
		err_set(err, ERR_CREDENTIALS, "%s: '%s' ended with exit code %d", place, words->items[0], code);
		add_complaint(&errors, err);
	} else {
		rc = chain_take_process_output(output.data, output.len, place, out, err);
	}
	buf_wipe(&output);
	buf_clear(&errors);
	return rc;
}

int chain_from_process(struct chain *c, const char *profile, struct aws_credentials *out, struct err *err)
{
	const char *command = profiles_get(&c->profiles, KIND_PROFILE, profile, "credential_process");
	struct chain_words words = { 0 };
	const char *name;
	struct buf place;
	int rc = CHAIN_FAILED;

	if (!command)
		return CHAIN_NOTHING;
	buf_init(&place, 8192);
	if (chain_words_split(command, &words, err) != 0) {
		err_wrap(err, "profile '%s'", profile);
		goto out;
	}
	if (words.count == 0) {
		err_set(err, ERR_CREDENTIALS, "profile '%s': credential_process names no program", profile);
		goto out;
	}
	/* Its arguments may be nobody's business. */
	name = strrchr(words.items[0], '/');
	buf_printf(&place, "profile '%s' in %s, program %s", profile,
		   profiles_place(&c->profiles, profile, "credential_process"), name ? name + 1 : words.items[0]);
	if (buf_check(&place, "place", err) == 0)
		rc = run(c, &words, place.data, out, err);
out:
	chain_words_clear(&words);
	buf_clear(&place);
	return rc;
}
