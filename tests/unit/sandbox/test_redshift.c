/* Redshift's calls where no cluster has to run: which state allows what, what is refused, what the documents say. */
#include "sandbox/cluster/events.h"
#include "sandbox/http/redshift/redshift_schedule.h"
#include "unit/sandbox/a_world.h"

#define CLUSTER                                                                                                        \
	"{\"id\": \"c\", \"region\": \"us-west-2\", \"status\": \"%s\", \"port\": 5439, \"nodeType\": \"ra3.xlplus\"," \
	" \"nodes\": 2, \"clusterType\": \"multi-node\", \"masterUsername\": \"dwhuser\", \"dbName\": \"dwh\","        \
	" \"vpcId\": \"vpc-1\", \"manualRetention\": -1, \"iamRoles\": [], \"tags\": {}%s}"

struct desk {
	struct a_world a;
	struct buf out;
	struct err err;
};

static int open_desk(void **state)
{
	struct desk *d = mem_alloc(sizeof(*d));

	assert_non_null(d);
	a_world_open(&d->a);
	d->a.now_ms = 1795262400000; /* 2026-11-21T12:00:00Z */
	buf_init(&d->out, BUF_MAX_DEFAULT);
	*state = d;
	return 0;
}

static int close_desk(void **state)
{
	struct desk *d = *state;

	buf_clear(&d->out);
	a_world_close(&d->a);
	mem_free(d);
	return 0;
}

static void put_cluster(struct desk *d, const char *status, const char *more)
{
	char text[1024];

	snprintf(text, sizeof(text), CLUSTER, status, more);
	a_world_put(&d->a, "redshift:cluster", "us-west-2/c", text);
}

static const char *member(struct desk *d, const char *name)
{
	return json_str(store_get(d->a.world.store, "redshift:cluster", "us-west-2/c"), name, "");
}

static void ask(struct desk *d, const char *form)
{
	err_clear(&d->err);
	if (a_world_call(&d->a, &service_redshift, form, &d->out, &d->err))
		fail_msg("'%s': %s: %s", form, d->err.code, d->err.text);
}

static void refused(struct desk *d, const char *code, int status, const char *form)
{
	err_clear(&d->err);
	if (!a_world_call(&d->a, &service_redshift, form, &d->out, &d->err))
		fail_msg("'%s' was not refused", form);
	if (strcmp(d->err.code, code) || d->err.http_status != status)
		fail_msg("'%s': %s %d, not %s %d: %s", form, d->err.code, d->err.http_status, code, status,
			 d->err.text);
}

static const char *const statuses[] = { "available",
					"creating",
					"deleting",
					"final-snapshot",
					"modifying",
					"renaming",
					"rebooting",
					"pausing",
					"paused",
					"resuming",
					"resizing",
					"cancelling-resize",
					"available, prep-for-resize",
					"available, resize-cleanup",
					"hardware-failure",
					"incompatible-network" };

