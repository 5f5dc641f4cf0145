/* `config`: each setting, its value and where it came from. */
#include "spark/cli/command.h"
#include "spark/cli/out.h"

/* The value as it may be shown; NULL when there is none. */
static const char *shown_value(const struct config *c, const struct option_row *row)
{
	if (row->type != OPTION_SECRET)
		return config_str(c, row->id);
	const struct secret *s = config_secret(c, row->id);
	return s && secret_is_set(s) ? secret_mask(s) : NULL;
}

static const char *shown_place(const struct config *c, const struct option_row *row)
{
	return shown_value(c, row) ? config_place(c, row->id) : NULL;
}

static int print_json(struct context *ctx, struct err *err)
{
	struct json *list = json_new_array();
	int rc = -1;
	if (!list)
		goto nomem;
	for (int i = 0; i < OPT_COUNT; i++) {
		const struct option_row *row = &option_rows[i];
		struct json *item = json_new_object();
		if (!item)
			goto nomem;
		if (json_set_str(item, "section", row->section) != 0 || json_set_str(item, "key", row->key) != 0 ||
		    json_set_str(item, "value", shown_value(ctx->config, row)) != 0 ||
		    json_set_str(item, "from", shown_place(ctx->config, row)) != 0 ||
		    json_set_str(item, "environment", row->env) != 0 || json_set_str(item, "flag", row->flag) != 0 ||
		    json_set_str(item, "help", row->help) != 0) {
			json_free(item);
			goto nomem;
		}
		if (json_append(list, item) != 0)
			goto nomem;
	}
	rc = out_json(ctx->out, list, true, err);
	json_free(list);
	return rc;
nomem:
	json_free(list);
	return err_nomem(err);
}

static int print_table(struct context *ctx, struct err *err)
{
	static const char *const names[] = { "SECTION", "KEY", "VALUE", "FROM", "FLAG" };
	struct out_table t;
	int rc = -1;
	if (out_table_init(&t, names, 5, NULL, err) != 0)
		return -1;
	for (int i = 0; i < OPT_COUNT; i++) {
		const struct option_row *row = &option_rows[i];
		const char *value = shown_value(ctx->config, row);
		enum style style = config_is_set(ctx->config, row->id) ? STYLE_PLAIN : STYLE_DIM;
		if (out_table_add(&t, row->section, style, err) != 0 || out_table_add(&t, row->key, style, err) != 0 ||
		    out_table_add(&t, value ? value : "-", style, err) != 0 ||
		    out_table_add(&t, value ? shown_place(ctx->config, row) : "not set", style, err) != 0 ||
		    out_table_addf(&t, STYLE_DIM, err, "%s%s", row->flag ? "--" : "", row->flag ? row->flag : "") != 0)
			goto out;
	}
	rc = out_table_print(&t, ctx->out, ctx->out_color, 0, err);
	if (rc == 0)
		out_note(ctx, "%s%s", config_path(ctx->config) ? "settings file: " : "no settings file was read",
			 config_path(ctx->config) ? config_path(ctx->config) : "");
out:
	out_table_clear(&t);
	return rc;
}

static int run_config(struct context *ctx, struct err *err)
{
	return ctx->json ? print_json(ctx, err) : print_table(ctx, err);
}

const struct command cmd_config = {
	.name = "config",
	.usage = "",
	.summary = "show each setting and where it comes from",
	.help = "A flag counts more than the environment, the environment more than ./dwh.cfg (or the file named\n"
		"by --config), and that more than the default. Secrets are shown as ***.",
	.settings = SETTINGS_ALL,
	.run = run_config,
};
