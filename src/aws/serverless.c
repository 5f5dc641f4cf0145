#include "spark/aws/serverless.h"

#include <stdio.h>
#include <string.h>

#include "aws/decode.h"
#include "aws/json_protocol.h"
#include "spark/base/mem.h"

#define SERVICE "redshift-serverless"
#define TARGET  "RedshiftServerless"

static int call(struct aws_client *c, const char *action, struct json_body *b, bool idempotent, struct json **reply,
		struct err *err)
{
	return json_call(c, SERVICE, TARGET, action, b, idempotent, reply, err);
}

/* A call that names one thing and whose reply holds nothing of interest. */
static int call_named(struct aws_client *c, const char *action, const char *member, const char *name, struct err *err)
{
	struct json_body b;

	json_body_init(&b);
	json_body_add(&b, member, name);
	return call(c, action, &b, true, NULL, err);
}

/* The one member that a reply cannot do without. */
static const struct json *member_of(const struct json *reply, const char *action, const char *name, struct err *err)
{
	const struct json *member = json_get(reply, name);

	if (!member)
		(void)decode_refused(err, "the reply to " SERVICE " %s has no '%s'", action, name);
	return member;
}

/* ---- namespaces ---- */

void serverless_namespace_clear(struct serverless_namespace *n)
{
	if (!n)
		return;
	mem_free(n->roles);
	n->roles = NULL;
	n->role_count = n->role_cap = 0;
}

/* The service prints its program's own objects: "IamRole(applyStatus=in-sync, iamRoleArn=arn:...)"; newer ones tell the
 * ARN alone. */
static void read_role(const char *text, char out[256])
{
	static const char mark[] = "iamRoleArn=";
	const char *at = strstr(text, mark);
	size_t len;

	at = at ? at + sizeof(mark) - 1 : text;
	len = strcspn(at, ",) ");
	(void)snprintf(out, 256, "%.*s", len < 256 ? (int)len : 0, at);
}

static int read_namespace(const struct json *j, struct serverless_namespace *out, struct err *err)
{
	struct serverless_namespace n = { .created_ms = json_take_time(j, "creationDate") };

	json_take_text(j, "namespaceName", n.name, sizeof(n.name));
	json_take_text(j, "namespaceArn", n.arn, sizeof(n.arn));
	json_take_text(j, "adminUsername", n.admin, sizeof(n.admin));
	json_take_text(j, "dbName", n.db_name, sizeof(n.db_name));
	json_take_text(j, "status", n.status, sizeof(n.status));
	for (const struct json *r = json_first(json_get(j, "iamRoles")); r; r = json_next(r)) {
		const char *text = json_text(r);

		if (!text)
			continue;
		if (mem_grow(&n.roles, &n.role_cap, n.role_count, sizeof(*n.roles)) < 0) {
			serverless_namespace_clear(&n);
			return err_nomem(err);
		}
		read_role(text, n.roles[n.role_count++]);
	}
	*out = n;
	return 0;
}

int serverless_create_namespace(struct aws_client *c, const struct serverless_create_namespace *in, struct err *err)
{
	struct json_body b;

	json_body_init(&b);
	json_body_add(&b, "namespaceName", in->name);
	json_body_add(&b, "dbName", in->db_name);
	json_body_add(&b, "adminUsername", in->admin);
	if (in->manage_password)
		json_body_add_bool(&b, "manageAdminPassword", true);
	else if (in->password)
		json_body_add(&b, "adminUserPassword", secret_value(in->password));
	json_body_add_list(&b, "iamRoles", &in->role_arn, in->role_arn ? 1 : 0);
	json_body_add(&b, "defaultIamRoleArn", in->role_arn);
	json_body_add_tags(&b, "tags", in->tags, in->tag_count);
	return call(c, "CreateNamespace", &b, false, NULL, err);
}

int serverless_get_namespace(struct aws_client *c, const char *name, struct serverless_namespace *out, struct err *err)
{
	const struct json *found;
	struct json *reply;
	struct json_body b;
	int rc = -1;

	json_body_init(&b);
	json_body_add(&b, "namespaceName", name);
	if (call(c, "GetNamespace", &b, true, &reply, err) < 0)
		return -1;
	found = member_of(reply, "GetNamespace", "namespace", err);
	if (found)
		rc = read_namespace(found, out, err);
	json_free(reply);
	return rc;
}

