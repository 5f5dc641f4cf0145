/* Layer: aws. A raw HTTP request is refused with a reason or signed; its canonical form has the lines it must have, and
 * signing what is signed already gives the same again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "spark/aws/sigv4.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* method, path, query; then headers, an empty line, their names, the hash. */
static void check_form(const char *text, const struct sign_request *r)
{
	const char *end = strrchr(text, '\n');
	size_t lines = 1;

	for (const char *p = text; *p; p++)
		lines += *p == '\n';
	if (lines < 7 || !end || !strstr(text, "\nx-amz-date:20261121T100632Z\n"))
		abort();
	/* A hash that the request brings along is its own affair. */
	if (strlen(r->payload_hash) == 64 && strcmp(end + 1, r->payload_hash) != 0)
		abort();
}

static void sign_both_ways(struct raw_request *raw, const struct aws_credentials *creds)
{
	struct sign_scope s = { "us-west-2", "s3", "20261121T100632Z", true };
	struct buf first, second, auth;
	struct err err;

	for (int i = 0; i < 2; i++) {
		s.normalize = i == 0;
		buf_init(&first, BUF_MAX_DEFAULT);
		buf_init(&second, BUF_MAX_DEFAULT);
		buf_init(&auth, BUF_MAX_DEFAULT);
		if (raw_request_prepare(raw, &s, creds, &err) != 0)
			abort();
		if (sigv4_canonical_request(raw_request_view(raw), &s, &first, &err) == 0) {
			check_form(first.data, raw_request_view(raw));
			if (raw_request_prepare(raw, &s, creds, &err) != 0 ||
			    sigv4_canonical_request(raw_request_view(raw), &s, &second, &err) != 0 ||
			    strcmp(first.data, second.data) != 0 ||
			    sigv4_authorization(raw_request_view(raw), &s, creds, &auth, &err) != 0)
				abort();
		} else if (err.kind != ERR_USAGE) {
			abort();
		}
		buf_clear(&auth);
		buf_clear(&second);
		buf_clear(&first);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct aws_credentials creds = { .access_key_id = "AKIDEXAMPLE" };
	struct err err = { 0 };
	struct raw_request *raw = raw_request_parse((const char *)data, size, &err);

	if (!raw) {
		if (err.kind != ERR_USAGE || err.text[0] == '\0')
			abort();
		return 0;
	}
	if (secret_set(&creds.secret_access_key, "secret", &err) != 0 ||
	    secret_set(&creds.session_token, "token", &err) != 0)
		abort();
	sign_both_ways(raw, &creds);
	raw_request_free(raw);
	aws_credentials_clear(&creds);
	return 0;
}
