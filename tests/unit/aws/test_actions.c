/* Each action of IAM, EC2 and Redshift: what goes out and what comes back. */
#include "spark/aws/ec2.h"
#include "spark/aws/iam.h"
#include "spark/aws/redshift.h"

#include "unit/aws/canned.h"

#define SANDBOX    "http://127.0.0.1:4566"
#define REPLY(...) static const struct canned_reply replies[] = { __VA_ARGS__ }
#define OK(text)                            \
	{                                   \
		.status = 200, .body = text \
	}
#define NO(status_, code)                                                                                        \
	{                                                                                                        \
		.status = status_, .body = "<ErrorResponse><Error><Code>" code "</Code></Error></ErrorResponse>" \
	}
#define NO2(code)                                                                                                   \
	{                                                                                                           \
		.status = 400, .body = "<Response><Errors><Error><Code>" code "</Code></Error></Errors></Response>" \
	}
#define OPEN()                                                                                      \
	struct canned net;                                                                          \
	struct err err = { 0 };                                                                     \
	struct aws_client *c = canned_open(&net, replies, COUNT_OF(replies), SANDBOX, "us-west-2"); \
	(void)state
#define CLOSE()                                        \
	assert_int_equal(net.sent, COUNT_OF(replies)); \
	canned_close(&net, c)

static const struct aws_tag tags[] = { { "sparkctl:stack", "demo" } };

#define ROLE                                                                                               \
	"<Role><Path>/</Path><RoleName>demo-copy</RoleName><RoleId>AROAX</RoleId>"                         \
	"<Arn>arn:aws:iam::123456789012:role/demo-copy</Arn><CreateDate>2026-11-21T10:06:32Z</CreateDate>" \
	"<AssumeRolePolicyDocument>%7B%22Statement%22%3A%5B%5D%7D</AssumeRolePolicyDocument>"              \
	"<Tags><member><Key>sparkctl:stack</Key><Value>demo</Value></member>"                              \
	"<member><Key>a</Key><Value/></member></Tags></Role>"

static void roles_are_created_and_read(void **state)
{
	REPLY(OK("<CreateRoleResponse><CreateRoleResult>" ROLE "</CreateRoleResult></CreateRoleResponse>"),
	      OK("<GetRoleResponse><GetRoleResult>" ROLE "</GetRoleResult></GetRoleResponse>"),
	      NO(404, "NoSuchEntity"));
	struct iam_role r;
	OPEN();

	assert_int_equal(iam_create_role(c, "demo-copy", "{\"a\":1}", "for COPY", tags, 1, NULL, &err), 0);
	assert_string_equal(
		net.requests[0].body,
		"Action=CreateRole&Version=2010-05-08&RoleName=demo-copy&AssumeRolePolicyDocument=%7B%22a%22%3A1%7D"
		"&Description=for+COPY&Tags.member.1.Key=sparkctl%3Astack&Tags.member.1.Value=demo");
	assert_int_equal(iam_get_role(c, "demo-copy", &r, &err), 0);
	assert_string_equal(r.arn, "arn:aws:iam::123456789012:role/demo-copy");
	assert_string_equal(r.id, "AROAX");
	assert_string_equal(r.trust_policy, "{\"Statement\":[]}");
	assert_int_equal(r.tags.count, 2);
	assert_string_equal(aws_tags_get(&r.tags, "sparkctl:stack"), "demo");
	assert_string_equal(aws_tags_get(&r.tags, "a"), "");
	assert_null(aws_tags_get(&r.tags, "b"));
	iam_role_clear(&r);
	assert_int_equal(iam_get_role(c, "gone", &r, &err), -1);
	assert_true(err_has_code(&err, "NoSuchEntity"));
	assert_int_equal(err.http_status, 404);
	CLOSE();
}

