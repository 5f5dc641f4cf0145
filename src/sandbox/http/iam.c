#include "sandbox/http/iam.h"
#include "sandbox/http/text.h"
#include "spark/base/hash.h"

/* Documents of IAM in the store:
 * "iam:role", id = lower-case name (names are unique whatever their case): {name, path, id "AROA...", arn, trust (the
 *   document's text as given), description, maxSessionDuration, attached: [policy ARNs], inline: {name: text},
 *   tags: {key: value}, created}
 * "iam:user" and "iam:access-key": see access/keys.c. */

static const struct action actions[] = {
	{ "CreateRole", iam_create_role, NULL },
	{ "GetRole", iam_get_role, NULL },
	{ "ListRoles", iam_list_roles, NULL },
	{ "DeleteRole", iam_delete_role, NULL },
	{ "UpdateAssumeRolePolicy", iam_update_assume_role_policy, NULL },
	{ "AttachRolePolicy", iam_attach_role_policy, NULL },
	{ "DetachRolePolicy", iam_detach_role_policy, NULL },
	{ "ListAttachedRolePolicies", iam_list_attached_role_policies, NULL },
	{ "PutRolePolicy", iam_put_role_policy, NULL },
	{ "GetRolePolicy", iam_get_role_policy, NULL },
	{ "ListRolePolicies", iam_list_role_policies, NULL },
	{ "DeleteRolePolicy", iam_delete_role_policy, NULL },
	{ "GetPolicy", iam_get_policy, NULL },
	{ "GetPolicyVersion", iam_get_policy_version, NULL },
	{ "TagRole", iam_tag_role, NULL },
	{ "UntagRole", iam_untag_role, NULL },
	{ "ListRoleTags", iam_list_role_tags, NULL },
	{ "ListInstanceProfilesForRole", iam_list_instance_profiles_for_role, NULL },
	{ "GetUser", iam_get_user, NULL },
	{ "ListUsers", iam_list_users, NULL },
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

void iam_page_end(const struct iam_page *page, struct buf *out)
{
	xml_element(out, "IsTruncated", page->truncated ? "true" : "false");
	if (!page->truncated)
		return;
	xml_open(out, "Marker");
	hash_base64(out, page->last, strlen(page->last));
	xml_close(out, "Marker");
}
