/* Users. */
#include "sandbox/access/identity.h"
#include "sandbox/access/keys.h"
#include "sandbox/http/iam/iam.h"
#include "spark/base/mem.h"

static void write_user(struct buf *out, const struct json *user, const char *element, bool whole)
{
	xml_open(out, element);
	xml_element(out, "Path", json_str(user, "path", "/"));
	xml_element(out, "UserName", json_str(user, "name", ""));
	xml_element(out, "UserId", json_str(user, "userId", ""));
	xml_element(out, "Arn", json_str(user, "arn", ""));
	xml_element(out, "CreateDate", json_str(user, "created", ""));
	if (whole && json_count(json_get(user, "tags")))
		iam_tags_write(out, json_get(user, "tags"));
	xml_close(out, element);
}

IAM_HANDLER(iam_create_user)
{
	struct json *user = NULL;

	(void)who;
	if (params_get(p, "PermissionsBoundary"))
		return service_error(err, 400, "InvalidInput",
				     "The sandbox does not have permissions boundaries (PermissionsBoundary)");
	if (iam_new(w, &iam_kind_user, p, &user, err))
		return -1;
	write_user(out, user, "User", true);
	return iam_put(w, &iam_kind_user, user, err);
}

IAM_HANDLER(iam_get_user)
{
	struct identity caller;
	const struct json *user;

	if (params_get(p, "UserName")) {
		user = iam_find(w, &iam_kind_user, p, err);
		if (!user)
			return -1;
	} else {
		/* Without a name: who signed. */
		identity_of_caller(w, who, &caller);
		if (!caller.doc || caller.is_role)
			return service_error(err, 400, "ValidationError",
					     "Must specify userName when calling with non-User credentials");
		user = caller.doc;
	}
	write_user(out, user, "User", true);
	return 0;
}

struct listing {
	struct iam_page page;
	const char *prefix;
	struct buf *out;
};

static int list_one(void *arg, const char *id, const struct json *user)
{
	struct listing *l = arg;

	if (!strncmp(json_str(user, "path", "/"), l->prefix, strlen(l->prefix)) && iam_page_takes(&l->page, id))
		write_user(l->out, user, "member", false);
	return l->page.truncated;
}

IAM_HANDLER(iam_list_users)
{
	struct listing l = { .out = out, .prefix = iam_path_prefix(p, err) };

	(void)who;
	if (!l.prefix || iam_page_begin(p, &l.page, err))
		return -1;
	xml_open(out, "Users");
	store_each(w->store, "iam:user", "", list_one, &l);
	xml_close(out, "Users");
	iam_page_end(&l.page, out);
	return 0;
}

/* Keys follow their user to a new name. */
struct renaming {
	const char *old_name;
	struct json *ids;
	bool failed;
};

static int find_key(void *arg, const char *id, const struct json *key)
{
	struct renaming *r = arg;

	if (!strcmp(json_str(key, "userName", ""), r->old_name) && json_append_str(r->ids, id))
		r->failed = true;
	return r->failed;
}

static int rename_keys(struct world *w, const char *old_name, const char *new_name, const char *arn, struct err *err)
{
	struct renaming r = { old_name, json_new_array(), false };
	int rc = 0;

	if (!r.ids)
		return err_nomem(err);
	store_each(w->store, "iam:access-key", "", find_key, &r);
	if (r.failed)
		rc = err_nomem(err);
	for (const struct json *i = json_first(r.ids); i && rc == 0; i = json_next(i)) {
		struct json *key = json_copy(store_get(w->store, "iam:access-key", json_text(i)));

		if (!key || json_set_str(key, "userName", new_name) || json_set_str(key, "arn", arn)) {
			json_free(key);
			rc = err_nomem(err);
		} else {
			rc = store_put(w->store, "iam:access-key", json_text(i), key, err);
		}
	}
	json_free(r.ids);
	return rc;
}

static int check_new_name(struct world *w, const struct json *user, const char *name, struct err *err)
{
	char id[IAM_ID_SIZE];

	if (!identity_id(name, id, sizeof(id)) || !strcasecmp(name, json_str(user, "name", "")) ||
	    !store_get(w->store, "iam:user", id))
		return 0;
	return service_error(err, 409, "EntityAlreadyExists", "User with name %s already exists.", name);
}

IAM_HANDLER(iam_update_user)
{
	const struct json *old = iam_find(w, &iam_kind_user, p, err);
	const char *name, *path;
	struct json *user = NULL;
	char *arn = NULL, id[IAM_ID_SIZE];
	int rc = -1;

	(void)who;
	(void)out;
	if (!old)
		return -1;
	name = params_get(p, "NewUserName") ? iam_name(p, "NewUserName", IAM_NAME_MAX, err) : json_str(old, "name", "");
	path = !name ? NULL : params_get(p, "NewPath") ? iam_path(p, "NewPath", err) : json_str(old, "path", "/");
	if (!path || check_new_name(w, old, name, err))
		return -1;
	user = json_copy(old);
	arn = mem_printf("arn:aws:iam::%s:user%s%s", w->account, path, name);
	if (!user || !arn || json_set_str(user, "name", name) || json_set_str(user, "path", path) ||
	    json_set_str(user, "arn", arn)) {
		err_nomem(err);
		goto out;
	}
	if (!identity_id(json_str(old, "name", ""), id, sizeof(id)) || store_delete(w->store, "iam:user", id, err) ||
	    rename_keys(w, json_str(old, "name", ""), name, arn, err))
		goto out;
	rc = iam_put(w, &iam_kind_user, user, err);
	user = NULL;
out:
	mem_free(arn);
	json_free(user);
	return rc;
}

IAM_HANDLER(iam_delete_user)
{
	const struct json *user = iam_find(w, &iam_kind_user, p, err);
	char id[IAM_ID_SIZE];

	(void)who;
	(void)out;
	if (!user)
		return -1;
	if (json_count(json_get(user, "attached")))
		return service_error(err, 409, "DeleteConflict",
				     "Cannot delete entity, must detach all policies first.");
	if (json_count(json_get(user, "inline")))
		return service_error(err, 409, "DeleteConflict", "Cannot delete entity, must delete policies first.");
	if (keys_count(w, json_str(user, "name", "")))
		return service_error(err, 409, "DeleteConflict",
				     "Cannot delete entity, must delete access keys first.");
	if (json_count(json_get(user, "groups")))
		return service_error(err, 409, "DeleteConflict",
				     "Cannot delete entity, must remove users from group first.");
	if (!identity_id(json_str(user, "name", ""), id, sizeof(id)))
		return err_set(err, ERR_BUG, "a user without a name");
	return store_delete(w->store, "iam:user", id, err);
}