static void test_each_call_is_allowed_in_its_states_only(void **state)
{
	static const struct {
		const char *form, *becomes;
		const char *allowed; /* "|state|state|" */
	} rows[] = {
		{ "Action=PauseCluster&ClusterIdentifier=c", "pausing", "|available|" },
		{ "Action=ResumeCluster&ClusterIdentifier=c", "resuming", "|paused|" },
		{ "Action=RebootCluster&ClusterIdentifier=c", "rebooting",
		  "|available|hardware-failure|incompatible-network|" },
		{ "Action=DeleteCluster&ClusterIdentifier=c&SkipFinalClusterSnapshot=true", "deleting",
		  "|available|hardware-failure|incompatible-network|" },
		{ "Action=DeleteCluster&ClusterIdentifier=c&FinalClusterSnapshotIdentifier=last", "final-snapshot",
		  "|available|" },
		{ "Action=ModifyCluster&ClusterIdentifier=c&PubliclyAccessible=true", "modifying", "|available|" },
		{ "Action=ModifyCluster&ClusterIdentifier=c&NewClusterIdentifier=n", "renaming", "|available|" },
		{ "Action=ModifyCluster&ClusterIdentifier=c&NumberOfNodes=4", "resizing", "|available|" },
		{ "Action=ModifyCluster&ClusterIdentifier=c&AllowVersionUpgrade=false", "available", "|available|" },
		{ "Action=ResizeCluster&ClusterIdentifier=c&NumberOfNodes=4", "available, prep-for-resize",
		  "|available|" },
		{ "Action=ResizeCluster&ClusterIdentifier=c&NumberOfNodes=4&Classic=true", "resizing", "|available|" },
		{ "Action=CreateClusterSnapshot&ClusterIdentifier=c&SnapshotIdentifier=s", "available", "|available|" },
	};
	struct desk *d = *state;

	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++)
		for (size_t s = 0; s < sizeof(statuses) / sizeof(statuses[0]); s++) {
			char wanted[64];

			snprintf(wanted, sizeof(wanted), "|%s|", statuses[s]);
			put_cluster(d, statuses[s], "");
			if (!strstr(rows[r].allowed, wanted)) {
				refused(d, "InvalidClusterState", 400, rows[r].form);
				assert_string_equal(member(d, "status"), statuses[s]);
				continue;
			}
			ask(d, rows[r].form);
			assert_string_equal(member(d, "status"), rows[r].becomes);
			/* Snapshots that a call has made are out of the next one's way. */
			store_lock(d->a.world.store);
			assert_int_equal(store_delete(d->a.world.store, "redshift:snapshot", "us-west-2/s", &d->err),
					 0);
			assert_int_equal(store_delete(d->a.world.store, "redshift:snapshot", "us-west-2/last", &d->err),
					 0);
			assert_int_equal(store_commit(d->a.world.store, &d->err), 0);
			store_unlock(d->a.world.store);
		}
}

static void test_nothing_else_is_begun_while_a_snapshot_is_taken(void **state)
{
	struct desk *d = *state;

	put_cluster(d, "available", "");
	ask(d, "Action=CreateClusterSnapshot&ClusterIdentifier=C&SnapshotIdentifier=Night");
	assert_non_null(strstr(d->out.data, "<Status>creating</Status>"));
	assert_non_null(strstr(d->out.data, "<SnapshotIdentifier>night</SnapshotIdentifier>"));
	refused(d, "InvalidClusterState", 400, "Action=PauseCluster&ClusterIdentifier=c");
	refused(d, "InvalidClusterState", 400,
		"Action=DeleteCluster&ClusterIdentifier=c&SkipFinalClusterSnapshot=true");
	refused(d, "InvalidClusterSnapshotState", 400, "Action=DeleteClusterSnapshot&SnapshotIdentifier=night");
	refused(d, "InvalidClusterSnapshotState", 400,
		"Action=RestoreFromClusterSnapshot&ClusterIdentifier=n&SnapshotIdentifier=night");
}

static void test_a_change_waits_in_the_document_and_is_shown_masked(void **state)
{
	struct desk *d = *state;
	const struct json *pending;

	put_cluster(d, "available", "");
	ask(d,
	    "Action=ModifyCluster&ClusterIdentifier=c&MasterUserPassword=Secret123&AutomatedSnapshotRetentionPeriod=3");
	assert_null(strstr(d->out.data, "Secret123"));
	assert_non_null(strstr(d->out.data, "<MasterUserPassword>****</MasterUserPassword>"));
	assert_non_null(strstr(d->out.data, "<AutomatedSnapshotRetentionPeriod>3</AutomatedSnapshotRetentionPeriod>"));
	pending = json_get(store_get(d->a.world.store, "redshift:cluster", "us-west-2/c"), "pending");
	/* Two members: the password, and that it is not AWS's to keep. */
	assert_int_equal(json_count(pending), 2);
	assert_string_equal(json_str(pending, "masterSecretArn", "none"), "");
	assert_int_equal(strncmp(json_str(pending, "masterVerifier", ""), "md5", 3), 0);
}

