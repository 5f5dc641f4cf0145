#include "unit/sandbox/ec2_help.h"

static void test_a_region_begins_with_a_default_network(void **state)
{
	struct fixture f;
	char vpc[64], again[64], group[64];

	(void)state;
	open_fixture(&f);
	value(call(&f, "Action=DescribeVpcs"), "vpcId", vpc);
	assert_int_equal(count(f.out.data, "<isDefault>true</isDefault>"), 1);
	assert_non_null(strstr(f.out.data, "<cidrBlock>172.31.0.0/16</cidrBlock>"));
	assert_string_equal(value(call(&f, "Action=DescribeVpcs"), "vpcId", again), vpc);
	call(&f, "Action=DescribeSubnets");
	assert_int_equal(count(f.out.data, "<subnetId>"), 4);
	assert_int_equal(count(f.out.data, "<availableIpAddressCount>4091<"), 4);
	assert_int_equal(count(call(&f, "Action=DescribeInternetGateways"), vpc), 1);
	call(&f, "Action=DescribeRouteTables&Filter.1.Name=association.main&Filter.1.Value.1=true");
	assert_int_equal(count(f.out.data, "<destinationCidrBlock>"), 2);
	value(call(&f, "Action=DescribeSecurityGroups"), "groupName", group);
	assert_string_equal(group, "default");
	assert_int_equal(count(call(&f, "Action=DescribeAvailabilityZones"), "<zoneName>us-west-2"), 4);
	assert_int_equal(count(call(&f, "Action=DescribeAccountAttributes&AttributeName.1=default-vpc"), vpc), 1);
	close_fixture(&f);
}

static void test_filters_narrow_by_every_name_and_any_value(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f);
	call(&f, "Action=DescribeSubnets&Filter.1.Name=availability-zone&Filter.1.Value.1=us-west-2a&Filter.1.Value.2="
		 "us-west-2c");
	assert_int_equal(count(f.out.data, "<subnetId>"), 2);
	call(&f, "Action=DescribeSubnets&Filter.1.Name=availability-zone&Filter.1.Value.1=us-west-2?"
		 "&Filter.2.Name=cidr-block&Filter.2.Value.1=*.16.0/20");
	assert_int_equal(count(f.out.data, "<subnetId>"), 1);
	call(&f, "Action=DescribeVpcs&Filter.1.Name=is-default&Filter.1.Value.1=false");
	assert_string_equal(f.out.data, "<vpcSet></vpcSet>");
	call(&f,
	     "Action=CreateSecurityGroup&GroupName=g&GroupDescription=d&TagSpecification.1.ResourceType=security-group"
	     "&TagSpecification.1.Tag.1.Key=sparkctl:stack&TagSpecification.1.Tag.1.Value=music");
	call(&f, "Action=DescribeSecurityGroups&Filter.1.Name=tag:sparkctl:stack&Filter.1.Value.1=mus*");
	assert_int_equal(count(f.out.data, "<groupId>"), 1);
	call(&f, "Action=DescribeSecurityGroups&Filter.1.Name=tag-key&Filter.1.Value.1=sparkctl");
	assert_int_equal(count(f.out.data, "<groupId>"), 0);
	assert_refused(&f, "Action=DescribeVpcs&Filter.1.Name=colour&Filter.1.Value.1=red", "InvalidParameterValue");
	assert_string_equal(f.err.text, "The filter 'colour' is invalid");
	assert_refused(&f, "Action=DescribeVpcs&Filter.1.Name=vpc-id", "InvalidParameterValue");
	close_fixture(&f);
}