int serverless_set_roles(struct aws_client *c, const char *name, const char *const *arns, size_t count,
			 const char *standard, struct err *err)
{
	struct json_body b;

	json_body_init(&b);
	json_body_add(&b, "namespaceName", name);
	json_body_add_list(&b, "iamRoles", arns, count);
	json_body_add(&b, "defaultIamRoleArn", standard);
	return call(c, "UpdateNamespace", &b, true, NULL, err);
}

int serverless_delete_namespace(struct aws_client *c, const char *name, struct err *err)
{
	return call_named(c, "DeleteNamespace", "namespaceName", name, err);
}

/* ---- workgroups ---- */

static void read_workgroup(const struct json *j, struct serverless_workgroup *out)
{
	const struct json *endpoint = json_get(j, "endpoint");
	struct serverless_workgroup w = {
		.port = (int)json_int(endpoint, "port", 0),
		.base_capacity = (int)json_int(j, "baseCapacity", 0),
		.max_capacity = (int)json_int(j, "maxCapacity", 0),
		.created_ms = json_take_time(j, "creationDate"),
	};

	json_take_text(j, "workgroupName", w.name, sizeof(w.name));
	json_take_text(j, "workgroupArn", w.arn, sizeof(w.arn));
	json_take_text(j, "namespaceName", w.namespace_name, sizeof(w.namespace_name));
	json_take_text(j, "status", w.status, sizeof(w.status));
	json_take_text(endpoint, "address", w.host, sizeof(w.host));
	*out = w;
}

int serverless_create_workgroup(struct aws_client *c, const struct serverless_create_workgroup *in, struct err *err)
{
	struct json_body b;

	json_body_init(&b);
	json_body_add(&b, "workgroupName", in->name);
	json_body_add(&b, "namespaceName", in->namespace_name);
	json_body_add_int(&b, "baseCapacity", in->base_capacity);
	if (in->max_capacity > 0)
		json_body_add_int(&b, "maxCapacity", in->max_capacity);
	if (in->port > 0)
		json_body_add_int(&b, "port", in->port);
	json_body_add_list(&b, "securityGroupIds", &in->group_id, in->group_id ? 1 : 0);
	json_body_add_list(&b, "subnetIds", in->subnet_ids, in->subnet_count);
	json_body_add_bool(&b, "publiclyAccessible", in->publicly_accessible);
	json_body_add_tags(&b, "tags", in->tags, in->tag_count);
	return call(c, "CreateWorkgroup", &b, false, NULL, err);
}

int serverless_get_workgroup(struct aws_client *c, const char *name, struct serverless_workgroup *out, struct err *err)
{
	const struct json *found;
	struct json *reply;
	struct json_body b;

	json_body_init(&b);
	json_body_add(&b, "workgroupName", name);
	if (call(c, "GetWorkgroup", &b, true, &reply, err) < 0)
		return -1;
	found = member_of(reply, "GetWorkgroup", "workgroup", err);
	if (found)
		read_workgroup(found, out);
	json_free(reply);
	return found ? 0 : -1;
}

int serverless_set_capacity(struct aws_client *c, const char *name, const char *member, int rpu, struct err *err)
{
	struct json_body b;

	json_body_init(&b);
	json_body_add(&b, "workgroupName", name);
	json_body_add_int(&b, member, rpu);
	return call(c, "UpdateWorkgroup", &b, true, NULL, err);
}

int serverless_delete_workgroup(struct aws_client *c, const char *name, struct err *err)
{
	return call_named(c, "DeleteWorkgroup", "workgroupName", name, err);
}

/* ---- lists ---- */

/* One page after the other: each item of `list` is given to `each`. */
struct walk {
	const char *action, *list;
	int (*each)(const struct walk *w, const struct json *item, struct err *err);
	int (*on_namespace)(void *arg, const struct serverless_namespace *n);
	int (*on_workgroup)(void *arg, const struct serverless_workgroup *w);
	void *arg;
};

static int each_namespace(const struct walk *w, const struct json *item, struct err *err)
{
	struct serverless_namespace n;
	int rc;

	if (read_namespace(item, &n, err) < 0)
		return -1;
	rc = w->on_namespace(w->arg, &n);
	serverless_namespace_clear(&n);
	return rc;
}