static void policies_of_a_role_are_changed(void **state)
{
	REPLY(OK("<AttachRolePolicyResponse><ResponseMetadata/></AttachRolePolicyResponse>"),
	      OK("<DetachRolePolicyResponse/>"), OK("<PutRolePolicyResponse/>"), OK("<DeleteRolePolicyResponse/>"),
	      OK("<DeleteRoleResponse/>"), NO(409, "DeleteConflict"));
	OPEN();

	assert_int_equal(iam_attach_role_policy(c, "r", "arn:aws:iam::aws:policy/P", &err), 0);
	assert_string_equal(net.requests[0].body, "Action=AttachRolePolicy&Version=2010-05-08&RoleName=r"
						  "&PolicyArn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FP");
	assert_int_equal(iam_detach_role_policy(c, "r", "p", &err), 0);
	assert_int_equal(iam_put_role_policy(c, "r", "read", "{}", &err), 0);
	assert_string_equal(net.requests[2].body, "Action=PutRolePolicy&Version=2010-05-08&RoleName=r&PolicyName=read"
						  "&PolicyDocument=%7B%7D");
	assert_int_equal(iam_delete_role_policy(c, "r", "read", &err), 0);
	assert_int_equal(iam_delete_role(c, "r", &err), 0);
	assert_int_equal(iam_delete_role(c, "r", &err), -1);
	assert_true(err_has_code(&err, "DeleteConflict"));
	CLOSE();
}

static void who_may_take_a_role_is_changed(void **state)
{
	REPLY(OK("<UpdateAssumeRolePolicyResponse/>"));
	OPEN();

	assert_int_equal(iam_update_trust_policy(c, "r", "{}", &err), 0);
	assert_string_equal(net.requests[0].body, "Action=UpdateAssumeRolePolicy&Version=2010-05-08&RoleName=r"
						  "&PolicyDocument=%7B%7D");
	CLOSE();
}

static void a_trust_policy_that_cannot_be_read_is_no_role(void **state)
{
	REPLY(OK("<GetRoleResponse><GetRoleResult><Role><RoleName>r</RoleName><Arn>a</Arn>"
		 "<AssumeRolePolicyDocument>%7</AssumeRolePolicyDocument></Role></GetRoleResult></GetRoleResponse>"));
	struct iam_role r;
	OPEN();

	assert_int_equal(iam_get_role(c, "r", &r, &err), -1);
	assert_int_equal(err.kind, ERR_PARSE);
	CLOSE();
}

#define SUMMARY(entries)                                                                              \
	OK("<GetAccountSummaryResponse><GetAccountSummaryResult><SummaryMap>" entries "</SummaryMap>" \
	   "</GetAccountSummaryResult></GetAccountSummaryResponse>")

static void an_account_tells_its_quota_of_roles(void **state)
{
	REPLY(SUMMARY("<entry><key>RolesQuota</key><value>1000</value></entry>"
		      "<entry><key>Users</key><value>3</value></entry><entry><key>Roles</key><value>17</value></"
		      "entry>"),
	      SUMMARY("<entry><key>Users</key><value>3</value></entry>"), NO(403, "AccessDenied"));
	struct iam_summary s;
	OPEN();

	assert_int_equal(iam_get_account_summary(c, &s, &err), 0);
	assert_string_equal(net.requests[0].body, "Action=GetAccountSummary&Version=2010-05-08");
	assert_int_equal(s.roles, 17);
	assert_int_equal(s.roles_quota, 1000);
	assert_int_equal(iam_get_account_summary(c, &s, &err), 0);
	assert_int_equal(s.roles, -1);
	assert_int_equal(s.roles_quota, -1);
	assert_int_equal(iam_get_account_summary(c, &s, &err), -1);
	assert_true(err_has_code(&err, "AccessDenied"));
	CLOSE();
}

static int collect_text(void *arg, const char *text)
{
	buf_printf(arg, "%s;", text);
	return 0;
}

static int stop_at_first(void *arg, const char *text)
{
	buf_puts(arg, text);
	return 7;
}

static int collect_role(void *arg, const struct iam_role *r)
{
	buf_printf(arg, "%s;", r->name);
	return 0;
}

#define POLICIES(inner)                                                            \
	"<ListAttachedRolePoliciesResponse><ListAttachedRolePoliciesResult>" inner \
	"</ListAttachedRolePoliciesResult></ListAttachedRolePoliciesResponse>"

