#include "sandbox/http/dispatch.h"
#include "sandbox/http/reply.h"

static int compare_version(const struct service *s, const char *action, const char *version, struct err *err)
{
	/* EC2 answers to each version it ever had; the others to the one they know. */
	if (s->ec2_style ? version && *version : version && !strcmp(version, s->version))
		return 0;
	if (s->ec2_style)
		return service_error(err, 400, "MissingParameter", "The request must contain the parameter Version");
	return service_error(err, 400, "InvalidAction", "Could not find operation %.100s for version %.40s", action,
			     version ? version : "NO_VERSION_SPECIFIED");
}

static int find_action(const struct service *s, const struct params *p, const struct action **out, struct err *err)
{
	const char *name = params_get(p, "Action"), *version = params_get(p, "Version");

	if (!name || !*name)
		return service_error(err, 400, "MissingAction", "The request must contain the parameter Action");
	if (compare_version(s, name, version, err))
		return -1;
	for (size_t i = 0; i < s->action_count; i++) {
		if (!strcmp(s->actions[i].name, name)) {
			*out = &s->actions[i];
			return 0;
		}
	}
	if (s->ec2_style)
		return service_error(err, 400, "InvalidAction", "The action %.100s is not valid for this web service.",
				     name);
	return service_error(err, 400, "InvalidAction", "Could not find operation %.100s for version %.40s", name,
			     s->version);
}

/* Under the lock: from reading to committing. */
static int run(struct world *w, const struct action *a, const struct service *s, const struct caller *who,
	       const struct params *p, struct buf *result, struct err *err)
{
	bool dry = false;
	int rc = -1;

	store_lock(w->store);
	if (access_authorize_call(w, s, who, a->name, p, err))
		goto out;
	if (s->ec2_style && params_bool(p, "DryRun", false, &dry, err))
		goto out;
	if ((s == &service_ec2 || s == &service_redshift) && ec2_ensure_region(w, who->region, err))
		goto out;
	rc = a->handle(w, who, p, result, err);
	if (rc == 0 && dry) {
		store_rollback(w->store);
		rc = service_error(err, 412, "DryRunOperation",
				   "Request would have succeeded, but DryRun flag is set.");
	}
	if (rc == 0)
		rc = store_commit(w->store, err);
out:
	if (rc)
		store_rollback(w->store);
	store_unlock(w->store);
	return rc;
}

int query_handle(struct world *w, const struct service *s, const struct caller *who, const struct http_request *r,
		 struct http_reply *reply, struct err *err)
{
	const struct action *a = NULL;
	struct params *p = NULL;
	struct buf result;
	int rc = -1;

	buf_init(&result, BUF_MAX_DEFAULT);
	if (strcmp(r->method, "POST") && strcmp(r->method, "GET")) {
		rc = service_error(err, 405, "InvalidAction", "The method %.20s is not allowed here", r->method);
		goto out;
	}
	if (params_parse(r, &p, err) || find_action(s, p, &a, err))
		goto out;
	if (run(w, a, s, who, p, &result, err))
		goto out;
	if (a->after && a->after(w, who, p, err))
		goto out;
	rc = reply_result(reply, s, a->name, &result, err);
out:
	params_free(p);
	buf_wipe(&result);
	return rc;
}
