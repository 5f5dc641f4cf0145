/* Replies as they come off a small request's connection: whole, in pieces, and not as they should be. */
#include "aws/http_reply.h"

#include <stdio.h>
#include <string.h>

#include "unit/cm.h"

struct reading {
	struct http_answer answer;
	struct http_reply reply;
	enum reply_progress progress;
	size_t used;
};

static void begin(struct reading *r)
{
	memset(r, 0, sizeof(*r));
	http_answer_init(&r->answer);
	http_reply_begin(&r->reply, &r->answer);
}

static void end(struct reading *r)
{
	http_reply_clear(&r->reply);
	http_answer_clear(&r->answer);
}

/* Feeds the text in pieces of so many bytes, until it is whole or odd. */
static void feed(struct reading *r, const char *text, size_t piece)
{
	size_t len = strlen(text);

	r->used = 0;
	r->progress = REPLY_MORE;
	while (r->progress == REPLY_MORE && r->used < len) {
		size_t used = 0, n = len - r->used < piece ? len - r->used : piece;
		r->progress = http_reply_feed(&r->reply, text + r->used, n, &used);
		r->used += used;
		if (r->progress == REPLY_MORE)
			assert_int_equal(used, n);
	}
}

static void a_reply_reads_alike_in_pieces_of_any_size(void **state)
{
	static const char text[] = "HTTP/1.1 200 OK\r\nx-amz-request-id: ID1\r\nETag: \"e\"\r\n"
				   "Date: Sat, 21 Nov 2026 10:06:32 GMT\r\nContent-Length: 11\r\n\r\nhello world";

	(void)state;
	for (size_t piece = 1; piece <= sizeof(text); piece++) {
		struct reading r;
		begin(&r);
		feed(&r, text, piece);
		assert_int_equal(r.progress, REPLY_WHOLE);
		assert_int_equal(r.used, sizeof(text) - 1);
		assert_int_equal(r.answer.status, 200);
		assert_int_equal(r.answer.content_length, 11);
		assert_string_equal(r.answer.request_id, "ID1");
		assert_string_equal(r.answer.etag, "\"e\"");
		assert_string_equal(r.answer.date, "Sat, 21 Nov 2026 10:06:32 GMT");
		assert_string_equal(r.answer.body.data, "hello world");
		assert_true(r.reply.keep);
		end(&r);
	}
}

static void chunks_are_put_together(void **state)
{
	static const char text[] = "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n"
				   "5\r\n<Erro\r\nC;name=value\r\nr>no</Error>\r\n0\r\nX-Trailer: t\r\n\r\n";

	(void)state;
	for (size_t piece = 1; piece <= sizeof(text); piece++) {
		struct reading r;
		begin(&r);
		feed(&r, text, piece);
		assert_int_equal(r.progress, REPLY_WHOLE);
		assert_int_equal(r.answer.status, 404);
		assert_string_equal(r.answer.body.data, "<Error>no</Error>");
		end(&r);
	}
}

static void what_follows_a_reply_is_not_its_own(void **state)
{
	static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1";
	struct reading r;

	(void)state;
	begin(&r);
	feed(&r, text, sizeof(text));
	assert_int_equal(r.progress, REPLY_WHOLE);
	assert_int_equal(r.used, sizeof(text) - 1 - 8);
	assert_string_equal(r.answer.body.data, "ok");
	end(&r);
}

static void replies_without_a_body_end_with_their_headers(void **state)
{
	static const char *const texts[] = {
		"HTTP/1.1 204 No Content\r\n\r\n",
		"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct reading r;
		begin(&r);
		feed(&r, texts[i], 7);
		assert_int_equal(r.progress, REPLY_WHOLE);
		assert_int_equal(r.used, strlen(texts[i]));
		assert_int_equal(r.answer.body.len, 0);
		end(&r);
	}
}

static void a_connection_that_will_close_is_not_kept(void **state)
{
	struct reading r;

	(void)state;
	begin(&r);
	feed(&r, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 100);
	assert_int_equal(r.progress, REPLY_WHOLE);
	assert_false(r.reply.keep);
	end(&r);
	begin(&r);
	feed(&r, "HTTP/1.1 200 OK\r\nconnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n", 100);
	assert_true(r.reply.keep);
	end(&r);
}

static void what_is_unusual_is_left_to_libcurl(void **state)
{
	static const char *const texts[] = {
		"SSH-2.0-OpenSSH\r\n",
		"HTTP/1.0 200 OK\r\n",
		"HTTP/1.1 100 Continue\r\n",
		"HTTP/1.1 2000 OK\r\n",
		"HTTP/1.1 20\r\n",
		"HTTP/1.1 200 OK\n",
		"HTTP/1.1 200 OK\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length:\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n",
		"HTTP/1.1 200 OK\r\nETag: \"e\"\r\n folded\r\n",
		"HTTP/1.1 200 OK\r\nno colon\r\n",
		"HTTP/1.1 200 OK\r\n: no name\r\n",
		"HTTP/1.1 200 OK\r\nETag: a\rb\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2 \r\nab\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		for (size_t piece = 1; piece < 100; piece += 49) {
			struct reading r;
			begin(&r);
			feed(&r, texts[i], piece);
			if (r.progress != REPLY_ODD)
				fail_msg("taken for a reply: %s", texts[i]);
			end(&r);
		}
	}
}

static void heads_and_bodies_have_bounds(void **state)
{
	char line[1100];
	struct reading r;
	int lines = 0;

	(void)state;
	begin(&r);
	feed(&r, "HTTP/1.1 200 OK\r\n", 100);
	snprintf(line, sizeof(line), "X-Long: %01000d\r\n", 7);
	for (; r.progress == REPLY_MORE && lines < 1000; lines++)
		feed(&r, line, 2000);
	assert_int_equal(r.progress, REPLY_ODD);
	assert_in_range(lines, 60, 70);
	end(&r);

	begin(&r);
	r.answer.body.max = 4;
	feed(&r, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n", 200);
	assert_int_equal(r.progress, REPLY_ODD);
	end(&r);
}

static void the_next_reply_begins_anew(void **state)
{
	struct reading r;

	(void)state;
	begin(&r);
	feed(&r, "HTTP/1.1 200 OK\r\nConnection: close\r\nConte", 100);
	assert_int_equal(r.progress, REPLY_MORE);
	http_reply_begin(&r.reply, &r.answer);
	feed(&r, "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 1\r\n\r\nx", 100);
	assert_int_equal(r.progress, REPLY_WHOLE);
	assert_int_equal(r.answer.status, 503);
	assert_int_equal(r.answer.retry_after_s, 7);
	assert_true(r.reply.keep);
	end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reply_reads_alike_in_pieces_of_any_size),
		cmocka_unit_test(chunks_are_put_together),
		cmocka_unit_test(what_follows_a_reply_is_not_its_own),
		cmocka_unit_test(replies_without_a_body_end_with_their_headers),
		cmocka_unit_test(a_connection_that_will_close_is_not_kept),
		cmocka_unit_test(what_is_unusual_is_left_to_libcurl),
		cmocka_unit_test(heads_and_bodies_have_bounds),
		cmocka_unit_test(the_next_reply_begins_anew),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
