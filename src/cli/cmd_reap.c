#include <inttypes.h>
#include <string.h>

#include "spark/cli/out.h"
#include "spark/cli/stack.h"
#include "spark/pipeline/reap.h"
#include "spark/pipeline/status.h"

/* What is asked for. */
struct wish {
	bool aged; /* --older-than was said */
	int64_t older_than_ms;
	bool roles; /* also where only roles are left */
};

static bool is_younger(const struct wish *w, const struct json *stack)
{
	int64_t age_s = json_int(stack, "age_s", -1);

	return age_s >= 0 && age_s * 1000 < w->older_than_ms;
}

/* Why a stack is left alone; NULL: it is not. */
static const char *spared(const struct wish *w, const struct json *stack)
{
	if (is_younger(w, stack))
		return "it is younger";
	if (w->older_than_ms > 0 && json_int(stack, "age_s", -1) < 0)
		return "nothing tells its age; --older-than 0s takes it as well";
	/* IAM is one for all regions */
	if (json_bool(stack, "roles_only", false) && !json_bool(stack, "known", false) && !w->roles)
		return "only roles are left, and its stack may stand in another region; --roles takes them as well";
	return NULL;
}

/* ---- the list ---- */

/* "cluster, group, 2 subnets" */
static void name_parts(const struct json *resources, struct buf *out)
{
	const struct json *next;

	for (const struct json *r = json_first(resources); r; r = next) {
		const char *kind = json_str(r, "resource", "");
		int count = 0;

		for (next = r; next && strcmp(json_str(next, "resource", ""), kind) == 0; next = json_next(next))
			count++;
		if (out->len > 0)
			buf_puts(out, ", ");
		if (count > 1)
			buf_printf(out, "%d x ", count);
		buf_puts(out, kind);
	}
}

static int add_row(struct out_table *t, const struct json *stack, struct err *err)
{
	char age[CLOCK_TEXT] = "unknown";
	int64_t age_s = json_int(stack, "age_s", -1);
	struct buf parts;
	int rc;

	if (age_s >= 0)
		clock_duration(age_s * 1000, age);
	buf_init(&parts, 4096);
	name_parts(json_get(stack, "resources"), &parts);
	rc = buf_check(&parts, "the list of resources", err);
	if (rc == 0 && (out_table_add(t, json_str(stack, "stack", ""), STYLE_PLAIN, err) != 0 ||
			out_table_add(t, age, STYLE_PLAIN, err) != 0 ||
			out_table_add(t, json_str(stack, "rate", ""), STYLE_PLAIN, err) != 0 ||
			out_table_add(t, json_str(stack, "spent", ""), STYLE_PLAIN, err) != 0 ||
			out_table_add(t, parts.data, STYLE_PLAIN, err) != 0))
		rc = -1;
	buf_clear(&parts);
	return rc;
}

/* Those that are old enough. */
static struct json *choose(const struct wish *w, const struct json *stacks, struct err *err)
{
	struct json *list = json_new_array();

	for (const struct json *s = json_first(stacks); s && list; s = json_next(s)) {
		struct json *copy = is_younger(w, s) ? NULL : json_copy(s);

		if (is_younger(w, s))
			continue;
		if (!copy || json_append(list, copy) != 0) {
			json_free(list);
			list = NULL;
		}
	}
	if (!list)
		err_nomem(err);
	return list;
}

static int print_table(const struct context *ctx, const struct wish *w, const struct json *stacks, struct err *err)
{
	static const char *const names[] = { "STACK", "AGE", "PRICE ON AWS", "SPENT", "RESOURCES" };
	struct out_table t;
	int rc = 0;

	if (json_count(stacks) == 0) {
		fprintf(ctx->out, w->older_than_ms > 0 ? "no stacks of that age\n" : "no stacks\n");
		return 0;
	}
	if (out_table_init(&t, names, 5, NULL, err) != 0)
		return -1;
	for (const struct json *s = json_first(stacks); s && rc == 0; s = json_next(s))
		rc = add_row(&t, s, err);
	if (rc == 0)
		rc = out_table_print(&t, ctx->out, ctx->out_color, 0, err);
	out_table_clear(&t);
	return rc;
}

static int print_list(const struct context *ctx, const struct wish *w, const struct json *stacks, struct err *err)
{
	struct json *chosen = choose(w, stacks, err);
	int rc = -1;

	if (chosen)
		rc = ctx->json ? out_json(ctx->out, chosen, true, err) : print_table(ctx, w, chosen, err);
	json_free(chosen);
	return rc;
}

/* What --yes would take, so that nobody has to compare ages. */
static void tell_next(const struct context *ctx, const struct stack *s, const struct wish *w, const struct json *stacks)
{
	size_t due = 0;

	for (const struct json *x = json_first(stacks); x; x = json_next(x))
		due += spared(w, x) == NULL;
	if (w->aged)
		out_note(ctx, "with --yes this takes down %zu of %zu", due, json_count(stacks));
	else if (json_count(stacks) > 0)
		out_note(ctx, "'sparkctl reap%s --older-than 2h --yes' takes down what is older",
			 s->target.local ? "" : " --target aws");
}

/* ---- taking down ---- */

