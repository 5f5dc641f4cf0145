/* `sandbox`: the local cloud's life. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "spark/aws/redshift.h"
#include "spark/base/file.h"
#include "spark/base/mem.h"
#include "spark/cli/local.h"
#include "spark/cli/out.h"
#include "spark/cli/sandbox_commands.h"
#include "spark/cli/target.h"

static int set_sandbox_json(struct json *doc, const struct local_sandbox *s, struct err *err)
{
	if (json_set_bool(doc, "running", s->running) != 0 || json_set_str(doc, "dir", s->dir) != 0)
		return err_nomem(err);
	if (!s->running)
		return 0;
	if (json_set_int(doc, "pid", s->pid) != 0 || json_set_int(doc, "port", s->port) != 0 ||
	    json_set_str(doc, "endpoint", s->endpoint) != 0 ||
	    json_set_str(doc, "https_endpoint", s->https_endpoint) != 0 ||
	    json_set_str(doc, "ca_file", s->ca_file) != 0 || json_set_str(doc, "region", s->region) != 0 ||
	    json_set_str(doc, "version", s->version) != 0 || json_set_str(doc, "started", s->started) != 0 ||
	    json_set_str(doc, "account", s->account) != 0 || json_set_bool(doc, "strict", s->strict) != 0)
		return err_nomem(err);
	return 0;
}

/* Takes `clusters`; NULL leaves it out. */
static int print_json(struct context *ctx, const struct local_sandbox *s, struct json *clusters, struct err *err)
{
	struct json *doc = json_new_object();
	int rc = -1;
	if (!doc) {
		json_free(clusters);
		return err_nomem(err);
	}
	if (clusters && json_set(doc, "clusters", clusters) != 0) {
		err_nomem(err);
		goto out;
	}
	if (set_sandbox_json(doc, s, err) == 0)
		rc = out_json(ctx->out, doc, true, err);
out:
	json_free(doc);
	return rc;
}

/* One that runs does not change its mind. */
static int check_strict(const struct context *ctx, const struct local_sandbox *s, struct err *err)
{
	if (!config_is_set(ctx->config, OPT_SANDBOX_STRICT) ||
	    config_is_yes(ctx->config, OPT_SANDBOX_STRICT) == s->strict)
		return 0;
	err_set(err, ERR_CONFLICT, "the sandbox runs already, %s strict mode", s->strict ? "in" : "without");
	return err_hint(err, "'sparkctl sandbox stop' ends it; nothing is lost");
}

static int run_start(struct context *ctx, struct err *err)
{
	struct local_sandbox s;
	bool started;
	int rc = 0;
	if (local_start(ctx, &s, &started, err) != 0)
		return -1;
	if (check_strict(ctx, &s, err) != 0) {
		local_clear(&s);
		return -1;
	}
	if (ctx->json)
		rc = print_json(ctx, &s, NULL, err);
	else
		fprintf(ctx->out, "%s at %s\n", started ? "sandbox started" : "the sandbox runs already", s.endpoint);
	if (!ctx->json)
		out_note(ctx, "'eval \"$(sparkctl sandbox env)\"' lets awscli and boto3 use it");
	local_clear(&s);
	return rc;
}

static int run_stop(struct context *ctx, struct err *err)
{
	struct local_sandbox s;
	if (local_find(ctx->config, &s, err) != 0)
		return -1;
	bool ran = s.running;
	int rc = local_stop(ctx, &s, SANDBOX_STOP_WAIT_MS, err);
	if (rc == 0) {
		s.running = false;
		if (ctx->json)
			rc = print_json(ctx, &s, NULL, err);
		else
			fputs(ran ? "sandbox stopped\n" : "the sandbox does not run\n", ctx->out);
	}
	local_clear(&s);
	return rc;
}

static int add_cluster(void *arg, const struct redshift_cluster *c)
{
	struct json *list = arg, *item = json_new_object();
	if (!item)
		return -1;
	if (json_set_str(item, "id", c->id) != 0 || json_set_str(item, "status", c->status) != 0 ||
	    json_set_str(item, "node_type", c->node_type) != 0 || json_set_int(item, "nodes", c->nodes) != 0 ||
	    json_set_str(item, "host", c->host) != 0 || json_set_int(item, "port", c->port) != 0) {
		json_free(item);
		return -1;
	}
	return json_append(list, item);
}

/* The clusters of the region, asked from the sandbox itself. */
static struct json *list_clusters(struct context *ctx, struct err *err)
{
	struct target t;
	struct json *list = json_new_array();
	if (!list) {
		err_nomem(err);
		return NULL;
	}
	if (target_open_sandbox(ctx, &t, err) != 0) {
		json_free(list);
		return NULL;
	}
	if (redshift_list_clusters(t.aws, NULL, NULL, add_cluster, list, err) != 0) {
		json_free(list);
		list = NULL;
	}
	target_close(&t);
	return list;
}

