#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/status_parts.h"
#include "spark/base/env.h"
#include "spark/base/file.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"
#include "spark/pipeline/status.h"

/* What was seen last, for when the services cannot be asked: <state>/<account>/<region>/<stack>/status.json. */

#define FILE_NAME "status.json"

char *state_base_dir(const struct config *config, struct err *err)
{
	const char *given = config_str(config, OPT_STATE_DIR);
	char *dir;

	if (!given || !*given)
		return env_state_dir(err);
	dir = mem_strdup(given);
	if (!dir)
		err_nomem(err);
	return dir;
}

/* Takes doc. */
static int write_kept(struct run *r, struct json *doc, struct err *err)
{
	char *path = file_join(r->state->dir, FILE_NAME), seen[CLOCK_TEXT];
	struct json *root = json_new_object();
	struct buf text;
	int rc = -1;

	buf_init(&text, 1024 * 1024);
	clock_iso(clock_now(r->clock), seen);
	/* an address is worth keeping, a way in is not */
	json_remove(doc, "connection");
	if (!path || !root || json_set_str(root, "seen", seen) < 0) {
		json_free(doc);
		err_nomem(err);
		goto out;
	}
	if (json_set(root, "status", doc) < 0) {
		err_nomem(err);
		goto out;
	}
	if (file_make_dirs(r->state->dir, 0700, err) == 0 && json_print(root, true, &text, err) == 0)
		rc = file_write_atomic(path, text.data, text.len, 0600, err);
out:
	buf_clear(&text);
	json_free(root);
	mem_free(path);
	return rc;
}

/* Takes doc. */
static void keep(struct run *r, struct json *doc)
{
	struct err why;

	if (doc && write_kept(r, doc, &why) < 0)
		log_debug("what was seen was not kept: %s", why.text);
}

void run_keep_status(struct run *r, const struct json *status)
{
	keep(r, json_copy(status));
}

static struct json *warehouse_of_up(const struct run *r)
{
	const struct run_state *s = r->state;
	char created[CLOCK_TEXT] = "";

	if (s->created_ms)
		clock_iso_s(s->created_ms, created);
	if (s->rpu > 0)
		return status_object(
			(const struct member[]){
				{ "id", s->names.cluster, 0 },
				{ "status", "available", 0 },
				{ "base_capacity", NULL, s->rpu },
				{ "created", created, 0 },
			},
			4);
	return status_object(
		(const struct member[]){
			{ "id", s->names.cluster, 0 },
			{ "status", "available", 0 },
			{ "node_type", s->node_type, 0 },
			{ "nodes", NULL, s->nodes },
			{ "created", created, 0 },
		},
		5);
}

static struct json *whose(const struct run *r)
{
	return status_object(
		(const struct member[]){
			{ "stack", run_stack(r), 0 },
			{ "target", config_str(r->config, OPT_TARGET), 0 },
			{ "region", aws_client_region(r->aws), 0 },
			{ "account", run_account(r), 0 },
		},
		4);
}

void run_keep_down(struct run *r)
{
	keep(r, whose(r));
}

void run_keep_up(struct run *r)
{
	const struct run_state *s = r->state;
	struct json *doc = whose(r);
	struct err why;

	if (!doc)
		return;
	if (status_put(doc, s->rpu > 0 ? "workgroup" : "cluster", warehouse_of_up(r), &why) < 0 ||
	    status_put(doc, "role",
		       status_object((const struct member[]){ { "name", resource_role.label(r), 0 },
							      { "arn", s->role_arn, 0 } },
				     2),
		       &why) < 0 ||
	    status_put(doc, "group",
		       status_object((const struct member[]){ { "name", s->names.group, 0 }, { "id", s->group_id, 0 } },
				     2),
		       &why) < 0) {
		log_debug("what was made was not kept: %s", why.text);
		json_free(doc);
		return;
	}
	keep(r, doc);
}

/* The newest so far. */
struct newest {
	struct json *doc; /* with "seen" and "status" */
	int64_t seen_ms;
};

static void consider(struct newest *n, const char *path)
{
	struct json *doc = NULL;
	struct buf text;
	struct err why;
	int64_t seen_ms = 0;

	buf_init(&text, 1024 * 1024);
	if (file_read(path, &text, &why) == 0)
		doc = json_parse(text.data, text.len, &why);
	buf_clear(&text);
	if (doc && json_is_object(json_get(doc, "status")) &&
	    clock_parse(json_str(doc, "seen", ""), &seen_ms, &why) == 0 && seen_ms > n->seen_ms) {
		json_free(n->doc);
		n->doc = doc;
		n->seen_ms = seen_ms;
		return;
	}
	json_free(doc);
}

static int search(const char *base, const char *region, const char *stack, struct newest *n, struct err *err)
{
	DIR *dir = opendir(base);
	int rc = 0;

	for (struct dirent *e; dir && rc == 0 && (e = readdir(dir)) != NULL;) {
		char *path;

		/* accounts are numbers; the sandbox keeps its things beside them */
		if (e->d_name[strspn(e->d_name, "0123456789")])
			continue;
		path = mem_printf("%s/%s/%s/%s/" FILE_NAME, base, e->d_name, region, stack);
		if (!path)
			rc = err_nomem(err);
		else if (file_exists(path))
			consider(n, path);
		mem_free(path);
	}
	if (dir)
		closedir(dir);
	return rc;
}

struct json *status_recall(const struct config *config, int64_t *seen_ms, struct err *err)
{
	const char *stack = config_str(config, OPT_STACK), *region = config_str(config, OPT_REGION);
	struct newest n = { NULL, 0 };
	struct json *status;
	char *base;
	int rc;

	if (!names_is_stack(stack) || !names_is_region(region)) {
		err_set(err, ERR_CONFIG, "stack '%s' in region '%s' cannot be", stack, region);
		return NULL;
	}
	base = state_base_dir(config, err);
	if (!base)
		return NULL;
	rc = search(base, region, stack, &n, err);
	mem_free(base);
	if (rc < 0) {
		json_free(n.doc);
		return NULL;
	}
	if (!n.doc) {
		err_set(err, ERR_CONFIG, "nothing is known of stack '%s' in %s", stack, region);
		return NULL;
	}
	status = json_copy(json_get(n.doc, "status"));
	json_free(n.doc);
	if (!status) {
		err_nomem(err);
		return NULL;
	}
	*seen_ms = n.seen_ms;
	return status;
}
