/* Redshift's Data API: the table of operations and what may stand in their calls.
 * Source: Amazon Redshift Data API reference, and the service model of AWS's SDKs. */
#include "sandbox/http/data_api/data_api.h"

#define CLUSTER_PATTERN "[a-z][a-z0-9]*(-[a-z0-9]+)*"
#define TARGET_RULES                                                            \
	{ "ClusterIdentifier", JSON_RULE_TEXT, false, 1, 63, CLUSTER_PATTERN }, \
		{ "WorkgroupName", JSON_RULE_TEXT, false, 3, 128, NULL },       \
		{ "DbUser", JSON_RULE_TEXT, false, 1, 127, NULL },              \
	{                                                                       \
		"SecretArn", JSON_RULE_TEXT, false, 1, 2048, NULL               \
	}
#define PAGE_RULES(most)                                           \
	{ "MaxResults", JSON_RULE_INTEGER, false, 0, most, NULL }, \
	{                                                          \
		"NextToken", JSON_RULE_TEXT, false, 0, 4096, NULL  \
	}
#define RUN_RULES                                                                              \
	TARGET_RULES, { "Database", JSON_RULE_TEXT, false, 1, 127, NULL },                     \
		{ "Parameters", JSON_RULE_OBJECTS, false, 1, STATEMENT_PARAMETERS_MAX, NULL }, \
		{ "StatementName", JSON_RULE_TEXT, false, 0, 500, NULL },                      \
		{ "WithEvent", JSON_RULE_BOOL, false, 0, 0, NULL },                            \
		{ "ClientToken", JSON_RULE_TEXT, false, 1, 64, NULL },                         \
		{ "ResultFormat", JSON_RULE_TEXT, false, 0, 0, "JSON|CSV" },                   \
		{ "SessionId", JSON_RULE_TEXT, false, 0, 0, NULL },                            \
	{                                                                                      \
		"SessionKeepAliveSeconds", JSON_RULE_INTEGER, false, 0, 86400, NULL            \
	}
#define DATABASE_RULES                                                    \
	TARGET_RULES, { "Database", JSON_RULE_TEXT, true, 1, 127, NULL }, \
		{ "ConnectedDatabase", JSON_RULE_TEXT, false, 1, 127, NULL }, PAGE_RULES(1000)
#define NO_MORE                                         \
	{                                               \
		NULL, JSON_RULE_TEXT, false, 0, 0, NULL \
	}

static const struct json_rule execute_rules[] = {
	RUN_RULES,
	{ "Sql", JSON_RULE_TEXT, true, 1, 102400, NULL },
	NO_MORE,
};
static const struct json_rule batch_rules[] = {
	RUN_RULES,
	{ "Sqls", JSON_RULE_TEXTS, true, 1, 40, NULL },
	NO_MORE,
};
static const struct json_rule id_rules[] = {
	{ "Id", JSON_RULE_TEXT, true, 0, 0, DATA_API_ID_PATTERN },
	{ "NextToken", JSON_RULE_TEXT, false, 0, 4096, NULL },
	NO_MORE,
};
static const struct json_rule list_rules[] = {
	PAGE_RULES(100),
	{ "StatementName", JSON_RULE_TEXT, false, 0, 500, NULL },
	{ "Status", JSON_RULE_TEXT, false, 0, 0, "SUBMITTED|PICKED|STARTED|FINISHED|ABORTED|FAILED|ALL" },
	{ "RoleLevel", JSON_RULE_BOOL, false, 0, 0, NULL },
	{ "Database", JSON_RULE_TEXT, false, 0, 0, NULL },
	{ "ClusterIdentifier", JSON_RULE_TEXT, false, 1, 63, CLUSTER_PATTERN },
	{ "WorkgroupName", JSON_RULE_TEXT, false, 3, 128, NULL },
	NO_MORE,
};
static const struct json_rule names_rules[] = {
	DATABASE_RULES,
	{ "SchemaPattern", JSON_RULE_TEXT, false, 0, 512, NULL },
	{ "TablePattern", JSON_RULE_TEXT, false, 0, 512, NULL },
	NO_MORE,
};
static const struct json_rule table_rules[] = {
	DATABASE_RULES,
	{ "Schema", JSON_RULE_TEXT, false, 0, 127, NULL },
	{ "Table", JSON_RULE_TEXT, false, 0, 127, NULL },
	NO_MORE,
};

static const struct json_action actions[] = {
	{ "BatchExecuteStatement", batch_rules, data_api_batch_execute, data_api_start, false },
	{ "CancelStatement", id_rules, data_api_cancel, NULL, false },
	{ "DescribeStatement", id_rules, data_api_describe, NULL, false },
	{ "DescribeTable", table_rules, data_api_describe_table, NULL, true },
	{ "ExecuteStatement", execute_rules, data_api_execute, data_api_start, false },
	{ "GetStatementResult", id_rules, data_api_result, NULL, true },
	{ "ListDatabases", names_rules, data_api_databases, NULL, true },
	{ "ListSchemas", names_rules, data_api_schemas, NULL, true },
	{ "ListStatements", list_rules, data_api_list, NULL, false },
	{ "ListTables", names_rules, data_api_tables, NULL, true },
};

const struct json_service service_redshift_data = {
	.name = "redshift-data",
	.target = "RedshiftData",
	.message_member = "Message",
	.resource = data_api_resource,
	.actions = actions,
	.action_count = sizeof(actions) / sizeof(*actions),
};
