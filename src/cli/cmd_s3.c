/* `s3`: buckets; the parts that work on objects have files of their own. */
#include "spark/aws/s3.h"
#include "spark/cli/out.h"
#include "spark/cli/s3_commands.h"

#define S3_SETTINGS (SETTINGS_AWS | SETTINGS_SANDBOX)

static int parse_bucket(const struct context *ctx, struct s3_place *place, struct err *err)
{
	if (s3_place_parse_remote(ctx->args[0], place, err) != 0)
		return -1;
	if (place->key[0]) {
		err_set(err, ERR_USAGE, "'%s' names more than a bucket", ctx->args[0]);
		return err_hint(err, "write 's3://%s'", place->bucket);
	}
	return 0;
}

static int run_make(struct context *ctx, struct err *err)
{
	struct s3_place place;
	struct target t;
	if (parse_bucket(ctx, &place, err) != 0 || target_open(ctx, &t, err) != 0)
		return -1;
	int rc = s3_create_bucket(t.aws, place.bucket, config_str(ctx->config, OPT_REGION), err);
	if (rc == 0)
		out_note(ctx, "bucket '%s' made in %s", place.bucket, config_str(ctx->config, OPT_REGION));
	target_close(&t);
	return rc;
}

static int empty_bucket(const struct context *ctx, const struct target *t, const char *bucket, struct err *err)
{
	struct s3_names all = { 0 };
	size_t deleted;
	int rc = s3_names_list(ctx, t, bucket, "", &all, err);
	if (rc == 0)
		rc = s3_names_delete(ctx, t, bucket, &all, &deleted, err);
	if (rc == 0)
		out_note(ctx, "%zu objects deleted", deleted);
	s3_names_clear(&all);
	return rc;
}

static int run_remove(struct context *ctx, struct err *err)
{
	struct s3_place place;
	struct target t;
	if (parse_bucket(ctx, &place, err) != 0 || target_open(ctx, &t, err) != 0)
		return -1;
	int rc = context_switch(ctx, "force") ? empty_bucket(ctx, &t, place.bucket, err) : 0;
	if (rc == 0)
		rc = s3_delete_bucket(t.aws, place.bucket, err);
	if (rc == 0)
		out_note(ctx, "bucket '%s' deleted", place.bucket);
	else if (err_has_code(err, "BucketNotEmpty"))
		err_hint(err, "--force deletes what is in it as well");
	target_close(&t);
	return rc;
}

const struct command s3_mb_command = {
	.name = "mb",
	.usage = "s3://BUCKET",
	.summary = "make a bucket in --region",
	.args_min = 1,
	.args_max = 1,
	.settings = S3_SETTINGS,
	.run = run_make,
};

static const struct command_option remove_options[] = {
	{ "force", 0, NULL, NULL, NULL, "delete everything in it first" },
	{ 0 },
};
const struct command s3_rb_command = {
	.name = "rb",
	.usage = "s3://BUCKET [--force]",
	.summary = "delete a bucket",
	.options = remove_options,
	.args_min = 1,
	.args_max = 1,
	.settings = S3_SETTINGS,
	.run = run_remove,
};

static const struct command *const children[] = { &s3_ls_command, &s3_cp_command, &s3_rm_command,
						  &s3_mb_command, &s3_rb_command, NULL };

const struct command cmd_s3 = {
	.name = "s3",
	.usage = "ls|cp|rm|mb|rb",
	.summary = "list, copy and delete objects, many at a time",
	.children = children,
};
