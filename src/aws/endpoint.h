#ifndef SPARK_AWS_ENDPOINT_PRIVATE_H
#define SPARK_AWS_ENDPOINT_PRIVATE_H

#include <stdbool.h>

#include "spark/base/err.h"

/* Where a call goes. */
struct address {
	char base[400];      /* "https://redshift.us-west-2.amazonaws.com" */
	char host[320];      /* the Host header */
	char target[320];    /* host:port, for messages */
	char region[64];     /* of the scope */
	bool bucket_in_path; /* S3 path style */
};

/* A region becomes part of a host's name, so nothing but a label's characters may be in it. */
int endpoint_check_region(const char *region, struct err *err) MUST_CHECK;
/* "aws", "aws-cn", ...: the part of AWS that a region lies in. */
const char *endpoint_partition(const char *region);
/* An address that was given, taken apart: scheme, host and port, no path. */
int endpoint_from_url(const char *url, struct address *out, struct err *err) MUST_CHECK;
/* A service's own address. service: the signing name, or "portal.sso". region: the client's, or the bucket's. bucket
 * NULL: none. */
struct endpoint_wish {
	const char *service, *region, *bucket;
	bool fips, dualstack;
};
int endpoint_of_service(const struct endpoint_wish *w, struct address *out, struct err *err) MUST_CHECK;

#endif
