#include "sandbox/access/verify.h"
#include "sandbox/access/verify_2.h"
#include "spark/base/clock.h"
#include "spark/base/url.h"

#define ALGORITHM "AWS4-HMAC-SHA256"

static bool copy_text(char *to, size_t size, const char *from, size_t len)
{
	if (len >= size)
		return false;
	memcpy(to, from, len);
	to[len] = 0;
	return true;
}

bool sign_list_has(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = list; *p;) {
		size_t n = strcspn(p, ";");

		if (n == len && !strncasecmp(p, name, len))
			return true;
		p += n;
		p += *p == ';';
	}
	return false;
}

bool sign_query_param(const char *query, const char *name, char *out, size_t size)
{
	size_t name_len = strlen(name);

	for (const char *p = query; *p;) {
		size_t len = strcspn(p, "&");

		if (len > name_len && p[name_len] == '=' && !strncmp(p, name, name_len)) {
			struct buf b;
			struct err ignored;
			bool ok;

			buf_init(&b, size);
			ok = !url_decode(&b, p + name_len + 1, len - name_len - 1, true, &ignored) && !b.failed &&
			     strlen(b.data) == b.len && copy_text(out, size, b.data, b.len);
			buf_clear(&b);
			return ok;
		}
		p += len;
		p += *p == '&';
	}
	return false;
}

int sign_parse_scope(const char *scope, struct sign_claim *c, struct err *err)
{
	struct {
		char *to;
		size_t size;
	} part[5];
	char terminator[24] = "";
	const char *p = scope;
	int n = 0;
	bool whole = true;

	part[0].to = c->key_id, part[0].size = sizeof(c->key_id);
	part[1].to = c->date, part[1].size = sizeof(c->date);
	part[2].to = c->region, part[2].size = sizeof(c->region);
	part[3].to = c->service, part[3].size = sizeof(c->service);
	part[4].to = terminator, part[4].size = sizeof(terminator);
	for (; whole && n < 5; n++) {
		size_t len = strcspn(p, "/");

		whole = len && copy_text(part[n].to, part[n].size, p, len);
		p += len;
		if (n < 4) {
			whole = whole && *p == '/';
			p += *p == '/';
		}
	}
	if (!whole || *p)
		return sign_refuse(sign_style_of(c->service), SIGN_INCOMPLETE, err,
				   "Credential must have exactly 5 slash-delimited elements, e.g. "
				   "keyid/date/region/service/term, got '%.200s'",
				   scope);
	if (strcmp(terminator, "aws4_request"))
		return sign_refuse(sign_style_of(c->service), SIGN_SCOPE, err,
				   "Credential should be scoped with a valid terminator: 'aws4_request', not '%s'.",
				   terminator);
	return 0;
}

/* Takes "Name=value" parts, separated by commas and blanks, out of the Authorization header. */
static bool header_part(const char *text, const char *name, char *out, size_t size)
{
	size_t name_len = strlen(name);

	while (*text) {
		size_t len;

		text += strspn(text, ", ");
		len = strcspn(text, ", ");
		if (len > name_len && text[name_len] == '=' && !strncmp(text, name, name_len))
			return copy_text(out, size, text + name_len + 1, len - name_len - 1);
		text += len;
	}
	return false;
}

/* The signer's form of the time; clients may send Date instead of X-Amz-Date. */
static int read_date(const char *text, struct sign_claim *c, struct err *err)
{
	struct err ignored;
	int64_t ms;
	char basic[CLOCK_TEXT];
	size_t len;

	if (clock_parse(text, &ms, &ignored))
		return sign_refuse(sign_style_of(c->service), SIGN_INCOMPLETE, err,
				   "Date must be in ISO-8601 'basic format'. Got '%.60s'.", text);
	/* Most often it has that form already. */
	len = strlen(text);
	if (len == 16 && text[8] == 'T' && text[15] == 'Z') {
		copy_text(c->amz_date, sizeof(c->amz_date), text, len);
		return 0;
	}
	clock_basic(ms, basic);
	if (!copy_text(c->amz_date, sizeof(c->amz_date), basic, strlen(basic)))
		return err_set(err, ERR_BUG, "a basic date has %zu characters", strlen(basic));
	return 0;
}

static int parse_header(const struct http_request *r, const char *text, struct sign_claim *c, struct err *err)
{
	const char *date = http_header(r, "x-amz-date"), *token = http_header(r, "x-amz-security-token");
	char scope[256] = "";
	bool credential, headers, signature;

	text += strlen(ALGORITHM);
	credential = header_part(text, "Credential", scope, sizeof(scope));
	headers = header_part(text, "SignedHeaders", c->signed_headers, sizeof(c->signed_headers));
	signature = header_part(text, "Signature", c->signature, sizeof(c->signature));
	if (credential && sign_parse_scope(scope, c, err))
		return -1;
	if (!date)
		date = http_header(r, "date");
	if (!credential || !headers || !signature || !date)
		return sign_refuse(
			sign_style_of(c->service), SIGN_INCOMPLETE, err, "%s%s%s%sAuthorization=%s",
			credential ? "" : "Authorization header requires 'Credential' parameter. ",
			signature ? "" : "Authorization header requires 'Signature' parameter. ",
			headers ? "" : "Authorization header requires 'SignedHeaders' parameter. ",
			date ? ""
			     : "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ",
			ALGORITHM);
	if (token && !copy_text(c->token, sizeof(c->token), token, strlen(token)))
		return sign_refuse(sign_style_of(c->service), SIGN_TOKEN, err, NULL);
	return read_date(date, c, err);
}

