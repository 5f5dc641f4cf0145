#ifndef SPARK_AWS_SIGV4_H
#define SPARK_AWS_SIGV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spark/aws/credentials.h"
#include "spark/base/buf.h"
#include "spark/base/err.h"

/* AWS Signature Version 4, header form, as a row of pure stages.
 * Source: AWS Signature Version 4 for API requests, and section 4 of docs/ARCHITECTURE.md's sources. */
struct sign_header {
	const char *name, *value; /* as sent; a repeated name is joined with ',' */
};

struct sign_request {
	const char *method;                /* "POST" */
	const char *path;                  /* as on the request line, percent-encoded once; "" means "/" */
	const char *query;                 /* as on the request line without '?', may be "" */
	const struct sign_header *headers; /* all of these are signed; must hold host */
	size_t header_count;
	const char *payload_hash; /* hex SHA-256 of the body, or "UNSIGNED-PAYLOAD" */
};

struct sign_scope {
	const char *region;  /* "us-west-2" */
	const char *service; /* "redshift": the signing name */
	const char *date;    /* 20261121T100632Z */
	bool normalize;      /* false: S3's manner, the path is neither normalised nor encoded a second time */
};

/* Each appends its text. Errors: ERR_USAGE for a request that cannot be signed (no host, bad date), ERR_NOMEM. */
int sigv4_canonical_request(const struct sign_request *r, const struct sign_scope *s, struct buf *out,
			    struct err *err) MUST_CHECK;
int sigv4_string_to_sign(const char *canonical_request, size_t len, const struct sign_scope *s, struct buf *out,
			 struct err *err) MUST_CHECK;
int sigv4_signature(const char *string_to_sign, size_t len, const struct secret *key, const struct sign_scope *s,
		    char out_hex[65], struct err *err) MUST_CHECK;
/* The Authorization header's value. */
int sigv4_authorization(const struct sign_request *r, const struct sign_scope *s, const struct aws_credentials *creds,
			struct buf *out, struct err *err) MUST_CHECK;

/* A raw HTTP/1.1 request (request line, headers with folded lines, blank line, body) taken apart for signing. LF or
 * CRLF. Adds X-Amz-Date and X-Amz-Security-Token to the headers where the request has none. */
struct raw_request; /* owns the text */
struct raw_request *raw_request_parse(const char *text, size_t len, struct err *err) MUST_CHECK;
int raw_request_prepare(struct raw_request *raw, const struct sign_scope *s, const struct aws_credentials *creds,
			struct err *err) MUST_CHECK;
const struct sign_request *raw_request_view(const struct raw_request *raw);
void raw_request_free(struct raw_request *raw);

#endif
