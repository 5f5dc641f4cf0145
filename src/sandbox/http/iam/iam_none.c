#include "sandbox/http/iam/iam.h"

/* What an account of the sandbox has none of: devices, certificates, console passwords, instance profiles, identity
 * providers. Tools that delete a user with all that may hang on it (terraform with force_destroy, for one) ask for them
 * first. */
static const struct nothing {
	const char *action, *list;
	bool of_user; /* UserName: it must be there; without, the caller's own */
	bool pages;
} nothings[] = {
	{ "ListMFADevices", "MFADevices", true, true },
	{ "ListSSHPublicKeys", "SSHPublicKeys", true, true },
	{ "ListServiceSpecificCredentials", "ServiceSpecificCredentials", true, false },
	{ "ListSigningCertificates", "Certificates", true, true },
	{ "ListVirtualMFADevices", "VirtualMFADevices", false, true },
	{ "ListInstanceProfiles", "InstanceProfiles", false, true },
	{ "ListServerCertificates", "ServerCertificateMetadataList", false, true },
	{ "ListOpenIDConnectProviders", "OpenIDConnectProviderList", false, false },
	{ "ListSAMLProviders", "SAMLProviderList", false, false },
};

IAM_HANDLER(iam_list_none)
{
	const char *action = params_get(p, "Action");
	const struct nothing *n = NULL;
	struct iam_page page;

	(void)who;
	for (size_t i = 0; !n && i < sizeof(nothings) / sizeof(*nothings); i++)
		if (!strcmp(nothings[i].action, action))
			n = &nothings[i];
	if (!n)
		return err_set(err, ERR_BUG, "no list for the action '%s'", action);
	if ((n->of_user && params_get(p, "UserName") && !iam_find(w, &iam_kind_user, p, err)) ||
	    iam_page_begin(p, &page, err))
		return -1;
	buf_printf(out, "<%s/>", n->list);
	if (n->pages)
		iam_page_end(&page, out);
	return 0;
}

/* GetLoginProfile, UpdateLoginProfile and DeleteLoginProfile */
IAM_HANDLER(iam_no_login_profile)
{
	const struct json *user = iam_find(w, &iam_kind_user, p, err);

	(void)who;
	(void)out;
	if (!user)
		return -1;
	return service_error(err, 404, "NoSuchEntity", "Login Profile for User %s cannot be found.",
			     json_str(user, "name", ""));
}

IAM_HANDLER(iam_no_instance_profile)
{
	const char *name = iam_name(p, "InstanceProfileName", 128, err);

	(void)w;
	(void)who;
	(void)out;
	return name ? service_error(err, 404, "NoSuchEntity", "Instance Profile %s cannot be found.", name) : -1;
}

IAM_HANDLER(iam_no_password_policy)
{
	(void)p;
	(void)who;
	(void)out;
	return service_error(err, 404, "NoSuchEntity", "The Password Policy with domain name %s cannot be found.",
			     w->account);
}