static void print_status(struct context *ctx, const struct local_sandbox *s, const struct json *clusters)
{
	fprintf(ctx->out, "running    pid %d, since %s\n", (int)s->pid, s->started);
	fprintf(ctx->out, "endpoint   %s\n", s->endpoint);
	if (s->https_endpoint[0])
		fprintf(ctx->out, "           %s\n", s->https_endpoint);
	fprintf(ctx->out, "folder     %s\n", s->dir);
	if (s->strict)
		fputs("strict     what Redshift does not know is refused\n", ctx->out);
	for (const struct json *x = json_first(clusters); x; x = json_next(x))
		fprintf(ctx->out, "cluster    %s  %s  %s:%d\n", json_str(x, "id", ""), json_str(x, "status", ""),
			json_str(x, "host", ""), (int)json_int(x, "port", 0));
}

static int run_status_command(struct context *ctx, struct err *err)
{
	struct local_sandbox s;
	struct json *clusters = NULL;
	int rc = 0;
	if (local_find(ctx->config, &s, err) != 0)
		return -1;
	if (s.running && !(clusters = list_clusters(ctx, err)))
		rc = -1;
	if (rc == 0 && ctx->json)
		rc = print_json(ctx, &s, s.running ? clusters : NULL, err);
	else if (rc == 0 && s.running)
		print_status(ctx, &s, clusters);
	else if (rc == 0)
		fprintf(ctx->out, "stopped\nfolder     %s\n", s.dir);
	if (ctx->json)
		clusters = NULL;
	json_free(clusters);
	if (rc == 0 && !s.running)
		rc = 1;
	local_clear(&s);
	return rc;
}

/* A folder named by mistake must not be emptied: only one that a sandbox has made. */
static int remove_folder(const struct local_sandbox *s, struct err *err)
{
	int rc = -1, fd = -1;
	char *store = file_join(s->dir, "store"), *lock = file_join(s->dir, "lock");
	if (!store || !lock) {
		err_nomem(err);
		goto out;
	}
	if (!file_exists(s->dir)) {
		rc = 0;
		goto out;
	}
	if (!file_is_dir(store) || !file_exists(lock)) {
		err_set(err, ERR_CONFLICT, "'%s' is not a sandbox's folder", s->dir);
		err_hint(err, "delete it yourself when nothing in it is needed");
		goto out;
	}
	/* A daemon that came up since holds it. */
	fd = file_lock(lock, "the sandbox", err);
	if (fd < 0)
		goto out;
	rc = file_remove_tree(s->dir, err);
out:
	if (fd >= 0)
		close(fd);
	mem_free(store);
	mem_free(lock);
	return rc;
}

static int run_reset(struct context *ctx, struct err *err)
{
	struct local_sandbox s;
	char question[512];
	int rc = -1;
	if (local_find(ctx->config, &s, err) != 0)
		return -1;
	snprintf(question, sizeof(question), "stop the sandbox and delete everything in '%s'?", s.dir);
	if (ask_proceed(ctx, question, err) == 0 && local_stop(ctx, &s, SANDBOX_STOP_WAIT_MS, err) == 0 &&
	    remove_folder(&s, err) == 0) {
		s.running = false;
		rc = 0;
		if (ctx->json)
			rc = print_json(ctx, &s, NULL, err);
		else
			fputs("the sandbox is empty\n", ctx->out);
	}
	local_clear(&s);
	return rc;
}

static const struct command sandbox_start = {
	.name = "start",
	.usage = "",
	.summary = "start it, and wait until it is ready",
	.help = "Any other command with target local starts it by itself. It keeps what it holds until 'sandbox "
		"reset'.",
	.settings = SETTINGS_SANDBOX,
	.run = run_start,
};
static const struct command sandbox_stop = {
	.name = "stop",
	.usage = "",
	.summary = "end it and its PostgreSQL servers; nothing is lost",
	.settings = SETTINGS_SANDBOX,
	.run = run_stop,
};
static const struct command sandbox_status = {
	.name = "status",
	.usage = "",
	.summary = "does it run, where, with which clusters; exit code 1 when it does not",
	.settings = SETTINGS_SANDBOX,
	.run = run_status_command,
};
static const struct command sandbox_reset = {
	.name = "reset",
	.usage = "",
	.summary = "stop it and delete everything that it holds",
	.settings = SETTINGS_SANDBOX,
	.run = run_reset,
};
static const struct command *const children[] = { &sandbox_start,  &sandbox_stop, &sandbox_status, &sandbox_reset,
						  &sandbox_env,    &sandbox_logs, &sandbox_fault,  &sandbox_export,
						  &sandbox_import, NULL };

const struct command cmd_sandbox = {
	.name = "sandbox",
	.usage = "start|stop|status|reset|env|logs|fault|export|import",
	.summary = "the local cloud: AWS's APIs and Redshift on this machine",
	.children = children,
};
