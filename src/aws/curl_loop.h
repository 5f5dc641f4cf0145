#ifndef SPARK_AWS_CURL_LOOP_PRIVATE_H
#define SPARK_AWS_CURL_LOOP_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/curl_api.h"
#include "spark/base/clock.h"

/* libcurl's multi handle over epoll: only connections with news are looked at, where curl_multi_perform() looks at all
 * of them and polls each. Not thread-safe. The loop must stay where it is between open and close. */
struct curl_loop {
	const struct curl_api *api;
	CURLM *multi; /* for reading messages and removing handles */
	int epoll;
	struct loop_socket *sockets; /* by descriptor */
	size_t socket_cap;
	int64_t due_ms; /* when libcurl wants to be called; -1: does not */
	int failed;     /* errno of an epoll call that failed; 0: none */

	/* Told of news on the caller's own descriptors. Set both before the first is watched. */
	void (*on_watched)(void *arg, size_t number);
	void *watched_arg;
};

/* Close also after failure. connections: that are kept open. */
int curl_loop_open(struct curl_loop *l, const struct curl_api *api, size_t connections, struct err *err) MUST_CHECK;
/* After the handles have been removed and cleaned up. */
void curl_loop_close(struct curl_loop *l);
/* The handle's request begins with the next run. */
CURLMcode curl_loop_add(struct curl_loop *l, CURL *handle);
/* Lets the loop wait for a descriptor of the caller's too, for what can be read and, with `output`, for room to write.
 * again: it is watched already. Closing it ends that. -1 with errno. */
int curl_loop_watch(struct curl_loop *l, int fd, size_t number, bool output, bool again) MUST_CHECK;
/* Does what is to be done; waits for news first when there is nothing, for wait_ms at most. */
CURLMcode curl_loop_run(struct curl_loop *l, int wait_ms);

#endif
