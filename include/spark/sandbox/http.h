#ifndef SPARK_SANDBOX_HTTP_H
#define SPARK_SANDBOX_HTTP_H

#include "spark/base/buf.h"
#include "spark/base/err.h"
#include "spark/base/json.h"
#include "spark/base/xml.h"
#include "spark/sandbox/world.h"

/* The AWS APIs on one port. server.c (libmicrohttpd) receives, access/verify.c checks the signature, dispatch.c finds
 * the service, query.c finds the action. */
struct http_header {
	const char *name, *value;
};
struct http_request {
	const char *method; /* "POST" */
	const char *target; /* path as sent, still encoded, without the query */
	const char *query;  /* as sent without '?', "" when none */
	const struct http_header *headers;
	size_t header_count;
	const void *body; /* whole; NULL when it lies in body_file */
	size_t body_len;
	const char *body_file; /* bodies over 1 MiB: received into a file of objects_tmp_dir(), may be moved away */
	char body_sha256[65], body_md5[33]; /* hex, taken while receiving */
	const char *peer_ip;
	int connection_fd; /* of the peer's socket, to see whether it is still there; 0: unknown */
	bool tls;          /* came over HTTPS */
	/* What it says of its signature (access/verify.h), when it was read already and is well-formed; NULL: not yet.
	 */
	const struct sign_claim *claim;
};
const char *http_header(const struct http_request *r, const char *name); /* any letter case; NULL when absent */

/* Who signed. Filled by access_verify(). */
struct caller {
	char access_key_id[129], account[13], arn[512], user_id[160];
	char service[32], region[32]; /* of the credential scope */
	char source_ip[64];
	bool session; /* temporary credentials */
	bool tls;     /* came over HTTPS: aws:SecureTransport */
	/* Has signed nothing: all but service, source_ip and tls is empty. Only S3 takes such calls, where a bucket's
	 * policy allows them to everybody. */
	bool anonymous;
};

struct http_reply {
	int status; /* 200 */
	char content_type[128];
	struct http_header extra[64]; /* names are literals, values are owned by the reply (mem_free) */
	size_t extra_count;
	struct buf body;
	/* Instead of body: bytes of one version of an object, streamed from the store. Owned. */
	struct object_reader *object;
	uint64_t object_offset, object_len;
	bool head_only; /* Content-Length as given in object_len, no body */
	/* Faults: the connection is reset instead of the reply, or after the first cut_at bytes of its body. */
	bool drop, cut;
	uint64_t cut_at;
	/* Where the record learns who sent a request whose body only tells it; NULL: nobody asks. */
	struct caller *sender;
	/* The reply tells of an object that is to be durable before it is sent. */
	struct object_promise promise;
	char request_id[40];
};
void http_reply_init(struct http_reply *r);
void http_reply_clear(struct http_reply *r);
int http_reply_header(struct http_reply *r, const char *name, const char *value, struct err *err) MUST_CHECK;

/* From the wire's bytes to who it is: header and query form. On failure err->code is AWS's code for that service,
 * err->http_status its status, err->text its message. Own code: nothing of the client's signer is shared. */
int access_verify(struct world *w, const struct http_request *r, struct caller *out, struct err *err) MUST_CHECK;

/* May the caller do `action` ("redshift:DescribeClusters") to `resource` (an ARN, "*" for actions that have none)? By
 * the policies of his user or role, and of his session when it has any. `context` (may be NULL) holds condition keys
 * beyond those that every request has (aws:SourceIp, aws:PrincipalArn, aws:CurrentTime, ...). Takes the store's lock.
 * Refused: the error of the caller's service (AccessDenied, UnauthorizedOperation, AccessDeniedException for the JSON
 * services) in AWS's sentence. */
int access_authorize(struct world *w, const struct caller *who, const char *action, const char *resource,
		     const struct json *context, struct err *err) MUST_CHECK;
struct params;
struct service;
/* The same for a call of a query or ec2 service: the table of access/resources.c tells which actions on which resources
 * it takes, and which condition keys its parameters give. */
