/* Policies of roles, users and groups: attached managed ones, and inline ones. */
#include "sandbox/access/identity.h"
#include "sandbox/access/managed.h"
#include "sandbox/access/policy.h"
#include "sandbox/http/iam/iam.h"

#define ATTACHED_MAX 10

const char *iam_policy_arn(const struct params *p, struct err *err)
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

size_t iam_attached_index(const struct json *attached, const char *arn)
{
	size_t i = 0;

	for (const struct json *a = json_first(attached); a; a = json_next(a), i++)
		if (!strcmp(json_text(a), arn))
			return i;
	return SIZE_MAX;
}

/* A list or object of the document to change, made when it is not there yet. */
static struct json *member_of(struct json *doc, const char *name, bool array)
{
	struct json *fresh;

	if (!json_get(doc, name)) {
		fresh = array ? json_new_array() : json_new_object();
		if (!fresh || json_set(doc, name, fresh))
			return NULL;
	}
	return json_get_mut(doc, name);
}

IAM_HANDLER(iam_attach_policy)
{
	const struct iam_kind *k = iam_kind_of(p);
	struct json *doc = NULL, *attached;
	const char *arn;

	(void)who;
	(void)out;
	if (iam_edit(w, k, p, &doc, err))
		return -1;
	arn = iam_policy_arn(p, err);
	if (!arn)
		goto fail;
	if (!identity_managed_text(w, arn)) {
		service_error(err, 404, "NoSuchEntity", "Policy %.300s does not exist or is not attachable.", arn);
		goto fail;
	}
	attached = member_of(doc, "attached", true);
	if (iam_attached_index(attached, arn) != SIZE_MAX) {
		json_free(doc);
		return 0;
	}
	if (json_count(attached) >= ATTACHED_MAX) {
		service_error(err, 409, "LimitExceeded", "Cannot exceed quota for %s: %d", k->attached_quota,
			      ATTACHED_MAX);
		goto fail;
	}
	if (!attached || json_append_str(attached, arn)) {
		err_nomem(err);
		goto fail;
	}
	return iam_put(w, k, doc, err);
fail:
	json_free(doc);
	return -1;
}

IAM_HANDLER(iam_detach_policy)
{
	const struct iam_kind *k = iam_kind_of(p);
	struct json *doc = NULL;
	const char *arn;
	size_t at;

	(void)who;
	(void)out;
	if (iam_edit(w, k, p, &doc, err))
		return -1;
	arn = iam_policy_arn(p, err);
	at = arn ? iam_attached_index(json_get(doc, "attached"), arn) : SIZE_MAX;
	if (at == SIZE_MAX) {
		if (arn)
			service_error(err, 404, "NoSuchEntity", "Policy %.300s was not found.", arn);
		json_free(doc);
		return -1;
	}
	json_remove_at(json_get_mut(doc, "attached"), at);
	return iam_put(w, k, doc, err);
}

/* The path in a managed policy's ARN: what stands between ":policy" and the name. */
static bool path_begins_with(const char *arn, const char *prefix)
{
	const char *path = strstr(arn, ":policy/");

	return path && !strncmp(path + strlen(":policy"), prefix, strlen(prefix));
}

IAM_HANDLER(iam_list_attached_policies)
{
	const char *prefix = iam_path_prefix(p, err);
	const struct json *doc = prefix ? iam_find(w, iam_kind_of(p), p, err) : NULL;
	struct iam_page page;
	char key[32];
	size_t i = 0;

	(void)who;
	if (!doc || iam_page_begin(p, &page, err))
		return -1;
	xml_open(out, "AttachedPolicies");
	for (const struct json *a = json_first(json_get(doc, "attached")); a; a = json_next(a), i++) {
		const char *arn = json_text(a);

		iam_page_key(i, key);
		if (!path_begins_with(arn, prefix) || !iam_page_takes(&page, key))
			continue;
		xml_open(out, "member");
		xml_element(out, "PolicyName", strrchr(arn, '/') + 1);
		xml_element(out, "PolicyArn", arn);
		xml_close(out, "member");
	}
	xml_close(out, "AttachedPolicies");
	iam_page_end(&page, out);
	return 0;
}

