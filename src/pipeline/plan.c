#include "pipeline/resource.h"

/* What an `up` would do: the same functions run, but each mutating call is written down instead of sent. */

static const char *judge(enum presence p, size_t calls)
{
	if (p == PRESENCE_GIVEN)
		return "given";
	if (p == PRESENCE_ABSENT)
		return "create";
	return calls ? "change" : "keep";
}

static int plan_row(struct run *r, const struct resource *res, enum presence p, struct json *rows, struct err *err)
{
	struct run_state *s = r->state;
	struct json *row = json_new_object(), *calls = json_new_array();
	bool changed = false;
	size_t count;
	int rc;

	s->planned = calls;
	rc = row && calls ? res->ensure(r, p, &changed, err) : err_nomem(err);
	s->planned = NULL;
	if (rc < 0)
		goto fail;
	count = json_count(calls);
	if (json_set_str(row, "resource", res->name) < 0 || json_set_str(row, "name", res->label(r)) < 0 ||
	    json_set_str(row, "action", judge(p, count)) < 0) {
		err_nomem(err);
		goto fail;
	}
	rc = json_set(row, "calls", calls);
	calls = NULL; /* taken, also on failure */
	if (rc == 0) {
		rc = json_append(rows, row);
		row = NULL;
	}
	if (rc == 0)
		return 0;
	err_nomem(err);
fail:
	json_free(row);
	json_free(calls);
	return -1;
}

static int plan_rows(struct run *r, const enum presence presence[RESOURCE_COUNT], struct json *rows, struct err *err)
{
	for (size_t i = 0; i < RESOURCE_COUNT; i++) {
		if (resource_is_wanted(r, resource_rows[i]) &&
		    plan_row(r, resource_rows[i], presence[i], rows, err) < 0)
			return -1;
	}
	return 0;
}

static int64_t count_calls(const struct json *rows)
{
	int64_t count = 0;

	for (const struct json *row = json_first(rows); row; row = json_next(row))
		count += (int64_t)json_count(json_get(row, "calls"));
	return count;
}

struct json *run_plan(struct run *r, struct err *err)
{
	enum presence presence[RESOURCE_COUNT];
	struct json *root, *rows;
	struct run_bill bill;
	int64_t changes;
	int rc;

	if (resources_look(r, presence, err) < 0)
		return NULL;
	root = json_new_object();
	rows = json_new_array();
	if (!root || !rows) {
		err_nomem(err);
		goto fail;
	}
	r->state->planning = true;
	rc = plan_rows(r, presence, rows, err);
	r->state->planning = false;
	if (rc < 0)
		goto fail;
	changes = count_calls(rows);
	rc = json_set(root, "resources", rows);
	rows = NULL; /* taken, also on failure */
	if (rc == 0 && run_bill(r, &bill, err) < 0)
		goto fail;
	if (rc == 0 && json_set_int(root, "changes", changes) == 0 && json_set_str(root, "rate", bill.rate) == 0 &&
	    json_set_str(root, "billed", bill.serverless ? "while queries run" : "while the cluster runs") == 0 &&
	    json_set_double(root, "usd_per_hour", bill.usd_per_hour) == 0 &&
	    json_set_str(root, "stack", run_stack(r)) == 0 && json_set_str(root, "account", run_account(r)) == 0 &&
	    json_set_str(root, "region", aws_client_region(r->aws)) == 0)
		return root;
	err_nomem(err);
fail:
	json_free(root);
	json_free(rows);
	return NULL;
}
