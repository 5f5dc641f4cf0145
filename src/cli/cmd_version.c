#include "spark/cli/command.h"
#include "spark/cli/out.h"

static int run_version(struct context *ctx, struct err *err)
{
	if (!ctx->json) {
		fputs("sparkctl " SPARK_VERSION "\n", ctx->out);
		return 0;
	}
	struct json *doc = json_new_object();
	int rc = -1;
	if (!doc || json_set_str(doc, "name", "sparkctl") != 0 || json_set_str(doc, "version", SPARK_VERSION) != 0)
		err_nomem(err);
	else
		rc = out_json(ctx->out, doc, true, err);
	json_free(doc);
	return rc;
}

const struct command cmd_version = {
	.name = "version",
	.usage = "",
	.summary = "tell the version",
	.run = run_version,
};
