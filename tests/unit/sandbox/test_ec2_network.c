#include "unit/sandbox/ec2_help.h"

/* A network as a stack makes it; the names are those of its parts. */
struct network {
	struct fixture f;
	char vpc[64], subnet[64], gateway[64], table[64], association[64];
};

#define CALL(n, ...)         callf(&(n)->f, NULL, __VA_ARGS__)
#define REFUSE(n, code, ...) callf(&(n)->f, code, __VA_ARGS__)

static void callf(struct fixture *f, const char *code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Formats the call and makes it; code: what it is to be refused with, NULL for a call that must succeed. */
static void callf(struct fixture *f, const char *code, const char *fmt, ...)
{
	char query[800];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(query, sizeof(query), fmt, ap);
	va_end(ap);
	if (code)
		assert_refused(f, query, code);
	else
		call(f, query);
}

static void open_network(struct network *n)
{
	memset(n, 0, sizeof(*n));
	open_fixture(&n->f);
	CALL(n,
	     "Action=CreateVpc&CidrBlock=10.0.0.0/16&TagSpecification.1.ResourceType=vpc&TagSpecification.1.Tag.1.Key="
	     "a*b&TagSpecification.1.Tag.1.Value=x%%5C*y");
	value(n->f.out.data, "vpcId", n->vpc);
	CALL(n, "Action=CreateSubnet&VpcId=%s&CidrBlock=10.0.1.0/24&AvailabilityZone=us-west-2b", n->vpc);
	value(n->f.out.data, "subnetId", n->subnet);
	CALL(n, "Action=CreateInternetGateway");
	value(n->f.out.data, "internetGatewayId", n->gateway);
	CALL(n, "Action=AttachInternetGateway&InternetGatewayId=%s&VpcId=%s", n->gateway, n->vpc);
	CALL(n, "Action=CreateRouteTable&VpcId=%s", n->vpc);
	value(n->f.out.data, "routeTableId", n->table);
	CALL(n, "Action=CreateRoute&RouteTableId=%s&DestinationCidrBlock=0.0.0.0/0&GatewayId=%s", n->table, n->gateway);
	CALL(n, "Action=AssociateRouteTable&RouteTableId=%s&SubnetId=%s", n->table, n->subnet);
	value(n->f.out.data, "associationId", n->association);
}

static void close_network(struct network *n)
{
	close_fixture(&n->f);
}

static size_t documents(struct network *n, const char *kind)
{
	return store_count(n->f.a.world.store, kind, "us-west-2/");
}

static void test_a_network_comes_with_a_table_and_a_group_and_goes_with_them(void **state)
{
	struct network n;

	(void)state;
	open_network(&n);
	assert_int_equal(documents(&n, "ec2:route-table"), 3);
	assert_int_equal(documents(&n, "ec2:security-group"), 2);
	CALL(&n, "Action=DescribeSecurityGroups&Filter.1.Name=vpc-id&Filter.1.Value.1=%s", n.vpc);
	assert_non_null(strstr(n.f.out.data, "<groupName>default</groupName>"));
	REFUSE(&n, "DependencyViolation", "Action=DeleteVpc&VpcId=%s", n.vpc);
	REFUSE(&n, "DependencyViolation", "Action=DeleteRouteTable&RouteTableId=%s", n.table);
	REFUSE(&n, "DependencyViolation", "Action=DeleteInternetGateway&InternetGatewayId=%s", n.gateway);
	CALL(&n, "Action=DetachInternetGateway&InternetGatewayId=%s&VpcId=%s", n.gateway, n.vpc);
	CALL(&n, "Action=DeleteInternetGateway&InternetGatewayId=%s", n.gateway);
	REFUSE(&n, "DependencyViolation", "Action=DeleteVpc&VpcId=%s", n.vpc);
	/* The subnet's association ends with it, so that the table can go. */
	CALL(&n, "Action=DeleteSubnet&SubnetId=%s", n.subnet);
	REFUSE(&n, "InvalidAssociationID.NotFound", "Action=DisassociateRouteTable&AssociationId=%s", n.association);
	CALL(&n, "Action=DeleteRouteTable&RouteTableId=%s", n.table);
	CALL(&n, "Action=DeleteVpc&VpcId=%s", n.vpc);
	assert_int_equal(documents(&n, "ec2:vpc"), 1);
	assert_int_equal(documents(&n, "ec2:route-table"), 1);
	assert_int_equal(documents(&n, "ec2:security-group"), 1);
	assert_int_equal(documents(&n, "ec2:subnet"), 4);
	close_network(&n);
}

static void test_groups_of_a_network_hold_it(void **state)
{
	struct network n;
	char group[64];

	(void)state;
	open_network(&n);
	CALL(&n, "Action=DetachInternetGateway&InternetGatewayId=%s&VpcId=%s", n.gateway, n.vpc);
	CALL(&n, "Action=DeleteSubnet&SubnetId=%s", n.subnet);
	CALL(&n, "Action=DeleteRouteTable&RouteTableId=%s", n.table);
	CALL(&n, "Action=CreateSecurityGroup&GroupName=g&GroupDescription=d&VpcId=%s", n.vpc);
	value(n.f.out.data, "groupId", group);
	REFUSE(&n, "DependencyViolation", "Action=DeleteVpc&VpcId=%s", n.vpc);
	CALL(&n, "Action=DeleteSecurityGroup&GroupId=%s", group);
	CALL(&n, "Action=DeleteVpc&VpcId=%s", n.vpc);
	close_network(&n);
}

static void put_cluster(struct network *n, const char *rest)
{
	char text[600];

	snprintf(text, sizeof(text),
		 "{\"id\":\"c\",\"namespace\":\"n\",\"vpcId\":\"%s\",\"availabilityZone\":\"us-west-2b\",\"nodes\":4,"
		 "\"createdMs\":1000%s}",
		 n->vpc, rest);
	a_world_put(&n->f.a, "redshift:cluster", "us-west-2/c", text);
}

static void test_a_cluster_takes_an_address_for_each_node_and_its_leader(void **state)
{
	struct network n;

	(void)state;
	open_network(&n);
	put_cluster(&n, "");
	CALL(&n, "Action=DescribeSubnets&SubnetId.1=%s", n.subnet);
	assert_non_null(strstr(n.f.out.data, "<availableIpAddressCount>246</availableIpAddressCount>"));
	CALL(&n, "Action=DescribeNetworkInterfaces&Filter.1.Name=subnet-id&Filter.1.Value.1=%s", n.subnet);
	assert_int_equal(count(n.f.out.data, "<networkInterfaceId>"), 5);
	assert_int_equal(count(n.f.out.data, "<publicIp>"), 0);
	REFUSE(&n, "DependencyViolation", "Action=DeleteSubnet&SubnetId=%s", n.subnet);
	/* Without public addresses nobody needs the gateway. */
	CALL(&n, "Action=DetachInternetGateway&InternetGatewayId=%s&VpcId=%s", n.gateway, n.vpc);
	CALL(&n, "Action=AttachInternetGateway&InternetGatewayId=%s&VpcId=%s", n.gateway, n.vpc);
	put_cluster(&n, ",\"publiclyAccessible\":true");
	REFUSE(&n, "DependencyViolation", "Action=DetachInternetGateway&InternetGatewayId=%s&VpcId=%s", n.gateway,
	       n.vpc);
	CALL(&n, "Action=DescribeNetworkInterfaces&Filter.1.Name=association.public-ip&Filter.1.Value.1=203.0.113.*");
	assert_int_equal(count(n.f.out.data, "<networkInterfaceId>"), 5);
	/* The group's subnets decide where it is, when there are such. */
	CALL(&n, "Action=CreateSubnet&VpcId=%s&CidrBlock=10.0.2.0/28&AvailabilityZone=us-west-2b", n.vpc);
	value(n.f.out.data, "subnetId", n.association);
	put_cluster(&n, ",\"subnetGroup\":\"own\"");
	char text[120];
	snprintf(text, sizeof(text), "{\"subnetIds\":[\"%s\"]}", n.association);
	a_world_put(&n.f.a, "redshift:subnet-group", "us-west-2/own", text);
	CALL(&n, "Action=DescribeSubnets&Filter.1.Name=vpc-id&Filter.1.Value.1=%s", n.vpc);
	assert_non_null(strstr(n.f.out.data, "<availableIpAddressCount>6</availableIpAddressCount>"));
	assert_non_null(strstr(n.f.out.data, "<availableIpAddressCount>251</availableIpAddressCount>"));
	CALL(&n, "Action=DeleteSubnet&SubnetId=%s", n.subnet);
	close_network(&n);
}

static void test_a_subnet_of_a_subnet_group_stays(void **state)
{
	struct network n;
	char text[120];

	(void)state;
	open_network(&n);
	snprintf(text, sizeof(text), "{\"subnetIds\":[\"%s\"]}", n.subnet);
	a_world_put(&n.f.a, "redshift:subnet-group", "us-west-2/own", text);
	REFUSE(&n, "DependencyViolation", "Action=DeleteSubnet&SubnetId=%s", n.subnet);
	a_world_put(&n.f.a, "redshift:subnet-group", "us-west-2/own", "{\"subnetIds\":[]}");
	CALL(&n, "Action=DeleteSubnet&SubnetId=%s", n.subnet);
	close_network(&n);
}

static void test_other_regions_do_not_matter(void **state)
{
	struct network n;
	char text[200];

	(void)state;
	open_network(&n);
	snprintf(text, sizeof(text), "{\"subnetIds\":[\"%s\"],\"vpcId\":\"%s\"}", n.subnet, n.vpc);
	a_world_put(&n.f.a, "redshift:subnet-group", "eu-west-1/own", text);
	a_world_put(&n.f.a, "redshift:cluster", "eu-west-1/c", text);
	CALL(&n, "Action=DescribeNetworkInterfaces");
	assert_string_equal(n.f.out.data, "<networkInterfaceSet></networkInterfaceSet>");
	CALL(&n, "Action=DeleteSubnet&SubnetId=%s", n.subnet);
	close_network(&n);
}

static void test_a_wildcard_behind_a_backslash_means_itself(void **state)
{
	struct network n;

	(void)state;
	open_network(&n);
	CALL(&n, "Action=DescribeVpcs&Filter.1.Name=tag-key&Filter.1.Value.1=a%%5C*b");
	assert_int_equal(count(n.f.out.data, "<vpcId>"), 1);
	CALL(&n, "Action=DescribeVpcs&Filter.1.Name=tag-key&Filter.1.Value.1=a%%5C?b");
	assert_int_equal(count(n.f.out.data, "<vpcId>"), 0);
	CALL(&n, "Action=DescribeVpcs&Filter.1.Name=tag-value&Filter.1.Value.1=x%%5C%%5C%%5C*y");
	assert_int_equal(count(n.f.out.data, "<vpcId>"), 1);
	CALL(&n, "Action=DescribeVpcs&Filter.1.Name=tag-value&Filter.1.Value.1=x%%5C*y");
	assert_int_equal(count(n.f.out.data, "<vpcId>"), 0);
	close_network(&n);
}

static void test_what_there_is_none_of_is_an_empty_list(void **state)
{
	static const struct {
		const char *action, *set, *asked, *code;
	} cases[] = {
		{ "DescribeInstances", "reservationSet", "InstanceId.1=i-1", "InvalidInstanceID.NotFound" },
		{ "DescribeNatGateways", "natGatewaySet", "NatGatewayId.1=nat-1", "NatGatewayNotFound" },
		{ "DescribeVpcEndpoints", "vpcEndpointSet", "VpcEndpointId.1=vpce-1", "InvalidVpcEndpointId.NotFound" },
		{ "DescribeAddresses", "addressesSet", "AllocationId.1=eipalloc-1", "InvalidAllocationID.NotFound" },
	};
	struct network n;
	char want[100];

	(void)state;
	open_network(&n);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		CALL(&n, "Action=%s", cases[i].action);
		snprintf(want, sizeof(want), "<%s></%s>", cases[i].set, cases[i].set);
		assert_string_equal(n.f.out.data, want);
		REFUSE(&n, cases[i].code, "Action=%s&%s", cases[i].action, cases[i].asked);
	}
	CALL(&n, "Action=DescribeNetworkAcls&Filter.1.Name=vpc-id&Filter.1.Value.1=%s", n.vpc);
	assert_int_equal(count(n.f.out.data, "<networkAclAssociationId>"), 1);
	assert_int_equal(count(n.f.out.data, "<ruleNumber>"), 4);
	REFUSE(&n, "InvalidNetworkAclID.NotFound", "Action=DescribeNetworkAcls&NetworkAclId.1=acl-1");
	CALL(&n, "Action=DescribeDhcpOptions");
	value(n.f.out.data, "dhcpOptionsId", want);
	CALL(&n, "Action=DescribeVpcs&Filter.1.Name=dhcp-options-id&Filter.1.Value.1=%s", want);
	assert_int_equal(count(n.f.out.data, "<vpcId>"), 2);
	close_network(&n);
}