int access_authorize_call(struct world *w, const struct service *s, const struct caller *who, const char *operation,
			  const struct params *p, struct err *err) MUST_CHECK;

/* Bodies in signed chunks (x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD[-TRAILER]): each chunk's signature
 * covers the one before, the first covers the request's own. Call access_chunk_begin() with the verified request, then
 * access_chunk_check() for each chunk in order, the last one of no bytes included. ERR_AWS SignatureDoesNotMatch. */
struct chunk_verifier {
	unsigned char key[32]; /* the signing key: wipe with access_chunk_end() */
	char amz_date[17], scope[96], previous[65];
};
int access_chunk_begin(struct world *w, const struct http_request *r, struct chunk_verifier *v,
		       struct err *err) MUST_CHECK;
int access_chunk_check(struct chunk_verifier *v, const void *data, size_t len, const char *signature,
		       struct err *err) MUST_CHECK;
void access_chunk_end(struct chunk_verifier *v);

/* Parameters of the query and ec2 protocols, from body or query string; repeated names refused. Lookups lend. */
int params_parse(const struct http_request *r, struct params **out, struct err *err) MUST_CHECK;
void params_free(struct params *p);
const char *params_get(const struct params *p, const char *name); /* NULL when absent */
const char *params_getf(const struct params *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* 1 or 0 into *out, or -1 with InvalidParameterValue; absent gives the fallback. */
int params_bool(const struct params *p, const char *name, bool fallback, bool *out, struct err *err) MUST_CHECK;
int params_int(const struct params *p, const char *name, int64_t fallback, int64_t min, int64_t max, int64_t *out,
	       struct err *err) MUST_CHECK;

/* One row per action of the query and ec2 services. The handler holds the store's lock while it runs and appends the
 * members of its result (without envelope) to out; the caller commits the store when it returned 0 and rolls back
 * otherwise. On failure err->code, err->http_status and err->text are the service's. after() (may be NULL) runs without
 * the lock, when the commit is on disk and before the reply is sent. */
struct action {
	const char *name;
	int (*handle)(struct world *w, const struct caller *who, const struct params *p, struct buf *out,
		      struct err *err);
	int (*after)(struct world *w, const struct caller *who, const struct params *p, struct err *err);
};
struct service {
	const char *name, *version, *xmlns;
	bool ec2_style; /* envelope and errors of EC2 */
	const struct action *actions;
	size_t action_count;
};
extern const struct service service_iam, service_sts, service_ec2, service_redshift;
/* An error as services make it: kind ERR_AWS, code, HTTP status, message. Returns -1. */
int service_error(struct err *err, int http_status, const char *code, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* The default VPC of a region and what belongs to it is made, and committed, when the region is first used: call it
 * before any put of your own. The dispatcher has done so before it calls a handler of EC2 or Redshift. */
int ec2_ensure_region(struct world *w, const char *region, struct err *err) MUST_CHECK;
/* S3 is REST: the whole request in, the whole reply out. Takes the store's lock itself. On -1 the dispatcher writes
 * S3's <Error> document from err (code, http_status, text); XML members that the handler had put into reply->body go
 * into it (<Key>k</Key>), and reply->extra is kept. */
int s3_handle(struct world *w, const struct caller *who, const struct http_request *r, struct http_reply *reply,
	      struct err *err) MUST_CHECK;

/* Could S3 take this unsigned request, so that its body may be as long as an object: does it name a bucket that has a
 * policy, or is it a form for one? */
bool s3_may_take_unsigned(struct world *w, const struct http_request *r);

struct http_server;
/* local_path: a socket in the file system beside the port, where one can be; NULL: none. ERR_CONFLICT: port taken. */
int http_server_start(struct world *w, const char *host, int port, const char *local_path, struct http_server **out,
		      struct err *err) MUST_CHECK;
int http_server_port(const struct http_server *s);
const char *http_server_local_path(const struct http_server *s); /* NULL: there is none */
void http_server_stop(struct http_server *s);

#endif
