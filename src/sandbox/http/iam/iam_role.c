/* Roles. */
#include "sandbox/access/identity.h"
#include "sandbox/access/policy.h"
#include "sandbox/http/iam/iam.h"

#define TRUST_MAX       2048
#define DESCRIPTION_MAX 1000

void iam_role_write(struct buf *out, const struct json *role, const char *element, bool whole)
{
	const char *trust = json_str(role, "trust", "");

	xml_open(out, element);
	xml_element(out, "Path", json_str(role, "path", "/"));
	xml_element(out, "RoleName", json_str(role, "name", ""));
	xml_element(out, "RoleId", json_str(role, "id", ""));
	xml_element(out, "Arn", json_str(role, "arn", ""));
	xml_element(out, "CreateDate", json_str(role, "created", ""));
	iam_write_document(out, "AssumeRolePolicyDocument", trust);
	xml_element(out, "Description", json_str(role, "description", NULL));
	xml_elementf(out, "MaxSessionDuration", "%lld", (long long)json_int(role, "maxSessionDuration", 3600));
	if (whole) {
		if (json_count(json_get(role, "tags")))
			iam_tags_write(out, json_get(role, "tags"));
		buf_puts(out, "<RoleLastUsed/>");
	}
	xml_close(out, element);
}

struct principals {
	struct world *w;
	struct err *err;
};

/* Users and roles that a trust policy names must be there, since it is them and not their names that are trusted. */
static bool is_nobody(void *arg, const char *text)
{
	static const struct {
		const char *part, *kind;
	} kinds[] = { { ":user/", "iam:user" }, { ":role/", "iam:role" } };
	const struct principals *p = arg;
	char own[40];

	snprintf(own, sizeof(own), "arn:aws:iam::%s:", p->w->account);
	if (strncmp(text, own, strlen(own)))
		return false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strncmp(text + strlen(own) - 1, kinds[i].part, strlen(kinds[i].part)) ||
		    identity_find(p->w, kinds[i].kind, text))
			continue;
		service_error(p->err, 400, "MalformedPolicyDocument", "Invalid principal in policy: \"AWS\":\"%.300s\"",
			      text);
		return true;
	}
	return false;
}

static int check_principals(struct world *w, const char *text, struct err *err)
{
	struct json *trust = json_parse(text, strlen(text), err);
	const struct json *statements = json_get(trust, "Statement");
	struct principals p = { w, err };
	bool bad = false;

	if (!trust)
		return -1;
	if (json_is_object(statements))
		bad = policy_any_text(json_get(json_get(statements, "Principal"), "AWS"), is_nobody, &p);
	else
		for (const struct json *s = json_first(statements); s && !bad; s = json_next(s))
			bad = policy_any_text(json_get(json_get(s, "Principal"), "AWS"), is_nobody, &p);
	json_free(trust);
	return bad ? -1 : 0;
}

