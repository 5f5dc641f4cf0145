/* Access keys of users. */
#include "sandbox/access/identity.h"
#include "sandbox/access/keys.h"
#include "sandbox/access/signing_key.h"
#include "sandbox/http/iam/iam.h"

#define KEYS_MAX 2

/* The user whose keys they are: named, or who signed. NULL with err. */
static const struct json *key_user(struct world *w, const struct caller *who, const struct params *p, struct err *err)
{
	struct identity caller;

	if (params_get(p, "UserName"))
		return iam_find(w, &iam_kind_user, p, err);
	identity_of_caller(w, who, &caller);
	if (caller.doc && !caller.is_role)
		return caller.doc;
	service_error(err, 400, "ValidationError", "Must specify userName when calling with non-User credentials");
	return NULL;
}

/* AccessKeyId of that user. NULL with NoSuchEntity. */
static const struct json *find_key(struct world *w, const struct json *user, const struct params *p, const char **id,
				   struct err *err)
{
	const struct json *key;

	*id = iam_required(p, "AccessKeyId", 128, err);
	if (!*id)
		return NULL;
	key = store_get(w->store, "iam:access-key", *id);
	if (key && !json_get(key, "token") && !strcmp(json_str(key, "userName", ""), json_str(user, "name", "")))
		return key;
	service_error(err, 404, "NoSuchEntity", "The Access Key with id %s cannot be found.", *id);
	return NULL;
}

IAM_HANDLER(iam_create_access_key)
{
	const struct json *user = key_user(w, who, p, err);
	char id[KEY_ID_SIZE], secret[KEY_SECRET_SIZE], now[CLOCK_TEXT];
	int rc;

	if (!user)
		return -1;
	if (keys_count(w, json_str(user, "name", "")) >= KEYS_MAX)
		return service_error(err, 409, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: %d",
				     KEYS_MAX);
	rc = keys_create(w, user, id, secret, err);
	if (rc == 0) {
		clock_iso_s(clock_now(w->clock), now);
		xml_open(out, "AccessKey");
		xml_element(out, "UserName", json_str(user, "name", ""));
		xml_element(out, "AccessKeyId", id);
		xml_element(out, "Status", "Active");
		xml_element(out, "SecretAccessKey", secret);
		xml_element(out, "CreateDate", now);
		xml_close(out, "AccessKey");
	}
	explicit_bzero(secret, sizeof(secret));
	return rc;
}

struct listing {
	struct iam_page page;
	const char *user_name;
	struct buf *out;
};

static int list_one(void *arg, const char *id, const struct json *key)
{
	struct listing *l = arg;

	if (json_get(key, "token") || strcmp(json_str(key, "userName", ""), l->user_name) ||
	    !iam_page_takes(&l->page, id))
		return l->page.truncated;
	xml_open(l->out, "member");
	xml_element(l->out, "UserName", l->user_name);
	xml_element(l->out, "AccessKeyId", id);
	xml_element(l->out, "Status", json_str(key, "status", "Active"));
	xml_element(l->out, "CreateDate", json_str(key, "created", ""));
	xml_close(l->out, "member");
	return 0;
}

IAM_HANDLER(iam_list_access_keys)
{
	const struct json *user = key_user(w, who, p, err);
	struct listing l = { .out = out };

	if (!user || iam_page_begin(p, &l.page, err))
		return -1;
	l.user_name = json_str(user, "name", "");
	xml_open(out, "AccessKeyMetadata");
	store_each(w->store, "iam:access-key", "", list_one, &l);
	xml_close(out, "AccessKeyMetadata");
	iam_page_end(&l.page, out);
	return 0;
}

IAM_HANDLER(iam_update_access_key)
{
	const struct json *user = key_user(w, who, p, err), *key;
	const char *status, *id = NULL;
	struct json *copy;

	(void)out;
	key = user ? find_key(w, user, p, &id, err) : NULL;
	status = key ? iam_required(p, "Status", 16, err) : NULL;
	if (!status)
		return -1;
	if (strcmp(status, "Active") && strcmp(status, "Inactive"))
		return iam_invalid(err, "Status", status, "Member must satisfy enum value set: [Active, Inactive]");
	copy = json_copy(key);
	if (!copy || json_set_str(copy, "status", status)) {
		json_free(copy);
		return err_nomem(err);
	}
	signing_key_forget(id);
	return store_put(w->store, "iam:access-key", id, copy, err);
}

IAM_HANDLER(iam_delete_access_key)
{
	const struct json *user = key_user(w, who, p, err);
	const char *id = NULL;

	(void)out;
	if (!user || !find_key(w, user, p, &id, err) || keys_forget_use(w, id, err))
		return -1;
	signing_key_forget(id);
	return store_delete(w->store, "iam:access-key", id, err);
}

IAM_HANDLER(iam_get_access_key_last_used)
{
	const char *id = iam_required(p, "AccessKeyId", 128, err);
	const struct json *key = id ? store_get(w->store, "iam:access-key", id) : NULL, *use;
	char used[CLOCK_TEXT];

	(void)who;
	if (!id)
		return -1;
	if (!key || !json_get(key, "userName"))
		return service_error(err, 403, "AccessDenied", "The access key with id %s is not of this account.", id);
	use = store_get(w->store, "iam:key-use", id);
	clock_iso_s(json_int(use, "usedMs", 0), used);
	xml_element(out, "UserName", json_str(key, "userName", ""));
	xml_open(out, "AccessKeyLastUsed");
	if (use)
		xml_element(out, "LastUsedDate", used);
	xml_element(out, "ServiceName", json_str(use, "service", "N/A"));
	xml_element(out, "Region", json_str(use, "region", "N/A"));
	xml_close(out, "AccessKeyLastUsed");
	return 0;
}
