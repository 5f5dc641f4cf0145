#ifndef SPARK_AWS_CHAIN_PRIVATE_H
#define SPARK_AWS_CHAIN_PRIVATE_H

#include "aws/profile.h"
#include "spark/aws/credentials.h"

/* A search for credentials. Each place says found, nothing there, or failed (err is set). */
enum { CHAIN_FAILED = -1, CHAIN_NOTHING = 0, CHAIN_FOUND = 1 };

struct chain {
	const struct aws_chain_options *o;
	const struct clock *clock;
	const char *region;
	int timeout_ms;
	struct profiles profiles;
	bool profiles_read;
	struct buf looked; /* the places without credentials, for the message */
};

void chain_looked_at(struct chain *c, const char *place);
/* Fills out with keys of `place`, after looking at how they are written. secret and token may be NULL. */
int chain_take(const char *place, const char *id, const struct secret *secret, const struct secret *token,
	       struct aws_credentials *out, struct err *err) MUST_CHECK;
/* AWS_ACCESS_KEY_ID and its like. */
int chain_from_environment(struct chain *c, struct aws_credentials *out, struct err *err) MUST_CHECK;
/* A profile, everything that may stand in it. named: it has to exist. environment: may AWS_WEB_IDENTITY_TOKEN_FILE and
 * AWS_ROLE_ARN count. */
int chain_from_profile(struct chain *c, const char *profile, bool named, bool environment, struct aws_credentials *out,
		       struct err *err) MUST_CHECK;
/* The same without its role_arn. */
int chain_from_profile_keys(struct chain *c, const char *profile, bool environment, struct aws_credentials *out,
			    struct err *err) MUST_CHECK;
/* Has the profile an access key of its own? */
bool chain_profile_has_keys(const struct chain *c, const char *profile);
/* The profile's role_arn, taken with the keys of source_profile or credential_source. */
int chain_from_role(struct chain *c, const char *profile, struct aws_credentials *out, struct err *err) MUST_CHECK;
int chain_from_web_identity(struct chain *c, const char *profile, bool environment, struct aws_credentials *out,
			    struct err *err) MUST_CHECK;
int chain_from_sso(struct chain *c, const char *profile, struct aws_credentials *out, struct err *err) MUST_CHECK;
int chain_from_process(struct chain *c, const char *profile, struct aws_credentials *out, struct err *err) MUST_CHECK;
int chain_from_container(struct chain *c, struct aws_credentials *out, struct err *err) MUST_CHECK;
int chain_from_metadata(struct chain *c, struct aws_credentials *out, struct err *err) MUST_CHECK;

/* Takes a role: AssumeRole with `keys`, AssumeRoleWithWebIdentity (which is not signed) when they are NULL. */
struct chain_role {
	const char *arn, *session_name, *external_id;
	const struct secret *web_token;
	int duration_s; /* 0: the role's default */
};
int chain_assume(struct chain *c, const struct aws_credentials *keys, const struct chain_role *role, const char *place,
		 struct aws_credentials *out, struct err *err) MUST_CHECK;
/* "sparkctl-1795255592": a session's name when none was given. */
void chain_session_name(const struct chain *c, char out[40]);

#endif
