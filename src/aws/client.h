#ifndef SPARK_AWS_CLIENT_PRIVATE_H
#define SPARK_AWS_CLIENT_PRIVATE_H

#include <pthread.h>

#include "aws/endpoint.h"
#include "aws/http.h"
#include "aws/provider.h"
#include "aws/retry.h"
#include "aws/sigv4_key.h"
#include "spark/aws/client.h"
#include "spark/base/url.h"

/* A signing key holds for one day, region and service. */
struct signing_key {
	uint64_t serial; /* of the credentials */
	char day[9], region[64], service[32];
	unsigned char key[SHA256_SIZE];
};
#define SIGNING_KEYS 8

/* Where a bucket turned out to be. */
struct bucket_region {
	char bucket[64], region[64];
};

/* An address that a service has instead of its own. */
struct service_address {
	char service[40];
	struct address address;
};

struct aws_client {
	struct aws_provider *provider;  /* lent; NULL: fixed is used */
	struct held_credentials *fixed; /* NULL with a provider, and of an anonymous client */
	bool anonymous;                 /* requests are not signed */
	char *region, *ca_bundle, *user_agent, *unix_socket;
	struct address endpoint;         /* of all services; base "": each has its own host */
	struct service_address *special; /* count more than the former, unless it was given as the one for all */
	size_t special_count;
	bool fips, dualstack;
	const char *partition;
	struct retry_policy retry;
	const struct clock *clock;
	const volatile int *stop;
	int timeout_ms;
	struct http *http;
	struct transport transport; /* http_send, or a test's */

	pthread_mutex_t lock; /* of what follows */
	int64_t clock_offset_ms;
	int64_t date_s; /* the second that date tells */
	char date[CLOCK_TEXT];
	int retry_budget;
	char source[256]; /* of the credentials that were used last */
	struct signing_key keys[SIGNING_KEYS];
	size_t next_key; /* the slot that is overwritten next */
	struct bucket_region *buckets;
	size_t bucket_count, bucket_cap;
};

/* For tests: another network. */
void aws_client_set_transport(struct aws_client *c, const struct transport *t);
struct http_options aws_client_http_options(const struct aws_client *c);

/* Our time, corrected by what the services taught, in the signer's form. */
void client_date(struct aws_client *c, char out[CLOCK_TEXT]);
void client_learn_clock(struct aws_client *c, int64_t offset_ms);
/* The credentials to sign with now; release them after use. Not of an anonymous client. */
struct held_credentials *client_hold_credentials(struct aws_client *c, struct err *err) MUST_CHECK;
/* A service refused the credentials of that number: as provider_renew(), 0 without a provider. */
int client_renew_credentials(struct aws_client *c, uint64_t refused_serial, struct err *err) MUST_CHECK;
/* Where the credentials came from, for messages. */
void client_source(struct aws_client *c, char out[256]);
int client_signing_key(struct aws_client *c, const struct held_credentials *h, const struct sign_scope *s,
		       unsigned char out[SHA256_SIZE], struct err *err) MUST_CHECK;
/* Takes the cost of a repeat out of the client's budget; false when it is used up. */
bool client_take_retry(struct aws_client *c, int cost);
/* Gives back after a success: the cost of the repeat that made it, 0 when it needed none. */
void client_return_retry(struct aws_client *c, int cost);
/* The region a bucket is known to be in, else the client's. */
void client_bucket_region(struct aws_client *c, const char *bucket, char out[64]);
/* true when that was news. */
bool client_learn_bucket(struct aws_client *c, const char *bucket, const char *region);

int client_resolve(struct aws_client *c, const char *service, const char *bucket, struct address *out,
		   struct err *err) MUST_CHECK;

#endif
