#ifndef SPARK_AWS_CHAIN_JSON_PRIVATE_H
#define SPARK_AWS_CHAIN_JSON_PRIVATE_H

#include "spark/aws/credentials.h"
#include "spark/base/json.h"

/* Keys in a JSON document, under the names that its kind uses. */
struct json_key_names {
	const char *id, *secret, *token, *expiration;
	bool temporary; /* token and expiration must be there */
};
/* place: for messages, and as the source. The document's secrets are wiped. */
int chain_take_json(struct json *doc, const struct json_key_names *names, const char *place,
		    struct aws_credentials *out, struct err *err) MUST_CHECK;
/* The whole output of a credential_process. */
int chain_take_process_output(const char *text, size_t len, const char *place, struct aws_credentials *out,
			      struct err *err) MUST_CHECK;
/* The token of a file below ~/.aws/sso/cache, unless it has ended at now_ms: *ended, then 0 with no token. */
int chain_take_sso_token(const char *text, size_t len, const char *path, int64_t now_ms, struct secret *token,
			 bool *ended, struct err *err) MUST_CHECK;
/* ISO 8601 with Z, UTC or an offset, and a fraction of any length, to milliseconds since 1970. */
int chain_parse_time(const char *text, int64_t *ms) MUST_CHECK;

#endif
