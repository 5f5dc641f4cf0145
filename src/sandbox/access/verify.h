#ifndef SPARK_SANDBOX_ACCESS_VERIFY_H
#define SPARK_SANDBOX_ACCESS_VERIFY_H

#include "spark/sandbox/http.h"

/* AWS Signature Version 4 (and of version 2 the links: verify_2.h), the server's side. Written from AWS's description
 * alone: nothing of it is shared with the client's signer, so that each finds the other's mistakes. */

#define SIGNED_HEADERS_MAX 2048

/* What a request says about its signature, not yet believed. */
struct sign_claim {
	bool presigned; /* in the query, not in the Authorization header */
	bool version_2; /* verify_2.h: no date, region or signed headers; expires_s counts from 1970 */
	char key_id[129], date[9], region[32], service[32];
	char signature[65];
	char amz_date[17]; /* 20261121T100632Z */
	int64_t expires_s; /* presigned: valid for so long */
	char expires[21];  /* version 2: as it was written */
	/* The large ones last: they are not cleared but for their first byte. */
	char signed_headers[SIGNED_HEADERS_MAX]; /* "host;x-amz-date", as given */
	char token[4096];                        /* "" when none */
};

/* What S3 says where version 2 is not taken. */
#define SIGN_USE_4 "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."

enum sign_style { SIGN_QUERY, SIGN_EC2, SIGN_S3 }; /* whose error codes */
enum sign_refusal {
	SIGN_MISSING,    /* nothing is signed */
	SIGN_INCOMPLETE, /* parts are missing or malformed */
	SIGN_SCOPE,      /* the credential scope does not fit */
	SIGN_UNKNOWN_KEY,
	SIGN_TOKEN,
	SIGN_TOKEN_EXPIRED,
	SIGN_TIME,    /* clocks differ too much */
	SIGN_EXPIRED, /* a presigned request's time is over */
	SIGN_MISMATCH,
	SIGN_UNSIGNED_HEADER,
	SIGN_PAYLOAD, /* the body is not what was signed */
	SIGN_REFUSALS
};
/* Sets err to AWS's code and status for this refusal in that style; text replaces the style's standard message where
 * the service tells details. Returns -1. */
int sign_refuse(enum sign_style style, enum sign_refusal what, struct err *err, const char *fmt, ...) PRINTF_LIKE(4, 5);
enum sign_style sign_style_of(const char *service);

/* Reads header or query form. */
int sign_claim_parse(const struct http_request *r, struct sign_claim *out, struct err *err) MUST_CHECK;
/* "AKID/20261121/us-west-2/iam/aws4_request" into key_id, date, region and service. */
int sign_parse_scope(const char *scope, struct sign_claim *c, struct err *err) MUST_CHECK;
/* Is there a complete name of `name` in the ';'-separated list? */
bool sign_list_has(const char *list, const char *name);
/* An X-Amz-* query parameter, decoded, into a fixed array. False when absent, cut or malformed. */
bool sign_query_param(const char *query, const char *name, char *out, size_t size);

/* The canonical request's bytes; payload is the last line. A signed header that is not there: ERR_AWS mismatch. */
int sign_canonical(const struct http_request *r, const struct sign_claim *c, const char *payload, struct buf *out,
		   struct err *err) MUST_CHECK;

/* S3 tells what it hashed, so that a client's author can see where the two part. */
void sign_put_mismatch(struct buf *detail, const struct sign_claim *c, const struct buf *to_sign);

/* Which service the credential scope names, believed or not. */
bool verify_claimed_service(const struct http_request *r, char out[32]);
/* Who has signed a text by itself: the policy of a form, whose claim the form's fields give. A form of version 2 names
 * no region: out->region is "" then. */
int verify_text(struct world *w, const struct http_request *r, const struct sign_claim *c, const char *text,
		struct caller *out, struct buf *detail, struct err *err) MUST_CHECK;
/* A call of S3 that carries no signature and no sign of one: *out is who has none. False for all others. */
bool verify_anonymous(const struct http_request *r, struct caller *out);
/* access_verify() that also appends S3's members for the error document (StringToSign, ...) to detail. */
int verify_request(struct world *w, const struct http_request *r, struct caller *out, struct buf *detail,
		   struct err *err) MUST_CHECK;

#endif
