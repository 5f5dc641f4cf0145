#include "spark/aws/iam.h"

#include <string.h>

#include "aws/decode.h"
#include "aws/pages.h"
#include "aws/query.h"
#include "spark/base/mem.h"
#include "spark/base/url.h"

#define VERSION "2010-05-08"

static const struct tag_names tag_names = { "member", "Key", "Value" };

void iam_role_clear(struct iam_role *r)
{
	if (!r)
		return;
	aws_tags_clear(&r->tags);
	mem_free(r->trust_policy);
	r->trust_policy = NULL;
}

/* Documents travel percent-encoded. *found tells whether the reply has one, which is appended. */
static int decode_document(const struct xml_node *n, const char *path, struct buf *out, bool *found, struct err *err)
{
	struct buf encoded;
	int rc = 0;

	buf_init(&encoded, 256 * 1024);
	*found = xml_text(n, path, &encoded);
	if (*found && url_decode(out, encoded.data, encoded.len, false, err) < 0)
		rc = decode_mark(err);
	if (encoded.failed)
		rc = buf_check(&encoded, path, err);
	buf_clear(&encoded);
	return rc;
}

static int decode_trust_policy(const struct xml_node *n, struct iam_role *r, struct err *err)
{
	struct buf text;
	bool found;
	int rc;

	buf_init(&text, 256 * 1024);
	rc = decode_document(n, "AssumeRolePolicyDocument", &text, &found, err);
	if (rc == 0 && found) {
		rc = buf_check(&text, "the role's trust policy", err);
		r->trust_policy = rc == 0 ? mem_strdup(text.data) : NULL;
		if (rc == 0 && !r->trust_policy)
			rc = err_nomem(err);
	}
	buf_clear(&text);
	return rc;
}

static int decode_role(const struct xml_node *n, const char *action, struct iam_role *out, struct err *err)
{
	struct iam_role r = { 0 };

	if (decode_required(n, "RoleName", action, r.name, sizeof(r.name), err) != 0 ||
	    decode_required(n, "Arn", action, r.arn, sizeof(r.arn), err) != 0)
		return -1;
	decode_optional(n, "RoleId", r.id, sizeof(r.id));
	r.created_ms = decode_time(n, "CreateDate");
	if (decode_tags(xml_child(n, "Tags"), &tag_names, &r.tags, err) != 0)
		return -1;
	*out = r;
	return 0;
}

/* A call that answers with one role. Clears p. */
static int call_for_role(struct aws_client *c, const char *action, struct aws_params *p, bool idempotent,
			 struct iam_role *out, struct err *err)
{
	struct xml_doc *doc = NULL;
	const struct xml_node *result;
	struct iam_role role;
	int rc = aws_call(c, "iam", p, idempotent, &doc, &result, err);

	aws_params_clear(p);
	if (rc != 0)
		return -1;
	rc = decode_role(xml_child(result, "Role"), action, &role, err);
	if (rc == 0 && out && decode_trust_policy(xml_child(result, "Role"), &role, err) != 0) {
		iam_role_clear(&role);
		rc = -1;
	}
	xml_free(doc);
	if (rc != 0)
		return -1;
	if (out)
		*out = role;
	else
		iam_role_clear(&role);
	return 0;
}

int iam_create_role(struct aws_client *c, const char *name, const char *trust_policy, const char *description,
		    const struct aws_tag *tags, size_t tag_count, struct iam_role *out, struct err *err)
{
	struct aws_params p;

	aws_params_init(&p, "CreateRole", VERSION);
	aws_params_add(&p, "RoleName", name);
	aws_params_add(&p, "AssumeRolePolicyDocument", trust_policy);
	aws_params_add(&p, "Description", description);
	params_add_tags(&p, "Tags.member", tags, tag_count);
	return call_for_role(c, "CreateRole", &p, false, out, err);
}

int iam_get_role(struct aws_client *c, const char *name, struct iam_role *out, struct err *err)
{
	struct aws_params p;

	aws_params_init(&p, "GetRole", VERSION);
	aws_params_add(&p, "RoleName", name);
	return call_for_role(c, "GetRole", &p, true, out, err);
}

/* The actions on a role that answer nothing: action, then up to two more parameters. Putting and attaching may be
 * repeated; a repeated detach or delete answers NoSuchEntity, which callers take for done. */
static int call_on_role(struct aws_client *c, const char *action, const char *role, const char *name1,
			const char *value1, const char *name2, const char *value2, struct err *err)
{
	struct aws_params p;

	aws_params_init(&p, action, VERSION);
	aws_params_add(&p, "RoleName", role);
	if (name1)
		aws_params_add(&p, name1, value1);
	if (name2)
		aws_params_add(&p, name2, value2);
	return query_call_void(c, "iam", &p, true, err);
}

int iam_update_trust_policy(struct aws_client *c, const char *role, const char *document, struct err *err)
{
	return call_on_role(c, "UpdateAssumeRolePolicy", role, "PolicyDocument", document, NULL, NULL, err);
}

int iam_attach_role_policy(struct aws_client *c, const char *role, const char *policy_arn, struct err *err)
{
	return call_on_role(c, "AttachRolePolicy", role, "PolicyArn", policy_arn, NULL, NULL, err);
}

