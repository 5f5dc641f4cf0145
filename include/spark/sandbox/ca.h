#ifndef SPARK_SANDBOX_CA_H
#define SPARK_SANDBOX_CA_H

#include <stddef.h>

#include "spark/base/buf.h"
#include "spark/base/err.h"

/* The sandbox's own certificate authority: EC P-256, made at the first start, ten years. DIR/ca.pem is what clients
 * trust (AWS_CA_BUNDLE, sslrootcert), DIR/ca-key.pem (0600) signs. Its name constraints allow nothing but names of this
 * machine and addresses, so that whoever steals the key cannot play a site of the internet. */
struct ca;

/* Loads or makes it. One that has ended, or has no key any more, is made anew; a damaged one is ERR_CONFIG. */
int ca_open(const char *dir, struct ca **out, struct err *err) MUST_CHECK;
void ca_close(struct ca *ca);
/* DIR/ca.pem. Lends. */
const char *ca_path(const struct ca *ca);

/* Makes it permit these names too, when it does not: its certificate is written anew over the same key, so what it has
 * signed stays good. */
int ca_permit(struct ca *ca, const char *const *names, size_t count, struct err *err) MUST_CHECK;
/* A server's certificate with a key of its own, valid from yesterday for 397 days; both as PEM, appended. The first of
 * `names` is its common name; each is a DNS name (also "*.s3.localhost") or an address, written as text. Wipe the key's
 * buf. */
int ca_issue(struct ca *ca, const char *const *names, size_t count, struct buf *cert_pem, struct buf *key_pem,
	     struct err *err) MUST_CHECK;

#endif
