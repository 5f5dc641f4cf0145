#include "sandbox/access/verify.h"

/* One row per refusal: AWS's code, status and message in each family of services. */
struct refusal {
	const char *code;
	int status;
	const char *text;
};

#define TEXT_MISMATCH                                                                                           \
	"The request signature we calculated does not match the signature you provided. Check your AWS Secret " \
	"Access Key and signing method. Consult the service documentation for details."
#define TEXT_S3_MISMATCH                                                                                             \
	"The request signature we calculated does not match the signature you provided. Check your key and signing " \
	"method."
#define TEXT_EC2     "AWS was not able to validate the provided access credentials"
#define TEXT_TOKEN   "The security token included in the request is invalid."
#define TEXT_EXPIRED "The security token included in the request is expired"

/* clang-format off */
static const struct refusal rows[SIGN_REFUSALS][3] = {
	[SIGN_MISSING] = {
		{ "MissingAuthenticationToken", 403, "Request is missing Authentication Token" },
		{ "AuthFailure", 401, TEXT_EC2 },
		{ "AccessDenied", 403, "Access Denied" } },
	[SIGN_INCOMPLETE] = {
		{ "IncompleteSignature", 400, "The request signature does not conform to AWS standards." },
		{ "AuthFailure", 401, TEXT_EC2 },
		{ "AuthorizationHeaderMalformed", 400, "The authorization header that you provided is not valid." } },
	[SIGN_SCOPE] = {
		{ "SignatureDoesNotMatch", 403, TEXT_MISMATCH },
		{ "AuthFailure", 401, TEXT_EC2 },
		{ "AuthorizationHeaderMalformed", 400, "The authorization header that you provided is not valid." } },
	[SIGN_UNKNOWN_KEY] = {
		{ "InvalidClientTokenId", 403, TEXT_TOKEN },
		{ "AuthFailure", 401, TEXT_EC2 },
		{ "InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records." } },
	[SIGN_TOKEN] = {
		{ "InvalidClientTokenId", 403, TEXT_TOKEN },
		{ "AuthFailure", 401, TEXT_EC2 },
		{ "InvalidToken", 400, "The provided token is malformed or otherwise invalid." } },
	[SIGN_TOKEN_EXPIRED] = {
		{ "ExpiredToken", 403, TEXT_EXPIRED },
		{ "RequestExpired", 400, "Request has expired." },
		{ "ExpiredToken", 400, "The provided token has expired." } },
	[SIGN_TIME] = {
		{ "SignatureDoesNotMatch", 403, TEXT_MISMATCH },
		{ "RequestExpired", 400, "Request has expired." },
		{ "RequestTimeTooSkewed", 403, "The difference between the request time and the current time is too large." } },
	[SIGN_EXPIRED] = {
		{ "SignatureDoesNotMatch", 403, TEXT_MISMATCH },
		{ "RequestExpired", 400, "Request has expired." },
		{ "AccessDenied", 403, "Request has expired" } },
	[SIGN_MISMATCH] = {
		{ "SignatureDoesNotMatch", 403, TEXT_MISMATCH },
		{ "SignatureDoesNotMatch", 403, TEXT_MISMATCH },
		{ "SignatureDoesNotMatch", 403, TEXT_S3_MISMATCH } },
	[SIGN_UNSIGNED_HEADER] = {
		{ "SignatureDoesNotMatch", 403, TEXT_MISMATCH },
		{ "AuthFailure", 401, TEXT_EC2 },
		{ "AccessDenied", 403, "There were headers present in the request which were not signed" } },
	[SIGN_PAYLOAD] = {
		{ "SignatureDoesNotMatch", 403, TEXT_MISMATCH },
		{ "SignatureDoesNotMatch", 403, TEXT_MISMATCH },
		{ "XAmzContentSHA256Mismatch", 400, "The provided 'x-amz-content-sha256' header does not match what was computed." } },
};
/* clang-format on */

enum sign_style sign_style_of(const char *service)
{
	if (!strcmp(service, "s3"))
		return SIGN_S3;
	return !strcmp(service, "ec2") ? SIGN_EC2 : SIGN_QUERY;
}

int sign_refuse(enum sign_style style, enum sign_refusal what, struct err *err, const char *fmt, ...)
{
	const struct refusal *row = &rows[what][style];
	char text[1024];
	va_list ap;

	/* EC2 tells nothing beyond its own sentence. */
	if (!fmt || style == SIGN_EC2)
		return service_error(err, row->status, row->code, "%s", row->text);
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return service_error(err, row->status, row->code, "%s", text);
}