static void test_pages_give_everything_once(void **state)
{
	struct fixture f;
	char query[200], token[64];
	size_t groups = 0;
	int pages = 1;

	(void)state;
	open_fixture(&f);
	for (int i = 0; i < 11; i++) {
		snprintf(query, sizeof(query), "Action=CreateSecurityGroup&GroupName=g%d&GroupDescription=d", i);
		call(&f, query);
	}
	groups = count(call(&f, "Action=DescribeSecurityGroups&MaxResults=5"), "<groupName>");
	assert_int_equal(groups, 5);
	for (; strstr(f.out.data, "<nextToken>"); pages++) {
		value(f.out.data, "nextToken", token);
		for (char *p = strchr(token, '='); p; p = strchr(p, '='))
			*p = 0;
		snprintf(query, sizeof(query), "Action=DescribeSecurityGroups&MaxResults=5&NextToken=%s%s", token,
			 strlen(token) % 4 == 2   ? "%3D%3D"
			 : strlen(token) % 4 == 3 ? "%3D"
						  : "");
		groups += count(call(&f, query), "<groupName>");
	}
	assert_int_equal(pages, 3);
	assert_int_equal(groups, 12);
	assert_refused(&f, "Action=DescribeSecurityGroups&MaxResults=4", "InvalidParameterValue");
	assert_refused(&f, "Action=DescribeSecurityGroups&NextToken=nonsense", "InvalidNextToken");
	close_fixture(&f);
}

#define TCP "IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=5439&IpPermissions.1.ToPort=5439"

static void test_rules_are_kept_found_and_taken_back(void **state)
{
	struct fixture f;
	char query[400], id[64], rule[64];

	(void)state;
	open_fixture(&f);
	value(call(&f, "Action=CreateSecurityGroup&GroupName=g&GroupDescription=d"), "groupId", id);
	snprintf(query, sizeof(query),
		 "Action=AuthorizeSecurityGroupIngress&GroupId=%s&" TCP
		 "&IpPermissions.1.IpRanges.1.CidrIp=10.1.2.3/16&IpPermissions.1.IpRanges.1.Description=office"
		 "&IpPermissions.1.Groups.1.GroupId=%s",
		 id, id);
	call(&f, query);
	assert_int_equal(count(f.out.data, "<securityGroupRuleId>"), 2);
	/* Bits behind the prefix do not count. */
	assert_non_null(strstr(f.out.data, "<cidrIpv4>10.1.0.0/16</cidrIpv4>"));
	value(f.out.data, "securityGroupRuleId", rule);
	assert_refused(&f, query, "InvalidPermission.Duplicate");
	assert_string_equal(f.err.text, "the specified rule \"peer: 10.1.0.0/16, TCP, from port: 5439, to port: 5439, "
					"ALLOW\" already exists");
	call(&f, "Action=DescribeSecurityGroups&GroupName.1=g");
	assert_int_equal(count(f.out.data, "<ipProtocol>tcp</ipProtocol>"), 1);
	assert_int_equal(count(f.out.data, "<description>office</description>"), 1);
	call(&f, "Action=DescribeSecurityGroups&Filter.1.Name=ip-permission.from-port&Filter.1.Value.1=5439");
	assert_int_equal(count(f.out.data, "<groupName>"), 1);
	snprintf(query, sizeof(query), "Action=DescribeSecurityGroupRules&SecurityGroupRuleId.1=%s", rule);
	assert_int_equal(count(call(&f, query), "<groupId>"), 1);
	snprintf(query, sizeof(query), "Action=RevokeSecurityGroupIngress&GroupId=%s&SecurityGroupRuleId.1=%s", id,
		 rule);
	call(&f, query);
	assert_refused(&f, query, "InvalidSecurityGroupRuleId.NotFound");
	assert_refused(
		&f, "Action=RevokeSecurityGroupIngress&GroupName=g&IpProtocol=tcp&FromPort=1&ToPort=2&CidrIp=0.0.0.0/0",
		"InvalidPermission.NotFound");
	call(&f, "Action=RevokeSecurityGroupEgress&GroupName=g&IpPermissions.1.IpProtocol=-1"
		 "&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0/0");
	call(&f, "Action=DescribeSecurityGroups&GroupName.1=g");
	assert_int_equal(count(f.out.data, "<ipPermissionsEgress></ipPermissionsEgress>"), 1);
	close_fixture(&f);
}

