/* The three shapes in which services refuse. */
#include "aws/errors.h"

#include "unit/cm.h"

static void all_three_shapes_are_read(void **state)
{
	static const struct {
		const char *text, *code, *message, *request_id, *region;
	} rows[] = {
		{ "<ErrorResponse xmlns=\"http://redshift.amazonaws.com/doc/2012-12-01/\"><Error><Type>Sender</Type>"
		  "<Code>ClusterNotFound</Code><Message>Cluster x not "
		  "found.</Message></Error><RequestId>a-1</RequestId>"
		  "</ErrorResponse>",
		  "ClusterNotFound", "Cluster x not found.", "a-1", "" },
		{ "<?xml version=\"1.0\" "
		  "encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>InvalidGroup.NotFound</Code>"
		  "<Message>The security group 'sg-1' does not "
		  "exist</Message></Error></Errors><RequestID>b-2</RequestID>"
		  "</Response>",
		  "InvalidGroup.NotFound", "The security group 'sg-1' does not exist", "b-2", "" },
		{ "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>AuthorizationHeaderMalformed</Code>"
		  "<Message>the region is wrong</Message><Region>eu-west-1</Region><RequestId>c-3</RequestId></Error>",
		  "AuthorizationHeaderMalformed", "the region is wrong", "c-3", "eu-west-1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct service_error e;
		assert_true(service_error_parse(rows[i].text, strlen(rows[i].text), &e));
		assert_string_equal(e.code, rows[i].code);
		assert_string_equal(e.message, rows[i].message);
		assert_string_equal(e.request_id, rows[i].request_id);
		assert_string_equal(e.region, rows[i].region);
	}
}

static void other_documents_are_no_errors(void **state)
{
	static const char *const texts[] = {
		"",
		"no xml",
		"<Error/>",
		"<Error><Code/></Error>",
		"<ErrorResponse/>",
		"<Response><Errors/></Response>",
		"<html><Error><Code>X</Code></Error></html>",
		"<Error><Code>X</Code>",
	};
	struct service_error e;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		assert_false(service_error_parse(texts[i], strlen(texts[i]), &e));
}

static void read_reply(int status, const char *body, struct service_error *e)
{
	struct http_answer a;

	http_answer_init(&a);
	a.status = status;
	buf_puts(&a.body, body);
	snprintf(a.request_id, sizeof(a.request_id), "hdr-9");
	service_error_read(&a, e);
	http_answer_clear(&a);
}

static void a_reply_without_a_document_is_told_by_its_status(void **state)
{
	struct service_error e;

	(void)state;
	read_reply(404, "", &e);
	assert_string_equal(e.code, "NotFound");
	assert_string_equal(e.request_id, "hdr-9");
	read_reply(403, "", &e);
	assert_string_equal(e.code, "AccessDenied");
	/* A proxy's page is not the service's refusal. */
	read_reply(403, "<html>blocked</html>", &e);
	assert_string_equal(e.code, "");
	assert_string_equal(e.message, "HTTP status 403");
}

static void tell(const char *code, const char *message, struct err *err)
{
	const struct call_context ctx = { "s3", "GetObject", "s3://b/k", "the environment" };
	struct service_error e = { 0 };

	snprintf(e.code, sizeof(e.code), "%s", code);
	snprintf(e.message, sizeof(e.message), "%s", message);
	assert_int_equal(service_error_tell(&e, &ctx, 403, err), -1);
}

static void messages_name_action_subject_and_code(void **state)
{
	struct err err;

	(void)state;
	tell("NoSuchKey", "The specified key does not exist.", &err);
	assert_string_equal(err.text,
			    "s3 GetObject of 's3://b/k' failed: The specified key does not exist (NoSuchKey)");
	assert_int_equal(err.kind, ERR_AWS);
	assert_int_equal(err.http_status, 403);
}

static void what_a_user_can_mend_comes_with_a_hint(void **state)
{
	static const struct {
		const char *code;
		enum err_kind kind;
		const char *hint;
	} rows[] = {
		{ "SignatureDoesNotMatch", ERR_CREDENTIALS, "the environment" },
		{ "InvalidClientTokenId", ERR_CREDENTIALS, "the environment" },
		{ "InvalidAccessKeyId", ERR_CREDENTIALS, "the environment" },
		{ "AuthFailure", ERR_CREDENTIALS, "the environment" },
		{ "ExpiredToken", ERR_CREDENTIALS, "ran out" },
		{ "AccessDenied", ERR_AWS, "permission" },
		{ "UnauthorizedOperation", ERR_AWS, "permission" },
		{ "ClusterQuotaExceeded", ERR_AWS, "quota" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct err err;
		tell(rows[i].code, "m", &err);
		assert_int_equal(err.kind, rows[i].kind);
		assert_non_null(strstr(err.hint, rows[i].hint));
		assert_null(strstr(err.hint, "%s"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_three_shapes_are_read),
		cmocka_unit_test(other_documents_are_no_errors),
		cmocka_unit_test(a_reply_without_a_document_is_told_by_its_status),
		cmocka_unit_test(messages_name_action_subject_and_code),
		cmocka_unit_test(what_a_user_can_mend_comes_with_a_hint),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
