#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/cluster_create.h"
#include "pipeline/doctor_checks.h"
#include "pipeline/network.h"
#include "pipeline/serverless.h"
#include "pipeline/session.h"
#include "pipeline/tcp.h"

/* Checks of the cluster and of the way to it. */

/* Somebody waits for the answer. */
#define CONNECT_MS 5000

static void learn_cluster(struct doctor *d, const struct redshift_cluster *c, struct doctor_facts *facts)
{
	enum presence p;
	struct err unknown;

	facts->warehouse_there = true;
	facts->warehouse_ready = wait_judge_cluster(c->status) == CLUSTER_READY;
	memcpy(facts->vpc_id, c->vpc_id, sizeof(facts->vpc_id));
	memcpy(facts->host, c->host, sizeof(facts->host));
	facts->port = c->port;
	if (resource_role.find(d->run, &p, &unknown) < 0)
		return;
	for (size_t i = 0; i < c->role_count; i++)
		facts->role_attached = facts->role_attached || strcmp(c->roles[i].arn, d->run->state->role_arn) == 0;
}

static int judge_cluster(const struct doctor *d, const struct redshift_cluster *c, struct doctor_finding *f)
{
	if (!run_owns(d->run, &c->tags)) {
		finding_fail(f, ERR_CONFLICT, "the cluster '%s' does not belong to stack '%s'", c->id,
			     run_stack(d->run));
		return finding_mend(f, "choose another name with --stack; nothing is done to it");
	}
	switch (wait_judge_cluster(c->status)) {
	case CLUSTER_READY:
		return finding_ok(f, "'%s' is available", c->id);
	case CLUSTER_PAUSED:
		finding_warn(f, "'%s' is paused", c->id);
		return finding_mend(f, "sparkctl resume %s", d->operands);
	case CLUSTER_BROKEN:
		finding_fail(f, ERR_AWS, "'%s' is '%s', which does not pass by itself", c->id, c->status);
		return finding_mend(f, "sparkctl down %s, then sparkctl up %s", d->operands, d->operands);
	default:
		finding_warn(f, "'%s' is '%s'", c->id, c->status);
		return finding_mend(f, "wait for it: sparkctl status %s --watch", d->operands);
	}
}

int check_cluster(struct doctor *d, const struct check *self, struct doctor_facts *facts, struct doctor_finding *f,
		  struct err *err)
{
	const char *host = config_str(d->config, OPT_HOST), *id = d->run->state->names.cluster;
	struct redshift_cluster c = { 0 };
	int rc;

	(void)self;
	if (host && *host) {
		(void)snprintf(facts->host, sizeof(facts->host), "%s", host);
		facts->port = (int)config_int(d->config, OPT_DB_PORT);
		return finding_ok(f, "given: '%s:%d' (%s)", facts->host, facts->port,
				  config_place(d->config, OPT_HOST));
	}
	if (serverless_is_wanted(d->run))
		return doctor_look_at_workgroup(d, facts, f, err);
	if (redshift_describe_cluster(d->run->aws, id, &c, err) < 0) {
		if (!err_has_code(err, "ClusterNotFound"))
			return -1;
		return finding_ok(f, "'%s' is not there yet: 'sparkctl up %s' makes it", id, d->operands);
	}
	learn_cluster(d, &c, facts);
	rc = judge_cluster(d, &c, f);
	redshift_cluster_clear(&c);
	return rc;
}

int check_node_type(struct doctor *d, const struct check *self, struct doctor_facts *facts, struct doctor_finding *f,
		    struct err *err)
{
	struct err why = { 0 };

	(void)self;
	if ((facts->host[0] && !facts->warehouse_there) || serverless_is_wanted(d->run))
		return CHECK_NOT_HERE;
	if (cluster_check(d->run, err) < 0)
		return -1;
	if (cluster_check_new(d->run, &why) == 0)
		return finding_ok(f, "%s can be ordered in %s", config_str(d->config, OPT_NODE_TYPE),
				  aws_client_region(d->run->aws));
	if (why.kind != ERR_CONFIG || !facts->warehouse_there) {
		if (err)
			*err = why;
		return -1;
	}
	/* what there is goes on, but cannot be made again */
	finding_warn(f, "%.550s", why.text);
	return finding_mend(f, "%.550s", why.hint);
}

/* Is the address within "203.0.113.0/24"? */
static bool is_within(const char *address, const char *cidr)
{
	const char *slash = strchr(cidr, '/');
	long bits = slash ? strtol(slash + 1, NULL, 10) : 32;
	char network[44];
	struct in_addr a, n;

	(void)snprintf(network, sizeof(network), "%.*s", (int)(slash ? slash - cidr : (long)strlen(cidr)), cidr);
	if (inet_pton(AF_INET, address, &a) != 1 || inet_pton(AF_INET, network, &n) != 1 || bits < 0 || bits > 32)
		return false;
	return bits == 0 || ((ntohl(a.s_addr) ^ ntohl(n.s_addr)) >> (32 - bits)) == 0;
}