/* One call, of which the nth allocation fails; the reply has its room already. */
static int call_short_of_memory(struct network *n, const struct params *p, const struct action *action, long nth)
{
	struct caller who = { .account = "123456789012", .region = "us-west-2" };
	struct world *w = &n->f.a.world;
	int rc;

	err_clear(&n->f.err);
	buf_reset(&n->f.out);
	assert_non_null(buf_reserve(&n->f.out, 1 << 16));
	store_lock(w->store);
	mem_fail_at(nth);
	rc = action->handle(w, &who, p, &n->f.out, &n->f.err);
	if (rc == 0)
		rc = store_commit(w->store, &n->f.err);
	mem_fail_at(0);
	if (rc)
		store_rollback(w->store);
	store_unlock(w->store);
	return rc;
}

/* Wherever memory ends: an error that says so, and nothing half done. Returns how often it had to fail. */
static long run_out_of_memory(struct network *n, const char *query, const char *kind)
{
	struct http_request r = { .method = "POST", .target = "/", .query = query };
	size_t before = documents(n, kind);
	const struct action *action = service_ec2.actions;
	struct params *p = NULL;
	long nth = 1;

	assert_int_equal(params_parse(&r, &p, &n->f.err), 0);
	while (strcmp(action->name, params_get(p, "Action")))
		action++;
	for (; call_short_of_memory(n, p, action, nth); nth++) {
		assert_int_equal(n->f.err.kind, ERR_NOMEM);
		assert_int_equal(documents(n, kind), before);
	}
	params_free(p);
	return nth - 1;
}

