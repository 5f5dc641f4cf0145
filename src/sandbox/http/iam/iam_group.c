/* Groups of users: a user has the policies of his groups. */
#include "sandbox/access/identity.h"
#include "sandbox/http/iam/iam.h"
#include "spark/base/mem.h"

#define GROUPS_PER_USER 10

static void write_group(struct buf *out, const struct json *group, const char *element)
{
	xml_open(out, element);
	xml_element(out, "Path", json_str(group, "path", "/"));
	xml_element(out, "GroupName", json_str(group, "name", ""));
	xml_element(out, "GroupId", json_str(group, "id", ""));
	xml_element(out, "Arn", json_str(group, "arn", ""));
	xml_element(out, "CreateDate", json_str(group, "created", ""));
	xml_close(out, element);
}

IAM_HANDLER(iam_create_group)
{
	struct json *group = NULL;

	(void)who;
	if (iam_new(w, &iam_kind_group, p, &group, err))
		return -1;
	/* Groups carry no tags. */
	json_remove(group, "tags");
	write_group(out, group, "Group");
	return iam_put(w, &iam_kind_group, group, err);
}

struct listing {
	struct iam_page page;
	const char *prefix, *group_id;
	struct buf *out;
};

static int list_group(void *arg, const char *id, const struct json *group)
{
	struct listing *l = arg;

	if (!strncmp(json_str(group, "path", "/"), l->prefix, strlen(l->prefix)) && iam_page_takes(&l->page, id))
		write_group(l->out, group, "member");
	return l->page.truncated;
}

IAM_HANDLER(iam_list_groups)
{
	struct listing l = { .out = out, .prefix = iam_path_prefix(p, err) };

	(void)who;
	if (!l.prefix || iam_page_begin(p, &l.page, err))
		return -1;
	xml_open(out, "Groups");
	store_each(w->store, "iam:group", "", list_group, &l);
	xml_close(out, "Groups");
	iam_page_end(&l.page, out);
	return 0;
}

static int list_member(void *arg, const char *id, const struct json *user)
{
	struct listing *l = arg;

	if (iam_attached_index(json_get(user, "groups"), l->group_id) == SIZE_MAX || !iam_page_takes(&l->page, id))
		return l->page.truncated;
	xml_open(l->out, "member");
	xml_element(l->out, "Path", json_str(user, "path", "/"));
	xml_element(l->out, "UserName", json_str(user, "name", ""));
	xml_element(l->out, "UserId", json_str(user, "userId", ""));
	xml_element(l->out, "Arn", json_str(user, "arn", ""));
	xml_element(l->out, "CreateDate", json_str(user, "created", ""));
	xml_close(l->out, "member");
	return 0;
}

IAM_HANDLER(iam_get_group)
{
	const struct json *group = iam_find(w, &iam_kind_group, p, err);
	struct listing l = { .out = out };
	char id[IAM_ID_SIZE];

	(void)who;
	if (!group || iam_page_begin(p, &l.page, err) || !identity_id(json_str(group, "name", ""), id, sizeof(id)))
		return -1;
	l.group_id = id;
	write_group(out, group, "Group");
	xml_open(out, "Users");
	store_each(w->store, "iam:user", "", list_member, &l);
	xml_close(out, "Users");
	iam_page_end(&l.page, out);
	return 0;
}

static int is_member(void *arg, const char *id, const struct json *user)
{
	(void)id;
	return iam_attached_index(json_get(user, "groups"), arg) != SIZE_MAX;
}

static bool has_members(struct world *w, char *group_id)
{
	return store_each(w->store, "iam:user", "", is_member, group_id) != 0;
}

IAM_HANDLER(iam_update_group)
{
	const struct json *old = iam_find(w, &iam_kind_group, p, err);
	const char *path, *name = params_get(p, "NewGroupName");
	struct json *group;
	char *arn;
	int rc = -1;

	(void)who;
	(void)out;
	if (!old)
		return -1;
	/* Members know their groups by name: a group is renamed by making another one. */
	if (name && strcmp(name, json_str(old, "name", "")))
		return service_error(err, 400, "InvalidInput",
				     "The sandbox does not rename groups (NewGroupName): make a new one");
	path = params_get(p, "NewPath") ? iam_path(p, "NewPath", err) : json_str(old, "path", "/");
	if (!path)
		return -1;
	group = json_copy(old);
	arn = mem_printf("arn:aws:iam::%s:group%s%s", w->account, path, json_str(old, "name", ""));
	if (!group || !arn || json_set_str(group, "path", path) || json_set_str(group, "arn", arn)) {
		json_free(group);
		err_nomem(err);
	} else {
		rc = iam_put(w, &iam_kind_group, group, err);
	}
	mem_free(arn);
	return rc;
}

