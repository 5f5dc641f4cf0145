#ifndef SPARK_AWS_CLIENT_PRIVATE_H
#define SPARK_AWS_CLIENT_PRIVATE_H

#include <pthread.h>

#include "aws/http.h"
#include "aws/sigv4_key.h"
#include "spark/aws/client.h"
#include "spark/base/url.h"

/* A signing key holds for one day, region and service. */
struct signing_key {
	char day[9], region[64], service[32];
	unsigned char key[SHA256_SIZE];
};
#define SIGNING_KEYS 8

/* Where a bucket turned out to be. */
struct bucket_region {
	char bucket[64], region[64];
};

/* Where a call goes. */
struct address {
	char base[400];      /* "https://redshift.us-west-2.amazonaws.com" */
	char host[320];      /* the Host header */
	char target[320];    /* host:port, for messages */
	char region[64];     /* of the scope */
	bool bucket_in_path; /* S3 path style */
};

struct aws_client {
	struct aws_credentials credentials;
	char *region, *ca_bundle, *user_agent;
	char *endpoint; /* "http://127.0.0.1:4566" without a final '/'; NULL: each service's own host */
	struct address endpoint_address; /* taken apart once */
	const char *partition;
	const struct clock *clock;
	const volatile int *stop;
	int timeout_ms;
	struct http *http;
	struct transport transport; /* http_send, or a test's */

	pthread_mutex_t lock; /* of what follows */
	int64_t clock_offset_ms;
	int64_t date_s; /* the second that date tells */
	char date[CLOCK_TEXT];
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
int client_signing_key(struct aws_client *c, const struct sign_scope *s, unsigned char out[SHA256_SIZE],
		       struct err *err) MUST_CHECK;
/* The region a bucket is known to be in, else the client's. */
void client_bucket_region(struct aws_client *c, const char *bucket, char out[64]);
/* true when that was news. */
bool client_learn_bucket(struct aws_client *c, const char *bucket, const char *region);

int client_resolve(struct aws_client *c, const char *service, const char *bucket, struct address *out,
		   struct err *err) MUST_CHECK;

#endif
