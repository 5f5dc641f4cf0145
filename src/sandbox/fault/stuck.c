#include "sandbox/fault/stuck.h"

/* What ClusterAvailabilityStatus says in a state; all others: "Modifying". */
static const char *availability(const char *state)
{
	static const char *const rows[][2] = {
		{ "creating", "Unavailable" },
		{ "deleting", "Unavailable" },
		{ "paused", "Paused" },
		{ "hardware-failure", "Failed" },
		{ "incompatible-hsm", "Failed" },
		{ "incompatible-network", "Failed" },
		{ "incompatible-parameters", "Failed" },
		{ "incompatible-restore", "Failed" },
		{ "storage-full", "Failed" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (!strcmp(rows[i][0], state))
			return rows[i][1];
	return "Modifying";
}

static bool needs_available(const char *action)
{
	static const char *const names[] = { "ModifyCluster", "RebootCluster",         "PauseCluster",
					     "ResizeCluster", "CreateClusterSnapshot", "ModifyClusterIamRoles",
					     "ResumeCluster" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i], action))
			return true;
	return false;
}

int stuck_refuse(struct faults *f, const char *action, const struct http_request *r, struct err *err)
{
	struct fault_spec spec;
	struct params *p = NULL;
	const char *cluster;
	struct err ignored;
	int rc = 0;

	/* What cannot be read is refused by the service itself. */
	if (!needs_available(action) || params_parse(r, &p, &ignored))
		return 0;
	cluster = params_get(p, "ClusterIdentifier");
	if (cluster && faults_stuck(f, cluster, &spec) &&
	    (strcmp(spec.state, "paused") != 0 || strcmp(action, "ResumeCluster") != 0))
		rc = service_error(err, 400, "InvalidClusterState",
				   "There is an operation running on the Cluster. Please try to %s it at a later "
				   "time. (the cluster is in the state '%s')",
				   action, spec.state);
	params_free(p);
	return rc;
}

/* The text of the next <name> element from `from` on that begins before `end`. */
static const char *element(const char *from, const char *end, const char *name, size_t *len)
{
	char open[64], close[64];
	const char *begin, *stop;

	snprintf(open, sizeof(open), "<%s>", name);
	snprintf(close, sizeof(close), "</%s>", name);
	begin = strstr(from, open);
	if (!begin || begin >= end)
		return NULL;
	begin += strlen(open);
	stop = strstr(begin, close);
	if (!stop || stop > end)
		return NULL;
	*len = (size_t)(stop - begin);
	return begin;
}

/* One <Cluster> element, from begin to end, with what its state says in the place of what was there. */
static void show_cluster(const char *begin, const char *end, const struct fault_spec *spec, struct buf *out)
{
	const char *at = begin;
	size_t len;

	/* Redshift writes the three in this order. */
	const char *status = element(at, end, "ClusterStatus", &len);

	if (status) {
		buf_add(out, at, (size_t)(status - at));
		buf_puts(out, spec->state);
		at = status + len;
	}
	status = element(at, end, "ClusterAvailabilityStatus", &len);
	if (status) {
		buf_add(out, at, (size_t)(status - at));
		buf_puts(out, availability(spec->state));
		at = status + len;
	}
	status = strcmp(spec->state, "creating") ? NULL : element(at, end, "Endpoint", &len);
	if (status) {
		buf_add(out, at, (size_t)(status - strlen("<Endpoint>") - at));
		at = status + len + strlen("</Endpoint>");
	}
	buf_add(out, at, (size_t)(end - at));
}

void stuck_show(struct faults *f, struct buf *body)
{
	struct fault_spec spec;
	struct buf out;
	const char *at = body->data;
	bool changed = false;

	if (!strstr(body->data, "<ClusterStatus>"))
		return;
	buf_init(&out, body->max);
	for (const char *begin; (begin = strstr(at, "<Cluster>"));) {
		const char *end = strstr(begin, "</Cluster>"), *id;
		char name[64];
		size_t len = 0;

		if (!end)
			break;
		buf_add(&out, at, (size_t)(begin - at));
		id = element(begin, end, "ClusterIdentifier", &len);
		snprintf(name, sizeof(name), "%.*s", id ? (int)len : 0, id ? id : "");
		at = end;
		if (faults_stuck(f, name, &spec)) {
			show_cluster(begin, end, &spec, &out);
			changed = true;
		} else {
			buf_add(&out, begin, (size_t)(end - begin));
		}
	}
	buf_puts(&out, at);
	if (changed) {
		buf_clear(body);
		*body = out;
	} else {
		buf_clear(&out);
	}
}
