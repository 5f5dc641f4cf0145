#ifndef SPARK_TESTS_PIPELINE_FAKE_AWS_H
#define SPARK_TESTS_PIPELINE_FAKE_AWS_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/client.h"
#include "spark/base/file.h"
#include "spark/base/mem.h"
#include "spark/base/url.h"
#include "spark/pipeline/pipeline.h"

#include "unit/cm.h"

/* An account in memory behind the client's transport: one role, one security group, one cluster, with the life that
 * they have on AWS, and with faults on request. Time is a number that sleeping moves. */
struct fake_aws {
	pthread_mutex_t lock;
	struct {
		bool there, ours, attached;
		char inline_policy[2048]; /* "" none */
		int creates;
	} role;
	struct {
		bool there, ours;
		int creates, held; /* deletes that still meet DependencyViolation */
		char cidrs[4][44];
	} group;
	struct {
		bool there, ours;
		int creates, polls; /* looks until the state moves on */
		char status[32], next[32];
		int refusals; /* deletes that still meet InvalidClusterState */
		char role[256];
	} cluster;
	const char *caller_ip;
	int roles_quota;

	int calls, mutations;                    /* that reached the services */
	int die_at;                              /* from this call on (from 1) nothing reaches the services; 0: never */
	bool die_after;                          /* that very call is still acted upon, only its reply is lost */
	const char *refuse_action, *refuse_code; /* this action is refused */
	struct buf actions;                      /* "CreateRole AttachRolePolicy ..." that changed things */

	int64_t now_ms;
	struct clock clock;
	volatile int stop;
};

static inline int64_t fake_now(void *arg)
{
	struct fake_aws *f = arg;
	int64_t now;

	pthread_mutex_lock(&f->lock);
	now = f->now_ms;
	pthread_mutex_unlock(&f->lock);
	return now;
}

static inline int fake_sleep(void *arg, int64_t ms, const volatile int *stop)
{
	struct fake_aws *f = arg;

	pthread_mutex_lock(&f->lock);
	f->now_ms += ms;
	pthread_mutex_unlock(&f->lock);
	return stop && *stop ? -1 : 0;
}

/* A form parameter's value, decoded. */
static inline const char *param(const char *body, const char *name, char *out, size_t size)
{
	size_t len = strlen(name), n = 0;

	out[0] = 0;
	for (const char *p = body; p && *p; p = strchr(p, '&') ? strchr(p, '&') + 1 : NULL) {
		if (strncmp(p, name, len) != 0 || p[len] != '=')
			continue;
		for (p += len + 1; *p && *p != '&' && n + 1 < size; p++) {
			if (*p == '%') {
				char hex[3] = { p[1], p[2], 0 };

				out[n++] = (char)strtol(hex, NULL, 16);
				p += 2;
			} else {
				out[n++] = *p;
			}
		}
		out[n] = 0;
		break;
	}
	return out;
}

static inline void fake_fail(struct http_answer *a, int status, const char *code)
{
	a->status = status;
	buf_reset(&a->body);
	buf_printf(&a->body,
		   "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>refused</Message></Error>"
		   "<RequestId>r</RequestId></ErrorResponse>",
		   code);
}

static inline void fake_tags(struct buf *b, bool ours, const char *item, const char *key, const char *value)
{
	if (ours)
		buf_printf(b, "<%s><%s>sparkctl:stack</%s><%s>sparkify</%s></%s>", item, key, key, value, value, item);
}

static inline void fake_role_xml(struct fake_aws *f, struct buf *b, bool tags)
{
	buf_puts(b, "<RoleName>sparkify-copy</RoleName><RoleId>AROA1</RoleId>"
		    "<Arn>arn:aws:iam::123456789012:role/sparkify-copy</Arn>");
	if (tags) {
		buf_puts(b, "<Tags>");
		fake_tags(b, f->role.ours, "member", "Key", "Value");
		buf_puts(b, "</Tags>");
	}
}

