#ifndef SPARK_BASE_ERR_H
#define SPARK_BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>

/* A result that the caller has to look at. */
#define MUST_CHECK             __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

/* What went wrong, as far as the program's exit code depends on it. */
enum err_kind {
	ERR_NONE = 0,
	ERR_CHECK,       /* a data check failed, or something was left behind: exit 1 */
	ERR_USAGE,       /* the command line is wrong: exit 2 */
	ERR_CONFIG,      /* a setting or a local file is wrong: exit 3 */
	ERR_CREDENTIALS, /* no credentials, or they cannot be used: exit 3 */
	ERR_AWS,         /* a service refused: exit 4 */
	ERR_DATABASE,    /* the database refused: exit 5 */
	ERR_TIMEOUT,     /* a bound on time ran out: exit 6 */
	ERR_UNREACHABLE, /* no connection: exit 6 */
	ERR_CONFLICT,    /* locked, taken, or not ours: exit 7 */
	ERR_IO,          /* reading or writing a local file failed: exit 3 */
	ERR_PARSE,       /* a reply or a document cannot be understood: exit 4 from a service, 3 from a file */
	ERR_NOMEM,       /* memory ran out: exit 70 */
	ERR_BUG,         /* our own mistake: exit 70 */
	ERR_INTERRUPTED, /* a signal asked us to stop: exit 130 or 143 */
};

/* One failure on its way up. Owned by the caller, no heap, so that running out of memory can be told too.
 * text: what failed, lower case, no full stop, subject in single quotes. hint: what to do, may be empty.
 * Both are cut, never overrun. An err never holds a secret. */
struct err {
	enum err_kind kind;
	int http_status;     /* 0 when no HTTP reply was involved */
	char code[64];       /* the service's error code, "ClusterNotFound" */
	char request_id[80]; /* the service's request id */
	char sqlstate[6];    /* the database's SQLSTATE */
	bool retryable;      /* the same call may succeed later */
	char text[1536];
	char hint[768];
};

/* Sets kind and text (printf manner) and clears everything else; err may be NULL. Returns -1, so that a
 * function can say `return err_set(...)`. */
int err_set(struct err *err, enum err_kind kind, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The same with ": <strerror(errnum)>" behind the text. */
int err_set_errno(struct err *err, enum err_kind kind, int errnum, const char *fmt, ...) PRINTF_LIKE(4, 5);
int err_nomem(struct err *err);
/* Replaces the hint. Returns -1. */
int err_hint(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Puts "<context>: " before the text; kind, codes and hint stay. Returns -1. */
int err_wrap(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
void err_clear(struct err *err);
bool err_has_code(const struct err *err, const char *code);
/* The documented exit code, see the manual's table. ERR_INTERRUPTED gives 130. */
int err_exit_code(const struct err *err);

#endif
