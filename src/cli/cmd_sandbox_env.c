/* `sandbox env`: what other programs need to use the sandbox. */
#include "spark/cli/local.h"
#include "spark/cli/out.h"
#include "spark/cli/sandbox_commands.h"

/* In single quotes for the shell; a quote inside ends them, is escaped, and begins them again. */
static void add_export(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "export %s='", name);
	for (; *value; value++) {
		if (*value == '\'')
			buf_puts(out, "'\\''");
		else
			buf_putc(out, *value);
	}
	buf_puts(out, "'\n");
}

static int write_json(struct context *ctx, const char *const (*pairs)[2], size_t count, struct err *err)
{
	struct json *doc = json_new_object();
	int rc = doc ? 0 : err_nomem(err);
	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (json_set_str(doc, pairs[i][0], pairs[i][1]) != 0)
			rc = err_nomem(err);
	}
	if (rc == 0)
		rc = out_json(ctx->out, doc, true, err);
	json_free(doc);
	return rc;
}

static int write_shell(struct context *ctx, const char *const (*pairs)[2], size_t count, struct err *err)
{
	struct buf text;
	buf_init(&text, 65536);
	for (size_t i = 0; i < count; i++)
		add_export(&text, pairs[i][0], pairs[i][1]);
	int rc = out_buf(ctx->out, &text, err);
	buf_wipe(&text);
	return rc;
}

static int run_command(struct context *ctx, struct err *err)
{
	struct local_sandbox s;
	struct aws_credentials keys;
	bool https = context_switch(ctx, "https");
	int rc = -1;
	if (local_find(ctx->config, &s, err) != 0)
		return -1;
	if (!s.running) {
		err_set(err, ERR_UNREACHABLE, "the sandbox does not run");
		err_hint(err, "'sparkctl sandbox start' starts it");
		goto out;
	}
	if (https && (!s.https_endpoint[0] || !s.ca_file)) {
		err_set(err, ERR_UNREACHABLE, "the sandbox that runs does not speak HTTPS");
		err_hint(err, "it is of version %s: stop it, then start it again", s.version);
		goto out;
	}
	if (local_credentials(&s, &keys, err) != 0)
		goto out;
	const char *region = config_str(ctx->config, OPT_REGION);
	const char *const pairs[][2] = {
		{ "AWS_ACCESS_KEY_ID", keys.access_key_id },
		{ "AWS_SECRET_ACCESS_KEY", secret_value(&keys.secret_access_key) },
		{ "AWS_DEFAULT_REGION", region },
		{ "AWS_REGION", region },
		{ "AWS_ENDPOINT_URL", https ? s.https_endpoint : s.endpoint },
		{ "AWS_CA_BUNDLE", s.ca_file },
	};
	size_t count = sizeof(pairs) / sizeof(pairs[0]) - (s.ca_file ? 0 : 1);
	rc = ctx->json ? write_json(ctx, pairs, count, err) : write_shell(ctx, pairs, count, err);
	aws_credentials_clear(&keys);
out:
	local_clear(&s);
	return rc;
}

static const struct command_option options[] = {
	{ "https", 0, NULL, NULL, NULL, "the endpoint with TLS" },
	{ 0 },
};

const struct command sandbox_env = {
	.name = "env",
	.usage = "[--https]",
	.summary = "print the variables that let awscli, boto3 and others use it",
	.help = "For a shell: eval \"$(sparkctl sandbox env)\"\n"
		"awscli before 2.13 and boto3 before 1.28 do not know AWS_ENDPOINT_URL: there, say\n"
		"--endpoint-url \"$AWS_ENDPOINT_URL\" or endpoint_url=os.environ[\"AWS_ENDPOINT_URL\"].\n"
		"AWS_CA_BUNDLE lets them trust the sandbox's certificate, and nothing else: it is for this\n"
		"shell, not for calls to AWS.\n"
		"The keys are the sandbox's own and open nothing else.",
	.options = options,
	.settings = SETTINGS_SANDBOX,
	.run = run_command,
};
