/* Layer: sandbox. A client's bytes, first message and all others, cut anywhere: taken apart without reading beyond
 * them, with the same result in one piece as in many; and a server's answers never confuse the queue of expectations.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/wire/expect.h"
#include "sandbox/wire/startup.h"
#include "spark/base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of exactly these bytes, so that a read behind them is found. */
static char *exact(const uint8_t *data, size_t size)
{
	char *copy = mem_alloc(size ? size : 1);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	return copy;
}

static void first_message(const uint8_t *data, size_t size)
{
	char *bytes = exact(data, size);
	struct err err = { 0 };
	struct startup s;
	struct buf out;

	buf_init(&out, 1 << 20);
	if (startup_parse(bytes, size, &s, &err) == 0) {
		if (s.kind == STARTUP_KIND_SESSION && (!s.user || !*s.user || !s.database))
			abort();
		startup_negotiate(&s, &out);
		startup_clear(&s);
	} else if (strlen(err.sqlstate) != 5) {
		abort();
	}
	buf_clear(&out);
	mem_free(bytes);
}

/* Walks the messages; the sum tells whether two walks saw the same. */
static unsigned long walk(const char *bytes, size_t size, size_t step)
{
	unsigned long sum = 0;
	size_t at = 0, here = step < size ? step : size;

	for (;;) {
		struct message m;
		int there = message_peek(bytes + at, here - at, &m);

		if (there < 0)
			return sum + 1;
		if (there && message_whole(&m)) {
			size_t pos = 0;
			const char *text;

			sum = sum * 31 + (unsigned char)m.type + m.len;
			while ((text = message_text(&m, &pos)))
				sum = sum * 31 + strlen(text);
			if (message_field(&m, 'C'))
				sum++;
			at += MESSAGE_HEAD + m.len;
		} else if (here == size) {
			return sum;
		} else {
			here = size - here < step ? size : here + step;
		}
	}
}

/* Each byte is a client's request (upper half) or a type of a server's message. */
static void conversation(const uint8_t *data, size_t size)
{
	static const char types[] = "123tTnCIsEDZGHWdcNSAVK";
	struct expect q;

	expect_init(&q);
	for (size_t i = 0; i < size; i++) {
		struct message m = { .body = (const unsigned char *)"", .len = 0, .have = 0 };
		struct expect_reply r;

		if (data[i] & 0x80) {
			struct expect_entry e = { .kind = (enum expect_kind)(data[i] & 7),
						  .action = (enum expect_action)((data[i] >> 3) & 3),
						  .only = -1 };

			if (data[i] & 0x40) {
				if (expect_copy_end(&q, NULL))
					abort();
			} else if ((!q.discarding || e.kind == EXPECT_SYNC) && expect_add(&q, e, NULL)) {
				abort();
			}
			continue;
		}
		m.type = types[data[i] % (sizeof(types) - 1)];
		expect_match(&q, &m, &r);
		if (q.first > q.count || (q.discarding && !expect_idle(&q)))
			abort();
		if (r.entry && r.entry->action == ACTION_SKIP && m.type != 'S' && m.type != 'A' &&
		    r.action != ACTION_SKIP)
			abort();
	}
	expect_clear(&q);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *bytes = exact(data, size);

	first_message(data, size);
	if (walk(bytes, size, size) != walk(bytes, size, 1) || walk(bytes, size, 7) != walk(bytes, size, 1))
		abort();
	mem_free(bytes);
	conversation(data, size);
	return 0;
}
