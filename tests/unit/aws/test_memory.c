/* Memory that runs out at any point ends a call with a reason, and nothing is lost or freed twice. */
#include "aws/client.h"
#include "spark/aws/ec2.h"
#include "spark/aws/iam.h"
#include "spark/aws/redshift.h"
#include "spark/aws/s3.h"
#include "spark/base/mem.h"

#include "unit/cm.h"

static const char *reply;

static int send_reply(void *arg, const struct http_call *call, struct http_answer *answer, struct err *err)
{
	(void)arg, (void)call;
	answer->status = 200;
	answer->content_length = 3;
	buf_puts(&answer->body, reply);
	return answer->body.failed ? err_nomem(err) : 0;
}

static struct aws_client *open_client(struct err *err)
{
	struct aws_client_options o = {
		.region = "us-west-2", .endpoint_url = "http://127.0.0.1:4566", .user_agent = "x", .ca_bundle = "y"
	};
	struct aws_client *c = NULL;

	snprintf(o.credentials.access_key_id, sizeof(o.credentials.access_key_id), "AKID");
	if (secret_set(&o.credentials.secret_access_key, "secret", err) == 0 &&
	    secret_set(&o.credentials.session_token, "token", err) == 0)
		c = aws_client_new(&o, err);
	if (c)
		aws_client_set_transport(c, &(struct transport){ send_reply, NULL });
	aws_credentials_clear(&o.credentials);
	return c;
}

static const struct aws_tag tags[] = { { "sparkctl:stack", "demo" } };

static int call_create_cluster(struct aws_client *c, struct err *err)
{
	const struct redshift_create in = { .id = "demo", .node_type = "ra3.large", .tags = tags, .tag_count = 1 };
	struct redshift_cluster out;
	int rc = redshift_create_cluster(c, &in, &out, err);

	if (rc == 0)
		redshift_cluster_clear(&out);
	return rc;
}

static int count_cluster(void *arg, const struct redshift_cluster *cluster)
{
	*(size_t *)arg += strlen(cluster->id);
	return 0;
}

static int call_list_clusters(struct aws_client *c, struct err *err)
{
	size_t n = 0;

	return redshift_list_clusters(c, NULL, NULL, count_cluster, &n, err);
}

static int call_find_group(struct aws_client *c, struct err *err)
{
	struct ec2_group g;
	bool found = false;
	int rc = ec2_find_group(c, "vpc-1", "g", NULL, &found, &g, err);

	if (rc == 0 && found)
		ec2_group_clear(&g);
	return rc;
}

static int call_get_role(struct aws_client *c, struct err *err)
{
	struct iam_role r;
	int rc = iam_get_role(c, "r", &r, err);

	if (rc == 0)
		iam_role_clear(&r);
	return rc;
}

static int count_object(void *arg, const struct s3_object *o)
{
	*(size_t *)arg += strlen(o->key);
	return 0;
}

static int call_list(struct aws_client *c, struct err *err)
{
	size_t n = 0;

	return s3_list(c, "bucket", "p", "/", count_object, &n, err);
}

static int call_get(struct aws_client *c, struct err *err)
{
	struct buf out;

	buf_init(&out, 100);
	int rc = s3_get(c, "bucket", "key", &out, err);
	buf_clear(&out);
	return rc;
}

static int call_delete_many(struct aws_client *c, struct err *err)
{
	static const char *const keys[] = { "a", "b" };

	return s3_delete_many(c, "bucket", keys, 2, err);
}

#define CLUSTER                                                                                       \
	"<Cluster><ClusterIdentifier>demo</ClusterIdentifier><ClusterStatus>creating</ClusterStatus>" \
	"<Tags><Tag><Key>k</Key><Value>v</Value></Tag></Tags></Cluster>"

