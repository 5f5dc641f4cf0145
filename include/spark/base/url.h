#ifndef SPARK_BASE_URL_H
#define SPARK_BASE_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "spark/base/buf.h"
#include "spark/base/err.h"

/* RFC 3986 percent-encoding: everything but A-Z a-z 0-9 - _ . ~ becomes %XX; '/' stays when keep_slash. */
void url_encode(struct buf *out, const char *text, size_t len, bool keep_slash);
/* %XX to bytes, '+' to blank when plus_is_blank. A broken escape: ERR_PARSE. */
int url_decode(struct buf *out, const char *text, size_t len, bool plus_is_blank, struct err *err) MUST_CHECK;

/* "http://host:port/path"; the parts point into `text`, which the struct owns. */
struct url {
	char *text;
	char scheme[8]; /* "http" or "https" */
	char host[256]; /* without brackets for IPv6 */
	int port;       /* the scheme's default when none is written */
	bool port_given;
	const char *path; /* from the first '/', or "" */
};
int url_parse(struct url *u, const char *text, struct err *err) MUST_CHECK;
void url_clear(struct url *u);

/* "s3://bucket/key": bucket into the array (3 to 63), key points into uri (may be ""). */
int url_parse_s3(const char *uri, char bucket[64], const char **key, struct err *err) MUST_CHECK;

/* Does it name this machine: localhost, 127.0.0.0/8 or ::1? False for what is no URL. */
bool url_is_loopback(const char *text);

#endif
