#include "sandbox/access/resources.h"

#include "sandbox/access/glob.h"

/* Which resources an action takes. The first row that matches counts, so the narrow ones come first. In a template,
 * {Name} is the value of that parameter ("*" when absent, or what stands behind '|'), {-Name} the same in lower case;
 * {region} and {account} are the caller's; {role}, {user} and {group} stand for the whole ARN of the one that the
 * request names, path included. */
#define IAM      "arn:aws:iam::{account}:"
#define EC2      "arn:aws:ec2:{region}:{account}:"
#define REDSHIFT "arn:aws:redshift:{region}:{account}:"
#define CLUSTER  REDSHIFT "cluster:{-ClusterIdentifier}"

static const struct resource_row {
	const char *action;
	const char *arns[2];
} rows[] = {
	{ "iam:ListRoles", { IAM "role{PathPrefix|/}" } },
	{ "iam:ListUsers", { IAM "user{PathPrefix|/}" } },
	{ "iam:ListGroups", { IAM "group{PathPrefix|/}" } },
	{ "iam:ListPolicies", { IAM "policy{PathPrefix|/}" } },
	{ "iam:CreateRole", { IAM "role{Path|/}{RoleName}" } },
	{ "iam:CreateUser", { IAM "user{Path|/}{UserName}" } },
	{ "iam:CreateGroup", { IAM "group{Path|/}{GroupName}" } },
	{ "iam:CreatePolicy", { IAM "policy{Path|/}{PolicyName}" } },
	{ "iam:CreateServiceLinkedRole", { IAM "role/aws-service-role/{AWSServiceName}/AWSServiceRoleForRedshift" } },
	{ "iam:*PolicyVersion*", { "{PolicyArn}" } },
	{ "iam:GetPolicy", { "{PolicyArn}" } },
	{ "iam:DeletePolicy", { "{PolicyArn}" } },
	{ "iam:ListEntitiesForPolicy", { "{PolicyArn}" } },
	{ "iam:TagPolicy", { "{PolicyArn}" } },
	{ "iam:UntagPolicy", { "{PolicyArn}" } },
	{ "iam:ListPolicyTags", { "{PolicyArn}" } },
	{ "iam:SimulatePrincipalPolicy", { "{PolicySourceArn}" } },
	{ "iam:AddUserToGroup", { "{group}" } },
	{ "iam:RemoveUserFromGroup", { "{group}" } },
	{ "iam:*AccessKey*", { "{user}" } },
	{ "iam:*LoginProfile", { "{user}" } },
	{ "iam:ListMFADevices", { "{user}" } },
	{ "iam:ListSSHPublicKeys", { "{user}" } },
	{ "iam:ListServiceSpecificCredentials", { "{user}" } },
	{ "iam:ListSigningCertificates", { "{user}" } },
	{ "iam:ListInstanceProfiles", { IAM "instance-profile{PathPrefix|/}" } },
	{ "iam:?*InstanceProfile", { IAM "instance-profile/{InstanceProfileName}" } },
	{ "iam:*User*", { "{user}" } },
	{ "iam:*Role*", { "{role}" } },
	{ "iam:*Group*", { "{group}" } },

	{ "sts:AssumeRole", { "{RoleArn}" } },

	{ "ec2:Describe*", { "*" } },
	{ "ec2:CreateSecurityGroup", { EC2 "vpc/{VpcId}", EC2 "security-group/*" } },
	{ "ec2:*SecurityGroup*", { EC2 "security-group/{GroupId}" } },
	{ "ec2:CreateVpc", { EC2 "vpc/*" } },
	{ "ec2:CreateDefaultVpc", { EC2 "vpc/*" } },
	{ "ec2:*Vpc*", { EC2 "vpc/{VpcId}" } },
	{ "ec2:CreateSubnet", { EC2 "subnet/*", EC2 "vpc/{VpcId}" } },
	{ "ec2:CreateDefaultSubnet", { EC2 "subnet/*" } },
	{ "ec2:*Subnet*", { EC2 "subnet/{SubnetId}" } },
	{ "ec2:CreateInternetGateway", { EC2 "internet-gateway/*" } },
	{ "ec2:AttachInternetGateway", { EC2 "internet-gateway/{InternetGatewayId}", EC2 "vpc/{VpcId}" } },
	{ "ec2:DetachInternetGateway", { EC2 "internet-gateway/{InternetGatewayId}", EC2 "vpc/{VpcId}" } },
	{ "ec2:*InternetGateway", { EC2 "internet-gateway/{InternetGatewayId}" } },
	{ "ec2:CreateRouteTable", { EC2 "route-table/*", EC2 "vpc/{VpcId}" } },
	{ "ec2:AssociateRouteTable", { EC2 "route-table/{RouteTableId}", EC2 "subnet/{SubnetId}" } },
	{ "ec2:*Route*", { EC2 "route-table/{RouteTableId}" } },

	{ "redshift:GetClusterCredentials",
	  { REDSHIFT "dbuser:{-ClusterIdentifier}/{DbUser}", REDSHIFT "dbname:{-ClusterIdentifier}/{DbName}" } },
	{ "redshift:GetClusterCredentialsWithIAM", { REDSHIFT "dbname:{-ClusterIdentifier}/{DbName}" } },
	{ "redshift:CreateClusterSnapshot", { REDSHIFT "snapshot:{-ClusterIdentifier}/{-SnapshotIdentifier}" } },
	{ "redshift:DescribeClusterSnapshots", { REDSHIFT "snapshot:{-ClusterIdentifier}/{-SnapshotIdentifier}" } },
	{ "redshift:RestoreFromClusterSnapshot",
	  { CLUSTER, REDSHIFT "snapshot:{-SnapshotClusterIdentifier}/{-SnapshotIdentifier}" } },
	{ "redshift:CopyClusterSnapshot",
	  { REDSHIFT "snapshot:{-SourceSnapshotClusterIdentifier}/{-TargetSnapshotIdentifier}" } },
	{ "redshift:*ClusterSnapshot*", { REDSHIFT "snapshot:{-SnapshotClusterIdentifier}/{-SnapshotIdentifier}" } },
	{ "redshift:*ClusterSubnetGroup*", { REDSHIFT "subnetgroup:{-ClusterSubnetGroupName}" } },
	{ "redshift:*ClusterParameter*", { REDSHIFT "parametergroup:{-ParameterGroupName}" } },
	{ "redshift:CreateTags", { "{ResourceName}" } },
	{ "redshift:DeleteTags", { "{ResourceName}" } },
	{ "redshift:DescribeTags", { "{ResourceName}" } },
	{ "redshift:DescribeClusterVersions", { "*" } },
	{ "redshift:DescribeClusterTracks", { "*" } },
	{ "redshift:DescribeOrderableClusterOptions", { "*" } },
	{ "redshift:*Cluster*", { CLUSTER } },
	{ "redshift:*Logging*", { CLUSTER } },
	{ "redshift:*Resize", { CLUSTER } },
};