static inline void fake_iam(struct fake_aws *f, const char *action, const char *body, struct http_answer *a)
{
	struct buf *b = &a->body;
	const size_t room = sizeof(f->role.inline_policy);

	if (strcmp(action, "ListRoles") == 0) {
		buf_puts(b, "<Roles>");
		if (f->role.there) {
			buf_puts(b, "<member>");
			fake_role_xml(f, b, false);
			buf_puts(b, "</member>");
		}
		buf_puts(b, "</Roles>");
	} else if (strcmp(action, "GetAccountSummary") == 0) {
		buf_printf(b,
			   "<SummaryMap><entry><key>Roles</key><value>%d</value></entry>"
			   "<entry><key>RolesQuota</key><value>%d</value></entry></SummaryMap>",
			   f->role.there, f->roles_quota);
	} else if (strcmp(action, "SimulatePrincipalPolicy") == 0) {
		fake_fail(a, 403, "AccessDenied");
	} else if (strcmp(action, "CreateRole") == 0) {
		if (f->role.there) {
			fake_fail(a, 409, "EntityAlreadyExists");
			return;
		}
		f->role.there = f->role.ours = true;
		f->role.creates++;
		buf_puts(b, "<Role>");
		fake_role_xml(f, b, true);
		buf_puts(b, "</Role>");
	} else if (!f->role.there) {
		fake_fail(a, 404, "NoSuchEntity");
	} else if (strcmp(action, "GetRole") == 0) {
		buf_puts(b, "<Role>");
		fake_role_xml(f, b, true);
		buf_puts(b, "</Role>");
	} else if (strcmp(action, "AttachRolePolicy") == 0) {
		f->role.attached = true;
	} else if (strcmp(action, "DetachRolePolicy") == 0) {
		f->role.attached = false;
	} else if (strcmp(action, "DeleteRolePolicy") == 0) {
		f->role.inline_policy[0] = 0;
	} else if (strcmp(action, "PutRolePolicy") == 0) {
		param(body, "PolicyDocument", f->role.inline_policy, room);
	} else if (strcmp(action, "GetRolePolicy") == 0) {
		if (!f->role.inline_policy[0]) {
			fake_fail(a, 404, "NoSuchEntity");
			return;
		}
		buf_puts(b, "<PolicyDocument>");
		url_encode(b, f->role.inline_policy, strlen(f->role.inline_policy), false);
		buf_puts(b, "</PolicyDocument>");
	} else if (strcmp(action, "ListAttachedRolePolicies") == 0) {
		buf_puts(b, "<AttachedPolicies>");
		if (f->role.attached)
			buf_puts(b, "<member><PolicyName>p</PolicyName><PolicyArn>"
				    "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess</PolicyArn></member>");
		buf_puts(b, "</AttachedPolicies>");
	} else if (strcmp(action, "ListRolePolicies") == 0) {
		buf_printf(b, "<PolicyNames>%s</PolicyNames>",
			   f->role.inline_policy[0] ? "<member>sparkctl-copy</member>" : "");
	} else if (strcmp(action, "DeleteRole") == 0) {
		if (f->role.attached || f->role.inline_policy[0])
			fake_fail(a, 409, "DeleteConflict");
		else
			f->role.there = f->role.ours = false;
	} else {
		fail_msg("unexpected IAM action '%s'", action);
	}
}

static inline void fake_group_xml(struct fake_aws *f, struct buf *b)
{
	buf_puts(b, "<item><groupId>sg-1</groupId><groupName>sparkify-sg</groupName><vpcId>vpc-1</vpcId><tagSet>");
	fake_tags(b, f->group.ours, "item", "key", "value");
	buf_puts(b, "</tagSet><ipPermissions>");
	for (size_t i = 0; i < COUNT_OF(f->group.cidrs); i++) {
		if (f->group.cidrs[i][0])
			buf_printf(b,
				   "<item><ipProtocol>tcp</ipProtocol><fromPort>5439</fromPort><toPort>5439</toPort>"
				   "<ipRanges><item><cidrIp>%s</cidrIp></item></ipRanges></item>",
				   f->group.cidrs[i]);
	}
	buf_puts(b, "</ipPermissions></item>");
}

/* The slot that holds cidr ("" finds a free one), NULL when none. */
static inline char *fake_rule(struct fake_aws *f, const char *cidr)
{
	for (size_t i = 0; i < COUNT_OF(f->group.cidrs); i++) {
		if (strcmp(f->group.cidrs[i], cidr) == 0)
			return f->group.cidrs[i];
	}
	return NULL;
}

