#include "sandbox/access/managed.h"
#include "sandbox/access/policy.h"
#include "sandbox/http/iam.h"
#include "spark/base/mem.h"
#include "spark/base/url.h"

#define ATTACHED_MAX     10
#define INLINE_BYTES_MAX 10240
#define POLICY_NAME_MAX  128

/* PolicyArn, in the form of one. NULL with err. */
static const char *policy_arn(const struct params *p, struct err *err)
{
	const char *arn = iam_required(p, "PolicyArn", 2048, err);

	if (arn && strlen(arn) < 20) {
		iam_invalid(err, "PolicyArn", arn, "Member must have length greater than or equal to 20");
		return NULL;
	}
	if (arn && (strncmp(arn, "arn:", 4) || !strstr(arn, ":policy/"))) {
		service_error(err, 400, "InvalidInput", "ARN %.300s is not valid.", arn);
		return NULL;
	}
	return arn;
}

static size_t attached_index(const struct json *attached, const char *arn)
{
	size_t i = 0;

	for (const struct json *a = json_first(attached); a; a = json_next(a), i++)
		if (!strcmp(json_text(a), arn))
			return i;
	return SIZE_MAX;
}

IAM_HANDLER(iam_attach_role_policy)
{
	struct json *role = NULL, *attached;
	const char *arn;

	(void)who;
	(void)out;
	if (iam_role_edit(w, p, &role, err))
		return -1;
	arn = policy_arn(p, err);
	if (!arn)
		goto fail;
	if (!managed_find(arn)) {
		service_error(err, 404, "NoSuchEntity", "Policy %.300s does not exist or is not attachable.", arn);
		goto fail;
	}
	attached = json_get_mut(role, "attached");
	if (attached_index(attached, arn) != SIZE_MAX) {
		json_free(role);
		return 0;
	}
	if (json_count(attached) >= ATTACHED_MAX) {
		service_error(err, 409, "LimitExceeded", "Cannot exceed quota for PoliciesPerRole: %d", ATTACHED_MAX);
		goto fail;
	}
	if (json_append_str(attached, arn)) {
		err_nomem(err);
		goto fail;
	}
	return iam_role_put(w, role, err);
fail:
	json_free(role);
	return -1;
}

IAM_HANDLER(iam_detach_role_policy)
{
	struct json *role = NULL, *attached;
	const char *arn;
	size_t at;

	(void)who;
	(void)out;
	if (iam_role_edit(w, p, &role, err))
		return -1;
	arn = policy_arn(p, err);
	if (!arn)
		goto fail;
	attached = json_get_mut(role, "attached");
	at = attached_index(attached, arn);
	if (at == SIZE_MAX) {
		service_error(err, 404, "NoSuchEntity", "Policy %.300s was not found.", arn);
		goto fail;
	}
	json_remove_at(attached, at);
	return iam_role_put(w, role, err);
fail:
	json_free(role);
	return -1;
}

IAM_HANDLER(iam_list_attached_role_policies)
{
	const char *prefix = params_get(p, "PathPrefix");
	const struct json *role;
	char id[IAM_NAME_MAX + 1], key[32];
	struct iam_page page;
	size_t i = 0;

	(void)who;
	if (iam_role_find(w, p, &role, id, err) || iam_page_begin(p, &page, err))
		return -1;
	xml_open(out, "AttachedPolicies");
	for (const struct json *a = json_first(json_get(role, "attached")); a; a = json_next(a), i++) {
		const struct managed_policy *m = managed_find(json_text(a));

		snprintf(key, sizeof(key), "%08zu", i + 1);
		if (!m || (prefix && strncmp(m->path, prefix, strlen(prefix))) || !iam_page_takes(&page, key))
			continue;
		xml_open(out, "member");
		xml_element(out, "PolicyName", m->name);
		xml_element(out, "PolicyArn", m->arn);
		xml_close(out, "member");
	}
	xml_close(out, "AttachedPolicies");
	iam_page_end(&page, out);
	return 0;
}

static size_t inline_bytes(const struct json *all, const char *but)
{
	size_t bytes = 0;

	for (const struct json *i = json_first(all); i; i = json_next(i)) {
		const char *text = json_text(i);

		if (!strcmp(json_name(i), but))
			continue;
		/* The quota does not count blanks. */
		for (; *text; text++)
			bytes += *text != ' ' && *text != '\n' && *text != '\t' && *text != '\r';
	}
	return bytes;
}

IAM_HANDLER(iam_put_role_policy)
{
	const char *name, *text;
	struct json *role = NULL, *all;

	(void)who;
	(void)out;
	if (iam_role_edit(w, p, &role, err))
		return -1;
	name = iam_name(p, "PolicyName", POLICY_NAME_MAX, err);
	text = name ? iam_required(p, "PolicyDocument", 131072, err) : NULL;
	if (!text || policy_check_identity(text, err))
		goto fail;
	all = json_get_mut(role, "inline");
	if (json_set_str(all, name, text)) {
		err_nomem(err);
		goto fail;
	}
	if (inline_bytes(all, "") > INLINE_BYTES_MAX) {
		service_error(err, 409, "LimitExceeded", "Maximum policy size of %d bytes exceeded for role %s",
			      INLINE_BYTES_MAX, json_str(role, "name", ""));
		goto fail;
	}
	return iam_role_put(w, role, err);
fail:
	json_free(role);
	return -1;
}

