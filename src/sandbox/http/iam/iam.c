#include "sandbox/http/iam/iam.h"
#include "sandbox/http/text.h"
#include "spark/base/hash.h"
#include "spark/base/url.h"

/* Documents of IAM in the store, id = lower-case name (names are unique whatever their case):
 * "iam:role": {name, path, id "AROA...", arn, trust (the document's text as given), description, maxSessionDuration,
 *   attached: [policy ARNs], inline: {name: text}, tags: {key: value}, created; service: the service whose own it is}
 * "iam:user": {name, path, userId "AIDA...", arn, attached, inline, groups: [ids], tags, created}
 * "iam:group": {name, path, id "AGPA...", arn, attached, inline, created}
 * "iam:policy": {name, path, id "ANPA...", arn, description, versions: [{id "v1", document, created}], defaultVersion,
 *   nextVersion, tags, created, updated}
 * "iam:access-key" and "iam:key-use": see access/keys.h. */

static const struct action actions[] = {
	{ "CreateRole", iam_create_role, NULL },
	{ "GetRole", iam_get_role, NULL },
	{ "ListRoles", iam_list_roles, NULL },
	{ "UpdateRole", iam_update_role, NULL },
	{ "UpdateRoleDescription", iam_update_role_description, NULL },
	{ "DeleteRole", iam_delete_role, NULL },
	{ "UpdateAssumeRolePolicy", iam_update_assume_role_policy, NULL },
	{ "ListInstanceProfilesForRole", iam_list_instance_profiles_for_role, NULL },
	{ "CreateServiceLinkedRole", iam_create_service_linked_role, NULL },
	{ "DeleteServiceLinkedRole", iam_delete_service_linked_role, NULL },
	{ "GetServiceLinkedRoleDeletionStatus", iam_get_service_linked_role_deletion_status, NULL },
	{ "CreateUser", iam_create_user, NULL },
	{ "GetUser", iam_get_user, NULL },
	{ "ListUsers", iam_list_users, NULL },
	{ "UpdateUser", iam_update_user, NULL },
	{ "DeleteUser", iam_delete_user, NULL },
	{ "CreateAccessKey", iam_create_access_key, NULL },
	{ "ListAccessKeys", iam_list_access_keys, NULL },
	{ "UpdateAccessKey", iam_update_access_key, NULL },
	{ "DeleteAccessKey", iam_delete_access_key, NULL },
	{ "GetAccessKeyLastUsed", iam_get_access_key_last_used, NULL },
	{ "CreateGroup", iam_create_group, NULL },
	{ "GetGroup", iam_get_group, NULL },
	{ "ListGroups", iam_list_groups, NULL },
	{ "UpdateGroup", iam_update_group, NULL },
	{ "DeleteGroup", iam_delete_group, NULL },
	{ "AddUserToGroup", iam_add_user_to_group, NULL },
	{ "RemoveUserFromGroup", iam_remove_user_from_group, NULL },
	{ "ListGroupsForUser", iam_list_groups_for_user, NULL },
	{ "AttachRolePolicy", iam_attach_policy, NULL },
	{ "DetachRolePolicy", iam_detach_policy, NULL },
	{ "ListAttachedRolePolicies", iam_list_attached_policies, NULL },
	{ "PutRolePolicy", iam_put_inline_policy, NULL },
	{ "GetRolePolicy", iam_get_inline_policy, NULL },
	{ "ListRolePolicies", iam_list_inline_policies, NULL },
	{ "DeleteRolePolicy", iam_delete_inline_policy, NULL },
	{ "AttachUserPolicy", iam_attach_policy, NULL },
	{ "DetachUserPolicy", iam_detach_policy, NULL },
	{ "ListAttachedUserPolicies", iam_list_attached_policies, NULL },
	{ "PutUserPolicy", iam_put_inline_policy, NULL },
	{ "GetUserPolicy", iam_get_inline_policy, NULL },
	{ "ListUserPolicies", iam_list_inline_policies, NULL },
	{ "DeleteUserPolicy", iam_delete_inline_policy, NULL },
	{ "AttachGroupPolicy", iam_attach_policy, NULL },
	{ "DetachGroupPolicy", iam_detach_policy, NULL },
	{ "ListAttachedGroupPolicies", iam_list_attached_policies, NULL },
	{ "PutGroupPolicy", iam_put_inline_policy, NULL },
	{ "GetGroupPolicy", iam_get_inline_policy, NULL },
	{ "ListGroupPolicies", iam_list_inline_policies, NULL },
	{ "DeleteGroupPolicy", iam_delete_inline_policy, NULL },
	{ "TagRole", iam_tag, NULL },
	{ "UntagRole", iam_untag, NULL },
	{ "ListRoleTags", iam_list_tags, NULL },
	{ "TagUser", iam_tag, NULL },
	{ "UntagUser", iam_untag, NULL },
	{ "ListUserTags", iam_list_tags, NULL },
	{ "CreatePolicy", iam_create_policy, NULL },
	{ "GetPolicy", iam_get_policy, NULL },
	{ "ListPolicies", iam_list_policies, NULL },
	{ "DeletePolicy", iam_delete_policy, NULL },
	{ "ListEntitiesForPolicy", iam_list_entities_for_policy, NULL },
	{ "CreatePolicyVersion", iam_create_policy_version, NULL },
	{ "GetPolicyVersion", iam_get_policy_version, NULL },
	{ "ListPolicyVersions", iam_list_policy_versions, NULL },
	{ "SetDefaultPolicyVersion", iam_set_default_policy_version, NULL },
	{ "DeletePolicyVersion", iam_delete_policy_version, NULL },
	{ "TagPolicy", iam_tag, NULL },
	{ "UntagPolicy", iam_untag, NULL },
	{ "ListPolicyTags", iam_list_tags, NULL },
	{ "SimulatePrincipalPolicy", iam_simulate_principal_policy, NULL },
	{ "SimulateCustomPolicy", iam_simulate_custom_policy, NULL },
	{ "GetAccountSummary", iam_get_account_summary, NULL },
	{ "ListAccountAliases", iam_list_account_aliases, NULL },
	{ "ListMFADevices", iam_list_none, NULL },
	{ "ListSSHPublicKeys", iam_list_none, NULL },
	{ "ListServiceSpecificCredentials", iam_list_none, NULL },
	{ "ListSigningCertificates", iam_list_none, NULL },
	{ "ListVirtualMFADevices", iam_list_none, NULL },
	{ "ListInstanceProfiles", iam_list_none, NULL },
	{ "ListServerCertificates", iam_list_none, NULL },
	{ "ListOpenIDConnectProviders", iam_list_none, NULL },
	{ "ListSAMLProviders", iam_list_none, NULL },
	{ "GetLoginProfile", iam_no_login_profile, NULL },
	{ "UpdateLoginProfile", iam_no_login_profile, NULL },
	{ "DeleteLoginProfile", iam_no_login_profile, NULL },
	{ "GetInstanceProfile", iam_no_instance_profile, NULL },
	{ "DeleteInstanceProfile", iam_no_instance_profile, NULL },
	{ "GetAccountPasswordPolicy", iam_no_password_policy, NULL },
	{ "DeleteAccountPasswordPolicy", iam_no_password_policy, NULL },
};