static int parse_query(const struct http_request *r, struct sign_claim *c, struct err *err)
{
	const char *q = r->query;
	char scope[256], date[CLOCK_TEXT], expires[16] = "", *end;
	long seconds;

	c->presigned = true;
	if (!sign_query_param(q, "X-Amz-Credential", scope, sizeof(scope)))
		return sign_refuse(SIGN_S3, SIGN_INCOMPLETE, err,
				   "Query-string authentication requires the "
				   "X-Amz-Credential parameter.");
	if (sign_parse_scope(scope, c, err))
		return -1;
	if (!sign_query_param(q, "X-Amz-Date", date, sizeof(date)) ||
	    !sign_query_param(q, "X-Amz-SignedHeaders", c->signed_headers, sizeof(c->signed_headers)) ||
	    !sign_query_param(q, "X-Amz-Signature", c->signature, sizeof(c->signature)) ||
	    (sign_style_of(c->service) == SIGN_S3 && !sign_query_param(q, "X-Amz-Expires", expires, sizeof(expires))))
		return sign_refuse(sign_style_of(c->service), SIGN_INCOMPLETE, err,
				   "Query-string authentication version 4 requires the X-Amz-Algorithm, "
				   "X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and "
				   "X-Amz-Expires parameters.");
	if (!*expires && !sign_query_param(q, "X-Amz-Expires", expires, sizeof(expires)))
		copy_text(expires, sizeof(expires), "300", 3);
	seconds = strtol(expires, &end, 10);
	if (end == expires || *end || seconds < 0 || seconds > 604800)
		return sign_refuse(sign_style_of(c->service), SIGN_INCOMPLETE, err,
				   "X-Amz-Expires must be a number of seconds from 0 to 604800 (a week)");
	c->expires_s = seconds;
	if (strstr(q, "X-Amz-Security-Token=") &&
	    !sign_query_param(q, "X-Amz-Security-Token", c->token, sizeof(c->token)))
		return sign_refuse(sign_style_of(c->service), SIGN_TOKEN, err, NULL);
	return read_date(date, c, err);
}

int sign_claim_parse(const struct http_request *r, struct sign_claim *c, struct err *err)
{
	const char *authorization = http_header(r, "authorization");
	char algorithm[32];

	memset(c, 0, offsetof(struct sign_claim, signed_headers));
	*c->signed_headers = *c->token = 0;
	if (authorization) {
		if (!strncmp(authorization, "AWS ", 4))
			return service_error(err, 400, "InvalidRequest", "%s", SIGN_USE_4);
		if (strncmp(authorization, ALGORITHM " ", strlen(ALGORITHM) + 1))
			return sign_refuse(SIGN_QUERY, SIGN_INCOMPLETE, err,
					   "Unsupported signing algorithm: the sandbox verifies " ALGORITHM " only");
		if (parse_header(r, authorization, c, err))
			return -1;
		if (sign_style_of(c->service) == SIGN_S3 &&
		    (sign_query_param(r->query, "X-Amz-Algorithm", algorithm, sizeof(algorithm)) ||
		     sign_2_is_claimed(r->query)))
			return service_error(err, 400, "InvalidArgument",
					     "Only one auth mechanism allowed; only the X-Amz-Algorithm query "
					     "parameter, Signature query string parameter or the Authorization header "
					     "should be specified");
		return 0;
	}
	if (sign_query_param(r->query, "X-Amz-Algorithm", algorithm, sizeof(algorithm))) {
		if (strcmp(algorithm, ALGORITHM))
			return sign_refuse(SIGN_S3, SIGN_INCOMPLETE, err,
					   "X-Amz-Algorithm only supports \"" ALGORITHM "\"");
		return parse_query(r, c, err);
	}
	if (sign_2_is_claimed(r->query))
		return sign_2_parse(r, c, err);
	/* A form is meant for a query service; anything else is an anonymous call of S3. */
	return sign_refuse(!strcmp(r->target, "/") && !strcmp(r->method, "POST") ? SIGN_QUERY : SIGN_S3, SIGN_MISSING,
			   err, NULL);
}

bool verify_claimed_service(const struct http_request *r, char out[32])
{
	const struct sign_claim *known = r->claim;
	struct sign_claim c;
	struct err ignored;

	if (!known) {
		if (sign_claim_parse(r, &c, &ignored) && !*c.service)
			return false;
		known = &c;
	}
	copy_text(out, 32, known->service, strlen(known->service));
	return true;
}