static void test_rules_that_make_no_sense_are_refused(void **state)
{
	static const struct {
		const char *rest, *code;
	} cases[] = {
		{ "", "MissingParameter" },
		{ TCP, "MissingParameter" },
		{ TCP "&IpPermissions.1.IpRanges.1.CidrIp=10.0.0.0", "InvalidParameterValue" },
		{ TCP "&IpPermissions.1.IpRanges.1.CidrIp=::/0", "InvalidParameterValue" },
		{ TCP "&IpPermissions.1.Groups.1.GroupId=sg-0123", "InvalidGroup.NotFound" },
		{ TCP "&IpPermissions.1.Groups.1.GroupId=vpc-1", "InvalidGroupId.Malformed" },
		{ TCP "&IpPermissions.1.IpRanges.1.CidrIp=10.0.0.0/8&IpPermissions.1.IpRanges.2.CidrIp=10.1.0.0/8",
		  "InvalidParameterValue" },
		{ "IpPermissions.1.IpProtocol=tcp&IpPermissions.1.IpRanges.1.CidrIp=10.0.0.0/8",
		  "InvalidParameterValue" },
		{ "IpPermissions.1.IpProtocol=carrot&IpPermissions.1.IpRanges.1.CidrIp=10.0.0.0/8",
		  "InvalidParameterValue" },
		{ "IpProtocol=tcp&FromPort=70000&ToPort=70000&CidrIp=10.0.0.0/8", "InvalidParameterValue" },
		{ "IpProtocol=tcp&FromPort=9&ToPort=8&CidrIp=10.0.0.0/8", "InvalidParameterValue" },
		{ "IpProtocol=tcp&FromPort=x&ToPort=8&CidrIp=10.0.0.0/8", "InvalidParameterValue" },
	};
	struct fixture f;
	char query[400];

	(void)state;
	open_fixture(&f);
	call(&f, "Action=CreateSecurityGroup&GroupName=g&GroupDescription=d");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		snprintf(query, sizeof(query), "Action=AuthorizeSecurityGroupIngress&GroupName=g&%s", cases[i].rest);
		assert_refused(&f, query, cases[i].code);
	}
	assert_refused(&f, "Action=AuthorizeSecurityGroupIngress&" TCP, "MissingParameter");
	assert_refused(&f, "Action=AuthorizeSecurityGroupIngress&GroupName=h&" TCP, "InvalidGroup.NotFound");
	close_fixture(&f);
}

static void test_groups_have_names_of_their_own_and_go_when_unused(void **state)
{
	struct fixture f;
	char id[64], other[64], query[300], cluster[200];

	(void)state;
	open_fixture(&f);
	value(call(&f, "Action=CreateSecurityGroup&GroupName=g&GroupDescription=d"), "groupId", id);
	value(call(&f, "Action=CreateSecurityGroup&GroupName=h&GroupDescription=d"), "groupId", other);
	assert_refused(&f, "Action=CreateSecurityGroup&GroupName=g&GroupDescription=d", "InvalidGroup.Duplicate");
	assert_refused(&f, "Action=CreateSecurityGroup&GroupName=default&GroupDescription=d", "InvalidParameterValue");
	assert_refused(&f, "Action=CreateSecurityGroup&GroupName=sg-1&GroupDescription=d", "InvalidParameterValue");
	assert_refused(&f, "Action=CreateSecurityGroup&GroupName=x", "MissingParameter");
	assert_refused(&f, "Action=CreateSecurityGroup&GroupDescription=x", "MissingParameter");
	assert_refused(&f, "Action=CreateSecurityGroup&GroupName=x&GroupDescription=%C3%A9", "InvalidParameterValue");
	assert_refused(&f, "Action=CreateSecurityGroup&GroupName=x&GroupDescription=d&VpcId=vpc-0a",
		       "InvalidVpcID.NotFound");
	assert_refused(&f, "Action=DeleteSecurityGroup&GroupName=default", "CannotDelete");
	assert_refused(&f, "Action=DeleteSecurityGroup&GroupId=sg-0a", "InvalidGroup.NotFound");
	snprintf(cluster, sizeof(cluster), "{\"vpcSecurityGroupIds\":[\"%s\"]}", id);
	a_world_put(&f.a, "redshift:cluster", "us-west-2/c", cluster);
	assert_refused(&f, "Action=DeleteSecurityGroup&GroupName=g", "DependencyViolation");
	a_world_put(&f.a, "redshift:cluster", "us-west-2/c", "{\"vpcSecurityGroupIds\":[]}");
	snprintf(query, sizeof(query),
		 "Action=AuthorizeSecurityGroupIngress&GroupName=h&" TCP "&IpPermissions.1.Groups.1.GroupId=%s", id);
	call(&f, query);
	assert_refused(&f, "Action=DeleteSecurityGroup&GroupName=g", "DependencyViolation");
	call(&f, "Action=DeleteSecurityGroup&GroupName=h");
	call(&f, "Action=DeleteSecurityGroup&GroupName=g");
	assert_int_equal(count(call(&f, "Action=DescribeSecurityGroups"), "<groupName>"), 1);
	close_fixture(&f);
}

