#include <ctype.h>
#include <string.h>

#include "pipeline/serverless.h"
#include "pipeline/status_parts.h"
#include "spark/pipeline/status.h"

const struct json *status_warehouse(const struct json *status, bool *serverless)
{
	const struct json *cluster = json_get(status, "cluster"), *workgroup = json_get(status, "workgroup");

	*serverless = !json_is_object(cluster) && json_is_object(workgroup);
	return *serverless ? workgroup : json_is_object(cluster) ? cluster : NULL;
}

int status_add_workgroup(struct run *r, struct json *root, bool *available, struct err *err)
{
	char created[CLOCK_TEXT] = "", status[32];
	struct serverless_workgroup w;
	bool there, ours;
	size_t i;

	if (serverless_describe(r, &w, &there, &ours, err) < 0) {
		/* of a stack whose settings say nothing of it, nothing is expected */
		if (serverless_is_wanted(r) || err->kind == ERR_INTERRUPTED || err->kind == ERR_NOMEM)
			return -1;
		err_clear(err);
		return 0;
	}
	if (!there || !ours)
		return 0;
	*available = strcmp(w.status, "AVAILABLE") == 0 && w.host[0] && w.port;
	/* as a cluster's is told */
	for (i = 0; w.status[i]; i++)
		status[i] = (char)tolower((unsigned char)w.status[i]);
	status[i] = 0;
	if (w.created_ms)
		clock_iso_s(w.created_ms, created);
	return status_put(
		root, "workgroup",
		status_object(
			(const struct member[]){
				{ "id", w.name, 0 },
				{ "namespace", w.namespace_name, 0 },
				{ "status", status, 0 },
				{ "host", w.host, 0 },
				{ "port", NULL, w.port },
				{ "base_capacity", NULL, w.base_capacity },
				{ "max_capacity", NULL, w.max_capacity },
				{ "created", created, 0 },
				{ "age_s", NULL, w.created_ms ? (clock_now(r->clock) - w.created_ms) / 1000 : 0 },
			},
			9),
		err);
}
