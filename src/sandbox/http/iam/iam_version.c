/* The versions of managed policies: five at most, one of them in force. */
#include "sandbox/http/iam/iam_version.h"

#include "sandbox/access/identity.h"
#include "sandbox/access/managed.h"
#include "sandbox/access/policy.h"

#define VERSIONS_MAX     5
#define MANAGED_SIZE_MAX 6144

const char *iam_version_document(const struct params *p, struct err *err)
{
	const char *text = iam_required(p, "PolicyDocument", 131072, err);

	if (!text || policy_check_identity(text, err))
		return NULL;
	if (iam_policy_bytes(text) > MANAGED_SIZE_MAX) {
		service_error(err, 409, "LimitExceeded", "Cannot exceed quota for PolicySize: %d", MANAGED_SIZE_MAX);
		return NULL;
	}
	return text;
}

int iam_version_add(struct world *w, struct json *doc, const char *text, bool is_default, struct err *err)
{
	struct json *version = json_new_object();
	int64_t number = json_int(doc, "nextVersion", 1);
	char id[24], now[CLOCK_TEXT];

	clock_iso_s(clock_now(w->clock), now);
	snprintf(id, sizeof(id), "v%lld", (long long)number);
	if (!version || json_set_str(version, "id", id) || json_set_str(version, "document", text) ||
	    json_set_str(version, "created", now)) {
		json_free(version);
		return err_nomem(err);
	}
	if (json_append(json_get_mut(doc, "versions"), version) || json_set_int(doc, "nextVersion", number + 1) ||
	    json_set_str(doc, "updated", now) || (is_default && json_set_str(doc, "defaultVersion", id)))
		return err_nomem(err);
	return 0;
}

/* The version that VersionId names, and where it stands. NULL with NoSuchEntity. */
static const struct json *find_version(const struct json *doc, const struct params *p, size_t *at, struct err *err)
{
	const char *id = iam_required(p, "VersionId", 32, err);
	size_t i = 0;

	if (!id)
		return NULL;
	for (const struct json *v = json_first(json_get(doc, "versions")); v; v = json_next(v), i++) {
		if (!strcmp(json_str(v, "id", ""), id)) {
			*at = i;
			return v;
		}
	}
	service_error(err, 404, "NoSuchEntity", "Policy %s version %s does not exist or is not attachable.",
		      json_str(doc, "arn", ""), id);
	return NULL;
}

static void write_version(struct buf *out, const char *element, const char *id, bool is_default, const char *created,
			  const char *document)
{
	xml_open(out, element);
	if (document)
		iam_write_document(out, "Document", document);
	xml_element(out, "VersionId", id);
	xml_element(out, "IsDefaultVersion", is_default ? "true" : "false");
	xml_element(out, "CreateDate", created);
	xml_close(out, element);
}

static bool is_default(const struct json *doc, const struct json *version)
{
	return !strcmp(json_str(doc, "defaultVersion", ""), json_str(version, "id", ""));
}

IAM_HANDLER(iam_create_policy_version)
{
	const struct json *doc = iam_policy_find(w, p, err), *v;
	const char *text = doc ? iam_version_document(p, err) : NULL;
	bool make_default;
	struct json *copy;

	(void)who;
	if (!text || params_bool(p, "SetAsDefault", false, &make_default, err))
		return -1;
	if (json_count(json_get(doc, "versions")) >= VERSIONS_MAX)
		return service_error(
			err, 409, "LimitExceeded",
			"A managed policy can have up to %d versions. Before you create a new version, you "
			"must delete an existing version.",
			VERSIONS_MAX);
	copy = json_copy(doc);
	if (!copy)
		return err_nomem(err);
	if (iam_version_add(w, copy, text, make_default, err)) {
		json_free(copy);
		return -1;
	}
	v = json_at(json_get(copy, "versions"), json_count(json_get(copy, "versions")) - 1);
	write_version(out, "PolicyVersion", json_str(v, "id", ""), make_default, json_str(v, "created", ""), NULL);
	return iam_policy_put(w, copy, err);
}

IAM_HANDLER(iam_get_policy_version)
{
	const char *arn = iam_policy_arn(p, err), *id;
	const struct managed_policy *m = arn ? managed_find(arn) : NULL;
	const struct json *doc, *v;
	size_t at;

	(void)who;
	if (!arn)
		return -1;
	if (m) {
		id = iam_required(p, "VersionId", 32, err);
		if (id && strcmp(id, m->version))
			return service_error(err, 404, "NoSuchEntity",
					     "Policy %s version %s does not exist or is not attachable.", arn, id);
		if (id)
			write_version(out, "PolicyVersion", m->version, true, m->updated, m->document);
		return id ? 0 : -1;
	}
	doc = iam_policy_find(w, p, err);
	v = doc ? find_version(doc, p, &at, err) : NULL;
	if (!v)
		return -1;
	write_version(out, "PolicyVersion", json_str(v, "id", ""), is_default(doc, v), json_str(v, "created", ""),
		      json_str(v, "document", ""));
	return 0;
}

IAM_HANDLER(iam_list_policy_versions)
{
	const char *arn = iam_policy_arn(p, err);
	const struct managed_policy *m = arn ? managed_find(arn) : NULL;
	const struct json *doc = arn && !m ? iam_policy_find(w, p, err) : NULL, *versions;
	struct iam_page page;
	char key[32];

	(void)who;
	if (!arn || (!m && !doc) || iam_page_begin(p, &page, err))
		return -1;
	xml_open(out, "Versions");
	if (m && iam_page_takes(&page, m->version))
		write_version(out, "member", m->version, true, m->updated, NULL);
	versions = json_get(doc, "versions");
	/* The newest first. */
	for (size_t i = 0, count = json_count(versions); i < count; i++) {
		const struct json *v = json_at(versions, count - 1 - i);

		iam_page_key(i, key);
		if (iam_page_takes(&page, key))
			write_version(out, "member", json_str(v, "id", ""), is_default(doc, v),
				      json_str(v, "created", ""), NULL);
	}
	xml_close(out, "Versions");
	iam_page_end(&page, out);
	return 0;
}

IAM_HANDLER(iam_set_default_policy_version)
{
	const struct json *doc = iam_policy_find(w, p, err), *v;
	struct json *copy;
	size_t at;

	(void)who;
	(void)out;
	v = doc ? find_version(doc, p, &at, err) : NULL;
	if (!v)
		return -1;
	copy = json_copy(doc);
	if (!copy || json_set_str(copy, "defaultVersion", json_str(v, "id", ""))) {
		json_free(copy);
		return err_nomem(err);
	}
	return iam_policy_put(w, copy, err);
}

IAM_HANDLER(iam_delete_policy_version)
{
	const struct json *doc = iam_policy_find(w, p, err), *v;
	struct json *copy;
	size_t at;

	(void)who;
	(void)out;
	v = doc ? find_version(doc, p, &at, err) : NULL;
	if (!v)
		return -1;
	if (is_default(doc, v))
		return service_error(err, 409, "DeleteConflict", "Cannot delete the default version of a policy.");
	copy = json_copy(doc);
	if (!copy)
		return err_nomem(err);
	json_remove_at(json_get_mut(copy, "versions"), at);
	return iam_policy_put(w, copy, err);
}