static const struct {
	int (*call)(struct aws_client *c, struct err *err);
	const char *reply;
} rows[] = {
	{ call_create_cluster,
	  "<CreateClusterResponse><CreateClusterResult>" CLUSTER "</CreateClusterResult></CreateClusterResponse>" },
	{ call_list_clusters, "<DescribeClustersResponse><DescribeClustersResult><Clusters>" CLUSTER
			      "</Clusters></DescribeClustersResult></DescribeClustersResponse>" },
	{ call_find_group,
	  "<DescribeSecurityGroupsResponse><securityGroupInfo><item><groupId>sg-1</groupId>"
	  "<groupName>g</groupName><ipPermissions><item><ipProtocol>tcp</ipProtocol><ipRanges><item>"
	  "<cidrIp>10.0.0.0/8</cidrIp></item></ipRanges></item></ipPermissions><tagSet><item><key>k</key>"
	  "</item></tagSet></item></securityGroupInfo></DescribeSecurityGroupsResponse>" },
	{ call_get_role, "<GetRoleResponse><GetRoleResult><Role><RoleName>r</RoleName><Arn>a</Arn><Tags><member>"
			 "<Key>k</Key></member></Tags><AssumeRolePolicyDocument>%7B%7D</AssumeRolePolicyDocument>"
			 "</Role></GetRoleResult></GetRoleResponse>" },
	{ call_list, "<ListBucketResult><Contents><Key>k</Key><Size>1</Size></Contents><CommonPrefixes><Prefix>p"
		     "</Prefix></CommonPrefixes></ListBucketResult>" },
	{ call_get, "data" },
	{ call_delete_many, "<DeleteResult/>" },
};

/* Opens a client and calls, with the nth allocation failing. */
static bool attempt(size_t row, long nth)
{
	struct err err = { 0 };
	int rc = -1;

	reply = rows[row].reply;
	mem_fail_at(nth);
	struct aws_client *c = open_client(&err);
	if (c)
		rc = rows[row].call(c, &err);
	mem_fail_at(0);
	aws_client_free(c);
	if (rc != 0 && (err.kind == ERR_NONE || err.text[0] == '\0'))
		fail_msg("call %zu failed at allocation %ld without a reason", row, nth);
	return rc == 0;
}

static void every_allocation_may_fail(void **state)
{
	(void)state;
	for (size_t row = 0; row < COUNT_OF(rows); row++) {
		assert_true(attempt(row, 0));
		/* Past the last allocation the call goes well, and before it some have failed. */
		long nth = 1, failures = 0;
		for (int well = 0; well < 3 && nth < 5000; nth++) {
			bool ok = attempt(row, nth);
			failures += !ok;
			well = ok ? well + 1 : 0;
		}
		assert_true(failures > 10);
		assert_true(nth < 5000);
	}
}

static void a_signature_is_whole_or_not_there(void **state)
{
	static const char text[] = "PUT /a/../b?x=1&y=%20&z HTTP/1.1\nHost: h\nMy-A: 1\n 2\n\nbody";
	const struct sign_scope s = { "us-west-2", "s3", "20261121T100632Z", false };
	struct aws_credentials creds = { .access_key_id = "AKID" };
	char *whole = NULL;

	(void)state;
	assert_int_equal(secret_set(&creds.secret_access_key, "secret", NULL), 0);
	assert_int_equal(secret_set(&creds.session_token, "token", NULL), 0);
	for (long nth = 0; nth < 200; nth++) {
		struct err err = { 0 };
		struct buf out;
		buf_init(&out, 4096);
		mem_fail_at(nth);
		struct raw_request *raw = raw_request_parse(text, sizeof(text) - 1, &err);
		int rc = raw ? raw_request_prepare(raw, &s, &creds, &err) : -1;
		if (rc == 0)
			rc = sigv4_authorization(raw_request_view(raw), &s, &creds, &out, &err);
		mem_fail_at(0);
		if (nth == 0)
			whole = strdup(out.data);
		if (rc == 0)
			assert_string_equal(out.data, whole);
		else
			assert_int_equal(err.kind, ERR_NOMEM);
		assert_true(nth != 1 || rc != 0);
		raw_request_free(raw);
		buf_clear(&out);
	}
	free(whole);
	aws_credentials_clear(&creds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allocation_may_fail),
		cmocka_unit_test(a_signature_is_whole_or_not_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