/* The document's text, checked. */
static const char *read_trust(struct world *w, const struct params *p, const char *param, struct err *err)
{
	const char *text = iam_required(p, param, 131072, err);

	if (!text || policy_check_trust(text, err) || check_principals(w, text, err))
		return NULL;
	if (iam_policy_bytes(text) > TRUST_MAX) {
		service_error(err, 409, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: %d", TRUST_MAX);
		return NULL;
	}
	return text;
}

/* Description and MaxSessionDuration of a request; what is absent stays as it is. */
static int set_details(const struct params *p, struct json *role, struct err *err)
{
	const char *description = params_get(p, "Description"), *given = params_get(p, "MaxSessionDuration");
	int64_t duration;
	struct err ignored;

	if (description && *description && !iam_required(p, "Description", DESCRIPTION_MAX, err))
		return -1;
	if (params_int(p, "MaxSessionDuration", json_int(role, "maxSessionDuration", 3600), 3600, 43200, &duration,
		       &ignored))
		return iam_invalid(err, "MaxSessionDuration", given, "Member must have value between 3600 and 43200");
	if (description && !*description)
		json_remove(role, "description");
	if ((description && *description && json_set_str(role, "description", description)) ||
	    json_set_int(role, "maxSessionDuration", duration))
		return err_nomem(err);
	return 0;
}

IAM_HANDLER(iam_create_role)
{
	struct json *role = NULL;
	const char *trust;

	(void)who;
	if (params_get(p, "PermissionsBoundary"))
		return service_error(err, 400, "InvalidInput",
				     "The sandbox does not have permissions boundaries (PermissionsBoundary)");
	if (!iam_name(p, "RoleName", IAM_NAME_MAX, err))
		return -1;
	trust = read_trust(w, p, "AssumeRolePolicyDocument", err);
	if (!trust || iam_new(w, &iam_kind_role, p, &role, err))
		return -1;
	if (set_details(p, role, err)) {
		json_free(role);
		return -1;
	}
	if (json_set_str(role, "trust", trust)) {
		json_free(role);
		return err_nomem(err);
	}
	iam_role_write(out, role, "Role", true);
	return iam_put(w, &iam_kind_role, role, err);
}

IAM_HANDLER(iam_get_role)
{
	const struct json *role = iam_find(w, &iam_kind_role, p, err);

	(void)who;
	if (!role)
		return -1;
	iam_role_write(out, role, "Role", true);
	return 0;
}

IAM_HANDLER(iam_update_role)
{
	struct json *role = NULL;

	(void)who;
	/* The one action whose answer has a result without members. */
	buf_putc(out, '\n');
	if (iam_edit(w, &iam_kind_role, p, &role, err))
		return -1;
	if (set_details(p, role, err)) {
		json_free(role);
		return -1;
	}
	return iam_put(w, &iam_kind_role, role, err);
}

/* The older form, which answers with the role. */
IAM_HANDLER(iam_update_role_description)
{
	struct json *role = NULL;

	(void)who;
	if (!params_get(p, "Description"))
		return iam_invalid(err, "Description", NULL, NULL);
	if (iam_edit(w, &iam_kind_role, p, &role, err))
		return -1;
	if (set_details(p, role, err)) {
		json_free(role);
		return -1;
	}
	iam_role_write(out, role, "Role", true);
	return iam_put(w, &iam_kind_role, role, err);
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
		iam_role_write(l->out, role, "member", false);
	return l->page.truncated;
}

IAM_HANDLER(iam_list_roles)
{
	struct listing l = { .out = out, .prefix = iam_path_prefix(p, err) };

	(void)who;
	if (!l.prefix || iam_page_begin(p, &l.page, err))
		return -1;
	xml_open(out, "Roles");
	store_each(w->store, "iam:role", "", list_one, &l);
	xml_close(out, "Roles");
	iam_page_end(&l.page, out);
	return 0;
}

IAM_HANDLER(iam_delete_role)
{
	const struct json *role = iam_find(w, &iam_kind_role, p, err);
	char id[IAM_ID_SIZE];

	(void)who;
	(void)out;
	if (!role || iam_check_modifiable(role, err))
		return -1;
	if (json_count(json_get(role, "attached")))
		return service_error(err, 409, "DeleteConflict",
				     "Cannot delete entity, must detach all policies first.");
	if (json_count(json_get(role, "inline")))
		return service_error(err, 409, "DeleteConflict", "Cannot delete entity, must delete policies first.");
	if (!identity_id(json_str(role, "name", ""), id, sizeof(id)))
		return err_set(err, ERR_BUG, "a role without a name");
	return store_delete(w->store, "iam:role", id, err);
}

IAM_HANDLER(iam_update_assume_role_policy)
{
	struct json *role = NULL;
	const char *trust;

	(void)who;
	(void)out;
	if (iam_edit(w, &iam_kind_role, p, &role, err))
		return -1;
	trust = read_trust(w, p, "PolicyDocument", err);
	if (!trust) {
		json_free(role);
		return -1;
	}
	if (json_set_str(role, "trust", trust)) {
		json_free(role);
		return err_nomem(err);
	}
	return iam_put(w, &iam_kind_role, role, err);
}

/* Instance profiles are for EC2 instances, which the sandbox does not have: no role is in any. */
IAM_HANDLER(iam_list_instance_profiles_for_role)
{
	const struct json *role = iam_find(w, &iam_kind_role, p, err);
	struct iam_page page;

	(void)who;
	if (!role || iam_page_begin(p, &page, err))
		return -1;
	buf_puts(out, "<InstanceProfiles/>");
	iam_page_end(&page, out);
	return 0;
}
