/* `s3 rm`. */
#include "spark/aws/s3.h"
#include "spark/cli/out.h"
#include "spark/cli/s3_commands.h"

static int remove_all(struct context *ctx, const struct target *t, const struct s3_place *place, struct err *err)
{
	struct s3_names list = { 0 };
	size_t deleted = 0;
	int rc = s3_names_list(ctx, t, place->bucket, place->key, &list, err);
	if (rc == 0)
		rc = s3_names_delete(ctx, t, place->bucket, &list, &deleted, err);
	if (rc == 0)
		out_note(ctx, "%zu object%s deleted", deleted, deleted == 1 ? "" : "s");
	else if (deleted > 0)
		out_warn(ctx, "%zu of %zu objects were deleted before it failed", deleted, list.count);
	s3_names_clear(&list);
	return rc;
}

/* S3 answers the deletion of nothing with success; people want to know of a key that is misspelt. */
static int remove_one(struct context *ctx, const struct target *t, const struct s3_place *place, struct err *err)
{
	int64_t size;
	if (!place->key[0]) {
		err_set(err, ERR_USAGE, "'%s' names a bucket, no object", ctx->args[0]);
		return err_hint(err, "--recursive deletes everything below, 's3 rb' the bucket itself");
	}
	if (s3_head(t->aws, place->bucket, place->key, &size, err) != 0) {
		if (err->http_status == 404 && !err_has_code(err, "NoSuchBucket"))
			err_hint(err, "--recursive deletes everything whose key begins with it");
		return -1;
	}
	if (s3_delete(t->aws, place->bucket, place->key, err) != 0)
		return -1;
	out_note(ctx, "1 object deleted");
	return 0;
}

static int run_command(struct context *ctx, struct err *err)
{
	struct s3_place place;
	struct target t;
	if (s3_place_parse_remote(ctx->args[0], &place, err) != 0 || target_open(ctx, &t, err) != 0)
		return -1;
	bool all = context_switch(ctx, "recursive");
	int rc = all ? remove_all(ctx, &t, &place, err) : remove_one(ctx, &t, &place, err);
	target_close(&t);
	return rc;
}

static const struct command_option options[] = {
	{ "recursive", 'r', NULL, NULL, NULL, "every object whose key begins with the prefix" },
	{ 0 },
};

const struct command s3_rm_command = {
	.name = "rm",
	.usage = "s3://BUCKET/KEY [--recursive]",
	.summary = "delete objects",
	.options = options,
	.args_min = 1,
	.args_max = 1,
	.settings = SETTINGS_AWS | SETTINGS_SANDBOX,
	.run = run_command,
};