static void lists_are_read_page_by_page(void **state)
{
	REPLY(OK(POLICIES("<AttachedPolicies><member><PolicyName>A</PolicyName><PolicyArn>arn:a</PolicyArn></member>"
			  "</AttachedPolicies><IsTruncated>true</IsTruncated><Marker>m+1</Marker>")),
	      OK(POLICIES("<AttachedPolicies><member><PolicyArn>arn:b</PolicyArn></member></AttachedPolicies>"
			  "<IsTruncated>false</IsTruncated>")),
	      OK("<ListRolePoliciesResponse><ListRolePoliciesResult><PolicyNames><member>x</member><member>y</member>"
		 "</PolicyNames></ListRolePoliciesResult></ListRolePoliciesResponse>"),
	      OK("<ListRolesResponse><ListRolesResult><Roles><member><RoleName>r1</RoleName><Arn>arn:1</Arn></member>"
		 "<member><RoleName>r2</RoleName><Arn>arn:2</Arn></member></Roles></ListRolesResult></"
		 "ListRolesResponse>"),
	      OK(POLICIES("<AttachedPolicies/>")));
	struct buf text;
	OPEN();

	buf_init(&text, 4096);
	assert_int_equal(iam_list_attached_role_policies(c, "r", collect_text, &text, &err), 0);
	assert_string_equal(text.data, "arn:a;arn:b;");
	ASSERT_HAS(net.requests[1].body, "&RoleName=r&Marker=m%2B1");
	buf_reset(&text);
	assert_int_equal(iam_list_role_policies(c, "r", stop_at_first, &text, &err), 7);
	assert_string_equal(text.data, "x");
	buf_reset(&text);
	assert_int_equal(iam_list_roles(c, collect_role, &text, &err), 0);
	assert_string_equal(text.data, "r1;r2;");
	buf_reset(&text);
	assert_int_equal(iam_list_attached_role_policies(c, "r", collect_text, &text, &err), 0);
	assert_string_equal(text.data, "");
	buf_clear(&text);
	CLOSE();
}

static void a_page_that_names_itself_ends_the_walk(void **state)
{
	REPLY(OK(POLICIES("<AttachedPolicies/><Marker>m</Marker>")),
	      OK(POLICIES("<AttachedPolicies/><Marker>m</Marker>")));
	struct buf text;
	OPEN();

	buf_init(&text, 4096);
	assert_int_equal(iam_list_attached_role_policies(c, "r", collect_text, &text, &err), -1);
	assert_int_equal(err.kind, ERR_PARSE);
	buf_clear(&text);
	CLOSE();
}

static void the_default_vpc_is_found_or_missed(void **state)
{
	REPLY(OK("<DescribeVpcsResponse><requestId>x</requestId><vpcSet><item><vpcId>vpc-1</vpcId></item></vpcSet>"
		 "</DescribeVpcsResponse>"),
	      OK("<DescribeVpcsResponse><vpcSet/></DescribeVpcsResponse>"));
	char id[32];
	OPEN();

	assert_int_equal(ec2_find_default_vpc(c, id, &err), 0);
	assert_string_equal(id, "vpc-1");
	ASSERT_HAS(net.requests[0].body, "Filter.1.Name=is-default&Filter.1.Value.1=true");
	assert_int_equal(ec2_find_default_vpc(c, id, &err), -1);
	assert_true(err_has_code(&err, "DefaultVpcNotFound"));
	ASSERT_HAS(err.hint, "create-default-vpc");
	CLOSE();
}

#define GROUPS(inner)                                               \
	"<DescribeSecurityGroupsResponse><securityGroupInfo>" inner \
	"</securityGroupInfo></DescribeSecurityGroupsResponse>"

