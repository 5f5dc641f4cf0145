#include "sandbox/access/policy.h"
#include "sandbox/http/iam.h"
#include "spark/base/mem.h"
#include "spark/base/url.h"

#define TRUST_MAX       2048
#define DESCRIPTION_MAX 1000

void iam_role_id(const char *name, char id[IAM_NAME_MAX + 1])
{
	size_t len = strnlen(name, IAM_NAME_MAX);

	for (size_t i = 0; i < len; i++)
		id[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
	id[len] = 0;
}

int iam_role_find(struct world *w, const struct params *p, const struct json **doc, char id[IAM_NAME_MAX + 1],
		  struct err *err)
{
	const char *name = iam_name(p, "RoleName", IAM_NAME_MAX, err);

	if (!name)
		return -1;
	iam_role_id(name, id);
	*doc = store_get(w->store, "iam:role", id);
	if (!*doc)
		return service_error(err, 404, "NoSuchEntity", "The role with name %s cannot be found.", name);
	return 0;
}

int iam_role_edit(struct world *w, const struct params *p, struct json **copy, struct err *err)
{
	const struct json *doc;
	char id[IAM_NAME_MAX + 1];

	if (iam_role_find(w, p, &doc, id, err))
		return -1;
	*copy = json_copy(doc);
	return *copy ? 0 : err_nomem(err);
}

int iam_role_put(struct world *w, struct json *role, struct err *err)
{
	char id[IAM_NAME_MAX + 1];

	iam_role_id(json_str(role, "name", ""), id);
	return store_put(w->store, "iam:role", id, role, err);
}

static void write_role(struct buf *out, const struct json *role, const char *element, bool whole)
{
	const char *trust = json_str(role, "trust", "");

	xml_open(out, element);
	xml_element(out, "Path", json_str(role, "path", "/"));
	xml_element(out, "RoleName", json_str(role, "name", ""));
	xml_element(out, "RoleId", json_str(role, "id", ""));
	xml_element(out, "Arn", json_str(role, "arn", ""));
	xml_element(out, "CreateDate", json_str(role, "created", ""));
	xml_open(out, "AssumeRolePolicyDocument");
	url_encode(out, trust, strlen(trust), false);
	xml_close(out, "AssumeRolePolicyDocument");
	xml_element(out, "Description", json_str(role, "description", NULL));
	xml_elementf(out, "MaxSessionDuration", "%lld", (long long)json_int(role, "maxSessionDuration", 3600));
	if (whole) {
		if (json_count(json_get(role, "tags")))
			iam_tags_write(out, json_get(role, "tags"));
		buf_puts(out, "<RoleLastUsed/>");
	}
	xml_close(out, element);
}

/* The document's text, checked. */
static const char *read_trust(const struct params *p, const char *param, struct err *err)
{
	const char *text = iam_required(p, param, 131072, err);

	if (!text || policy_check_trust(text, err))
		return NULL;
	if (strlen(text) > TRUST_MAX) {
		service_error(err, 409, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: %d", TRUST_MAX);
		return NULL;
	}
	return text;
}

static int check_new_role(struct world *w, const struct params *p, const char *name, int64_t *duration, struct err *err)
{
	const char *description = params_get(p, "Description"), *given = params_get(p, "MaxSessionDuration");
	char id[IAM_NAME_MAX + 1];
	struct err ignored;

	if (params_get(p, "PermissionsBoundary"))
		return service_error(err, 400, "InvalidInput",
				     "The sandbox does not have permissions boundaries (PermissionsBoundary)");
	if (description && *description && !iam_required(p, "Description", DESCRIPTION_MAX, err))
		return -1;
	if (params_int(p, "MaxSessionDuration", 3600, 3600, 43200, duration, &ignored))
		return iam_invalid(err, "MaxSessionDuration", given, "Member must have value between 3600 and 43200");
	iam_role_id(name, id);
	if (store_get(w->store, "iam:role", id))
		return service_error(err, 409, "EntityAlreadyExists", "Role with name %s already exists.", name);
	return 0;
}

static int fill_role(struct world *w, const struct params *p, struct json *role, const char *name, const char *path,
		     const char *trust, int64_t duration, struct err *err)
{
	char id[32], created[CLOCK_TEXT], *arn;
	const char *description = params_get(p, "Description");
	struct json *tags = json_new_object();
	int rc = -1;

	if (!tags)
		return err_nomem(err);
	if (iam_tags_read(p, tags, err) || world_id_base32("AROA", 17, id, sizeof(id), err)) {
		json_free(tags);
		return -1;
	}
	clock_iso_s(clock_now(w->clock), created);
	arn = mem_printf("arn:aws:iam::%s:role%s%s", w->account, path, name);
	if (json_set(role, "tags", tags) || !arn || json_set_str(role, "name", name) ||
	    json_set_str(role, "path", path) || json_set_str(role, "id", id) || json_set_str(role, "arn", arn) ||
	    json_set_str(role, "trust", trust) ||
	    (description && *description && json_set_str(role, "description", description)) ||
	    json_set_int(role, "maxSessionDuration", duration) || json_set(role, "attached", json_new_array()) ||
	    json_set(role, "inline", json_new_object()) || json_set_str(role, "created", created))
		err_nomem(err);
	else
		rc = 0;
	mem_free(arn);
	return rc;
}

IAM_HANDLER(iam_create_role)
{
	const char *name = iam_name(p, "RoleName", IAM_NAME_MAX, err);
	const char *path = name ? iam_path(p, "Path", err) : NULL;
	const char *trust = path ? read_trust(p, "AssumeRolePolicyDocument", err) : NULL;
	struct json *role;
	int64_t duration;

	(void)who;
	if (!trust || check_new_role(w, p, name, &duration, err))
		return -1;
	role = json_new_object();
	if (!role)
		return err_nomem(err);
	if (fill_role(w, p, role, name, path, trust, duration, err)) {
		json_free(role);
		return -1;
	}
	write_role(out, role, "Role", true);
	return iam_role_put(w, role, err);
}

IAM_HANDLER(iam_get_role)
{
	const struct json *role;
	char id[IAM_NAME_MAX + 1];

	(void)who;
	if (iam_role_find(w, p, &role, id, err))
		return -1;
	write_role(out, role, "Role", true);
	return 0;
}

struct listing {
	struct iam_page page;
	const char *prefix;
	struct buf *out;
};

static int list_one(void *arg, const char *id, const struct json *role)
{
	struct listing *l = arg;

	if (!strncmp(json_str(role, "path", "/"), l->prefix, strlen(l->prefix)) && iam_page_takes(&l->page, id))
		write_role(l->out, role, "member", false);
	return l->page.truncated;
}

IAM_HANDLER(iam_list_roles)
{
	struct listing l = { .out = out };

	(void)who;
	l.prefix = params_get(p, "PathPrefix");
	if (!l.prefix)
		l.prefix = "/";
	if (*l.prefix != '/')
		return iam_invalid(err, "PathPrefix", l.prefix,
				   "Member must satisfy regular expression pattern: \\u002F[\\u0021-\\u007F]*");
	if (iam_page_begin(p, &l.page, err))
		return -1;
	xml_open(out, "Roles");
	store_each(w->store, "iam:role", "", list_one, &l);
	xml_close(out, "Roles");
	iam_page_end(&l.page, out);
	return 0;
}

IAM_HANDLER(iam_delete_role)
{
	const struct json *role;
	char id[IAM_NAME_MAX + 1];

	(void)who;
	(void)out;
	if (iam_role_find(w, p, &role, id, err))
		return -1;
	if (json_count(json_get(role, "attached")))
		return service_error(err, 409, "DeleteConflict",
				     "Cannot delete entity, must detach all policies first.");
	if (json_count(json_get(role, "inline")))
		return service_error(err, 409, "DeleteConflict", "Cannot delete entity, must delete policies first.");
	return store_delete(w->store, "iam:role", id, err);
}

IAM_HANDLER(iam_update_assume_role_policy)
{
	struct json *role = NULL;
	const char *trust;

	(void)who;
	(void)out;
	if (iam_role_edit(w, p, &role, err))
		return -1;
	trust = read_trust(p, "PolicyDocument", err);
	if (!trust) {
		json_free(role);
		return -1;
	}
	if (json_set_str(role, "trust", trust)) {
		json_free(role);
		return err_nomem(err);
	}
	return iam_role_put(w, role, err);
}

/* Instance profiles are for EC2 instances, which the sandbox does not have: no role is in any. */
IAM_HANDLER(iam_list_instance_profiles_for_role)
{
	const struct json *role;
	char id[IAM_NAME_MAX + 1];
	struct iam_page page;

	(void)who;
	if (iam_role_find(w, p, &role, id, err) || iam_page_begin(p, &page, err))
		return -1;
	buf_puts(out, "<InstanceProfiles/>");
	iam_page_end(&page, out);
	return 0;
}