static inline void fake_ec2(struct fake_aws *f, const char *action, const char *body, struct http_answer *a)
{
	struct buf *b = &a->body;
	char cidr[44], *slot;

	param(body, "IpPermissions.1.IpRanges.1.CidrIp", cidr, sizeof(cidr));
	if (strcmp(action, "DescribeVpcs") == 0 && strstr(body, "tag%3A")) {
		buf_puts(b, "<vpcSet/>"); /* there is the default one only */
	} else if (strcmp(action, "DescribeSubnets") == 0) {
		buf_puts(b, "<subnetSet/>");
	} else if (strcmp(action, "DescribeInternetGateways") == 0) {
		buf_puts(b, "<internetGatewaySet/>");
	} else if (strcmp(action, "DescribeRouteTables") == 0) {
		buf_puts(b, "<routeTableSet/>");
	} else if (strcmp(action, "DescribeVpcs") == 0) {
		buf_puts(b, "<vpcSet><item><vpcId>vpc-1</vpcId><isDefault>true</isDefault></item></vpcSet>");
	} else if (strcmp(action, "DescribeSecurityGroups") == 0) {
		bool by_tag = strstr(body, "tag%3Asparkctl%3Astack") != NULL;

		buf_puts(b, "<securityGroupInfo>");
		if (f->group.there && (!by_tag || f->group.ours))
			fake_group_xml(f, b);
		buf_puts(b, "</securityGroupInfo>");
	} else if (strcmp(action, "CreateSecurityGroup") == 0) {
		if (f->group.there) {
			fake_fail(a, 400, "InvalidGroup.Duplicate");
			return;
		}
		f->group.there = f->group.ours = true;
		f->group.creates++;
		buf_puts(b, "<groupId>sg-1</groupId>");
	} else if (!f->group.there) {
		fake_fail(a, 400, "InvalidGroup.NotFound");
	} else if (strcmp(action, "AuthorizeSecurityGroupIngress") == 0) {
		slot = fake_rule(f, cidr) ? NULL : fake_rule(f, "");
		if (slot)
			memcpy(slot, cidr, sizeof(cidr));
		else
			fake_fail(a, 400, "InvalidPermission.Duplicate");
	} else if (strcmp(action, "RevokeSecurityGroupIngress") == 0) {
		slot = fake_rule(f, cidr);
		if (slot)
			slot[0] = 0;
		else
			fake_fail(a, 400, "InvalidPermission.NotFound");
	} else if (strcmp(action, "DeleteSecurityGroup") == 0) {
		if (f->cluster.ours || f->group.held-- > 0)
			fake_fail(a, 400, "DependencyViolation");
		else
			memset(&f->group, 0, offsetof(struct fake_aws, cluster) - offsetof(struct fake_aws, group));
	} else {
		fail_msg("unexpected EC2 action '%s'", action);
	}
}

static inline void fake_become(struct fake_aws *f, const char *status, const char *next, int polls)
{
	(void)snprintf(f->cluster.status, sizeof(f->cluster.status), "%s", status);
	(void)snprintf(f->cluster.next, sizeof(f->cluster.next), "%s", next);
	f->cluster.polls = polls;
}

static inline void fake_cluster_xml(struct fake_aws *f, struct buf *b)
{
	bool up = strcmp(f->cluster.status, "available") == 0;

	buf_printf(b,
		   "<Cluster><ClusterIdentifier>sparkify</ClusterIdentifier><ClusterStatus>%s</ClusterStatus>%s"
		   "<NumberOfNodes>1</NumberOfNodes><IamRoles><ClusterIamRole><IamRoleArn>%s</IamRoleArn>"
		   "<ApplyStatus>in-sync</ApplyStatus></ClusterIamRole></IamRoles><Tags>",
		   f->cluster.status, up ? "<Endpoint><Address>localhost</Address><Port>5439</Port></Endpoint>" : "",
		   f->cluster.role);
	fake_tags(b, f->cluster.ours, "Tag", "Key", "Value");
	buf_puts(b, "</Tags></Cluster>");
}

/* Each look lets time pass for the cluster. */
static inline void fake_live(struct fake_aws *f)
{
	if (!f->cluster.there || !f->cluster.next[0] || f->cluster.polls-- > 0)
		return;
	if (strcmp(f->cluster.next, "gone") == 0)
		f->cluster.there = f->cluster.ours = false;
	else
		fake_become(f, f->cluster.next, "", 0);
}

