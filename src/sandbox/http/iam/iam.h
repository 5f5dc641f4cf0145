#ifndef SPARK_SANDBOX_HTTP_IAM_H
#define SPARK_SANDBOX_HTTP_IAM_H

#include "spark/sandbox/http.h"

#define IAM_NAME_MAX        64
#define IAM_POLICY_NAME_MAX 128

/* Parts that IAM's actions share. Documents are described in iam.c. */

/* ValidationError in the words of AWS's validators. */
int iam_invalid(struct err *err, const char *member, const char *value, const char *constraint);
/* A parameter that must be there, of at most max characters. NULL with err. */
const char *iam_required(const struct params *p, const char *name, size_t max, struct err *err);
/* Names of roles, users and policies: [\w+=,.@-], 1 to max characters. NULL with err. */
const char *iam_name(const struct params *p, const char *param, size_t max, struct err *err);
/* "/" or "/.../", at most 512 characters; absent: "/". NULL with err. */
const char *iam_path(const struct params *p, const char *param, struct err *err);

/* What roles, users and groups have in common: a name that is unique whatever its case, a path, policies. Which of them
 * an action is about stands in its name. */
struct iam_kind {
	const char *word, *label; /* "Role", "role" */
	const char *kind, *param; /* of documents; of the parameter with the name */
	const char *prefix, *id_member;
	size_t name_max;
	size_t inline_max; /* characters of all inline policies together */
	const char *attached_quota, *attached_element;
	const char *quota; /* of the account, which may have that many */
	size_t max;
};
extern const struct iam_kind iam_kind_role, iam_kind_user, iam_kind_group;
const struct iam_kind *iam_kind_of(const struct params *p);

#define IAM_ID_SIZE 129
/* The one that the kind's parameter names: its document (lent). NULL with NoSuchEntity or what is wrong with the name.
 */
const struct json *iam_find(struct world *w, const struct iam_kind *k, const struct params *p, struct err *err);
/* The same by name. */
const struct json *iam_find_name(struct world *w, const struct iam_kind *k, const char *name, struct err *err);
/* The same as a copy to change; give it back with iam_put(), which takes it. Refuses a service's own roles. */
int iam_edit(struct world *w, const struct iam_kind *k, const struct params *p, struct json **copy,
	     struct err *err) MUST_CHECK;
int iam_put(struct world *w, const struct iam_kind *k, struct json *doc, struct err *err) MUST_CHECK;
/* A new document with name, path, id, ARN, tags (but for groups), time and no policies. EntityAlreadyExists,
 * LimitExceeded. */
int iam_new(struct world *w, const struct iam_kind *k, const struct params *p, struct json **out,
	    struct err *err) MUST_CHECK;
/* A role that only its service may change: UnmodifiableEntity. */
int iam_check_modifiable(const struct json *doc, struct err *err) MUST_CHECK;
/* A role as the services tell it; lists leave out its tags. */
void iam_role_write(struct buf *out, const struct json *role, const char *element, bool whole);
/* PathPrefix, "/" when absent. NULL with err. */
const char *iam_path_prefix(const struct params *p, struct err *err);

/* PolicyArn, in the form of one. NULL with err. */
const char *iam_policy_arn(const struct params *p, struct err *err);
/* The account's own managed policy of PolicyArn (lent). NULL with NoSuchEntity, or AccessDenied for one of AWS's. */
const struct json *iam_policy_find(struct world *w, const struct params *p, struct err *err);
int iam_policy_put(struct world *w, struct json *doc, struct err *err) MUST_CHECK; /* takes doc */
/* How many roles, users and groups a managed policy is attached to. */
size_t iam_count_attached(struct world *w, const char *arn);
size_t iam_attached_index(const struct json *attached, const char *arn); /* SIZE_MAX: is not there */
/* Characters of a document that the quotas count: all but blanks. */
size_t iam_policy_bytes(const char *text);
/* A document as IAM gives it back: in percent encoding. */
void iam_write_document(struct buf *out, const char *element, const char *text);
/* Pages over the members of an array or object: the key of the nth. */
void iam_page_key(size_t index, char out[32]);

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
IAM_HANDLER(iam_update_role);
IAM_HANDLER(iam_update_role_description);
IAM_HANDLER(iam_delete_role);
IAM_HANDLER(iam_update_assume_role_policy);
IAM_HANDLER(iam_list_instance_profiles_for_role);
IAM_HANDLER(iam_create_service_linked_role);
IAM_HANDLER(iam_delete_service_linked_role);
IAM_HANDLER(iam_get_service_linked_role_deletion_status);

IAM_HANDLER(iam_create_user);
IAM_HANDLER(iam_get_user);
IAM_HANDLER(iam_list_users);
IAM_HANDLER(iam_update_user);
IAM_HANDLER(iam_delete_user);

IAM_HANDLER(iam_create_access_key);
IAM_HANDLER(iam_list_access_keys);
IAM_HANDLER(iam_update_access_key);
IAM_HANDLER(iam_delete_access_key);
IAM_HANDLER(iam_get_access_key_last_used);

IAM_HANDLER(iam_create_group);
IAM_HANDLER(iam_get_group);
IAM_HANDLER(iam_list_groups);
IAM_HANDLER(iam_update_group);
IAM_HANDLER(iam_delete_group);
IAM_HANDLER(iam_add_user_to_group);
IAM_HANDLER(iam_remove_user_from_group);
IAM_HANDLER(iam_list_groups_for_user);

IAM_HANDLER(iam_attach_policy);
IAM_HANDLER(iam_detach_policy);
IAM_HANDLER(iam_list_attached_policies);
IAM_HANDLER(iam_put_inline_policy);
IAM_HANDLER(iam_get_inline_policy);
IAM_HANDLER(iam_list_inline_policies);
IAM_HANDLER(iam_delete_inline_policy);

IAM_HANDLER(iam_create_policy);
IAM_HANDLER(iam_get_policy);
IAM_HANDLER(iam_list_policies);
IAM_HANDLER(iam_delete_policy);
IAM_HANDLER(iam_list_entities_for_policy);

IAM_HANDLER(iam_create_policy_version);
IAM_HANDLER(iam_get_policy_version);
IAM_HANDLER(iam_list_policy_versions);
IAM_HANDLER(iam_set_default_policy_version);
IAM_HANDLER(iam_delete_policy_version);

IAM_HANDLER(iam_tag);
IAM_HANDLER(iam_untag);
IAM_HANDLER(iam_list_tags);

IAM_HANDLER(iam_simulate_principal_policy);
IAM_HANDLER(iam_simulate_custom_policy);

IAM_HANDLER(iam_get_account_summary);
IAM_HANDLER(iam_list_account_aliases);
IAM_HANDLER(iam_list_none);
IAM_HANDLER(iam_no_login_profile);
IAM_HANDLER(iam_no_instance_profile);
IAM_HANDLER(iam_no_password_policy);

#endif
