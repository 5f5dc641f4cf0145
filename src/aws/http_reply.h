#ifndef SPARK_AWS_HTTP_REPLY_PRIVATE_H
#define SPARK_AWS_HTTP_REPLY_PRIVATE_H

#include "aws/http.h"

/* A line of a reply's head, with or without its end: keeps what is of interest of it. */
void http_answer_keep(struct http_answer *a, const char *line, size_t len);

/* Reads the reply to a GET or PUT from the connection's bytes, as they come. It knows what HTTP/1.1 services send day
 * by day (a status line, headers, a body with a length or in chunks) and calls everything else odd: that is for
 * libcurl. */
struct http_reply {
	struct http_answer *answer;
	enum {
		REPLY_STATUS,
		REPLY_HEADERS,
		REPLY_BODY,
		REPLY_CHUNK_SIZE,
		REPLY_CHUNK,
		REPLY_CHUNK_END,
		REPLY_TRAILERS,
		REPLY_END
	} state;
	bool begun; /* a byte of it has come */
	bool keep;  /* the connection may be used for another request */
	bool chunked, length_told;
	int64_t left;    /* of the body or the chunk */
	size_t head_len; /* of all lines so far */
	struct buf line; /* the begin of a line whose end has not come */
};
enum reply_progress { REPLY_MORE, REPLY_WHOLE, REPLY_ODD };

void http_reply_begin(struct http_reply *r, struct http_answer *answer);
/* *used: bytes that belong to the reply; with REPLY_WHOLE it may be less than len. */
enum reply_progress http_reply_feed(struct http_reply *r, const char *data, size_t len, size_t *used);
void http_reply_clear(struct http_reply *r);

#endif