static int each_workgroup(const struct walk *w, const struct json *item, struct err *err)
{
	struct serverless_workgroup group;

	(void)err;
	read_workgroup(item, &group);
	return w->on_workgroup(w->arg, &group);
}

/* Takes the next page's token from the reply; "" behind the last page. */
static int take_token(const struct walk *w, const struct json *reply, struct buf *token, struct err *err)
{
	const char *next = json_str(reply, "nextToken", "");

	if (*next && strcmp(next, token->data) == 0)
		return decode_refused(err, "the reply to " SERVICE " %s leads back to itself", w->action);
	buf_reset(token);
	buf_puts(token, next);
	return buf_check(token, "the next page's token", err);
}

static int walk_pages(struct aws_client *c, const struct walk *w, struct err *err)
{
	struct buf token;
	int rc;

	buf_init(&token, 64 * 1024);
	do {
		struct json *reply;
		struct json_body b;

		json_body_init(&b);
		json_body_add(&b, "nextToken", token.len ? token.data : NULL);
		rc = call(c, w->action, &b, true, &reply, err);
		if (rc < 0)
			break;
		for (const struct json *x = json_first(json_get(reply, w->list)); x && rc == 0; x = json_next(x))
			rc = w->each(w, x, err);
		if (rc == 0)
			rc = take_token(w, reply, &token, err);
		json_free(reply);
	} while (rc == 0 && token.len > 0);
	buf_clear(&token);
	return rc;
}

int serverless_list_namespaces(struct aws_client *c, int (*fn)(void *arg, const struct serverless_namespace *n),
			       void *arg, struct err *err)
{
	const struct walk w = { "ListNamespaces", "namespaces", each_namespace, fn, NULL, arg };

	return walk_pages(c, &w, err);
}

int serverless_list_workgroups(struct aws_client *c, int (*fn)(void *arg, const struct serverless_workgroup *w),
			       void *arg, struct err *err)
{
	const struct walk w = { "ListWorkgroups", "workgroups", each_workgroup, NULL, fn, arg };

	return walk_pages(c, &w, err);
}

int serverless_list_tags(struct aws_client *c, const char *arn, struct aws_tags *out, struct err *err)
{
	const struct json *list;
	struct aws_tags tags = { 0 };
	struct json *reply;
	struct json_body b;
	size_t cap = 0;

	json_body_init(&b);
	json_body_add(&b, "resourceArn", arn);
	if (call(c, "ListTagsForResource", &b, true, &reply, err) < 0)
		return -1;
	list = json_get(reply, "tags");
	for (const struct json *t = json_first(list); t; t = json_next(t)) {
		if (mem_grow(&tags.items, &cap, tags.count, sizeof(*tags.items)) < 0) {
			aws_tags_clear(&tags);
			json_free(reply);
			return err_nomem(err);
		}
		json_take_text(t, "key", tags.items[tags.count].key, sizeof(tags.items->key));
		json_take_text(t, "value", tags.items[tags.count].value, sizeof(tags.items->value));
		tags.count++;
	}
	json_free(reply);
	*out = tags;
	return 0;
}

/* ---- credentials ---- */

int serverless_get_credentials(struct aws_client *c, const char *workgroup, const char *db_name, int duration_s,
			       char user_out[136], struct secret *password_out, int64_t *expires_ms, struct err *err)
{
	const char *user, *password;
	struct json *reply;
	struct json_body b;
	int rc = -1;

	json_body_init(&b);
	json_body_add(&b, "workgroupName", workgroup);
	json_body_add(&b, "dbName", db_name);
	json_body_add_int(&b, "durationSeconds", duration_s);
	if (call(c, "GetCredentials", &b, true, &reply, err) < 0)
		return -1;
	user = json_str(reply, "dbUser", "");
	password = json_str(reply, "dbPassword", "");
	if (!*user || strlen(user) >= 136 || !*password) {
		(void)decode_refused(err, "the reply to " SERVICE " GetCredentials names no user and password");
	} else if (secret_set(password_out, password, err) == 0) {
		(void)snprintf(user_out, 136, "%s", user);
		*expires_ms = json_take_time(reply, "expiration");
		rc = 0;
	}
	json_free(reply);
	return rc;
}