const struct service service_iam = {
	.name = "iam",
	.version = "2010-05-08",
	.xmlns = "https://iam.amazonaws.com/doc/2010-05-08/",
	.actions = actions,
	.action_count = sizeof(actions) / sizeof(*actions),
};

/* "RoleName" is "roleName" in the validators' sentences. */
int iam_invalid(struct err *err, const char *member, const char *value, const char *constraint)
{
	char first = (char)(*member >= 'A' && *member <= 'Z' ? *member + 32 : *member);

	if (!value)
		return service_error(err, 400, "ValidationError",
				     "1 validation error detected: Value null at '%c%s' failed to satisfy constraint: "
				     "Member must not be null",
				     first, member + 1);
	return service_error(err, 400, "ValidationError",
			     "1 validation error detected: Value '%.300s' at '%c%s' failed to satisfy constraint: %s",
			     value, first, member + 1, constraint);
}

const char *iam_required(const struct params *p, const char *name, size_t max, struct err *err)
{
	const char *value = params_get(p, name);
	char constraint[80];

	if (!value) {
		iam_invalid(err, name, NULL, NULL);
		return NULL;
	}
	if (!*value) {
		iam_invalid(err, name, value, "Member must have length greater than or equal to 1");
		return NULL;
	}
	if (text_count_characters(value) > max) {
		snprintf(constraint, sizeof(constraint), "Member must have length less than or equal to %zu", max);
		iam_invalid(err, name, value, constraint);
		return NULL;
	}
	return value;
}

