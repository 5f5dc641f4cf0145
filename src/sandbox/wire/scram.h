#ifndef SPARK_SANDBOX_WIRE_SCRAM_H
#define SPARK_SANDBOX_WIRE_SCRAM_H

#include <stdbool.h>

#include "spark/base/buf.h"
#include "spark/base/err.h"
#include "spark/base/hash.h"
#include "spark/base/secret.h"

/* The server's half of SCRAM-SHA-256 (RFC 5802 and 7677), without channel binding. */
#define SCRAM_ITERATIONS   4096
#define SCRAM_SALT_BYTES   16
#define SCRAM_MAX_SALT     64
#define SCRAM_MAX_NONCE    256
#define SCRAM_SERVER_NONCE 24 /* characters of our part of the nonce */

struct scram_verifier {
	unsigned char salt[SCRAM_MAX_SALT];
	size_t salt_len;
	uint32_t iterations;
	unsigned char stored_key[SHA256_SIZE], server_key[SHA256_SIZE];
};

/* From a password. Passwords beyond ASCII are taken as their UTF-8 bytes, as PostgreSQL does with what SASLprep cannot
 * prepare. */
int scram_verifier_make(const struct secret *password, const unsigned char *salt, size_t salt_len,
			struct scram_verifier *out, struct err *err) MUST_CHECK;
/* As PostgreSQL keeps it: SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>. False: it is none. */
bool scram_verifier_parse(const char *text, struct scram_verifier *out);
int scram_verifier_print(const struct scram_verifier *v, struct buf *out, struct err *err) MUST_CHECK;

/* One exchange: texts of the messages, as the signatures cover them. */
struct scram {
	struct buf client_first_bare, server_first; /* both without the header of GSS */
	char header[4];                             /* "n,," or "y,," */
};
void scram_init(struct scram *x);
void scram_clear(struct scram *x);

/* The client's first message (len bytes) makes ours, which is appended to out. nonce: SCRAM_SERVER_NONCE printable
 * characters without a comma. ERR_DATABASE with sqlstate 08P01 when it is none, 0A000 when it wants what we have not.
 */
int scram_begin(struct scram *x, const char *first, size_t len, const struct scram_verifier *v, const char *nonce,
		struct buf *out, struct err *err) MUST_CHECK;
/* The client's last message: does it prove the password of v? Then our own proof is appended to out. More than one
 * verifier with the same salt may be tried. -1: it is no such message. */
int scram_prove(const struct scram *x, const char *last, size_t len, const struct scram_verifier *v, bool *proved,
		struct buf *out, struct err *err) MUST_CHECK;

#endif