static void test_bad_changes_are_refused_with_the_codes_of_aws(void **state)
{
	static const char *const rows[][2] = {
		{ "", "InvalidParameterCombination" },
		{ "&MasterUserPassword=short", "InvalidParameterValue" },
		{ "&AutomatedSnapshotRetentionPeriod=0", "InvalidParameterValue" },
		{ "&AutomatedSnapshotRetentionPeriod=36", "InvalidParameterValue" },
		{ "&ManualSnapshotRetentionPeriod=0", "InvalidRetentionPeriodFault" },
		{ "&NumberOfNodes=1", "" },
		{ "&NumberOfNodes=33", "NumberOfNodesPerClusterLimitExceeded" },
		{ "&NodeType=dc2.large", "InvalidParameterValue" },
		{ "&NodeType=m5.large", "InvalidParameterValue" },
		{ "&ClusterType=single-node&NumberOfNodes=2", "InvalidParameterCombination" },
		{ "&NewClusterIdentifier=c", "InvalidParameterValue" },
		{ "&NewClusterIdentifier=-x", "InvalidParameterValue" },
		{ "&NewClusterIdentifier=n&NumberOfNodes=4", "InvalidParameterCombination" },
		{ "&ClusterVersion=9", "InvalidParameterValue" },
		{ "&PreferredMaintenanceWindow=never", "InvalidParameterValue" },
		{ "&VpcSecurityGroupIds.VpcSecurityGroupId.1=sg-0", "InvalidParameterValue" },
		{ "&Port=80", "InvalidParameterValue" },
		{ "&MultiAZ=true", "UnsupportedOperation" },
	};
	struct desk *d = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char form[256];

		put_cluster(d, "available", "");
		snprintf(form, sizeof(form), "Action=ModifyCluster&ClusterIdentifier=c%s", rows[i][0]);
		if (*rows[i][1])
			refused(d, rows[i][1], 400, form);
		else
			ask(d, form);
	}
}

static void test_a_name_that_a_cluster_will_have_is_taken(void **state)
{
	struct desk *d = *state;

	a_world_put(&d->a, "ec2:vpc", "us-west-2/vpc-1", "{\"id\": \"vpc-1\", \"isDefault\": true}");
	put_cluster(d, "renaming", ", \"pending\": {\"id\": \"soon\"}");
	refused(d, "ClusterAlreadyExists", 400,
		"Action=CreateCluster&ClusterIdentifier=Soon&NodeType=ra3.large&ClusterType=single-node"
		"&MasterUsername=u&MasterUserPassword=Passw0rd1");
}

static void test_without_a_default_vpc_a_cluster_needs_a_subnet_group(void **state)
{
	struct desk *d = *state;

	refused(d, "InvalidSubnet", 400,
		"Action=CreateCluster&ClusterIdentifier=c&NodeType=ra3.large&ClusterType=single-node"
		"&MasterUsername=u&MasterUserPassword=Passw0rd1");
	assert_int_equal(store_count(d->a.world.store, "redshift:cluster", ""), 0);
}

static void test_a_retired_node_type_is_kept_but_not_ordered(void **state)
{
	struct desk *d = *state;

	a_world_put(
		&d->a, "redshift:cluster", "us-west-2/c",
		"{\"id\": \"c\", \"region\": \"us-west-2\", \"status\": \"available\", \"port\": 1150, \"nodeType\":"
		" \"dc2.large\", \"nodes\": 2, \"clusterType\": \"multi-node\", \"iamRoles\": [], \"tags\": {}}");
	ask(d, "Action=ResizeCluster&ClusterIdentifier=c&NumberOfNodes=4");
	refused(d, "InvalidParameterValue", 400,
		"Action=CreateCluster&ClusterIdentifier=n&NodeType=dc2.large&ClusterType=single-node"
		"&MasterUsername=u&MasterUserPassword=Passw0rd1");
	ask(d, "Action=DescribeOrderableClusterOptions");
	assert_null(strstr(d->out.data, "dc2."));
	assert_non_null(strstr(d->out.data, "ra3.large"));
}

static void test_only_a_classic_resize_under_way_can_be_cancelled(void **state)
{
	struct desk *d = *state;

	put_cluster(d, "available", "");
	refused(d, "ResizeNotFound", 404, "Action=CancelResize&ClusterIdentifier=c");
	refused(d, "ResizeNotFound", 404, "Action=DescribeResize&ClusterIdentifier=c");
	ask(d, "Action=ResizeCluster&ClusterIdentifier=c&NumberOfNodes=4");
	refused(d, "InvalidClusterState", 400, "Action=CancelResize&ClusterIdentifier=c");
	put_cluster(d, "available", "");
	ask(d, "Action=ResizeCluster&ClusterIdentifier=c&NumberOfNodes=4&Classic=true");
	ask(d, "Action=CancelResize&ClusterIdentifier=c");
	assert_non_null(strstr(d->out.data, "<Status>CANCELLING</Status>"));
	assert_string_equal(member(d, "status"), "cancelling-resize");
	put_cluster(d, "available", ", \"x\": 1");
	refused(d, "InvalidParameterCombination", 400, "Action=ResizeCluster&ClusterIdentifier=c&NumberOfNodes=2");
	refused(d, "UnsupportedOperation", 400,
		"Action=ResizeCluster&ClusterIdentifier=c&ClusterType=single-node&NumberOfNodes=1");
}

