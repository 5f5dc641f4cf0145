#ifndef SPARK_SANDBOX_RECORD_RECORD_H
#define SPARK_SANDBOX_RECORD_RECORD_H

#include "sandbox/record/operation.h"

/* What was asked of the sandbox: DIR/requests.jsonl, one JSON object a line: {n, time, id, service, action, mutating,
 * parameters, status, code, caller, peer, ms, faults}. n counts up, over restarts too. At RECORD_FILE_MAX bytes the
 * file becomes requests.jsonl.old, in the place of the one before. Secrets are not in it, see redact.h. A record that
 * cannot be written costs no request: the log says so. */
struct record;

#define RECORD_FILE_MAX ((int64_t)8 * 1024 * 1024)
#define RECORD_LINE_MAX ((size_t)64 * 1024)

int record_open(const char *dir, struct record **out, struct err *err) MUST_CHECK;
void record_close(struct record *r);

struct record_entry {
	const struct http_request *request;
	const struct operation *op;
	const struct caller *who;
	const struct http_reply *reply;
	const char *code, *faults; /* "" for none */
	int64_t now_ms, took_ms;
};
/* r may be NULL. The line is in the file when this returns, or, on a thread that collects, when that thread flushes or
 * another one adds or reads. */
void record_add(struct record *r, const struct record_entry *e);
/* From here on this thread collects: many lines cost one write. */
void record_collect(void);
void record_flush(struct record *r); /* accepts NULL */

struct record_filter {
	int64_t since;                /* those with a greater n */
	const char *service, *action; /* patterns; NULL: any */
	bool mutating;                /* only those that may change something */
};
/* Appends the lines, oldest first. */
int record_read(struct record *r, const struct record_filter *f, struct buf *out, struct err *err) MUST_CHECK;

#endif