/* Which parameters are condition keys. */
static const struct key_row {
	const char *action, *parameter, *key;
} keys[] = {
	{ "iam:?*tach*Policy", "PolicyArn", "iam:PolicyARN" },
	{ "iam:CreateServiceLinkedRole", "AWSServiceName", "iam:AWSServiceName" },
	{ "redshift:GetClusterCredentials", "DbUser", "redshift:DbUser" },
	{ "redshift:GetClusterCredentials*", "DbName", "redshift:DbName" },
	{ "redshift:GetClusterCredentials*", "DurationSeconds", "redshift:DurationSeconds" },
	{ "redshift:ModifyScheduledAction", "ScheduledActionName", "redshift:ScheduledActionName" },
	{ "ec2:*", "VpcId", "ec2:VpcID" },
};

static void put_lower(struct buf *out, const char *text)
{
	for (; *text; text++)
		buf_putc(out, (char)(*text >= 'A' && *text <= 'Z' ? *text + 32 : *text));
}

/* The name of the user that a request is about: named, the holder of the key, or who calls. */
static const char *user_name(const struct access_call *c)
{
	const char *name = params_get(c->p, "UserName"), *key = params_get(c->p, "AccessKeyId");

	if (!name && key)
		name = json_str(store_get(c->w->store, "iam:access-key", key), "userName", NULL);
	return name;
}

/* {role}, {user} or {group}: the ARN of the one there is, or the one that it would have. */
static void put_entity(const struct access_call *c, const char *word, const char *name, struct buf *out)
{
	char kind[16], id[129];
	const struct json *doc = NULL;

	snprintf(kind, sizeof(kind), "iam:%s", word);
	if (name && identity_id(name, id, sizeof(id)))
		doc = store_get(c->w->store, kind, id);
	if (doc)
		buf_puts(out, json_str(doc, "arn", "*"));
	else if (!name && !strcmp(word, "user"))
		buf_puts(out, c->who->arn);
	else
		buf_printf(out, "arn:aws:iam::%s:%s/%s", c->who->account, word, name ? name : "*");
}

