/* The rules of CreateCluster's parameters. Source: Amazon Redshift API reference, CreateCluster. */
#include "sandbox/http/redshift/redshift.h"
#include "spark/sandbox/clusters.h"

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

static int invalid(struct err *err, const char *parameter, const char *rule)
{
	return service_error(err, 400, "InvalidParameterValue", "The parameter %s is not valid. %s", parameter, rule);
}

/* Words that cannot name a database or a user: Redshift's reserved words, and names that its servers use themselves. */
static const char *const reserved[] = {
	"all",
	"analyse",
	"analyze",
	"and",
	"any",
	"array",
	"as",
	"asc",
	"authorization",
	"backup",
	"between",
	"binary",
	"both",
	"case",
	"cast",
	"check",
	"collate",
	"column",
	"constraint",
	"create",
	"credentials",
	"cross",
	"default",
	"deferrable",
	"deflate",
	"desc",
	"disable",
	"distinct",
	"do",
	"else",
	"encode",
	"encrypt",
	"end",
	"except",
	"explicit",
	"false",
	"for",
	"foreign",
	"freeze",
	"from",
	"full",
	"grant",
	"group",
	"having",
	"identity",
	"ignore",
	"ilike",
	"in",
	"initially",
	"inner",
	"intersect",
	"interval",
	"into",
	"is",
	"isnull",
	"join",
	"leading",
	"left",
	"like",
	"limit",
	"localtime",
	"localtimestamp",
	"minus",
	"natural",
	"new",
	"not",
	"notnull",
	"null",
	"nulls",
	"off",
	"offline",
	"offset",
	"oid",
	"old",
	"on",
	"only",
	"open",
	"or",
	"order",
	"outer",
	"overlaps",
	"parallel",
	"partition",
	"percent",
	"permissions",
	"pivot",
	"placing",
	"postgres",
	"primary",
	"public",
	"raw",
	"rdsdb",
	"references",
	"rejectlog",
	"resort",
	"respect",
	"restore",
	"right",
	"select",
	"similar",
	"snapshot",
	"some",
	"sysdate",
	"system",
	"table",
	"tag",
	"template0",
	"template1",
	"then",
	"timestamp",
	"to",
	"top",
	"trailing",
	"true",
	"truncatecolumns",
	"union",
	"unique",
	"unnest",
	"unpivot",
	"user",
	"using",
	"verbose",
	"wallet",
	"when",
	"where",
	"with",
	"without",
};

static bool is_reserved(const char *name)
{
	for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++)
		if (strcasecmp(reserved[i], name) == 0)
			return true;
	return strncasecmp(name, "pg_", 3) == 0;
}

int redshift_check_identifier(const char *id, struct err *err)
{
	size_t len = strlen(id);
	bool letter = (id[0] | 32) >= 'a' && (id[0] | 32) <= 'z';

	if (len > CLUSTER_ID_MAX)
		return invalid(err, "ClusterIdentifier", "It must have 1 to 63 characters.");
	if (!letter || strspn(id, LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS "-") != len || id[len - 1] == '-' ||
	    strstr(id, "--"))
		return service_error(
			err, 400, "InvalidParameterValue",
			"The parameter ClusterIdentifier is not a valid identifier. Identifiers must begin "
			"with a letter; must contain only ASCII letters, digits, and hyphens; and must not "
			"end with a hyphen or contain two consecutive hyphens.");
	return 0;
}

int redshift_check_database(const char *name, struct err *err)
{
	size_t len = strlen(name);

	if (len < 1 || len > 64 || strspn(name, LOWER DIGITS "_$") != len)
		return invalid(
			err, "DBName",
			"It must have 1 to 64 characters: lower-case letters, digits, underscores and dollar signs.");
	if (!strchr(LOWER "_", name[0]))
		return invalid(err, "DBName", "The first character must be a letter or an underscore.");
	if (is_reserved(name))
		return invalid(err, "DBName", "It is a reserved word.");
	return 0;
}

int redshift_check_user(const char *parameter, const char *name, struct err *err)
{
	size_t len = strlen(name);

	if (len < 1 || len > 128 || !strchr(LOWER, name[0]) || strspn(name, LOWER DIGITS "_+.@-") != len)
		return invalid(
			err, parameter,
			"It must have 1 to 128 characters: lower-case letters, digits, _ + . @ and -, the first one "
			"a letter.");
	if (is_reserved(name))
		return invalid(err, parameter, "It is a reserved word.");
	return 0;
}