/* What became of one stack, for the line of results. */
static int add_result(struct json *results, const char *stack, const char *outcome, const char *why, struct err *err)
{
	struct json *o = json_new_object();

	if (!o || json_set_str(o, "stack", stack) != 0 || json_set_str(o, "outcome", outcome) != 0 ||
	    (why && json_set_str(o, "why", why) != 0)) {
		json_free(o);
		return err_nomem(err);
	}
	return json_append(results, o) == 0 ? 0 : err_nomem(err);
}

static int take_down(struct context *ctx, const char *name, struct err *err)
{
	struct stack s;
	int left = 0, rc;

	if (config_set_flag(ctx->config, OPT_STACK, name, err) != 0 || stack_open(ctx, true, &s, err) != 0)
		return -1;
	rc = run_down(&s.run, &left, err);
	progress_stop(s.progress);
	if (rc == 0)
		run_keep_down(&s.run);
	stack_close(&s);
	return rc;
}

/* One stack after the other; a failure is told and does not keep the others alive. *first is the first one. */
static int take_down_all(struct context *ctx, const struct wish *w, const struct json *stacks, struct json *results,
			 struct err *first, struct err *err)
{
	for (const struct json *x = json_first(stacks); x; x = json_next(x)) {
		const char *name = json_str(x, "stack", ""), *why = spared(w, x);
		struct err failure = { 0 };

		if (!why && take_down(ctx, name, &failure) != 0) {
			if (first->kind == ERR_NONE)
				*first = failure;
			if (failure.kind == ERR_INTERRUPTED)
				return 0;
			out_warn(ctx, "stack '%s': %s", name, failure.text);
			if (add_result(results, name, "failed", failure.text, err) != 0)
				return -1;
			continue;
		}
		if (add_result(results, name, why ? "left alone" : "gone", why, err) != 0)
			return -1;
		if (!ctx->json)
			fprintf(ctx->out, "stack '%s': %s%s%s\n", name, why ? "left alone" : "0 resources left",
				why ? ", " : "", why ? why : "");
	}
	return 0;
}

static int reap(struct context *ctx, const struct wish *w, const struct json *stacks, struct err *err)
{
	struct json *results = json_new_array(), *more = json_new_object();
	struct err first = { 0 };
	int rc = results && more ? take_down_all(ctx, w, stacks, results, &first, err) : err_nomem(err);

	if (rc == 0 && json_count(stacks) == 0 && !ctx->json)
		fprintf(ctx->out, "no stacks\n");
	if (rc == 0 && ctx->json) {
		rc = json_set(more, "stacks", results) == 0 ? 0 : err_nomem(err);
		results = NULL; /* taken, also on failure */
		if (rc == 0) {
			rc = progress_result(ctx, first.kind == ERR_NONE ? "done" : "left", more, err);
			more = NULL;
		}
	}
	json_free(results);
	json_free(more);
	if (rc == 0 && first.kind != ERR_NONE) {
		*err = first;
		rc = -1;
	}
	return rc;
}

static int read_wish(const struct context *ctx, struct wish *w, struct err *err)
{
	const char *older = context_option(ctx, "older-than");

	*w = (struct wish){ .aged = older != NULL, .roles = context_switch(ctx, "roles") };
	if (older)
		return reap_parse_age(older, &w->older_than_ms, err);
	if (!ctx->yes)
		return 0;
	err_set(err, ERR_USAGE, "--yes needs --older-than");
	return err_hint(err, "--older-than 0s takes down every stack of the region");
}

static int run_command(struct context *ctx, struct err *err)
{
	struct json *stacks;
	struct stack s;
	struct wish w;
	int rc = -1;

	if (read_wish(ctx, &w, err) != 0 || stack_open(ctx, false, &s, err) != 0)
		return -1;
	stacks = run_reap_list(&s.run, err);
	progress_stop(s.progress);
	if (stacks && ctx->yes)
		rc = 0;
	else if (stacks)
		rc = print_list(ctx, &w, stacks, err);
	if (rc == 0 && !ctx->yes)
		tell_next(ctx, &s, &w, stacks);
	stack_close(&s);
	if (rc == 0 && ctx->yes)
		rc = reap(ctx, &w, stacks, err);
	json_free(stacks);
	return rc;
}

static const struct command_option options[] = {
	{ "older-than", 0, "AGE", NULL, NULL, "only stacks of this age: 45m, 2h, 7d; 0s is any" },
	{ "roles", 0, NULL, NULL, NULL, "also stacks of which only roles are left, whatever region they are of" },
	{ 0 },
};

const struct command cmd_reap = {
	.name = "reap",
	.usage = "[--older-than AGE [--yes]] [--roles]",
	.summary = "list every stack of the region, and take down forgotten ones",
	.help = "Finds stacks by the tags of what they are made of, whoever made them and on which machine. Lists them "
		"with\n"
		"age and price; with --yes takes down those that are older than --older-than, as 'sparkctl down' does, "
		"one\n"
		"after the other. What carries no tag of ours is never touched.",
	.options = options,
	.settings = SETTINGS_STACK | SETTINGS_AWS | SETTINGS_CLUSTER | SETTINGS_SANDBOX,
	.run = run_command,
};
