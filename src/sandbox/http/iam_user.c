#include "sandbox/http/iam.h"

static void write_user(struct buf *out, const struct json *user, const char *element)
{
	xml_open(out, element);
	xml_element(out, "Path", json_str(user, "path", "/"));
	xml_element(out, "UserName", json_str(user, "name", ""));
	xml_element(out, "UserId", json_str(user, "userId", ""));
	xml_element(out, "Arn", json_str(user, "arn", ""));
	xml_element(out, "CreateDate", json_str(user, "created", ""));
	xml_close(out, element);
}

IAM_HANDLER(iam_get_user)
{
	const char *name = params_get(p, "UserName");
	const struct json *user;
	char id[IAM_NAME_MAX + 1];

	if (name) {
		name = iam_name(p, "UserName", IAM_NAME_MAX, err);
		if (!name)
			return -1;
	} else {
		/* Without a name: who signed. */
		name = strrchr(who->arn, '/');
		name = name ? name + 1 : "";
	}
	iam_role_id(name, id);
	user = store_get(w->store, "iam:user", id);
	if (!user)
		return service_error(err, 404, "NoSuchEntity", "The user with name %.128s cannot be found.", name);
	write_user(out, user, "User");
	return 0;
}

struct listing {
	struct iam_page page;
	struct buf *out;
};

static int list_one(void *arg, const char *id, const struct json *user)
{
	struct listing *l = arg;

	if (iam_page_takes(&l->page, id))
		write_user(l->out, user, "member");
	return l->page.truncated;
}

IAM_HANDLER(iam_list_users)
{
	struct listing l = { .out = out };

	(void)who;
	if (iam_page_begin(p, &l.page, err))
		return -1;
	xml_open(out, "Users");
	store_each(w->store, "iam:user", "", list_one, &l);
	xml_close(out, "Users");
	iam_page_end(&l.page, out);
	return 0;
}
