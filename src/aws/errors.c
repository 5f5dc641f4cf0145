#include "aws/errors.h"

#include "spark/base/clock.h"
#include "spark/base/json.h"
#include "spark/base/xml.h"

/* What to do about codes that a user can mend. %s: where the credentials came from. */
enum hint_kind { HINT_PLAIN, HINT_SOURCE };
static const struct hint_row {
	const char *code;
	enum err_kind kind;
	enum hint_kind hint_kind;
	const char *hint;
} hints[] = {
	{ "SignatureDoesNotMatch", ERR_CREDENTIALS, HINT_SOURCE,
	  "check the secret access key: it does not belong to the access key id (both come from %s)" },
	{ "InvalidSignatureException", ERR_CREDENTIALS, HINT_SOURCE,
	  "check the secret access key: it does not belong to the access key id (both come from %s)" },
	{ "InvalidClientTokenId", ERR_CREDENTIALS, HINT_SOURCE,
	  "check the access key id, and the session token if there is one: AWS does not know it (it comes from %s)" },
	{ "UnrecognizedClientException", ERR_CREDENTIALS, HINT_SOURCE,
	  "check the access key id, and the session token if there is one: AWS does not know it (it comes from %s)" },
	{ "InvalidAccessKeyId", ERR_CREDENTIALS, HINT_SOURCE,
	  "check the access key id: AWS does not know it (it comes from %s)" },
	{ "AuthFailure", ERR_CREDENTIALS, HINT_SOURCE,
	  "check access key id and secret access key (both come from %s)" },
	{ "InvalidToken", ERR_CREDENTIALS, HINT_SOURCE, "check the session token (it comes from %s)" },
	{ "ExpiredToken", ERR_CREDENTIALS, HINT_SOURCE, "these credentials ran out: get new ones (they come from %s)" },
	{ "ExpiredTokenException", ERR_CREDENTIALS, HINT_SOURCE,
	  "these credentials ran out: get new ones (they come from %s)" },
	{ "RequestExpired", ERR_AWS, HINT_PLAIN, "check this machine's clock" },
	{ "RequestTimeTooSkewed", ERR_AWS, HINT_PLAIN, "check this machine's clock" },
	{ "MissingAuthenticationToken", ERR_CREDENTIALS, HINT_PLAIN,
	  "give credentials: in the environment, in dwh.cfg or in a profile" },
	{ "AccessDenied", ERR_AWS, HINT_SOURCE,
	  "ask for permission for this action, or use other credentials (these come from %s)" },
	{ "AccessDeniedException", ERR_AWS, HINT_SOURCE,
	  "ask for permission for this action, or use other credentials (these come from %s)" },
	{ "UnauthorizedOperation", ERR_AWS, HINT_SOURCE,
	  "ask for permission for this action, or use other credentials (these come from %s)" },
	{ "OptInRequired", ERR_AWS, HINT_PLAIN, "sign the account up for this service in the AWS console" },
	{ "AuthorizationHeaderMalformed", ERR_AWS, HINT_PLAIN, "check the region" },
	{ "PermanentRedirect", ERR_AWS, HINT_PLAIN, "the bucket is in another region: name it with [S3] REGION" },
	{ "NoSuchBucket", ERR_AWS, HINT_PLAIN, "check the bucket's name" },
	{ "BucketAlreadyExists", ERR_CONFLICT, HINT_PLAIN, "bucket names are shared by all accounts: choose another" },
	{ "BucketAlreadyOwnedByYou", ERR_CONFLICT, HINT_PLAIN, "the bucket is yours already: use it as it is" },
	{ "BucketNotEmpty", ERR_CONFLICT, HINT_PLAIN, "delete its objects first" },
	{ "ClusterQuotaExceeded", ERR_AWS, HINT_PLAIN, "delete a cluster, or ask AWS for a higher quota" },
	{ "NumberOfNodesQuotaExceeded", ERR_AWS, HINT_PLAIN, "use fewer nodes, or ask AWS for a higher quota" },
	{ "InsufficientClusterCapacity", ERR_AWS, HINT_PLAIN, "try again later, or use another node type or region" },
	{ "LimitExceeded", ERR_AWS, HINT_PLAIN, "delete what is not needed, or ask AWS for a higher quota" },
	{ "SlowDown", ERR_AWS, HINT_PLAIN, "the service asks for fewer requests: try again in a minute" },
	{ "ThrottlingException", ERR_AWS, HINT_PLAIN, "the service asks for fewer requests: try again in a minute" },
	{ "InsufficientCapacityException", ERR_AWS, HINT_PLAIN, "try again later, or in another region" },
	{ "ServiceQuotaExceededException", ERR_AWS, HINT_PLAIN,
	  "delete what is not needed, or ask AWS for a higher quota" },
	{ "Throttling", ERR_AWS, HINT_PLAIN, "the service asks for fewer requests: try again in a minute" },
	{ "RequestLimitExceeded", ERR_AWS, HINT_PLAIN, "the service asks for fewer requests: try again in a minute" },
};

