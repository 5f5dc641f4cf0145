/* Layer: aws. A reply read in pieces says the same as read at once, and never more than came. The first byte of the
 * input chooses the pieces. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/http_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct reading {
	struct http_answer answer;
	struct http_reply reply;
	enum reply_progress progress;
	size_t used;
};

static void read_in(struct reading *r, const char *text, size_t len, size_t piece)
{
	memset(r, 0, sizeof(*r));
	http_answer_init(&r->answer);
	r->answer.body.max = 4096;
	http_reply_begin(&r->reply, &r->answer);
	r->progress = REPLY_MORE;
	while (r->progress == REPLY_MORE && r->used < len) {
		size_t used = 0, n = len - r->used < piece ? len - r->used : piece;
		r->progress = http_reply_feed(&r->reply, text + r->used, n, &used);
		if (used > n || (r->progress == REPLY_MORE && used != n))
			abort();
		r->used += used;
	}
}

static void clear(struct reading *r)
{
	http_reply_clear(&r->reply);
	http_answer_clear(&r->answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reading whole, pieces;

	if (size == 0)
		return 0;
	const char *text = (const char *)data + 1;
	read_in(&whole, text, size - 1, size);
	read_in(&pieces, text, size - 1, (size_t)data[0] % 64 + 1);
	if (whole.progress != pieces.progress)
		abort();
	if (whole.progress == REPLY_WHOLE &&
	    (whole.used != pieces.used || whole.answer.status != pieces.answer.status ||
	     whole.reply.keep != pieces.reply.keep || whole.answer.body.len != pieces.answer.body.len ||
	     memcmp(whole.answer.body.data, pieces.answer.body.data, whole.answer.body.len) != 0 ||
	     whole.answer.status < 200 || whole.answer.status > 599 || whole.answer.body.len > 4096))
		abort();
	clear(&whole);
	clear(&pieces);
	return 0;
}
