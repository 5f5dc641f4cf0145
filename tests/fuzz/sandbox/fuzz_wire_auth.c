/* Layer: sandbox. What a client says while it proves its password: SCRAM's messages and verifiers as text, of any
 * bytes. None is taken for a proof, none is read beyond its end.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/wire/recall.h"
#include "sandbox/wire/scram.h"
#include "spark/base/mem.h"

#define NONCE "abcdefghijklmnopqrstuvwx"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input up to a zero byte is the first message, the rest the last one. */
static void exchange(const uint8_t *data, size_t size)
{
	const uint8_t *cut = memchr(data, 0, size);
	size_t first = cut ? (size_t)(cut - data) : size, last = cut ? size - first - 1 : 0;
	struct scram_verifier v = { .salt = "salt", .salt_len = 4, .iterations = 4096 };
	char *a = mem_alloc(first + 1), *b = mem_alloc(last + 1);
	struct scram x;
	struct buf out;
	bool proved;

	if (!a || !b)
		abort();
	memcpy(a, data, first);
	if (last)
		memcpy(b, data + first + 1, last);
	scram_init(&x);
	buf_init(&out, 1 << 20);
	if (!scram_begin(&x, a, first, &v, NONCE, &out, NULL) && !scram_prove(&x, b, last, &v, &proved, &out, NULL) &&
	    proved)
		abort();
	buf_clear(&out);
	scram_clear(&x);
	mem_free(a);
	mem_free(b);
}

/* What can be read is printed as a text that reads the same. */
static void verifier(const char *text)
{
	struct scram_verifier v, again;
	struct buf out;

	if (!scram_verifier_parse(text, &v))
		return;
	buf_init(&out, 4096);
	if (scram_verifier_print(&v, &out, NULL) || !scram_verifier_parse(out.data, &again) ||
	    memcmp(v.stored_key, again.stored_key, SHA256_SIZE) != 0 || v.iterations != again.iterations)
		abort();
	buf_clear(&out);
}

/* A text that was noted is known, when it was one to be noted at all. */
static void memory(const char *text)
{
	struct recall r = { { NULL } };

	recall_note(&r, text, strlen(text));
	recall_watch(&r, text, strlen(text));
	(void)recall_knows(&r, text, strlen(text));
	recall_forget(&r);
	if (recall_knows(&r, text, strlen(text)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_alloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	exchange(data, size);
	verifier(text);
	memory(text);
	mem_free(text);
	return 0;
}