static void groups_are_found_with_their_rules(void **state)
{
	REPLY(OK(GROUPS(
		      "<item><ownerId>1</ownerId><groupName>demo</groupName><groupId>sg-1</groupId><vpcId>vpc-1</vpcId>"
		      "<ipPermissions><item><ipProtocol>tcp</ipProtocol><fromPort>5439</fromPort><toPort>5440</toPort>"
		      "<ipRanges><item><cidrIp>203.0.113.9/32</cidrIp><description>me</description></item>"
		      "<item><cidrIp>10.0.0.0/8</cidrIp></item></ipRanges></item>"
		      "<item><ipProtocol>-1</ipProtocol><groups><item><groupId>sg-1</groupId></item></groups><ipRanges/"
		      "></item>"
		      "</ipPermissions><ipPermissionsEgress><item><ipProtocol>-1</ipProtocol><ipRanges><item>"
		      "<cidrIp>0.0.0.0/0</cidrIp></item></ipRanges></item></ipPermissionsEgress>"
		      "<tagSet><item><key>sparkctl:stack</key><value>demo</value></item></tagSet></item>")),
	      OK(GROUPS("")));
	struct ec2_group g;
	bool found = false;
	OPEN();

	assert_int_equal(ec2_find_group(c, "vpc-1", "demo", NULL, &found, &g, &err), 0);
	assert_true(found);
	ASSERT_HAS(net.requests[0].body, "Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1&Filter.2.Name=group-name"
					 "&Filter.2.Value.1=demo");
	assert_string_equal(g.id, "sg-1");
	assert_int_equal(g.ingress_count, 2);
	assert_string_equal(g.ingress[0].cidr, "203.0.113.9/32");
	assert_int_equal(g.ingress[0].from_port, 5439);
	assert_int_equal(g.ingress[1].to_port, 5440);
	assert_string_equal(g.ingress[1].cidr, "10.0.0.0/8");
	assert_string_equal(aws_tags_get(&g.tags, "sparkctl:stack"), "demo");
	ec2_group_clear(&g);
	assert_int_equal(ec2_find_group(c, NULL, NULL, &tags[0], &found, &g, &err), 0);
	assert_false(found);
	ASSERT_HAS(net.requests[1].body, "Filter.1.Name=tag%3Asparkctl%3Astack&Filter.1.Value.1=demo");
	assert_int_equal(ec2_find_group(c, "vpc-1", NULL, NULL, &found, &g, &err), -1);
	CLOSE();
}

static void groups_are_made_opened_closed_and_deleted(void **state)
{
	REPLY(OK("<CreateSecurityGroupResponse><return>true</return><groupId>sg-9</groupId></"
		 "CreateSecurityGroupResponse>"),
	      OK("<AuthorizeSecurityGroupIngressResponse><return>true</return></"
		 "AuthorizeSecurityGroupIngressResponse>"),
	      NO2("InvalidPermission.Duplicate"), NO2("InvalidPermission.NotFound"), NO2("InvalidGroup.NotFound"),
	      NO2("DependencyViolation"),
	      OK("<DeleteSecurityGroupResponse><return>true</return></DeleteSecurityGroupResponse>"));
	const struct ec2_rule rule = { "tcp", 5439, 5439, "203.0.113.9/32" };
	char id[32];
	OPEN();

	assert_int_equal(ec2_create_group(c, "vpc-1", "demo", "of demo", tags, 1, id, &err), 0);
	assert_string_equal(id, "sg-9");
	ASSERT_HAS(net.requests[0].body,
		   "TagSpecification.1.ResourceType=security-group"
		   "&TagSpecification.1.Tag.1.Key=sparkctl%3Astack&TagSpecification.1.Tag.1.Value=demo");
	assert_true(net.requests[0].fresh_connection);
	assert_int_equal(ec2_authorize_ingress(c, "sg-9", &rule, "me", &err), 0);
	ASSERT_HAS(
		net.requests[1].body,
		"GroupId=sg-9&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=5439&IpPermissions.1.ToPort=5439"
		"&IpPermissions.1.IpRanges.1.CidrIp=203.0.113.9%2F32&IpPermissions.1.IpRanges.1.Description=me");
	assert_int_equal(ec2_authorize_ingress(c, "sg-9", &rule, NULL, &err), 0);
	assert_int_equal(ec2_revoke_ingress(c, "sg-9", &rule, &err), 0);
	assert_int_equal(ec2_revoke_ingress(c, "sg-9", &rule, &err), -1);
	assert_true(err_has_code(&err, "InvalidGroup.NotFound"));
	assert_int_equal(ec2_delete_group(c, "sg-9", &err), -1);
	assert_true(err_has_code(&err, "DependencyViolation"));
	assert_int_equal(ec2_delete_group(c, "sg-9", &err), 0);
	CLOSE();
}

#define CLUSTER(id, status, more)                                                                              \
	"<Cluster><ClusterIdentifier>" id "</ClusterIdentifier><ClusterStatus>" status "</ClusterStatus>" more \
	"</Cluster>"
#define CLUSTERS(inner)                                                                          \
	"<DescribeClustersResponse "                                                             \
	"xmlns=\"http://redshift.amazonaws.com/doc/2012-12-01/\"><DescribeClustersResult>" inner \
	"</DescribeClustersResult></DescribeClustersResponse>"

