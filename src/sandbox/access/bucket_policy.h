#ifndef SPARK_SANDBOX_ACCESS_BUCKET_POLICY_H
#define SPARK_SANDBOX_ACCESS_BUCKET_POLICY_H

#include "sandbox/access/principal.h"

/* Policies of buckets. One lies parsed in its bucket's document as "policy", with the unique ids of the account's users
 * and roles in the place of their ARNs, as AWS keeps it: whoever is made anew under an old name is somebody else.
 * "publicAccessBlock" beside it holds the four settings; absent: all are on; empty: they were removed. */
#define BUCKET_POLICY_MAX ((size_t)20 * 1024)

/* The bucket that a resource's ARN ("arn:aws:s3:::bucket/key") lies in; false: it is of no bucket. */
bool bucket_of_resource(const char *arn, char bucket[64]);
/* Its policy; NULL: none. Lends from the store: hold its lock. */
const struct json *bucket_policy_of(struct world *w, const char *bucket);

/* What the policy says of somebody who wants to do something. */
struct bucket_word {
	bool denied;
	enum principal_named allowed; /* PRINCIPAL_NONE: it does not allow it to him */
};
/* policy NULL: it says nothing. */
void bucket_policy_ask(const struct json *policy, const struct principal *who, const char *action, const char *resource,
		       const struct json *context, struct bucket_word *out);

/* Which policy has the last word within one account. `own` are those of the user or role, `session` those of a session
 * (ACCESS_ALLOWED when it has none). What the bucket allows to the account its own policies have to hand on; anybody
 * whom it names otherwise needs none. */
enum verdict {
	VERDICT_ALLOWED,
	VERDICT_IDENTITY_DENIES,
	VERDICT_IDENTITY_SILENT,
	VERDICT_SESSION_DENIES,
	VERDICT_SESSION_SILENT,
	VERDICT_BUCKET_DENIES
};
enum verdict access_verdict(enum access_decision own, enum access_decision session, const struct bucket_word *bucket);

/* As S3 tells it: does it allow anything to everybody, not held back by a condition on a fixed value? */
bool bucket_policy_is_public(const struct json *policy);

/* One of the four settings of a bucket's document. */
bool bucket_block_is_on(const struct json *bucket_doc, const char *setting);

/* Is the text one that S3 would take for this bucket? The document to keep into *out, or MalformedPolicy with S3's
 * sentence. Under the store's lock. */
int bucket_policy_parse(struct world *w, const char *bucket, const char *text, size_t len, struct json **out,
			struct err *err) MUST_CHECK;
/* The kept document with ARNs again, as far as their owners are there. Under the store's lock. */
int bucket_policy_print(struct world *w, const struct json *policy, struct buf *out, struct err *err) MUST_CHECK;

/* bucket_policy_actions.c: is there an action of S3 that the pattern means and that concerns buckets or objects? */
enum { BUCKET_ACTION = 1, OBJECT_ACTION = 2 };
int bucket_policy_action_levels(const char *pattern);

#endif