static void test_tags_stick_to_every_kind_of_resource(void **state)
{
	static const char *const arns[] = { "cluster:c", "snapshot:c/s", "parametergroup:g" };
	struct desk *d = *state;

	put_cluster(d, "available", "");
	ask(d, "Action=CreateClusterSnapshot&ClusterIdentifier=c&SnapshotIdentifier=s");
	ask(d,
	    "Action=CreateClusterParameterGroup&ParameterGroupName=g&ParameterGroupFamily=redshift-1.0&Description=x");
	for (size_t i = 0; i < sizeof(arns) / sizeof(arns[0]); i++) {
		char form[256];

		snprintf(form, sizeof(form),
			 "Action=CreateTags&ResourceName=arn:aws:redshift:us-west-2:123456789012:%s"
			 "&Tags.Tag.1.Key=k&Tags.Tag.1.Value=v%zu",
			 arns[i], i);
		ask(d, form);
		snprintf(form, sizeof(form),
			 "Action=DescribeTags&ResourceName=arn:aws:redshift:us-west-2:123456789012:%s", arns[i]);
		ask(d, form);
		assert_non_null(strstr(d->out.data, arns[i]));
	}
	ask(d, "Action=DescribeTags&TagKeys.TagKey.1=k");
	for (size_t i = 0; i < sizeof(arns) / sizeof(arns[0]); i++)
		assert_non_null(strstr(d->out.data, arns[i]));
	refused(d, "ResourceNotFoundFault", 404,
		"Action=DescribeTags&ResourceName=arn:aws:redshift:us-west-2:123456789012:snapshot:other/s");
	refused(d, "ResourceNotFoundFault", 404,
		"Action=DescribeTags&ResourceName=arn:aws:redshift:us-west-2:000000000000:cluster:c");
}

static void test_an_action_that_is_due_is_run_once_and_told(void **state)
{
	struct desk *d = *state;

	put_cluster(d, "available", "");
	a_world_put(&d->a, "redshift:scheduled-action", "us-west-2/nightly",
		    "{\"name\": \"nightly\", \"region\": \"us-west-2\", \"schedule\": \"cron(0 13 * * ? *)\","
		    " \"iamRole\": \"arn:aws:iam::123456789012:role/nobody\", \"enabled\": true, \"action\":"
		    " \"PauseCluster\", \"target\": {\"ClusterIdentifier\": \"c\"}, \"seenMs\": 1795262400000}");
	scheduler_run_due(&d->a.world);
	assert_int_equal(store_count(d->a.world.store, EVENT_KIND, ""), 0);
	d->a.now_ms += 3600 * 1000;
	scheduler_run_due(&d->a.world);
	scheduler_run_due(&d->a.world);
	/* The role is not there: refused, told once, and the cluster is as it was. */
	assert_int_equal(store_count(d->a.world.store, EVENT_KIND, ""), 1);
	assert_string_equal(member(d, "status"), "available");
	ask(d, "Action=DescribeEvents&SourceType=scheduled-action");
	assert_non_null(strstr(d->out.data, "failed to run PauseCluster"));
	d->a.now_ms += INT64_C(24) * 3600 * 1000;
	ask(d, "Action=DescribeEvents&SourceType=scheduled-action");
	assert_null(strstr(d->out.data, "<Event>"));
	scheduler_run_due(&d->a.world);
	assert_int_equal(store_count(d->a.world.store, EVENT_KIND, ""), 2);
}