static void clusters_are_created_as_asked(void **state)
{
	REPLY(OK("<CreateClusterResponse><CreateClusterResult>" CLUSTER(
		      "demo", "creating", "") "</CreateClusterResult></CreateClusterResponse>"),
	      OK("<CreateClusterResponse><CreateClusterResult>" CLUSTER(
		      "demo", "creating", "") "</CreateClusterResult></CreateClusterResponse>"));
	struct secret password = { 0 };
	struct redshift_create in = {
		.id = "demo",
		.cluster_type = "single-node",
		.node_type = "ra3.large",
		.db_name = "dwh",
		.master_username = "dwhuser",
		.master_password = &password,
		.nodes = 1,
		.port = 5439,
		.role_arn = "arn:r",
		.group_id = "sg-1",
		.encrypted = true,
		.tags = tags,
		.tag_count = 1,
	};
	struct redshift_cluster cl;
	OPEN();

	assert_int_equal(secret_set(&password, "Passw0rd&=+", &err), 0);
	assert_int_equal(redshift_create_cluster(c, &in, &cl, &err), 0);
	assert_string_equal(
		net.requests[0].body,
		"Action=CreateCluster&Version=2012-12-01&DBName=dwh&ClusterIdentifier=demo&ClusterType=single-node"
		"&NodeType=ra3.large&MasterUsername=dwhuser&MasterUserPassword=Passw0rd%26%3D%2B"
		"&VpcSecurityGroupIds.VpcSecurityGroupId.1=sg-1&Port=5439&PubliclyAccessible=false&Encrypted=true"
		"&Tags.Tag.1.Key=sparkctl%3Astack&Tags.Tag.1.Value=demo&IamRoles.IamRoleArn.1=arn%3Ar");
	assert_string_equal(cl.status, "creating");
	assert_string_equal(cl.host, "");
	assert_int_equal(cl.port, 0);
	redshift_cluster_clear(&cl);
	in.cluster_type = "multi-node";
	in.nodes = 4;
	assert_int_equal(redshift_create_cluster(c, &in, NULL, &err), 0);
	ASSERT_HAS(net.requests[1].body, "&NumberOfNodes=4");
	secret_clear(&password);
	CLOSE();
}

static void a_cluster_is_described(void **state)
{
	REPLY(OK(CLUSTERS("<Clusters>" CLUSTER(
		      "demo", "available",
		      "<NodeType>ra3.large</NodeType><MasterUsername>u</MasterUsername><DBName>dwh</DBName>"
		      "<Endpoint><Address>demo.x.us-west-2.redshift.amazonaws.com</Address><Port>5439</Port></Endpoint>"
		      "<ClusterCreateTime>2026-11-21T10:06:32.574Z</ClusterCreateTime><NumberOfNodes>2</NumberOfNodes>"
		      "<VpcSecurityGroups><VpcSecurityGroup><VpcSecurityGroupId>sg-1</VpcSecurityGroupId></"
		      "VpcSecurityGroup>"
		      "</VpcSecurityGroups><VpcId>vpc-1</VpcId><AvailabilityZone>us-west-2a</AvailabilityZone>"
		      "<IamRoles><ClusterIamRole><IamRoleArn>arn:r</IamRoleArn><ApplyStatus>in-sync</ApplyStatus></"
		      "ClusterIamRole>"
		      "</IamRoles><Tags><Tag><Key>sparkctl:stack</Key><Value>demo</Value></Tag></Tags>") "</"
													 "Clusters>")),
	      NO(404, "ClusterNotFound"));
	struct redshift_cluster cl;
	OPEN();

	assert_int_equal(redshift_describe_cluster(c, "demo", &cl, &err), 0);
	assert_string_equal(cl.host, "demo.x.us-west-2.redshift.amazonaws.com");
	assert_int_equal(cl.port, 5439);
	assert_int_equal(cl.nodes, 2);
	assert_int_equal(cl.created_ms, 1795255592574);
	assert_int_equal(cl.group_count, 1);
	assert_string_equal(cl.group_ids[0], "sg-1");
	assert_int_equal(cl.role_count, 1);
	assert_string_equal(cl.roles[0].arn, "arn:r");
	assert_string_equal(cl.roles[0].state, "in-sync");
	assert_string_equal(aws_tags_get(&cl.tags, "sparkctl:stack"), "demo");
	redshift_cluster_clear(&cl);
	assert_int_equal(redshift_describe_cluster(c, "gone", &cl, &err), -1);
	assert_true(err_has_code(&err, "ClusterNotFound"));
	CLOSE();
}

