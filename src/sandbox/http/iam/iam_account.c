/* The account as a whole. */
#include "sandbox/http/iam/iam.h"

static int count_versions(void *arg, const char *id, const struct json *policy)
{
	size_t *total = arg;

	(void)id;
	*total += json_count(json_get(policy, "versions"));
	return 0;
}

static void write_entry(struct buf *out, const char *key, size_t value)
{
	xml_open(out, "entry");
	xml_element(out, "key", key);
	xml_elementf(out, "value", "%zu", value);
	xml_close(out, "entry");
}

IAM_HANDLER(iam_get_account_summary)
{
	/* The quotas that the other actions hold. */
	static const struct {
		const char *key;
		size_t value;
	} quotas[] = { { "PoliciesQuota", 1500 },
		       { "AccessKeysPerUserQuota", 2 },
		       { "GroupsPerUserQuota", 10 },
		       { "AttachedPoliciesPerUserQuota", 10 },
		       { "AttachedPoliciesPerRoleQuota", 10 },
		       { "AttachedPoliciesPerGroupQuota", 10 },
		       { "AssumeRolePolicySizeQuota", 2048 },
		       { "RolePolicySizeQuota", 10240 },
		       { "UserPolicySizeQuota", 2048 },
		       { "GroupPolicySizeQuota", 5120 },
		       { "PolicySizeQuota", 6144 },
		       { "VersionsPerPolicyQuota", 5 },
		       { "AccountMFAEnabled", 0 },
		       { "AccountAccessKeysPresent", 0 },
		       { "MFADevices", 0 } };
	static const struct {
		const char *key, *quota;
		const struct iam_kind *kind;
	} counts[] = { { "Users", "UsersQuota", &iam_kind_user },
		       { "Groups", "GroupsQuota", &iam_kind_group },
		       { "Roles", "RolesQuota", &iam_kind_role } };
	size_t versions = 0;

	(void)who;
	(void)p;
	(void)err;
	store_each(w->store, "iam:policy", "", count_versions, &versions);
	xml_open(out, "SummaryMap");
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		write_entry(out, counts[i].key, store_count(w->store, counts[i].kind->kind, ""));
		write_entry(out, counts[i].quota, counts[i].kind->max);
	}
	write_entry(out, "Policies", store_count(w->store, "iam:policy", ""));
	write_entry(out, "PolicyVersionsInUse", versions);
	for (size_t i = 0; i < sizeof(quotas) / sizeof(*quotas); i++)
		write_entry(out, quotas[i].key, quotas[i].value);
	xml_close(out, "SummaryMap");
	return 0;
}

/* An account of the sandbox has no alias. */
IAM_HANDLER(iam_list_account_aliases)
{
	struct iam_page page;

	(void)w;
	(void)who;
	if (iam_page_begin(p, &page, err))
		return -1;
	buf_puts(out, "<AccountAliases/>");
	iam_page_end(&page, out);
	return 0;
}
