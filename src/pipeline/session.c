#include "pipeline/session.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/serverless.h"

/* Temporary credentials live as long as the service allows, since a load may begin late in a run. */
#define CREDENTIALS_S 3600
/* A cluster's name and port may take a while to work after it is called available. */
#define PATIENCE_MS 30000

static int not_available(const struct run *r, const char *what, const char *status, struct err *err)
{
	err_set(err, ERR_CONFLICT, "%s '%s' is '%s'", what, r->state->names.cluster, status);
	return err_hint(err, "bring it up with: sparkctl up %s", run_operands(r));
}

/* *there false: there is none of that name. */
static int ask_cluster(struct run *r, struct endpoint *e, bool *there, struct err *err)
{
	struct redshift_cluster c = { 0 };
	int rc = -1;

	*there = false;
	if (redshift_describe_cluster(r->aws, r->state->names.cluster, &c, err) < 0) {
		if (!err_has_code(err, "ClusterNotFound"))
			return -1;
		err_clear(err);
		return 0;
	}
	*there = true;
	if (wait_judge_cluster(c.status) != CLUSTER_READY || !c.host[0] || !c.port) {
		not_available(r, "cluster", c.status, err);
		goto out;
	}
	memcpy(e->host, c.host, sizeof(e->host));
	e->port = c.port;
	e->asked = true;
	rc = 0;
out:
	redshift_cluster_clear(&c);
	return rc;
}

/* The same for the stack's workgroup; another one of its name is none. */
static int ask_workgroup(struct run *r, struct endpoint *e, bool *there, struct err *err)
{
	struct serverless_workgroup w;
	bool ours;

	if (serverless_describe(r, &w, there, &ours, err) < 0)
		return -1;
	*there = *there && ours;
	if (!*there)
		return 0;
	if (strcmp(w.status, "AVAILABLE") != 0 || !w.host[0] || !w.port)
		return not_available(r, "workgroup", w.status, err);
	memcpy(e->host, w.host, sizeof(e->host));
	e->port = w.port;
	e->asked = e->serverless = true;
	return 0;
}

/* What the settings say is looked for first; a stack that was made the other way is found as well. */
static int ask_service(struct run *r, struct endpoint *e, struct err *err)
{
	bool serverless = serverless_is_wanted(r), there = false;
	struct err unsure;

	if ((serverless ? ask_workgroup(r, e, &there, err) : ask_cluster(r, e, &there, err)) < 0)
		return -1;
	if (there)
		return 0;
	if ((serverless ? ask_cluster(r, e, &there, &unsure) : ask_workgroup(r, e, &there, &unsure)) == 0 && there)
		return 0;
	if (there) {
		*err = unsure;
		return -1;
	}
	err_set(err, ERR_CONFLICT, "there is no %s '%s' in %s", serverless ? "workgroup" : "cluster",
		r->state->names.cluster, aws_client_region(r->aws));
	return err_hint(err, "make it with: sparkctl up %s", run_operands(r));
}

int endpoint_find(struct run *r, struct endpoint *out, struct err *err)
{
	const char *host = config_str(r->config, OPT_HOST), *user = config_str(r->config, OPT_DB_USER);

	memset(out, 0, sizeof(*out));
	(void)snprintf(out->user, sizeof(out->user), "%s", user);
	(void)snprintf(out->database, sizeof(out->database), "%s", config_str(r->config, OPT_DB_NAME));
	if (host && *host) {
		if (strlen(host) >= sizeof(out->host))
			return err_set(err, ERR_CONFIG, "the host's name (%s) is too long",
				       config_place(r->config, OPT_HOST));
		(void)snprintf(out->host, sizeof(out->host), "%s", host);
		out->port = (int)config_int(r->config, OPT_DB_PORT);
		return 0;
	}
	return ask_service(r, out, err);
}

int endpoint_credentials(struct run *r, struct endpoint *e, struct err *err)
{
	const struct secret *given = config_secret(r->config, OPT_DB_PASSWORD);

	if (given && secret_is_set(given))
		return secret_copy(&e->password, given, err);
	if (e->serverless) {
		if (serverless_get_credentials(r->aws, r->state->names.cluster, config_str(r->config, OPT_DB_NAME),
					       CREDENTIALS_S, e->user, &e->password, &e->expires_ms, err) < 0)
			return err_wrap(err, "cannot get temporary credentials for workgroup '%s'",
					r->state->names.cluster);
		return 0;
	}
	if (redshift_get_cluster_credentials(r->aws, r->state->names.cluster, config_str(r->config, OPT_DB_USER),
					     config_str(r->config, OPT_DB_NAME), CREDENTIALS_S, e->user, &e->password,
					     &e->expires_ms, err) < 0)
		return err_wrap(err, "cannot get temporary credentials for cluster '%s'", r->state->names.cluster);
	return 0;
}

void endpoint_clear(struct endpoint *e)
{
	secret_clear(&e->password);
}

int endpoint_connect(struct run *r, const struct endpoint *e, int connect_timeout_ms, int64_t patience_ms,
		     struct conn **out, struct err *err)
{
	struct conn_options o = {
		.host = e->host,
		.database = e->database,
		.user = e->user,
		.port = e->port,
		.password = &e->password,
		.ssl_mode = r->ssl_mode,
		.ca_file = r->ssl_ca,
		.connect_timeout_ms = connect_timeout_ms,
		.operands = run_operands(r),
		.stop = r->stop,
	};
	struct err waiting;
	struct wait w;

	wait_begin(&w, r->clock, r->stop, patience_ms);
	for (;;) {
		if (conn_open(&o, out, err) == 0)
			return 0;
		if (err->kind != ERR_UNREACHABLE || wait_elapsed_ms(&w) >= patience_ms)
			return -1;
		if (wait_pause(&w, "the cluster's first answer", &waiting) < 0) {
			if (waiting.kind == ERR_INTERRUPTED)
				*err = waiting;
			return -1;
		}
	}
}

int run_connect(struct run *r, struct conn **out, struct err *err)
{
	struct endpoint e;
	int rc;

	rc = endpoint_find(r, &e, err);
	if (rc == 0)
		rc = endpoint_credentials(r, &e, err);
	if (rc == 0)
		rc = endpoint_connect(r, &e, (int)(config_int(r->config, OPT_TIMEOUT) * 1000),
				      e.asked ? PATIENCE_MS : 0, out, err);
	endpoint_clear(&e);
	return rc;
}