static int judge_rules(const struct doctor *d, const struct ec2_group *g, const char *address, int port,
		       struct doctor_finding *f)
{
	bool open_to_all = false, lets_in = false;

	for (size_t i = 0; i < g->ingress_count; i++) {
		const struct ec2_rule *rule = &g->ingress[i];
		bool all = strcmp(rule->protocol, "-1") == 0;

		if (!all && (strcmp(rule->protocol, "tcp") != 0 || port < rule->from_port || port > rule->to_port))
			continue;
		open_to_all = open_to_all || strcmp(rule->cidr, "0.0.0.0/0") == 0;
		lets_in = lets_in || is_within(address, rule->cidr);
	}
	if (!lets_in) {
		finding_fail(f, ERR_UNREACHABLE, "security group '%s' does not let your address %s in to port %d",
			     g->id, address, port);
		return finding_mend(f, "sparkctl up %s", d->operands);
	}
	if (open_to_all) {
		finding_warn(f, "security group '%s' lets the whole internet in to port %d", g->id, port);
		return finding_mend(f, "sparkctl up %s --ingress-cidr %s/32", d->operands, address);
	}
	return finding_ok(f, "security group '%s' lets your address %s in to port %d", g->id, address, port);
}

/* Where the warehouse is, whatever the settings say now: a cluster tells its VPC. A workgroup does not; its group is
 * found by the stack's tag. */
static int find_group(struct run *r, const struct doctor_facts *facts, bool *found, struct ec2_group *out,
		      struct err *err)
{
	struct aws_tag tag = run_tag(r);

	if (facts->vpc_id[0])
		return ec2_find_group(r->aws, facts->vpc_id, r->state->names.group, NULL, found, out, err);
	return ec2_find_group(r->aws, NULL, NULL, &tag, found, out, err);
}

int check_ingress(struct doctor *d, const struct check *self, struct doctor_facts *facts, struct doctor_finding *f,
		  struct err *err)
{
	struct run *r = d->run;
	struct ec2_group g;
	struct buf body;
	bool found;
	int rc = -1;

	(void)self;
	if (!facts->warehouse_there)
		return CHECK_NOT_HERE;
	if (find_group(r, facts, &found, &g, err) < 0)
		return -1;
	if (!found) {
		finding_fail(f, ERR_CONFLICT, "the security group '%s' is gone", r->state->names.group);
		return finding_mend(f, "sparkctl down %s, then sparkctl up %s", d->operands, d->operands);
	}
	buf_init(&body, 4096);
	if (aws_http_get(r->aws, r->caller_ip_url, &body, err) == 0) {
		body.data[strcspn(body.data, " \t\r\n")] = 0;
		rc = judge_rules(d, &g, body.data, facts->port ? facts->port : (int)config_int(r->config, OPT_DB_PORT),
				 f);
	} else {
		err_wrap(err, "cannot learn this machine's address");
	}
	buf_clear(&body);
	ec2_group_clear(&g);
	return rc;
}

int check_port(struct doctor *d, const struct check *self, struct doctor_facts *facts, struct doctor_finding *f,
	       struct err *err)
{
	(void)self;
	if (!facts->host[0] || (facts->warehouse_there && !facts->warehouse_ready))
		return CHECK_NOT_HERE;
	if (tcp_knock(facts->host, facts->port, CONNECT_MS, d->run->stop, err) < 0) {
		if (err->kind == ERR_UNREACHABLE || err->kind == ERR_TIMEOUT)
			err_hint(err,
				 facts->warehouse_there
					 ? "sparkctl up %s renews the rule for your address; beyond that a firewall "
					   "between here and there is in the way"
					 : "check HOST and DB_PORT in section [CLUSTER], which 'sparkctl status %s "
					   "--output dwh.cfg' writes",
				 d->operands);
		return -1;
	}
	facts->reachable = true;
	return finding_ok(f, "'%s:%d' answers", facts->host, facts->port);
}

int check_login(struct doctor *d, const struct check *self, struct doctor_facts *facts, struct doctor_finding *f,
		struct err *err)
{
	struct run *r = d->run;
	struct conn *conn = NULL;
	struct endpoint e;
	int rc;

	(void)self;
	if (!facts->reachable)
		return CHECK_NOT_HERE;
	rc = endpoint_find(r, &e, err);
	if (rc == 0)
		rc = endpoint_credentials(r, &e, err);
	if (rc == 0)
		rc = endpoint_connect(r, &e, CONNECT_MS, 0, &conn, err);
	if (rc == 0 && strcmp(r->ssl_mode, "verify-full") != 0) {
		finding_warn(f, "user '%s' may log in, but the server's certificate is not checked (sslmode %s)",
			     e.user, r->ssl_mode);
		finding_mend(f,
			     "name the issuer's certificate in CA_BUNDLE of section [AWS], and an endpoint with https");
	} else if (rc == 0) {
		finding_ok(f, "user '%s' may log in to '%s', TLS with the server's certificate checked", e.user,
			   e.database);
	}
	conn_close(conn);
	endpoint_clear(&e);
	return rc;
}