static void put_part(const struct access_call *c, const char *part, size_t len, struct buf *out)
{
	const char *bar = memchr(part, '|', len), *value;
	size_t name_len = bar ? (size_t)(bar - part) : len;
	bool lower = *part == '-';
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)(name_len - lower), part + lower);
	if (!strcmp(name, "region"))
		buf_puts(out, c->who->region);
	else if (!strcmp(name, "account"))
		buf_puts(out, c->who->account);
	else if (!strcmp(name, "role"))
		put_entity(c, "role", params_get(c->p, "RoleName"), out);
	else if (!strcmp(name, "user"))
		put_entity(c, "user", user_name(c), out);
	else if (!strcmp(name, "group"))
		put_entity(c, "group", params_get(c->p, "GroupName"), out);
	else if ((value = params_get(c->p, name)) && *value)
		lower ? put_lower(out, value) : buf_puts(out, value);
	else if (bar)
		buf_add(out, bar + 1, len - name_len - 1);
	else
		buf_putc(out, '*');
}

static void expand(const struct access_call *c, const char *template, struct buf *out)
{
	while (*template) {
		const char *end = *template == '{' ? strchr(template, '}') : NULL;

		if (!end) {
			buf_putc(out, *template ++);
			continue;
		}
		put_part(c, template + 1, (size_t)(end - template - 1), out);
		template = end + 1;
	}
}

/* What EC2's CreateTags and DeleteTags name: any resource, told by the letters its id begins with. */
static void put_tagged(const struct access_call *c, const char *id, struct buf *out)
{
	static const char *const types[][2] = { { "vpc-", "vpc" },
						{ "subnet-", "subnet" },
						{ "sg-", "security-group" },
						{ "sgr-", "security-group-rule" },
						{ "igw-", "internet-gateway" },
						{ "rtb-", "route-table" } };
	const char *type = "*";

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (!strncmp(id, types[i][0], strlen(types[i][0])))
			type = types[i][1];
	buf_printf(out, "arn:aws:ec2:%s:%s:%s/%s", c->who->region, c->who->account, type, id);
}

static bool put_nth_tagged(const struct access_call *c, int n, struct buf *out)
{
	const char *id = params_getf(c->p, "ResourceId.%d", n);

	if (id)
		put_tagged(c, id, out);
	return id != NULL;
}

/* Snapshots that a batch names; who may touch those of one cluster only has to say that they are its. */
static bool put_nth_snapshot(const struct access_call *c, int n, struct buf *out)
{
	static const char list[] = "Identifiers.DeleteClusterSnapshotMessage";
	const char *id = params_getf(c->p, "SnapshotIdentifierList.String.%d", n), *cluster = NULL;

	if (!id) {
		id = params_getf(c->p, "%s.%d.SnapshotIdentifier", list, n);
		cluster = params_getf(c->p, "%s.%d.SnapshotClusterIdentifier", list, n);
	}
	if (!id)
		return false;
	buf_printf(out, "arn:aws:redshift:%s:%s:snapshot:", c->who->region, c->who->account);
	put_lower(out, cluster && *cluster ? cluster : "*");
	buf_putc(out, '/');
	put_lower(out, id);
	return true;
}

/* Actions that name their resources in a list. */
static const struct list_row {
	const char *action;
	bool (*put_nth)(const struct access_call *c, int n, struct buf *out); /* false: there are no more */
} listed[] = {
	{ "ec2:CreateTags", put_nth_tagged },
	{ "ec2:DeleteTags", put_nth_tagged },
	{ "redshift:BatchDeleteClusterSnapshots", put_nth_snapshot },
	{ "redshift:BatchModifyClusterSnapshots", put_nth_snapshot },
};

static int each_listed(const struct access_call *c, const struct list_row *row,
		       int (*fn)(void *arg, const char *arn, struct err *err), void *arg, struct err *err)
{
	struct buf arn;
	int rc = 0;

	buf_init(&arn, 4096);
	for (int n = 1; rc == 0 && row->put_nth(c, n, &arn); n++) {
		rc = buf_check(&arn, "a resource's id", err) ? -1 : fn(arg, arn.data, err);
		buf_reset(&arn);
	}
	buf_clear(&arn);
	return rc;
}

int resources_each(const struct access_call *c, int (*fn)(void *arg, const char *arn, struct err *err), void *arg,
		   struct err *err)
{
	size_t count = sizeof(rows) / sizeof(*rows), i = 0;
	struct buf arn;
	int rc = 0;

	for (size_t k = 0; k < sizeof(listed) / sizeof(*listed); k++)
		if (!strcmp(c->action, listed[k].action))
			return each_listed(c, &listed[k], fn, arg, err);
	while (i < count && !glob_match(rows[i].action, c->action, false))
		i++;
	if (i == count)
		return fn(arg, "*", err);
	buf_init(&arn, BUF_MAX_DEFAULT);
	for (size_t k = 0; k < sizeof(rows->arns) / sizeof(*rows->arns) && rows[i].arns[k] && rc == 0; k++) {
		buf_reset(&arn);
		expand(c, rows[i].arns[k], &arn);
		rc = buf_check(&arn, "a resource's name", err) ? -1 : fn(arg, arn.data, err);
	}
	buf_clear(&arn);
	return rc;
}

