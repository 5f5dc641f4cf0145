#ifndef SPARK_SANDBOX_HTTP_LOOP_H
#define SPARK_SANDBOX_HTTP_LOOP_H

#include <microhttpd.h>

#include "sandbox/http/workers.h"

/* One thread that serves all connections of MHD daemons (MHD_USE_EPOLL without a thread of their own), and one that
 * waits for the disk. What the first handles at a stretch the second makes durable with one fsync. */
struct http_loop;

/* Called on the serving thread; a stretch's replies are on their way, but for those that wait. */
struct http_loop_hooks {
	void (*thread_begun)(void *arg);
	void (*stretch_ended)(void *arg);
	void *arg;
};
int http_loop_open(const struct http_loop_hooks *hooks, struct http_loop **out, struct err *err) MUST_CHECK;
/* Before it starts: this daemon's connections too, of two at most. */
int http_loop_serve(struct http_loop *l, struct MHD_Daemon *daemon, struct err *err) MUST_CHECK;
int http_loop_start(struct http_loop *l, struct err *err) MUST_CHECK;
/* For the daemon's callbacks: a connection that came, so that its peer's end is seen; NULL when memory runs out. */
struct http_watch;
struct http_watch *http_loop_watch(struct http_loop *l, int fd);
void http_loop_unwatch(struct http_loop *l, struct http_watch *w); /* before its socket is closed; accepts NULL */
/* For the daemon's callbacks: work that waits for the disk. It is done behind the others of this stretch. */
void http_loop_add(struct http_loop *l, struct work *w);
/* A connection was resumed by another thread: it is looked at. Work that was added needs no such call. */
void http_loop_wake(struct http_loop *l);
/* No callback runs any more; what was added is done first. The daemons are left to their owner. Both accept NULL. */
void http_loop_stop(struct http_loop *l);
void http_loop_free(struct http_loop *l); /* when nobody can wake it any more */

#endif