bool service_error_parse(const char *text, size_t len, struct service_error *out)
{
	struct xml_doc *doc = len > 0 ? xml_parse(text, len, NULL) : NULL;
	const struct xml_node *root = doc ? xml_root(doc) : NULL;
	const struct xml_node *error = NULL;
	struct service_error e = { 0 };

	if (root && strcmp(xml_name(root), "Error") == 0)
		error = root;
	else if (root && strcmp(xml_name(root), "ErrorResponse") == 0)
		error = xml_child(root, "Error");
	else if (root && strcmp(xml_name(root), "Response") == 0)
		error = xml_path(root, "Errors/Error");
	bool found = error && xml_text_into(error, "Code", e.code, sizeof(e.code)) && e.code[0];
	if (found) {
		struct buf message;
		buf_init(&message, BUF_MAX_DEFAULT);
		if (xml_text(error, "Message", &message))
			snprintf(e.message, sizeof(e.message), "%s", message.data);
		buf_clear(&message);
		/* Query puts the request's id beside the error, ec2 spells it otherwise, s3 has it inside. */
		(void)(xml_text_into(root, "RequestId", e.request_id, sizeof(e.request_id)) ||
		       xml_text_into(root, "RequestID", e.request_id, sizeof(e.request_id)));
		(void)(xml_text_into(error, "Region", e.region, sizeof(e.region)));
		*out = e;
	}
	xml_free(doc);
	return found;
}

/* The JSON protocol's: {"__type": "Code" or "namespace#Code", "message" or "Message": ...}. */
static bool parse_json_error(const char *text, size_t len, struct service_error *out)
{
	struct json *j = len > 0 && text[0] == '{' ? json_parse(text, len, NULL) : NULL;
	const char *type = json_str(j, "__type", json_str(j, "code", ""));
	const char *code = strrchr(type, '#');
	struct service_error e = { 0 };

	if (*type) {
		snprintf(e.code, sizeof(e.code), "%s", code ? code + 1 : type);
		snprintf(e.message, sizeof(e.message), "%s", json_str(j, "message", json_str(j, "Message", "")));
		*out = e;
	}
	json_free(j);
	return e.code[0] != '\0';
}

/* S3's codes for replies that have a status only. */
static const struct {
	int status;
	const char *code, *message;
} bare_codes[] = {
	{ 301, "PermanentRedirect", "the bucket is in another region" },
	{ 304, "NotModified", "not modified" },
	{ 307, "TemporaryRedirect", "the request has to go to another address" },
	{ 403, "AccessDenied", "access denied" },
	{ 404, "NotFound", "not found" },
	{ 412, "PreconditionFailed", "a condition of the request does not hold" },
	{ 416, "InvalidRange", "the range lies outside of the object" },
	{ 503, "ServiceUnavailable", "service unavailable" },
};