const char *iam_name(const struct params *p, const char *param, size_t max, struct err *err)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-";
	const char *name = iam_required(p, param, max, err);

	if (name && name[strspn(name, allowed)]) {
		service_error(err, 400, "ValidationError",
			      "The specified value for %c%s is invalid. It must contain only alphanumeric characters "
			      "and/or the following: +=,.@_-",
			      *param + 32, param + 1);
		return NULL;
	}
	return name;
}

const char *iam_path(const struct params *p, const char *param, struct err *err)
{
	const char *path = params_get(p, param);
	size_t len;

	if (!path)
		return "/";
	len = strlen(path);
	for (size_t i = 0; i < len; i++) {
		if (path[i] < 0x21 || path[i] > 0x7e)
			len = 0;
	}
	if (!len || len > 512 || *path != '/' || path[len - 1] != '/') {
		service_error(err, 400, "ValidationError",
			      "The specified value for path is invalid. It must begin and end with / and contain only "
			      "alphanumeric characters and/or / characters.");
		return NULL;
	}
	return path;
}

const char *iam_path_prefix(const struct params *p, struct err *err)
{
	const char *prefix = params_get(p, "PathPrefix");

	if (!prefix)
		return "/";
	if (*prefix == '/')
		return prefix;
	iam_invalid(err, "PathPrefix", prefix,
		    "Member must satisfy regular expression pattern: \\u002F[\\u0021-\\u007F]*");
	return NULL;
}

void iam_write_document(struct buf *out, const char *element, const char *text)
{
	xml_open(out, element);
	url_encode(out, text, strlen(text), false);
	xml_close(out, element);
}

static int bad_marker(struct err *err)
{
	return service_error(err, 400, "ValidationError", "Invalid Marker.");
}

int iam_page_begin(const struct params *p, struct iam_page *page, struct err *err)
{
	const char *marker = params_get(p, "Marker"), *max = params_get(p, "MaxItems");
	struct err ignored;
	struct buf b;
	bool ok;

	memset(page, 0, sizeof(*page));
	if (params_int(p, "MaxItems", 100, 1, 1000, &page->max, &ignored))
		return iam_invalid(err, "MaxItems", max, "Member must have value between 1 and 1000");
	if (!marker)
		return 0;
	buf_init(&b, sizeof(page->after));
	ok = !hash_base64_decode(marker, strlen(marker), &b, &ignored) && !b.failed && b.len &&
	     b.len < sizeof(page->after);
	if (ok)
		memcpy(page->after, b.data, b.len + 1);
	buf_clear(&b);
	return ok ? 0 : bad_marker(err);
}

bool iam_page_takes(struct iam_page *page, const char *key)
{
	if (strcmp(key, page->after) <= 0 || page->truncated)
		return false;
	if (page->taken == (size_t)page->max) {
		page->truncated = true;
		return false;
	}
	page->taken++;
	snprintf(page->last, sizeof(page->last), "%s", key);
	return true;
}

void iam_page_key(size_t index, char out[32])
{
	snprintf(out, 32, "%08zu", index + 1);
}

void iam_page_end(const struct iam_page *page, struct buf *out)
{
	xml_element(out, "IsTruncated", page->truncated ? "true" : "false");
	if (!page->truncated)
		return;
	xml_open(out, "Marker");
	hash_base64(out, page->last, strlen(page->last));
	xml_close(out, "Marker");
}