#define ATTACHED(n, state) \
	"<ClusterIamRole><IamRoleArn>arn:" n "</IamRoleArn><ApplyStatus>" state "</ApplyStatus></ClusterIamRole>"
#define MEMBER_OF(n) "<VpcSecurityGroup><VpcSecurityGroupId>sg-" n "</VpcSecurityGroupId></VpcSecurityGroup>"

static void a_cluster_tells_all_its_roles_and_groups(void **state)
{
	REPLY(OK(CLUSTERS("<Clusters>" CLUSTER(
		"demo", "available",
		"<IamRoles>" ATTACHED("0", "in-sync") ATTACHED("1", "in-sync") ATTACHED("2", "in-sync")
			ATTACHED("3", "in-sync") ATTACHED("4", "in-sync") ATTACHED(
				"5", "adding") "</IamRoles><VpcSecurityGroups>" MEMBER_OF("0") MEMBER_OF("1")
				MEMBER_OF("2") MEMBER_OF("3") MEMBER_OF("4") "</VpcSecurityGroups>") "</Clusters>")));
	struct redshift_cluster cl;
	OPEN();

	assert_int_equal(redshift_describe_cluster(c, "demo", &cl, &err), 0);
	assert_int_equal(cl.role_count, 6);
	assert_string_equal(cl.roles[5].arn, "arn:5");
	assert_string_equal(cl.roles[5].state, "adding");
	assert_int_equal(cl.group_count, 5);
	assert_string_equal(cl.group_ids[4], "sg-4");
	redshift_cluster_clear(&cl);
	CLOSE();
}

static int collect_cluster(void *arg, const struct redshift_cluster *cl)
{
	buf_printf(arg, "%s;", cl->id);
	return 0;
}

#define TAGGED(k, v) "<Tags><Tag><Key>" k "</Key><Value>" v "</Value></Tag></Tags>"

static void clusters_are_listed_by_the_whole_tag(void **state)
{
	/* The service answers to a key or a value; only the pair counts. */
	REPLY(OK(CLUSTERS("<Clusters>" CLUSTER("a", "x", TAGGED("s", "demo")) CLUSTER("b", "x", TAGGED("s", "other"))
				  CLUSTER("c", "x", "") "</Clusters><Marker>2</Marker>")),
	      OK(CLUSTERS("<Clusters>" CLUSTER("d", "x", TAGGED("s", "demo")) "</Clusters>")),
	      OK(CLUSTERS("<Clusters>" CLUSTER("e", "x", "") "</Clusters>")), OK(CLUSTERS("<Clusters/>")));
	struct buf text;
	OPEN();

	buf_init(&text, 4096);
	assert_int_equal(redshift_list_clusters(c, "s", "demo", collect_cluster, &text, &err), 0);
	assert_string_equal(text.data, "a;d;");
	ASSERT_HAS(net.requests[1].body, "TagKeys.TagKey.1=s&TagValues.TagValue.1=demo&Marker=2");
	assert_int_equal(redshift_list_clusters(c, NULL, NULL, collect_cluster, &text, &err), 0);
	assert_string_equal(text.data, "a;d;e;");
	assert_int_equal(redshift_list_clusters(c, NULL, NULL, collect_cluster, &text, &err), 0);
	buf_clear(&text);
	CLOSE();
}

static void clusters_are_deleted_with_or_without_a_snapshot(void **state)
{
	REPLY(OK("<DeleteClusterResponse/>"), OK("<DeleteClusterResponse/>"), NO(400, "InvalidClusterState"));
	OPEN();

	assert_int_equal(redshift_delete_cluster(c, "demo", NULL, &err), 0);
	assert_string_equal(net.requests[0].body, "Action=DeleteCluster&Version=2012-12-01&ClusterIdentifier=demo"
						  "&SkipFinalClusterSnapshot=true");
	assert_int_equal(redshift_delete_cluster(c, "demo", "last", &err), 0);
	ASSERT_HAS(net.requests[1].body, "SkipFinalClusterSnapshot=false&FinalClusterSnapshotIdentifier=last");
	assert_int_equal(redshift_delete_cluster(c, "demo", NULL, &err), -1);
	assert_true(err_has_code(&err, "InvalidClusterState"));
	CLOSE();
}