static void test_tags_come_and_go(void **state)
{
	struct fixture f;
	char id[64], rule[64], vpc[64], query[600], big[700];

	(void)state;
	open_fixture(&f);
	value(call(&f, "Action=DescribeVpcs"), "vpcId", vpc);
	value(call(&f, "Action=CreateSecurityGroup&GroupName=g&GroupDescription=d"), "groupId", id);
	value(call(&f, "Action=AuthorizeSecurityGroupIngress&GroupName=g&IpProtocol=tcp&FromPort=1&ToPort=2&CidrIp=10."
		       "0.0.0/8"),
	      "securityGroupRuleId", rule);
	/* A group and a rule of it in one call: neither change is lost. */
	snprintf(query, sizeof(query),
		 "Action=CreateTags&ResourceId.1=%s&ResourceId.2=%s&ResourceId.3=%s&Tag.1.Key=a"
		 "&Tag.1.Value=1&Tag.2.Key=b&Tag.2.Value=",
		 id, rule, vpc);
	call(&f, query);
	assert_int_equal(count(call(&f, "Action=DescribeTags"), "<item>"), 6);
	call(&f, "Action=DescribeTags&Filter.1.Name=resource-type&Filter.1.Value.1=security-group*&Filter.2.Name=key"
		 "&Filter.2.Value.1=a");
	assert_int_equal(count(f.out.data, "<item>"), 2);
	snprintf(query, sizeof(query), "Action=DeleteTags&ResourceId.1=%s&Tag.1.Key=a&Tag.1.Value=2&Tag.2.Key=b", id);
	call(&f, query);
	call(&f, "Action=DescribeTags&Filter.1.Name=resource-type&Filter.1.Value.1=security-group");
	assert_int_equal(count(f.out.data, "<item>"), 1);
	snprintf(query, sizeof(query), "Action=DeleteTags&ResourceId.1=%s", vpc);
	call(&f, query);
	call(&f, "Action=DescribeTags&Filter.1.Name=resource-id&Filter.1.Value.1=vpc-*");
	assert_int_equal(count(f.out.data, "<item>"), 0);
	assert_refused(&f, "Action=CreateTags&ResourceId.1=nonsense&Tag.1.Key=a", "InvalidID");
	assert_refused(&f, "Action=CreateTags&ResourceId.1=sg-0a&Tag.1.Key=a", "InvalidGroup.NotFound");
	assert_refused(&f, "Action=CreateTags&Tag.1.Key=a", "MissingParameter");
	snprintf(query, sizeof(query), "Action=CreateTags&ResourceId.1=%s&Tag.1.Key=AWS:x", id);
	assert_refused(&f, query, "InvalidParameterValue");
	snprintf(big, sizeof(big), "Action=CreateTags&ResourceId.1=%s&Tag.1.Key=%0129d", id, 0);
	assert_refused(&f, big, "InvalidParameterValue");
	snprintf(big, sizeof(big), "Action=CreateTags&ResourceId.1=%s&Tag.1.Key=k&Tag.1.Value=%0257d", id, 0);
	assert_refused(&f, big, "InvalidParameterValue");
	for (int i = 0; i < 49; i++) {
		snprintf(query, sizeof(query), "Action=CreateTags&ResourceId.1=%s&Tag.1.Key=k%d", id, i);
		call(&f, query);
	}
	snprintf(query, sizeof(query), "Action=CreateTags&ResourceId.1=%s&Tag.1.Key=one-more", id);
	assert_refused(&f, query, "TagLimitExceeded");
	close_fixture(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_region_begins_with_a_default_network),
		cmocka_unit_test(test_filters_narrow_by_every_name_and_any_value),
		cmocka_unit_test(test_pages_give_everything_once),
		cmocka_unit_test(test_rules_are_kept_found_and_taken_back),
		cmocka_unit_test(test_rules_that_make_no_sense_are_refused),
		cmocka_unit_test(test_groups_have_names_of_their_own_and_go_when_unused),
		cmocka_unit_test(test_tags_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