void service_error_read(const struct http_answer *answer, struct service_error *out)
{
	struct service_error e = { 0 };

	if (!service_error_parse(answer->body.data, answer->body.len, &e) &&
	    !parse_json_error(answer->body.data, answer->body.len, &e)) {
		snprintf(e.message, sizeof(e.message), "HTTP status %d", answer->status);
		/* Something else in the body comes from something else on the way. */
		bool bare = answer->body.len == 0;
		for (size_t i = 0; bare && i < sizeof(bare_codes) / sizeof(bare_codes[0]); i++) {
			if (bare_codes[i].status != answer->status)
				continue;
			snprintf(e.code, sizeof(e.code), "%s", bare_codes[i].code);
			snprintf(e.message, sizeof(e.message), "%s", bare_codes[i].message);
		}
	}
	if (e.region[0] == '\0')
		memcpy(e.region, answer->bucket_region, sizeof(e.region));
	if (e.request_id[0] == '\0')
		memcpy(e.request_id, answer->request_id, sizeof(e.request_id));
	*out = e;
}

static void set_hint(const char *code, const char *source, struct err *err)
{
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		if (strcmp(hints[i].code, code) != 0)
			continue;
		err->kind = hints[i].kind;
		if (hints[i].hint_kind == HINT_PLAIN) {
			err_hint(err, "%s", hints[i].hint);
			return;
		}
		/* The one %s is split by hand: the format is data. */
		const char *mark = strstr(hints[i].hint, "%s");
		err_hint(err, "%.*s%s%s", (int)(mark - hints[i].hint), hints[i].hint, source ? source : "the caller",
			 mark + 2);
		return;
	}
}

int service_error_tell(const struct service_error *e, const struct call_context *ctx, int http_status, struct err *err)
{
	size_t len = strlen(e->message);
	const char *subject = ctx->subject ? ctx->subject : "";

	if (!err)
		return -1;
	while (len > 0 && (e->message[len - 1] == '.' || e->message[len - 1] == ' ' || e->message[len - 1] == '\n'))
		len--;
	err_set(err, ERR_AWS, "%s %s%s%s%s failed: %.*s%s%s%s", ctx->service, ctx->action, subject[0] ? " of '" : "",
		subject, subject[0] ? "'" : "", (int)len, e->message, e->code[0] ? " (" : "", e->code,
		e->code[0] ? ")" : "");
	err->http_status = http_status;
	memcpy(err->code, e->code, sizeof(err->code));
	memcpy(err->request_id, e->request_id, sizeof(err->request_id));
	set_hint(e->code, ctx->source, err);
	return -1;
}

bool service_error_is_stale_credentials(const struct service_error *e)
{
	/* RequestExpired is EC2's for credentials too; a wrong clock was told before. */
	static const char *const codes[] = {
		"ExpiredToken",       "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException",
		"InvalidAccessKeyId", "InvalidToken",          "AuthFailure",          "RequestExpired",
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(codes[i], e->code) == 0)
			return true;
	return false;
}

bool service_error_is_skew(const struct service_error *e, const struct http_answer *answer, int64_t now_ms,
			   int64_t *offset_ms)
{
	/* Services allow five minutes; less than that is not the clock, whatever the code says. */
	const int64_t tolerated_ms = (int64_t)4 * 60 * 1000;
	bool said = strcmp(e->code, "RequestTimeTooSkewed") == 0 || strcmp(e->code, "RequestExpired") == 0 ||
		    strstr(e->message, "Signature expired") || strstr(e->message, "not yet current");
	/* A HEAD has no text to say it in. */
	bool silent = answer->status == 403 && answer->body.len == 0;
	int64_t server_ms;

	if ((!said && !silent) || answer->date[0] == '\0' || clock_parse(answer->date, &server_ms, NULL) != 0)
		return false;
	*offset_ms = server_ms - now_ms;
	return *offset_ms > tolerated_ms || *offset_ms < -tolerated_ms;
}