static void a_paused_cluster_is_resumed(void **state)
{
	REPLY(OK("<ResumeClusterResponse/>"), NO(400, "InvalidClusterState"));
	OPEN();

	assert_int_equal(redshift_resume_cluster(c, "demo", &err), 0);
	assert_string_equal(net.requests[0].body, "Action=ResumeCluster&Version=2012-12-01&ClusterIdentifier=demo");
	assert_int_equal(redshift_resume_cluster(c, "demo", &err), -1);
	assert_true(err_has_code(&err, "InvalidClusterState"));
	CLOSE();
}

static void a_role_is_added_to_a_cluster(void **state)
{
	REPLY(OK("<ModifyClusterIamRolesResponse/>"), NO(404, "ClusterNotFound"));
	OPEN();

	assert_int_equal(redshift_add_cluster_iam_role(c, "demo", "arn:aws:iam::1:role/r", &err), 0);
	assert_string_equal(net.requests[0].body,
			    "Action=ModifyClusterIamRoles&Version=2012-12-01&ClusterIdentifier=demo"
			    "&AddIamRoles.IamRoleArn.1=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr");
	assert_int_equal(redshift_add_cluster_iam_role(c, "gone", "arn:aws:iam::1:role/r", &err), -1);
	assert_true(err_has_code(&err, "ClusterNotFound"));
	CLOSE();
}

static void temporary_database_credentials_are_fetched(void **state)
{
	REPLY(OK("<GetClusterCredentialsResponse><GetClusterCredentialsResult><DbUser>IAM:u</DbUser>"
		 "<DbPassword>p&amp;w</DbPassword><Expiration>2026-11-21T10:21:32Z</Expiration>"
		 "</GetClusterCredentialsResult></GetClusterCredentialsResponse>"),
	      OK("<GetClusterCredentialsResponse><GetClusterCredentialsResult><DbUser>IAM:u</DbUser>"
		 "</GetClusterCredentialsResult></GetClusterCredentialsResponse>"));
	struct secret password = { 0 };
	char user[136] = "";
	int64_t expires = 0;
	OPEN();

	assert_int_equal(redshift_get_cluster_credentials(c, "demo", "u", "dwh", 900, user, &password, &expires, &err),
			 0);
	assert_string_equal(user, "IAM:u");
	assert_string_equal(secret_value(&password), "p&w");
	assert_int_equal(expires, 1795255592000 + 900000);
	ASSERT_HAS(net.requests[0].body, "DbUser=u&DbName=dwh&ClusterIdentifier=demo&DurationSeconds=900");
	assert_int_equal(redshift_get_cluster_credentials(c, "demo", "u", "dwh", 900, user, &password, &expires, &err),
			 -1);
	assert_int_equal(err.kind, ERR_PARSE);
	secret_clear(&password);
	CLOSE();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roles_are_created_and_read),
		cmocka_unit_test(policies_of_a_role_are_changed),
		cmocka_unit_test(who_may_take_a_role_is_changed),
		cmocka_unit_test(a_trust_policy_that_cannot_be_read_is_no_role),
		cmocka_unit_test(an_account_tells_its_quota_of_roles),
		cmocka_unit_test(lists_are_read_page_by_page),
		cmocka_unit_test(a_page_that_names_itself_ends_the_walk),
		cmocka_unit_test(the_default_vpc_is_found_or_missed),
		cmocka_unit_test(groups_are_found_with_their_rules),
		cmocka_unit_test(groups_are_made_opened_closed_and_deleted),
		cmocka_unit_test(clusters_are_created_as_asked),
		cmocka_unit_test(a_cluster_is_described),
		cmocka_unit_test(a_cluster_tells_all_its_roles_and_groups),
		cmocka_unit_test(clusters_are_listed_by_the_whole_tag),
		cmocka_unit_test(clusters_are_deleted_with_or_without_a_snapshot),
		cmocka_unit_test(a_paused_cluster_is_resumed),
		cmocka_unit_test(a_role_is_added_to_a_cluster),
		cmocka_unit_test(temporary_database_credentials_are_fetched),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
