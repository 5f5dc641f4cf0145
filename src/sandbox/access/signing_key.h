#ifndef SPARK_SANDBOX_ACCESS_SIGNING_KEY_H
#define SPARK_SANDBOX_ACCESS_SIGNING_KEY_H

#include "sandbox/access/verify.h"
#include "spark/base/hash.h"
#include "spark/base/secret.h"

/* The key that signs requests of one secret on one day in one region and service. It is worth remembering: working it
 * out takes four hashes, checking a signature with it one. What is remembered lies beside the secret that it was made
 * from and is only given for the same one, so it can answer nothing that the store would not; when the store no longer
 * has a key, signing_key_forget() wipes what was made from it. */

int signing_key_get(const struct sign_claim *c, const struct secret *secret, unsigned char out[SHA256_SIZE],
		    struct err *err) MUST_CHECK;
/* Of this access key; NULL: of all. */
void signing_key_forget(const char *key_id);

#endif