int iam_detach_role_policy(struct aws_client *c, const char *role, const char *policy_arn, struct err *err)
{
	return call_on_role(c, "DetachRolePolicy", role, "PolicyArn", policy_arn, NULL, NULL, err);
}

int iam_put_role_policy(struct aws_client *c, const char *role, const char *name, const char *document, struct err *err)
{
	return call_on_role(c, "PutRolePolicy", role, "PolicyName", name, "PolicyDocument", document, err);
}

int iam_get_role_policy(struct aws_client *c, const char *role, const char *name, struct buf *document, struct err *err)
{
	struct aws_params p;
	struct xml_doc *doc = NULL;
	const struct xml_node *result;
	bool found;
	int rc;

	aws_params_init(&p, "GetRolePolicy", VERSION);
	aws_params_add(&p, "RoleName", role);
	aws_params_add(&p, "PolicyName", name);
	rc = aws_call(c, "iam", &p, true, &doc, &result, err);
	aws_params_clear(&p);
	if (rc != 0)
		return -1;
	rc = decode_document(result, "PolicyDocument", document, &found, err);
	if (rc == 0 && !found)
		rc = decode_refused(err, "the reply to GetRolePolicy has no document");
	xml_free(doc);
	return rc;
}

int iam_delete_role_policy(struct aws_client *c, const char *role, const char *name, struct err *err)
{
	return call_on_role(c, "DeleteRolePolicy", role, "PolicyName", name, NULL, NULL, err);
}

int iam_delete_role(struct aws_client *c, const char *name, struct err *err)
{
	return call_on_role(c, "DeleteRole", name, NULL, NULL, NULL, NULL, err);
}

/* What a walk over a list of IAM carries. */
struct walk {
	const char *role, *action;
	const char *path; /* of the text in an element; NULL: the element's own */
	int (*on_text)(void *arg, const char *text);
	int (*on_role)(void *arg, const struct iam_role *role);
	void *arg;
};

static void add_role_name(void *arg, struct aws_params *p)
{
	const struct walk *w = arg;

	aws_params_add(p, "RoleName", w->role);
}

static int each_text(void *arg, const struct xml_node *item, struct err *err)
{
	const struct walk *w = arg;
	char text[2100];

	if (!xml_text_into(item, w->path, text, sizeof(text)))
		return decode_refused(err, "the reply to iam %s has an element without a name", w->action);
	return w->on_text(w->arg, text);
}

static int each_role(void *arg, const struct xml_node *item, struct err *err)
{
	const struct walk *w = arg;
	struct iam_role role;
	int rc = decode_role(item, w->action, &role, err);

	if (rc != 0)
		return rc;
	rc = w->on_role(w->arg, &role);
	iam_role_clear(&role);
	return rc;
}

static int walk_list(struct aws_client *c, struct walk *w, const char *list, struct err *err)
{
	const struct paged_list l = {
		.service = "iam",
		.action = w->action,
		.version = VERSION,
		.list = list,
		.item = "member",
		.marker_out = "Marker",
		.marker_in = "Marker",
		.add = w->role ? add_role_name : NULL,
		.each = w->on_role ? each_role : each_text,
		.arg = w,
	};
	return pages_walk(c, &l, err);
}

int iam_list_attached_role_policies(struct aws_client *c, const char *role, int (*fn)(void *arg, const char *arn),
				    void *arg, struct err *err)
{
	struct walk w = {
		.role = role, .action = "ListAttachedRolePolicies", .path = "PolicyArn", .on_text = fn, .arg = arg
	};
	return walk_list(c, &w, "AttachedPolicies", err);
}

int iam_list_role_policies(struct aws_client *c, const char *role, int (*fn)(void *arg, const char *name), void *arg,
			   struct err *err)
{
	struct walk w = { .role = role, .action = "ListRolePolicies", .on_text = fn, .arg = arg };
	return walk_list(c, &w, "PolicyNames", err);
}

int iam_list_roles(struct aws_client *c, int (*fn)(void *arg, const struct iam_role *role), void *arg, struct err *err)
{
	struct walk w = { .action = "ListRoles", .on_role = fn, .arg = arg };
	return walk_list(c, &w, "Roles", err);
}

/* A map travels as entries of key and value. */
static int64_t entry_of(const struct xml_node *map, const char *key)
{
	char name[64];

	for (const struct xml_node *e = xml_child(map, "entry"); e; e = xml_next(e, "entry")) {
		if (xml_text_into(e, "key", name, sizeof(name)) && strcmp(name, key) == 0)
			return decode_int(e, "value", -1);
	}
	return -1;
}

int iam_get_account_summary(struct aws_client *c, struct iam_summary *out, struct err *err)
{
	const struct xml_node *result, *map;
	struct xml_doc *doc = NULL;
	struct aws_params p;
	int rc;

	aws_params_init(&p, "GetAccountSummary", VERSION);
	rc = aws_call(c, "iam", &p, true, &doc, &result, err);
	aws_params_clear(&p);
	if (rc != 0)
		return -1;
	map = xml_child(result, "SummaryMap");
	*out = (struct iam_summary){ .roles = entry_of(map, "Roles"), .roles_quota = entry_of(map, "RolesQuota") };
	xml_free(doc);
	return 0;
}