IAM_HANDLER(iam_delete_group)
{
	const struct json *group = iam_find(w, &iam_kind_group, p, err);
	char id[IAM_ID_SIZE];

	(void)who;
	(void)out;
	if (!group || !identity_id(json_str(group, "name", ""), id, sizeof(id)))
		return -1;
	if (json_count(json_get(group, "attached")))
		return service_error(err, 409, "DeleteConflict",
				     "Cannot delete entity, must detach all policies first.");
	if (json_count(json_get(group, "inline")))
		return service_error(err, 409, "DeleteConflict", "Cannot delete entity, must delete policies first.");
	if (has_members(w, id))
		return service_error(err, 409, "DeleteConflict",
				     "Cannot delete entity, must remove users from group first.");
	return store_delete(w->store, "iam:group", id, err);
}

/* The user of the request as a copy to change, with a list of groups, and the group's id. */
static int edit_membership(struct world *w, const struct params *p, struct json **user, char id[IAM_ID_SIZE],
			   struct err *err)
{
	const struct json *group = iam_find(w, &iam_kind_group, p, err);
	struct json *groups;

	if (!group || !identity_id(json_str(group, "name", ""), id, IAM_ID_SIZE) ||
	    iam_edit(w, &iam_kind_user, p, user, err))
		return -1;
	if (json_get(*user, "groups"))
		return 0;
	groups = json_new_array();
	if (groups && !json_set(*user, "groups", groups))
		return 0;
	json_free(*user);
	return err_nomem(err);
}

IAM_HANDLER(iam_add_user_to_group)
{
	struct json *user = NULL, *groups;
	char id[IAM_ID_SIZE];

	(void)who;
	(void)out;
	if (edit_membership(w, p, &user, id, err))
		return -1;
	groups = json_get_mut(user, "groups");
	if (iam_attached_index(groups, id) != SIZE_MAX) {
		json_free(user);
		return 0;
	}
	if (json_count(groups) >= GROUPS_PER_USER) {
		json_free(user);
		return service_error(err, 409, "LimitExceeded", "Cannot exceed quota for GroupsPerUser: %d",
				     GROUPS_PER_USER);
	}
	if (json_append_str(groups, id)) {
		json_free(user);
		return err_nomem(err);
	}
	return iam_put(w, &iam_kind_user, user, err);
}

IAM_HANDLER(iam_remove_user_from_group)
{
	struct json *user = NULL;
	char id[IAM_ID_SIZE];
	size_t at;

	(void)who;
	(void)out;
	if (edit_membership(w, p, &user, id, err))
		return -1;
	at = iam_attached_index(json_get(user, "groups"), id);
	if (at == SIZE_MAX) {
		service_error(err, 404, "NoSuchEntity", "The user %s is not in the group %s.",
			      json_str(user, "name", ""), params_get(p, "GroupName"));
		json_free(user);
		return -1;
	}
	json_remove_at(json_get_mut(user, "groups"), at);
	return iam_put(w, &iam_kind_user, user, err);
}

IAM_HANDLER(iam_list_groups_for_user)
{
	const struct json *user = iam_find(w, &iam_kind_user, p, err);
	struct iam_page page;
	char key[32];
	size_t i = 0;

	(void)who;
	if (!user || iam_page_begin(p, &page, err))
		return -1;
	xml_open(out, "Groups");
	for (const struct json *g = json_first(json_get(user, "groups")); g; g = json_next(g), i++) {
		const struct json *group = store_get(w->store, "iam:group", json_text(g));

		iam_page_key(i, key);
		if (group && iam_page_takes(&page, key))
			write_group(out, group, "member");
	}
	xml_close(out, "Groups");
	iam_page_end(&page, out);
	return 0;
}
