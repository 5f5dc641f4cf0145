#ifndef SPARK_SANDBOX_HTTP_RECEIVE_H
#define SPARK_SANDBOX_HTTP_RECEIVE_H

#include "sandbox/access/verify.h"
#include "sandbox/http/dispatch.h"
#include "sandbox/http/workers.h"
#include "spark/base/hash.h"
#include "spark/sandbox/http.h"

#define HTTP_HEADERS_MAX     100
#define HTTP_HEADER_BYTES    ((size_t)32 * 1024)
#define HTTP_BODY_IN_MEMORY  ((uint64_t)1024 * 1024)
#define HTTP_BODY_QUERY_MAX  ((uint64_t)1024 * 1024)
#define HTTP_BODY_OBJECT_MAX ((uint64_t)5 * 1024 * 1024 * 1024)

struct MHD_Connection;

/* A request while it arrives: its body goes to memory, or from 1 MiB on into a file; hashes are taken on the way. */
struct receiving {
	struct http_server *server;
	struct MHD_Connection *connection;
	struct work work; /* what is done with it elsewhere than on the connection's thread */
	struct http_request request;
	char *raw_target; /* as on the request line; request.target and .query point into it */
	char peer[64];
	struct buf body;
	char *file;
	int fd; /* -1 */
	uint64_t received, limit;
	struct hash *sha256, *md5; /* of a body that goes to a file; one in memory is hashed when it is whole */
	bool failed;
	struct err err;       /* when failed */
	bool begun, answered; /* answered: `reply` is what is to be sent */
	/* From here on it is not cleared for the next request. */
	struct http_header headers[HTTP_HEADERS_MAX];
	struct sign_claim claim;
	struct dispatch dispatch;
	struct http_reply reply; /* when answered */
};

struct receiving *receiving_new(const char *raw_target);
void receiving_free(struct receiving *r); /* removes the file when nobody has taken it */
/* The headers are there: may it go on? On -1 err is in r->err. */
int receiving_begin(struct receiving *r, struct world *w) MUST_CHECK;
/* Is there no room in memory for a piece of this length before receiving_spill()? */
bool receiving_is_full(const struct receiving *r, size_t len);
/* What is in memory is hashed and goes to the file: milliseconds, and more when the disk is slow. */
void receiving_spill(struct receiving *r, struct world *w);
/* A piece of the body. Failures are kept in r->err and the rest is read and dropped. */
void receiving_add(struct receiving *r, const char *data, size_t len);
/* May it be handled on a thread that others wait for? To be asked when the body is whole, before receiving_end(). */
bool receiving_is_quick(struct receiving *r, const struct world *w);
int receiving_end(struct receiving *r, struct world *w) MUST_CHECK;
struct receiving *receiving_of_work(struct work *w);

#endif
