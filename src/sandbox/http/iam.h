#ifndef SPARK_SANDBOX_HTTP_IAM_H
#define SPARK_SANDBOX_HTTP_IAM_H

#include "spark/sandbox/http.h"

#define IAM_NAME_MAX 64

/* Parts that IAM's actions share. Documents are described in iam.c. */

/* ValidationError in the words of AWS's validators. */
int iam_invalid(struct err *err, const char *member, const char *value, const char *constraint);
/* A parameter that must be there, of at most max characters. NULL with err. */
const char *iam_required(const struct params *p, const char *name, size_t max, struct err *err);
/* Names of roles, users and policies: [\w+=,.@-], 1 to max characters. NULL with err. */
const char *iam_name(const struct params *p, const char *param, size_t max, struct err *err);
/* "/" or "/.../", at most 512 characters; absent: "/". NULL with err. */
const char *iam_path(const struct params *p, const char *param, struct err *err);

/* The role that RoleName names: its document (lent) and its id in the store. */
int iam_role_find(struct world *w, const struct params *p, const struct json **doc, char id[IAM_NAME_MAX + 1],
		  struct err *err) MUST_CHECK;
/* The same as a copy to change; give it back with iam_role_put(), which takes it. */
int iam_role_edit(struct world *w, const struct params *p, struct json **copy, struct err *err) MUST_CHECK;
int iam_role_put(struct world *w, struct json *role, struct err *err) MUST_CHECK;
void iam_role_id(const char *name, char id[IAM_NAME_MAX + 1]);

/* Tags.member.N of a request into an object of tags; limits and duplicates checked against what is there. */
int iam_tags_read(const struct params *p, struct json *tags, struct err *err) MUST_CHECK;
void iam_tags_write(struct buf *out, const struct json *tags);

/* Marker and MaxItems. Offer each item in ascending order of its key; write it when told so. */
struct iam_page {
	int64_t max;
	size_t taken;
	bool truncated;
	char after[160], last[160];
};
int iam_page_begin(const struct params *p, struct iam_page *page, struct err *err) MUST_CHECK;
bool iam_page_takes(struct iam_page *page, const char *key);
void iam_page_end(const struct iam_page *page, struct buf *out);

#define IAM_HANDLER(name) \
	int name(struct world *w, const struct caller *who, const struct params *p, struct buf *out, struct err *err)

IAM_HANDLER(iam_create_role);
IAM_HANDLER(iam_get_role);
IAM_HANDLER(iam_list_roles);
IAM_HANDLER(iam_delete_role);
IAM_HANDLER(iam_update_assume_role_policy);
IAM_HANDLER(iam_attach_role_policy);
IAM_HANDLER(iam_detach_role_policy);
IAM_HANDLER(iam_list_attached_role_policies);
IAM_HANDLER(iam_put_role_policy);
IAM_HANDLER(iam_get_role_policy);
IAM_HANDLER(iam_list_role_policies);
IAM_HANDLER(iam_delete_role_policy);
IAM_HANDLER(iam_get_policy);
IAM_HANDLER(iam_get_policy_version);
IAM_HANDLER(iam_tag_role);
IAM_HANDLER(iam_untag_role);
IAM_HANDLER(iam_list_role_tags);
IAM_HANDLER(iam_list_instance_profiles_for_role);
IAM_HANDLER(iam_get_user);
IAM_HANDLER(iam_list_users);

#endif