int redshift_check_password(const char *password, struct err *err)
{
	size_t len = strlen(password);

	if (len < 8 || len > 64)
		return invalid(err, "MasterUserPassword", "It must have between 8 and 64 characters.");
	for (const char *p = password; *p; p++)
		if (*p < 33 || *p > 126 || strchr("'\"\\/@", *p))
			return invalid(
				err, "MasterUserPassword",
				"Only printable ASCII characters except for '/', '@', '\"', ' ', '\\' and ''' may be "
				"used.");
	if (!strpbrk(password, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
		return invalid(err, "MasterUserPassword", "It must contain at least one upper case letter.");
	if (!strpbrk(password, LOWER))
		return invalid(err, "MasterUserPassword", "It must contain at least one lower case letter.");
	if (!strpbrk(password, DIGITS))
		return invalid(err, "MasterUserPassword", "It must contain at least one decimal digit.");
	return 0;
}

static int check_type(const char *name, bool retired, const struct redshift_node **type, struct err *err)
{
	*type = redshift_node_find(name);
	if (*type && (retired || !(*type)->retired))
		return 0;
	if (strncasecmp(name, "dc", 2) == 0 || strncasecmp(name, "ds", 2) == 0)
		return service_error(
			err, 400, "InvalidParameterValue",
			"Invalid node type: %.40s. It is no longer offered for new clusters. Use ra3.large in "
			"place of dc2.large, ra3.4xlarge in place of dc2.8xlarge.",
			name);
	return service_error(err, 400, "InvalidParameterValue", "Invalid node type: %.40s", name);
}

static int check_count(const struct redshift_node *type, bool single, int64_t nodes, struct err *err)
{
	if (single && nodes != 1)
		return service_error(err, 400, "InvalidParameterCombination",
				     "Number of nodes for cluster type single-node must be 1");
	if (!single && nodes < 2)
		return service_error(err, 400, "InvalidParameterCombination",
				     "Number of nodes for cluster type multi-node must be greater than or equal to 2");
	if (nodes < type->min_nodes)
		return service_error(err, 400, "InvalidParameterCombination",
				     "Number of nodes for node type %s must be greater than or equal to %d", type->name,
				     type->min_nodes);
	if (nodes > type->max_nodes)
		return service_error(err, 400, "NumberOfNodesPerClusterLimitExceeded",
				     "The number of nodes for node type %s must not exceed %d", type->name,
				     type->max_nodes);
	return 0;
}

static int check_kind(const char *kind, struct err *err)
{
	if (!kind || strcmp(kind, "single-node") == 0 || strcmp(kind, "multi-node") == 0)
		return 0;
	return service_error(err, 400, "InvalidParameterValue",
			     "Invalid cluster type: %.40s. It must be single-node or multi-node.", kind);
}

int redshift_check_nodes(const struct params *p, bool retired, const struct redshift_node **type, int64_t *nodes,
			 struct err *err)
{
	const char *name, *kind = params_get(p, "ClusterType");

	if (redshift_require(p, "NodeType", &name, err) < 0 || check_type(name, retired, type, err) < 0 ||
	    check_kind(kind, err) < 0 || params_int(p, "NumberOfNodes", 1, 1, INT32_MAX, nodes, err) < 0)
		return -1;
	return check_count(*type, kind && strcmp(kind, "single-node") == 0, *nodes, err);
}

int redshift_check_shape(const struct params *p, const struct json *doc, bool retired, struct redshift_shape *out,
			 struct err *err)
{
	const char *name = params_get(p, "NodeType"), *kind = params_get(p, "ClusterType");
	const char *now = json_str(doc, "nodeType", "");
	bool given = params_get(p, "NumberOfNodes") != NULL;
	int64_t nodes = json_int(doc, "nodes", 1);

	if (!name || !*name)
		name = now;
	/* A cluster may keep what is not offered any more. */
	if (check_type(name, retired || strcasecmp(name, now) == 0, &out->type, err) < 0 || check_kind(kind, err) < 0 ||
	    params_int(p, "NumberOfNodes", nodes, 1, INT32_MAX, &out->nodes, err) < 0)
		return -1;
	if (kind && strcmp(kind, "single-node") == 0 && !given)
		out->nodes = 1;
	out->kind = kind ? kind : out->nodes == 1 ? "single-node" : "multi-node";
	out->changes = strcmp(out->type->name, now) != 0 || out->nodes != nodes;
	return check_count(out->type, strcmp(out->kind, "single-node") == 0, out->nodes, err);
}

int redshift_check_retention(const struct redshift_node *type, struct err *err)
{
	if (type->retired)
		return 0;
	return service_error(err, 400, "InvalidParameterValue",
			     "Automated snapshots cannot be disabled for %s: the retention period must be from 1 to 35 "
			     "days.",
			     type->name);
}

int redshift_check_port(const struct params *p, const struct redshift_node *type, int64_t fallback, int64_t *port,
			struct err *err)
{
	if (params_int(p, "Port", fallback, INT32_MIN, INT32_MAX, port, err) < 0)
		return -1;
	if (type->retired && *port >= 1150 && *port <= 65535)
		return 0;
	if (type->retired)
		return service_error(err, 400, "InvalidParameterValue",
				     "The port %lld is not valid. It must be within the range 1150-65535.",
				     (long long)*port);
	if ((*port >= 5431 && *port <= 5455) || (*port >= 8191 && *port <= 8215))
		return 0;
	return service_error(
		err, 400, "InvalidParameterValue",
		"The port %lld is not valid. For RA3 and RG node types it must be within the ranges 5431-5455 "
		"or 8191-8215.",
		(long long)*port);
}

int redshift_check_port_free(struct world *w, int64_t port, struct err *err)
{
	struct err why = { 0 };

	if (clusters_check_port(w->clusters, (int)port, &why) == 0)
		return 0;
	if (why.kind != ERR_CONFLICT) {
		*err = why;
		return -1;
	}
	return service_error(err, 400, "InvalidParameterValue", "The port %lld cannot be used on this machine: %s",
			     (long long)port, why.text);
}

int redshift_check_role_arn(const char *arn, struct err *err)
{
	const char *account = strncmp(arn, "arn:aws:iam::", 13) == 0 ? arn + 13 : "";

	if (strspn(account, DIGITS) == 12 && strncmp(account + 12, ":role/", 6) == 0 && account[18] &&
	    strlen(arn) < 512 && strspn(arn, LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS "+=,.@_/:-") == strlen(arn))
		return 0;
	return service_error(err, 400, "InvalidParameterValue", "The IAM role ARN %.200s is not valid", arn);
}

static bool is_day_time(const char *text)
{
	static const char *const days[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
	bool day = false;

	for (size_t i = 0; i < 7; i++)
		day |= strncasecmp(text, days[i], 3) == 0;
	return day && text[3] == ':' && strspn(text + 4, DIGITS) == 2 && strncmp(text + 4, "24", 2) < 0 &&
	       text[6] == ':' && strspn(text + 7, DIGITS) == 2 && text[7] < '6';
}

int redshift_check_window(const char *window, struct err *err)
{
	/* ddd:hh:mm-ddd:hh:mm */
	if (strlen(window) == 19 && window[9] == '-' && is_day_time(window) && is_day_time(window + 10))
		return 0;
	return invalid(err, "PreferredMaintenanceWindow", "It must have the form ddd:hh24:mi-ddd:hh24:mi.");
}

int redshift_check_aqua(const char *status, struct err *err)
{
	if (!status || !*status || strcmp(status, "enabled") == 0 || strcmp(status, "disabled") == 0 ||
	    strcmp(status, "auto") == 0)
		return 0;
	return service_error(err, 400, "InvalidParameterValue",
			     "The AQUA configuration status must be enabled, disabled or auto, not %.40s", status);
}

static const struct unsupported {
	const char *parameter, *harmless;
} unsupported[] = {
	{ "MultiAZ", "false" },
	{ "MasterPasswordSecretKmsKeyId", NULL },
	{ "AvailabilityZoneRelocation", "false" },
	{ "HsmClientCertificateIdentifier", NULL },
	{ "HsmConfigurationIdentifier", NULL },
	{ "ElasticIp", NULL },
	{ "LoadSampleData", NULL },
	{ "SnapshotScheduleIdentifier", NULL },
	{ "RedshiftIdcApplicationArn", NULL },
	{ "CatalogName", NULL },
	{ "ClusterSecurityGroups.ClusterSecurityGroupName.1", NULL },
	{ "ClusterSecurityGroups.member.1", NULL },
};

int redshift_refuse_unsupported(const struct params *p, struct err *err)
{
	for (size_t i = 0; i < sizeof(unsupported) / sizeof(*unsupported); i++) {
		const char *value = params_get(p, unsupported[i].parameter);

		if (value && *value && !(unsupported[i].harmless && strcasecmp(value, unsupported[i].harmless) == 0))
			return service_error(err, 400, "UnsupportedOperation",
					     "The sandbox does not support the parameter %s", unsupported[i].parameter);
	}
	return redshift_check_aqua(params_get(p, "AquaConfigurationStatus"), err);
}