static inline void fake_redshift(struct fake_aws *f, const char *action, const char *body, struct http_answer *a)
{
	struct buf *b = &a->body;
	char id[64];

	param(body, "ClusterIdentifier", id, sizeof(id));
	if (strcmp(action, "DescribeClusters") == 0) {
		fake_live(f);
		if (id[0] && !f->cluster.there) {
			fake_fail(a, 404, "ClusterNotFound");
			return;
		}
		buf_puts(b, "<Clusters>");
		if (f->cluster.there)
			fake_cluster_xml(f, b);
		buf_puts(b, "</Clusters>");
	} else if (strcmp(action, "CreateCluster") == 0) {
		if (f->cluster.there) {
			fake_fail(a, 400, "ClusterAlreadyExists");
			return;
		}
		f->cluster.there = f->cluster.ours = true;
		f->cluster.creates++;
		param(body, "IamRoles.IamRoleArn.1", f->cluster.role, sizeof(f->cluster.role));
		fake_become(f, "creating", "available", 3);
		fake_cluster_xml(f, b);
	} else if (strcmp(action, "DescribeOrderableClusterOptions") == 0) {
		buf_puts(b, "<OrderableClusterOptions><OrderableClusterOption><NodeType>ra3.large</NodeType>"
			    "<ClusterType>single-node</ClusterType></OrderableClusterOption>"
			    "</OrderableClusterOptions>");
	} else if (strcmp(action, "DescribeScheduledActions") == 0) {
		fake_fail(a, 400, "ScheduledActionNotFound");
	} else if (strcmp(action, "DescribeClusterSubnetGroups") == 0) {
		buf_puts(b, "<ClusterSubnetGroups/>");
	} else if (!f->cluster.there) {
		fake_fail(a, 404, "ClusterNotFound");
	} else if (strcmp(action, "DeleteCluster") == 0) {
		if (f->cluster.refusals-- > 0 || strcmp(f->cluster.status, "paused") == 0) {
			fake_fail(a, 400, "InvalidClusterState");
			return;
		}
		fake_become(f, "deleting", "gone", 3);
		fake_cluster_xml(f, b);
	} else if (strcmp(action, "ModifyClusterIamRoles") == 0) {
		param(body, "AddIamRoles.IamRoleArn.1", f->cluster.role, sizeof(f->cluster.role));
		fake_cluster_xml(f, b);
	} else if (strcmp(action, "ResumeCluster") == 0) {
		fake_become(f, "resuming", "available", 2);
		fake_cluster_xml(f, b);
	} else {
		fail_msg("unexpected Redshift action '%s'", action);
	}
}

static inline bool is_reading(const char *action)
{
	static const char *const words[] = { "Get", "List", "Describe", "Simulate" };

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (strncmp(action, words[i], strlen(words[i])) == 0)
			return true;
	}
	return false;
}

static inline void fake_act(struct fake_aws *f, const char *action, const char *body, struct http_answer *a)
{
	char version[16];

	param(body, "Version", version, sizeof(version));
	a->status = 200;
	if (!is_reading(action)) {
		f->mutations++;
		buf_printf(&f->actions, "%s ", action);
	}
	if (f->refuse_action && strcmp(f->refuse_action, action) == 0) {
		fake_fail(a, 403, f->refuse_code);
		return;
	}
	/* the query protocol wraps results; EC2's does not */
	if (strcmp(version, "2016-11-15") == 0) {
		buf_printf(&a->body, "<%sResponse>", action);
		fake_ec2(f, action, body, a);
		if (a->status == 200)
			buf_printf(&a->body, "</%sResponse>", action);
		return;
	}
	buf_printf(&a->body, "<%sResponse><%sResult>", action, action);
	if (strcmp(action, "GetCallerIdentity") == 0)
		buf_puts(&a->body, "<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/u</Arn>"
				   "<UserId>AIDA</UserId>");
	else if (strcmp(version, "2010-05-08") == 0)
		fake_iam(f, action, body, a);
	else
		fake_redshift(f, action, body, a);
	if (a->status == 200)
		buf_printf(&a->body, "</%sResult></%sResponse>", action, action);
}

/* The account holds nothing serverless. */
static inline void fake_serverless(const struct http_call *call, struct http_answer *a)
{
	bool list = false;

	for (size_t i = 0; i < call->header_count; i++)
		list = list || strstr(call->headers[i].value, "RedshiftServerless.List") != NULL;
	a->status = list ? 200 : 400;
	buf_puts(&a->body, list ? "{}" : "{\"__type\":\"ResourceNotFoundException\",\"message\":\"not found\"}");
}