static void test_a_snapshot_older_than_its_new_retention_goes_only_when_forced(void **state)
{
	static const char *const ids[] = { "old", "older", "oldest" };
	struct desk *d = *state;

	put_cluster(d, "available", "");
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		char id[64], doc[256];

		snprintf(id, sizeof(id), "us-west-2/%s", ids[i]);
		snprintf(doc, sizeof(doc),
			 "{\"id\": \"%s\", \"region\": \"us-west-2\", \"clusterId\": \"c\", \"type\": \"manual\","
			 " \"status\": \"available\", \"retention\": -1, \"createdMs\": %lld, \"tags\": {}}",
			 ids[i], (long long)d->a.now_ms);
		a_world_put(&d->a, "redshift:snapshot", id, doc);
	}
	d->a.now_ms += 3 * INT64_C(24) * 3600 * 1000;
	refused(d, "InvalidRetentionPeriodFault", 400,
		"Action=ModifyClusterSnapshot&SnapshotIdentifier=old&ManualSnapshotRetentionPeriod=3");
	ask(d, "Action=ModifyClusterSnapshot&SnapshotIdentifier=old&ManualSnapshotRetentionPeriod=4");
	assert_non_null(strstr(d->out.data, "<ManualSnapshotRemainingDays>1</ManualSnapshotRemainingDays>"));
	ask(d, "Action=BatchModifyClusterSnapshots&SnapshotIdentifierList.String.1=old"
	       "&SnapshotIdentifierList.String.2=older&ManualSnapshotRetentionPeriod=2");
	assert_non_null(strstr(d->out.data, "<FailureCode>InvalidRetentionPeriodFault</FailureCode>"));
	assert_null(strstr(d->out.data, "<String>"));
	assert_int_equal(store_count(d->a.world.store, "redshift:snapshot", ""), 3);
	ask(d, "Action=BatchModifyClusterSnapshots&SnapshotIdentifierList.String.1=older&Force=true"
	       "&ManualSnapshotRetentionPeriod=2");
	assert_non_null(strstr(d->out.data, "<String>older</String>"));
	ask(d, "Action=ModifyClusterSnapshot&SnapshotIdentifier=oldest&ManualSnapshotRetentionPeriod=1&Force=true");
	assert_non_null(strstr(d->out.data, "<Status>deleted</Status>"));
	assert_int_equal(store_count(d->a.world.store, "redshift:snapshot", ""), 1);
}

static void test_lists_come_in_pages(void **state)
{
	struct desk *d = *state;
	int count = 0;

	for (int i = 0; i < 19; i++) {
		char form[256];

		snprintf(form, sizeof(form),
			 "Action=CreateClusterParameterGroup&ParameterGroupName=g%02d&ParameterGroupFamily=redshift-1.0"
			 "&Description=x",
			 i);
		ask(d, form);
	}
	refused(d, "InvalidParameterValue", 400, "Action=DescribeClusterParameterGroups&MaxRecords=5");
	ask(d, "Action=DescribeClusterParameterGroups&MaxRecords=20");
	for (const char *at = d->out.data; (at = strstr(at, "<ClusterParameterGroup>")); at++)
		count++;
	assert_int_equal(count, 20);
	assert_non_null(strstr(d->out.data, "<Marker>g17</Marker>"));
	ask(d, "Action=DescribeClusterParameterGroups&MaxRecords=20&Marker=g17");
	assert_non_null(strstr(d->out.data, "g18"));
	assert_null(strstr(d->out.data, "g17"));
	assert_null(strstr(d->out.data, "default."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_desk, close_desk)
		TEST(test_each_call_is_allowed_in_its_states_only),
		TEST(test_nothing_else_is_begun_while_a_snapshot_is_taken),
		TEST(test_a_change_waits_in_the_document_and_is_shown_masked),
		TEST(test_bad_changes_are_refused_with_the_codes_of_aws),
		TEST(test_a_name_that_a_cluster_will_have_is_taken),
		TEST(test_without_a_default_vpc_a_cluster_needs_a_subnet_group),
		TEST(test_a_retired_node_type_is_kept_but_not_ordered),
		TEST(test_only_a_classic_resize_under_way_can_be_cancelled),
		TEST(test_tags_stick_to_every_kind_of_resource),
		TEST(test_an_action_that_is_due_is_run_once_and_told),
		TEST(test_a_snapshot_older_than_its_new_retention_goes_only_when_forced),
		TEST(test_lists_come_in_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