static int add_tag(struct json *context, struct json *tag_keys, const char *key, const char *value)
{
	char name[192];

	snprintf(name, sizeof(name), "aws:RequestTag/%.160s", key);
	return json_set_str(context, name, value ? value : "") || json_append_str(tag_keys, key) ? -1 : 0;
}

/* The forms in which requests carry tags, and in which they name tags to take off. */
static int add_tags(const struct access_call *c, struct json *context, struct json *tag_keys)
{
	static const char *const lists[] = { "Tags.member", "Tags.Tag", "Tag", "TagSpecification.1.Tag" };
	static const char *const names[] = { "TagKeys.member", "TagKeys.TagKey" };
	const char *key;

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		for (int n = 1; (key = params_getf(c->p, "%s.%d.Key", lists[i], n)); n++)
			if (add_tag(context, tag_keys, key, params_getf(c->p, "%s.%d.Value", lists[i], n)))
				return -1;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		for (int n = 1; (key = params_getf(c->p, "%s.%d", names[i], n)); n++)
			if (json_append_str(tag_keys, key))
				return -1;
	return 0;
}

int resources_add_request(const struct access_call *c, struct json *context, struct err *err)
{
	struct json *tag_keys = json_new_array();

	if (!tag_keys)
		return err_nomem(err);
	if (add_tags(c, context, tag_keys)) {
		json_free(tag_keys);
		return err_nomem(err);
	}
	if (!json_count(tag_keys))
		json_free(tag_keys);
	else if (json_set(context, "aws:TagKeys", tag_keys))
		return err_nomem(err);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		const char *value = params_get(c->p, keys[i].parameter);

		if (value && glob_match(keys[i].action, c->action, false) && json_set_str(context, keys[i].key, value))
			return err_nomem(err);
	}
	return 0;
}

/* Redshift's names of kinds in ARNs, where its documents' differ. */
static const char *document_kind(const char *type)
{
	static const char *const names[][2] = { { "subnetgroup", "subnet-group" },
						{ "parametergroup", "parameter-group" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i][0], type))
			return names[i][1];
	return type;
}

static const struct json *find_iam_document(struct world *w, const char *arn)
{
	static const char *const kinds[] = { "iam:role", "iam:user", "iam:group", "iam:policy" };
	const struct json *doc = NULL;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds) && !doc; i++)
		doc = identity_find(w, kinds[i], arn);
	return doc;
}

/* "arn:aws:SERVICE:REGION:ACCOUNT:TYPE/ID" or ":TYPE:ID": the document it names. */
static const struct json *find_document(struct world *w, const char *arn)
{
	char service[24], region[40], account[16], type[32], kind[64], id[300];
	const char *name;
	int at = 0;

	if (!strncmp(arn, "arn:aws:iam::", strlen("arn:aws:iam::")))
		return find_iam_document(w, arn);
	if (sscanf(arn, "arn:aws:%23[^:]:%39[^:]:%15[^:]:%31[^:/]%n", service, region, account, type, &at) != 4 ||
	    !arn[at])
		return NULL;
	/* A snapshot's ARN names its cluster first. */
	name = strcmp(type, "snapshot") ? arn + at + 1 : strrchr(arn, '/');
	if (!name)
		return NULL;
	snprintf(kind, sizeof(kind), "%s:%s", service, document_kind(type));
	if (snprintf(id, sizeof(id), "%s/%s", region, *name == '/' ? name + 1 : name) >= (int)sizeof(id))
		return NULL;
	return store_get(w->store, kind, id);
}

int resources_add_tags(struct world *w, const char *arn, struct json *context, struct err *err)
{
	const struct json *doc = strcmp(arn, "*") ? find_document(w, arn) : NULL;
	const char *service = strchr(arn, ':') ? strchr(strchr(arn, ':') + 1, ':') : NULL;
	char key[256];

	for (const struct json *t = json_first(json_get(doc, "tags")); t; t = json_next(t)) {
		snprintf(key, sizeof(key), "aws:ResourceTag/%.160s", json_name(t));
		if (json_set_str(context, key, json_text(t)))
			return err_nomem(err);
		/* The services' own, older name of the same. */
		snprintf(key, sizeof(key), "%.*s:ResourceTag/%.160s", (int)strcspn(service + 1, ":"), service + 1,
			 json_name(t));
		if (json_set_str(context, key, json_text(t)))
			return err_nomem(err);
	}
	return 0;
}