size_t iam_policy_bytes(const char *text)
{
	size_t bytes = 0;

	for (; *text; text++)
		bytes += *text != ' ' && *text != '\n' && *text != '\t' && *text != '\r';
	return bytes;
}

static size_t inline_bytes(const struct json *all)
{
	size_t bytes = 0;

	for (const struct json *i = json_first(all); i; i = json_next(i))
		bytes += iam_policy_bytes(json_text(i));
	return bytes;
}

IAM_HANDLER(iam_put_inline_policy)
{
	const struct iam_kind *k = iam_kind_of(p);
	const char *name, *text;
	struct json *doc = NULL, *all;

	(void)who;
	(void)out;
	if (iam_edit(w, k, p, &doc, err))
		return -1;
	name = iam_name(p, "PolicyName", IAM_POLICY_NAME_MAX, err);
	text = name ? iam_required(p, "PolicyDocument", 131072, err) : NULL;
	if (!text || policy_check_identity(text, err))
		goto fail;
	all = member_of(doc, "inline", false);
	if (!all || json_set_str(all, name, text)) {
		err_nomem(err);
		goto fail;
	}
	if (inline_bytes(all) > k->inline_max) {
		service_error(err, 409, "LimitExceeded", "Maximum policy size of %zu bytes exceeded for %s %s",
			      k->inline_max, k->label, json_str(doc, "name", ""));
		goto fail;
	}
	return iam_put(w, k, doc, err);
fail:
	json_free(doc);
	return -1;
}

static int no_such_policy(const struct iam_kind *k, const char *name, struct err *err)
{
	return service_error(err, 404, "NoSuchEntity", "The %s policy with name %s cannot be found.", k->label, name);
}

IAM_HANDLER(iam_get_inline_policy)
{
	const struct iam_kind *k = iam_kind_of(p);
	const struct json *doc = iam_find(w, k, p, err);
	const char *name = doc ? iam_name(p, "PolicyName", IAM_POLICY_NAME_MAX, err) : NULL, *text;

	(void)who;
	if (!name)
		return -1;
	text = json_str(json_get(doc, "inline"), name, NULL);
	if (!text)
		return no_such_policy(k, name, err);
	xml_element(out, k->param, json_str(doc, "name", ""));
	xml_element(out, "PolicyName", name);
	iam_write_document(out, "PolicyDocument", text);
	return 0;
}

IAM_HANDLER(iam_list_inline_policies)
{
	const struct json *doc = iam_find(w, iam_kind_of(p), p, err);
	struct iam_page page;
	char key[32];
	size_t i = 0;

	(void)who;
	if (!doc || iam_page_begin(p, &page, err))
		return -1;
	xml_open(out, "PolicyNames");
	for (const struct json *m = json_first(json_get(doc, "inline")); m; m = json_next(m), i++) {
		iam_page_key(i, key);
		if (iam_page_takes(&page, key))
			xml_element(out, "member", json_name(m));
	}
	xml_close(out, "PolicyNames");
	iam_page_end(&page, out);
	return 0;
}

IAM_HANDLER(iam_delete_inline_policy)
{
	const struct iam_kind *k = iam_kind_of(p);
	struct json *doc = NULL;
	const char *name;

	(void)who;
	(void)out;
	if (iam_edit(w, k, p, &doc, err))
		return -1;
	name = iam_name(p, "PolicyName", IAM_POLICY_NAME_MAX, err);
	if (!name || !json_get(json_get(doc, "inline"), name)) {
		if (name)
			no_such_policy(k, name, err);
		json_free(doc);
		return -1;
	}
	json_remove(json_get_mut(doc, "inline"), name);
	return iam_put(w, k, doc, err);
}
