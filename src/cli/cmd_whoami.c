/* `whoami`: whose keys are used, where they came from, and how long they hold. */
#include <string.h>

#include "spark/aws/iam.h"
#include "spark/cli/out.h"
#include "spark/cli/target.h"

struct answer {
	struct sts_identity id;
	const char *region, *partition, *target, *source;
	char expires[CLOCK_TEXT]; /* "": never */
	char left[CLOCK_TEXT];    /* until then */
};

static void fill(const struct context *ctx, const struct target *t, struct answer *a)
{
	int64_t now_ms = clock_now(ctx->clock) + aws_client_clock_offset_ms(t->aws);
	int64_t expires_ms = t->credentials.expires_ms;
	a->region = aws_client_region(t->aws);
	a->partition = aws_client_partition(t->aws);
	a->target = t->local ? "local" : "aws";
	a->source = t->credentials.source;
	if (expires_ms == 0)
		return;
	clock_iso_s(expires_ms, a->expires);
	clock_duration(expires_ms > now_ms ? expires_ms - now_ms : 0, a->left);
}

static int print_json(struct context *ctx, const struct target *t, const struct answer *a, struct err *err)
{
	const struct {
		const char *name, *value;
	} rows[] = {
		{ "account", a->id.account },
		{ "arn", a->id.arn },
		{ "user_id", a->id.user_id },
		{ "partition", a->partition },
		{ "region", a->region },
		{ "target", a->target },
		{ "endpoint_url", t->endpoint },
		{ "source", a->source },
		{ "expires", a->expires[0] ? a->expires : NULL },
	};
	struct json *doc = json_new_object();
	int rc = doc ? 0 : err_nomem(err);
	for (size_t i = 0; rc == 0 && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (json_set_str(doc, rows[i].name, rows[i].value) != 0)
			rc = err_nomem(err);
	if (rc == 0)
		rc = out_json(ctx->out, doc, true, err);
	json_free(doc);
	return rc;
}

static int print_text(struct context *ctx, const struct target *t, const struct answer *a)
{
	fprintf(ctx->out, "%-10s%s\n", "account", a->id.account);
	fprintf(ctx->out, "%-10s%s\n", "arn", a->id.arn);
	fprintf(ctx->out, "%-10s%s\n", "user id", a->id.user_id);
	fprintf(ctx->out, "%-10s%s\n", "region", a->region);
	if (t->endpoint)
		fprintf(ctx->out, "%-10s%s, at %s\n", "target", a->target, t->endpoint);
	else
		fprintf(ctx->out, "%-10s%s\n", "target", a->target);
	fprintf(ctx->out, "%-10s%s\n", "source", a->source);
	if (a->expires[0])
		fprintf(ctx->out, "%-10s%s, in %s\n", "expires", a->expires, a->left);
	else
		fprintf(ctx->out, "%-10s%s\n", "expires", "never");
	return 0;
}

static int run_command(struct context *ctx, struct err *err)
{
	struct answer a = { 0 };
	struct target t;
	int rc;
	if (target_open(ctx, &t, err) != 0)
		return -1;
	rc = sts_get_caller_identity(t.aws, &a.id, err);
	if (rc == 0) {
		fill(ctx, &t, &a);
		rc = ctx->json ? print_json(ctx, &t, &a, err) : print_text(ctx, &t, &a);
	}
	target_close(&t);
	return rc;
}

const struct command cmd_whoami = {
	.name = "whoami",
	.usage = "",
	.summary = "show whose keys are used: account, ARN, where they came from, until when they hold",
	.help = "Asks STS, which needs no permission. Keys are looked for in this order: --profile, environment,\n"
		"dwh.cfg, the profile of ~/.aws (role, web identity, IAM Identity Center, keys, credential_process),\n"
		"a container's endpoint, the EC2 instance's metadata. When there are none, every place is listed.\n"
		"With target local they are the sandbox's own. Nothing secret is printed.",
	.settings = SETTINGS_STACK | SETTINGS_AWS | SETTINGS_SANDBOX,
	.run = run_command,
};
