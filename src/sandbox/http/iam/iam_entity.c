#include "sandbox/access/identity.h"
#include "sandbox/http/iam/iam.h"
#include "spark/base/mem.h"

/* The quotas are AWS's defaults. */
const struct iam_kind iam_kind_role = { .word = "Role",
					.label = "role",
					.kind = "iam:role",
					.param = "RoleName",
					.prefix = "AROA",
					.id_member = "id",
					.name_max = IAM_NAME_MAX,
					.inline_max = 10240,
					.attached_quota = "PoliciesPerRole",
					.attached_element = "PolicyRoles",
					.quota = "RolesPerAccount",
					.max = 1000 };
const struct iam_kind iam_kind_user = { .word = "User",
					.label = "user",
					.kind = "iam:user",
					.param = "UserName",
					.prefix = "AIDA",
					.id_member = "userId",
					.name_max = IAM_NAME_MAX,
					.inline_max = 2048,
					.attached_quota = "PoliciesPerUser",
					.attached_element = "PolicyUsers",
					.quota = "UsersPerAccount",
					.max = 5000 };
const struct iam_kind iam_kind_group = { .word = "Group",
					 .label = "group",
					 .kind = "iam:group",
					 .param = "GroupName",
					 .prefix = "AGPA",
					 .id_member = "id",
					 .name_max = 128,
					 .inline_max = 5120,
					 .attached_quota = "PoliciesPerGroup",
					 .attached_element = "PolicyGroups",
					 .quota = "GroupsPerAccount",
					 .max = 300 };

const struct iam_kind *iam_kind_of(const struct params *p)
{
	const char *action = params_get(p, "Action");

	if (strstr(action, "Role"))
		return &iam_kind_role;
	return strstr(action, "User") ? &iam_kind_user : &iam_kind_group;
}

const struct json *iam_find_name(struct world *w, const struct iam_kind *k, const char *name, struct err *err)
{
	const struct json *doc = NULL;
	char id[IAM_ID_SIZE];

	if (identity_id(name, id, sizeof(id)))
		doc = store_get(w->store, k->kind, id);
	if (!doc)
		service_error(err, 404, "NoSuchEntity", "The %s with name %.128s cannot be found.", k->label, name);
	return doc;
}

const struct json *iam_find(struct world *w, const struct iam_kind *k, const struct params *p, struct err *err)
{
	const char *name = iam_name(p, k->param, 128, err);

	return name ? iam_find_name(w, k, name, err) : NULL;
}

int iam_check_modifiable(const struct json *doc, struct err *err)
{
	if (!json_get(doc, "service"))
		return 0;
	return service_error(
		err, 400, "UnmodifiableEntity",
		"Cannot perform the operation on the protected role '%s' - this role is only modifiable by "
		"AWS",
		json_str(doc, "name", ""));
}

int iam_edit(struct world *w, const struct iam_kind *k, const struct params *p, struct json **copy, struct err *err)
{
	const struct json *doc = iam_find(w, k, p, err);

	if (!doc || iam_check_modifiable(doc, err))
		return -1;
	*copy = json_copy(doc);
	return *copy ? 0 : err_nomem(err);
}

int iam_put(struct world *w, const struct iam_kind *k, struct json *doc, struct err *err)
{
	char id[IAM_ID_SIZE];

	if (!identity_id(json_str(doc, "name", ""), id, sizeof(id))) {
		json_free(doc);
		return err_set(err, ERR_BUG, "a %s without a name", k->label);
	}
	return store_put(w->store, k->kind, id, doc, err);
}

static int fill(struct world *w, const struct iam_kind *k, struct json *doc, const char *name, const char *path,
		struct err *err)
{
	char id[32], created[CLOCK_TEXT], *arn;
	int rc = -1;

	if (world_id_base32(k->prefix, 17, id, sizeof(id), err))
		return -1;
	clock_iso_s(clock_now(w->clock), created);
	arn = mem_printf("arn:aws:iam::%s:%s%s%s", w->account, k->label, path, name);
	if (!arn || json_set_str(doc, "name", name) || json_set_str(doc, "path", path) ||
	    json_set_str(doc, k->id_member, id) || json_set_str(doc, "arn", arn) ||
	    json_set(doc, "attached", json_new_array()) || json_set(doc, "inline", json_new_object()) ||
	    json_set_str(doc, "created", created))
		err_nomem(err);
	else
		rc = 0;
	mem_free(arn);
	return rc;
}

int iam_new(struct world *w, const struct iam_kind *k, const struct params *p, struct json **out, struct err *err)
{
	const char *name = iam_name(p, k->param, k->name_max, err), *path = name ? iam_path(p, "Path", err) : NULL;
	struct json *doc, *tags;
	char id[IAM_ID_SIZE];

	if (!path)
		return -1;
	if (identity_id(name, id, sizeof(id)) && store_get(w->store, k->kind, id))
		return service_error(err, 409, "EntityAlreadyExists", "%s with name %s already exists.", k->word, name);
	if (store_count(w->store, k->kind, "") >= k->max)
		return service_error(err, 409, "LimitExceeded", "Cannot exceed quota for %s: %zu", k->quota, k->max);
	doc = json_new_object();
	tags = doc ? json_new_object() : NULL;
	if (!tags) {
		json_free(doc);
		return err_nomem(err);
	}
	if (json_set(doc, "tags", tags)) {
		json_free(doc);
		return err_nomem(err);
	}
	if (iam_tags_read(p, json_get_mut(doc, "tags"), err) || fill(w, k, doc, name, path, err)) {
		json_free(doc);
		return -1;
	}
	*out = doc;
	return 0;
}
