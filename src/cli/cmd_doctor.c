/* `doctor`: what would make a run fail, and how to mend it. */
#include <string.h>

#include "spark/cli/out.h"
#include "spark/cli/stack.h"
#include "spark/pipeline/doctor.h"

static const struct {
	const char *word;
	enum style style;
} states[] = {
	[DOCTOR_OK] = { "ok", STYLE_GOOD },
	[DOCTOR_WARN] = { "warn", STYLE_WARN },
	[DOCTOR_FAIL] = { "fail", STYLE_BAD },
};

struct report {
	const struct context *ctx;
	struct json *list; /* with --json */
	bool failed;       /* no memory */
};

static int add_json(struct json *list, const struct doctor_finding *f)
{
	struct json *o = json_new_object();

	if (!o || json_set_str(o, "name", f->name) != 0 || json_set_str(o, "state", states[f->state].word) != 0 ||
	    json_set_str(o, "detail", f->detail) != 0 || json_set_str(o, "mend", f->mend) != 0) {
		json_free(o);
		return -1;
	}
	return json_append(list, o);
}

/* A finding is told as it is made: some take their time. */
static void tell(void *arg, const struct doctor_finding *f)
{
	struct report *r = arg;
	const struct context *ctx = r->ctx;
	bool color = ctx->out_color;

	if (ctx->json) {
		r->failed = r->failed || add_json(r->list, f) != 0;
		return;
	}
	if (ctx->quiet && f->state == DOCTOR_OK)
		return;
	fprintf(ctx->out, "%s%-5s%s %-13s %s%s%s\n", style_on(states[f->state].style, color), states[f->state].word,
		style_off(states[f->state].style, color), f->name, f->detail, f->mend[0] ? " -> " : "", f->mend);
	fflush(ctx->out);
}

static int print_json(const struct context *ctx, const struct doctor *d, struct report *r, struct err *err)
{
	struct json *root = json_new_object();
	int rc = -1;

	if (!root || r->failed || json_set_str(root, "stack", config_str(ctx->config, OPT_STACK)) != 0 ||
	    json_set_int(root, "passed", d->passed) != 0 || json_set_int(root, "warned", d->warned) != 0 ||
	    json_set_int(root, "failed", d->failed) != 0) {
		err_nomem(err);
		goto out;
	}
	rc = json_set(root, "checks", r->list) == 0 ? out_json(ctx->out, root, true, err) : err_nomem(err);
	r->list = NULL; /* taken, also on failure */
out:
	json_free(root);
	return rc;
}

/* Local: the sandbox's programs, PostgreSQL among them, are there when it runs. */
static void tell_sandbox(struct doctor *d, const struct target *t)
{
	struct doctor_finding f = { .name = "sandbox", .state = DOCTOR_OK };

	if (!t->sandbox_ca)
		return;
	(void)snprintf(f.detail, sizeof(f.detail), "runs at %s, with PostgreSQL behind it", t->endpoint);
	doctor_tell(d, &f);
}

static int check_all(struct context *ctx, struct stack *s, struct doctor *d, struct err *err)
{
	struct err why = { 0 };
	int rc;

	if (doctor_check_machine(d, err) != 0)
		return -1;
	if (stack_open_unprepared(ctx, s, &why) != 0) {
		if (why.kind == ERR_INTERRUPTED || why.kind == ERR_NOMEM) {
			*err = why;
			return -1;
		}
		doctor_tell_failure(d, why.kind == ERR_CREDENTIALS ? "credentials" : "target", &why);
		return 0;
	}
	tell_sandbox(d, &s->target);
	d->run = &s->run;
	d->credentials = &s->target.credentials;
	rc = doctor_check_services(d, err);
	s->prepared = s->run.state != NULL;
	stack_close(s);
	d->run = NULL;
	d->credentials = NULL;
	return rc;
}

static int run_command(struct context *ctx, struct err *err)
{
	struct report r = { .ctx = ctx };
	struct stack s;
	char operands[600];
	struct doctor d = { .config = ctx->config, .operands = operands, .on_finding = tell, .arg = &r };
	int rc = -1;

	if (stack_take_name(ctx, err) != 0)
		return -1;
	(void)snprintf(operands, sizeof(operands), "%.500s%s", config_str(ctx->config, OPT_STACK),
		       strcmp(config_str(ctx->config, OPT_TARGET), "local") == 0 ? "" : " --target aws");
	if (ctx->json && !(r.list = json_new_array()))
		return err_nomem(err);
	if (check_all(ctx, &s, &d, err) != 0)
		goto out;
	if (ctx->json)
		rc = print_json(ctx, &d, &r, err);
	else
		rc = 0;
	if (rc == 0 && !ctx->json)
		out_note(ctx, "%d ok, %d to look at, %d to mend", d.passed, d.warned, d.failed);
	if (rc == 0 && d.failed > 0)
		rc = err_exit_code(&(struct err){ .kind = d.first_failure });
out:
	json_free(r.list);
	return rc;
}

const struct command cmd_doctor = {
	.name = "doctor",
	.usage = "[STACK]",
	.summary = "look for what would make a run fail, and tell how to mend it",
	.help = "One line per check: ok, warn or fail, what is so, and behind the arrow what to do about it. Looks at\n"
		"the settings, the state folder, the credentials and what they may do, the clock, the data in S3, the\n"
		"role that reads it, the node type, the network and the way to the cluster. Sends only calls that\n"
		"read. The exit code is 0 when nothing failed, else that of the first failure; with -q only what is\n"
		"not ok is told.",
	.args_max = 1,
	.settings = SETTINGS_ALL,
	.run = run_command,
};
