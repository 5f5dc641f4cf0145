#ifndef SPARK_AWS_HTTP_LANE_PRIVATE_H
#define SPARK_AWS_HTTP_LANE_PRIVATE_H

#include "aws/http_exchange.h"
#include "aws/http_reply.h"

/* A connection for small requests, one behind the other. libcurl opens it (names, TLS, certificates, bounds of time)
 * and moves its bytes; request and reply are written and read here, because what libcurl does for each transfer takes
 * longer than the rest of a small one. Whatever is unusual is left to http_exchange. Begin with { 0 }; it must stay
 * where it is. */
struct http_lane {
	const struct curl_api *api;
	CURL *handle;
	CURLM *multi; /* of this handle alone: libcurl takes kept connections with unread bytes for dead ones */
	enum { LANE_CLOSED, LANE_OPENING, LANE_IDLE, LANE_ACTIVE } state;
	struct http_exchange opening;
	struct http_call open_call;
	char origin[400];                                               /* where it leads, "http://host:port" */
	int fd;                                                         /* for waiting; -1: none */
	enum { LANE_UNWATCHED, LANE_FOR_INPUT, LANE_FOR_BOTH } watched; /* the caller's note of how it waits */
	bool used;                                                      /* a reply has come over it */
	const struct http_call *call;
	struct http_answer *answer;
	struct buf out; /* the request */
	size_t sent;
	struct http_reply reply;
	int64_t moved_ms; /* when bytes moved last */
};

enum lane_news {
	LANE_WAIT,   /* for the descriptor; while the state is LANE_OPENING, for some milliseconds */
	LANE_DONE,   /* a whole reply is in the answer */
	LANE_FAILED, /* err tells why, as transport.send's */
	LANE_STALE,  /* the kept connection turned out dead: send the request again */
	LANE_ODD     /* send the request with http_exchange */
};

/* Does http_proxy or its like stand in the environment? Then only libcurl knows the way. */
bool http_lane_has_proxy(const char *url);
/* Is it for a lane? */
bool http_lane_fits(const struct http_call *call);
/* Begins a request; what becomes of it tells http_lane_step(). call and answer are lent until the end. */
int http_lane_begin(struct http_lane *l, const struct curl_api *api, const struct http_options *o,
		    const struct http_call *call, struct http_answer *answer, struct err *err) MUST_CHECK;
/* Does what can be done now. */
enum lane_news http_lane_step(struct http_lane *l, int64_t now_ms, struct err *err);
/* The request did not end in time: closes the connection. */
void http_lane_time_out(struct http_lane *l, struct err *err);
/* Is there still something to send? */
bool http_lane_has_output(const struct http_lane *l);
/* News on the descriptor of an idle lane: closes it unless they are of no interest. */
void http_lane_look(struct http_lane *l);
/* Also ends what is under way. */
void http_lane_close(struct http_lane *l);
/* After the last request. */
void http_lane_clear(struct http_lane *l);

#endif