static void test_running_out_of_memory_leaves_nothing_half_made(void **state)
{
	struct network n;
	char query[400];

	(void)state;
	open_network(&n);
	put_cluster(&n, "");
	assert_in_range(run_out_of_memory(&n, "Action=CreateVpc&CidrBlock=10.9.0.0/16", "ec2:route-table"), 20, 2000);
	run_out_of_memory(&n, "Action=DescribeNetworkInterfaces&Filter.1.Name=status&Filter.1.Value.1=in*", "ec2:vpc");
	run_out_of_memory(&n, "Action=DescribeNetworkAcls", "ec2:vpc");
	run_out_of_memory(&n, "Action=DescribeRegions", "ec2:vpc");
	snprintf(query, sizeof(query), "Action=CreateSubnet&VpcId=%s&CidrBlock=10.0.9.0/24", n.vpc);
	run_out_of_memory(&n, query, "ec2:subnet");
	snprintf(query, sizeof(query), "Action=CreateRouteTable&VpcId=%s", n.vpc);
	run_out_of_memory(&n, query, "ec2:route-table");
	snprintf(query, sizeof(query), "Action=ReplaceRouteTableAssociation&AssociationId=%s&RouteTableId=%s",
		 n.association, n.table);
	run_out_of_memory(&n, query, "ec2:route-table");
	snprintf(query, sizeof(query), "Action=DeleteRoute&RouteTableId=%s&DestinationCidrBlock=0.0.0.0/0", n.table);
	run_out_of_memory(&n, query, "ec2:route-table");
	close_network(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_network_comes_with_a_table_and_a_group_and_goes_with_them),
		cmocka_unit_test(test_groups_of_a_network_hold_it),
		cmocka_unit_test(test_a_cluster_takes_an_address_for_each_node_and_its_leader),
		cmocka_unit_test(test_a_subnet_of_a_subnet_group_stays),
		cmocka_unit_test(test_other_regions_do_not_matter),
		cmocka_unit_test(test_a_wildcard_behind_a_backslash_means_itself),
		cmocka_unit_test(test_what_there_is_none_of_is_an_empty_list),
		cmocka_unit_test(test_running_out_of_memory_leaves_nothing_half_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