static inline int fake_send(void *arg, const struct http_call *call, struct http_answer *answer, struct err *err)
{
	struct fake_aws *f = arg;
	char body[16384] = "", action[64]; /* not from the heap, which a test may have made to fail */
	int rc = 0;

	assert_true(call->body_len < sizeof(body));
	if (call->body)
		memcpy(body, call->body, call->body_len);
	pthread_mutex_lock(&f->lock);
	f->calls++;
	if (f->die_at && (f->calls > f->die_at || (f->calls == f->die_at && !f->die_after))) {
		rc = err_set(err, ERR_INTERRUPTED, "dead");
	} else if (strstr(call->url, "list-type=2")) {
		answer->status = 200;
		buf_puts(&answer->body, "<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>");
	} else if (strcmp(call->method, "GET") == 0) {
		answer->status = 200;
		buf_printf(&answer->body, "%s\n", f->caller_ip);
	} else if (body[0] == '{') {
		fake_serverless(call, answer);
	} else {
		param(body, "Action", action, sizeof(action));
		fake_act(f, action, body, answer);
	}
	if (rc == 0 && f->die_at && f->calls == f->die_at)
		rc = err_set(err, ERR_INTERRUPTED, "dead");
	pthread_mutex_unlock(&f->lock);
	return rc;
}

/* One user at one machine. */
struct bench {
	struct fake_aws aws;
	struct config *config;
	struct aws_client *client;
	char dir[48];
	struct run run;
};

static inline void bench_open(struct bench *b)
{
	struct aws_client_options o = { .region = "us-west-2", .timeout_ms = 5000 };
	struct err err;

	memset(b, 0, sizeof(*b));
	pthread_mutex_init(&b->aws.lock, NULL);
	buf_init(&b->aws.actions, 1 << 20);
	b->aws.caller_ip = "203.0.113.7";
	b->aws.roles_quota = 1000;
	b->aws.now_ms = 1795255592000;
	b->aws.clock = (struct clock){ fake_now, fake_now, fake_sleep, &b->aws };
	/* in memory where that can be had: thousands of fsyncs take their time on a disk */
	(void)snprintf(b->dir, sizeof(b->dir), "%s/sparkctl-pipeline-XXXXXX",
		       access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(b->dir));
	assert_int_equal(setenv("XDG_STATE_HOME", b->dir, 1), 0);
	b->config = config_new(&err);
	assert_non_null(b->config);
	o.clock = &b->aws.clock;
	o.stop = &b->aws.stop;
	(void)snprintf(o.credentials.access_key_id, sizeof(o.credentials.access_key_id), "AKIDEXAMPLE");
	assert_int_equal(secret_set(&o.credentials.secret_access_key, "secret", &err), 0);
	b->client = aws_client_new(&o, &err);
	aws_credentials_clear(&o.credentials);
	assert_non_null(b->client);
	aws_client_set_transport(b->client, &(struct transport){ fake_send, &b->aws });
	b->run = (struct run){
		.config = b->config,
		.aws = b->client,
		.caller_ip_url = "http://ip.example",
		.clock = &b->aws.clock,
		.stop = &b->aws.stop,
	};
}

static inline void bench_close(struct bench *b)
{
	struct err err;

	aws_client_free(b->client);
	config_free(b->config);
	buf_clear(&b->aws.actions);
	assert_int_equal(file_remove_tree(b->dir, &err), 0);
	pthread_mutex_destroy(&b->aws.lock);
}

/* One command: prepare, work, clear. */
static inline int bench_up(struct bench *b, int *changes, struct err *err)
{
	int rc = run_prepare(&b->run, true, err);

	*changes = 0;
	if (rc == 0)
		rc = run_up(&b->run, changes, err);
	run_clear(&b->run);
	return rc;
}

static inline int bench_down(struct bench *b, int *left, struct err *err)
{
	int rc = run_prepare(&b->run, true, err);

	*left = -1;
	if (rc == 0)
		rc = run_down(&b->run, left, err);
	run_clear(&b->run);
	return rc;
}

static inline bool nothing_there(const struct bench *b)
{
	return !b->aws.role.there && !b->aws.group.there && !b->aws.cluster.there;
}

#endif