static int no_such_policy(const char *name, struct err *err)
{
	return service_error(err, 404, "NoSuchEntity", "The role policy with name %s cannot be found.", name);
}

IAM_HANDLER(iam_get_role_policy)
{
	const char *name, *text;
	const struct json *role;
	char id[IAM_NAME_MAX + 1];

	(void)who;
	if (iam_role_find(w, p, &role, id, err))
		return -1;
	name = iam_name(p, "PolicyName", POLICY_NAME_MAX, err);
	if (!name)
		return -1;
	text = json_str(json_get(role, "inline"), name, NULL);
	if (!text)
		return no_such_policy(name, err);
	xml_element(out, "RoleName", json_str(role, "name", ""));
	xml_element(out, "PolicyName", name);
	xml_open(out, "PolicyDocument");
	url_encode(out, text, strlen(text), false);
	xml_close(out, "PolicyDocument");
	return 0;
}

IAM_HANDLER(iam_list_role_policies)
{
	const struct json *role;
	char id[IAM_NAME_MAX + 1], key[32];
	struct iam_page page;
	size_t i = 0;

	(void)who;
	if (iam_role_find(w, p, &role, id, err) || iam_page_begin(p, &page, err))
		return -1;
	xml_open(out, "PolicyNames");
	for (const struct json *m = json_first(json_get(role, "inline")); m; m = json_next(m), i++) {
		snprintf(key, sizeof(key), "%08zu", i + 1);
		if (iam_page_takes(&page, key))
			xml_element(out, "member", json_name(m));
	}
	xml_close(out, "PolicyNames");
	iam_page_end(&page, out);
	return 0;
}

IAM_HANDLER(iam_delete_role_policy)
{
	struct json *role = NULL, *all;
	const char *name;

	(void)who;
	(void)out;
	if (iam_role_edit(w, p, &role, err))
		return -1;
	name = iam_name(p, "PolicyName", POLICY_NAME_MAX, err);
	all = json_get_mut(role, "inline");
	if (!name || !json_get(all, name)) {
		if (name)
			no_such_policy(name, err);
		json_free(role);
		return -1;
	}
	json_remove(all, name);
	return iam_role_put(w, role, err);
}

struct counting {
	const char *arn;
	size_t count;
};

static int count_attached(void *arg, const char *id, const struct json *role)
{
	struct counting *c = arg;

	(void)id;
	c->count += attached_index(json_get(role, "attached"), c->arn) != SIZE_MAX;
	return 0;
}

static const struct managed_policy *find_policy(const struct params *p, struct err *err)
{
	const char *arn = policy_arn(p, err);
	const struct managed_policy *m = arn ? managed_find(arn) : NULL;

	if (arn && !m)
		service_error(err, 404, "NoSuchEntity", "Policy %.300s was not found.", arn);
	return m;
}

IAM_HANDLER(iam_get_policy)
{
	const struct managed_policy *m = find_policy(p, err);
	struct counting c = { NULL, 0 };

	(void)who;
	if (!m)
		return -1;
	c.arn = m->arn;
	store_each(w->store, "iam:role", "", count_attached, &c);
	xml_open(out, "Policy");
	xml_element(out, "PolicyName", m->name);
	xml_element(out, "PolicyId", m->id);
	xml_element(out, "Arn", m->arn);
	xml_element(out, "Path", m->path);
	xml_element(out, "DefaultVersionId", m->version);
	xml_elementf(out, "AttachmentCount", "%zu", c.count);
	xml_element(out, "PermissionsBoundaryUsageCount", "0");
	xml_element(out, "IsAttachable", "true");
	xml_element(out, "Description", m->description);
	xml_element(out, "CreateDate", m->created);
	xml_element(out, "UpdateDate", m->updated);
	xml_close(out, "Policy");
	return 0;
}

IAM_HANDLER(iam_get_policy_version)
{
	const struct managed_policy *m = find_policy(p, err);
	const char *version = m ? iam_required(p, "VersionId", 32, err) : NULL;

	(void)w;
	(void)who;
	if (!version)
		return -1;
	if (strcmp(version, m->version))
		return service_error(err, 404, "NoSuchEntity",
				     "Policy %s version %s does not exist or is not attachable.", m->arn, version);
	xml_open(out, "PolicyVersion");
	xml_open(out, "Document");
	url_encode(out, m->document, strlen(m->document), false);
	xml_close(out, "Document");
	xml_element(out, "VersionId", m->version);
	xml_element(out, "IsDefaultVersion", "true");
	xml_element(out, "CreateDate", m->updated);
	xml_close(out, "PolicyVersion");
	return 0;
}
