/* `sign`: the client's own signer, stage by stage, on a raw HTTP request. Loads no network library. */
#include "spark/aws/sigv4.h"
#include "spark/base/file.h"
#include "spark/base/json.h"
#include "spark/cli/command.h"
#include "spark/cli/out.h"

/* The texts of all stages: each is made of the one before. */
struct stages {
	struct buf canonical_request, string_to_sign, authorization;
	char signature[65];
};

static void stages_init(struct stages *s)
{
	buf_init(&s->canonical_request, BUF_MAX_DEFAULT);
	buf_init(&s->string_to_sign, BUF_MAX_DEFAULT);
	buf_init(&s->authorization, BUF_MAX_DEFAULT);
	s->signature[0] = '\0';
}

static void stages_clear(struct stages *s)
{
	buf_wipe(&s->canonical_request); /* may hold a session token */
	buf_clear(&s->string_to_sign);
	buf_clear(&s->authorization);
}

static int stages_make(struct stages *s, const struct sign_request *r, const struct sign_scope *scope,
		       const struct aws_credentials *creds, struct err *err)
{
	if (sigv4_canonical_request(r, scope, &s->canonical_request, err) != 0 ||
	    sigv4_string_to_sign(s->canonical_request.data, s->canonical_request.len, scope, &s->string_to_sign, err) !=
		    0 ||
	    sigv4_signature(s->string_to_sign.data, s->string_to_sign.len, &creds->secret_access_key, scope,
			    s->signature, err) != 0)
		return -1;
	return sigv4_authorization(r, scope, creds, &s->authorization, err);
}

static int print_json(struct context *ctx, const struct stages *s, struct err *err)
{
	struct json *doc = json_new_object();
	int rc = -1;

	if (!doc || json_set_str(doc, "canonical_request", s->canonical_request.data) != 0 ||
	    json_set_str(doc, "string_to_sign", s->string_to_sign.data) != 0 ||
	    json_set_str(doc, "signature", s->signature) != 0 ||
	    json_set_str(doc, "authorization", s->authorization.data) != 0)
		err_nomem(err);
	else
		rc = out_json(ctx->out, doc, true, err);
	json_free(doc);
	return rc;
}

static int print_stage(struct context *ctx, const struct stages *s, struct err *err)
{
	const struct {
		const char *name, *text;
	} rows[] = {
		{ "canonical-request", s->canonical_request.data },
		{ "string-to-sign", s->string_to_sign.data },
		{ "signature", s->signature },
		{ "authorization", s->authorization.data },
	};
	const char *stage = context_option(ctx, "stage");

	if (ctx->json)
		return print_json(ctx, s, err);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].name, stage) != 0)
			continue;
		fputs(rows[i].text, ctx->out);
		fputc('\n', ctx->out);
		return 0;
	}
	return err_set(err, ERR_BUG, "stage '%s' has no row", stage);
}

/* --date, else the request's own X-Amz-Date, else now. */
static int find_date(const struct context *ctx, const struct sign_request *r, char out[CLOCK_TEXT], struct err *err)
{
	const char *date = context_option(ctx, "date");
	int64_t ms;

	for (size_t i = 0; !date && i < r->header_count; i++) {
		if (strcasecmp(r->headers[i].name, "X-Amz-Date") != 0)
			continue;
		date = r->headers[i].value;
		date += strspn(date, " \t");
	}
	if (!date) {
		clock_basic(clock_now(ctx->clock), out);
		return 0;
	}
	size_t len = strlen(date);
	while (len > 0 && (date[len - 1] == ' ' || date[len - 1] == '\t'))
		len--;
	char text[CLOCK_TEXT];
	snprintf(text, sizeof(text), "%.*s", (int)(len < sizeof(text) ? len : sizeof(text) - 1), date);
	if (len >= sizeof(text) || clock_parse(text, &ms, NULL) != 0) {
		err_set(err, ERR_USAGE, "'%s' is no date", text);
		return err_hint(err, "write it as YYYYMMDDTHHMMSSZ, like 20261121T100632Z");
	}
	clock_basic(ms, out);
	return 0;
}

static int run_sign(struct context *ctx, struct err *err)
{
	struct aws_credentials creds = { 0 };
	struct raw_request *raw = NULL;
	struct stages stages;
	struct buf text;
	char date[CLOCK_TEXT];
	struct sign_scope scope = {
		.region = config_str(ctx->config, OPT_REGION),
		.service = context_option(ctx, "service"),
		.date = date,
		.normalize = !context_switch(ctx, "no-normalize"),
	};
	int rc = -1;

	buf_init(&text, BUF_MAX_DEFAULT);
	stages_init(&stages);
	if (!scope.service) {
		err_set(err, ERR_USAGE, "no service was given");
		err_hint(err, "name the one the request is for, like --service redshift");
		goto out;
	}
	if (aws_credentials_find(ctx->config, &creds, err) != 0 || file_read("-", &text, err) != 0)
		goto out;
	raw = raw_request_parse(text.data, text.len, err);
	if (!raw || find_date(ctx, raw_request_view(raw), date, err) != 0 ||
	    raw_request_prepare(raw, &scope, &creds, err) != 0 ||
	    stages_make(&stages, raw_request_view(raw), &scope, &creds, err) != 0)
		goto out;
	rc = print_stage(ctx, &stages, err);
out:
	raw_request_free(raw);
	stages_clear(&stages);
	buf_wipe(&text);
	aws_credentials_clear(&creds);
	return rc;
}

static const struct command_option options[] = {
	{ .flag = "service", .value_name = "NAME", .help = "signing name of the service: redshift, iam, s3, ..." },
	{ .flag = "date",
	  .value_name = "DATE",
	  .help = "moment of signing, 20261121T100632Z; default: the request's X-Amz-Date, else now" },
	{ .flag = "stage",
	  .value_name = "STAGE",
	  .choices = "canonical-request|string-to-sign|signature|authorization",
	  .fallback = "authorization",
	  .help = "which text to print" },
	{ .flag = "no-normalize",
	  .help = "S3's manner: the path stays as it is; with --service s3 X-Amz-Content-SHA256 is added" },
	{ 0 },
};

const struct command cmd_sign = {
	.name = "sign",
	.usage = "--service NAME < REQUEST",
	.summary = "sign a raw HTTP request from standard input (AWS Signature Version 4)",
	.help = "Reads request line, headers, an empty line and the body, and prints one stage of the signature,\n"
		"by default the value of the Authorization header. X-Amz-Date is set, and X-Amz-Security-Token\n"
		"with temporary keys. With --json all stages are printed.\n"
		"\n"
		"  printf 'GET / HTTP/1.1\\nHost: example.com\\n\\n' | sparkctl sign --service iam --stage "
		"string-to-sign",
	.options = options,
	.settings = SETTINGS_AWS,
	.run = run_sign,
};
