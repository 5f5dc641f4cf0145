#ifndef SPARK_AWS_CLIENT_H
#define SPARK_AWS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spark/aws/credentials.h"
#include "spark/aws/settings.h"
#include "spark/base/buf.h"
#include "spark/base/clock.h"
#include "spark/base/err.h"
#include "spark/base/xml.h"

/* What every AWS call of a run shares: credentials, region, endpoint, time-outs, connections. Thread-safe: calls may be
 * made from several threads; connections are reused. */
struct aws_client;

struct aws_client_options {
	struct aws_credentials credentials; /* copied; not used with a provider */
	struct aws_provider *provider;      /* lent; NULL: the credentials above, as long as they hold */
	bool anonymous;                     /* requests are not signed (AssumeRoleWithWebIdentity) */
	const char *region;
	const char *endpoint_url;            /* for all services; NULL: as the settings say, or each one's own host */
	const struct aws_settings *settings; /* copied; may be NULL */
	const char *ca_bundle;               /* NULL: the system's */
	int timeout_ms;                      /* one request, all of it; connecting has min(timeout, 10 s) */
	const struct clock *clock;           /* NULL: the system's */
	const volatile int
		*stop; /* becomes non-zero when the user interrupts: calls end with ERR_INTERRUPTED; may be NULL */
	const char *user_agent;  /* "sparkctl/0.1.0" */
	const char *unix_socket; /* where the server of endpoint_url also listens; NULL: over TCP */
};

struct aws_client *aws_client_new(const struct aws_client_options *o, struct err *err) MUST_CHECK;
void aws_client_free(struct aws_client *c);
const char *aws_client_region(const struct aws_client *c);
/* "aws", "aws-cn", "aws-us-gov", "aws-iso", ...: from the region. */
const char *aws_client_partition(const struct aws_client *c);
/* What a service taught us about this machine's clock: to be added to its time, 0 when it is right. For a warning. */
int64_t aws_client_clock_offset_ms(struct aws_client *c);

/* Parameters of the query and ec2 protocols, in order. */
struct aws_params {
	struct buf body;
};
void aws_params_init(struct aws_params *p, const char *action, const char *version);
void aws_params_clear(struct aws_params *p);
void aws_params_add(struct aws_params *p, const char *name, const char *value); /* value NULL: left out */
void aws_params_add_int(struct aws_params *p, const char *name, int64_t value);
void aws_params_add_bool(struct aws_params *p, const char *name, bool value);
/* The name is built in printf manner: aws_params_addf(p, value, "Tags.member.%d.Key", i). */
void aws_params_addf(struct aws_params *p, const char *value, const char *name_fmt, ...) PRINTF_LIKE(3, 4);

/* Signs, sends, retries (at most 3 attempts, or what the settings say; on connection errors, 500 502 503 504 and the
 * throttling codes; backoff random(0, min(20 s, 2^n * 0.5 s)), Retry-After honoured; while the client's budget for
 * repeats lasts; `idempotent` false: not when the reply was lost after sending) and parses. Credentials that the
 * service calls expired or unknown are looked for once more, when there is a provider. `service` is the signing name:
 * iam, sts, ec2, redshift. On success *doc (free with xml_free) holds the reply and *result points at <ActionResult>
 * (query) or the root (ec2). On failure err carries the service's code, status and request id, and a hint for the codes
 * a user can mend (SignatureDoesNotMatch, InvalidClientTokenId, ExpiredToken, AccessDenied, ...). */
int aws_call(struct aws_client *c, const char *service, struct aws_params *p, bool idempotent, struct xml_doc **doc,
	     const struct xml_node **result, struct err *err) MUST_CHECK;

/* A plain unsigned GET, for the caller's own address. */
int aws_http_get(struct aws_client *c, const char *url, struct buf *body, struct err *err) MUST_CHECK;

#endif
